//! Pages as a browser, a screen reader and the harness read them.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod every;
mod reading;
mod samples;
mod steps;
mod texts;
