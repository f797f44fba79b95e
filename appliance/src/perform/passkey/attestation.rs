//! What an authenticator says about itself when it makes a passkey (WebAuthn §6.5). None is asked for; none, or a signature by the new
//! key itself, is taken (WR-15). Everything else names a maker by certificates that nobody here would judge.

use super::cbor::Item;
use sekisho_core::passkey::Flaw;

/// The authenticator data inside an attestation object whose statement is of a kind that is taken. The library verifies the signature.
pub(super) fn authenticator_data(object: &[u8]) -> Result<&[u8], Flaw> {
    let object = Item::read_all(object).ok_or(Flaw::Malformed)?;
    let format = object.field("fmt").and_then(Item::text).ok_or(Flaw::Malformed)?;
    let statement = object.field("attStmt").and_then(Item::entries).ok_or(Flaw::Malformed)?;
    let data = object.field("authData").and_then(Item::bytes).ok_or(Flaw::Malformed)?;
    let is_taken = match format {
        "none" => statement.is_empty(),
        "packed" => statement.iter().all(|(name, _)| matches!(name.text(), Some("alg" | "sig"))),
        _ => false,
    };
    is_taken.then_some(data).ok_or(Flaw::Attestation)
}
