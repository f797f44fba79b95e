//! Rows to put in, and small questions to ask.

use sekisho::ports::{
    AuditRow, Batch, CommitError, Counted, CounterKey, Fault, Key, MemberRows, MemberWrite, NewLetter, NewMember, SealedRecord,
    SocietyRoots, Store,
};
use sekisho::store::RedbStore;
use sekisho_core::account::{Counters, LoginRecord, OpenFacts};
use sekisho_core::decide::Count;
use sekisho_core::guard::Guessable;
use sekisho_core::id::{BlindIndex, Generation, MemberId, Revision, SessionKey, SocietyName};
use sekisho_core::session::{Credential, Proof, Session, Way};
use sekisho_core::step::Goal;
use sekisho_core::tenant::Limits;
use sekisho_core::time::Timestamp;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

pub const NOW: Timestamp = Timestamp(1_800_000_000);

pub fn society() -> SocietyName {
    SocietyName::try_from("kenpo".to_owned()).unwrap()
}

pub fn roots() -> SocietyRoots {
    SocietyRoots { secret: vec![7; 60], decoy: sealed(0, 9) }
}

pub fn sealed(revision: u64, byte: u8) -> SealedRecord {
    SealedRecord { revision: Revision(revision), sealed: vec![byte; 300] }
}

pub fn id(n: u64) -> MemberId {
    MemberId(spread(n, 0x11))
}

pub fn user_id(n: u64) -> BlindIndex {
    BlindIndex(spread(n, 0x22))
}

pub fn card(n: u64) -> BlindIndex {
    BlindIndex(spread(n, 0x33))
}

pub fn email(n: u64) -> BlindIndex {
    BlindIndex(spread(n, 0x44))
}

pub fn session_key(n: u64) -> SessionKey {
    let mut key = [0x55; 32];
    key[..16].copy_from_slice(&spread(n, 0x55));
    SessionKey(key)
}

/// Distinct and spread over the tree, as random keys are.
fn spread(n: u64, kind: u8) -> [u8; 16] {
    let mut bytes = [kind; 16];
    bytes[..8].copy_from_slice(&n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes
}

pub fn new_member(n: u64) -> NewMember {
    NewMember { id: id(n), user_id: user_id(n), card: card(n), credentials: sealed(0, 1), profile: sealed(0, 2) }
}

pub fn event(name: &str) -> AuditRow {
    AuditRow { at: NOW, member: None, event: name.to_owned(), refusal: None, note: None, staff: None }
}

/// A society with members 0 to `members` − 1.
pub fn filled(store: &RedbStore, members: u64) {
    store.create(&society(), &roots()).unwrap();
    if members > 0 {
        store.import(&society(), 1, (0..members).map(new_member).collect()).unwrap();
        store.finish_import(&society(), 1, event("staff.imported")).unwrap();
    }
}

pub fn private_dir() -> tempfile::TempDir {
    tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir().unwrap()
}

pub fn store_in(dir: &tempfile::TempDir) -> RedbStore {
    RedbStore::open(dir.path()).unwrap()
}

pub fn batch() -> Batch {
    Batch::at(NOW)
}

pub fn write(n: u64, from: u64) -> MemberWrite {
    MemberWrite {
        id: id(n),
        from: Revision(from),
        credentials: None,
        profile: None,
        open: None,
        user_id: None,
        email: None,
        reminder: None,
        passkeys_claimed: Vec::new(),
        passkeys_released: Vec::new(),
    }
}

pub fn failure(key: CounterKey) -> Batch {
    Batch { counts: counted(key, vec![Count::Fail(Guessable::Password)]), ..batch() }
}

pub fn counted(key: CounterKey, counts: Vec<Count>) -> Option<Counted> {
    Some(Counted { key, counts, limits: Limits::default(), from: None })
}

/// Wrong passwords of strangers.
pub fn wrong(store: &RedbStore, society: &SocietyName, key: CounterKey) -> u32 {
    store.strangers(society, key, None).unwrap().lane.estimate(&Limits::default().password).failures
}

pub fn nobody(n: u64) -> CounterKey {
    CounterKey::Nobody(user_id(1_000_000 + n))
}

pub fn letter(number: u64, member: u64) -> NewLetter {
    NewLetter { id: number, member: id(member), sealed: vec![3; 200], not_before: None }
}

pub fn opened(last_login: u64) -> OpenFacts {
    OpenFacts { logins: vec![LoginRecord { at: Timestamp(last_login), way: Way::Totp }], ..OpenFacts::NEW }
}

pub fn load(store: &RedbStore, n: u64) -> MemberRows {
    store.load(&society(), Key::Member(id(n))).unwrap().member.expect("the member is there")
}

pub fn load_session(store: &RedbStore, n: u64) -> Option<Session> {
    store.load(&society(), Key::Session(session_key(n))).unwrap().session
}

pub fn counters(store: &RedbStore, n: u64) -> Counters {
    load(store, n).counters
}

pub fn audit(store: &RedbStore) -> Vec<String> {
    store.audit_tail(&society(), 1_000_000).unwrap().into_iter().map(|row| row.event).collect()
}

pub fn is_conflict(outcome: &Result<(), CommitError>) -> bool {
    matches!(outcome, Err(CommitError::Conflict))
}

pub fn store_fault(outcome: Result<(), CommitError>) -> String {
    match outcome {
        Err(CommitError::Fault(Fault::Store(text))) => text,
        other => panic!("a store fault, not {other:?}"),
    }
}

/// A session as a log-in makes it. Its proof can only be made by the rules, so it is read from its bytes: a test of the store needs
/// a row, not a right.
pub fn session(member: u64, revision: u64, touched: u64) -> Session {
    let begun = Session::new(id(member), NOW, Goal::Portal);
    Session { revision: Revision(revision), touched: Timestamp(touched), password: Some(proof(member)), ..begun }
}

/// As the store would read it: outside of the rules nobody makes one.
fn proof(member: u64) -> Proof {
    let bytes = postcard::to_stdvec(&(id(member), Credential::Password, Generation(1), NOW)).unwrap();
    postcard::from_bytes(&bytes).unwrap()
}
