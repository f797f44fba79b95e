//! A vault under a watch.

use super::watch::Watch;
use sekisho::ports::{Binding, Fault, PepperCheck, Vault};
use sekisho_core::account::WrappedSeed;
use sekisho_core::secret::Secret;
use sekisho_core::time::TimeStep;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A vault, and who looks at it. Calls are named after their method, and what they are about.
pub struct WatchedVault {
    inner: Arc<dyn Vault>,
    watch: Arc<Watch>,
}

impl WatchedVault {
    /// `inner` under `watch`.
    pub fn new(inner: Arc<dyn Vault>, watch: Arc<Watch>) -> Self {
        Self { inner, watch }
    }
}

impl Vault for WatchedVault {
    fn seal(&self, binding: &Binding, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        self.watch.call(format!("seal {}", binding.record))?;
        self.inner.seal(binding, plain)
    }

    fn open(&self, binding: &Binding, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        self.watch.call(format!("open {}", binding.record))?;
        self.inner.open(binding, sealed)
    }

    fn pepper(&self, input: &[u8]) -> Result<(u32, [u8; 32]), Fault> {
        self.watch.call("pepper".to_owned())?;
        self.inner.pepper(input)
    }

    fn pepper_matches(&self, checks: [PepperCheck; 2]) -> Result<[bool; 2], Fault> {
        self.watch.call("pepper matches".to_owned())?;
        self.inner.pepper_matches(checks)
    }

    fn wrap_seed(&self, seed: &Secret<[u8; 20]>, steps: &[TimeStep]) -> Result<(WrappedSeed, Vec<u32>), Fault> {
        self.watch.call("wrap seed".to_owned())?;
        self.inner.wrap_seed(seed, steps)
    }

    fn totp(&self, seed: &WrappedSeed, steps: &[TimeStep]) -> Result<Vec<u32>, Fault> {
        self.watch.call("totp".to_owned())?;
        self.inner.totp(seed, steps)
    }

    fn ready(&self) -> Result<(), Fault> {
        self.watch.call("ready".to_owned())?;
        self.inner.ready()
    }

    fn calls(&self) -> u64 {
        self.inner.calls()
    }
}
