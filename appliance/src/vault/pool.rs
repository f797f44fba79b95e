//! Worker threads, each with one session, behind a bounded queue.
//!
//! A caller never waits longer than two deadlines: one for its turn, one for the token. A worker that does not come back from
//! the token is given up and replaced; when as many are lost as the pool is wide, nothing is accepted until one returns.

use super::token::{Conn, Token};
use super::trouble::{Outcome, Trouble};
use crate::ports::Fault;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The pool. Dropping it ends and awaits the workers that are not lost.
pub(super) struct Pool {
    jobs: Option<SyncSender<Job>>,
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    deadline: Duration,
}

struct Shared {
    token: Token,
    queue: Mutex<Receiver<Job>>,
    /// How many workers there should be.
    width: usize,
    /// How many have not come back from the token.
    lost: AtomicUsize,
}

/// Runs on the worker's session, or on the reason why there is none, and tells whether the session may be used again.
type Run = Box<dyn FnOnce(Outcome<&Conn>) -> bool + Send>;

struct Job {
    ticket: Arc<Ticket>,
    run: Run,
}

/// Where a job stands: worker and caller settle by compare-and-swap which of them goes on.
struct Ticket(AtomicU8);

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const DONE: u8 = 2;
const GIVEN_UP: u8 = 3;

impl Ticket {
    fn moves(&self, from: u8, to: u8) -> bool {
        self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

impl Pool {
    /// Starts `workers` threads (at least one) with room for `queue` waiting jobs.
    pub(super) fn start(token: Token, workers: usize, queue: usize, deadline: Duration) -> std::io::Result<Self> {
        let width = workers.max(1);
        let (jobs, waiting) = mpsc::sync_channel(queue);
        let shared = Arc::new(Shared { token, queue: Mutex::new(waiting), width, lost: AtomicUsize::new(0) });
        let threads = (0..width).map(|_| spawn(&shared)).collect::<Result<_, _>>()?;
        Ok(Self { jobs: Some(jobs), shared, threads: Mutex::new(threads), deadline })
    }

    /// Runs `work` on one worker's session. [`Fault::Busy`] when it was not begun.
    pub(super) fn run<T: Send + 'static>(&self, work: impl FnOnce(&Conn) -> Outcome<T> + Send + 'static) -> Outcome<T> {
        self.ready()?;
        let (answer, outcome) = mpsc::sync_channel(1);
        let ticket = Arc::new(Ticket(AtomicU8::new(WAITING)));
        let done = Arc::clone(&ticket);
        let run = Box::new(move |conn: Outcome<&Conn>| {
            let result = conn.and_then(work);
            let healthy = !matches!(result, Err(Trouble::Pkcs11(_)));
            if done.moves(BEGUN, DONE) {
                // The caller waits for it, or has gone away with its thread.
                let _ = answer.send(result);
            }
            healthy
        });
        let job = Job { ticket: Arc::clone(&ticket), run };
        match self.jobs.as_ref().map(|jobs| jobs.try_send(job)) {
            Some(Ok(())) => self.wait(&ticket, &outcome),
            Some(Err(TrySendError::Full(_))) => Err(Fault::Busy("the queue before the HSM is full").into()),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(gone().into()),
        }
    }

    /// Whether jobs are accepted.
    pub(super) fn ready(&self) -> Result<(), Fault> {
        let lost = self.shared.lost.load(Ordering::Acquire);
        if lost < self.shared.width {
            return Ok(());
        }
        Err(Fault::Hsm(format!("{lost} workers have not come back from the token; restart the appliance once the token answers")))
    }

    /// The token the sessions belong to.
    pub(super) fn token(&self) -> &Token {
        &self.shared.token
    }

    fn wait<T>(&self, ticket: &Ticket, outcome: &Receiver<Outcome<T>>) -> Outcome<T> {
        match outcome.recv_timeout(self.deadline) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Disconnected) => return Err(self.replace("a worker died in the PKCS#11 module").into()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if ticket.moves(WAITING, GIVEN_UP) {
            return Err(Fault::Busy("no HSM worker became free in time").into());
        }
        // It was begun, perhaps just now: the token has a deadline of its own.
        match outcome.recv_timeout(self.deadline) {
            Ok(result) => result,
            Err(RecvTimeoutError::Disconnected) => Err(self.replace("a worker died in the PKCS#11 module").into()),
            Err(RecvTimeoutError::Timeout) if ticket.moves(BEGUN, GIVEN_UP) => Err(self.replace("the token did not answer in time").into()),
            // Finished in this very moment: the answer is on its way.
            Err(RecvTimeoutError::Timeout) => outcome.recv().map_err(|_| gone())?,
        }
    }

    fn replace(&self, why: &str) -> Fault {
        let lost = self.shared.lost.fetch_add(1, Ordering::AcqRel) + 1;
        tracing::error!(lost, width = self.shared.width, why, "an HSM worker is replaced");
        match spawn(&self.shared) {
            Ok(thread) => self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread),
            Err(error) => tracing::error!(%error, "no thread for another HSM worker"),
        }
        Fault::Hsm(why.to_owned())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.jobs = None;
        if self.shared.lost.load(Ordering::Acquire) > 0 {
            // Waiting for a thread that hangs in the token would hang the caller too; the process is about to end anyway.
            return;
        }
        for thread in self.threads.get_mut().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = thread.join();
        }
    }
}

fn gone() -> Fault {
    Fault::Hsm("the worker pool is gone".to_owned())
}

fn spawn(shared: &Arc<Shared>) -> std::io::Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    std::thread::Builder::new().name("hsm".to_owned()).spawn(move || shared.work())
}

impl Shared {
    fn work(&self) {
        let mut conn = None;
        loop {
            let job = self.queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(job) = job else { return };
            if !job.ticket.moves(WAITING, BEGUN) {
                continue;
            }
            let opened = conn.take().map_or_else(|| self.token.connect(), Ok);
            conn = match opened {
                // Dropping the session clears whatever operation was left active in it.
                Ok(session) => (job.run)(Ok(&session)).then_some(session),
                Err(trouble) => {
                    (job.run)(Err(trouble));
                    None
                }
            };
            if job.ticket.0.load(Ordering::Acquire) == GIVEN_UP {
                self.lost.fetch_sub(1, Ordering::AcqRel);
                return;
            }
        }
    }
}
