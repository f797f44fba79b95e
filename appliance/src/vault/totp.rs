//! TOTP seeds: wrapped outside, unwrapped to a key that only signs inside (RFC 3394, RFC 4226, RFC 6238).

use super::keys::{Family, Key, Keyring, Nested, NestedValue, missing};
use super::token::{Conn, SessionObject};
use super::trouble::{Outcome, Trouble};
use crate::ports::Fault;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use sekisho_core::account::WrappedSeed;
use sekisho_core::otp::SEED_BYTES;
use sekisho_core::time::TimeStep;
use zeroize::Zeroizing;

/// RFC 3394 wraps whole blocks of 8 bytes, and an HMAC key is padded with zeros anyway: 20 bytes become 24, and the codes stay.
pub(super) const PADDED: usize = 24;

/// `CKA_UNWRAP_TEMPLATE` of `kek-N`: without it, whoever holds the PIN could unwrap a seed into something readable.
/// `MODIFIABLE` is last: SoftHSM refuses what follows it.
pub(super) const UNWRAPPED: [Nested; 14] = [
    Nested(0x100, NestedValue::Number(0x10)), // CKA_KEY_TYPE = CKK_GENERIC_SECRET
    Nested(0x001, NestedValue::Flag(false)),  // CKA_TOKEN
    Nested(0x002, NestedValue::Flag(true)),   // CKA_PRIVATE
    Nested(0x103, NestedValue::Flag(true)),   // CKA_SENSITIVE
    Nested(0x162, NestedValue::Flag(false)),  // CKA_EXTRACTABLE
    Nested(0x108, NestedValue::Flag(true)),   // CKA_SIGN
    Nested(0x10a, NestedValue::Flag(false)),  // CKA_VERIFY
    Nested(0x104, NestedValue::Flag(false)),  // CKA_ENCRYPT
    Nested(0x105, NestedValue::Flag(false)),  // CKA_DECRYPT
    Nested(0x106, NestedValue::Flag(false)),  // CKA_WRAP
    Nested(0x107, NestedValue::Flag(false)),  // CKA_UNWRAP
    Nested(0x10c, NestedValue::Flag(false)),  // CKA_DERIVE
    Nested(0x171, NestedValue::Flag(false)),  // CKA_COPYABLE
    Nested(0x170, NestedValue::Flag(false)),  // CKA_MODIFIABLE
];

/// The same, as the caller has to repeat it, in the same order.
pub(super) fn unwrapped() -> [Attribute; 15] {
    [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        Attribute::Verify(false),
        Attribute::Encrypt(false),
        Attribute::Decrypt(false),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
        Attribute::Derive(false),
        Attribute::Copyable(false),
        Attribute::Modifiable(false),
    ]
}

/// The same but for one attribute: what must be refused.
pub(super) fn unwrapped_but(other: &Attribute) -> [Attribute; 15] {
    unwrapped().map(|attribute| if attribute.attribute_type() == other.attribute_type() { other.clone() } else { attribute })
}

/// A seed that waits to be wrapped: it can be taken out, and do nothing else.
fn waiting(padded: &[u8; PADDED]) -> [Attribute; 13] {
    [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(true),
        Attribute::Sign(false),
        Attribute::Verify(false),
        Attribute::Encrypt(false),
        Attribute::Decrypt(false),
        Attribute::Wrap(false),
        Attribute::Derive(false),
        Attribute::Value(padded.to_vec()),
    ]
}

/// Import, wrap, destroy: four calls. Then [`codes`] from the wrapped form.
pub(super) fn wrap(conn: &Conn, keys: &Keyring, seed: &[u8; SEED_BYTES], steps: &[TimeStep]) -> Outcome<(WrappedSeed, Vec<u32>)> {
    let kek = keys.newest(conn, &Family::Kek)?;
    let wrapped = WrappedSeed { kek: kek.generation, blob: wrap_under(conn, kek.handle, seed)? };
    let codes = codes(conn, kek.handle, &wrapped.blob, steps)?;
    Ok((wrapped, codes))
}

/// Unwrap, an HMAC for each step, destroy: eleven calls for three steps, and three for each one more. A blob that does not unwrap is told apart from a sick token by the key's canary.
pub(super) fn check(conn: &Conn, keys: &Keyring, seed: &WrappedSeed, steps: &[TimeStep]) -> Outcome<Vec<u32>> {
    let Some(kek) = keys.generation(conn, &Family::Kek, seed.kek)? else {
        return Err(missing(&Family::Kek.label(seed.kek), &Family::Kek));
    };
    match unwrap(conn, kek.handle, &seed.blob) {
        Ok(key) => hmacs(conn, key, steps),
        Err(Trouble::Fault(fault)) => Err(fault.into()),
        Err(Trouble::Pkcs11(_)) => {
            open_canary(conn, &kek)?;
            Err(Fault::Damaged(format!("a wrapped seed does not unwrap under kek-{}", kek.generation)).into())
        }
    }
}

/// A wrapped seed of zeros, made when the key is found. Four calls.
pub(super) fn canary(conn: &Conn, kek: &Key) -> Outcome<Vec<u8>> {
    wrap_under(conn, kek.handle, &[0; SEED_BYTES])
}

/// Two calls.
pub(super) fn open_canary(conn: &Conn, kek: &Key) -> Outcome<()> {
    unwrap(conn, kek.handle, &kek.canary)?.destroy()
}

/// Import, wrap, destroy.
pub(super) fn wrap_under(conn: &Conn, kek: ObjectHandle, seed: &[u8; SEED_BYTES]) -> Outcome<Vec<u8>> {
    let mut padded = Zeroizing::new([0; PADDED]);
    for (to, from) in padded.iter_mut().zip(seed) {
        *to = *from;
    }
    let mut template = waiting(&padded);
    let imported = conn.create(&template);
    for attribute in &mut template {
        if let Attribute::Value(value) = attribute {
            zeroize::Zeroize::zeroize(value);
        }
    }
    let key = imported?;
    let blob = conn.wrap(kek, key.handle)?;
    key.destroy()?;
    Ok(blob)
}

/// Unwrap, an HMAC for each step, destroy.
pub(super) fn codes(conn: &Conn, kek: ObjectHandle, blob: &[u8], steps: &[TimeStep]) -> Outcome<Vec<u32>> {
    hmacs(conn, unwrap(conn, kek, blob)?, steps)
}

fn unwrap<'a>(conn: &'a Conn, kek: ObjectHandle, blob: &[u8]) -> Outcome<SessionObject<'a>> {
    conn.unwrap(kek, blob, &unwrapped())
}

fn hmacs(conn: &Conn, key: SessionObject, steps: &[TimeStep]) -> Outcome<Vec<u32>> {
    let mut codes = Vec::with_capacity(steps.len());
    for step in steps {
        let mac = Zeroizing::new(conn.sign(&Mechanism::Sha1Hmac, key.handle, &step.0.to_be_bytes())?);
        let wrong = || Trouble::from(Fault::Hsm(format!("HMAC-SHA-1 gave {} bytes", mac.len())));
        codes.push(truncate(&mac).ok_or_else(wrong)?);
    }
    key.destroy()?;
    Ok(codes)
}

/// RFC 4226 §5.3, to 31 bits. `None` when `mac` is not 20 bytes long.
fn truncate(mac: &[u8]) -> Option<u32> {
    let mac: &[u8; 20] = mac.try_into().ok()?;
    let offset = usize::from(mac.last()? & 0x0f);
    let word = mac.get(offset..offset + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(word) & 0x7fff_ffff)
}
