//! Single laws: what no state shows by itself, because it speaks of counters, of instants, of two browsers, or of nobody.

use core::time::Duration;
use sekisho_core::account::{Account, PasswordHash, Verifier};
use sekisho_core::birth::BirthDate;
use sekisho_core::command::{Command, FreezeLink, PasskeyAnswer};
use sekisho_core::decide::{Count, Decision, SessionChange, decide};
use sekisho_core::guard::{Asking, Budget, Counter, Guessable};
use sekisho_core::id::Generation;
use sekisho_core::journey::next_step;
use sekisho_core::letter::{LetterKind, Notice};
use sekisho_core::passkey::{Assertion, Flaw};
use sekisho_core::plan::{Ctx, Findings, Plan, Stop, plan};
use sekisho_core::refusal::Refusal;
use sekisho_core::session::{Acr, Session, Way, ways};
use sekisho_core::step::{Goal, Step};
use sekisho_core::tenant::{Method, Preset, TenantPolicy};
use sekisho_core::time::{TimeStep, Timestamp};
use sekisho_core::user_id::UserId;

use crate::commands::{answer, begin, code, confirm_totp, freeze, good, link, login, lookup, password, second_step, set_password};
use crate::state::{COST, NOW, State, address, hash, policies, policy};

fn forgot() -> Command {
    Command::ForgotPassword(UserId::typed("12-3456789"))
}

fn give_password() -> Command {
    Command::GivePassword(password("kutsu-no-himo-7"))
}

/// After "I forgot my password", its letter, and the button behind its link.
pub fn behind_the_link(policy: &TenantPolicy, state: &State) -> State {
    let asked = state.go(policy, &forgot());
    let item = asked.account.counters.reset.expect("a link");
    asked.go(policy, &Command::OpenReset(Some(link(item))))
}

/// After a recovery with nothing held.
fn recovered_anew(policy: &TenantPolicy, state: &State) -> State {
    let begun = behind_the_link(policy, state);
    let anew = if begun.next(policy) == Step::NewPassword { begun } else { begun.go(policy, &Command::Recover(None)) };
    let set_up = match anew.next(policy) {
        Step::SetupTotp => anew.go(policy, &confirm_totp("new phone")),
        Step::SetupPasskey => anew.go(policy, &Command::CreatePasskey(answer())),
        _ => anew,
    };
    set_up.go(policy, &set_password(true))
}

/// Gives the member's password and the second step that is due to a decision with these findings.
fn given(policy: &TenantPolicy, state: &State, command: &Command, findings: &Findings) -> (State, Decision) {
    let decision = decide(command, findings, &state.ctx_for(policy, command));
    (state.after(&decision), decision)
}

fn logged_in_with(policy: &TenantPolicy, state: &State, matches: bool, pending: bool) -> (State, Decision) {
    given(policy, state, &login(), &Findings::Password { matches, pending })
}

fn totp_member(policy: &TenantPolicy) -> State {
    State::member(policy, Method::Totp, &[Method::Totp])
}

fn mail_member(policy: &TenantPolicy) -> State {
    State::member(policy, Method::MailCode, &[])
}

fn again(policy: &TenantPolicy, state: &State, goal: Goal) -> State {
    state.go(policy, &begin(goal))
}

// Nobody, and findings that are none.

#[test]
fn no_measurement_opens_anything_for_an_id_that_is_nobodys() {
    for (_, policy) in policies() {
        let member = totp_member(&policy);
        for (matches, pending) in [(false, false), (true, false), (false, true), (true, true)] {
            let mut ctx = member.ctx_for(&policy, &login());
            ctx.known = false;
            let decision = decide(&login(), &Findings::Password { matches, pending }, &ctx);
            assert!(matches!(decision.session, SessionChange::Keep));
            assert_eq!(decision.refusal, Some(Refusal::WrongIdOrPassword));
        }
    }
}

#[test]
fn known_and_unknown_ids_get_plans_and_decisions_of_one_shape() {
    let policy = policy("a", Preset::Guarded);
    let known = State::imported();
    let mut nobody = Account::nobody();
    nobody.credentials.password = Verifier::Chosen { hash: hash(Generation(0)), since: NOW };
    let unknown = |command: &Command| Ctx { account: nobody.clone(), known: false, profile: None, ..known.ctx_for(&policy, command) };
    let wrong = Findings::Password { matches: false, pending: false };
    assert!(matches!(plan(&login(), &unknown(&login())), Ok(Plan::CheckPassword { .. })));
    assert!(matches!(plan(&login(), &known.ctx_for(&policy, &login())), Ok(Plan::CheckPassword { .. })));
    let [a, b] = [known.ctx_for(&policy, &login()), unknown(&login())].map(|ctx| decide(&login(), &wrong, &ctx));
    assert_eq!(a.counts, [Count::Fail(Guessable::Password)]);
    assert_eq!((&a.counts, &a.audit, a.refusal, a.next), (&b.counts, &b.audit, b.refusal, b.next));
    assert!(a.credentials.is_none() && a.open.is_none() && b.credentials.is_none() && b.open.is_none());
}

