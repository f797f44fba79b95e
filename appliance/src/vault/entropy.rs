//! Random bytes: the operating system's, mixed with the token's generator at start.

use crate::ports::{Entropy, Fault};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use sekisho_core::secret::Secret;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

/// The operating system's generator.
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        SystemRandom::new()
            .fill(bytes)
            .map_err(|_| Fault::Hsm("the operating system's random generator failed; see getrandom(2)".to_owned()))
    }
}

/// Another source, mixed with 32 bytes that the token's generator gave at start.
///
/// Each block of 32 bytes is HMAC-SHA-256 under those bytes of a counter and 32 bytes of the other source: unpredictable as long as one
/// of the two sources is, and never the same twice even where the other source repeats (a copied virtual machine).
pub struct MixedEntropy {
    source: Arc<dyn Entropy>,
    key: hmac::Key,
    blocks: AtomicU64,
}

impl MixedEntropy {
    /// `token` comes from the token's generator: [`super::Pkcs11Vault::random`].
    pub fn new(source: Arc<dyn Entropy>, token: &Secret<[u8; 32]>) -> Self {
        Self { source, key: hmac::Key::new(hmac::HMAC_SHA256, token.expose()), blocks: AtomicU64::new(0) }
    }
}

impl Entropy for MixedEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        for chunk in bytes.chunks_mut(32) {
            let mut input = Zeroizing::new([0; 32]);
            self.source.fill(input.as_mut_slice())?;
            let mut context = hmac::Context::with_key(&self.key);
            context.update(&self.blocks.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            context.update(input.as_slice());
            for (byte, mixed) in chunk.iter_mut().zip(context.sign().as_ref()) {
                *byte = *mixed;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// A source that a copied virtual machine might have: it gives the same bytes again.
    struct Stuck;

    impl Entropy for Stuck {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
            bytes.fill(7);
            Ok(())
        }
    }

    struct Broken;

    impl Entropy for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), Fault> {
            Err(Fault::Hsm("broken".to_owned()))
        }
    }

    fn draw(entropy: &dyn Entropy) -> [u8; 80] {
        let mut bytes = [0; 80];
        entropy.fill(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_source_that_repeats_gives_no_block_twice() {
        let mixed = MixedEntropy::new(Arc::new(Stuck), &Secret::new([1; 32]));
        let blocks: BTreeSet<Vec<u8>> = (0..100).flat_map(|_| draw(&mixed).chunks(16).map(<[u8]>::to_vec).collect::<Vec<_>>()).collect();
        assert_eq!(blocks.len(), 500);
    }

    #[test]
    fn either_source_changes_the_bytes() {
        let one = draw(&MixedEntropy::new(Arc::new(Stuck), &Secret::new([1; 32])));
        assert_ne!(one, draw(&MixedEntropy::new(Arc::new(Stuck), &Secret::new([2; 32]))));
        assert_ne!(one, draw(&MixedEntropy::new(Arc::new(OsEntropy), &Secret::new([1; 32]))));
    }

    #[test]
    fn a_source_that_fails_fails_the_mix() {
        let mut bytes = [0; 8];
        assert!(MixedEntropy::new(Arc::new(Broken), &Secret::new([1; 32])).fill(&mut bytes).is_err());
        assert_eq!(bytes, [0; 8]);
    }
}
