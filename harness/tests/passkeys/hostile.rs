//! Every way to be dishonest, the reason it is refused for, and whether webauthn-rs alone would have let it pass.

use crate::library_alone::Alone;
use crate::{CHALLENGE, HANDLE, HOST, ORIGIN, party};
use data_encoding::BASE64URL_NOPAD;
use sekisho::perform::passkey::{Candidate, creation_options, request_options, verify_assertion, verify_creation};
use sekisho_core::id::FactorId;
use sekisho_core::passkey::{Assertion, Flaw, NewPasskey};
use sekisho_harness::world::authenticator::{Hostile, Mutation};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// In which ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    Create,
    Get,
}

/// What webauthn-rs 0.6.2 says to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Library {
    Refuses,
    /// Only the strict check stands before it.
    Accepts,
}

use Library::{Accepts, Refuses};
use Mutation as M;
use When::{Create, Get};

/// Each mutation in each ceremony where it changes something, its flaw, and what the library alone makes of it.
const REFUSED: &[(Mutation, When, Flaw, Library)] = &[
    (M::OtherCeremony, Create, Flaw::ClientDataType, Refuses),
    (M::OtherCeremony, Get, Flaw::ClientDataType, Refuses),
    (M::NoCeremony, Create, Flaw::ClientDataType, Refuses),
    (M::NoCeremony, Get, Flaw::ClientDataType, Refuses),
    (M::OtherChallenge, Create, Flaw::Challenge, Refuses),
    (M::OtherChallenge, Get, Flaw::Challenge, Refuses),
    (M::ShortChallenge, Create, Flaw::Challenge, Refuses),
    (M::ShortChallenge, Get, Flaw::Challenge, Refuses),
    (M::EmptyChallenge, Create, Flaw::Challenge, Refuses),
    (M::EmptyChallenge, Get, Flaw::Challenge, Refuses),
    (M::OriginHttp, Create, Flaw::Origin, Refuses),
    (M::OriginHttp, Get, Flaw::Origin, Refuses),
    (M::OriginPort, Create, Flaw::Origin, Refuses),
    (M::OriginPort, Get, Flaw::Origin, Refuses),
    (M::OriginDefaultPort, Create, Flaw::Origin, Accepts),
    (M::OriginDefaultPort, Get, Flaw::Origin, Accepts),
    (M::OriginBelow, Create, Flaw::Origin, Refuses),
    (M::OriginBelow, Get, Flaw::Origin, Refuses),
    (M::OriginAbove, Create, Flaw::Origin, Refuses),
    (M::OriginAbove, Get, Flaw::Origin, Refuses),
    (M::OriginPrefixed, Create, Flaw::Origin, Refuses),
    (M::OriginPrefixed, Get, Flaw::Origin, Refuses),
    (M::OriginContinued, Create, Flaw::Origin, Refuses),
    (M::OriginContinued, Get, Flaw::Origin, Refuses),
    (M::OriginOther, Create, Flaw::Origin, Refuses),
    (M::OriginOther, Get, Flaw::Origin, Refuses),
    (M::OriginUser, Create, Flaw::Origin, Accepts),
    (M::OriginUser, Get, Flaw::Origin, Accepts),
    (M::OriginSlash, Create, Flaw::Origin, Accepts),
    (M::OriginSlash, Get, Flaw::Origin, Accepts),
    (M::OriginPath, Create, Flaw::Origin, Accepts),
    (M::OriginPath, Get, Flaw::Origin, Accepts),
    (M::OriginCapitals, Create, Flaw::Origin, Accepts),
    (M::OriginCapitals, Get, Flaw::Origin, Accepts),
    (M::OriginNull, Create, Flaw::Origin, Refuses),
    (M::OriginNull, Get, Flaw::Origin, Refuses),
    (M::OriginApp, Create, Flaw::Origin, Refuses),
    (M::OriginApp, Get, Flaw::Origin, Refuses),
    (M::CrossOrigin, Create, Flaw::CrossOrigin, Refuses),
    (M::CrossOrigin, Get, Flaw::CrossOrigin, Accepts),
    (M::CrossOriginWord, Create, Flaw::Malformed, Refuses),
    (M::CrossOriginWord, Get, Flaw::Malformed, Refuses),
    (M::TopOrigin, Create, Flaw::TopOrigin, Accepts),
    (M::TopOrigin, Get, Flaw::TopOrigin, Accepts),
    (M::TopOriginNull, Create, Flaw::TopOrigin, Accepts),
    (M::TopOriginNull, Get, Flaw::TopOrigin, Accepts),
    (M::OriginTwice, Create, Flaw::Malformed, Refuses),
    (M::OriginTwice, Get, Flaw::Malformed, Refuses),
    (M::ChallengeTwice, Create, Flaw::Malformed, Refuses),
    (M::ChallengeTwice, Get, Flaw::Malformed, Refuses),
    (M::UnknownTwice, Create, Flaw::Malformed, Accepts),
    (M::UnknownTwice, Get, Flaw::Malformed, Accepts),
    (M::ByteOrderMark, Create, Flaw::Malformed, Refuses),
    (M::ByteOrderMark, Get, Flaw::Malformed, Refuses),
    (M::NotUtf8, Create, Flaw::Malformed, Refuses),
    (M::NotUtf8, Get, Flaw::Malformed, Refuses),
    (M::DeeplyNested, Create, Flaw::Malformed, Refuses),
    (M::DeeplyNested, Get, Flaw::Malformed, Refuses),
    (M::ClientDataContinued, Create, Flaw::Malformed, Refuses),
    (M::ClientDataContinued, Get, Flaw::Malformed, Refuses),
    (M::CredentialType, Create, Flaw::CredentialType, Accepts),
    (M::CredentialType, Get, Flaw::CredentialType, Accepts),
    (M::IdNotRawId, Create, Flaw::CredentialType, Accepts),
    (M::IdNotRawId, Get, Flaw::CredentialType, Accepts),
    (M::OtherId, Create, Flaw::CredentialId, Accepts),
    (M::OtherId, Get, Flaw::UnknownCredential, Refuses),
    (M::PaddedId, Create, Flaw::Malformed, Accepts),
    (M::PaddedId, Get, Flaw::Malformed, Accepts),
    (M::IdTwice, Create, Flaw::Malformed, Refuses),
    (M::IdTwice, Get, Flaw::Malformed, Refuses),
    (M::TypeTwice, Create, Flaw::Malformed, Refuses),
    (M::TypeTwice, Get, Flaw::Malformed, Refuses),
    (M::NoResponse, Create, Flaw::Malformed, Refuses),
    (M::NoResponse, Get, Flaw::Malformed, Refuses),
    (M::TooLong, Create, Flaw::Malformed, Accepts),
    (M::TooLong, Get, Flaw::Malformed, Accepts),
    (M::JsonContinued, Create, Flaw::Malformed, Refuses),
    (M::JsonContinued, Get, Flaw::Malformed, Refuses),
    (M::OtherParty, Create, Flaw::RpIdHash, Refuses),
    (M::OtherParty, Get, Flaw::RpIdHash, Refuses),
    (M::PartyAbove, Create, Flaw::RpIdHash, Refuses),
    (M::PartyAbove, Get, Flaw::RpIdHash, Refuses),
    (M::UserNotPresent, Create, Flaw::UserPresence, Refuses),
    (M::UserNotPresent, Get, Flaw::UserPresence, Refuses),
    (M::UserNotVerified, Create, Flaw::UserVerification, Refuses),
    (M::UserNotVerified, Get, Flaw::UserVerification, Refuses),
    (M::BackedUpNotEligible, Create, Flaw::BackupFlags, Refuses),
    (M::BackedUpNotEligible, Get, Flaw::BackupFlags, Refuses),
    (M::EligibilityChanged, Get, Flaw::BackupFlags, Accepts),
    (M::DataContinued, Create, Flaw::AuthenticatorData, Accepts),
    (M::DataContinued, Get, Flaw::AuthenticatorData, Accepts),
    (M::ExtensionsMissing, Create, Flaw::AuthenticatorData, Refuses),
    (M::ExtensionsMissing, Get, Flaw::AuthenticatorData, Refuses),
    (M::ExtensionsUnflagged, Create, Flaw::AuthenticatorData, Accepts),
    (M::ExtensionsUnflagged, Get, Flaw::AuthenticatorData, Accepts),
    (M::ExtensionsNotAMap, Create, Flaw::AuthenticatorData, Refuses),
    (M::ExtensionsNotAMap, Get, Flaw::AuthenticatorData, Refuses),
    (M::ExtensionTwice, Create, Flaw::AuthenticatorData, Accepts),
    (M::ExtensionTwice, Get, Flaw::AuthenticatorData, Accepts),
    (M::ExtensionsContinued, Create, Flaw::AuthenticatorData, Accepts),
    (M::ExtensionsContinued, Get, Flaw::AuthenticatorData, Accepts),
    (M::DataShort, Create, Flaw::AuthenticatorData, Refuses),
    (M::DataShort, Get, Flaw::AuthenticatorData, Refuses),
    (M::DataEmpty, Create, Flaw::AuthenticatorData, Refuses),
    (M::DataEmpty, Get, Flaw::AuthenticatorData, Refuses),
    (M::AttestedFlagFlipped, Create, Flaw::AuthenticatorData, Refuses),
    (M::AttestedFlagFlipped, Get, Flaw::AuthenticatorData, Accepts),
    (M::CredentialCut, Create, Flaw::AuthenticatorData, Refuses),
    (M::EmptyCredentialId, Create, Flaw::CredentialId, Accepts),
    (M::LongCredentialId, Create, Flaw::CredentialId, Accepts),
    (M::AlgorithmEdDsa, Create, Flaw::PublicKey, Refuses),
    (M::AlgorithmEs512, Create, Flaw::PublicKey, Refuses),
    (M::RsaShort, Create, Flaw::PublicKey, Refuses),
    (M::RsaPadded, Create, Flaw::PublicKey, Accepts),
    (M::OtherKeyType, Create, Flaw::PublicKey, Refuses),
    (M::OtherCurve, Create, Flaw::PublicKey, Refuses),
    (M::CurveOfOtherAlgorithm, Create, Flaw::PublicKey, Accepts),
    (M::PointOffCurve, Create, Flaw::PublicKey, Refuses),
    (M::ShortCoordinate, Create, Flaw::PublicKey, Refuses),
    (M::CompressedPoint, Create, Flaw::PublicKey, Refuses),
    (M::ExtraKeyMember, Create, Flaw::PublicKey, Accepts),
    (M::KeyMemberTwice, Create, Flaw::AuthenticatorData, Accepts),
    (M::KeyIndefinite, Create, Flaw::AuthenticatorData, Accepts),
    (M::NoneWithStatement, Create, Flaw::Attestation, Accepts),
    (M::SelfByOtherKey, Create, Flaw::Attestation, Refuses),
    (M::SelfOtherAlgorithm, Create, Flaw::Attestation, Refuses),
    (M::SelfUnsigned, Create, Flaw::Attestation, Refuses),
    (M::Certificates, Create, Flaw::Attestation, Refuses),
    (M::SafetyNet, Create, Flaw::Attestation, Refuses),
    (M::U2f, Create, Flaw::Attestation, Refuses),
    (M::UnknownFormat, Create, Flaw::Attestation, Refuses),
    (M::FormatTwice, Create, Flaw::Malformed, Refuses),
    (M::ObjectIndefinite, Create, Flaw::Malformed, Accepts),
    (M::ObjectContinued, Create, Flaw::Malformed, Refuses),
    (M::OtherUserHandle, Get, Flaw::UserHandle, Accepts),
    (M::EmptyUserHandle, Get, Flaw::UserHandle, Accepts),
    (M::LongUserHandle, Get, Flaw::UserHandle, Accepts),
    (M::SignatureByOtherKey, Get, Flaw::Signature, Refuses),
    (M::SignatureZero, Get, Flaw::Signature, Refuses),
    (M::SignatureOrder, Get, Flaw::Signature, Refuses),
    (M::SignatureBitFlipped, Get, Flaw::Signature, Refuses),
    (M::SignatureRaw, Get, Flaw::Signature, Refuses),
    (M::SignatureBer, Get, Flaw::Signature, Refuses),
    (M::SignatureContinued, Get, Flaw::Signature, Refuses),
    (M::SignatureEmpty, Get, Flaw::Signature, Refuses),
    (M::SignatureOfLess, Get, Flaw::Signature, Refuses),
];

