//! A browser as members have it: cookies, forms, redirects, back and reload. What flows do at one is [`tab::Tab`]; [`Browser`] is the
//! harness's own, without scripts, over any driver that can send a request.

pub mod jar;
pub mod page;
pub mod tab;

use crate::drivers::{Driver, DriverError};
use crate::world::authenticator::{Authenticator, Declined};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use jar::Jar;
use page::{Filled, FormError, Page};
use sekisho_core::source::Source;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Most redirects in a row.
const REDIRECTS: usize = 5;

/// One request and its answer, for the invariants and the trace.
#[derive(Debug)]
pub struct Exchange {
    /// GET or POST.
    pub method: Method,
    /// Path and query.
    pub address: String,
    /// HTTP status.
    pub status: u16,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The answer's body.
    pub body: Bytes,
    /// The page it is, if it is one.
    pub page: Page,
    /// Whether the browser held a session cookie before.
    pub had_session: bool,
    /// Whether it holds one now.
    pub has_session: bool,
    /// Rules that its cookies broke.
    pub cookie_faults: Vec<String>,
    /// Durable commits that the appliance made meanwhile, where the driver can see them.
    pub commits: Option<u64>,
}

/// Something that a browser cannot do.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The way to the appliance.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// The page has no such form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// There is no page, no link or no page before.
    #[error("{0}")]
    Impossible(String),
}

impl From<BrowserError> for DriverError {
    fn from(error: BrowserError) -> Self {
        match error {
            BrowserError::Driver(error) => error,
            other => Self::Internal(other.to_string()),
        }
    }
}

/// Who caused a request, as a browser tells it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The member typed the address.
    Typed,
    /// A page of ours.
    Page,
    /// Another site: the web page that the member reads mail on.
    OtherSite,
}

impl Cause {
    fn sec_fetch_site(self) -> &'static str {
        match self {
            Self::Typed => "none",
            Self::Page => "same-origin",
            Self::OtherSite => "cross-site",
        }
    }
}

/// The harness's own browser.
#[derive(Debug)]
pub struct Browser {
    /// Where it sits, for a driver that can say so.
    pub source: Source,
    jar: Jar,
    page: Option<Page>,
    /// Whether pages forbid the browser to tell where it comes from: then a form's `Origin` is `null` (Fetch, "append a request Origin header").
    hides_origin: bool,
    history: Vec<String>,
    exchanges: Vec<Exchange>,
}

impl Default for Browser {
    fn default() -> Self {
        Self { source: somewhere(), jar: Jar::default(), page: None, hides_origin: false, history: Vec::new(), exchanges: Vec::new() }
    }
}

/// Where a browser sits unless it was put elsewhere: an address of RFC 5737.
pub fn somewhere() -> Source {
    Source::of(IpAddr::from([192, 0, 2, 1]))
}

impl Browser {
    /// The page it shows.
    pub fn page(&self) -> Result<&Page, BrowserError> {
        self.page.as_ref().ok_or_else(|| BrowserError::Impossible("no page is open in this browser".to_owned()))
    }

    /// Its cookies.
    pub fn jar(&self) -> &Jar {
        &self.jar
    }

    /// Address of the page before the one it shows.
    pub fn page_before(&self) -> Option<&str> {
        self.history.iter().rev().nth(1).map(String::as_str)
    }

    /// What went over the wire since this was last called.
    pub fn take_exchanges(&mut self) -> Vec<Exchange> {
        std::mem::take(&mut self.exchanges)
    }

    /// Types an address.
    pub fn open(&mut self, driver: &mut dyn Driver, address: &str) -> Result<(), BrowserError> {
        self.navigate(driver, Method::GET, address, Bytes::new(), Cause::Typed)
    }

    /// Opens a link of a letter, read on a web page.
    pub fn open_from_mail(&mut self, driver: &mut dyn Driver, address: &str) -> Result<(), BrowserError> {
        self.navigate(driver, Method::GET, address, Bytes::new(), Cause::OtherSite)
    }

    /// Presses a link of the page.
    pub fn follow(&mut self, driver: &mut dyn Driver, address: &str) -> Result<(), BrowserError> {
        if !self.page()?.links.iter().any(|link| link == address) {
            return Err(BrowserError::Impossible(format!("the page has no link to {address}; it has {:?}", self.page()?.links)));
        }
        self.navigate(driver, Method::GET, address, Bytes::new(), Cause::Page)
    }

