//! The server: accepts, shakes hands, reads requests within limits, and hands each to [`App::respond`] on a thread that may block.

use super::edge::{Edge, Place};
use super::proxy::{self, Carried};
use super::respond::{Summary, bare};
use super::{App, form};
use crate::route::FORM_BYTES;
use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, HeaderValue, TRANSFER_ENCODING};
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use sekisho_core::shown::Problem;
use sekisho_core::source::Source;
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Most header fields of a request (P-14).
const HEADERS: usize = 64;

/// Most bytes of a request's line and headers together (P-14).
const HEADER_BYTES: usize = 16 * 1024;

/// Requests at a time on one HTTP/2 connection (P-18).
const STREAMS: u32 = 64;

/// Resets that a peer may have pending, and errors of its own making, before the connection ends (P-18, RUSTSEC-2024-0003).
const RESETS: (usize, usize) = (20, 256);

/// How much and how long (P-15). The defaults are for production.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at a time; further ones wait in the kernel's queue.
    pub connections: usize,
    /// Requests being worked on at a time; further ones get 503 at once.
    pub work: usize,
    /// Bodies longer than [`FORM_BYTES`] at a time; further ones get 503 at once. Without it each connection could hold twelve times
    /// what a form needs, for the sake of passkeys that nearly never do.
    pub long_bodies: usize,
    /// For the TLS handshake.
    pub handshake: Duration,
    /// For the headers of an HTTP/1 request, from the end of the one before.
    pub header: Duration,
    /// For the body.
    pub body: Duration,
    /// For a connection on which nothing begins or ends. Then it is asked to close, and after the same span again it is cut.
    pub idle: Duration,
    /// For what is in flight when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8192,
            work: 256,
            long_bodies: 64,
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(10),
            body: Duration::from_secs(15),
            idle: Duration::from_secs(30),
            drain: Duration::from_secs(30),
        }
    }
}

struct Shared {
    app: Arc<App>,
    edge: Arc<Edge>,
    limits: Limits,
    work: Arc<Semaphore>,
    long_bodies: Arc<Semaphore>,
}

/// Serves until `shutdown` is done; then accepts nothing more, finishes what is in flight, and returns.
pub async fn serve(
    app: Arc<App>,
    edge: Arc<Edge>,
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let connections = Arc::new(Semaphore::new(limits.connections));
    let [work, long_bodies] = [limits.work, limits.long_bodies].map(|most| Arc::new(Semaphore::new(most)));
    let shared = Arc::new(Shared { app, edge, limits, work, long_bodies });
    let acceptor = TlsAcceptor::from(tls);
    let (stop, _) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        if connections.available_permits() == 0 {
            shared.edge.full();
        }
        let permit = tokio::select! {
            () = &mut shutdown => break,
            permit = connections.clone().acquire_owned() => permit,
        };
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let peer = Source::of(peer.ip());
                    let Some(place) = shared.edge.accept(peer) else { continue };
                    let connection = connection(shared.clone(), acceptor.clone(), stream, peer, stop.subscribe());
                    tasks.spawn(async move {
                        let _held = (permit, place);
                        connection.await;
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted; raise the limit of open files if this repeats");
                    // Out of descriptors: the next try would fail as fast. One connection's end, or a moment, helps.
                    drop(timeout(Duration::from_millis(100), tasks.join_next()).await);
                }
            },
        }
    }
    drop(listener);
    stop.send_replace(true);
    if timeout(shared.limits.drain, async { while tasks.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!("connections were cut: they had not finished in time");
    }
}

/// One connection, from its handshake to its end.
async fn connection(shared: Arc<Shared>, acceptor: TlsAcceptor, stream: TcpStream, peer: Source, stop: watch::Receiver<bool>) {
    drop(stream.set_nodelay(true));
    let arrived = timeout(shared.limits.handshake, arrive(&shared.edge, &acceptor, stream, peer)).await;
    let Ok(Some(Arrived { stream, source, _place })) = arrived else { return };
    let session = stream.get_ref().1;
    let sni: Option<Arc<str>> = session.server_name().map(Arc::from);
    let is_http2 = session.alpn_protocol() == Some(b"h2");
    let busy = Arc::new(watch::channel(0usize).0);
    let idle = shared.limits.idle;
    let header = shared.limits.header;
    let service = {
        let busy = busy.clone();
        service_fn(move |request| {
            let (shared, sni, busy) = (shared.clone(), sni.clone(), InFlight::begin(busy.clone()));
            async move {
                let response = handle(&shared, sni, source, request).await;
                drop(busy);
                Ok::<_, Infallible>(response.map(Full::new))
            }
        })
    };
    // ALPN has settled the protocol, so nothing has to be guessed from the first bytes: the guessing builder has no time limit there.
    if is_http2 {
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(HEADER_BYTES as u32)
            .max_pending_accept_reset_streams(RESETS.0)
            .max_local_error_reset_streams(RESETS.1)
            .initial_stream_window_size(32 * 1024)
            .initial_connection_window_size(128 * 1024)
            .serve_connection(TokioIo::new(stream), service);
        drive(connection, &busy, stop, idle).await;
    } else {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(header)
            .max_headers(HEADERS)
            .max_header_size(HEADER_BYTES)
            .max_buf_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        drive(connection, &busy, stop, idle).await;
    }
}

/// A connection whose source is known and whose handshake is done.
struct Arrived {
    stream: TlsStream<TcpStream>,
    source: Source,
    /// Of the source behind a proxy.
    _place: Option<Place>,
}

