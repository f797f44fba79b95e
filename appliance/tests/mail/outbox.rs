use crate::fakes::{Bench, ITEM, Meeting, NOW, Sent, confirm, keys, letter, member_of, society, society_that_waits};
use sekisho::mail::outbox::{Outbox, back_off};
use sekisho::ports::{MailError, OutboxRow};
use sekisho_core::command::Link;
use sekisho_core::letter::{LetterKind, Notice};
use sekisho_core::shown::LinkKind;
use sekisho_core::time::Timestamp;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn outbox(bench: &Bench) -> Outbox {
    Outbox::new(bench.world.clone()).unwrap()
}

fn tries(bench: &Bench) -> Vec<Sent> {
    bench.mailer.tries.lock().unwrap().clone()
}

#[test]
fn a_letter_is_sent_once_with_a_link_that_is_the_members() {
    let (bench, society) = (Bench::new(), society("a"));
    bench.post(&society, 5, &confirm("taro@mail.test"));
    let outbox = outbox(&bench);
    assert_eq!(outbox.run_once(std::slice::from_ref(&society), NOW), 1);
    assert_eq!(outbox.run_once(std::slice::from_ref(&society), NOW), 0);
    assert!(bench.row(&society, 5).is_none(), "the row is gone");
    let sent = &tries(&bench)[0];
    assert_eq!((sent.to.as_str(), sent.date), ("taro@mail.test", NOW));
    assert!(sent.body.contains("https://a.example.test/link/email?t="));
    let link = keys().read_link(LinkKind::Email, &sent.token(), NOW).unwrap();
    assert_eq!(link, Link { member: member_of(5), item: ITEM });
}

#[test]
fn a_letter_is_worded_for_a_society_that_waits_and_for_one_that_does_not() {
    for waits in [true, false] {
        let (bench, society) = (Bench::new(), society_that_waits("a", waits));
        bench.post(&society, 5, &confirm("taro@mail.test"));
        outbox(&bench).run_once(std::slice::from_ref(&society), NOW);
        assert_eq!(tries(&bench)[0].body.contains("再送信"), waits);
    }
}

#[test]
fn the_end_of_the_link_is_committed_before_the_letter_is_sent() {
    let (bench, society) = (Bench::new(), society("a"));
    bench.post(&society, 5, &confirm("taro@mail.test"));
    let at_sending: Arc<Mutex<Vec<Option<OutboxRow>>>> = Arc::default();
    let (seen, store, name) = (at_sending.clone(), bench.store.clone(), society.name.clone());
    let look = move |_: &Sent| seen.lock().unwrap().push(store.rows.lock().unwrap().get(&(name.clone(), 5)).cloned());
    *bench.mailer.watch.lock().unwrap() = Some(Arc::new(look));
    bench.mailer.later(1);
    assert_eq!(outbox(&bench).run_once(std::slice::from_ref(&society), NOW), 0);

    let row = at_sending.lock().unwrap()[0].clone().expect("the row stands while the letter is under way");
    let expires = row.expires.expect("and knows when the link ends");
    assert_eq!(expires, NOW.after(DAY));
    let token = tries(&bench)[0].token();
    assert!(keys().read_link(LinkKind::Email, &token, Timestamp(expires.0 - 1)).is_some(), "that is the end of this link");
    assert!(keys().read_link(LinkKind::Email, &token, expires).is_none());
}

#[test]
fn nothing_is_sent_when_the_end_of_the_link_cannot_be_committed() {
    let (bench, society) = (Bench::new(), society("a"));
    bench.post(&society, 5, &confirm("taro@mail.test"));
    bench.store.full.store(true, Ordering::SeqCst);
    assert_eq!(outbox(&bench).run_once(std::slice::from_ref(&society), NOW), 0);
    assert!(tries(&bench).is_empty());
    assert!(bench.row(&society, 5).is_some());
}

