//! What is proved at every start: mechanisms by list, by flags and by known answers; global keys by use.
//!
//! The list alone lacks the flags, and SoftHSM 2.6.1 answers for mechanisms that are denied: both are asked.

use super::keys::{self, Family, GLOBAL, Key, Keyring, NEEDS, Need};
use super::seal;
use super::token::{Conn, Token};
use super::totp;
use super::trouble::{Outcome, VaultError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass};
use ring::{aead, digest, hmac, signature};
use sekisho_core::time::TimeStep;

/// One thing that was checked.
pub struct Line {
    /// What was tried.
    pub what: String,
    /// What came of it.
    pub result: Result<(), VaultError>,
}

impl Line {
    pub(super) fn new(what: impl Into<String>, result: Result<(), VaultError>) -> Self {
        Self { what: what.into(), result }
    }

    /// A known answer: `Ok(Err(found))` when something else came, `Err` when the token answered with an error.
    pub(super) fn known(what: impl Into<String>, outcome: Outcome<Result<(), String>>) -> Self {
        let what = what.into();
        let failed = |found: String| VaultError::Check { what: what.clone(), found };
        let result = match outcome {
            Ok(answer) => answer.map_err(failed),
            Err(trouble) => Err(failed(trouble.to_string())),
        };
        Self { what, result }
    }
}

/// Everything, in the order in which an operator would look for the cause.
pub(super) fn run(token: &Token, conn: &Conn, keys: &Keyring) -> Vec<Line> {
    let mut lines = mechanisms(token);
    lines.push(Line::known("AES-256-GCM agrees with ring, and the IV is the caller's", gcm(conn)));
    lines.push(Line::known("HMAC-SHA-256 agrees with ring", hmac_sha256(conn)));
    for family in GLOBAL {
        let label = family.label(1);
        match keys::handles(conn, &family) {
            Ok(found) if found.is_empty() => {
                let missing = VaultError::Missing { what: format!("key {label}"), purpose: family.purpose(), how: family.remedy() };
                lines.push(Line::new(label, Err(missing)));
            }
            Ok(_) => match keys.newest(conn, &family) {
                Ok(key) => lines.extend(known_uses(conn, &family, &key)),
                Err(trouble) => lines.push(Line::known(label, Err(trouble))),
            },
            Err(trouble) => lines.push(Line::known(label, Err(trouble))),
        }
    }
    lines
}

fn known_uses(conn: &Conn, family: &Family, key: &Key) -> Vec<Line> {
    let label = family.label(key.generation);
    match family {
        Family::Kek => vec![
            Line::known(format!("{label}: RFC 6238 codes from a wrapped seed"), rfc6238(conn, key)),
            Line::known(format!("{label}: unwraps no seed readable"), keeps_seeds(conn, key)),
        ],
        Family::Pepper => vec![Line::known(format!("{label}: compares inside the token"), pepper(conn, key))],
        Family::Audit => vec![Line::known(format!("{label}: ES256 verified by ring"), es256(conn, key))],
        // Proved by its canary when its society is first used.
        Family::Data(_) => Vec::new(),
    }
}

/// Each needed mechanism has to be in the list and to have its flags.
pub(super) fn mechanisms(token: &Token) -> Vec<Line> {
    let (module, slot) = token.mechanisms();
    let listed = module.get_mechanism_list(slot).unwrap_or_default();
    let line = |need: &Need| {
        let missing = |how: String| VaultError::Missing { what: need.name.to_owned(), purpose: need.purpose.to_owned(), how };
        let result = if !listed.contains(&need.mechanism) {
            Err(missing("not in C_GetMechanismList".to_owned()))
        } else {
            module.get_mechanism_info(slot, need.mechanism).map_err(|error| missing(super::trouble::code(&error))).and_then(|info| {
                let lacking = need.flags.iter().find(|(_, has)| !has(&info));
                lacking.map_or(Ok(()), |(flag, _)| Err(missing(format!("C_GetMechanismInfo says that it cannot {flag}"))))
            })
        };
        Line::new(need.name, result)
    };
    NEEDS.iter().map(line).collect()
}

/// A key that the check brings along. It ends with the check.
fn probe_key(key_type: KeyType, value: [u8; 32], uses: [Attribute; 2]) -> Vec<Attribute> {
    let mut template = vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(key_type),
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Value(value.to_vec()),
    ];
    template.extend(uses);
    template
}

