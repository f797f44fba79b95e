//! Counting failures: waits, locks, forgiving. Arithmetic only.

use crate::tenant::Limit;
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
    /// A TOTP code.
    Totp,
}

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
    /// Whether a try may be judged at `now`.
    pub fn gate(&self, limit: &Limit, now: Timestamp) -> Gate {
        let last = Timestamp(self.last);
        let (end, locked) = match (self.failures, limit.lock) {
            (failures, Some(lock)) if failures >= limit.lock_at => {
                (last.after(doubled(lock, failures - limit.lock_at, limit.longest_lock)), true)
            }
            (failures, None) if failures >= limit.lock_at => return Gate::LockedForGood,
            (failures, _) if failures >= limit.free => {
                (last.after(doubled(limit.first_wait, failures - limit.free, limit.longest_wait)), false)
            }
            _ => return Gate::Open,
        };
        match (now < end, locked) {
            (false, _) => Gate::Open,
            (true, false) => Gate::Wait(end),
            (true, true) => Gate::Locked(end),
        }
    }

    /// The counter after one more failure judged at `now`. What time has forgiven since the last one is taken off first.
    #[must_use]
    pub fn failed(&self, limit: &Limit, now: Timestamp) -> Self {
        let forgiven = match limit.forgive_every {
            Some(every) if !every.is_zero() => now.since(Timestamp(self.last)).as_secs() / every.as_secs().max(1),
            _ => 0,
        };
        let left = u64::from(self.failures).saturating_sub(forgiven);
        let failures = u32::try_from(left).unwrap_or(u32::MAX).saturating_add(1);
        Self { failures, last: now.0.max(self.last) }
    }
}

/// `first` doubled `times` times, at most `longest`.
fn doubled(first: Duration, times: u32, longest: Duration) -> Duration {
    let factor = 1u32.checked_shl(times).unwrap_or(u32::MAX);
    first.saturating_mul(factor).min(longest)
}
