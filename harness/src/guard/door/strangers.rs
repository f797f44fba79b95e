//! Many networks that try wrong passwords: at few members, and at all of them.

use super::{About, Door, PROFILE, WRONG, at_least, at_most, exactly, source};
use crate::drivers::DriverError;
use crate::guard::{Ground, Measure};
use crate::world::visitor::Visitor;
use sekisho_core::alarm::Alarm;

/// Networks that take part.
const NETWORKS: u16 = 30;

/// Members that the botnet is after.
const MEMBERS: usize = 3;

/// Spans in seconds between the rounds of the botnet: the waits of `Limits::password`, each to its end.
const ROUNDS: [u64; 6] = [0, 30, 60, 120, 240, 480];

/// Members that the spray goes over, and guesses at each: fewer than anybody has to wait for.
const SPRAYED: (u16, u16) = (24, 3);

/// The botnet, then the spray.
pub fn attack(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let mut measures = botnet(ground)?;
    measures.extend(spray(ground)?);
    Ok(measures)
}

/// Every stranger's try at these accounts is used up; the members come all the same.
fn botnet(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let about = About {
        attack: "wrong passwords at 3 members and at an ID of nobody's from 30 networks, again at the end of each wait, until all are locked",
        knows: "the IDs",
        rows: &["G-01", "G-02", "G-05", "G-06", "W-08"],
    };
    let door = Door::new(ground, PROFILE)?;
    let mut members = (0..MEMBERS).map(|number| door.known(&format!("known {number}"))).collect::<Result<Vec<_>, _>>()?;
    let nobody = members.first().map(|member| member.nobody("z"));
    door.hashes();
    let mut tries = 0;
    let mut locked = 0;
    for span in ROUNDS {
        door.pass(span)?;
        for place in 1..=NETWORKS {
            locked = 0;
            for target in members.iter().chain(&nobody) {
                let mut bot = target.elsewhere().at(source(place));
                let seen = bot.log_in_with(&mut door.driver()?, WRONG)?;
                locked += usize::from(seen.0 == "password-locked");
                tries += 1;
            }
        }
    }
    let judged = door.hashes();
    let most = door.limits()?.password.lock_at as usize;
    let mut refused = 0;
    for member in &mut members {
        refused += usize::from(!member.walk(&mut door.driver()?, "portal")?);
    }
    Ok(vec![
        about.measure(
            "door.botnet.judged",
            "guesses judged",
            at_most(most * (MEMBERS + 1), format!("Limits::password locks at {most}, for 3 members and nobody")),
            judged,
            format!("of {tries} tries; at the end {locked} of 4 IDs are locked for strangers"),
        ),
        about.measure(
            "door.botnet.refused",
            "members refused at browsers that are known",
            exactly(0, "strangers' failures are not counted against a known browser"),
            refused,
            format!("of {MEMBERS}, each up to the portal, while strangers are locked"),
        ),
    ])
}

/// One guess here, one guess there.
fn spray(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let about = About {
        attack: "wrong first passwords spread over 24 members from 30 networks, three at each, within an hour",
        knows: "the IDs of members who have not come yet",
        rows: &["G-08", "G-21", "J-12"],
    };
    let door = Door::new(ground, PROFILE)?;
    let mut home = door.known("home")?;
    let nobody = home.nobody("z");
    let (members, guesses) = SPRAYED;
    let members = (0..members).map(|number| door.member(&format!("sprayed {number}"))).collect::<Result<Vec<_>, _>>()?;
    let late = door.member("comes late")?;
    door.hashes();
    let raised = closed(&door);
    let mut from = (0..NETWORKS).cycle();
    for _ in 0..guesses {
        for (member, place) in members.iter().zip(&mut from) {
            member.elsewhere().at(source(place)).log_in_with(&mut door.driver()?, WRONG)?;
        }
    }
    let judged = door.hashes();
    let budget = door.limits()?.brake.an_hour as usize;
    let strangers = [&home, &late, &nobody].map(|stranger| passes(&door, stranger));
    let strangers = strangers.into_iter().collect::<Result<Vec<_>, _>>()?;
    let passed = strangers.iter().filter(|passed| **passed).count();
    let refused = usize::from(!home.walk(&mut door.driver()?, "portal")?);
    let tries = members.len() * usize::from(guesses);
    Ok(vec![
        about.measure(
            "door.spray.judged",
            "wrong first passwords judged",
            at_most(budget, "Limits::brake, an hour's budget"),
            judged,
            format!("of {tries} tries"),
        ),
        about.measure(
            "door.spray.passed",
            "strangers let through behind the closed brake, right passwords and an ID of nobody's among them",
            exactly(0, "every stranger waits, whatever the ID"),
            passed,
            format!("of {}", strangers.len()),
        ),
        about.measure(
            "door.spray.refused",
            "members refused at browsers that are known",
            exactly(0, "a known browser passes"),
            refused,
            "of 1",
        ),
        about.measure(
            "door.spray.alarms",
            "alarms brake.closed",
            at_least(1, "operators are told"),
            usize::try_from(closed(&door).saturating_sub(raised)).unwrap_or(usize::MAX),
            "",
        ),
    ])
}

/// Whether a browser that nobody knows gets a verdict, with the right password where there is one.
fn passes(door: &Door, stranger: &Visitor) -> Result<bool, DriverError> {
    let password = stranger.member.password.clone();
    let mut stranger = stranger.elsewhere().at(source(NETWORKS + 1));
    Ok(stranger.log_in_with(&mut door.driver()?, &password)?.0 != "crowded")
}

fn closed(door: &Door) -> u64 {
    door.appliance.world().alarms.counts().filter(|(alarm, _)| *alarm == Alarm::BrakeClosed).map(|(_, count)| count).sum()
}
