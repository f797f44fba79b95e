//! What is inside the seals, and what goes into the keyed hashes: one place for the bytes, so that staff and service cannot differ.

use crate::ports::{Binding, Fault, NewLetter, OutboxRow, SealedRecord, Vault};
use crate::society::SocietyKeys;
use sekisho_core::account::{Credentials, HashCost, Profile};
use sekisho_core::birth::BirthDate;
use sekisho_core::email::EmailAddress;
use sekisho_core::fold::fold_code;
use sekisho_core::id::{BlindIndex, Generation, MemberId, Revision, SocietyName};
use sekisho_core::letter::Letter;
use sekisho_core::lookup::Lookup;
use sekisho_core::plan::LookupKind;
use sekisho_core::user_id::UserId;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// Format of what is inside a seal; the first byte of it. A newer one is refused, not guessed at.
const FORMAT: u8 = 1;

/// Room for a record with several factors, so that serializing does not move (and leave behind) what it has written.
const ROOM: usize = 4096;

/// Bytes that are wiped when they go out of scope.
pub type SecretBytes = Zeroizing<Vec<u8>>;

/// Seals the credentials of `member` at `revision`.
pub fn seal_credentials(
    vault: &dyn Vault,
    society: &SocietyName,
    member: MemberId,
    revision: Revision,
    credentials: &Credentials,
) -> Result<SealedRecord, Fault> {
    seal_record(vault, &Binding { society, member: Some(member), record: "credentials", revision }, credentials)
}

/// Opens what [`seal_credentials`] made for the same member.
pub fn open_credentials(vault: &dyn Vault, society: &SocietyName, member: MemberId, record: &SealedRecord) -> Result<Credentials, Fault> {
    open_record(vault, &Binding { society, member: Some(member), record: "credentials", revision: record.revision }, &record.sealed)
}

/// Seals the profile of `member` at `revision`.
pub fn seal_profile(
    vault: &dyn Vault,
    society: &SocietyName,
    member: MemberId,
    revision: Revision,
    profile: &Profile,
) -> Result<SealedRecord, Fault> {
    seal_record(vault, &Binding { society, member: Some(member), record: "profile", revision }, profile)
}

/// Opens what [`seal_profile`] made for the same member.
pub fn open_profile(vault: &dyn Vault, society: &SocietyName, member: MemberId, record: &SealedRecord) -> Result<Profile, Fault> {
    open_record(vault, &Binding { society, member: Some(member), record: "profile", revision: record.revision }, &record.sealed)
}

/// Seals `letter` for the outbox row `id` of `member`, whom it concerns.
pub fn seal_letter(vault: &dyn Vault, society: &SocietyName, member: MemberId, id: u64, letter: &Letter) -> Result<NewLetter, Fault> {
    let record = seal_record(vault, &letter_binding(society, member, id), letter)?;
    Ok(NewLetter { id, member, sealed: record.sealed, not_before: letter.not_before })
}

/// Opens the letter of `row`. [`Fault::Damaged`] when this row is not what was written: it will never open.
pub fn open_letter(vault: &dyn Vault, society: &SocietyName, row: &OutboxRow) -> Result<Letter, Fault> {
    open_record(vault, &letter_binding(society, row.member, row.id), &row.sealed)
}

fn letter_binding(society: &SocietyName, member: MemberId, id: u64) -> Binding<'_> {
    Binding { society, member: Some(member), record: "letter", revision: Revision(id) }
}

/// Seals `value` (format byte, then postcard) where `binding` says.
pub fn seal_record<T: Serialize>(vault: &dyn Vault, binding: &Binding, value: &T) -> Result<SealedRecord, Fault> {
    let mut plain = Vec::with_capacity(ROOM);
    plain.push(FORMAT);
    let plain = postcard::to_extend(value, plain)
        .map(Zeroizing::new)
        .map_err(|error| Fault::Damaged(format!("{}: it cannot be written down: {error}", binding.record)))?;
    Ok(SealedRecord { revision: binding.revision, sealed: vault.seal(binding, &plain)? })
}

