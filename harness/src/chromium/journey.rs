//! What one press of a button or link led to on the wire, put together from Chromium's network events.

use super::cdp::Event;
use crate::browser::jar::{Jar, SESSION};
use crate::browser::page::Page;
use crate::browser::{BrowserError, Exchange};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::Value;
use std::collections::BTreeMap;

/// Requests and answers from a press until the page it leads to is loaded.
#[derive(Debug, Default)]
pub struct Journey {
    /// The document's requests: the first one, and one for each redirect.
    hops: Vec<Hop>,
    /// Raw headers of their answers. Chromium tells them apart from the rest, before or after it.
    answers: Vec<Answer>,
    /// Commits of the appliance when each request was let go, and at the end.
    commits: Vec<Option<u64>>,
    /// Chromium's name for the document's requests.
    document: Option<String>,
    is_leaving: bool,
    has_arrived: bool,
    is_loaded: bool,
    broken: Option<String>,
    /// Raw headers of requests that are not known yet to be the document's.
    early: BTreeMap<String, Vec<Answer>>,
    /// Everything that was asked for, by Chromium's name for the request.
    pub resources: BTreeMap<String, Resource>,
    /// What the page's console and its policies say.
    pub complaints: Vec<String>,
}

#[derive(Debug)]
struct Hop {
    method: String,
    url: String,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
}

/// Something that a page asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// What it is, in Chromium's words: `Document`, `Stylesheet`, …
    pub kind: String,
    /// Its address.
    pub url: String,
    /// Bytes that came over the wire for it, headers included; 0 from the cache.
    pub bytes: u64,
    /// Whether it was in the cache.
    pub is_cached: bool,
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

impl Journey {
    /// A request of the document is about to leave, after so many commits.
    pub fn leaves(&mut self, commits: Option<u64>) {
        self.commits.push(commits);
    }

    /// Takes an event of the tab in.
    pub fn take(&mut self, event: &Event) {
        let Event { method, params } = event;
        let id = text(params, "/requestId");
        match method.as_str() {
            "Network.requestWillBeSent" => self.asked(id, params),
            "Network.responseReceivedExtraInfo" => self.answered(id, params),
            "Network.requestServedFromCache" => self.resource(id).is_cached = true,
            "Network.loadingFinished" => {
                self.resource(id).bytes = params.pointer("/encodedDataLength").and_then(Value::as_f64).unwrap_or_default() as u64;
                self.has_arrived |= self.document.as_deref() == Some(id);
            }
            "Network.loadingFailed" if self.document.as_deref() == Some(id) => {
                self.broken = Some(text(params, "/errorText").to_owned());
            }
            "Network.loadingFailed" => {
                let what = self.resource(id).url.clone();
                self.complaints.push(format!("{what} was not loaded: {} {}", text(params, "/errorText"), text(params, "/blockedReason")));
            }
            "Page.lifecycleEvent" if text(params, "/name") == "load" => {
                self.is_loaded |= self.document.as_deref() == Some(text(params, "/loaderId"));
            }
            "Page.frameNavigated" if text(params, "/type") == "BackForwardCacheRestore" => {
                self.broken = Some("the page came back from memory, though nothing of it may be kept".to_owned());
            }
            "Page.frameRequestedNavigation" => self.is_leaving = true,
            "Log.entryAdded" => self.logged(params),
            "Runtime.exceptionThrown" => {
                self.complaints.push(format!("a script failed: {}", text(params, "/exceptionDetails/exception/description")));
            }
            "Runtime.consoleAPICalled" if matches!(text(params, "/type"), "error" | "warning" | "assert") => {
                self.complaints.push(format!("the console says {}", text(params, "/args/0/value")));
            }
            "Audits.issueAdded" if text(params, "/issue/code") == "ContentSecurityPolicyIssue" => {
                let details = params.pointer("/issue/details/contentSecurityPolicyIssueDetails").cloned().unwrap_or_default();
                let directive = text(&details, "/violatedDirective");
                self.complaints.push(format!("the content policy was broken: {directive} {}", text(&details, "/blockedURL")));
            }
            _ => {}
        }
    }

    fn asked(&mut self, id: &str, params: &Value) {
        let kind = text(params, "/type");
        let url = text(params, "/request/url");
        let resource = self.resource(id);
        (resource.kind, resource.url) = (kind.to_owned(), url.to_owned());
        if kind != "Document" {
            return;
        }
        if self.document.as_deref() != Some(id) {
            self.document = Some(id.to_owned());
            self.hops.clear();
            self.answers = self.early.remove(id).unwrap_or_default();
        }
        self.hops.push(Hop { method: text(params, "/request/method").to_owned(), url: url.to_owned() });
    }

