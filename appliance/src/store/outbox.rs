//! Letters that wait to be sent, with an index by when they are due and one of those a member waits for.

use super::codec::encode;
use super::error::{Refused, StoreError};
use super::schema::{DELAYED, DUE, OUTBOX, Tables, row};
use crate::ports::OutboxRow;
use redb::{Database, ReadableDatabase};
use sekisho_core::id::MemberId;
use sekisho_core::time::Timestamp;

/// Writes a letter's row back, or removes it.
pub(super) fn put(tables: &mut Tables, id: u64, letter: Option<OutboxRow>) -> Result<u64, Refused> {
    remove(tables, id)?;
    if let Some(letter) = letter {
        insert(tables, &OutboxRow { id, ..letter })?;
    }
    Ok(0)
}

/// Removes a letter, if it is there.
pub(super) fn remove(tables: &mut Tables, id: u64) -> Result<(), StoreError> {
    let old: Option<OutboxRow> = row(&tables.outbox, id)?;
    if let Some(old) = old {
        tables.outbox.remove(id)?;
        tables.due.remove((old.not_before.0, id))?;
        tables.delayed.remove((&old.member.0, old.since.0, id))?;
    }
    Ok(())
}

/// Adds a letter whose number is free.
pub(super) fn insert(tables: &mut Tables, letter: &OutboxRow) -> Result<(), StoreError> {
    tables.outbox.insert(letter.id, encode(letter)?.as_slice())?;
    tables.due.insert((letter.not_before.0, letter.id), ())?;
    if letter.failures > 0 {
        tables.delayed.insert((&letter.member.0, letter.since.0, letter.id), ())?;
    }
    Ok(())
}

/// See [`crate::ports::Store::due_letters`].
pub(super) fn due(db: &Database, now: Timestamp, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
    let txn = db.begin_read()?;
    let (due, outbox) = (txn.open_table(DUE)?, txn.open_table(OUTBOX)?);
    let mut letters = Vec::new();
    for entry in due.range(..=(now.0, u64::MAX))?.take(limit) {
        letters.extend(row(&outbox, entry?.0.value().1)?);
    }
    Ok(letters)
}

/// See [`crate::ports::Store::delayed_letter`].
pub(super) fn delayed(db: &Database, member: MemberId) -> Result<Option<OutboxRow>, StoreError> {
    let txn = db.begin_read()?;
    let (delayed, outbox) = (txn.open_table(DELAYED)?, txn.open_table(OUTBOX)?);
    let mut waiting = delayed.range((&member.0, u64::MIN, u64::MIN)..=(&member.0, u64::MAX, u64::MAX))?;
    let Some(longest) = waiting.next() else { return Ok(None) };
    let id = longest?.0.value().2;
    row(&outbox, id)
}
