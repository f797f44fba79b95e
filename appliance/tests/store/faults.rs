//! A disk that is full or ill: nothing answered is lost, nothing is answered that is not kept, and the text says what to do.

use crate::disk::Disk;
use crate::support::*;
use sekisho::ports::{Batch, CounterKey, Fault, Key, MemberWrite, Store};
use sekisho::store::{Options, RedbStore};

fn on(disk: &Disk) -> RedbStore {
    RedbStore::with(Box::new(disk.clone()), Options::default())
}

/// A store that keeps no page in memory, so that every question reaches the disk.
fn forgetful(disk: &Disk) -> RedbStore {
    RedbStore::with(Box::new(disk.clone()), Options { cache_bytes: 0, ..Options::default() })
}

#[test]
fn a_full_disk_shuts_the_society_and_loses_nothing() {
    let disk = Disk::default();
    let store = on(&disk);
    filled(&store, 1);
    disk.set_room(Some(0));
    let mut answered = 0;
    let fault = loop {
        let big =
            MemberWrite { profile: Some(sekisho::ports::SealedRecord { sealed: vec![1; 100_000], ..sealed(1, 1) }), ..write(0, answered) };
        let outbox = vec![sekisho::ports::NewLetter { sealed: vec![2; 100_000], ..letter(answered, 0) }];
        match store.commit(&society(), Batch { member: Some(big), outbox, ..batch() }) {
            Ok(()) => answered += 1,
            refused => break store_fault(refused),
        }
    };
    assert!(answered > 0 && fault.starts_with("kenpo.redb: "), "{answered} {fault}");
    let shut = store_fault(store.commit(&society(), failure(CounterKey::Member(id(0)))));
    assert!(shut.contains("shut after a failed write") && shut.contains("restart sekisho"), "{shut}");
    assert!(matches!(store.load(&society(), Key::Member(id(0))), Err(Fault::Store(_))), "nor does it answer questions");
    drop(store);
    let restarted = on(&disk);
    let there = load(&restarted, 0).revision.0;
    assert!(there == answered || there == answered + 1, "still full: {answered} answered, {there} there");
    drop(restarted);
    disk.set_room(None);
    on(&disk).commit(&society(), failure(CounterKey::Member(id(0)))).unwrap();
}

#[test]
fn a_failed_read_is_a_fault_and_the_file_is_opened_again() {
    let disk = Disk::default();
    filled(&on(&disk), 500);
    let store = forgetful(&disk);
    assert_eq!(store.numbers(&society()).unwrap().members, 500);
    disk.set_reads_fail(true);
    let found = store.load(&society(), Key::UserId(user_id(7)));
    assert!(matches!(&found, Err(Fault::Store(text)) if text.contains("does not read")), "an ill disk is not an unknown ID");
    disk.set_reads_fail(false);
    assert_eq!(store.load(&society(), Key::UserId(user_id(7))).unwrap().member.unwrap().id, id(7));
    store.commit(&society(), failure(CounterKey::Member(id(7)))).unwrap();
    assert_eq!(wrong(&store, &society(), CounterKey::Member(id(7))), 1);
}

#[test]
fn a_disk_that_comes_late_is_opened_at_the_next_use() {
    let disk = Disk::default();
    filled(&on(&disk), 1);
    let store = on(&disk);
    disk.set_opens_fail(1);
    assert!(matches!(store.load(&society(), Key::Member(id(0))), Err(Fault::Store(_))));
    assert_eq!(load(&store, 0).id, id(0));
}

#[test]
fn known_and_unknown_ids_cost_the_same_reads() {
    let disk = Disk::default();
    filled(&on(&disk), 2_000);
    let reads_of = |key| {
        let store = forgetful(&disk);
        store.floor(&society()).unwrap();
        disk.take_reads();
        let known = store.load(&society(), key).unwrap().member.is_some();
        (known, disk.take_reads())
    };
    let (known, reads) = reads_of(Key::UserId(user_id(700)));
    assert!(known && reads > 5, "{reads}");
    assert_eq!(reads_of(Key::UserId(user_id(999_999))), (false, reads));
}
