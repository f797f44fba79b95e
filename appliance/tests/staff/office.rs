//! An office over parts that live in memory: clock, entropy, token, store and hash that a test can look into and break.

use ring::digest::{Context, SHA256};
use ring::hmac;
use sekisho::ports::*;
use sekisho::society::{Society, Terms};
use sekisho::staff::stop::Stop;
use sekisho::staff::{Desk, Office};
use sekisho_core::account::{HashCost, OpenFacts, WrappedSeed};
use sekisho_core::id::{BlindIndex, BrowserId, BrowserKey, MemberId, Revision, SessionKey, SocietyName};
use sekisho_core::lane::Strangers;
use sekisho_core::secret::Secret;
use sekisho_core::session::Session;
use sekisho_core::shown::Face;
use sekisho_core::source::Prefix;
use sekisho_core::tenant::{Preset, TenantPolicy};
use sekisho_core::time::{TimeStep, Timestamp};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

/// 2026-11-21 16:00:00 UTC: in Japan it is the 22nd already.
pub const NOW: Timestamp = Timestamp(1_795_276_800);

pub const COST: HashCost = HashCost { memory_kib: 19_456, passes: 2, lanes: 1 };

/// Everything of one test.
pub struct Setup {
    pub office: Office,
    pub vault: Arc<FakeVault>,
    pub store: Arc<FakeStore>,
}

impl Setup {
    /// An office for the society `kumo` of profile A, whose data key exists.
    pub fn new(preset: Preset) -> Self {
        let store = Arc::new(FakeStore::default());
        let (world, vault, _) = world(store.clone());
        let societies = ["kumo", "keyless"].map(|name| Arc::new(society(name, preset))).to_vec();
        Self { office: Office::new(world, societies, 3, Arc::new(Stop::default())), vault, store }
    }

    /// As [`Setup::new`], with the society's file made.
    pub fn with_society(preset: Preset) -> Self {
        let setup = Self::new(preset);
        let desk = TestDesk::new("");
        sekisho::staff::society::add(&setup.office, setup.society(), &desk).unwrap();
        setup
    }

    pub fn society(&self) -> &Society {
        &self.office.societies[0]
    }

    pub fn world(&self) -> &World {
        &self.office.world
    }
}

/// Parts in memory around `store`.
pub fn world(store: Arc<dyn Store>) -> (World, Arc<FakeVault>, Arc<FakeClock>) {
    let keys = ["kumo", "umi"].map(str::to_owned);
    let vault = Arc::new(FakeVault { keys: BTreeSet::from(keys), ..FakeVault::default() });
    let clock = Arc::new(FakeClock::default());
    let world = World {
        clock: clock.clone(),
        entropy: Arc::new(FakeEntropy::default()),
        vault: vault.clone(),
        store,
        hasher: Arc::new(FakeHasher),
        mailer: Arc::new(NoMailer),
        alarms: Arc::default(),
    };
    (world, vault, clock)
}

/// A society of profile A.
pub fn society(name: &str, preset: Preset) -> Society {
    let text = include_str!("../../../vectors/profiles/a.toml");
    let policy = TenantPolicy { preset, ..toml::from_str(text).unwrap() };
    let face = Face {
        name_ja: "雲健康保険組合".to_owned(),
        name_en: "Kumo".to_owned(),
        phone: "03-0000-0000".to_owned(),
        hours_ja: String::new(),
        hours_en: String::new(),
        services: Vec::new(),
    };
    let terms = Terms::new("規約".to_owned(), "Terms".to_owned());
    let host = format!("{name}.example.test");
    let origin = format!("https://{host}");
    Society::new(name.to_owned().try_into().unwrap(), host, origin, policy, face, terms, "login@example.test".to_owned())
}

/// A desk with files, that remembers what was said and handed over. The second pass can be given another file.
#[derive(Debug)]
pub struct TestDesk {
    files: Vec<Vec<u8>>,
    second: Option<Vec<u8>>,
    passes: Cell<u32>,
    said: RefCell<Vec<String>>,
    paper: RefCell<Vec<u8>>,
    uid: u32,
    agrees: bool,
}

impl TestDesk {
    pub fn new(file: impl AsRef<[u8]>) -> Self {
        Self::of(OPERATOR, &[file.as_ref()])
    }

