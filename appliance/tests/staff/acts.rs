//! What staff do to a member, over the real store: who has to approve, what follows, what is refused, and what leaves the house.

use crate::office::{COST, FakeClock, FakeVault, NOW, OPERATOR, TestDesk, society, world};
use sekisho::ports::{
    Batch, CommitError, Counted, CounterKey, Fault, Index, Key, MemberRows, MemberWrite, Remembered, RequestRow, StaffBatch, Store, Unique,
    World,
};
use sekisho::records::{
    index_card, index_email, index_passkey, index_reminder, index_user_id, lookup_input, open_credentials, open_letter, open_profile,
    seal_credentials, seal_letter,
};
use sekisho::service::{Answer, Browser, CookieChange, Outcome, Service};
use sekisho::society::Society;
use sekisho::staff::import::Encoding;
use sekisho::staff::protocol::{Request, Who, Wish};
use sekisho::staff::stop::Stop;
use sekisho::staff::{Office, StaffError};
use sekisho::store::RedbStore;
use sekisho_core::account::{
    Counters, Credentials, Email, Factor, FactorKind, OpenFacts, PasswordHash, Profile, Recovery, RecoveryCodes, Verifier, WrappedSeed,
};
use sekisho_core::command::Command;
use sekisho_core::decide::Count;
use sekisho_core::email::EmailAddress;
use sekisho_core::guard::Guessable;
use sekisho_core::id::{BrowserKey, FactorId, Generation, ItemId, MemberId, Revision, SessionKey, SocietyName};
use sekisho_core::letter::{Language, Letter, LetterKind, Notice, StaffAct};
use sekisho_core::lookup::Lookup;
use sekisho_core::passkey::Passkey;
use sekisho_core::password::Password;
use sekisho_core::plan::LookupKind;
use sekisho_core::refusal::Refusal;
use sekisho_core::secret::Secret;
use sekisho_core::session::Session;
use sekisho_core::shown::Typed;
use sekisho_core::source::Source;
use sekisho_core::staff::Delivery;
use sekisho_core::step::{Goal, Step};
use sekisho_core::tenant::{Limits, Method, Preset};
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

/// The second person.
const OTHER: u32 = 1043;

const DAY: u64 = 24 * 3600;

/// Of a password that nobody knows.
const HASH: PasswordHash = PasswordHash { salt: [0; 16], cost: COST, mac: [0; 32], pepper: 7, generation: Generation(1) };

/// Taro (12-3) has an address on file, Hanako (12-3-01) has none, Jiro (12-4) may not use the rule.
const MEMBERS: &str = "symbol,number,branch,birth_date,name,email,no_rule_password\n\
    12,3,,1980-12-01,健保太郎,taro@example.test,\n12,3,1,1982-01-02,健保花子,,\n12,4,,1985-05-05,健保次郎,,1\n";

pub struct Scene {
    pub office: Office,
    society: Arc<Society>,
    pub world: World,
    pub clock: Arc<FakeClock>,
    pub store: Arc<RedbStore>,
    _folder: tempfile::TempDir,
}

impl Scene {
    pub fn new(preset: Preset) -> Self {
        let folder = tempfile::Builder::new().permissions(std::fs::Permissions::from_mode(0o700)).tempdir().unwrap();
        let store = Arc::new(RedbStore::open(folder.path()).unwrap());
        let (world, _, clock) = world(store.clone());
        let societies = ["kumo", "umi"].map(|name| Arc::new(society(name, preset))).to_vec();
        let society = societies[0].clone();
        let office = Office::new(world.clone(), societies, 3, Arc::new(Stop::default()));
        let scene = Self { office, society, world, clock, store, _folder: folder };
        for name in ["kumo", "umi"] {
            scene.run(&Request::SocietyAdd { society: named(name) }, &TestDesk::new("")).unwrap();
        }
        scene.run(&Request::MemberImport { society: kumo(), encoding: Encoding::Utf8, dry_run: false }, &TestDesk::new(MEMBERS)).unwrap();
        scene
    }

    pub fn run(&self, request: &Request, desk: &TestDesk) -> Result<(), StaffError> {
        self.office.run(request, desk)
    }

    fn act(&self, user_id: &str, wish: Wish) -> Result<TestDesk, String> {
        let desk = TestDesk::new("");
        let who = Who::UserId(user_id.to_owned());
        let request = Request::MemberAct { society: kumo(), who, wish, takes_file: true };
        self.run(&request, &desk).map(|()| desk).map_err(|error| error.to_string())
    }

    /// The first person asks; the number that the second one is told.
    #[track_caller]
    fn ask(&self, user_id: &str, wish: Wish) -> String {
        let said = self.act(user_id, wish).unwrap().said();
        let number = said.split("sekisho approve kumo ").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(number.len(), 6, "{said}");
        number.to_owned()
    }

    fn approve(&self, request: &str, desk: &TestDesk) -> Result<(), String> {
        self.approve_with(request, true, desk)
    }

    fn approve_with(&self, request: &str, takes_file: bool, desk: &TestDesk) -> Result<(), String> {
        let request = Request::Approve { society: kumo(), request: request.to_owned(), takes_file };
        self.run(&request, desk).map_err(|error| error.to_string())
    }

    /// Asked for by one and approved by the other.
    #[track_caller]
    fn both(&self, user_id: &str, wish: Wish) -> TestDesk {
        let (request, desk) = (self.ask(user_id, wish), TestDesk::of(OTHER, &[]));
        self.approve(&request, &desk).unwrap();
        desk
    }

