//! Many at once, in discrete events: a morning of letters behind one company's address, and a flood of ten times what can be hashed.

use super::chance::quantile;
use super::town::{From, Told, Town, Who};
use super::{Bound, Ground, Measure};
use crate::drivers::DriverError;
use crate::world::entropy::Dice;
use sekisho::config::QUEUE_A_THREAD;
use sekisho::perform::queue::{Offered, Queue};
use sekisho_core::bucket::{Admission, Buckets, Place, Weight, Whose};
use sekisho_core::id::SocietyName;
use sekisho_core::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// What one hash takes on one core, and how many cores there are: 170 hashes a second on two (design §6).
const HASH: Duration = Duration::from_micros(11_765);
const CORES: usize = 2;

/// Hashes that may wait: as the configuration has it by default.
const ROOM: usize = CORES * QUEUE_A_THREAD;

/// Whoever has not got in by then has been shut out.
const PATIENCE: Duration = Duration::from_secs(2 * 3600);

/// How long people look at a page before they type again.
const TYPING: Duration = Duration::from_secs(15);

/// What happens next, and to whom.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// Somebody sends the log-in form.
    Comes(usize),
    /// A core has hashed for somebody.
    Hashed(usize),
}

/// A morning.
struct Morning<'a> {
    town: Town<'a>,
    now: Duration,
    events: BinaryHeap<Reverse<(Duration, u64, Event)>>,
    number: u64,
    queue: Queue<usize>,
    free: usize,
    buckets: Buckets,
    whose: Whose,
    dice: Dice,
    began: Vec<Duration>,
    waits: Vec<f64>,
    turned_away: u32,
    wrong: u32,
}

impl Morning<'_> {
    fn at(&mut self, when: Duration, event: Event) {
        self.number += 1;
        self.events.push(Reverse((when, self.number, event)));
    }

    fn run(&mut self, society: &SocietyName) {
        let begin = self.town.now;
        while let Some(Reverse((when, _, event))) = self.events.pop().filter(|Reverse((when, ..))| *when < PATIENCE) {
            self.now = when;
            self.town.now = Timestamp(begin.0 + when.as_secs());
            match event {
                Event::Comes(who) => self.comes(who, society),
                Event::Hashed(who) => self.hashed(who),
            }
            while self.free > 0 {
                let Some(who) = self.queue.take() else { break };
                self.free -= 1;
                self.at(self.now + HASH, Event::Hashed(who));
            }
        }
    }

    fn comes(&mut self, who: usize, society: &SocietyName) {
        let admission = Admission::default();
        if let Err(wait) = self.buckets.take(&admission, self.whose, Weight::Password, self.now) {
            // The page counts whole seconds, goes on by itself, and then there is something to type.
            let seconds = Duration::from_secs(wait.as_secs() + 1);
            self.again(who, seconds);
            return;
        }
        let until = self.town.gate(Who::Member(who), 1).max(self.town.brake_until());
        if until > self.town.now {
            self.again(who, Duration::from_secs(until.since(self.town.now).as_secs()));
            return;
        }
        match self.queue.offer(society, false, who) {
            Offered::Taken => {}
            Offered::Displaced(other) | Offered::Refused(other) => self.again(other, Duration::from_secs(2)),
        }
    }

    fn again(&mut self, who: usize, wait: Duration) {
        self.turned_away += 1;
        // Nobody types to the second: some need less than the others.
        let typing = TYPING + Duration::from_millis(self.dice.below(15_000).into());
        self.at(self.now + wait + typing, Event::Comes(who));
    }

    fn hashed(&mut self, who: usize) {
        self.free += 1;
        let right = self.dice.below(10) > 0;
        match self.town.log_in(Who::Member(who), From::Stranger(1), right) {
            Told::In(_) => self.waits.push(self.now.saturating_sub(self.began.get(who).copied().unwrap_or_default()).as_secs_f64()),
            Told::Wait(until) => self.again(who, Duration::from_secs(until.since(self.town.now).as_secs())),
            Told::Wrong | Told::Refused(_) => {
                self.wrong += 1;
                self.again(who, Duration::ZERO);
            }
        }
    }
}

