//! Commands about a society as a whole.

use super::{Desk, Office, StaffError, in_japan};
use crate::ports::{Binding, SocietyRoots, StoreNumbers};
use crate::records::seal_credentials;
use crate::society::Society;
use sekisho_core::account::{Credentials, PasswordHash, Verifier};
use sekisho_core::audit::Event;
use sekisho_core::id::{Generation, MemberId, Revision};
use std::fmt::Write;
use zeroize::Zeroizing;

/// Credentials of nobody are bound to this id, which no member has.
const NOBODY: MemberId = MemberId([0; MemberId::LEN]);

/// Most lines of the audit log in one answer.
const MOST_LINES: usize = 10_000;

/// Makes the society's file: a fresh society secret and credentials of nobody, sealed under its data key in the token.
/// Members can be served at once; nothing has to be restarted.
pub fn add(office: &Office, society: &Society, desk: &dyn Desk) -> Result<(), StaffError> {
    let world = &office.world;
    let name = &society.name;
    if world.store.roots(name)?.is_some() {
        return Err(StaffError::Refused(format!("{name} has its file already; nothing was changed")));
    }
    let secret = Zeroizing::new(world.entropy.bytes::<32>()?);
    // Fails with the vault's own words when the society has no data key: `sekisho keys add-society NAME` makes it.
    let secret = world.vault.seal(&Binding { society: name, member: None, record: "secret", revision: Revision(0) }, secret.as_slice())?;
    let decoy = seal_credentials(world.vault.as_ref(), name, NOBODY, Revision(0), &nobody(office)?)?;
    world.store.create(name, &SocietyRoots { secret, decoy })?;
    office.audit(society, Event::SocietyAdded, None, desk)?;
    society.keys(world)?;
    desk.line(&format!("{name}: file made; members can be imported with `sekisho member import FILE.csv --society {name}`"))?;
    Ok(())
}

/// Counts, for monitoring and the bench: the society's members and the commits on its file, and the PKCS#11 calls and alarms of the whole
/// process, all since it started. It speaks of no member, and monitoring asks often, so it is not written into the audit log.
pub fn numbers(office: &Office, society: &Society, desk: &dyn Desk) -> Result<(), StaffError> {
    let StoreNumbers { members, commits, batches } = office.world.store.numbers(&society.name)?;
    let calls = office.world.vault.calls();
    let counts = [("members", members), ("commits", commits), ("batches", batches), ("pkcs11-calls", calls)];
    let alarms = office.world.alarms.counts().map(|(alarm, count)| (alarm.id(), count));
    for (name, number) in counts.into_iter().chain(alarms) {
        desk.line(&format!("{name}  {number}"))?;
    }
    Ok(())
}

/// What is opened and checked for a user ID that is nobody's: as much work as for a member, and nothing fits (design law 3).
fn nobody(office: &Office) -> Result<Credentials, StaffError> {
    let world = &office.world;
    // A real pepper, or the check would be a fault instead of a "no"; random bytes in place of the HMAC, or something could fit.
    let (pepper, _) = world.vault.pepper(b"nobody")?;
    let hash = PasswordHash {
        salt: world.entropy.bytes()?,
        cost: world.hasher.cost(),
        mac: world.entropy.bytes()?,
        pepper,
        generation: Generation(1),
    };
    Ok(Credentials::with(Verifier::Chosen { hash, since: world.clock.now() }, None))
}

/// Shows the newest lines of the audit log, oldest first.
pub fn audit_tail(office: &Office, society: &Society, lines: usize, desk: &dyn Desk) -> Result<(), StaffError> {
    society.keys(&office.world)?;
    let rows = office.world.store.audit_tail(&society.name, lines.min(MOST_LINES))?;
    // Written down before anything is shown, so that nobody reads it without a trace.
    office.audit(society, Event::AuditRead, None, desk)?;
    for row in rows {
        let mut line = format!("{}  {}", in_japan(row.at), row.event);
        let mut part = |name: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = write!(line, "  {name}={value}");
        };
        if let Some(refusal) = &row.refusal {
            part("refusal", refusal);
        }
        if let Some(note) = &row.note {
            part("note", note);
        }
        if let Some(member) = row.member {
            part("member", &data_encoding::HEXLOWER.encode(&member.0));
        }
        if let Some(uid) = row.staff {
            part("staff", &uid.to_string());
        }
        desk.line(&line)?;
    }
    Ok(())
}
