//! The conformance harness: replays every flow of the manuals against Sekisho and says which steps it has shown.
//!
//! Flows are data (`vectors/flows`), read by [`flow`] and run by [`run`]. A [`drivers::Driver`] carries requests to an appliance and
//! letters back; [`browser`] behaves as a member's browser does, and [`chromium`] is one; [`world`] holds the actors beside it: clock,
//! members, TOTP apps. After every exchange [`invariants`] look at what went over the wire.
//!
//! Every simulation lives here and none in the product. Nothing imports this crate.

pub mod browser;
pub mod catalogue;
pub mod chromium;
pub mod cli;
pub mod coverage;
pub mod drivers;
pub mod flow;
pub mod guard;
pub mod invariants;
pub mod lint;
pub mod mailbox;
pub mod report;
pub mod rfc;
pub mod run;
pub mod sim;
pub mod stage;
pub mod told;
pub mod trace;
pub mod vectors;
pub mod world;
