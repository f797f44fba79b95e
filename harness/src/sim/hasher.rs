//! argon2id under a watch.

use super::watch::Watch;
use sekisho::ports::{Claim, Fault, Hasher};
use sekisho_core::account::HashCost;
use sekisho_core::secret::Secret;
use std::sync::Arc;

/// A hasher, and who looks at it.
pub struct WatchedHasher {
    inner: Arc<dyn Hasher>,
    watch: Arc<Watch>,
}

impl WatchedHasher {
    /// `inner` under `watch`.
    pub fn new(inner: Arc<dyn Hasher>, watch: Arc<Watch>) -> Self {
        Self { inner, watch }
    }
}

impl Hasher for WatchedHasher {
    fn cost(&self) -> HashCost {
        self.inner.cost()
    }

    fn hash(&self, claim: Claim<'_>, password: &[u8], salt: &[u8; 16], cost: HashCost) -> Result<Secret<[u8; 32]>, Fault> {
        self.watch.call(format!("hash {cost:?} known={}", claim.known))?;
        self.inner.hash(claim, password, salt, cost)
    }
}
