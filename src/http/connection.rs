//! The accept loop: connections that send nothing, or slowly, are cut; there is a most of them; a stop drains them.
//!
//! Ours, because `axum::serve` sets no timer and hyper-util's protocol detection has none while it waits for the first bytes: both hold
//! silent connections for ever (hyperium/hyper#3962). So plain HTTP/1.1 is spoken here, by hyper's own builder with its timer.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// What a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many connections at once; more wait in the kernel's queue.
    pub connections: usize,
    /// How long a request's head may take, from the first byte or from the end of the answer before it.
    pub head: Duration,
    /// How many headers a request may have.
    pub headers: usize,
    /// How many bytes a request's head may have.
    pub head_bytes: usize,
    /// How long requests under way may take after a stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            head: Duration::from_secs(10),
            headers: 64,
            head_bytes: 16 * 1024,
            drain: Duration::from_secs(10),
        }
    }
}

/// Whose connection a request came by, as an extension of the request: to limit how often somebody may ask. It is in no log, so it says
/// nothing of itself in `{:?}`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peer(pub SocketAddr);

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Peer(…)")
    }
}

/// How long to wait after a failed accept: the process has no file descriptors left, and waiting lets some become free.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);

/// Serves until `stop` is ready, then lets the requests under way end. Tells whether all of them did.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) -> bool {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_headers(limits.headers)
        .max_buf_size(limits.head_bytes)
        .half_close(false);
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            // A closed semaphore would be the only error, and nothing closes this one.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let (stream, peer, place) = tokio::select! {
            (accepted, place) = accepted => match accepted {
                Ok((stream, peer)) => (stream, Peer(peer), place),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let service = Service { router: router.clone(), peer };
        let connection = builder.serve_connection(TokioIo::new(prepared(stream)), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // An error here is the client's doing: it left, or was cut. There is nothing to say, and nothing about it to keep.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    tokio::time::timeout(limits.drain, graceful.shutdown()).await.is_ok()
}

/// What answers the requests of one connection.
struct Service {
    router: Router,
    peer: Peer,
}

impl hyper::service::Service<Request<Incoming>> for Service {
    type Response = axum::response::Response;
    type Error = Infallible;
    type Future = tower::util::Oneshot<Router, Request<Body>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self.peer);
        self.router.clone().oneshot(request)
    }
}

/// Answers are one write, so waiting to fill a packet only costs time.
fn prepared(stream: TcpStream) -> TcpStream {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    stream
}
