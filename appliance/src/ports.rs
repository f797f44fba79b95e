//! What the service needs from outside, as small traits. A test or a simulation swaps one field of [`World`].
//!
//! All of them block: the service is ordinary code, and only `http` is async.

use crate::alarms::Alarms;
use crate::society::Society;
use core::time::Duration;
use sekisho_core::account::{Counters, HashCost, OpenFacts, WrappedSeed};
use sekisho_core::alarm::Alarm;
use sekisho_core::clock::Reading;
use sekisho_core::decide::Count;
use sekisho_core::guard::{Budget, Counter};
use sekisho_core::id::{BlindIndex, BrowserId, BrowserKey, MemberId, Revision, SessionKey, SocietyName};
use sekisho_core::lane::Strangers;
use sekisho_core::letter::Language;
use sekisho_core::secret::Secret;
use sekisho_core::session::Session;
use sekisho_core::source::Prefix;
use sekisho_core::tenant::Limits;
use sekisho_core::time::{TimeStep, Timestamp};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The outside, chosen once at start.
#[derive(Clone)]
pub struct World {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// Keys that never leave their token.
    pub vault: Arc<dyn Vault>,
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// The expensive hash.
    pub hasher: Arc<dyn Hasher>,
    /// The way to the post.
    pub mailer: Arc<dyn Mailer>,
    /// What operators are told of at once.
    pub alarms: Arc<Alarms>,
}

impl World {
    /// Now, never earlier than it has been: for expiry, waits and locks (design law 8).
    pub fn now(&self, society: &SocietyName) -> Result<Timestamp, Fault> {
        Ok(self.clock.now().max(self.store.floor(society)?))
    }

    /// Tells operators.
    pub fn alarm(&self, alarm: Alarm, society: &SocietyName) {
        self.alarms.raise(alarm, Some(society), self.clock.passed());
    }
}

/// A part of the appliance that does not do its work. Never a wrong credential (design law 5): nothing is judged or counted.
/// The text is for operators.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The token, or the way to it.
    #[error("HSM: {0}")]
    Hsm(String),
    /// The database file, or the disk under it.
    #[error("store: {0}")]
    Store(String),
    /// One sealed record does not open although its key is well: this member only.
    #[error("a sealed record is damaged: {0}")]
    Damaged(String),
    /// More work than fits; nothing was begun.
    #[error("too busy: {0}")]
    Busy(&'static str),
}

/// What time it is.
pub trait Clock: Send + Sync {
    /// The host's clock.
    fn now(&self) -> Timestamp;

    /// Time that has passed since some instant, whatever the host's clock was set to.
    fn passed(&self) -> Duration;
}

impl dyn Clock + '_ {
    /// Both.
    pub fn read(&self) -> Reading {
        Reading { clock: self.now(), passed: self.passed() }
    }
}

/// Random bytes fit for keys, tokens and salts.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`. Fails closed.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault>;
}

impl dyn Entropy + '_ {
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}

/// For whom a hash is made: whose turn it is depends on that (G-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim<'a> {
    /// The society. No society's flood takes the turn of another's members.
    pub society: &'a SocietyName,
    /// Whether somebody is there who has proved something before: a browser that is known for the member, or a session. Strangers wait
    /// behind them, and not for ever.
    pub known: bool,
}

/// argon2id on a bounded pool.
pub trait Hasher: Send + Sync {
    /// The cost of new hashes.
    fn cost(&self) -> HashCost;

    /// argon2id, version 0x13, 32 bytes out (RFC 9106). [`Fault::Busy`] at once when the queue has no place for `claim`, or as
    /// soon as another one has taken it.
    fn hash(&self, claim: Claim<'_>, password: &[u8], salt: &[u8; 16], cost: HashCost) -> Result<Secret<[u8; 32]>, Fault>;
}

/// What a sealed record is bound to: it opens nowhere else (K-08).
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// Whose data key.
    pub society: &'a SocietyName,
    /// Which member; `None` for what is the society's own.
    pub member: Option<MemberId>,
    /// Which kind of record: `credentials`, `profile`, `seed`, `letter`, `request`, `secret`, `canary`.
    pub record: &'static str,
    /// Which revision of it.
    pub revision: Revision,
}

