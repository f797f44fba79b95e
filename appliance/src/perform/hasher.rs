//! argon2id on a fixed pool: one thread a core, each keeping its memory, behind a bounded queue with fair shares (design §6).

use super::queue::{Offered, Queue};
use crate::ports::{Claim, Fault, Hasher};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use sekisho_core::account::HashCost;
use sekisho_core::secret::Secret;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use zeroize::Zeroizing;

/// The pool. Dropping it lets the threads finish what they have and what waits, and end.
pub struct Argon2Pool {
    desk: Arc<Desk>,
    cost: HashCost,
}

/// Where jobs wait for a thread.
struct Desk {
    state: Mutex<State>,
    comes: Condvar,
}

struct State {
    queue: Queue<Job>,
    open: bool,
}

struct Job {
    password: Zeroizing<Vec<u8>>,
    salt: [u8; 16],
    cost: HashCost,
    reply: SyncSender<Result<Secret<[u8; 32]>, Fault>>,
}

const FULL: Fault = Fault::Busy("the hashing queue is full");

impl Argon2Pool {
    /// `threads` hashing threads and room for `waiting` more hashes; beyond that [`Fault::Busy`] at once, because a wait that
    /// is longer than a second serves nobody. `cost` is what new hashes get.
    pub fn new(threads: usize, waiting: usize, cost: HashCost) -> Result<Self, Fault> {
        let state = Mutex::new(State { queue: Queue::new(waiting), open: true });
        let pool = Self { desk: Arc::new(Desk { state, comes: Condvar::new() }), cost };
        for number in 0..threads.max(1) {
            let desk = Arc::clone(&pool.desk);
            let name = format!("argon2-{number}");
            let started = thread::Builder::new().name(name).spawn(move || work(&desk));
            started.map_err(|_| Fault::Busy("no thread for hashing could be started"))?;
        }
        Ok(pool)
    }
}

impl Drop for Argon2Pool {
    fn drop(&mut self) {
        self.desk.lock().open = false;
        self.desk.comes.notify_all();
    }
}

impl Hasher for Argon2Pool {
    fn cost(&self) -> HashCost {
        self.cost
    }

    fn hash(&self, claim: Claim<'_>, password: &[u8], salt: &[u8; 16], cost: HashCost) -> Result<Secret<[u8; 32]>, Fault> {
        let (reply, answer) = sync_channel(1);
        let job = Job { password: Zeroizing::new(password.to_vec()), salt: *salt, cost, reply };
        let offered = self.desk.lock().queue.offer(claim.society, claim.known, job);
        match offered {
            Offered::Taken => self.desk.comes.notify_one(),
            // It waits in the place of another one, for which a thread was called already.
            Offered::Displaced(other) => tell(&other, Err(FULL)),
            Offered::Refused(_) => return Err(FULL),
        }
        answer.recv().map_err(|_| Fault::Busy("a hashing thread ended"))?
    }
}

impl Desk {
    /// A queue has no half-done state that a panic could leave: nothing in it calls out.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; `None` when the pool is gone and nothing waits.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            match state.queue.take() {
                Some(job) => return Some(job),
                None if !state.open => return None,
                None => state = self.comes.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

fn work(desk: &Desk) {
    let mut memory = Vec::new();
    while let Some(job) = desk.next() {
        tell(&job, argon2id(&job.password, &job.salt, job.cost, &mut memory));
    }
}

/// A caller that is gone has lost its interest, not its hash: nothing to do about a failed send.
fn tell(job: &Job, result: Result<Secret<[u8; 32]>, Fault>) {
    let _ = job.reply.send(result);
}

/// argon2id, version 0x13, 32 bytes out; `memory` is kept from hash to hash, which saves the page faults of 19 MiB and more.
fn argon2id(password: &[u8], salt: &[u8], cost: HashCost, memory: &mut Vec<Block>) -> Result<Secret<[u8; 32]>, Fault> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32));
    let params = params.map_err(|_| Fault::Damaged("a password hash with an impossible cost".to_owned()))?;
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let mut out = Zeroizing::new([0; 32]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hashed = argon.hash_password_into_with_memory(password, salt, out.as_mut_slice(), memory.as_mut_slice());
    hashed.map_err(|_| Fault::Busy("argon2 refused its input"))?;
    Ok(Secret::new(*out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_core::id::SocietyName;

    const CHEAP: HashCost = HashCost { memory_kib: 8, passes: 1, lanes: 1 };

    #[test]
    fn every_caller_gets_its_own_hash_or_is_told_that_there_was_no_place() {
        let pool = Argon2Pool::new(2, 3, CHEAP).unwrap();
        let names = ["a", "b"].map(|name| SocietyName::try_from(name.to_owned()).unwrap());
        let expected: Vec<Vec<u8>> =
            (0..32u8).map(|caller| argon2id(&[caller], &[caller; 16], CHEAP, &mut Vec::new()).unwrap().expose().to_vec()).collect();
        let served: usize = thread::scope(|scope| {
            let callers = (0..32u8).map(|caller| {
                let (pool, names, expected) = (&pool, &names, &expected);
                scope.spawn(move || {
                    let claim = Claim { society: &names[usize::from(caller % 2)], known: caller % 3 == 0 };
                    match pool.hash(claim, &[caller], &[caller; 16], CHEAP) {
                        Ok(hash) => {
                            assert_eq!(hash.expose().to_vec(), expected[usize::from(caller)]);
                            1
                        }
                        Err(fault) => {
                            assert!(matches!(fault, Fault::Busy(_)), "{fault}");
                            0
                        }
                    }
                })
            });
            callers.collect::<Vec<_>>().into_iter().map(|caller| caller.join().unwrap()).sum()
        });
        assert!(served >= 1);
    }

    #[test]
    fn a_pool_that_is_gone_has_finished_what_waited() {
        // One thread, which is given nothing before everything waits: so all of it is still there when the pool goes.
        let desk = Desk { state: Mutex::new(State { queue: Queue::new(8), open: true }), comes: Condvar::new() };
        let society = SocietyName::try_from("a".to_owned()).unwrap();
        let answers: Vec<_> = (0..4u8)
            .map(|caller| {
                let (reply, answer) = sync_channel(1);
                let job = Job { password: Zeroizing::new(vec![caller]), salt: [0; 16], cost: CHEAP, reply };
                assert!(matches!(desk.lock().queue.offer(&society, false, job), Offered::Taken));
                answer
            })
            .collect();
        desk.lock().open = false;
        work(&desk);
        assert!(answers.into_iter().all(|answer| answer.recv().is_ok_and(|result| result.is_ok())));
    }
}
