//! The operators' socket: who asks is known, what is asked is understood exactly, and everything leaves a trace.

use crate::office::{COST, Setup};
use sekisho::records::open_credentials;
use sekisho::staff::client::{CallError, Luggage, call};
use sekisho::staff::import::Encoding;
use sekisho::staff::protocol::{LARGEST, Reply, Request, Who, Wish, receive, receive_frame, send_frame};
use sekisho::staff::server::{Server, listen};
use sekisho_core::account::Verifier;
use sekisho_core::guard::Counter;
use sekisho_core::id::{MemberId, SocietyName};
use sekisho_core::lane::{Cell, Cells, Strangers};
use sekisho_core::tenant::Preset;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;

/// A listening server over parts in memory, and a folder for its socket and files.
struct Running {
    folder: tempfile::TempDir,
    store: Arc<crate::office::FakeStore>,
    office: Arc<sekisho::staff::Office>,
    _server: Server,
}

impl Running {
    fn new(setup: Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let office = Arc::new(setup.office);
        let server = listen(&folder.path().join("staff.sock"), false, Arc::clone(&office)).unwrap();
        Self { folder, store: setup.store, office, _server: server }
    }

    /// With the society's file made, and two members.
    fn with_members() -> Self {
        let running = Self::new(Setup::with_society(Preset::Guarded));
        let file = "symbol,number,branch,birth_date,name,email\n12,3,,1980-12-01,健保太郎,taro@example.test\n12,3,1,1982-01-02,健保花子,\n";
        running.import(file, false).unwrap();
        running
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("staff.sock")
    }

    fn call(&self, request: &Request) -> Result<String, CallError> {
        self.call_with(request, None)
    }

    fn call_with(&self, request: &Request, file: Option<&str>) -> Result<String, CallError> {
        let path = self.folder.path().join("members.csv");
        let mut out = Vec::new();
        if let Some(file) = file {
            fs::write(&path, file).unwrap();
        }
        let files = [path.as_path()];
        let luggage = Luggage { files: if file.is_some() { &files } else { &[] }, ..Luggage::default() };
        call(&self.socket(), request, &luggage, &mut out).map(|()| String::from_utf8(out).unwrap())
    }

    fn import(&self, file: &str, dry_run: bool) -> Result<String, CallError> {
        self.call_with(&Request::MemberImport { society: kumo(), encoding: Encoding::Utf8, dry_run }, Some(file))
    }

    /// The audit log as (event, staff, about a member).
    fn audit(&self) -> Vec<(String, Option<u32>, bool)> {
        self.store.kumo(|rows| rows.audit.iter().map(|row| (row.event.clone(), row.staff, row.member.is_some())).collect())
    }
}

fn kumo() -> SocietyName {
    "kumo".to_owned().try_into().unwrap()
}

fn me() -> Option<u32> {
    Some(rustix::process::getuid().as_raw())
}

fn card(branch: &str) -> Who {
    Who::Card { symbol: "１２".to_owned(), number: "3".to_owned(), branch: branch.to_owned() }
}

fn unlock(who: Who) -> Request {
    Request::MemberAct { society: kumo(), who, wish: Wish::Unlock { password: true, account: true }, takes_file: false }
}

#[test]
fn a_society_added_to_a_running_server_is_served_without_restart() {
    let running = Running::new(Setup::new(Preset::Guarded));
    let society = running.office.societies[0].clone();
    assert!(society.keys(&running.office.world).is_err(), "there is no file yet");
    running.call(&Request::SocietyAdd { society: kumo() }).unwrap();
    assert!(society.keys(&running.office.world).is_ok());
    assert_eq!(running.audit(), [("staff.society-added".to_owned(), me(), false)], "the peer's uid stands in the log");
}

#[test]
fn a_society_is_not_added_twice_and_keeps_its_secret() {
    let running = Running::new(Setup::new(Preset::Guarded));
    running.call(&Request::SocietyAdd { society: kumo() }).unwrap();
    let before = running.store.kumo(|rows| rows.roots.clone().unwrap());
    let error = running.call(&Request::SocietyAdd { society: kumo() }).unwrap_err().to_string();
    assert!(error.contains("has its file already"), "{error}");
    assert!(running.store.kumo(|rows| rows.roots.clone()) == Some(before));
}

