//! An answer is the bytes that its head announces and nothing more, for every status the site answers itself, whatever the pace of the client
//! (RFC 9112, section 6). Found on commit 0075b23: most 4xx answers over HTTP/1.1 were overwritten by the page of another error, and their own
//! body followed on a connection that stayed open.
//!
//! `CLINIC_EXACT_REPEATS` repeats each exchange; the default keeps the suite short.

use crate::connections::{Answer, Client, LIMITS, Server};
use crate::harness::TestSite;
use crate::posting::{GOOD, Taking};
use crate::tls::Certificate;
use bytes::Bytes;
use clinic_site::http::App;
use clinic_site::server::Limits;
use clinic_site::site::ErrorKind;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

/// Time enough for a body that comes byte by byte on a busy machine.
fn patient() -> Limits {
    let long = Duration::from_secs(20);
    Limits { connections: 64, head: long, idle: long, body: long, answer: long, ..LIMITS }
}

/// A word that the visitor typed. Only the form that comes back to them may hold it.
const TYPED: &str = "Zebulon";

/// What the body of an answer has to be.
#[derive(Clone, Copy)]
enum Page {
    /// The site's page for an error, byte for byte.
    Error(ErrorKind),
    /// The form with what was typed.
    Filled,
    /// Nothing.
    Empty,
}

/// A request and the answer it must have.
struct Exchange {
    name: &'static str,
    method: &'static str,
    target: &'static str,
    lines: Vec<(&'static str, String)>,
    body: String,
    status: u16,
    page: Page,
}

impl Exchange {
    fn new(name: &'static str, method: &'static str, target: &'static str, status: u16, page: Page) -> Self {
        Self { name, method, target, lines: Vec::new(), body: String::new(), status, page }
    }

    fn post(name: &'static str, body: impl Into<String>, status: u16, page: Page) -> Self {
        let kind = ("content-type", "application/x-www-form-urlencoded".to_owned());
        let lines = vec![kind, ("sec-fetch-site", "same-origin".to_owned())];
        Self { lines, body: body.into(), ..Self::new(name, "POST", "/appointments/", status, page) }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.lines.retain(|(other, _)| *other != name);
        self.lines.push((name, value.to_owned()));
        self
    }

