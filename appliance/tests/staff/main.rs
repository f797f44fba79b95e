//! The operators' commands, over parts that live in memory.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod acts;
mod import;
mod office;
mod socket;