/// What is unusual and right, in the ceremonies where it is.
const ACCEPTED: &[(Mutation, When)] = &[
    (M::SignatureMirrored, Get),
    (M::NoUserHandle, Get),
    (M::ShortestCredentialId, Create),
    (M::LongestCredentialId, Create),
    (M::UnaskedExtension, Create),
    (M::UnaskedExtension, Get),
    (M::UnknownClientData, Create),
    (M::UnknownClientData, Get),
    (M::UnknownMembers, Create),
    (M::UnknownMembers, Get),
    (M::NoCrossOrigin, Create),
    (M::NoCrossOrigin, Get),
    (M::SelfAttested, Create),
    (M::EligibilityChanged, Create),
];

fn answer(device: &mut Hostile, when: When, mutation: Option<Mutation>) -> String {
    match when {
        Create => device.create(&creation_options(&party(), &CHALLENGE, &HANDLE, "0012345", "Member", &[]), ORIGIN, mutation),
        Get => device.get(&request_options(&party(), &CHALLENGE, &[]), ORIGIN, mutation),
    }
    .unwrap()
}

fn created(answer: &str) -> Result<NewPasskey, Flaw> {
    verify_creation(&party(), &CHALLENGE, &[], answer).unwrap()
}

fn asserted(made: &NewPasskey, answer: &str) -> Result<Assertion, Flaw> {
    let candidates = [Candidate { factor: FactorId(1), passkey: &made.passkey }];
    verify_assertion(&party(), &CHALLENGE, &HANDLE, &candidates, answer).unwrap()
}

