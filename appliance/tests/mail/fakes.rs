//! A society, and just enough of a world for its outbox.

use sekisho::ports::*;
use sekisho::records::{seal_credentials, seal_letter, seal_profile};
use sekisho::society::{Society, SocietyKeys, Terms};
use sekisho_core::account::{Counters, Credentials, HashCost, OpenFacts, Profile, Verifier, WrappedSeed};
use sekisho_core::birth::BirthDate;
use sekisho_core::email::EmailAddress;
use sekisho_core::id::{BlindIndex, BrowserId, BrowserKey, ItemId, MemberId, Revision, SessionKey, SocietyName};
use sekisho_core::lane::Strangers;
use sekisho_core::letter::{Language, Letter, LetterKind};
use sekisho_core::secret::Secret;
use sekisho_core::session::Session;
use sekisho_core::shown::Face;
use sekisho_core::source::Prefix;
use sekisho_core::tenant::{FirstLoginItem, Method, Offer, Preset, TenantPolicy, UserIdChange};
use sekisho_core::time::{TimeStep, Timestamp};
use sekisho_core::user_id::UserId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use zeroize::Zeroizing;

/// 2026-11-21 22:00:00 in Japan, a Saturday.
pub const NOW: Timestamp = Timestamp(1_795_266_000);

const SECRET: [u8; 32] = [7; 32];

pub fn name(text: &str) -> SocietyName {
    SocietyName::try_from(text.to_owned()).unwrap()
}

pub fn face() -> Face {
    Face {
        name_ja: "見本健康保険組合".to_owned(),
        name_en: "Sample Health Society".to_owned(),
        phone: "03-0000-0000".to_owned(),
        hours_ja: "平日 9時から17時".to_owned(),
        hours_en: "weekdays 9:00 to 17:00".to_owned(),
        services: Vec::new(),
    }
}

pub fn society(short: &str) -> Arc<Society> {
    society_that_waits(short, true)
}

/// A society whose first log-in waits for the link, or goes on at once.
pub fn society_that_waits(short: &str, wait_for_email: bool) -> Arc<Society> {
    let policy = TenantPolicy {
        preset: Preset::Guarded,
        methods: vec![Offer { method: Method::Totp, recommended: true }],
        first_login: vec![FirstLoginItem::Email, FirstLoginItem::Method, FirstLoginItem::NewPassword],
        wait_for_email,
        share_email: false,
        user_id_change: UserIdChange::Never,
        terms_version: "1".to_owned(),
        user_id: Default::default(),
        password: Default::default(),
        limits: Default::default(),
        lifetimes: Default::default(),
    };
    let terms = Terms::new(String::new(), String::new());
    let host = format!("{short}.example.test");
    let origin = format!("https://{host}");
    let from = format!("noreply@{host}");
    Arc::new(Society::new(name(short), host, origin, policy, face(), terms, from))
}

/// The keys that [`FakeStore::roots`] and [`FakeVault::open`] lead to.
pub fn keys() -> SocietyKeys {
    SocietyKeys::derive(&SECRET)
}

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::typed(text).unwrap()
}

pub const ITEM: ItemId = ItemId([3; 8]);

pub const USER_ID: &str = "yamada-1980";

pub fn confirm(to: &str) -> Letter {
    letter(to, LetterKind::ConfirmEmail(ITEM))
}

pub fn letter(to: &str, kind: LetterKind) -> Letter {
    Letter { to: address(to), language: Language::Ja, kind, not_before: None }
}

/// Whom the letter `id` concerns.
pub fn member_of(id: u64) -> MemberId {
    MemberId([u8::try_from(id % 256).unwrap(); 16])
}

/// A member with nothing but a password that does not matter here.
pub fn blank() -> Credentials {
    Credentials::with(Verifier::None, None)
}

/// A world whose parts can be made to fail.
pub struct Bench {
    pub vault: Arc<FakeVault>,
    pub store: Arc<FakeStore>,
    pub mailer: Arc<FakeMailer>,
    pub world: World,
}

