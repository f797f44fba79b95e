//! One item applied to a transaction: everything is checked first, then everything is written.

use super::acts;
use super::codec::encode;
use super::error::{Refused, StoreError};
use super::import::{self, Gone};
use super::lanes::Names;
use super::outbox;
use super::schema::{META_BRAKE, META_FLOOR, META_ROOTS, MemberRow, Tables, row, visible};
use crate::ports::{
    AuditRow, Batch, Brake, Counted, CounterKey, KnownBrowser, MemberWrite, NewMember, OutboxRow, Remembered, SocietyRoots, StaffBatch,
    Unique, slot_of,
};
use redb::ReadableTable;
use sekisho_core::account::Counters;
use sekisho_core::decide::Count;
use sekisho_core::guard::{Counter, Guessable};
use sekisho_core::id::{BlindIndex, BrowserId, MemberId, SessionKey};
use sekisho_core::lane::Strangers;
use sekisho_core::session::Session;
use sekisho_core::tenant::Limits;
use sekisho_core::time::Timestamp;

/// What the writer can be asked for.
pub(super) enum Work {
    /// See [`crate::ports::Store::create`].
    Create(SocietyRoots),
    /// See [`crate::ports::Store::commit`].
    Commit(Box<Batch>),
    /// See [`crate::ports::Store::act`].
    Act(Box<StaffBatch>),
    /// See [`crate::ports::Store::put_letter`].
    PutLetter(u64, Option<OutboxRow>),
    /// See [`crate::ports::Store::import`].
    Import(u64, Vec<NewMember>),
    /// See [`crate::ports::Store::finish_import`].
    FinishImport(u64, AuditRow),
    /// No import that is open can go on: its members are about to be removed.
    AbandonImports,
    /// Removes members of abandoned imports.
    RemoveMembers(Vec<Gone>),
    /// Forgets abandoned imports; their members are removed.
    ForgetImports,
    /// Moves the floor up.
    RaiseFloor(Timestamp),
    /// Ends these sessions, as far as they have not been touched since.
    EndSessions(Vec<SessionKey>, Timestamp),
    /// Forgets these browsers, as far as nobody has logged in with them since.
    ForgetBrowsers(Vec<BrowserId>, Timestamp),
}

/// Applies one item. The outer error makes the whole transaction useless; the inner one has left nothing behind.
pub(super) fn apply(tables: &mut Tables, work: Work) -> Result<Result<u64, Refused>, StoreError> {
    let outcome = match work {
        Work::Create(roots) => create(tables, &roots),
        Work::Commit(batch) => commit(tables, *batch),
        Work::Act(act) => acts::act(tables, *act),
        Work::PutLetter(id, letter) => outbox::put(tables, id, letter),
        Work::Import(import, members) => import::import(tables, import, members),
        Work::FinishImport(import, audit) => import::finish(tables, import, &audit),
        Work::AbandonImports => import::abandon(tables),
        Work::RemoveMembers(gone) => import::remove(tables, &gone),
        Work::ForgetImports => import::forget(tables),
        Work::RaiseFloor(now) => raise_floor(tables, now),
        Work::EndSessions(keys, before) => end_sessions(tables, &keys, before),
        Work::ForgetBrowsers(ids, before) => forget_browsers(tables, &ids, before),
    };
    match outcome {
        Ok(count) => Ok(Ok(count)),
        Err(refused) => refused.or_fatal().map(Err),
    }
}

fn create(tables: &mut Tables, roots: &SocietyRoots) -> Result<u64, Refused> {
    if tables.meta.get(META_ROOTS)?.is_some() {
        return Err(StoreError::Exists.into());
    }
    tables.meta.insert(META_ROOTS, encode(roots)?.as_slice())?;
    Ok(0)
}

/// What the check of a batch has read and the writing needs.
struct Checked {
    member: Option<MemberRow>,
    tally: Option<Tally>,
    session: Option<Session>,
}

