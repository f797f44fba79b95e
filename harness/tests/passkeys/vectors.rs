//! Answers that nobody here has made: the standard's own, and keys of the other two algorithms that are offered.

use crate::{CHALLENGE, HANDLE, party};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sekisho::perform::passkey::{Candidate, RelyingParty, verify_assertion, verify_creation};
use sekisho_core::id::FactorId;
use sekisho_core::passkey::{Flaw, Passkey};
use serde_json::{Value, json};

#[test]
fn the_standards_own_vectors_are_refused_only_for_what_we_ask_beyond_it() {
    // They are right by the standard, but some are not verified by their user, and some come from a frame of another site.
    let party = RelyingParty::new("example.org", "https://example.org", "Example").unwrap();
    let vectors: Value = serde_json::from_str(include_str!("w3c.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let (create, get) = (&case["create"], &case["get"]);
        // Of every object here the authenticator data comes last: hash 32, flags 1, counter 4, aaguid 16, length 2, id 32, key 77.
        let object = bytes(&create["attestation_object"]);
        let data = &object[object.len() - 164..];
        let passkey = Passkey {
            credential_id: data[55..87].to_vec(),
            public_key: data[87..].to_vec(),
            backup_eligible: data[32] & 8 != 0,
            transports: Vec::new(),
            aaguid: data[37..53].try_into().unwrap(),
        };

        let created = envelope(
            &passkey,
            json!({ "clientDataJSON": text(&create["client_data"]), "attestationObject": text(&create["attestation_object"]) }),
        );
        let verdict = verify_creation(&party, &challenge(create), &[], &created).unwrap();
        assert_eq!(said(verdict.as_ref().map(drop).map_err(|flaw| *flaw)), create["expected"], "{}", case["name"]);
        if let Ok(made) = verdict {
            assert!(made.passkey == passkey, "{}", case["name"]);
        }

        let asserted = envelope(
            &passkey,
            json!({
                "clientDataJSON": text(&get["client_data"]),
                "authenticatorData": text(&get["authenticator_data"]),
                "signature": text(&get["signature"]),
            }),
        );
        let candidates = [Candidate { factor: FactorId(1), passkey: &passkey }];
        let verdict = verify_assertion(&party, &challenge(get), &HANDLE, &candidates, &asserted).unwrap();
        assert_eq!(said(verdict.map(drop)), get["expected"], "{}", case["name"]);
    }
}

#[test]
fn the_other_algorithms_that_are_offered_are_verified_too() {
    let vectors: Value = serde_json::from_str(include_str!("other_algorithms.json")).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let name = &case["algorithm"];
        let made = verify_creation(&party(), &CHALLENGE, &[], &case["create"].to_string()).unwrap();
        let made = made.unwrap_or_else(|flaw| panic!("{name}: {}", flaw.id()));
        let candidates = [Candidate { factor: FactorId(1), passkey: &made.passkey }];
        let verdict = |answer: &Value| verify_assertion(&party(), &CHALLENGE, &HANDLE, &candidates, &answer.to_string()).unwrap().map(drop);
        assert_eq!(verdict(&case["get"]), Ok(()), "{name}");

        let mut signature = BASE64URL_NOPAD.decode(case["get"]["response"]["signature"].as_str().unwrap().as_bytes()).unwrap();
        *signature.last_mut().unwrap() ^= 1;
        let mut flipped = case["get"].clone();
        flipped["response"]["signature"] = json!(BASE64URL_NOPAD.encode(&signature));
        assert_eq!(verdict(&flipped), Err(Flaw::Signature), "{name}");
    }
}

fn envelope(passkey: &Passkey, response: Value) -> String {
    let id = BASE64URL_NOPAD.encode(&passkey.credential_id);
    json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
}

fn said(verdict: Result<(), Flaw>) -> &'static str {
    verdict.map_or_else(Flaw::id, |()| "accepted")
}

fn bytes(hex: &Value) -> Vec<u8> {
    HEXLOWER.decode(hex.as_str().unwrap().as_bytes()).unwrap()
}

fn text(hex: &Value) -> String {
    BASE64URL_NOPAD.encode(&bytes(hex))
}

fn challenge(part: &Value) -> [u8; 32] {
    bytes(&part["challenge"]).try_into().unwrap()
}

#[test]
fn what_a_real_browser_sends_through_the_pages_script_is_taken() {
    // Once as the browser writes it, once as the script does for browsers that cannot.
    let party = RelyingParty::new("localhost", "http://localhost:8099", "Example").unwrap();
    let answers: Value = serde_json::from_str(include_str!("chromium.json")).unwrap();
    let made =
        verify_creation(&party, &CHALLENGE, &[], &answers["create"].to_string()).unwrap().unwrap_or_else(|flaw| panic!("{}", flaw.id()));
    assert_eq!(made.passkey.transports, ["internal"]);
    assert!(verify_creation(&party, &CHALLENGE, &[], &answers["create_without_to_json"].to_string()).unwrap().is_ok());
    let candidates = [Candidate { factor: FactorId(1), passkey: &made.passkey }];
    for name in ["get", "get_without_to_json"] {
        let verdict = verify_assertion(&party, &CHALLENGE, &HANDLE, &candidates, &answers[name].to_string()).unwrap();
        assert_eq!(verdict.map(drop), Ok(()), "{name}");
    }
}
