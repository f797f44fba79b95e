//! When to look into which outbox: a thread that sleeps until a society has something to send.

use crate::mail::outbox::{Outbox, SEATS};
use crate::society::Society;
use core::time::Duration;
use sekisho_core::id::SocietyName;
use sekisho_core::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// How long the thread sleeps at most before it asks the clock again.
const PULSE: Duration = Duration::from_secs(5);

/// Every society is looked at this often even if nobody called, so that no letter depends on a call. In seconds.
const SWEEP: u64 = 600;

/// Letters under way at a time: enough that a commit of the disk serves several, and fewer than a relay minds.
const LANES: usize = 8;

/// The thread that sends letters. Ends when dropped, after the letters in hand.
pub struct Worker {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

/// Calls the worker; one for everybody who commits letters.
#[derive(Clone)]
pub struct Waker(Arc<Bell>);

impl Worker {
    /// Starts the thread. It begins with every society, because letters may be left from before.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn spawn(outbox: Outbox, societies: Vec<Arc<Society>>) -> std::io::Result<Self> {
        let bell = Arc::new(Bell::default());
        let heard = Arc::clone(&bell);
        let outbox = outbox.with_lanes(LANES);
        let thread = std::thread::Builder::new().name("letters".to_owned()).spawn(move || work(&outbox, &societies, &heard))?;
        Ok(Self { bell, thread: Some(thread) })
    }

    /// For those who commit letters.
    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.bell))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.bell.ring(|calls| calls.stop = true);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported by its own hook; there is nothing to add.
            drop(thread.join());
        }
    }
}

impl Waker {
    /// Letters of `society` have been committed. Returns at once; calls while the worker is busy become one.
    pub fn wake(&self, society: &SocietyName) {
        self.0.ring(|calls| {
            calls.societies.insert(society.clone());
        });
    }
}

fn work(outbox: &Outbox, societies: &[Arc<Society>], bell: &Bell) {
    let societies: BTreeMap<&SocietyName, &Arc<Society>> = societies.iter().map(|society| (&society.name, society)).collect();
    let mut agenda = Agenda::default();
    for name in societies.keys() {
        agenda.add(Timestamp(0), name);
    }
    let mut busy = true;
    while let Some(called) = bell.wait(if busy { Duration::ZERO } else { PULSE }) {
        let now = outbox.world().clock.now();
        for name in &called {
            agenda.add(now, name);
        }
        busy = false;
        let due: Vec<&Society> = agenda.due(now).iter().filter_map(|name| societies.get(name)).map(|society| society.as_ref()).collect();
        for some in due.chunks(SEATS) {
            if bell.stopped() {
                return;
            }
            for (society, turn) in some.iter().zip(outbox.round(some, now, &|| bell.stopped())) {
                busy |= turn.more;
                let more = turn.more.then_some(now);
                for when in turn.again.into_iter().chain(more).chain([next_sweep(now)]) {
                    agenda.add(when, &society.name);
                }
            }
        }
    }
}

/// The sweep after `now`; on a fixed grid, so that many looks at one society do not become many sweeps.
fn next_sweep(now: Timestamp) -> Timestamp {
    Timestamp((now.0 / SWEEP).saturating_add(1).saturating_mul(SWEEP))
}

/// Which society is to be looked at when.
#[derive(Default)]
struct Agenda(BTreeSet<(Timestamp, SocietyName)>);

impl Agenda {
    fn add(&mut self, when: Timestamp, society: &SocietyName) {
        self.0.insert((when, society.clone()));
    }

    /// Takes out what is due at `now`, each society once.
    fn due(&mut self, now: Timestamp) -> BTreeSet<SocietyName> {
        let mut due = BTreeSet::new();
        while self.0.first().is_some_and(|(when, _)| *when <= now) {
            due.extend(self.0.pop_first().map(|(_, society)| society));
        }
        due
    }
}

/// What the worker is called with.
#[derive(Default)]
struct Bell {
    calls: Mutex<Calls>,
    rung: Condvar,
}

#[derive(Default)]
struct Calls {
    societies: BTreeSet<SocietyName>,
    stop: bool,
}

impl Bell {
    fn ring(&self, change: impl FnOnce(&mut Calls)) {
        change(&mut self.lock());
        self.rung.notify_one();
    }

    /// Waits for a call, at most `patience`. The societies called for; `None` means stop.
    fn wait(&self, patience: Duration) -> Option<BTreeSet<SocietyName>> {
        let idle = |calls: &mut Calls| !calls.stop && calls.societies.is_empty();
        let (mut calls, _) = self.rung.wait_timeout_while(self.lock(), patience, idle).unwrap_or_else(PoisonError::into_inner);
        (!calls.stop).then(|| std::mem::take(&mut calls.societies))
    }

    fn stopped(&self) -> bool {
        self.lock().stop
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        // Nothing is done under the lock that could leave the two fields half changed.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
