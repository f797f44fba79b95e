//! The model check: every order and every instant at which it matters that somebody fails, against the arithmetic that the store runs.

use super::town::{From, Told, Town, Who};
use super::{Bound, Ground, Measure};
use crate::drivers::DriverError;
use sekisho_core::guard::Counter;
use sekisho_core::lane::{Cell, Cells, ROWS, Strangers};
use sekisho_core::tenant::{Limit, Limits, TenantPolicy};
use sekisho_core::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const DAY: u64 = 24 * 3600;

/// How long the check follows an attack before the day that it counts.
const HORIZON: u64 = 2 * DAY;

/// Runs the check.
///
/// # Errors
/// None of its own.
pub fn check(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let policy = ground.policy()?;
    Ok(vec![judged(&policy.limits), known_browsers(policy), second_steps(&policy.limits)])
}

/// What the strangers' lane of one ID knows of an attack with as many sources as it likes: the lane, and the one source that it may spare.
/// A source that comes for the first time is bound by the lane alone; one that has failed before is freer only where it is spared, and
/// another one is not spared before the lane has been empty, which takes longer than a day in which somebody fails.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    lane: (u32, u64),
    share: (u32, u64),
    is_spared: bool,
}

/// The tag of the source that may be spared.
const SPARED: u64 = 7;

impl State {
    const FRESH: Self = Self { lane: (0, 0), share: (0, 0), is_spared: false };

    /// As the store has it at the instant `NOW`; ages are seconds before it.
    fn strangers(&self, is_fresh: bool) -> Strangers {
        let cells = |(failures, age): (u32, u64), spared| {
            let last = if failures == 0 { 0 } else { NOW.0.saturating_sub(age) };
            Cells([Cell { counter: Counter { failures, last }, spared }; ROWS])
        };
        Strangers {
            lane: cells(self.lane, if self.is_spared { SPARED } else { 0 }),
            share: if is_fresh { Cells::default() } else { cells(self.share, 0) },
            source: if is_fresh { SPARED + 1 } else { SPARED },
        }
    }

    /// After `seconds`. What time has forgiven wholly is forgotten, so that states are few.
    fn later(self, seconds: u64, limit: &Limit) -> Self {
        let age = |(failures, age): (u32, u64)| {
            let counter = Counter { failures, last: NOW.0 };
            let gone = counter.left(limit, Timestamp(NOW.0 + age + seconds)) == 0;
            if gone { (0, 0) } else { (failures, age + seconds) }
        };
        let lane = age(self.lane);
        Self { lane, share: age(self.share), is_spared: self.is_spared && lane.0 > 0 }
    }

    /// After a failure now, of a source that comes for the first time or of the other one; `None` where it would not be judged.
    fn failed(self, is_fresh: bool, limits: &Limits) -> Option<Self> {
        let before = self.strangers(is_fresh);
        let limit = &limits.password;
        let held = [before.lane, before.share].into_iter().any(|cells| cells.estimate(limit).end(limit) > NOW);
        if held {
            return None;
        }
        let after = before.failed(limit, limits.share, NOW);
        let of = |cells: Cells| {
            let counter = cells.estimate(limit);
            (counter.failures, NOW.0 - counter.last)
        };
        let spared = after.lane.0.iter().any(|cell| cell.spared == SPARED);
        Some(Self { lane: of(after.lane), share: if is_fresh { self.share } else { of(after.share) }, is_spared: spared })
    }

    /// The seconds from now at which something opens, or is forgiven. Between two of them nothing changes, so that whoever fails then
    /// might as well have failed at the first.
    fn instants(&self, limits: &Limits) -> BTreeSet<u64> {
        let limit = &limits.password;
        let every = limit.forgive_every.map_or(DAY, |every| every.as_secs()).max(1);
        let mut instants = BTreeSet::from([0]);
        for (failures, age) in [self.lane, self.share] {
            if failures == 0 {
                continue;
            }
            let end = Counter { failures, last: NOW.0 - age }.end(limit);
            instants.insert(end.0.saturating_sub(NOW.0));
            instants.extend((1..=u64::from(failures)).map(|times| times * every).filter_map(|at| at.checked_sub(age)));
        }
        instants
    }

    /// Every state that one more failure can lead to, and when.
    fn next(self, limits: &Limits) -> impl Iterator<Item = (u64, Self)> + '_ {
        let instants = self.instants(limits).into_iter();
        instants.flat_map(move |seconds| {
            let then = self.later(seconds, &limits.password);
            [true, false].into_iter().filter_map(move |is_fresh| Some((seconds, then.failed(is_fresh, limits)?)))
        })
    }
}

/// Any instant: states are told relative to it.
const NOW: Timestamp = Timestamp(2_000_000_000);

/// The most failures that can be judged in what is left of a day.
fn most(state: State, left: u64, limits: &Limits, known: &mut BTreeMap<(State, u64), u32>) -> u32 {
    if let Some(most) = known.get(&(state, left)) {
        return *most;
    }
    let nexts: Vec<_> = state.next(limits).filter(|(seconds, _)| *seconds < left).collect();
    let found = nexts.into_iter().map(|(seconds, next)| 1 + most(next, left - seconds, limits, known)).max().unwrap_or(0);
    known.insert((state, left), found);
    found
}

