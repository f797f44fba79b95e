//! Values as bytes: one format byte, then postcard.
//!
//! The byte is the promise that a later layout can be told from this one. A row that a newer sekisho wrote is refused, not guessed at.

use super::error::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The newest format this build reads, and the one it writes.
pub(super) const FORMAT: u8 = 1;

/// `value` as the store keeps it.
pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_extend(value, vec![FORMAT]).map_err(StoreError::Encode)
}

/// Reads [`encode`] back. `table` is for the operator.
pub(super) fn decode<T: DeserializeOwned>(table: &str, bytes: &[u8]) -> Result<T, StoreError> {
    let damaged = |reason| StoreError::Damaged { table: table.to_owned(), reason };
    let (format, payload) = bytes.split_first().ok_or(damaged("empty"))?;
    check_format(table, *format)?;
    match postcard::take_from_bytes(payload) {
        Ok((value, [])) => Ok(value),
        Ok(_) => Err(damaged("too long")),
        Err(_) => Err(damaged("not what this table holds")),
    }
}

/// Refuses formats that this build does not read.
pub(super) fn check_format(table: &str, found: u8) -> Result<(), StoreError> {
    match found {
        FORMAT => Ok(()),
        0 => Err(StoreError::Damaged { table: table.to_owned(), reason: "format 0" }),
        _ => Err(StoreError::Newer { table: table.to_owned(), found, known: FORMAT }),
    }
}
