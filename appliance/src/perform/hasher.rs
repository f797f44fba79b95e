//! argon2id on a fixed pool: one thread a core, each keeping its memory, behind a bounded queue (design §6).

use crate::ports::{Fault, Hasher};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use sekisho_core::account::HashCost;
use sekisho_core::secret::Secret;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use zeroize::Zeroizing;

/// The pool. Dropping it lets the threads finish what they have and end.
pub struct Argon2Pool {
    queue: SyncSender<Job>,
    cost: HashCost,
}

struct Job {
    password: Zeroizing<Vec<u8>>,
    salt: [u8; 16],
    cost: HashCost,
    reply: SyncSender<Result<Secret<[u8; 32]>, Fault>>,
}

impl Argon2Pool {
    /// `threads` hashing threads and room for `waiting` more hashes; beyond that [`Fault::Busy`] at once, because a wait that
    /// is longer than a second serves nobody. `cost` is what new hashes get.
    pub fn new(threads: usize, waiting: usize, cost: HashCost) -> Result<Self, Fault> {
        let (queue, jobs) = sync_channel(waiting);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..threads.max(1) {
            let jobs = Arc::clone(&jobs);
            let name = format!("argon2-{number}");
            let started = thread::Builder::new().name(name).spawn(move || work(&jobs));
            started.map_err(|_| Fault::Busy("no thread for hashing could be started"))?;
        }
        Ok(Self { queue, cost })
    }
}

impl Hasher for Argon2Pool {
    fn cost(&self) -> HashCost {
        self.cost
    }

    fn hash(&self, password: &[u8], salt: &[u8; 16], cost: HashCost) -> Result<Secret<[u8; 32]>, Fault> {
        let (reply, answer) = sync_channel(1);
        let job = Job { password: Zeroizing::new(password.to_vec()), salt: *salt, cost, reply };
        self.queue.try_send(job).map_err(|_| Fault::Busy("the hashing queue is full"))?;
        answer.recv().map_err(|_| Fault::Busy("a hashing thread ended"))?
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    let mut memory = Vec::new();
    loop {
        // The lock is held while waiting for a job and let go before the hash: the others wait for the next one meanwhile.
        let Ok(job) = jobs.lock().map_or(Err(std::sync::mpsc::RecvError), |jobs| jobs.recv()) else { return };
        // A caller that is gone has lost its interest, not its hash: nothing to do about a failed send.
        let _ = job.reply.send(argon2id(&job.password, &job.salt, job.cost, &mut memory));
    }
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
