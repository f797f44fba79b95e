//! What answers tell of who is a member.

use super::{About, Door, PROFILE, WITH_IDS, WRONG, at_most, exactly};
use crate::drivers::{Driver as _, DriverError, StaffOrder};
use crate::flow::{Clerk, StaffAct};
use crate::guard::{Ground, Measure};
use crate::told::{Told, difference, told_at};
use crate::world::visitor::Visitor;
use std::collections::BTreeMap;

/// What is tried with an ID, where, and the status that everybody is answered with.
const TRIES: [(&str, &str, u16); 3] = [("login", "/login", 422), ("wait", "/login", 429), ("forgot-password", "/forgot-password", 200)];

/// Answers and work compared, try by try.
pub fn attack(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let mut measures = ids(ground)?;
    measures.extend(user_ids(ground)?);
    Ok(measures)
}

/// How many of `compared` tell something else than `expected`, and where the first of them does.
#[derive(Default)]
struct Comparison {
    compared: usize,
    differ: usize,
    first: String,
}

impl Comparison {
    fn add(&mut self, who: &str, one: &Told, expected: &Told) {
        self.compared += 1;
        if let Some(difference) = difference(one, expected) {
            if self.differ == 0 {
                self.first = format!("; {who}: {difference}");
            }
            self.differ += 1;
        }
    }

    fn measure(self, about: &About, id: String) -> Measure {
        let Self { compared, differ, first } = self;
        let bound = exactly(0, "known and unknown walk the same path: same bytes, same work");
        about.measure(id, "answers that differ in bytes, headers, cookies or work", bound, differ, format!("of {compared} compared{first}"))
    }
}

/// IDs of members of every kind beside an ID of nobody's.
fn ids(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let about = About {
        attack: "IDs tried out at every form before the log-in, answers and the work behind them compared",
        knows: "a list of IDs that may be members'; for the reminder also birth dates and addresses",
        rows: &["G-06", "G-09", "G-12", "W-05", "W-06"],
    };
    let door = Door::new(ground, PROFILE)?;
    let everybody = everybody(&door)?;
    let nobody = everybody.first().map(|(_, member)| member.nobody("z"));
    let nobody = nobody.ok_or_else(|| DriverError::Internal("there are no members".to_owned()))?;
    // What their coming here has cost their source is back.
    door.pass(3600)?;
    let mut measures = Vec::new();
    for (what, at, status) in TRIES {
        if what == "wait" {
            for (_, visitor) in everybody.iter().map(|(who, member)| (*who, member)).chain([("nobody", &nobody)]) {
                // The first is behind them.
                for _ in 1..door.limits()?.password.free {
                    visitor.elsewhere().log_in_with(&mut door.driver()?, WRONG)?;
                }
            }
        }
        let told = |visitor: &Visitor| {
            let id = visitor.member.user_id.clone();
            let fields = [("user_id", id.as_str()), ("password", WRONG)];
            let fields = if at == "/login" { fields.as_slice() } else { fields.get(..1).unwrap_or_default() };
            told_at(&mut door.driver()?, &door.watches, &mut visitor.elsewhere(), at, fields)
        };
        let unknown = with_status(told(&nobody)?, status)?;
        measures.push(compare(&everybody, told, &unknown)?.measure(&about, format!("door.telling.{what}")));
    }
    let reminded = |visitor: &Visitor, address: &str| {
        let birth = visitor.member.registered.birth;
        let (year, month, day) = (birth.year.to_string(), birth.month.to_string(), birth.day.to_string());
        let with = [("era", "common"), ("year", year.as_str()), ("month", &month), ("day", &day), ("email", address)];
        told_at(&mut door.driver()?, &door.watches, &mut visitor.elsewhere(), "/forgot-user-id", &with)
    };
    let unknown = with_status(reminded(&nobody, "nobody@mail.test")?, 200)?;
    let told = |visitor: &Visitor| reminded(visitor, &visitor.member.registered.mail);
    measures.push(compare(&everybody, told, &unknown)?.measure(&about, "door.telling.forgot-user-id".to_owned()));
    measures.push(addresses(&door, &everybody)?.measure(&about, "door.telling.address".to_owned()));
    Ok(measures)
}

