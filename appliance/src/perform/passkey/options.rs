//! What the browser is asked: the JSON of `PublicKeyCredential.parseCreationOptionsFromJSON` and `.parseRequestOptionsFromJSON`
//! (WebAuthn §5.1.8, §5.1.9).

use super::cose::OFFERED;
use super::{RelyingParty, base64url};
use sekisho_core::passkey::{CHALLENGE_BYTES, Passkey};
use serde_json::{Value, json};

/// How long the browser may wait for its member, in milliseconds: as long as the challenge lives.
const TIMEOUT: u32 = 300_000;

/// Asks for a new passkey. `existing` are the member's, so that a device that has one says so instead of making a second (WR-22).
pub fn creation_options(
    party: &RelyingParty,
    challenge: &[u8; CHALLENGE_BYTES],
    user_handle: &[u8; 16],
    user_name: &str,
    display_name: &str,
    existing: &[&Passkey],
) -> String {
    let algorithms = OFFERED.map(|(number, _)| json!({ "type": "public-key", "alg": number }));
    json!({
        "rp": { "id": party.id, "name": party.name },
        "user": { "id": base64url(user_handle), "name": user_name, "displayName": display_name },
        "challenge": base64url(challenge),
        "pubKeyCredParams": algorithms,
        "timeout": TIMEOUT,
        "excludeCredentials": descriptors(existing),
        "authenticatorSelection": { "residentKey": "preferred", "requireResidentKey": false, "userVerification": "required" },
        "attestation": "none",
    })
    .to_string()
}

/// Asks for one of `candidates`, the member's passkeys. Only behind the password: the ids tell that the account exists (WV-21).
pub fn request_options(party: &RelyingParty, challenge: &[u8; CHALLENGE_BYTES], candidates: &[&Passkey]) -> String {
    json!({
        "challenge": base64url(challenge),
        "timeout": TIMEOUT,
        "rpId": party.id,
        "allowCredentials": descriptors(candidates),
        "userVerification": "required",
    })
    .to_string()
}

fn descriptors(passkeys: &[&Passkey]) -> Vec<Value> {
    let descriptor = |passkey: &&Passkey| {
        let id = base64url(&passkey.credential_id);
        // An empty list would say that no way leads to it.
        match passkey.transports.as_slice() {
            [] => json!({ "type": "public-key", "id": id }),
            transports => json!({ "type": "public-key", "id": id, "transports": transports }),
        }
    };
    passkeys.iter().map(descriptor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use webauthn_rs::prelude::Uuid;

    #[test]
    fn what_is_offered_is_what_the_library_verifies() {
        let party = RelyingParty::new("login.example.test", "https://login.example.test", "Example").unwrap();
        let (theirs, _) = party.library.start_passkey_registration(Uuid::nil(), "a", "b", None).unwrap();
        let theirs = serde_json::to_value(theirs).unwrap();
        let ours: Value = serde_json::from_str(&creation_options(&party, &[0; 32], &[0; 16], "a", "b", &[])).unwrap();
        assert_eq!(ours["pubKeyCredParams"], theirs["publicKey"]["pubKeyCredParams"]);
        assert_eq!(ours["rp"]["id"], theirs["publicKey"]["rp"]["id"]);
    }
}
