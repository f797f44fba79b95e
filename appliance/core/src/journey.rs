//! The one function that says what comes next.

use crate::account::Account;
use crate::session::{Session, factor_in_use};
use crate::step::{Goal, Step};
use crate::tenant::{FirstLoginItem, TenantPolicy};

/// Which requirement of `goal`, in the society's order, is not met yet. `session` is `None` for a browser that has proved nothing;
/// a session that has timed out is none.
pub fn next_step(goal: Goal, account: Option<&Account>, session: Option<&Session>, policy: &TenantPolicy) -> Step {
    let (Some(account), Some(session)) = (account, session) else { return Step::Login };
    if session.member != account.id || !session.password.holds_for(account) {
        return Step::Login;
    }
    match goal {
        Goal::Logout => Step::Logout,
        Goal::Portal => toward_portal(account, session, policy),
    }
}

fn toward_portal(account: &Account, session: &Session, policy: &TenantPolicy) -> Step {
    if account.open.finished.is_none() {
        let unmet = policy.first_login.iter().find_map(|item| unmet(*item, account, session, policy));
        return unmet.unwrap_or(Step::FirstLoginComplete);
    }
    if session.first_login {
        return Step::FirstLoginComplete;
    }
    if !account.credentials.password.is_chosen() {
        return Step::NewPassword;
    }
    if factor_in_use(account).is_none() {
        return Step::SetupTotp;
    }
    if !session.factor.is_some_and(|proof| proof.holds_for(account)) {
        return Step::LoginTotp;
    }
    unmet(FirstLoginItem::Terms, account, session, policy).unwrap_or(Step::Portal)
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
        FirstLoginItem::Email if credentials.email.as_ref().is_some_and(|email| email.proven) => None,
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
    policy.first_login.iter().all(|item| unmet(*item, account, session, policy).is_none())
}
