//! One thread for each open file, the only one that writes to it.
//!
//! It drains a bounded queue into one transaction (group commit): what waited while the last commit was on its way to the disk
//! shares the next one. Each item is checked against the transaction's present state before anything of it is written, so an item
//! that is refused leaves nothing and its neighbours do not notice. Nobody is answered before the commit is durable (design law 1).

use super::apply::{Work, apply};
use super::error::{Refused, StoreError, fault};
use super::schema::Tables;
use crate::ports::{CommitError, Fault};
use redb::Database;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

/// Durable transactions and the items in them, since the process started.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) commits: AtomicU64,
    pub(super) batches: AtomicU64,
}

/// Why a file is not used any more.
pub(super) enum Failure {
    /// The transaction did not get as far as its commit, so what is on the disk is known: open it again.
    Reopen,
    /// A commit failed, or the disk is full. Whether the commit is on the disk is unknown, and a second try may lie: a kernel
    /// reports a failed sync once, and then takes the lost pages for written.
    Shut(String),
}

impl Failure {
    fn before_commit(error: &StoreError) -> Self {
        match error {
            StoreError::Engine(redb::Error::Io(io)) if io.kind() == ErrorKind::StorageFull => Self::Shut(error.to_string()),
            _ => Self::Reopen,
        }
    }
}

struct Job {
    work: Work,
    answer: SyncSender<Result<u64, CommitError>>,
}

/// The way to a file's writer. Dropping it lets the writer finish what is queued, and waits for that.
pub(super) struct Writer {
    name: String,
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    failure: Arc<OnceLock<Failure>>,
}

impl Writer {
    /// Starts the thread. `queue` items may wait, `group` items share a transaction.
    pub(super) fn start(name: String, db: Arc<Database>, tally: Arc<Tally>, queue: usize, group: usize) -> Result<Self, StoreError> {
        let (sender, jobs) = sync_channel(queue);
        let failure = Arc::new(OnceLock::new());
        let room = Room { name: name.clone(), db, tally, failure: failure.clone() };
        let thread = std::thread::Builder::new().name(format!("store {name}"));
        let thread = thread.spawn(move || room.run(&jobs, group)).map_err(StoreError::Thread)?;
        Ok(Self { name, queue: Some(sender), thread: Some(thread), failure })
    }

    /// Queues `work` and waits until it is durable.
    pub(super) fn submit(&self, work: Work) -> Result<u64, CommitError> {
        let (answer, answered) = sync_channel(1);
        let queue = self.queue.as_ref().ok_or_else(|| self.gone())?;
        queue.try_send(Job { work, answer }).map_err(|error| match error {
            TrySendError::Full(_) => Fault::Busy("the store's queue is full"),
            TrySendError::Disconnected(_) => self.gone(),
        })?;
        answered.recv().unwrap_or_else(|_| Err(self.gone().into()))
    }

    /// Whether and why the file is not used any more.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.failure.get()
    }

    /// Takes the file out of use; the first reason stands.
    pub(super) fn fail(&self, failure: Failure) {
        let _first_stands = self.failure.set(failure);
    }

    /// The thread has ended, which only a failure makes it do.
    fn gone(&self) -> Fault {
        self.fail(Failure::Reopen);
        fault(&self.name, &StoreError::Reopening)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _a_panic_was_reported_by_the_thread = thread.join();
        }
    }
}

/// What the thread works with.
struct Room {
    name: String,
    db: Arc<Database>,
    tally: Arc<Tally>,
    failure: Arc<OnceLock<Failure>>,
}

impl Room {
    fn run(&self, jobs: &Receiver<Job>, group: usize) {
        while let Ok(first) = jobs.recv() {
            let (works, answers): (Vec<_>, Vec<_>) =
                std::iter::once(first).chain(jobs.try_iter().take(group.saturating_sub(1))).map(|job| (job.work, job.answer)).unzip();
            match self.transact(works) {
                Ok(outcomes) => {
                    for (answer, outcome) in answers.iter().zip(outcomes) {
                        tell(answer, outcome.map_err(|refused| refused.for_file(&self.name)));
                    }
                }
                Err(failure) => return self.end(failure, &answers, jobs),
            }
        }
    }

    /// One transaction. When nothing of it was applied there is nothing to commit.
    fn transact(&self, works: Vec<Work>) -> Result<Vec<Result<u64, Refused>>, (Failure, StoreError)> {
        let early = |error| (Failure::before_commit(&error), error);
        let txn = self.db.begin_write().map_err(|error| early(error.into()))?;
        let outcomes = apply_all(&txn, works).map_err(early)?;
        let applied = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        if applied == 0 {
            txn.abort().map_err(|error| early(error.into()))?;
            return Ok(outcomes);
        }
        // The default durability (one sync, checksummed pages) is enough: rows hold MACs, random numbers and sealed bytes, so nobody
        // outside can choose the page contents that a second sync would guard against. Checked by the power-cut test.
        txn.commit().map_err(|error| {
            let error = StoreError::from(error);
            (Failure::Shut(error.to_string()), error)
        })?;
        self.tally.commits.fetch_add(1, Ordering::Relaxed);
        self.tally.batches.fetch_add(u64::try_from(applied).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(outcomes)
    }

    /// Answers everybody that it did not work, and takes the file out of use first, so that nobody queues behind.
    fn end(&self, (failure, error): (Failure, StoreError), answers: &[SyncSender<Result<u64, CommitError>>], jobs: &Receiver<Job>) {
        let _first_stands = self.failure.set(failure);
        let waiting: Vec<_> = jobs.try_iter().map(|job| job.answer).collect();
        for answer in answers.iter().chain(&waiting) {
            tell(answer, Err(fault(&self.name, &error).into()));
        }
    }
}

fn apply_all(txn: &redb::WriteTransaction, works: Vec<Work>) -> Result<Vec<Result<u64, Refused>>, StoreError> {
    let mut tables = Tables::open(txn)?;
    works.into_iter().map(|work| apply(&mut tables, work)).collect()
}

fn tell(answer: &SyncSender<Result<u64, CommitError>>, outcome: Result<u64, CommitError>) {
    let _nobody_waits_any_more = answer.send(outcome);
}
