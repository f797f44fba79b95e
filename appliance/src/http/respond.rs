//! From a request to its answer.

use super::cookie::{self, Jar};
use super::form::{self, Fields};
use super::header::{self, Kind};
use super::{App, command, csrf, language};
use crate::ports::Fault;
use crate::route::{self, Files, Form, Page, Route};
use crate::service::{Answer, Browser, CookieChange, Outcome};
use crate::society::{BrowserCookie, SessionCookie, Society};
use crate::view;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{
    ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION, REFRESH, RETRY_AFTER, SET_COOKIE,
};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use sekisho_core::letter::Language;
use sekisho_core::refusal::Refusal;
use sekisho_core::shown::{self, Problem, Shown};
use sekisho_core::source::Source;
use sekisho_core::step::Step;
use sekisho_core::time::Timestamp;
use zeroize::Zeroizing;

/// What the request log says of an answer; travels in its extensions. No path, no query, nothing of the member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// [`Route::id`], if there is such a route.
    pub route: Option<&'static str>,
    /// Id of the page shown, if one is.
    pub page: Option<&'static str>,
    /// Id of the refusal.
    pub refusal: Option<&'static str>,
}

/// A request whose society is known.
struct Visit<'a> {
    society: &'a Society,
    route: Option<&'static Route>,
    jar: Jar,
    language: Language,
    now: Timestamp,
}

impl App {
    /// Answers a request that came over a connection for `sni` from `source`.
    pub fn respond(&self, sni: Option<&str>, source: Source, request: Request<Bytes>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let visit = self.visit(sni, &head);
        let length = body.len();
        let answer = match &visit {
            None => bare(StatusCode::MISDIRECTED_REQUEST),
            Some(visit) => admit(visit, &head, length)
                .and_then(|route| self.answer(visit, source, route, &head, &body))
                .unwrap_or_else(|problem| self.problem(visit, problem)),
        };
        form::wipe(body);
        finish(answer, visit.and_then(|visit| visit.route), &head.method)
    }

    /// How many bytes of the body are worth reading: none for a request that will be refused.
    pub fn body_limit(&self, sni: Option<&str>, head: &Parts) -> usize {
        self.visit(sni, head)
            .and_then(|visit| admit(&visit, head, 0).ok())
            .filter(|_| head.method == Method::POST)
            .map_or(0, |route| route.body_limit)
    }

    /// The answer to a request that something outside has decided about.
    pub fn refuse(&self, sni: Option<&str>, head: &Parts, problem: Problem) -> Response<Bytes> {
        let visit = self.visit(sni, head);
        // No token for its language button: that could ask store and HSM, and this runs where nothing may block.
        let page = |visit: &Visit| self.render(visit, String::new(), Shown::Problem(problem), None, None);
        let answer = visit.as_ref().map_or_else(|| bare(StatusCode::MISDIRECTED_REQUEST), page);
        finish(answer, visit.and_then(|visit| visit.route), &head.method)
    }

