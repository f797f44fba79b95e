//! `keys check`: it passes for the keys of our ceremony, and for nothing weaker.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of the functions clippy knows as tests")]

mod support;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use sekisho::ports::{Binding, Fault, PepperCheck, Vault};
use sekisho::vault::entropy::OsEntropy;
use sekisho::vault::{Pkcs11Vault, check};
use sekisho_core::account::WrappedSeed;
use sekisho_core::id::{Revision, SocietyName};
use sekisho_core::secret::Secret;
use sekisho_core::time::TimeStep;
use std::path::PathBuf;
use std::sync::Arc;
use support::token::{MODULE, PIN, ThrowawayToken};

fn society(name: &str) -> SocietyName {
    SocietyName::try_from(name.to_owned()).unwrap()
}

/// What someone who holds the PIN can do, with a module of his own.
fn with_the_pin<T>(token: &ThrowawayToken, work: impl FnOnce(&Session) -> T) -> T {
    let module = Pkcs11::new(MODULE).unwrap();
    module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    let label = token.config().token_label;
    let slots = module.get_slots_with_initialized_token().unwrap();
    let slot = slots.into_iter().find(|slot| module.get_token_info(*slot).unwrap().label() == label).unwrap();
    let session = module.open_rw_session(slot).unwrap();
    session.login(UserType::User, Some(&AuthPin::from(PIN))).unwrap();
    let done = work(&session);
    drop(session);
    module.finalize().unwrap();
    done
}

fn labelled(session: &Session, label: &str) -> Vec<ObjectHandle> {
    session.find_objects(&[Attribute::Label(label.as_bytes().to_vec())]).unwrap()
}

fn named(label: &str, id: &str) -> Vec<Attribute> {
    vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::ValueLen(32.into()),
        Attribute::Label(label.as_bytes().to_vec()),
        Attribute::Id(id.as_bytes().to_vec()),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
    ]
}

/// The lines that failed.
fn failures(token: &ThrowawayToken) -> Vec<String> {
    let report = check::full(&token.config());
    report.lines.into_iter().filter_map(|line| line.result.err()).map(|error| error.to_string()).collect()
}

#[test]
fn the_keys_of_the_ceremony_pass_every_check_and_every_probe_is_refused() {
    let token = ThrowawayToken::with_keys(&[society("alpha"), society("beta")]).unwrap();
    let report = check::full(&token.config());
    assert!(report.passed(), "{report}");
    let text = report.to_string();
    for probe in [
        "unwrap a seed with Extractable(true)",
        "unwrap a seed with Sensitive(false)",
        "unwrap a seed with Token(true)",
        "unwrap a seed with Verify(true)",
        "unwrap a seed with Encrypt(true)",
        "unwrap a seed with Decrypt(true)",
        "unwrap a seed with Wrap(true)",
        "unwrap a seed with Unwrap(true)",
        "unwrap a seed with Derive(true)",
        "set Derive(true) on an unwrapped seed",
        "copy an unwrapped seed with Token(true)",
        "read an unwrapped seed",
        "wrap an unwrapped seed again",
        "C_Decrypt",
        "C_Encrypt",
        "set Decrypt(true)",
        "copy with Decrypt(true)",
        "read CKA_VALUE",
    ] {
        assert!(text.contains(&format!("ok      kek-1: refuses to {probe}\n")), "{probe} in\n{text}");
    }
    for label in ["kek-1", "pepper-1", "audit-1", "data-alpha-1", "data-beta-1"] {
        assert!(text.contains(&format!("ok      {label}: attributes\n")), "{label}");
    }
    let before = with_the_pin(&token, |session| session.find_objects(&[]).unwrap().len());
    assert_eq!(before, 6, "the probes leave nothing behind: five keys, one of them a pair");
}

#[test]
fn a_key_encryption_key_without_the_unwrap_template_fails_by_attribute_and_by_probe() {
    let token = ThrowawayToken::with_keys(&[]).unwrap();
    with_the_pin(&token, |session| {
        let mut template = named("kek-2", "kek");
        template.extend([Attribute::Wrap(true), Attribute::Unwrap(true), Attribute::Encrypt(false), Attribute::Decrypt(false)]);
        session.generate_key(&Mechanism::AesKeyGen, &template).unwrap();
    });
    let failures = failures(&token);
    for found in [
        "kek-2: attributes: ",
        "no CKA_UNWRAP_TEMPLATE",
        "kek-2: refuses to unwrap a seed with Extractable(true): it SUCCEEDED",
        "kek-2: refuses to unwrap a seed with Sensitive(false): it SUCCEEDED",
        "kek-2: refuses to unwrap a seed with Derive(true): it SUCCEEDED",
        "kek-2: refuses to set Decrypt(true): it SUCCEEDED",
        "kek-2: refuses to copy with Decrypt(true): it SUCCEEDED",
    ] {
        assert!(failures.iter().any(|line| line.contains(found)), "{found} in {failures:#?}");
    }
    assert!(failures.iter().all(|line| !line.contains("kek-1")), "{failures:#?}");
    let start = Pkcs11Vault::open(&token.config(), Arc::new(OsEntropy)).err().unwrap().to_string();
    assert!(start.contains("kek-2: unwraps no seed readable: a seed unwraps with Extractable(true)"), "{start}");
}

