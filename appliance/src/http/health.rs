//! `/healthz` and `/readyz`, for the supervisor: plain HTTP on a loopback address of its own, apart from what members reach.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;

/// Says whether the appliance can do its work. May block.
pub type Readiness = Arc<dyn Fn() -> bool + Send + Sync>;

/// Connections at a time: a supervisor needs one.
const CONNECTIONS: usize = 16;

/// For one whole connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers until `shutdown` is done. `/healthz`: the process lives. `/readyz`: it can work, as `ready` says, asked on each call.
pub async fn serve(listener: TcpListener, ready: Readiness, shutdown: impl Future<Output = ()>) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let mut tasks = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => return,
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept() => {
                let (Ok((stream, _)), Ok(permit)) = (accepted, connections.clone().try_acquire_owned()) else { continue };
                let ready = ready.clone();
                let service = service_fn(move |request| answer(ready.clone(), request));
                tasks.spawn(async move {
                    let _permit = permit;
                    let mut http = http1::Builder::new();
                    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).keep_alive(false);
                    drop(timeout(PATIENCE, http.serve_connection(TokioIo::new(stream), service)).await);
                });
            }
        }
    }
}

async fn answer(ready: Readiness, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, text) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/healthz") => (StatusCode::OK, "ok\n"),
        (&Method::GET, "/readyz") => match spawn_blocking(move || ready()).await {
            Ok(true) => (StatusCode::OK, "ready\n"),
            _ => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
        },
        _ => (StatusCode::NOT_FOUND, "not found\n"),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    Ok(response)
}
