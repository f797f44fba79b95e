//! The appliance in process, behind its own TLS server on a loopback port, and Chromium before it. Clock, letters and staff are those of
//! [`in_process`](super::in_process), so every flow that runs there runs here.
//!
//! What comes before a flow is walked by the harness's own browser, as quickly as in process: each of those flows is also run by itself,
//! and is seen by Chromium then. Where the flow itself begins, Chromium takes cookies, page and passkeys over.

use super::in_process::{Appliance, InProcess};
use super::server::Server;
use super::{Driver, DriverError, Pages, StaffAnswer, StaffOrder};
use crate::browser::tab::Tab;
use crate::browser::{Browser, BrowserError};
use crate::catalogue::ProfileId;
use crate::chromium::{Chromium, Options};
use crate::flow::{DriverKind, Given};
use crate::mailbox::Mail;
use crate::world::entropy::Dice;
use crate::world::member::Registered;
use bytes::Bytes;
use http::{Request, Response};
use sekisho_core::tenant::TenantPolicy;
use sekisho_core::time::Timestamp;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What is put behind a profile's id for the society whose flows are run in process, to compare with.
const BESIDE: &str = "-beside";

/// An appliance, its server, and Chromium. For each profile there is a second society, which is reached in process.
pub struct House {
    // They go in this order: who asks, who carries, who answers.
    chromium: Rc<Chromium>,
    _server: Server,
    appliance: Appliance,
}

impl House {
    /// A new appliance with its server, and a Chromium. As [`Appliance::new`], this has to come first in the process.
    ///
    /// # Errors
    /// SoftHSM or Chromium is not installed.
    pub fn new(profiles: &BTreeMap<ProfileId, TenantPolicy>, seed: u64, options: &Options) -> Result<Self, DriverError> {
        let twice = profiles.iter().flat_map(|(id, policy)| [(id.clone(), policy.clone()), (format!("{id}{BESIDE}"), policy.clone())]);
        let appliance = Appliance::new(&twice.collect(), seed)?;
        let hosts = profiles.keys().map(|profile| Ok(appliance.society(profile)?.host.clone())).collect::<Result<Vec<_>, DriverError>>()?;
        let server = Server::start(appliance.front(), appliance.edge(), &hosts)?;
        let chromium = Chromium::start(options, server.address.port(), &server.trusted_key())?;
        Ok(Self { chromium, _server: server, appliance })
    }

    /// The driver of one profile's society.
    pub fn driver(&self, profile: &str) -> Result<InBrowser<'_>, DriverError> {
        Ok(InBrowser { inner: self.appliance.driver(profile)?, chromium: Rc::clone(&self.chromium) })
    }

    /// Its Chromium.
    pub fn chromium(&self) -> &Rc<Chromium> {
        &self.chromium
    }

    /// The driver of a society like that, in process and on the same clock.
    pub fn beside(&self, profile: &str) -> Result<InProcess<'_>, DriverError> {
        self.appliance.driver(&format!("{profile}{BESIDE}"))
    }
}

/// Drives one society of a [`House`].
pub struct InBrowser<'a> {
    inner: InProcess<'a>,
    chromium: Rc<Chromium>,
}

impl Driver for InBrowser<'_> {
    fn kind(&self) -> DriverKind {
        DriverKind::Browser
    }

    fn origin(&self) -> &str {
        self.inner.origin()
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn wait_until(&mut self, instant: Timestamp) -> Result<(), DriverError> {
        self.inner.wait_until(instant)
    }

    fn jump(&mut self, seconds: i64) -> Result<(), DriverError> {
        self.inner.jump(seconds)
    }

    fn register(&mut self, given: &Given, dice: &mut Dice) -> Result<Registered, DriverError> {
        self.inner.register(given, dice)
    }

    fn send(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, DriverError> {
        self.inner.send(request)
    }

    fn letters(&mut self, to: &str) -> Result<Vec<Mail>, DriverError> {
        self.inner.letters(to)
    }

    fn commits(&self) -> Option<u64> {
        self.inner.commits()
    }

    fn residue(&self) -> Vec<(String, Vec<u8>)> {
        self.inner.residue()
    }

    fn staff(&mut self, order: &StaffOrder<'_>) -> Result<StaffAnswer, DriverError> {
        self.inner.staff(order)
    }

    fn adopt(&mut self, own: Browser, reloads: bool) -> Result<Box<dyn Tab>, BrowserError> {
        let mut tab = self.chromium.tab(self.inner.origin())?;
        tab.take_over(self, own, reloads)?;
        Ok(Box::new(tab))
    }

    fn runs_scripts(&self) -> bool {
        self.chromium.runs_scripts()
    }

    fn pages(&mut self) -> Option<Pages> {
        Some(self.chromium.pages())
    }
}