impl Bench {
    pub fn new() -> Self {
        let (vault, store, mailer) = (Arc::<FakeVault>::default(), Arc::<FakeStore>::default(), Arc::<FakeMailer>::default());
        let world = World {
            clock: Arc::new(StoppedClock),
            entropy: Arc::new(Nothing),
            vault: vault.clone(),
            store: store.clone(),
            hasher: Arc::new(Nothing),
            mailer: mailer.clone(),
            alarms: Arc::default(),
        };
        Self { vault, store, mailer, world }
    }

    /// Puts a letter into the outbox as a commit would. Its member is there, with nothing pending, unless the test has brought one.
    pub fn post(&self, society: &Society, id: u64, letter: &Letter) {
        if !self.store.members.lock().unwrap().contains_key(&(society.name.clone(), member_of(id))) {
            self.member(society, id, &blank(), OpenFacts::NEW);
        }
        let NewLetter { id, member, sealed, not_before } =
            seal_letter(self.world.vault.as_ref(), &society.name, member_of(id), id, letter).unwrap();
        let not_before = not_before.unwrap_or(NOW);
        let row = OutboxRow { id, member, sealed, since: NOW, failures: 0, not_before, expires: None };
        self.store.rows.lock().unwrap().insert((society.name.clone(), id), row);
    }

    /// Puts the member of letter `id` on file, in place of what was there.
    pub fn member(&self, society: &Society, id: u64, credentials: &Credentials, open: OpenFacts) {
        let (vault, name, id, revision) = (self.world.vault.as_ref(), &society.name, member_of(id), Revision(1));
        let profile = Profile {
            name: "山田 太郎".to_owned(),
            user_id: UserId::typed(USER_ID),
            birth: BirthDate::new(1980, 1, 20).unwrap(),
            symbol: "12".to_owned(),
            number: "3456".to_owned(),
            branch: "00".to_owned(),
        };
        let rows = MemberRows {
            id,
            revision,
            open,
            credentials: seal_credentials(vault, name, id, revision, credentials).unwrap(),
            profile: seal_profile(vault, name, id, revision, &profile).unwrap(),
            counters: Counters::default(),
        };
        self.store.members.lock().unwrap().insert((name.clone(), id), rows);
    }

    pub fn row(&self, society: &Society, id: u64) -> Option<OutboxRow> {
        self.store.rows.lock().unwrap().get(&(society.name.clone(), id)).cloned()
    }
}

/// A letter that was handed over, or was about to be.
#[derive(Clone)]
pub struct Sent {
    pub society: SocietyName,
    pub to: String,
    pub subject: String,
    pub body: String,
    pub message_id: String,
    pub date: Timestamp,
}

impl Sent {
    /// The one link, up to its token.
    pub fn place(&self) -> String {
        self.link().0.to_owned()
    }

    pub fn token(&self) -> Vec<u8> {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(self.link().1).unwrap()
    }

    fn link(&self) -> (&str, &str) {
        let mut links = self.body.lines().filter(|line| line.starts_with("https://"));
        let link = links.next().expect("a link");
        assert_eq!(links.next(), None, "and no other");
        link.split_once("?t=").unwrap()
    }
}

/// Runs when a letter is handed over.
type Watch = Arc<dyn Fn(&Sent) + Send + Sync>;

/// Only a test that fails waits as long as this.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Where letters wait until `seats` of them have come.
pub struct Meeting {
    seats: usize,
    come: Mutex<usize>,
    full: Condvar,
}

impl Meeting {
    pub fn of(seats: usize) -> Arc<Self> {
        Arc::new(Self { seats, come: Mutex::new(0), full: Condvar::new() })
    }

    fn wait(&self) {
        let mut come = self.come.lock().unwrap();
        *come += 1;
        self.full.notify_all();
        let (come, _) = self.full.wait_timeout_while(come, PATIENCE, |come| *come < self.seats).unwrap();
        assert!(*come >= self.seats, "{} letters came, and {} were waited for", *come, self.seats);
    }
}

/// Answers from a list; then takes everything.
#[derive(Default)]
pub struct FakeMailer {
    pub tries: Mutex<Vec<Sent>>,
    pub answers: Mutex<VecDeque<MailError>>,
    pub watch: Mutex<Option<Watch>>,
    /// Waits until so many letters are under way at once.
    pub meeting: Mutex<Option<Arc<Meeting>>>,
}

