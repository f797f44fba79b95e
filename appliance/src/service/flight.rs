//! Single flight: guesses at one account, one factor and in one lane are judged one after another (design law 2), and so is what an account
//! asks for, or many at once would all find room in the budget.

use crate::ports::CounterKey;
use sekisho_core::command::Command;
use sekisho_core::guard::{Asking, Guessable};
use sekisho_core::id::{BrowserId, SocietyName};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What is being judged at this moment.
#[derive(Default)]
pub(super) struct Flights(Mutex<BTreeMap<Flight, bool>>);

type Flight = (SocietyName, Who, Option<[u8; 32]>, What);

/// What is judged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// A guess.
    Guess(Guessable),
    /// Whether there is room in a budget.
    Ask(Asking),
}

impl What {
    /// Of a form; `None`: it waits for nobody.
    pub(super) fn of(command: &Command) -> Option<Self> {
        command.guesses().map(Self::Guess).or(command.asks().map(Self::Ask))
    }
}

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
    /// `sprays`: whether what is guessed at may be a first password, which the spray brake counts.
    pub(super) fn board(
        &self,
        society: &SocietyName,
        key: CounterKey,
        lane: Option<BrowserId>,
        what: What,
        sprays: bool,
    ) -> Option<Boarded<'_>> {
        let who = match key {
            CounterKey::Member(id) => Who::Member(id.0),
            CounterKey::Nobody(index) => Who::Nobody(index.0),
        };
        // Only passwords have lanes: everything behind them is counted in one place.
        let lane = lane.filter(|_| what == PASSWORD).map(|id| id.0);
        let flight = (society.clone(), who, lane, what);
        // A set of keys has no half-done state, so one that a panic left behind is as good as any.
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let free = !flights.contains_key(&flight);
        if free {
            flights.insert(flight.clone(), sprays);
        }
        drop(flights);
        // Not `then_some`: it would make the place first and drop it when it is taken, which gives away the place of whoever has it.
        free.then(|| Boarded { flights: self, flight })
    }
}

impl Boarded<'_> {
    /// How many other first passwords of strangers are being judged in the same society. To be asked before anything is loaded: whoever
    /// is not in the air any more has been counted by then.
    pub(super) fn sprays_beside(&self) -> u32 {
        let flights = self.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        let others = flights.iter().filter(|(flight, sprays)| **sprays && flight.0 == self.flight.0 && **flight != self.flight);
        let strangers = others.filter(|((_, _, lane, what), _)| lane.is_none() && *what == PASSWORD);
        u32::try_from(strangers.count()).unwrap_or(u32::MAX)
    }
}

const PASSWORD: What = What::Guess(Guessable::Password);

impl Drop for Boarded<'_> {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.flight);
    }
}
