//! webauthn-rs as the verifier. It is given what the strict check has read and nothing else, and its state is rebuilt for every answer
//! from our challenge and our record: nothing of the library's own is ever stored.
//!
//! It would also judge the signature counter, against a copy. It is told 0, which every counter may follow, so that the rules alone
//! judge it, in the commit (WV-16).

use super::cbor::Item;
use super::cose::{OFFERED, PublicKey};
use super::{Refusal, base64url};
use crate::ports::Fault;
use sekisho_core::passkey::{CHALLENGE_BYTES, Flaw, Passkey};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use webauthn_rs::prelude::{PasskeyAuthentication, PasskeyRegistration, Url, WebauthnError};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// A verifier for one host and one origin.
pub(super) fn new(id: &str, origin: &str) -> Result<Webauthn, Fault> {
    let unfit = |why: String| Fault::Damaged(format!("passkeys cannot be bound to host {id} and origin {origin}: {why}"));
    let origin = Url::parse(origin).map_err(|error| unfit(error.to_string()))?;
    WebauthnBuilder::new(id, &origin).and_then(WebauthnBuilder::build).map_err(|error| unfit(format!("{error:?}")))
}

/// A `create` answer in its parts, each of them checked.
pub(super) struct Created<'a> {
    pub credential_id: &'a [u8],
    pub client_data: &'a [u8],
    pub attestation_object: &'a [u8],
}

/// The key is one of its curve's, and an attestation by the key itself verifies.
pub(super) fn verify_creation(library: &Webauthn, challenge: &[u8; CHALLENGE_BYTES], answer: &Created) -> Result<(), Refusal> {
    let algorithms = OFFERED.map(|(_, name)| name);
    let state: PasskeyRegistration = rebuilt(json!({ "rs": {
        "policy": "required",
        "exclude_credentials": [],
        "challenge": base64url(challenge),
        "credential_algorithms": algorithms,
        "require_resident_key": false,
        "authenticator_attachment": null,
        "extensions": {},
        "allow_synchronised_authenticators": true,
    }}))?;
    let credential = rebuilt(json!({
        "id": base64url(answer.credential_id),
        "rawId": base64url(answer.credential_id),
        "type": "public-key",
        "response": {
            "clientDataJSON": base64url(answer.client_data),
            "attestationObject": base64url(answer.attestation_object),
        },
    }))?;
    library.finish_passkey_registration(&credential, &state).map(drop).map_err(|error| Refusal::Flaw(creation_flaw(&error)))
}

/// A `get` answer in its parts, each of them checked.
pub(super) struct Asserted<'a> {
    pub client_data: &'a [u8],
    pub authenticator_data: &'a [u8],
    pub signature: &'a [u8],
}

/// The signature is that of `passkey`'s key.
pub(super) fn verify_assertion(
    library: &Webauthn,
    challenge: &[u8; CHALLENGE_BYTES],
    passkey: &Passkey,
    answer: &Asserted,
) -> Result<(), Refusal> {
    let state: PasskeyAuthentication = rebuilt(json!({ "ast": {
        "credentials": [record(passkey)?],
        "policy": "required",
        "challenge": base64url(challenge),
        "appid": null,
        "allow_backup_eligible_upgrade": false,
    }}))?;
    let credential = rebuilt(json!({
        "id": base64url(&passkey.credential_id),
        "rawId": base64url(&passkey.credential_id),
        "type": "public-key",
        "response": {
            "clientDataJSON": base64url(answer.client_data),
            "authenticatorData": base64url(answer.authenticator_data),
            "signature": base64url(answer.signature),
            "userHandle": null,
        },
    }))?;
    library.finish_passkey_authentication(&credential, &state).map(drop).map_err(|error| Refusal::Flaw(assertion_flaw(&error)))
}

/// A passkey in the library's own record format.
fn record(passkey: &Passkey) -> Result<Value, Fault> {
    let damaged = || Fault::Damaged("a passkey's public key is not one that is offered".to_owned());
    let key = Item::read_all(&passkey.public_key).and_then(|key| PublicKey::read(&key).ok().map(|key| key.record())).ok_or_else(damaged)?;
    Ok(json!({
        "cred_id": base64url(&passkey.credential_id),
        "cred": key,
        "counter": 0,
        "transports": null,
        "user_verified": true,
        "backup_eligible": passkey.backup_eligible,
        "backup_state": false,
        "registration_policy": "required",
        "extensions": {},
        "attestation": { "data": "None", "metadata": "None" },
        "attestation_format": "none",
    }))
}

/// The library's own type out of the words above. They fit the version that was tested, so what does not fit is no member's mistake.
fn rebuilt<T: DeserializeOwned>(words: Value) -> Result<T, Fault> {
    serde_json::from_value(words).map_err(|error| Fault::Damaged(format!("webauthn-rs does not take the state given to it: {error}")))
}

fn creation_flaw(error: &WebauthnError) -> Flaw {
    use WebauthnError as E;
    match error {
        E::EcdsaPointInvalid | E::RsaParametersInvalid => Flaw::PublicKey,
        E::SignatureInvalid
        | E::AttestationStatementSigMissing
        | E::AttestationStatementSigInvalid
        | E::AttestationStatementAlgMissing
        | E::AttestationStatementAlgMismatch
        | E::AttestationStatementAlgInvalid => Flaw::Attestation,
        _ => Flaw::Library,
    }
}

fn assertion_flaw(error: &WebauthnError) -> Flaw {
    match error {
        WebauthnError::SignatureInvalid | WebauthnError::AuthenticationFailure => Flaw::Signature,
        _ => Flaw::Library,
    }
}