/// Learns whom a trusted proxy carries, before TLS, and shakes hands. `None`: the connection ends here.
async fn arrive(edge: &Arc<Edge>, acceptor: &TlsAcceptor, mut stream: TcpStream, peer: Source) -> Option<Arrived> {
    let (source, place) = match edge.announces(peer) {
        false => (peer, None),
        true => match announced(&mut stream).await? {
            Carried::Nobody => (peer, None),
            Carried::Somebody(source) => (source, Some(edge.enter(source)?)),
        },
    };
    Some(Arrived { stream: acceptor.accept(stream).await.ok()?, source, _place: place })
}

/// Reads a proxy's header, and not one byte of what follows it.
async fn announced(stream: &mut TcpStream) -> Option<Carried> {
    let mut start = [0; proxy::START];
    stream.read_exact(&mut start).await.ok()?;
    let mut header = start.to_vec();
    header.resize(start.len() + proxy::rest(&start)?, 0);
    stream.read_exact(header.get_mut(start.len()..)?).await.ok()?;
    proxy::carried(&header)
}

/// Runs a connection until it ends, is told to stop, or has been idle for too long: no request begun or answered, which is also
/// how a peer looks that does not read its answer.
async fn drive<C: GracefulConnection>(connection: C, busy: &watch::Sender<usize>, mut stop: watch::Receiver<bool>, idle: Duration) {
    let mut connection = pin!(connection);
    let mut moves = busy.subscribe();
    let mut closing = false;
    loop {
        let in_flight = *moves.borrow_and_update();
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = stop.wait_for(|stop| *stop), if !closing => {
                closing = true;
                connection.as_mut().graceful_shutdown();
            }
            moved = timeout(idle, moves.changed()) => match (moved, in_flight) {
                (Err(_), 0) if closing => return,
                (Err(_), 0) => {
                    closing = true;
                    connection.as_mut().graceful_shutdown();
                }
                _ => {}
            },
        }
    }
}

/// Counts a request as in flight while it lives.
struct InFlight(Arc<watch::Sender<usize>>);

impl InFlight {
    fn begin(busy: Arc<watch::Sender<usize>>) -> Self {
        busy.send_modify(|count| *count += 1);
        Self(busy)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// One request and its line in the log: nothing of the member, no path, no query, no address.
async fn handle(shared: &Shared, sni: Option<Arc<str>>, source: Source, request: Request<Incoming>) -> Response<Bytes> {
    let begun = Instant::now();
    let method = request.method().clone();
    let response = answer(shared, sni.clone(), source, request).await;
    let Summary { route, page, refusal } = response.extensions().get().copied().unwrap_or_default();
    let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    let post = method == Method::POST;
    tracing::info!(host = sni.as_deref(), route, page, refusal, post, status = response.status().as_u16(), micros, "request");
    response
}

async fn answer(shared: &Shared, sni: Option<Arc<str>>, peer: Source, request: Request<Incoming>) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    let source = shared.edge.source(peer, &head.headers);
    if head.version <= Version::HTTP_11 && head.headers.contains_key(TRANSFER_ENCODING) {
        // Two ways to say where a request ends are one too many (P-13).
        return closing(StatusCode::LENGTH_REQUIRED);
    }
    let limit = shared.app.body_limit(sni.as_deref(), &head);
    let long = || Some((shared.edge.long_body(source)?, shared.long_bodies.clone().try_acquire_owned().ok()?));
    let (body, long) = match timeout(shared.limits.body, read(body, limit, long)).await {
        Ok(Ok(read)) => read,
        Ok(Err(Unread::NoRoom)) => return shared.app.refuse(sni.as_deref(), &head, Problem::Busy),
        Ok(Err(Unread::TooLarge)) => return shared.app.refuse(sni.as_deref(), &head, Problem::TooLarge),
        Ok(Err(Unread::Broken)) => return closing(StatusCode::BAD_REQUEST),
        Err(_) => return closing(StatusCode::REQUEST_TIMEOUT),
    };
    let Ok(permit) = shared.work.clone().try_acquire_owned() else {
        return shared.app.refuse(sni.as_deref(), &head, Problem::Busy);
    };
    let app = shared.app.clone();
    let work = spawn_blocking(move || {
        let response = app.respond(sni.as_deref(), source, Request::from_parts(head, body));
        drop((permit, long));
        response
    });
    work.await.unwrap_or_else(|_| {
        tracing::error!("a request ended in a panic; please report it with the lines before this one");
        bare(StatusCode::INTERNAL_SERVER_ERROR)
    })
}

enum Unread {
    NoRoom,
    TooLarge,
    Broken,
}

/// The body in a buffer of its own, which can be wiped; hyper's would be shared. Only one that is longer than a form, which passkeys make,
/// asks for the `room` of a long one, and not before so much of it has come: whoever declares a long one and sends nothing holds nothing.
async fn read<T>(mut body: Incoming, limit: usize, room: impl Fn() -> Option<T>) -> Result<(Bytes, Option<T>), Unread> {
    if limit == 0 {
        return Ok((Bytes::new(), None));
    }
    // No buffer grows in place: it would leave its contents behind.
    let mut whole = BytesMut::with_capacity(limit.min(FORM_BYTES));
    let mut long = None;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        let length = whole.len() + data.len();
        if length > limit {
            return Err(Unread::TooLarge);
        }
        if length > FORM_BYTES && long.is_none() {
            long = Some(room().ok_or(Unread::NoRoom)?);
            let mut larger = BytesMut::with_capacity(limit);
            larger.extend_from_slice(&whole);
            form::wipe(std::mem::replace(&mut whole, larger).freeze());
        }
        whole.extend_from_slice(&data);
    }
    Ok((whole.freeze(), long))
}

/// An answer after which the connection cannot go on, since where the next request begins is not known.
fn closing(status: StatusCode) -> Response<Bytes> {
    let mut response = bare(status);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
