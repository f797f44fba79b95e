//! How requests reach an appliance, and how its letters come back.

pub mod browser;
pub mod in_process;
mod insight;
pub mod remote;
pub(crate) mod server;
pub(crate) mod wired;

use crate::browser::tab::Tab;
use crate::browser::{Browser, BrowserError};
use crate::flow::{Clerk, DriverKind, Given, StaffAct};
use crate::mailbox::Mail;
use crate::world::entropy::Dice;
use crate::world::member::Registered;
use bytes::Bytes;
use http::{Request, Response};
use sekisho_core::time::Timestamp;
use std::collections::BTreeMap;

/// One society's appliance, reached in one way.
pub trait Driver {
    /// Which way.
    fn kind(&self) -> DriverKind;

    /// `https://host[:port]` of the society.
    fn origin(&self) -> &str;

    /// What time it is for members and server alike.
    fn now(&self) -> Timestamp;

    /// Lets time pass until then: the simulated clock is set, the host's is waited for.
    fn wait_until(&mut self, instant: Timestamp) -> Result<(), DriverError>;

    /// Sets the clock by so many seconds; no time passes.
    fn jump(&mut self, seconds: i64) -> Result<(), DriverError> {
        let _ = seconds;
        Err(DriverError::NotSetUp("the clock of another host cannot be set".to_owned()))
    }

    /// A member who has not logged in yet, as `given` wants one.
    fn register(&mut self, given: &Given, dice: &mut Dice) -> Result<Registered, DriverError>;

    /// One request, one answer. Redirects are not followed. `Host` is in the headers, the address is path and query.
    fn send(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, DriverError>;

    /// The letters that have come to an address, oldest first.
    fn letters(&mut self, to: &str) -> Result<Vec<Mail>, DriverError>;

    /// Durable commits so far, where they can be seen: a GET makes none (I18).
    fn commits(&self) -> Option<u64>;

    /// What is left lying about, by name, where it can be seen: database files, logs (I11).
    fn residue(&self) -> Vec<(String, Vec<u8>)>;

    /// The browser that a member uses from now on, with the cookies of `own` and on the same page: `own` itself, unless the driver has
    /// a real one. `reloads`: the page is about to be loaded anew.
    fn adopt(&mut self, own: Browser, reloads: bool) -> Result<Box<dyn Tab>, BrowserError> {
        let _ = reloads;
        Ok(Box::new(own))
    }

    /// Lets one of the society's staff do something.
    fn staff(&mut self, order: &StaffOrder<'_>) -> Result<StaffAnswer, DriverError> {
        let _ = order;
        Err(DriverError::NotSetUp("the staff of another host cannot be told what to do".to_owned()))
    }

    /// Whether the scripts of pages are run, or what they do is done in their place.
    fn runs_scripts(&self) -> bool {
        true
    }

    /// What was seen of the pages since this was last called, where they are looked at with a browser's eyes.
    fn pages(&mut self) -> Option<Pages> {
        None
    }
}

/// What one of the staff is to do.
#[derive(Clone, Copy, Debug)]
pub struct StaffOrder<'a> {
    /// What.
    pub act: StaffAct,
    /// Who of them.
    pub by: Clerk,
    /// The card of the member that it is about: symbol, number, branch.
    pub card: (&'a str, &'a str, &'a str),
    /// What the command is given besides, by name.
    pub with: &'a BTreeMap<String, String>,
}

/// What the staff were told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaffAnswer {
    /// Line by line; the reason of a refusal is the last one.
    pub said: Vec<String>,
    /// Whether it was refused.
    pub refused: bool,
    /// What the file for the printer holds, if the command writes one.
    pub file: Option<String>,
}

/// What a real browser has to say of the pages that it has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// How many different ones it has shown.
    pub seen: usize,
    /// What was wrong, one sentence each.
    pub findings: Vec<String>,
    /// What was not looked at, and why.
    pub not_looked_at: Vec<String>,
}

/// The path and query of the link to `origin` that stands alone on a line of `mail`. A link to anywhere else is none (ML-06).
pub fn link_to(origin: &str, mail: &Mail) -> Option<String> {
    mail.link().and_then(|link| link.strip_prefix(origin)).filter(|rest| rest.starts_with('/')).map(str::to_owned)
}

/// The way to the appliance does not work. Says nothing about the appliance itself.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// Nothing answers.
    #[error("the target does not answer: {0}")]
    Unreachable(String),
    /// Something is missing that whoever runs the harness has to provide.
    #[error("the target is not set up: {0}")]
    NotSetUp(String),
    /// The harness itself.
    #[error("the harness is at fault: {0}")]
    Internal(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_to_the_societys_own_origin_is_one() {
        let mail = |text: &str| Mail {
            to: String::new(),
            from: String::new(),
            subject: String::new(),
            text: text.to_owned(),
            message_id: String::new(),
            received: 0,
            raw: String::new(),
        };
        let of = |text: &str| link_to("https://a.test:8443", &mail(text));
        assert_eq!(of("読んで\n\nhttps://a.test:8443/link/email?t=abc\n"), Some("/link/email?t=abc".to_owned()));
        assert_eq!(of("https://a.test:8443.evil.test/link/email?t=abc"), None);
        assert_eq!(of("http://a.test:8443/link"), None);
    }
}