    /// Another operator's, with these files.
    pub fn of(uid: u32, files: &[&[u8]]) -> Self {
        Self {
            files: files.iter().map(|file| file.to_vec()).collect(),
            second: None,
            passes: Cell::new(0),
            said: RefCell::default(),
            paper: RefCell::default(),
            uid,
            agrees: true,
        }
    }

    pub fn changing_to(self, second: &str) -> Self {
        Self { second: Some(second.as_bytes().to_vec()), ..self }
    }

    pub fn disagreeing(self) -> Self {
        Self { agrees: false, ..self }
    }

    pub fn said(&self) -> String {
        self.said.borrow().join("\n")
    }

    /// The file for the printer.
    pub fn paper(&self) -> String {
        String::from_utf8(self.paper.borrow().clone()).unwrap()
    }
}

/// Who sits at a desk unless said otherwise.
pub const OPERATOR: u32 = 1042;

impl Desk for TestDesk {
    fn uid(&self) -> u32 {
        self.uid
    }

    fn line(&self, text: &str) -> io::Result<()> {
        self.said.borrow_mut().push(text.to_owned());
        Ok(())
    }

    fn file(&self, which: usize) -> io::Result<Box<dyn Read + '_>> {
        self.passes.set(self.passes.get() + 1);
        let file = self.second.as_ref().filter(|_| self.passes.get() > 1).unwrap_or(&self.files[which]);
        Ok(Box::new(file.as_slice()))
    }

    fn agrees(&self) -> io::Result<bool> {
        Ok(self.agrees)
    }

    fn hand_over(&self, file: &[u8]) -> io::Result<()> {
        self.paper.borrow_mut().extend_from_slice(file);
        Ok(())
    }
}

/// Stands still until it is moved.
#[derive(Default)]
pub struct FakeClock {
    passed: AtomicU64,
    /// By how much somebody has set it ahead.
    ahead: AtomicU64,
}

impl FakeClock {
    pub fn pass(&self, seconds: u64) {
        self.passed.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Somebody sets it: no time passes.
    pub fn jump(&self, seconds: u64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp(NOW.0 + self.passed.load(Ordering::SeqCst) + self.ahead.load(Ordering::SeqCst))
    }

    fn passed(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.passed.load(Ordering::SeqCst))
    }
}

#[derive(Default)]
struct FakeEntropy(AtomicU64);

impl Entropy for FakeEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        for chunk in bytes.chunks_mut(32) {
            let mut context = Context::new(&SHA256);
            context.update(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            chunk.copy_from_slice(&context.finish().as_ref()[..chunk.len()]);
        }
        Ok(())
    }
}

struct NoMailer;

impl Mailer for NoMailer {
    fn send(&self, _: &Outgoing) -> Result<(), MailError> {
        Ok(())
    }
}

struct FakeHasher;

impl Hasher for FakeHasher {
    fn cost(&self) -> HashCost {
        COST
    }

    fn hash(&self, _: Claim<'_>, password: &[u8], salt: &[u8; 16], cost: HashCost) -> Result<Secret<[u8; 32]>, Fault> {
        let mut context = Context::new(&SHA256);
        for part in [password, salt, &cost.memory_kib.to_be_bytes()] {
            context.update(part);
        }
        Ok(Secret::new(context.finish().as_ref().try_into().unwrap()))
    }
}

/// A token that marks what it seals with its binding, and checks the mark.
#[derive(Default)]
pub struct FakeVault {
    pub keys: BTreeSet<String>,
    /// So many calls are told "too busy" before one is answered.
    pub busy: AtomicU64,
}

impl FakeVault {
    pub fn mac(input: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"pepper 7");
        hmac::sign(&key, input).as_ref().try_into().unwrap()
    }

    fn not_busy(&self) -> Result<(), Fault> {
        let busy = self.busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if busy.is_ok() { Err(Fault::Busy("the token's queue is full")) } else { Ok(()) }
    }
}

impl Vault for FakeVault {
    fn seal(&self, binding: &Binding, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        self.not_busy()?;
        if !self.keys.contains(binding.society.as_str()) {
            return Err(Fault::Hsm(format!("no data key; run `sekisho keys add-society {}`", binding.society)));
        }
        Ok([Self::mac(&binding.encode(1, 1)).as_slice(), plain].concat())
    }

