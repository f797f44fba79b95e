//! What each kind of letter carries, and when it is not sent at all.

use crate::fakes::{Bench, ITEM, NOW, Sent, USER_ID, blank, confirm, keys, letter, member_of, society};
use sekisho::mail::outbox::Outbox;
use sekisho::society::Society;
use sekisho_core::account::{Credentials, HashCost, OpenFacts, PasswordHash, PendingEmail, Recovery};
use sekisho_core::command::Link;
use sekisho_core::id::{Generation, ItemId};
use sekisho_core::letter::{LetterKind, Notice};
use sekisho_core::shown::LinkKind;
use sekisho_core::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

const TO: &str = "taro@mail.test";
const HOUR: Duration = Duration::from_secs(3600);
const LINKS: [LinkKind; 3] = [LinkKind::Email, LinkKind::Reset, LinkKind::Freeze];

fn before(instant: Timestamp) -> Timestamp {
    Timestamp(instant.0 - 1)
}

/// Sends what is due at `now`; what the mailer was given.
fn send(bench: &Bench, society: &Arc<Society>, now: Timestamp) -> Vec<Sent> {
    Outbox::new(bench.world.clone()).unwrap().run_once(std::slice::from_ref(society), now);
    bench.mailer.tries.lock().unwrap().clone()
}

/// The letter of this kind, sent at `NOW`.
fn sent(kind: LetterKind) -> Sent {
    let (bench, society) = (Bench::new(), society("a"));
    bench.post(&society, 5, &letter(TO, kind));
    let tries = send(&bench, &society, NOW);
    assert_eq!((tries.len(), bench.row(&society, 5).is_some()), (1, false), "{}", kind.id());
    tries[0].clone()
}

/// Posts the letter, and says whether it went; in no case does its row stay.
fn goes(bench: &Bench, society: &Arc<Society>, kind: LetterKind, now: Timestamp) -> bool {
    bench.post(society, 5, &letter(TO, kind));
    let tries = send(bench, society, now);
    assert!(bench.row(society, 5).is_none(), "{}", kind.id());
    !tries.is_empty()
}

fn code(expires: Timestamp) -> LetterKind {
    LetterKind::MailCode { item: ITEM, expires }
}

fn issued(expires: Timestamp) -> LetterKind {
    LetterKind::Issued { generation: Generation(2), expires }
}

#[test]
fn a_reset_link_leads_to_its_page_and_serves_five_minutes_from_its_sending() {
    let reset = sent(LetterKind::Reset(ITEM));
    assert_eq!(reset.place(), "https://a.example.test/link/reset");
    let end = NOW.after(Duration::from_secs(5 * 60));
    let link = Link { member: member_of(5), item: ITEM };
    assert_eq!(keys().read_link(LinkKind::Reset, &reset.token(), before(end)), Some(link));
    assert_eq!(keys().read_link(LinkKind::Reset, &reset.token(), end), None);
}

#[test]
fn every_notice_that_can_be_disowned_carries_the_link_for_it_and_no_other_notice_does() {
    let lifetime = society("a").policy().lifetimes.freeze_link;
    for notice in Notice::each() {
        let (bench, society) = (Bench::new(), society("a"));
        bench.member(&society, 5, &Credentials { last_recovery: Some(ItemId([0; 8])), ..blank() }, OpenFacts::NEW);
        bench.post(&society, 5, &letter(TO, LetterKind::Notice(notice)));
        let sent = send(&bench, &society, NOW).pop().unwrap_or_else(|| panic!("{}: not sent", notice.id()));
        if !notice.can_be_disowned() {
            assert!(!sent.body.contains("://"), "{}", notice.id());
            continue;
        }
        assert_eq!(sent.place(), "https://a.example.test/link/freeze");
        let end = NOW.after(7 * 24 * HOUR);
        let link = keys().read_freeze_link(&sent.token(), lifetime, before(end)).expect("ours");
        assert_eq!((link.member, link.sent), (member_of(5), NOW), "{}", notice.id());
        assert!(keys().read_freeze_link(&sent.token(), lifetime, end).is_none());
    }
}

#[test]
fn a_link_of_one_purpose_serves_no_other() {
    let kinds = [LetterKind::ConfirmEmail(ITEM), LetterKind::Reset(ITEM), LetterKind::Notice(Notice::PasswordChanged)];
    for (kind, purpose) in kinds.into_iter().zip(LINKS) {
        let token = sent(kind).token();
        for other in LINKS {
            assert_eq!(keys().read_link(other, &token, NOW).is_some(), other == purpose, "{purpose:?} read as {other:?}");
        }
    }
}

fn with_pending(item: ItemId, not_before: Option<Timestamp>) -> Credentials {
    let address = confirm(TO).to;
    let pending = PendingEmail { item, address, since: NOW, letters: 1, counted_from: NOW, correcting: false, not_before };
    Credentials { pending_email: Some(pending), ..blank() }
}

