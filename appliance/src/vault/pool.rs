//! Worker threads, each with one session, behind a bounded queue. What a session is, the pool does not know.
//!
//! A caller never waits longer than two deadlines: one for its turn, one for the token. A worker that does not come back from
//! the token is given up and replaced; when as many are lost as the pool is wide, nothing is accepted until one returns.

use super::trouble::{Outcome, Trouble};
use crate::ports::Fault;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The pool. Dropping it ends and awaits the workers that are not lost.
pub(super) struct Pool<S> {
    jobs: Option<SyncSender<Job<S>>>,
    shared: Arc<Shared<S>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    deadline: Duration,
}

/// Opens a session.
type Connect<S> = Box<dyn Fn() -> Outcome<S> + Send + Sync>;

struct Shared<S> {
    connect: Connect<S>,
    queue: Mutex<Receiver<Job<S>>>,
    /// How many workers there should be.
    width: usize,
    /// How many have not come back from the token.
    lost: AtomicUsize,
}

/// Runs on the worker's session, or on the reason why there is none, and tells whether the session may be used again.
type Run<S> = Box<dyn FnOnce(Outcome<&S>) -> bool + Send>;

struct Job<S> {
    ticket: Arc<Ticket>,
    run: Run<S>,
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

impl<S: 'static> Pool<S> {
    /// Starts `workers` threads (at least one) with room for `queue` waiting jobs (at least one).
    pub(super) fn start(connect: Connect<S>, workers: usize, queue: usize, deadline: Duration) -> std::io::Result<Self> {
        let width = workers.max(1);
        let (jobs, waiting) = mpsc::sync_channel(queue.max(1));
        let shared = Arc::new(Shared { connect, queue: Mutex::new(waiting), width, lost: AtomicUsize::new(0) });
        let threads = (0..width).map(|_| spawn(&shared)).collect::<Result<_, _>>()?;
        Ok(Self { jobs: Some(jobs), shared, threads: Mutex::new(threads), deadline })
    }