/// Law 3: a member, one whose first log-in is not finished, one whom the society has closed out, one without a proven address, one over
/// budget, and nobody at all.
#[test]
fn whoever_forgets_gets_one_answer() {
    let policy = policy("a", Preset::Guarded);
    let whole = totp_member(&policy);
    let vary = |change: fn(&mut State)| {
        let mut state = whole.clone();
        change(&mut state);
        state
    };
    let silent = [
        vary(|state| state.account.open.finished = None),
        vary(|state| state.account.open.disabled = true),
        vary(|state| state.account.credentials.email = None),
        vary(|state| state.account.counters.recovery = (0..3).fold(Budget::default(), |budget, _| budget.asked(NOW))),
    ];
    let reminder = Command::ForgotUserId(BirthDate::new(1980, 12, 1).map(|birth| (birth, address("old@example.test"))));
    for command in [forgot(), reminder, Command::ForgotUserId(None)] {
        let shape = |ctx: &Ctx| {
            assert!(matches!(plan(&command, ctx), Ok(Plan::Nothing)));
            let decision = decide(&command, &Findings::Nothing, ctx);
            let counts: Vec<_> = decision.counts.iter().map(core::mem::discriminant).collect();
            assert!(decision.credentials.is_none() && decision.open.is_none() && decision.refusal.is_none());
            assert!(matches!(decision.session, SessionChange::Keep) && decision.next == Step::SeeMail);
            (counts, decision.audit, decision.letters.len(), decision.letters.first().map(|letter| letter.kind == LetterKind::Nothing))
        };
        let told = shape(&whole.ctx_for(&policy, &command));
        assert_eq!((told.2, told.3), (1, Some(false)), "a member is written to");
        for state in &silent {
            assert_eq!(shape(&state.ctx_for(&policy, &command)), (told.0.clone(), told.1.clone(), 1, Some(true)));
        }
        let nobody = Ctx { account: Account::nobody(), known: false, ..whole.ctx_for(&policy, &command) };
        assert_eq!(shape(&nobody), (told.0, told.1, 1, Some(true)));
    }
}

#[test]
fn findings_of_another_plan_prove_nothing() {
    let policy = policy("a", Preset::Guarded);
    let state = totp_member(&policy);
    for findings in [Findings::Nothing, Findings::Totp { matched: vec![TimeStep::of(NOW)] }, Findings::Code { matches: true }] {
        let (after, decision) = given(&policy, &state, &login(), &findings);
        assert!(after.session.is_none() && decision.refusal.is_some());
    }
}

// First passwords.

#[test]
fn a_first_password_by_rule_opens_for_as_long_as_the_preset_says_whenever_it_was_imported() {
    const DAY: u64 = 24 * 3600;
    let cases = [(Preset::Manual, 10_000, true), (Preset::Guarded, 89, true), (Preset::Guarded, 90, false), (Preset::Hardened, 0, false)];
    for (preset, days, opens) in cases {
        let mut state = State::imported();
        let since = Timestamp(NOW.0 - days * DAY);
        state.account.credentials.password = Verifier::Rule { mac: [3; 32], pepper: 1, generation: Generation(0), since };
        let (after, _) = logged_in_with(&policy("a", preset), &state, true, false);
        assert_eq!(after.session.is_some(), opens, "{preset:?} after {days} days");
    }
}

#[test]
fn in_hardened_a_rule_password_opens_the_activation_page_with_a_live_code_alone() {
    let policy = policy("a", Preset::Hardened);
    let [_, _, _, with_code] = State::imports(&policy).try_into().unwrap_or_else(|_| panic!("four"));
    let (after, _) = logged_in_with(&policy, &with_code, true, false);
    assert_eq!(after.next(&policy), Step::ActivationCode);
    let mut late = with_code;
    if let Some(code) = &mut late.account.credentials.activation {
        code.expires = NOW;
    }
    assert_eq!(logged_in_with(&policy, &late, true, false).1.refusal, Some(Refusal::WrongIdOrPassword));
}

#[test]
fn an_issued_password_opens_until_its_end() {
    for (expires, opens) in [(NOW.0, false), (NOW.0 + 1, true)] {
        let mut state = State::imported();
        state.account.credentials.password = Verifier::Issued { hash: hash(Generation(0)), expires: Timestamp(expires) };
        assert_eq!(logged_in_with(&policy("a", Preset::Guarded), &state, true, false).0.session.is_some(), opens);
    }
}

#[test]
fn a_new_log_in_gives_no_fresh_guesses_at_the_birth_date() {
    let policy = policy("a", Preset::Guarded);
    let state = State::imported().go(&policy, &login());
    let wrong = Command::GiveBirthDate(BirthDate::new(1980, 1, 12));
    assert_eq!(given(&policy, &state, &wrong, &Findings::Nothing).1.counts, [Count::Fail(Guessable::BirthDate)]);
    let mut waits = state;
    let limit = &policy.limits.birth_date;
    waits.account.counters.birth_date = (0..limit.free).fold(Counter::default(), |counter, _| counter.failed(limit, NOW));
    let right = Command::GiveBirthDate(BirthDate::new(1980, 12, 1));
    assert_eq!(waits.refused(&policy, &right), Some("guard.wait"), "told to wait, the right date unjudged");
}

