//! An answer in its parts, each of which can be changed before all of it is signed and written.

use super::signature::Signing;
use super::{Ceremony, Hostile};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;
use p256::ecdsa::SigningKey;
use ring::digest::{SHA256, digest};
use serde_json::json;

pub(super) const USER_PRESENT: u8 = 1;
pub(super) const USER_VERIFIED: u8 = 1 << 2;
pub(super) const BACKUP_ELIGIBLE: u8 = 1 << 3;
pub(super) const BACKED_UP: u8 = 1 << 4;
pub(super) const ATTESTED: u8 = 1 << 6;
pub(super) const EXTENDED: u8 = 1 << 7;

/// Everything that an answer says.
pub(super) struct Answer {
    pub ceremony: Ceremony,
    pub client: ClientData,
    pub data: AuthenticatorData,
    pub attestation: Attestation,
    pub envelope: Envelope,
    pub signing: Signing,
}

pub(super) struct ClientData {
    pub before: Vec<u8>,
    pub r#type: &'static str,
    pub challenge: Vec<u8>,
    pub origin: String,
    /// Further members, as they are written, each with its comma.
    pub further: Vec<u8>,
    pub after: Vec<u8>,
}

pub(super) struct AuthenticatorData {
    pub party: String,
    pub flags: u8,
    pub counter: u32,
    pub credential_id: Vec<u8>,
    pub key: Vec<(Value, Value)>,
    pub key_is_indefinite: bool,
    pub after: Vec<u8>,
    /// No more bytes than these.
    pub length: usize,
}

pub(super) struct Attestation {
    pub format: &'static str,
    pub statement: Statement,
    pub further: Vec<(Value, Value)>,
    pub is_indefinite: bool,
    pub after: Vec<u8>,
}

pub(super) enum Statement {
    Of(Vec<(Value, Value)>),
    /// A signature by the new key, or as `signing` says, under this algorithm's number, and further members.
    ByItself(Signing, i64, Vec<(Value, Value)>),
}

pub(super) struct Envelope {
    pub r#type: &'static str,
    pub id: String,
    pub raw_id: String,
    pub user_handle: Option<Vec<u8>>,
    pub has_response: bool,
    /// Further members, as they are written, each with its comma.
    pub further: String,
    pub after: &'static str,
}

impl Answer {
    pub fn right(passkey: &Hostile, ceremony: Ceremony, challenge: &[u8], party: &str, origin: &str) -> Self {
        let is_new = ceremony == Ceremony::Create;
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let id = URL_SAFE_NO_PAD.encode(&passkey.credential_id);
        Self {
            ceremony,
            client: ClientData {
                before: Vec::new(),
                r#type: if is_new { "webauthn.create" } else { "webauthn.get" },
                challenge: challenge.to_vec(),
                origin: origin.to_owned(),
                further: br#","crossOrigin":false"#.to_vec(),
                after: Vec::new(),
            },
            data: AuthenticatorData {
                party: party.to_owned(),
                flags: USER_PRESENT
                    | USER_VERIFIED
                    | flag(passkey.backup_eligible, BACKUP_ELIGIBLE)
                    | flag(passkey.backed_up, BACKED_UP)
                    | flag(is_new, ATTESTED),
                counter: passkey.counter,
                credential_id: passkey.credential_id.clone(),
                key: elliptic_key(&passkey.key),
                key_is_indefinite: false,
                after: Vec::new(),
                length: usize::MAX,
            },
            attestation: Attestation {
                format: "none",
                statement: Statement::Of(Vec::new()),
                further: Vec::new(),
                is_indefinite: false,
                after: Vec::new(),
            },
            envelope: Envelope {
                r#type: "public-key",
                raw_id: id.clone(),
                id,
                user_handle: passkey.user_handle.clone(),
                has_response: true,
                further: String::new(),
                after: "",
            },
            signing: Signing::Right,
        }
    }

