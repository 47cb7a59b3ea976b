//! How many requests a second are stored, beside the same number of commits made straight against the same database. See `benches/README.md`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that can't go on ends")]
#![expect(clippy::panic, clippy::indexing_slicing, reason = "as above, and in what it takes from the tests")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
#![expect(dead_code, unreachable_pub, reason = "the tests use all of what is shared with them")]

#[path = "../tests/suite/harness"]
mod harness {
    pub mod parts;
    pub mod ports;
    pub mod postgres;
}

use clinic_site::lang::Lang;
use clinic_site::requests::form::Form;
use clinic_site::requests::inbox::{ClientNetwork, Inbox};
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::seal::seal;
use clinic_site::requests::store::{Location, Store, Wanted};
use clinic_site::requests::{NewRequest, Reference, Request};
use harness::postgres::Postgres;
use sqlx::any::install_default_drivers;
use sqlx::{AnyConnection, Connection, Executor};
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Visitors at once, and how many requests they send in a round.
const VISITORS: [(u32, u32); 4] = [(1, 400), (16, 1600), (64, 3200), (256, 5120)];
const ROUNDS: usize = 5;

const INSERT: &str =
    "INSERT INTO straight (reference, received_hour, language, keys, sealed) VALUES ($1, $2, $3, $4, $5)";
const TABLE: &str = "CREATE TABLE IF NOT EXISTS straight (reference TEXT PRIMARY KEY NOT NULL, received_hour BIGINT NOT NULL, \
     language TEXT NOT NULL, closed_day BIGINT, keys TEXT NOT NULL, sealed TEXT NOT NULL)";

/// No two rows have the same reference, and no two requests the same name.
static NEXT: AtomicU32 = AtomicU32::new(0);

fn main() {
    install_default_drivers();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    println!("flushing 12 KB to this disk: {:?}, the median of 500", flush(folder.path()));
    println!("sealing a request: {:?}, the median of 2,000", sealing());
    println!(
        "\n| database | visitors | stored through the inbox | straight, one connection | of it | straight, a connection each | of it |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|");
    let sqlite = Location::Folder(folder.path().join("data"));
    let url = format!("sqlite://{}?mode=rw", folder.path().join("data/requests.db").display());
    runtime.block_on(database("SQLite", &sqlite, &url, false));
    if let Some(server) = Postgres::start() {
        let url = server.database();
        runtime.block_on(database("PostgreSQL", &Location::PostgreSql(url.clone()), url.as_str(), true));
    }
}

async fn database(name: &str, location: &Location, url: &str, many: bool) {
    let store = Arc::new(Store::new(location.clone()).unwrap());
    store.ping().await.unwrap();
    let keys = PrivateKeys::generate().public().unwrap();
    let sealed = Arc::new(seal(&keys, &a_request(&keys)).unwrap());
    let mut straight = vec![connect(url, !many).await];
    straight[0].execute(TABLE).await.unwrap();
    for (visitors, requests) in VISITORS {
        let (mut ours, mut one, mut each) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            // A new one each time: what a visitor asks is remembered by the inbox, and that is part of what it costs.
            let inbox = Arc::new(Inbox::new(keys.clone(), Arc::clone(&store), jiff::Timestamp::now, None).unwrap());
            let writer = tokio::spawn({
                let inbox = Arc::clone(&inbox);
                async move { inbox.write().await }
            });
            ours.push(through_the_inbox(inbox, visitors, requests).await);
            writer.abort();
            let (rate, connections) = commits(straight.split_off(0), requests.min(1000), &sealed).await;
            one.push(rate);
            straight = connections;
            if many && visitors > 1 {
                let mut connections = Vec::new();
                for _ in 0..visitors {
                    connections.push(connect(url, false).await);
                }
                each.push(commits(connections, requests, &sealed).await.0);
            }
        }
        let (ours, one) = (median(ours), median(one));
        let of = |straight: f64| format!("{straight:.0} | {:.2}", ours / straight);
        let each = if each.is_empty() { "– | –".to_owned() } else { of(median(each)) };
        println!("| {name} | {visitors} | {ours:.0} | {} | {each} |", of(one));
    }
    let stored = store.count(Wanted::Waiting).await.unwrap();
    let sent: u32 = VISITORS.iter().map(|(_, requests)| requests).sum();
    assert_eq!(usize::try_from(stored).unwrap(), usize::try_from(sent).unwrap() * ROUNDS, "every request is there");
}

/// Requests a second that are stored for so many visitors, each sending the next when the last is acknowledged.
async fn through_the_inbox(inbox: Arc<Inbox>, visitors: u32, requests: u32) -> f64 {
    let start = Instant::now();
    let tasks: Vec<_> = (0..visitors)
        .map(|_| {
            let inbox = Arc::clone(&inbox);
            tokio::spawn(async move {
                for _ in 0..requests / visitors {
                    inbox.take(&new_request(), ClientNetwork::new([7; 16])).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    f64::from(requests) / start.elapsed().as_secs_f64()
}

/// Commits a second of one row each, sealed already, over so many connections at once.
async fn commits(connections: Vec<AnyConnection>, rows: u32, sealed: &Arc<String>) -> (f64, Vec<AnyConnection>) {
    let each = rows / u32::try_from(connections.len()).unwrap();
    let all = f64::from(each) * f64::from(u32::try_from(connections.len()).unwrap());
    let start = Instant::now();
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|mut connection| {
            let sealed = Arc::clone(sealed);
            tokio::spawn(async move {
                for _ in 0..each {
                    let reference = Reference::from_random(five(NEXT.fetch_add(1, Ordering::Relaxed)));
                    let row = sqlx::query(INSERT).bind(reference.as_str()).bind(0_i64).bind("en").bind("01234567");
                    row.bind(sealed.as_str()).execute(&mut connection).await.unwrap();
                }
                connection
            })
        })
        .collect();
    let mut connections = Vec::new();
    for task in tasks {
        connections.push(task.await.unwrap());
    }
    (all / start.elapsed().as_secs_f64(), connections)
}

async fn connect(url: &str, sqlite: bool) -> AnyConnection {
    let mut connection = AnyConnection::connect(url).await.unwrap();
    if sqlite {
        connection
            .execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 4000")
            .await
            .unwrap();
    }
    connection
}

fn five(number: u32) -> [u8; 5] {
    let [a, b, c, d] = number.to_be_bytes();
    // Spread over the index, as random references are.
    [d.reverse_bits(), c, b, a, d]
}

fn new_request() -> NewRequest {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Form::read(format!("name=Visitor+{number}&phone=9165550100").as_bytes()).unwrap().request(Lang::En).unwrap()
}

fn a_request(keys: &clinic_site::requests::keys::PublicKeys) -> Request {
    Request::new(&new_request(), &Reference::from_random([0; 5]), "2026-11-26T03:14:00Z".to_owned(), keys.texts())
}

fn sealing() -> Duration {
    let keys = PrivateKeys::generate().public().unwrap();
    let request = a_request(&keys);
    let times = (0..2000).map(|_| {
        let start = Instant::now();
        let sealed = seal(&keys, &request).unwrap();
        assert!(sealed.len() > 6000);
        start.elapsed()
    });
    middle(times.collect())
}

/// What it takes until some bytes at the end of a file are on the disk.
fn flush(folder: &std::path::Path) -> Duration {
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join("flush")).unwrap();
    let times = (0..500).map(|_| {
        let start = Instant::now();
        file.write_all(&[7; 12 * 1024]).unwrap();
        file.sync_data().unwrap();
        start.elapsed()
    });
    middle(times.collect())
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
