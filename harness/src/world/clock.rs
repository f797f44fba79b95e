//! Clocks: one that only moves when it is told to, and the host's.

use sekisho::ports::Clock;
use sekisho_core::time::Timestamp;
use std::sync::Mutex;
use std::time::Duration;

/// A simulated clock. It stands still between orders, can step either way and can drift.
#[derive(Debug)]
pub struct SimClock(Mutex<State>);

#[derive(Debug)]
struct State {
    /// What time it really is in the simulation, in milliseconds since T0.
    real: u64,
    /// How far the clock shows another time, in milliseconds.
    error: i64,
    /// Milliseconds that the clock gains in each second.
    drift: i64,
}

impl SimClock {
    /// A right clock at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(State { real: now.0.saturating_mul(1000), error: 0, drift: 0 }))
    }

    /// Time passes.
    pub fn advance(&self, by: Duration) {
        let mut state = self.lock();
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        state.real = state.real.saturating_add(millis);
        let seconds = i64::try_from(millis / 1000).unwrap_or(i64::MAX);
        state.error = state.error.saturating_add(seconds.saturating_mul(state.drift));
    }

    /// The clock jumps by so many seconds, time does not pass: somebody set it.
    pub fn step(&self, seconds: i64) {
        let mut state = self.lock();
        state.error = state.error.saturating_add(seconds.saturating_mul(1000));
    }

    /// From now on the clock gains so many milliseconds in each second (loses them, if negative).
    pub fn drift(&self, millis_a_second: i64) {
        self.lock().drift = millis_a_second;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        let state = self.lock();
        Timestamp(state.real.saturating_add_signed(state.error) / 1000)
    }

    fn passed(&self) -> Duration {
        Duration::from_millis(self.lock().real)
    }
}

/// The host's clock, for a running server.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostClock;

impl HostClock {
    /// What it says.
    pub fn now(self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the remote driver shares the host's time with the server it drives")]
        let now = std::time::SystemTime::now();
        Timestamp(now.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simulated_clock_moves_steps_and_drifts_only_when_told() {
        let clock = SimClock::at(Timestamp(1_000));
        assert_eq!(clock.now(), Timestamp(1_000));
        clock.advance(Duration::from_secs(30));
        assert_eq!(clock.now(), Timestamp(1_030));
        clock.step(-600);
        assert_eq!(clock.now(), Timestamp(430));
        clock.step(600);
        clock.drift(-500);
        clock.advance(Duration::from_secs(10));
        assert_eq!(clock.now(), Timestamp(1_035));
    }
}
