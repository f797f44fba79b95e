//! Forms over TLS, and whether they were answered.

use crate::house::{House, PROFILE};
use http::{Method, Request, header};
use sekisho_core::step::Step;
use sekisho_core::time::Timestamp;
use sekisho_harness::browser::page::Page;
use sekisho_harness::browser::{Browser, BrowserError, jar};
use sekisho_harness::drivers::remote::Remote;
use sekisho_harness::drivers::{Driver as _, DriverError, link_to};
use sekisho_harness::mailbox::Mailbox;
use sekisho_harness::world::clock::HostClock;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::Sender;

/// The server was gone before it answered.
#[derive(Debug)]
pub struct Cut;

/// What the answer to a form said.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    /// It was accepted; the page with this id comes next.
    Accepted(String),
    /// It was not, and this is the refusal's id.
    Refused(String),
}

/// The ways to the server, and to the mailbox.
pub struct Wire {
    one: Line,
    /// For a second request at the same time.
    other: Line,
    mailbox: Arc<Mailbox>,
}

struct Line {
    driver: Remote,
    answered: Sender<()>,
    /// Whether the server was gone once: what is in the browsers may be the page before, so nothing more is done.
    is_cut: bool,
}

/// What is typed into a form.
pub type Typed = BTreeMap<String, String>;

/// `fields` as what is typed.
pub fn typed(fields: &[(&str, &str)]) -> Typed {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Wire {
    /// A new way to `house`. Each answered form is told to `answered`.
    pub fn new(house: &House, answered: Sender<()>) -> Self {
        let line = || Line { driver: Remote::new(&house.target, PROFILE).expect("the target"), answered: answered.clone(), is_cut: false };
        Self { one: line(), other: line(), mailbox: Arc::clone(&house.mailbox) }
    }

    /// The server is up again.
    pub fn restored(&mut self) {
        (self.one.is_cut, self.other.is_cut) = (false, false);
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        HostClock.now()
    }

    /// Opens an address.
    pub fn open(&mut self, browser: &mut Browser, at: &str) -> Result<(), Cut> {
        self.one.get(|driver| browser.open(driver, at))
    }

    /// Follows a link of the page.
    pub fn follow(&mut self, browser: &mut Browser, at: &str) -> Result<(), Cut> {
        self.one.get(|driver| browser.follow(driver, at))
    }

    /// Opens the link of a letter.
    pub fn open_from_mail(&mut self, browser: &mut Browser, at: &str) -> Result<(), Cut> {
        self.one.get(|driver| browser.open_from_mail(driver, at))
    }

    /// Sends a form of the page.
    pub fn post(&mut self, browser: &mut Browser, form: Option<&str>, with: &Typed) -> Result<Said, Cut> {
        self.one.post(browser, form, with)
    }

    /// Sends the same from two browsers at the same time.
    pub fn post_both(&mut self, one: &mut Browser, other: &mut Browser, with: &Typed) -> [Result<Said, Cut>; 2] {
        let Self { one: line, other: other_line, .. } = self;
        std::thread::scope(|scope| {
            let second = scope.spawn(|| other_line.post(other, None, with));
            [line.post(one, None, with), second.join().expect("the other browser")]
        })
    }

    /// Whether this session cookie still stands for something.
    pub fn is_live(&mut self, cookie: &str) -> Result<bool, Cut> {
        let host = self.one.driver.origin().trim_start_matches("https://").to_owned();
        let request = Request::get("/").header(header::HOST, host).header(header::COOKIE, format!("{}={cookie}", jar::SESSION));
        let request = request.body(bytes::Bytes::new()).expect("a request");
        let answer = self.one.get(|driver| driver.send(request).map_err(BrowserError::from))?;
        let page = Page::parse("/", answer.status().as_u16(), &String::from_utf8_lossy(answer.body()));
        let to_login = answer.headers().get(header::LOCATION).is_some_and(|at| at == Step::Login.path());
        Ok(!to_login && page.step.as_deref() != Some("login-timeout"))
    }

    /// The link in the letter to this address, if it has come.
    pub fn link(&self, address: &str) -> Option<String> {
        self.mailbox.mails().iter().filter(|mail| mail.to == address).find_map(|mail| link_to(self.one.driver.origin(), mail))
    }
}

impl Line {
    /// The form counts as answered when its own answer has come: if that leads on to a page, the page may be cut off.
    fn post(&mut self, browser: &mut Browser, form: Option<&str>, with: &Typed) -> Result<Said, Cut> {
        browser.take_exchanges();
        let done = self.get(|driver| browser.submit(driver, form, with));
        let Some(answer) = browser.take_exchanges().into_iter().find(|exchange| exchange.method == Method::POST) else {
            return done.and(Err(Cut));
        };
        // Nobody counts while nothing is killed.
        let _ = self.answered.send(());
        assert!(answer.status < 500, "status {} for a form to {}", answer.status, answer.address);
        assert!(answer.cookie_faults.is_empty(), "{:?}", answer.cookie_faults);
        if let Some(refusal) = answer.page.refusal {
            return Ok(Said::Refused(refusal));
        }
        let location = answer.headers.get(header::LOCATION).and_then(|at| at.to_str().ok());
        let leads_to = location.and_then(|at| Step::ALL.iter().find(|step| step.path() == at)).map(|step| step.id().to_owned());
        let leads_to = leads_to.or(answer.page.step).expect("a page or the way to one");
        if done.is_ok() {
            let shows = browser.page().expect("a page").step.as_deref();
            assert_eq!(shows, Some(leads_to.as_str()), "the form to {} was answered, and does not hold", answer.address);
        }
        Ok(Said::Accepted(leads_to))
    }

    fn get<T>(&mut self, work: impl FnOnce(&mut Remote) -> Result<T, BrowserError>) -> Result<T, Cut> {
        if self.is_cut {
            return Err(Cut);
        }
        match work(&mut self.driver) {
            Ok(got) => Ok(got),
            Err(BrowserError::Driver(DriverError::Unreachable(_))) => {
                self.is_cut = true;
                Err(Cut)
            }
            Err(error) => panic!("{error}"),
        }
    }
}