    /// Whose request it is; `None` unless connection and request name the same society (P-19).
    fn visit(&self, sni: Option<&str>, head: &Parts) -> Option<Visit<'_>> {
        let society = self.societies.get(sni?)?.as_ref();
        if !names(head).is_some_and(|name| society.origin.strip_prefix("https://").is_some_and(|own| own.eq_ignore_ascii_case(name))) {
            return None;
        }
        let jar = Jar::read(&head.headers);
        let language = language::choose(jar.language, &head.headers);
        let route = route::find(head.uri.path(), files());
        Some(Visit { society, route, jar, language, now: self.clock.now() })
    }

    fn answer(&self, visit: &Visit, source: Source, route: &'static Route, head: &Parts, body: &[u8]) -> Result<Response<Bytes>, Problem> {
        if head.method == Method::POST {
            let form = route.form.ok_or(Problem::MethodNotAllowed)?;
            return self.submit(visit, source, form, Fields::parse(body, route.value_limit)?);
        }
        let show = |shown| {
            self.page(
                visit,
                Answer { cookie: CookieChange::Keep, known: None, outcome: Outcome::Show { shown, refusal: None, member_name: None } },
            )
        };
        match route.page.ok_or(Problem::MethodNotAllowed)? {
            Page::Step { step, as_text } => {
                let answer = self.portal.show(visit.society, &visit.browser(source), step, as_text);
                Ok(self.page(visit, answer.map_err(|fault| told(visit, &fault))?))
            }
            Page::Link(link) => {
                let token = command::link_token(head.uri.query().unwrap_or_default())?;
                Ok(show(Shown::LinkConfirm { link, token, waits: visit.society.policy().wait_for_email }))
            }
            Page::Help => Ok(show(Shown::Help)),
            Page::Style => Ok(file("text/css; charset=utf-8", view::style().1)),
            Page::Script => Ok(file("text/javascript; charset=utf-8", view::script().1)),
            Page::PasskeyEndpoints => Ok(passkey_endpoints(&visit.society.origin)),
            Page::ChangePassword => Ok(to(Step::LoginMethods.path())),
        }
    }

    fn submit(&self, visit: &Visit, source: Source, form: Form, mut fields: Fields) -> Result<Response<Bytes>, Problem> {
        let keys = self.portal.keys(visit.society).map_err(|fault| told(visit, &fault))?;
        let sent = fields.take_if_sent("csrf").ok_or(Problem::Forbidden)?;
        let cookie = visit.jar.session.as_ref().or(visit.jar.before.as_ref()).ok_or(Problem::Forbidden)?;
        if !csrf::fits(keys, cookie, &sent) {
            return Err(Problem::Forbidden);
        }
        let (command, typed) = match form {
            Form::Step(step) => command::of_step(step, fields, visit.society.policy())?,
            Form::Link(kind) => {
                let now = self.portal.now(visit.society).map_err(|fault| told(visit, &fault))?;
                command::of_link(kind, fields, &visit.society.policy().lifetimes, keys, now)?
            }
            Form::Language => {
                let (language, back) = command::of_language(fields, files())?;
                let mut response = to(&back);
                put(response.headers_mut(), SET_COOKIE, &cookie::set_language(language));
                return Ok(response);
            }
        };
        let answer = self.portal.submit(visit.society, &visit.browser(source), command, typed).map_err(|fault| told(visit, &fault))?;
        let leaves = form == Form::Step(Step::Logout) && matches!(answer.cookie, CookieChange::Clear);
        let mut response = self.page(visit, answer);
        if leaves {
            // Not "cookies": that would take the chosen language, and the cookie of the log-in page that comes next.
            put(response.headers_mut(), HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"");
        }
        Ok(response)
    }

    /// What the service said, as an HTTP answer.
    fn page(&self, visit: &Visit, answer: Answer) -> Response<Bytes> {
        let mut cookies = Vec::new();
        let session = match answer.cookie {
            CookieChange::Keep => visit.jar.session.clone(),
            CookieChange::Set(SessionCookie(value)) => {
                cookies.push(cookie::set_session(&value));
                Some(value)
            }
            CookieChange::Clear => {
                cookies.push(cookie::clear_session());
                None
            }
        };
        if let Some(BrowserCookie(value)) = &answer.known {
            cookies.push(cookie::set_known(value, visit.society.policy().lifetimes.browser.as_secs()));
        }
        let mut response = match answer.outcome {
            Outcome::Go(step) => to(step.path()),
            Outcome::Show { shown, refusal, member_name } => match self.csrf(visit, session, &mut cookies) {
                Ok(csrf) => self.render(visit, csrf, shown, refusal, member_name),
                Err(fault) => self.render(visit, String::new(), Shown::Problem(told(visit, &fault)), None, None),
            },
        };
        for cookie in cookies {
            if let Ok(value) = HeaderValue::try_from(cookie) {
                response.headers_mut().append(SET_COOKIE, value);
            }
        }
        response
    }

    /// A page that is no part of the journey. It never names a browser: the answer for an icon that is not there must not replace
    /// the cookie that the forms of the page beside it go with.
    fn problem(&self, visit: &Visit, problem: Problem) -> Response<Bytes> {
        let cookie = visit.jar.session.as_ref().or(visit.jar.before.as_ref());
        let csrf = match problem {
            // For a busy moment nothing is asked of store, HSM or generator but a nonce.
            Problem::Busy | Problem::TryLater => None,
            _ => cookie.and_then(|cookie| csrf::token(self.portal.keys(visit.society).ok()?, cookie, &*self.entropy).ok()),
        };
        self.render(visit, csrf.unwrap_or_default(), Shown::Problem(problem), None, None)
    }

    /// The token for this page's forms: of the session, or before there is one of a random cookie that stands for nothing.
    fn csrf(&self, visit: &Visit, session: Option<Zeroizing<[u8; 32]>>, cookies: &mut Vec<String>) -> Result<String, Fault> {
        let keys = self.portal.keys(visit.society)?;
        let cookie = match session.or_else(|| visit.jar.before.clone()) {
            Some(cookie) => cookie,
            None => {
                let fresh = Zeroizing::new(self.entropy.bytes()?);
                cookies.push(cookie::set_before(&fresh));
                fresh
            }
        };
        csrf::token(keys, &cookie, &*self.entropy)
    }

    fn render(&self, visit: &Visit, csrf: String, shown: Shown, refusal: Option<Refusal>, member_name: Option<String>) -> Response<Bytes> {
        let nonce = match self.entropy.bytes::<16>() {
            Ok(bytes) => URL_SAFE_NO_PAD.encode(bytes),
            Err(fault) => {
                let problem = told(visit, &fault);
                return bare(StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE));
            }
        };
        let (status, retry) = status(&shown, refusal.as_ref(), visit.now);
        let Visit { language, society, now, .. } = visit;
        let page = shown::Page { language: *language, face: &society.face, member_name, csrf, nonce, now: *now, refusal, shown };
        let mut response = Response::new(Bytes::from(view::render(&page)));
        *response.status_mut() = status;
        header::secure(response.headers_mut(), Kind::Page { nonce: &page.nonce, has_script: view::has_script(&page.shown) });
        if let Some(seconds) = retry {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(after) = page.goes_on() {
            put(response.headers_mut(), REFRESH, &format!("{}; url={}", after.as_secs(), Step::Login.path()));
        }
        if let (Shown::Problem(Problem::MethodNotAllowed), Some(route)) = (&page.shown, visit.route) {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(route.allow()));
        }
        let refused = refusal.map(|refusal| refusal.id());
        response.extensions_mut().insert(Summary { route: None, page: Some(page.shown.id(refusal.as_ref())), refusal: refused });
        response
    }
}