    /// The head and the body as they are sent. HTTP/1.0 asks for the connection to be kept, so that what is left behind an answer is seen.
    fn bytes(&self, version: &str) -> (String, &str) {
        let mut head = format!("{} {} HTTP/{version}\r\nHost: clinic.example\r\n", self.method, self.target);
        for (name, value) in &self.lines {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if version == "1.0" {
            head += "Connection: keep-alive\r\n";
        }
        if self.method == "POST" || !self.body.is_empty() {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        (head + "\r\n", &self.body)
    }

    #[track_caller]
    fn holds(&self, app: &App, status: u16, body: &[u8], way: &str) {
        assert_eq!(status, self.status, "{}, {way}", self.name);
        let text = String::from_utf8_lossy(body);
        match self.page {
            Page::Error(kind) => {
                let page = app.site().error(kind, self.target).unwrap().identity().bytes.clone();
                assert!(body == page, "{}, {way}: another page: {:.200}", self.name, title(&text));
            }
            Page::Filled => {
                assert!(text.contains(TYPED), "{}, {way}: what was typed is lost: {}", self.name, title(&text));
                assert!(text.trim_end().ends_with("</html>"), "{}, {way}: the page is cut", self.name);
            }
            Page::Empty => assert!(body.is_empty(), "{}, {way}: {text:.200}", self.name),
        }
    }
}

fn title(page: &str) -> &str {
    page.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>")).map_or(page, |(title, _)| title)
}

/// What a site that takes requests answers with an error, or sends on.
fn exchanges() -> Vec<Exchange> {
    let mistake = format!("name={TYPED}&phone=12&note=x");
    let long = format!("name={TYPED}&phone=12&note={}", "%D0%B6".repeat(240));
    vec![
        Exchange::post("a mistake", &mistake, 422, Page::Filled),
        Exchange::post("a mistake with 240 Cyrillic letters", long, 422, Page::Filled),
        Exchange::post("from another site", &mistake, 403, Page::Error(ErrorKind::Forbidden))
            .with("sec-fetch-site", "cross-site"),
        Exchange::post("no form", &mistake, 415, Page::Error(ErrorKind::UnsupportedMediaType))
            .with("content-type", "text/plain"),
        Exchange::post("too long", "x".repeat(66_000), 413, Page::Error(ErrorKind::TooLarge)),
        Exchange::post("not UTF-8", "name=%ff&phone=12", 400, Page::Error(ErrorKind::BadRequest)),
        Exchange {
            target: "/medicare/",
            ..Exchange::post("no form there", &mistake, 405, Page::Error(ErrorKind::MethodNotAllowed))
        },
        Exchange {
            target: "/nowhere/",
            ..Exchange::post("no page there", &mistake, 404, Page::Error(ErrorKind::NotFound))
        },
        Exchange::new("an unknown reference", "GET", "/appointments/K7QM-4XT2/", 404, Page::Error(ErrorKind::NotFound)),
        Exchange::new("an unknown page", "GET", "/nowhere/", 404, Page::Error(ErrorKind::NotFound)),
        Exchange::new("an unknown page in Spanish", "GET", "/es/nada/", 404, Page::Error(ErrorKind::NotFound)),
        Exchange::new("no path", "GET", "/%zz/", 400, Page::Error(ErrorKind::BadRequest)),
        Exchange::new("another version wanted", "GET", "/medicare/", 412, Page::Error(ErrorKind::BadRequest))
            .with("if-match", "\"another\""),
        Exchange::new("an old address", "GET", "/medicare", 308, Page::Empty),
        Exchange {
            body: "left over".into(),
            ..Exchange::new("a body that nobody wants", "GET", "/nowhere/", 404, Page::Error(ErrorKind::NotFound))
        },
    ]
}

/// In how many pieces a request is sent.
#[derive(Clone, Copy, Debug)]
enum Pace {
    OneWrite,
    HeadThenBody,
    ByteByByte,
}

impl Pace {
    const ALL: [Self; 3] = [Self::OneWrite, Self::HeadThenBody, Self::ByteByByte];

    /// The server may have answered and closed before the last byte: that is no failure of the client.
    fn send(self, client: &mut Client, head: &str, body: &str) {
        match self {
            Self::OneWrite => drop(client.try_send(format!("{head}{body}").as_bytes())),
            Self::HeadThenBody => {
                drop(client.try_send(head.as_bytes()));
                thread::sleep(Duration::from_millis(30));
                drop(client.try_send(body.as_bytes()));
            }
            Self::ByteByByte => {
                // A pause now and then, so that pieces arrive apart; the first bytes of a very long body are enough of them.
                let bytes = [head.as_bytes(), body.as_bytes()].concat();
                let (slow, rest) = bytes.split_at(bytes.len().min(2_000));
                for (at, byte) in slow.iter().enumerate() {
                    drop(client.try_send(&[*byte]));
                    if at % 64 == 0 {
                        thread::sleep(Duration::from_millis(1));
                    }
                }
                drop(client.try_send(rest));
            }
        }
    }
}

fn repeats() -> usize {
    std::env::var_os("CLINIC_EXACT_REPEATS").map_or(3, |given| given.to_str().unwrap().parse().unwrap())
}

/// Asks on a connection of its own, then asks for something known behind it: the answer to that must come next, or the connection is closed
/// with nothing more on it.
#[track_caller]
fn asked(server: &Server, app: &App, exchange: &Exchange, pace: Pace, version: &str) {
    let way = format!("HTTP/{version}, {pace:?}");
    let mut client = server.client();
    for turn in ["first", "second"] {
        let (head, body) = exchange.bytes(version);
        pace.send(&mut client, &head, body);
        let answer = client.answer_to(exchange.method);
        let Answer { status, head, body } = answer.unwrap_or_else(|| panic!("{}, {way}: no answer", exchange.name));
        exchange.holds(app, status, &body, &format!("{way}, {turn}"));
        if head.contains("connection: close") || version == "1.0" && !head.contains("connection: keep-alive") {
            let rest = client.rest();
            assert!(rest.is_empty(), "{}, {way}: {} bytes behind the answer", exchange.name, rest.len());
            return;
        }
    }
    let next = client.get("/healthz");
    assert_eq!((next.status, &next.body[..]), (200, &b"up\n"[..]), "{}, {way}: behind the answer", exchange.name);
}

#[test]
fn each_answer_is_exactly_what_its_head_announces_at_every_pace_and_in_both_old_versions() {
    let site = Taking::new();
    let server = Server::start(site.app.clone(), patient());
    for exchange in exchanges() {
        for version in ["1.1", "1.0"] {
            for pace in Pace::ALL {
                for _ in 0..repeats() {
                    asked(&server, &site.app, &exchange, pace, version);
                }
            }
        }
    }
    assert!(server.stop());
}

#[test]
fn two_hundred_mistakes_on_one_connection_are_two_hundred_forms() {
    let site = Taking::new();
    let server = Server::start(site.app.clone(), patient());
    let mut client = server.client();
    for number in 0..200 {
        let exchange = Exchange::post("a mistake", format!("name={TYPED}{number}&phone=12"), 422, Page::Filled);
        let (head, body) = exchange.bytes("1.1");
        client.send(&head);
        if number % 4 == 0 {
            thread::sleep(Duration::from_millis(5));
        }
        client.send(body);
        let answer = client.answer_to("POST").unwrap();
        exchange.holds(&site.app, answer.status, &answer.body, "1.1");
        assert!(
            String::from_utf8_lossy(&answer.body).contains(&format!("\"{TYPED}{number}\"")),
            "somebody else's form"
        );
    }
    assert_eq!(client.get("/healthz").body, b"up\n");
    assert!(server.stop());
}

#[test]
fn too_many_posts_and_a_store_that_is_away_are_answered_with_the_form() {
    let site = Taking::at(1, 1);
    let server = Server::start(site.app.clone(), patient());
    let taken = Exchange::post("taken", GOOD, 303, Page::Empty);
    asked_once(&server, &site.app, &taken);
    let (many, away) = (GOOD.replace("Quill", "Brown"), GOOD.replace("Quill", "Green"));
    for pace in Pace::ALL {
        asked(&server, &site.app, &Exchange::post("too many", &many, 429, Page::Filled), pace, "1.1");
    }
    assert!(server.stop());
    let site = Taking::new();
    std::fs::write(site.folder.path().join("data"), "in the way").unwrap();
    let server = Server::start(site.app.clone(), patient());
    for pace in Pace::ALL {
        asked(&server, &site.app, &Exchange::post("away", &away, 503, Page::Filled), pace, "1.1");
    }
    assert!(server.stop());
    // A site without a store says so with its page.
    let app = TestSite::published().app().clone();
    let server = Server::start(app.clone(), patient());
    for pace in Pace::ALL {
        asked(&server, &app, &Exchange::post("no store", GOOD, 503, Page::Error(ErrorKind::Unavailable)), pace, "1.1");
    }
    assert!(server.stop());
}

fn asked_once(server: &Server, app: &App, exchange: &Exchange) {
    let mut client = server.client();
    let (head, body) = exchange.bytes("1.1");
    client.send(&(head + body));
    let answer = client.answer_to(exchange.method).unwrap();
    exchange.holds(app, answer.status, &answer.body, "once");
}

#[test]
fn what_hyper_refuses_goes_out_as_hyper_writes_it_and_nothing_follows() {
    let server = Server::of_the_site(patient());
    for (request, status) in [
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx".to_owned(), 400),
        (format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "a: b\r\n".repeat(101)), 431),
        (format!("GET / HTTP/1.1\r\nHost: a\r\na: {}\r\n\r\n", "b".repeat(20_000)), 431),
    ] {
        for pieces in [1, 2] {
            let mut client = server.client();
            for piece in request.as_bytes().chunks(request.len().div_ceil(pieces)) {
                drop(client.try_send(piece));
                thread::sleep(Duration::from_millis(20));
            }
            let answer = client.answer().unwrap_or_else(|| panic!("no answer to {request:.60}"));
            assert_eq!((answer.status, answer.body.len()), (status, 0), "{request:.60}");
            assert!(client.rest().is_empty(), "something follows the refusal of {request:.60}");
        }
    }
    assert!(server.stop());
}

#[test]
fn over_tls_in_both_protocols_the_answers_are_the_same() {
    let site = Taking::new();
    let certificate = Certificate::new();
    let server = Server::over(Some(certificate.read()), site.app.clone(), patient());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for protocol in [&b"h2"[..], b"http/1.1"] {
            let connect = async || Sender::new(protocol, certificate.connect(server.address, protocol).await).await;
            let mut sender = connect().await;
            for exchange in exchanges() {
                for _ in 0..repeats() {
                    let (head, body) = sender.ask(&exchange).await;
                    let status = head.status.as_u16();
                    exchange.holds(&site.app, status, &body, std::str::from_utf8(protocol).unwrap());
                    if head.headers.get("connection").is_some_and(|value| value == "close") {
                        sender = connect().await;
                    }
                }
            }
        }
    });
    assert!(server.stop());
}

