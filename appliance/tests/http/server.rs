//! Bytes against the real server, over TLS on loopback.

use super::support::*;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore};
use sekisho::alarms::Alarms;
use sekisho::http::edge::Edge;
use sekisho::http::proxy::Proxies;
use sekisho::http::server::{Limits, serve};
use sekisho::http::{health, tls};
use sekisho::service::CookieChange;
use sekisho_core::bucket::Admission;
use sekisho_core::command::{Command, PasskeyAnswer};
use sekisho_core::source::Networks;
use sekisho_core::step::Step;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A guard against a test that hangs; nothing is measured by it.
pub(super) const GUARD: Duration = Duration::from_secs(25);

pub(super) const FOREVER: Duration = Duration::from_secs(3600);

/// Short enough for a test that waits for the server to give up.
pub(super) const SHORT: Duration = Duration::from_millis(60);

pub(super) struct Running {
    pub(super) stage: Stage,
    pub(super) address: SocketAddr,
    roots: RootCertStore,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

async fn run(limits: Limits, tls12: bool) -> Running {
    run_at(limits, tls12, Proxies::default(), Admission::default(), Arc::default()).await
}

/// Behind proxies, and with room for as many as that.
pub(super) async fn run_at(limits: Limits, tls12: bool, proxies: Proxies, admission: Admission, alarms: Arc<Alarms>) -> Running {
    let stage = stage();
    let made = [NORTH, SOUTH].map(|host| (host, rcgen::generate_simple_self_signed([host.to_owned()]).unwrap()));
    let certified = made.each_ref().map(|(host, made)| (*host, certified(made)));
    let config = tls::config(certified.iter().map(|(host, certified)| (*host, certified)), tls12).unwrap();
    assert_eq!(config.max_early_data_size, 0);
    let mut roots = RootCertStore::empty();
    for (_, made) in &made {
        roots.add(CertificateDer::from(made.cert.der().to_vec())).unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let app = stage.app.clone();
    let edge = Arc::new(Edge::new(proxies, Networks::default(), admission, alarms, Arc::new(StandingClock)));
    let served = tokio::spawn(async move { serve(app, edge, listener, config, limits, async { drop(stopped.await) }).await });
    Running { stage, address, roots, stop, served }
}

fn certified(made: &rcgen::CertifiedKey<rcgen::KeyPair>) -> CertifiedKey {
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    CertifiedKey::from_der(vec![made.cert.der().clone()], key, &rustls::crypto::ring::default_provider()).unwrap()
}

impl Running {
    pub(super) fn client(&self, versions: &[&'static rustls::SupportedProtocolVersion]) -> ClientConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
        builder.with_root_certificates(self.roots.clone()).with_no_client_auth()
    }

    async fn connect_with(&self, config: ClientConfig, name: &'static str) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        Self::over(stream, config, name).await
    }

    /// Shakes hands over what is connected already.
    pub(super) async fn over(stream: TcpStream, config: ClientConfig, name: &'static str) -> std::io::Result<TlsStream<TcpStream>> {
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), stream).await
    }

    pub(super) async fn connect(&self) -> TlsStream<TcpStream> {
        self.connect_with(self.client(rustls::ALL_VERSIONS), NORTH).await.unwrap()
    }

    /// Sends the bytes and reads until the server closes.
    async fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.unwrap();
        to_end(&mut stream).await
    }

    async fn http2(&self) -> (hyper::client::conn::http2::SendRequest<Full<Bytes>>, JoinHandle<()>) {
        let mut config = self.client(rustls::ALL_VERSIONS);
        config.alpn_protocols = vec![b"h2".to_vec()];
        let stream = self.connect_with(config, NORTH).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
        let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        (sender, tokio::spawn(async move { drop(connection.await) }))
    }

    pub(super) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap();
    }
}