/// 5,000 members behind one company's address begin their first log-in from nine o'clock on, a tenth of all tries mistyped (G-07).
///
/// # Errors
/// There is no profile, or the sample name is none.
pub fn company(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    const MEMBERS: u32 = 5_000;
    /// Within five minutes, most of them at the beginning.
    const MINUTES: f64 = 5.0;
    let policy = ground.policy()?;
    let society = SocietyName::try_from("kenpo".to_owned()).map_err(|_| DriverError::Internal("the sample name is none".to_owned()))?;
    let place = |cell: u16| -> Place { [cell, cell] };
    let own = Whose::Own { narrow: place(1), wide: place(1) };
    let mut measures = Vec::new();
    for (id, whose, says) in [("listed", Whose::Company(place(1)), "listed under `companies`"), ("unlisted", own, "not listed")] {
        let mut town = Town::dormant(policy, MEMBERS);
        town.announced = MEMBERS;
        let mut morning = Morning {
            town,
            now: Duration::ZERO,
            events: BinaryHeap::new(),
            number: 0,
            queue: Queue::new(ROOM),
            free: CORES,
            buckets: Buckets::default(),
            whose,
            dice: Dice::new(ground.seed, "company"),
            began: Vec::new(),
            waits: Vec::new(),
            turned_away: 0,
            wrong: 0,
        };
        for who in 0..MEMBERS as usize {
            // The square of a chance lies near the beginning.
            let part = f64::from(morning.dice.below(1_000_000)) / 1e6;
            let when = Duration::from_secs_f64(MINUTES * 60.0 * part * part);
            morning.began.push(when);
            morning.at(when, Event::Comes(who));
        }
        morning.run(&society);
        let Morning { mut waits, turned_away, wrong, now, .. } = morning;
        waits.sort_by(f64::total_cmp);
        let [half, most, longest] = [0.5, 0.99, 1.0].map(|part| quantile(&waits, part));
        let note = format!(
            "from the first try to the last: half within {half:.1} s, 99 of 100 within {most:.0} s, the last after {longest:.0} s; {wrong} mistyped; \
             {turned_away} tries came back later; over after {:.0} min",
            now.as_secs_f64() / 60.0
        );
        let measure = |what: &str, counts, bound, measured, note| Measure {
            id: format!("company.{id}.{what}"),
            attack: "no attack: 5,000 members behind one address begin their first log-in within five minutes, a tenth of all tries mistyped, letters announced",
            knows: says,
            counts,
            bound,
            measured,
            note,
            rows: &["G-07", "G-08", "G-11"],
        };
        let all = Bound::Exactly(f64::from(MEMBERS), "nobody honest is shut out".to_owned());
        measures.push(measure("in", "members who got in", all, waits.len() as f64, note));
        let bound = match id {
            "listed" => Bound::AtMost(120.0, "the hashes of all take 33 s, and a mistyped password is typed again".to_owned()),
            _ => Bound::AtMost(1800.0, "five tries a second for the whole company: such addresses belong under `companies`".to_owned()),
        };
        measures.push(measure("p99", "seconds that 99 of 100 needed at most", bound, most, String::new()));
    }
    Ok(measures)
}

