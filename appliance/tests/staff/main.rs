//! The operators' commands, over parts that live in memory.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod acts;
mod clock;
mod import;
mod letters;
mod office;
mod socket;
