//! Passkeys in a flow: the member's devices, whichever browser they are used at.

use super::{Stage, Stop, wrong};
use crate::browser::tab::{AuthenticatorKind, Tab, UsePasskey};
use crate::flow::{DeviceKind, Outcome, PasskeyUse, Step};
use crate::world::authenticator::{Authenticator, Kind, Verification};

/// At which browser a device was used, and as what.
pub(super) struct Place {
    browser: String,
    kind: AuthenticatorKind,
}

impl Stage<'_> {
    /// The page's passkey dialogue, answered by a device of the member's.
    pub(super) fn passkey(&mut self, step: &Step, browser: &mut dyn Tab, used: &PasskeyUse) -> Result<(), Stop> {
        let asked = browser.page()?.passkey.as_ref().map(|dialogue| dialogue.is_new);
        let asked = asked.ok_or_else(|| wrong("the page has no passkey dialogue"))?;
        if asked != used.is_new {
            return Err(wrong(if asked { "the page makes a passkey" } else { "the page asks for a passkey" }));
        }
        let with = self.typed(browser, &used.with)?;
        self.carry(step, browser, used)?;
        let passkey = UsePasskey { form: used.form.clone(), with, kind: used.kind.authenticator(), outcome: used.outcome.ceremony() };
        let member = self.members.get_mut(&step.member).ok_or_else(|| wrong("no such member is given"))?;
        let device = member.devices.entry(used.on.clone()).or_insert_with(|| Authenticator::new(kind(used.kind)));
        device.verify_by(verification(used.outcome));
        browser.use_passkey(self.driver, &passkey, device)?;
        Ok(())
    }

    /// A real browser keeps the devices plugged into it. A device that was used at another one is taken along to this one.
    fn carry(&mut self, step: &Step, browser: &mut dyn Tab, used: &PasskeyUse) -> Result<(), Stop> {
        let place = Place { browser: step.browser.clone(), kind: used.kind.authenticator() };
        let before = self.devices_at.insert((step.member.clone(), used.on.clone()), place);
        let Some(Place { browser: at, kind }) = before.filter(|before| before.browser != step.browser) else { return Ok(()) };
        let Some(there) = self.tabs.get_mut(&at) else { return Ok(()) };
        for credential in there.export_credentials(kind)? {
            browser.import_credential(used.kind.authenticator(), &credential)?;
        }
        Ok(())
    }
}

fn kind(kind: DeviceKind) -> Kind {
    match kind {
        DeviceKind::Platform => Kind::Platform,
        DeviceKind::Phone => Kind::Phone,
        DeviceKind::Hybrid => Kind::Hybrid,
        DeviceKind::SecurityKey => Kind::SecurityKey,
    }
}

fn verification(outcome: Outcome) -> Verification {
    match outcome {
        Outcome::Ok => Verification::Biometric,
        Outcome::DevicePin => Verification::DevicePin,
        Outcome::Cancel => Verification::Declined,
    }
}
