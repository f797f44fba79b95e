//! From a step to what its page prints. Opens only that.

use super::load::Loaded;
use super::{Browser, Service};
use crate::otpauth::enrolment;
use crate::perform::{ceremony, open_codes, open_seed};
use crate::ports::Fault;
use crate::society::Society;
use sekisho_core::account::{Account, Factor, Profile};
use sekisho_core::letter::Language;
use sekisho_core::passkey::CHALLENGE_BYTES;
use sekisho_core::plan::{has_room, may_delete};
use sekisho_core::refusal::Refusal;
use sekisho_core::session::{Liveness, Session, Way, factors_in_use, ways};
use sekisho_core::shown::{
    Device, DeviceChoice, LoginMethods, OwnPage, Pending, ProfilePage, Shown, TotpSetup, Typed, UserIdField, masked,
};
use sekisho_core::step::{Goal, Step};
use sekisho_core::tenant::{Method, UserIdChange};
use sekisho_core::time::Timestamp;
use std::cell::OnceCell;

/// A page in the making: whose, and in which state.
pub(super) struct View<'a> {
    pub(super) society: &'a Society,
    pub(super) browser: &'a Browser,
    pub(super) loaded: &'a Loaded,
    pub(super) account: &'a Account,
    pub(super) session: Option<&'a Session>,
    pub(super) now: Timestamp,
    /// The sealed profile, once something on the page has asked for it: the HSM opens it once a page.
    pub(super) profile: OnceCell<Profile>,
}

impl Service {
    /// What the page of `step` shows, and the member's name where it stands at the top. `typed` is what a refused form held.
    pub(super) fn reveal(&self, step: Step, view: &View, typed: Typed) -> Result<(Shown, Option<String>), Fault> {
        let shown = match (step, view.session) {
            (step, _) if step.is_open() => open_page(step, typed),
            (Step::Login, _) | (_, None) => Shown::Login { user_id: typed.user_id },
            (step, Some(session)) => self.behind_password(step, view, session, typed)?,
        };
        let names =
            step.is_hub() || view.session.is_some_and(|session| session.goal != Goal::Recover && session.factor_holds(view.account));
        Ok((shown, if names && step != Step::Logout { Some(self.profile_of(view)?.name.clone()) } else { None }))
    }