impl Binding<'_> {
    /// The associated data: every part preceded by its length, so that no two bindings share their bytes.
    pub fn encode(&self, format: u8, key_generation: u32) -> Vec<u8> {
        let mut out = vec![format];
        let member = self.member.map_or(&[][..], |_| &[1]);
        let id = self.member.map_or([0; 16], |member| member.0);
        let key = key_generation.to_be_bytes();
        let revision = self.revision.0.to_be_bytes();
        for part in [&key[..], self.society.as_str().as_bytes(), member, &id, self.record.as_bytes(), &revision] {
            out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            out.extend_from_slice(part);
        }
        out
    }
}

/// One comparison in the token: is `mac` the HMAC of `input` under pepper `pepper`?
pub struct PepperCheck<'a> {
    /// Which pepper.
    pub pepper: u32,
    /// What was hashed.
    pub input: &'a [u8],
    /// What is on file.
    pub mac: &'a [u8; 32],
}

/// Keys that never leave their token. Every call is one job on one PKCS#11 session.
pub trait Vault: Send + Sync {
    /// AES-256-GCM under the society's newest data key. The result carries format, key generation and IV.
    fn seal(&self, binding: &Binding, plain: &[u8]) -> Result<Vec<u8>, Fault>;

    /// Opens what [`Vault::seal`] made with the same binding. [`Fault::Damaged`] when the society's canary opens and this does not.
    fn open(&self, binding: &Binding, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault>;

    /// HMAC-SHA-256 under the newest pepper, and which one that is.
    fn pepper(&self, input: &[u8]) -> Result<(u32, [u8; 32]), Fault>;

    /// Both comparisons, always both, in one job.
    fn pepper_matches(&self, checks: [PepperCheck; 2]) -> Result<[bool; 2], Fault>;

    /// Imports `seed` (20 bytes) as a session object, wraps it under the newest key-encryption key, and computes the codes of
    /// `steps` from the wrapped form, so that what is kept is what was tried.
    fn wrap_seed(&self, seed: &Secret<[u8; 20]>, steps: &[TimeStep]) -> Result<(WrappedSeed, Vec<u32>), Fault>;

    /// HMAC-SHA-1 of each step under the unwrapped seed, truncated to 31 bits (RFC 4226 §5.3). Always all of them, in their order.
    fn totp(&self, seed: &WrappedSeed, steps: &[TimeStep]) -> Result<Vec<u32>, Fault>;

    /// Whether the token answers: a canary is opened.
    fn ready(&self) -> Result<(), Fault>;

    /// How many PKCS#11 calls have been made, for the bench.
    fn calls(&self) -> u64;
}

/// A sealed record and the revision it is bound to.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SealedRecord {
    /// Part of its binding.
    pub revision: Revision,
    /// What the vault made.
    pub sealed: Vec<u8>,
}

/// A member's rows.
#[derive(Clone)]
pub struct MemberRows {
    /// Who.
    pub id: MemberId,
    /// Moves with every change of the three below.
    pub revision: Revision,
    /// What stands open.
    pub open: OpenFacts,
    /// Sealed [`sekisho_core::account::Credentials`].
    pub credentials: SealedRecord,
    /// Sealed [`sekisho_core::account::Profile`].
    pub profile: SealedRecord,
    /// Failures so far.
    pub counters: Counters,
}

/// How a request finds its member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// By what was typed.
    UserId(BlindIndex),
    /// By the session cookie.
    Session(SessionKey),
    /// By a link.
    Member(MemberId),
    /// By proven address and birth date.
    Reminder(BlindIndex),
}

/// What one read transaction found. Known and unknown IDs cost the same reads.
#[derive(Default)]
pub struct Found {
    /// The member, if there is one and its import is finished.
    pub member: Option<MemberRows>,
    /// The session, for [`Key::Session`].
    pub session: Option<Session>,
    /// For [`Key::UserId`] and [`Key::Reminder`]: what was asked for IDs that are nobody's and share the slot of this one.
    pub asked: Counters,
    /// The society's spray brake.
    pub brake: Brake,
}

/// A society's spray brake: what was counted on it, and the mornings of letters that raise its budget.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Brake {
    /// Wrong first passwords.
    pub budget: Budget,
    /// Announced by staff.
    pub letters: Vec<Letters>,
}

