//! The laws, one function each: of a state, of a form at a state, and of a move from one state to the next.

use sekisho_core::account::{Credentials, Factor, Verifier};
use sekisho_core::audit::Event;
use sekisho_core::command::Command;
use sekisho_core::decide::{Decision, SessionChange};
use sekisho_core::email::EmailAddress;
use sekisho_core::id::FactorId;
use sekisho_core::letter::{LetterKind, Notice};
use sekisho_core::passkey::Ceremony;
use sekisho_core::plan::{Findings, Plan, Stop};
use sekisho_core::refusal::Refusal;
use sekisho_core::session::{Proof, Session, Way};
use sekisho_core::step::{Goal, Step};
use sekisho_core::tenant::{FirstLoginItem, Method, Preset, TenantPolicy};
use sekisho_core::time::Timestamp;

use crate::commands::proves_a_second_step;
use crate::state::{NOW, STALE, State};

/// One form that was taken, and what came of it.
pub struct Move<'a> {
    pub society: &'a str,
    pub policy: &'a TenantPolicy,
    pub before: &'a State,
    pub command: &'a Command,
    pub findings: &'a Findings,
    pub decision: &'a Decision,
    pub after: &'a State,
}

/// A session has its password and its second step.
fn is_full(state: &State) -> bool {
    let holds = |session: &Session| session.password_holds(&state.account) && session.factor_holds(&state.account);
    state.session.as_ref().is_some_and(holds)
}

fn is_finished(state: &State) -> bool {
    state.account.open.finished.is_some()
}

fn recovers(state: &State) -> bool {
    state.session.as_ref().is_some_and(|session| session.is_of_recovery(&state.account))
}

fn proved_something_held(state: &State) -> bool {
    state.session.as_ref().is_some_and(|session| session.factor_holds(&state.account))
}

/// Password and second step were given less than five minutes ago, and count.
fn is_fresh(state: &State) -> bool {
    let young = |proof: Option<Proof>| proof.is_some_and(|proof| proof.at() > STALE);
    let session = state.session.as_ref();
    is_full(state) && !state.is_provisional() && session.is_some_and(|session| young(session.password) && young(session.factor))
}

fn goal(state: &State) -> Goal {
    state.session.as_ref().map_or(Goal::Portal, |session| session.goal)
}

fn second_step_is_held(credentials: &Credentials) -> bool {
    !credentials.factors.is_empty() || (credentials.method == Some(Method::MailCode) && credentials.proven_email().is_some())
}

fn factor_ids(credentials: &Credentials) -> Vec<FactorId> {
    credentials.factors.iter().map(|factor| factor.id).collect()
}

fn old_address(state: &State) -> Option<&EmailAddress> {
    state.account.credentials.proven_email().map(|email| &email.address)
}

/// What holds of every state.
pub fn check_state(society: &str, policy: &TenantPolicy, state: &State) {
    portal_needs_everything(society, policy, state);
    first_login_keeps_the_order(society, policy, state);
    a_rule_password_opens_only_the_activation_page_in_hardened(society, policy, state);
}

fn portal_needs_everything(society: &str, policy: &TenantPolicy, state: &State) {
    let account = &state.account;
    if state.due(policy) != Step::Portal {
        return;
    }
    let session = state.session.as_ref().expect("the portal has a session");
    assert!(session.password.is_some() && session.password_holds(account), "{society}: the portal needs the password");
    assert!(session.factor.is_some() && session.factor_holds(account), "{society}: the portal needs the second step");
    assert!(!session.first_login, "{society}: a first log-in does not reach the portal");
    assert!(account.open.finished.is_some() && !account.open.disabled, "{society}: the portal needs a finished first log-in");
    assert!(account.open.consent.as_ref().is_some_and(|consent| consent.version == policy.terms_version), "{society}: and the terms");
    assert!(account.credentials.password.is_chosen(), "{society}: and a password of the member's own");
    if state.is_provisional() {
        for goal in [Goal::ChangePassword, Goal::ChangeEmail, Goal::ChangeUserId, Goal::ChangeMethod, Goal::RecoveryCodes] {
            assert_eq!(state.due_for(goal, policy), Step::Portal, "{society}: a provisional session leads to no change");
        }
    }
}

