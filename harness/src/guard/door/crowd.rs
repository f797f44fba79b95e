//! Many tries at one account at the same instant.

use super::{About, Door, PROFILE, WRONG, at_least, exactly, source};
use crate::drivers::DriverError;
use crate::guard::{Ground, Measure};
use crate::world::visitor::Visitor;
use std::sync::Barrier;

/// How many browsers send the form at the same instant.
const CROWD: u16 = 64;

/// Step and refusal that one of them is shown.
type Shown = (String, Option<String>);

/// Guesses and right passwords, 64 at once.
pub fn attack(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let mut measures = guesses(ground)?;
    measures.extend(right(ground)?);
    Ok(measures)
}

/// 64 guesses where one more is free.
fn guesses(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let about = About {
        attack: "64 wrong passwords at one ID at the same instant, each from a network of its own, where one more is free",
        knows: "the ID",
        rows: &["G-01", "G-06", "design law 2"],
    };
    let door = Door::new(ground, PROFILE)?;
    let free = u16::try_from(door.limits()?.password.free).unwrap_or(u16::MAX);
    let member = door.member("guessed at")?;
    let nobody = member.nobody("z");
    let mut measures = Vec::new();
    for (who, visitor) in [("member", &member), ("nobody", &nobody)] {
        for place in 1..free {
            visitor.elsewhere().at(source(place)).log_in_with(&mut door.driver()?, WRONG)?;
        }
        let failures = || {
            let counters = door.appliance.counters(PROFILE, &visitor.member.user_id, source(0))?;
            Ok::<_, DriverError>(counters.password.failures as usize)
        };
        let before = failures()?;
        door.hashes();
        let shown = at_once(&door, visitor, WRONG)?;
        let told = |id| shown.iter().filter(|(_, refusal)| refusal.as_deref() == Some(id)).count();
        let note = format!(
            "{} were told that it is wrong, {} to try again, {} to wait; {before} failures had been counted before",
            told("login.wrong"),
            told("guard.try-again"),
            told("guard.wait")
        );
        let why = "the free tries of Limits::password, one left";
        measures.push(about.measure(format!("door.crowd.{who}.judged"), "guesses hashed", exactly(1, why), door.hashes(), note));
        let counted = failures()?.saturating_sub(before);
        measures.push(about.measure(format!("door.crowd.{who}.counted"), "failures counted", exactly(1, why), counted, ""));
    }
    Ok(measures)
}

/// 64 right log-ins: impatience, or a page that was sent again and again.
fn right(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let about = About {
        attack: "64 right log-ins of one member at the same instant: nobody's attack, and it must not look like one",
        knows: "ID and password",
        rows: &["G-01", "G-05", "design law 2"],
    };
    let door = Door::new(ground, PROFILE)?;
    let mut member = door.member_at("impatient", "first-login-complete")?;
    let shown = at_once(&door, &member, &member.member.password)?;
    let through = shown.iter().filter(|(_, refusal)| refusal.is_none()).count();
    let again = shown.iter().filter(|(_, refusal)| refusal.as_deref() == Some("guard.try-again")).count();
    let counters = door.appliance.counters(PROFILE, &member.member.user_id, source(0))?;
    let counted = (counters.password.failures + counters.second_step.failures) as usize;
    let none = "a right password is no guess";
    let walked = member.walk(&mut door.driver()?, "portal")?;
    let locked = shown.len().saturating_sub(through + again) + usize::from(!walked);
    Ok(vec![
        about.measure(
            "door.crowd.right.locked",
            "log-ins told to wait, locked or wrong",
            exactly(0, none),
            locked,
            "and one more afterwards",
        ),
        about.measure("door.crowd.right.counted", "failures counted", exactly(0, none), counted, ""),
        about.measure(
            "door.crowd.right.through",
            "log-ins let through",
            at_least(1, "who comes first is never in anybody's way"),
            through,
            format!("{again} were told to try again"),
        ),
    ])
}

/// What each of many browsers is shown that send the log-in form at the same instant.
fn at_once(door: &Door, visitor: &Visitor, password: &str) -> Result<Vec<Shown>, DriverError> {
    let start = Barrier::new(usize::from(CROWD));
    let one = |place: u16| -> Result<Shown, DriverError> {
        let mut visitor = visitor.elsewhere().at(source(100 + place));
        let opened = door.driver().and_then(|mut driver| visitor.open(&mut driver, "/login").map(|_| driver));
        // Who fails meets the others first, or they would wait for ever.
        start.wait();
        let id = visitor.member.user_id.clone();
        let (step, refusal, _) = visitor.send(&mut opened?, &[("user_id", &id), ("password", password)])?;
        Ok((step.to_owned(), refusal.map(str::to_owned)))
    };
    std::thread::scope(|threads| {
        let one = &one;
        let all: Vec<_> = (0..CROWD).map(|place| threads.spawn(move || one(place))).collect();
        let panicked = |_| Err(DriverError::Internal("a thread has panicked".to_owned()));
        all.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect()
    })
}
