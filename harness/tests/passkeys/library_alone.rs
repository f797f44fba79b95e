//! webauthn-rs without the strict check before it, on the same answers: what would pass if the check were not there.

use crate::hostile::When;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use webauthn_rs::prelude::{Passkey, PasskeyAuthentication, PasskeyRegistration, Url, Uuid};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// The library, with its own passkey from its own ceremony.
pub struct Alone {
    library: Webauthn,
    creation: PasskeyRegistration,
    request: PasskeyAuthentication,
}

impl Alone {
    /// For a site, a challenge, and the answer that made the passkey.
    pub fn new(host: &str, origin: &str, challenge: [u8; 32], answer: &str) -> Self {
        let library = WebauthnBuilder::new(host, &Url::parse(origin).unwrap()).and_then(WebauthnBuilder::build).unwrap();
        let (_, creation) = library.start_passkey_registration(Uuid::nil(), "a", "b", None).unwrap();
        let creation = with_challenge(&creation, "rs", challenge);
        let passkey = library.finish_passkey_registration(&serde_json::from_str(answer).unwrap(), &creation).unwrap();
        // A counter of 0, as the appliance has it: the counter is not what this is about.
        let mut record = serde_json::to_value(&passkey).unwrap();
        record["cred"]["counter"] = json!(0);
        let passkey: Passkey = serde_json::from_value(record).unwrap();
        let (_, request) = library.start_passkey_authentication(&[passkey]).unwrap();
        Self { request: with_challenge(&request, "ast", challenge), library, creation }
    }

    /// Whether it takes `answer`.
    pub fn accepts(&self, when: When, answer: &str) -> bool {
        match when {
            When::Create => serde_json::from_str(answer)
                .is_ok_and(|credential| self.library.finish_passkey_registration(&credential, &self.creation).is_ok()),
            When::Get => serde_json::from_str(answer)
                .is_ok_and(|credential| self.library.finish_passkey_authentication(&credential, &self.request).is_ok()),
        }
    }
}

/// The library draws its challenges itself.
fn with_challenge<T: Serialize + DeserializeOwned>(state: &T, part: &str, challenge: [u8; 32]) -> T {
    let mut words: Value = serde_json::to_value(state).unwrap();
    words[part]["challenge"] = json!(data_encoding::BASE64URL_NOPAD.encode(&challenge));
    serde_json::from_value(words).unwrap()
}