#[test]
fn three_wrong_birth_dates_end_the_log_in_and_count_as_one_wrong_password() {
    let policy = policy("a", Preset::Guarded);
    let mut state = State::imported().go(&policy, &login());
    let wrong = Command::GiveBirthDate(BirthDate::new(1980, 1, 12));
    for refusal in ["birth-date.wrong", "birth-date.wrong", "birth-date.exhausted"] {
        let (after, decision) = given(&policy, &state, &wrong, &Findings::Nothing);
        assert_eq!(decision.refusal.map(|refusal| refusal.id()), Some(refusal));
        assert_eq!(decision.counts.contains(&Count::Fail(Guessable::Password)), refusal == "birth-date.exhausted");
        state = after;
    }
    assert!(state.session.is_none());
}

// Two browsers.

/// The session of `state` in another browser.
fn elsewhere(state: &State, session: Option<Session>) -> State {
    State { session, ..state.clone() }
}

#[test]
fn a_changed_password_leaves_full_sessions_elsewhere_if_its_member_says_so_and_never_half_ones() {
    for (society, policy) in policies() {
        let member = totp_member(&policy);
        let (half, full) = (member.go(&policy, &login()).session, member.clone().logged_in(&policy));
        for others_end in [true, false] {
            let changed = again(&policy, &full, Goal::ChangePassword).go(&policy, &set_password(others_end));
            assert_eq!(elsewhere(&changed, half.clone()).next(&policy), Step::Login, "{society}");
            let stays = !others_end && policy.preset != Preset::Hardened;
            assert_eq!(elsewhere(&changed, full.session.clone()).reaches_portal(&policy), stays, "{society} {others_end}");
            assert!(changed.reaches_portal(&policy), "{society}: the browser that changed it goes on");
        }
    }
}

/// The story: a mailbox is read by another, who recovers by it. The member logs in, which cancels that, and changes the password, leaving
/// their other devices logged in. The other's proof, older than the new password, then passed for one of those devices.
#[test]
fn a_cancelled_recovery_comes_back_with_no_later_password() {
    let policy = policy("a", Preset::Guarded);
    let theirs = recovered_anew(&policy, &mail_member(&policy));
    assert!(theirs.is_provisional() && theirs.reaches_portal(&policy));
    let mine = theirs.closed().logged_in(&policy);
    assert!(mine.account.credentials.recovery.is_none());
    let changed = again(&policy, &mine, Goal::ChangePassword).go(&policy, &set_password(false));
    let theirs = elsewhere(&changed, theirs.session);
    assert_eq!(theirs.due(&policy), Step::Login);
}

/// The story: a session is stolen, and a mailbox. The password of the recovery on hold, typed where a change asks for the password once more,
/// was taken for the member's.
#[test]
fn a_pending_password_re_authenticates_nobody() {
    let policy = policy("a", Preset::Guarded);
    let stolen = totp_member(&policy).logged_in(&policy);
    let held = recovered_anew(&policy, &stolen.closed());
    let asks = again(&policy, &elsewhere(&held, stolen.session).six_minutes_later(), Goal::ChangePassword);
    assert_eq!(asks.next(&policy), Step::Reauthentication);
    let (_, decision) = given(&policy, &asks, &give_password(), &Findings::Password { matches: false, pending: true });
    assert_eq!(decision.refusal, Some(Refusal::WrongPassword));
}

/// The story: a member has codes by mail, and an app beside. While a recovery is on hold, they make the app their method. The pending
/// password, whose second step had been the mailbox, led to the set-up page of a device that counts.
#[test]
fn a_pending_password_sets_up_nothing_that_counts() {
    let policy = policy("a", Preset::Guarded);
    let mine = State::member(&policy, Method::MailCode, &[Method::Totp]).logged_in(&policy);
    let begun = behind_the_link(&policy, &mine.closed()).go(&policy, &Command::Recover(None));
    let held = begun.go(&policy, &set_password(true));
    assert!(held.is_provisional());
    let mine = again(&policy, &elsewhere(&held, mine.session), Goal::ChangeMethod);
    let changed = mine.go(&policy, &Command::ChangeMethod(Some(Method::Totp)));
    let (theirs, _) = logged_in_with(&policy, &changed.closed(), false, true);
    assert_eq!(theirs.due(&policy), Step::Login);
}

#[test]
fn a_changed_password_cancels_a_recovery_and_its_link() {
    let policy = policy("a", Preset::Guarded);
    let mine = totp_member(&policy).logged_in(&policy);
    let held = recovered_anew(&policy, &mine.closed()).go(&policy, &forgot());
    let changed = again(&policy, &elsewhere(&held, mine.session), Goal::ChangePassword).go(&policy, &set_password(false));
    assert!(changed.account.credentials.recovery.is_none() && changed.account.counters.reset.is_none());
}

