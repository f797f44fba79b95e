//! What Sekisho costs, as ratios: the parts of the load bench `login_load`. And what its times tell: `who_is_there`.
//!
//! It runs the release binary as it is deployed, in a process of its own, and asks it nothing that an operator could not ask: the
//! staff socket for commits and PKCS#11 calls, `/proc` for time, memory and bytes.

pub mod alone;
pub mod browser;
pub mod enrol;
pub mod lab;
pub mod load;
pub mod member;
pub mod readings;
pub mod report;
pub mod samples;

/// What ends a bench. The text is for whoever runs it.
pub type AnyError = Box<dyn std::error::Error + Send + Sync>;
