//! What is kept, on redb: one file for each society, with its own writer, backup and end.
//!
//! A request reads in one transaction ([`read`]) and writes in one ([`apply`]), which it shares with whoever else was waiting
//! ([`writer`]). Nothing here knows what a row means: blobs arrive sealed, counters move by the core's arithmetic.
//!
//! - [`schema`]: the tables. [`codec`]: values as bytes. [`files`]: where the bytes lie. [`seats`]: which files are open.
//! - After a failed commit, or on a full disk, a society stays shut until the process is started again (design law 5): nobody knows what of it is on the
//!   disk. After any other error its file is opened again at the next use.

mod acts;
mod apply;
mod codec;
mod error;
mod files;
mod import;
mod lanes;
mod outbox;
mod read;
mod schema;
mod seats;
mod writer;

pub use error::StoreError;
pub use files::{Backends, Files};
pub use lanes::Names;

use crate::ports::{
    AuditRow, Batch, Brake, CommitError, CounterKey, Fault, Found, Key, KnownBrowser, MemberRows, NewMember, OutboxRow, PublishedTerms,
    RequestRow, SocietyRoots, StaffBatch, Store, StoreNumbers, Unique,
};
use apply::Work;
use error::fault;
use redb::Database;
use ring::digest::{SHA256, digest};
use seats::{Seats, SocietyFile};
use sekisho_core::id::{BlindIndex, BrowserId, BrowserKey, MemberId, SessionKey, SocietyName};
use sekisho_core::lane::Strangers;
use sekisho_core::session::Session;
use sekisho_core::source::Prefix;
use sekisho_core::time::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How much a store may use.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Files open at a time; passed only while all of them are in use.
    pub open_files: usize,
    /// Bytes of cache, all files together.
    pub cache_bytes: usize,
    /// Items that may wait for one file's writer; one more is [`Fault::Busy`].
    pub queue: usize,
    /// Items that share a transaction, at most.
    pub group: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { open_files: 256, cache_bytes: 32 << 20, queue: 1024, group: 256 }
    }
}

/// Members removed in one transaction when an import is given up: log-ins wait for no more than that.
const REMOVED_AT_ONCE: usize = 1_000;

/// [`Store`] on redb. Dropping it writes what is queued and closes the files.
pub struct RedbStore {
    seats: Seats,
}

impl RedbStore {
    /// The store in `dir`, which is made if it is not there and refused if others may look into it. Opens no society's file.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Ok(Self::with(Box::new(Files::new(dir.into())?), Options::default()))
    }

    /// The store over other bytes, or with other bounds.
    pub fn with(backends: Box<dyn Backends>, options: Options) -> Self {
        Self { seats: Seats::new(backends, options) }
    }

    fn file(&self, society: &SocietyName) -> Result<Arc<SocietyFile>, Fault> {
        let file = self.seats.file(society, false).and_then(|file| file.ok_or(StoreError::Missing));
        file.map_err(|error| fault(society.as_str(), &error))
    }

    fn read<T>(&self, society: &SocietyName, question: impl FnOnce(&Database) -> Result<T, StoreError>) -> Result<T, Fault> {
        answer(society, &*self.file(society)?, question)
    }

    fn write(&self, society: &SocietyName, work: Work) -> Result<u64, CommitError> {
        self.file(society)?.writer.submit(work)
    }

    /// For work that nothing can conflict with.
    fn put(&self, society: &SocietyName, work: Work) -> Result<u64, Fault> {
        self.write(society, work).map_err(unrefused)
    }
}

fn answer<T>(society: &SocietyName, file: &SocietyFile, question: impl FnOnce(&Database) -> Result<T, StoreError>) -> Result<T, Fault> {
    question(&file.db).map_err(|error| {
        file.read_failed(&error);
        fault(society.as_str(), &error)
    })
}

fn unrefused(error: CommitError) -> Fault {
    match error {
        CommitError::Fault(fault) => fault,
        refused => Fault::Store(refused.to_string()),
    }
}

impl Store for RedbStore {
    fn create(&self, society: &SocietyName, roots: &SocietyRoots) -> Result<(), Fault> {
        let file = self.seats.file(society, true).and_then(|file| file.ok_or(StoreError::Missing));
        let file = file.map_err(|error| fault(society.as_str(), &error))?;
        file.writer.submit(Work::Create(roots.clone())).map(drop).map_err(unrefused)
    }

    fn roots(&self, society: &SocietyName) -> Result<Option<SocietyRoots>, Fault> {
        match self.seats.file(society, false) {
            Ok(Some(file)) => answer(society, &file, read::roots),
            Ok(None) => Ok(None),
            Err(error) => Err(fault(society.as_str(), &error)),
        }
    }

    fn load(&self, society: &SocietyName, key: Key) -> Result<Found, Fault> {
        self.read(society, |db| read::load(db, key))
    }

    fn commit(&self, society: &SocietyName, batch: Batch) -> Result<(), CommitError> {
        self.write(society, Work::Commit(Box::new(batch))).map(drop)
    }

