//! Visitors of four kinds, who come all the time and hold each answer to what they asked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// How long anybody waits for an answer: far more than a restart takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many there are of each kind.
const EACH: u32 = 3;

/// The kinds of visitors: whether their connection stays open, whether they post, and the longest pause between two requests in milliseconds.
const KINDS: [(&str, bool, bool, u64); 4] = [
    ("fresh connections", false, false, 20),
    ("kept connections", true, false, 20),
    ("posts on kept connections", true, true, 60),
    ("posts after long pauses", true, true, 3500),
];

/// What became of the requests of a kind of visitors.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) asked: u64,
    /// Sent once more, as RFC 9112, section 9.3.1 allows: without a body, on a connection that was used before and closed without a byte.
    pub(super) retried: u64,
    pub(super) failed: Vec<String>,
    pub(super) slowest: Duration,
}

/// Visits until it is over. Gives what was counted, and the names in the requests that were acknowledged.
pub(super) async fn visit(
    address: SocketAddr,
    over: Arc<AtomicBool>,
) -> (BTreeMap<&'static str, Counts>, BTreeSet<String>) {
    let visitors: Vec<_> = (0..EACH)
        .flat_map(|number| KINDS.map(|kind| (number, kind)))
        .map(|(number, kind)| (kind.0, tokio::spawn(visitor(address, Arc::clone(&over), number, kind))))
        .collect();
    let (mut all, mut promised) = (BTreeMap::<_, Counts>::new(), BTreeSet::new());
    for (kind, visitor) in visitors {
        let (counts, names) = visitor.await.unwrap();
        let sum = all.entry(kind).or_default();
        sum.asked += counts.asked;
        sum.retried += counts.retried;
        sum.failed.extend(counts.failed);
        sum.slowest = sum.slowest.max(counts.slowest);
        promised.extend(names);
    }
    (all, promised)
}

async fn visitor(
    address: SocketAddr,
    over: Arc<AtomicBool>,
    number: u32,
    (kind, keeps, posts, pause): (&'static str, bool, bool, u64),
) -> (Counts, Vec<String>) {
    let (mut counts, mut names, mut line) = (Counts::default(), Vec::new(), None);
    while !over.load(Ordering::Relaxed) {
        let name = format!("{kind} {number} {}", counts.asked);
        let request = if posts { post(&name) } else { get(keeps) };
        let started = Instant::now();
        counts.asked += 1;
        let answer = timeout(PATIENCE, ask(address, &mut line, &request, posts, &mut counts.retried)).await;
        match answer.unwrap_or_else(|_| Err("no answer in time".to_owned())) {
            Ok(status) if status == if posts { 303 } else { 200 } => names.extend(posts.then_some(name)),
            Ok(status) => counts.failed.push(format!("status {status}")),
            Err(why) => {
                line = None;
                counts.failed.push(why);
                // What is gone stays gone for a moment.
                sleep(Duration::from_millis(5)).await;
            }
        }
        counts.slowest = counts.slowest.max(started.elapsed());
        // Another pause each time, and the same in each run.
        let pause = Duration::from_millis((counts.asked * 7919 + u64::from(number) * 104_729) % pause);
        let end = Instant::now() + pause;
        while Instant::now() < end && !over.load(Ordering::Relaxed) {
            sleep((end - Instant::now()).min(Duration::from_millis(100))).await;
        }
    }
    (counts, names)
}

fn get(keeps: bool) -> Vec<u8> {
    let close = if keeps { "" } else { "Connection: close\r\n" };
    format!("GET / HTTP/1.1\r\nHost: localhost\r\n{close}\r\n").into_bytes()
}

fn post(name: &str) -> Vec<u8> {
    let body = format!("name={}&phone=9165550142", name.replace(' ', "+"));
    format!(
        "POST /appointments/ HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Asks on the open connection or on a new one, and gives the status of a complete answer.
async fn ask(
    address: SocketAddr,
    line: &mut Option<TcpStream>,
    request: &[u8],
    posts: bool,
    retried: &mut u64,
) -> Result<u16, String> {
    loop {
        // Who keeps a connection sees its end before using it again.
        let used = line.take().filter(
            |stream| matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock),
        );
        let was_used = used.is_some();
        let mut stream = match used {
            Some(stream) => stream,
            None => TcpStream::connect(address).await.map_err(|error| format!("connect: {error}"))?,
        };
        let mut answer = Vec::new();
        match exchange(&mut stream, request, &mut answer).await {
            Ok((status, stays)) => {
                *line = stays.then_some(stream);
                return Ok(status);
            }
            Err(_) if answer.is_empty() && was_used && !posts => *retried += 1,
            Err(why) => {
                let used = if was_used { "used" } else { "new" };
                return Err(format!("{why} on a {used} connection after {} bytes", answer.len()));
            }
        }
    }
}

async fn exchange(stream: &mut TcpStream, request: &[u8], answer: &mut Vec<u8>) -> Result<(u16, bool), String> {
    stream.write_all(request).await.map_err(|error| format!("write: {error}"))?;
    let mut part = vec![0; 64 * 1024];
    loop {
        let head = answer.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4);
        if let Some(end) = head {
            let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
            let value = |name: &str| head.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()));
            let length: usize = value("content-length:").map_or(0, |length| length.parse().unwrap());
            if answer.len() >= end + length {
                let stays = value("connection:").is_none_or(|value| value != "close");
                let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
                return status.map(|status| (status, stays)).ok_or_else(|| "no status".to_owned());
            }
        }
        match stream.read(&mut part).await {
            Ok(0) => return Err("closed".to_owned()),
            Ok(read) => answer.extend_from_slice(&part[..read]),
            Err(error) => return Err(format!("read: {error}")),
        }
    }
}
