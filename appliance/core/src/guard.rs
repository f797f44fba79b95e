//! Counting failures: waits, locks, forgiving. Arithmetic only.

use crate::tenant::{Limit, Quota};
use crate::time::Timestamp;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// What can be guessed, each with a counter of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Guessable {
    /// The password.
    Password,
    /// The birth date behind a first password.
    BirthDate,
    /// The activation code on the letter.
    ActivationCode,
    /// The second step: a TOTP code, a passkey or a recovery code, all together.
    SecondStep,
    /// A code by mail.
    MailCode,
}

/// What a member can ask for, each kind with a budget of its own: letters, as a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Asking {
    /// Reset links and reminders of the user ID.
    Recovery,
    /// Codes by mail.
    MailCode,
    /// No letter, but as limited: whether a user ID that was typed is free.
    UserId,
}

/// Letters asked for in the running hour and day. The windows begin with the first letter in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// When the last one was asked for, in seconds since T0.
    pub last: u64,
    /// When the running hour began.
    pub hour: u64,
    /// How many since then.
    pub in_hour: u32,
    /// When the running day began.
    pub day: u64,
    /// How many since then.
    pub in_day: u32,
}

impl Budget {
    /// The instant from which `quota` allows another letter; `now` or earlier when it does already.
    pub fn next(&self, quota: &Quota, now: Timestamp) -> Timestamp {
        let live = self.at(now);
        let mut next = Timestamp(0);
        if self.last > 0 {
            next = next.max(Timestamp(self.last).after(quota.every));
        }
        if live.in_hour >= quota.an_hour {
            next = next.max(Timestamp(live.hour.saturating_add(HOUR)));
        }
        if live.in_day >= quota.a_day {
            next = next.max(Timestamp(live.day.saturating_add(DAY)));
        }
        next
    }

    /// How many more `quota` allows at `now`.
    pub fn room(&self, quota: &Quota, now: Timestamp) -> u32 {
        let live = self.at(now);
        quota.an_hour.saturating_sub(live.in_hour).min(quota.a_day.saturating_sub(live.in_day))
    }

    /// After one more letter at `now`.
    #[must_use]
    pub fn asked(&self, now: Timestamp) -> Self {
        let live = self.at(now);
        Self { last: now.0.max(self.last), in_hour: live.in_hour.saturating_add(1), in_day: live.in_day.saturating_add(1), ..live }
    }

    /// With windows that are over begun anew.
    fn at(&self, now: Timestamp) -> Self {
        let mut live = *self;
        if now.0 >= self.hour.saturating_add(HOUR) {
            (live.hour, live.in_hour) = (now.0, 0);
        }
        if now.0 >= self.day.saturating_add(DAY) {
            (live.day, live.in_day) = (now.0, 0);
        }
        live
    }
}

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Failures in a row, and when the last one was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// How many, what has been forgiven not counted.
    pub failures: u32,
    /// When the last one was judged, in seconds since T0; 0 when there is none.
    pub last: u64,
}

/// Whether a try may be judged now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It may.
    Open,
    /// Not before this instant; a try until then is neither judged nor counted.
    Wait(Timestamp),
    /// As `Wait`, after so many failures that the page calls it a lock.
    Locked(Timestamp),
    /// Until staff, or another held factor, end it.
    LockedForGood,
}

impl Counter {
    /// When the wait or the lock ends that these failures have made: T0 where they have made none, the last instant there is where none
    /// but staff end it.
    pub fn end(&self, limit: &Limit) -> Timestamp {
        let last = Timestamp(self.last);
        match (self.failures, limit.lock) {
            (failures, Some(lock)) if failures >= limit.lock_at => last.after(doubled(lock, failures - limit.lock_at, limit.longest_lock)),
            (failures, None) if failures >= limit.lock_at => Timestamp(u64::MAX),
            (failures, _) if failures >= limit.free => last.after(doubled(limit.first_wait, failures - limit.free, limit.longest_wait)),
            _ => Timestamp(0),
        }
    }

    /// Whether a try may be judged at `now`.
    pub fn gate(&self, limit: &Limit, now: Timestamp) -> Gate {
        match self.end(limit) {
            Timestamp(u64::MAX) => Gate::LockedForGood,
            end if end <= now => Gate::Open,
            end if self.failures >= limit.lock_at => Gate::Locked(end),
            end => Gate::Wait(end),
        }
    }

    /// The failures that time has not forgiven by `now`.
    pub fn left(&self, limit: &Limit, now: Timestamp) -> u32 {
        let forgiven = match limit.forgive_every {
            Some(every) if !every.is_zero() => now.since(Timestamp(self.last)).as_secs() / every.as_secs().max(1),
            _ => 0,
        };
        self.failures.saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX))
    }

    /// The counter after one more failure judged at `now`. What time has forgiven since the last one is taken off first.
    #[must_use]
    pub fn failed(&self, limit: &Limit, now: Timestamp) -> Self {
        Self { failures: self.left(limit, now).saturating_add(1), last: now.0.max(self.last) }
    }
}

/// `first` doubled `times` times, at most `longest`.
fn doubled(first: Duration, times: u32, longest: Duration) -> Duration {
    let factor = 1u32.checked_shl(times).unwrap_or(u32::MAX);
    first.saturating_mul(factor).min(longest)
}