#[test]
fn a_session_goes_on_without_the_device_that_it_deleted_until_every_other_would_end() {
    let policy = policy("a", Preset::Guarded);
    let mine = State::member(&policy, Method::Totp, &[Method::Totp, Method::Passkey]).logged_in(&policy);
    let device = mine.session.as_ref().and_then(|session| session.factor).and_then(|proof| proof.factor()).expect("a device");
    let deleted = again(&policy, &mine, Goal::DeleteDevice(device)).go(&policy, &Command::DeleteDevice);
    assert!(deleted.reaches_portal(&policy));
    assert_eq!(elsewhere(&deleted, mine.session).next(&policy), Step::LoginPasskey, "another session by that device is half a one");
    let without = deleted.session.clone();
    let fresh = deleted.closed().logged_in(&policy);
    let changed = again(&policy, &fresh, Goal::ChangePassword).go(&policy, &set_password(true));
    assert_eq!(elsewhere(&changed, without).due(&policy), Step::Login);
}

#[test]
fn half_a_log_in_and_a_provisional_session_end_nobody_elses() {
    let policy = policy("a", Preset::Guarded);
    let leave = Command::Logout { everywhere: true };
    let half = totp_member(&policy).go(&policy, &login());
    let provisional = recovered_anew(&policy, &totp_member(&policy));
    for state in [half, provisional.clone(), behind_the_link(&policy, &totp_member(&policy))] {
        let (after, decision) = given(&policy, &state, &leave, &Findings::Nothing);
        assert!(!decision.end_others && after.session.is_none());
    }
    assert_eq!(provisional.refused(&policy, &Command::EndOthers), Some("recovery.on-hold"));
    assert_eq!(provisional.refused(&policy, &begin(Goal::ChangeEmail)), Some("recovery.on-hold"));
    let (_, decision) = given(&policy, &totp_member(&policy).logged_in(&policy), &leave, &Findings::Nothing);
    assert!(decision.end_others);
}

// Codes by mail.

#[test]
fn a_code_by_mail_serves_its_session_its_mailbox_and_ten_minutes() {
    let policy = policy("a", Preset::Guarded);
    let asked = mail_member(&policy).go(&policy, &login());
    let first = asked.session.as_ref().and_then(|session| session.mail_code).expect("sent at once");
    let give = Command::GiveMailCode(code());
    let newer = asked.go(&policy, &Command::ResendMailCode);
    let Ok(Plan::CheckMailCode { code: checked, .. }) = plan(&give, &newer.ctx(&policy)) else { panic!("a code is checked") };
    assert!(checked.item != first.item, "only the newest");
    let mut elsewhere = asked.go(&policy, &login());
    if let Some(session) = &mut elsewhere.session {
        session.mail_code = None;
    }
    assert_eq!(elsewhere.refused(&policy, &give), Some("mail-code.dead"), "only its session");
    let mut moved = asked.clone();
    if let Some(email) = &mut moved.account.credentials.email {
        (email.address, email.generation) = (address("new@example.test"), Generation(99));
    }
    assert_eq!(moved.refused(&policy, &give), Some("mail-code.dead"), "only the mailbox that it went to");
    let mut ctx = asked.ctx(&policy);
    ctx.now = first.expires;
    assert_eq!(plan(&give, &ctx).err(), Some(Stop::Refused(Refusal::MailCodeDead, sekisho_core::audit::Event::FormRefused)));
}

#[test]
fn five_wrong_codes_kill_one_by_mail_and_twenty_the_day() {
    let policy = policy("a", Preset::Guarded);
    let give = Command::GiveMailCode(code());
    let mut state = mail_member(&policy).go(&policy, &login());
    for number in 1..=5 {
        let (after, decision) = given(&policy, &state, &give, &Findings::Code { matches: false });
        let refusal = if number < 5 { Refusal::WrongMailCode } else { Refusal::MailCodeDead };
        assert_eq!((decision.refusal, decision.counts), (Some(refusal), vec![Count::Fail(Guessable::MailCode)]));
        state = after;
    }
    assert_eq!(state.refused(&policy, &give), Some("mail-code.dead"), "the right one too");
    let mut tired = state.go(&policy, &Command::ResendMailCode);
    let limit = &policy.limits.mail_code;
    tired.account.counters.mail_code = (0..limit.free).fold(Counter::default(), |counter, _| counter.failed(limit, NOW));
    assert_eq!(tired.refused(&policy, &give), Some("guard.wait"));
}

