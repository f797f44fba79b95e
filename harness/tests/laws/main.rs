//! The design laws on the whole appliance: real token, real database, simulated clock. Each file is about one of them.
#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod birth_date;
mod brake;
mod drift;
mod enumeration;
mod faults;
mod lanes;
mod letters;
mod links;
mod lives;
mod members_clock;
mod once;
mod reads;
mod scene;
mod sessions;
mod single_flight;
mod sources;