#[test]
fn a_society_without_a_data_key_is_not_added_and_the_operator_is_told_what_to_run() {
    let running = Running::new(Setup::new(Preset::Guarded));
    let keyless: SocietyName = "keyless".to_owned().try_into().unwrap();
    let error = running.call(&Request::SocietyAdd { society: keyless.clone() }).unwrap_err().to_string();
    assert!(error.contains("run `sekisho keys add-society keyless`"), "{error}");
    assert!(running.office.world.store.roots(&keyless).unwrap().is_none());
}

#[test]
fn the_decoy_looks_like_a_member_that_nothing_fits() {
    let setup = Setup::with_society(Preset::Guarded);
    let roots = setup.store.kumo(|rows| rows.roots.clone().unwrap());
    let credentials = open_credentials(setup.world().vault.as_ref(), &kumo(), MemberId([0; 16]), &roots.decoy).unwrap();
    let Verifier::Chosen { hash, .. } = credentials.password else { panic!("as a member's own password") };
    assert_eq!((hash.cost, hash.pepper), (COST, 7), "the same work as for a member, under a pepper that exists");
    assert_ne!(hash.mac, [0; 32]);
}

#[test]
fn a_society_that_the_process_does_not_know_is_refused() {
    let running = Running::new(Setup::new(Preset::Guarded));
    let error = running.call(&Request::SocietyAdd { society: "umi".to_owned().try_into().unwrap() }).unwrap_err().to_string();
    assert!(error.contains("societies.d/NAME.toml") && error.contains("restart"), "{error}");
}

#[test]
fn staff_see_a_member_by_id_or_card_and_leave_a_trace() {
    let running = Running::with_members();
    for who in [Who::UserId("１２-3".to_owned()), card(""), card("0")] {
        let said = running.call(&Request::MemberShow { society: kumo(), who }).unwrap();
        for part in ["健保太郎", "12-3", "first password by the rule", "t***@example.test (not confirmed)", "not finished"] {
            assert!(said.contains(part), "{part} in\n{said}");
        }
        assert!(!said.contains("taro@") && !said.contains("1980"), "neither address nor birth date: {said}");
    }
    assert!(running.call(&Request::MemberShow { society: kumo(), who: card("1") }).unwrap().contains("健保花子"));
    let shown = running.audit().iter().filter(|row| **row == ("staff.member-shown".to_owned(), me(), true)).count();
    assert_eq!(shown, 4);
}

#[test]
fn a_member_without_a_password_is_shown_with_the_command_that_issues_one() {
    let running = Running::new(Setup::with_society(Preset::Guarded));
    let note = running.import("symbol,number,birth_date,name,no_rule_password\n12,3,1980-12-01,健保太郎,1\n", false).unwrap();
    let said = running.call(&Request::MemberShow { society: kumo(), who: card("") }).unwrap();
    assert!(said.contains("password        none: this member cannot log in; issue one with `sekisho member issue`"), "{said}");
    assert!(note.contains("cannot log in until `sekisho member issue`"), "{note}");
}

#[test]
fn a_member_that_is_not_there_is_told_with_what_to_try() {
    let running = Running::with_members();
    let error = running.call(&Request::MemberShow { society: kumo(), who: card("7") }).unwrap_err().to_string();
    assert!(error.contains("has no member") && error.contains("--branch"), "{error}");
    let error = running.call(&unlock(Who::UserId("nobody".to_owned()))).unwrap_err().to_string();
    assert!(error.contains("--symbol"), "{error}");
    assert_eq!(running.audit().len(), 2, "society added and members imported, nothing else");
}

#[test]
fn unlocking_clears_the_counters_of_this_member_alone() {
    let running = Running::with_members();
    let failed = Counter { failures: 20, last: crate::office::NOW.0 };
    let lane = Cells([Cell { counter: failed, spared: 0 }; 4]);
    let strangers = Strangers { lane, ..Strangers::default() };
    running.store.kumo(|rows| {
        for kept in rows.members.values_mut() {
            (kept.strangers, kept.rows.counters.second_step) = (strangers, failed);
        }
    });
    let said = running.call(&Request::MemberShow { society: kumo(), who: card("") }).unwrap();
    assert!(said.contains("20: LOCKED until 2026-11-23 01:00:00 JST") && said.contains("20: LOCKED until staff unlocks"), "{said}");
    running.call(&unlock(card(""))).unwrap();
    let mut failures: Vec<_> = running
        .store
        .kumo(|rows| rows.members.values().map(|kept| (kept.rows.counters.lanes, kept.rows.counters.second_step.failures)).collect());
    failures.sort_unstable();
    assert_eq!(failures, [(0, 20), (1, 0)], "her lanes have begun anew");
    assert_eq!(running.audit().last(), Some(&("staff.unlocked".to_owned(), me(), true)));
}

