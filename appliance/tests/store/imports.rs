//! Members in bulk: invisible until finished, gone when given up.

use crate::support::*;
use sekisho::ports::{Batch, CommitError, CounterKey, Key, MemberWrite, NewMember, Store, Unique};

#[test]
fn an_import_is_invisible_until_it_is_finished() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 1);
    store.import(&society(), 2, (1..4).map(new_member).collect()).unwrap();
    store.import(&society(), 2, (4..6).map(new_member).collect()).unwrap();
    let seen = |n| {
        let found = store.load(&society(), Key::UserId(user_id(n))).unwrap().member.is_some();
        let by_card = store.find_card(&society(), card(n)).unwrap().is_some();
        let by_id = store.load(&society(), Key::Member(id(n))).unwrap().member.is_some();
        assert!(found == by_card && found == by_id, "all ways say the same");
        found
    };
    assert_eq!([0, 1, 5].map(seen), [true, false, false]);
    assert_eq!(store.numbers(&society()).unwrap().members, 1);
    let change = store.commit(&society(), Batch { member: Some(MemberWrite { open: Some(opened(1)), ..write(1, 0) }), ..batch() });
    assert!(is_conflict(&change), "nobody can be changed who is not there");
    assert!(is_conflict(&store.commit(&society(), failure(CounterKey::Member(id(1))))));
    store.finish_import(&society(), 2, event("staff.imported")).unwrap();
    assert_eq!([0, 1, 5].map(seen), [true, true, true]);
    assert_eq!(store.numbers(&society()).unwrap().members, 6);
    assert_eq!(audit(&store), ["staff.imported", "staff.imported"]);
    let late = store_fault(store.import(&society(), 2, vec![new_member(9)]));
    assert!(late.contains("import 2 is not open"), "{late}");
}

#[test]
fn what_is_taken_is_found_before_and_refused_during_the_import() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 3);
    store.import(&society(), 2, vec![new_member(3)]).unwrap();
    let asked = [user_id(0), user_id(9), user_id(2), user_id(3)];
    assert_eq!(store.taken(&society(), Unique::UserId, &asked).unwrap(), [0, 2, 3], "invisible members count");
    assert_eq!(store.taken(&society(), Unique::Card, &[card(8), card(1)]).unwrap(), [1]);
    let import = |members| store.import(&society(), 2, members);
    let same = |n, with: NewMember| NewMember { id: id(n), ..with };
    let taken = |outcome, unique| assert!(matches!(outcome, Err(CommitError::Taken(is)) if is == unique), "{outcome:?}");
    taken(import(vec![new_member(8), same(9, NewMember { card: card(9), ..new_member(3) })]), Unique::UserId);
    taken(import(vec![new_member(8), same(9, NewMember { user_id: user_id(9), ..new_member(1) })]), Unique::Card);
    taken(import(vec![new_member(8), same(9, NewMember { card: card(9), ..new_member(8) })]), Unique::UserId);
    assert!(is_conflict(&import(vec![new_member(8), NewMember { user_id: user_id(9), card: card(9), ..new_member(0) }])));
    store.finish_import(&society(), 2, event("staff.imported")).unwrap();
    assert_eq!(store.numbers(&society()).unwrap().members, 4, "nothing of the refused ones");
    assert!(store.taken(&society(), Unique::Card, &[card(8), card(9)]).unwrap().is_empty());
}

#[test]
fn an_import_given_up_leaves_room_for_the_same_members() {
    let dir = private_dir();
    let store = store_in(&dir);
    filled(&store, 10);
    store.import(&society(), 2, (10..2_500).map(new_member).collect()).unwrap();
    drop(store);
    let store = store_in(&dir);
    assert_eq!(store.abandon_import(&society()).unwrap(), 2_490);
    assert_eq!(store.abandon_import(&society()).unwrap(), 0);
    assert_eq!(store.numbers(&society()).unwrap().members, 10);
    assert!(store.taken(&society(), Unique::UserId, &(10..2_500).map(user_id).collect::<Vec<_>>()).unwrap().is_empty());
    store.import(&society(), 2, (10..2_500).map(new_member).collect()).unwrap();
    store.finish_import(&society(), 2, event("staff.imported")).unwrap();
    assert_eq!(store.numbers(&society()).unwrap().members, 2_500);
    assert_eq!(load(&store, 3).id, id(3), "the others are as they were");
}
