//! The one signal that ends the process's threads, and their way to wait.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Set once. Every thread that waits, waits on this, so that none sleeps through the end.
#[derive(Default)]
pub struct Stop {
    set: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    /// Ends everything.
    pub fn set(&self) {
        *self.set.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        *self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `span` or until it is set; tells whether it is.
    pub fn wait(&self, span: Duration) -> bool {
        let guard = self.set.lock().unwrap_or_else(PoisonError::into_inner);
        let (guard, _) = self.changed.wait_timeout_while(guard, span, |set| !*set).unwrap_or_else(PoisonError::into_inner);
        *guard
    }
}
