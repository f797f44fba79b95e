//! What one batch does, and that it does all of it or nothing.

use crate::support::*;
use sekisho::ports::{Batch, CommitError, Counted, CounterKey, Key, MemberWrite, Remembered, Store, Unique};
use sekisho_core::decide::Count;
use sekisho_core::guard::Guessable;
use sekisho_core::id::{BrowserKey, Revision};
use sekisho_core::lane::Cells;
use sekisho_core::source::Source;
use sekisho_core::tenant::Limits;
use sekisho_core::time::Timestamp;
use std::sync::Barrier;

#[test]
fn a_batch_is_there_when_commit_returns_and_after_reopening() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 2);
    let whole = Batch {
        member: Some(MemberWrite { credentials: Some(sealed(1, 8)), open: Some(opened(5)), ..write(0, 0) }),
        counts: counted(CounterKey::Member(id(0)), vec![Count::Fail(Guessable::SecondStep)]),
        session_to: Some((session_key(1), session(0, 1, 10))),
        outbox: vec![letter(77, 0)],
        audit: vec![event("login.completed")],
        ..batch()
    };
    store.commit(&society(), whole).unwrap();
    let check = |store: &sekisho::store::RedbStore| {
        let rows = load(store, 0);
        assert_eq!(rows.revision, Revision(1));
        assert!(rows.credentials == sealed(1, 8) && rows.profile == sealed(0, 2));
        assert_eq!(rows.open, opened(5));
        assert_eq!(rows.counters.second_step.failures, 1);
        assert!(load_session(store, 1) == Some(session(0, 1, 10)));
        assert_eq!(store.due_letters(&society(), NOW, 9).unwrap().len(), 1);
        assert_eq!(audit(store), ["staff.imported", "login.completed"]);
        assert_eq!(load(store, 1).revision, Revision(0), "nobody else's");
    };
    check(&store);
    drop(store);
    check(&store_in(&dir));
}

#[test]
fn of_many_commits_from_one_revision_exactly_one_is_made() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 1);
    let start = Barrier::new(32);
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..32)
            .map(|n| {
                let (store, start) = (&store, &start);
                scope.spawn(move || {
                    start.wait();
                    let member = MemberWrite { open: Some(opened(n)), ..write(0, 0) };
                    store.commit(&society(), Batch { member: Some(member), audit: vec![event("made")], ..batch() })
                })
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| is_conflict(outcome)).count(), 31);
    let winner = outcomes.iter().position(Result::is_ok).unwrap();
    assert_eq!(load(&store, 0).open, opened(u64::try_from(winner).unwrap()), "the one that was told so");
    assert_eq!(audit(&store), ["staff.imported", "made"]);
}

#[test]
fn sixty_four_failures_at_once_are_sixty_four_failures() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 1);
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| store.commit(&society(), failure(CounterKey::Member(id(0)))).unwrap());
            scope.spawn(|| store.commit(&society(), failure(nobody(5))).unwrap());
        }
    });
    assert_eq!(wrong(&store, &society(), CounterKey::Member(id(0))), 64);
    assert_eq!(load(&store, 0).revision, Revision(0), "a failure is no change of the member's record");
    assert_eq!(wrong(&store, &society(), nobody(5)), 64);
    assert_eq!(wrong(&store, &society(), nobody(6)), 0, "another ID's");
}

#[test]
fn success_clears_and_time_forgives_what_the_limits_say() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 1);
    let limits = Limits::default();
    let member = CounterKey::Member(id(0));
    let count = |now, counts| {
        store.commit(&society(), Batch { now, counts: counted(member, counts), ..batch() }).unwrap();
        (wrong(&store, &society(), member), counters(&store, 0).second_step.failures)
    };
    let fail = Count::Fail(Guessable::Password);
    assert_eq!(count(NOW, vec![fail, fail, fail]), (3, 0));
    let later = NOW.after(limits.password.forgive_every.unwrap() * 2);
    assert_eq!(count(later, vec![fail]), (2, 0), "two forgiven, one new");
    assert_eq!(count(later, vec![Count::Fail(Guessable::SecondStep), Count::Clear(Guessable::Password)]), (0, 1));
    assert_eq!(count(later, vec![fail]), (1, 1), "what stood there before stands under another name");
}

