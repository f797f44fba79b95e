//! The one function that says what comes next.

use crate::account::{Account, Verifier};
use crate::session::{Session, Way, ways};
use crate::step::{Goal, Step};
use crate::tenant::{FirstLoginItem, Method, Preset, TenantPolicy};
use crate::time::Timestamp;

/// Which requirement of `goal`, in the society's order, is not met yet. `session` is `None` for a browser that has proved nothing;
/// a session that has timed out is none.
pub fn next_step(goal: Goal, account: Option<&Account>, session: Option<&Session>, policy: &TenantPolicy, now: Timestamp) -> Step {
    let (Some(account), Some(session)) = (account, session) else { return Step::Login };
    if session.member != account.id || account.open.disabled {
        return Step::Login;
    }
    let recovers = session.is_of_recovery(account);
    match goal {
        Goal::Logout if recovers || session.password_holds(account) => Step::Logout,
        Goal::Recover if recovers => toward_recovery(account, session, policy),
        _ if !session.password_holds(account) => Step::Login,
        Goal::Portal | Goal::Logout | Goal::Recover => toward_portal(account, session, policy, now),
        change => match toward_portal(account, session, policy, now) {
            Step::Portal if !session.is_provisional(account) => toward_change(change, account, session, policy, now),
            missing => missing,
        },
    }
}

/// What somebody is here to do who asks for the page of `asked` in `session`: going on with its goal, but for the pages that lead out of
/// whatever was begun.
pub fn goal_of(asked: Step, session: Option<&Session>) -> Goal {
    match asked {
        Step::Logout => Goal::Logout,
        hub if hub.is_hub() => Goal::Portal,
        _ => session.map_or(Goal::Portal, |session| session.goal),
    }
}

/// Whether the page of `step`, and its form, are open where `due` is what comes next: the step itself, and its side doors.
pub fn serves(step: Step, due: Step, account: &Account, session: &Session, policy: &TenantPolicy) -> bool {
    let has_ways = || !ways(account, session, policy).is_empty();
    match (due, step) {
        _ if step == due || step.is_open() => true,
        (Step::Portal, hub) => hub.is_hub(),
        (Step::Terms, Step::TermsDeclined) => true,
        (asks, Step::AnotherWay) => asks.is_second_step() || (asks == Step::Recover && has_ways()),
        // Who has chosen a device that turns out to be lost goes back, and sets up anew.
        (asks, Step::Recover) if session.goal == Goal::Recover && session.is_of_recovery(account) => {
            asks.is_second_step() || matches!(asks, Step::SetupTotp | Step::SetupPasskey)
        }
        _ => false,
    }
}

fn toward_portal(account: &Account, session: &Session, policy: &TenantPolicy, now: Timestamp) -> Step {
    if account.open.finished.is_none() {
        if needs_activation(account, policy) {
            return Step::ActivationCode;
        }
        let unmet = policy.first_login.iter().find_map(|item| unmet(*item, account, session, policy));
        return unmet.unwrap_or(Step::FirstLoginComplete);
    }
    if session.first_login {
        return Step::FirstLoginComplete;
    }
    let credentials = &account.credentials;
    if !credentials.password.is_chosen() {
        return Step::NewPassword;
    }
    let Some(step) = second_step(account, session, policy) else {
        // The method has changed meanwhile: the pending pair has nothing left to open with, and sets nothing up that counts.
        if session.is_provisional(account) {
            return Step::Login;
        }
        return match credentials.method.filter(|method| policy.offers_method(*method)) {
            Some(method) => setup(method),
            None => Step::Method,
        };
    };
    if !session.factor_holds(account) {
        return step;
    }
    if session.naming.is_some() {
        return Step::NamePasskey;
    }
    let change = credentials.method_change.filter(|change| change.not_before.is_none_or(|from| from <= now));
    if let Some(change) = change.filter(|_| !session.method_changed && !session.is_provisional(account)) {
        return setup(change.to);
    }
    if let Some(step) = unmet(FirstLoginItem::Terms, account, session, policy) {
        return step;
    }
    if session.offer_codes { Step::RecoveryCodes } else { Step::Portal }
}

/// A first password by rule is not enough in `hardened`: the code on the letter has to come with it.
pub fn needs_activation(account: &Account, policy: &TenantPolicy) -> bool {
    let by_rule = matches!(account.credentials.password, Verifier::Rule { .. });
    policy.preset == Preset::Hardened && by_rule && !account.credentials.proven
}

/// The page of the second step that is asked for; `None`: nothing is held.
pub fn second_step(account: &Account, session: &Session, policy: &TenantPolicy) -> Option<Step> {
    let ways = ways(account, session, policy);
    let way = session.way.filter(|way| ways.contains(way)).or(ways.first().copied())?;
    Some(page_of(way))
}

