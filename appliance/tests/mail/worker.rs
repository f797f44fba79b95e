use crate::fakes::{Bench, Meeting, PATIENCE, confirm, society};
use sekisho::mail::outbox::Outbox;
use sekisho::mail::worker::Worker;
use std::sync::{Arc, mpsc};

#[test]
fn letters_left_from_before_are_sent_at_start_and_new_ones_when_called() {
    let (bench, a, b) = (Bench::new(), society("a"), society("b"));
    let (sent, arrived) = mpsc::channel();
    *bench.mailer.watch.lock().unwrap() = Some(Arc::new(move |letter| sent.send(letter.to.clone()).unwrap()));
    bench.post(&a, 1, &confirm("left@mail.test"));
    let worker = Worker::spawn(Outbox::new(bench.world.clone()).unwrap(), vec![a, b.clone()]).unwrap();
    assert_eq!(arrived.recv_timeout(PATIENCE).unwrap(), "left@mail.test");

    // The clock stands still, so no sweep comes: only the call can send this one.
    bench.post(&b, 2, &confirm("new@mail.test"));
    worker.waker().wake(&b.name);
    assert_eq!(arrived.recv_timeout(PATIENCE).unwrap(), "new@mail.test");
    drop(worker);
    assert!(bench.store.rows.lock().unwrap().is_empty(), "the letter in hand is finished before the thread ends");
}

#[test]
fn a_call_for_a_society_that_is_not_served_here_is_harmless() {
    let (bench, a, stranger) = (Bench::new(), society("a"), society("stranger"));
    let (sent, arrived) = mpsc::channel();
    *bench.mailer.watch.lock().unwrap() = Some(Arc::new(move |letter| sent.send(letter.to.clone()).unwrap()));
    let worker = Worker::spawn(Outbox::new(bench.world.clone()).unwrap(), vec![a.clone()]).unwrap();
    worker.waker().wake(&stranger.name);
    bench.post(&a, 1, &confirm("taro@mail.test"));
    worker.waker().wake(&a.name);
    assert_eq!(arrived.recv_timeout(PATIENCE).unwrap(), "taro@mail.test");
}

#[test]
fn the_worker_has_several_letters_under_way_at_a_time() {
    let (bench, a, b) = (Bench::new(), society("a"), society("b"));
    let (sent, arrived) = mpsc::channel();
    *bench.mailer.watch.lock().unwrap() = Some(Arc::new(move |letter| sent.send(letter.to.clone()).unwrap()));
    *bench.mailer.meeting.lock().unwrap() = Some(Meeting::of(8));
    for id in 0..4 {
        bench.post(&a, id, &confirm("taro@mail.test"));
        bench.post(&b, id, &confirm("taro@mail.test"));
    }
    let worker = Worker::spawn(Outbox::new(bench.world.clone()).unwrap(), vec![a, b]).unwrap();
    for _ in 0..8 {
        arrived.recv_timeout(PATIENCE).unwrap();
    }
    drop(worker);
    assert!(bench.store.rows.lock().unwrap().is_empty());
}
