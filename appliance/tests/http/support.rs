//! A scripted service, two societies, a clock that stands still, and a browser's requests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response};
use sekisho::http::{App, Portal};
use sekisho::ports::{Clock, Entropy, Fault};
use sekisho::route::{Files, Route};
use sekisho::service::{Answer, Browser, CookieChange, Outcome};
use sekisho::society::{SessionCookie, Society, SocietyKeys, Terms};
use sekisho::view;
use sekisho_core::command::Command;
use sekisho_core::id::SocietyName;
use sekisho_core::refusal::Refusal;
use sekisho_core::shown::{Face, Shown, Typed};
use sekisho_core::source::Source;
use sekisho_core::step::Step;
use sekisho_core::tenant::{FirstLoginItem, Method, Offer, Preset, TenantPolicy, UserIdChange};
use sekisho_core::time::Timestamp;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

pub const NOW: Timestamp = Timestamp(1_800_000_000);
pub const NORTH: &str = "north.example.test";
pub const SOUTH: &str = "south.example.test";

type Scripted = Box<dyn FnOnce() -> Result<Answer, Fault> + Send>;

/// A service that says what it was told to say, and notes what it was asked. Unscripted it shows the log-in page.
#[derive(Default)]
pub struct Script {
    answers: Mutex<VecDeque<Scripted>>,
    pub calls: Mutex<Vec<String>>,
    pub commands: Mutex<Vec<Command>>,
    pub sessions: Mutex<Vec<Option<[u8; 32]>>>,
    pub sources: Mutex<Vec<Source>>,
}

impl Script {
    pub fn next(&self, answer: impl FnOnce() -> Result<Answer, Fault> + Send + 'static) {
        self.answers.lock().unwrap().push_back(Box::new(answer));
    }

    pub fn shows(&self, shown: Shown, refusal: Option<Refusal>) {
        self.next(move || Ok(page(CookieChange::Keep, shown, refusal)));
    }

    pub fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    fn answer(&self, call: String, browser: &Browser) -> Result<Answer, Fault> {
        self.calls.lock().unwrap().push(call);
        self.sessions.lock().unwrap().push(browser.session.as_ref().map(|cookie| *cookie.0));
        self.sources.lock().unwrap().push(browser.source);
        let next = self.answers.lock().unwrap().pop_front();
        next.map_or_else(|| Ok(page(CookieChange::Keep, login(), None)), |answer| answer())
    }
}

pub fn login() -> Shown {
    Shown::Login { user_id: String::new() }
}

pub fn page(cookie: CookieChange, shown: Shown, refusal: Option<Refusal>) -> Answer {
    Answer { cookie, known: None, outcome: Outcome::Show { shown, refusal, member_name: None } }
}

/// A page with a passkey dialogue, and with it the script.
pub fn passkey() -> Shown {
    Shown::LoginPasskey { options: "{}".to_owned(), again: false }
}

pub fn go(cookie: CookieChange, step: Step) -> Answer {
    Answer { cookie, known: None, outcome: Outcome::Go(step) }
}

pub fn session(byte: u8) -> SessionCookie {
    SessionCookie(Zeroizing::new([byte; 32]))
}

/// The portal of the script: the keys are real, of a secret that everybody knows.
pub struct Scene {
    script: Arc<Script>,
    keys: SocietyKeys,
}

impl Portal for Scene {
    fn submit(&self, society: &Society, browser: &Browser, command: Command, _typed: Typed) -> Result<Answer, Fault> {
        let step = command.step().map_or("link", Step::id);
        self.script.commands.lock().unwrap().push(command);
        self.script.answer(format!("{} submit {step}", society.name), browser)
    }

    fn show(&self, society: &Society, browser: &Browser, asked: Step, as_text: bool) -> Result<Answer, Fault> {
        self.script.answer(format!("{} show {} {as_text}", society.name, asked.id()), browser)
    }

    fn now(&self, _society: &Society) -> Result<Timestamp, Fault> {
        Ok(NOW)
    }

    fn keys<'a>(&'a self, _society: &'a Society) -> Result<&'a SocietyKeys, Fault> {
        Ok(&self.keys)
    }
}

/// Where `route` stands.
pub fn path_of(route: &Route) -> &str {
    route.path(Files { style: view::style().0, script: view::script().0 })
}

pub fn keys() -> SocietyKeys {
    SocietyKeys::derive(&[7; 32])
}

pub struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        NOW
    }

    fn passed(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }
}

/// Never twice the same bytes; fails when told to.
#[derive(Default)]
pub struct Counting {
    drawn: AtomicU64,
    pub fails: std::sync::atomic::AtomicBool,
}

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(Fault::Busy("no randomness"));
        }
        let seed = self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        let digest = ring::digest::digest(&ring::digest::SHA512, &seed);
        bytes.iter_mut().zip(digest.as_ref()).for_each(|(byte, random)| *byte = *random);
        Ok(())
    }
}

