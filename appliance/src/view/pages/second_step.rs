//! The second step: setting it up, giving it, and what stands in for it.

use crate::view::field::Field;
use crate::view::frame::{Frame, SETUP_KEY_PATH};
use askama::Template;
use sekisho_core::secret::Secret;
use sekisho_core::session::Way;
use sekisho_core::shown::{DeviceChoice, TotpSetup};
use sekisho_core::time::Timestamp;

#[derive(Template)]
#[template(path = "setup-totp.html")]
pub(super) struct SetupTotp<'a> {
    f: &'a Frame<'a>,
    setup: &'a TotpSetup,
    code: Field<'a>,
    device: Field<'a>,
}

impl<'a> SetupTotp<'a> {
    pub(super) fn new(f: &'a Frame<'a>, setup: &'a TotpSetup) -> Self {
        let device = Field { hint: f.t("device-hint"), ..Field::text("device", "device", &setup.device) };
        Self { f, setup, code: Field::code(f.t("code-hint")), device }
    }

    /// Name and value of everything an app asks for beside the key.
    fn settings(&self) -> [(String, String); 4] {
        let fixed = |id: &str| (self.f.t(id), self.f.t(format!("{id}-value")));
        let account = (self.f.t("setup-key-account"), self.setup.account.clone());
        [account, fixed("setup-key-type"), fixed("setup-key-digits"), fixed("setup-key-period")]
    }
}

#[derive(Template)]
#[template(path = "setup-passkey.html")]
pub(super) struct SetupPasskey<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) options: &'a str,
    pub(super) adds: bool,
}

#[derive(Template)]
#[template(path = "name-passkey.html")]
pub(super) struct NamePasskey<'a> {
    f: &'a Frame<'a>,
    device: Field<'a>,
}

impl<'a> NamePasskey<'a> {
    pub(super) fn new(f: &'a Frame<'a>, name: &'a str) -> Self {
        Self { f, device: Field { hint: f.t("name-passkey-hint"), required: false, ..Field::text("device", "device", name) } }
    }
}

#[derive(Template)]
#[template(path = "login-totp.html")]
pub(super) struct LoginTotp<'a> {
    f: &'a Frame<'a>,
    devices: &'a [DeviceChoice],
    code: Field<'a>,
    again: bool,
}

impl<'a> LoginTotp<'a> {
    pub(super) fn new(f: &'a Frame<'a>, devices: &'a [DeviceChoice], again: bool) -> Self {
        Self { f, devices, code: Field::code(f.t("code-hint")), again }
    }
}

#[derive(Template)]
#[template(path = "login-passkey.html")]
pub(super) struct LoginPasskey<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) options: &'a str,
    pub(super) again: bool,
}

#[derive(Template)]
#[template(path = "mail-code.html")]
pub(super) struct MailCode<'a> {
    f: &'a Frame<'a>,
    address: &'a str,
    sent: Option<&'a (Timestamp, Timestamp)>,
    /// From when on another one can be asked for, where that is not yet.
    again_from: Option<&'a Timestamp>,
    delayed: bool,
    code: Field<'a>,
}

impl<'a> MailCode<'a> {
    pub(super) fn new(
        f: &'a Frame<'a>,
        address: &'a str,
        sent: Option<&'a (Timestamp, Timestamp)>,
        again_from: Option<&'a Timestamp>,
        delayed: bool,
    ) -> Self {
        Self { f, address, sent, again_from, delayed, code: Field::code(f.t("mail-code-hint")) }
    }
}

#[derive(Template)]
#[template(path = "recovery-code.html")]
pub(super) struct GiveRecoveryCode<'a> {
    f: &'a Frame<'a>,
    left: usize,
    code: Field<'a>,
}

impl<'a> GiveRecoveryCode<'a> {
    pub(super) fn new(f: &'a Frame<'a>, left: usize) -> Self {
        Self { f, left, code: Field::paper_code("recovery-code", f.t("paper-code-hint")) }
    }
}

#[derive(Template)]
#[template(path = "another-way.html")]
pub(super) struct AnotherWay<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) ways: &'a [(Way, bool)],
}

#[derive(Template)]
#[template(path = "offer-recovery-codes.html")]
pub(super) struct OfferRecoveryCodes<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) left: usize,
    pub(super) asked: bool,
}

#[derive(Template)]
#[template(path = "recovery-codes.html")]
pub(super) struct RecoveryCodes<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) codes: &'a [Secret<String>],
    pub(super) since: &'a Timestamp,
}
