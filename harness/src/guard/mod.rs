//! `run --group guard`: what every attack on the door costs and gains, measured, each beside the bound that the policy states.
//!
//! Where numbers are large the attacks run on the rules themselves, with plain tables for a store ([`town`]); a few of each run through
//! HTTP, the store and a token (`door`), and against a process on the network (`sockets`). The model check (`model`) tries every
//! interleaving that matters.

mod chance;
mod measure;
pub mod model;
pub mod pressure;
pub mod rush;
pub mod spray;
mod takeover;
pub mod town;

pub use measure::{Bound, Measure};

use crate::drivers::DriverError;
use crate::vectors::Vectors;
use sekisho_core::tenant::TenantPolicy;

/// One attack, or several that share their ground.
type Attack = fn(&Ground) -> Result<Vec<Measure>, DriverError>;

/// Every attack of the group, in the order of the report.
const ATTACKS: [Attack; 8] = [
    model::check,
    spray::month,
    pressure::thousand_sources,
    pressure::botnet,
    pressure::stolen_password,
    pressure::flood,
    rush::company,
    rush::flood,
];

/// What the attacks are run on.
pub struct Ground<'a> {
    /// The societies' policies, and the flows.
    pub vectors: &'a Vectors,
    /// What chance is drawn from.
    pub seed: u64,
}

impl Ground<'_> {
    /// The policy whose limits are attacked: they are the same for every society.
    ///
    /// # Errors
    /// There is no profile.
    pub fn policy(&self) -> Result<&TenantPolicy, DriverError> {
        self.vectors.profiles.values().next().ok_or_else(|| DriverError::NotSetUp("there is no profile".to_owned()))
    }
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
