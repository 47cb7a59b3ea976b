//! Three servers on one database behind HAProxy, of which one is killed each second: nobody sees it, and each request is there once.
//!
//! Four kills belong to the suite; `CLINIC_REPLICAS_SECONDS=60` makes it 60, and says what was counted.

use super::load::visit;
use super::{is_kept_once, number, tell};
use crate::harness::ports::free_address;
use crate::harness::postgres::Postgres;
use crate::harness::proxies::{Kind, Proxy};
use crate::harness::stores::block_on;
use crate::program::{Serving, soon};
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::store::Location;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Whether a server would get requests of the balancer.
fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let asked = stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    asked.is_ok() && stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 200")
}

#[test]
fn what_a_balancer_sends_again_when_a_server_is_killed_is_the_same_request() {
    let Some(database) = Postgres::start() else { return };
    let keys = PrivateKeys::generate();
    let (key, url) = (keys.public().unwrap().texts().remove(0), database.database());
    let minimal = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/minimal");
    let addresses = [(); 3].map(|()| free_address());
    let start = |address: SocketAddr| {
        let limit = "100000000";
        let arguments =
            ["serve", "--log", "off", "--content", minimal, "--public-url", "http://localhost", "--staff-key", &key];
        let more = ["--database", url.as_str(), "--network-limit", limit, "--total-limit", limit];
        let proxies = ["--trusted-proxies", "127.0.0.1/32", "--listen", &address.to_string()].map(str::to_owned);
        let all: Vec<&str> = arguments.into_iter().chain(more).chain(proxies.iter().map(String::as_str)).collect();
        Serving::start(&all)
    };
    let mut servers = addresses.map(start);
    let Some(proxy) = Proxy::before(Kind::HaProxyReplicas, &addresses) else { return };
    let (address, over) = (proxy.address, Arc::new(AtomicBool::new(false)));
    let visitors = {
        let over = Arc::clone(&over);
        thread::spawn(move || block_on(visit(address, over)))
    };
    let seconds = number("CLINIC_REPLICAS_SECONDS");
    for second in 0..seconds.unwrap_or(4) {
        let at = second as usize % addresses.len();
        thread::sleep(Duration::from_secs(1));
        // The standard library's way to kill is SIGKILL.
        servers[at].process.kill().unwrap();
        servers[at].process.wait().unwrap();
        servers[at] = start(addresses[at]);
        // Never two of three at once.
        soon("the server is ready", || is_ready(addresses[at]));
    }
    over.store(true, Ordering::Relaxed);
    let (counts, promised) = visitors.join().unwrap();
    if let Some(seconds) = seconds {
        tell(&format!("{seconds} kills"), &counts);
    }
    for (kind, counts) in &counts {
        assert!(counts.asked > 0, "{kind} asked nothing");
        assert!(
            counts.failed.is_empty(),
            "{kind}: {} of {} failed: {:#?}",
            counts.failed.len(),
            counts.asked,
            counts.failed
        );
    }
    drop(servers);
    is_kept_once(Location::PostgreSql(url), &keys, &promised);
}