/// Letters with first passwords that reach their members in these days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Letters {
    /// From this instant.
    pub from: Timestamp,
    /// Until this one.
    pub until: Timestamp,
    /// How many.
    pub members: u32,
}

impl Brake {
    /// For how many members letters are announced at `now`.
    pub fn announced(&self, now: Timestamp) -> u32 {
        let live = self.letters.iter().filter(|letters| letters.from <= now && now < letters.until);
        live.fold(0, |sum, letters| sum.saturating_add(letters.members))
    }

    /// With another announcement, and without those that are over at `now`.
    #[must_use]
    pub fn announcing(mut self, new: Letters, now: Timestamp) -> Self {
        self.letters.retain(|letters| now < letters.until);
        self.letters.push(new);
        self
    }
}

/// Whose counters a try moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterKey {
    /// A member's.
    Member(MemberId),
    /// Of an ID that is nobody's. Wrong passwords stand in the strangers' lane as everybody's do; what was asked for it in one of a fixed
    /// number of slots, so that nothing grows without end.
    Nobody(BlindIndex),
}

/// A browser that members have logged in with, known by its cookie. Its members' wrong passwords are counted here and not with those of
/// all unknown browsers: who floods the one lane does not close the other (G-02).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KnownBrowser {
    /// Who has logged in with it, last used first; at most [`MEMBERS_PER_BROWSER`].
    pub members: Vec<KnownMember>,
    /// What its cookie is at present, and the one before, which serves until this one has been used: an answer that is lost must not
    /// make a stranger of it. However often an old one is shown, there are no more than two, and one row of counters for both.
    pub keys: Vec<BrowserKey>,
}

/// A member of a [`KnownBrowser`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KnownMember {
    /// Who.
    pub member: MemberId,
    /// Wrong passwords, from this browser, since the member's lanes last began anew.
    pub password: Counter,
    /// [`Counters::lanes`] when the first of them was counted.
    pub lanes: u32,
    /// When the member last logged in with it.
    pub last: Timestamp,
}

/// Members that share one browser: a family's tablet.
pub const MEMBERS_PER_BROWSER: usize = 8;

impl KnownBrowser {
    /// The wrong passwords of the member whose counters these are, if the browser is known for them: the last log-in with it is not older
    /// than `lifetime`, nor from before the member's browsers were forgotten.
    pub fn lane(&self, id: MemberId, counters: &Counters, lifetime: Duration, now: Timestamp) -> Option<Counter> {
        let known = self.members.iter().find(|known| known.member == id)?;
        let lives = now < known.last.after(lifetime) && known.last.0 >= counters.known_from;
        lives.then(|| known.failures(counters))
    }

    /// With `member` in the first place, having just logged in.
    #[must_use]
    pub fn after_log_in(&self, member: MemberId, lanes: u32, now: Timestamp) -> Self {
        let mut members = vec![KnownMember { member, password: Counter::default(), lanes, last: now }];
        members.extend(self.members.iter().filter(|known| known.member != member));
        members.truncate(MEMBERS_PER_BROWSER);
        Self { members, keys: Vec::new() }
    }
}

impl KnownMember {
    /// What counts of its failures: none that stood here before the member's lanes began anew.
    pub fn failures(&self, counters: &Counters) -> Counter {
        if self.lanes == counters.lanes { self.password } else { Counter::default() }
    }
}

/// A browser's place in a batch: its id changes at each full log-in.
pub struct Remembered {
    /// The cookie it came with, if that is known.
    pub from: Option<BrowserKey>,
    /// Its cookie from now on.
    pub to: BrowserKey,
    /// Who has logged in.
    pub member: MemberId,
}

/// How many slots there are. Rows are made when they are first needed, 50 MB at most.
pub const SLOTS: u32 = 1 << 20;

/// The slot of an ID that is nobody's.
pub fn slot_of(index: BlindIndex) -> u32 {
    let [a, b, c, d, ..] = index.0;
    u32::from_be_bytes([a, b, c, d]) % SLOTS
}