    fn profile_of<'v>(&self, view: &'v View) -> Result<&'v Profile, Fault> {
        if let Some(profile) = view.profile.get() {
            return Ok(profile);
        }
        let opened = self.profile(view.society, view.loaded)?;
        let profile = opened.ok_or_else(|| Fault::Store("a session without a member".to_owned()))?;
        Ok(view.profile.get_or_init(|| profile))
    }

    fn behind_password(&self, step: Step, view: &View, session: &Session, typed: Typed) -> Result<Shown, Fault> {
        let (society, account) = (view.society, view.account);
        let (policy, credentials) = (society.policy(), &account.credentials);
        let again = session.factor_holds(account);
        Ok(match step {
            Step::BirthDate => Shown::BirthDate(typed.birth_date),
            Step::ActivationCode => Shown::ActivationCode,
            Step::Terms => {
                let text = match view.browser.language {
                    Language::Ja => &society.terms().ja,
                    Language::En => &society.terms().en,
                };
                Shown::Terms { version: policy.terms_version.clone(), text: text.clone() }
            }
            Step::TermsDeclined => Shown::TermsDeclined,
            Step::Email => {
                let pending = credentials.pending_email.as_ref().map(|pending| &pending.address);
                let known = pending.or(credentials.email.as_ref().map(|email| &email.address)).map(|address| address.text());
                let address = if typed.address.is_empty() { known.unwrap_or_default() } else { typed.address };
                Shown::Email { address, waits: policy.wait_for_email }
            }
            Step::EmailWait => {
                let pending = credentials.pending_email.as_ref().ok_or_else(|| Fault::Store("waiting for no letter".to_owned()))?;
                Shown::EmailWait { address: pending.address.text(), since: pending.since, delayed: self.letter_is_delayed(view)? }
            }
            Step::Method => Shown::Method { offers: policy.offers().collect(), user_id: self.user_id_field(view, typed)? },
            Step::NewPassword => Shown::NewPassword { user_id: self.profile_of(view)?.user_id.as_str().to_owned(), rule: policy.password },
            Step::FirstLoginComplete => Shown::FirstLoginComplete,
            Step::SetupTotp => self.totp_setup(view, self.profile_of(view)?, typed)?,
            Step::SetupPasskey => {
                let name = self.profile_of(view)?;
                let challenge = session.challenge.map_or([0; CHALLENGE_BYTES], |challenge| challenge.bytes);
                let options = ceremony::creation_options(society, &self.world, account, &masked(name), &name.name, &challenge)?;
                Shown::SetupPasskey { options, adds: matches!(session.goal, Goal::AddDevice(_)) }
            }
            Step::NamePasskey => {
                let waiting = credentials.recovery.as_ref().and_then(|recovery| recovery.factor.as_ref());
                let named = credentials.factors.iter().chain(waiting).find(|factor| Some(factor.id) == session.naming);
                let name = if typed.device.is_empty() { named.map(|factor| factor.name.clone()).unwrap_or_default() } else { typed.device };
                Shown::NamePasskey { name }
            }
            Step::RecoveryCodes => match &session.new_codes {
                Some(codes) => Shown::RecoveryCodes { codes: open_codes(society, &self.world, account.id, codes)?, since: codes.since },
                None => {
                    let left = credentials.recovery_codes.as_ref().map_or(0, |codes| codes.left());
                    Shown::OfferRecoveryCodes { left, asked: session.goal == Goal::RecoveryCodes }
                }
            },
            Step::LoginTotp => {
                let devices = factors_in_use(account, session, Method::Totp);
                let first = devices.first().map(|device| device.id);
                let chosen = typed.device_id.or(first);
                let choice =
                    |device: &&Factor| DeviceChoice { id: device.id, name: device.name.clone(), chosen: Some(device.id) == chosen };
                Shown::LoginTotp { devices: devices.iter().map(choice).collect(), again }
            }
            Step::LoginPasskey => {
                let challenge = session.challenge.map_or([0; CHALLENGE_BYTES], |challenge| challenge.bytes);
                let passkeys = factors_in_use(account, session, Method::Passkey);
                Shown::LoginPasskey { options: ceremony::request_options(society, &passkeys, &challenge)?, again }
            }
            Step::MailCode => {
                let address = credentials.proven_email().map(|email| email.address.masked()).unwrap_or_default();
                let live = session.live_mail_code(account, policy.limits.mail_code_tries, view.now);
                let again_from = account.counters.mail_codes.next(&policy.limits.mail_codes, view.now);
                let sent = live.map(|code| (code.since, code.expires));
                Shown::MailCode { address, sent, again_from, delayed: self.letter_is_delayed(view)? }
            }
            Step::GiveRecoveryCode => Shown::GiveRecoveryCode { left: credentials.recovery_codes.as_ref().map_or(0, |codes| codes.left()) },
            Step::AnotherWay => {
                let asked = sekisho_core::journey::second_step(account, session, policy);
                let ways = ways(account, session, policy).into_iter();
                Shown::AnotherWay { ways: ways.map(|way| (way, Some(sekisho_core::journey::page_of(way)) == asked)).collect() }
            }
            Step::Recover => {
                Shown::Recover { ways: ways(account, session, policy), anew: policy.recovers_by_mail(), holds: policy.holds_recovery() }
            }
            Step::Reauthentication => Shown::Reauthentication { user_id: self.profile_of(view)?.user_id.as_str().to_owned() },
            Step::Portal => portal(view, session),
            Step::Profile => profile_page(view, self.profile_of(view)?),
            Step::LoginMethods => login_methods(view),
            Step::OwnPage => self.own_page(view, session, self.profile_of(view)?)?,
            Step::ChangeEmail => {
                let present = credentials.email.as_ref().map(|email| email.address.text()).unwrap_or_default();
                Shown::ChangeEmail { address: if typed.address.is_empty() { present } else { typed.address } }
            }
            Step::ChangeUserId => {
                let user_id = if typed.user_id.is_empty() { self.profile_of(view)?.user_id.as_str().to_owned() } else { typed.user_id };
                Shown::ChangeUserId(UserIdField { user_id, asked: false, rule: policy.user_id })
            }
            Step::ChangeMethod => Shown::ChangeMethod { offers: policy.offers().collect(), present: credentials.method },
            Step::DeleteDevice => {
                let device = if let Goal::DeleteDevice(id) = session.goal { credentials.factor(id) } else { None };
                let device = device.ok_or_else(|| Fault::Store("a device to delete that is not there".to_owned()))?;
                Shown::DeleteDevice { name: device.name.clone(), method: device.kind.method() }
            }
            Step::Logout => Shown::Logout,
            Step::Login | Step::ForgotPassword | Step::ForgotUserId | Step::SeeMail => Shown::Login { user_id: typed.user_id },
        })
    }

    fn letter_is_delayed(&self, view: &View) -> Result<bool, Fault> {
        Ok(self.world.store.delayed_letter(&view.society.name, view.account.id)?.is_some())
    }

    fn totp_setup(&self, view: &View, profile: &Profile, typed: Typed) -> Result<Shown, Fault> {
        let seed = view.session.and_then(|session| session.live_seed(&view.society.policy().lifetimes, view.now));
        let Some(seed) = seed else { return Ok(Shown::LoginTimeout) };
        let seed = open_seed(view.society, &self.world, view.account.id, seed)?;
        let account = masked(profile);
        let drawn = enrolment(&seed, &view.society.face.name_ja, &account)?;
        let setup = TotpSetup { png: drawn.png, key: drawn.key, uri: drawn.uri, account, device: typed.device, as_text: typed.as_text };
        Ok(Shown::SetupTotp(Box::new(setup)))
    }

    fn user_id_field(&self, view: &View, typed: Typed) -> Result<Option<UserIdField>, Fault> {
        let policy = view.society.policy();
        let asked = match policy.user_id_change {
            UserIdChange::Never => return Ok(None),
            UserIdChange::Optional => false,
            UserIdChange::Asked => true,
        };
        let user_id = if typed.user_id.is_empty() { self.profile_of(view)?.user_id.as_str().to_owned() } else { typed.user_id };
        Ok(Some(UserIdField { user_id, asked, rule: policy.user_id }))
    }

    fn own_page(&self, view: &View, session: &Session, profile: &Profile) -> Result<Shown, Fault> {
        let (policy, account) = (view.society.policy(), view.account);
        let credentials = &account.credentials;
        let own = view.loaded.session.as_ref().map(|(key, _)| *key);
        let mut sessions = Vec::new();
        for (key, other) in self.world.store.sessions(&view.society.name, account.id)? {
            let seen = self.seen(&key).unwrap_or(other.touched).max(other.touched);
            let lives = other.liveness(seen, &policy.lifetimes, view.now) == Liveness::Live;
            if lives && other.password_holds(account) && other.factor_holds(account) {
                sessions.push((other.began, seen, Some(key) == own));
            }
        }
        sessions.sort_by_key(|(_, seen, own)| (!own, core::cmp::Reverse(*seen)));
        let mut pending = Vec::new();
        pending.extend(credentials.pending_email.as_ref().map(|email| (Pending::Email, email.not_before)));
        pending.extend(credentials.method_change.map(|change| (Pending::Method(change.to), change.not_before)));
        pending.extend(credentials.held().map(|recovery| (Pending::Recovery, recovery.counts_from)));
        Ok(Shown::OwnPage(Box::new(OwnPage {
            name: profile.name.clone(),
            user_id: profile.user_id.as_str().to_owned(),
            email: credentials.email.as_ref().map(|email| email.address.text()),
            method: credentials.method,
            devices: devices(view),
            logins: account.open.logins.iter().map(|login| (login.at, login.way)).collect(),
            sessions,
            pending,
            asks_activation: !session.is_provisional(account) && account.is_unproven(policy),
        })))
    }
}

