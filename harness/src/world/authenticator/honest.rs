//! A member's device that does what the standard says: `passkey` of 1Password, which shares no code with the server's library.
//!
//! It sets BE and BS always, so it stands for synced passkeys only, and it draws its keys from the system: a run with it is the same run
//! again in everything but its keys, ids and signatures.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use coset::iana::EnumI64 as _;
use coset::{Label, iana};
use futures_util::FutureExt as _;
use passkey::authenticator::{
    Authenticator as Device, CredentialStore, DiscoverabilitySupport, StoreInfo, UiHint, UserCheck, UserValidationMethod,
};
use passkey::client::{Client, DefaultClientData, WebauthnError};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::make_credential::{Options, PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity};
use passkey::types::ctap2::{Aaguid, Ctap2Error, StatusCode};
use passkey::types::webauthn::{
    AuthenticatorTransport, CredentialCreationOptions, CredentialRequestOptions, PublicKeyCredentialDescriptor,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::future::Future;
use url::Url;

/// What the passkeys live in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The computer that the page is open on.
    Platform,
    /// The phone that the page is open on.
    Phone,
    /// A phone, from the computer that the page is open on, by a QR code.
    Hybrid,
    /// A key on USB or NFC. It counts its signatures.
    SecurityKey,
}

/// How the member shows to be the member. The wire tells only whether, not how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// A finger or a face.
    Biometric,
    /// The code that opens the device.
    DevicePin,
    /// Not at all: the dialogue is closed.
    Declined,
}

/// What the page's script is told instead of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declined {
    /// `InvalidStateError`: this device has a passkey of the member's already.
    Known,
    /// `NotAllowedError`: closed, too late, or nothing there that fits.
    NotAllowed,
    /// `SecurityError` or `TypeError`: the page asks for what it may not have.
    Refused(String),
}

/// A device and the passkeys in it.
pub struct Authenticator {
    kind: Kind,
    verification: Verification,
    /// Passkeys that were made in a real browser, in its own form.
    carried: Vec<Value>,
    client: Client<Keeper, Owner, RustCryptoBackend, public_suffix::PublicSuffixList, ()>,
}

impl Authenticator {
    /// A device without passkeys, whose owner uses its biometrics.
    pub fn new(kind: Kind) -> Self {
        use AuthenticatorTransport::{Hybrid, Internal, Nfc, Usb};
        // Models that are on the server's list, so that a page shows a name.
        let (aaguid, transports) = match kind {
            Kind::Platform => (0x0898_7058_cadc_4b81_b6e1_30de_50dc_be96_u128, vec![Internal]),
            Kind::Phone => (0xfbfc_3007_154e_4ecc_8c0b_6e02_0557_d7bd, vec![Internal, Hybrid]),
            Kind::Hybrid => (0xea9b_8d66_4d01_1d21_3ce4_b6b4_8cb5_75d4, vec![Hybrid, Internal]),
            Kind::SecurityKey => (0x2fc0_579f_8113_47ea_b116_bb5a_8db9_202a, vec![Nfc, Usb]),
        };
        let mut device =
            Device::new(Aaguid::from(aaguid.to_be_bytes()), Keeper(Vec::new()), Owner, RustCryptoBackend).transports(transports);
        device.set_make_credentials_with_signature_counter(kind == Kind::SecurityKey);
        Self { kind, verification: Verification::Biometric, carried: Vec::new(), client: Client::new(device) }
    }

    /// From now on the owner is verified by this.
    pub fn verify_by(&mut self, verification: Verification) {
        self.verification = verification;
    }