/// Everything one decision writes, in one durable transaction.
pub struct Batch {
    /// When, for counters and audit.
    pub now: Timestamp,
    /// Changes of a member's records, made from a certain revision.
    pub member: Option<MemberWrite>,
    /// Counters as increments.
    pub counts: Option<Counted>,
    /// Wrong passwords, and the right one, in the lane of a known browser: there, and not in `counts`.
    pub lane: Option<(BrowserId, MemberId, Vec<Count>, Limits)>,
    /// A stranger's wrong password, and whether it counts on the spray brake; the row is written in either case.
    pub sprayed: Option<bool>,
    /// The browser is known for a member from here on.
    pub remember: Option<Remembered>,
    /// The session that is replaced or ended; it has to stand at this revision, or the commit conflicts.
    pub session_from: Option<(SessionKey, Revision)>,
    /// The session as it will stand. Under the key of `session_from`, or a new one (the old row is then removed).
    pub session_to: Option<(SessionKey, Session)>,
    /// Every session of this member but `session_to`'s ends.
    pub end_others: Option<MemberId>,
    /// Letters to send.
    pub outbox: Vec<NewLetter>,
    /// Events to write down.
    pub audit: Vec<AuditRow>,
}

impl Batch {
    /// One that writes nothing yet.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            member: None,
            counts: None,
            lane: None,
            sprayed: None,
            remember: None,
            session_from: None,
            session_to: None,
            end_others: None,
            outbox: Vec::new(),
            audit: Vec::new(),
        }
    }
}

/// What happens to somebody's counters.
pub struct Counted {
    /// Whose they are.
    pub key: CounterKey,
    /// What happens, in order.
    pub counts: Vec<Count>,
    /// Say what time forgives.
    pub limits: Limits,
    /// Where a stranger's wrong password came from.
    pub from: Option<Prefix>,
}

/// Changes of a member's records.
pub struct MemberWrite {
    /// Who.
    pub id: MemberId,
    /// The revision the change was made from; another one is a conflict. The new one is `from.next()`.
    pub from: Revision,
    /// New credentials, sealed under the new revision.
    pub credentials: Option<SealedRecord>,
    /// New profile, sealed under the new revision.
    pub profile: Option<SealedRecord>,
    /// New open facts.
    pub open: Option<OpenFacts>,
    /// The user ID's index moves: from, to.
    pub user_id: Option<(BlindIndex, BlindIndex)>,
    /// An address becomes the member's alone; the index of an older one, if any, is given up.
    pub email: Option<(Option<BlindIndex>, BlindIndex)>,
    /// Proven address and birth date: from, to. The last member to prove the pair has it.
    pub reminder: Option<(Option<BlindIndex>, BlindIndex)>,
    /// Credential ids that become the member's.
    pub passkeys_claimed: Vec<BlindIndex>,
    /// Credential ids that are given up.
    pub passkeys_released: Vec<BlindIndex>,
}

/// A letter as it enters the outbox.
pub struct NewLetter {
    /// Random; part of the seal's binding as revision.
    pub id: u64,
    /// Whom it concerns.
    pub member: MemberId,
    /// Sealed [`sekisho_core::letter::Letter`].
    pub sealed: Vec<u8>,
    /// Not before this instant; `None`: at once.
    pub not_before: Option<Timestamp>,
}

/// A letter in the outbox.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct OutboxRow {
    /// See [`NewLetter::id`].
    pub id: u64,
    /// Whom it concerns.
    pub member: MemberId,
    /// Sealed letter.
    pub sealed: Vec<u8>,
    /// When it was caused.
    pub since: Timestamp,
    /// How often sending failed.
    pub failures: u32,
    /// Not before this instant.
    pub not_before: Timestamp,
    /// End of the link in it, committed before the link is derived and sent (design law 7).
    pub expires: Option<Timestamp>,
}

/// One line of the audit log. No personal data: the member stands under a random id.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AuditRow {
    /// When.
    pub at: Timestamp,
    /// Whom it concerns; `None` for an ID that is nobody's.
    pub member: Option<MemberId>,
    /// Permanent id of the event.
    pub event: String,
    /// Permanent id of the refusal, if it is one.
    pub refusal: Option<String>,
    /// What a log-in is worth (`acr`), the concession that it rests on, or what staff asked for.
    pub note: Option<String>,
    /// Which of the staff, by number of the Unix user; `None` for what members do.
    pub staff: Option<u32>,
}