#[test]
fn the_audit_log_is_shown_oldest_first_and_reading_it_is_written_down() {
    let running = Running::with_members();
    let tail = Request::AuditTail { society: kumo(), lines: 2 };
    let said = running.call(&tail).unwrap();
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("2026-11-22 01:00:00 JST  staff.society-added") && lines[1].contains("staff.imported"), "{said}");
    assert!(lines[1].ends_with(&format!("staff={}", me().unwrap())), "{said}");
    assert!(running.call(&tail).unwrap().contains("staff.audit-read"));
}

#[test]
fn counts_are_told_one_a_line_and_asking_for_them_writes_nothing() {
    let running = Running::with_members();
    let before = running.audit();
    let said = running.call(&Request::SocietyNumbers { society: kumo() }).unwrap();
    let alarms = "source.flooding  0\nbrake.closed  0\nhashing.full  0\nconnections.full  0\nclock.members  0\n";
    assert_eq!(said, format!("members  3\ncommits  5\nbatches  8\npkcs11-calls  13\n{alarms}"));
    assert_eq!(running.audit(), before);
}

#[test]
fn a_file_with_many_bad_lines_comes_through_while_it_is_still_being_sent() {
    let running = Running::with_members();
    let mut file = "symbol,number,birth_date,name\n".to_owned();
    (0..20_000).for_each(|_| file.push_str("12,x,1980-12-01,名前名前名前名前名前名前名前名前名前名前\n"));
    let error = running.import(&file, false).unwrap_err().to_string();
    assert!(error.contains("20000 of 20000 lines are bad"), "{error}");
}

#[test]
fn a_refusal_in_the_middle_of_the_file_reaches_the_operator() {
    let running = Running::with_members();
    let file = format!("unknown\n{}", "x\n".repeat(1_000_000));
    let error = running.import(&file, false).unwrap_err().to_string();
    assert!(error.contains("column 1 (unknown) is not known"), "{error}");
}

#[test]
fn the_protocol_refuses_what_it_does_not_know() {
    let running = Running::new(Setup::new(Preset::Guarded));
    for request in [
        r#"{"society-add":{"society":"kumo","force":true}}"#,
        r#"{"society-remove":{"society":"kumo"}}"#,
        r#"{"society-add":{"society":"../kumo"}}"#,
        r#"{"member-show":{"society":"kumo","who":{"card":{"symbol":"1","number":"2","branch":"","x":1}}}}"#,
        r#"{"member-show":{"society":"kumo","who":{"name":"x"}}}"#,
        "{}",
        "not json",
    ] {
        let mut stream = UnixStream::connect(running.socket()).unwrap();
        send_frame(&mut stream, request.as_bytes()).unwrap();
        let Reply::Failed(text) = receive(&mut stream).unwrap() else { panic!("{request} was taken") };
        assert!(text.contains("not understood") && text.contains("same version"), "{text}");
    }
    assert!(running.store.kumo(|rows| rows.roots.is_none()), "nothing was done");
}