    /// As a stranger's try finds them.
    fn counters(&self, rows: &MemberRows) -> Counters {
        let strangers = self.store.strangers(&kumo(), CounterKey::Member(rows.id), None).unwrap();
        rows.counters.among(&strangers, &Limits::default())
    }

    fn rows(&self, user_id: &str) -> Option<MemberRows> {
        let keys = self.society.keys(&self.world).unwrap();
        self.store.load(&kumo(), Key::UserId(index_user_id(keys, &UserId::typed(user_id)))).unwrap().member
    }

    fn credentials(&self, user_id: &str) -> Credentials {
        let rows = self.rows(user_id).unwrap();
        open_credentials(self.world.vault.as_ref(), &kumo(), rows.id, &rows.credentials).unwrap()
    }

    fn profile(&self, user_id: &str) -> Profile {
        let rows = self.rows(user_id).unwrap();
        open_profile(self.world.vault.as_ref(), &kumo(), rows.id, &rows.profile).unwrap()
    }

    /// Puts a member where members get by themselves.
    fn set(&self, user_id: &str, change: impl FnOnce(&mut Credentials, &mut OpenFacts)) {
        let rows = self.rows(user_id).unwrap();
        let (mut credentials, mut open) = (self.credentials(user_id), rows.open.clone());
        change(&mut credentials, &mut open);
        let keys = self.society.keys(&self.world).unwrap();
        let birth = self.profile(user_id).birth;
        let email = credentials.proven_email().map(|email| email.address.clone());
        let member = MemberWrite {
            id: rows.id,
            from: rows.revision,
            credentials: Some(seal_credentials(self.world.vault.as_ref(), &kumo(), rows.id, rows.revision.next(), &credentials).unwrap()),
            profile: None,
            open: Some(open),
            user_id: None,
            email: email.as_ref().map(|address| (None, index_email(keys, address))),
            reminder: email.as_ref().map(|address| (None, index_reminder(keys, birth, address))),
            passkeys_claimed: credentials.passkeys().map(|(_, passkey)| index_passkey(keys, &passkey.credential_id)).collect(),
            passkeys_released: Vec::new(),
        };
        self.store.commit(&kumo(), Batch { member: Some(member), ..Batch::at(NOW) }).unwrap();
    }

    /// As [`Scene::set`]: first log-in finished, own password, proven address, an app, a passkey, recovery codes, a session, and failures.
    pub fn at_home(&self, user_id: &str) -> SessionKey {
        self.set(user_id, |credentials, open| {
            credentials.password = Verifier::Chosen { hash: HASH, since: NOW };
            credentials.generation = Generation(9);
            credentials.email = Some(proven("taro@own.example.test"));
            credentials.method = Some(Method::Totp);
            credentials.factors = vec![factor(1, FactorKind::Totp(WrappedSeed { kek: 1, blob: vec![1] })), factor(2, passkey())];
            credentials.recovery_codes =
                Some(RecoveryCodes { generation: Generation(4), pepper: 7, since: NOW, macs: vec![Some([1; 32]); 10] });
            credentials.proven = true;
            open.finished = Some(NOW);
            open.touch(FactorId(1), NOW);
        });
        let id = self.rows(user_id).unwrap().id;
        let fails = [Guessable::Password, Guessable::BirthDate, Guessable::ActivationCode, Guessable::SecondStep, Guessable::MailCode];
        let counts = fails.map(Count::Fail).to_vec();
        let counts = Some(Counted { key: CounterKey::Member(id), counts, limits: Limits::default(), from: None });
        let key = SessionKey([5; 32]);
        self.store.commit(&kumo(), Batch { counts, session_to: Some((key, session(id))), ..Batch::at(NOW) }).unwrap();
        key
    }

    pub fn has_session(&self, key: SessionKey) -> bool {
        self.store.load(&kumo(), Key::Session(key)).unwrap().session.is_some()
    }

    /// What waits to be sent: to whom, and what.
    fn letters(&self) -> Vec<(String, LetterKind)> {
        let due = self.store.due_letters(&kumo(), Timestamp(u64::MAX), 100).unwrap();
        let open = |row| open_letter(self.world.vault.as_ref(), &kumo(), row).unwrap();
        let mut letters: Vec<_> = due.iter().map(|row| (open(row).to.text(), open(row).kind)).collect();
        letters.sort_by_key(|(_, kind)| kind.id());
        letters
    }

    /// The audit log's newest lines: event, who, note.
    pub fn audit(&self, lines: usize) -> Vec<(String, Option<u32>, Option<String>)> {
        let rows = self.store.audit_tail(&kumo(), lines).unwrap();
        rows.into_iter().map(|row| (row.event, row.staff, row.note)).collect()
    }

    fn log_in(&self, user_id: &str, password: &str) -> Answer {
        let password = Password::typed(Secret::new(password.to_owned()), &self.society.policy().password);
        let command = Command::Login { user_id: UserId::typed(user_id), password };
        let browser = Browser { session: None, known: None, language: Language::Ja, source: Source::of(IpAddr::from([192, 0, 2, 1])) };
        Service::new(self.world.clone(), |_| {}).submit(&self.society, &browser, command, Typed::default()).unwrap()
    }
}

pub fn kumo() -> SocietyName {
    named("kumo")
}