pub(super) fn commit(tables: &mut Tables, batch: Batch) -> Result<u64, Refused> {
    let checked = check(tables, &batch)?;
    if let (Some(write), Some(row)) = (batch.member, checked.member) {
        write_member(tables, write, row)?;
    }
    if let (Some(counted), Some(tally)) = (batch.counts, checked.tally) {
        write_tally(tables, counted.key, &tally)?;
    }
    if let (Some((key, _)), Some(session)) = (batch.session_from, checked.session) {
        remove_session(tables, key, session.member)?;
    }
    if let Some((key, member, counts, limits)) = &batch.lane {
        count_in_lane(tables, *key, *member, counts, limits, batch.now)?;
    }
    if let Some(counts) = batch.sprayed {
        let brake: Brake = row(&tables.meta, META_BRAKE)?.unwrap_or_default();
        let budget = if counts { brake.budget.asked(batch.now) } else { brake.budget };
        tables.meta.insert(META_BRAKE, encode(&Brake { budget, ..brake })?.as_slice())?;
    }
    if let Some(remembered) = &batch.remember {
        remember(tables, remembered, batch.now)?;
    }
    if let Some((key, session)) = &batch.session_to {
        tables.sessions.insert(&key.0, encode(session)?.as_slice())?;
        tables.member_sessions.insert((&session.member.0, &key.0), ())?;
    }
    if let Some(member) = batch.end_others {
        end_others(tables, member, batch.session_to.map(|(key, _)| key))?;
    }
    for letter in batch.outbox {
        let row = OutboxRow {
            id: letter.id,
            member: letter.member,
            sealed: letter.sealed,
            since: batch.now,
            failures: 0,
            not_before: letter.not_before.map_or(batch.now, |from| from.max(batch.now)),
            expires: None,
        };
        outbox::insert(tables, &row)?;
    }
    for event in &batch.audit {
        append_audit(tables, event)?;
    }
    Ok(0)
}

/// Writes nothing.
fn check(tables: &Tables, batch: &Batch) -> Result<Checked, Refused> {
    for letter in &batch.outbox {
        let same_id = batch.outbox.iter().filter(|other| other.id == letter.id).count();
        if same_id > 1 || tables.outbox.get(letter.id)?.is_some() {
            return Err(Refused::Conflict);
        }
    }
    Ok(Checked {
        session: check_session(tables, batch)?,
        tally: batch.counts.as_ref().map(|counts| counted(tables, counts, batch.now)).transpose()?,
        member: batch.member.as_ref().map(|write| check_member(tables, write)).transpose()?,
    })
}

fn check_member(tables: &Tables, write: &MemberWrite) -> Result<MemberRow, Refused> {
    let row = visible(&tables.members, &tables.imports, write.id)?.ok_or(Refused::Conflict)?;
    if row.revision != write.from {
        return Err(Refused::Conflict);
    }
    if let Some((from, to)) = write.user_id {
        if owner(&tables.user_ids, from)? != Some(write.id) {
            return Err(Refused::Conflict);
        }
        check_free(&tables.user_ids, to, write.id, Unique::UserId)?;
    }
    if let Some((_, to)) = write.email {
        check_free(&tables.emails, to, write.id, Unique::Email)?;
    }
    for claimed in &write.passkeys_claimed {
        check_free(&tables.passkeys, *claimed, write.id, Unique::Passkey)?;
    }
    Ok(row)
}

pub(super) type IndexTable<'t> = redb::Table<'t, super::schema::Key16, &'static [u8]>;

/// Whose the indexed value is.
pub(super) fn owner(table: &IndexTable, index: BlindIndex) -> Result<Option<MemberId>, StoreError> {
    row(table, &index.0)
}

fn check_free(table: &IndexTable, index: BlindIndex, member: MemberId, unique: Unique) -> Result<(), Refused> {
    match owner(table, index)? {
        Some(other) if other != member => Err(Refused::Taken(unique)),
        _ => Ok(()),
    }
}

/// What a batch's counts will have made of the counters, and of the strangers' lane; each only if it changes.
struct Tally {
    counters: Option<Counters>,
    strangers: Option<(Names, Strangers)>,
}

/// What the store holds now, and the batch's changes on top.
fn counted(tables: &Tables, counted: &Counted, now: Timestamp) -> Result<Tally, Refused> {
    let Counted { key, counts, limits, from } = counted;
    let stored: Option<Counters> = match key {
        CounterKey::Member(id) => {
            visible(&tables.members, &tables.imports, *id)?.ok_or(Refused::Conflict)?;
            row(&tables.counters, &id.0)?
        }
        CounterKey::Nobody(index) => row(&tables.slots, slot_of(*index))?,
    };
    let stored = stored.unwrap_or_default();
    let names = Names::of(*key, &stored, *from);
    let strangers = names.read(&tables.lanes)?;
    let before = stored.among(&strangers, limits);
    let after = before.after(counts, limits, now);
    let wrong = counts.iter().filter(|count| **count == Count::Fail(Guessable::Password)).count();
    let fail = |strangers: Strangers, _| strangers.failed(&limits.password, limits.share, now);
    Ok(Tally { counters: (after != before).then_some(after), strangers: (wrong > 0).then(|| (names, (0..wrong).fold(strangers, fail))) })
}

