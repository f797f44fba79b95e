//! A month of guessing first passwords at a society of a hundred thousand dormant members, with their list in hand (J-12).

use super::chance::at_most;
use super::town::{From, Told, Town, Who};
use super::{Bound, Ground, Measure};
use crate::catalogue::{ALL_PRESETS, preset_id};
use crate::drivers::DriverError;
use crate::world::entropy::Dice;
use sekisho_core::tenant::{Preset, TenantPolicy};
use sekisho_core::time::Timestamp;

const MEMBERS: u32 = 100_000;
const DAYS: u32 = 30;
const DAY: u64 = 24 * 3600;

/// What of a first password (symbol, number, birth date) is not on the list.
struct Knowledge {
    id: &'static str,
    says: &'static str,
    /// How many birth dates are as likely as each other.
    dates: u32,
}

const LEVELS: [Knowledge; 2] = [
    Knowledge {
        id: "list",
        says: "user ID, symbol and number of every member; of birth dates that the members are 18 to 75 years old; as many sources as wanted",
        dates: 20_819,
    },
    Knowledge { id: "year", says: "user ID, symbol, number and year of birth of every member; as many sources as wanted", dates: 365 },
];

/// Runs the attack under each preset, for each of what may be known.
///
/// # Errors
/// There is no profile.
pub fn month(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let policy = ground.policy()?;
    let mut measures = Vec::new();
    for level in &LEVELS {
        for preset in ALL_PRESETS {
            let policy = TenantPolicy { preset, ..policy.clone() };
            measures.extend(at(&policy, level, ground.seed));
        }
    }
    Ok(measures)
}

/// What the month has come to.
#[derive(Default)]
struct Gained {
    judged: u32,
    found: u32,
    opened: u32,
    exposed: u32,
}

fn at(policy: &TenantPolicy, level: &Knowledge, seed: u64) -> [Measure; 3] {
    let preset = preset_id(policy.preset);
    let gained = attack(policy, level, seed);
    let brake = policy.limits.brake;
    // A window of a day begins with its first failure, and one more may have begun before the month is over.
    let judged = f64::from(brake.a_day * (DAYS + 1));
    let allowed = at_most(judged, 1.0 / f64::from(level.dates));
    let why = format!("the brake judges {} wrong first passwords a day; once in a million such months it is more", brake.a_day);
    let measure = |what: &str, counts, bound, measured: u32, note| Measure {
        id: format!("spray.{}.{preset}.{what}", level.id),
        attack: "30 days of first passwords at 100,000 members who have never logged in, a fresh source for each try, one birth date after another",
        knows: level.says,
        counts,
        bound,
        measured: f64::from(measured),
        note,
        rows: &["J-12", "G-08", "W-04"],
    };
    let opens = policy.preset != Preset::Hardened;
    let shows = policy.preset == Preset::Manual;
    let nothing = |why: &str| Bound::Exactly(0.0, why.to_owned());
    let most = || Bound::AtMost(allowed, why.clone());
    let opened = if opens { most() } else { nothing("a first password by rule opens nothing without the letter's code") };
    let exposed = if shows { most() } else { nothing("an account that nothing but the rule has opened is unproven, and `acr` says so") };
    let expected = format!("{:.1} expected of as many tries", f64::from(gained.judged) / f64::from(level.dates));
    let found = format!("{expected}; {} first passwords found", gained.found);
    [
        measure("judged", "first passwords judged", Bound::AtMost(judged + allowed, why.clone()), gained.judged, String::new()),
        measure("opened", "accounts opened", opened, gained.opened, found),
        measure("exposed", "accounts whose data a portal hands over", exposed, gained.exposed, String::new()),
    ]
}

fn attack(policy: &TenantPolicy, level: &Knowledge, seed: u64) -> Gained {
    let mut town = Town::dormant(policy, MEMBERS);
    let mut dice = Dice::new(seed, &format!("spray.{}", level.id));
    let born: Vec<u32> = (0..MEMBERS).map(|_| dice.below(level.dates)).collect();
    let mut gained = Gained::default();
    let end = Timestamp(town.now.0 + u64::from(DAYS) * DAY);
    let mut source = 0;
    // One date for everybody, then the next one: no member is tried so often that a lane would be in the way.
    for guess in 0..level.dates {
        for (number, born) in born.iter().enumerate() {
            source += 1;
            loop {
                if town.now >= end {
                    return gained;
                }
                match town.log_in(Who::Member(number), From::Stranger(source), *born == guess) {
                    // As long as the page has said, and not a second more.
                    Told::Wait(until) => town.now = until,
                    Told::In(session) => {
                        gained.judged += 1;
                        gained.found += 1;
                        let taken = town.take_over(number, *session);
                        gained.opened += u32::from(taken.opened);
                        gained.exposed += u32::from(taken.exposed);
                        break;
                    }
                    Told::Wrong | Told::Refused(_) => {
                        gained.judged += 1;
                        break;
                    }
                }
            }
            // A botnet does not wait between two tries; the clock moves by itself.
            if source % 8 == 0 {
                town.now = Timestamp(town.now.0 + 1);
            }
        }
    }
    gained
}