#[test]
fn no_command_has_room_for_a_password() {
    let running = Running::with_members();
    let issue = r#""issue":{"new_user_id":null,"first_login":false,"by":"letter""#;
    let who = r#""society":"kumo","who":{"user-id":"12-3"}"#;
    for request in [
        format!(r#"{{"member-act":{{{who},"wish":{{{issue},"password":"Geheim-12"}}}},"takes_file":true}}}}"#),
        format!(r#"{{"member-act":{{{who},"wish":{{{issue}}}}},"takes_file":true,"password":"Geheim-12"}}}}"#),
        r#"{"approve":{"society":"kumo","request":"1","takes_file":true,"password":"Geheim-12"}}"#.to_owned(),
    ] {
        let mut stream = UnixStream::connect(running.socket()).unwrap();
        send_frame(&mut stream, request.as_bytes()).unwrap();
        let Reply::Failed(text) = receive(&mut stream).unwrap() else { panic!("{request} was taken") };
        assert!(text.contains("not understood: unknown field `password`") && !text.contains("Geheim"), "{text}");
    }
}

#[test]
fn what_is_issued_lands_in_a_new_file_that_only_its_owner_opens() {
    let running = Running::with_members();
    let paper = running.folder.path().join("code.csv");
    let luggage = Luggage { paper: Some(&paper), ..Luggage::default() };
    let request = Request::MemberAct { society: kumo(), who: card(""), wish: Wish::ActivationCode, takes_file: true };
    let mut out = Vec::new();
    call(&running.socket(), &request, &luggage, &mut out).unwrap();
    let (said, file) = (String::from_utf8(out).unwrap(), fs::read_to_string(&paper).unwrap());
    assert_eq!(fs::metadata(&paper).unwrap().permissions().mode() & 0o777, 0o600);
    let code = file.lines().nth(1).unwrap().split(',').nth(5).unwrap().trim_matches('"').to_owned();
    assert!(sekisho_core::lookup::Lookup::typed(&code).is_some(), "{file}");
    assert!(said.contains("code.csv") && !said.contains(&code), "{said}");
    let again = call(&running.socket(), &request, &luggage, &mut Vec::new()).unwrap_err();
    assert!(matches!(again, CallError::NoPaper { .. }), "a file that is there is not written over: {again}");
    let issued = |row: &&(String, Option<u32>, bool)| row.0 == "staff.activation-issued";
    assert_eq!(running.audit().iter().filter(issued).count(), 1, "and nothing was issued for it");
}

#[test]
fn a_command_that_is_refused_leaves_no_file() {
    let running = Running::with_members();
    let paper = running.folder.path().join("code.csv");
    let luggage = Luggage { paper: Some(&paper), ..Luggage::default() };
    let request = Request::MemberAct { society: kumo(), who: card("7"), wish: Wish::ActivationCode, takes_file: true };
    assert!(call(&running.socket(), &request, &luggage, &mut Vec::new()).is_err());
    assert!(!paper.exists());
}

#[test]
fn a_frame_that_is_too_large_is_refused_before_it_is_read() {
    let running = Running::new(Setup::new(Preset::Guarded));
    let mut stream = UnixStream::connect(running.socket()).unwrap();
    stream.write_all(&u32::try_from(LARGEST + 1).unwrap().to_be_bytes()).unwrap();
    assert!(matches!(receive(&mut stream).unwrap(), Reply::Failed(text) if text.contains("frame too large")));
    assert!(receive_frame(&mut &u32::MAX.to_be_bytes()[..]).is_err());
}

#[test]
fn the_socket_is_for_its_owner_and_if_wished_its_group() {
    let setup = Setup::new(Preset::Guarded);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("staff.sock");
    let office = Arc::new(setup.office);
    for (group, mode) in [(false, 0o600), (true, 0o660)] {
        let server = listen(&path, group, Arc::clone(&office)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        drop(server);
        assert!(!path.exists(), "it goes with the server");
    }
}

#[test]
fn a_second_server_does_not_take_the_socket_and_a_dead_ones_socket_is_replaced() {
    let running = Running::new(Setup::new(Preset::Guarded));
    let error = listen(&running.socket(), false, Arc::clone(&running.office)).map(drop).unwrap_err().to_string();
    assert!(error.contains("another sekisho answers"), "{error}");
    let left = running.folder.path().join("left.sock");
    drop(std::os::unix::net::UnixListener::bind(&left).unwrap());
    assert!(left.exists());
    drop(listen(&left, false, Arc::clone(&running.office)).unwrap());
}

#[test]
fn without_a_server_the_operator_is_told_what_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let request = Request::AuditTail { society: kumo(), lines: 1 };
    let error = call(&folder.path().join("staff.sock"), &request, &Luggage::default(), &mut Vec::new()).unwrap_err();
    assert!(matches!(error, CallError::NoServer { .. }));
    assert!(error.to_string().contains("systemctl start sekisho"), "{error}");
}