/// The session that goes. A key is written over only by the session that stands under it.
fn check_session(tables: &Tables, batch: &Batch) -> Result<Option<Session>, Refused> {
    let from = match batch.session_from {
        None => None,
        Some((key, revision)) => {
            let session: Session = row(&tables.sessions, &key.0)?.ok_or(Refused::Conflict)?;
            if session.revision != revision {
                return Err(Refused::Conflict);
            }
            Some(session)
        }
    };
    if let Some((to, _)) = &batch.session_to {
        let replaces = batch.session_from.is_some_and(|(from, _)| from == *to);
        if !replaces && tables.sessions.get(&to.0)?.is_some() {
            return Err(Refused::Conflict);
        }
    }
    Ok(from)
}

fn write_member(tables: &mut Tables, write: MemberWrite, row: MemberRow) -> Result<(), StoreError> {
    let id = &write.id.0;
    let member = encode(&write.id)?;
    if let Some(credentials) = &write.credentials {
        tables.credentials.insert(id, encode(credentials)?.as_slice())?;
    }
    if let Some(profile) = &write.profile {
        tables.profiles.insert(id, encode(profile)?.as_slice())?;
    }
    if let Some((from, to)) = write.user_id {
        tables.user_ids.remove(&from.0)?;
        tables.user_ids.insert(&to.0, member.as_slice())?;
    }
    if let Some((from, to)) = write.email {
        if let Some(from) = from {
            release(&mut tables.emails, from, write.id)?;
        }
        tables.emails.insert(&to.0, member.as_slice())?;
    }
    if let Some((from, to)) = write.reminder {
        if let Some(from) = from {
            release(&mut tables.reminders, from, write.id)?;
        }
        tables.reminders.insert(&to.0, member.as_slice())?;
    }
    for released in &write.passkeys_released {
        release(&mut tables.passkeys, *released, write.id)?;
    }
    for claimed in &write.passkeys_claimed {
        tables.passkeys.insert(&claimed.0, member.as_slice())?;
    }
    let row = MemberRow { revision: row.revision.next(), import: row.import, open: write.open.unwrap_or(row.open) };
    tables.members.insert(id, encode(&row)?.as_slice())?;
    Ok(())
}

/// Gives an index up, if it is the member's.
pub(super) fn release(table: &mut IndexTable, index: BlindIndex, member: MemberId) -> Result<(), StoreError> {
    if owner(table, index)? == Some(member) {
        table.remove(&index.0)?;
    }
    Ok(())
}

fn write_tally(tables: &mut Tables, key: CounterKey, tally: &Tally) -> Result<(), StoreError> {
    if let Some((names, strangers)) = &tally.strangers {
        names.write(&mut tables.lanes, strangers)?;
    }
    if let Some(counters) = &tally.counters {
        let bytes = encode(counters)?;
        match key {
            CounterKey::Member(id) => tables.counters.insert(&id.0, bytes.as_slice())?,
            CounterKey::Nobody(index) => tables.slots.insert(slot_of(index), bytes.as_slice())?,
        };
    }
    Ok(())
}

/// Counts in the lane of a known browser. One that is known no more counts nothing: its try was judged in the lane it came by, and the
/// next one is a stranger's.
fn count_in_lane(
    tables: &mut Tables,
    key: BrowserId,
    member: MemberId,
    counts: &[Count],
    limits: &Limits,
    now: Timestamp,
) -> Result<(), StoreError> {
    let stored: Option<KnownBrowser> = row(&tables.browsers, &key.0)?;
    let Some(mut browser) = stored else { return Ok(()) };
    let Some(known) = browser.members.iter_mut().find(|known| known.member == member) else { return Ok(()) };
    let counters: Counters = row(&tables.counters, &member.0)?.unwrap_or_default();
    let before = *known;
    (known.password, known.lanes) = (known.failures(&counters), counters.lanes);
    for count in counts {
        match count {
            Count::Fail(_) => known.password = known.password.failed(&limits.password, now),
            _ => known.password = Counter::default(),
        }
    }
    if *known != before {
        tables.browsers.insert(&key.0, encode(&browser)?.as_slice())?;
    }
    Ok(())
}

