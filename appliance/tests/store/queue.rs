//! The writer's queue: what waits shares a commit, what does not fit is told so at once.

use crate::disk::Disk;
use crate::support::*;
use sekisho::ports::{Batch, CommitError, CounterKey, Fault, MemberWrite, Store};
use sekisho::store::{Options, RedbStore};
use sekisho_core::id::Revision;
use sekisho_core::time::Timestamp;
use std::sync::mpsc::channel;

const QUEUE: usize = 16;

/// Holds the writer in a sync, fills the queue, and calls `meanwhile` when it is full. Answers of those that found room.
fn with_a_full_queue(disk: &Disk, store: &RedbStore, commit: impl Fn(usize) -> Result<(), CommitError> + Sync) -> (usize, usize) {
    std::thread::scope(|scope| {
        disk.shut_gate();
        scope.spawn(|| store.commit(&society(), failure(nobody(9))).unwrap());
        disk.wait_at_gate();
        let (send, outcomes) = channel();
        for n in 0..QUEUE + 4 {
            let (send, commit) = (send.clone(), &commit);
            scope.spawn(move || send.send(commit(n)).unwrap());
        }
        for _ in 0..4 {
            let refused = outcomes.recv().unwrap();
            assert!(matches!(refused, Err(CommitError::Fault(Fault::Busy(_)))), "{refused:?}");
        }
        disk.open_gate();
        drop(send);
        let queued: Vec<_> = outcomes.iter().collect();
        (queued.iter().filter(|outcome| outcome.is_ok()).count(), queued.len())
    })
}

fn store_on(disk: &Disk) -> RedbStore {
    let store = RedbStore::with(Box::new(disk.clone()), Options { queue: QUEUE, ..Options::default() });
    filled(&store, 30);
    store
}

#[test]
fn what_waits_shares_one_commit_and_what_does_not_fit_is_refused_at_once() {
    let disk = Disk::default();
    let store = store_on(&disk);
    let before = store.numbers(&society()).unwrap();
    let (made, queued) = with_a_full_queue(&disk, &store, |_| store.commit(&society(), failure(CounterKey::Member(id(0)))));
    assert_eq!((made, queued), (QUEUE, QUEUE));
    let after = store.numbers(&society()).unwrap();
    assert_eq!((after.batches - before.batches, after.commits - before.commits), (1 + QUEUE as u64, 2));
    assert_eq!(wrong(&store, &society(), CounterKey::Member(id(0))) as usize, QUEUE, "the refused ones were not counted");
}

#[test]
fn in_a_shared_commit_one_refusal_does_not_touch_its_neighbours() {
    let disk = Disk::default();
    let store = store_on(&disk);
    let (made, queued) = with_a_full_queue(&disk, &store, |n| {
        let member = MemberWrite { user_id: Some((user_id(n as u64), user_id(100))), ..write(n as u64, 0) };
        store.commit(&society(), Batch { member: Some(member), audit: vec![event("moved")], ..batch() })
    });
    assert_eq!((made, queued), (1, QUEUE), "they all wanted the same ID");
    assert_eq!((0..30).filter(|n| load(&store, *n).revision.0 == 1).count(), 1);
    assert_eq!(audit(&store), ["staff.imported", "moved"]);
}

#[test]
fn when_a_shared_commit_fails_everybody_in_it_is_told() {
    let disk = Disk::default();
    let store = store_on(&disk);
    disk.shut_gate();
    std::thread::scope(|scope| {
        scope.spawn(|| store.commit(&society(), failure(nobody(9))).unwrap_err());
        disk.wait_at_gate();
        let waiting: Vec<_> = (0..8)
            .map(|n| {
                scope.spawn({
                    let store = &store;
                    move || store.commit(&society(), failure(CounterKey::Member(id(n))))
                })
            })
            .collect();
        disk.cut_after(1);
        disk.open_gate();
        for one in waiting {
            store_fault(one.join().unwrap());
        }
    });
    disk.restore_power();
    let shut = store_fault(store.commit(&society(), failure(nobody(9))));
    assert!(shut.contains("shut after a failed write"), "what a failed sync left is not built upon: {shut}");
}

#[test]
fn a_tick_does_not_end_a_session_that_was_touched_while_it_waited() {
    let disk = Disk::default();
    let store = RedbStore::with(Box::new(disk.clone()), Options { queue: 1, ..Options::default() });
    filled(&store, 1);
    store.commit(&society(), Batch { session_to: Some((session_key(1), session(0, 1, 10))), ..batch() }).unwrap();
    std::thread::scope(|scope| {
        disk.shut_gate();
        let touched = (session_key(1), session(0, 2, 90));
        let touch = Batch { session_from: Some((session_key(1), Revision(1))), session_to: Some(touched), ..batch() };
        scope.spawn(|| store.commit(&society(), touch).unwrap());
        disk.wait_at_gate();
        // Both find the session over; one has room in the queue, and the other's answer says that it is there.
        let (send, outcomes) = channel();
        for _ in 0..2 {
            let (send, store) = (send.clone(), &store);
            scope.spawn(move || send.send(store.tick(&society(), Timestamp(0), Timestamp(50), Timestamp(0))).unwrap());
        }
        assert!(matches!(outcomes.recv().unwrap(), Err(Fault::Busy(_))));
        disk.open_gate();
        outcomes.recv().unwrap().unwrap();
    });
    assert!(load_session(&store, 1).is_some());
}

#[test]
fn of_many_ticks_at_once_the_latest_is_the_floor() {
    let disk = Disk::default();
    let store = store_on(&disk);
    let (send, floors) = channel();
    let (made, queued) = with_a_full_queue(&disk, &store, |n| {
        let floor = Timestamp(100 - n as u64);
        store.tick(&society(), floor, Timestamp(0), Timestamp(0))?;
        send.send(floor).unwrap();
        Ok(())
    });
    assert_eq!((made, queued), (QUEUE, QUEUE));
    assert_eq!(Some(store.floor(&society()).unwrap()), floors.try_iter().max());
}