impl Visit<'_> {
    fn browser(&self, source: Source) -> Browser {
        let session = self.jar.session.clone().map(SessionCookie);
        Browser { session, known: self.jar.known.clone().map(BrowserCookie), language: self.language, source }
    }
}

/// The one name that the request gives its host, in `:authority` or `Host`; `None` when it gives none, or several that differ.
fn names(head: &Parts) -> Option<&str> {
    let hosts = head.headers.get_all(HOST).iter().map(|value| value.to_str().unwrap_or_default());
    let mut names = head.uri.authority().map(|authority| authority.as_str()).into_iter().chain(hosts);
    let first = names.next()?;
    names.all(|name| name.eq_ignore_ascii_case(first)).then_some(first)
}

/// What can be said without the body: is there such a page, may it be asked for like this, is it a form from our own page?
fn admit(visit: &Visit, head: &Parts, length: usize) -> Result<&'static Route, Problem> {
    let route = visit.route.ok_or(Problem::NotFound)?;
    let has = match head.method {
        Method::GET | Method::HEAD => route.page.is_some(),
        Method::POST => route.form.is_some(),
        _ => false,
    };
    if !has {
        return Err(Problem::MethodNotAllowed);
    }
    if head.method != Method::POST {
        return Ok(route);
    }
    if !csrf::comes_from(&visit.society.origin, &head.headers) {
        return Err(Problem::Forbidden);
    }
    form::check_headers(&head.headers)?;
    let declared = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0);
    if length.max(declared) > route.body_limit { Err(Problem::TooLarge) } else { Ok(route) }
}

