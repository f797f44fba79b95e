//! Where the harness reads its mail: an SMTP sink on loopback with a page for people, and a mailer for simulations.
//!
//! Both give the same [`Mail`]. Nothing is kept when the process ends.

mod collecting;
mod page;
mod sink;

pub use collecting::{CollectingMailer, MailFault};
pub use sink::Protection;

use serde::{Deserialize, Serialize};
use std::io::{Error, ErrorKind, Result, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A mail that has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Recipient of the envelope, as its owner writes it: without the quotes that SMTP needs.
    pub to: String,
    /// Sender address of the envelope.
    pub from: String,
    /// Subject line, decoded.
    pub subject: String,
    /// Plain text, decoded; lines end with LF.
    pub text: String,
    /// Without angle brackets. The same when a letter is sent again.
    pub message_id: String,
    /// When it arrived: seconds since 1970 UTC, by the simulated clock in a simulation.
    pub received: u64,
    /// Header and body as they came over the wire; empty in a simulation, where there is no wire.
    #[serde(skip)]
    pub raw: String,
}

impl Mail {
    /// The link that stands alone on a line; `None` if there is none, or more than one.
    pub fn link(&self) -> Option<&str> {
        let mut links = self.text.lines().filter(|line| is_link(line));
        let link = links.next()?;
        links.next().is_none().then_some(link)
    }
}

fn is_link(line: &str) -> bool {
    (line.starts_with("https://") || line.starts_with("http://")) && !line.contains(char::is_whitespace)
}

/// What `sekisho-harness mailbox` is told.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Where mail is taken in: a loopback address
    #[arg(long, default_value = "127.0.0.1:2525")]
    pub smtp: SocketAddr,
    /// Where it can be read with a browser: a loopback address
    #[arg(long, default_value = "127.0.0.1:8025")]
    pub page: SocketAddr,
}

/// Runs a mailbox until the process is ended. `out` is told the two addresses.
///
/// # Errors
/// An address is taken, or not a loopback address.
pub fn run(options: &Options, out: &mut dyn Write) -> Result<()> {
    let mailbox = Mailbox::start(options.smtp, Some(options.page))?;
    writeln!(out, "SMTP on {}", mailbox.smtp_addr())?;
    writeln!(out, "Mails at http://{}/ and /mails.json", mailbox.page_addr().unwrap_or(options.page))?;
    out.flush()?;
    loop {
        std::thread::park();
    }
}

/// A running mailbox. Ends when dropped.
pub struct Mailbox {
    shelf: Arc<Shelf>,
    sink: sink::Sink,
    page: Option<page::Page>,
}

impl Mailbox {
    /// Takes mail in at `smtp` without TLS, and shows it at `page`. Port 0 chooses a free one.
    ///
    /// # Errors
    /// An address is taken, or not a loopback address.
    pub fn start(smtp: SocketAddr, page: Option<SocketAddr>) -> Result<Self> {
        Self::start_with(smtp, page, Protection::Plain)
    }

    /// Like [`Self::start`], with TLS.
    ///
    /// # Errors
    /// An address is taken, or not a loopback address.
    pub fn start_with(smtp: SocketAddr, page: Option<SocketAddr>, protection: Protection) -> Result<Self> {
        for address in std::iter::once(smtp).chain(page) {
            if !address.ip().is_loopback() {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    format!("{address}: the mailbox shows mails to everybody; give it a loopback address"),
                ));
            }
        }
        let shelf = Arc::new(Shelf::default());
        let sink = sink::Sink::start(smtp, protection, Arc::clone(&shelf))?;
        let page = page.map(|address| page::Page::start(address, Arc::clone(&shelf))).transpose()?;
        Ok(Self { shelf, sink, page })
    }

    /// Every mail so far, in order of arrival.
    pub fn mails(&self) -> Vec<Mail> {
        self.shelf.lock().mails.clone()
    }

    /// As [`Self::mails`], as soon as there are `count`, or after `patience` with what there is then.
    pub fn wait_for(&self, count: usize, patience: Duration) -> Vec<Mail> {
        let few = |kept: &mut Kept| kept.mails.len() < count;
        let (kept, _) = self.shelf.arrived.wait_timeout_while(self.shelf.lock(), patience, few).unwrap_or_else(PoisonError::into_inner);
        kept.mails.clone()
    }

    /// Answers the next `times` recipients with `code`, a 4xx or 5xx reply. The reply repeats the address, as relays do.
    pub fn refuse_next(&self, times: usize, code: u16) {
        self.shelf.lock().refusals.extend(std::iter::repeat_n(code, times));
    }

    /// Where mail is taken in.
    pub fn smtp_addr(&self) -> SocketAddr {
        self.sink.address()
    }

    /// Where it is shown.
    pub fn page_addr(&self) -> Option<SocketAddr> {
        self.page.as_ref().map(page::Page::address)
    }
}

/// What has arrived, shared by sink and page.
#[derive(Default)]
struct Shelf {
    kept: Mutex<Kept>,
    arrived: Condvar,
}

#[derive(Default)]
struct Kept {
    mails: Vec<Mail>,
    /// Codes for the recipients to come.
    refusals: std::collections::VecDeque<u16>,
}

impl Shelf {
    fn put(&self, mails: Vec<Mail>) {
        self.lock().mails.extend(mails);
        self.arrived.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A panic elsewhere leaves whole mails behind.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
