//! Sends what is due, at least once (design law 7).
//!
//! The order is the law: open the row, commit when its link will end, derive the link, send, remove the row. A crash anywhere
//! leaves the row, and the letter goes again with the same Message-ID.

use crate::mail::carry::{Desk, Errand};
use crate::mail::letters::{Letters, Text};
use crate::ports::{Fault, MailError, OutboxRow, Outgoing, World};
use crate::records::open_letter;
use crate::society::Society;
use core::time::Duration;
use sekisho_core::letter::Letter;
use sekisho_core::time::Timestamp;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Letters of one society in one round; then the next societies have their turn.
const TURN: usize = 32;

/// Societies in one round. Together with [`TURN`] it bounds what lies in memory, and how long a stop has to wait.
pub(super) const SEATS: usize = 8;

/// So many "later" in a row end a society's turn: it is the relay, and not one recipient.
const RELAY_IS_DOWN: u32 = 2;

/// How long a society rests after a fault or a turn that was cut short.
const REST: Duration = Duration::from_secs(60);

/// Where a row waits that can never be sent, until staff look at it.
const PARKED: Timestamp = Timestamp(u64::MAX);

/// Sends letters. One outbox for all societies: two at work on one society would send letters twice.
pub struct Outbox {
    world: World,
    letters: Letters,
    lanes: usize,
}

/// What came of one society's turn.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Letters that the relay has taken.
    pub sent: usize,
    /// More is due now.
    pub more: bool,
    /// Later instants at which something will be due.
    pub again: Vec<Timestamp>,
}

impl Outbox {
    /// An outbox over `world` that sends one letter after another, in a fixed order.
    ///
    /// # Errors
    /// The texts that are built in are broken.
    pub fn new(world: World) -> Result<Self, String> {
        Ok(Self { world, letters: Letters::load()?, lanes: 1 })
    }

    /// The same, with up to `lanes` letters under way at a time. Their commits share the disk's, and the relay's answers are waited
    /// for together.
    #[must_use]
    pub fn with_lanes(self, lanes: usize) -> Self {
        Self { lanes: lanes.max(1), ..self }
    }

    /// The outside it works with.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Sends everything that is due at `now`, the societies taking turns. Returns how many letters the relay took.
    pub fn run_once(&self, societies: &[Arc<Society>], now: Timestamp) -> usize {
        let mut sent = 0;
        let mut waiting: Vec<&Society> = societies.iter().map(Arc::as_ref).collect();
        while !waiting.is_empty() {
            let mut more = Vec::new();
            for some in waiting.chunks(SEATS) {
                for (society, turn) in some.iter().zip(self.round(some, now, &|| false)) {
                    sent += turn.sent;
                    more.extend(turn.more.then_some(*society));
                }
            }
            waiting = more;
        }
        sent
    }

    /// One society's turn at `now`; see [`Self::round`].
    pub fn turn(&self, society: &Society, now: Timestamp) -> Turn {
        self.round(&[society], now, &|| false).pop().unwrap_or_default()
    }

    /// One turn for each of `societies` at `now` (or at the instant before which no clock is believed, design law 8), their letters
    /// mixed. When `stopped` says so, the letters in hand are finished and no other is begun.
    pub fn round(&self, societies: &[&Society], now: Timestamp, stopped: &(dyn Fn() -> bool + Sync)) -> Vec<Turn> {
        let seats: Vec<Seat> = societies.iter().map(|society| Seat::new(society, now)).collect();
        let due: Vec<VecDeque<OutboxRow>> = seats.iter().map(|seat| self.due(seat)).collect();
        let letters = mixed(&seats, due);
        let helpers = self.lanes.min(letters.len()).saturating_sub(1);
        let letters = Mutex::new(letters);
        let next = || lock(&letters).pop_front().filter(|_| !stopped());
        let lane = || {
            while let Some((seat, row)) = next() {
                self.serve(seat, row);
            }
        };
        thread::scope(|scope| {
            for _ in 0..helpers {
                // Without the thread the other lanes do its work.
                drop(thread::Builder::new().name("letters-lane".to_owned()).spawn_scoped(scope, lane));
            }
            lane();
        });
        seats.into_iter().map(Seat::leave).collect()
    }

