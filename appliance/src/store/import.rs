//! Members as they come in bulk: written under an import's number, and visible all at once when it is finished.
//!
//! Finishing moves one row, however many members there are. Giving up removes members a thousand at a time, between the commits
//! of other people; nobody can see them meanwhile.

use super::apply::{append_audit, owner};
use super::codec::{decode, encode};
use super::error::{Refused, StoreError};
use super::schema::{CARDS, IMPORTS, ImportRow, ImportState, Key16, MEMBERS, MemberRow, Rows, Tables, USER_IDS, row};
use crate::ports::{AuditRow, NewMember, Unique};
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, TableHandle};
use sekisho_core::account::OpenFacts;
use sekisho_core::id::{BlindIndex, MemberId, Revision};
use std::collections::{BTreeMap, BTreeSet};

/// A member of an abandoned import, and the indexes that find it.
#[derive(Clone, Copy)]
pub(super) struct Gone {
    id: MemberId,
    user_id: Option<BlindIndex>,
    card: Option<BlindIndex>,
}

/// Adds members to an import that is open or new.
pub(super) fn import(tables: &mut Tables, import: u64, members: Vec<NewMember>) -> Result<u64, Refused> {
    let open = open_import(tables, import)?;
    check(tables, &members)?;
    let count = u64::try_from(members.len()).unwrap_or(u64::MAX);
    for member in members {
        let id = &member.id.0;
        let owner = encode(&member.id)?;
        let row = MemberRow { revision: Revision(0), import, open: OpenFacts::NEW };
        tables.members.insert(id, encode(&row)?.as_slice())?;
        tables.credentials.insert(id, encode(&member.credentials)?.as_slice())?;
        tables.profiles.insert(id, encode(&member.profile)?.as_slice())?;
        tables.user_ids.insert(&member.user_id.0, owner.as_slice())?;
        tables.cards.insert(&member.card.0, owner.as_slice())?;
    }
    let row = ImportRow { members: open.members.saturating_add(count), ..open };
    tables.imports.insert(import, encode(&row)?.as_slice())?;
    Ok(count)
}

/// Makes an import visible.
pub(super) fn finish(tables: &mut Tables, import: u64, audit: &AuditRow) -> Result<u64, Refused> {
    let row = ImportRow { state: ImportState::Finished, ..open_import(tables, import)? };
    tables.imports.insert(import, encode(&row)?.as_slice())?;
    append_audit(tables, audit)?;
    Ok(row.members)
}

fn open_import(tables: &Tables, import: u64) -> Result<ImportRow, Refused> {
    let row: Option<ImportRow> = row(&tables.imports, import)?;
    let row = row.unwrap_or(ImportRow { members: 0, state: ImportState::Open });
    if row.state == ImportState::Open { Ok(row) } else { Err(StoreError::ImportOver(import).into()) }
}

/// Writes nothing. Looks at the store, where members of unfinished imports count as well, and at the list itself.
fn check(tables: &Tables, members: &[NewMember]) -> Result<(), Refused> {
    let (mut ids, mut user_ids, mut cards) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for member in members {
        if !ids.insert(member.id) || tables.members.get(&member.id.0)?.is_some() {
            return Err(Refused::Conflict);
        }
        if !user_ids.insert(member.user_id) || owner(&tables.user_ids, member.user_id)?.is_some() {
            return Err(Refused::Taken(Unique::UserId));
        }
        if !cards.insert(member.card) || owner(&tables.cards, member.card)?.is_some() {
            return Err(Refused::Taken(Unique::Card));
        }
    }
    Ok(())
}

/// Ends every open import without making it visible. From here on nothing can be added to them.
pub(super) fn abandon(tables: &mut Tables) -> Result<u64, Refused> {
    for (import, row) in imports(&tables.imports)?.into_iter().filter(|(_, row)| row.state == ImportState::Open) {
        let row = ImportRow { state: ImportState::Abandoned, ..row };
        tables.imports.insert(import, encode(&row)?.as_slice())?;
    }
    Ok(0)
}

/// Removes members that [`gone`] has found.
pub(super) fn remove(tables: &mut Tables, gone: &[Gone]) -> Result<u64, Refused> {
    for member in gone {
        tables.members.remove(&member.id.0)?;
        tables.credentials.remove(&member.id.0)?;
        tables.profiles.remove(&member.id.0)?;
        if let Some(index) = member.user_id {
            tables.user_ids.remove(&index.0)?;
        }
        if let Some(index) = member.card {
            tables.cards.remove(&index.0)?;
        }
    }
    Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
}

/// Forgets abandoned imports.
pub(super) fn forget(tables: &mut Tables) -> Result<u64, Refused> {
    for (import, _) in imports(&tables.imports)?.into_iter().filter(|(_, row)| row.state == ImportState::Abandoned) {
        tables.imports.remove(import)?;
    }
    Ok(0)
}

/// The members of abandoned imports. Reads three tables through, so only where there is such an import.
pub(super) fn gone(db: &Database) -> Result<Vec<Gone>, StoreError> {
    let txn = db.begin_read()?;
    let abandoned: BTreeSet<u64> = imports(&txn.open_table(IMPORTS)?)?
        .into_iter()
        .filter(|(_, row)| row.state == ImportState::Abandoned)
        .map(|(import, _)| import)
        .collect();
    if abandoned.is_empty() {
        return Ok(Vec::new());
    }
    let mut gone = BTreeMap::new();
    for entry in txn.open_table(MEMBERS)?.iter()? {
        let (key, value) = entry?;
        let row: MemberRow = decode(MEMBERS.name(), value.value())?;
        if abandoned.contains(&row.import) {
            let id = MemberId(*key.value());
            gone.insert(id, Gone { id, user_id: None, card: None });
        }
    }
    for_each_index(&txn, USER_IDS, |index, member| {
        gone.entry(member).and_modify(|gone| gone.user_id = Some(index));
    })?;
    for_each_index(&txn, CARDS, |index, member| {
        gone.entry(member).and_modify(|gone| gone.card = Some(index));
    })?;
    Ok(gone.into_values().collect())
}

fn for_each_index(txn: &ReadTransaction, table: Rows<Key16>, mut found: impl FnMut(BlindIndex, MemberId)) -> Result<(), StoreError> {
    for entry in txn.open_table(table)?.iter()? {
        let (key, value) = entry?;
        found(BlindIndex(*key.value()), decode(table.name(), value.value())?);
    }
    Ok(())
}

/// How many members have finished imports.
pub(super) fn visible_members(db: &Database) -> Result<u64, StoreError> {
    let rows = imports(&db.begin_read()?.open_table(IMPORTS)?)?;
    Ok(rows.iter().filter(|(_, row)| row.state == ImportState::Finished).map(|(_, row)| row.members).sum())
}

fn imports(table: &impl ReadableTable<u64, &'static [u8]>) -> Result<Vec<(u64, ImportRow)>, StoreError> {
    let mut rows = Vec::new();
    for entry in table.iter()? {
        let (key, value) = entry?;
        rows.push((key.value(), decode(IMPORTS.name(), value.value())?));
    }
    Ok(rows)
}
