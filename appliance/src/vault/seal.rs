//! The envelope of a sealed record: format, key generation, IV, then AES-256-GCM's ciphertext and 16-byte tag.

use super::keys::{Family, Key, Keyring};
use super::token::Conn;
use super::trouble::{Outcome, Trouble};
use crate::ports::{Binding, Entropy, Fault};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::ObjectHandle;
use sekisho_core::id::{MemberId, Revision, SocietyName};
use zeroize::Zeroizing;

/// The envelope's format, its first byte and part of the associated data.
pub const FORMAT: u8 = 1;

/// Bytes of an IV (SP 800-38D §8.2.2).
pub(super) const IV_BYTES: usize = 12;

/// Bytes of a tag.
const TAG_BYTES: usize = 16;

/// A binding that a job can carry to its worker.
pub(super) struct OwnedBinding {
    society: SocietyName,
    member: Option<MemberId>,
    record: &'static str,
    revision: Revision,
}

impl OwnedBinding {
    pub(super) fn of(binding: &Binding) -> Self {
        Self { society: binding.society.clone(), member: binding.member, record: binding.record, revision: binding.revision }
    }

    pub(super) fn family(&self) -> Family {
        Family::Data(self.society.clone())
    }

    fn encode(&self, generation: u32) -> Vec<u8> {
        let Self { society, member, record, revision } = self;
        Binding { society, member: *member, record, revision: *revision }.encode(FORMAT, generation)
    }
}

/// What canaries are bound to. They never leave memory.
pub(super) fn canary_binding(society: &SocietyName) -> OwnedBinding {
    OwnedBinding { society: society.clone(), member: None, record: "canary", revision: Revision(0) }
}

/// Seals under `key`. Four calls: the IV is taken from the token's generator and from ours, so that neither alone decides it.
pub(super) fn seal(conn: &Conn, key: &Key, binding: &OwnedBinding, plain: &[u8], entropy: &dyn Entropy) -> Outcome<Vec<u8>> {
    let iv = iv(conn, entropy)?;
    let body = gcm_seal(conn, key.handle, iv, &binding.encode(key.generation), plain)?;
    if body.len() != plain.len() + TAG_BYTES {
        return Err(Fault::Hsm(format!("AES-GCM of {} bytes gave {}: the token's IV habit has changed", plain.len(), body.len())).into());
    }
    Ok([&[FORMAT][..], &key.generation.to_be_bytes(), &iv, &body].concat())
}

/// Opens under the key that the envelope names. Three calls.
///
/// SoftHSM answers alike for a damaged record and for a sick token, hence the canary (vault facts 2c).
pub(super) fn open(conn: &Conn, keys: &Keyring, binding: &OwnedBinding, sealed: &[u8]) -> Outcome<Zeroizing<Vec<u8>>> {
    let (generation, iv, body) = parse(sealed)?;
    let family = binding.family();
    let Some(key) = keys.generation(conn, &family, generation)? else {
        let newest = keys.newest(conn, &family)?;
        open_canary(conn, &newest, &binding.society)?;
        let label = family.label(generation);
        return Err(Fault::Damaged(format!("it names {label}, which the token does not have; if many do, restore that key")).into());
    };
    let opened = gcm_open(conn, key.handle, iv, &binding.encode(generation), body);
    match opened {
        Ok(plain) => Ok(plain),
        Err(Trouble::Fault(fault)) => Err(fault.into()),
        Err(Trouble::Pkcs11(_)) => {
            open_canary(conn, &key, &binding.society)?;
            Err(Fault::Damaged(format!("a {} record of {} does not open", binding.record, binding.society)).into())
        }
    }
}

/// Three calls.
fn open_canary(conn: &Conn, key: &Key, society: &SocietyName) -> Outcome<()> {
    let (generation, iv, body) = parse(&key.canary)?;
    gcm_open(conn, key.handle, iv, &canary_binding(society).encode(generation), body).map(drop)
}

/// AES-GCM with an IV of the caller.
pub(super) fn gcm_seal(conn: &Conn, key: ObjectHandle, mut iv: [u8; IV_BYTES], aad: &[u8], plain: &[u8]) -> Outcome<Vec<u8>> {
    conn.encrypt(&gcm(&mut iv, aad)?, key, plain)
}

/// AES-GCM, the way back.
pub(super) fn gcm_open(conn: &Conn, key: ObjectHandle, mut iv: [u8; IV_BYTES], aad: &[u8], body: &[u8]) -> Outcome<Zeroizing<Vec<u8>>> {
    conn.decrypt(&gcm(&mut iv, aad)?, key, body).map(Zeroizing::new)
}

fn gcm<'a>(iv: &'a mut [u8; IV_BYTES], aad: &'a [u8]) -> Outcome<Mechanism<'a>> {
    Ok(Mechanism::AesGcm(GcmParams::new(iv, aad, 128.into())?))
}

fn iv(conn: &Conn, entropy: &dyn Entropy) -> Outcome<[u8; IV_BYTES]> {
    let mut ours = [0; IV_BYTES];
    entropy.fill(&mut ours)?;
    let mut theirs = [0; IV_BYTES];
    conn.random(&mut theirs)?;
    for (ours, theirs) in ours.iter_mut().zip(theirs) {
        *ours ^= theirs;
    }
    Ok(ours)
}

fn parse(sealed: &[u8]) -> Result<(u32, [u8; IV_BYTES], &[u8]), Fault> {
    let short = || Fault::Damaged(format!("{} bytes are too few for a sealed record", sealed.len()));
    let (&format, rest) = sealed.split_first().ok_or_else(short)?;
    if format != FORMAT {
        return Err(Fault::Damaged(format!("its format is {format}, this version reads {FORMAT}")));
    }
    let (generation, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
    let (iv, body) = rest.split_first_chunk::<IV_BYTES>().ok_or_else(short)?;
    if body.len() < TAG_BYTES {
        return Err(short());
    }
    Ok((u32::from_be_bytes(*generation), *iv, body))
}