#[test]
fn each_source_has_a_share_of_an_ids_lane_and_staff_end_them_all() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 1);
    let limits = Limits::default();
    let sources = ["203.0.113.7", "198.51.100.7"].map(|address| Source::of(address.parse().unwrap()).wide());
    for key in [CounterKey::Member(id(0)), nobody(1)] {
        let fail = |from| {
            let counted = Counted { from: Some(from), ..counted(key, vec![Count::Fail(Guessable::Password)]).unwrap() };
            store.commit(&society(), Batch { counts: Some(counted), ..batch() }).unwrap();
        };
        let stands = || {
            let of = |from| store.strangers(&society(), key, Some(from)).unwrap();
            let failures = |cells: Cells| cells.estimate(&limits.password).failures;
            let [one, other] = sources.map(of);
            assert_eq!(one.lane, other.lane);
            (failures(one.lane), failures(one.share), failures(other.share))
        };
        (0..5).for_each(|_| fail(sources[0]));
        assert_eq!(stands(), (3, 5, 0));
        (0..2).for_each(|_| fail(sources[1]));
        assert_eq!(stands(), (5, 5, 2));
        if key == CounterKey::Member(id(0)) {
            let unlock = counted(key, vec![Count::Unlock(Guessable::Password)]);
            store.commit(&society(), Batch { counts: unlock, ..batch() }).unwrap();
            assert_eq!(stands(), (0, 0, 0));
        }
    }
}

#[test]
fn a_user_id_that_is_taken_leaves_nothing_of_the_batch() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 2);
    store.commit(&society(), Batch { session_to: Some((session_key(1), session(0, 1, 10))), ..batch() }).unwrap();
    let refused = Batch {
        member: Some(MemberWrite {
            profile: Some(sealed(1, 8)),
            user_id: Some((user_id(0), user_id(1))),
            email: Some((None, email(0))),
            ..write(0, 0)
        }),
        counts: counted(CounterKey::Member(id(0)), vec![Count::Fail(Guessable::Password)]),
        session_from: Some((session_key(1), Revision(1))),
        session_to: Some((session_key(2), session(0, 2, 11))),
        end_others: Some(id(0)),
        outbox: vec![letter(1, 0)],
        audit: vec![event("user-id.changed")],
        ..batch()
    };
    let outcome = store.commit(&society(), refused);
    assert!(matches!(outcome, Err(CommitError::Taken(Unique::UserId))), "{outcome:?}");
    let rows = load(&store, 0);
    assert!(rows.revision == Revision(0) && rows.profile == sealed(0, 2));
    assert_eq!(wrong(&store, &society(), CounterKey::Member(id(0))), 0);
    assert!(load_session(&store, 1).is_some() && load_session(&store, 2).is_none());
    assert!(store.due_letters(&society(), NOW, 9).unwrap().is_empty());
    assert_eq!(audit(&store), ["staff.imported"]);
    assert!(store.taken(&society(), Unique::Email, &[email(0)]).unwrap().is_empty());
    assert_eq!(store.load(&society(), Key::UserId(user_id(0))).unwrap().member.unwrap().id, id(0));
}

#[test]
fn a_user_id_moves_and_the_old_one_is_free_again() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 2);
    let moved = |n, from, old, new| {
        let member = Some(MemberWrite { user_id: Some((user_id(old), user_id(new))), ..write(n, from) });
        store.commit(&society(), Batch { member, ..batch() })
    };
    let who = |n| store.load(&society(), Key::UserId(user_id(n))).unwrap().member.map(|rows| rows.id);
    moved(0, 0, 0, 50).unwrap();
    assert_eq!((who(0), who(50)), (None, Some(id(0))));
    moved(1, 0, 1, 0).unwrap();
    assert_eq!((who(0), who(1)), (Some(id(1)), None));
    assert!(is_conflict(&moved(0, 1, 0, 51)), "the index it comes from has to be the member's own");
    moved(0, 1, 50, 50).unwrap();
    assert_eq!(who(50), Some(id(0)), "to itself");
}

