//! What the vault refuses to start with, and that each refusal is one line that says what is missing and what it is for.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of the functions clippy knows as tests")]

mod support;

use sekisho::vault::ceremony::{self, KeyInfo};
use sekisho::vault::entropy::OsEntropy;
use sekisho::vault::keys::Family;
use sekisho::vault::{Pkcs11Vault, TokenConfig, VaultError, check};
use sekisho_core::id::SocietyName;
use sekisho_core::secret::Secret;
use std::path::PathBuf;
use std::sync::Arc;
use support::token::ThrowawayToken;

fn society(name: &str) -> SocietyName {
    SocietyName::try_from(name.to_owned()).unwrap()
}

/// The line that an operator reads.
fn refusal(config: &TokenConfig) -> String {
    let line = Pkcs11Vault::open(config, Arc::new(OsEntropy)).err().unwrap().to_string();
    assert!(!line.contains('\n'), "one line: {line}");
    assert!(!line.contains(support::token::PIN), "the PIN is in no message: {line}");
    line
}

#[test]
fn a_missing_module_is_named() {
    let token = ThrowawayToken::new().unwrap();
    let line = refusal(&TokenConfig { module: PathBuf::from("/nowhere/module.so"), ..token.config() });
    assert!(line.contains("/nowhere/module.so") && line.contains("`module`"), "{line}");
}

#[test]
fn a_library_that_is_no_module_is_named() {
    let token = ThrowawayToken::new().unwrap();
    let line = refusal(&TokenConfig { module: PathBuf::from("libm.so.6"), ..token.config() });
    assert!(line.contains("C_GetFunctionList"), "{line}");
}

#[test]
fn a_missing_token_is_named_with_those_that_are_there() {
    let token = ThrowawayToken::new().unwrap();
    let line = refusal(&TokenConfig { token_label: "another".to_owned(), ..token.config() });
    assert!(line.contains("no token labelled \"another\"") && line.contains(&token.config().token_label), "{line}");
}

#[test]
fn a_wrong_pin_stops_the_start_and_the_right_one_still_serves() {
    let token = ThrowawayToken::with_keys(&[]).unwrap();
    let wrong = TokenConfig { pin: Secret::new("wrong-pin".to_owned()), ..token.config() };
    let line = refusal(&wrong);
    assert!(line.contains("PinIncorrect") && line.contains("tried once") && !line.contains("wrong-pin"), "{line}");
    assert!(Pkcs11Vault::open(&token.config(), Arc::new(OsEntropy)).is_ok());
}

/// A token locks after a few wrong PINs, so that one try a start is all there may be: one call in all the sources, in no loop.
#[test]
fn the_sources_log_in_at_one_place() {
    let sources = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/vault")).unwrap();
    let logins: Vec<_> = sources
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .flat_map(|text| text.lines().filter(|line| line.contains(".login")).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(logins.len(), 1, "{logins:?}");
}

#[test]
fn a_token_without_keys_says_which_and_what_to_run() {
    let token = ThrowawayToken::new().unwrap();
    let line = refusal(&token.config());
    assert!(line.contains("MISSING key kek-1") && line.contains("TOTP seeds") && line.contains("sekisho keys init"), "{line}");
}

#[test]
fn each_denied_mechanism_is_named_with_what_it_is_needed_for() {
    for (mechanism, purpose) in [
        ("CKM_SHA_1_HMAC", "TOTP"),
        ("CKM_SHA256_HMAC", "password verifiers"),
        ("CKM_AES_GCM", "sealed records"),
        ("CKM_AES_KEY_WRAP", "TOTP seeds"),
        ("CKM_ECDSA", "audit log"),
        ("CKM_AES_KEY_GEN", "key ceremony"),
        ("CKM_GENERIC_SECRET_KEY_GEN", "key ceremony"),
        ("CKM_EC_KEY_PAIR_GEN", "key ceremony"),
    ] {
        let token = ThrowawayToken::denying(&[mechanism]).unwrap();
        let line = refusal(&token.config());
        assert!(line.contains(&format!("MISSING {mechanism}")) && line.contains(purpose), "{line}");
        assert!(matches!(ceremony::init(&token.config()), Err(VaultError::Missing { .. })), "no keys are made without {mechanism}");
        let report = check::full(&token.config());
        assert!(!report.passed() && report.to_string().contains(mechanism), "{report}");
    }
}

#[test]
fn the_key_ceremony_makes_each_key_once() {
    let token = ThrowawayToken::new().unwrap();
    let config = token.config();
    let info = |family| KeyInfo { family, generation: 1 };
    let global = [info(Family::Kek), info(Family::Pepper), info(Family::Audit)];
    assert_eq!(ceremony::list(&config).unwrap(), []);
    assert_eq!(ceremony::init(&config).unwrap(), global);
    assert!(ceremony::init(&config).unwrap_err().to_string().contains("nothing was changed"));
    let alpha = info(Family::Data(society("alpha")));
    assert_eq!(ceremony::add_society(&config, &society("alpha")).unwrap(), alpha);
    assert!(ceremony::add_society(&config, &society("alpha")).unwrap_err().to_string().contains("data-alpha-1 already"));
    let mut all = global.to_vec();
    all.push(alpha);
    assert_eq!(ceremony::list(&config).unwrap(), all);
}

#[test]
fn societies_whose_names_end_in_numbers_have_keys_of_their_own() {
    let token = ThrowawayToken::new().unwrap();
    let config = token.config();
    for name in ["a", "a-1", "a-1-1"] {
        ceremony::add_society(&config, &society(name)).unwrap();
    }
    let labels: Vec<_> = ceremony::list(&config).unwrap().iter().map(KeyInfo::label).collect();
    assert_eq!(labels, ["data-a-1", "data-a-1-1", "data-a-1-1-1"]);
}

#[test]
fn a_soft_token_says_so() {
    let token = ThrowawayToken::with_keys(&[]).unwrap();
    let vault = Pkcs11Vault::open(&token.config(), Arc::new(OsEntropy)).unwrap();
    assert!(vault.token_description().is_soft(), "{}", vault.token_description());
}

#[test]
fn a_vault_can_be_opened_again_in_the_same_process_and_beside_another() {
    let token = ThrowawayToken::with_keys(&[]).unwrap();
    for _ in 0..3 {
        let one = Pkcs11Vault::open(&token.config(), Arc::new(OsEntropy)).unwrap();
        let two = Pkcs11Vault::open(&token.config(), Arc::new(OsEntropy)).unwrap();
        drop(one);
        assert!(sekisho::ports::Vault::ready(&two).is_ok(), "the login outlives the one that made it");
    }
}
