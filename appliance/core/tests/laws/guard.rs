//! What guards a member's door beside the waits: which lanes begin anew and when, and how often an ID may be tried out.

use sekisho_core::account::Counters;
use sekisho_core::command::Command;
use sekisho_core::decide::{Count, decide};
use sekisho_core::guard::{Asking, Budget, Counter, Guessable};
use sekisho_core::plan::{Ctx, Findings, Stop, plan};
use sekisho_core::refusal::Refusal;
use sekisho_core::step::Goal;
use sekisho_core::tenant::{Limits, Method, Preset};
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;

use crate::commands::{begin, good, login, set_password};
use crate::single::behind_the_link;
use crate::state::{NOW, State, policy};

const LIFTED: [Count; 2] = [Count::Unlock(Guessable::Password), Count::ForgetBrowsers];

#[test]
fn a_recovery_that_counts_ends_every_lanes_lock_and_forgets_the_browsers_and_one_on_hold_does_neither() {
    for (preset, counts) in [(Preset::Manual, true), (Preset::Guarded, false)] {
        let policy = policy("a", preset);
        let begun = behind_the_link(&policy, &State::member(&policy, Method::MailCode, &[]));
        let command = set_password(false);
        let ctx = begun.ctx_for(&policy, &command);
        let Ok(measured) = plan(&command, &ctx) else { panic!("the new password is due") };
        let decision = decide(&command, &good(&measured, &begun.account), &ctx);
        assert_eq!(LIFTED.iter().all(|count| decision.counts.contains(count)), counts, "{preset:?}");
        assert_eq!(LIFTED.iter().any(|count| decision.counts.contains(count)), counts, "{preset:?}");
        assert_eq!(decision.remember, counts, "the browser of a recovery that counts is known from then on");
    }
}

#[test]
fn a_success_moves_its_own_lane_an_unlock_all_of_them_and_only_what_has_failed_is_written() {
    let limits = Limits::default();
    let failed = Counters { password: Counter { failures: 1, last: NOW.0 }, ..Counters::default() };
    let at_a_source = Counters { share: Counter { failures: 1, last: NOW.0 }, ..Counters::default() };
    let clear = [Count::Clear(Guessable::Password)];
    assert_eq!(Counters::default().after(&clear, &limits, NOW), Counters::default(), "every ordinary log-in");
    for counters in [failed, at_a_source] {
        let after = counters.after(&clear, &limits, NOW);
        assert_eq!((after.strangers, after.lanes), (1, 0));
    }
    let after = Counters::default().after(&LIFTED, &limits, NOW);
    assert_eq!((after.strangers, after.lanes, after.known_from), (0, 1, NOW.0));
    assert_eq!(failed.after(&[Count::Fail(Guessable::Password)], &limits, NOW), failed, "it stands in the lane");
}

#[test]
fn a_strangers_gate_is_the_later_of_the_lanes_and_its_sources() {
    let policy = policy("a", Preset::Guarded);
    let state = State::member(&policy, Method::Totp, &[Method::Totp]);
    let waits = |password: u32, share: u32| {
        let counter = |failures| Counter { failures, last: NOW.0 };
        let mut ctx = state.ctx_for(&policy, &login());
        (ctx.account.counters.password, ctx.account.counters.share) = (counter(password), counter(share));
        plan(&login(), &ctx).err()
    };
    assert!(waits(4, 4).is_none());
    let in_seconds = |seconds| Some(Stop::Refused(Refusal::Wait(Timestamp(NOW.0 + seconds)), sekisho_core::audit::Event::PasswordRefused));
    assert!(waits(5, 0) == in_seconds(30) && waits(3, 6) == in_seconds(60));
}

/// W-07: within a session, so often, and the same for an ID that is free and one that is not.
#[test]
fn whether_an_id_is_free_is_told_ten_times_a_day() {
    let policy = policy("c", Preset::Guarded);
    let state = State::member(&policy, Method::Totp, &[Method::Totp]).logged_in(&policy).go(&policy, &begin(Goal::ChangeUserId));
    let command = Command::ChangeUserId(UserId::typed("newname77"));
    let at = |asked: u32, id_taken: bool| {
        let mut ctx = Ctx { id_taken, ..state.ctx_for(&policy, &command) };
        ctx.account.counters.user_ids = (0..asked).fold(Budget::default(), |budget, _| budget.asked(NOW));
        plan(&command, &ctx).map(|_| decide(&command, &Findings::Nothing, &ctx))
    };
    let counted = [Count::Asked(Asking::UserId)];
    let Ok(taken) = at(9, true) else { panic!("the tenth is answered") };
    assert_eq!((taken.refusal, &taken.counts[..]), (Some(Refusal::UserIdTaken), &counted[..]));
    assert!(taken.claim_user_id.is_none() && taken.profile.is_none());
    let Ok(free) = at(9, false) else { panic!("the tenth is answered") };
    assert_eq!((free.refusal, &free.counts[..]), (None, &counted[..]));
    for id_taken in [true, false] {
        let until = Timestamp(NOW.0 + 24 * 3600);
        assert!(matches!(at(10, id_taken), Err(Stop::Refused(Refusal::Wait(end), _)) if end == until));
    }
}

/// Many at once could be judged before the first of them was counted.
#[test]
fn no_more_strangers_are_judged_at_a_time_than_the_brake_has_room_for() {
    let policy = policy("a", Preset::Guarded);
    let state = State::imported();
    let met = |counted: u32, beside: u32, known_browser: bool| {
        let brake = (0..counted).fold(Budget::default(), |budget, _| budget.asked(NOW));
        let ctx = Ctx { brake, beside, known_browser, ..state.ctx_for(&policy, &login()) };
        match plan(&login(), &ctx) {
            Ok(_) => "judged",
            Err(Stop::Refused(Refusal::TryAgain, _)) => "try again",
            Err(Stop::Refused(Refusal::Crowded(_), _)) => "crowded",
            Err(_) => "another",
        }
    };
    assert_eq!(
        [(0, 19), (0, 20), (17, 2), (17, 3), (20, 0)].map(|(counted, beside)| met(counted, beside, false)),
        ["judged", "try again", "judged", "try again", "crowded"]
    );
    assert_eq!(met(20, 99, true), "judged", "a known browser passes");
}

/// Whoever used the old password is known no more from the first thing on that is written after the hold (G-17).
#[test]
fn a_recovery_whose_hold_is_over_ends_the_locks_and_forgets_the_browsers_with_the_next_log_in() {
    let policy = policy("a", Preset::Guarded);
    let begun = behind_the_link(&policy, &State::member(&policy, Method::MailCode, &[]));
    let stored = begun.go(&policy, &set_password(false)).closed().hold_over();
    let mut settled = stored.clone();
    assert!(settled.account.credentials.settle(NOW, policy.lifetimes.half_login));
    let settles = |stored: Option<&State>| {
        let stored = stored.map(|state| state.account.credentials.clone());
        let ctx = Ctx { stored, ..settled.ctx_for(&policy, &login()) };
        decide(&login(), &Findings::Password { matches: true, pending: false }, &ctx)
    };
    let decision = settles(Some(&stored));
    assert!(decision.credentials.is_some() && LIFTED.iter().all(|count| decision.counts.contains(count)));
    assert!(!LIFTED.iter().any(|count| settles(None).counts.contains(count)), "and not again after that");
}
