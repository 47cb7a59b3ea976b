//! The limits of connections.

use super::counts::ConnectionCounts;
use ipnet::IpNet;
use std::sync::Arc;
use std::time::Duration;

/// The limits of a listener and its connections.
#[derive(Clone, Debug)]
pub struct Limits {
    /// At most this many connections at once; others wait in the kernel's queue.
    pub connections: usize,
    /// At most this many of them from one network; larger networks have larger limits (see [`super::Network`]).
    pub per_network: usize,
    /// The proxies in front of this server, which may use every connection slot: many visitors share one.
    pub trusted_proxies: Vec<IpNet>,
    /// The deadline of the TLS handshake.
    pub handshake: Duration,
    /// The deadline of a request's head, from its first byte.
    pub head: Duration,
    /// How long a connection may be idle: before the first request, and between two.
    pub idle: Duration,
    /// The deadline of a request's body.
    pub body: Duration,
    /// The deadline of an answer, up to its last byte.
    pub answer: Duration,
    /// The age at which a connection ends, after the answers in flight.
    pub age: Duration,
    /// At most this many bytes in a request's head.
    pub head_bytes: usize,
    /// At most this many requests in flight on one connection (HTTP/2).
    pub streams: u32,
    /// How long a stop waits for open connections. Meanwhile the port stays open.
    pub drain: Duration,
    /// How long a stop waits for the next request of an idle connection, whose answer says that it is the last one (HTTP/1). A client may send one at
    /// the moment of the stop, and would lose it if the connection were closed at once (RFC 9112, section 9.3.1). Zero closes it at once.
    pub farewell: Duration,
    /// What became of the connections.
    pub counts: Arc<ConnectionCounts>,
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
            farewell: Duration::ZERO,
            counts: Arc::default(),
        }
    }
}