    /// Fills a form of the page and sends it.
    pub fn submit(&mut self, driver: &mut dyn Driver, form: Option<&str>, with: &BTreeMap<String, String>) -> Result<(), BrowserError> {
        let Filled { action, sent } = self.page()?.fill(form, with)?;
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).finish();
        self.navigate(driver, Method::POST, &action, Bytes::from(body), Cause::Page)
    }

    /// What the script of a page with a passkey dialogue does: it asks `device` and sends the form with what that says.
    pub fn answer_passkey(
        &mut self,
        driver: &mut dyn Driver,
        form: Option<&str>,
        with: &BTreeMap<String, String>,
        device: &mut Authenticator,
    ) -> Result<(), BrowserError> {
        let dialogue = self.page()?.passkey.clone();
        let dialogue = dialogue.ok_or_else(|| BrowserError::Impossible("the page has no passkey dialogue".to_owned()))?;
        let answer = match dialogue.is_new {
            true => device.create(&dialogue.options, driver.origin()),
            false => device.get(&dialogue.options, driver.origin()),
        };
        let (credential, outcome) = match answer {
            Ok(credential) => (credential, None),
            Err(Declined::NotAllowed) => (String::new(), Some("cancelled")),
            Err(Declined::Known) => (String::new(), Some("known")),
            Err(Declined::Refused(why)) => return Err(BrowserError::Impossible(format!("the page asks for what it may not have: {why}"))),
        };
        self.send_passkey(driver, form.or(Some(&dialogue.action)), with, credential, outcome)
    }

    /// As [`Self::answer_passkey`], with an answer that was made elsewhere.
    pub fn answer_passkey_with(&mut self, driver: &mut dyn Driver, credential: &str) -> Result<(), BrowserError> {
        let dialogue = self.page()?.passkey.clone();
        let dialogue = dialogue.ok_or_else(|| BrowserError::Impossible("the page has no passkey dialogue".to_owned()))?;
        self.send_passkey(driver, Some(&dialogue.action), &BTreeMap::new(), credential.to_owned(), None)
    }

    fn send_passkey(
        &mut self,
        driver: &mut dyn Driver,
        form: Option<&str>,
        with: &BTreeMap<String, String>,
        credential: String,
        outcome: Option<&str>,
    ) -> Result<(), BrowserError> {
        let Filled { action, mut sent } = self.page()?.fill(form, with)?;
        sent.retain(|(name, _)| name != "credential" && name != "outcome");
        sent.push(("credential".to_owned(), credential));
        sent.extend(outcome.map(|outcome| ("outcome".to_owned(), outcome.to_owned())));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).finish();
        self.navigate(driver, Method::POST, &action, Bytes::from(body), Cause::Page)
    }

    /// Loads the page anew. A page that was the answer to a form is got by its address: nobody sends a form twice on purpose.
    pub fn reload(&mut self, driver: &mut dyn Driver) -> Result<(), BrowserError> {
        let address = self.page()?.address.clone();
        self.history.pop();
        self.navigate(driver, Method::GET, &address, Bytes::new(), Cause::Page)
    }

    /// Goes back to the page before. Nothing is kept (`no-store`), so it is loaded again.
    pub fn back(&mut self, driver: &mut dyn Driver) -> Result<(), BrowserError> {
        self.history.pop();
        let before = self.history.pop().ok_or_else(|| BrowserError::Impossible("there is no page before this one".to_owned()))?;
        self.navigate(driver, Method::GET, &before, Bytes::new(), Cause::Page)
    }

    /// Sends a request and follows redirects as a browser does: 303 leads to a GET.
    fn navigate(&mut self, driver: &mut dyn Driver, method: Method, to: &str, body: Bytes, cause: Cause) -> Result<(), BrowserError> {
        let mut address = to.to_owned();
        let mut next = self.exchange(driver, method, &address, body, cause)?;
        for _ in 0..REDIRECTS {
            let Some(location) = next else {
                self.history.push(address);
                return Ok(());
            };
            address = location;
            next = self.exchange(driver, Method::GET, &address, Bytes::new(), cause)?;
        }
        Err(BrowserError::Impossible(format!("more than {REDIRECTS} redirects, the last one to {address}")))
    }

    /// One request. Returns where it redirects to, if it does.
    fn exchange(
        &mut self,
        driver: &mut dyn Driver,
        method: Method,
        address: &str,
        body: Bytes,
        cause: Cause,
    ) -> Result<Option<String>, BrowserError> {
        let request = self.request(driver.origin(), &method, address, body, cause)?;
        let had_session = self.jar.holds(jar::SESSION);
        let before = driver.commits();
        let answer = driver.send(request)?;
        let commits = before.zip(driver.commits()).map(|(before, after)| after.saturating_sub(before));
        let (parts, body) = answer.into_parts();
        let cookies = parts.headers.get_all(header::SET_COOKIE).iter();
        let taken = cookies.map(|value| value.to_str().map_err(|_| "a cookie that is no text".to_owned()).and_then(|c| self.jar.take(c)));
        let cookie_faults = taken.filter_map(Result::err).collect();
        let status = parts.status.as_u16();
        let page = Page::parse(address, status, &String::from_utf8_lossy(&body));
        let location = parts.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let redirect = location.filter(|_| parts.status.is_redirection());
        if redirect.is_none() {
            self.page = Some(page.clone());
            let policy = parts.headers.get(header::REFERRER_POLICY);
            self.hides_origin = policy.is_some_and(|policy| policy == "no-referrer");
        }
        let has_session = self.jar.holds(jar::SESSION);
        let headers = parts.headers;
        let address = address.to_owned();
        self.exchanges.push(Exchange { method, address, status, headers, body, page, had_session, has_session, cookie_faults, commits });
        Ok(redirect)
    }

    fn request(&self, origin: &str, method: &Method, address: &str, body: Bytes, cause: Cause) -> Result<Request<Bytes>, BrowserError> {
        let impossible = |error: http::Error| BrowserError::Impossible(format!("{address}: {error}"));
        let host = origin.trim_start_matches("https://");
        let mut request = Request::builder()
            .method(method)
            .uri(address)
            .header(header::HOST, host)
            .header(header::ACCEPT, "text/html,application/xhtml+xml")
            .header(header::ACCEPT_LANGUAGE, "ja,en;q=0.5")
            .header("sec-fetch-site", cause.sec_fetch_site())
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-user", "?1")
            .header("upgrade-insecure-requests", "1")
            .header(header::USER_AGENT, "sekisho-harness")
            .body(body)
            .map_err(impossible)?;
        request.extensions_mut().insert(self.source);
        let headers = request.headers_mut();
        if *method == Method::POST {
            let origin = if self.hides_origin { "null" } else { origin };
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            headers.insert(header::ORIGIN, HeaderValue::from_str(origin).map_err(|error| impossible(error.into()))?);
        }
        if let Some(cookies) = self.jar.header(cause == Cause::OtherSite) {
            headers.insert(header::COOKIE, HeaderValue::from_str(&cookies).map_err(|error| impossible(error.into()))?);
        }
        Ok(request)
    }
}
