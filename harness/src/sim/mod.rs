//! What a simulated run has in the place of the outside.

pub mod hasher;
pub mod log;
pub mod store;
pub mod token;
pub mod vault;
pub mod watch;
