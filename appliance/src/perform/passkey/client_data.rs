//! What the browser says about the ceremony, in the bytes that the authenticator signs the hash of (WebAuthn §5.8.1).

use super::RelyingParty;
use super::envelope::Bytes;
use super::json;
use sekisho_core::passkey::{CHALLENGE_BYTES, Ceremony, Flaw};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq as _;

/// Client data. Browsers may add members that are not named here at any time.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClientData {
    r#type: String,
    challenge: Bytes,
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
    /// Whatever it says.
    #[serde(default, deserialize_with = "present")]
    top_origin: bool,
}

impl ClientData {
    /// The bytes that are hashed are read as they are.
    pub fn read(bytes: &[u8]) -> Result<Self, Flaw> {
        json::read(bytes)
    }

    /// Of this ceremony, for this challenge, from a page of this society that stands in no other site's frame.
    pub fn check(&self, ceremony: Ceremony, challenge: &[u8; CHALLENGE_BYTES], party: &RelyingParty) -> Result<(), Flaw> {
        let wanted = match ceremony {
            Ceremony::Create => "webauthn.create",
            Ceremony::Get => "webauthn.get",
        };
        if self.r#type != wanted {
            return Err(Flaw::ClientDataType);
        }
        if !bool::from(self.challenge.0.ct_eq(challenge)) {
            return Err(Flaw::Challenge);
        }
        if self.origin != party.origin {
            return Err(Flaw::Origin);
        }
        if self.cross_origin == Some(true) {
            return Err(Flaw::CrossOrigin);
        }
        if self.top_origin {
            return Err(Flaw::TopOrigin);
        }
        Ok(())
    }
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}
