//! The server is killed while hundreds send requests: whatever it acknowledged is there afterwards, once, and is shown as received.
//!
//! Two small rounds belong to the suite. `CLINIC_KILL_ROUNDS=20` makes it that many of 2,000 requests each, and `CLINIC_KILL_SEED` repeats a run.

use crate::harness::postgres::Postgres;
use crate::harness::stores::block_on;
use crate::program::Serving;
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::seal::open;
use clinic_site::requests::store::{Location, Store, Wanted};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// So that all of them may send from one address.
const LIMITS: [&str; 4] = ["--network-limit", "100000000", "--total-limit", "100000000"];

/// Rounds, and requests in each.
fn size() -> (u64, u32) {
    let rounds = std::env::var_os("CLINIC_KILL_ROUNDS").map(|rounds| rounds.to_str().unwrap().parse().unwrap());
    rounds.map_or((2, 300), |rounds| (rounds, 2000))
}

/// Random enough to choose a moment with, and the same for the same seed (splitmix64).
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let given = std::env::var_os("CLINIC_KILL_SEED").map(|seed| seed.to_str().unwrap().parse().unwrap());
        let seed = given.unwrap_or_else(|| {
            let mut bytes = [0; 8];
            getrandom::fill(&mut bytes).unwrap();
            u64::from_le_bytes(bytes)
        });
        Self(seed)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// The server before a store, with a staff key.
pub(crate) fn serve(location: &Location, key: &str) -> Serving {
    let (flag, place) = match location {
        Location::Folder(folder) => ("--data-dir", folder.to_str().unwrap().to_owned()),
        Location::PostgreSql(url) => ("--database", url.to_string()),
    };
    let mut arguments = vec!["serve", "--log", "off", "--staff-key", key, flag, &place];
    arguments.extend(LIMITS);
    Serving::start(&arguments)
}

/// One request over a connection of its own: the status and the head of the answer, or nothing if there was none.
pub(crate) async fn ask(address: SocketAddr, request: String) -> Option<(u16, String)> {
    let asking = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        // Cut off in the middle, the head may still be whole: then the visitor's browser follows it.
        let _ = stream.read_to_end(&mut answer).await;
        let text = String::from_utf8_lossy(&answer);
        let head = text.split_once("\r\n\r\n")?.0.to_owned();
        Some((head.split(' ').nth(1)?.parse().ok()?, head))
    };
    tokio::time::timeout(Duration::from_mins(1), asking).await.unwrap_or(None)
}

/// Sends a request, again while the server says that it isn't kept, until it is acknowledged or the server is gone. Gives the reference.
pub(crate) async fn post(address: SocketAddr, name: String, mut killed: watch::Receiver<bool>) -> Option<String> {
    let body = format!("name={name}&phone=9165550142");
    let request = format!(
        "POST /appointments/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    loop {
        match ask(address, request.clone()).await {
            Some((303, head)) => {
                let place = head.lines().find(|line| line.to_ascii_lowercase().starts_with("location:"));
                let path = place.unwrap_or_else(|| panic!("{head}")).split_once(':').unwrap().1.trim();
                return Some(path.strip_prefix("/appointments/").unwrap().trim_end_matches('/').to_owned());
            }
            Some((503, _)) if !*killed.borrow_and_update() => tokio::time::sleep(Duration::from_millis(20)).await,
            Some((503, _)) | None => return None,
            Some((status, head)) => panic!("{status}: {head}"),
        }
    }
}