/// Both directions against ring. The IV is all zeros on purpose: a token that puts its own in its place gives another text or another length.
fn gcm(conn: &Conn) -> Outcome<Result<(), String>> {
    let (bytes, iv, aad, plain) = ([0x42; 32], [0; 12], b"sekisho self-check", b"known answer");
    let template = probe_key(KeyType::AES, bytes, [Attribute::Encrypt(true), Attribute::Decrypt(true)]);
    let key = conn.create(&template)?;
    let mut expected = plain.to_vec();
    let ours = aead::UnboundKey::new(&aead::AES_256_GCM, &bytes).and_then(|unbound| {
        let nonce = aead::Nonce::assume_unique_for_key(iv);
        aead::LessSafeKey::new(unbound).seal_in_place_append_tag(nonce, aead::Aad::from(aad), &mut expected)
    });
    if ours.is_err() {
        return Ok(Err("ring does not seal".to_owned()));
    }
    for _ in 0..2 {
        let sealed = seal::gcm_seal(conn, key.handle, iv, aad, plain)?;
        if sealed != expected {
            return Ok(Err("the token puts another IV in the place of the caller's, or computes something else".to_owned()));
        }
    }
    let opened = seal::gcm_open(conn, key.handle, iv, aad, &expected)?;
    if opened.as_slice() != plain {
        return Ok(Err("what ring sealed opens to something else".to_owned()));
    }
    if seal::gcm_open(conn, key.handle, iv, b"another binding", &expected).is_ok() {
        return Ok(Err("opens under other associated data".to_owned()));
    }
    key.destroy()?;
    Ok(Ok(()))
}

fn hmac_sha256(conn: &Conn) -> Outcome<Result<(), String>> {
    let bytes = [0x17; 32];
    let template = probe_key(KeyType::GENERIC_SECRET, bytes, [Attribute::Sign(true), Attribute::Verify(true)]);
    let key = conn.create(&template)?;
    let mac = conn.sign(&Mechanism::Sha256Hmac, key.handle, b"known answer")?;
    let same = hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &bytes), b"known answer", &mac).is_ok();
    key.destroy()?;
    Ok(if same { Ok(()) } else { Err("the token computes something else".to_owned()) })
}

/// RFC 6238 appendix B, SHA-1, eight digits.
fn rfc6238(conn: &Conn, kek: &Key) -> Outcome<Result<(), String>> {
    let blob = totp::wrap_under(conn, kek.handle, b"12345678901234567890")?;
    let codes = totp::codes(conn, kek.handle, &blob, &[TimeStep(1), TimeStep(0x23523ec), TimeStep(0x23523ed)])?;
    let found: Vec<u32> = codes.into_iter().map(|code| code % 100_000_000).collect();
    Ok(if found == [94_287_082, 7_081_804, 14_050_471] { Ok(()) } else { Err(format!("codes {found:?}")) })
}

/// The two ways out that `CKA_UNWRAP_TEMPLATE` closes and that a module which ignores it would leave open. All the others: `keys check`.
fn keeps_seeds(conn: &Conn, kek: &Key) -> Outcome<Result<(), String>> {
    let blob = totp::wrap_under(conn, kek.handle, &[0x5a; 20])?;
    for other in [Attribute::Extractable(true), Attribute::Sensitive(false)] {
        if conn.unwrap(kek.handle, &blob, &totp::unwrapped_but(&other)).is_ok() {
            return Ok(Err(format!("a seed unwraps with {other:?}: whoever holds the PIN can read seeds; run `sekisho keys check`")));
        }
    }
    Ok(Ok(()))
}

fn pepper(conn: &Conn, key: &Key) -> Outcome<Result<(), String>> {
    let mac = conn.sign(&Mechanism::Sha256Hmac, key.handle, b"known answer")?;
    let right = conn.verify(&Mechanism::Sha256Hmac, key.handle, b"known answer", &mac)?;
    let wrong = conn.verify(&Mechanism::Sha256Hmac, key.handle, b"another input", &mac)?;
    Ok(if right && !wrong { Ok(()) } else { Err(format!("right MAC: {right}, wrong MAC: {wrong}")) })
}

fn es256(conn: &Conn, key: &Key) -> Outcome<Result<(), String>> {
    let point = keys::audit_point(conn, key.generation)?;
    let message = b"known answer";
    let signed = conn.sign(&Mechanism::Ecdsa, key.handle, digest::digest(&digest::SHA256, message).as_ref())?;
    let public = signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
    Ok(public.verify(message, &signed).map_err(|_| "the signature is not one of this key".to_owned()))
}