impl FakeMailer {
    pub fn later(&self, times: usize) {
        self.answers.lock().unwrap().extend((0..times).map(|_| MailError::Later("down".to_owned())));
    }
}

impl Mailer for FakeMailer {
    fn send(&self, letter: &Outgoing) -> Result<(), MailError> {
        let sent = Sent {
            society: letter.society.name.clone(),
            to: letter.to.text(),
            subject: letter.subject.clone(),
            body: letter.body.expose().clone(),
            message_id: letter.message_id.clone(),
            date: letter.date,
        };
        // Out of their locks: one that waits or panics stops nobody else.
        let (meeting, watch) = (self.meeting.lock().unwrap().clone(), self.watch.lock().unwrap().clone());
        meeting.inspect(|meeting| meeting.wait());
        watch.inspect(|watch| watch(&sent));
        self.tries.lock().unwrap().push(sent);
        self.answers.lock().unwrap().pop_front().map_or(Ok(()), Err)
    }
}

/// "Seals" by writing the binding in front.
#[derive(Default)]
pub struct FakeVault {
    pub sick: AtomicBool,
    /// Sick at records of this kind only.
    pub sick_at: Mutex<Option<&'static str>>,
}

impl Vault for FakeVault {
    fn seal(&self, binding: &Binding, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok([&binding.encode(1, 1), plain].concat())
    }

    fn open(&self, binding: &Binding, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        if self.sick.load(Ordering::SeqCst) || *self.sick_at.lock().unwrap() == Some(binding.record) {
            return Err(Fault::Hsm("sick".to_owned()));
        }
        let plain = sealed.strip_prefix(binding.encode(1, 1).as_slice());
        plain.map(|plain| Zeroizing::new(plain.to_vec())).ok_or_else(|| Fault::Damaged("does not open".to_owned()))
    }

    fn pepper(&self, _: &[u8]) -> Result<(u32, [u8; 32]), Fault> {
        unused()
    }
    fn pepper_matches(&self, _: [PepperCheck; 2]) -> Result<[bool; 2], Fault> {
        unused()
    }
    fn wrap_seed(&self, _: &Secret<[u8; 20]>, _: &[TimeStep]) -> Result<(WrappedSeed, Vec<u32>), Fault> {
        unused()
    }
    fn totp(&self, _: &WrappedSeed, _: &[TimeStep]) -> Result<Vec<u32>, Fault> {
        unused()
    }
    fn ready(&self) -> Result<(), Fault> {
        unused()
    }
    fn calls(&self) -> u64 {
        0
    }
}

/// An outbox in memory.
#[derive(Default)]
pub struct FakeStore {
    pub rows: Mutex<BTreeMap<(SocietyName, u64), OutboxRow>>,
    pub members: Mutex<BTreeMap<(SocietyName, MemberId), MemberRows>>,
    /// Durable writes so far, by letter.
    pub writes: Mutex<Vec<u64>>,
    pub full: AtomicBool,
    pub unreadable: AtomicBool,
    pub floor: Mutex<Option<Timestamp>>,
}

impl FakeStore {
    /// How often the row of this letter was written or removed.
    pub fn writes_of(&self, id: u64) -> usize {
        self.writes.lock().unwrap().iter().filter(|written| **written == id).count()
    }
}

impl Store for FakeStore {
    fn roots(&self, society: &SocietyName) -> Result<Option<SocietyRoots>, Fault> {
        let binding = Binding { society, member: None, record: "secret", revision: Revision(0) };
        let secret = [binding.encode(1, 1).as_slice(), &SECRET].concat();
        Ok(Some(SocietyRoots { secret, decoy: SealedRecord { revision: Revision(0), sealed: Vec::new() } }))
    }

    fn due_letters(&self, society: &SocietyName, now: Timestamp, limit: usize) -> Result<Vec<OutboxRow>, Fault> {
        let rows = self.rows.lock().unwrap();
        let of = rows.iter().filter(|((name, _), row)| name == society && row.not_before <= now);
        Ok(of.take(limit).map(|(_, row)| row.clone()).collect())
    }

