//! Passkeys (WebAuthn Level 3 §7): what browsers are asked, and whether an answer proves anything.
//!
//! Two readers stand behind each other. The strict check comes first and reads everything that the specification leaves to the relying
//! party, and what webauthn-rs 0.6.2 is known to let pass. The library then verifies the signature. Nothing reaches it that the strict
//! check has not read, and neither keeps anything: single use and age of the challenge, counters, uniqueness of ids and the number of
//! passkeys are the rules' and the store's.

pub mod aaguid;
mod attestation;
mod authenticator_data;
mod cbor;
mod client_data;
mod cose;
mod envelope;
mod json;
mod library;
mod options;

use crate::ports::Fault;
use crate::society::Society;
use authenticator_data::AuthenticatorData;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use client_data::ClientData;
use envelope::{Creation, Envelope, Signed};
use library::{Asserted, Created};
use sekisho_core::id::FactorId;
use sekisho_core::passkey::{Assertion, CHALLENGE_BYTES, Ceremony, Flaw, NewPasskey, Passkey};
use subtle::ConstantTimeEq as _;
use webauthn_rs::Webauthn;

pub use envelope::LONGEST_ANSWER;
pub use options::{creation_options, request_options};

/// The society as authenticators know it. No passkey of one society is worth anything at another (WR-09).
#[derive(Debug)]
pub struct RelyingParty {
    id: String,
    origin: String,
    name: String,
    library: Webauthn,
}

impl RelyingParty {
    /// The society's host, its origin to the letter, and its Japanese name, which is the one that members know.
    pub fn of(society: &Society) -> Result<Self, Fault> {
        Self::new(&society.host, &society.origin, &society.face.name_ja)
    }

    /// From its parts. [`Fault::Damaged`] when the origin is none, or is not on the host.
    pub fn new(id: &str, origin: &str, name: &str) -> Result<Self, Fault> {
        let library = library::new(id, origin)?;
        Ok(Self { id: id.to_owned(), origin: origin.to_owned(), name: name.to_owned(), library })
    }
}

/// A passkey that a member may answer with.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    /// Under which number the answer names it.
    pub factor: FactorId,
    /// What is kept of it.
    pub passkey: &'a Passkey,
}

/// Whether `answer` (JSON) makes a passkey for `challenge`. `existing` are those that the member has. A [`Flaw`] is the answer's, a
/// [`Fault`] ours.
pub fn verify_creation(
    party: &RelyingParty,
    challenge: &[u8; CHALLENGE_BYTES],
    existing: &[&Passkey],
    answer: &str,
) -> Result<Result<NewPasskey, Flaw>, Fault> {
    Refusal::part(creation(party, challenge, existing, answer))
}

/// Whether `answer` (JSON) is the signature of one of `candidates` for `challenge`. Its counter is not judged here: that is
/// [`sekisho_core::passkey::counter_is_good`], against the row that the same commit writes.
pub fn verify_assertion(
    party: &RelyingParty,
    challenge: &[u8; CHALLENGE_BYTES],
    user_handle: &[u8; 16],
    candidates: &[Candidate],
    answer: &str,
) -> Result<Result<Assertion, Flaw>, Fault> {
    Refusal::part(assertion(party, challenge, user_handle, candidates, answer))
}

fn creation(party: &RelyingParty, challenge: &[u8; CHALLENGE_BYTES], existing: &[&Passkey], answer: &str) -> Result<NewPasskey, Refusal> {
    let envelope = Envelope::<Creation>::read(answer)?;
    let Creation { client_data, attestation_object, transports } = &envelope.response;
    ClientData::read(&client_data.0)?.check(Ceremony::Create, challenge, party)?;

    let data = AuthenticatorData::read(attestation::authenticator_data(&attestation_object.0)?)?;
    data.check(party)?;
    let attested = data.attested.as_ref().ok_or(Flaw::AuthenticatorData)?;
    attested.check(envelope.credential_id())?;
    if existing.iter().any(|known| known.credential_id == attested.credential_id) {
        return Err(Flaw::Excluded.into());
    }

    let created = Created { credential_id: attested.credential_id, client_data: &client_data.0, attestation_object: &attestation_object.0 };
    library::verify_creation(&party.library, challenge, &created)?;
    let passkey = Passkey {
        credential_id: attested.credential_id.to_vec(),
        public_key: attested.public_key.to_vec(),
        backup_eligible: data.backup_eligible(),
        transports: known_transports(transports.as_deref().unwrap_or_default()),
        aaguid: attested.aaguid,
    };
    Ok(NewPasskey { passkey, counter: data.counter, backed_up: data.backed_up() })
}

fn assertion(
    party: &RelyingParty,
    challenge: &[u8; CHALLENGE_BYTES],
    user_handle: &[u8; 16],
    candidates: &[Candidate],
    answer: &str,
) -> Result<Assertion, Refusal> {
    let envelope = Envelope::<Signed>::read(answer)?;
    let Signed { client_data, authenticator_data, signature, user_handle: answered } = &envelope.response;
    let is_named = |candidate: &&Candidate| candidate.passkey.credential_id == envelope.credential_id();
    let Candidate { factor, passkey } = candidates.iter().find(is_named).ok_or(Flaw::UnknownCredential)?;
    if answered.as_ref().is_some_and(|answered| !bool::from(answered.0.ct_eq(user_handle))) {
        return Err(Flaw::UserHandle.into());
    }
    ClientData::read(&client_data.0)?.check(Ceremony::Get, challenge, party)?;

    let data = AuthenticatorData::read(&authenticator_data.0)?;
    data.check(party)?;
    if data.attested.is_some() {
        return Err(Flaw::AuthenticatorData.into());
    }
    if data.backup_eligible() != passkey.backup_eligible {
        return Err(Flaw::BackupFlags.into());
    }

    let asserted = Asserted { client_data: &client_data.0, authenticator_data: &authenticator_data.0, signature: &signature.0 };
    library::verify_assertion(&party.library, challenge, passkey, &asserted)?;
    Ok(Assertion { factor: *factor, counter: data.counter, backed_up: data.backed_up() })
}

/// The ways to an authenticator that are worth handing back to browsers (WebAuthn §5.8.4). They come unsigned from the page, so nothing
/// else of them is kept. `cable` is what `hybrid` was called first.
fn known_transports(said: &[String]) -> Vec<String> {
    let is_said = |known: &str| said.iter().any(|said| said == known || (known == "hybrid" && said == "cable"));
    ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"].into_iter().filter(|known| is_said(known)).map(str::to_owned).collect()
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Why there is no result: the answer's flaw, or our own fault.
enum Refusal {
    Flaw(Flaw),
    Fault(Fault),
}

impl Refusal {
    fn part<T>(result: Result<T, Self>) -> Result<Result<T, Flaw>, Fault> {
        match result {
            Ok(value) => Ok(Ok(value)),
            Err(Self::Flaw(flaw)) => Ok(Err(flaw)),
            Err(Self::Fault(fault)) => Err(fault),
        }
    }
}

impl From<Flaw> for Refusal {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