/// Writes a fault down for operators, and says what the member is told.
fn told(visit: &Visit, fault: &Fault) -> Problem {
    let society = &visit.society.name;
    match fault {
        Fault::Busy(_) => {
            tracing::warn!(%society, %fault, "a request was turned away; nothing was judged or counted");
            Problem::Busy
        }
        Fault::Hsm(_) | Fault::Store(_) | Fault::Damaged(_) => {
            tracing::error!(%society, %fault, "a request could not be served; nothing was judged or counted");
            Problem::TryLater
        }
    }
}

/// The status of a page, and after how many seconds another try is worth it.
fn status(shown: &Shown, refusal: Option<&Refusal>, now: Timestamp) -> (StatusCode, Option<u64>) {
    match (shown, refusal) {
        (Shown::Problem(problem), _) => {
            let retry = problem.retry().map(|after| after.as_secs());
            (StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), retry)
        }
        (_, None) => (StatusCode::OK, None),
        (_, Some(refusal)) => (refused(refusal), refusal.until().map(|until| until.since(now).as_secs().max(1))),
    }
}

/// The status of a refused form.
///
/// - 429: not now; nothing was judged.
/// - 409: the form is right, and does not go with a hold that time will end.
/// - 403: nothing that could be sent would serve; staff have to act.
/// - 422: this was judged or read, and is not accepted.
fn refused(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Wait(_) | Refusal::Crowded(_) | Refusal::PasswordLocked(_) | Refusal::TryAgain | Refusal::TooSoon => {
            StatusCode::TOO_MANY_REQUESTS
        }
        Refusal::OnHold(_) | Refusal::LinkOnHold(_) => StatusCode::CONFLICT,
        Refusal::AccountLocked | Refusal::AccountDisabled => StatusCode::FORBIDDEN,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// 303, which makes a GET of every POST.
fn to(path: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    header::secure(response.headers_mut(), Kind::Bare);
    put(response.headers_mut(), LOCATION, path);
    response
}

fn files() -> Files<'static> {
    Files { style: view::style().0, script: view::script().0 }
}

fn file(media: &'static str, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    header::secure(response.headers_mut(), Kind::File(media));
    response
}

/// Both on one page: passkeys are made and deleted where the member's other devices are.
fn passkey_endpoints(origin: &str) -> Response<Bytes> {
    let page = format!("{origin}{}", Step::LoginMethods.path());
    let mut response = Response::new(Bytes::from(serde_json::json!({ "enroll": page, "manage": page }).to_string()));
    header::secure(response.headers_mut(), Kind::Bare);
    put(response.headers_mut(), CONTENT_TYPE, "application/json");
    response
}

/// An answer of one line, for what has no society to speak for it.
pub(super) fn bare(status: StatusCode) -> Response<Bytes> {
    let text = format!("{} {}\n", status.as_u16(), status.canonical_reason().unwrap_or_default());
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    header::secure(response.headers_mut(), Kind::Bare);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Length, log line, and no body where none belongs.
fn finish(mut response: Response<Bytes>, route: Option<&'static Route>, method: &Method) -> Response<Bytes> {
    let length = HeaderValue::from(response.body().len());
    response.headers_mut().insert(CONTENT_LENGTH, length);
    let summary = response.extensions().get::<Summary>().copied().unwrap_or_default();
    response.extensions_mut().insert(Summary { route: route.map(|route| route.id), ..summary });
    if method == Method::HEAD {
        *response.body_mut() = Bytes::new();
    }
    response
}
