//! Many at the same time, on one thread: the cores are for the appliance.

use crate::AnyError;
use crate::browser::Site;
use crate::lab::{Numbers, Server};
use crate::member::{Member, Outcome};
use crate::readings::{Cpu, machine_busy, resident, written};
use futures_util::future::try_join_all;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::task::LocalSet;

/// The thread that plays all members.
pub struct Crew {
    runtime: Runtime,
}

impl Crew {
    /// A new one.
    pub fn new() -> Result<Self, AnyError> {
        Ok(Self { runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()? })
    }

    /// Runs `work` to its end.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        LocalSet::new().block_on(&self.runtime, work)
    }
}

/// Does `work` with every member, `at_once` at the same time. The first error ends it.
pub fn each(
    crew: &Crew,
    at_once: usize,
    members: Vec<Member>,
    work: impl AsyncFn(&mut Member) -> Result<(), AnyError>,
) -> Result<Vec<Member>, AnyError> {
    let (todo, done) = (RefCell::new(VecDeque::from(members)), RefCell::new(Vec::new()));
    let worker = async || {
        loop {
            let next = todo.borrow_mut().pop_front();
            let Some(mut member) = next else { return Ok::<_, AnyError>(()) };
            if let Err(error) = work(&mut member).await {
                todo.borrow_mut().clear();
                return Err(format!("{}: {error}", member.user_id).into());
            }
            done.borrow_mut().push(member);
        }
    };
    crew.run(async { try_join_all((0..at_once).map(|_| worker())).await })?;
    Ok(done.into_inner())
}

/// What was measured at one number in flight.
#[derive(Clone, Debug)]
pub struct Level {
    /// Log-ins at the same time.
    pub in_flight: usize,
    /// Log-ins finished in `elapsed`.
    pub logins: u64,
    /// Refused with 503.
    pub busy: u64,
    /// How often somebody had to wait for a fresh code: not 0 means too few members.
    pub starved: u64,
    /// How long was measured.
    pub elapsed: Duration,
    /// Of each log-in, sorted.
    pub latencies: Vec<Duration>,
    /// What the appliance spent.
    pub server: Cpu,
    /// What the members spent, on the same cores.
    pub client: Duration,
    /// What everything else on the machine spent.
    pub others: Duration,
    /// Bytes that the appliance had written.
    pub written: u64,
    /// What the appliance says.
    pub numbers: Numbers,
    /// Its resident memory at the end, in bytes.
    pub resident: u64,
}

impl Level {
    /// Log-ins per second.
    pub fn rate(&self) -> f64 {
        self.logins as f64 / self.elapsed.as_secs_f64()
    }

    /// `total` for each log-in.
    pub fn per_login(&self, total: f64) -> f64 {
        total / self.logins.max(1) as f64
    }

    /// The latency that `share` (0 to 1) of the log-ins did not exceed.
    pub fn percentile(&self, share: f64) -> Duration {
        let place = (self.latencies.len() as f64 * share).ceil() as usize;
        self.latencies.get(place.saturating_sub(1)).copied().unwrap_or_default()
    }
}

/// A reading of all meters.
struct Reading {
    at: Instant,
    server: Cpu,
    client: Cpu,
    machine: Duration,
    written: u64,
    numbers: Numbers,
}

impl Reading {
    fn take(server: &Server) -> Result<Self, AnyError> {
        let pid = server.pid();
        Ok(Self {
            at: Instant::now(),
            server: Cpu::of(pid)?,
            client: Cpu::of(std::process::id())?,
            machine: machine_busy()?,
            written: written(pid)?,
            numbers: server.numbers()?,
        })
    }

    fn level_since(&self, before: &Self, in_flight: usize, resident: u64, mut tally: Tally) -> Level {
        let server = self.server.since(&before.server);
        let client = self.client.since(&before.client).total;
        tally.latencies.sort_unstable();
        Level {
            in_flight,
            logins: tally.latencies.len() as u64,
            busy: tally.busy,
            starved: tally.starved,
            elapsed: self.at - before.at,
            latencies: tally.latencies,
            others: (self.machine - before.machine).saturating_sub(server.total).saturating_sub(client),
            server,
            client,
            written: self.written - before.written,
            numbers: self.numbers.since(&before.numbers),
            resident,
        }
    }
}