    fn answered(&mut self, id: &str, params: &Value) {
        let status =
            params.pointer("/statusCode").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
        let answer = Answer { status, headers: raw(params.pointer("/headers")) };
        if self.document.as_deref() == Some(id) {
            self.answers.push(answer);
        } else {
            self.early.entry(id.to_owned()).or_default().push(answer);
        }
    }

    fn logged(&mut self, params: &Value) {
        let (level, said) = (text(params, "/entry/level"), text(params, "/entry/text"));
        // A refusal is a page with a status of its own, which Chromium remarks on.
        let is_status = text(params, "/entry/source") == "network" && said.contains("responded with a status of");
        if matches!(level, "error" | "warning") && !is_status {
            self.complaints.push(format!("the console says {said}"));
        }
    }

    fn resource(&mut self, id: &str) -> &mut Resource {
        self.resources.entry(id.to_owned()).or_default()
    }

    /// Whether it has begun: the page is to be left.
    pub fn has_begun(&self) -> bool {
        self.document.is_some() || self.is_leaving
    }

    /// Whether the page is there, with everything that is to be known of the way to it.
    pub fn is_over(&self) -> bool {
        self.broken.is_some() || (self.has_arrived && self.is_loaded && self.answers.len() >= self.hops.len())
    }

    /// Chromium's name for the document.
    pub fn document(&self) -> Option<&str> {
        self.document.as_deref()
    }

    /// What was asked for besides the way to the page: the page itself and its parts. Pictures inside the page are not asked for.
    pub fn parts(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values().filter(|part| !part.url.is_empty() && !part.url.starts_with("data:"))
    }

    /// The exchanges, the last of which has led to a page of this `body` and DOM. `commits`: of the appliance now; `jar`: the browser's
    /// cookies before, and after.
    pub fn exchanges(&mut self, body: Bytes, html: &str, commits: Option<u64>, jar: &mut Jar) -> Result<Vec<Exchange>, BrowserError> {
        if let Some(why) = &self.broken {
            return Err(BrowserError::Impossible(format!("Chromium has no page to show: {why}")));
        }
        self.commits.push(commits);
        let (hops, answers) = (std::mem::take(&mut self.hops), std::mem::take(&mut self.answers));
        let last = hops.len().saturating_sub(1);
        let mut exchanges = Vec::new();
        for (place, (hop, Answer { status, headers })) in hops.into_iter().zip(answers).enumerate() {
            let had_session = jar.holds(SESSION);
            let cookies = headers.get_all(header::SET_COOKIE).iter();
            let taken = cookies.map(|value| value.to_str().map_err(|_| "a cookie that is no text".to_owned()).and_then(|c| jar.take(c)));
            let cookie_faults = taken.filter_map(Result::err).collect();
            let address = path_and_query(&hop.url);
            let is_page = place == last;
            let page = Page::parse(&address, status, if is_page { html } else { "" });
            let count = |place: usize| self.commits.get(place).copied().flatten();
            let commits = count(place).zip(count(place + 1)).map(|(before, after)| after.saturating_sub(before));
            exchanges.push(Exchange {
                method: hop.method.parse().unwrap_or(Method::GET),
                address,
                status,
                headers,
                body: if is_page { body.clone() } else { Bytes::new() },
                page,
                had_session,
                has_session: jar.holds(SESSION),
                cookie_faults,
                commits,
            });
        }
        Ok(exchanges)
    }
}

/// Headers as they came; Chromium parts several of one name by line feeds.
fn raw(headers: Option<&Value>) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, values) in headers.and_then(Value::as_object).into_iter().flatten() {
        let Ok(name) = HeaderName::try_from(name.as_str()) else { continue };
        for value in values.as_str().unwrap_or_default().split('\n') {
            if let Ok(value) = HeaderValue::try_from(value) {
                map.append(name.clone(), value);
            }
        }
    }
    map
}

