//! From a step to what its page prints. Opens only that.

use super::load::Loaded;
use super::{Browser, Service};
use crate::otpauth::enrolment;
use crate::perform::open_seed;
use crate::ports::Fault;
use crate::society::Society;
use sekisho_core::account::{Account, Profile};
use sekisho_core::letter::Language;
use sekisho_core::refusal::Refusal;
use sekisho_core::session::{Session, factor_in_use};
use sekisho_core::shown::{Shown, TotpSetup, Typed, UserIdField, masked};
use sekisho_core::step::Step;
use sekisho_core::tenant::UserIdChange;
use sekisho_core::time::Timestamp;

/// A page in the making: whose, and in which state.
pub(super) struct View<'a> {
    pub(super) society: &'a Society,
    pub(super) browser: &'a Browser,
    pub(super) loaded: &'a Loaded,
    pub(super) account: &'a Account,
    pub(super) session: Option<&'a Session>,
    pub(super) now: Timestamp,
}

impl Service {
    /// What the page of `step` shows, and the member's name where it stands at the top. `typed` is what a refused form held.
    pub(super) fn reveal(&self, step: Step, view: &View, typed: Typed) -> Result<(Shown, Option<String>), Fault> {
        let society = view.society;
        let credentials = &view.account.credentials;
        let profile = || -> Result<Profile, Fault> {
            self.profile(society, view.loaded)?.ok_or_else(|| Fault::Store("a session without a member".to_owned()))
        };
        let shown = match step {
            Step::Login => Shown::Login { user_id: typed.user_id },
            Step::BirthDate => Shown::BirthDate(typed.birth_date),
            Step::Terms => {
                let text = match view.browser.language {
                    Language::Ja => &society.terms.ja,
                    Language::En => &society.terms.en,
                };
                Shown::Terms { version: society.policy.terms_version.clone(), text: text.clone() }
            }
            Step::Email => {
                let pending = credentials.pending_email.as_ref().map(|pending| &pending.address);
                let known = pending.or(credentials.email.as_ref().map(|email| &email.address)).map(|address| address.text());
                let address = if typed.address.is_empty() { known.unwrap_or_default() } else { typed.address };
                Shown::Email { address, waits: society.policy.wait_for_email }
            }
            Step::EmailWait => {
                let pending = credentials.pending_email.as_ref().ok_or_else(|| Fault::Store("waiting for no letter".to_owned()))?;
                let delayed = self.world.store.delayed_letter(&society.name, view.account.id)?.is_some();
                Shown::EmailWait { address: pending.address.text(), since: pending.since, delayed }
            }
            Step::Method => Shown::Method { offers: society.policy.offers().collect(), user_id: user_id_field(society, profile, typed)? },
            Step::NewPassword => Shown::NewPassword { user_id: profile()?.user_id.as_str().to_owned(), rule: society.policy.password },
            Step::FirstLoginComplete => Shown::FirstLoginComplete,
            Step::SetupTotp => return Ok((self.totp_setup(view, &profile()?, typed)?, None)),
            Step::LoginTotp => {
                let device = factor_in_use(view.account).map(|factor| factor.name.clone()).unwrap_or_default();
                Shown::LoginTotp { device }
            }
            Step::Portal => {
                let last_login = view.account.open.previous_login;
                return Ok((Shown::Portal { last_login }, Some(profile()?.name)));
            }
            Step::Logout => Shown::Logout,
        };
        Ok((shown, None))
    }

    fn totp_setup(&self, view: &View, profile: &Profile, typed: Typed) -> Result<Shown, Fault> {
        let seed = view.session.and_then(|session| session.live_seed(&view.society.policy.lifetimes, view.now));
        let Some(seed) = seed else { return Ok(Shown::LoginTimeout) };
        let seed = open_seed(view.society, &self.world, view.account.id, seed)?;
        let account = masked(profile);
        let drawn = enrolment(&seed, &view.society.face.name_ja, &account)?;
        let setup = TotpSetup { png: drawn.png, key: drawn.key, uri: drawn.uri, account, device: typed.device, as_text: typed.as_text };
        Ok(Shown::SetupTotp(Box::new(setup)))
    }
}

fn user_id_field(society: &Society, profile: impl Fn() -> Result<Profile, Fault>, typed: Typed) -> Result<Option<UserIdField>, Fault> {
    let asked = match society.policy.user_id_change {
        UserIdChange::Never => return Ok(None),
        UserIdChange::Optional => false,
        UserIdChange::Asked => true,
    };
    let user_id = if typed.user_id.is_empty() { profile()?.user_id.as_str().to_owned() } else { typed.user_id };
    Ok(Some(UserIdField { user_id, asked, rule: society.policy.user_id }))
}

/// The page that a refusal is shown on, where that is not the page of the step.
pub(super) fn page_of_its_own(refusal: Refusal) -> Option<Shown> {
    matches!(refusal, Refusal::Wait(_) | Refusal::PasswordLocked(_) | Refusal::AccountLocked).then_some(Shown::Held)
}