    fn put_letter(&self, society: &SocietyName, id: u64, row: Option<OutboxRow>) -> Result<(), Fault> {
        if self.full.load(Ordering::SeqCst) {
            return Err(Fault::Store("disk full".to_owned()));
        }
        self.writes.lock().unwrap().push(id);
        let mut rows = self.rows.lock().unwrap();
        match row {
            Some(row) => rows.insert((society.clone(), id), row),
            None => rows.remove(&(society.clone(), id)),
        };
        Ok(())
    }

    fn floor(&self, _: &SocietyName) -> Result<Timestamp, Fault> {
        Ok(self.floor.lock().unwrap().unwrap_or(Timestamp(0)))
    }

    fn create(&self, _: &SocietyName, _: &SocietyRoots) -> Result<(), Fault> {
        unused()
    }
    fn load(&self, society: &SocietyName, key: Key) -> Result<Found, Fault> {
        let Key::Member(id) = key else { return unused() };
        if self.unreadable.load(Ordering::SeqCst) {
            return Err(Fault::Store("not readable".to_owned()));
        }
        let member = self.members.lock().unwrap().get(&(society.clone(), id)).cloned();
        Ok(Found { member, ..Found::default() })
    }
    fn commit(&self, _: &SocietyName, _: Batch) -> Result<(), CommitError> {
        Ok(unused()?)
    }
    fn browser(&self, _: &SocietyName, _: BrowserKey) -> Result<Option<(BrowserId, KnownBrowser)>, Fault> {
        unused()
    }
    fn sessions(&self, _: &SocietyName, _: MemberId) -> Result<Vec<(SessionKey, Session)>, Fault> {
        unused()
    }
    fn delayed_letter(&self, _: &SocietyName, _: MemberId) -> Result<Option<OutboxRow>, Fault> {
        unused()
    }
    fn strangers(&self, _: &SocietyName, _: CounterKey, _: Option<Prefix>) -> Result<Strangers, Fault> {
        unused()
    }
    fn find_card(&self, _: &SocietyName, _: BlindIndex) -> Result<Option<MemberRows>, Fault> {
        unused()
    }
    fn taken(&self, _: &SocietyName, _: Unique, _: &[BlindIndex]) -> Result<Vec<usize>, Fault> {
        unused()
    }
    fn import(&self, _: &SocietyName, _: u64, _: Vec<NewMember>) -> Result<(), CommitError> {
        Ok(unused()?)
    }
    fn finish_import(&self, _: &SocietyName, _: u64, _: AuditRow) -> Result<(), Fault> {
        unused()
    }
    fn abandon_import(&self, _: &SocietyName) -> Result<u64, Fault> {
        unused()
    }
    fn act(&self, _: &SocietyName, _: StaffBatch) -> Result<(), CommitError> {
        Ok(unused()?)
    }
    fn requests(&self, _: &SocietyName) -> Result<Vec<RequestRow>, Fault> {
        unused()
    }
    fn terms(&self, _: &SocietyName) -> Result<Vec<PublishedTerms>, Fault> {
        Ok(Vec::new())
    }
    fn brake(&self, _: &SocietyName) -> Result<Brake, Fault> {
        Ok(Brake::default())
    }

    fn audit_tail(&self, _: &SocietyName, _: usize) -> Result<Vec<AuditRow>, Fault> {
        unused()
    }
    fn tick(&self, _: &SocietyName, _: Timestamp, _: Timestamp, _: Timestamp) -> Result<(), Fault> {
        unused()
    }
    fn numbers(&self, _: &SocietyName) -> Result<StoreNumbers, Fault> {
        unused()
    }
}

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        NOW
    }

    fn passed(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }
}

struct Nothing;

impl Entropy for Nothing {
    fn fill(&self, _: &mut [u8]) -> Result<(), Fault> {
        unused()
    }
}

impl Hasher for Nothing {
    fn cost(&self) -> HashCost {
        unreachable!("letters are not hashed")
    }
    fn hash(&self, _: Claim<'_>, _: &[u8], _: &[u8; 16], _: HashCost) -> Result<Secret<[u8; 32]>, Fault> {
        unused()
    }
}

fn unused<T>() -> Result<T, Fault> {
    Err(Fault::Busy("no part of this test"))
}