/// Why a commit was not made. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Something it was made from has moved on: load and plan again.
    #[error("the record has moved on")]
    Conflict,
    /// A unique index holds the value for another member.
    #[error("taken: {0:?}")]
    Taken(Unique),
    /// The store does not work.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A unique index of a society.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unique {
    /// User IDs.
    UserId,
    /// Proven addresses.
    Email,
    /// Card keys: symbol, number, branch.
    Card,
    /// Passkeys, by credential id.
    Passkey,
}

/// A member as the import brings it.
pub struct NewMember {
    /// Fresh.
    pub id: MemberId,
    /// Index of the user ID.
    pub user_id: BlindIndex,
    /// Index of (symbol, number, branch).
    pub card: BlindIndex,
    /// Sealed under revision 0.
    pub credentials: SealedRecord,
    /// Sealed under revision 0.
    pub profile: SealedRecord,
}

/// What finds a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// By user ID.
    UserId,
    /// By card.
    Card,
    /// By proven address.
    Email,
    /// By proven address and birth date.
    Reminder,
    /// By a passkey's credential id.
    Passkey,
}

/// What one of the staff does, in one durable transaction.
pub struct StaffBatch {
    /// What it writes as any decision does: records, counters, sessions, letters, audit.
    pub batch: Batch,
    /// Indexes that this member gives up.
    pub released: Option<(MemberId, Vec<(Index, BlindIndex)>)>,
    /// Every row of this member goes, but for the letters of this very batch. Another revision is a conflict.
    pub deleted: Option<(MemberId, Revision)>,
    /// A request that waits for a second person from now on.
    pub asked: Option<RequestRow>,
    /// The request that is carried out. One that is there no more is a conflict: nothing is done twice.
    pub carried_out: Option<u64>,
    /// Terms that are in force from now on. A version that is there already is a conflict.
    pub terms: Option<PublishedTerms>,
    /// A morning of letters from now on. Announcements that are over at the batch's instant go.
    pub letters: Option<Letters>,
}

impl StaffBatch {
    /// One that writes no more than any decision does.
    pub fn of(batch: Batch) -> Self {
        Self { batch, released: None, deleted: None, asked: None, carried_out: None, terms: None, letters: None }
    }
}

/// Something that one of the staff has asked for and another has to approve.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct RequestRow {
    /// How people name it: six digits. Part of the seal's binding as revision.
    pub id: u64,
    /// Whom it concerns. The request goes with the member.
    pub member: MemberId,
    /// Not approved from here on. What is over goes with the next request.
    pub expires: Timestamp,
    /// Sealed under binding record `request`: who asked, when, and for what.
    pub sealed: Vec<u8>,
}

/// Terms as staff published them. All versions are kept: members agreed to them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PublishedTerms {
    /// The version that members agree to.
    pub version: String,
    /// Japanese text.
    pub ja: String,
    /// English text.
    pub en: String,
    /// Since when.
    pub at: Timestamp,
}

/// What is kept: one file for each society, opened when first needed.
pub trait Store: Send + Sync {
    /// Makes the society's file with what it is opened by. Fails when there is one.
    fn create(&self, society: &SocietyName, roots: &SocietyRoots) -> Result<(), Fault>;

    /// What the society is opened by; `None` when it has no file.
    fn roots(&self, society: &SocietyName) -> Result<Option<SocietyRoots>, Fault>;

    /// One read transaction.
    fn load(&self, society: &SocietyName, key: Key) -> Result<Found, Fault>;

    /// One durable transaction; group-committed. Returns when it is on the disk.
    fn commit(&self, society: &SocietyName, batch: Batch) -> Result<(), CommitError>;

    /// A browser that members have logged in with.
    fn browser(&self, society: &SocietyName, key: BrowserKey) -> Result<Option<(BrowserId, KnownBrowser)>, Fault>;

    /// The open sessions of a member, for the page that lists them.
    fn sessions(&self, society: &SocietyName, member: MemberId) -> Result<Vec<(SessionKey, Session)>, Fault>;

    /// Letters due at `now`, oldest first, at most `limit`.
    fn due_letters(&self, society: &SocietyName, now: Timestamp, limit: usize) -> Result<Vec<OutboxRow>, Fault>;

    /// The letter for `member` that waits longest, if one has failed at least once.
    fn delayed_letter(&self, society: &SocietyName, member: MemberId) -> Result<Option<OutboxRow>, Fault>;