    fn open(&self, binding: &Binding, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let (mark, plain) = sealed.split_at(32);
        match mark == Self::mac(&binding.encode(1, 1)) {
            true => Ok(Zeroizing::new(plain.to_vec())),
            false => Err(Fault::Damaged(binding.record.to_owned())),
        }
    }

    fn pepper(&self, input: &[u8]) -> Result<(u32, [u8; 32]), Fault> {
        self.not_busy()?;
        Ok((7, Self::mac(input)))
    }

    fn pepper_matches(&self, checks: [PepperCheck; 2]) -> Result<[bool; 2], Fault> {
        Ok(checks.map(|check| check.pepper == 7 && Self::mac(check.input) == *check.mac))
    }

    fn wrap_seed(&self, _: &Secret<[u8; 20]>, _: &[TimeStep]) -> Result<(WrappedSeed, Vec<u32>), Fault> {
        Err(Fault::Busy("not for staff"))
    }

    fn totp(&self, _: &WrappedSeed, _: &[TimeStep]) -> Result<Vec<u32>, Fault> {
        Err(Fault::Busy("not for staff"))
    }

    fn ready(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn calls(&self) -> u64 {
        13
    }
}

/// What one society's file holds.
#[derive(Default)]
pub struct Rows {
    pub roots: Option<SocietyRoots>,
    /// Members by id, with the indexes they are found by and the import they came in.
    pub members: BTreeMap<MemberId, Kept>,
    pub audit: Vec<AuditRow>,
    /// How often members were written.
    pub imports: u32,
    /// The import call that fails, if any; the first is 1.
    pub fails_at: Option<u32>,
}

pub struct Kept {
    pub rows: MemberRows,
    pub strangers: Strangers,
    pub user_id: BlindIndex,
    pub card: BlindIndex,
    pub import: Option<u64>,
}

#[derive(Default)]
pub struct FakeStore(pub Mutex<BTreeMap<SocietyName, Rows>>);

impl FakeStore {
    /// Looks into `kumo`'s file.
    pub fn kumo<T>(&self, look: impl FnOnce(&mut Rows) -> T) -> T {
        look(self.0.lock().unwrap().entry("kumo".to_owned().try_into().unwrap()).or_default())
    }

    fn of<T>(&self, society: &SocietyName, look: impl FnOnce(&mut Rows) -> T) -> T {
        look(self.0.lock().unwrap().entry(society.clone()).or_default())
    }

    fn find(&self, society: &SocietyName, is: impl Fn(&Kept) -> bool) -> Option<MemberRows> {
        self.of(society, |rows| rows.members.values().find(|kept| kept.import.is_none() && is(kept)).map(|kept| kept.rows.clone()))
    }
}

impl Store for FakeStore {
    fn create(&self, society: &SocietyName, roots: &SocietyRoots) -> Result<(), Fault> {
        self.of(society, |rows| rows.roots = Some(roots.clone()));
        Ok(())
    }

    fn roots(&self, society: &SocietyName) -> Result<Option<SocietyRoots>, Fault> {
        Ok(self.of(society, |rows| rows.roots.clone()))
    }

    fn load(&self, society: &SocietyName, key: Key) -> Result<Found, Fault> {
        let member = self.find(society, |kept| match key {
            Key::UserId(index) => kept.user_id == index,
            Key::Member(id) => kept.rows.id == id,
            Key::Session(_) | Key::Reminder(_) => false,
        });
        Ok(Found { member, ..Found::default() })
    }

    fn commit(&self, society: &SocietyName, batch: Batch) -> Result<(), CommitError> {
        self.of(society, |rows| {
            if let Some(Counted { key: CounterKey::Member(id), counts, limits, .. }) = batch.counts {
                let counters = &mut rows.members.get_mut(&id).unwrap().rows.counters;
                *counters = counters.after(&counts, &limits, batch.now);
            }
            if let Some(write) = batch.member {
                let kept = &mut rows.members.get_mut(&write.id).unwrap().rows;
                kept.revision = write.from.next();
                kept.credentials = write.credentials.unwrap_or(kept.credentials.clone());
            }
            rows.audit.extend(batch.audit);
        });
        Ok(())
    }

    /// Keeps records and audit alone: what else staff write is tried on the real store.
    fn act(&self, society: &SocietyName, act: StaffBatch) -> Result<(), CommitError> {
        self.commit(society, act.batch)
    }

    fn requests(&self, _: &SocietyName) -> Result<Vec<RequestRow>, Fault> {
        Ok(Vec::new())
    }