/// Opens what [`seal_record`] made with the same `binding`. [`Fault::Damaged`] when what is inside is not of this format.
pub fn open_record<T: DeserializeOwned>(vault: &dyn Vault, binding: &Binding, sealed: &[u8]) -> Result<T, Fault> {
    let plain = vault.open(binding, sealed)?;
    match plain.split_first() {
        Some((&FORMAT, rest)) => match postcard::take_from_bytes(rest) {
            Ok((value, [])) => Ok(value),
            // The parser's own words could quote what was sealed.
            Ok(_) | Err(_) => Err(Fault::Damaged(format!("{}: its content does not parse", binding.record))),
        },
        Some((format, _)) => Err(Fault::Damaged(format!("{}: format {format}; this version reads format {FORMAT}", binding.record))),
        None => Err(Fault::Damaged(format!("{}: empty", binding.record))),
    }
}

/// What the pepper hashes for a password.
pub enum VerifierInput<'a> {
    /// `Verifier::Chosen` and `Verifier::Issued`: over argon2id's 32 bytes.
    Hashed {
        /// argon2id(password, salt).
        argon2: &'a [u8; 32],
        /// The cost it was made with, so that a cheaper one cannot be written in its place.
        cost: HashCost,
    },
    /// `Verifier::Rule`: over the folded password itself.
    Rule {
        /// [`sekisho_core::password::Password::bytes`].
        password: &'a [u8],
    },
}

/// The bytes whose HMAC under the pepper is a password's verifier (design §4, H-04). Every part is preceded by its length and the
/// first one names the kind, so that no input of one kind, member or society is one of another.
pub fn verifier_input(keys: &SocietyKeys, member: MemberId, generation: Generation, input: &VerifierInput) -> SecretBytes {
    let generation = generation.0.to_be_bytes();
    let cost = |cost: &HashCost| [cost.memory_kib, cost.passes, cost.lanes].map(u32::to_be_bytes).concat();
    match input {
        VerifierInput::Hashed { argon2, cost: of } => {
            joined(&[b"chosen", argon2.as_slice(), keys.password(), &member.0, &cost(of), &generation])
        }
        VerifierInput::Rule { password } => joined(&[b"rule", password, keys.password(), &member.0, &generation]),
    }
}