    fn due(&self, seat: &Seat) -> VecDeque<OutboxRow> {
        let name = &seat.society.name;
        let found = self.world.store.floor(name).and_then(|floor| self.world.store.due_letters(name, seat.asked.max(floor), TURN));
        match found {
            Ok(due) => {
                lock(&seat.state).turn.more = due.len() == TURN;
                due.into()
            }
            Err(fault) => {
                seat.cut_by(&fault);
                VecDeque::new()
            }
        }
    }

    /// One letter of a society whose turn was not cut short meanwhile.
    fn serve(&self, seat: &Seat, row: OutboxRow) {
        if lock(&seat.state).cut {
            return;
        }
        match self.deliver(seat, row) {
            Ok(delivered) => seat.note(&delivered),
            Err(fault) => seat.cut_by(&fault),
        }
    }

    fn deliver(&self, seat: &Seat, mut row: OutboxRow) -> Result<Delivered, Fault> {
        let society = seat.society;
        // A round may take a while, and what a letter carries is measured from its own sending.
        let now = seat.asked.max(self.world.now(&society.name)?);
        let letter = match open_letter(self.world.vault.as_ref(), &society.name, &row) {
            Err(Fault::Damaged(why)) => return self.park(society, row, &why),
            opened => opened?,
        };
        let carried = match (Desk { world: &self.world, society, now }).carry(letter.kind, &mut row) {
            Ok(Errand::Send(carried)) => carried,
            Ok(Errand::Drop(why)) => return self.drop_letter(society, &row, &letter, why),
            Ok(Errand::Silence) => return self.remove(society, &row, Delivered::Aside),
            Err(Fault::Damaged(why)) => return self.park(society, row, &why),
            Err(fault) => return Err(fault),
        };
        match self.letters.compose(&letter, &society.face, row.since, &carried) {
            Ok(text) => self.hand_over(society, row, &letter, text, now),
            Err(why) => self.park(society, row, &why),
        }
    }

    fn drop_letter(&self, society: &Society, row: &OutboxRow, letter: &Letter, why: &str) -> Result<Delivered, Fault> {
        tracing::info!(society = %society.name, letter = %hex(row.id), kind = letter.kind.id(), why, "this letter is of no use any more; it is removed");
        self.remove(society, row, Delivered::Aside)
    }

    fn remove(&self, society: &Society, row: &OutboxRow, delivered: Delivered) -> Result<Delivered, Fault> {
        self.world.store.put_letter(&society.name, row.id, None)?;
        Ok(delivered)
    }

    fn hand_over(&self, society: &Society, row: OutboxRow, letter: &Letter, text: Text, now: Timestamp) -> Result<Delivered, Fault> {
        let outgoing = Outgoing {
            society,
            to: &letter.to,
            language: letter.language,
            date: now,
            subject: text.subject,
            body: text.body,
            message_id: message_id(society, row.id),
        };
        let (kind, id) = (letter.kind.id(), hex(row.id));
        // lettre panics at a header that it cannot write; one such letter must not end the post of every society.
        let Ok(answer) = catch_unwind(AssertUnwindSafe(|| self.world.mailer.send(&outgoing))) else {
            return self.park(society, row, "the mailer panicked at it");
        };
        match answer {
            Ok(()) => self.remove(society, &row, Delivered::Sent),
            Err(MailError::Never(why)) => {
                tracing::warn!(society = %society.name, letter = %id, kind, why, "the relay will never take this letter; it is removed");
                self.remove(society, &row, Delivered::Refused)
            }
            Err(MailError::Later(why)) => {
                let failures = row.failures.saturating_add(1);
                let not_before = now.after(back_off(failures));
                tracing::warn!(society = %society.name, letter = %id, kind, why, failures, "the relay did not take this letter; it is tried again");
                self.world.store.put_letter(&society.name, row.id, Some(OutboxRow { failures, not_before, ..row }))?;
                Ok(Delivered::Later(not_before))
            }
        }
    }