#[test]
fn codes_by_mail_have_a_budget_that_a_new_log_in_does_not_refill() {
    let policy = policy("a", Preset::Guarded);
    let mut member = mail_member(&policy);
    let (_, decision) = logged_in_with(&policy, &member, true, false);
    assert!(decision.counts.contains(&Count::Asked(Asking::MailCode)) && decision.letters.len() == 1);
    member.account.counters.mail_codes = Budget::default().asked(NOW);
    let (waits, decision) = logged_in_with(&policy, &member, true, false);
    assert!(decision.letters.is_empty() && waits.session.as_ref().is_some_and(|session| session.mail_code.is_none()));
    assert_eq!(waits.refused(&policy, &Command::ResendMailCode), Some("mail.too-soon"));
}

// Passkeys.

#[test]
fn a_passkey_answers_one_challenge_once() {
    let policy = policy("a", Preset::Guarded);
    let asked = State::member(&policy, Method::Passkey, &[Method::Passkey]).go(&policy, &login());
    assert!(asked.session.as_ref().is_some_and(|session| session.challenge.is_some()));
    let give = Command::GivePasskey(answer());
    let (after, decision) = given(&policy, &asked, &give, &Findings::Asserted(Err(Flaw::Signature)));
    assert_eq!((decision.refusal, decision.counts), (Some(Refusal::PasskeyRefused), vec![Count::Fail(Guessable::SecondStep)]));
    let mut spent = after;
    if let Some(session) = &mut spent.session {
        session.challenge = None;
    }
    let Ok(Plan::Nothing) = plan(&give, &spent.ctx(&policy)) else { panic!("no challenge, nothing to check") };
    for (sent, refusal) in [
        (answer(), Refusal::PasskeyExpired),
        (PasskeyAnswer::Cancelled, Refusal::PasskeyCancelled),
        (PasskeyAnswer::Unsupported, Refusal::PasskeyUnsupported),
    ] {
        let (_, decision) = given(&policy, &spent, &Command::GivePasskey(sent), &Findings::Nothing);
        assert_eq!((decision.refusal, decision.counts), (Some(refusal), vec![]), "nothing was judged, nothing counts");
    }
}

#[test]
fn a_counter_that_stands_still_is_refused_told_and_deletes_nothing() {
    // WV-16
    let policy = policy("a", Preset::Guarded);
    let member = State::member(&policy, Method::Passkey, &[Method::Passkey]).logged_in(&policy);
    let factor = member.account.credentials.factors.first().map(|factor| factor.id).expect("a passkey");
    let asked = member.closed().go(&policy, &login());
    for counter in [0, 1] {
        let copy = Findings::Asserted(Ok(Assertion { factor, counter, backed_up: false }));
        let (after, decision) = given(&policy, &asked, &Command::GivePasskey(answer()), &copy);
        assert_eq!(decision.refusal, Some(Refusal::PasskeyRefused));
        assert!(decision.letters.iter().any(|letter| letter.kind == LetterKind::Notice(Notice::PasskeyCounter)));
        assert!(after.account.credentials == asked.account.credentials && after.account.open == asked.account.open);
    }
}

// Locks.

#[test]
fn the_twentieth_wrong_code_locks_and_ends_the_session() {
    let policy = policy("a", Preset::Guarded);
    let mut state = totp_member(&policy).go(&policy, &login());
    let limit = &policy.limits.second_step;
    state.account.counters.second_step = (1..limit.lock_at).fold(Counter::default(), |counter, _| counter.failed(limit, Timestamp(1)));
    let (after, decision) = given(&policy, &state, &Command::GiveCode { code: code(), device: None }, &Findings::Totp { matched: vec![] });
    assert_eq!(decision.refusal, Some(Refusal::AccountLocked));
    assert!(after.session.is_none());
    assert!(decision.letters.iter().any(|letter| letter.kind == LetterKind::Notice(Notice::AccountLocked)));
}

/// LO-11, RE-05.
#[test]
fn a_lock_ends_by_a_held_passkey_or_a_recovery_code_and_not_by_the_mail_link() {
    for (society, policy) in policies() {
        let locked = State::member(&policy, Method::Totp, &[Method::Totp, Method::Passkey]).with_codes().locked(&policy);
        let begun = behind_the_link(&policy, &locked);
        let anew = begun.refused(&policy, &Command::Recover(None));
        assert_eq!(anew, Some(if policy.preset == Preset::Hardened { "method.not-offered" } else { "guard.account-locked" }), "{society}");
        for (way, opens) in [(Way::Passkey, true), (Way::RecoveryCode, true), (Way::Totp, false)] {
            let asked = begun.go(&policy, &Command::Recover(Some(way)));
            let give = second_step(&asked, &policy);
            if !opens {
                assert_eq!(asked.refused(&policy, &give), Some("guard.account-locked"), "{society}");
                continue;
            }
            let freed = asked.go(&policy, &give);
            assert!(!freed.is_locked(&policy) && freed.go(&policy, &set_password(true)).reaches_portal(&policy), "{society}");
        }
        if policy.offers_method(Method::MailCode) {
            let begun = behind_the_link(&policy, &mail_member(&policy).locked(&policy));
            assert_eq!(begun.refused(&policy, &set_password(true)), Some("guard.account-locked"), "{society}: nor where nothing is set up");
        }
    }
}