/// What came until the server closed. It may cut a connection whose rest it does not want to read.
pub(super) async fn to_end(stream: &mut TlsStream<TcpStream>) -> String {
    let mut came = Vec::new();
    drop(tokio::time::timeout(GUARD, stream.read_to_end(&mut came)).await.expect("the server closes"));
    String::from_utf8_lossy(&came).into_owned()
}

pub(super) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or(answer)
}

fn over_http2(method: &str, path: &str) -> http::request::Builder {
    http::Request::builder().method(method).uri(format!("https://{NORTH}{path}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_over_http1_with_the_fixed_headers_and_no_word_of_the_server() {
    let running = run(Limits::default(), false).await;
    let answer = running.exchange(format!("GET /login HTTP/1.1\r\nHost: {NORTH}\r\nConnection: close\r\n\r\n")).await;
    assert_eq!(status(&answer), "200");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("strict-transport-security: ") && head.contains("set-cookie: __Host-pre="), "{head}");
    assert!(!head.to_lowercase().contains("\r\nserver:"), "{head}");
    assert!(body.contains("data-step=\"login\""));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn head_over_http1_has_the_length_and_no_body() {
    let running = run(Limits::default(), false).await;
    let answer = running.exchange(format!("HEAD /help HTTP/1.1\r\nHost: {NORTH}\r\nConnection: close\r\n\r\n")).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!((status(head), body), ("200", ""));
    assert!(!head.contains("content-length: 0"), "{head}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transfer_encoding_gets_411_and_the_connection_closes() {
    let running = run(Limits::default(), false).await;
    for framing in ["Transfer-Encoding: chunked", "Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked"] {
        let second = format!("GET /help HTTP/1.1\r\nHost: {NORTH}\r\n\r\n");
        let answer = running
            .exchange(format!(
                "POST /login HTTP/1.1\r\nHost: {NORTH}\r\nSec-Fetch-Site: same-origin\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n{framing}\r\n\r\n0\r\n\r\n{second}"
            ))
            .await;
        assert_eq!(status(&answer), "411", "{framing}");
        assert!(answer.contains("connection: close") && answer.contains("x-content-type-options: nosniff"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{framing}: one answer, and the rest is not read as a request");
    }
    assert!(running.stage.script.calls().is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_header_gets_431() {
    let running = run(Limits::default(), false).await;
    let long = format!("GET /login HTTP/1.1\r\nHost: {NORTH}\r\nX: {}\r\n\r\n", "a".repeat(17 * 1024));
    assert_eq!(status(&running.exchange(long).await), "431");
    let many = format!("GET /login HTTP/1.1\r\nHost: {NORTH}\r\n{}\r\n", "X: 1\r\n".repeat(64));
    assert_eq!(status(&running.exchange(many).await), "431");
    assert!(running.stage.script.calls().is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_said_or_turns_out_to_be_too_large_gets_413() {
    let running = run(Limits::default(), false).await;
    let head = format!("Host: {NORTH}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded");
    assert_eq!(status(&running.exchange(format!("POST /login HTTP/1.1\r\n{head}\r\nContent-Length: 16385\r\n\r\n")).await), "413");

    let (mut http2, connection) = running.http2().await;
    let request = over_http2("POST", "/login")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(vec![b'a'; 20_000])));
    assert_eq!(http2.send_request(request.unwrap()).await.unwrap().status(), 413);
    drop(http2);
    connection.await.unwrap();
    assert!(running.stage.script.calls().is_empty());
    running.stop().await;
}

/// The answer of an authenticator, as long as it takes to be a long body.
fn long_answer(length: usize) -> String {
    format!("csrf={}&outcome=&credential={}", csrf_for(&[1; 32]), "%7B".repeat(length))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkeys_answer_may_be_long_and_goes_through_whole() {
    let running = run(Limits { long_bodies: 1, ..Limits::default() }, false).await;
    // Twice, each over its own connection: what one has taken comes back.
    for _ in 0..2 {
        let (mut http2, connection) = running.http2().await;
        let request = over_http2("POST", "/passkey")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", pre(1))
            .body(Full::new(Bytes::from(long_answer(64 * 1024))));
        assert_eq!(http2.send_request(request.unwrap()).await.unwrap().status(), 200);
        drop(http2);
        connection.await.unwrap();
    }
    let commands = std::mem::take(&mut *running.stage.script.commands.lock().unwrap());
    let [Command::GivePasskey(PasskeyAnswer::Json(first)), Command::GivePasskey(PasskeyAnswer::Json(_))] = commands.as_slice() else {
        panic!("two answers")
    };
    assert_eq!(first.len(), 64 * 1024);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_long_bodies_are_read_at_a_time_and_short_ones_always() {
    let running = run(Limits { long_bodies: 0, ..Limits::default() }, false).await;
    let post = |body: String| {
        format!(
            "POST /passkey HTTP/1.1\r\nHost: {NORTH}\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            pre(1),
            body.len()
        )
    };
    assert_eq!(status(&running.exchange(post(long_answer(1000))).await), "200");
    assert_eq!(running.stage.script.calls().len(), 1);
    // One byte over what any other form may have. What is declared and does not come holds nothing.
    let begun = "a".repeat(16 * 1024 + 1);
    let head = |length: usize| post(String::new()).replace("Content-Length: 0", &format!("Content-Length: {length}"));
    assert_eq!(status(&running.exchange(format!("{}{begun}", head(begun.len() + 1))).await), "503");
    assert_eq!(running.stage.script.calls().len(), 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_header_is_cut() {
    let running = run(Limits { header: SHORT, idle: FOREVER, ..Limits::default() }, false).await;
    let answer = running.exchange("GET /login HTTP/1.1\r\nHost: ").await;
    assert!(!answer.contains("200"), "{answer}");
    assert_eq!(running.exchange("").await, "", "not a byte, and the connection ends");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_handshake_is_cut() {
    let running = run(Limits { handshake: SHORT, ..Limits::default() }, false).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_is_cut() {
    let running = run(Limits { body: SHORT, ..Limits::default() }, false).await;
    let answer = running
        .exchange(format!(
            "POST /login HTTP/1.1\r\nHost: {NORTH}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na=1"
        ))
        .await;
    assert_eq!(status(&answer), "408");
    assert!(answer.contains("connection: close"), "{answer}");
    assert!(running.stage.script.calls().is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_http2_connection_is_closed() {
    let running = run(Limits { idle: SHORT, ..Limits::default() }, false).await;
    let (mut http2, connection) = running.http2().await;
    let response = http2.send_request(over_http2("GET", "/help").body(Full::default()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    connection.await.unwrap();
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_does_not_answer_the_goodbye_is_cut() {
    let running = run(Limits { idle: SHORT, ..Limits::default() }, false).await;
    let mut config = running.client(rustls::ALL_VERSIONS);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let mut stream = running.connect_with(config, NORTH).await.unwrap();
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    stream.write_all(&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &settings].concat()).await.unwrap();
    to_end(&mut stream).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_serves_many_requests_on_one_connection() {
    let running = run(Limits::default(), false).await;
    let (http2, connection) = running.http2().await;
    let mut waiting = Vec::new();
    for _ in 0..20 {
        let mut http2 = http2.clone();
        waiting.push(tokio::spawn(async move {
            let response = http2.send_request(over_http2("GET", "/login").body(Full::default()).unwrap()).await.unwrap();
            (response.status(), response.into_body().collect().await.unwrap().to_bytes())
        }));
    }
    for one in waiting {
        let (status, body) = one.await.unwrap();
        assert_eq!(status, 200);
        assert!(String::from_utf8(body.to_vec()).unwrap().contains("data-step=\"login\""));
    }
    drop(http2);
    connection.await.unwrap();
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_another_society_than_the_connection_gets_421() {
    let running = run(Limits::default(), false).await;
    let answer = running.exchange(format!("GET /login HTTP/1.1\r\nHost: {SOUTH}\r\nConnection: close\r\n\r\n")).await;
    assert_eq!(status(&answer), "421");
    let (mut http2, connection) = running.http2().await;
    let coalesced = http::Request::builder().uri(format!("https://{SOUTH}/login")).body(Full::default()).unwrap();
    assert_eq!(http2.send_request(coalesced).await.unwrap().status(), 421);
    drop(http2);
    connection.await.unwrap();
    assert!(running.stage.script.calls().is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_no_societys_or_none_at_all_ends_the_handshake() {
    let running = run(Limits::default(), true).await;
    for name in ["nobody.example.test", "127.0.0.1"] {
        let refused = running.connect_with(running.client(rustls::ALL_VERSIONS), name).await.expect_err(name).to_string();
        assert!(refused.contains("alert"), "{name}: {refused}");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_12_only_where_it_is_configured() {
    for configured in [false, true] {
        let running = run(Limits::default(), configured).await;
        let old = running.connect_with(running.client(&[&rustls::version::TLS12]), NORTH).await;
        assert_eq!(old.is_ok(), configured);
        drop(old);
        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_one_society_is_not_resumed_at_another() {
    let running = run(Limits::default(), false).await;
    let config = running.client(rustls::ALL_VERSIONS);
    let ask = async |name: &'static str| {
        let mut stream = running.connect_with(config.clone(), name).await.unwrap();
        stream.write_all(format!("GET /help HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
        assert_eq!(status(&to_end(&mut stream).await), "200");
        stream.get_ref().1.handshake_kind().unwrap()
    };
    assert_eq!(ask(NORTH).await, rustls::HandshakeKind::Full);
    assert_eq!(ask(NORTH).await, rustls::HandshakeKind::Resumed);
    assert_eq!(ask(SOUTH).await, rustls::HandshakeKind::Full);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_costs_one_request_and_not_the_process() {
    let running = run(Limits::default(), false).await;
    running.stage.script.next(|| panic!("a planted mistake"));
    let ask = format!("GET /login HTTP/1.1\r\nHost: {NORTH}\r\nConnection: close\r\n\r\n");
    let answer = running.exchange(&ask).await;
    assert_eq!(status(&answer), "500");
    assert!(answer.contains("x-content-type-options: nosniff") && !answer.contains("planted"), "{answer}");
    assert_eq!(status(&running.exchange(&ask).await), "200");
    running.stop().await;
}

/// A request that stays in the service until it is let go; the first channel says that it is there.
fn held(stage: &Stage) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (there, is_there) = mpsc::channel();
    let (go_on, may_go) = mpsc::channel();
    stage.script.next(move || {
        there.send(()).unwrap();
        may_go.recv().unwrap();
        Ok(go(CookieChange::Keep, Step::Terms))
    });
    (is_there, go_on)
}

#[tokio::test(flavor = "multi_thread")]
async fn more_work_than_fits_gets_503_at_once() {
    let running = run(Limits { work: 1, ..Limits::default() }, false).await;
    let (is_there, go_on) = held(&running.stage);
    let ask = format!("GET /login HTTP/1.1\r\nHost: {NORTH}\r\nConnection: close\r\n\r\n");
    let mut first = running.connect().await;
    first.write_all(ask.as_bytes()).await.unwrap();
    tokio::task::spawn_blocking(move || is_there.recv()).await.unwrap().unwrap();
    let second = running.exchange(&ask).await;
    assert_eq!(status(&second), "503");
    assert!(second.contains("retry-after: ") && second.contains("data-step=\"busy\""), "{second}");
    go_on.send(()).unwrap();
    assert_eq!(status(&to_end(&mut first).await), "303");
    assert_eq!(running.stage.script.calls().len(), 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_accepts_nothing_more_and_answers_what_is_in_flight() {
    let running = run(Limits::default(), false).await;
    let (is_there, go_on) = held(&running.stage);
    let mut first = running.connect().await;
    let idle = running.connect().await;
    first.write_all(format!("GET /login HTTP/1.1\r\nHost: {NORTH}\r\n\r\n").as_bytes()).await.unwrap();
    tokio::task::spawn_blocking(move || is_there.recv()).await.unwrap().unwrap();
    let Running { address, stop, served, .. } = running;
    stop.send(()).unwrap();
    // The idle connection is closed: the stop has been heard. The one in flight keeps the server.
    let mut idle = idle;
    assert_eq!(to_end(&mut idle).await, "");
    assert!(TcpStream::connect(address).await.is_err());
    assert!(!served.is_finished());
    go_on.send(()).unwrap();
    assert_eq!(status(&to_end(&mut first).await), "303");
    served.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_no_connection_to_spare_hears_the_stop_and_answers_too() {
    let running = run(Limits { connections: 1, ..Limits::default() }, false).await;
    let (is_there, go_on) = held(&running.stage);
    let mut first = running.connect().await;
    first.write_all(format!("GET /login HTTP/1.1\r\nHost: {NORTH}\r\n\r\n").as_bytes()).await.unwrap();
    tokio::task::spawn_blocking(move || is_there.recv()).await.unwrap().unwrap();
    let Running { address, stop, served, .. } = running;
    // Waits in the kernel's queue; its end says that the listener is gone.
    let mut second = TcpStream::connect(address).await.unwrap();
    stop.send(()).unwrap();
    drop(tokio::time::timeout(GUARD, second.read(&mut [0; 1])).await.expect("the listener closes"));
    go_on.send(()).unwrap();
    assert_eq!(status(&to_end(&mut first).await), "303");
    served.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_a_line_for_each_request_and_nothing_of_the_member() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = lines.clone();
    tracing_subscriber::fmt().json().with_writer(move || Sink(sink.clone())).init();
    let running = run(Limits::default(), false).await;
    running.stage.script.shows(login(), Some(sekisho_core::refusal::Refusal::WrongIdOrPassword));
    let body = format!("csrf={}&user_id=yamada77&password=hunter2", csrf_for(&[1; 32]));
    let answer = running
        .exchange(format!(
            "POST /login?trace=secret HTTP/1.1\r\nHost: {NORTH}\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            pre(1),
            body.len()
        ))
        .await;
    assert_eq!(status(&answer), "422");
    let link = format!("GET /link/reset?t=link-in-a-mail HTTP/1.1\r\nHost: {NORTH}\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&running.exchange(link).await), "200");
    let body = format!("csrf={}&t=link-in-a-mail", csrf_for(&[1; 32]));
    let pressed = format!(
        "POST /link/reset HTTP/1.1\r\nHost: {NORTH}\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\nCookie: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        pre(1),
        body.len()
    );
    assert_eq!(status(&running.exchange(pressed).await), "200");
    running.stop().await;
    let log = String::from_utf8(lines.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches("\"route\":\"link-reset\"").count(), 2, "{log}");
    let line = log.lines().find(|line| line.contains("\"request\"")).expect("a line");
    for part in ["\"route\":\"login\"", "\"status\":422", "\"refusal\":\"login.wrong\"", "\"micros\":"] {
        assert!(line.contains(part), "{part} in {line}");
    }
    for secret in ["yamada77", "hunter2", "secret", "127.0.0.1", &pre(1)[11..], "link-in-a-mail", "/link"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

struct Sink(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_says_alive_and_ready_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let ready = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let asked = ready.clone();
    let (stop, stopped) = oneshot::channel::<()>();
    let readiness: health::Readiness = Arc::new(move || asked.load(std::sync::atomic::Ordering::SeqCst));
    let served = tokio::spawn(health::serve(listener, readiness, async { drop(stopped.await) }));
    let ask = async |path: &str| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        status(&answer).to_owned()
    };
    assert_eq!((ask("/healthz").await.as_str(), ask("/readyz").await.as_str(), ask("/").await.as_str()), ("200", "503", "404"));
    ready.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(ask("/readyz").await, "200");
    stop.send(()).unwrap();
    served.await.unwrap();
}
