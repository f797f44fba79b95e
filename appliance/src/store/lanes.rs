//! The strangers' lane on the disk: which name an ID has in the table of [`sekisho_core::lane`], and what stands there.

use super::codec::encode;
use super::error::StoreError;
use super::schema::{COUNTERS, LANES, SLOTS, row};
use crate::ports::{CounterKey, slot_of};
use redb::{Database, ReadableDatabase, ReadableTable, Table, TableHandle};
use ring::digest::{SHA256, digest};
use sekisho_core::account::Counters;
use sekisho_core::id::MemberId;
use sekisho_core::lane::{Cell, Cells, Name, Strangers, places, tag};
use sekisho_core::source::Prefix;

/// Under which names the tries at one ID stand.
pub struct Names {
    /// The lane of all strangers.
    pub lane: Name,
    /// The share of one source, if it is known.
    pub share: Option<Name>,
}

impl Names {
    /// The names of `key`'s tries from `from`. A lane that begins anew has another name: what stood under the old one wears off where it
    /// is. The hash needs no key, since member ids and blind indexes are as good as random to everybody outside.
    pub fn of(key: CounterKey, counters: &Counters, from: Option<Prefix>) -> Self {
        let id = match key {
            CounterKey::Member(MemberId(id)) => id,
            CounterKey::Nobody(index) => index.0,
        };
        let name = |kind: u8, prefix: &[u8]| {
            let input = [&[kind], &id[..], &counters.lanes.to_be_bytes(), &counters.strangers.to_be_bytes(), prefix].concat();
            digest(&SHA256, &input).as_ref().first_chunk().copied().unwrap_or_default()
        };
        Self { lane: name(0, &[]), share: from.map(|prefix| name(1, &prefix.encode())) }
    }

    pub(super) fn read(&self, table: &(impl ReadableTable<u32, &'static [u8]> + TableHandle)) -> Result<Strangers, StoreError> {
        let share = self.share.map_or(Ok(Cells::default()), |share| cells(table, &share))?;
        Ok(Strangers { lane: cells(table, &self.lane)?, share, source: self.share.as_ref().map_or(0, tag) })
    }

    pub(super) fn write(&self, table: &mut Table<u32, &'static [u8]>, strangers: &Strangers) -> Result<(), StoreError> {
        for (name, cells) in std::iter::once((self.lane, &strangers.lane)).chain(self.share.map(|share| (share, &strangers.share))) {
            for (place, cell) in places(&name).into_iter().zip(&cells.0) {
                table.insert(place, encode(cell)?.as_slice())?;
            }
        }
        Ok(())
    }
}

fn cells(table: &(impl ReadableTable<u32, &'static [u8]> + TableHandle), name: &Name) -> Result<Cells, StoreError> {
    let mut cells = Cells::default();
    for (place, cell) in places(name).into_iter().zip(&mut cells.0) {
        *cell = row::<u32, Cell>(table, place)?.unwrap_or_default();
    }
    Ok(cells)
}

/// See [`crate::ports::Store::strangers`].
pub(super) fn strangers(db: &Database, key: CounterKey, from: Option<Prefix>) -> Result<Strangers, StoreError> {
    let txn = db.begin_read()?;
    let counters = match key {
        CounterKey::Member(id) => row(&txn.open_table(COUNTERS)?, &id.0)?,
        CounterKey::Nobody(index) => row(&txn.open_table(SLOTS)?, slot_of(index))?,
    };
    Names::of(key, &counters.unwrap_or_default(), from).read(&txn.open_table(LANES)?)
}
