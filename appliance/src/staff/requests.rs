//! Two persons (W-15): what one operator asks for, another approves. Both are known by the number of their Unix user.

use super::acts::{self, Approved};
use super::member::Looked;
use super::{Desk, Office, StaffError, in_japan, row};
use crate::ports::{Batch, Binding, Fault, RequestRow, StaffBatch};
use crate::records::{open_record, seal_record};
use crate::society::Society;
use sekisho_core::audit::Event;
use sekisho_core::id::{MemberId, Revision};
use sekisho_core::staff::Act;
use sekisho_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a request waits.
pub const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// Numbers have six digits: they are said on the telephone, and they are no secret.
const NUMBERS: u32 = 1_000_000;

/// What is inside the seal: who asked, and for what. Not even another row of the same file can stand in for it.
#[derive(Serialize, Deserialize)]
struct Asked {
    by: u32,
    at: Timestamp,
    act: Act,
}

/// Writes a request down and says what the second person has to run.
pub(super) fn ask(office: &Office, society: &Society, member: &Looked, act: Act, desk: &dyn Desk) -> Result<(), StaffError> {
    let world = &office.world;
    let now = world.now(&society.name)?;
    let (about, note) = (acts::described(&act), act.id().to_owned());
    let id = u64::from(u32::from_be_bytes(world.entropy.bytes()?) % NUMBERS);
    let member_id = member.rows.id;
    let sealed = seal_record(world.vault.as_ref(), &binding(society, member_id, id), &Asked { by: desk.uid(), at: now, act })?.sealed;
    let expires = now.after(PATIENCE);
    let staff = StaffBatch {
        asked: Some(RequestRow { id, member: member_id, expires, sealed }),
        ..StaffBatch::of(Batch { audit: vec![row(now, Event::ApprovalAsked, Some(member_id), Some(note), desk)], ..Batch::at(now) })
    };
    world.store.act(&society.name, staff)?;
    desk.line(&format!("asked for {}: {about}", member.profile.name))?;
    desk.line(&format!(
        "asked: run \"sekisho approve {} {id:06}\" as another operator within 24 h, until {}",
        society.name,
        in_japan(expires)
    ))?;
    Ok(())
}

/// Lists what waits, with whom it concerns.
pub fn list(office: &Office, society: &Society, desk: &dyn Desk) -> Result<(), StaffError> {
    let now = office.world.now(&society.name)?;
    let mut waiting = Vec::new();
    for row in office.world.store.requests(&society.name)?.into_iter().filter(|row| now < row.expires) {
        waiting.push((open(office, society, &row)?, Looked::by_id(office, society, row.member)?, row));
    }
    // Written down before anything is shown, so that nobody is looked at without a trace.
    let audit = waiting.iter().map(|(_, member, _)| row(now, Event::MemberShown, Some(member.rows.id), None, desk)).collect();
    office.world.store.commit(&society.name, Batch { audit, ..Batch::at(now) })?;
    for (asked, member, row) in &waiting {
        show(row.id, asked, member, desk)?;
    }
    if waiting.is_empty() {
        desk.line("no request waits")?;
    }
    Ok(())
}

/// Shows what another operator has asked for, and does it if this one agrees.
pub fn approve(office: &Office, society: &Society, request: &str, takes_file: bool, desk: &dyn Desk) -> Result<(), StaffError> {
    let now = office.world.now(&society.name)?;
    let id: Option<u64> = request.trim().parse().ok();
    let waiting = office.world.store.requests(&society.name)?.into_iter().find(|row| Some(row.id) == id);
    let none = || format!("{} has no request with this number; `sekisho requests {}` lists them", society.name, society.name);
    let waiting = waiting.ok_or_else(|| StaffError::Refused(none()))?;
    if now >= waiting.expires {
        return Err(StaffError::Refused("this request is older than 24 hours; have it asked for again. Nothing was changed".to_owned()));
    }
    let asked = open(office, society, &waiting)?;
    if asked.by == desk.uid() {
        let text = "you asked for this yourself; it takes another operator, logged in as another Unix user. Nothing was changed";
        return Err(StaffError::Refused(text.to_owned()));
    }
    acts::may_be_carried_out(&asked.act, takes_file)?;
    let member = Looked::by_id(office, society, waiting.member)?;
    office.audit(society, Event::MemberShown, Some(member.rows.id), desk)?;
    show(waiting.id, &asked, &member, desk)?;
    if !desk.agrees()? {
        return Err(StaffError::Refused("not approved; nothing was changed, and the request waits on".to_owned()));
    }
    let approved = Approved { request: waiting.id, by: asked.by };
    acts::carry_out(office, society, &member, &asked.act, Some(approved), desk)
}

fn show(id: u64, asked: &Asked, member: &Looked, desk: &dyn Desk) -> Result<(), StaffError> {
    let profile = &member.profile;
    desk.line(&format!("request  {id:06}, asked by the Unix user {} at {}", asked.by, in_japan(asked.at)))?;
    let card = format!("card {} {} {}", profile.symbol, profile.number, profile.branch);
    desk.line(&format!("  about  {}, user ID {}, {card}", profile.name, profile.user_id.as_str()))?;
    desk.line(&format!("  to     {}", acts::described(&asked.act)))?;
    Ok(())
}

fn open(office: &Office, society: &Society, row: &RequestRow) -> Result<Asked, Fault> {
    open_record(office.world.vault.as_ref(), &binding(society, row.member, row.id), &row.sealed)
}

fn binding(society: &Society, member: MemberId, id: u64) -> Binding<'_> {
    Binding { society: &society.name, member: Some(member), record: "request", revision: Revision(id) }
}
