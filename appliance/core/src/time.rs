//! Instants as plain numbers. Nothing here knows what time it is.

use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01 00:00:00 UTC, leap seconds not counted (RFC 6238 §4.2, T0 = 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// The instant `span` later, or the last instant there is.
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span.as_secs()))
    }

    /// How long it is from `earlier` until this instant; nothing when `earlier` is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }
}

/// A TOTP time step: whole periods of 30 s since T0 (RFC 6238 §4.2), 64 bits wide so that 2038 is an ordinary year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimeStep(pub u64);

impl TimeStep {
    /// Length of a step in seconds (OTP-01): the same at set-up and at log-in, not changeable per member.
    pub const SECONDS: u64 = 30;

    /// The step that `at` lies in.
    pub fn of(at: Timestamp) -> Self {
        Self(at.0 / Self::SECONDS)
    }
}
