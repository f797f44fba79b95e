//! A disk in memory that can lose its power, fill up, fail to read, and stand still in a sync: all below the engine, so that the
//! store above is the real one.

use redb::{Builder, Database, DatabaseError, StorageBackend};
use sekisho::store::Backends;
use sekisho_core::id::SocietyName;
use std::io;
use std::sync::{Arc, Condvar, Mutex};

/// What the platters and the cache above them hold.
#[derive(Debug, Default)]
struct State {
    /// As a program sees it.
    seen: Vec<u8>,
    /// As it is after a power cut, before `pending` is weighed.
    durable: Vec<u8>,
    pending: Vec<Change>,
    /// Whether the file has its name; one that has not is not there after a power cut.
    named: bool,
    reads: u64,
    /// Writes and syncs until the power goes.
    until_cut: Option<u64>,
    /// No length beyond it.
    room: Option<u64>,
    reads_fail: bool,
    opens_fail: u32,
    gate_shut: bool,
    at_gate: bool,
}

#[derive(Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

/// One society's disk. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    state: Arc<Mutex<State>>,
    moved: Arc<Condvar>,
}

impl Disk {
    /// What is left after the power cut: each unsynced sector is written or not, as the seed says.
    pub fn after_cut(&self, seed: &mut Seed) -> Self {
        let state = self.state.lock().unwrap();
        if !state.named {
            return Self::default();
        }
        let mut left = state.durable.clone();
        for change in &state.pending {
            match change {
                Change::Length(len) if seed.one_in(2) => left.resize(*len, 0),
                Change::Length(_) => {}
                Change::Write(offset, data) => {
                    let whole = seed.one_in(2);
                    for (n, sector) in data.chunks(512).enumerate() {
                        if whole || seed.one_in(2) {
                            put(&mut left, offset + n * 512, sector);
                        }
                    }
                }
            }
        }
        let state = State { seen: left.clone(), durable: left, named: true, ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), moved: Arc::default() }
    }

    pub fn cut_after(&self, changes: u64) {
        self.state.lock().unwrap().until_cut = Some(changes);
    }

    pub fn restore_power(&self) {
        self.state.lock().unwrap().until_cut = None;
    }

    pub fn is_cut(&self) -> bool {
        self.state.lock().unwrap().until_cut == Some(0)
    }

    pub fn set_room(&self, bytes_more: Option<u64>) {
        let mut state = self.state.lock().unwrap();
        state.room = bytes_more.map(|more| state.seen.len() as u64 + more);
    }

    pub fn set_reads_fail(&self, fail: bool) {
        self.state.lock().unwrap().reads_fail = fail;
    }

    pub fn set_opens_fail(&self, times: u32) {
        self.state.lock().unwrap().opens_fail = times;
    }

    /// Reads that reached the disk since the last call.
    pub fn take_reads(&self) -> u64 {
        std::mem::take(&mut self.state.lock().unwrap().reads)
    }

    /// Syncs stand still from here on.
    pub fn shut_gate(&self) {
        self.state.lock().unwrap().gate_shut = true;
    }

    /// Returns when a sync stands at the gate.
    pub fn wait_at_gate(&self) {
        let state = self.state.lock().unwrap();
        drop(self.moved.wait_while(state, |state| !state.at_gate).unwrap());
    }

    pub fn open_gate(&self) {
        self.state.lock().unwrap().gate_shut = false;
        self.moved.notify_all();
    }
}

impl State {
    /// One change more. At the last one the power goes: that one may still reach the platters, later ones do not.
    fn change(&mut self) -> Power {
        match &mut self.until_cut {
            None => Power::On,
            Some(0) => Power::Gone,
            Some(left) => {
                *left -= 1;
                if *left == 0 { Power::Going } else { Power::On }
            }
        }
    }
}

#[derive(PartialEq)]
enum Power {
    On,
    Going,
    Gone,
}

impl Power {
    fn result(self) -> io::Result<()> {
        if self == Self::On { Ok(()) } else { Err(io::Error::other("no power")) }
    }
}

fn put(image: &mut Vec<u8>, offset: usize, data: &[u8]) {
    if image.len() < offset + data.len() {
        image.resize(offset + data.len(), 0);
    }
    image[offset..offset + data.len()].copy_from_slice(data);
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state.lock().unwrap().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        state.reads += 1;
        if state.reads_fail {
            return Err(io::Error::other("the disk does not read"));
        }
        let start = usize::try_from(offset).unwrap();
        let found = state.seen.get(start..start + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        state.change().result()?;
        if state.room.is_some_and(|room| len > room) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let len = usize::try_from(len).unwrap();
        state.seen.resize(len, 0);
        state.pending.push(Change::Length(len));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        if state.gate_shut {
            state.at_gate = true;
            self.moved.notify_all();
            state = self.moved.wait_while(state, |state| state.gate_shut).unwrap();
            state.at_gate = false;
        }
        state.change().result()?;
        for change in std::mem::take(&mut state.pending) {
            match change {
                Change::Length(len) => state.durable.resize(len, 0),
                Change::Write(offset, data) => put(&mut state.durable, offset, &data),
            }
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        let power = state.change();
        if power != Power::Gone {
            let offset = usize::try_from(offset).unwrap();
            put(&mut state.seen, offset, data);
            state.pending.push(Change::Write(offset, data.to_vec()));
        }
        power.result()
    }
}

/// One society on one disk.
impl Backends for Disk {
    fn size(&self, _society: &SocietyName) -> io::Result<Option<u64>> {
        let state = self.state.lock().unwrap();
        Ok(state.named.then_some(state.seen.len() as u64))
    }

    fn open(&self, _society: &SocietyName, builder: &Builder) -> Result<Database, DatabaseError> {
        let mut state = self.state.lock().unwrap();
        if state.opens_fail > 0 {
            state.opens_fail -= 1;
            return Err(io::Error::other("the disk is not there yet").into());
        }
        drop(state);
        let db = builder.create_with_backend(self.clone())?;
        self.state.lock().unwrap().named = true;
        Ok(db)
    }
}

/// SplitMix64: one number says the whole run.
pub struct Seed(pub u64);

impl Seed {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}
