//! Credentials records opened a moment ago: one log-in asks for the same record four times, and a network HSM takes
//! milliseconds for each opening.

use crate::ports::SealedRecord;
use sekisho_core::account::Credentials;
use sekisho_core::id::MemberId;
use sekisho_core::time::Timestamp;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many are kept; the oldest goes first.
const ROOM: usize = 128;

/// Seconds for which one is kept.
const SECONDS: u64 = 60;

/// A few records, each found by the very bytes it was opened from: other bytes, and the HSM is asked again.
#[derive(Default)]
pub(super) struct Opened(Mutex<VecDeque<Entry>>);

struct Entry {
    member: MemberId,
    record: SealedRecord,
    credentials: Credentials,
    until: Timestamp,
}

impl Opened {
    /// What `record` of `member` held, if it was opened within the last minute.
    pub(super) fn find(&self, member: MemberId, record: &SealedRecord, now: Timestamp) -> Option<Credentials> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = entries.iter().find(|entry| entry.member == member && entry.record == *record && now < entry.until)?;
        Some(found.credentials.clone())
    }

    /// Keeps what `record` of `member` held: for whom a session has just gone on, and nobody else.
    pub(super) fn keep(&self, member: MemberId, record: SealedRecord, credentials: Credentials, now: Timestamp) {
        self.sweep(now);
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| entry.member != member);
        if entries.len() >= ROOM {
            entries.pop_front();
        }
        entries.push_back(Entry { member, record, credentials, until: Timestamp(now.0.saturating_add(SECONDS)) });
    }

    /// Lets go of what has been kept for long enough.
    pub(super) fn sweep(&self, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|entry| now < entry.until);
    }
}
