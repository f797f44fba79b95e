//! Attackers who have time: a thousand sources at one member, a botnet at everybody, a stolen password for a year, and floods of IDs
//! that are nobody's.

use super::chance::{at_most, held_up};
use super::model::in_a_day;
use super::town::{From, Told, Town, Who};
use super::{Bound, Ground, Measure};
use crate::drivers::DriverError;
use sekisho_core::lane::{ROWS, WIDTH};
use sekisho_core::otp::MOST_CODES;
use sekisho_core::time::Timestamp;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// A thousand sources that try one member's password, each as soon as it is let (G-01).
///
/// # Errors
/// There is no profile.
pub fn thousand_sources(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    const SOURCES: u32 = 1000;
    let policy = ground.policy()?;
    let days = |days: u64| -> Result<u64, DriverError> {
        let mut town = Town::settled(policy, 1)?;
        let end = Timestamp(town.now.0 + days * DAY);
        while town.now < end {
            for source in 0..SOURCES {
                drop(town.log_in(Who::Member(0), From::Stranger(source), false));
            }
            let opens = (0..SOURCES).map(|source| town.gate(Who::Member(0), source)).min().unwrap_or(end);
            town.now = opens.max(Timestamp(town.now.0 + 1));
        }
        Ok(town.judged)
    };
    let one = in_a_day(&policy.limits.password);
    let (first, month) = (days(1)?, days(30)?);
    let measure = |what: &str, counts, most: f64, why: String, measured: u64| Measure {
        id: format!("sources.{what}"),
        attack: "a thousand sources at one member's password, each again as soon as it may",
        knows: "the user ID",
        counts,
        bound: Bound::AtMost(most, why),
        measured: measured as f64,
        note: String::new(),
        rows: &["G-01", "G-04", "J-12"],
    };
    let why = format!("twice the {one} of one counter, as in model.judged-in-a-day, and not a thousand times");
    let a_month = "that many each day; in truth locks of a day leave one or two".to_owned();
    Ok(vec![
        measure("first-day", "guesses judged in 24 h", f64::from(2 * one), why, first),
        measure("month", "guesses judged in 30 days", f64::from(2 * one * 30), a_month, month),
    ])
}

/// A botnet that keeps every stranger's lane of a society waiting for a day, while its members come and go (G-02, W-08).
///
/// # Errors
/// There is no profile.
pub fn botnet(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    const MEMBERS: usize = 100;
    let policy = ground.policy()?;
    let mut town = Town::settled(policy, 100)?;
    let (mut came, mut refused, mut strangers_held) = (0u32, 0u32, 0u32);
    let end = Timestamp(town.now.0 + DAY);
    let mut source = 0;
    while town.now < end {
        for member in 0..MEMBERS {
            while town.gate(Who::Member(member), source) <= town.now {
                drop(town.log_in(Who::Member(member), From::Stranger(source), false));
                source = source.wrapping_add(1) % 60_000;
            }
        }
        let hour = town.now.0 / HOUR;
        for member in (0..MEMBERS).filter(|member| hour % 8 == (*member % 8) as u64) {
            came += 1;
            let at_home = town.log_in(Who::Member(member), From::Home, true);
            let Told::In(session) = at_home else {
                refused += 1;
                continue;
            };
            refused += u32::from(!matches!(town.code(Who::Member(member), From::Home, *session, true), Told::In(_)));
            strangers_held += u32::from(town.gate(Who::Member(member), 65_000) > town.now);
        }
        town.now = Timestamp(town.now.0 + HOUR);
    }
    Ok(vec![Measure {
        id: "botnet.known-browsers-refused".to_owned(),
        attack: "a botnet keeps the strangers' lane of every member waiting or locked for a day; the members log in three times each",
        knows: "every user ID",
        counts: "log-ins refused at browsers that the members have used before",
        bound: Bound::Exactly(0.0, "known browsers have counters of their own, and the brake lets them pass".to_owned()),
        measured: f64::from(refused),
        note: format!("of {came}; a strange browser would have waited in {strangers_held} of them"),
        rows: &["G-02", "G-05", "W-08"],
    }])
}

