//! A browser and an authenticator that say what they like. Every answer is right but for the one thing that is asked for, so that a
//! server that refuses it has refused exactly that.
//!
//! Everything follows from the seed, the options and the mutation: signatures too are the same ones again (RFC 6979).

mod answer;
mod mutation;
mod signature;

use answer::Answer;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::SigningKey;
use ring::digest::{SHA256, digest};
use serde_json::Value;

pub use mutation::Mutation;

/// Which of the two ceremonies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ceremony {
    Create,
    Get,
}

/// One passkey, in hands that can change everything about it.
#[derive(Clone)]
pub struct Hostile {
    key: SigningKey,
    other_key: SigningKey,
    /// The credential id.
    pub credential_id: Vec<u8>,
    /// The counter that the next answer carries. It moves only if somebody moves it.
    pub counter: u32,
    /// BE: whether the passkey may be copied.
    pub backup_eligible: bool,
    /// BS: whether it has been.
    pub backed_up: bool,
    /// What it answers for the user; kept from the last creation.
    pub user_handle: Option<Vec<u8>>,
}

impl Hostile {
    /// The passkey that belongs to `seed`: device-bound, with a counter that stands at 1.
    pub fn new(seed: u64) -> Self {
        Self {
            key: key(seed, "key"),
            other_key: key(seed, "other key"),
            credential_id: bytes(seed, "credential id").split_at(16).0.to_vec(),
            counter: 1,
            backup_eligible: false,
            backed_up: false,
            user_handle: None,
        }
    }

    /// The answer to `navigator.credentials.create` on a page of `origin`, changed by `mutation`. `None` when `options` are no options.
    pub fn create(&mut self, options: &str, origin: &str, mutation: Option<Mutation>) -> Option<String> {
        let options: Value = serde_json::from_str(options).ok()?;
        self.user_handle = Some(decoded(options.get("user")?.get("id")?)?);
        let party = options.get("rp")?.get("id")?.as_str()?;
        Some(self.answer(Ceremony::Create, &decoded(options.get("challenge")?)?, party, origin, mutation))
    }

    /// The answer to `navigator.credentials.get` on a page of `origin`, changed by `mutation`.
    pub fn get(&self, options: &str, origin: &str, mutation: Option<Mutation>) -> Option<String> {
        let options: Value = serde_json::from_str(options).ok()?;
        let party = options.get("rpId")?.as_str()?;
        Some(self.answer(Ceremony::Get, &decoded(options.get("challenge")?)?, party, origin, mutation))
    }

    fn answer(&self, ceremony: Ceremony, challenge: &[u8], party: &str, origin: &str, mutation: Option<Mutation>) -> String {
        let mut answer = Answer::right(self, ceremony, challenge, party, origin);
        if let Some(mutation) = mutation {
            mutation.apply(&mut answer);
        }
        answer.write(&self.key, &self.other_key)
    }
}

fn decoded(text: &Value) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.as_str()?).ok()
}

fn bytes(seed: u64, what: &str) -> [u8; 32] {
    sha256(&[&seed.to_be_bytes()[..], what.as_bytes()].concat())
}

fn sha256(input: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, input).as_ref());
    hash
}

/// Nearly every 32 bytes are a key; those that are none give place to the next.
fn key(seed: u64, what: &str) -> SigningKey {
    let mut candidate = bytes(seed, what);
    loop {
        match SigningKey::from_slice(&candidate) {
            Ok(key) => return key,
            Err(_) => candidate = sha256(&candidate),
        }
    }
}
