//! Passkeys at the appliance's verifier: an honest device passes, and each way to be dishonest is refused for its own reason.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod hostile;
mod library_alone;
mod vectors;

use sekisho::perform::passkey::{Candidate, RelyingParty, creation_options, request_options, verify_assertion, verify_creation};
use sekisho_core::id::FactorId;
use sekisho_core::passkey::{Assertion, NewPasskey};
use sekisho_harness::world::authenticator::{Authenticator, Declined, Kind, Verification};

const HOST: &str = "login.example.test";
const ORIGIN: &str = "https://login.example.test";
const CHALLENGE: [u8; 32] = [7; 32];
const HANDLE: [u8; 16] = [9; 16];

fn party() -> RelyingParty {
    RelyingParty::new(HOST, ORIGIN, "例示健康保険組合").unwrap()
}

fn create(device: &mut Authenticator) -> NewPasskey {
    let options = creation_options(&party(), &CHALLENGE, &HANDLE, "0012345", "Member", &[]);
    let answer = device.create(&options, ORIGIN).unwrap();
    verify_creation(&party(), &CHALLENGE, &[], &answer).unwrap().unwrap_or_else(|flaw| panic!("{}: {answer}", flaw.id()))
}

#[test]
fn an_honest_device_of_every_kind_makes_a_passkey_and_logs_in_with_it() {
    for (kind, transports) in [
        (Kind::Platform, &["internal"][..]),
        (Kind::Phone, &["hybrid", "internal"]),
        (Kind::Hybrid, &["hybrid", "internal"]),
        (Kind::SecurityKey, &["nfc", "usb"]),
    ] {
        let mut device = Authenticator::new(kind);
        device.verify_by(Verification::DevicePin);
        let made = create(&mut device);
        assert_eq!(made.passkey.transports, transports, "{kind:?}");

        let request = request_options(&party(), &CHALLENGE, &[&made.passkey]);
        let candidates = [Candidate { factor: FactorId(3), passkey: &made.passkey }];
        let mut counters = vec![made.counter];
        for _ in 0..2 {
            let answer = device.get(&request, ORIGIN).unwrap();
            let Assertion { factor, counter, backed_up } =
                verify_assertion(&party(), &CHALLENGE, &HANDLE, &candidates, &answer).unwrap().unwrap();
            assert_eq!((factor, backed_up), (FactorId(3), true));
            counters.push(counter);
        }
        assert_eq!(counters.is_sorted_by(|a, b| a < b), kind == Kind::SecurityKey, "{kind:?}: {counters:?}");
    }
}

#[test]
fn a_device_says_when_it_has_a_passkey_already_and_when_it_has_none() {
    let mut device = Authenticator::new(Kind::Phone);
    let made = create(&mut device);
    let again = creation_options(&party(), &CHALLENGE, &HANDLE, "0012345", "Member", &[&made.passkey]);
    assert_eq!(device.create(&again, ORIGIN), Err(Declined::Known));
    device.verify_by(Verification::Declined);
    assert_eq!(device.get(&request_options(&party(), &CHALLENGE, &[&made.passkey]), ORIGIN), Err(Declined::NotAllowed));
    device.verify_by(Verification::Biometric);
    device.wipe();
    assert_eq!(device.get(&request_options(&party(), &CHALLENGE, &[&made.passkey]), ORIGIN), Err(Declined::NotAllowed));
}
