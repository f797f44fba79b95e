//! Single flight: guesses at one account, one factor and in one lane are judged one after another (design law 2).

use crate::ports::CounterKey;
use sekisho_core::guard::Guessable;
use sekisho_core::id::{BrowserKey, SocietyName};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// What is being judged at this moment.
#[derive(Default)]
pub(super) struct Flights(Mutex<BTreeSet<Flight>>);

type Flight = (SocietyName, Who, Option<[u8; 32]>, Guessable);

/// [`CounterKey`] with an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Member([u8; 16]),
    Nobody([u8; 16]),
}

/// A place in the air; given back on drop.
pub(super) struct Boarded<'a> {
    flights: &'a Flights,
    flight: Flight,
}

impl Flights {
    /// A place, or `None` when another try is being judged: this one is then neither judged nor counted.
    pub(super) fn board(&self, society: &SocietyName, key: CounterKey, lane: Option<BrowserKey>, what: Guessable) -> Option<Boarded<'_>> {
        let who = match key {
            CounterKey::Member(id) => Who::Member(id.0),
            CounterKey::Nobody(index) => Who::Nobody(index.0),
        };
        // Only passwords have lanes: everything behind them is counted in one place.
        let lane = lane.filter(|_| what == Guessable::Password).map(|key| key.0);
        let flight = (society.clone(), who, lane, what);
        // A set of keys has no half-done state, so one that a panic left behind is as good as any.
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(flight.clone());
        // Not `then_some`: it would make the place first and drop it when it is taken, which gives away the place of whoever has it.
        free.then(|| Boarded { flights: self, flight })
    }
}

impl Drop for Boarded<'_> {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.flight);
    }
}
