//! After `kill -9` and after a power cut, everything that was answered is there, and nothing is half there.

use crate::disk::{Disk, Seed};
use crate::support::*;
use sekisho::ports::{Batch, CounterKey, MemberWrite, Store};
use sekisho::store::{Options, RedbStore};
use sekisho_core::decide::Count;
use sekisho_core::guard::Guessable;
use sekisho_core::id::Revision;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const CHILD_DIR: &str = "SEKISHO_STORE_TEST_CHILD";

/// The `n`th step of a run: one change in every kind of row.
fn step(n: u64) -> Batch {
    Batch {
        member: Some(MemberWrite { credentials: Some(sealed(n + 1, 4)), open: Some(opened(n + 1)), ..write(0, n) }),
        counts: counted(CounterKey::Member(id(0)), vec![Count::Fail(Guessable::SecondStep)]),
        session_from: n.checked_sub(1).map(|before| (session_key(before), Revision(1))),
        session_to: Some((session_key(n), session(0, 1, n))),
        outbox: vec![letter(n, 0)],
        audit: vec![event("step")],
        ..batch()
    }
}

/// How many steps the store holds; fails if it holds a part of one.
fn steps_in(store: &RedbStore) -> u64 {
    let rows = load(store, 0);
    let steps = rows.revision.0;
    assert_eq!(u64::from(rows.counters.second_step.failures), steps, "counters");
    assert_eq!(rows.open.logins.first().map_or(0, |login| login.at.0), steps, "open facts");
    assert_eq!(rows.credentials.revision, Revision(steps), "credentials");
    assert_eq!(store.due_letters(&society(), NOW, usize::MAX).unwrap().len() as u64, steps, "letters");
    assert_eq!(audit(store).len() as u64, steps + 1, "audit");
    for n in steps.saturating_sub(2)..steps + 2 {
        assert_eq!(load_session(store, n).is_some(), n + 1 == steps, "session {n} of {steps}");
    }
    steps
}

#[test]
fn after_kill_nine_every_answered_commit_is_there() {
    if let Some(dir) = std::env::var_os(CHILD_DIR) {
        return commit_until_killed(&RedbStore::open(dir).unwrap());
    }
    let dir = private_dir();
    filled(&store_in(&dir), 50);
    let mut before = 0;
    for round in 0..5 {
        let answered = kill_a_child(dir.path(), 20 + round * 17);
        let store = store_in(&dir);
        let there = steps_in(&store);
        assert!(there == answered || there == answered + 1, "round {round}: {answered} answered, {there} there");
        assert!(there > before);
        before = there;
    }
}

fn commit_until_killed(store: &RedbStore) {
    for n in steps_in(store).. {
        store.commit(&society(), step(n)).unwrap();
        println!("\nanswered={}", n + 1);
    }
}

/// Runs this test as a child, kills it after some answers, and says what its last answer was.
fn kill_a_child(dir: &std::path::Path, after: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crashes::after_kill_nine_every_answered_commit_is_there", "--nocapture"])
        .env(CHILD_DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answers = lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("answered=")?.parse().ok());
    let seen: Vec<u64> = answers.by_ref().take(after).collect();
    assert_eq!(seen.len(), after, "the child answers");
    child.kill().unwrap();
    let last = answers.last().unwrap_or(seen[after - 1]);
    assert!(!child.wait().unwrap().success());
    last
}

#[test]
fn after_a_power_cut_every_answered_commit_is_there_and_nothing_is_half_there() {
    for seed in 0..60 {
        let mut random = Seed(seed);
        let mut disk = Disk::default();
        filled(&on(&disk), 20);
        let mut answered = 0;
        for cut in 0..3 {
            disk.cut_after(1 + random.below(120));
            let store = on(&disk);
            while store.commit(&society(), step(answered)).is_ok() {
                answered += 1;
            }
            drop(store);
            assert!(disk.is_cut());
            disk = disk.after_cut(&mut random);
            let there = steps_in(&on(&disk));
            assert!(there == answered || there == answered + 1, "seed {seed}, cut {cut}: {answered} answered, {there} there");
            answered = there;
        }
    }
}

#[test]
fn a_power_cut_while_the_file_is_made_leaves_a_society_that_can_be_made() {
    for changes in 1..40 {
        let disk = Disk::default();
        disk.cut_after(changes);
        let made = on(&disk).create(&society(), &roots()).is_ok();
        let after = on(&disk.after_cut(&mut Seed(changes)));
        match after.roots(&society()).unwrap() {
            Some(found) => assert!(found == roots()),
            None => {
                assert!(!made, "cut at {changes}");
                after.create(&society(), &roots()).unwrap();
            }
        }
    }
}

fn on(disk: &Disk) -> RedbStore {
    RedbStore::with(Box::new(disk.clone()), Options { cache_bytes: 4 << 20, ..Options::default() })
}
