//! Whether the host's clock is believed (design law 8).
//!
//! A floor that is too high cannot be taken back: waits would not end and letters would not go. So it follows only a clock that has
//! run steadily for an hour, which is long enough for a host to set a wrong one right, and a jump ahead only when one of the staff
//! says that it is true. What is wrong by seconds no reading shows: members' codes do, before they are refused.

use crate::time::Timestamp;
use core::time::Duration;
use std::collections::VecDeque;

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

/// How many members' codes are kept: the newest.
const VOICES: usize = 101;

/// Fewer say nothing.
const QUORUM: usize = 31;

/// A clock that differs by more than this from what it should say was set, and did not run there.
const SET: Duration = Duration::from_secs(10);

/// What members' apps say of the host's clock: how many steps their newest right codes were ahead of it. Phones keep the network's
/// time, so that many of them together are right.
#[derive(Debug, Default)]
pub struct Members {
    /// Who, and how many steps ahead; the newest last.
    codes: VecDeque<(u32, i8)>,
    looked: Option<Reading>,
}

impl Members {
    /// A right code, so many steps ahead of the clock. `who` tells members apart and names nobody: only the newest code of each is kept,
    /// so that no member has two voices.
    pub fn add(&mut self, who: u32, offset: i8) {
        self.codes.retain(|(other, _)| *other != who);
        self.codes.push_back((who, offset));
        if self.codes.len() > VOICES {
            self.codes.pop_front();
        }
    }

    /// A look, once a minute: how many steps the members are ahead of the host, where that says that the host is wrong. After the clock
    /// was set they are asked anew.
    pub fn look(&mut self, reading: Reading) -> Option<i8> {
        if self.looked.replace(reading).is_some_and(|before| was_set(before, reading)) {
            self.codes.clear();
        }
        self.verdict()
    }

    /// Nobody types a code before it is shown: where most are early, the host is slow. Late is another matter, because a code grows
    /// old while it is read and typed; where that takes 15 of its 30 seconds half of all codes are late by a right clock. Three quarters
    /// of them would be late only if it took nearly all of the time that a code is shown: then the host is fast.
    fn verdict(&self) -> Option<i8> {
        let mut offsets: Vec<i8> = self.codes.iter().map(|(_, offset)| *offset).collect();
        offsets.sort_unstable();
        let count = offsets.len();
        let late = offsets.iter().filter(|offset| **offset < 0).count();
        let median = offsets.get(count / 2).copied().filter(|_| count >= QUORUM)?;
        (median > 0 || 4 * late > 3 * count).then_some(median)
    }
}

/// Whether the clock says another time at `now` than it should after `before`.
fn was_set(before: Reading, now: Reading) -> bool {
    let expected = before.clock.after(now.passed.saturating_sub(before.passed));
    now.clock.since(expected).max(expected.since(now.clock)) > SET
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the members say whose codes were so many steps ahead, each so often.
    fn members(codes: &[(i8, u32)]) -> Members {
        let mut members = Members::default();
        let each = codes.iter().flat_map(|(offset, count)| (0..*count).map(|_| *offset));
        (0..).zip(each).for_each(|(who, offset)| members.add(who, offset));
        members
    }

    fn verdict(codes: &[(i8, u32)]) -> Option<i8> {
        members(codes).look(Reading { clock: Timestamp(START), passed: Duration::ZERO })
    }

    #[test]
    fn fewer_than_thirty_one_members_say_nothing() {
        assert_eq!((verdict(&[(1, 30)]), verdict(&[(1, 31)])), (None, Some(1)));
        assert_eq!((verdict(&[(-2, 30)]), verdict(&[(-2, 31)])), (None, Some(-2)));
    }

    #[test]
    fn a_host_is_slow_where_most_codes_are_early() {
        assert_eq!(verdict(&[(0, 51), (1, 50)]), None);
        assert_eq!(verdict(&[(0, 50), (1, 51)]), Some(1));
        assert_eq!(verdict(&[(-1, 30), (0, 20), (2, 51)]), Some(2));
    }

    #[test]
    fn slow_typing_is_no_fast_host() {
        assert_eq!(verdict(&[(-1, 51), (0, 50)]), None, "half a step to type it");
        assert_eq!(verdict(&[(-1, 75), (0, 25)]), None);
        assert_eq!(verdict(&[(-1, 76), (0, 25)]), Some(-1));
        assert_eq!(verdict(&[(-2, 60), (-1, 41)]), Some(-2));
    }

    #[test]
    fn no_member_has_two_voices() {
        let mut members = members(&[(0, 31)]);
        (0..1000).for_each(|_| members.add(7, 2));
        assert_eq!(members.verdict(), None);
        (0..16).for_each(|who| members.add(who, 1));
        assert_eq!(members.verdict(), Some(1), "most of them are heard");
        (0..16).for_each(|who| members.add(who, 0));
        assert_eq!(members.verdict(), None, "and the newest code of each counts");
    }

    #[test]
    fn the_newest_hundred_and_one_members_count() {
        let mut members = members(&[(0, 1000)]);
        (2000..2050).for_each(|who| members.add(who, 1));
        assert_eq!((members.codes.len(), members.verdict()), (101, None));
        members.add(3000, 1);
        assert_eq!(members.verdict(), Some(1));
    }

    #[test]
    fn after_the_clock_was_set_members_are_asked_anew() {
        let reading = |clock: u64, passed: u64| Reading { clock: Timestamp(START + clock), passed: Duration::from_secs(passed) };
        let mut members = members(&[(1, 101)]);
        assert_eq!(members.look(reading(0, 0)), Some(1));
        assert_eq!(members.look(reading(70, 60)), Some(1), "it was helped along");
        assert_eq!(members.look(reading(119, 120)), None, "it was set back by eleven seconds");
        (0..31).for_each(|who| members.add(who, 1));
        assert_eq!(members.look(reading(179, 180)), Some(1));
        assert_eq!(members.look(reading(250, 240)), None, "it was set ahead by eleven seconds");
    }

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
