//! The tables of a society's file, and the rows that only the store knows.
//!
//! All values go through [`super::codec`]. Numbers in keys are ordered as numbers, byte strings as bytes.

use super::codec::{check_format, decode};
use super::error::StoreError;
use redb::{Database, Key, ReadableDatabase, ReadableTable, Table, TableDefinition, TableHandle, WriteTransaction};
use sekisho_core::account::OpenFacts;
use sekisho_core::id::{MemberId, Revision};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A table whose values are encoded rows.
pub(super) type Rows<K> = TableDefinition<'static, K, &'static [u8]>;
/// A table whose keys say it all.
pub(super) type Keys<K> = TableDefinition<'static, K, ()>;

/// 16 bytes: a member or a blind index.
pub(super) type Key16 = &'static [u8; 16];
/// 32 bytes: a session.
pub(super) type Key32 = &'static [u8; 32];

/// What concerns the whole society: see the constants below.
pub(super) const META: Rows<&'static str> = Rows::new("meta");
/// Member → [`MemberRow`].
pub(super) const MEMBERS: Rows<Key16> = Rows::new("members");
/// Member → sealed credentials.
pub(super) const CREDENTIALS: Rows<Key16> = Rows::new("credentials");
/// Member → sealed profile.
pub(super) const PROFILES: Rows<Key16> = Rows::new("profiles");
/// Member → counters; no row means none. Apart from the member's row, so that a failure does not touch that.
pub(super) const COUNTERS: Rows<Key16> = Rows::new("counters");
/// Slot → what was asked for IDs that are nobody's; no row means nothing.
pub(super) const SLOTS: Rows<u32> = Rows::new("slots");
/// Place in the strangers' lane → its counter; no row means none. See [`super::lanes`].
pub(super) const LANES: Rows<u32> = Rows::new("lanes");
/// Blind index of the user ID → member.
pub(super) const USER_IDS: Rows<Key16> = Rows::new("user-ids");
/// Blind index of a proven address → member.
pub(super) const EMAILS: Rows<Key16> = Rows::new("emails");
/// Blind index of the card → member.
pub(super) const CARDS: Rows<Key16> = Rows::new("cards");
/// Blind index of (proven address, birth date) → member.
pub(super) const REMINDERS: Rows<Key16> = Rows::new("reminders");
/// Blind index of a passkey's credential id → member.
pub(super) const PASSKEYS: Rows<Key16> = Rows::new("passkeys");
/// Browser → [`crate::ports::KnownBrowser`].
pub(super) const BROWSERS: Rows<Key32> = Rows::new("browsers");
/// A browser's cookie, hashed → browser.
pub(super) const BROWSER_KEYS: Rows<Key32> = Rows::new("browser-keys");
/// Session → [`sekisho_core::session::Session`].
pub(super) const SESSIONS: Rows<Key32> = Rows::new("sessions");
/// (member, session): finds the sessions of a member.
pub(super) const MEMBER_SESSIONS: Keys<(Key16, Key32)> = Keys::new("member-sessions");
/// Letter → [`crate::ports::OutboxRow`].
pub(super) const OUTBOX: Rows<u64> = Rows::new("outbox");
/// (not before, letter): finds the letters that are due.
pub(super) const DUE: Keys<(u64, u64)> = Keys::new("outbox-due");
/// (member, since, letter) of the letters that have failed: finds the one a member waits for.
pub(super) const DELAYED: Keys<(Key16, u64, u64)> = Keys::new("outbox-delayed");
/// Sequence number → [`crate::ports::AuditRow`].
pub(super) const AUDIT: Rows<u64> = Rows::new("audit");
/// Import → [`ImportRow`].
pub(super) const IMPORTS: Rows<u64> = Rows::new("imports");

/// Request → [`crate::ports::RequestRow`].
pub(super) const REQUESTS: Rows<u64> = Rows::new("requests");
/// Sequence number → [`crate::ports::PublishedTerms`].
pub(super) const TERMS: Rows<u64> = Rows::new("terms");

/// In [`META`]: format of the file as a whole, one raw byte.
pub(super) const META_FORMAT: &str = "format";
/// In [`META`]: [`crate::ports::SocietyRoots`].
pub(super) const META_ROOTS: &str = "roots";
/// In [`META`]: the instant before which no clock is believed.
pub(super) const META_FLOOR: &str = "floor";

/// In [`META`]: [`crate::ports::Brake`].
pub(super) const META_BRAKE: &str = "brake";

/// What stands open of a member.
#[derive(Serialize, Deserialize)]
pub(super) struct MemberRow {
    /// Moves with every change of the member's records.
    pub(super) revision: Revision,
    /// The import that brought the member; visible when that is finished.
    pub(super) import: u64,
    /// The open facts.
    pub(super) open: OpenFacts,
}

/// One import.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct ImportRow {
    /// Members brought so far.
    pub(super) members: u64,
    /// How far it is.
    pub(super) state: ImportState,
}

/// How far an import is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ImportState {
    /// Its members are invisible.
    Open,
    /// Its members are visible.
    Finished,
    /// Its members are being removed.
    Abandoned,
}

