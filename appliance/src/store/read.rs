//! Questions, each answered by one read transaction that no writer waits for.

use super::error::StoreError;
use super::schema::{
    AUDIT, BROWSER_KEYS, BROWSERS, CARDS, COUNTERS, CREDENTIALS, EMAILS, IMPORTS, MEMBER_SESSIONS, MEMBERS, META, META_BRAKE, META_FLOOR,
    META_ROOTS, PASSKEYS, PROFILES, REMINDERS, SESSIONS, SLOTS, USER_IDS, row, visible,
};
use crate::ports::{AuditRow, Brake, Found, Key, KnownBrowser, MemberRows, SealedRecord, SocietyRoots, Unique, slot_of};
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, TableHandle};
use sekisho_core::account::Counters;
use sekisho_core::id::{BlindIndex, BrowserId, BrowserKey, MemberId, SessionKey};
use sekisho_core::session::Session;
use sekisho_core::time::Timestamp;

/// See [`crate::ports::Store::load`]. Where a key finds nobody, the key itself stands in for the member, so that the same tables are
/// asked, at a place as random as a member's (design law 3).
pub(super) fn load(db: &Database, key: Key) -> Result<Found, StoreError> {
    let txn = db.begin_read()?;
    let (mut session, mut asked) = (None, Counters::default());
    let id = match key {
        Key::UserId(index) => {
            asked = row(&txn.open_table(SLOTS)?, slot_of(index))?.unwrap_or_default();
            row(&txn.open_table(USER_IDS)?, &index.0)?.unwrap_or(MemberId(index.0))
        }
        Key::Session(key) => {
            let found: Option<Session> = row(&txn.open_table(SESSIONS)?, &key.0)?;
            let id = found.as_ref().map_or(stand_in(key), |session| session.member);
            session = found;
            id
        }
        Key::Member(id) => id,
        Key::Reminder(index) => {
            asked = row(&txn.open_table(SLOTS)?, slot_of(index))?.unwrap_or_default();
            row(&txn.open_table(REMINDERS)?, &index.0)?.unwrap_or(MemberId(index.0))
        }
    };
    Ok(Found { member: member(&txn, id)?, session, asked, brake: brake_row(&txn)? })
}

fn brake_row(txn: &ReadTransaction) -> Result<Brake, StoreError> {
    Ok(row(&txn.open_table(META)?, META_BRAKE)?.unwrap_or_default())
}

/// See [`crate::ports::Store::brake`].
pub(super) fn brake(db: &Database) -> Result<Brake, StoreError> {
    brake_row(&db.begin_read()?)
}

fn stand_in(key: SessionKey) -> MemberId {
    MemberId(key.0.first_chunk().copied().unwrap_or_default())
}

/// A member's rows. Asks every table, whether there is a member or not.
fn member(txn: &ReadTransaction, id: MemberId) -> Result<Option<MemberRows>, StoreError> {
    let member = visible(&txn.open_table(MEMBERS)?, &txn.open_table(IMPORTS)?, id)?;
    let credentials: Option<SealedRecord> = row(&txn.open_table(CREDENTIALS)?, &id.0)?;
    let profile: Option<SealedRecord> = row(&txn.open_table(PROFILES)?, &id.0)?;
    let counters: Option<Counters> = row(&txn.open_table(COUNTERS)?, &id.0)?;
    let Some(member) = member else { return Ok(None) };
    let missing = |table: &str| StoreError::Damaged { table: table.to_owned(), reason: "a member has no row in it" };
    Ok(Some(MemberRows {
        id,
        revision: member.revision,
        open: member.open,
        credentials: credentials.ok_or_else(|| missing(CREDENTIALS.name()))?,
        profile: profile.ok_or_else(|| missing(PROFILES.name()))?,
        counters: counters.unwrap_or_default(),
    }))
}

/// See [`crate::ports::Store::find_card`].
pub(super) fn find_card(db: &Database, card: BlindIndex) -> Result<Option<MemberRows>, StoreError> {
    let txn = db.begin_read()?;
    let id: Option<MemberId> = row(&txn.open_table(CARDS)?, &card.0)?;
    id.map_or(Ok(None), |id| member(&txn, id))
}

