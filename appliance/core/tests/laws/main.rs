//! The laws of the journey, over every state that a member and a browser can reach, in all five societies' orders, under all presets.
//!
//! The whole space is the product of things that have nothing to do with each other, so it is walked in slices: one for everything up to the
//! portal, one for the settings behind it, one for recovery, and one for two browsers. In every state of every slice *every* form is tried with
//! every finding and every law is asked; a slice only says which of the moves it follows. A walk by chance through everything at once
//! goes between the slices.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod checks;
mod commands;
mod guard;
mod single;
mod state;
mod walks;

use checks::{Move, check_disabled, check_due, check_move, check_state};
use commands::{commands, findings};
use sekisho_core::command::Command;
use sekisho_core::decide::decide;
use sekisho_core::plan::plan;
use sekisho_core::session::ways;
use sekisho_core::step::{Goal, Step};
use sekisho_core::tenant::{Method, Preset, TenantPolicy, UserIdChange};
use state::{State, policies};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A part of the space: where it begins, which forms it follows, and what happens without a form.
struct Slice {
    starts: Vec<State>,
    follows: fn(&Command, &State) -> bool,
    happens: fn(&State) -> Vec<State>,
}

/// Every state of a slice, and where each leads.
struct Space {
    states: Vec<State>,
    moves: Vec<Vec<usize>>,
}

/// Walks every state of `slice`, asks the laws everywhere, and returns the space.
fn explore(society: &str, policy: &TenantPolicy, slice: &Slice) -> Space {
    let mut space = Space { states: Vec::new(), moves: Vec::new() };
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut open = VecDeque::new();
    let mut meet = |state: State, space: &mut Space, open: &mut VecDeque<usize>| {
        *known.entry(state.name(policy)).or_insert_with(|| {
            space.states.push(state);
            space.moves.push(Vec::new());
            open.push_back(space.states.len() - 1);
            space.states.len() - 1
        })
    };
    for start in &slice.starts {
        meet(start.clone(), &mut space, &mut open);
    }
    while let Some(number) = open.pop_front() {
        let Some(state) = space.states.get(number).cloned() else { break };
        check_state(society, policy, &state);
        let mut moves = (slice.happens)(&state);
        moves.extend(take_all(society, policy, &state, slice.follows));
        let to: BTreeSet<usize> = moves.into_iter().map(|to| meet(to, &mut space, &mut open)).collect();
        if let Some(moves) = space.moves.get_mut(number) {
            moves.extend(to);
        }
    }
    space
}

/// Tries every form with every finding, asks the laws of the moves, and returns where those lead that are followed.
fn take_all(society: &str, policy: &TenantPolicy, state: &State, follows: fn(&Command, &State) -> bool) -> Vec<State> {
    let mut led = Vec::new();
    for command in commands(policy, state) {
        led.extend(take(society, policy, state, &command).into_iter().filter(|_| follows(&command, state)));
    }
    led
}

/// The society closes the member of `state` out.
fn close_out(society: &str, policy: &TenantPolicy, state: &State) {
    let mut state = state.clone();
    state.account.open.disabled = true;
    for command in commands(policy, &state) {
        let ctx = state.ctx_for(policy, &command);
        let planned = plan(&command, &ctx);
        let measured = planned.as_ref().map_or_else(|_| Vec::new(), |plan| findings(plan, &state.account));
        let after = measured.iter().map(|findings| state.after(&decide(&command, findings, &ctx)));
        for after in after.chain([state.clone()]) {
            check_disabled(society, policy, &command, planned.as_ref(), &after);
        }
    }
}

/// Tries one form with every finding.
fn take(society: &str, policy: &TenantPolicy, state: &State, command: &Command) -> Vec<State> {
    let ctx = state.ctx_for(policy, command);
    let planned = plan(command, &ctx);
    check_due(society, policy, state, command, planned.as_ref());
    let Ok(plan) = planned else { return Vec::new() };
    let try_one = |findings| {
        let decision = decide(command, &findings, &ctx);
        let after = state.after(&decision);
        check_move(&Move { society, policy, before: state, command, findings: &findings, decision: &decision, after: &after });
        after
    };
    findings(&plan, &state.account).into_iter().map(try_one).collect()
}

