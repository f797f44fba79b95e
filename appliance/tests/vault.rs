//! The vault against a SoftHSM token: what members' log-ins rest on.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of the functions clippy knows as tests")]

mod support;

use sekisho::ports::{Binding, Fault, PepperCheck, Vault};
use sekisho::vault::entropy::OsEntropy;
use sekisho::vault::{Pkcs11Vault, TokenConfig};
use sekisho_core::account::WrappedSeed;
use sekisho_core::id::{MemberId, Revision, SocietyName};
use sekisho_core::secret::Secret;
use sekisho_core::time::TimeStep;
use std::sync::Arc;
use support::token::ThrowawayToken;

fn society(name: &str) -> SocietyName {
    SocietyName::try_from(name.to_owned()).unwrap()
}

fn opened() -> (Pkcs11Vault, ThrowawayToken) {
    let token = ThrowawayToken::with_keys(&[society("alpha"), society("beta")]).unwrap();
    (Pkcs11Vault::open(&token.config(), Arc::new(OsEntropy)).unwrap(), token)
}

fn seed() -> Secret<[u8; 20]> {
    Secret::new(*b"12345678901234567890")
}

/// RFC 6238 appendix B, SHA-1: time step and the eight digits.
const RFC_6238: [(u64, u32); 6] = [
    (0x1, 94_287_082),
    (0x23523ec, 7_081_804),
    (0x23523ed, 14_050_471),
    (0x273ef07, 89_005_924),
    (0x3f940aa, 69_279_037),
    (0x27bc86aa, 65_353_130),
];

/// RFC 4226 appendix D: truncated values of counters 0 to 9.
const RFC_4226: [u32; 10] = [
    1_284_755_224,
    1_094_287_082,
    137_359_152,
    1_726_969_429,
    1_640_338_314,
    868_254_676,
    1_918_287_922,
    82_162_583,
    673_399_871,
    645_520_489,
];

#[test]
fn every_rfc_6238_vector_comes_out_of_the_token() {
    let (vault, _token) = opened();
    let (wrapped, _) = vault.wrap_seed(&seed(), &[TimeStep(0); 3]).unwrap();
    for (step, digits) in RFC_6238 {
        let codes = vault.totp(&wrapped, &[TimeStep(step); 3]).unwrap();
        assert_eq!(codes.into_iter().map(|code| code % 100_000_000).collect::<Vec<_>>(), [digits; 3], "step {step:#x}");
    }
}

#[test]
fn every_rfc_4226_vector_comes_out_of_the_token() {
    let (vault, _token) = opened();
    let (wrapped, first) = vault.wrap_seed(&seed(), &[TimeStep(0), TimeStep(1), TimeStep(2)]).unwrap();
    assert_eq!(first, [RFC_4226[0], RFC_4226[1], RFC_4226[2]], "the set-up's codes come from the wrapped form");
    for start in [1_u64, 4, 7] {
        let codes = vault.totp(&wrapped, &[TimeStep(start), TimeStep(start + 1), TimeStep(start + 2)]).unwrap();
        let at = usize::try_from(start).unwrap();
        assert_eq!(codes.as_slice(), &RFC_4226[at..at + 3]);
    }
}

#[test]
fn a_wrapped_seed_is_whole_blocks_longer_than_the_seed_and_not_the_seed() {
    let (vault, _token) = opened();
    let (wrapped, _) = vault.wrap_seed(&seed(), &[TimeStep(0); 3]).unwrap();
    assert_eq!(wrapped.kek, 1);
    // RFC 3394: the 20 bytes are padded to 24, and 8 bytes of integrity come in front.
    assert_eq!(wrapped.blob.len(), 32);
    assert!(!wrapped.blob.windows(4).any(|window| b"12345678901234567890".windows(4).any(|part| part == window)));
}

#[test]
fn a_wrapped_seed_with_one_flipped_bit_is_damaged_and_gives_no_code() {
    let (vault, _token) = opened();
    let (wrapped, right) = vault.wrap_seed(&seed(), &[TimeStep(7); 3]).unwrap();
    for at in 0..wrapped.blob.len() {
        let mut blob = wrapped.blob.clone();
        blob[at] ^= 1;
        let answer = vault.totp(&WrappedSeed { kek: 1, blob }, &[TimeStep(7); 3]);
        assert!(matches!(answer, Err(Fault::Damaged(_))), "byte {at}");
    }
    assert_eq!(vault.totp(&wrapped, &[TimeStep(7); 3]).unwrap(), right, "the workers survive");
}

