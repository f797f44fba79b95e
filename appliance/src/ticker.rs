//! What happens once a minute: the floor under the clock follows it, and sessions that are over go.
//!
//! A floor that is too high cannot be taken back: waits would not end and letters would not go. So it follows only a clock that has
//! run steadily for an hour since the start, which is long enough for a host to set a wrong one right.

use crate::service::Service;
use crate::society::Society;
use crate::staff::stop::Stop;
use sekisho_core::time::Timestamp;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// A clock that is further ahead than this of what it said a minute ago has jumped: the floor stays until a restart (design law 8).
const JUMP: Duration = Duration::from_secs(3600);

/// Minutes without a step back before the floor follows.
const STEADY: u32 = 60;

/// What the clock has said so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The latest reading that is believed.
    pub latest: Timestamp,
    /// Minutes it has run without a step back.
    pub steady: u32,
}

impl Watch {
    /// The watch after one more minute, when the clock says `now`. `None`: it has jumped ahead, and is not believed.
    pub fn after_a_minute(self, now: Timestamp) -> Option<Self> {
        match now {
            now if now.since(self.latest) > JUMP => None,
            now if now < self.latest => Some(Self { latest: now, steady: 0 }),
            now => Some(Self { latest: now, steady: self.steady.saturating_add(1) }),
        }
    }

    /// What the floor may be moved to.
    pub fn floor(self) -> Timestamp {
        if self.steady >= STEADY { self.latest } else { Timestamp(0) }
    }
}

/// The thread. Ends when the process's [`Stop`] is set; dropping it waits for that.
pub struct Ticker(Option<JoinHandle<()>>);

impl Ticker {
    /// Starts it.
    pub fn start(service: Arc<Service>, societies: Vec<Arc<Society>>, stop: Arc<Stop>) -> io::Result<Self> {
        let thread = thread::Builder::new().name("ticker".to_owned()).spawn(move || {
            let mut watch = Watch { latest: service.world().clock.now(), steady: 0 };
            while !stop.wait(MINUTE) {
                watch = tick(&service, &societies, watch);
            }
        })?;
        Ok(Self(Some(thread)))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            // A panic there was reported by its own hook.
            drop(thread.join());
        }
    }
}

/// One tick, a minute after the one that returned `watch`.
pub fn tick(service: &Service, societies: &[Arc<Society>], watch: Watch) -> Watch {
    let now = service.world().clock.now();
    let believed = watch.after_a_minute(now);
    if believed.is_none() {
        let seconds = now.since(watch.latest).as_secs();
        tracing::error!(seconds, "the clock has jumped ahead: what expires is measured by it. Check the host's time, then restart");
    }
    let floor = believed.unwrap_or(watch).floor();
    for society in societies {
        let lifetimes = &society.policy().lifetimes;
        let over = Timestamp(now.0.saturating_sub(lifetimes.session.as_secs()));
        if let Err(fault) = service.world().store.tick(&society.name, floor, over) {
            tracing::error!(society = %society.name, %fault, "the minute's work could not be done");
        }
        service.forget(Timestamp(now.0.saturating_sub(lifetimes.session_idle.as_secs())), now);
    }
    believed.unwrap_or(watch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(mut watch: Watch, count: u64) -> Watch {
        for _ in 0..count {
            watch = watch.after_a_minute(Timestamp(watch.latest.0 + 60)).unwrap();
        }
        watch
    }

    #[test]
    fn the_floor_follows_a_clock_that_has_run_steadily_for_an_hour() {
        let start = Watch { latest: Timestamp(1_800_000_000), steady: 0 };
        assert_eq!(minutes(start, 59).floor(), Timestamp(0));
        assert_eq!(minutes(start, 60).floor(), Timestamp(1_800_003_600));
    }

    #[test]
    fn a_clock_that_was_wrong_at_the_start_and_is_set_right_leaves_no_trace() {
        let wrong = minutes(Watch { latest: Timestamp(2_100_000_000), steady: 0 }, 2);
        let right = wrong.after_a_minute(Timestamp(1_800_000_000)).unwrap();
        assert_eq!(minutes(right, 59).floor(), Timestamp(0));
        assert_eq!(minutes(right, 60).floor(), Timestamp(1_800_003_600));
    }

    #[test]
    fn a_jump_of_more_than_an_hour_ahead_is_not_believed() {
        let watch = minutes(Watch { latest: Timestamp(1_800_000_000), steady: 0 }, 100);
        assert_eq!(watch.after_a_minute(Timestamp(watch.latest.0 + 3601)), None);
        assert!(watch.after_a_minute(Timestamp(watch.latest.0 + 3600)).is_some());
    }
}