#[derive(Default)]
struct Tally {
    latencies: Vec<Duration>,
    busy: u64,
    starved: u64,
}

/// Time for connections and caches to fill before anything is counted.
const WARM_UP: Duration = Duration::from_secs(2);

/// A member who was refused, or has no fresh code, comes back after this.
const PAUSE: Duration = Duration::from_millis(200);

/// Keeps `in_flight` whole log-ins going for `span`, going round the members.
pub fn log_ins(
    crew: &Crew,
    site: &Site,
    server: &Server,
    members: &RefCell<VecDeque<Member>>,
    in_flight: usize,
    span: Duration,
) -> Result<Level, AnyError> {
    let (tally, over) = (RefCell::new(Tally::default()), Cell::new(false));
    let worker = async || {
        while !over.get() {
            let next = members.borrow_mut().pop_front();
            let Some(mut member) = next else { return Err("fewer members than log-ins in flight".into()) };
            if !member.has_code() {
                members.borrow_mut().push_front(member);
                tally.borrow_mut().starved += 1;
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            let begun = Instant::now();
            let outcome = member.log_in(site).await.map_err(|error| format!("{}: {error}", member.user_id))?;
            members.borrow_mut().push_back(member);
            match outcome {
                Outcome::Done => tally.borrow_mut().latencies.push(begun.elapsed()),
                Outcome::Busy => {
                    tally.borrow_mut().busy += 1;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        Ok::<_, AnyError>(())
    };
    let watch = async {
        tokio::time::sleep(WARM_UP).await;
        let before = Reading::take(server)?;
        tally.take();
        tokio::time::sleep(span).await;
        let counted = tally.take();
        let after = Reading::take(server)?;
        over.set(true);
        Ok::<_, AnyError>(after.level_since(&before, in_flight, resident(server.pid())?, counted))
    };
    crew.run(async {
        let (level, _) = tokio::try_join!(watch, try_join_all((0..in_flight).map(|_| worker())))?;
        Ok(level)
    })
}

/// Second steps alone: everybody waits at the page of theirs, then all codes or passkeys' answers are sent over `in_flight` open connections.
pub fn second_steps(
    crew: &Crew,
    site: &Site,
    server: &Server,
    members: Vec<Member>,
    in_flight: usize,
) -> Result<(Level, Vec<Member>), AnyError> {
    let members = each(crew, in_flight, members, async |member| {
        let mut connection = site.connect().await?;
        match member.first_step(&mut connection, site).await? {
            Outcome::Done => Ok(()),
            Outcome::Busy => Err("refused: more in flight than the appliance's queue takes".into()),
        }
    })?;
    let (todo, done, tally) = (RefCell::new(VecDeque::from(members)), RefCell::new(Vec::new()), RefCell::new(Tally::default()));
    let worker = async |mut connection| {
        loop {
            let next = todo.borrow_mut().pop_front();
            let Some(mut member) = next else { return Ok::<_, AnyError>(()) };
            let begun = Instant::now();
            match member.second_step(&mut connection).await.map_err(|error| format!("{}: {error}", member.user_id))? {
                Outcome::Done => tally.borrow_mut().latencies.push(begun.elapsed()),
                Outcome::Busy => tally.borrow_mut().busy += 1,
            }
            done.borrow_mut().push(member);
        }
    };
    let level = crew.run(async {
        let mut connections = Vec::new();
        for _ in 0..in_flight {
            connections.push(site.connect().await?);
        }
        let before = Reading::take(server)?;
        try_join_all(connections.into_iter().map(&worker)).await?;
        let after = Reading::take(server)?;
        Ok::<_, AnyError>(after.level_since(&before, in_flight, resident(server.pid())?, tally.take()))
    })?;
    Ok((level, done.into_inner()))
}