#[test]
fn a_seed_under_a_key_that_the_token_lacks_is_a_fault_of_the_hsm() {
    let (vault, _token) = opened();
    let (wrapped, _) = vault.wrap_seed(&seed(), &[TimeStep(7); 3]).unwrap();
    let answer = vault.totp(&WrappedSeed { kek: 2, ..wrapped }, &[TimeStep(7); 3]);
    assert!(matches!(answer, Err(Fault::Hsm(text)) if text.contains("MISSING key kek-2") && text.contains("TOTP seeds")));
}

#[test]
fn what_is_sealed_opens_with_the_same_binding() {
    let (vault, _token) = opened();
    let alpha = society("alpha");
    let binding = Binding { society: &alpha, member: Some(MemberId([7; 16])), record: "profile", revision: Revision(3) };
    for plain in [&b""[..], b"x", &[0x5a; 4096]] {
        let sealed = vault.seal(&binding, plain).unwrap();
        assert_eq!(vault.open(&binding, &sealed).unwrap().as_slice(), plain);
        assert_eq!(sealed.len(), 1 + 4 + 12 + plain.len() + 16);
    }
}

#[test]
fn a_record_opens_for_no_other_society_member_record_or_revision() {
    let (vault, _token) = opened();
    let (alpha, beta) = (society("alpha"), society("beta"));
    let right = Binding { society: &alpha, member: Some(MemberId([7; 16])), record: "credentials", revision: Revision(3) };
    let sealed = vault.seal(&right, b"facts").unwrap();
    let wrong = [
        Binding { society: &beta, ..right },
        Binding { member: Some(MemberId([8; 16])), ..right },
        Binding { member: None, ..right },
        Binding { record: "profile", ..right },
        Binding { revision: Revision(4), ..right },
        Binding { revision: Revision(2), ..right },
    ];
    for binding in wrong {
        assert!(matches!(vault.open(&binding, &sealed), Err(Fault::Damaged(_))), "{binding:?}");
    }
    assert_eq!(vault.open(&right, &sealed).unwrap().as_slice(), b"facts");
}

#[test]
fn one_flipped_bit_anywhere_in_a_record_is_damage_and_the_workers_survive() {
    let (vault, _token) = opened();
    let alpha = society("alpha");
    let binding = Binding { society: &alpha, member: None, record: "secret", revision: Revision(0) };
    let sealed = vault.seal(&binding, b"thirty-two bytes of some secret.").unwrap();
    for at in 0..sealed.len() {
        let mut damaged = sealed.clone();
        damaged[at] ^= 0x80;
        assert!(matches!(vault.open(&binding, &damaged), Err(Fault::Damaged(_))), "byte {at}");
    }
    for length in 0..sealed.len() {
        assert!(matches!(vault.open(&binding, &sealed[..length]), Err(Fault::Damaged(_))), "cut to {length}");
    }
    assert!(vault.open(&binding, &sealed).is_ok());
    vault.ready().unwrap();
}

#[test]
fn two_seals_of_the_same_text_share_neither_iv_nor_bytes() {
    let (vault, _token) = opened();
    let alpha = society("alpha");
    let binding = Binding { society: &alpha, member: None, record: "secret", revision: Revision(0) };
    let (one, two) = (vault.seal(&binding, b"same").unwrap(), vault.seal(&binding, b"same").unwrap());
    assert_ne!(one[5..17], two[5..17]);
    assert_ne!(one[17..], two[17..]);
}

#[test]
fn a_society_without_a_key_is_a_fault_that_says_what_to_run() {
    let (vault, _token) = opened();
    let gamma = society("gamma");
    let binding = Binding { society: &gamma, member: None, record: "secret", revision: Revision(0) };
    let answer = vault.seal(&binding, b"x");
    assert!(matches!(answer, Err(Fault::Hsm(text)) if text.contains("data-gamma-1") && text.contains("sekisho keys add-society gamma")));
}

#[test]
fn a_key_made_while_the_vault_runs_is_found() {
    let (vault, token) = opened();
    let gamma = society("gamma");
    let binding = Binding { society: &gamma, member: None, record: "secret", revision: Revision(0) };
    assert!(vault.seal(&binding, b"x").is_err());
    sekisho::vault::ceremony::add_society(&token.config(), &gamma).unwrap();
    let sealed = vault.seal(&binding, b"x").unwrap();
    assert_eq!(vault.open(&binding, &sealed).unwrap().as_slice(), b"x");
}