#[test]
fn a_confirm_link_on_hold_serves_a_day_from_the_end_of_the_hold_and_any_other_from_its_sending() {
    let hold = NOW.after(72 * HOUR);
    let (from_hold, from_now) = (hold.after(24 * HOUR), NOW.after(24 * HOUR));
    for (item, not_before, end) in [
        (ITEM, Some(hold), from_hold),
        (ITEM, Some(before(NOW)), from_now),
        (ITEM, None, from_now),
        // The hold is another address's.
        (ItemId([4; 8]), Some(hold), from_now),
    ] {
        let (bench, society) = (Bench::new(), society("a"));
        bench.member(&society, 5, &with_pending(item, not_before), OpenFacts::NEW);
        bench.post(&society, 5, &confirm(TO));
        let sent = send(&bench, &society, NOW).pop().unwrap();
        assert!(keys().read_link(LinkKind::Email, &sent.token(), before(end)).is_some());
        assert!(keys().read_link(LinkKind::Email, &sent.token(), end).is_none());
        assert_eq!(sent.body.contains("2026年11月24日(火)22時00分(日本時間)から使えます"), end == from_hold, "{}", sent.body);
        assert_eq!(sent.body.contains("今すぐ使えます"), end == from_now, "{}", sent.body);
    }
}

#[test]
fn only_a_first_log_in_has_a_page_that_sends_the_letter_again() {
    for (finished, again) in [(None, true), (Some(NOW), false)] {
        let (bench, society) = (Bench::new(), society("a"));
        bench.member(&society, 5, &with_pending(ITEM, None), OpenFacts { finished, ..OpenFacts::NEW });
        bench.post(&society, 5, &confirm(TO));
        assert_eq!(send(&bench, &society, NOW)[0].body.contains("再送信"), again);
    }
}

#[test]
fn the_code_in_the_mail_is_the_one_that_is_expected_and_stands_in_no_subject() {
    let expires = NOW.after(Duration::from_secs(600));
    let digits = format!("{:06}", keys().mail_code(member_of(5), ITEM, expires).expose());
    let sent = sent(code(expires));
    assert!(sent.body.lines().any(|line| line == digits), "{}", sent.body);
    assert!(!sent.subject.contains(&digits));
}

#[test]
fn the_first_password_in_the_mail_is_the_one_that_was_issued_and_stands_with_its_user_id() {
    let expires = NOW.after(30 * 24 * HOUR);
    let sent = sent(issued(expires));
    let password = keys().issued_password(member_of(5), Generation(2), expires);
    for line in [password.expose().as_str(), USER_ID] {
        assert!(sent.body.lines().any(|have| have == line), "{line}: {}", sent.body);
        assert!(!sent.subject.contains(line));
    }
}

#[test]
fn the_reminder_names_the_user_id_on_file() {
    assert!(sent(LetterKind::UserId).body.lines().any(|line| line == USER_ID));
}

#[test]
fn what_is_over_when_its_letter_is_due_is_not_sent() {
    let end = NOW.after(Duration::from_secs(600));
    for kind in [code(end), issued(end)] {
        let (bench, society) = (Bench::new(), society("a"));
        assert!(!goes(&bench, &society, kind, end), "{}", kind.id());
        assert!(goes(&bench, &society, kind, before(end)), "{}", kind.id());
    }
}

#[test]
fn a_code_that_ends_while_the_relay_is_down_is_not_sent_when_it_is_back() {
    let (bench, society) = (Bench::new(), society("a"));
    bench.post(&society, 5, &letter(TO, code(NOW.after(Duration::from_secs(60)))));
    bench.mailer.later(1);
    assert_eq!(send(&bench, &society, NOW).len(), 1);
    assert_eq!(send(&bench, &society, NOW.after(Duration::from_secs(60))).len(), 1, "not tried again");
    assert!(bench.row(&society, 5).is_none());
}

#[test]
fn a_letter_that_needs_a_member_who_is_gone_is_not_sent() {
    for kind in [LetterKind::UserId, issued(NOW.after(HOUR)), confirm(TO).kind, LetterKind::Notice(Notice::RecoveryCounts(ITEM))] {
        let (bench, society) = (Bench::new(), society("a"));
        bench.post(&society, 5, &letter(TO, kind));
        bench.store.members.lock().unwrap().clear();
        assert!(send(&bench, &society, NOW).is_empty(), "{}", kind.id());
        assert!(bench.row(&society, 5).is_none(), "{}", kind.id());
    }
}

/// A recovery by mail alone that counts from `counts_from` on.
fn recovering(item: ItemId, counts_from: Timestamp) -> Credentials {
    let cost = HashCost { memory_kib: 8, passes: 1, lanes: 1 };
    let hash = PasswordHash { salt: [1; 16], cost, mac: [2; 32], pepper: 1, generation: Generation(4) };
    let recovery = Recovery { item, since: NOW, factor: None, password: Some(hash), counts_from: Some(counts_from) };
    Credentials { recovery: Some(recovery), ..blank() }
}