/// From every state some way leads to the portal; `excused` says of which it need not.
fn every_way_leads_home(society: &str, policy: &TenantPolicy, space: &Space, excused: impl Fn(&State) -> bool) {
    let mut back: Vec<Vec<usize>> = vec![Vec::new(); space.states.len()];
    for (from, moves) in space.moves.iter().enumerate() {
        for to in moves {
            if let Some(back) = back.get_mut(*to) {
                back.push(from);
            }
        }
    }
    let mut home: Vec<bool> = space.states.iter().map(|state| state.reaches_portal(policy)).collect();
    let mut open: Vec<usize> = (0..home.len()).filter(|number| home.get(*number) == Some(&true)).collect();
    while let Some(number) = open.pop() {
        for from in back.get(number).into_iter().flatten() {
            if let Some(home) = home.get_mut(*from).filter(|home| !**home) {
                *home = true;
                open.push(*from);
            }
        }
    }
    for (state, home) in space.states.iter().zip(home) {
        assert!(home || excused(state), "{society}: stuck at {}: {}", state.next(policy).id(), state.name(policy));
    }
}

fn steps(space: &Space, policy: &TenantPolicy) -> BTreeSet<Step> {
    space.states.iter().map(|state| state.next(policy)).collect()
}

/// Closing the browser, and new terms.
fn time_and_society(state: &State) -> Vec<State> {
    vec![state.closed(), state.with_new_terms()]
}

#[test]
fn everything_up_to_the_portal() {
    for (society, policy) in policies() {
        let slice = Slice {
            starts: State::imports(&policy),
            follows: |command, _| {
                !matches!(
                    command,
                    Command::Begin { .. } | Command::EndOthers | Command::OpenReset(_) | Command::ForgotPassword(_) | Command::Freeze(_)
                )
            },
            happens: time_and_society,
        };
        let space = explore(&society, &policy, &slice);
        every_way_leads_home(&society, &policy, &space, |_| false);
        space.states.iter().for_each(|state| close_out(&society, &policy, state));
        let steps = steps(&space, &policy);
        let expected = [
            Step::Login,
            Step::BirthDate,
            Step::Terms,
            Step::Email,
            Step::Method,
            Step::NewPassword,
            Step::FirstLoginComplete,
            Step::SetupTotp,
            Step::SetupPasskey,
            Step::NamePasskey,
            Step::RecoveryCodes,
            Step::LoginTotp,
            Step::LoginPasskey,
            Step::GiveRecoveryCode,
            Step::Portal,
        ];
        for step in expected {
            assert!(steps.contains(&step), "{society}: {} is reached", step.id());
        }
        assert_eq!(steps.contains(&Step::EmailWait), policy.wait_for_email, "{society}");
        assert_eq!(steps.contains(&Step::MailCode), policy.offers_method(Method::MailCode), "{society}");
        assert_eq!(steps.contains(&Step::ActivationCode), policy.preset == Preset::Hardened, "{society}");
        println!("{society}: {} states up to the portal", space.states.len());
    }
}

/// Beyond the first log-in a, b and e differ in the order of a page and nowhere else, and so do c and d: one of each is enough.
fn behind_the_first_log_in() -> Vec<(String, TenantPolicy)> {
    policies().into_iter().filter(|(society, _)| society.starts_with('a') || society.starts_with('c')).collect()
}

/// One kind of change at a time: changes of different kinds meet in the walks by chance. `holds` says whether it is another one for an
/// account that is unproven.
fn behind_the_portal(holds: bool, follows: fn(&Command, &State) -> bool, expected: &[Step]) {
    for (society, policy) in behind_the_first_log_in() {
        let mut starts = vec![State::member(&policy, Method::Totp, &[Method::Totp])];
        if !holds {
            starts.push(State::member(&policy, Method::Passkey, &[Method::Passkey]));
        }
        if policy.offers_method(Method::MailCode) {
            starts.push(State::member(&policy, Method::MailCode, &[]));
        }
        if holds {
            starts.extend(starts.clone().into_iter().map(State::unproven));
        }
        let happens = |state: &State| vec![state.closed(), state.six_minutes_later(), state.hold_over()];
        let space = explore(&society, &policy, &Slice { starts, follows, happens });
        every_way_leads_home(&society, &policy, &space, |_| false);
        let steps = steps(&space, &policy);
        for step in expected {
            let never = *step == Step::ChangeUserId && policy.user_id_change == UserIdChange::Never;
            assert!(steps.contains(step) != never, "{society}: {} is reached", step.id());
        }
    }
}

/// What leads from the log-in page to a change, whatever the change is.
fn leads_to_a_change(command: &Command) -> bool {
    matches!(
        command,
        Command::Login { .. }
            | Command::GivePassword(_)
            | Command::GiveCode { .. }
            | Command::GivePasskey(_)
            | Command::GiveMailCode(_)
            | Command::ConfirmTotp { .. }
            | Command::CreatePasskey(_)
            | Command::NamePasskey(_)
            | Command::GiveActivationCode { .. }
    )
}