/// How many failures one counter lets through in a day, each as soon as it may be.
pub fn in_a_day(limit: &Limit) -> u32 {
    let (mut counter, mut now, mut count) = (Counter::default(), NOW, 0);
    while now.0 < NOW.0 + DAY && now < Timestamp(u64::MAX) {
        counter = counter.failed(limit, now);
        count += 1;
        now = counter.end(limit).max(now);
    }
    count
}

fn judged(limits: &Limits) -> Measure {
    // Every state that an attack of some days comes to: a day may begin anywhere.
    let mut reached = BTreeMap::from([(State::FRESH, 0u64)]);
    let mut todo = vec![State::FRESH];
    while let Some(state) = todo.pop() {
        let at = reached.get(&state).copied().unwrap_or_default();
        for (seconds, next) in state.next(limits) {
            let when = at + seconds;
            if when < HORIZON && reached.get(&next).is_none_or(|before| when < *before) {
                reached.insert(next, when);
                todo.push(next);
            }
        }
    }
    let mut known = BTreeMap::new();
    let worst = reached.keys().map(|state| most(*state, DAY, limits, &mut known)).max().unwrap_or(0);
    let one = in_a_day(&limits.password);
    Measure {
        id: "model.judged-in-a-day".to_owned(),
        attack: "wrong passwords at one ID from any number of strangers' browsers and sources, at every instant and in every order that matters",
        knows: "the ID",
        counts: "guesses judged in any 24 h",
        bound: Bound::AtMost(
            f64::from(2 * one),
            format!("twice the {one} that one counter of the limit lets through: the lane, and the one source that it spares"),
        ),
        measured: f64::from(worst),
        note: format!("exhaustive: a day from each of {} states that an attack of {} days reaches", reached.len(), HORIZON / DAY),
        rows: &["G-01", "G-04", "OTP-14", "I05"],
    }
}

/// What strangers do, and how time passes.
#[derive(Clone, Copy)]
enum Move {
    Fail(u32),
    Spray,
    Pass(u64),
}

/// Every row of six moves of strangers; whoever is at home is asked after each.
fn known_browsers(policy: &TenantPolicy) -> Measure {
    const MOVES: [Move; 6] = [Move::Fail(1), Move::Fail(2), Move::Spray, Move::Pass(30), Move::Pass(3600), Move::Pass(DAY)];
    const LENGTH: u32 = 5;
    let (mut refused, mut asked) = (0u32, 0u32);
    let mut begun = Town::dormant(policy, 2);
    // On the edge of everything: four failures in the lane, nineteen on the brake.
    (0..4).for_each(|source| drop(begun.log_in(Who::Member(0), From::Stranger(source), false)));
    for row in 0..6usize.pow(LENGTH) {
        let mut town = begun.clone();
        for place in 0..LENGTH {
            match MOVES.get(row / 6usize.pow(place) % 6) {
                Some(Move::Fail(source)) => drop(town.log_in(Who::Member(0), From::Stranger(*source), false)),
                Some(Move::Spray) => (0..25).for_each(|source| drop(town.log_in(Who::Member(1), From::Stranger(100 + source), false))),
                Some(Move::Pass(seconds)) => town.now = Timestamp(town.now.0 + seconds),
                None => {}
            }
            asked += 1;
            let mut home = town.clone();
            refused += u32::from(matches!(home.log_in(Who::Member(0), From::Home, false), Told::Wait(_)));
        }
    }
    Measure {
        id: "model.known-browser-waits".to_owned(),
        attack: "strangers fail, spray and wait in every order; after each move the member tries at a browser that is known",
        knows: "the ID",
        counts: "tries at a known browser that had to wait for others' failures",
        bound: Bound::Exactly(0.0, "a known browser has a counter of its own".to_owned()),
        measured: f64::from(refused),
        note: format!(
            "exhaustive: {asked} instants in {} rows of moves; for its own errors a browser waits {} after the fifth, {} at most before the tenth",
            6u32.pow(LENGTH),
            seconds(policy.limits.password.first_wait),
            seconds(policy.limits.password.longest_wait)
        ),
        rows: &["G-02", "W-08"],
    }
}

fn seconds(span: Duration) -> String {
    format!("{} s", span.as_secs())
}

fn second_steps(limits: &Limits) -> Measure {
    let row = in_a_day(&limits.second_step);
    Measure {
        id: "model.codes-in-a-row".to_owned(),
        attack: "wrong codes behind the right password, as fast as the waits allow",
        knows: "the ID and the password",
        counts: "guesses judged in a day without a right one between them",
        bound: Bound::AtMost(f64::from(limits.second_step.lock_at), "then the account is locked until staff or a recovery".to_owned()),
        measured: f64::from(row),
        note: format!("at {} since the last right one, unlocks included, only a new factor and a new password help", limits.rebind_at),
        rows: &["OTP-14", "OTP-15", "N-14"],
    }
}