#[test]
fn an_address_belongs_to_one_member_and_is_given_up_for_another() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 2);
    let claim = |n, from, old: Option<u64>, new| {
        let member = Some(MemberWrite { email: Some((old.map(email), email(new))), ..write(n, from) });
        store.commit(&society(), Batch { member, ..batch() })
    };
    claim(0, 0, None, 7).unwrap();
    let refused = claim(1, 0, None, 7);
    assert!(matches!(refused, Err(CommitError::Taken(Unique::Email))), "{refused:?}");
    claim(1, 0, Some(7), 9).unwrap();
    assert_eq!(store.taken(&society(), Unique::Email, &[email(7)]).unwrap(), [0], "nobody gives up another's address");
    claim(0, 1, Some(7), 8).unwrap();
    assert_eq!(store.taken(&society(), Unique::Email, &[email(7), email(8), email(9)]).unwrap(), [1, 2]);
}

#[test]
fn a_session_is_changed_only_from_its_present_revision() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 1);
    let change = |from: Option<(u64, u64)>, to: Option<(u64, u64)>| {
        let session_from = from.map(|(key, revision)| (session_key(key), Revision(revision)));
        let session_to = to.map(|(key, revision)| (session_key(key), session(0, revision, 10)));
        store.commit(&society(), Batch { session_from, session_to, ..batch() })
    };
    assert!(is_conflict(&change(Some((1, 1)), Some((1, 2)))), "there is none");
    change(None, Some((1, 1))).unwrap();
    assert!(is_conflict(&change(None, Some((1, 1)))), "it does not come from nowhere twice");
    change(Some((1, 1)), Some((1, 2))).unwrap();
    assert!(is_conflict(&change(Some((1, 1)), Some((1, 3)))), "it has moved on");
    change(Some((1, 2)), Some((2, 3))).unwrap();
    assert!(load_session(&store, 1).is_none(), "the old cookie is dead");
    assert!(load_session(&store, 2).is_some());
    change(Some((2, 3)), None).unwrap();
    assert!(load_session(&store, 2).is_none(), "it ended");
    assert!(is_conflict(&change(Some((2, 3)), Some((3, 4)))), "what has ended does not go on");
}

#[test]
fn ending_the_others_keeps_the_named_session_and_other_members() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 2);
    for (key, member) in [(1, 0), (2, 0), (3, 0), (4, 1)] {
        store.commit(&society(), Batch { session_to: Some((session_key(key), session(member, 1, 10))), ..batch() }).unwrap();
    }
    let alive = || [1, 2, 3, 4, 5].map(|key| load_session(&store, key).is_some());
    let rise = Batch {
        session_from: Some((session_key(2), Revision(1))),
        session_to: Some((session_key(5), session(0, 2, 10))),
        end_others: Some(id(0)),
        ..batch()
    };
    store.commit(&society(), rise).unwrap();
    assert_eq!(alive(), [false, false, false, true, true]);
    store.commit(&society(), Batch { end_others: Some(id(0)), ..batch() }).unwrap();
    assert_eq!(alive(), [false, false, false, true, false], "with no session named, all of the member's end");
}

#[test]
fn a_tick_raises_the_floor_only_and_ends_sessions_that_are_over() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 1);
    for (key, touched) in [(1, 99), (2, 100), (3, 101)] {
        store.commit(&society(), Batch { session_to: Some((session_key(key), session(0, 1, touched))), ..batch() }).unwrap();
    }
    assert_eq!(store.floor(&society()).unwrap(), Timestamp(0));
    store.tick(&society(), NOW, Timestamp(100), Timestamp(0)).unwrap();
    assert_eq!([1, 2, 3].map(|key| load_session(&store, key).is_some()), [false, true, true]);
    store.tick(&society(), Timestamp(5), Timestamp(0), Timestamp(0)).unwrap();
    assert_eq!(store.floor(&society()).unwrap(), NOW, "never down");
    drop(store);
    let store = store_in(&dir);
    assert_eq!(store.floor(&society()).unwrap(), NOW);
    store.commit(&society(), Batch { end_others: Some(id(0)), ..batch() }).unwrap();
    assert_eq!([2, 3].map(|key| load_session(&store, key).is_some()), [false, false], "the index has kept step");
}