    fn terms(&self, _: &SocietyName) -> Result<Vec<PublishedTerms>, Fault> {
        Ok(Vec::new())
    }

    fn browser(&self, _: &SocietyName, _: BrowserKey) -> Result<Option<(BrowserId, KnownBrowser)>, Fault> {
        Ok(None)
    }

    fn sessions(&self, _: &SocietyName, _: MemberId) -> Result<Vec<(SessionKey, Session)>, Fault> {
        Ok(Vec::new())
    }

    fn due_letters(&self, _: &SocietyName, _: Timestamp, _: usize) -> Result<Vec<OutboxRow>, Fault> {
        Ok(Vec::new())
    }

    fn delayed_letter(&self, _: &SocietyName, _: MemberId) -> Result<Option<OutboxRow>, Fault> {
        Ok(None)
    }

    fn put_letter(&self, _: &SocietyName, _: u64, _: Option<OutboxRow>) -> Result<(), Fault> {
        Ok(())
    }

    /// In the first minutes of a lane: afterwards it has begun anew.
    fn strangers(&self, society: &SocietyName, key: CounterKey, _: Option<Prefix>) -> Result<Strangers, Fault> {
        let CounterKey::Member(id) = key else { return Ok(Strangers::default()) };
        let of = |rows: &Rows| rows.members.get(&id).filter(|kept| kept.rows.counters.lanes == 0).map(|kept| kept.strangers);
        Ok(self.of(society, |rows| of(rows)).unwrap_or_default())
    }

    fn find_card(&self, society: &SocietyName, card: BlindIndex) -> Result<Option<MemberRows>, Fault> {
        Ok(self.find(society, |kept| kept.card == card))
    }

    fn taken(&self, society: &SocietyName, unique: Unique, indexes: &[BlindIndex]) -> Result<Vec<usize>, Fault> {
        let of = |kept: &Kept| if unique == Unique::Card { kept.card } else { kept.user_id };
        let taken: BTreeSet<_> = self.of(society, |rows| rows.members.values().map(of).collect());
        Ok((0..indexes.len()).filter(|place| taken.contains(&indexes[*place])).collect())
    }

    fn import(&self, society: &SocietyName, import: u64, members: Vec<NewMember>) -> Result<(), CommitError> {
        self.of(society, |rows| {
            rows.imports += 1;
            if rows.fails_at == Some(rows.imports) {
                return Err(Fault::Store("no space left on device".to_owned()).into());
            }
            for new in members {
                let NewMember { id, user_id, card, credentials, profile } = new;
                let rows_of =
                    MemberRows { id, revision: Revision(0), open: OpenFacts::NEW, credentials, profile, counters: Default::default() };
                rows.members.insert(id, Kept { rows: rows_of, strangers: Strangers::default(), user_id, card, import: Some(import) });
            }
            Ok(())
        })
    }

    fn finish_import(&self, society: &SocietyName, import: u64, audit: AuditRow) -> Result<(), Fault> {
        self.of(society, |rows| {
            rows.members.values_mut().filter(|kept| kept.import == Some(import)).for_each(|kept| kept.import = None);
            rows.audit.push(audit);
        });
        Ok(())
    }

    fn abandon_import(&self, society: &SocietyName) -> Result<u64, Fault> {
        Ok(self.of(society, |rows| {
            let before = rows.members.len();
            rows.members.retain(|_, kept| kept.import.is_none());
            u64::try_from(before - rows.members.len()).unwrap()
        }))
    }

    fn brake(&self, _: &SocietyName) -> Result<Brake, Fault> {
        Ok(Brake::default())
    }

    fn audit_tail(&self, society: &SocietyName, limit: usize) -> Result<Vec<AuditRow>, Fault> {
        Ok(self.of(society, |rows| rows.audit[rows.audit.len().saturating_sub(limit)..].to_vec()))
    }

    fn floor(&self, _: &SocietyName) -> Result<Timestamp, Fault> {
        Ok(Timestamp(0))
    }

    fn tick(&self, _: &SocietyName, _: Timestamp, _: Timestamp, _: Timestamp) -> Result<(), Fault> {
        Ok(())
    }

    fn numbers(&self, _: &SocietyName) -> Result<StoreNumbers, Fault> {
        Ok(StoreNumbers { members: 3, commits: 5, batches: 8 })
    }
}
