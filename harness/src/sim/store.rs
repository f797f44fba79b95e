//! A store under a watch.

use super::watch::Watch;
use sekisho::ports::{
    AuditRow, Batch, Brake, CommitError, CounterKey, Fault, Found, Key, KnownBrowser, MemberRows, NewMember, OutboxRow, PublishedTerms,
    RequestRow, SocietyRoots, StaffBatch, Store, StoreNumbers, Unique,
};
use sekisho_core::id::{BlindIndex, BrowserId, BrowserKey, MemberId, SessionKey, SocietyName};
use sekisho_core::lane::Strangers;
use sekisho_core::session::Session;
use sekisho_core::source::Prefix;
use sekisho_core::time::Timestamp;
use std::sync::Arc;

/// A store, and who looks at it. Calls are named after their method, and what they are about.
pub struct WatchedStore {
    inner: Arc<dyn Store>,
    watch: Arc<Watch>,
}

impl WatchedStore {
    /// `inner` under `watch`.
    pub fn new(inner: Arc<dyn Store>, watch: Arc<Watch>) -> Self {
        Self { inner, watch }
    }

    fn call(&self, name: &str) -> Result<(), Fault> {
        self.watch.call(name.to_owned())
    }
}

impl Store for WatchedStore {
    fn create(&self, society: &SocietyName, roots: &SocietyRoots) -> Result<(), Fault> {
        self.call("create")?;
        self.inner.create(society, roots)
    }

    fn roots(&self, society: &SocietyName) -> Result<Option<SocietyRoots>, Fault> {
        self.call("roots")?;
        self.inner.roots(society)
    }

    fn load(&self, society: &SocietyName, key: Key) -> Result<Found, Fault> {
        self.call(match key {
            Key::UserId(_) => "load by user ID",
            Key::Session(_) => "load by session",
            Key::Member(_) => "load by member",
            Key::Reminder(_) => "load by reminder",
        })?;
        self.inner.load(society, key)
    }

    fn commit(&self, society: &SocietyName, batch: Batch) -> Result<(), CommitError> {
        let counts = batch.counts.as_ref().map_or(&[][..], |counted| &counted.counts);
        let lane = batch.lane.as_ref().map_or(&[][..], |(_, _, counts, _)| counts);
        let Batch { member, sprayed, remember, session_from, session_to, outbox, audit, .. } = &batch;
        self.watch.call(format!(
            "commit: counts {counts:?}, lane {lane:?}, member {}, brake {}, browser {}, session {} to {}, {} letters, {} events",
            member.is_some(),
            sprayed.is_some(),
            remember.is_some(),
            session_from.is_some(),
            session_to.is_some(),
            outbox.len(),
            audit.len()
        ))?;
        if self.watch.conflicts() { Err(CommitError::Conflict) } else { self.inner.commit(society, batch) }
    }

    fn browser(&self, society: &SocietyName, key: BrowserKey) -> Result<Option<(BrowserId, KnownBrowser)>, Fault> {
        self.call("known browser")?;
        self.inner.browser(society, key)
    }

    fn sessions(&self, society: &SocietyName, member: MemberId) -> Result<Vec<(SessionKey, Session)>, Fault> {
        self.call("sessions")?;
        self.inner.sessions(society, member)
    }

    fn due_letters(&self, society: &SocietyName, now: Timestamp, limit: usize) -> Result<Vec<OutboxRow>, Fault> {
        self.call("due letters")?;
        self.inner.due_letters(society, now, limit)
    }

    fn delayed_letter(&self, society: &SocietyName, member: MemberId) -> Result<Option<OutboxRow>, Fault> {
        self.call("delayed letter")?;
        self.inner.delayed_letter(society, member)
    }

    fn put_letter(&self, society: &SocietyName, id: u64, row: Option<OutboxRow>) -> Result<(), Fault> {
        self.call("put letter")?;
        self.inner.put_letter(society, id, row)
    }

    fn find_card(&self, society: &SocietyName, card: BlindIndex) -> Result<Option<MemberRows>, Fault> {
        self.call("find card")?;
        self.inner.find_card(society, card)
    }

    fn taken(&self, society: &SocietyName, unique: Unique, indexes: &[BlindIndex]) -> Result<Vec<usize>, Fault> {
        self.call("taken")?;
        self.inner.taken(society, unique, indexes)
    }

    fn import(&self, society: &SocietyName, import: u64, members: Vec<NewMember>) -> Result<(), CommitError> {
        self.call("import")?;
        self.inner.import(society, import, members)
    }

    fn finish_import(&self, society: &SocietyName, import: u64, audit: AuditRow) -> Result<(), Fault> {
        self.call("finish import")?;
        self.inner.finish_import(society, import, audit)
    }

    fn abandon_import(&self, society: &SocietyName) -> Result<u64, Fault> {
        self.call("abandon import")?;
        self.inner.abandon_import(society)
    }

    fn act(&self, society: &SocietyName, act: StaffBatch) -> Result<(), CommitError> {
        self.call("act")?;
        if self.watch.conflicts() { Err(CommitError::Conflict) } else { self.inner.act(society, act) }
    }

    fn requests(&self, society: &SocietyName) -> Result<Vec<RequestRow>, Fault> {
        self.call("requests")?;
        self.inner.requests(society)
    }

    fn terms(&self, society: &SocietyName) -> Result<Vec<PublishedTerms>, Fault> {
        self.call("terms")?;
        self.inner.terms(society)
    }

    fn strangers(&self, society: &SocietyName, key: CounterKey, from: Option<Prefix>) -> Result<Strangers, Fault> {
        self.call("strangers")?;
        self.inner.strangers(society, key, from)
    }

    fn brake(&self, society: &SocietyName) -> Result<Brake, Fault> {
        self.call("brake")?;
        self.inner.brake(society)
    }

    fn audit_tail(&self, society: &SocietyName, limit: usize) -> Result<Vec<AuditRow>, Fault> {
        self.call("audit tail")?;
        self.inner.audit_tail(society, limit)
    }

    fn floor(&self, society: &SocietyName) -> Result<Timestamp, Fault> {
        self.call("floor")?;
        self.inner.floor(society)
    }

    fn tick(&self, society: &SocietyName, now: Timestamp, sessions_before: Timestamp, browsers_before: Timestamp) -> Result<(), Fault> {
        self.call("tick")?;
        self.inner.tick(society, now, sessions_before, browsers_before)
    }

    /// Not noted, and never fails: it is how a test counts.
    fn numbers(&self, society: &SocietyName) -> Result<StoreNumbers, Fault> {
        self.inner.numbers(society)
    }
}
