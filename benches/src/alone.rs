//! The yardstick: argon2id and nothing else, on all cores.

use crate::AnyError;
use crate::readings::{Cpu, machine_busy};
use sekisho::perform::hasher::Argon2Pool;
use sekisho::ports::{Claim, Hasher};
use sekisho_core::account::HashCost;
use sekisho_core::id::SocietyName;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What one hash costs, and how many there can be.
#[derive(Clone, Copy, Debug)]
pub struct Alone {
    /// Hashes per second on all cores.
    pub rate: f64,
    /// CPU time of one hash.
    pub each: Duration,
    /// The share of the machine that was busy with something else, 0 to 1.
    pub others: f64,
}

/// Hashes for `span` with the appliance's own pool, one thread for each core.
pub fn measure(cost: HashCost, span: Duration) -> Result<Alone, AnyError> {
    let cores = cores();
    let pool = Argon2Pool::new(cores, cores * 2, cost)?;
    let society = SocietyName::try_from("alone".to_owned())?;
    let done = AtomicU64::new(0);
    let before = (Cpu::of(std::process::id())?, machine_busy()?);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        // Twice as many callers as threads, so that no thread ever waits for one.
        for caller in 0..cores * 2 {
            let (pool, done, society) = (&pool, &done, &society);
            scope.spawn(move || {
                let salt = [caller as u8; 16];
                let claim = Claim { society, known: true };
                while begun.elapsed() < span && pool.hash(claim, b"a password of usual length", &salt, cost).is_ok() {
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let elapsed = begun.elapsed();
    let cpu = Cpu::of(std::process::id())?.since(&before.0);
    let others = machine_busy()?.saturating_sub(before.1).saturating_sub(cpu.total);
    let hashes = done.into_inner().max(1);
    Ok(Alone {
        rate: hashes as f64 / elapsed.as_secs_f64(),
        each: cpu.argon2().div_f64(hashes as f64),
        others: others.as_secs_f64() / (elapsed.as_secs_f64() * cores as f64),
    })
}

/// Cores of this machine.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
