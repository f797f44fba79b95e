//! `run --group guard`: what every attack on the door costs and gains, measured, each beside the bound that the policy states.
//!
//! Where numbers are large the attacks run on the rules themselves, with plain tables for a store ([`town`]); a few of each run through
//! HTTP, the store and a token ([`door`]), and against a server on the network ([`sockets`]). The model check ([`model`]) tries every
//! interleaving that matters.

mod chance;
pub mod door;
mod measure;
pub mod model;
pub mod pressure;
pub mod rush;
pub mod sockets;
pub mod spray;
mod takeover;
pub mod town;

pub use measure::{Bound, Measure};

use crate::drivers::DriverError;
use crate::drivers::in_process::Premises;
use crate::vectors::Vectors;
use sekisho_core::tenant::TenantPolicy;
use std::sync::{Arc, OnceLock};

/// One attack, or several that share their ground.
pub type Attack = fn(&Ground) -> Result<Vec<Measure>, DriverError>;

/// Every attack of the group by its name, in the order of the report.
pub const ATTACKS: [(&str, Attack); 13] = [
    ("model", model::check),
    ("spray.month", spray::month),
    ("sources", pressure::thousand_sources),
    ("botnet", pressure::botnet),
    ("stolen-password", pressure::stolen_password),
    ("flood.table", pressure::flood),
    ("company", rush::company),
    ("flood.hashing", rush::flood),
    ("door.crowd", door::crowd::attack),
    ("door.relative", door::relative::attack),
    ("door.strangers", door::strangers::attack),
    ("door.telling", door::telling::attack),
    ("sockets", sockets::attack),
];

/// Sockets that are opened and left, unless told otherwise: more than half of what the server takes.
const SOCKETS: usize = 5000;

/// What the attacks are run on.
pub struct Ground<'a> {
    /// The societies' policies, and the flows.
    pub vectors: &'a Vectors,
    /// What chance is drawn from.
    pub seed: u64,
    /// How many sockets are opened and left.
    pub sockets: usize,
    /// Made when first asked for: most attacks need no token.
    premises: OnceLock<Arc<Premises>>,
}

impl<'a> Ground<'a> {
    /// For these vectors and this seed, with as many sockets as a report needs.
    pub fn new(vectors: &'a Vectors, seed: u64) -> Self {
        Self { vectors, seed, sockets: SOCKETS, premises: OnceLock::new() }
    }

    /// What all appliances of the group share. To be asked for before anything else is done in the process (see [`Premises::new`]).
    ///
    /// # Errors
    /// SoftHSM is not installed, or the temporary folder cannot be written.
    pub fn premises(&self) -> Result<&Arc<Premises>, DriverError> {
        if let Some(premises) = self.premises.get() {
            return Ok(premises);
        }
        let made = Premises::new(&door::PROFILES.map(str::to_owned), self.seed)?;
        Ok(self.premises.get_or_init(|| made))
    }

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
    ground.premises()?;
    let mut measures = Vec::new();
    for (_, attack) in ATTACKS {
        for measure in attack(ground)? {
            seen(&measure);
            measures.push(measure);
        }
    }
    Ok(measures)
}
