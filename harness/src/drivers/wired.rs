//! As in process, but each request goes over a TLS connection of its own to the appliance's own server.

use super::in_process::InProcess;
use super::remote::{client_config, exchange, patiently};
use super::server::Server;
use super::{Driver, DriverError, StaffAnswer, StaffOrder};
use crate::flow::{DriverKind, Given};
use crate::mailbox::Mail;
use crate::world::entropy::Dice;
use crate::world::member::Registered;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use rustls::pki_types::ServerName;
use sekisho_core::time::Timestamp;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The way to one society's server.
#[derive(Clone)]
pub(crate) struct Line {
    server: SocketAddr,
    pub(crate) name: ServerName<'static>,
    pub(crate) config: Arc<rustls::ClientConfig>,
}

impl Line {
    /// To `host` at `server`.
    pub(crate) fn new(server: &Server, host: &str) -> Result<Self, DriverError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| DriverError::Internal(error.to_string()))?;
        Ok(Self { server: server.address, name, config: Arc::new(client_config(server.roots()?)?) })
    }

    /// A connection from this address of the loopback network.
    pub(crate) async fn connect(&self, from: Ipv4Addr) -> std::io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(IpAddr::V4(from), 0))?;
        socket.connect(self.server).await
    }

    /// The same, hands shaken.
    pub(crate) async fn shake_hands(&self, from: Ipv4Addr) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = self.connect(from).await?;
        TlsConnector::from(Arc::clone(&self.config)).connect(self.name.clone(), stream).await
    }
}

/// Drives one society over its server; clock, letters and staff are those of the appliance in process.
pub(crate) struct Wired<'a> {
    inner: InProcess<'a>,
    line: Line,
    runtime: &'a tokio::runtime::Runtime,
    /// How long each request has taken, from its connection to the last byte of its answer.
    pub(crate) spans: Vec<Duration>,
}

impl<'a> Wired<'a> {
    /// Over `line`, from 127.0.0.1.
    pub(crate) fn new(inner: InProcess<'a>, line: Line, runtime: &'a tokio::runtime::Runtime) -> Self {
        Self { inner, line, runtime, spans: Vec::new() }
    }
}

impl Driver for Wired<'_> {
    fn kind(&self) -> DriverKind {
        self.inner.kind()
    }

    fn origin(&self) -> &str {
        self.inner.origin()
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn wait_until(&mut self, instant: Timestamp) -> Result<(), DriverError> {
        self.inner.wait_until(instant)
    }

    fn register(&mut self, given: &Given, dice: &mut Dice) -> Result<Registered, DriverError> {
        self.inner.register(given, dice)
    }

    fn send(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, DriverError> {
        let begun = Instant::now();
        let mut request = request.map(Full::new);
        request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        let answer = self.runtime.block_on(patiently(async {
            let stream = self.line.shake_hands(Ipv4Addr::LOCALHOST).await?;
            exchange(stream, request).await
        }))?;
        self.spans.push(begun.elapsed());
        Ok(answer)
    }

    fn letters(&mut self, to: &str) -> Result<Vec<Mail>, DriverError> {
        self.inner.letters(to)
    }

    fn commits(&self) -> Option<u64> {
        self.inner.commits()
    }

    fn residue(&self) -> Vec<(String, Vec<u8>)> {
        self.inner.residue()
    }

    fn staff(&mut self, order: &StaffOrder<'_>) -> Result<StaffAnswer, DriverError> {
        self.inner.staff(order)
    }
}