    /// Sets a row aside that can never be sent. It stays for staff to look at, and stands in nobody's way.
    fn park(&self, society: &Society, row: OutboxRow, why: &str) -> Result<Delivered, Fault> {
        tracing::error!(society = %society.name, letter = %hex(row.id), why, "this letter can never be sent; it is set aside");
        self.world.store.put_letter(&society.name, row.id, Some(OutboxRow { not_before: PARKED, ..row }))?;
        Ok(Delivered::Aside)
    }
}

/// How long to wait after so many failures in a row: 1, 2, 5, 15, 30 minutes, then every hour.
pub fn back_off(failures: u32) -> Duration {
    let minutes = match failures {
        0 | 1 => 1,
        2 => 2,
        3 => 5,
        4 => 15,
        5 => 30,
        _ => 60,
    };
    Duration::from_secs(minutes * 60)
}

/// A society in a round.
struct Seat<'a> {
    society: &'a Society,
    /// When the round was asked for.
    asked: Timestamp,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    turn: Turn,
    /// "Later" in a row.
    laters: u32,
    /// No other letter of this turn is begun.
    cut: bool,
}

impl<'a> Seat<'a> {
    fn new(society: &'a Society, asked: Timestamp) -> Self {
        Self { society, asked, state: Mutex::default() }
    }

    fn note(&self, delivered: &Delivered) {
        let mut state = lock(&self.state);
        match delivered {
            Delivered::Sent => {
                state.turn.sent += 1;
                state.laters = 0;
            }
            Delivered::Refused => state.laters = 0,
            Delivered::Aside => {}
            Delivered::Later(when) => {
                state.turn.again.push(*when);
                state.laters += 1;
            }
        }
        if state.laters == RELAY_IS_DOWN {
            state.cut(self.asked);
        }
    }

    fn cut_by(&self, fault: &Fault) {
        let mut state = lock(&self.state);
        if !state.cut {
            tracing::warn!(society = %self.society.name, %fault, "letters wait: the fault has to be mended first");
        }
        state.cut(self.asked);
    }

    fn leave(self) -> Turn {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).turn
    }
}

impl State {
    fn cut(&mut self, now: Timestamp) {
        if !self.cut {
            self.turn.again.push(now.after(REST));
        }
        self.turn.more = false;
        self.cut = true;
    }
}

/// The first letter of each society, then the second of each, and so on: nobody waits for a society with many.
fn mixed<'a>(seats: &'a [Seat<'a>], mut due: Vec<VecDeque<OutboxRow>>) -> VecDeque<(&'a Seat<'a>, OutboxRow)> {
    let mut letters = VecDeque::new();
    for _ in 0..TURN {
        letters.extend(seats.iter().zip(&mut due).filter_map(|(seat, rows)| Some((seat, rows.pop_front()?))));
    }
    letters
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is done under these locks that could leave them half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What became of a letter.
enum Delivered {
    /// The relay took it.
    Sent,
    /// The relay works, and will never take it.
    Refused,
    /// The relay was not asked, and the letter stands in nobody's way.
    Aside,
    /// To be tried again.
    Later(Timestamp),
}

/// The same for every try of one row, so that a mail program can tell a repeated letter.
fn message_id(society: &Society, id: u64) -> String {
    let domain = society.mail_from.rsplit_once('@').map_or(society.host.as_str(), |(_, domain)| domain);
    format!("<{}.{}@{domain}>", hex(id), society.name)
}

fn hex(id: u64) -> String {
    format!("{id:016x}")
}
