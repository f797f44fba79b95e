//! Whether the host's clock is believed (design law 8).
//!
//! A floor that is too high cannot be taken back: waits would not end and letters would not go. So it follows only a clock that has
//! run steadily for an hour, which is long enough for a host to set a wrong one right, and a jump ahead only when one of the staff
//! says that it is true.

use crate::time::Timestamp;
use core::time::Duration;

/// A clock that is further ahead than this of what it should say has jumped.
pub const JUMP: Duration = Duration::from_secs(3600);

/// How long it runs without a step back before the floor follows.
const STEADY: Duration = Duration::from_secs(3600);

/// One look at the host's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What the clock says.
    pub clock: Timestamp,
    /// Time that has passed since some instant, whatever the clock was set to.
    pub passed: Duration,
}

/// What the clock has said so far, and what of it is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The clock as it should be: the last reading that was believed, and the time that has passed since.
    believed: Timestamp,
    /// [`Reading::passed`] of the latest look.
    passed: Duration,
    /// How long it has run without a step back.
    steady: Duration,
    /// How far ahead of `believed` it was at the latest look; nothing while it is believed.
    ahead: Duration,
}

impl Watch {
    /// At the start of the process.
    pub fn start(reading: Reading) -> Self {
        Self { believed: reading.clock, passed: reading.passed, steady: Duration::ZERO, ahead: Duration::ZERO }
    }

    /// With a floor from before the start: a clock that is far ahead of it is not believed.
    #[must_use]
    pub fn against(self, floor: Timestamp) -> Self {
        match self.believed.since(floor) {
            ahead if ahead > JUMP => Self { believed: floor, ahead: ahead.saturating_add(self.ahead), ..self },
            _ => self,
        }
    }

    /// After another look.
    #[must_use]
    pub fn after(self, reading: Reading) -> Self {
        let span = reading.passed.saturating_sub(self.passed);
        let expected = self.believed.after(span);
        let steady = self.steady.saturating_add(span);
        let passed = reading.passed;
        match reading.clock.since(expected) {
            ahead if ahead > JUMP => Self { believed: expected, passed, steady, ahead },
            _ if reading.clock < self.believed => Self::start(reading),
            _ => Self { believed: reading.clock, passed, steady, ahead: Duration::ZERO },
        }
    }

    /// Somebody has said that this reading is true: the floor may follow it at once.
    #[must_use]
    pub fn accept(self, reading: Reading) -> Self {
        Self { steady: STEADY, ..Self::start(reading) }
    }

    /// How far the clock has jumped ahead, if it is not believed.
    pub fn jump(&self) -> Option<Duration> {
        (!self.ahead.is_zero()).then_some(self.ahead)
    }

    /// What the time is without the jump: what is removed for its age is measured by this.
    pub fn believed(&self) -> Timestamp {
        self.believed
    }

    /// What the floor may be moved to.
    pub fn floor(&self) -> Timestamp {
        if self.steady >= STEADY { self.believed } else { Timestamp(0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_800_000_000;

    /// The host's clocks: one that can be set, and one that only runs.
    struct Host(Reading);

    impl Host {
        fn new(clock: u64) -> (Self, Watch) {
            let reading = Reading { clock: Timestamp(clock), passed: Duration::from_secs(77) };
            (Self(reading), Watch::start(reading))
        }

        fn set(&mut self, clock: u64) {
            self.0.clock = Timestamp(clock);
        }

        /// The watch after so many minutes, with a look at the end of each.
        fn minutes(&mut self, mut watch: Watch, count: u32) -> Watch {
            let minute = Duration::from_secs(60);
            for _ in 0..count {
                self.0 = Reading { clock: self.0.clock.after(minute), passed: self.0.passed + minute };
                watch = watch.after(self.0);
            }
            watch
        }
    }

    #[test]
    fn the_floor_follows_a_clock_that_has_run_steadily_for_an_hour() {
        let (mut host, watch) = Host::new(START);
        let watch = host.minutes(watch, 59);
        assert_eq!(watch.floor(), Timestamp(0));
        assert_eq!(host.minutes(watch, 1).floor(), Timestamp(START + 3600));
    }

    #[test]
    fn a_clock_that_was_wrong_at_the_start_and_is_set_right_leaves_no_trace() {
        let (mut host, watch) = Host::new(2_100_000_000);
        let watch = host.minutes(watch, 2);
        host.set(START);
        let watch = host.minutes(watch, 60);
        assert_eq!(watch.floor(), Timestamp(0));
        assert_eq!(host.minutes(watch, 1).floor(), Timestamp(START + 61 * 60));
    }

    #[test]
    fn a_jump_of_more_than_an_hour_ahead_does_not_move_the_floor_before_it_is_accepted() {
        let (mut host, watch) = Host::new(START);
        let watch = host.minutes(watch, 60);
        host.set(START + 3600 + 3601);
        let held = host.minutes(watch, 1);
        assert_eq!(held.jump(), Some(Duration::from_secs(3601)));
        assert_eq!(held.floor(), Timestamp(START + 3660), "the time that has passed has passed");
        let held = host.minutes(held, 600);
        assert_eq!(
            (held.jump(), held.floor()),
            (Some(Duration::from_secs(3601)), Timestamp(START + 661 * 60)),
            "it wears off by no waiting"
        );
        let accepted = held.accept(host.0);
        assert_eq!((accepted.jump(), accepted.floor()), (None, host.0.clock));
        assert_eq!(host.minutes(accepted, 1).floor(), host.0.clock);
    }

    #[test]
    fn an_hour_ahead_is_believed_and_so_is_a_long_time_between_two_looks() {
        let (mut host, watch) = Host::new(START);
        let watch = host.minutes(watch, 60);
        host.set(START + 3600 + 3600);
        let watch = host.minutes(watch, 1);
        assert_eq!((watch.jump(), watch.floor()), (None, host.0.clock));
        let day = Duration::from_secs(24 * 3600);
        let later = Reading { clock: host.0.clock.after(day), passed: host.0.passed + day };
        assert_eq!(watch.after(later).jump(), None);
    }

    #[test]
    fn a_jump_that_is_set_right_needs_no_accepting() {
        let (mut host, watch) = Host::new(START);
        let watch = host.minutes(watch, 60);
        host.set(START + 3600 + 10 * 3600);
        let held = host.minutes(watch, 300);
        assert!(held.jump().is_some());
        host.set(START + 3600 + 300 * 60);
        let right = host.minutes(held, 1);
        assert_eq!((right.jump(), right.floor()), (None, host.0.clock));
    }

    #[test]
    fn a_clock_that_is_far_ahead_of_the_floor_at_the_start_is_not_believed() {
        let (mut host, watch) = Host::new(START);
        assert_eq!(watch.against(Timestamp(START - 3600)), watch);
        assert_eq!(watch.against(Timestamp(START + 5)), watch);
        let held = watch.against(Timestamp(START - 3601));
        assert_eq!(held.jump(), Some(Duration::from_secs(3601)));
        let held = host.minutes(held, 120);
        assert_eq!((held.jump(), held.floor()), (Some(Duration::from_secs(3601)), Timestamp(START - 3601 + 7200)));
        assert_eq!(held.accept(host.0).floor(), host.0.clock);
    }
}
