//! Sends what is due, at least once (design law 7).
//!
//! The order is the law: open the row, commit when its link will end, derive the link, send, remove the row. A crash anywhere
//! leaves the row, and the letter goes again with the same Message-ID.

use crate::mail::letters::{Letters, Link, Text};
use crate::ports::{Fault, MailError, OutboxRow, Outgoing, World};
use crate::records::open_letter;
use crate::society::Society;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core::time::Duration;
use sekisho_core::command::EmailLink;
use sekisho_core::letter::{Letter, LetterKind};
use sekisho_core::secret::Secret;
use sekisho_core::time::Timestamp;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Letters of one society in one turn; then the next society has its turn.
const TURN: usize = 16;

/// So many "later" in a row end a society's turn: it is the relay, and not one recipient.
const RELAY_IS_DOWN: u32 = 2;

/// How long a society rests after a fault or a turn that was cut short.
const REST: Duration = Duration::from_secs(60);

/// Where a row waits that can never be sent, until staff look at it.
const PARKED: Timestamp = Timestamp(u64::MAX);

/// Sends letters. One at a time: two at work on one society would send letters twice.
pub struct Outbox {
    world: World,
    letters: Letters,
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
    /// An outbox over `world`.
    ///
    /// # Errors
    /// The texts that are built in are broken.
    pub fn new(world: World) -> Result<Self, String> {
        Ok(Self { world, letters: Letters::load()? })
    }

    /// The outside it works with.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Sends everything that is due at `now`, the societies taking turns. Returns how many letters the relay took.
    pub fn run_once(&self, societies: &[Arc<Society>], now: Timestamp) -> usize {
        let mut sent = 0;
        let mut waiting: Vec<&Arc<Society>> = societies.iter().collect();
        while !waiting.is_empty() {
            waiting.retain(|society| {
                let turn = self.turn(society, now);
                sent += turn.sent;
                turn.more
            });
        }
        sent
    }

    /// One society's turn at `now` (or at the instant before which no clock is believed, design law 8).
    pub fn turn(&self, society: &Society, now: Timestamp) -> Turn {
        let mut turn = Turn::default();
        if let Err(fault) = self.try_turn(society, now, &mut turn) {
            tracing::warn!(society = %society.name, %fault, "letters wait: the fault has to be mended first");
            turn.again.push(now.after(REST));
            turn.more = false;
        }
        turn
    }

    fn try_turn(&self, society: &Society, now: Timestamp, turn: &mut Turn) -> Result<(), Fault> {
        let now = now.max(self.world.store.floor(&society.name)?);
        let due = self.world.store.due_letters(&society.name, now, TURN)?;
        turn.more = due.len() == TURN;
        let mut refused = 0;
        for row in due {
            match self.deliver(society, row, now)? {
                Delivered::Sent => {
                    turn.sent += 1;
                    refused = 0;
                }
                Delivered::GivenUp => refused = 0,
                Delivered::Later(when) => {
                    turn.again.push(when);
                    refused += 1;
                }
            }
            if refused == RELAY_IS_DOWN {
                turn.again.push(now.after(REST));
                turn.more = false;
                break;
            }
        }
        Ok(())
    }

    fn deliver(&self, society: &Society, row: OutboxRow, now: Timestamp) -> Result<Delivered, Fault> {
        let letter = match open_letter(self.world.vault.as_ref(), &society.name, &row) {
            Err(Fault::Damaged(why)) => return self.park(society, row, &why),
            opened => opened?,
        };
        let (row, link) = match letter.kind {
            LetterKind::ConfirmEmail(item) => {
                let (row, link) = self.begin_link(society, EmailLink { member: row.member, item }, row, now)?;
                (row, Some(link))
            }
            LetterKind::FirstLoginFinished | LetterKind::TotpSetUp => (row, None),
        };
        match self.letters.compose(&letter, &society.face, row.since, link.as_ref()) {
            Ok(text) => self.hand_over(society, row, &letter, text, now),
            Err(why) => self.park(society, row, &why),
        }
    }

    /// Commits when the link ends, and only then derives it: whatever has been mailed, the store knew of it.
    fn begin_link(&self, society: &Society, link: EmailLink, row: OutboxRow, now: Timestamp) -> Result<(OutboxRow, Link), Fault> {
        let expires = now.after(society.policy.lifetimes.confirm_link);
        let row = OutboxRow { expires: Some(expires), ..row };
        self.world.store.put_letter(&society.name, row.id, Some(row.clone()))?;
        let token = society.keys(&self.world)?.email_link(link, expires);
        let url = format!("{}/link/email?t={}", society.origin, URL_SAFE_NO_PAD.encode(token));
        Ok((row, Link { url: Secret::new(url), sent: now, expires, waits: society.policy.wait_for_email }))
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
            Ok(()) => {
                self.world.store.put_letter(&society.name, row.id, None)?;
                Ok(Delivered::Sent)
            }
            Err(MailError::Never(why)) => {
                tracing::warn!(society = %society.name, letter = %id, kind, why, "the relay will never take this letter; it is removed");
                self.world.store.put_letter(&society.name, row.id, None)?;
                Ok(Delivered::GivenUp)
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
        Ok(Delivered::GivenUp)
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

enum Delivered {
    Sent,
    GivenUp,
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