// Recovery.

#[test]
fn by_the_mail_link_alone_manual_gives_all_guarded_waits_and_hardened_gives_nothing() {
    for (society, policy) in policies().into_iter().filter(|(_, policy)| policy.preset != Preset::Hardened) {
        let member = totp_member(&policy);
        let done = recovered_anew(&policy, &member);
        let (old, new) = (&member.account.credentials, &done.account.credentials);
        assert!(done.reaches_portal(&policy), "{society}");
        assert_eq!(done.is_provisional(), policy.preset == Preset::Guarded, "{society}");
        if policy.preset == Preset::Manual {
            assert!(new.recovery.is_none() && new.password != old.password && new.factors.len() == 1 && new.factors != old.factors);
            continue;
        }
        assert!(new.password == old.password && new.factors == old.factors && new.method == old.method, "{society}");
        // The pair that counts opens, and cancels; the pending pair opens too, provisionally.
        let (theirs, _) = logged_in_with(&policy, &done.closed(), false, true);
        let theirs = theirs.go(&policy, &second_step(&theirs, &policy));
        assert!(theirs.is_provisional() && theirs.reaches_portal(&policy), "{society}");
        assert_eq!(theirs.session.as_ref().map(|session| session.acr(&theirs.account, &policy)), Some(Acr::Provisional));
        let mine = theirs.closed().logged_in(&policy);
        assert!(!mine.is_provisional() && mine.account.credentials.recovery.is_none(), "{society}");
        assert!(logged_in_with(&policy, &mine.closed(), false, true).0.session.is_none(), "{society}: what was cancelled opens nothing");
        // Or the hold ends.
        let over = theirs.hold_over();
        assert!(over.reaches_portal(&policy) && !over.is_provisional(), "{society}: the session is a full one now");
        assert!(over.account.credentials.factors != old.factors && over.account.credentials.password != old.password);
        assert!(logged_in_with(&policy, &over.closed(), false, true).0.session.is_none(), "{society}: nothing is pending any more");
    }
}

/// SP 800-63B-4 §3.2.2: a session from before the lock gives no way around it.
#[test]
fn after_a_hundred_wrong_second_steps_no_device_is_set_up() {
    let policy = policy("a", Preset::Manual);
    let passkey = Command::CreatePasskey(PasskeyAnswer::Json("{}".to_owned()));
    for (method, command) in [(Method::Totp, confirm_totp("new")), (Method::Passkey, passkey)] {
        let mut adds = again(&policy, &totp_member(&policy).logged_in(&policy), Goal::AddDevice(method));
        adds.account.counters.since_success = policy.limits.rebind_at - 1;
        assert_eq!(adds.refused(&policy, &command), None, "{method:?}");
        adds.account.counters.since_success += 1;
        assert_eq!(adds.refused(&policy, &command), Some("guard.account-locked"), "{method:?}");
    }
}

#[test]
fn a_recovery_on_hold_gives_no_fresh_guesses_at_what_counts() {
    let policy = policy("a", Preset::Guarded);
    let begun = behind_the_link(&policy, &totp_member(&policy)).go(&policy, &Command::Recover(None)).go(&policy, &confirm_totp("new"));
    let Ok(hashes) = plan(&set_password(true), &begun.ctx(&policy)) else { panic!("due") };
    let (done, ended) = given(&policy, &begun, &set_password(true), &good(&hashes, &begun.account));
    let (theirs, _) = logged_in_with(&policy, &done.closed(), false, true);
    let step = second_step(&theirs, &policy);
    let matched = Findings::Totp { matched: vec![TimeStep(TimeStep::of(NOW).0 + 9)] };
    let (theirs, logged_in) = given(&policy, &theirs, &step, &matched);
    assert!(theirs.is_provisional() && theirs.reaches_portal(&policy));
    for counts in [ended.counts, logged_in.counts] {
        assert!(!counts.contains(&Count::Clear(Guessable::Password)) && !counts.contains(&Count::Clear(Guessable::SecondStep)));
    }
}

#[test]
fn a_reset_link_is_the_newest_its_recoverys_and_for_one_use() {
    let policy = policy("a", Preset::Guarded);
    let first = totp_member(&policy).go(&policy, &forgot());
    let old = first.account.counters.reset.expect("a link");
    let second = first.go(&policy, &forgot());
    assert_eq!(second.refused(&policy, &Command::OpenReset(Some(link(old)))), Some("link.dead"), "only the newest");
    let opened = behind_the_link(&policy, &second);
    assert_eq!(opened.next(&policy), Step::Recover);
    let newer = behind_the_link(&policy, &opened.closed());
    assert_eq!(elsewhere(&newer, opened.session).next(&policy), Step::Login, "a session of an older link is none");
    let item = newer.account.credentials.recovery.as_ref().map(|recovery| recovery.item).expect("under way");
    assert_eq!(newer.refused(&policy, &Command::OpenReset(Some(link(item)))), Some("link.dead"), "once");
}