#[test]
fn while_the_relay_is_down_the_letter_waits_longer_each_time_and_goes_when_it_is_back() {
    let (bench, society) = (Bench::new(), society("a"));
    bench.post(&society, 5, &confirm("taro@mail.test"));
    let outbox = outbox(&bench);
    bench.mailer.later(8);
    let mut now = NOW;
    for (failures, minutes) in (1..).zip([1, 2, 5, 15, 30, 60, 60, 60]) {
        assert_eq!(outbox.run_once(std::slice::from_ref(&society), now), 0);
        let row = bench.row(&society, 5).expect("kept");
        assert_eq!((row.failures, row.not_before.since(now).as_secs()), (failures, minutes * 60));
        let early = Timestamp(row.not_before.0 - 1);
        assert_eq!(outbox.run_once(std::slice::from_ref(&society), early), 0);
        assert_eq!(tries(&bench).len(), failures as usize, "not before its time");
        now = row.not_before;
    }
    assert_eq!(outbox.run_once(std::slice::from_ref(&society), now), 1);
    assert!(bench.row(&society, 5).is_none());
    let tries = tries(&bench);
    let last = tries.last().unwrap();
    assert!(keys().read_link(LinkKind::Email, &last.token(), Timestamp(now.after(DAY).0 - 1)).is_some(), "the day counts from the sending");
    assert!(tries.iter().all(|sent| sent.message_id == last.message_id), "one Message-ID for all tries of a letter");
}

#[test]
fn the_wait_never_shrinks_and_is_an_hour_at_most() {
    let waits: Vec<u64> = (1..=200).map(|failures| back_off(failures).as_secs()).collect();
    assert!(waits.is_sorted() && waits.first() == Some(&60) && waits.last() == Some(&3600));
    assert_eq!(back_off(u32::MAX).as_secs(), 3600);
}

#[test]
fn a_letter_that_the_relay_will_never_take_is_removed_and_the_next_one_goes() {
    let (bench, society) = (Bench::new(), society("a"));
    bench.post(&society, 5, &confirm("nobody@mail.test"));
    bench.post(&society, 6, &confirm("taro@mail.test"));
    bench.mailer.answers.lock().unwrap().push_back(MailError::Never("answer 550".to_owned()));
    assert_eq!(outbox(&bench).run_once(std::slice::from_ref(&society), NOW), 1);
    assert!(bench.row(&society, 5).is_none() && bench.row(&society, 6).is_none());
}

#[test]
fn a_damaged_row_is_set_aside_and_blocks_nobody() {
    let (bench, society) = (Bench::new(), society("a"));
    // 5 and 261 are letters of one member (see Bench::post).
    for id in [4, 5, 6, 7, 8, 261] {
        bench.post(&society, id, &confirm("taro@mail.test"));
    }
    {
        let mut rows = bench.store.rows.lock().unwrap();
        let key = |id| (society.name.clone(), id);
        let other = rows[&key(5)].sealed.clone();
        rows.get_mut(&key(4)).unwrap().sealed = other.clone();
        rows.get_mut(&key(261)).unwrap().sealed = other;
        rows.get_mut(&key(6)).unwrap().sealed.pop();
        let sealed = &mut rows.get_mut(&key(7)).unwrap().sealed;
        let format = place_of_format(sealed, "taro@mail.test");
        sealed[format] = 2;
    }
    let outbox = outbox(&bench);
    assert_eq!(outbox.run_once(std::slice::from_ref(&society), NOW), 2, "5 and 8 go");
    for (id, damage) in [(4, "another member's letter"), (261, "another letter of the member"), (6, "cut short"), (7, "a newer format")] {
        let row = bench.row(&society, id).expect("kept for staff");
        assert!(row.not_before > NOW.after(Duration::from_secs(50 * 365 * 24 * 3600)), "{damage} is out of the way");
    }
    assert_eq!(outbox.run_once(std::slice::from_ref(&society), NOW.after(30 * DAY)), 0);
    assert_eq!(tries(&bench).len(), 2);
}

