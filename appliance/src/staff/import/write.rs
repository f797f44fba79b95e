//! The second pass: members are sealed by several threads at once and written in batches under one import.

use super::{BATCH, Checked, EVERY, Encoding, FirstPassword, Line, Lines, stopped};
use crate::ports::{CommitError, Fault, NewMember};
use crate::records::{index_user_id, seal_credentials, seal_profile};
use crate::society::{Society, SocietyKeys};
use crate::staff::verifiers::{issued, patiently, rule};
use crate::staff::{Desk, Office, StaffError, row};
use sekisho_core::account::{Credentials, Email, Profile, Verifier};
use sekisho_core::audit::Event;
use sekisho_core::id::{Generation, MemberId, Revision};
use sekisho_core::time::Timestamp;
use std::thread;

/// The issue of a first password.
const FIRST: Generation = Generation(1);

/// The issue of an address on file: below every other.
const ON_FILE: Generation = Generation(0);

/// Writes every member of the file, then makes them visible. If anything fails, none.
pub(super) fn all(
    office: &Office,
    society: &Society,
    encoding: Encoding,
    now: Timestamp,
    checked: &Checked,
    desk: &dyn Desk,
) -> Result<(), StaffError> {
    let import = u64::from_be_bytes(office.world.entropy.bytes()?);
    let written = batches(office, society, encoding, now, import, checked, desk).and_then(|()| {
        let audit = row(now, Event::Imported, None, None, desk);
        Ok(office.world.store.finish_import(&society.name, import, audit)?)
    });
    if let Err(error) = written {
        // What stays behind if this fails, too, is invisible and goes with the next import.
        let cleaned = office.world.store.abandon_import(&society.name);
        tracing::warn!(society = %society.name, cleaned = cleaned.is_ok(), "staff: an import was given up");
        return Err(error);
    }
    desk.line(&format!("imported: {} members; they can log in now", checked.lines))?;
    Ok(())
}

fn batches(
    office: &Office,
    society: &Society,
    encoding: Encoding,
    now: Timestamp,
    import: u64,
    checked: &Checked,
    desk: &dyn Desk,
) -> Result<(), StaffError> {
    let mut lines = Lines::open(desk, encoding, society, now)?;
    let mut batch = Vec::with_capacity(BATCH);
    let mut written = 0u64;
    let mut told = 0;
    loop {
        let next = lines.next()?;
        let ended = next.is_none();
        if let Some((_, line)) = next {
            batch.push(line.map_err(|_| changed())?);
        }
        if batch.len() == BATCH || (ended && !batch.is_empty()) {
            stopped(office)?;
            let members = sealed(office, society, now, &batch)?;
            written += u64::try_from(batch.len()).unwrap_or(0);
            batch.clear();
            office.world.store.import(&society.name, import, members).map_err(|error| match error {
                CommitError::Fault(fault) => StaffError::Fault(fault),
                CommitError::Conflict | CommitError::Taken(_) => {
                    StaffError::Refused("a member took one of the user IDs meanwhile; nothing was imported, run it again".to_owned())
                }
            })?;
            if written / EVERY > told {
                told = written / EVERY;
                desk.line(&format!("writing: {written} of {}", checked.lines))?;
            }
        }
        if ended {
            break;
        }
    }
    match lines.digest()? == checked.digest && written == checked.lines {
        true => Ok(()),
        false => Err(changed()),
    }
}

fn changed() -> StaffError {
    StaffError::Refused("the file changed while it was read; nothing was imported, run it again".to_owned())
}

/// Seals a batch on as many threads as the token has sessions. Keeps the order.
fn sealed(office: &Office, society: &Society, now: Timestamp, batch: &[Line]) -> Result<Vec<NewMember>, StaffError> {
    let keys = society.keys(&office.world)?;
    let share = batch.len().div_ceil(office.jobs).max(1);
    thread::scope(|scope| {
        let work = |lines: &[Line]| lines.iter().map(|line| member(office, society, keys, now, line)).collect::<Result<Vec<_>, Fault>>();
        let threads: Vec<_> = batch.chunks(share).map(|lines| scope.spawn(move || work(lines))).collect();
        let mut members = Vec::with_capacity(batch.len());
        for thread in threads {
            let part = thread.join().map_err(|_| Fault::Busy("a thread of the import ended early"))?;
            members.extend(part?);
        }
        Ok(members)
    })
}

/// One member: random id, verifier, two seals.
fn member(office: &Office, society: &Society, keys: &SocietyKeys, now: Timestamp, line: &Line) -> Result<NewMember, Fault> {
    let world = &office.world;
    let vault = world.vault.as_ref();
    let id = MemberId(world.entropy.bytes()?);
    let password = match &line.password {
        FirstPassword::None => Verifier::None,
        FirstPassword::Rule(password) => rule(office, keys, id, FIRST, now, password)?,
        FirstPassword::Given(password) => {
            issued(office, &society.name, keys, id, FIRST, now.after(society.policy().lifetimes.issued_password), password)?
        }
    };
    let email = line.email.clone().map(|address| Email { address, proven: false, generation: ON_FILE });
    let credentials = Credentials::with(password, email);
    let profile = Profile {
        name: line.name.clone(),
        user_id: line.user_id.clone(),
        birth: line.birth,
        symbol: line.card.symbol.clone(),
        number: line.card.number.clone(),
        branch: line.card.branch.clone(),
    };
    Ok(NewMember {
        id,
        user_id: index_user_id(keys, &line.user_id),
        card: line.card.index(keys),
        credentials: patiently(office, || seal_credentials(vault, &society.name, id, Revision(0), &credentials))?,
        profile: patiently(office, || seal_profile(vault, &society.name, id, Revision(0), &profile))?,
    })
}
