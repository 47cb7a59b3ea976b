//! Two visitors behind one proxy, which sends both over the same connections to the server: one makes mistakes, the other reads pages. What the
//! server sends too much, too early or too late for the one would reach the other.
//!
//! Three seconds for each proxy belong to the suite; `CLINIC_PROXY_SECONDS=30` makes it that many, and says what was counted.

pub mod connection;
mod counts;

use crate::harness::proxies::{Kind, Proxy};
use crate::harness::without_samples;
use crate::program::{STAFF_KEY, Serving, folder};
use connection::{Answer, Connection};
use counts::Counts;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// What nobody types but who makes mistakes; the number of the request follows.
const MARK: &str = "Xylophone-";

/// So many letters of two bytes are 1,440 bytes in a post, more than Chromium sends in one piece with the head.
const LETTERS: usize = 240;

/// How many connections each visitor has.
const CONNECTIONS: usize = 4;

/// What is read.
const PAGES: [&str; 8] =
    ["/", "/appointments/", "/es/citas/", "/medicare/", "/get-help-now/", "/privacy/", "/es/", "/group-therapy/"];

#[expect(clippy::disallowed_methods, reason = "how long the visitors go on, not a time that is tested")]
fn now() -> Instant {
    Instant::now()
}

/// How long the visitors go on, and whether somebody asked for that.
fn seconds() -> (u64, bool) {
    let asked = std::env::var_os("CLINIC_PROXY_SECONDS").map(|seconds| seconds.to_str().unwrap().parse().unwrap());
    (asked.unwrap_or(3), asked.is_some())
}

/// A request of the visitor who makes mistakes.
struct Request {
    head: String,
    body: String,
    /// The status of its answer.
    status: u16,
    /// What only this request holds.
    mark: String,
    /// How many letters follow the mark in the note.
    letters: usize,
}

impl Request {
    /// The `number`th request on a connection; every second one is a form with a mistake.
    fn new(connection: usize, number: usize) -> Self {
        const FORM: &str = "application/x-www-form-urlencoded";
        let mark = format!("{MARK}{connection}-{number}.");
        let short = format!("name=&phone=12&note={mark}");
        let long = format!("{short}{}", "%D1%88".repeat(LETTERS));
        let (status, path, kind, body, letters) = match number % 8 {
            1 | 5 => (422, "/appointments/", FORM, long, LETTERS),
            2 => (415, "/appointments/", "application/json", format!("{{\"note\":\"{mark}\"}}"), 0),
            4 => (404, "/appointments/0000-0000/", "", String::new(), 0),
            6 => (413, "/appointments/", FORM, format!("{short}{}", "x".repeat(70_000)), 0),
            7 => (404, "/appointments/ZZZZ-ZZZZ/", "", String::new(), 0),
            _ => (422, "/appointments/", FORM, short, 0),
        };
        let (method, more) = match body.len() {
            0 => ("GET", String::new()),
            length => {
                ("POST", format!("Content-Type: {kind}\r\nContent-Length: {length}\r\nSec-Fetch-Site: same-origin\r\n"))
            }
        };
        // Each comes from another provider's network, so that none asks more than it may.
        let network = format!("{}.{}.{connection}.1", 11 + number % 200, number / 200 % 256);
        let head = head(method, path, &network, &more);
        Self { head, body, status, mark, letters }
    }

    /// As it is sent: in one piece, or the head and, after a pause, the body in three.
    fn pieces(&self, number: usize) -> (Vec<Vec<u8>>, Duration) {
        let (head, body) = (self.head.as_bytes(), self.body.as_bytes());
        let milliseconds = [0, 5, 20, 40, 80][number % 5];
        if body.is_empty() || milliseconds == 0 {
            return (vec![[head, body].concat()], Duration::ZERO);
        }
        let pieces = [head].into_iter().chain(body.chunks(body.len().div_ceil(3)));
        (pieces.map(<[u8]>::to_vec).collect(), Duration::from_millis(milliseconds))
    }

    /// Whether an answer is the one to this request: for a mistake the form with what was typed, otherwise the page for the error; and all of it.
    fn is_answered_by(&self, answer: &Answer) -> bool {
        let text = answer.text();
        let whole = text.starts_with("<!doctype html>") && text.trim_end().ends_with("</html>");
        let right = if self.status == 422 {
            let typed = format!("\n{}{}</textarea>", self.mark, "ш".repeat(self.letters));
            text.contains(&typed) && text.contains("id=\"request-phone-error\"")
        } else {
            text.contains(&format!(">{}</p>", self.status))
        };
        answer.status == self.status && whole && right
    }
}

