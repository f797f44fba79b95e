//! What the database of an appliance in process has of somebody: no page shows it.

use super::DriverError;
use super::in_process::Appliance;
use sekisho::ports::{CounterKey, Key, MemberRows};
use sekisho::records::index_user_id;
use sekisho_core::account::Counters;
use sekisho_core::audit::Event;
use sekisho_core::source::Source;
use sekisho_core::user_id::UserId;

/// Newest rows of the audit log that are read.
const ROWS: usize = 10_000;

impl Appliance {
    /// What there is of the member with this ID; `None`: it is nobody's.
    pub fn rows(&self, profile: &str, user_id: &str) -> Result<Option<MemberRows>, DriverError> {
        let society = self.society(profile)?;
        let index = index_user_id(society.keys(self.world()).map_err(internal)?, &UserId::typed(user_id));
        Ok(self.world().store.load(&society.name, Key::UserId(index)).map_err(internal)?.member)
    }

    /// Failures at this ID, somebody's or nobody's, as a stranger's try from `source` finds them.
    pub fn counters(&self, profile: &str, user_id: &str, source: Source) -> Result<Counters, DriverError> {
        let society = self.society(profile)?;
        let index = index_user_id(society.keys(self.world()).map_err(internal)?, &UserId::typed(user_id));
        let (key, counters) = match self.rows(profile, user_id)? {
            Some(rows) => (CounterKey::Member(rows.id), rows.counters),
            None => (CounterKey::Nobody(index), Counters::default()),
        };
        let strangers = self.world().store.strangers(&society.name, key, Some(source.wide())).map_err(internal)?;
        Ok(counters.among(&strangers, &society.policy().limits))
    }

    /// What each full log-in so far was worth (`acr`), oldest first.
    pub fn log_ins(&self, profile: &str) -> Result<Vec<String>, DriverError> {
        let rows = self.world().store.audit_tail(&self.society(profile)?.name, ROWS).map_err(internal)?;
        let full = rows.into_iter().filter(|row| row.event == Event::LoginCompleted.id());
        Ok(full.map(|row| row.note.unwrap_or_default()).collect())
    }
}

fn internal(error: impl ToString) -> DriverError {
    DriverError::Internal(error.to_string())
}