/// A device, the passkey it has made, and the answer that made it.
fn scene() -> (Hostile, NewPasskey, String) {
    let mut device = Hostile::new(1);
    let answer = answer(&mut device, Create, None);
    let made = created(&answer).unwrap_or_else(|flaw| panic!("the control is refused: {}", flaw.id()));
    (device, made, answer)
}

/// What the appliance says, in either ceremony.
fn verdict(made: &NewPasskey, when: When, answer: &str) -> Result<(), Flaw> {
    match when {
        Create => created(answer).map(drop),
        Get => asserted(made, answer).map(drop),
    }
}

#[test]
fn each_change_is_refused_for_its_own_reason_and_the_unchanged_answer_passes_before_and_after() {
    let (mut device, made, _) = scene();
    let mut wrong = Vec::new();
    for (mutation, when, flaw, _) in REFUSED {
        let control = answer(&mut device, *when, None);
        assert_eq!(verdict(&made, *when, &control), Ok(()), "before {mutation:?}, {when:?}");
        let changed = answer(&mut device, *when, Some(*mutation));
        assert_ne!(control, changed, "{mutation:?} changes nothing, {when:?}");
        let verdict_on_changed = verdict(&made, *when, &changed);
        if verdict_on_changed != Err(*flaw) {
            wrong.push(format!("{mutation:?}, {when:?}: {verdict_on_changed:?} instead of {flaw:?}"));
        }
        assert_eq!(verdict(&made, *when, &control), Ok(()), "after {mutation:?}, {when:?}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_unusual_and_right_is_taken() {
    let (mut device, made, _) = scene();
    for (mutation, when) in ACCEPTED {
        let changed = answer(&mut device, *when, Some(*mutation));
        assert_eq!(verdict(&made, *when, &changed), Ok(()), "{mutation:?}, {when:?}: {changed:.600}");
    }
}

#[test]
fn every_mutation_and_every_flaw_has_a_case() {
    let mutations: BTreeSet<_> = REFUSED.iter().map(|case| case.0).chain(ACCEPTED.iter().map(|case| case.0)).collect();
    assert_eq!(mutations, Mutation::ALL.iter().copied().collect());
    let flaws: BTreeSet<_> = REFUSED.iter().map(|case| case.2).collect();
    // An excluded passkey has its own test below; what only the library refuses is unknown by its nature.
    let elsewhere = [Flaw::Excluded, Flaw::Library].into();
    assert_eq!(Flaw::ALL.iter().copied().collect::<BTreeSet<_>>().difference(&flaws).copied().collect::<BTreeSet<_>>(), elsewhere);
}

#[test]
fn the_library_alone_lets_pass_what_the_strict_check_is_there_for() {
    // When a new version of the library refuses more, or less, this list changes with it, by hand.
    let (mut device, _, control) = scene();
    let alone = Alone::new(HOST, ORIGIN, CHALLENGE, &control);
    let mut wrong = Vec::new();
    for (mutation, when, _, expected) in REFUSED {
        let changed = answer(&mut device, *when, Some(*mutation));
        let says = if alone.accepts(*when, &changed) { Accepts } else { Refuses };
        if says != *expected {
            wrong.push(format!("{mutation:?}, {when:?}: {says:?}"));
        }
    }
    assert!(wrong.is_empty(), "the library says otherwise: {wrong:#?}");
    for (mutation, when) in ACCEPTED {
        assert!(alone.accepts(*when, &answer(&mut device, *when, Some(*mutation))), "{mutation:?}, {when:?}");
    }
}

#[test]
fn one_flipped_bit_or_a_missing_end_anywhere_is_refused() {
    // WV-15. The new key's own signature stands for the creation too: without it nothing there is signed.
    let (mut device, made, _) = scene();
    let attested = answer(&mut device, Create, Some(M::SelfAttested));
    let asserted = answer(&mut device, Get, None);
    for (when, answer, fields) in [
        (Create, attested, &["clientDataJSON", "attestationObject"][..]),
        (Get, asserted, &["clientDataJSON", "authenticatorData", "signature"]),
    ] {
        let right: Value = serde_json::from_str(&answer).unwrap();
        for field in fields {
            let bytes = BASE64URL_NOPAD.decode(right["response"][field].as_str().unwrap().as_bytes()).unwrap();
            let verdict = |bytes: &[u8]| {
                let mut changed = right.clone();
                changed["response"][field] = json!(BASE64URL_NOPAD.encode(bytes));
                verdict(&made, when, &changed.to_string())
            };
            assert_eq!(verdict(&bytes), Ok(()));
            for bit in 0..bytes.len() * 8 {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert!(verdict(&flipped).is_err(), "{when:?}, {field}, bit {bit}");
            }
            for length in 0..bytes.len() {
                assert!(verdict(&bytes[..length]).is_err(), "{when:?}, {field}, {length} bytes");
            }
        }
    }
}

#[test]
fn a_counter_is_told_and_not_judged() {
    // WV-16: the rules judge it, in the commit. A verifier that did it too would hide from them what there was to see.
    let (mut device, made, _) = scene();
    assert_eq!(made.counter, 1);
    for counter in [0, 1, 2, u32::MAX] {
        device.counter = counter;
        let found = asserted(&made, &answer(&mut device, Get, None)).map(|found| found.counter);
        assert_eq!(found, Ok(counter));
    }
}

#[test]
fn a_synced_passkey_may_be_backed_up_or_not_from_one_time_to_the_next() {
    let mut device = Hostile::new(1);
    device.backup_eligible = true;
    let made = created(&answer(&mut device, Create, None)).unwrap_or_else(|flaw| panic!("{}", flaw.id()));
    assert!(made.passkey.backup_eligible && !made.backed_up);
    for backed_up in [true, false] {
        device.backed_up = backed_up;
        let found = asserted(&made, &answer(&mut device, Get, None)).map(|found| found.backed_up);
        assert_eq!(found, Ok(backed_up));
    }
    // One that is said to be bound to its device since cannot have been copied before.
    device.backup_eligible = false;
    assert_eq!(verdict(&made, Get, &answer(&mut device, Get, None)), Err(Flaw::BackupFlags));
}

#[test]
fn a_passkey_that_the_member_has_is_not_taken_again() {
    let (_, made, answer) = scene();
    let again = verify_creation(&party(), &CHALLENGE, &[&made.passkey], &answer).unwrap();
    assert_eq!(again.map(drop), Err(Flaw::Excluded));
}

#[test]
fn another_members_passkey_is_unknown() {
    let (mut device, made, _) = scene();
    let answer = answer(&mut device, Get, None);
    assert_eq!(verify_assertion(&party(), &CHALLENGE, &HANDLE, &[], &answer).unwrap(), Err(Flaw::UnknownCredential));
    let mut other = made.passkey.clone();
    other.credential_id.push(0);
    let candidates = [Candidate { factor: FactorId(1), passkey: &other }];
    assert_eq!(verify_assertion(&party(), &CHALLENGE, &HANDLE, &candidates, &answer).unwrap(), Err(Flaw::UnknownCredential));
}

#[test]
fn of_several_passkeys_the_one_that_answers_is_named() {
    let (mut device, made, _) = scene();
    let mut second = Hostile::new(2);
    let other = created(&answer(&mut second, Create, None)).unwrap_or_else(|flaw| panic!("{}", flaw.id()));
    let candidates =
        [Candidate { factor: FactorId(4), passkey: &made.passkey }, Candidate { factor: FactorId(5), passkey: &other.passkey }];
    for (device, factor) in [(&mut device, FactorId(4)), (&mut second, FactorId(5))] {
        let found = verify_assertion(&party(), &CHALLENGE, &HANDLE, &candidates, &answer(device, Get, None)).unwrap();
        assert_eq!(found.map(|found| found.factor), Ok(factor));
    }
}

#[test]
fn a_damaged_key_on_file_is_nobodys_wrong_answer() {
    let (mut device, mut made, _) = scene();
    made.passkey.public_key.pop();
    let candidates = [Candidate { factor: FactorId(1), passkey: &made.passkey }];
    assert!(verify_assertion(&party(), &CHALLENGE, &HANDLE, &candidates, &answer(&mut device, Get, None)).is_err());
}

#[test]
fn only_ways_that_browsers_know_are_kept() {
    // The hostile device names "internal" and a carrier pigeon.
    assert_eq!(scene().1.passkey.transports, ["internal"]);
}