pub fn named(name: &str) -> SocietyName {
    name.to_owned().try_into().unwrap()
}

fn proven(address: &str) -> Email {
    Email { address: EmailAddress::typed(address).unwrap(), proven: true, generation: Generation(3) }
}

fn factor(id: u32, kind: FactorKind) -> Factor {
    Factor { id: FactorId(id), generation: Generation(id + 5), name: format!("device {id}"), since: NOW, kind }
}

fn passkey() -> FactorKind {
    FactorKind::Passkey(Box::new(Passkey {
        credential_id: b"credential".to_vec(),
        public_key: vec![1],
        backup_eligible: true,
        transports: Vec::new(),
        aaguid: [0; 16],
    }))
}

fn session(member: MemberId) -> Session {
    Session {
        member,
        revision: Revision(0),
        began: NOW,
        touched: NOW,
        goal: Goal::Portal,
        link: None,
        password: None,
        birth_date: None,
        birth_failures: 0,
        factor: None,
        first_login: false,
        way: None,
        anew: false,
        pending_seed: None,
        challenge: None,
        mail_code: None,
        naming: None,
        offer_codes: false,
        new_codes: None,
        method_changed: false,
    }
}

fn issue(by: Delivery) -> Wish {
    Wish::Issue { new_user_id: None, first_login: false, by }
}

fn next(answer: &Answer) -> Option<Step> {
    match (&answer.outcome, &answer.cookie) {
        (Outcome::Go(step), CookieChange::Set(_)) => Some(*step),
        _ => None,
    }
}

fn refusal(answer: &Answer) -> Option<Refusal> {
    match &answer.outcome {
        Outcome::Show { refusal, .. } => *refusal,
        Outcome::Go(_) => None,
    }
}

/// The value of a column of the file for the printer.
fn column(paper: &str, name: &str) -> String {
    let mut lines = paper.trim_start_matches('\u{feff}').lines();
    let place = lines.next().unwrap().split(',').position(|column| column == name).unwrap();
    lines.next().unwrap().split(',').nth(place).unwrap().trim_matches('"').to_owned()
}

#[test]
fn a_first_password_is_issued_by_two_and_leaves_by_mail_to_the_address_on_file() {
    let scene = Scene::new(Preset::Guarded);
    let before = scene.credentials("12-3").password;
    let request = scene.ask("12-3", issue(Delivery::Mail));
    assert!(scene.credentials("12-3").password == before && scene.letters().is_empty(), "nothing is done by one alone");
    assert_eq!(scene.audit(1), [("staff.approval-asked".to_owned(), Some(OPERATOR), Some("issue".to_owned()))]);
    let desk = TestDesk::of(OTHER, &[]);
    scene.approve(&request, &desk).unwrap();
    let Verifier::Issued { hash, expires } = scene.credentials("12-3").password else { panic!("an issued password") };
    assert_eq!((hash.generation, expires), (Generation(2), NOW.after(scene.society.policy().lifetimes.issued_password)));
    let letter = LetterKind::Issued { generation: Generation(2), expires };
    assert_eq!(scene.letters(), [("taro@example.test".to_owned(), letter)], "no notice: the address is not proven");
    let shown = ("staff.member-shown".to_owned(), Some(OTHER), None);
    let issued = ("staff.password-issued".to_owned(), Some(OTHER), Some(format!("asked-by-{OPERATOR}")));
    assert_eq!(scene.audit(2), [shown, issued], "both stand in the log");
    assert!(desk.said().contains("健保太郎") && desk.said().contains("t***@example.test"), "{}", desk.said());
    assert!(desk.paper().is_empty(), "what goes by mail goes nowhere else");
}

#[test]
fn the_issued_password_opens_the_first_log_in_and_stands_in_no_line() {
    let scene = Scene::new(Preset::Guarded);
    let desk = scene.both("12-4", issue(Delivery::Letter));
    let password = column(&desk.paper(), "first_password");
    let id = scene.rows("12-4").unwrap().id;
    let Verifier::Issued { hash, expires } = scene.credentials("12-4").password else { panic!("an issued password") };
    let keys = scene.society.keys(&scene.world).unwrap();
    assert_eq!(*keys.issued_password(id, hash.generation, expires).expose(), password, "derived, so that nothing has to keep it");
    assert!(!desk.said().contains(&password), "{}", desk.said());
    assert_eq!(column(&desk.paper(), "user_id"), "12-4");
    assert_eq!(column(&desk.paper(), "name"), "健保次郎");
    assert!(column(&desk.paper(), "valid_until").starts_with("2026-12-22 01:00"), "{}", desk.paper());
    assert_eq!(next(&scene.log_in("12-4", &password)), Some(Step::BirthDate));
    assert_eq!(refusal(&scene.log_in("12-4", "1241985050")), Some(Refusal::WrongIdOrPassword));
    scene.clock.pass(30 * DAY);
    assert_eq!(refusal(&scene.log_in("12-4", &password)), Some(Refusal::WrongIdOrPassword), "it is over after 30 days");
}

#[test]
fn nobody_approves_a_request_of_their_own() {
    let scene = Scene::new(Preset::Guarded);
    for wish in [issue(Delivery::Letter), Wish::Delete] {
        let request = scene.ask("12-3", wish);
        let before = scene.rows("12-3").unwrap().revision;
        let error = scene.approve(&request, &TestDesk::new("")).unwrap_err();
        assert!(error.contains("another operator"), "{error}");
        assert_eq!(scene.rows("12-3").unwrap().revision, before);
        scene.approve(&request, &TestDesk::of(OTHER, &[])).unwrap();
    }
    assert!(scene.rows("12-3").is_none());
}

