//! Passkey ceremonies between a session and [`passkey`]: what a page asks, and what became of its answer.

use super::passkey::{self, Candidate, RelyingParty, aaguid};
use crate::ports::{Fault, World};
use crate::society::Society;
use sekisho_core::account::{Account, Factor};
use sekisho_core::id::{FactorId, MemberId};
use sekisho_core::letter::Language;
use sekisho_core::passkey::{Assertion, CHALLENGE_BYTES, Challenge, Flaw, Passkey};
use sekisho_core::plan::Created;

/// What the page that makes a passkey hands to its script. `user_name` and `display_name` are what the device will show.
pub fn creation_options(
    society: &Society,
    world: &World,
    account: &Account,
    user_name: &str,
    display_name: &str,
    challenge: &[u8; CHALLENGE_BYTES],
) -> Result<String, Fault> {
    let party = RelyingParty::of(society)?;
    let handle = society.keys(world)?.user_handle(account.id);
    let existing: Vec<&Passkey> = account.credentials.passkeys().map(|(_, passkey)| passkey).collect();
    Ok(passkey::creation_options(&party, challenge, &handle, user_name, display_name, &existing))
}

/// What the page that asks for a passkey hands to its script.
pub fn request_options(society: &Society, factors: &[&Factor], challenge: &[u8; CHALLENGE_BYTES]) -> Result<String, Fault> {
    let kept = factors.iter().filter_map(|factor| factor.kind.passkey());
    let passkeys: Vec<&Passkey> = kept.collect();
    Ok(passkey::request_options(&RelyingParty::of(society)?, challenge, &passkeys))
}

/// Verifies an answer that makes a passkey.
pub(super) fn created(
    society: &Society,
    challenge: &Challenge,
    existing: &[Passkey],
    answer: &str,
    language: Language,
) -> Result<Result<Created, Flaw>, Fault> {
    let existing: Vec<&Passkey> = existing.iter().collect();
    let made = passkey::verify_creation(&RelyingParty::of(society)?, &challenge.bytes, &existing, answer)?;
    let plain = match language {
        Language::Ja => "パスキー",
        Language::En => "Passkey",
    };
    Ok(told(society, made).map(|made| {
        let name = aaguid::suggested_name(made.passkey.aaguid).unwrap_or(plain).to_owned();
        Created { made, name }
    }))
}

/// Verifies an answer by a passkey.
pub(super) fn asserted(
    society: &Society,
    world: &World,
    member: MemberId,
    challenge: &Challenge,
    candidates: &[(FactorId, Passkey)],
    answer: &str,
) -> Result<Result<Assertion, Flaw>, Fault> {
    let handle = society.keys(world)?.user_handle(member);
    let candidates: Vec<Candidate> = candidates.iter().map(|(factor, passkey)| Candidate { factor: *factor, passkey }).collect();
    let asserted = passkey::verify_assertion(&RelyingParty::of(society)?, &challenge.bytes, &handle, &candidates, answer)?;
    Ok(told(society, asserted))
}

/// Operators read why; members are told one thing for all of it (WV-19).
fn told<T>(society: &Society, verified: Result<T, Flaw>) -> Result<T, Flaw> {
    verified.inspect_err(|flaw| tracing::warn!(society = %society.name, flaw = flaw.id(), "an answer with a passkey proves nothing"))
}