    /// Writes a letter's row back, or removes it when `row` is `None`. Durable.
    fn put_letter(&self, society: &SocietyName, id: u64, row: Option<OutboxRow>) -> Result<(), Fault>;

    /// Members by card key, for staff.
    fn find_card(&self, society: &SocietyName, card: BlindIndex) -> Result<Option<MemberRows>, Fault>;

    /// Which of these are taken, by their place in the list: the import's first pass.
    fn taken(&self, society: &SocietyName, unique: Unique, indexes: &[BlindIndex]) -> Result<Vec<usize>, Fault>;

    /// Writes members under `import`; they stay invisible until [`Store::finish_import`]. Durable.
    fn import(&self, society: &SocietyName, import: u64, members: Vec<NewMember>) -> Result<(), CommitError>;

    /// Makes an import visible, and writes the audit row. Durable.
    fn finish_import(&self, society: &SocietyName, import: u64, audit: AuditRow) -> Result<(), Fault>;

    /// Removes what an import that was never finished left behind. Returns how many members that were.
    fn abandon_import(&self, society: &SocietyName) -> Result<u64, Fault>;

    /// One durable transaction of staff.
    fn act(&self, society: &SocietyName, act: StaffBatch) -> Result<(), CommitError>;

    /// What waits for a second person, and what was never approved, by number.
    fn requests(&self, society: &SocietyName) -> Result<Vec<RequestRow>, Fault>;

    /// Every version of the terms that was published, the newest last.
    fn terms(&self, society: &SocietyName) -> Result<Vec<PublishedTerms>, Fault>;

    /// What stands in the strangers' lane at an ID, and at it from one source.
    fn strangers(&self, society: &SocietyName, key: CounterKey, from: Option<Prefix>) -> Result<Strangers, Fault>;

    /// The society's spray brake.
    fn brake(&self, society: &SocietyName) -> Result<Brake, Fault>;

    /// The audit log's newest `limit` rows, oldest first.
    fn audit_tail(&self, society: &SocietyName, limit: usize) -> Result<Vec<AuditRow>, Fault>;

    /// The instant before which no clock is believed (design law 8).
    fn floor(&self, society: &SocietyName) -> Result<Timestamp, Fault>;

    /// Moves the floor up and removes sessions that are over, and browsers that nobody has logged in with since. Called once a minute.
    /// Never moves the floor down.
    fn tick(&self, society: &SocietyName, now: Timestamp, sessions_before: Timestamp, browsers_before: Timestamp) -> Result<(), Fault>;

    /// How many members have finished imports, and durable commits so far in this process: for staff and the bench.
    fn numbers(&self, society: &SocietyName) -> Result<StoreNumbers, Fault>;
}

/// Counts for staff and the bench.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreNumbers {
    /// Members that can log in.
    pub members: u64,
    /// Durable transactions since start.
    pub commits: u64,
    /// Batches in them.
    pub batches: u64,
}

/// What a society's file is opened by.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SocietyRoots {
    /// The society secret, sealed with binding record `secret`.
    pub secret: Vec<u8>,
    /// Credentials of nobody, sealed with binding record `credentials` and member id 0: opened for an ID that is nobody's.
    pub decoy: SealedRecord,
}

/// A letter ready to go.
pub struct Outgoing<'a> {
    /// The society: sender address and name.
    pub society: &'a Society,
    /// Recipient.
    pub to: &'a sekisho_core::email::EmailAddress,
    /// Decides in which language the sender's name stands.
    pub language: Language,
    /// When it is sent: its `Date`.
    pub date: Timestamp,
    /// Subject line. No code, no link, no personal data.
    pub subject: String,
    /// Plain text, UTF-8.
    pub body: Secret<String>,
    /// Stays the same when the letter is sent again.
    pub message_id: String,
}

/// Why a letter did not go. The text is for operators.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Try again later.
    #[error("mail relay: {0}")]
    Later(String),
    /// The relay will never take it.
    #[error("mail relay refused the letter: {0}")]
    Never(String),
}

/// The way to the post.
pub trait Mailer: Send + Sync {
    /// Hands one letter over.
    fn send(&self, letter: &Outgoing) -> Result<(), MailError>;
}
