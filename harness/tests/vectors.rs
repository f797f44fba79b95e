//! The data itself: the vectors fit together, and the standard vectors hold, in the harness and in the token.

use sekisho::ports::Vault as _;
use sekisho::vault::Pkcs11Vault;
use sekisho_core::otp::SEED_BYTES;
use sekisho_core::secret::Secret;
use sekisho_core::time::TimeStep;
use sekisho_harness::lint::lint;
use sekisho_harness::rfc::{Outcome, check_all};
use sekisho_harness::sim::token::ThrowawayToken;
use sekisho_harness::vectors::Vectors;
use sekisho_harness::world::entropy::SimEntropy;
use std::sync::Arc;

#[test]
fn the_vectors_fit_together() {
    let vectors = Vectors::load(&Vectors::find().expect("the vectors are there")).expect("the vectors are well-formed");
    assert_eq!(lint(&vectors).expect("readable"), Vec::<String>::new());
    assert_eq!(vectors.manuals.len(), 5);
}

#[test]
fn every_standard_vector_holds_or_says_why_it_is_not_tried() {
    let checked = check_all(&Vectors::find().expect("the vectors are there")).expect("readable");
    let wrong: Vec<_> = checked.iter().filter(|vector| matches!(vector.outcome, Outcome::Wrong(_))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let skipped = checked.iter().filter(|vector| matches!(vector.outcome, Outcome::Skipped(_))).count();
    assert_eq!((checked.len() - skipped, skipped), (72, 6));
}

#[test]
fn the_token_computes_the_values_of_rfc_4226_from_a_wrapped_seed() {
    let token = ThrowawayToken::with_keys(&[]).expect("a throw-away token");
    let vault = match Pkcs11Vault::open(&token.config(), Arc::new(SimEntropy::new(1))) {
        Ok(vault) => vault,
        Err(error) => panic!("{error}"),
    };
    let path = Vectors::find().expect("the vectors are there").join("rfc/rfc4226-appendix-d.json");
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(path).expect("readable")).expect("JSON");
    let tests = file["tests"].as_array().expect("tests");
    let expected: Vec<u32> = tests.iter().filter_map(|test| test["truncated_dec"].as_u64()?.try_into().ok()).collect();
    assert_eq!(expected.len(), 10);
    let seed: [u8; SEED_BYTES] = *b"12345678901234567890";
    for (first, window) in expected.windows(4).enumerate() {
        let steps = [first, first + 1, first + 2, first + 3].map(|step| TimeStep(step as u64));
        let (wrapped, truncated) = vault.wrap_seed(&Secret::new(seed), &steps).expect("wrapped");
        assert_eq!(truncated, window);
        assert_eq!(vault.totp(&wrapped, &steps).expect("unwrapped"), window);
    }
}