/// Strangers send ten times what can be hashed; members at known browsers log in meanwhile (G-11).
///
/// # Errors
/// The sample name is none.
pub fn flood(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    const SECONDS: u64 = 60;
    /// At home: a member at a known browser; otherwise strangers of a society under attack, or of another one.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Kind {
        Known,
        Attacker,
        Neighbour,
    }
    let name = |name: &str| SocietyName::try_from(name.to_owned()).map_err(|_| DriverError::Internal("the sample name is none".to_owned()));
    let (attacked, other) = (name("attacked")?, name("other")?);
    let mut dice = Dice::new(ground.seed, "flood");
    let capacity = CORES as f64 / HASH.as_secs_f64();
    let mut comes: Vec<(Duration, Kind)> = Vec::new();
    for (kind, a_second) in [(Kind::Attacker, 10.0 * capacity), (Kind::Known, 0.3 * capacity), (Kind::Neighbour, 5.0)] {
        let count = (a_second * SECONDS as f64) as u32;
        comes.extend((0..count).map(|_| (Duration::from_micros(u64::from(dice.below(1_000_000)) * SECONDS), kind)));
    }
    comes.sort();
    let mut queue: Queue<(Duration, Kind)> = Queue::new(ROOM);
    let mut busy = [Duration::ZERO; CORES];
    let (mut latencies, mut neighbours, mut refused, mut most_waiting, mut waiting) = (Vec::new(), 0u32, [0u32; 3], 0usize, 0usize);
    let mut coming = comes.iter().copied().peekable();
    loop {
        // A core that is free takes the next one; a core that is not, and nobody comes before that: time passes.
        let next_free = busy.iter().copied().min().unwrap_or_default();
        match coming.peek() {
            Some((when, kind)) if *when <= next_free || waiting == 0 => {
                let (when, kind) = (*when, *kind);
                coming.next();
                busy.iter_mut().for_each(|until| *until = (*until).max(if waiting == 0 { when } else { Duration::ZERO }));
                let society = if kind == Kind::Neighbour { &other } else { &attacked };
                match queue.offer(society, kind == Kind::Known, (when, kind)) {
                    Offered::Taken => waiting += 1,
                    Offered::Displaced((_, gone)) | Offered::Refused((_, gone)) => {
                        if let Some(count) = refused.get_mut(gone as usize) {
                            *count += 1;
                        }
                    }
                }
                most_waiting = most_waiting.max(waiting);
            }
            None if waiting == 0 => break,
            _ => {
                let Some((came, kind)) = queue.take() else { break };
                waiting -= 1;
                let Some(core) = busy.iter_mut().min() else { break };
                *core = (*core).max(came) + HASH;
                match kind {
                    Kind::Known => latencies.push(core.saturating_sub(came).as_secs_f64()),
                    Kind::Neighbour => neighbours += 1,
                    Kind::Attacker => {}
                }
            }
        }
    }
    latencies.sort_by(f64::total_cmp);
    let attack = "strangers send ten times the passwords that two cores can hash to one society for a minute; its members at known browsers keep logging in, and so do strangers of another society";
    let rows: &[&str] = &["G-11", "G-10", "I21"];
    let measure = |what: &str, counts, bound, measured, note| Measure {
        id: format!("flood.hashing.{what}"),
        attack,
        knows: "user IDs; as many sources as wanted, so that no source's budget stops them",
        counts,
        bound,
        measured,
        note,
        rows,
    };
    let [known_refused, attackers_refused, neighbours_refused] = refused;
    Ok(vec![
        measure(
            "known-p99",
            "seconds that 99 of 100 members at known browsers wait at most",
            Bound::AtMost(2.0, "they are hashed first".to_owned()),
            quantile(&latencies, 0.99),
            format!("half within {:.3} s, {} log-ins", quantile(&latencies, 0.5), latencies.len()),
        ),
        measure(
            "known-refused",
            "log-ins of members at known browsers that were told to come again",
            Bound::Exactly(0.0, "they take a stranger's place".to_owned()),
            f64::from(known_refused),
            String::new(),
        ),
        measure(
            "waiting",
            "passwords that wait for a hash",
            Bound::AtMost(ROOM as f64, "the queue has no more room; all else is told at once".to_owned()),
            most_waiting as f64,
            format!("{attackers_refused} of the attack were turned away"),
        ),
        measure(
            "neighbours",
            "of 100 strangers of the other society who were hashed for",
            Bound::AtLeast(99.0, "societies take turns".to_owned()),
            f64::from(neighbours) * 100.0 / f64::from((neighbours + neighbours_refused).max(1)),
            String::new(),
        ),
    ])
}