/// A page that needs no session.
pub(super) fn open_page(step: Step, typed: Typed) -> Shown {
    match step {
        Step::ForgotPassword => Shown::ForgotPassword { user_id: typed.user_id },
        Step::ForgotUserId => Shown::ForgotUserId { birth_date: typed.birth_date, address: typed.address },
        _ => Shown::SeeMail,
    }
}

fn portal(view: &View, session: &Session) -> Shown {
    let account = view.account;
    let credentials = &account.credentials;
    let has_passkey = credentials.passkeys().next().is_some();
    let by_code = session.factor.and_then(|proof| proof.way()) == Some(Way::RecoveryCode);
    Shown::Portal {
        // The newest is the one that led here.
        last_login: account.open.logins.get(1).map(|login| login.at),
        on_hold: credentials.held().and_then(|recovery| recovery.counts_from).filter(|_| session.is_provisional(account)),
        advise_passkey: !has_passkey && view.society.policy().offers_method(Method::Passkey),
        codes_left: credentials.recovery_codes.as_ref().map(|codes| codes.left()).filter(|_| by_code),
    }
}

fn profile_page(view: &View, profile: &Profile) -> Shown {
    let (policy, credentials) = (view.society.policy(), &view.account.credentials);
    let pending = credentials.pending_email.as_ref();
    Shown::Profile(Box::new(ProfilePage {
        name: profile.name.clone(),
        user_id: profile.user_id.as_str().to_owned(),
        user_id_changes: policy.user_id_change != UserIdChange::Never,
        email: credentials.email.as_ref().map(|email| (email.address.text(), email.proven)),
        pending_email: pending.map(|pending| (pending.address.text(), pending.not_before.filter(|from| view.now < *from))),
        method: credentials.method,
        pending_method: credentials.method_change.map(|change| (change.to, change.not_before.filter(|from| view.now < *from))),
        method_changes: policy.offers().count() > 1,
    }))
}