    /// Runs `work` on one worker's session. [`Fault::Busy`] when it was not begun.
    pub(super) fn run<T: Send + 'static>(&self, work: impl FnOnce(&S) -> Outcome<T> + Send + 'static) -> Outcome<T> {
        self.ready()?;
        let (answer, outcome) = mpsc::sync_channel(1);
        let ticket = Arc::new(Ticket(AtomicU8::new(WAITING)));
        let done = Arc::clone(&ticket);
        let run = Box::new(move |session: Outcome<&S>| {
            let result = session.and_then(work);
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

impl<S> Drop for Pool<S> {
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

fn spawn<S: 'static>(shared: &Arc<Shared<S>>) -> std::io::Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    std::thread::Builder::new().name("hsm".to_owned()).spawn(move || shared.work())
}

impl<S> Shared<S> {
    fn work(&self) {
        let mut kept = None;
        loop {
            let job = self.queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(job) = job else { return };
            if !job.ticket.moves(WAITING, BEGUN) {
                continue;
            }
            kept = match kept.take().map_or_else(|| (self.connect)(), Ok) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use cryptoki::context::Function;
    use cryptoki::error::{Error, RvError};
    use std::sync::mpsc::{Sender, channel};

    const SHORT: Duration = Duration::from_millis(200);
    const LONG: Duration = Duration::from_secs(60);

    /// A pool whose sessions are numbers: how many were opened before.
    fn counting(workers: usize, queue: usize, deadline: Duration) -> Pool<usize> {
        let opened = AtomicUsize::new(0);
        Pool::start(Box::new(move || Ok(opened.fetch_add(1, Ordering::SeqCst))), workers, queue, deadline).unwrap()
    }

    fn sick() -> Trouble {
        Error::Pkcs11(RvError::DeviceError, Function::Sign).into()
    }

    /// Occupies one worker until the sender is dropped.
    fn hang(pool: &Arc<Pool<usize>>) -> (Sender<()>, JoinHandle<Outcome<()>>) {
        let (begun, has_begun) = channel();
        let (release, released) = channel::<()>();
        let pool = Arc::clone(pool);
        let caller = std::thread::spawn(move || {
            pool.run(move |_| {
                begun.send(()).unwrap();
                let _ = released.recv();
                Ok(())
            })
        });
        has_begun.recv().unwrap();
        (release, caller)
    }

    #[test]
    fn a_worker_keeps_its_session_while_its_jobs_go_well() {
        let pool = counting(1, 4, LONG);
        let sessions: Vec<_> = (0..3).map(|_| pool.run(|session| Ok(*session)).unwrap()).collect();
        assert_eq!(sessions, [0, 0, 0]);
    }

    #[test]
    fn an_error_of_the_token_drops_the_session_and_the_next_job_has_a_new_one() {
        let pool = counting(1, 4, LONG);
        assert!(matches!(pool.run::<()>(|_| Err(sick())), Err(Trouble::Pkcs11(_))));
        assert_eq!(pool.run(|session| Ok(*session)).unwrap(), 1);
    }

    #[test]
    fn a_damaged_record_keeps_the_session() {
        let pool = counting(1, 4, LONG);
        let damaged = || Trouble::from(Fault::Damaged(String::new()));
        assert!(pool.run::<()>(move |_| Err(damaged())).is_err());
        assert_eq!(pool.run(|session| Ok(*session)).unwrap(), 0);
    }

    #[test]
    fn a_token_that_opens_no_session_is_a_fault_until_it_does() {
        let tries = AtomicUsize::new(0);
        let connect = move || if tries.fetch_add(1, Ordering::SeqCst) == 0 { Err(sick()) } else { Ok(()) };
        let pool: Pool<()> = Pool::start(Box::new(connect), 1, 4, LONG).unwrap();
        assert!(matches!(pool.run(|()| Ok(())), Err(Trouble::Pkcs11(_))));
        assert!(pool.run(|()| Ok(())).is_ok());
    }

    #[test]
    fn a_full_queue_is_busy_at_once_and_nothing_of_it_is_lost() {
        let pool = Arc::new(counting(1, 1, LONG));
        let (release, caller) = hang(&pool);
        let waiting = Job { ticket: Arc::new(Ticket(AtomicU8::new(WAITING))), run: Box::new(|_| true) };
        assert!(pool.jobs.as_ref().unwrap().try_send(waiting).is_ok(), "one place in the queue");
        assert!(matches!(pool.run(|_| Ok(())), Err(Trouble::Fault(Fault::Busy(_)))));
        drop(release);
        assert!(caller.join().unwrap().is_ok());
        assert!(pool.run(|_| Ok(())).is_ok());
    }

    #[test]
    fn a_job_that_is_not_begun_in_time_is_busy_and_is_never_begun() {
        let pool = Arc::new(counting(1, 4, SHORT));
        let (block, blocked) = channel::<()>();
        let (begun, has_begun) = channel();
        let ticket = Arc::new(Ticket(AtomicU8::new(WAITING)));
        let run = Box::new(move |_: Outcome<&usize>| {
            begun.send(()).unwrap();
            let _ = blocked.recv();
            true
        });
        // Nobody waits for this one, so that nobody gives it up.
        assert!(pool.jobs.as_ref().unwrap().try_send(Job { ticket, run }).is_ok());
        has_begun.recv().unwrap();
        let ran = Arc::new(AtomicUsize::new(0));
        let run = Arc::clone(&ran);
        let late = pool.run(move |_| {
            run.fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
        assert!(matches!(late, Err(Trouble::Fault(Fault::Busy(_)))));
        drop(block);
        assert!(pool.run(|_| Ok(())).is_ok());
        assert_eq!(ran.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_worker_that_hangs_is_a_fault_and_is_replaced() {
        let pool = Arc::new(counting(2, 4, SHORT));
        let (release, caller) = hang(&pool);
        assert!(matches!(caller.join().unwrap(), Err(Trouble::Fault(Fault::Hsm(text))) if text.contains("did not answer")));
        assert!(pool.ready().is_ok(), "one of two is lost");
        assert!(pool.run(|_| Ok(())).is_ok());
        drop(release);
    }

    #[test]
    fn as_many_hung_workers_as_the_pool_is_wide_refuse_all_work_until_one_returns() {
        let pool = Arc::new(counting(1, 4, SHORT));
        let (release, caller) = hang(&pool);
        assert!(caller.join().unwrap().is_err());
        assert!(matches!(pool.ready(), Err(Fault::Hsm(_))));
        assert!(matches!(pool.run(|_| Ok(())), Err(Trouble::Fault(Fault::Hsm(_)))));
        drop(release);
        while pool.ready().is_err() {
            std::thread::yield_now();
        }
        assert!(pool.run(|_| Ok(())).is_ok());
    }

    #[test]
    fn a_worker_that_dies_is_a_fault_and_is_replaced() {
        let pool = counting(2, 4, LONG);
        let died = pool.run::<()>(|_| std::panic::resume_unwind(Box::new(())));
        assert!(matches!(died, Err(Trouble::Fault(Fault::Hsm(text))) if text.contains("died")));
        assert!(pool.run(|_| Ok(())).is_ok());
    }
}
