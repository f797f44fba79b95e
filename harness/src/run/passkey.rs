//! Passkeys in a flow: the member's devices, whichever browser they are used at.

use super::{Stage, Stop, wrong};
use crate::browser::tab::{Tab, UsePasskey};
use crate::flow::{DeviceKind, Outcome, PasskeyUse, Step};
use crate::world::authenticator::{Authenticator, Kind, Verification};

impl Stage<'_> {
    /// The page's passkey dialogue, answered by a device of the member's.
    pub(super) fn passkey(&mut self, step: &Step, browser: &mut dyn Tab, used: &PasskeyUse) -> Result<(), Stop> {
        let asked = browser.page()?.passkey.as_ref().map(|dialogue| dialogue.is_new);
        let asked = asked.ok_or_else(|| wrong("the page has no passkey dialogue"))?;
        if asked != used.is_new {
            return Err(wrong(if asked { "the page makes a passkey" } else { "the page asks for a passkey" }));
        }
        let with = self.typed(browser, &used.with)?;
        let passkey = UsePasskey { form: used.form.clone(), with, kind: used.kind.authenticator(), outcome: used.outcome.ceremony() };
        let member = self.members.get_mut(&step.member).ok_or_else(|| wrong("no such member is given"))?;
        let device = member.devices.entry(used.on.clone()).or_insert_with(|| Authenticator::new(kind(used.kind)));
        device.verify_by(verification(used.outcome));
        browser.use_passkey(self.driver, &passkey, device)?;
        let page = browser.page()?;
        member.has_second_step |= used.is_new && page.refusal.is_none() && page.status == 200;
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