/// Whoever is asked for one item has given what stands before it.
fn first_login_keeps_the_order(society: &str, policy: &TenantPolicy, state: &State) {
    let account = &state.account;
    let step = state.due(policy);
    if is_finished(state) {
        return;
    }
    let item = match step {
        Step::BirthDate => FirstLoginItem::BirthDate,
        Step::Terms => FirstLoginItem::Terms,
        Step::Email | Step::EmailWait => FirstLoginItem::Email,
        Step::Method => FirstLoginItem::Method,
        Step::NewPassword => FirstLoginItem::NewPassword,
        Step::Login | Step::ActivationCode => return,
        other => panic!("{society}: {} before the first log-in is finished", other.id()),
    };
    let session = state.session.as_ref().expect("no page but the log-in without a session");
    for before in policy.first_login.iter().take_while(|before| **before != item) {
        let given = match before {
            FirstLoginItem::BirthDate => session.birth_date.is_some(),
            FirstLoginItem::Terms => account.open.consent.as_ref().is_some_and(|consent| consent.version == policy.terms_version),
            FirstLoginItem::Email if policy.wait_for_email => account.credentials.proven_email().is_some(),
            FirstLoginItem::Email => account.credentials.email.is_some() || account.credentials.pending_email.is_some(),
            FirstLoginItem::Method => account.credentials.method.is_some(),
            FirstLoginItem::NewPassword => account.credentials.password.is_chosen(),
        };
        assert!(given, "{society}: {before:?} comes before {}", step.id());
    }
}

fn a_rule_password_opens_only_the_activation_page_in_hardened(society: &str, policy: &TenantPolicy, state: &State) {
    let credentials = &state.account.credentials;
    let by_rule = matches!(credentials.password, Verifier::Rule { .. }) && !credentials.proven;
    if policy.preset == Preset::Hardened && by_rule {
        assert!(matches!(state.due(policy), Step::Login | Step::ActivationCode), "{society}: a password that others can work out");
    }
}

/// A form is taken at the step that is due, or at one of its side doors.
pub fn check_due(society: &str, policy: &TenantPolicy, state: &State, command: &Command, planned: Result<&Plan, &Stop>) {
    let (Some(step), true) = (command.step(), command.needs_session()) else { return };
    let due = match command {
        Command::Logout { .. } => state.due_for(Goal::Logout, policy),
        _ if step.is_hub() => state.due(policy),
        _ => state.next(policy),
    };
    let asks = matches!(due, Step::LoginTotp | Step::LoginPasskey | Step::MailCode | Step::GiveRecoveryCode);
    let sets_up = matches!(due, Step::SetupTotp | Step::SetupPasskey);
    let open = match step {
        _ if step == due => true,
        Step::Portal | Step::Profile | Step::LoginMethods | Step::OwnPage => due == Step::Portal,
        Step::AnotherWay => asks || due == Step::Recover,
        Step::Recover => (asks || sets_up) && recovers(state) && goal(state) == Goal::Recover,
        _ => false,
    };
    if !open {
        assert_eq!(planned.err(), Some(&Stop::NotDue(due)), "{society}: {} is taken where {} is due", step.id(), due.id());
    }
}