#[test]
fn a_reset_link_dies_with_the_address_that_it_went_to() {
    let policy = policy("a", Preset::Guarded);
    let mine = again(&policy, &totp_member(&policy).logged_in(&policy), Goal::ChangeEmail);
    let asked = mine.go(&policy, &Command::ChangeEmail(Some(address("new@example.test")))).go(&policy, &forgot());
    let item = asked.account.credentials.pending_email.as_ref().map(|pending| pending.item).expect("pending");
    let moved = asked.go(&policy, &Command::ConfirmEmail(Some(link(item))));
    assert_eq!(moved.account.counters.reset, None);
}

#[test]
fn a_way_that_turns_out_to_be_lost_is_no_dead_end() {
    let policy = policy("a", Preset::Guarded);
    let begun = behind_the_link(&policy, &totp_member(&policy));
    let chosen = begun.go(&policy, &Command::Recover(Some(Way::Totp)));
    assert_eq!(chosen.next(&policy), Step::LoginTotp);
    let anew = chosen.go(&policy, &Command::Recover(None));
    assert_eq!(anew.next(&policy), Step::SetupTotp);
    assert_eq!(anew.go(&policy, &Command::Recover(Some(Way::Totp))).next(&policy), Step::LoginTotp, "and back");
}

#[test]
fn a_recovery_left_half_way_is_no_more_after_half_an_hour() {
    let policy = policy("a", Preset::Guarded);
    let begun = behind_the_link(&policy, &totp_member(&policy));
    let half = Duration::from_secs(1800);
    for (now, lives) in [(Timestamp(NOW.0 + 1799), true), (Timestamp(NOW.0 + 1800), false)] {
        let mut later = begun.clone();
        assert_eq!(later.account.credentials.settle(now, half), !lives);
        assert_eq!(later.next(&policy) == Step::Recover, lives);
    }
}

// "It was not me".

#[test]
fn it_was_not_me_is_spent_by_use_and_so_are_the_links_of_older_letters() {
    let policy = policy("a", Preset::Guarded);
    let frozen = recovered_anew(&policy, &totp_member(&policy)).go(&policy, &freeze());
    assert_eq!(frozen.due(&policy), Step::Login, "the provisional session is no more");
    let at = |sent| Command::Freeze(Some(FreezeLink { member: crate::state::MEMBER, sent: Timestamp(sent) }));
    assert_eq!(frozen.refused(&policy, &at(NOW.0 - 1)), Some("link.dead"));
    assert_eq!(frozen.refused(&policy, &at(NOW.0 + 1)), None, "the link of a later letter serves");
    assert!(frozen.closed().logged_in(&policy).reaches_portal(&policy), "what counts opens");
}

// Recovery codes.

/// The story: a member whose phone is lost logs in by a recovery code and makes new ones. The session's proof spoke of the old ones, so it was
/// asked for one of the new, which it had not seen.
#[test]
fn new_recovery_codes_are_shown_to_whoever_made_them_by_an_old_one() {
    let policy = policy("a", Preset::Guarded);
    let asked = totp_member(&policy).with_codes().go(&policy, &login()).go(&policy, &Command::ChooseWay(Way::RecoveryCode));
    let mine = asked.go(&policy, &Command::GiveRecoveryCode(lookup()));
    let made = again(&policy, &mine, Goal::RecoveryCodes).go(&policy, &Command::MakeRecoveryCodes);
    assert_eq!(made.next(&policy), Step::RecoveryCodes);
    assert!(made.session.as_ref().is_some_and(|session| session.new_codes.is_some()));
    assert_eq!(made.six_minutes_later().next(&policy), Step::Reauthentication, "no younger than it was given");
}

// What a session is worth, and which way comes first.

/// O-29, N-01.
#[test]
fn what_a_session_is_worth() {
    for (society, policy) in policies() {
        let state = State::member(&policy, Method::Totp, &[Method::Totp, Method::Passkey]).with_codes();
        let worth = |state: &State| state.session.as_ref().map(|session| session.acr(&state.account, &policy).id());
        let by = |state: &State, way| {
            let asked = state.go(&policy, &login()).go(&policy, &Command::ChooseWay(way));
            asked.go(&policy, &second_step(&asked, &policy))
        };
        let table = [(Way::Passkey, "phr"), (Way::Totp, "urn:sekisho:acr:aal2"), (Way::RecoveryCode, "urn:sekisho:acr:aal2")];
        for (way, acr) in table {
            assert_eq!(worth(&by(&state, way)), Some(acr), "{society}");
            let unproven = by(&state.clone().unproven(), way);
            let expected = if policy.preset == Preset::Guarded { "urn:sekisho:acr:unproven" } else { acr };
            assert_eq!(worth(&unproven), Some(expected), "{society}");
        }
        if policy.offers_method(Method::MailCode) {
            assert_eq!(worth(&mail_member(&policy).logged_in(&policy)), Some("urn:sekisho:acr:two-step-mail"), "{society}");
        }
        if policy.preset == Preset::Guarded {
            assert_eq!(worth(&recovered_anew(&policy, &state)), Some("urn:sekisho:acr:provisional"), "{society}");
        }
    }
}