/// See [`crate::ports::Store::taken`].
pub(super) fn taken(db: &Database, unique: Unique, indexes: &[BlindIndex]) -> Result<Vec<usize>, StoreError> {
    let table = db.begin_read()?.open_table(match unique {
        Unique::UserId => USER_IDS,
        Unique::Email => EMAILS,
        Unique::Card => CARDS,
        Unique::Passkey => PASSKEYS,
    })?;
    let mut places = Vec::new();
    for (place, index) in indexes.iter().enumerate() {
        if table.get_owned(&index.0)?.is_some() {
            places.push(place);
        }
    }
    Ok(places)
}

/// See [`crate::ports::Store::audit_tail`].
pub(super) fn audit_tail(db: &Database, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
    let audit = db.begin_read()?.open_table(AUDIT)?;
    let mut rows = Vec::new();
    for entry in ReadableTable::iter(&audit)?.rev().take(limit) {
        rows.push(super::codec::decode(AUDIT.name(), entry?.1.value())?);
    }
    rows.reverse();
    Ok(rows)
}

/// See [`crate::ports::Store::floor`].
pub(super) fn floor(db: &Database) -> Result<Timestamp, StoreError> {
    let txn = db.begin_read()?;
    Ok(row(&txn.open_table(META)?, META_FLOOR)?.unwrap_or(Timestamp(0)))
}

/// See [`crate::ports::Store::roots`].
pub(super) fn roots(db: &Database) -> Result<Option<SocietyRoots>, StoreError> {
    let txn = db.begin_read()?;
    row(&txn.open_table(META)?, META_ROOTS)
}

/// See [`crate::ports::Store::browser`].
pub(super) fn browser(db: &Database, key: BrowserKey) -> Result<Option<(BrowserId, KnownBrowser)>, StoreError> {
    let txn = db.begin_read()?;
    let id: Option<BrowserId> = row(&txn.open_table(BROWSER_KEYS)?, &key.0)?;
    let browser: Option<KnownBrowser> = row(&txn.open_table(BROWSERS)?, &id.unwrap_or(BrowserId(key.0)).0)?;
    Ok(id.zip(browser))
}

/// How many browsers are looked at each time, from some place on and round to it: over time all of them, since it is another place each time.
const LOOKED_AT: usize = 512;

/// Some of the browsers that nobody has logged in with since `before`.
pub(super) fn browsers_over(db: &Database, from: BrowserId, before: Timestamp) -> Result<Vec<BrowserId>, StoreError> {
    let txn = db.begin_read()?;
    let browsers = txn.open_table(BROWSERS)?;
    let mut over = Vec::new();
    let round = browsers.range::<&[u8; 32]>(&from.0..)?.chain(browsers.range::<&[u8; 32]>(..&from.0)?);
    for entry in round.take(LOOKED_AT) {
        let (id, value) = entry?;
        let browser: KnownBrowser = super::codec::decode(BROWSERS.name(), value.value())?;
        if browser.members.iter().all(|known| known.last < before) {
            over.push(BrowserId(*id.value()));
        }
    }
    Ok(over)
}

/// See [`crate::ports::Store::sessions`].
pub(super) fn sessions(db: &Database, member: MemberId) -> Result<Vec<(SessionKey, Session)>, StoreError> {
    let txn = db.begin_read()?;
    let (index, sessions) = (txn.open_table(MEMBER_SESSIONS)?, txn.open_table(SESSIONS)?);
    let all = (&member.0, &[u8::MIN; SessionKey::LEN])..=(&member.0, &[u8::MAX; SessionKey::LEN]);
    let mut found = Vec::new();
    for entry in index.range(all)? {
        let key = SessionKey(*entry?.0.value().1);
        found.extend(row(&sessions, &key.0)?.map(|session| (key, session)));
    }
    Ok(found)
}

/// Sessions last touched before an instant.
pub(super) fn sessions_over(db: &Database, before: Timestamp) -> Result<Vec<SessionKey>, StoreError> {
    let txn = db.begin_read()?;
    let sessions = txn.open_table(SESSIONS)?;
    let mut keys = Vec::new();
    for entry in sessions.iter()? {
        let (key, value) = entry?;
        let session: Session = super::codec::decode(SESSIONS.name(), value.value())?;
        if session.touched < before {
            keys.push(SessionKey(*key.value()));
        }
    }
    Ok(keys)
}
