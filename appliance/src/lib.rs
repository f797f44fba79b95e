//! Sekisho: the log-in of a society's members as one process.
//!
//! The rules live in `sekisho-core`; this crate is the shell around them. `ARCHITECTURE.md` is the map.

pub mod alarms;
pub mod config;
pub mod http;
pub mod mail;
pub mod otpauth;
pub mod perform;
pub mod ports;
pub mod records;
pub mod route;
pub mod run;
pub mod service;
pub mod society;
pub mod staff;
pub mod store;
pub mod ticker;
pub mod vault;
pub mod view;
