//! A browser that costs little, because it runs on the cores that it measures: one connection, cookies, the token of the last form.

use crate::AnyError;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpSocket;

/// The way to one society.
pub struct Site {
    tls: tokio_rustls::TlsConnector,
    name: ServerName<'static>,
    authority: HeaderValue,
    /// `https://HOST:PORT`, as a passkey signs it.
    pub origin: String,
    address: SocketAddr,
}

impl Site {
    /// `host` at `port` of this machine, vouched for by the authority in `ca`.
    pub fn new(host: &str, port: u16, ca: &Path) -> Result<Self, AnyError> {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca)? {
            roots.add(certificate?)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut config = versions.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Every log-in is somebody's who has not been here for a while: full handshakes only.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Self {
            tls: tokio_rustls::TlsConnector::from(Arc::new(config)),
            name: ServerName::try_from(host.to_owned())?,
            authority: HeaderValue::from_str(&format!("{host}:{port}"))?,
            origin: format!("https://{host}:{port}"),
            address: SocketAddr::from(([127, 0, 0, 1], port)),
        })
    }

    /// A new connection.
    pub async fn connect(&self) -> Result<Connection, AnyError> {
        self.connect_from(Ipv4Addr::LOCALHOST).await
    }

    /// A new connection from this address of the loopback network.
    pub async fn connect_from(&self, from: Ipv4Addr) -> Result<Connection, AnyError> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((from, 0)))?;
        let stream = socket.connect(self.address).await?;
        stream.set_nodelay(true)?;
        let stream = self.tls.connect(self.name.clone(), stream).await?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // How it ends shows in the next request.
        let task = tokio::task::spawn_local(async move { drop(connection.await) });
        Ok(Connection { sender, task, authority: self.authority.clone() })
    }
}

/// One TLS connection. Closed when dropped.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    task: tokio::task::JoinHandle<()>,
    authority: HeaderValue,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a browser remembers, apart from its connection.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    cookies: Vec<(String, String)>,
    csrf: String,
}

/// An answer.
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Where a redirect leads.
    pub location: Option<String>,
    body: Bytes,
}

impl Answer {
    /// The page's text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    /// The screen it is, by its permanent id.
    pub fn step(&self) -> &str {
        between(self.text(), "data-step=\"", "\"").unwrap_or_default()
    }

    /// `Ok` if it leads to `path`.
    pub fn leads_to(self, path: &str) -> Result<(), AnyError> {
        if self.location.as_deref() == Some(path) {
            return Ok(());
        }
        let refusal = between(self.text(), "data-refusal=\"", "\"").unwrap_or("none");
        let Self { status, ref location, .. } = self;
        Err(format!("expected the way to {path}; got {status}, location {location:?}, step {:?}, refusal {refusal:?}", self.step()).into())
    }
}

/// The cookie of a browser that is known.
const KNOWN: &str = "__Host-bid";

impl Memory {
    /// What is left of it the next day: the id of a known browser, and no session.
    pub fn overnight(&mut self) {
        self.cookies.retain(|(name, _)| name == KNOWN);
        self.csrf.clear();
    }

    /// Gets a page and takes its form's token.
    pub async fn get(&mut self, connection: &mut Connection, path: &str) -> Result<Answer, AnyError> {
        let answer = self.send(connection, Method::GET, path, Bytes::new()).await?;
        if let Some(csrf) = between(answer.text(), "name=\"csrf\" value=\"", "\"") {
            self.csrf = csrf.to_owned();
        }
        Ok(answer)
    }

    /// Gets a page that has to be the screen `step`.
    pub async fn page(&mut self, connection: &mut Connection, path: &str, step: &str) -> Result<Answer, AnyError> {
        let answer = self.get(connection, path).await?;
        if answer.step() == step {
            return Ok(answer);
        }
        Err(format!("GET {path}: expected {step}, got {} {:?} {:?}", answer.status, answer.location, answer.step()).into())
    }

    /// Sends a form with the token of the last page.
    pub async fn post(&mut self, connection: &mut Connection, path: &str, fields: &[(&str, &str)]) -> Result<Answer, AnyError> {
        let mut form = form_urlencoded::Serializer::new(String::with_capacity(256));
        form.append_pair("csrf", &self.csrf).extend_pairs(fields);
        let body = Bytes::from(form.finish());
        self.send(connection, Method::POST, path, body).await
    }

    async fn send(&mut self, connection: &mut Connection, method: Method, path: &str, body: Bytes) -> Result<Answer, AnyError> {
        let mut request = Request::builder()
            .method(&method)
            .uri(path)
            .header(header::HOST, &connection.authority)
            .header(header::ACCEPT, "text/html,application/xhtml+xml")
            .header(header::ACCEPT_LANGUAGE, "ja,en;q=0.5")
            .header("sec-fetch-site", if method == Method::POST { "same-origin" } else { "none" });
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").header(header::ORIGIN, "null");
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        connection.sender.ready().await?;
        let (parts, body) = connection.sender.send_request(request.body(Full::new(body))?).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        self.take_cookies(&parts.headers);
        let location = parts.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Answer { status: parts.status, location, body })
    }

    fn take_cookies(&mut self, headers: &http::HeaderMap) {
        for cookie in headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) else { continue };
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

/// The text between the first `start` and the next `end`.
pub fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}