#[test]
fn a_data_key_with_one_more_use_fails_and_the_line_names_the_attribute() {
    let token = ThrowawayToken::with_keys(&[]).unwrap();
    with_the_pin(&token, |session| {
        let mut template = named("data-alpha-1", "data-alpha");
        template.extend([Attribute::Encrypt(true), Attribute::Decrypt(true), Attribute::Wrap(true)]);
        template.extend([Attribute::Sign(false), Attribute::Verify(false), Attribute::Unwrap(false), Attribute::Derive(false)]);
        template.extend([Attribute::Copyable(false), Attribute::Modifiable(false)]);
        session.generate_key(&Mechanism::AesKeyGen, &template).unwrap();
    });
    let failures = failures(&token);
    assert_eq!(failures.len(), 1, "{failures:#?}");
    assert!(failures[0].contains("data-alpha-1: attributes: Wrap(false) expected, Wrap(true) found"), "{failures:#?}");
}

#[test]
fn a_key_that_is_none_of_ours_is_reported() {
    let token = ThrowawayToken::with_keys(&[]).unwrap();
    with_the_pin(&token, |session| session.generate_key(&Mechanism::AesKeyGen, &named("left over", "x")).unwrap());
    assert!(failures(&token).iter().any(|line| line.contains("\"left over\"")));
}

#[test]
fn two_keys_with_one_label_are_refused() {
    let token = ThrowawayToken::with_keys(&[society("alpha")]).unwrap();
    with_the_pin(&token, |session| {
        let mut template = named("data-alpha-1", "data-alpha");
        template.extend([Attribute::Encrypt(true), Attribute::Decrypt(true)]);
        session.generate_key(&Mechanism::AesKeyGen, &template).unwrap();
    });
    assert!(failures(&token).iter().any(|line| line.contains("two keys are labelled data-alpha-1")));
}

#[test]
fn whoever_holds_the_pin_cannot_destroy_a_global_key_and_can_end_a_society() {
    let token = ThrowawayToken::with_keys(&[society("alpha")]).unwrap();
    let alpha = society("alpha");
    let binding = Binding { society: &alpha, member: None, record: "secret", revision: Revision(0) };
    let sealed = Pkcs11Vault::open(&token.config(), Arc::new(OsEntropy)).unwrap().seal(&binding, b"x").unwrap();
    with_the_pin(&token, |session| {
        for label in ["kek-1", "pepper-1", "audit-1"] {
            for key in labelled(session, label) {
                assert!(session.destroy_object(key).is_err(), "{label}");
            }
        }
        for key in labelled(session, "data-alpha-1") {
            session.destroy_object(key).unwrap();
        }
    });
    let vault = Pkcs11Vault::open(&token.config(), Arc::new(OsEntropy)).unwrap();
    assert!(matches!(vault.open(&binding, &sealed), Err(Fault::Hsm(text)) if text.contains("MISSING key data-alpha-1")));
}

/// Everything that a log-in keeps, made while the token was well.
struct Kept {
    society: SocietyName,
    sealed: Vec<u8>,
    pepper: (u32, [u8; 32]),
    seed: WrappedSeed,
}

impl Kept {
    fn make(vault: &Pkcs11Vault) -> Self {
        let society = society("alpha");
        let sealed = vault.seal(&Self::binding(&society), b"x").unwrap();
        let (seed, _) = vault.wrap_seed(&Secret::new([1; 20]), &[TimeStep(0); 3]).unwrap();
        Self { sealed, pepper: vault.pepper(b"x").unwrap(), seed, society }
    }

    fn binding(society: &SocietyName) -> Binding<'_> {
        Binding { society, member: None, record: "secret", revision: Revision(0) }
    }

    fn check(&self) -> PepperCheck<'_> {
        PepperCheck { pepper: self.pepper.0, input: b"x", mac: &self.pepper.1 }
    }
}

type Call = fn(&Pkcs11Vault, &Kept) -> Result<(), Fault>;

/// Design law 5: whatever the token does, nothing of it is a wrong credential or a damaged record.
#[test]
fn a_token_that_vanishes_is_a_fault_of_the_hsm_for_every_call() {
    let calls: [Call; 7] = [
        |vault, kept| vault.open(&Kept::binding(&kept.society), &kept.sealed).map(drop),
        |vault, kept| vault.seal(&Kept::binding(&kept.society), b"x").map(drop),
        |vault, _| vault.pepper(b"x").map(|_| ()),
        |vault, kept| vault.pepper_matches([kept.check(), kept.check()]).map(|_| ()),
        |vault, kept| vault.totp(&kept.seed, &[TimeStep(0); 3]).map(|_| ()),
        |vault, _| vault.wrap_seed(&Secret::new([1; 20]), &[TimeStep(0); 3]).map(drop),
        |vault, _| vault.ready(),
    ];
    for (index, call) in calls.into_iter().enumerate() {
        let token = ThrowawayToken::with_keys(&[society("alpha")]).unwrap();
        let vault = Pkcs11Vault::open(&token.config(), Arc::new(OsEntropy)).unwrap();
        let kept = Kept::make(&vault);
        assert!(call(&vault, &kept).is_ok());
        let store = PathBuf::from(std::env::var_os("SOFTHSM2_CONF").unwrap());
        std::fs::remove_dir_all(store.parent().unwrap().join("tokens")).unwrap();
        // First with the handles of before, then with none.
        for round in 0..2 {
            assert!(matches!(call(&vault, &kept), Err(Fault::Hsm(_))), "call {index}, round {round}");
        }
    }
}