#[test]
fn the_log_tells_operators_what_happened_and_nobody_who_it_happened_to() {
    let log: Arc<Mutex<Vec<u8>>> = Arc::default();
    let (bench, society) = (Bench::new(), society("a"));
    for id in [5, 6, 7] {
        bench.post(&society, id, &confirm("taro@mail.test"));
    }
    bench.store.rows.lock().unwrap().get_mut(&(society.name.clone(), 7)).unwrap().sealed.pop();
    bench.mailer.answers.lock().unwrap().extend([MailError::Never("answer 550".to_owned()), MailError::Later("answer 451".to_owned())]);
    let into = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || Page(into.clone())).finish();
    tracing::subscriber::with_default(subscriber, || outbox(&bench).run_once(std::slice::from_ref(&society), NOW));

    let log = String::from_utf8(log.lock().unwrap().clone()).unwrap();
    for part in ["answer 550", "answer 451", "0000000000000005", "0000000000000007", "confirm-email", "society=a"] {
        assert!(log.contains(part), "{part}: {log}");
    }
    for secret in ["taro", "mail.test", "yamada", "link/email", "https"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

/// A log that a test can read.
struct Page(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_letter_that_makes_the_mailer_panic_is_set_aside_and_blocks_nobody() {
    let (bench, society) = (Bench::new(), society("a"));
    bench.post(&society, 5, &confirm("taro@mail.test"));
    bench.post(&society, 6, &confirm("hanako@mail.test"));
    *bench.mailer.watch.lock().unwrap() = Some(Arc::new(|sent| assert_ne!(sent.to, "taro@mail.test", "planned by the test")));
    let outbox = outbox(&bench);
    assert_eq!(outbox.run_once(std::slice::from_ref(&society), NOW), 1);
    assert_eq!(tries(&bench)[0].to, "hanako@mail.test");
    assert!(bench.row(&society, 5).is_some_and(|row| row.not_before > NOW.after(30 * DAY)));
}

/// Where the format byte stands in what the fake vault "sealed": before postcard's length of the local part.
fn place_of_format(sealed: &[u8], address: &str) -> usize {
    let local = address.split('@').next().unwrap().as_bytes();
    sealed.windows(local.len()).position(|window| window == local).unwrap() - 2
}

#[test]
fn a_sick_hsm_is_no_failure_of_the_letter() {
    let (bench, society) = (Bench::new(), society("a"));
    bench.post(&society, 5, &confirm("taro@mail.test"));
    bench.vault.sick.store(true, Ordering::SeqCst);
    let outbox = outbox(&bench);
    assert_eq!(outbox.run_once(std::slice::from_ref(&society), NOW), 0);
    let row = bench.row(&society, 5).unwrap();
    assert_eq!((row.failures, row.not_before), (0, NOW), "as it was");
    bench.vault.sick.store(false, Ordering::SeqCst);
    assert_eq!(outbox.run_once(std::slice::from_ref(&society), NOW), 1);
}

#[test]
fn a_letter_whose_row_could_not_be_removed_goes_again_with_the_same_message_id() {
    let (bench, society) = (Bench::new(), society("a"));
    bench.post(&society, 5, &letter("taro@mail.test", LetterKind::Notice(Notice::FirstLoginFinished)));
    let store = bench.store.clone();
    *bench.mailer.watch.lock().unwrap() = Some(Arc::new(move |_| store.full.store(true, Ordering::SeqCst)));
    let outbox = outbox(&bench);
    outbox.run_once(std::slice::from_ref(&society), NOW);
    *bench.mailer.watch.lock().unwrap() = None;
    bench.store.full.store(false, Ordering::SeqCst);
    assert_eq!(outbox.run_once(std::slice::from_ref(&society), NOW), 1);
    let tries = tries(&bench);
    assert_eq!(tries.len(), 2);
    assert_eq!(tries[0].message_id, tries[1].message_id);
    assert_eq!(tries[0].message_id, "<0000000000000005.a@a.example.test>");
}

#[test]
fn a_society_with_many_letters_does_not_keep_another_waiting() {
    let (bench, big, small) = (Bench::new(), society("big"), society("small"));
    for id in 0..100 {
        bench.post(&big, id, &confirm("taro@mail.test"));
    }
    bench.post(&small, 1, &confirm("hanako@mail.test"));
    assert_eq!(outbox(&bench).run_once(&[big, small], NOW), 101);
    let place = tries(&bench).iter().position(|sent| sent.society.as_str() == "small").unwrap();
    assert!(place <= 16, "the small society is served after one turn of the big one, not after {place} letters");
}

#[test]
fn a_relay_that_is_down_is_asked_twice_in_a_turn_and_not_for_every_letter() {
    let (bench, society) = (Bench::new(), society("a"));
    for id in 0..50 {
        bench.post(&society, id, &confirm("taro@mail.test"));
    }
    bench.mailer.later(2);
    let outbox = outbox(&bench);
    let turn = outbox.turn(&society, NOW);
    assert_eq!((tries(&bench).len(), turn.sent, turn.more), (2, 0, false));
    assert_eq!(turn.again, [NOW.after(Duration::from_secs(60)); 3], "the two letters, and the society's rest");
    assert_eq!(outbox.run_once(&[society], NOW.after(Duration::from_secs(60))), 50);
}

#[test]
fn one_recipient_that_has_to_wait_does_not_stop_the_others() {
    let (bench, society) = (Bench::new(), society("a"));
    for id in 0..10 {
        bench.post(&society, id, &confirm("taro@mail.test"));
    }
    bench.mailer.later(1);
    assert_eq!(outbox(&bench).run_once(&[society], NOW), 9);
}

#[test]
fn a_clock_that_was_set_back_does_not_shorten_a_link() {
    let (bench, society) = (Bench::new(), society("a"));
    bench.post(&society, 5, &confirm("taro@mail.test"));
    *bench.store.floor.lock().unwrap() = Some(NOW);
    assert_eq!(outbox(&bench).run_once(&[society], Timestamp(NOW.0 - 100_000)), 1);
    let sent = &tries(&bench)[0];
    assert_eq!(sent.date, NOW);
    assert!(keys().read_link(LinkKind::Email, &sent.token(), Timestamp(NOW.after(DAY).0 - 1)).is_some());
}

/// Eight letters meet at the relay: were they sent one after another, the first would wait for the others in vain.
#[test]
fn letters_are_under_way_together_each_once_and_none_before_the_end_of_its_link_is_committed() {
    let (bench, a, b) = (Bench::new(), society("a"), society("b"));
    for id in 0..40 {
        bench.post(&a, id, &confirm("taro@mail.test"));
        bench.post(&b, id, &confirm("hanako@mail.test"));
    }
    *bench.mailer.meeting.lock().unwrap() = Some(Meeting::of(8));
    let (store, early) = (bench.store.clone(), Arc::new(Mutex::new(0)));
    let count = early.clone();
    let look = move |sent: &Sent| {
        let id = u64::from_str_radix(&sent.message_id[1..17], 16).unwrap();
        let row = store.rows.lock().unwrap().get(&(sent.society.clone(), id)).cloned();
        *count.lock().unwrap() += usize::from(row.is_none_or(|row| row.expires != Some(NOW.after(DAY))));
    };
    *bench.mailer.watch.lock().unwrap() = Some(Arc::new(look));
    assert_eq!(outbox(&bench).with_lanes(8).run_once(&[a, b], NOW), 80);
    let mut ids: Vec<String> = tries(&bench).into_iter().map(|sent| sent.message_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 80);
    assert_eq!(*early.lock().unwrap(), 0);
    assert!(bench.store.rows.lock().unwrap().is_empty());
}

#[test]
fn a_relay_that_is_down_is_asked_once_more_at_most_by_each_lane() {
    let (bench, society) = (Bench::new(), society("a"));
    for id in 0..50 {
        bench.post(&society, id, &confirm("taro@mail.test"));
    }
    bench.mailer.later(50);
    let turn = outbox(&bench).with_lanes(4).turn(&society, NOW);
    assert!(tries(&bench).len() <= 2 + 3, "{}", tries(&bench).len());
    assert!(!turn.more);
    assert_eq!(turn.again.iter().max(), Some(&NOW.after(Duration::from_secs(60))));
}

#[test]
fn a_round_that_is_stopped_finishes_the_letter_in_hand_and_keeps_the_others() {
    let (bench, society) = (Bench::new(), society("a"));
    for id in 0..5 {
        bench.post(&society, id, &confirm("taro@mail.test"));
    }
    let mailer = bench.mailer.clone();
    let turns = outbox(&bench).round(&[&society], NOW, &|| !mailer.tries.lock().unwrap().is_empty());
    assert_eq!((turns[0].sent, tries(&bench).len()), (1, 1));
    assert_eq!(bench.store.rows.lock().unwrap().len(), 4);
}