#[test]
fn changes_of_password_address_and_id() {
    let follows = |command: &Command, _: &State| match command {
        Command::Begin { goal, .. } => matches!(goal, Goal::ChangePassword | Goal::ChangeEmail | Goal::ChangeUserId),
        Command::SetPassword { .. } | Command::ChangeEmail(_) | Command::ChangeUserId(_) | Command::ConfirmEmail(_) => true,
        other => leads_to_a_change(other),
    };
    behind_the_portal(true, follows, &[Step::Reauthentication, Step::NewPassword, Step::ChangeEmail, Step::ChangeUserId]);
}

/// At most two devices: a third is no other kind of state.
#[test]
fn changes_of_devices() {
    let follows = |command: &Command, state: &State| match command {
        Command::Begin { goal: Goal::AddDevice(_), .. } => state.account.credentials.factors.len() < 2,
        Command::Begin { goal, .. } => matches!(goal, Goal::DeleteDevice(_)),
        Command::DeleteDevice => true,
        other => leads_to_a_change(other),
    };
    behind_the_portal(false, follows, &[Step::DeleteDevice, Step::SetupTotp, Step::SetupPasskey, Step::NamePasskey]);
}

#[test]
fn changes_of_recovery_codes() {
    let follows = |command: &Command, _: &State| match command {
        Command::Begin { goal, .. } => matches!(goal, Goal::RecoveryCodes),
        Command::MakeRecoveryCodes | Command::LeaveRecoveryCodes | Command::GiveRecoveryCode(_) | Command::ChooseWay(_) => true,
        other => leads_to_a_change(other),
    };
    behind_the_portal(false, follows, &[Step::RecoveryCodes, Step::GiveRecoveryCode]);
}

#[test]
fn changes_of_method() {
    let follows = |command: &Command, _: &State| match command {
        Command::Begin { goal, .. } => *goal == Goal::ChangeMethod,
        Command::ChangeMethod(_) | Command::LeaveRecoveryCodes | Command::Freeze(_) => true,
        other => leads_to_a_change(other),
    };
    behind_the_portal(true, follows, &[Step::ChangeMethod, Step::SetupTotp, Step::SetupPasskey, Step::RecoveryCodes]);
}

#[test]
fn recovery() {
    for (society, policy) in behind_the_first_log_in() {
        let member = |method, devices: &[Method]| State::member(&policy, method, devices);
        let mut starts = vec![
            member(Method::Totp, &[Method::Totp]),
            member(Method::Passkey, &[Method::Passkey]).with_codes(),
            member(Method::Totp, &[Method::Totp, Method::Passkey]).unproven(),
        ];
        if policy.offers_method(Method::MailCode) {
            starts.extend([member(Method::MailCode, &[]), member(Method::MailCode, &[Method::Totp]).with_codes()]);
        }
        starts.extend(starts.clone().into_iter().map(|state| state.locked(&policy)));
        let slice = Slice { starts, follows: follows_recovery, happens: |state| vec![state.closed(), state.hold_over()] };
        let space = explore(&society, &policy, &slice);
        // A lock that nothing held ends is the staff's; whoever has lost everything under `hardened` is told to ask them.
        every_way_leads_home(&society, &policy, &space, |state| state.is_locked(&policy));
        space.states.iter().for_each(|state| close_out(&society, &policy, state));
        let steps = steps(&space, &policy);
        for step in [Step::Recover, Step::NewPassword, Step::LoginTotp, Step::LoginPasskey, Step::GiveRecoveryCode] {
            assert!(steps.contains(&step), "{society}: {} is reached", step.id());
        }
        println!("{society}: {} states of recovery", space.states.len());
    }
}

fn follows_recovery(command: &Command, _: &State) -> bool {
    !matches!(
        command,
        Command::Begin { .. } | Command::EndOthers | Command::Logout { .. } | Command::MakeRecoveryCodes | Command::ResendMailCode
    )
}

/// Where a session of the recovery stands, something held or the mail link decides; a member of `hardened` with nothing is told whom to ask.
#[test]
fn recovery_offers_what_is_held_and_in_hardened_nothing_else() {
    for (society, policy) in policies() {
        let state = single::behind_the_link(&policy, &State::member(&policy, Method::Totp, &[]));
        let session = state.session.as_ref().expect("a recovery");
        assert!(ways(&state.account, session, &policy).is_empty(), "{society}");
        assert_eq!(state.next(&policy), Step::Recover, "{society}");
        let anew = state.refused(&policy, &Command::Recover(None));
        assert_eq!(anew, (policy.preset == Preset::Hardened).then_some("method.not-offered"), "{society}");
    }
}
