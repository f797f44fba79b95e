//! The credential as the page sends it: `PublicKeyCredential.toJSON()` (WebAuthn §5.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekisho_core::passkey::Flaw;
use serde::{Deserialize, Deserializer, de};
use std::borrow::Cow;

/// Longest answer, in bytes: forty times what browsers send.
pub const LONGEST_ANSWER: usize = 64 * 1024;

/// The envelope. A member that comes twice is an error; members not named here are not looked at, and the library never sees them.
#[derive(Deserialize)]
pub(super) struct Envelope<'a, R> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(rename = "rawId")]
    raw_id: Bytes,
    #[serde(borrow)]
    r#type: Cow<'a, str>,
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

impl<'a, R: Deserialize<'a>> Envelope<'a, R> {
    /// Bounded, then read. serde_json itself ends nesting at 128.
    pub fn read(answer: &'a str) -> Result<Self, Flaw> {
        if answer.len() > LONGEST_ANSWER {
            return Err(Flaw::Malformed);
        }
        let envelope: Self = serde_json::from_str(answer).map_err(|_| Flaw::Malformed)?;
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
        let text = Cow::<str>::deserialize(deserializer)?;
        URL_SAFE_NO_PAD.decode(text.as_bytes()).map(Self).map_err(de::Error::custom)
    }
}
