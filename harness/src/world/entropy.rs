//! Randomness from a seed: the same seed gives the same run.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sekisho::ports::{Entropy, Fault};
use std::sync::Mutex;

/// ChaCha8 from a seed. For simulations only.
pub struct SimEntropy(Mutex<ChaCha8Rng>);

impl SimEntropy {
    /// The stream that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha8Rng::seed_from_u64(seed)))
    }
}

impl Entropy for SimEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(bytes);
        Ok(())
    }
}

/// Dice for what members are called and what they choose.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice that belong to `seed` and `stream`; streams do not disturb each other.
    pub fn new(seed: u64, stream: &str) -> Self {
        let mut key = [0; 32];
        let input = [&seed.to_be_bytes()[..], stream.as_bytes()].concat();
        key.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, &input).as_ref());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number from 0 up to, not including, `below`. Not fit for secrets of a real system: it favours small numbers a little.
    pub fn below(&mut self, below: u32) -> u32 {
        self.0.next_u32() % below.max(1)
    }

    /// `length` signs out of `alphabet`.
    pub fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        let signs = u32::try_from(alphabet.len()).unwrap_or(u32::MAX);
        (0..length).filter_map(|_| alphabet.get(self.below(signs) as usize)).map(|sign| char::from(*sign)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_one_others() {
        let bytes = |seed| {
            let entropy: &dyn Entropy = &SimEntropy::new(seed);
            entropy.bytes::<32>().unwrap()
        };
        assert_eq!(bytes(7), bytes(7));
        assert_ne!(bytes(7), bytes(8));
    }

    #[test]
    fn streams_of_dice_are_apart() {
        let text = |stream| Dice::new(1, stream).text(b"abcdefgh", 32);
        assert_eq!(text("m"), text("m"));
        assert_ne!(text("m"), text("n"));
    }
}