/// The parts, each preceded by its length, in one buffer that is never moved while it grows.
fn joined(parts: &[&[u8]]) -> SecretBytes {
    let length = parts.iter().map(|part| 4 + part.len()).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(length));
    for part in parts {
        out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

/// Finds a member by user ID.
pub fn index_user_id(keys: &SocietyKeys, id: &UserId) -> BlindIndex {
    keys.index("user-id", &[id.as_str()])
}

/// Finds a member by card. Full-width digits, spaces and hyphens do not matter; leading zeros do.
pub fn index_card(keys: &SocietyKeys, symbol: &str, number: &str, branch: &str) -> BlindIndex {
    keys.index("card", &[&fold_code(symbol), &fold_code(number), &fold_code(branch)])
}

/// What the pepper hashes for a recovery code or an activation code. As with passwords every part is preceded by its length.
pub fn lookup_input(keys: &SocietyKeys, member: MemberId, kind: LookupKind, generation: Generation, code: &Lookup) -> SecretBytes {
    let kind: &[u8] = match kind {
        LookupKind::Recovery => b"recovery-code",
        LookupKind::Activation => b"activation-code",
    };
    joined(&[kind, code.bytes(), keys.password(), &member.0, &generation.0.to_be_bytes()])
}

/// Finds a member by proven address and birth date, for the reminder of the user ID.
pub fn index_reminder(keys: &SocietyKeys, birth: BirthDate, address: &EmailAddress) -> BlindIndex {
    keys.index("reminder", &[&birth.digits(), &address.folded()])
}

/// Finds the owner of a passkey: a credential id belongs to one member of the society (WR-17).
pub fn index_passkey(keys: &SocietyKeys, credential_id: &[u8]) -> BlindIndex {
    keys.index("passkey", &[&data_encoding::BASE64URL_NOPAD.encode(credential_id)])
}

/// Finds the owner of a proven address.
pub fn index_email(keys: &SocietyKeys, address: &EmailAddress) -> BlindIndex {
    keys.index("email", &[&address.folded()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::digest::{SHA256, digest};

    const COST: HashCost = HashCost { memory_kib: 19_456, passes: 2, lanes: 1 };

    fn hashed(argon2: &[u8; 32], cost: HashCost) -> VerifierInput<'_> {
        VerifierInput::Hashed { argon2, cost }
    }

    #[test]
    fn the_bytes_under_the_pepper_are_pinned() {
        let keys = SocietyKeys::derive(&[7; 32]);
        let chosen = verifier_input(&keys, MemberId([1; 16]), Generation(3), &hashed(&[9; 32], COST));
        assert_eq!(chosen.len(), (4 + 6) + (4 + 32) + (4 + 32) + (4 + 16) + (4 + 12) + (4 + 4));
        assert!(chosen.starts_with(b"\0\0\0\x06chosen\0\0\0\x20\x09\x09"));
        assert!(chosen.ends_with(b"\0\0\0\x0c\0\0\x4c\0\0\0\0\x02\0\0\0\x01\0\0\0\x04\0\0\0\x03"));
        let rule = verifier_input(&keys, MemberId([1; 16]), Generation(3), &VerifierInput::Rule { password: b"12345678919801201" });
        assert!(rule.starts_with(b"\0\0\0\x04rule\0\0\0\x1112345678919801201\0\0\0\x20"));
        assert!(rule.ends_with(b"\x01\x01\0\0\0\x04\0\0\0\x03"));
    }

    #[test]
    fn every_part_changes_the_bytes_under_the_pepper() {
        let (one, other) = (SocietyKeys::derive(&[7; 32]), SocietyKeys::derive(&[8; 32]));
        let cheap = HashCost { passes: 1, ..COST };
        let inputs = [
            verifier_input(&one, MemberId([1; 16]), Generation(1), &hashed(&[9; 32], COST)),
            verifier_input(&other, MemberId([1; 16]), Generation(1), &hashed(&[9; 32], COST)),
            verifier_input(&one, MemberId([2; 16]), Generation(1), &hashed(&[9; 32], COST)),
            verifier_input(&one, MemberId([1; 16]), Generation(2), &hashed(&[9; 32], COST)),
            verifier_input(&one, MemberId([1; 16]), Generation(1), &hashed(&[8; 32], COST)),
            verifier_input(&one, MemberId([1; 16]), Generation(1), &hashed(&[9; 32], cheap)),
            verifier_input(&one, MemberId([1; 16]), Generation(1), &VerifierInput::Rule { password: &[9; 32] }),
        ];
        let mut seen: Vec<_> = inputs.iter().map(|input| digest(&SHA256, input).as_ref().to_vec()).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), inputs.len());
    }

    #[test]
    fn indexes_fold_what_people_type_and_keep_kinds_and_fields_apart() {
        let keys = SocietyKeys::derive(&[7; 32]);
        assert_eq!(index_card(&keys, "１２", "345-6789", "00"), index_card(&keys, "12", "3456789", "00"));
        assert_ne!(index_card(&keys, "123", "456789", "00"), index_card(&keys, "12", "3456789", "00"));
        assert_ne!(index_card(&keys, "12", "3456789", "01"), index_card(&keys, "12", "3456789", "00"));
        assert_eq!(index_user_id(&keys, &UserId::typed("Ｔａｒｏ-1")), index_user_id(&keys, &UserId::typed("taro-1")));
        let address = EmailAddress::typed("Taro@Example.test").unwrap();
        assert_eq!(index_email(&keys, &address), index_email(&keys, &EmailAddress::typed("taro@example.test").unwrap()));
        assert_ne!(index_email(&keys, &address), index_user_id(&keys, &UserId::typed("taro@example.test")));
    }
}