/// A year behind a stolen password, while the member logs in each day (OTP-15, OTP-16, G-19).
///
/// # Errors
/// There is no profile.
pub fn stolen_password(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let policy = ground.policy()?;
    let limit = policy.limits.second_step;
    let mut town = Town::settled(policy, 1)?;
    let (mut guesses, mut locked_out) = (0u32, 0u32);
    // As SECURITY.md has it: what the policy says is what is attacked, and not what it is measured by.
    const MOST: f64 = 6935.0;
    const MOST_CHANCE: f64 = 0.03;
    for _ in 0..365 {
        let morning = town.now;
        // One fewer than what locks: a locked account is of no use to the attacker.
        for _ in 1..limit.lock_at {
            let Told::In(session) = town.log_in(Who::Member(0), From::Stranger(1), true) else { break };
            loop {
                match town.code(Who::Member(0), From::Stranger(1), (*session).clone(), false) {
                    Told::Wait(until) if until < Timestamp(morning.0 + DAY - HOUR) => town.now = until,
                    Told::Wait(_) => break,
                    _ => {
                        guesses += 1;
                        break;
                    }
                }
            }
        }
        town.now = town.now.max(Timestamp(morning.0 + DAY - HOUR));
        let by_code = match town.log_in(Who::Member(0), From::Home, true) {
            Told::In(session) => loop {
                match town.code(Who::Member(0), From::Home, (*session).clone(), true) {
                    Told::Wait(until) => town.now = until,
                    told => break matches!(told, Told::In(_)),
                }
            },
            _ => false,
        };
        locked_out += u32::from(!by_code);
        town.now = Timestamp(town.now.0.max(morning.0 + DAY));
    }
    let a_guess = MOST_CODES as f64 / 1e6;
    let knows = "the user ID and the password; how many guesses lock the account";
    let attack = "a year of codes behind a stolen password, one fewer each day than would lock, the member logging in every evening";
    let rows: &[&str] = &["OTP-15", "OTP-16", "G-19", "TO-09"];
    let measure = |what: &str, counts, bound, measured, note| Measure {
        id: format!("stolen-password.{what}"),
        attack,
        knows,
        counts,
        bound,
        measured,
        note,
        rows,
    };
    let chance = 1.0 - (1.0 - a_guess).powi(i32::try_from(guesses).unwrap_or(i32::MAX));
    let told = town.notices.values().sum::<u64>();
    Ok(vec![
        measure(
            "guesses",
            "codes guessed in the year",
            Bound::AtMost(MOST, "19 a day: the account locks at 20 in a row".to_owned()),
            f64::from(guesses),
            String::new(),
        ),
        measure(
            "chance",
            "of one that the second step is guessed within the year",
            Bound::AtMost(MOST_CHANCE, "four codes at most are right at one instant".to_owned()),
            chance,
            String::new(),
        ),
        measure(
            "told",
            "letters that tell the member of it",
            Bound::AtLeast(365.0, format!("the member is told of {} wrong codes in a row, each day", policy.limits.tell_at)),
            told as f64,
            String::new(),
        ),
        measure(
            "locked-out",
            "evenings on which the member did not get in",
            Bound::Exactly(0.0, "a wait ends, and only the twentieth in a row locks".to_owned()),
            f64::from(locked_out),
            "the member may have to wait for up to an hour: what is behind the password has no lanes".to_owned(),
        ),
    ])
}

/// Wrong passwords at a hundred thousand IDs that are nobody's (G-06).
///
/// # Errors
/// There is no profile.
pub fn flood(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    const IDS: u32 = 100_000;
    /// Two: one source alone is spared, and its lanes stay open for others.
    const SOURCES: u32 = 2;
    const BYSTANDERS: u32 = 20_000;
    let policy = ground.policy()?;
    let mut town = Town::dormant(policy, BYSTANDERS);
    for number in 0..IDS {
        for source in (0..SOURCES).cycle().take(6) {
            drop(town.log_in(Who::Nobody(number), From::Stranger((number * SOURCES + source) % 60_000), false));
        }
    }
    let stranger = 61_000;
    let held = (0..BYSTANDERS as usize).filter(|member| town.gate(Who::Member(*member), stranger) > town.now).count();
    let of_nobody = (IDS..IDS + BYSTANDERS).filter(|number| town.gate(Who::Nobody(*number), stranger) > town.now).count();
    // Whoever comes stands under two names, the ID's and the one with the source, and each may be held up.
    let chance = 2.0 * held_up(f64::from((1 + SOURCES) * IDS), f64::from(WIDTH), ROWS as i32);
    let most = at_most(f64::from(BYSTANDERS), chance);
    let places = ROWS as f64 * f64::from(WIDTH);
    let attack = "six wrong passwords from two sources at each of 100,000 IDs that are nobody's, half a million hashes in all";
    let rows: &[&str] = &["G-06", "I12", "I21"];
    let measure = |what: &str, counts, bound, measured: usize| Measure {
        id: format!("flood.table.{what}"),
        attack,
        knows: "nothing",
        counts,
        bound,
        measured: measured as f64,
        note: String::new(),
        rows,
    };
    let luck = || Bound::AtMost(most, format!("{chance:.1e} for each of {BYSTANDERS}, once in a million floods more"));
    Ok(vec![
        measure(
            "places",
            "places written",
            Bound::AtMost(places, "the table has no more, however many IDs are tried".to_owned()),
            town.places(),
        ),
        measure("held-up", "members of 20,000 whom a strange browser finds waiting for others' failures", luck(), held),
        measure("held-up-nobody", "untried IDs of nobody, of 20,000, that wait likewise: members cannot be told by it", luck(), of_nobody),
    ])
}
