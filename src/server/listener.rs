//! The listener: accepts connections within the limits, and drains them on a stop.

use super::connection;
use super::counts::Outcome;
use super::exchange::Respond;
use super::limits::Limits;
use super::shared::Shared;
use super::slots::{Slot, Slots};
use super::tls::Tls;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{unconstrained, yield_now};
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

/// How long to wait after a failed accept: the process has run out of file descriptors, and some may be freed.
const ACCEPT_RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// How long connections that were accepted during the stop may still take once no more are accepted, besides [`Limits::farewell`].
const LAST_ANSWERS_TIMEOUT: Duration = Duration::from_secs(1);

/// A socket to listen to.
#[derive(Debug)]
pub struct Socket {
    listener: TcpListener,
    is_held_open: bool,
}

impl Socket {
    /// A socket that somebody keeps open beyond this process: what waits in its queue at the end is for the process that comes next.
    #[must_use]
    pub fn held_open(listener: TcpListener) -> Self {
        Self { listener, is_held_open: true }
    }

    /// Whether it stays open beyond this process.
    #[must_use]
    pub fn is_held_open(&self) -> bool {
        self.is_held_open
    }

    /// The address and port that it is bound to.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl From<TcpListener> for Socket {
    /// A socket that closes with this process.
    fn from(listener: TcpListener) -> Self {
        Self { listener, is_held_open: false }
    }
}

/// Serves until `stop` is ready, then drains: open connections end after the answers in flight, idle ones after [`Limits::farewell`]. Until they have,
/// or [`Limits::drain`] has passed, new ones are accepted and get one answer each, so that one slow client doesn't close the port for everybody. At the
/// end, what waits in the queue is answered too, unless the socket stays open ([`Socket::held_open`]). Returns whether every answer in flight was sent.
///
/// `make` makes the service of a connection from the address of its peer.
pub async fn serve<S: Respond>(
    socket: impl Into<Socket>,
    make: impl Fn(SocketAddr) -> S,
    tls: Option<Tls>,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> bool {
    let (drain, farewell) = (limits.drain, limits.farewell);
    let Socket { listener: socket, is_held_open } = socket.into();
    let listener = Listener {
        socket,
        make,
        slots: Slots::new(limits.per_network, limits.trusted_proxies.clone()),
        shared: Arc::new(Shared::new(tls, limits)),
    };
    let (before, during) = (TaskTracker::new(), TaskTracker::new());
    tokio::select! {
        () = listener.accept_into(&before) => {}
        () = stop => {}
    }
    listener.shared.begin_stop();
    before.close();
    let drained = tokio::select! {
        () = listener.accept_into(&during) => false,
        () = before.wait() => true,
        () = sleep(drain) => false,
    };
    if !is_held_open {
        listener.accept_queued(&during).await;
    }
    drop(listener);
    during.close();
    timeout(farewell + LAST_ANSWERS_TIMEOUT, during.wait()).await.is_ok() && drained
}

struct Listener<M> {
    socket: TcpListener,
    make: M,
    slots: Arc<Slots>,
    shared: Arc<Shared>,
}

impl<M: Fn(SocketAddr) -> S, S: Respond> Listener<M> {
    /// Accepts connections for ever.
    async fn accept_into(&self, tasks: &TaskTracker) {
        loop {
            // A closed semaphore would be the only error, and nothing closes this one.
            let permit = Arc::clone(&self.shared.slots).acquire_owned().await.ok();
            match (self.socket.accept().await, permit) {
                (Ok((stream, peer)), Some(permit)) => {
                    // A network with too many connections gets no more, and no explanation: only a program would read it.
                    match self.slots.take(peer.ip(), permit) {
                        Some(slot) => self.spawn(tasks, stream, peer, slot),
                        None => self.shared.count(Outcome::OverLimit),
                    }
                }
                (Ok(_), None) => {}
                (Err(error), _) => {
                    self.shared.count(Outcome::NotAccepted);
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_RETRY_INTERVAL).await;
                }
            }
        }
    }

    /// Accepts what waits in the kernel's queue, which closing the port would reset. All of it in one poll, so without tokio's budget: that would
    /// call the socket not ready after some 128 connections.
    async fn accept_queued(&self, tasks: &TaskTracker) {
        // The runtime learns of the connections that have just come.
        yield_now().await;
        unconstrained(poll_fn(|context| {
            while let Ok(permit) = Arc::clone(&self.shared.slots).try_acquire_owned()
                && let Poll::Ready(Ok((stream, peer))) = self.socket.poll_accept(context)
            {
                match self.slots.take(peer.ip(), permit) {
                    Some(slot) => self.spawn(tasks, stream, peer, slot),
                    None => self.shared.count(Outcome::OverLimit),
                }
            }
            Poll::Ready(())
        }))
        .await;
    }

    fn spawn(&self, tasks: &TaskTracker, stream: TcpStream, peer: SocketAddr, slot: Slot) {
        // An answer is one write, so waiting to fill a packet only costs time.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        tasks.spawn(connection::run(Arc::clone(&self.shared), stream, (self.make)(peer), slot));
    }
}
