//! The mails, for people with a browser and as JSON.

use super::{Mail, Shelf, is_link};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::tz::{Offset, TimeZone};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The serving side. Ends when dropped.
pub(super) struct Page {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Page {
    pub(super) fn start(address: SocketAddr, shelf: Arc<Shelf>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(address))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("mail page".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, shelf) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // Dropping the sender is the signal.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

async fn accept(listener: TcpListener, shelf: Arc<Shelf>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let shelf = Arc::clone(&shelf);
        let service = service_fn(move |request| {
            let answer = answer(&request, &shelf);
            async { Ok::<_, Infallible>(answer) }
        });
        let mut http = hyper::server::conn::http1::Builder::new();
        // A browser that breaks off is not this page's business.
        let connection = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move { drop(connection.await) });
    }
}

fn answer(request: &Request<Incoming>, shelf: &Shelf) -> Response<Full<Bytes>> {
    let mails = || shelf.lock().mails.clone();
    let (status, kind, body) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/") => (StatusCode::OK, "text/html; charset=utf-8", html(&mails())),
        (&Method::GET | &Method::HEAD, "/mails.json") => match serde_json::to_string(&mails()) {
            Ok(json) => (StatusCode::OK, "application/json", json),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", error.to_string()),
        },
        (&Method::GET | &Method::HEAD, _) => {
            (StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "Mails are at / and /mails.json\n".to_owned())
        }
        _ => (StatusCode::METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", "Only GET\n".to_owned()),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, http::HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, http::HeaderValue::from_static("no-referrer"));
    headers.insert(CONTENT_SECURITY_POLICY, http::HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"));
    response
}

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>Mails</title>
<style>
:root { color-scheme: light dark; --line: #8886; --soft: #8881; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 44rem; padding: 1rem; font: 1rem/1.6 system-ui, sans-serif; }
h1 { font-size: 1.25rem; }
article { border: 1px solid var(--line); border-radius: .5rem; margin: 0 0 1rem; overflow: hidden; }
header { background: var(--soft); border-bottom: 1px solid var(--line); padding: .75rem 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0; }
header p { font-size: .875rem; margin: 0; }
pre { font: inherit; margin: 0; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
</style>
"#;

/// The mails, newest first.
fn html(mails: &[Mail]) -> String {
    let mut page = HEAD.to_owned();
    let count = mails.len();
    let _ = write!(page, "<h1>{count} {}</h1>\n<main>\n", if count == 1 { "mail" } else { "mails" });
    for mail in mails.iter().rev() {
        let _ = write!(
            page,
            "<article>\n<header>\n<h2>{}</h2>\n<p>To {}</p>\n<p>{} from {}</p>\n</header>\n<pre>{}</pre>\n</article>\n",
            escape(&mail.subject),
            escape(&mail.to),
            clock_time(mail.received),
            escape(&mail.from),
            linked(&mail.text)
        );
    }
    page + "</main>\n</html>\n"
}

/// The text, escaped, with every line that is a link made one.
fn linked(text: &str) -> String {
    let line = |line: &str| {
        let text = escape(line);
        if is_link(line) { format!("<a href=\"{text}\" target=\"_blank\" rel=\"noopener noreferrer\">{text}</a>\n") } else { text + "\n" }
    };
    text.lines().map(line).collect()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// As the letters say it: in Japan.
fn clock_time(seconds: u64) -> String {
    let at = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()).unwrap_or_default();
    at.to_zoned(TimeZone::fixed(Offset::constant(9))).strftime("%Y-%m-%d %H:%M:%S JST").to_string()
}