fn login_methods(view: &View) -> Shown {
    let (policy, credentials) = (view.society.policy(), &view.account.credentials);
    let room = |method: &Method| has_room(view.account, *method);
    let password_since = match credentials.password {
        sekisho_core::account::Verifier::Chosen { since, .. } => Some(since),
        _ => None,
    };
    Shown::LoginMethods(Box::new(LoginMethods {
        password_since,
        devices: devices(view),
        adds: policy.offers().map(|offer| offer.method).filter(room).collect(),
        recovery_codes: credentials.recovery_codes.as_ref().map(|codes| (codes.since, codes.left())),
    }))
}

fn devices(view: &View) -> Vec<Device> {
    let (policy, account) = (view.society.policy(), view.account);
    let device = |factor: &Factor| Device {
        id: factor.id,
        name: factor.name.clone(),
        method: factor.kind.method(),
        since: factor.since,
        last_use: account.open.last_use(factor.id),
        synced: factor.kind.passkey().map(|passkey| passkey.backup_eligible),
        can_go: may_delete(account, policy, factor.id),
    };
    account.credentials.factors.iter().map(device).collect()
}

/// The page that a refusal is shown on, where that is not the page of the step.
pub(super) fn page_of_its_own(refusal: Refusal) -> Option<Shown> {
    match refusal {
        Refusal::Wait(_) | Refusal::Crowded(_) | Refusal::PasswordLocked(_) | Refusal::AccountLocked | Refusal::AccountDisabled => {
            Some(Shown::Held)
        }
        _ => None,
    }
}