pub fn policy() -> TenantPolicy {
    TenantPolicy {
        preset: Preset::Guarded,
        methods: vec![Offer { method: Method::Totp, recommended: true }],
        first_login: vec![FirstLoginItem::Method, FirstLoginItem::NewPassword],
        wait_for_email: true,
        share_email: false,
        user_id_change: UserIdChange::Optional,
        terms_version: "2026-04".to_owned(),
        user_id: Default::default(),
        password: Default::default(),
        limits: Default::default(),
        lifetimes: Default::default(),
    }
}

pub fn society(host: &str) -> Society {
    let name = host.split('.').next().unwrap().to_owned();
    let face = Face {
        name_ja: "北の会".to_owned(),
        name_en: "North".to_owned(),
        phone: "000-000-0000".to_owned(),
        hours_ja: "平日 9時から17時".to_owned(),
        hours_en: "weekdays 9 to 17".to_owned(),
        services: Vec::new(),
    };
    let terms = Terms { ja: "規約".to_owned(), en: "terms".to_owned(), hash: [0; 32] };
    let mail_from = format!("info@{host}");
    Society::new(SocietyName::try_from(name).unwrap(), host.to_owned(), format!("https://{host}"), policy(), face, terms, mail_from)
}

/// An appliance of two societies with a script behind it.
pub struct Stage {
    pub app: Arc<App>,
    pub script: Arc<Script>,
    pub entropy: Arc<Counting>,
}

pub fn stage() -> Stage {
    let script = Arc::new(Script::default());
    let entropy = Arc::new(Counting::default());
    let scene = Scene { script: script.clone(), keys: keys() };
    let societies = [NORTH, SOUTH].map(|host| Arc::new(society(host))).to_vec();
    let app = App::new(Arc::new(scene), societies, Arc::new(StandingClock), entropy.clone());
    Stage { app: Arc::new(app), script, entropy }
}

/// A request as a browser with Fetch Metadata sends it to the northern society.
pub struct Sent {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

pub fn get(path: &str) -> Sent {
    Sent { method: "GET", path: path.to_owned(), headers: vec![("host", NORTH.to_owned())], body: Vec::new() }
}

/// A form of the browser whose cookie before log-in is 32 times 1, with the token that goes with it.
pub fn post(path: &str, fields: &str) -> Sent {
    let csrf = csrf_for(&[1; 32]);
    let body = if fields.is_empty() { format!("csrf={csrf}") } else { format!("csrf={csrf}&{fields}") };
    raw_post(path, body.as_bytes()).with("cookie", &pre(1))
}

/// A form without token and cookie.
pub fn raw_post(path: &str, body: &[u8]) -> Sent {
    let sent = Sent { method: "POST", path: path.to_owned(), headers: vec![("host", NORTH.to_owned())], body: body.to_vec() };
    sent.with("content-type", "application/x-www-form-urlencoded").with("sec-fetch-site", "same-origin")
}

impl Sent {
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Without the header, and with it anew.
    pub fn instead(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(given, _)| *given != name);
        self.with(name, value)
    }

    pub fn without(mut self, name: &'static str) -> Self {
        self.headers.retain(|(given, _)| *given != name);
        self
    }

    pub fn by(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    pub fn request(self) -> Request<Bytes> {
        let mut request = Request::builder().method(self.method).uri(self.path.as_str());
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(Bytes::from(self.body)).unwrap()
    }
}

impl Stage {
    pub fn ask(&self, sent: Sent) -> Response<Bytes> {
        self.app.respond(Some(NORTH), somewhere(), sent.request())
    }
}

/// An address of RFC 5737.
pub fn somewhere() -> Source {
    Source::of(std::net::IpAddr::from([192, 0, 2, 1]))
}

pub fn pre(byte: u8) -> String {
    format!("__Host-pre={}", URL_SAFE_NO_PAD.encode([byte; 32]))
}

pub fn sid(byte: u8) -> String {
    format!("__Host-sid={}", URL_SAFE_NO_PAD.encode([byte; 32]))
}

pub fn csrf_for(cookie: &[u8; 32]) -> String {
    sekisho::http::csrf::token(&keys(), cookie, &Counting::default()).unwrap()
}

pub fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

pub fn cookies(response: &Response<Bytes>) -> Vec<String> {
    response.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

pub fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

/// What stands between `before` and the next quotation mark.
pub fn quoted<'a>(html: &'a str, before: &str) -> &'a str {
    let start = html.find(before).unwrap_or_else(|| panic!("no {before} in {html}")) + before.len();
    html[start..].split('"').next().unwrap()
}

/// The token of the page's forms. The order of a field's attributes is the page's own business.
pub fn csrf_of(response: &Response<Bytes>) -> String {
    let html = text(response);
    let field = html.split('<').find(|tag| tag.contains("name=\"csrf\"")).expect("a form");
    quoted(field, "value=\"").to_owned()
}

pub fn nonce_of(response: &Response<Bytes>) -> String {
    header(response, "content-security-policy").split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned()
}

/// The page with what is new in each answer blanked: the nonce, and the token of the forms.
pub fn blanked(response: &Response<Bytes>) -> String {
    let mut html = text(response).replace(&nonce_of(response), "NONCE");
    if html.contains("name=\"csrf\"") {
        html = html.replace(&csrf_of(response), "CSRF");
    }
    html
}