/// The browser's new cookie. Whoever shows one has got the answer that it came with: what was given in between is over, so that a copy of
/// a cookie has no counters of its own.
fn remember(tables: &mut Tables, remembered: &Remembered, now: Timestamp) -> Result<(), StoreError> {
    let known: Option<BrowserId> = remembered.from.map(|from| row(&tables.browser_keys, &from.0)).transpose()?.flatten();
    let before: Option<KnownBrowser> = known.map(|id| row(&tables.browsers, &id.0)).transpose()?.flatten();
    let before = before.unwrap_or_default();
    let id = known.unwrap_or(BrowserId(remembered.to.0));
    for gone in before.keys.iter().filter(|key| Some(**key) != remembered.from) {
        tables.browser_keys.remove(&gone.0)?;
    }
    let counters: Counters = row(&tables.counters, &remembered.member.0)?.unwrap_or_default();
    let keys = std::iter::once(remembered.to).chain(remembered.from.filter(|_| known.is_some())).collect();
    let after = KnownBrowser { keys, ..before.after_log_in(remembered.member, counters.lanes, now) };
    tables.browsers.insert(&id.0, encode(&after)?.as_slice())?;
    tables.browser_keys.insert(&remembered.to.0, encode(&id)?.as_slice())?;
    Ok(())
}

/// Nobody is known by this browser any more.
pub(super) fn remove_browser(tables: &mut Tables, id: BrowserId, browser: &KnownBrowser) -> Result<(), StoreError> {
    tables.browsers.remove(&id.0)?;
    for key in &browser.keys {
        tables.browser_keys.remove(&key.0)?;
    }
    Ok(())
}

fn forget_browsers(tables: &mut Tables, ids: &[BrowserId], before: Timestamp) -> Result<u64, Refused> {
    for id in ids {
        let browser: Option<KnownBrowser> = row(&tables.browsers, &id.0)?;
        if let Some(browser) = browser.filter(|browser| browser.members.iter().all(|known| known.last < before)) {
            remove_browser(tables, *id, &browser)?;
        }
    }
    Ok(0)
}

fn remove_session(tables: &mut Tables, key: SessionKey, member: MemberId) -> Result<(), StoreError> {
    tables.sessions.remove(&key.0)?;
    tables.member_sessions.remove((&member.0, &key.0))?;
    Ok(())
}

fn end_others(tables: &mut Tables, member: MemberId, kept: Option<SessionKey>) -> Result<(), StoreError> {
    let all = (&member.0, &[u8::MIN; SessionKey::LEN])..=(&member.0, &[u8::MAX; SessionKey::LEN]);
    let keys: Result<Vec<_>, redb::StorageError> =
        tables.member_sessions.range(all)?.map(|entry| entry.map(|(key, _)| SessionKey(*key.value().1))).collect();
    for key in keys?.into_iter().filter(|key| Some(*key) != kept) {
        remove_session(tables, key, member)?;
    }
    Ok(())
}

/// Adds a line at the end of the audit log.
pub(super) fn append_audit(tables: &mut Tables, event: &AuditRow) -> Result<(), StoreError> {
    let next = tables.audit.last()?.map_or(0, |(key, _)| key.value().saturating_add(1));
    tables.audit.insert(next, encode(event)?.as_slice())?;
    Ok(())
}

fn raise_floor(tables: &mut Tables, now: Timestamp) -> Result<u64, Refused> {
    let floor: Option<Timestamp> = row(&tables.meta, META_FLOOR)?;
    if floor.is_none_or(|floor| floor < now) {
        tables.meta.insert(META_FLOOR, encode(&now)?.as_slice())?;
    }
    Ok(0)
}

fn end_sessions(tables: &mut Tables, keys: &[SessionKey], before: Timestamp) -> Result<u64, Refused> {
    for key in keys {
        let session: Option<Session> = row(&tables.sessions, &key.0)?;
        if let Some(session) = session.filter(|session| session.touched < before) {
            remove_session(tables, *key, session.member)?;
        }
    }
    Ok(0)
}
