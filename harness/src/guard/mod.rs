//! `run --group guard`: what every attack on the door costs and gains, measured, each beside the bound that the policy states.
//!
//! Where numbers are large the attacks run on the rules themselves, with plain tables for a store ([`town`]); a few of each run through
//! HTTP, the store and a token ([`door`]), and against a process on the network ([`sockets`]). The model check ([`model`]) tries every
//! interleaving that matters.

mod measure;

pub use measure::{Bound, Measure};

use crate::drivers::DriverError;
use crate::vectors::Vectors;

/// One attack, or several that share their ground.
type Attack = fn(&Ground) -> Result<Vec<Measure>, DriverError>;

/// Every attack of the group, in the order of the report.
const ATTACKS: [Attack; 0] = [];

/// What the attacks are run on.
pub struct Ground<'a> {
    /// The societies' policies, and the flows.
    pub vectors: &'a Vectors,
    /// What chance is drawn from.
    pub seed: u64,
}

/// Runs every attack. `seen` is given each measure as it comes.
///
/// # Errors
/// Something that the attacks stand on is missing or broken: no verdict.
pub fn run(ground: &Ground, seen: &mut dyn FnMut(&Measure)) -> Result<Vec<Measure>, DriverError> {
    let mut measures = Vec::new();
    for attack in ATTACKS {
        for measure in attack(ground)? {
            seen(&measure);
            measures.push(measure);
        }
    }
    Ok(measures)
}