#[test]
fn who_does_not_agree_changes_nothing_and_the_request_waits_on() {
    let scene = Scene::new(Preset::Guarded);
    let request = scene.ask("12-3", Wish::Delete);
    let desk = TestDesk::of(OTHER, &[]).disagreeing();
    let error = scene.approve(&request, &desk).unwrap_err();
    assert!(
        error.contains("not approved") && desk.said().contains("DELETE the member") && desk.said().contains("健保太郎"),
        "{}",
        desk.said()
    );
    assert!(scene.rows("12-3").is_some());
    scene.approve(&request, &TestDesk::of(OTHER, &[])).unwrap();
    assert!(scene.rows("12-3").is_none());
}

#[test]
fn a_request_serves_once_for_a_day_and_in_its_own_society() {
    let scene = Scene::new(Preset::Guarded);
    let request = scene.ask("12-3", issue(Delivery::Letter));
    let elsewhere = Request::Approve { society: named("umi"), request: request.clone(), takes_file: true };
    let error = scene.run(&elsewhere, &TestDesk::of(OTHER, &[])).unwrap_err().to_string();
    assert!(error.contains("umi has no request with this number"), "{error}");
    scene.approve(&request, &TestDesk::of(OTHER, &[])).unwrap();
    let error = scene.approve(&request, &TestDesk::of(OTHER, &[])).unwrap_err();
    assert!(error.contains("no request with this number"), "used up: {error}");
    let late = scene.ask("12-3", issue(Delivery::Letter));
    scene.clock.pass(DAY);
    let error = scene.approve(&late, &TestDesk::of(OTHER, &[])).unwrap_err();
    assert!(error.contains("older than 24 hours"), "{error}");
    scene.ask("12-4", issue(Delivery::Letter));
    assert_eq!(scene.store.requests(&kumo()).unwrap().len(), 1, "what is over goes with the next request");
}

#[test]
fn two_who_approve_at_the_same_time_do_it_once() {
    let scene = Scene::new(Preset::Guarded);
    let request: u64 = scene.ask("12-3", issue(Delivery::Letter)).parse().unwrap();
    let carry_out = || StaffBatch { carried_out: Some(request), ..StaffBatch::of(Batch::at(NOW)) };
    scene.store.act(&kumo(), carry_out()).unwrap();
    assert!(matches!(scene.store.act(&kumo(), carry_out()), Err(CommitError::Conflict)));
}

#[test]
fn a_request_put_under_another_number_or_member_does_not_open() {
    let scene = Scene::new(Preset::Guarded);
    scene.ask("12-3", issue(Delivery::Letter));
    let row = scene.store.requests(&kumo()).unwrap().pop().unwrap();
    let other = scene.rows("12-4").unwrap().id;
    for moved in [RequestRow { id: 7, ..row.clone() }, RequestRow { id: 8, member: other, ..row }] {
        let number = format!("{:06}", moved.id);
        let asked = StaffBatch { asked: Some(moved), ..StaffBatch::of(Batch::at(NOW)) };
        scene.store.act(&kumo(), asked).unwrap();
        let request = Request::Approve { society: kumo(), request: number, takes_file: true };
        let error = scene.run(&request, &TestDesk::of(OTHER, &[])).unwrap_err();
        assert!(matches!(error, StaffError::Fault(Fault::Damaged(_))), "{error}");
    }
}

