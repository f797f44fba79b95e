//! Replays every flow of the manuals against Sekisho, headlessly.

pub mod mailbox;
pub mod sim;
pub mod stage;
