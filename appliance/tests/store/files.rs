//! The files themselves: who may read them, which are open, and what of the future is refused.

use crate::support::*;
use redb::{Database, TableDefinition};
use sekisho::ports::{CounterKey, Fault, Key, Store};
use sekisho::store::{Files, Options, RedbStore};
use sekisho_core::id::SocietyName;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn text<T>(outcome: Result<T, Fault>) -> String {
    match outcome {
        Err(Fault::Store(text)) => text,
        _ => panic!("a store fault"),
    }
}

#[test]
fn files_and_directory_are_the_services_own() {
    let dir = private_dir();
    let inner = dir.path().join("members");
    let store = RedbStore::open(&inner).unwrap();
    store.create(&society(), &roots()).unwrap();
    assert_eq!((mode(&inner), mode(&inner.join("kenpo.redb"))), (0o700, 0o600));
    std::fs::set_permissions(&inner, Permissions::from_mode(0o750)).unwrap();
    let refused = RedbStore::open(&inner).err().unwrap().to_string();
    assert!(refused.contains("mode 750") && refused.contains("0700"), "{refused}");
}

#[test]
fn a_society_is_made_once_and_asking_makes_nothing() {
    let dir = private_dir();
    let store = store_in(&dir);
    assert!(store.roots(&society()).unwrap().is_none());
    assert!(text(store.load(&society(), Key::UserId(user_id(1)))).contains("society add"));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    store.create(&society(), &roots()).unwrap();
    let mut others = roots();
    others.secret = vec![1];
    assert!(text(store.create(&society(), &others)).contains("already"));
    assert!(store.roots(&society()).unwrap() == Some(roots()));
}

#[test]
fn what_was_left_half_made_is_made_anew() {
    let dir = private_dir();
    std::fs::write(dir.path().join("kenpo.new"), [0; 5_000]).unwrap();
    let store = store_in(&dir);
    assert!(store.roots(&society()).unwrap().is_none());
    store.create(&society(), &roots()).unwrap();
    let names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["kenpo.redb"]);
}

#[test]
fn a_second_process_is_told_that_the_file_is_held() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 1);
    assert!(text(store_in(&dir).roots(&society())).contains("another process"));
    drop(store);
    assert!(store_in(&dir).roots(&society()).unwrap().is_some());
}

#[test]
fn the_longest_unused_file_is_closed_for_another() {
    let dir = private_dir();
    let files = Files::new(dir.path().to_owned()).unwrap();
    let store = RedbStore::with(Box::new(files), Options { open_files: 2, ..Options::default() });
    let [a, b, c] = ["a", "b", "c"].map(|name| SocietyName::try_from(name.to_owned()).unwrap());
    let is_open = |name: &SocietyName| Database::open(dir.path().join(format!("{name}.redb"))).is_err();
    for name in [&a, &b] {
        store.create(name, &roots()).unwrap();
    }
    store.commit(&a, failure(nobody(1))).unwrap();
    store.create(&c, &roots()).unwrap();
    assert_eq!([&a, &b, &c].map(is_open), [true, false, true]);
    store.tick(&b, NOW, NOW, NOW).unwrap();
    assert!(!is_open(&b), "a tick does not open what nobody needs");
    assert!(store.roots(&b).unwrap().is_some());
    assert_eq!([&a, &b, &c].map(is_open), [false, true, true]);
    assert_eq!(wrong(&store, &a, nobody(1)), 1, "and back again");
    assert_eq!(store.numbers(&a).unwrap().commits, 2, "counted over both openings");
}

#[test]
fn many_threads_over_few_open_files_lose_nothing() {
    let dir = private_dir();
    let files = Files::new(dir.path().to_owned()).unwrap();
    let store = RedbStore::with(Box::new(files), Options { open_files: 2, ..Options::default() });
    let names: Vec<_> = (0..6).map(|n| SocietyName::try_from(format!("s{n}")).unwrap()).collect();
    for name in &names {
        store.create(name, &roots()).unwrap();
    }
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (store, names) = (&store, &names);
            scope.spawn(move || (0..30).for_each(|n| store.commit(&names[(thread + n) % 6], failure(nobody(0))).unwrap()));
        }
    });
    let counted: u32 = names.iter().map(|name| wrong(&store, name, nobody(0))).sum();
    assert_eq!(counted, 240);
}

/// Puts `bytes` under a key of a closed file.
fn overwrite<K: redb::Key + 'static>(dir: &Path, table: &str, key: K::SelfType<'_>, bytes: &[u8]) {
    let db = Database::open(dir.join("kenpo.redb")).unwrap();
    let txn = db.begin_write().unwrap();
    txn.open_table(TableDefinition::<K, &[u8]>::new(table)).unwrap().insert(key, bytes).unwrap();
    txn.commit().unwrap();
}

#[test]
fn a_file_or_row_of_a_newer_format_is_refused_with_what_to_do() {
    let dir = private_dir();
    filled(&store_in(&dir), 2);
    overwrite::<&[u8; 16]>(dir.path(), "members", &id(0).0, &[2, 0, 0]);
    let store = store_in(&dir);
    let refused = text(store.load(&society(), Key::UserId(user_id(0))));
    assert_eq!(
        refused,
        "kenpo.redb: table members has format 2, and this sekisho reads up to 1; start the newer sekisho again, or restore the backup made before it"
    );
    assert!(store_fault(store.commit(&society(), failure(CounterKey::Member(id(0))))).contains("format 2"), "nor is it written over");
    assert_eq!(load(&store, 1).id, id(1), "one row is not the file");
    store.commit(&society(), failure(CounterKey::Member(id(1)))).unwrap();
    drop(store);
    overwrite::<&str>(dir.path(), "meta", "format", &[2]);
    assert!(text(store_in(&dir).load(&society(), Key::UserId(user_id(1)))).starts_with("kenpo.redb: table meta has format 2"));
}

#[test]
fn a_damaged_row_is_a_fault_and_not_an_unknown_member() {
    let dir = private_dir();
    filled(&store_in(&dir), 1);
    for bytes in [&[][..], &[0, 1], &[1], &[1, 0, 0]] {
        overwrite::<&[u8; 16]>(dir.path(), "counters", &id(0).0, bytes);
        assert!(text(store_in(&dir).load(&society(), Key::Member(id(0)))).contains("damaged"), "{bytes:?}");
    }
}
