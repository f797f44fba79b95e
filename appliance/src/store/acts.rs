//! What staff do: requests that wait for a second person, published terms, indexes given up, and the end of a member.
//!
//! A file made before there were requests and terms has no such tables until something is first written to it.

use super::apply::{IndexTable, commit, release, remove_browser};
use super::codec::{decode, encode};
use super::error::{Refused, StoreError};
use super::outbox;
use super::schema::{BROWSERS, ImportRow, META_BRAKE, MemberRow, REQUESTS, Rows, TERMS, Tables, row, visible};
use crate::ports::{Brake, Index, KnownBrowser, OutboxRow, PublishedTerms, RequestRow, StaffBatch};
use redb::{Database, ReadableDatabase, ReadableTable, TableError, TableHandle};
use sekisho_core::id::{BrowserId, MemberId};
use serde::de::DeserializeOwned;

/// Checks everything, then writes everything.
pub(super) fn act(tables: &mut Tables, act: StaffBatch) -> Result<u64, Refused> {
    let member = check(tables, &act)?;
    let StaffBatch { batch, released, deleted, asked, carried_out, terms, letters } = act;
    let now = batch.now;
    let own: Vec<u64> = batch.outbox.iter().map(|letter| letter.id).collect();
    // It checks before it writes as well, and what follows refuses nothing.
    commit(tables, batch)?;
    for (member, index, value) in released.iter().flat_map(|(member, indexes)| indexes.iter().map(move |(kind, at)| (*member, *kind, *at)))
    {
        release(table(tables, index), value, member)?;
    }
    if let Some((id, row)) = deleted.map(|(id, _)| id).zip(member) {
        delete(tables, id, &row, &own)?;
    }
    if let Some(request) = carried_out {
        tables.requests.remove(request)?;
    }
    if let Some(request) = asked {
        forget(tables, |old| old.expires <= now)?;
        tables.requests.insert(request.id, encode(&request)?.as_slice())?;
    }
    if let Some(terms) = terms {
        let next = tables.terms.last()?.map_or(0, |(key, _)| key.value().saturating_add(1));
        tables.terms.insert(next, encode(&terms)?.as_slice())?;
    }
    if let Some(letters) = letters {
        let brake: Brake = row(&tables.meta, META_BRAKE)?.unwrap_or_default();
        tables.meta.insert(META_BRAKE, encode(&brake.announcing(letters, now))?.as_slice())?;
    }
    Ok(0)
}

/// Writes nothing. Says which row goes, if one does.
fn check(tables: &Tables, act: &StaffBatch) -> Result<Option<MemberRow>, Refused> {
    if let Some(request) = &act.carried_out
        && tables.requests.get(*request)?.is_none()
    {
        return Err(Refused::Conflict);
    }
    if let Some(request) = &act.asked
        && tables.requests.get(request.id)?.is_some()
    {
        return Err(Refused::Conflict);
    }
    if let Some(terms) = &act.terms
        && all::<PublishedTerms>(&tables.terms)?.iter().any(|(_, old)| old.version == terms.version)
    {
        return Err(Refused::Conflict);
    }
    let Some((id, from)) = act.deleted else { return Ok(None) };
    let row = visible(&tables.members, &tables.imports, id)?.ok_or(Refused::Conflict)?;
    if row.revision == from { Ok(Some(row)) } else { Err(Refused::Conflict) }
}

fn table<'a, 't>(tables: &'a mut Tables<'t>, index: Index) -> &'a mut IndexTable<'t> {
    match index {
        Index::UserId => &mut tables.user_ids,
        Index::Card => &mut tables.cards,
        Index::Email => &mut tables.emails,
        Index::Reminder => &mut tables.reminders,
        Index::Passkey => &mut tables.passkeys,
    }
}

/// Removes every row of a member but the indexes, which the caller has given up, and its sessions, which `commit` has ended.
fn delete(tables: &mut Tables, id: MemberId, member: &MemberRow, own: &[u64]) -> Result<(), StoreError> {
    tables.members.remove(&id.0)?;
    tables.credentials.remove(&id.0)?;
    tables.profiles.remove(&id.0)?;
    tables.counters.remove(&id.0)?;
    forget_known_browsers(tables, id)?;
    forget(tables, |request| request.member == id)?;
    let letters = all::<OutboxRow>(&tables.outbox)?;
    for (letter, _) in letters.into_iter().filter(|(letter, row)| row.member == id && !own.contains(letter)) {
        outbox::remove(tables, letter)?;
    }
    let import: Option<ImportRow> = row(&tables.imports, member.import)?;
    if let Some(import) = import {
        let import = ImportRow { members: import.members.saturating_sub(1), ..import };
        tables.imports.insert(member.import, encode(&import)?.as_slice())?;
    }
    Ok(())
}

/// No browser is known for a member who is no more.
fn forget_known_browsers(tables: &mut Tables, id: MemberId) -> Result<(), StoreError> {
    for (id_of, mut browser) in known_browsers(tables, id)? {
        browser.members.retain(|known| known.member != id);
        match browser.members.is_empty() {
            true => remove_browser(tables, id_of, &browser)?,
            false => drop(tables.browsers.insert(&id_of.0, encode(&browser)?.as_slice())?),
        }
    }
    Ok(())
}

fn known_browsers(tables: &Tables, id: MemberId) -> Result<Vec<(BrowserId, KnownBrowser)>, StoreError> {
    let mut found = Vec::new();
    for entry in tables.browsers.iter()? {
        let (key, value) = entry?;
        let browser: KnownBrowser = decode(BROWSERS.name(), value.value())?;
        if browser.members.iter().any(|known| known.member == id) {
            found.push((BrowserId(*key.value()), browser));
        }
    }
    Ok(found)
}

/// Removes requests.
fn forget(tables: &mut Tables, which: impl Fn(&RequestRow) -> bool) -> Result<(), StoreError> {
    for (id, _) in all::<RequestRow>(&tables.requests)?.into_iter().filter(|(_, request)| which(request)) {
        tables.requests.remove(id)?;
    }
    Ok(())
}

/// See [`crate::ports::Store::requests`].
pub(super) fn requests(db: &Database) -> Result<Vec<RequestRow>, StoreError> {
    listed(db, REQUESTS)
}

/// See [`crate::ports::Store::terms`].
pub(super) fn terms(db: &Database) -> Result<Vec<PublishedTerms>, StoreError> {
    listed(db, TERMS)
}

fn listed<T: DeserializeOwned>(db: &Database, table: Rows<u64>) -> Result<Vec<T>, StoreError> {
    match db.begin_read()?.open_table(table) {
        Ok(table) => Ok(all(&table)?.into_iter().map(|(_, row)| row).collect()),
        Err(TableError::TableDoesNotExist(_)) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

fn all<T: DeserializeOwned>(table: &(impl ReadableTable<u64, &'static [u8]> + TableHandle)) -> Result<Vec<(u64, T)>, StoreError> {
    let mut rows = Vec::new();
    for entry in table.iter()? {
        let (key, value) = entry?;
        rows.push((key.value(), decode(table.name(), value.value())?));
    }
    Ok(rows)
}