    /// The credential as JSON.
    pub fn write(&self, key: &SigningKey, other: &SigningKey) -> String {
        let client_data = self.client.write();
        let data = self.data.write();
        let message = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let base64url = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let response = match self.ceremony {
            Ceremony::Create => json!({
                "clientDataJSON": base64url(&client_data),
                "attestationObject": base64url(&self.attestation.write(&data, &message, key, other)),
                "transports": ["internal", "carrier-pigeon"],
            }),
            Ceremony::Get => json!({
                "clientDataJSON": base64url(&client_data),
                "authenticatorData": base64url(&data),
                "signature": base64url(&self.signing.sign(key, other, &message)),
                "userHandle": self.envelope.user_handle.as_deref().map(base64url),
            }),
        };
        self.envelope.write(&response.to_string())
    }
}

impl ClientData {
    fn write(&self) -> Vec<u8> {
        let Self { before, r#type, challenge, origin, further, after } = self;
        let challenge = URL_SAFE_NO_PAD.encode(challenge);
        let known = format!(r#"{{"type":"{type}","challenge":"{challenge}","origin":"{origin}""#);
        [before, known.as_bytes(), further, b"}", after].concat()
    }
}

impl AuthenticatorData {
    fn write(&self) -> Vec<u8> {
        let mut bytes = digest(&SHA256, self.party.as_bytes()).as_ref().to_vec();
        bytes.push(self.flags);
        bytes.extend(self.counter.to_be_bytes());
        if self.flags & ATTESTED != 0 {
            bytes.extend([0; 16]);
            bytes.extend(u16::try_from(self.credential_id.len()).unwrap_or(u16::MAX).to_be_bytes());
            bytes.extend(&self.credential_id);
            bytes.extend(map(&self.key, self.key_is_indefinite));
        }
        bytes.extend(&self.after);
        bytes.truncate(self.length);
        bytes
    }
}

impl Attestation {
    fn write(&self, data: &[u8], message: &[u8], key: &SigningKey, other: &SigningKey) -> Vec<u8> {
        let statement = match &self.statement {
            Statement::Of(members) => members.clone(),
            Statement::ByItself(signing, algorithm, further) => {
                let signature = Value::Bytes(signing.sign(key, other, message));
                [vec![(text("alg"), Value::from(*algorithm)), (text("sig"), signature)], further.clone()].concat()
            }
        };
        let mut object = vec![
            (text("fmt"), text(self.format)),
            (text("attStmt"), Value::Map(statement)),
            (text("authData"), Value::Bytes(data.to_vec())),
        ];
        object.extend(self.further.clone());
        [map(&object, self.is_indefinite), self.after.clone()].concat()
    }
}

impl Envelope {
    fn write(&self, response: &str) -> String {
        let Self { r#type, id, raw_id, further, after, .. } = self;
        let response = if self.has_response { format!(r#","response":{response}"#) } else { String::new() };
        format!(r#"{{"id":"{id}","rawId":"{raw_id}","type":"{type}","clientExtensionResults":{{}}{response}{further}}}{after}"#)
    }
}

/// A COSE_Key of P-256 (RFC 9053 §7.1.1).
pub(super) fn elliptic_key(key: &SigningKey) -> Vec<(Value, Value)> {
    let point = key.verifying_key().to_sec1_point(false);
    let coordinate = |bytes: Option<&[u8]>| Value::Bytes(bytes.unwrap_or_default().to_vec());
    let (x, y) = (coordinate(point.x().map(|x| x.as_slice())), coordinate(point.y().map(|y| y.as_slice())));
    vec![(int(1), int(2)), (int(3), int(-7)), (int(-1), int(1)), (int(-2), x), (int(-3), y)]
}

pub(super) fn int(number: i64) -> Value {
    Value::from(number)
}

pub(super) fn text(words: &str) -> Value {
    Value::from(words)
}

/// A map of at most 23 entries, in the order given, the same key as often as given.
fn map(entries: &[(Value, Value)], is_indefinite: bool) -> Vec<u8> {
    let count = u8::try_from(entries.len()).unwrap_or(u8::MAX);
    let mut bytes = vec![if is_indefinite { 0xbf } else { 0xa0 | count }];
    for item in entries.iter().flat_map(|(key, value)| [key, value]) {
        // A vector takes every byte.
        _ = ciborium::into_writer(item, &mut bytes);
    }
    if is_indefinite {
        bytes.push(0xff);
    }
    bytes
}