/// What of an address is sent.
pub(super) fn path_and_query(url: &str) -> String {
    let uri = url.split('#').next().unwrap_or_default().parse::<http::Uri>().ok();
    uri.as_ref().and_then(http::Uri::path_and_query).map_or_else(|| url.to_owned(), |rest| rest.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn take(journey: &mut Journey, method: &str, params: Value) {
        journey.take(&Event { method: method.to_owned(), params });
    }

    fn asks(journey: &mut Journey, id: &str, kind: &str, method: &str, url: &str) {
        let request = json!({ "url": url, "method": method });
        take(journey, "Network.requestWillBeSent", json!({ "requestId": id, "type": kind, "request": request }));
    }

    fn answers(journey: &mut Journey, status: u16, headers: Value) {
        let params = json!({ "requestId": "D", "statusCode": status, "headers": headers });
        take(journey, "Network.responseReceivedExtraInfo", params);
    }

    const SID: &str = "__Host-sid=abc; Secure; HttpOnly; SameSite=Lax; Path=/";

    /// A form that is accepted: the headers of the first answer come before the request is known, those of the second after.
    fn accepted() -> Journey {
        let mut journey = Journey::default();
        journey.leaves(Some(7));
        answers(
            &mut journey,
            303,
            json!({ "location": "/terms", "set-cookie": format!("{SID}\n__Host-pre=; Max-Age=0; Secure; HttpOnly; SameSite=Lax; Path=/") }),
        );
        asks(&mut journey, "D", "Document", "POST", "https://a.test/login");
        journey.leaves(Some(8));
        asks(&mut journey, "D", "Document", "GET", "https://a.test/terms?v=1#main");
        asks(&mut journey, "S", "Stylesheet", "GET", "https://a.test/style.css");
        take(&mut journey, "Network.requestServedFromCache", json!({ "requestId": "S" }));
        take(&mut journey, "Network.loadingFinished", json!({ "requestId": "D", "encodedDataLength": 1234.0 }));
        take(&mut journey, "Page.lifecycleEvent", json!({ "name": "load", "loaderId": "D" }));
        assert!(!journey.is_over(), "the last headers are missing");
        answers(&mut journey, 200, json!({ "content-type": "text/html" }));
        assert!(journey.is_over());
        journey
    }

    #[test]
    fn a_form_and_the_page_it_leads_to_are_two_exchanges() {
        let mut jar = Jar::default();
        let html = "<main data-step='terms'></main>";
        let exchanges = accepted().exchanges(Bytes::from_static(html.as_bytes()), html, Some(8), &mut jar).unwrap();
        let [form, page] = exchanges.as_slice() else { panic!("{exchanges:?}") };
        assert_eq!((form.method.as_str(), form.address.as_str(), form.status), ("POST", "/login", 303));
        assert_eq!((form.commits, form.had_session, form.has_session), (Some(1), false, true));
        assert_eq!(form.headers.get_all("set-cookie").iter().count(), 2);
        assert_eq!((page.method.as_str(), page.address.as_str(), page.commits), ("GET", "/terms?v=1", Some(0)));
        assert_eq!(page.page.step.as_deref(), Some("terms"));
        assert!(page.body.starts_with(b"<main"));
    }

    #[test]
    fn the_parts_of_a_page_are_counted() {
        let journey = accepted();
        let parts: Vec<_> = journey.parts().map(|part| (part.kind.as_str(), part.bytes, part.is_cached)).collect();
        assert_eq!(parts, [("Document", 1234, false), ("Stylesheet", 0, true)]);
    }

    #[test]
    fn a_page_that_cannot_be_shown_is_no_page() {
        for (method, params) in [
            ("Network.loadingFailed", json!({ "requestId": "D", "errorText": "net::ERR_CONNECTION_REFUSED" })),
            ("Page.frameNavigated", json!({ "type": "BackForwardCacheRestore" })),
        ] {
            let mut journey = Journey::default();
            asks(&mut journey, "D", "Document", "GET", "https://a.test/");
            take(&mut journey, method, params);
            assert!(journey.is_over());
            assert!(journey.exchanges(Bytes::new(), "", None, &mut Jar::default()).is_err(), "{method}");
        }
    }

    #[test]
    fn complaints_are_kept_and_the_status_of_a_refusal_is_none() {
        let mut journey = Journey::default();
        let entry = |source: &str, text: &str| json!({ "entry": { "source": source, "level": "error", "text": text } });
        take(&mut journey, "Log.entryAdded", entry("network", "Failed to load resource: the server responded with a status of 422 ()"));
        assert_eq!(journey.complaints, Vec::<String>::new());
        take(&mut journey, "Log.entryAdded", entry("security", "Refused to apply inline style"));
        take(&mut journey, "Runtime.exceptionThrown", json!({}));
        let issue = json!({ "issue": { "code": "ContentSecurityPolicyIssue", "details": {} } });
        take(&mut journey, "Audits.issueAdded", issue);
        assert_eq!(journey.complaints.len(), 3);
    }
}
