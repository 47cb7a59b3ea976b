//! The accept loop: connections that send nothing, or slowly, are cut; there is a most of them; a stop drains them.
//!
//! Ours, because `axum::serve` sets no timer and hyper-util's protocol detection has none while it waits for the first bytes: both hold
//! silent connections for ever (hyperium/hyper#3962). So nothing is detected here: without TLS it is HTTP/1.1, with TLS what the two sides
//! agreed on in the handshake (ALPN). hyper's own timer costs each request an allocation and a place in a queue; [`watch`] costs it nothing.

mod attend;
mod guests;
pub(super) mod progress;
mod watch;
mod wire;

use super::service::Handler;
use super::tls::Tls;
use guests::{Guest, Networks};
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use ipnet::IpNet;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// What a connection may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many connections at once; more wait in the kernel's queue.
    pub connections: usize,
    /// How many of them from one network: an IPv4 address, or 64 bits of IPv6. Wider networks may have more, up to eight times as many.
    pub per_network: usize,
    /// The proxies before this server, which may have as many as there are: they speak for everybody.
    pub trusted_proxies: Vec<IpNet>,
    /// How long the handshake of TLS may take.
    pub handshake: Duration,
    /// How long a request's head may take, from its first byte.
    pub head: Duration,
    /// How long a connection may have nothing to do: before the first request, and between two.
    pub idle: Duration,
    /// How long a request's body may take.
    pub body: Duration,
    /// How long an answer may take, until its last byte is taken.
    pub answer: Duration,
    /// How old a connection may become; then it ends after the answer that is under way.
    pub age: Duration,
    /// How many bytes a request's head may have.
    pub head_bytes: usize,
    /// How many requests one connection may have under way at once (HTTP/2).
    pub streams: u32,
    /// How long requests under way may take after a stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            per_network: 256,
            trusted_proxies: Vec::new(),
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            idle: Duration::from_mins(1),
            body: Duration::from_secs(30),
            answer: Duration::from_mins(1),
            age: Duration::from_hours(1),
            head_bytes: 16 * 1024,
            streams: 64,
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

/// What all connections share.
struct House {
    limits: Limits,
    handler: Handler,
    tls: Option<Tls>,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    places: Arc<Semaphore>,
    stopping: AtomicBool,
    stop: Arc<Notify>,
}

impl House {
    fn new(handler: Handler, tls: Option<Tls>, limits: Limits) -> Self {
        let mut http1 = http1::Builder::new();
        // A request may have 100 headers, as hyper has it: any other number would be set up anew for each request.
        http1.header_read_timeout(None).max_buf_size(limits.head_bytes).half_close(false);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
            // Streams that a client resets as fast as it opens them (CVE-2023-44487) end the connection.
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(256)
            .keep_alive_interval(limits.idle / 3)
            .keep_alive_timeout(limits.head)
            .max_send_buf_size(64 * 1024);
        Self {
            handler,
            tls,
            http1,
            http2,
            places: Arc::new(Semaphore::new(limits.connections)),
            limits,
            stopping: AtomicBool::new(false),
            stop: Arc::new(Notify::new()),
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Whether so few places are left that those with nothing to do must make room.
    fn is_scarce(&self) -> bool {
        self.places.available_permits() <= self.limits.connections / 16
    }

    /// How long until a connection is looked at again.
    fn look(&self) -> Duration {
        let limits = &self.limits;
        let shortest = limits.head.min(limits.idle).min(limits.body).min(limits.answer);
        watch::look(shortest, self.places.available_permits() <= limits.connections / 2)
    }
}

/// A place for a connection, which is free again when this is dropped.
struct Place {
    _permit: OwnedSemaphorePermit,
    _guest: Guest,
}

/// Serves until `stop` is ready, then lets the requests under way end. Tells whether all of them did.
pub async fn serve(
    listener: TcpListener,
    handler: impl Into<Handler>,
    tls: Option<Tls>,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> bool {
    let networks = Networks::new(limits.per_network, limits.trusted_proxies.clone());
    let (drain, places) = (limits.drain, limits.connections);
    let house = Arc::new(House::new(handler.into(), tls, limits));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            // A closed semaphore would be the only error, and nothing closes this one.
            let permit = Arc::clone(&house.places).acquire_owned().await.ok();
            (listener.accept().await, permit)
        };
        let (stream, peer, permit) = tokio::select! {
            (accepted, permit) = accepted => match (accepted, permit) {
                (Ok((stream, peer)), Some(permit)) => (stream, peer, permit),
                (Ok(_), None) => continue,
                (Err(error), _) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        // A network with too many connections gets no more; there is nobody to explain it to but a program.
        let Some(guest) = networks.enter(peer.ip()) else { continue };
        let place = Place { _permit: permit, _guest: guest };
        tokio::spawn(attend::attend(Arc::clone(&house), prepared(stream), Peer(peer), place));
    }
    drop(listener);
    house.stopping.store(true, Ordering::Release);
    house.stop.notify_waiters();
    let all = u32::try_from(places).unwrap_or(u32::MAX);
    tokio::time::timeout(drain, house.places.acquire_many(all)).await.is_ok()
}

/// Answers are one write, so waiting to fill a packet only costs time.
fn prepared(stream: TcpStream) -> TcpStream {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    stream
}