/// ux 22.
#[test]
fn what_was_used_last_is_asked_for_first_and_recovery_codes_never() {
    let policy = policy("a", Preset::Guarded);
    let member = State::member(&policy, Method::MailCode, &[Method::Totp, Method::Passkey]).with_codes();
    let order = |state: &State| {
        let state = state.go(&policy, &login());
        state.session.as_ref().map(|session| ways(&state.account, session, &policy)).unwrap_or_default()
    };
    assert_eq!(order(&member), [Way::MailCode, Way::Passkey, Way::Totp, Way::RecoveryCode], "the method, then the strongest");
    let by = |state: &State, way| {
        let asked = state.go(&policy, &login()).go(&policy, &Command::ChooseWay(way));
        asked.go(&policy, &second_step(&asked, &policy)).closed()
    };
    let last = by(&member, Way::Totp);
    assert_eq!(order(&last), [Way::Totp, Way::Passkey, Way::MailCode, Way::RecoveryCode]);
    let spent = by(&last, Way::RecoveryCode);
    assert_eq!(order(&spent), [Way::Totp, Way::Passkey, Way::MailCode], "and what is used up not at all");
}

#[test]
fn a_passkey_gets_a_name_that_no_device_has() {
    let policy = policy("a", Preset::Guarded);
    let mut state = totp_member(&policy).logged_in(&policy);
    for expected in ["passkey", "passkey 2", "passkey 3"] {
        state = again(&policy, &state, Goal::AddDevice(Method::Passkey)).go(&policy, &Command::CreatePasskey(answer()));
        assert_eq!(state.account.credentials.factors.last().map(|factor| factor.name.as_str()), Some(expected));
        assert_eq!(state.refused(&policy, &Command::NamePasskey(Some("device 3".to_owned()))), Some("device-name.taken"));
        state = state.go(&policy, &Command::NamePasskey(Some(String::new())));
        assert_eq!(state.account.credentials.factors.last().map(|factor| factor.name.as_str()), Some(expected), "empty: as it is");
    }
}

// Time alone.

#[test]
fn a_hold_ends_at_its_instant_and_what_counted_before_is_gone() {
    let policy = policy("a", Preset::Guarded);
    let held = recovered_anew(&policy, &totp_member(&policy).with_codes()).account.credentials;
    let until = NOW.after(policy.lifetimes.hold);
    let mut early = held.clone();
    assert!(!early.settle(Timestamp(until.0 - 1), policy.lifetimes.half_login) && early == held);
    let mut over = held.clone();
    assert!(over.settle(Timestamp(until.0 + 99), policy.lifetimes.half_login));
    let waited = held.recovery.as_ref().expect("on hold");
    let expected = waited.password.map(|hash| Verifier::Chosen { hash, since: until });
    assert!(Some(over.password) == expected, "since the hold ended, whenever that is looked at");
    assert!(over.factors.iter().eq(waited.factor.iter()) && over.method == Some(Method::Totp));
    assert!(over.recovery.is_none() && over.recovery_codes.is_none(), "codes that lie beside the lost device go with it");
    assert_eq!(over.password.generation(), Some(over.sessions_from), "sessions by the old password are over");
    assert!(!over.settle(Timestamp(u64::MAX), policy.lifetimes.half_login), "once");
}

#[test]
fn a_session_of_nobody_and_one_of_another_member_lead_to_the_log_in() {
    let policy = policy("a", Preset::Guarded);
    let state = totp_member(&policy).logged_in(&policy);
    let mut other = state.account.clone();
    other.id = sekisho_core::id::MemberId([9; 16]);
    assert_eq!(next_step(Goal::Portal, Some(&other), state.session.as_ref(), &policy, NOW), Step::Login);
    assert_eq!(next_step(Goal::Portal, None, state.session.as_ref(), &policy, NOW), Step::Login);
    assert_eq!(next_step(Goal::Portal, Some(&state.account), None, &policy, NOW), Step::Login);
}

#[test]
fn a_recovery_password_shares_salt_and_cost_with_the_one_that_counts_and_a_change_does_not() {
    let policy = policy("a", Preset::Guarded);
    let begun = behind_the_link(&policy, &totp_member(&policy)).go(&policy, &Command::Recover(None)).go(&policy, &confirm_totp("new"));
    let shared = |state: &State| match plan(&set_password(true), &state.ctx(&policy)) {
        Ok(Plan::HashPassword { shares, .. }) => shares,
        _ => panic!("a password is hashed"),
    };
    let PasswordHash { salt, .. } = hash(Generation(1));
    assert_eq!(shared(&begun), Some((salt, COST)));
    let change = again(&policy, &totp_member(&policy).logged_in(&policy), Goal::ChangePassword);
    assert_eq!(shared(&change), None);
}
