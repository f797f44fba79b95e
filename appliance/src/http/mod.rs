//! TLS, HTTP, forms, cookies. The only async code is in [`server`] and [`health`]; everything between a request and its answer
//! is [`App::respond`], an ordinary function, which the server and an in-process driver call alike.

pub mod command;
pub mod cookie;
pub mod csrf;
pub mod edge;
pub mod form;
pub mod forwarded;
pub mod header;
pub mod health;
pub mod language;
pub mod proxy;
pub mod respond;
pub mod server;
pub mod tls;

use crate::ports::{Clock, Entropy, Fault};
use crate::service::{Answer, Browser, Service};
use crate::society::{Society, SocietyKeys};
use sekisho_core::command::Command;
use sekisho_core::shown::Typed;
use sekisho_core::step::Step;
use sekisho_core::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the pages stand before: [`Service`], or a script in a test.
pub trait Portal: Send + Sync {
    /// Answers a form; see [`Service::submit`].
    fn submit(&self, society: &Society, browser: &Browser, command: Command, typed: Typed) -> Result<Answer, Fault>;

    /// Answers a GET; see [`Service::show`].
    fn show(&self, society: &Society, browser: &Browser, asked: Step, as_text: bool) -> Result<Answer, Fault>;

    /// Now, never earlier than it has been: for the end of a link (design law 8).
    fn now(&self, society: &Society) -> Result<Timestamp, Fault>;

    /// The society's keys; the first call may open them.
    fn keys<'a>(&'a self, society: &'a Society) -> Result<&'a SocietyKeys, Fault>;
}

impl Portal for Service {
    fn submit(&self, society: &Society, browser: &Browser, command: Command, typed: Typed) -> Result<Answer, Fault> {
        Service::submit(self, society, browser, command, typed)
    }

    fn show(&self, society: &Society, browser: &Browser, asked: Step, as_text: bool) -> Result<Answer, Fault> {
        Service::show(self, society, browser, asked, as_text)
    }

    fn now(&self, society: &Society) -> Result<Timestamp, Fault> {
        self.world().now(&society.name)
    }

    fn keys<'a>(&'a self, society: &'a Society) -> Result<&'a SocietyKeys, Fault> {
        society.keys(self.world())
    }
}

/// Everything between a request and its answer.
pub struct App {
    portal: Arc<dyn Portal>,
    /// By host name.
    societies: BTreeMap<String, Arc<Society>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl App {
    /// Serves `societies`, each under its own host name.
    pub fn new(portal: Arc<dyn Portal>, societies: Vec<Arc<Society>>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let societies = societies.into_iter().map(|society| (society.host.clone(), society)).collect();
        Self { portal, societies, clock, entropy }
    }
}