/// Reads one row.
pub(super) fn row<'k, K: Key + 'static, T: DeserializeOwned>(
    table: &(impl ReadableTable<K, &'static [u8]> + TableHandle),
    key: K::SelfType<'k>,
) -> Result<Option<T>, StoreError> {
    table.get(key)?.map(|bytes| decode(table.name(), bytes.value())).transpose()
}

/// A member's row if there is one and its import is finished. Always two reads, so that nobody costs what somebody costs.
pub(super) fn visible(
    members: &(impl ReadableTable<Key16, &'static [u8]> + TableHandle),
    imports: &(impl ReadableTable<u64, &'static [u8]> + TableHandle),
    id: MemberId,
) -> Result<Option<MemberRow>, StoreError> {
    let member: Option<MemberRow> = row(members, &id.0)?;
    let import: Option<ImportRow> = row(imports, member.as_ref().map_or(0, |member| member.import))?;
    Ok(member.filter(|_| import.is_some_and(|import| import.state == ImportState::Finished)))
}

/// All tables, opened for one write transaction.
pub(super) struct Tables<'t> {
    pub(super) meta: Table<'t, &'static str, &'static [u8]>,
    pub(super) members: Table<'t, Key16, &'static [u8]>,
    pub(super) credentials: Table<'t, Key16, &'static [u8]>,
    pub(super) profiles: Table<'t, Key16, &'static [u8]>,
    pub(super) counters: Table<'t, Key16, &'static [u8]>,
    pub(super) slots: Table<'t, u32, &'static [u8]>,
    pub(super) lanes: Table<'t, u32, &'static [u8]>,
    pub(super) user_ids: Table<'t, Key16, &'static [u8]>,
    pub(super) emails: Table<'t, Key16, &'static [u8]>,
    pub(super) cards: Table<'t, Key16, &'static [u8]>,
    pub(super) reminders: Table<'t, Key16, &'static [u8]>,
    pub(super) passkeys: Table<'t, Key16, &'static [u8]>,
    pub(super) browsers: Table<'t, Key32, &'static [u8]>,
    pub(super) browser_keys: Table<'t, Key32, &'static [u8]>,
    pub(super) sessions: Table<'t, Key32, &'static [u8]>,
    pub(super) member_sessions: Table<'t, (Key16, Key32), ()>,
    pub(super) outbox: Table<'t, u64, &'static [u8]>,
    pub(super) due: Table<'t, (u64, u64), ()>,
    pub(super) delayed: Table<'t, (Key16, u64, u64), ()>,
    pub(super) audit: Table<'t, u64, &'static [u8]>,
    pub(super) imports: Table<'t, u64, &'static [u8]>,
    pub(super) requests: Table<'t, u64, &'static [u8]>,
    pub(super) terms: Table<'t, u64, &'static [u8]>,
}

impl<'t> Tables<'t> {
    /// Opens them; makes those that are not there.
    pub(super) fn open(txn: &'t WriteTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            meta: txn.open_table(META)?,
            members: txn.open_table(MEMBERS)?,
            credentials: txn.open_table(CREDENTIALS)?,
            profiles: txn.open_table(PROFILES)?,
            counters: txn.open_table(COUNTERS)?,
            slots: txn.open_table(SLOTS)?,
            lanes: txn.open_table(LANES)?,
            user_ids: txn.open_table(USER_IDS)?,
            emails: txn.open_table(EMAILS)?,
            cards: txn.open_table(CARDS)?,
            reminders: txn.open_table(REMINDERS)?,
            passkeys: txn.open_table(PASSKEYS)?,
            browsers: txn.open_table(BROWSERS)?,
            browser_keys: txn.open_table(BROWSER_KEYS)?,
            sessions: txn.open_table(SESSIONS)?,
            member_sessions: txn.open_table(MEMBER_SESSIONS)?,
            outbox: txn.open_table(OUTBOX)?,
            due: txn.open_table(DUE)?,
            delayed: txn.open_table(DELAYED)?,
            audit: txn.open_table(AUDIT)?,
            imports: txn.open_table(IMPORTS)?,
            requests: txn.open_table(REQUESTS)?,
            terms: txn.open_table(TERMS)?,
        })
    }
}

/// Lays an empty file out, or checks that the format of one in use is known. Writes only to an empty one.
pub(super) fn prepare(db: &Database) -> Result<(), StoreError> {
    let txn = db.begin_read()?;
    match txn.open_table(META) {
        Ok(meta) => {
            let format = meta.get(META_FORMAT)?.and_then(|bytes| bytes.value().first().copied());
            check_format(META.name(), format.unwrap_or(0))
        }
        Err(redb::TableError::TableDoesNotExist(_)) => lay_out(db),
        Err(error) => Err(error.into()),
    }
}

fn lay_out(db: &Database) -> Result<(), StoreError> {
    let txn = db.begin_write()?;
    Tables::open(&txn)?.meta.insert(META_FORMAT, [super::codec::FORMAT].as_slice())?;
    Ok(txn.commit()?)
}
