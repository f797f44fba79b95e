//! Which societies' files are open: each when it is first needed, a bounded number at a time, the longest unused one closed first.

use super::Options;
use super::error::StoreError;
use super::files::Backends;
use super::schema::prepare;
use super::writer::{Failure, Tally, Writer};
use redb::Database;
use sekisho_core::id::SocietyName;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An open file. Its writer finishes before the file is closed, hence the order of the fields.
pub(super) struct SocietyFile {
    pub(super) writer: Writer,
    pub(super) db: Arc<Database>,
    _cache: Grant,
}

impl SocietyFile {
    /// After a failed read the engine refuses everything until the file is opened again. `PreviousIo` is only its echo: whoever met
    /// the failure itself has said what is to be done.
    pub(super) fn read_failed(&self, error: &StoreError) {
        if matches!(error, StoreError::Engine(engine) if !matches!(engine, redb::Error::PreviousIo)) {
            self.writer.fail(Failure::Reopen);
        }
    }
}

/// One society's place, kept for the life of the process; its file comes and goes.
#[derive(Default)]
pub(super) struct Seat {
    used: AtomicU64,
    pub(super) tally: Arc<Tally>,
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    Closed,
    Open(Arc<SocietyFile>),
    /// See [`Failure::Shut`]; closed until the process is started again.
    Shut(String),
}

/// All places.
pub(super) struct Seats {
    backends: Box<dyn Backends>,
    options: Options,
    seats: Mutex<BTreeMap<SocietyName, Arc<Seat>>>,
    uses: AtomicU64,
    budget: Arc<Mutex<usize>>,
}

impl Seats {
    pub(super) fn new(backends: Box<dyn Backends>, options: Options) -> Self {
        let budget = Arc::new(Mutex::new(options.cache_bytes));
        Self { backends, options, seats: Mutex::default(), uses: AtomicU64::new(0), budget }
    }

    /// The society's place.
    pub(super) fn seat(&self, society: &SocietyName) -> Arc<Seat> {
        let mut seats = lock(&self.seats);
        match seats.get(society) {
            Some(seat) => seat.clone(),
            None => seats.entry(society.clone()).or_default().clone(),
        }
    }

    /// The society's file, opened if need be; `None` when it has none and `make` does not ask for one.
    pub(super) fn file(&self, society: &SocietyName, make: bool) -> Result<Option<Arc<SocietyFile>>, StoreError> {
        let seat = self.seat(society);
        seat.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        let mut state = lock(&seat.state);
        if let Some(file) = usable(&mut state)? {
            return Ok(Some(file));
        }
        let size = self.backends.size(society).map_err(redb::Error::Io)?;
        if size.is_none() && !make {
            return Ok(None);
        }
        self.make_room();
        let file = Arc::new(self.open(society, &seat, size.unwrap_or(0))?);
        *state = State::Open(file.clone());
        Ok(Some(file))
    }

    /// The society's file if it is open. Does not count as a use.
    pub(super) fn open_file(&self, society: &SocietyName) -> Result<Option<Arc<SocietyFile>>, StoreError> {
        let seat = self.seat(society);
        let mut state = lock(&seat.state);
        usable(&mut state)
    }

    fn open(&self, society: &SocietyName, seat: &Seat, size: u64) -> Result<SocietyFile, StoreError> {
        let cache = Grant::take(&self.budget, size, self.options.cache_bytes / self.options.open_files.max(1));
        let mut builder = Database::builder();
        builder.set_cache_size(cache.bytes);
        let db = Arc::new(self.backends.open(society, &builder)?);
        prepare(&db)?;
        let writer = Writer::start(society.to_string(), db.clone(), seat.tally.clone(), self.options.queue, self.options.group)?;
        Ok(SocietyFile { writer, db, _cache: cache })
    }

    /// Closes the files that have not been used for longest and that nobody uses now, until one more may be opened.
    /// When all are in use the bound is passed until they are not: there are never more than requests.
    fn make_room(&self) {
        let mut seats: Vec<Arc<Seat>> = lock(&self.seats).values().cloned().collect();
        seats.sort_by_key(|seat| seat.used.load(Ordering::Relaxed));
        // A place that is locked is being opened or asked for: it counts as open and is not idle.
        let is_open = |seat: &&Arc<Seat>| seat.state.try_lock().map_or(true, |state| matches!(*state, State::Open(_)));
        let mut open = seats.iter().filter(is_open).count();
        for seat in seats {
            if open <= self.options.open_files {
                break;
            }
            let Ok(mut state) = seat.state.try_lock() else { continue };
            let idle = matches!(&*state, State::Open(file) if Arc::strong_count(file) == 1);
            if idle {
                // Under the lock, so that nobody opens the file again before it is closed.
                *state = State::Closed;
                open = open.saturating_sub(1);
            }
        }
    }
}

/// The open file, if it can be used. One that failed is closed here, by the first who comes after everybody has left it.
fn usable(state: &mut State) -> Result<Option<Arc<SocietyFile>>, StoreError> {
    let next = match &*state {
        State::Closed => return Ok(None),
        State::Shut(reason) => return Err(StoreError::Shut(reason.clone())),
        State::Open(file) => match file.writer.failure() {
            None => return Ok(Some(file.clone())),
            Some(Failure::Shut(reason)) => State::Shut(reason.clone()),
            Some(Failure::Reopen) if Arc::strong_count(file) > 1 => return Err(StoreError::Reopening),
            Some(Failure::Reopen) => State::Closed,
        },
    };
    *state = next;
    usable(state)
}

/// A share of the cache that all files have together: twice the file, but no more than half of what is left, and never less than
/// an even share. Given back when the file is closed.
struct Grant {
    bytes: usize,
    taken: usize,
    budget: Arc<Mutex<usize>>,
}

impl Grant {
    fn take(budget: &Arc<Mutex<usize>>, file_size: u64, even_share: usize) -> Self {
        let mut left = lock(budget);
        let wish = usize::try_from(file_size.saturating_mul(2)).unwrap_or(usize::MAX);
        let bytes = wish.max(SMALLEST_WISH).min(*left / 2).max(even_share);
        let taken = bytes.min(*left);
        *left -= taken;
        Self { bytes, taken, budget: budget.clone() }
    }
}

/// What a file that has yet to grow is given, if it is there.
const SMALLEST_WISH: usize = 8 << 20;

impl Drop for Grant {
    fn drop(&mut self) {
        let mut left = lock(&self.budget);
        *left += self.taken;
    }
}

/// A panic elsewhere leaves nothing half done in these.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_files_share_the_cache_and_give_it_back() {
        let all = 64 << 20;
        let budget = Arc::new(Mutex::new(all));
        let grants: Vec<_> = (0..40).map(|_| Grant::take(&budget, 1 << 30, all / 40)).collect();
        assert_eq!(grants[0].bytes, all / 2, "the first big file leaves half");
        assert_eq!(grants[39].bytes, all / 40, "the last one has its even share");
        assert!(grants.iter().map(|grant| grant.bytes).sum::<usize>() <= 2 * all);
        drop(grants);
        assert_eq!(*lock(&budget), all);
        assert_eq!(Grant::take(&budget, 0, all / 40).bytes, SMALLEST_WISH, "a small file takes little");
    }
}
