//! Ports for servers that have to be told theirs.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below those that the system gives to whoever asks for any port (32768 and more): a port of those that is free now may be another's a moment later.
const FIRST: u16 = 12_000;
const ALL: u16 = 20_000;

/// An address of this computer that nobody listens on, and that nobody else of these tests is given.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Another run of the tests may be under way: each begins elsewhere.
    let start = u16::try_from(std::process::id() * 97 % u32::from(ALL)).unwrap();
    let next = || FIRST + (start + NEXT.fetch_add(1, Ordering::Relaxed) % ALL) % ALL;
    let mut addresses = std::iter::repeat_with(|| SocketAddr::from((Ipv4Addr::LOCALHOST, next())));
    addresses.find(|address| TcpListener::bind(address).is_ok()).unwrap()
}

/// The port of such an address.
pub fn free_port() -> u16 {
    free_address().port()
}
