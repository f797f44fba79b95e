//! x

pub mod mailbox;