#[test]
fn peppers_compare_inside_the_token_and_both_are_told() {
    let (vault, _token) = opened();
    let (pepper, mac) = vault.pepper(b"argon2 output").unwrap();
    let mut other = mac;
    other[31] ^= 1;
    let check = |mac| PepperCheck { pepper, input: b"argon2 output", mac };
    assert_eq!(vault.pepper_matches([check(&mac), check(&mac)]).unwrap(), [true, true]);
    assert_eq!(vault.pepper_matches([check(&mac), check(&other)]).unwrap(), [true, false]);
    assert_eq!(vault.pepper_matches([check(&other), check(&mac)]).unwrap(), [false, true]);
    assert_eq!(vault.pepper_matches([check(&other), check(&other)]).unwrap(), [false, false]);
}

#[test]
fn an_unknown_pepper_is_a_fault_and_never_a_wrong_password() {
    let (vault, _token) = opened();
    let (pepper, mac) = vault.pepper(b"x").unwrap();
    let known = PepperCheck { pepper, input: b"x", mac: &mac };
    let unknown = PepperCheck { pepper: 9, input: b"x", mac: &mac };
    assert!(matches!(vault.pepper_matches([known, unknown]), Err(Fault::Hsm(text)) if text.contains("pepper-9")));
}

/// Password step: open, two pepper checks. TOTP step: open, unwrap, three HMACs, destroy. Portal page: open.
#[test]
fn a_password_and_totp_login_makes_24_pkcs11_calls() {
    let token = ThrowawayToken::with_keys(&[society("alpha")]).unwrap();
    // One worker: each opens its session with its first job, which is a call too.
    let vault = Pkcs11Vault::open(&TokenConfig { workers: 1, ..token.config() }, Arc::new(OsEntropy)).unwrap();
    let alpha = society("alpha");
    let binding = Binding { society: &alpha, member: None, record: "credentials", revision: Revision(0) };
    let sealed = vault.seal(&binding, b"facts").unwrap();
    let (pepper, mac) = vault.pepper(b"x").unwrap();
    let (wrapped, _) = vault.wrap_seed(&seed(), &[TimeStep(0); 3]).unwrap();
    let calls_of = |work: &dyn Fn() -> bool| {
        let before = vault.calls();
        assert!(work());
        vault.calls() - before
    };
    let check = || PepperCheck { pepper, input: b"x", mac: &mac };
    let open = calls_of(&|| vault.open(&binding, &sealed).is_ok());
    let verify = calls_of(&|| vault.pepper_matches([check(), check()]).is_ok());
    let totp = calls_of(&|| vault.totp(&wrapped, &[TimeStep(0); 3]).is_ok());
    assert_eq!((open, verify, totp), (3, 4, 11));
    assert_eq!(calls_of(&|| vault.totp(&wrapped, &[TimeStep(0); 4]).is_ok()), 14, "for a device with a drift");
    assert_eq!(open + verify + open + totp + open, 24);
    assert_eq!(calls_of(&|| vault.seal(&binding, b"facts").is_ok()), 4);
    assert_eq!(calls_of(&|| vault.ready().is_ok()), 2);
}

#[test]
fn many_callers_at_once_each_get_their_own_answer() {
    let (vault, _token) = opened();
    let alpha = society("alpha");
    let (wrapped, _) = vault.wrap_seed(&seed(), &[TimeStep(0); 3]).unwrap();
    std::thread::scope(|scope| {
        for caller in 0..8_u8 {
            let (vault, alpha, wrapped) = (&vault, &alpha, &wrapped);
            scope.spawn(move || {
                let binding = Binding { society: alpha, member: Some(MemberId([caller; 16])), record: "profile", revision: Revision(0) };
                for _ in 0..20 {
                    let sealed = vault.seal(&binding, &[caller; 9]).unwrap();
                    assert_eq!(vault.open(&binding, &sealed).unwrap().as_slice(), [caller; 9]);
                    assert_eq!(vault.totp(wrapped, &[TimeStep(u64::from(caller)); 3]).unwrap(), [RFC_4226[usize::from(caller)]; 3]);
                }
            });
        }
    });
}

#[test]
fn the_token_gives_other_random_bytes_each_time() {
    let (vault, _token) = opened();
    assert_ne!(vault.random().unwrap().expose(), vault.random().unwrap().expose());
}