    fn due_letters(&self, society: &SocietyName, now: Timestamp, limit: usize) -> Result<Vec<OutboxRow>, Fault> {
        self.read(society, |db| outbox::due(db, now, limit))
    }

    fn browser(&self, society: &SocietyName, key: BrowserKey) -> Result<Option<(BrowserId, KnownBrowser)>, Fault> {
        self.read(society, |db| read::browser(db, key))
    }

    fn sessions(&self, society: &SocietyName, member: MemberId) -> Result<Vec<(SessionKey, Session)>, Fault> {
        self.read(society, |db| read::sessions(db, member))
    }

    fn delayed_letter(&self, society: &SocietyName, member: MemberId) -> Result<Option<OutboxRow>, Fault> {
        self.read(society, |db| outbox::delayed(db, member))
    }

    fn put_letter(&self, society: &SocietyName, id: u64, row: Option<OutboxRow>) -> Result<(), Fault> {
        self.put(society, Work::PutLetter(id, row)).map(drop)
    }

    fn find_card(&self, society: &SocietyName, card: BlindIndex) -> Result<Option<MemberRows>, Fault> {
        self.read(society, |db| read::find_card(db, card))
    }

    fn taken(&self, society: &SocietyName, unique: Unique, indexes: &[BlindIndex]) -> Result<Vec<usize>, Fault> {
        self.read(society, |db| read::taken(db, unique, indexes))
    }

    fn import(&self, society: &SocietyName, import: u64, members: Vec<NewMember>) -> Result<(), CommitError> {
        self.write(society, Work::Import(import, members)).map(drop)
    }

    fn finish_import(&self, society: &SocietyName, import: u64, audit: AuditRow) -> Result<(), Fault> {
        self.put(society, Work::FinishImport(import, audit)).map(drop)
    }

    fn abandon_import(&self, society: &SocietyName) -> Result<u64, Fault> {
        self.put(society, Work::AbandonImports)?;
        let gone = self.read(society, import::gone)?;
        let mut removed = 0;
        for some in gone.chunks(REMOVED_AT_ONCE) {
            removed += self.put(society, Work::RemoveMembers(some.to_vec()))?;
        }
        self.put(society, Work::ForgetImports)?;
        Ok(removed)
    }

    fn act(&self, society: &SocietyName, act: StaffBatch) -> Result<(), CommitError> {
        self.write(society, Work::Act(Box::new(act))).map(drop)
    }

    fn requests(&self, society: &SocietyName) -> Result<Vec<RequestRow>, Fault> {
        self.read(society, acts::requests)
    }

    fn terms(&self, society: &SocietyName) -> Result<Vec<PublishedTerms>, Fault> {
        self.read(society, acts::terms)
    }

    fn strangers(&self, society: &SocietyName, key: CounterKey, from: Option<Prefix>) -> Result<Strangers, Fault> {
        self.read(society, |db| lanes::strangers(db, key, from))
    }

    fn brake(&self, society: &SocietyName) -> Result<Brake, Fault> {
        self.read(society, read::brake)
    }

    fn audit_tail(&self, society: &SocietyName, limit: usize) -> Result<Vec<AuditRow>, Fault> {
        self.read(society, |db| read::audit_tail(db, limit))
    }

    fn floor(&self, society: &SocietyName) -> Result<Timestamp, Fault> {
        self.read(society, read::floor)
    }

    /// A file that is closed stays closed: its floor moves again when somebody needs it.
    fn tick(&self, society: &SocietyName, now: Timestamp, sessions_before: Timestamp, browsers_before: Timestamp) -> Result<(), Fault> {
        let file = self.seats.open_file(society).map_err(|error| fault(society.as_str(), &error))?;
        let Some(file) = file else { return Ok(()) };
        if answer(society, &file, read::floor)? < now {
            file.writer.submit(Work::RaiseFloor(now)).map_err(unrefused)?;
        }
        let over = answer(society, &file, |db| read::sessions_over(db, sessions_before))?;
        if !over.is_empty() {
            file.writer.submit(Work::EndSessions(over, sessions_before)).map_err(unrefused)?;
        }
        // Somewhere else each minute: ids are as good as random, and so is the hash of a minute.
        let from = digest(&SHA256, &now.0.to_be_bytes()).as_ref().first_chunk().copied().unwrap_or_default();
        let over = answer(society, &file, |db| read::browsers_over(db, BrowserId(from), browsers_before))?;
        if !over.is_empty() {
            file.writer.submit(Work::ForgetBrowsers(over, browsers_before)).map_err(unrefused)?;
        }
        Ok(())
    }

    fn numbers(&self, society: &SocietyName) -> Result<StoreNumbers, Fault> {
        let members = self.read(society, import::visible_members)?;
        let tally = &self.seats.seat(society).tally;
        let (commits, batches) = (tally.commits.load(Ordering::Relaxed), tally.batches.load(Ordering::Relaxed));
        Ok(StoreNumbers { members, commits, batches })
    }
}