/// A client of hyper's own, which fails where an answer isn't what its head says.
enum Sender {
    One(hyper::client::conn::http1::SendRequest<Full<Bytes>>),
    Two(hyper::client::conn::http2::SendRequest<Full<Bytes>>),
}

impl Sender {
    async fn new<T>(protocol: &[u8], stream: T) -> Self
    where
        T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        if protocol == b"h2" {
            let (sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            Self::Two(sender)
        } else {
            let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            Self::One(sender)
        }
    }

    async fn ask(&mut self, exchange: &Exchange) -> (http::response::Parts, Bytes) {
        let two = matches!(self, Self::Two(_));
        let target =
            if two { format!("https://clinic.example{}", exchange.target) } else { exchange.target.to_owned() };
        let mut request = hyper::Request::builder().method(exchange.method).uri(target);
        if !two {
            request = request.header("host", "clinic.example");
        }
        for (name, value) in &exchange.lines {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(exchange.body.clone()))).unwrap();
        let answer = match self {
            Self::One(sender) => {
                sender.ready().await.unwrap();
                sender.send_request(request).await
            }
            Self::Two(sender) => sender.send_request(request).await,
        };
        let (head, body) = answer.unwrap_or_else(|error| panic!("{}: {error}", exchange.name)).into_parts();
        (head, body.collect().await.unwrap().to_bytes())
    }
}