#[test]
fn letters_come_back_when_they_are_due_oldest_first() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 2);
    for (number, at) in [(30, 3), (20, 1), (10, 2)] {
        store.commit(&society(), Batch { now: Timestamp(at), outbox: vec![letter(number, 0)], ..batch() }).unwrap();
    }
    let due = |at, limit| -> Vec<u64> {
        store.due_letters(&society(), Timestamp(at), limit).unwrap().into_iter().map(|letter| letter.id).collect()
    };
    assert_eq!((due(0, 9), due(2, 9), due(9, 9), due(9, 2)), (vec![], vec![20, 10], vec![20, 10, 30], vec![20, 10]));
    assert!(store.delayed_letter(&society(), id(0)).unwrap().is_none(), "none has failed");
    for number in [10, 20] {
        let row = store.due_letters(&society(), NOW, 9).unwrap().into_iter().find(|row| row.id == number).unwrap();
        let failed = sekisho::ports::OutboxRow { failures: 1, not_before: Timestamp(50), expires: Some(Timestamp(60)), ..row };
        store.put_letter(&society(), number, Some(failed)).unwrap();
    }
    assert_eq!((due(9, 9), due(50, 9)), (vec![30], vec![30, 10, 20]));
    let delayed = store.delayed_letter(&society(), id(0)).unwrap().unwrap();
    assert_eq!((delayed.id, delayed.expires), (20, Some(Timestamp(60))));
    assert!(store.delayed_letter(&society(), id(1)).unwrap().is_none());
    store.put_letter(&society(), 20, None).unwrap();
    assert_eq!(store.delayed_letter(&society(), id(0)).unwrap().unwrap().id, 10);
    assert_eq!(due(50, 9), [30, 10]);
    let same_number = store.commit(&society(), Batch { outbox: vec![letter(10, 1)], audit: vec![event("no")], ..batch() });
    assert!(is_conflict(&same_number), "no letter is written over another");
}

#[test]
fn the_audit_log_keeps_its_order_and_shows_its_end() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 0);
    for pair in [["a", "b"], ["c", "d"]] {
        store.commit(&society(), Batch { audit: pair.iter().map(|name| event(name)).collect(), ..batch() }).unwrap();
    }
    let tail: Vec<_> = store.audit_tail(&society(), 3).unwrap().into_iter().map(|row| row.event).collect();
    assert_eq!(tail, ["b", "c", "d"]);
}

fn remembered(store: &sekisho::store::RedbStore, from: Option<u8>, to: u8, member: u64, now: Timestamp) {
    let remember = Some(Remembered { from: from.map(|key| BrowserKey([key; 32])), to: BrowserKey([to; 32]), member: id(member) });
    store.commit(&society(), Batch { now, remember, ..batch() }).unwrap();
}

/// Once a copy of a family tablet's cookie could be shown again and again, each time for a row of counters of its own.
#[test]
fn however_often_an_old_cookie_is_shown_a_browser_has_two_and_one_row_of_counters() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 2);
    remembered(&store, None, 1, 0, NOW);
    remembered(&store, Some(1), 2, 1, NOW);
    for copy in 10..20 {
        remembered(&store, Some(1), copy, 1, NOW);
    }
    let known = |key: u8| store.browser(&society(), BrowserKey([key; 32])).unwrap();
    let live: Vec<u8> = (0..30).filter(|key| known(*key).is_some()).collect();
    assert_eq!(live, [1, 19]);
    let (browser, _) = known(1).unwrap();
    let lane = Some((browser, id(0), vec![Count::Fail(Guessable::Password); 4], Limits::default()));
    store.commit(&society(), Batch { lane, ..batch() }).unwrap();
    let failures = |key: u8| {
        let (of, browser) = known(key).unwrap();
        let lane = browser.lane(id(0), &counters(&store, 0), Limits::default().mail_code.first_wait, NOW);
        (of == known(19).unwrap().0, lane.unwrap().failures)
    };
    assert_eq!([1, 19].map(failures), [(true, 4); 2]);
}

#[test]
fn a_browser_that_nobody_has_logged_in_with_for_a_year_is_forgotten() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 1);
    remembered(&store, None, 1, 0, NOW);
    remembered(&store, None, 2, 0, Timestamp(NOW.0 + 10));
    store.tick(&society(), NOW, Timestamp(0), Timestamp(NOW.0 + 5)).unwrap();
    let known = |key: u8| store.browser(&society(), BrowserKey([key; 32])).unwrap().is_some();
    assert_eq!((known(1), known(2)), (false, true));
}
