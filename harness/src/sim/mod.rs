//! What a simulated run has in the place of the outside.

pub mod log;
pub mod token;