/// A post in chunks, as tunnels and proxies send it (RFC 9112, section 7.1).
fn chunked(body: &str, size: usize) -> String {
    let mut text = "POST /appointments/ HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
                    Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
        .to_owned();
    for chunk in body.as_bytes().chunks(size) {
        let _ = write!(text, "{:x};x=y\r\n{}\r\n", chunk.len(), std::str::from_utf8(chunk).unwrap());
    }
    text + "0\r\nTrailer: none\r\n\r\n"
}

#[test]
fn a_form_in_chunks_is_taken_up_to_the_same_limit() {
    let site = Taking::new();
    let server = Server::start(site.app.clone(), patient());
    let mistake = Exchange::post("a mistake in chunks", format!("name={TYPED}&phone=12&note=x"), 422, Page::Filled);
    let mut client = server.client();
    for size in [1, 7, 1000] {
        client.send(&chunked(&mistake.body, size));
        let answer = client.answer_to("POST").unwrap();
        mistake.holds(&site.app, answer.status, &answer.body, "in chunks");
        client.send(&chunked(&GOOD.replace("Quill", &format!("Quill{size}")), size));
        assert_eq!(client.answer_to("POST").unwrap().status, 303);
    }
    assert_eq!(client.get("/healthz").body, b"up\n");
    let long = Exchange::post("too long", "", 413, Page::Error(ErrorKind::TooLarge));
    client.send(&chunked(&"x".repeat(66_000), 1000));
    let answer = client.answer_to("POST").unwrap();
    long.holds(&site.app, answer.status, &answer.body, "in chunks");
    assert_eq!(client.get("/healthz").body, b"up\n", "what was too long is read past");
    // Nobody reads for ever.
    client.send(&chunked(&"x".repeat(400_000), 1000));
    let answer = client.answer_to("POST").unwrap();
    long.holds(&site.app, answer.status, &answer.body, "in chunks");
    assert!(answer.head.contains("connection: close") && client.rest().is_empty());
    assert!(server.stop());
}

/// hyper hides a length that comes beside chunks, so lines that name one are counted. One that stands in a body must not count against whoever is
/// next on the connection, who may be another visitor.
#[test]
fn a_length_that_stands_in_a_body_is_not_held_against_the_next_visitor() {
    let site = Taking::new();
    let server = Server::start(site.app.clone(), patient());
    let body = "a\r\nContent-Length: 5\r\n";
    let odd = Exchange {
        body: body.into(),
        ..Exchange::post("a line", "", 415, Page::Error(ErrorKind::UnsupportedMediaType))
    };
    let odd = odd.with("content-type", "text/plain");
    let mut client = server.client();
    let (head, body) = odd.bytes("1.1");
    client.send(&(head + body));
    let answer = client.answer_to("POST").unwrap();
    odd.holds(&site.app, answer.status, &answer.body, "once");
    assert!(answer.head.contains("connection: close") && client.rest().is_empty(), "{}", answer.head);
    assert!(server.stop());
}