/// The page that asks for it.
pub fn page_of(way: Way) -> Step {
    match way {
        Way::Passkey => Step::LoginPasskey,
        Way::Totp => Step::LoginTotp,
        Way::MailCode => Step::MailCode,
        Way::RecoveryCode => Step::GiveRecoveryCode,
    }
}

/// The page that sets it up. There is nothing to set up for a mailbox that was proven: its first code is asked for at once.
fn setup(method: Method) -> Step {
    match method {
        Method::Passkey => Step::SetupPasskey,
        Method::Totp => Step::SetupTotp,
        Method::MailCode => Step::MailCode,
    }
}

/// Behind the reset link: something held, or the second step anew, and then a password.
fn toward_recovery(account: &Account, session: &Session, policy: &TenantPolicy) -> Step {
    let recovery = account.credentials.recovery.as_ref();
    let nothing_to_set_up = account.credentials.method == Some(Method::MailCode) && policy.recovers_by_mail();
    let held = ways(account, session, policy);
    match session.way.filter(|way| held.contains(way)) {
        _ if session.factor_holds(account) || recovery.is_some_and(|recovery| recovery.factor.is_some()) => Step::NewPassword,
        Some(way) => page_of(way),
        None if held.is_empty() && nothing_to_set_up => Step::NewPassword,
        None if session.anew && policy.recovers_by_mail() => match account.credentials.method {
            Some(Method::MailCode) => Step::NewPassword,
            method => setup(method.unwrap_or(Method::Totp)),
        },
        None => Step::Recover,
    }
}

/// Behind the portal: proofs that are fresh enough, and then the page of the change.
fn toward_change(goal: Goal, account: &Account, session: &Session, policy: &TenantPolicy, now: Timestamp) -> Step {
    if asks_again(goal, policy) {
        let fresh = |at: Option<Timestamp>| at.is_some_and(|at| now < at.after(policy.lifetimes.reauthentication));
        if !fresh(session.password.map(|proof| proof.at())) {
            return Step::Reauthentication;
        }
        if !fresh(session.factor.map(|proof| proof.at())) {
            return second_step(account, session, policy).unwrap_or(Step::Login);
        }
    }
    match goal {
        Goal::ChangePassword => Step::NewPassword,
        Goal::ChangeEmail => Step::ChangeEmail,
        Goal::ChangeUserId => Step::ChangeUserId,
        Goal::ChangeMethod => Step::ChangeMethod,
        Goal::AddDevice(Method::Totp) => Step::SetupTotp,
        Goal::AddDevice(Method::Passkey) => Step::SetupPasskey,
        Goal::DeleteDevice(id) if account.credentials.factor(id).is_some() => Step::DeleteDevice,
        Goal::RecoveryCodes => Step::RecoveryCodes,
        Goal::AddDevice(Method::MailCode) | Goal::DeleteDevice(_) | Goal::Portal | Goal::Logout | Goal::Recover => Step::Portal,
    }
}

/// Whether `goal` needs password and second step given a moment ago (ASVS 7.5.1). A concession of `manual`: not for the user ID.
pub fn asks_again(goal: Goal, policy: &TenantPolicy) -> bool {
    match goal {
        Goal::Portal | Goal::Logout | Goal::Recover => false,
        Goal::ChangeUserId => policy.preset != Preset::Manual,
        _ => true,
    }
}

/// The screen that `item` still needs, if any.
fn unmet(item: FirstLoginItem, account: &Account, session: &Session, policy: &TenantPolicy) -> Option<Step> {
    let credentials = &account.credentials;
    match item {
        FirstLoginItem::BirthDate => session.birth_date.is_none().then_some(Step::BirthDate),
        FirstLoginItem::Terms => {
            let agreed = account.open.consent.as_ref().is_some_and(|consent| consent.version == policy.terms_version);
            (!agreed).then_some(Step::Terms)
        }
        FirstLoginItem::Email if credentials.proven_email().is_some() => None,
        FirstLoginItem::Email => match &credentials.pending_email {
            Some(pending) if pending.correcting => Some(Step::Email),
            Some(_) => policy.wait_for_email.then_some(Step::EmailWait),
            None => Some(Step::Email),
        },
        FirstLoginItem::Method => credentials.method.is_none_or(|method| !policy.offers_method(method)).then_some(Step::Method),
        FirstLoginItem::NewPassword => (!credentials.password.is_chosen()).then_some(Step::NewPassword),
    }
}

/// Whether a first log-in has nothing left to ask: every requirement is met in `session`.
pub(crate) fn first_login_is_met(account: &Account, session: &Session, policy: &TenantPolicy) -> bool {
    !needs_activation(account, policy) && policy.first_login.iter().all(|item| unmet(*item, account, session, policy).is_none())
}