    /// How many passkeys it has.
    pub fn len(&self) -> usize {
        self.client.authenticator().store().0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets everything, as a device does that is set back.
    pub fn wipe(&mut self) {
        self.client.authenticator_mut().store_mut().0.clear();
        self.carried.clear();
    }

    /// Its passkeys as CDP's `WebAuthn.Credential`, for the virtual authenticator of a real browser.
    pub fn portable(&mut self) -> Vec<Value> {
        let own = self.client.authenticator_mut().store_mut().0.iter().filter_map(portable);
        let mut all = self.carried.clone();
        let is_new = |passkey: &Value| !self.carried.iter().any(|carried| carried.get("credentialId") == passkey.get("credentialId"));
        all.extend(own.filter(is_new));
        all
    }

    /// What the virtual authenticator of a real browser holds now. It can be used in real browsers only.
    pub fn carry(&mut self, credentials: Vec<Value>) {
        self.carried = credentials;
    }

    /// `navigator.credentials.create` on a page of `origin`: options as the page has them, the answer as `toJSON()` writes it.
    pub fn create(&mut self, options: &str, origin: &str) -> Result<String, Declined> {
        let public_key = serde_json::from_str(options).map_err(refused)?;
        let request = CredentialCreationOptions { public_key };
        let origin = Url::parse(origin).map_err(refused)?;
        self.verify()?;
        let answer = at_once(self.client.register(&origin, request, DefaultClientData))?;
        self.written(&answer)
    }

    /// `navigator.credentials.get` on a page of `origin`.
    pub fn get(&mut self, options: &str, origin: &str) -> Result<String, Declined> {
        let public_key = serde_json::from_str(options).map_err(refused)?;
        let request = CredentialRequestOptions { public_key };
        let origin = Url::parse(origin).map_err(refused)?;
        self.verify()?;
        let answer = at_once(self.client.authenticate(&origin, request, DefaultClientData))?;
        self.written(&answer)
    }

    fn verify(&self) -> Result<(), Declined> {
        if self.verification == Verification::Declined { Err(Declined::NotAllowed) } else { Ok(()) }
    }

    /// The crate knows devices that are part of the computer only.
    fn written(&self, answer: &impl Serialize) -> Result<String, Declined> {
        let mut answer = serde_json::to_value(answer).map_err(refused)?;
        let attachment = if matches!(self.kind, Kind::Platform | Kind::Phone) { "platform" } else { "cross-platform" };
        if let Value::Object(members) = &mut answer {
            members.insert("authenticatorAttachment".to_owned(), json!(attachment));
        }
        Ok(answer.to_string())
    }
}

/// PKCS #8 (RFC 5958) of a P-256 key without its public half, up to its secret number.
const P256_PKCS8: [u8; 35] = [
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20,
];

/// `None` for a key that is not of P-256; this device makes no other.
fn portable(passkey: &Passkey) -> Option<Value> {
    let secret = Label::Int(iana::Ec2KeyParameter::D.to_i64());
    let (_, secret) = passkey.key.params.iter().find(|(label, _)| *label == secret)?;
    let secret: &[u8; 32] = secret.as_bytes()?.as_slice().try_into().ok()?;
    let key = [P256_PKCS8.as_slice(), secret.as_slice()].concat();
    Some(json!({
        "credentialId": STANDARD.encode(passkey.credential_id.as_slice()),
        "isResidentCredential": true,
        "rpId": passkey.rp_id,
        "privateKey": STANDARD.encode(key),
        "userHandle": passkey.user_handle.as_ref().map(|handle| STANDARD.encode(handle.as_slice())),
        "signCount": passkey.counter.unwrap_or_default(),
        "backupEligibility": true,
        "backupState": true,
    }))
}

fn refused(why: impl ToString) -> Declined {
    Declined::Refused(why.to_string())
}

/// Nothing in a device of memory waits.
fn at_once<T>(ceremony: impl Future<Output = Result<T, WebauthnError>>) -> Result<T, Declined> {
    let excluded = u8::from(StatusCode::from(Ctap2Error::CredentialExcluded));
    match ceremony.now_or_never() {
        Some(Ok(answer)) => Ok(answer),
        Some(Err(WebauthnError::AuthenticatorError(code))) if code == excluded => Err(Declined::Known),
        Some(Err(WebauthnError::AuthenticatorError(_) | WebauthnError::CredentialNotFound)) | None => Err(Declined::NotAllowed),
        Some(Err(error)) => Err(Declined::Refused(format!("{error:?}"))),
    }
}

/// Keeps passkeys, each for its own site.
struct Keeper(Vec<Passkey>);

#[async_trait]
impl CredentialStore for Keeper {
    type PasskeyItem = Passkey;

    async fn find_credentials(
        &self,
        ids: Option<&[PublicKeyCredentialDescriptor]>,
        rp_id: &str,
        _user_handle: Option<&[u8]>,
    ) -> Result<Vec<Passkey>, StatusCode> {
        let is_named = |passkey: &Passkey| ids.is_none_or(|ids| ids.iter().any(|id| id.id == passkey.credential_id));
        let found: Vec<_> = self.0.iter().filter(|passkey| passkey.rp_id == rp_id && is_named(passkey)).cloned().collect();
        if found.is_empty() { Err(Ctap2Error::NoCredentials.into()) } else { Ok(found) }
    }

    async fn save_credential(
        &mut self,
        passkey: Passkey,
        _user: PublicKeyCredentialUserEntity,
        _party: PublicKeyCredentialRpEntity,
        _options: Options,
    ) -> Result<(), StatusCode> {
        self.0.push(passkey);
        Ok(())
    }

    async fn update_credential(&mut self, passkey: &Passkey) -> Result<(), StatusCode> {
        self.0.retain(|known| known.credential_id != passkey.credential_id);
        self.0.push(passkey.clone());
        Ok(())
    }

    async fn get_info(&self) -> StoreInfo {
        StoreInfo { discoverability: DiscoverabilitySupport::Full }
    }
}

/// The person before the device, who has agreed: [`Authenticator::verify_by`] stands before.
struct Owner;

#[async_trait]
impl UserValidationMethod for Owner {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(&self, hint: UiHint<'a, Passkey>, presence: bool, verification: bool) -> Result<UserCheck, Ctap2Error> {
        match hint {
            // The crate leaves it to the person to find out.
            UiHint::InformExcludedCredentialFound(_) => Err(Ctap2Error::CredentialExcluded),
            _ => Ok(UserCheck { presence, verification }),
        }
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}
