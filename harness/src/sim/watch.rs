//! A watch over one part of the outside: it writes down which calls are made, and lets one of them fail, conflict or wait.

use super::hasher::WatchedHasher;
use super::store::WatchedStore;
use super::vault::WatchedVault;
use sekisho::ports::{Fault, World};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The watches over everything that can fail in the middle of a request.
#[derive(Clone, Default)]
pub struct Watches {
    /// Over the token.
    pub vault: Arc<Watch>,
    /// Over the database.
    pub store: Arc<Watch>,
    /// Over argon2id.
    pub hasher: Arc<Watch>,
}

impl Watches {
    /// `world`, each part of it under its watch.
    pub fn around(&self, world: World) -> World {
        World {
            vault: Arc::new(WatchedVault::new(world.vault, Arc::clone(&self.vault))),
            store: Arc::new(WatchedStore::new(world.store, Arc::clone(&self.store))),
            hasher: Arc::new(WatchedHasher::new(world.hasher, Arc::clone(&self.hasher))),
            ..world
        }
    }

    /// Every call since this was last asked: of the token, of the database, of argon2id.
    pub fn take_calls(&self) -> [Vec<String>; 3] {
        [&self.vault, &self.store, &self.hasher].map(|watch| watch.take_calls())
    }
}

/// What befalls a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// [`Fault::Hsm`].
    Hsm,
    /// [`Fault::Store`].
    Store,
    /// [`Fault::Damaged`].
    Damaged,
    /// [`Fault::Busy`].
    Busy,
}

impl Trouble {
    fn fault(self) -> Fault {
        let planned = || "planned by the simulation".to_owned();
        match self {
            Self::Hsm => Fault::Hsm(planned()),
            Self::Store => Fault::Store(planned()),
            Self::Damaged => Fault::Damaged(planned()),
            Self::Busy => Fault::Busy("planned by the simulation"),
        }
    }
}

/// What is done in the middle of a call, before the real part is asked.
type Visitor = Arc<dyn Fn() + Send + Sync>;

/// The watch over one part.
#[derive(Default)]
pub struct Watch(Mutex<State>);

#[derive(Default)]
struct State {
    calls: Vec<String>,
    planned: Option<Planned>,
    failed: Option<String>,
    conflicts: usize,
    visitor: Option<(&'static str, Visitor)>,
}

/// One call that is to fail.
struct Planned {
    /// How its name begins.
    call: &'static str,
    /// How many such calls go well before.
    before: usize,
    trouble: Trouble,
}

impl Watch {
    /// The `nth` call from now on fails, and only that one. 1 is the next.
    pub fn fail_call(&self, nth: usize, trouble: Trouble) {
        self.plan(Planned { call: "", before: nth.saturating_sub(1), trouble });
    }

    /// The next call whose name begins with `call` fails, and only that one.
    pub fn fail_next(&self, call: &'static str, trouble: Trouble) {
        self.plan(Planned { call, before: 0, trouble });
    }

    fn plan(&self, planned: Planned) {
        let mut state = self.lock();
        (state.planned, state.failed) = (Some(planned), None);
    }

    /// Gives up what was planned. The call that failed, if it came to that.
    pub fn calm(&self) -> Option<String> {
        let mut state = self.lock();
        state.planned = None;
        state.failed.take()
    }

    /// The next `times` commits conflict. For the store.
    pub fn conflict_next(&self, times: usize) {
        self.lock().conflicts = times;
    }

    /// Every call whose name begins with `call` meets `visitor` from now on, until somebody else is to be met.
    pub fn meet(&self, call: &'static str, visitor: impl Fn() + Send + Sync + 'static) {
        self.lock().visitor = Some((call, Arc::new(visitor)));
    }

    /// Every call since this was last asked, in order.
    pub fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().calls)
    }

    /// Notes a call; fails if that is planned.
    pub(super) fn call(&self, name: String) -> Result<(), Fault> {
        let visitor = {
            let mut state = self.lock();
            let visitor = state.visitor.as_ref().filter(|(call, _)| name.starts_with(call)).map(|(_, visitor)| Arc::clone(visitor));
            state.calls.push(name.clone());
            match state.planned.take() {
                Some(Planned { call, before: 0, trouble }) if name.starts_with(call) => {
                    state.failed = Some(name);
                    return Err(trouble.fault());
                }
                Some(planned) => {
                    let before = planned.before - usize::from(name.starts_with(planned.call));
                    state.planned = Some(Planned { before, ..planned });
                }
                None => {}
            }
            visitor
        };
        if let Some(visitor) = visitor {
            visitor();
        }
        Ok(())
    }

    /// Whether this commit is to conflict.
    pub(super) fn conflicts(&self) -> bool {
        let mut state = self.lock();
        let planned = state.conflicts > 0;
        state.conflicts = state.conflicts.saturating_sub(1);
        planned
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
