//! Answers to passkey dialogues are read without a panic and without a fault of ours; no signature is guessed; and what is taken as a
//! new passkey can be asked for.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use sekisho::perform::passkey::{Candidate, RelyingParty, verify_assertion, verify_creation};
use sekisho_core::id::FactorId;
use sekisho_core::passkey::{Flaw, Passkey};

const CHALLENGE: [u8; 32] = [7; 32];

fuzz_target!(|input: &[u8]| {
    let Some((how, bytes)) = input.split_first() else { return };
    let party = RelyingParty::new("login.example.test", "https://login.example.test", "Example").expect("a host and its origin");
    let base64url = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let client_data = |kind: &str| {
        let challenge = base64url(&CHALLENGE);
        base64url(format!(r#"{{"type":"webauthn.{kind}","challenge":"{challenge}","origin":"https://login.example.test"}}"#).as_bytes())
    };
    let envelope = |id: &[u8], response: String| {
        let id = base64url(id);
        format!(r#"{{"id":"{id}","rawId":"{id}","type":"public-key","response":{{{response}}}}}"#)
    };

    let answer = match how % 3 {
        0 => String::from_utf8_lossy(bytes).into_owned(),
        1 => {
            let object = format!(r#""clientDataJSON":"{}","attestationObject":"{}""#, client_data("create"), base64url(bytes));
            envelope(bytes.get(70..86).unwrap_or(&[1]), object)
        }
        _ => {
            let (data, signature) = bytes.split_at(bytes.len().min(37));
            let (data, signature) = (base64url(data), base64url(signature));
            let client = client_data("get");
            envelope(&[1], format!(r#""clientDataJSON":"{client}","authenticatorData":"{data}","signature":"{signature}""#))
        }
    };

    if let Ok(made) = verify_creation(&party, &CHALLENGE, &[], &answer).expect("no fault of ours") {
        assert!((1..=1023).contains(&made.passkey.credential_id.len()));
        assert_eq!(asked(&party, &made.passkey, &answer), Flaw::Malformed);
    }
    asked(&party, &known(), &answer);
});

fn asked(party: &RelyingParty, passkey: &Passkey, answer: &str) -> Flaw {
    let candidates = [Candidate { factor: FactorId(1), passkey }];
    let verdict = verify_assertion(party, &CHALLENGE, &[9; 16], &candidates, answer).expect("no fault of ours");
    verdict.expect_err("a signature without a key")
}

/// The generator of P-256 (SP 800-186 §3.2.1.3).
fn known() -> Passkey {
    let mut public_key = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".to_vec();
    public_key.extend(0x6b17_d1f2_e12c_4247_f8bc_e6e5_63a4_40f2_u128.to_be_bytes());
    public_key.extend(0x7703_7d81_2deb_33a0_f4a1_3945_d898_c296_u128.to_be_bytes());
    public_key.extend(b"\x22\x58\x20");
    public_key.extend(0x4fe3_42e2_fe1a_7f9b_8ee7_eb4a_7c0f_9e16_u128.to_be_bytes());
    public_key.extend(0x2bce_3357_6b31_5ece_cbb6_4068_37bf_51f5_u128.to_be_bytes());
    Passkey { credential_id: vec![1], public_key, backup_eligible: false, transports: Vec::new(), aaguid: [0; 16] }
}