/// What holds of every move.
pub fn check_move(made: &Move) {
    made.a_refusal_changes_nothing();
    made.a_password_proof_comes_from_a_password();
    made.a_second_step_comes_from_what_proves_it();
    made.what_was_used_is_used_up();
    made.the_password_changes_only_by_right();
    made.the_second_step_changes_only_by_right();
    made.address_and_id_change_only_by_right();
    made.a_change_is_told_to_the_old_address();
    made.nobody_loses_the_last_way_in();
    made.a_provisional_session_changes_nothing();
    made.a_recovery_by_mail_alone_is_on_hold();
    made.hardened_never_recovers_by_mail_alone();
    made.a_full_log_in_cancels_a_recovery();
    made.a_lock_does_not_end_by_mail();
    made.it_was_not_me_cancels_and_restores_nothing();
    made.a_reset_link_opens_once();
    made.an_unproven_account_waits();
    made.what_is_void_stays_void();
    made.others_are_signed_out_only_by_right();
}

impl Move<'_> {
    fn what(&self) -> String {
        let step = self.command.step().map_or("link", Step::id);
        format!("{}: {step} where {} is due", self.society, self.before.next(self.policy).id())
    }

    fn credentials(&self) -> (&Credentials, &Credentials) {
        (&self.before.account.credentials, &self.after.account.credentials)
    }

    fn happened(&self, event: Event) -> bool {
        self.decision.audit.contains(&event)
    }

    fn notices(&self, to: &EmailAddress) -> bool {
        self.decision.letters.iter().any(|letter| letter.to == *to && matches!(letter.kind, LetterKind::Notice(_)))
    }

    fn a_refusal_changes_nothing(&self) {
        let decision = self.decision;
        let Some(refusal) = decision.refusal else { return };
        let what = self.what();
        let account = decision.credentials.is_none() && decision.open.is_none() && decision.profile.is_none();
        assert!(
            account && decision.claim_email.is_none() && decision.claim_user_id.is_none(),
            "{what}: {} changes an account",
            refusal.id()
        );
        assert!(!decision.end_others, "{what}: nor another session");
        let warns = |kind: &LetterKind| match kind {
            LetterKind::Nothing => true,
            LetterKind::Notice(notice) => {
                matches!(notice, Notice::PasskeyCounter | Notice::AccountLocked | Notice::PasswordLocked | Notice::SecondStepFailed)
            }
            _ => false,
        };
        assert!(decision.letters.iter().all(|letter| warns(&letter.kind)), "{what}: nor writes but a warning");
        match (&decision.session, &self.before.session) {
            (SessionChange::Keep | SessionChange::End, _) => {}
            (SessionChange::Update(session), Some(before)) => {
                let mut before = before.clone();
                (before.revision, before.touched) = (session.revision, session.touched);
                (before.challenge, before.birth_failures) = (session.challenge, session.birth_failures);
                if let (Some(old), Some(new)) = (&mut before.mail_code, &session.mail_code) {
                    old.failures = new.failures;
                }
                assert!(*session == before, "{what}: {} changes what the session is worth", refusal.id());
            }
            _ => panic!("{what}: {} makes a session", refusal.id()),
        }
    }

    fn a_password_proof_comes_from_a_password(&self) {
        let proof = |state: &State| state.session.as_ref().and_then(|session| session.password);
        let Some(new) = proof(self.after).filter(|new| proof(self.before) != Some(*new)) else { return };
        let held = self.before.account.credentials.held().is_some_and(|recovery| recovery.password.is_some());
        let good = match (self.command, self.findings) {
            (Command::Login { .. }, Findings::Password { matches, pending }) => *matches || (*pending && held),
            (Command::GivePassword(_), Findings::Password { matches, .. }) => *matches,
            (Command::SetPassword { .. }, Findings::NewPassword { is_present, .. }) => !is_present,
            _ => false,
        };
        assert!(good, "{}: a password is proved by nothing but a password", self.what());
        assert!(new.at() == NOW, "and from now on");
        assert!(!self.before.account.open.disabled, "{}: never of a disabled member", self.what());
        if matches!(self.command, Command::Login { .. }) {
            let only_pending = matches!(self.findings, Findings::Password { matches: false, .. });
            assert_eq!(self.after.is_provisional(), only_pending, "{}: the pending password opens provisional sessions alone", self.what());
            assert!(self.after.session.as_ref().is_some_and(|session| session.factor.is_none()), "a log-in begins with nothing else");
        }
    }

    fn a_second_step_comes_from_what_proves_it(&self) {
        let proof = |state: &State| state.session.as_ref().and_then(|session| session.factor);
        let Some(new) = proof(self.after).filter(|new| proof(self.before) != Some(*new)) else { return };
        let what = self.what();
        let behind = self.before.session.as_ref().is_some_and(|session| session.password_holds(&self.before.account));
        match self.command {
            Command::GiveCode { .. } | Command::GivePasskey(_) | Command::GiveMailCode(_) | Command::GiveRecoveryCode(_) => {
                assert!(proves_a_second_step(self.findings, &self.before.account), "{what}: nothing proved it");
                assert!(behind || recovers(self.before), "{what}: nor stood behind a password or a recovery");
            }
            Command::ConfirmTotp { .. } | Command::CreatePasskey(_) => {
                assert!(proves_a_second_step(self.findings, &self.before.account) && behind, "{what}: nothing set it up");
            }
            Command::SetPassword { .. } => assert!(recovers(self.before), "{what}: only a recovery ends with one"),
            Command::DeleteDevice => assert!(is_fresh(self.before), "{what}: only what was proved is carried over"),
            Command::MakeRecoveryCodes => {
                let by_code = proof(self.before).and_then(|proof| proof.way()) == Some(Way::RecoveryCode);
                assert!(by_code && new.way() == Some(Way::RecoveryCode), "{what}: only a code's proof goes on with the new codes");
            }
            _ => panic!("{what}: a second step out of nothing"),
        }
        let carried = matches!(self.command, Command::DeleteDevice | Command::MakeRecoveryCodes);
        assert!(carried || new.at() == NOW, "{what}: given now");
        assert!(!carried || proof(self.before).map(|proof| proof.at()) == Some(new.at()), "{what}: what is carried over grows no younger");
    }

    /// A code is burnt, a counter kept, a recovery code and a code by mail spent, in the commit that takes them.
    fn what_was_used_is_used_up(&self) {
        let gave_code = matches!(self.command, Command::GiveCode { .. }) && self.decision.refusal.is_none();
        assert_eq!(self.decision.offset.is_some(), gave_code, "{}: a code that was right says how the clocks differ", self.what());
        if self.decision.refusal.is_some() || !proves_a_second_step(self.findings, &self.before.account) {
            return;
        }
        let what = self.what();
        let (before, after) = (&self.before.account, &self.after.account);
        match (self.command, self.findings) {
            (
                Command::GiveCode { .. } | Command::ConfirmTotp { .. },
                Findings::Totp { matched } | Findings::WrappedTotp { matched, .. },
            ) => {
                let burnt = after.open.burnt.iter().any(|burnt| matched.contains(&burnt.step));
                assert!(burnt && after.open.burnt != before.open.burnt, "{what}: the step is burnt");
                let learned = after.open.burnt.iter().find(|burnt| !before.open.burnt.contains(burnt)).map(|burnt| burnt.offset);
                assert_eq!(learned, Some(self.decision.offset.unwrap_or(0)), "{what}: a new device starts at nothing (OTP-08)");
            }
            (Command::GivePasskey(_), Findings::Asserted(Ok(assertion))) => {
                let kept = after.open.passkey(assertion.factor).map(|state| state.counter);
                assert_eq!(kept, Some(assertion.counter), "{what}: the counter is kept");
                let challenge = self.after.session.as_ref().and_then(|session| session.challenge);
                assert!(challenge.is_none_or(|next| next.ceremony == Ceremony::Create), "{what}: the challenge is used");
            }
            (Command::GiveRecoveryCode(_), _) => {
                let left = |account: &sekisho_core::account::Account| account.credentials.recovery_codes.as_ref().map(|codes| codes.left());
                assert_eq!(left(after), left(before).map(|left| left - 1), "{what}: the code is spent");
            }
            (Command::GiveMailCode(_), _) => {
                let sent = self.decision.letters.iter().any(|letter| matches!(letter.kind, LetterKind::MailCode { .. }));
                let gone = self.after.session.as_ref().is_some_and(|session| session.mail_code.is_none());
                assert!(gone && !sent, "{what}: the code is spent");
            }
            (Command::GiveActivationCode { .. }, _) => {
                assert!(after.credentials.activation.is_none() && after.credentials.proven, "{what}: the letter's code is spent");
            }
            _ => {}
        }
    }

    fn the_password_changes_only_by_right(&self) {
        let (old, new) = self.credentials();
        if old.password == new.password {
            return;
        }
        let what = self.what();
        let before = self.before;
        let by_recovery = recovers(before) && (proved_something_held(before) || self.policy.preset == Preset::Manual);
        let by_change = is_fresh(before) && goal(before) == Goal::ChangePassword;
        let first = !old.password.is_chosen() && before.session.as_ref().is_some_and(|session| session.password_holds(&before.account));
        assert!(matches!(self.command, Command::SetPassword { .. }), "{what}: a password by another form");
        assert!(by_recovery || by_change || first, "{what}: a password without a right to it");
        assert!(new.password.is_chosen(), "{what}: a password that the member chose");
    }

    fn the_second_step_changes_only_by_right(&self) {
        let (old, new) = self.credentials();
        let codes = |credentials: &Credentials| credentials.recovery_codes.as_ref().map(|codes| codes.generation);
        let same = factor_ids(old) == factor_ids(new) && old.method == new.method && codes(old) == codes(new);
        let asked = new.method_change.map(|change| change.to) != old.method_change.map(|change| change.to);
        if same && !asked {
            return;
        }
        let (what, before) = (self.what(), self.before);
        let behind = before.session.as_ref().is_some_and(|session| session.password_holds(&before.account)) && !before.is_provisional();
        let by_recovery = recovers(before) && (proved_something_held(before) || self.policy.preset == Preset::Manual);
        let nothing_held = !second_step_is_held(old);
        let goal = goal(before);
        let good = match self.command {
            Command::ChooseMethod { .. } => behind && nothing_held,
            Command::ConfirmTotp { .. } | Command::CreatePasskey(_) => {
                let waits = old.method_change.is_some_and(|change| change.not_before.is_none_or(|from| from <= NOW));
                let adds = matches!(goal, Goal::AddDevice(_)) && is_fresh(before);
                behind && (nothing_held || adds || (waits && is_full(before)))
            }
            Command::GiveMailCode(_) => is_full(before) && old.method_change.is_some_and(|change| change.to == Method::MailCode),
            Command::SetPassword { .. } => by_recovery,
            Command::ChangeMethod(_) => is_fresh(before) && goal == Goal::ChangeMethod,
            Command::DeleteDevice => is_fresh(before) && matches!(goal, Goal::DeleteDevice(id) if !factor_ids(new).contains(&id)),
            Command::MakeRecoveryCodes => {
                let offered = before.session.as_ref().is_some_and(|session| session.offer_codes);
                is_full(before) && !before.is_provisional() && (offered || (is_fresh(before) && goal == Goal::RecoveryCodes))
            }
            Command::Freeze(_) => same && new.method_change.is_none(),
            _ => false,
        };
        assert!(good, "{what}: method, device or codes without a right to them");
    }

    fn address_and_id_change_only_by_right(&self) {
        let (old, new) = self.credentials();
        let (what, before) = (self.what(), self.before);
        if old.email != new.email {
            let pending = old.pending_email.as_ref().expect("only what was pending is proven");
            let by_link = matches!(self.command, Command::ConfirmEmail(Some(link)) if link.item == pending.item);
            assert!(by_link, "{what}: an address is proven by the link that was sent to it");
            assert!(pending.not_before.is_none_or(|from| from <= NOW), "{what}: and not while it is on hold");
            assert!(new.proven_email().is_some_and(|email| email.address == pending.address), "{what}: and no other");
        }
        let item = |credentials: &Credentials| credentials.pending_email.as_ref().map(|pending| pending.item);
        if item(new).is_some() && item(new) != item(old) && is_finished(before) {
            assert!(is_fresh(before) && goal(before) == Goal::ChangeEmail, "{what}: an address is given without a right to it");
        }
        if before.profile.user_id != self.after.profile.user_id && is_finished(before) {
            let manual = self.policy.preset == Preset::Manual && is_full(before) && !before.is_provisional();
            let again = matches!(self.command, Command::ChooseMethod { .. }) && !second_step_is_held(old);
            let by_change = (manual || is_fresh(before)) && goal(before) == Goal::ChangeUserId;
            assert!(by_change || again, "{what}: a user ID without a right to it");
        }
    }

    /// I08.
    fn a_change_is_told_to_the_old_address(&self) {
        let Some(old) = old_address(self.before).filter(|_| is_finished(self.before)) else { return };
        let (before, after) = self.credentials();
        let facts = |credentials: &Credentials| {
            let codes = credentials.recovery_codes.as_ref().map(|codes| codes.generation);
            (credentials.password.generation(), factor_ids(credentials), credentials.method, codes)
        };
        let hidden = |credentials: &Credentials| credentials.recovery_codes.as_ref().map(|codes| codes.left());
        let asked = |credentials: &Credentials| {
            let change = credentials.method_change.map(|change| change.to);
            (change, credentials.pending_email.as_ref().map(|pending| pending.address.text()))
        };
        let address = old_address(self.after).map(EmailAddress::text) != Some(old.text());
        let held = before.held().is_none() && after.held().is_some();
        let id = self.before.profile.user_id != self.after.profile.user_id;
        let waits = asked(after) != asked(before) && (asked(after).0.is_some() || asked(after).1.is_some()) && !address;
        if facts(before) != facts(after) || hidden(before) != hidden(after) || waits || address || held || id {
            assert!(self.notices(old), "{}: a change that its member is not told of", self.what());
        }
    }

    /// I09, and a password that opens.
    fn nobody_loses_the_last_way_in(&self) {
        let (old, new) = self.credentials();
        assert!(second_step_is_held(new) || !second_step_is_held(old), "{}: the last second step is gone", self.what());
        assert!(new.password.is_chosen() || !old.password.is_chosen(), "{}: the password is gone", self.what());
        if let (Command::MakeRecoveryCodes, None) = (self.command, self.decision.refusal) {
            assert_eq!(self.decision.next, Step::RecoveryCodes, "{}: new codes are shown to whoever made them", self.what());
        }
    }

    fn a_provisional_session_changes_nothing(&self) {
        if !self.before.is_provisional() || !self.command.needs_session() {
            return;
        }
        let what = self.what();
        let (old, new) = self.credentials();
        let plain = |credentials: &Credentials| {
            let mut credentials = credentials.clone();
            // A name for what is still pending, and the letter's code, which proves more than any session.
            if let Some(Factor { name, .. }) = credentials.recovery.as_mut().and_then(|recovery| recovery.factor.as_mut()) {
                name.clear();
            }
            if let Some(change) = &mut credentials.method_change {
                change.not_before = None;
            }
            if let Some(pending) = &mut credentials.pending_email {
                pending.not_before = None;
            }
            (credentials.activation, credentials.proven) = (None, true);
            credentials
        };
        assert!(plain(old) == plain(new), "{what}: a provisional session changes something");
        assert!(self.before.profile.user_id == self.after.profile.user_id && !self.decision.end_others, "{what}: nor for others");
        let still = self.after.session.is_none() || self.after.is_provisional();
        assert!(still, "{what}: a provisional session becomes a full one");
        for cleared in [sekisho_core::guard::Guessable::Password, sekisho_core::guard::Guessable::SecondStep] {
            let cleared = sekisho_core::decide::Count::Clear(cleared);
            assert!(!self.decision.counts.contains(&cleared), "{what}: nor gives fresh guesses at what counts");
        }
    }

    fn a_recovery_by_mail_alone_is_on_hold(&self) {
        let before = self.before;
        if !recovers(before) || !self.command.needs_session() {
            return;
        }
        let what = self.what();
        let (old, new) = self.credentials();
        let ends = self.happened(Event::RecoveryFinished) || self.happened(Event::RecoveryHeld);
        if !ends {
            assert!(self.after.due(self.policy) == Step::Login, "{what}: a recovery opens nothing before its end");
        }
        if self.policy.preset == Preset::Guarded && !proved_something_held(before) {
            let facts = |credentials: &Credentials| (credentials.password.generation(), factor_ids(credentials), credentials.method);
            assert_eq!(facts(old), facts(new), "{what}: the mail link alone takes away what counts");
            assert!(old.email == new.email && new.recovery_codes.is_some() == old.recovery_codes.is_some(), "{what}: or the address");
        }
        if ends {
            let waits = self.policy.preset == Preset::Guarded && !proved_something_held(before);
            assert_eq!(self.after.is_provisional(), waits, "{what}: a hold is by the mail link alone, in guarded");
            assert_eq!(new.held().and_then(|recovery| recovery.counts_from), waits.then(|| NOW.after(self.policy.lifetimes.hold)));
            assert!(is_full(self.after), "{what}: a recovery ends with a session");
        }
    }

    fn hardened_never_recovers_by_mail_alone(&self) {
        let ends = self.happened(Event::RecoveryFinished) || self.happened(Event::RecoveryHeld);
        if self.policy.preset == Preset::Hardened && ends {
            assert!(proved_something_held(self.before), "{}: by mail alone in hardened", self.what());
        }
    }

    fn a_full_log_in_cancels_a_recovery(&self) {
        if self.happened(Event::LoginCompleted) && !self.after.is_provisional() {
            assert!(self.after.account.credentials.recovery.is_none(), "{}: what counts was given, and a recovery goes on", self.what());
        }
    }

    /// LO-11, RE-05.
    fn a_lock_does_not_end_by_mail(&self) {
        if !self.before.is_locked(self.policy) {
            return;
        }
        let what = self.what();
        let by_hand = matches!(self.command, Command::GivePasskey(_) | Command::GiveRecoveryCode(_)) && goal(self.before) == Goal::Recover;
        let freed = !self.after.is_locked(self.policy);
        assert!(
            !freed || (by_hand && proves_a_second_step(self.findings, &self.before.account)),
            "{what}: a lock ends without something held"
        );
        let ends = self.happened(Event::RecoveryFinished) || self.happened(Event::RecoveryHeld) || self.happened(Event::LoginCompleted);
        assert!(!ends || !is_finished(self.before), "{what}: a locked account is entered");
        if matches!(self.command, Command::Login { .. }) {
            assert!(self.decision.refusal.is_some(), "{what}: a locked account opens");
        }
    }

    fn it_was_not_me_cancels_and_restores_nothing(&self) {
        let Command::Freeze(Some(link)) = self.command else { return };
        let what = self.what();
        let (old, new) = self.credentials();
        assert!(new.recovery.is_none() && new.method_change.is_none(), "{what}: something pending is left");
        assert!(new.pending_email.is_none() || !is_finished(self.before), "{what}: an address waits on");
        assert!(old.password == new.password && old.factors == new.factors && old.method == new.method, "{what}: what counts stays");
        assert!(old.email == new.email && old.recovery_codes == new.recovery_codes, "{what}: and so do address and codes");
        assert!(self.after.account.counters.reset.is_none(), "{what}: a reset link lives on");
        assert!(new.frozen.is_some_and(|frozen| link.sent <= frozen), "{what}: the link is spent");
        assert_eq!(self.after.refused(self.policy, self.command), Some("link.dead"), "{what}: the link is spent");
    }

    fn a_reset_link_opens_once(&self) {
        let Command::OpenReset(Some(link)) = self.command else { return };
        let what = self.what();
        assert_eq!(self.before.account.counters.reset, Some(link.item), "{what}: only the newest opens");
        assert_eq!(self.after.refused(self.policy, self.command), Some("link.dead"), "{what}: and once");
        assert!(recovers(self.after) && self.after.due(self.policy) == Step::Login, "{what}: into nothing but a recovery");
        assert!(self.after.session.as_ref().is_some_and(|session| session.password.is_none() && session.factor.is_none()));
    }

    fn an_unproven_account_waits(&self) {
        let (old, new) = self.credentials();
        let waits = self.policy.preset == Preset::Guarded && !old.proven && is_finished(self.before);
        if !waits || self.decision.refusal.is_some() {
            return;
        }
        let what = self.what();
        let until = NOW.after(self.policy.lifetimes.hold);
        match self.command {
            Command::ChangeEmail(_) => {
                assert_eq!(new.pending_email.as_ref().and_then(|pending| pending.not_before), Some(until), "{what}: no hold");
            }
            Command::ChangeMethod(_) => {
                assert_eq!(old.method, new.method, "{what}: no hold");
                assert!(new.method_change.is_none_or(|change| change.not_before == Some(until)), "{what}: no hold");
            }
            Command::GiveActivationCode { .. } => {
                let holds: [Option<Timestamp>; 2] = [
                    new.pending_email.as_ref().and_then(|pending| pending.not_before),
                    new.method_change.and_then(|change| change.not_before),
                ];
                assert!(new.proven && holds == [None, None], "{what}: the letter's code ends the hold");
            }
            _ => {}
        }
    }

    /// What another browser has lost comes back by nothing that is done here: only by its own proofs.
    fn what_is_void_stays_void(&self) {
        let (Some(parked), Some(after)) = (&self.before.parked, &self.after.parked) else { return };
        assert!(parked == after, "{}: another browser's session changes", self.what());
        let worth = |state: &State| {
            let state = state.swapped();
            (is_full(&state) && !state.is_provisional(), is_full(&state))
        };
        let (before, after) = (worth(self.before), worth(self.after));
        assert!(before.1 || !after.1, "{}: a void session lives again", self.what());
        assert!(before.0 || !after.0, "{}: a provisional session counts", self.what());
    }

    fn others_are_signed_out_only_by_right(&self) {
        if !self.decision.end_others {
            return;
        }
        let full = |state: &State| is_full(state) && !state.is_provisional();
        let first = !is_finished(self.before) && !matches!(self.command, Command::Logout { .. } | Command::EndOthers);
        let good = full(self.before) || (full(self.after) && self.after.session.is_some()) || first;
        assert!(good, "{}: half a log-in ends the others", self.what());
        assert!(self.decision.refusal != Some(Refusal::TryAgain));
    }
}

/// Of a member whom the society has closed out nothing is taken but a log-in, which says so, and what anybody may ask.
pub fn check_disabled(society: &str, policy: &TenantPolicy, command: &Command, planned: Result<&Plan, &Stop>, after: &State) {
    match command {
        Command::Login { .. } | Command::ForgotPassword(_) | Command::ForgotUserId(_) | Command::Freeze(Some(_)) => {
            assert_ne!(after.due(policy), Step::Portal, "{society}: a disabled member gets in");
        }
        _ => assert!(planned.is_err(), "{society}: {} of a disabled member", command.step().map_or("link", Step::id)),
    }
}
