//! The rules of Sekisho, as pure functions over plain data.
//!
//! This crate does no I/O, reads no clock, draws no random number and knows nothing of HTTP, PKCS#11 or a database:
//! time and randomness arrive as arguments, measurements arrive as [`plan::Findings`]. `deploy/test` proves it with `cargo tree`.
//!
//! The way of a request: [`command::Command`] → [`plan::plan`] (is it due, what must be measured?) → the shell measures →
//! [`decide::decide`] (what follows?) → the shell commits → [`journey::next_step`] names the screen that comes next.

pub mod account;
pub mod alarm;
pub mod audit;
pub mod birth;
pub mod bucket;
pub mod clock;
pub mod command;
pub mod concession;
mod counting;
pub mod decide;
pub mod email;
pub mod fold;
pub mod guard;
pub mod id;
pub mod journey;
pub mod lane;
pub mod letter;
pub mod lookup;
pub mod otp;
pub mod passkey;
pub mod password;
pub mod plan;
pub mod refusal;
pub mod secret;
pub mod session;
pub mod shown;
pub mod source;
pub mod staff;
pub mod step;
pub mod tenant;
pub mod time;
pub mod user_id;