#[test]
fn a_recovery_is_said_to_count_when_its_hold_is_over_whether_or_not_the_record_was_written_since() {
    let hold = NOW.after(72 * HOUR);
    let waiting = recovering(ITEM, hold);
    let mut settled = waiting.clone();
    assert!(settled.settle(hold, HOUR));
    for credentials in [waiting, settled] {
        let (bench, society) = (Bench::new(), society("a"));
        bench.member(&society, 5, &credentials, OpenFacts::NEW);
        assert!(goes(&bench, &society, LetterKind::Notice(Notice::RecoveryCounts(ITEM)), hold));
    }
}

#[test]
fn a_recovery_that_was_cancelled_or_replaced_is_not_said_to_count() {
    let hold = NOW.after(72 * HOUR);
    let newer = ItemId([4; 8]);
    let mut replaced = recovering(newer, hold);
    assert!(replaced.settle(hold, HOUR));
    let of_old = Credentials { last_recovery: Some(newer), ..blank() };
    for (credentials, why) in [
        (blank(), "cancelled"),
        (of_old, "cancelled, after another one"),
        (recovering(newer, hold), "replaced"),
        (replaced, "replaced, and the newer one counts"),
        (recovering(ITEM, hold.after(HOUR)), "on hold for longer"),
    ] {
        let (bench, society) = (Bench::new(), society("a"));
        bench.member(&society, 5, &credentials, OpenFacts::NEW);
        assert!(!goes(&bench, &society, LetterKind::Notice(Notice::RecoveryCounts(ITEM)), hold), "{why}");
    }
}

#[test]
fn nothing_is_sent_to_nobody_and_the_work_at_the_store_is_that_of_a_letter() {
    let writes = |kind| {
        let (bench, society) = (Bench::new(), society("a"));
        let went = goes(&bench, &society, kind, NOW);
        (went, bench.store.writes_of(5))
    };
    assert_eq!(writes(LetterKind::Reset(ITEM)), (true, 2));
    assert_eq!(writes(LetterKind::UserId), (true, 2));
    assert_eq!(writes(LetterKind::Nothing), (false, 2));
}

type Break<'a> = &'a dyn Fn(&Bench);

/// A fault is nobody's refusal: the letter stays as it was, and goes when the fault is mended.
#[test]
fn a_fault_while_a_letter_is_made_ready_keeps_its_row() {
    let expires = NOW.after(HOUR);
    let counts = LetterKind::Notice(Notice::RecoveryCounts(ITEM));
    let sick_at = |record| move |bench: &Bench| *bench.vault.sick_at.lock().unwrap() = record;
    let unreadable = |bench: &Bench| bench.store.unreadable.store(true, Ordering::SeqCst);
    let full = |bench: &Bench| bench.store.full.store(true, Ordering::SeqCst);
    let (credentials, profile) = (sick_at(Some("credentials")), sick_at(Some("profile")));
    let cases: [(LetterKind, Break); 12] = [
        (confirm(TO).kind, &credentials),
        (confirm(TO).kind, &unreadable),
        (confirm(TO).kind, &full),
        (LetterKind::Reset(ITEM), &full),
        (LetterKind::UserId, &profile),
        (LetterKind::UserId, &unreadable),
        (issued(expires), &profile),
        (issued(expires), &unreadable),
        (counts, &credentials),
        (counts, &unreadable),
        (LetterKind::Notice(Notice::PasswordChanged), &full),
        (LetterKind::Nothing, &full),
    ];
    for (kind, fault) in cases {
        let (bench, society) = (Bench::new(), society("a"));
        bench.member(&society, 5, &Credentials { last_recovery: Some(ITEM), ..blank() }, OpenFacts::NEW);
        bench.post(&society, 5, &letter(TO, kind));
        fault(&bench);
        assert!(send(&bench, &society, NOW).is_empty(), "{}", kind.id());
        let row = bench.row(&society, 5).expect("kept");
        assert_eq!((row.failures, row.not_before), (0, NOW), "{}: as it was", kind.id());

        sick_at(None)(&bench);
        bench.store.unreadable.store(false, Ordering::SeqCst);
        bench.store.full.store(false, Ordering::SeqCst);
        assert_eq!(send(&bench, &society, NOW).len(), usize::from(kind != LetterKind::Nothing), "{}", kind.id());
        assert!(bench.row(&society, 5).is_none());
    }
}

#[test]
fn a_member_whose_record_is_damaged_stands_in_nobodys_way() {
    let (bench, society) = (Bench::new(), society("a"));
    for id in [5, 6] {
        bench.post(&society, id, &letter(TO, LetterKind::UserId));
    }
    bench.store.members.lock().unwrap().get_mut(&(society.name.clone(), member_of(5))).unwrap().profile.sealed.pop();
    assert_eq!(send(&bench, &society, NOW).len(), 1);
    assert!(bench.row(&society, 5).is_some_and(|row| row.not_before > NOW.after(1000 * HOUR)), "set aside for staff");
    assert!(bench.row(&society, 6).is_none());
}
