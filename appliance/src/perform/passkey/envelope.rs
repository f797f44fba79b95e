//! The credential as the page sends it: `PublicKeyCredential.toJSON()` (WebAuthn §5.1).

use super::json;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekisho_core::passkey::Flaw;
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer};

/// Longest answer, in bytes: forty times what browsers send.
pub const LONGEST_ANSWER: usize = 64 * 1024;

/// The envelope. Members not named here are not looked at, and the library never sees them.
#[derive(Deserialize)]
pub(super) struct Envelope<R> {
    id: String,
    #[serde(rename = "rawId")]
    raw_id: Bytes,
    r#type: String,
    pub response: R,
}

/// What `navigator.credentials.create` answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Creation {
    #[serde(rename = "clientDataJSON")]
    pub client_data: Bytes,
    pub attestation_object: Bytes,
    pub transports: Option<Vec<String>>,
}

/// What `navigator.credentials.get` answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Signed {
    #[serde(rename = "clientDataJSON")]
    pub client_data: Bytes,
    pub authenticator_data: Bytes,
    pub signature: Bytes,
    /// Old authenticators keep none.
    pub user_handle: Option<Bytes>,
}

impl<R: DeserializeOwned> Envelope<R> {
    /// Bounded, then read.
    pub fn read(answer: &str) -> Result<Self, Flaw> {
        if answer.len() > LONGEST_ANSWER {
            return Err(Flaw::Malformed);
        }
        let envelope: Self = json::read(answer.as_bytes())?;
        let is_consistent = envelope.r#type == "public-key" && envelope.id == super::base64url(&envelope.raw_id.0);
        is_consistent.then_some(envelope).ok_or(Flaw::CredentialType)
    }

    /// The credential id.
    pub fn credential_id(&self) -> &[u8] {
        &self.raw_id.0
    }
}

/// Bytes in base64url without padding.
pub(super) struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD.decode(text).map(Self).map_err(de::Error::custom)
    }
}
