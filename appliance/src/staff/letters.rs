//! Mornings of letters (staff.14): many members type a first password from paper on the same days, and some of them err. The spray
//! brake would take that for an attack, so its budget is raised by what is announced.

use super::policy::quota;
use super::{Desk, Office, StaffError, in_japan, japan, refused, row};
use crate::ports::{Batch, Letters, StaffBatch};
use crate::society::Society;
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_core::audit::Event;
use sekisho_core::time::Timestamp;
use std::time::Duration;

/// Most days in one announcement: a budget that is always raised is no brake.
const MOST_DAYS: u32 = 14;

/// How far ahead letters are announced at most; what is further is a slip of the pen.
const FURTHEST: Duration = Duration::from_secs(92 * 24 * 3600);

/// Announces letters to `members` members on `days` days from the day `from` (`YYYY-MM-DD`), which are days in Japan.
pub fn announce(office: &Office, society: &Society, from: &str, days: u32, members: u32, desk: &dyn Desk) -> Result<(), StaffError> {
    let store = &office.world.store;
    let now = office.world.now(&society.name)?;
    let letters = read(from, days, members, now)?;
    let all = store.numbers(&society.name)?.members;
    if u64::from(members) > all {
        return refused(format!("--members: {} has {all} members; import those who get a letter first", society.name));
    }
    let note = format!("{from}-{days}-days-{members}-members");
    let staff = StaffBatch {
        letters: Some(letters),
        ..StaffBatch::of(Batch { audit: vec![row(now, Event::LettersAnnounced, None, Some(note), desk)], ..Batch::at(now) })
    };
    store.act(&society.name, staff)?;
    let budget = quota(&society.policy().limits.brake.raised_for(members));
    desk.line(&format!("announced: {}", described(&letters)))?;
    desk.line(&format!("announced: on these days strangers' wrong first passwords are judged up to {budget}, all members together"))?;
    Ok(())
}

/// An announcement, for people.
pub(super) fn described(letters: &Letters) -> String {
    format!("letters to {} members from {} until {}", letters.members, in_japan(letters.from), in_japan(letters.until))
}

fn read(from: &str, days: u32, members: u32, now: Timestamp) -> Result<Letters, StaffError> {
    if !(1..=MOST_DAYS).contains(&days) {
        return refused(format!("--days: 1 to {MOST_DAYS}"));
    }
    if members == 0 {
        return refused("--members: at least 1".to_owned());
    }
    let day: Option<Date> = from.parse().ok().filter(|day: &Date| day.to_string() == from);
    let span = day.and_then(|day| Some((midnight(day)?, midnight(day.checked_add(i64::from(days).days()).ok()?)?)));
    let Some((from, until)) = span else {
        return refused("--from: a day as YYYY-MM-DD, for example 2027-04-01".to_owned());
    };
    if until <= now {
        return refused("--from: these days are over".to_owned());
    }
    if from > now.after(FURTHEST) {
        return refused(format!("--from: at most {} days ahead", FURTHEST.as_secs() / 86_400));
    }
    Ok(Letters { from, until, members })
}

/// When a day begins in Japan.
fn midnight(day: Date) -> Option<Timestamp> {
    let begins = day.to_zoned(japan()).ok()?.timestamp().as_second();
    u64::try_from(begins).ok().map(Timestamp)
}
