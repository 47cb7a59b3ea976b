//! Transport: connections that send nothing, or slowly, are closed; their number is limited; a stop drains them.
//!
//! It is generic over a hyper [`Service`](hyper::service::Service) and knows no page, no route and no content. Bytes go out as hyper writes them.
//!
//! Our own accept loop, because `axum::serve` sets no timer and hyper-util's protocol detection has none while it waits for the first bytes:
//! both hold silent connections open for ever (hyperium/hyper#3962). Nothing is detected here: without TLS it is HTTP/1.1, with TLS what the two
//! sides agreed on in the handshake (ALPN). hyper's own timer costs each request an allocation and a place in a queue; `deadline` costs it nothing.

mod certificate;
mod challenge;
mod connection;
mod counts;
mod deadline;
mod exchange;
mod io;
mod limits;
mod listener;
mod network;
mod progress;
mod shared;
mod slots;
mod tls;

pub use certificate::Fault;
pub use counts::ConnectionCounts;
pub use exchange::{LengthAndChunks, RequestBody, Respond};
pub use limits::Limits;
pub use listener::{Socket, serve};
pub use network::{LEVELS, Network, limits_by_level};
pub use tls::{Tls, TlsError};
