//! What the authenticator itself says, under its signature (WebAuthn §6.1).

use super::RelyingParty;
use super::cbor::Item;
use super::cose::PublicKey;
use ring::digest::{SHA256, digest};
use sekisho_core::passkey::Flaw;

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const ATTESTED: u8 = 1 << 6;
const EXTENDED: u8 = 1 << 7;

/// Longest credential id (WebAuthn §7.1 step 25; the library takes four times as much).
const LONGEST_CREDENTIAL_ID: usize = 1023;

/// Authenticator data, taken apart to the last byte.
#[derive(Debug)]
pub(super) struct AuthenticatorData<'a> {
    rp_id_hash: &'a [u8],
    flags: u8,
    /// The signature counter.
    pub counter: u32,
    /// The new credential; a `get` ceremony has none.
    pub attested: Option<Attested<'a>>,
}

/// A new credential as its authenticator presents it.
#[derive(Debug)]
pub(super) struct Attested<'a> {
    pub aaguid: [u8; 16],
    pub credential_id: &'a [u8],
    /// The COSE_Key, byte for byte.
    pub public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Nothing may be missing and nothing may be left over: the flags say which parts there are (WR-08, PK-16).
    pub fn read(bytes: &'a [u8]) -> Result<Self, Flaw> {
        Self::parse(bytes).ok_or(Flaw::AuthenticatorData)
    }

    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_at_checked(32)?;
        let (&flags, rest) = rest.split_first()?;
        let (&counter, rest) = rest.split_first_chunk()?;
        let (attested, rest) =
            if flags & ATTESTED == 0 { (None, rest) } else { Attested::parse(rest).map(|(new, rest)| (Some(new), rest))? };
        let rest = if flags & EXTENDED == 0 { rest } else { extensions(rest)? };
        rest.is_empty().then_some(Self { rp_id_hash, flags, counter: u32::from_be_bytes(counter), attested })
    }

    /// Made for this society, by a person who was there and was verified, and of one mind about backups.
    pub fn check(&self, party: &RelyingParty) -> Result<(), Flaw> {
        if digest(&SHA256, party.id.as_bytes()).as_ref() != self.rp_id_hash {
            return Err(Flaw::RpIdHash);
        }
        if !self.has(USER_PRESENT) {
            return Err(Flaw::UserPresence);
        }
        if !self.has(USER_VERIFIED) {
            return Err(Flaw::UserVerification);
        }
        if self.backed_up() && !self.backup_eligible() {
            return Err(Flaw::BackupFlags);
        }
        Ok(())
    }

    /// BE: whether it may ever leave its device.
    pub fn backup_eligible(&self) -> bool {
        self.has(BACKUP_ELIGIBLE)
    }

    /// BS: whether there is a copy of it now.
    pub fn backed_up(&self) -> bool {
        self.has(BACKED_UP)
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

impl<'a> Attested<'a> {
    fn parse(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (&aaguid, rest) = bytes.split_first_chunk()?;
        let (&length, rest) = rest.split_first_chunk()?;
        let (credential_id, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(length)))?;
        let (_, after) = Item::read(rest)?;
        let (public_key, after) = rest.split_at_checked(rest.len() - after.len())?;
        Some((Self { aaguid, credential_id, public_key }, after))
    }

    /// A usable id that the envelope knows too (WR-16), and a key of an algorithm that was offered (WR-14).
    pub fn check(&self, envelope_id: &[u8]) -> Result<(), Flaw> {
        if self.credential_id != envelope_id || !(1..=LONGEST_CREDENTIAL_ID).contains(&self.credential_id.len()) {
            return Err(Flaw::CredentialId);
        }
        PublicKey::read(&Item::read_all(self.public_key).ok_or(Flaw::PublicKey)?).map(drop)
    }
}

/// What follows a map of extensions. Which ones there are is of no interest (WR-19): none is asked for.
fn extensions(bytes: &[u8]) -> Option<&[u8]> {
    let (item, rest) = Item::read(bytes)?;
    item.entries()?.iter().all(|(name, _)| name.text().is_some()).then_some(rest)
}