fn head(method: &str, path: &str, network: &str, more: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: clinic.example\r\nAccept-Encoding: identity\r\nX-Forwarded-For: {network}\r\n{more}\r\n"
    )
}

/// Makes mistakes on one connection until the end.
fn make_mistakes(connection: usize, proxy: &Proxy, end: Instant, counts: &Mutex<Counts>) {
    let mut line = Connection::through(proxy);
    for number in (0..).take_while(|_| now() < end) {
        let request = Request::new(connection, number);
        let (pieces, pause) = request.pieces(number);
        let pieces: Vec<_> = pieces.iter().map(Vec::as_slice).collect();
        let answer = line.ask(&pieces, pause);
        let asked = format!("{} in {} pieces for {}", request.mark, pieces.len(), request.status);
        let mut counts = counts.lock().unwrap();
        for cut in line.cut.drain(..) {
            counts.cut(&request, &asked, cut);
        }
        counts.answered(&request, &asked, &answer);
    }
}

/// Asks for a page.
fn get(line: &mut Connection, path: &str) -> Result<Answer, String> {
    line.ask(&[head("GET", path, "198.51.100.7", "").as_bytes()], Duration::ZERO)
}

/// Reads page after page on one connection until the end: each byte has to be the one that the server sends to who asks alone.
fn read_pages(alone: &[(&str, Answer)], proxy: &Proxy, server: SocketAddr, end: Instant, counts: &Mutex<Counts>) {
    // No proxy cuts the answer to a request without a body.
    let mut line = Connection::new(proxy.address);
    for (path, page) in alone.iter().cycle().take_while(|_| now() < end) {
        let answer = get(&mut line, path);
        let is = |page: &Answer| {
            answer.as_ref().is_ok_and(|answer| {
                answer.status == 200 && answer.header("etag") == page.header("etag") && answer.body == page.body
            })
        };
        // A page may have changed with the hour.
        let right = is(page) || get(&mut Connection::new(server), path).is_ok_and(|page| is(&page));
        counts.lock().unwrap().read(path, &answer, right);
        // It is a reader, not a benchmark, and other tests run beside it.
        thread::sleep(Duration::from_millis(2));
    }
}

/// Lets both visitors go to a site behind a proxy, and holds what came of it. Without that proxy it is left out.
#[track_caller]
fn two_visitors(kind: Kind) {
    let content = folder(&without_samples());
    let published = ["serve", "--log", "off", "--public-url", "https://clinic.example", "--staff-key", STAFF_KEY];
    let own = ["--content", content.path().to_str().unwrap(), "--trusted-proxies", "127.0.0.1"];
    let site = Serving::start(&[&published[..], &own].concat());
    let Some(proxy) = Proxy::start(kind, site.address) else { return };
    let alone = PAGES.map(|path| {
        let page = get(&mut Connection::new(site.address), path).unwrap_or_else(|why| panic!("{path}: {why}"));
        assert_eq!(page.status, 200, "{path}");
        (path, page)
    });
    let (seconds, asked) = seconds();
    let (counts, end) = (Mutex::new(Counts::default()), now() + Duration::from_secs(seconds));
    thread::scope(|scope| {
        for number in 0..CONNECTIONS {
            let (alone, counts, proxy, server) = (&alone, &counts, &proxy, site.address);
            scope.spawn(move || make_mistakes(number, proxy, end, counts));
            scope.spawn(move || read_pages(alone, proxy, server, end, counts));
        }
    });
    let counts = counts.into_inner().unwrap();
    if asked {
        let _ = writeln!(std::io::stderr(), "{kind:?}, {seconds} s: {counts}");
    }
    // Each proxy and each machine manages far more.
    let least = usize::try_from(seconds).unwrap() * 4;
    assert!(counts.pages >= least && counts.mistakes >= least, "too little was asked to mean anything: {counts}");
    assert!(counts.cut * 20 <= counts.mistakes + counts.others, "{kind:?} cuts more than it does by itself: {counts}");
    let examples: Vec<_> = counts.examples.values().map(String::as_str).collect();
    assert!(counts.wrong() == 0, "{kind:?}: {counts}\n\n{}\n", examples.join("\n"));
}

#[test]
fn two_visitors_behind_nginx_that_passes_bodies_on_as_they_come_get_their_own_answers() {
    two_visitors(Kind::NginxStreaming);
}

#[test]
fn two_visitors_behind_nginx_that_gathers_bodies_get_their_own_answers() {
    two_visitors(Kind::NginxBuffering);
}

#[test]
fn two_visitors_behind_haproxy_get_their_own_answers() {
    two_visitors(Kind::HaProxy);
}

#[test]
fn two_visitors_behind_caddy_get_their_own_answers() {
    two_visitors(Kind::Caddy);
}
