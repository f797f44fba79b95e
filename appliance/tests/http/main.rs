//! The HTTP layer: requests in process against a scripted service, and bytes against the real server over TLS.
#![cfg(test)]

mod answers;
mod commands;
mod edge;
mod forgery;
mod forms;
mod malformed;
mod server;
mod support;