/// A round: gives how many requests were acknowledged, and how many are there.
async fn round(location: &Location, requests: u32, chance: &mut Chance, database: Option<&Postgres>) -> (usize, usize) {
    let keys = PrivateKeys::generate();
    let key = keys.public().unwrap().texts().remove(0);
    let mut server = serve(location, &key);
    let (kill, killed) = watch::channel(false);
    let acknowledged = Arc::new(AtomicU64::new(0));
    let visitors: Vec<_> = (0..requests)
        .map(|number| {
            let (name, acknowledged) = (format!("Visitor-{number}"), Arc::clone(&acknowledged));
            let (address, killed) = (server.address, killed.clone());
            tokio::spawn(async move {
                let reference = post(address, name.clone(), killed).await;
                acknowledged.fetch_add(u64::from(reference.is_some()), Ordering::Relaxed);
                (name, reference)
            })
        })
        .collect();
    // At a moment that depends on the seed and on how far the server is, never on how fast the machine is.
    let enough = chance.below(u64::from(requests) * 9 / 10);
    let moment = Duration::from_micros(chance.below(20_000));
    let ended = || visitors.iter().all(tokio::task::JoinHandle::is_finished);
    while acknowledged.load(Ordering::Relaxed) < enough && !ended() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(moment).await;
    if let Some(database) = database {
        database.kill();
    }
    kill.send(true).unwrap();
    // The standard library's way to kill is SIGKILL.
    server.process.kill().unwrap();
    server.process.wait().unwrap();
    let mut promised = BTreeMap::new();
    for visitor in visitors {
        let (name, reference) = visitor.await.unwrap();
        if let Some(reference) = reference {
            assert!(promised.insert(reference.clone(), name).is_none(), "{reference} was given to two");
        }
    }
    if let Some(database) = database {
        database.go_on();
    }
    // A new server shows what was promised, and nothing else.
    let mut server = serve(location, &key);
    let get = |reference: &str| {
        ask(
            server.address,
            format!("GET /appointments/{reference}/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        )
    };
    for reference in promised.keys() {
        assert_eq!(get(reference).await.unwrap().0, 200, "{reference} was acknowledged");
    }
    let store = Store::new(location.clone()).unwrap();
    let kept = store.list(Wanted::Waiting, u16::MAX).await.unwrap();
    let (mut references, mut names) = (BTreeSet::new(), BTreeSet::new());
    for row in &kept {
        let request = open(&keys, &row.sealed).unwrap();
        assert_eq!(*request.reference, *row.reference);
        assert!(references.insert(row.reference.clone()), "{} is there twice", row.reference);
        assert!(names.insert(request.answers.name.to_string()), "{} is there twice", request.answers.name);
        if let Some(name) = promised.get(&row.reference) {
            assert_eq!(**name, *request.answers.name);
        }
    }
    for reference in promised.keys() {
        assert!(references.contains(reference), "{reference} was acknowledged and is lost");
    }
    let unknown = if references.contains("0000-0000") { "ZZZZ-ZZZZ" } else { "0000-0000" };
    assert_eq!(get(unknown).await.unwrap().0, 404, "what isn't there isn't shown as received");
    server.process.kill().unwrap();
    server.process.wait().unwrap();
    store.close().await;
    (promised.len(), kept.len())
}

fn tell(line: std::fmt::Arguments<'_>) {
    if std::env::var_os("CLINIC_KILL_ROUNDS").is_some() {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

#[test]
fn what_was_acknowledged_is_in_sqlite_after_a_kill() {
    let mut chance = Chance::new();
    println!("CLINIC_KILL_SEED={}", chance.0);
    let (rounds, requests) = size();
    for number in 1..=rounds {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Folder(folder.path().join("data"));
        let (acknowledged, kept) = block_on(round(&location, requests, &mut chance, None));
        tell(format_args!("SQLite, round {number}: {acknowledged} of {requests} acknowledged, {kept} kept"));
    }
}

#[test]
fn what_was_acknowledged_is_in_postgresql_after_a_kill() {
    let Some(database) = Postgres::start() else { return };
    let mut chance = Chance::new();
    println!("CLINIC_KILL_SEED={}", chance.0);
    let (rounds, requests) = size();
    for number in 1..=rounds {
        let location = Location::PostgreSql(database.database());
        // In every second round the database is killed too.
        let both = (number % 2 == 0).then_some(&database);
        let (acknowledged, kept) = block_on(round(&location, requests, &mut chance, both));
        let what = if both.is_some() { ", and the database killed" } else { "" };
        tell(format_args!("PostgreSQL, round {number}{what}: {acknowledged} of {requests} acknowledged, {kept} kept"));
    }
}