/// `told`, if it ended with this status: answers to something else than what was meant would be alike for nothing.
fn with_status(told: Told, status: u16) -> Result<Told, DriverError> {
    match told.0.last() {
        Some((seen, ..)) if *seen == status => Ok(told),
        other => Err(DriverError::Internal(format!("status {status} was meant, not {:?}", other.map(|(seen, ..)| seen)))),
    }
}

fn compare(
    everybody: &[(&str, Visitor)],
    told: impl Fn(&Visitor) -> Result<Told, DriverError>,
    expected: &Told,
) -> Result<Comparison, DriverError> {
    let mut comparison = Comparison::default();
    for (who, member) in everybody {
        comparison.add(who, &told(member)?, expected);
    }
    Ok(comparison)
}

/// A member of every kind, by what they are called here.
fn everybody(door: &Door) -> Result<Vec<(&'static str, Visitor)>, DriverError> {
    let disabled = door.member_at("disabled", "portal")?;
    let card = &disabled.member.registered;
    let card = (card.symbol.as_str(), card.number.as_str(), card.branch.as_str());
    let closed = door.driver()?.staff(&StaffOrder { act: StaffAct::Disable, by: Clerk::First, card, with: &BTreeMap::new() })?;
    if closed.refused {
        return Err(DriverError::Internal(format!("the staff close no account: {:?}", closed.said)));
    }
    Ok(vec![
        ("finished", door.member_at("finished", "portal")?),
        ("unfinished", door.member("unfinished")?),
        ("waiting for a letter", door.member_at("waiting", "email-wait")?),
        ("disabled", disabled),
    ])
}

/// Addresses of members, given in somebody else's first log-in, beside one that nobody has.
fn addresses(door: &Door, everybody: &[(&str, Visitor)]) -> Result<Comparison, DriverError> {
    let give = |name: &str, address: &str| {
        let mut member = door.member_at(name, "email")?;
        address.clone_into(&mut member.member.other_mail);
        told_at(&mut door.driver()?, &door.watches, &mut member, "/email", &[("email", address)])
    };
    let free = with_status(give("gives a free address", "free-address@mail.test")?, 200)?;
    let mut comparison = Comparison::default();
    for (who, member) in everybody.iter().filter(|(who, _)| *who != "unfinished") {
        comparison.add(who, &give(&format!("gives the address of {who}"), &member.member.registered.mail)?, &free);
    }
    Ok(comparison)
}

/// Which IDs are taken is told inside a session alone, and so often a day.
fn user_ids(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let about = About {
        attack: "IDs tried out by a member where one may be chosen",
        knows: "a password of their own, and a list of IDs",
        rows: &["W-07"],
    };
    let door = Door::new(ground, WITH_IDS)?;
    let a_day = door.limits()?.user_ids.a_day;
    let other = door.member("has it")?;
    let mut curious = door.member_at("curious", "method")?;
    let mut tried = |id: &str| {
        curious.member.user_id = id.to_owned();
        told_at(&mut door.driver()?, &door.watches, &mut curious, "/method", &[("method", "totp"), ("user_id", id)])
    };
    let taken = other.member.user_id.as_str();
    let free = other.nobody("z").member.user_id;
    let mut answered = 0;
    for _ in 0..2 * a_day {
        let (answers, _) = tried(taken)?;
        answered += usize::from(answers.iter().any(|(_, _, page)| page.contains("user-id.taken")));
    }
    let mut comparison = Comparison::default();
    let expected = tried(taken)?;
    comparison.add("free", &tried(&free)?, &expected);
    let bound = at_most(a_day as usize, "Limits::user_ids, a day");
    Ok(vec![
        about.measure(
            "door.user-id.answered",
            "IDs of which it is told that they are taken",
            bound,
            answered,
            format!("of {} tries", 2 * a_day),
        ),
        comparison.measure(&about, "door.user-id.afterwards".to_owned()),
    ])
}