#[test]
fn requests_are_listed_with_what_they_are_about_and_looking_leaves_a_trace() {
    let scene = Scene::new(Preset::Guarded);
    let list = |uid| {
        let desk = TestDesk::of(uid, &[]);
        scene.run(&Request::Requests { society: kumo() }, &desk).unwrap();
        desk.said()
    };
    assert_eq!(list(OTHER), "no request waits");
    let request = scene.ask("12-3", Wish::Issue { new_user_id: Some("Taro.77".to_owned()), first_login: true, by: Delivery::Mail });
    let said = list(OTHER);
    for part in [request.as_str(), "健保太郎", "12-3", "1042", "taro.77", "by mail", "first log-in begins again"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(scene.audit(1), [("staff.member-shown".to_owned(), Some(OTHER), None)]);
    scene.clock.pass(DAY);
    assert_eq!(list(OTHER), "no request waits");
}

#[test]
fn what_cannot_be_issued_is_refused_before_anybody_is_asked() {
    let scene = Scene::new(Preset::Guarded);
    let error = scene.act("12-4", issue(Delivery::Mail)).unwrap_err();
    assert!(error.contains("no address on file") && error.contains("--letter"), "{error}");
    let error =
        scene.act("12-4", Wish::Issue { new_user_id: Some("a b".to_owned()), first_login: false, by: Delivery::Letter }).unwrap_err();
    assert!(error.contains("no spaces"), "{error}");
    assert!(scene.store.requests(&kumo()).unwrap().is_empty());
}

#[test]
fn a_letter_without_a_file_is_refused_and_the_request_waits_on() {
    let scene = Scene::new(Preset::Guarded);
    let request = scene.ask("12-4", issue(Delivery::Letter));
    let error = scene.approve_with(&request, false, &TestDesk::of(OTHER, &[])).unwrap_err();
    assert!(error.contains("--out FILE"), "{error}");
    assert!(scene.credentials("12-4").password == Verifier::None);
    scene.approve(&request, &TestDesk::of(OTHER, &[])).unwrap();
    let who = Who::UserId("12-3".to_owned());
    let code = Request::MemberAct { society: kumo(), who, wish: Wish::ActivationCode, takes_file: false };
    assert!(scene.run(&code, &TestDesk::new("")).unwrap_err().to_string().contains("--out FILE"));
    assert!(scene.credentials("12-3").activation.is_none());
}

#[test]
fn another_user_id_comes_with_the_password_unless_somebody_has_it() {
    let scene = Scene::new(Preset::Guarded);
    let with_id = |id: &str| Wish::Issue { new_user_id: Some(id.to_owned()), first_login: false, by: Delivery::Letter };
    let request = scene.ask("12-4", with_id("12-3"));
    let error = scene.approve(&request, &TestDesk::of(OTHER, &[])).unwrap_err();
    assert!(error.contains("another member has this user ID"), "{error}");
    assert!(scene.credentials("12-4").password == Verifier::None, "all or nothing");
    let desk = scene.both("12-4", with_id("Ｊｉｒｏ-85"));
    assert!(scene.rows("12-4").is_none(), "the old ID is nobody's");
    assert_eq!(scene.profile("jiro-85").user_id.as_str(), "jiro-85");
    assert_eq!(column(&desk.paper(), "user_id"), "jiro-85");
    assert_eq!(next(&scene.log_in("jiro-85", &column(&desk.paper(), "first_password"))), Some(Step::BirthDate));
}

#[test]
fn a_finished_account_keeps_its_devices_when_a_password_is_issued() {
    for first_login in [false, true] {
        let scene = Scene::new(Preset::Guarded);
        let key = scene.at_home("12-3");
        scene.set("12-3", |credentials, _| {
            credentials.recovery = Some(Recovery { item: ItemId([1; 8]), since: NOW, factor: None, password: None, counts_from: None });
        });
        let desk = scene.both("12-3", Wish::Issue { new_user_id: None, first_login, by: Delivery::Letter });
        let (credentials, rows) = (scene.credentials("12-3"), scene.rows("12-3").unwrap());
        assert_eq!((credentials.factors.len(), credentials.recovery_codes.is_some()), (2, true));
        assert!(credentials.recovery.is_none(), "no recovery undoes it");
        assert_eq!(rows.open.finished.is_some(), !first_login);
        assert!(!scene.has_session(key), "what the old password opened ends");
        let wrong = scene.counters(&rows).password.failures;
        assert_eq!((wrong, rows.counters.second_step.failures), (0, 1), "the second step's locks stay");
        let step = if first_login { Step::BirthDate } else { Step::NewPassword };
        assert_eq!(next(&scene.log_in("12-3", &column(&desk.paper(), "first_password"))), Some(step));
        let told = LetterKind::Notice(Notice::Staff(StaffAct::PasswordIssued));
        assert_eq!(scene.letters(), [("taro@own.example.test".to_owned(), told)]);
    }
}

#[test]
fn an_activation_code_is_on_the_paper_alone_and_an_older_one_is_dead() {
    let scene = Scene::new(Preset::Guarded);
    let issued = |scene: &Scene| {
        let desk = scene.act("12-3", Wish::ActivationCode).unwrap();
        let code = column(&desk.paper(), "activation_code");
        assert!(!desk.said().contains(&code) && code.len() == 19, "{}", desk.said());
        (Lookup::typed(&code).unwrap(), scene.credentials("12-3").activation.unwrap())
    };
    let (first, _) = issued(&scene);
    let (second, kept) = issued(&scene);
    let (keys, id) = (scene.society.keys(&scene.world).unwrap(), scene.rows("12-3").unwrap().id);
    let mac = |code: &Lookup| FakeVault::mac(&lookup_input(keys, id, LookupKind::Activation, kept.generation, code));
    assert_eq!((kept.mac == mac(&second), kept.mac == mac(&first)), (true, false));
    assert_eq!(kept.expires, Timestamp(NOW.0 + 30 * DAY));
    scene.set("12-3", |credentials, _| credentials.proven = true);
    let error = scene.act("12-3", Wish::ActivationCode).unwrap_err();
    assert!(error.contains("proven already"), "{error}");
}

#[test]
fn a_first_log_in_is_reopened_with_the_password_by_the_rule() {
    let scene = Scene::new(Preset::Guarded);
    scene.clock.pass(90 * DAY);
    let by_rule = "12319801201";
    assert_eq!(refusal(&scene.log_in("12-3", by_rule)), Some(Refusal::WrongIdOrPassword), "90 days are over");
    scene.act("12-3", Wish::Reopen).unwrap();
    assert_eq!(next(&scene.log_in("12-3", by_rule)), Some(Step::BirthDate));
    assert_eq!(scene.credentials("12-3").email.map(|email| email.proven), Some(false), "the address on file stays");
}

#[test]
fn reopening_forgets_what_an_unknown_hand_began() {
    let scene = Scene::new(Preset::Guarded);
    scene.set("12-3", |credentials, _| {
        credentials.password = Verifier::Chosen { hash: HASH, since: NOW };
        credentials.email = Some(proven("stranger@example.test"));
        credentials.method = Some(Method::Totp);
    });
    let keys = scene.society.keys(&scene.world).unwrap();
    let stranger = index_email(keys, &EmailAddress::typed("stranger@example.test").unwrap());
    assert_eq!(scene.store.taken(&kumo(), Unique::Email, &[stranger]).unwrap(), [0]);
    scene.act("12-3", Wish::Reopen).unwrap();
    let credentials = scene.credentials("12-3");
    assert!(credentials.email.is_none() && credentials.method.is_none());
    assert!(matches!(credentials.password, Verifier::Rule { .. }));
    assert!(scene.store.taken(&kumo(), Unique::Email, &[stranger]).unwrap().is_empty(), "the stranger's address is free again");
    assert!(scene.letters().is_empty(), "and the stranger is told nothing");
}

#[test]
fn who_has_no_password_by_the_rule_is_given_none_by_reopening() {
    let scene = Scene::new(Preset::Guarded);
    let error = scene.act("12-4", Wish::Reopen).unwrap_err();
    assert!(error.contains("no first password by the rule") && error.contains("sekisho member issue"), "{error}");
    scene.both("12-4", issue(Delivery::Letter));
    assert!(scene.act("12-4", Wish::Reopen).is_err(), "nor behind an issued one");
    scene.set("12-4", |credentials, _| {
        (credentials.password, credentials.proven) = (Verifier::Chosen { hash: HASH, since: NOW }, true);
    });
    assert!(scene.act("12-4", Wish::Reopen).is_err(), "nor behind one that was chosen in its place");
    scene.set("12-3", |_, open| open.finished = Some(NOW));
    let error = scene.act("12-3", Wish::Reopen).unwrap_err();
    assert!(error.contains("finished the first log-in"), "{error}");
}

#[test]
fn password_and_account_are_unlocked_apart() {
    for (password, account, left) in [(true, false, [0, 0, 0, 1, 1]), (false, true, [1, 1, 1, 0, 0]), (true, true, [0; 5])] {
        let scene = Scene::new(Preset::Guarded);
        let key = scene.at_home("12-3");
        let before = scene.rows("12-3").unwrap().revision;
        scene.act("12-3", Wish::Unlock { password, account }).unwrap();
        let rows = scene.rows("12-3").unwrap();
        let counters = scene.counters(&rows);
        let failures = [counters.password, counters.birth_date, counters.activation, counters.second_step, counters.mail_code];
        assert_eq!(failures.map(|counter| counter.failures), left);
        assert!(rows.revision == before && scene.has_session(key), "nothing else changes");
        assert_eq!(scene.letters()[0].1, LetterKind::Notice(Notice::Staff(StaffAct::Unlocked)));
    }
    let scene = Scene::new(Preset::Guarded);
    assert!(scene.act("12-3", Wish::Unlock { password: false, account: false }).unwrap_err().contains("--password"));
}

#[test]
fn a_lost_factor_is_reset_by_two_and_everything_that_rested_on_it_ends() {
    let scene = Scene::new(Preset::Guarded);
    let key = scene.at_home("12-3");
    let held = index_passkey(scene.society.keys(&scene.world).unwrap(), b"credential");
    assert_eq!(scene.store.taken(&kumo(), Unique::Passkey, &[held]).unwrap(), [0]);
    let request = scene.ask("12-3", Wish::ResetFactor);
    assert_eq!(scene.credentials("12-3").factors.len(), 2, "not by one alone");
    scene.approve(&request, &TestDesk::of(OTHER, &[])).unwrap();
    let (credentials, rows) = (scene.credentials("12-3"), scene.rows("12-3").unwrap());
    assert!(credentials.factors.is_empty() && credentials.recovery_codes.is_none() && credentials.method.is_none());
    assert!(credentials.password.is_chosen() && rows.open.used.is_empty());
    assert_eq!((rows.counters.second_step.failures, scene.counters(&rows).password.failures), (0, 1));
    assert!(!scene.has_session(key));
    assert!(scene.store.taken(&kumo(), Unique::Passkey, &[held]).unwrap().is_empty());
    assert_eq!(scene.letters(), [("taro@own.example.test".to_owned(), LetterKind::Notice(Notice::Staff(StaffAct::FactorReset)))]);
    assert!(scene.act("12-4", Wish::ResetFactor).unwrap_err().contains("no second step"));
}

#[test]
fn a_name_is_corrected_and_an_unfit_one_refused() {
    let scene = Scene::new(Preset::Guarded);
    let name = |name: &str| Wish::Rename { name: name.to_owned() };
    scene.act("12-3", name(" 髙橋太郎 ")).unwrap();
    assert_eq!(scene.profile("12-3").name, "髙橋太郎");
    for (wrong, says) in [("", "1 to 64"), ("a\nb", "line breaks"), ("髙橋太郎", "already")] {
        let error = scene.act("12-3", name(wrong)).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(scene.audit(1), [("staff.name-corrected".to_owned(), Some(OPERATOR), None)]);
}

#[test]
fn a_disabled_member_is_out_until_enabled() {
    let scene = Scene::new(Preset::Guarded);
    let key = scene.at_home("12-3");
    scene.act("12-3", Wish::Disable).unwrap();
    assert!(!scene.has_session(key));
    assert_eq!(refusal(&scene.log_in("12-3-01", "12319820102")), None, "others get in");
    scene.act("12-3-01", Wish::Disable).unwrap();
    assert_eq!(refusal(&scene.log_in("12-3-01", "12319820102")), Some(Refusal::AccountDisabled));
    assert!(scene.act("12-3", Wish::Disable).unwrap_err().contains("disabled already"));
    scene.act("12-3-01", Wish::Enable).unwrap();
    assert_eq!(next(&scene.log_in("12-3-01", "12319820102")), Some(Step::BirthDate));
    assert!(scene.act("12-3-01", Wish::Enable).unwrap_err().contains("not disabled"));
    assert_eq!(scene.letters()[0].1, LetterKind::Notice(Notice::Staff(StaffAct::Disabled)));
}

#[test]
fn a_deleted_member_leaves_nothing_but_a_random_number_and_one_letter() {
    let scene = Scene::new(Preset::Guarded);
    let key = scene.at_home("12-3");
    let (rows, profile) = (scene.rows("12-3").unwrap(), scene.profile("12-3"));
    let vault = scene.world.vault.as_ref();
    let old = Letter {
        to: EmailAddress::typed("taro@own.example.test").unwrap(),
        language: Language::Ja,
        kind: LetterKind::UserId,
        not_before: Some(Timestamp(NOW.0 + DAY)),
    };
    let outbox = vec![seal_letter(vault, &kumo(), rows.id, 77, &old).unwrap()];
    scene.store.commit(&kumo(), Batch { outbox, ..Batch::at(NOW) }).unwrap();
    scene.ask("12-3", issue(Delivery::Letter));
    let members = scene.store.numbers(&kumo()).unwrap().members;
    scene.both("12-3", Wish::Delete);

    let told = ("taro@own.example.test".to_owned(), LetterKind::Notice(Notice::Staff(StaffAct::Deleted)));
    assert_eq!(scene.letters(), [told], "older letters went");
    assert!(!scene.has_session(key) && scene.store.sessions(&kumo(), rows.id).unwrap().is_empty());
    let keys = scene.society.keys(&scene.world).unwrap();
    let card = index_card(keys, &profile.symbol, &profile.number, &profile.branch);
    let address = EmailAddress::typed("taro@own.example.test").unwrap();
    for key in [
        Key::Member(rows.id),
        Key::UserId(index_user_id(keys, &profile.user_id)),
        Key::Reminder(index_reminder(keys, profile.birth, &address)),
    ] {
        assert!(scene.store.load(&kumo(), key).unwrap().member.is_none());
    }
    assert!(scene.store.find_card(&kumo(), card).unwrap().is_none());
    let left = [
        (Unique::Card, card),
        (Unique::UserId, index_user_id(keys, &profile.user_id)),
        (Unique::Email, index_email(keys, &address)),
        (Unique::Passkey, index_passkey(keys, b"credential")),
    ];
    for (unique, index) in left {
        assert!(scene.store.taken(&kumo(), unique, &[index]).unwrap().is_empty(), "{unique:?} is free again");
    }
    assert!(scene.store.requests(&kumo()).unwrap().is_empty(), "its requests went");
    assert_eq!(scene.store.numbers(&kumo()).unwrap().members, members - 1);
    let audit = scene.store.audit_tail(&kumo(), 1).unwrap();
    assert_eq!((audit[0].event.as_str(), audit[0].member), ("staff.deleted", Some(rows.id)));
    assert!(scene.rows("12-3-01").is_some(), "the family stays");
    let again = "symbol,number,birth_date,name\n12,3,1980-12-01,健保太郎\n";
    scene.run(&Request::MemberImport { society: kumo(), encoding: Encoding::Utf8, dry_run: false }, &TestDesk::new(again)).unwrap();
    assert_ne!(scene.rows("12-3").unwrap().id, rows.id, "who comes back is somebody new");
}

#[test]
fn a_member_that_has_changed_meanwhile_is_not_deleted() {
    let scene = Scene::new(Preset::Guarded);
    let rows = scene.rows("12-3").unwrap();
    scene.act("12-3", Wish::Disable).unwrap();
    let index = index_user_id(scene.society.keys(&scene.world).unwrap(), &UserId::typed("12-3"));
    let stale = StaffBatch {
        released: Some((rows.id, vec![(Index::UserId, index)])),
        deleted: Some((rows.id, rows.revision)),
        ..StaffBatch::of(Batch::at(NOW))
    };
    assert!(matches!(scene.store.act(&kumo(), stale), Err(CommitError::Conflict)));
    assert!(scene.rows("12-3").is_some(), "nothing of it was written");
}

fn publish(version: &str) -> Request {
    Request::TermsPublish { society: kumo(), version: version.to_owned() }
}

#[test]
fn published_terms_are_in_force_at_once_and_after_a_restart() {
    let scene = Scene::new(Preset::Guarded);
    let before = scene.society.rules();
    let desk = TestDesk::of(OPERATOR, &["\u{feff}新しい規約\r\n\r\n二\r\n".as_bytes(), b"New terms\n"]);
    scene.run(&publish("2027-04-01"), &desk).unwrap();
    assert_eq!(scene.society.policy().terms_version, "2027-04-01");
    assert_eq!((scene.society.terms().ja.as_str(), scene.society.terms().en.as_str()), ("新しい規約\n\n二", "New terms"));
    assert_ne!(scene.society.terms().hash, before.terms.hash);
    assert_ne!(before.policy.terms_version, "2027-04-01", "a request that has begun goes on with what it began with");
    let restarted = society("kumo", Preset::Guarded);
    restarted.keys(&scene.world).unwrap();
    assert_eq!((restarted.policy().terms_version.as_str(), restarted.terms().hash), ("2027-04-01", scene.society.terms().hash));
    assert_eq!(scene.audit(1), [("staff.terms-published".to_owned(), Some(OPERATOR), Some("2027-04-01".to_owned()))]);
}

#[test]
fn a_version_that_members_may_have_agreed_to_does_not_come_again() {
    let scene = Scene::new(Preset::Guarded);
    let texts = || TestDesk::of(OPERATOR, &["規約".as_bytes(), b"Terms"]);
    let configured = scene.society.policy().terms_version.clone();
    scene.run(&publish("2"), &texts()).unwrap();
    scene.run(&publish("3"), &texts()).unwrap();
    for version in [configured.as_str(), "2", "３"] {
        let error = scene.run(&publish(version), &texts()).unwrap_err().to_string();
        assert!(error.contains("has had terms of version"), "{version}: {error}");
    }
    assert_eq!(scene.society.policy().terms_version, "3");
}

#[test]
fn terms_that_cannot_be_read_are_refused() {
    let scene = Scene::new(Preset::Guarded);
    let before = scene.society.terms().hash;
    let long = vec![b'a'; 256 * 1024 + 1];
    for (version, ja, en, says) in [
        ("", "規約".as_bytes(), b"Terms".as_slice(), "version"),
        ("2027 04", "規約".as_bytes(), b"Terms", "version"),
        ("2", b"\x8b\x4b\x96\xf1", b"Terms", "--ja"),
        ("2", "規約".as_bytes(), b" \n", "--en"),
        ("2", "規約".as_bytes(), b"\x1b[2J", "--en"),
        ("2", &long, b"Terms", "--ja: longer"),
    ] {
        let error = scene.run(&publish(version), &TestDesk::of(OPERATOR, &[ja, en])).unwrap_err().to_string();
        assert!(error.contains(says), "{says}: {error}");
    }
    assert_eq!(scene.society.terms().hash, before);
    assert!(scene.store.terms(&kumo()).unwrap().is_empty());
}

#[test]
fn the_policy_is_shown_with_every_concession_and_limit() {
    for (preset, has, has_not) in [
        (Preset::Manual, ["recovery-by-mail-at-once", "rule-password-without-end", "without end"], "recovery-by-mail-on-hold"),
        (Preset::Guarded, ["recovery-by-mail-on-hold", "rule-password", "mail-code"], "recovery-by-mail-at-once"),
        (Preset::Hardened, ["birth-date", "set-up-from-another-browser", "preset  hardened"], "concession rule-password"),
    ] {
        let scene = Scene::new(preset);
        let desk = TestDesk::new("");
        scene.run(&Request::PolicyShow { society: kumo() }, &desk).unwrap();
        let said = desk.said();
        for part in has.iter().chain(&[
            "5 free, then waits of 30 s doubling to 8 min; at 10 locked for 1 h, doubling to 24 h; one forgiven every 12 h",
            "30 days",
        ]) {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert!(!said.contains(has_not), "{has_not} in {said}");
        assert_eq!(scene.audit(1), [("staff.policy-shown".to_owned(), Some(OPERATOR), None)]);
    }
}

/// A browser that Taro and Hanako have logged in with, and in which Taro has mistyped nine times.
fn family_tablet(scene: &Scene) -> BrowserKey {
    let (taro, hanako) = (scene.rows("12-3").unwrap().id, scene.rows("12-3-01").unwrap().id);
    let (first, key) = (BrowserKey([6; 32]), BrowserKey([7; 32]));
    for (from, to, member) in [(None, first, hanako), (Some(first), key, taro)] {
        scene.store.commit(&kumo(), Batch { remember: Some(Remembered { from, to, member }), ..Batch::at(NOW) }).unwrap();
    }
    let wrong = vec![Count::Fail(Guessable::Password); 9];
    let (id, _) = scene.store.browser(&kumo(), key).unwrap().unwrap();
    scene.store.commit(&kumo(), Batch { lane: Some((id, taro, wrong, Limits::default())), ..Batch::at(NOW) }).unwrap();
    key
}

#[test]
fn unlocking_reaches_the_members_own_browsers() {
    let scene = Scene::new(Preset::Guarded);
    let key = family_tablet(&scene);
    let failures = || {
        let (rows, (_, known)) = (scene.rows("12-3").unwrap(), scene.store.browser(&kumo(), key).unwrap().unwrap());
        known.lane(rows.id, &rows.counters, scene.society.policy().lifetimes.browser, NOW).expect("still known").failures
    };
    scene.act("12-3", Wish::Unlock { password: false, account: true }).unwrap();
    assert_eq!(failures(), 9);
    scene.act("12-3", Wish::Unlock { password: true, account: false }).unwrap();
    assert_eq!(failures(), 0);
}

#[test]
fn a_browser_forgets_a_deleted_member_and_nobody_else() {
    let scene = Scene::new(Preset::Guarded);
    let (key, hanako) = (family_tablet(&scene), scene.rows("12-3-01").unwrap().id);
    let members = || {
        scene.store.browser(&kumo(), key).unwrap().map(|(_, browser)| browser.members.iter().map(|known| known.member).collect::<Vec<_>>())
    };
    scene.both("12-3", Wish::Delete);
    assert_eq!(members(), Some(vec![hanako]));
    scene.both("12-3-01", Wish::Delete);
    assert_eq!(members(), None);
}
