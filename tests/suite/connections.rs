//! Connections over a real socket: what is slow, too large or malformed is cut; what is under way at a stop is answered.

use crate::harness::TestSite;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::routing::{get, post};
use clinic_site::http::{App, SiteService};
use clinic_site::server::{Limits, RequestBody, Respond, Socket, Tls, serve};
use hyper::service::service_fn;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::sync::oneshot;
use tower::ServiceExt;

/// Limits small enough to be reached in a test.
pub(crate) const LIMITS: Limits = Limits {
    connections: 8,
    per_network: 8,
    trusted_proxies: Vec::new(),
    handshake: Duration::from_millis(300),
    head: Duration::from_millis(150),
    idle: Duration::from_millis(150),
    body: Duration::from_millis(150),
    answer: Duration::from_millis(600),
    age: CLIENT_TIMEOUT,
    head_bytes: 16 * 1024,
    streams: 8,
    drain: Duration::from_secs(5),
    farewell: Duration::ZERO,
    counts: None,
};

/// How long a client waits for the server before the test fails: far more than any limit above.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// A server on a free port, in a thread of its own.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<bool>,
}

/// What a server of the tests answers with.
pub(crate) enum Answers {
    Site(SiteService),
    Routes(Router),
}

impl From<App> for Answers {
    fn from(app: App) -> Self {
        Self::Site(SiteService::new(app))
    }
}

impl From<Router> for Answers {
    fn from(router: Router) -> Self {
        Self::Routes(router)
    }
}

/// The service of a router.
fn routed(router: &Router) -> impl Respond + use<> {
    let router = router.clone();
    service_fn(move |request: hyper::Request<RequestBody>| Box::pin(router.clone().oneshot(request)))
}

impl Server {
    pub(crate) fn start(answers: impl Into<Answers>, limits: Limits) -> Self {
        Self::over(None, answers, limits)
    }

    pub(crate) fn over(tls: Option<Tls>, answers: impl Into<Answers>, limits: Limits) -> Self {
        let answers = answers.into();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { drop(stopped.await) };
        let ended = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                match answers {
                    Answers::Site(site) => serve(listener, |peer| site.with_peer(peer), tls, limits, stopped).await,
                    Answers::Routes(router) => serve(listener, |_| routed(&router), tls, limits, stopped).await,
                }
            })
        });
        Self { address, stop, ended }
    }

    pub(crate) fn of_the_site(limits: Limits) -> Self {
        Self::start(TestSite::shipped().app().clone(), limits)
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Stops it, and tells whether every request under way was answered.
    pub(crate) fn stop(self) -> bool {
        self.stop.send(()).unwrap();
        self.ended.join().unwrap()
    }
}

/// One connection, which sees the bytes as they are.
pub(crate) struct Client(TcpStream);

/// An answer as it was sent.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(CLIENT_TIMEOUT)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    pub(crate) fn send(&mut self, bytes: &str) {
        self.send_bytes(bytes.as_bytes());
    }

    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.try_send(bytes).unwrap();
    }

    /// The same where the server may have closed the connection.
    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes)
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        self.answer().unwrap_or_else(|| panic!("no answer to GET {path}"))
    }

    /// The next answer, or nothing where the server closed the connection.
    pub(crate) fn answer(&mut self) -> Option<Answer> {
        self.answer_to("GET")
    }

    /// The next answer to a method: that to `HEAD` has no body, whatever it says.
    pub(crate) fn answer_to(&mut self, method: &str) -> Option<Answer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            match self.0.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                Ok(_) => break,
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => panic!("the server neither answered nor closed the connection: {error}"),
            }
        }
        if head.is_empty() {
            return None;
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let bodiless = method == "HEAD" || status == 304;
        let mut body = vec![0; length.filter(|_| !bodiless).map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).unwrap();
        Some(Answer { status, head, body })
    }

    /// Sends nothing more.
    pub(crate) fn end(&mut self) {
        // It may be closed already.
        let _ = self.0.shutdown(Shutdown::Write);
    }

    /// Everything that comes until the server closes the connection.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("the connection stays open: {error}"),
            _ => rest,
        }
    }

    /// Waits for the server to close the connection, and tells the status of an answer before that.
    fn closed(&mut self) -> Option<u16> {
        let status = self.answer().map(|answer| answer.status);
        assert!(self.answer().is_none(), "the connection should be closed");
        status
    }
}

/// A router whose answer waits for a word, and the means to know that it was asked.
fn slow_router() -> (Router, &'static Barrier, tokio::sync::watch::Sender<bool>) {
    let asked: &'static Barrier = Box::leak(Box::new(Barrier::new(2)));
    let (go, wait) = tokio::sync::watch::channel(false);
    let slow = move || {
        let mut wait = wait.clone();
        async move {
            asked.wait();
            wait.wait_for(|go| *go).await.map_or("lost", |_| "done")
        }
    };
    (Router::new().route("/slow", get(slow)), asked, go)
}

#[test]
fn one_connection_serves_several_requests_in_order() {
    let server = Server::of_the_site(LIMITS);
    let mut client = server.client();
    let first = client.get("/");
    assert_eq!(first.status, 200);
    assert!(String::from_utf8(first.body).unwrap().starts_with("<!doctype html>"));
    assert_eq!(client.get("/nowhere/").status, 404);
    client.send(&"GET /medicare/ HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2));
    let statuses = [(); 4].map(|()| client.answer().map(|answer| (answer.status, answer.body.len() > 100)));
    assert_eq!(statuses, [Some((200, true)), Some((200, false)), Some((200, true)), Some((200, false))]);
    assert!(server.stop());
}

#[test]
fn a_silent_connection_is_cut_before_and_between_requests() {
    let server = Server::of_the_site(LIMITS);
    assert_eq!(server.client().closed(), None);
    let mut client = server.client();
    assert_eq!(client.get("/").status, 200);
    assert_eq!(client.closed(), None);
    assert!(server.stop());
}

#[test]
fn a_head_that_comes_slowly_is_cut() {
    let server = Server::of_the_site(LIMITS);
    let mut client = server.client();
    client.send("GET / HTTP/1.1\r\n");
    // Each byte comes within the limit; the whole head does not.
    let sent = (0..100).take_while(|_| {
        thread::sleep(LIMITS.head / 5);
        client.0.write_all(b"a").is_ok()
    });
    assert!(sent.count() < 50, "the head could take as long as it liked");
    assert!(server.stop());
}

#[test]
fn a_head_with_too_much_in_it_is_refused() {
    let server = Server::of_the_site(LIMITS);
    let headers = "a: b\r\n".repeat(100);
    for head in [
        format!("GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n"),
        format!("GET / HTTP/1.1\r\nHost: a\r\ncookie: {}\r\n\r\n", "a".repeat(LIMITS.head_bytes)),
        format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(LIMITS.head_bytes)),
    ] {
        let mut client = server.client();
        client.send(&head);
        let answer = client.answer().expect("an answer before the connection is closed");
        assert!(matches!(answer.status, 414 | 431), "{} to {:.60}…", answer.status, head);
        assert_eq!(client.closed(), None);
    }
    assert!(server.stop());
}

#[test]
fn a_request_that_is_not_http_is_refused_and_the_connection_closed() {
    let server = Server::of_the_site(LIMITS);
    for request in [
        "hello\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{0}\r\n\r\n",
    ] {
        let mut client = server.client();
        client.send(request);
        let answer = client.answer().unwrap_or_else(|| panic!("no answer to {request:?}"));
        assert_eq!(answer.status, 400, "{request:?}\n{}", answer.head);
        assert!(client.answer().is_none(), "the connection stays open after {request:?}");
    }
    assert_eq!(server.client().get("/").status, 200, "the server still answers others");
    assert!(server.stop());
}

/// A router that says how long the body of a request was.
fn measuring_router() -> Router {
    let measure = |request: Request| async move {
        to_bytes(request.into_body(), usize::MAX).await.map_or("cut".to_owned(), |body| body.len().to_string())
    };
    Router::new().route("/", post(measure))
}

#[test]
fn a_body_that_comes_slowly_is_cut() {
    let server = Server::start(measuring_router(), LIMITS);
    let mut client = server.client();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab");
    thread::sleep(LIMITS.body / 3);
    client.send("c");
    assert_eq!(client.answer().unwrap().body, b"3", "one that takes a while comes through");
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    // Each byte comes within the limit; the whole body does not.
    let sent = (0..100).take_while(|_| {
        thread::sleep(LIMITS.body / 5);
        client.0.write_all(b"a").is_ok()
    });
    assert!(sent.count() < 50, "the body could take as long as it liked");
    assert!(server.stop());
}

#[test]
fn a_client_that_takes_nothing_is_cut() {
    let server = Server::start(Router::new().route("/", get(|| async { "x".repeat(64 << 20) })), LIMITS);
    let mut client = server.client();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    thread::sleep(LIMITS.answer * 3);
    let mut rest = Vec::new();
    let _ = client.0.read_to_end(&mut rest);
    assert!(rest.len() < 60 << 20, "all {} bytes came", rest.len());
    assert!(server.stop());
}

#[test]
fn an_old_connection_ends_after_its_answer() {
    let server = Server::of_the_site(Limits { age: Duration::from_millis(100), idle: CLIENT_TIMEOUT, ..LIMITS });
    let mut client = server.client();
    let mut answers = 0;
    loop {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let Some(answer) = client.answer() else { break };
        assert_eq!(answer.status, 200);
        answers += 1;
        if answer.head.contains("connection: close") {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert!((1..100).contains(&answers), "{answers} answers");
    assert!(server.stop());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it took is what is tested")]
fn connections_with_nothing_to_do_make_room() {
    let server = Server::of_the_site(Limits {
        head: CLIENT_TIMEOUT,
        idle: CLIENT_TIMEOUT,
        answer: CLIENT_TIMEOUT,
        body: CLIENT_TIMEOUT,
        ..LIMITS
    });
    let idle: Vec<_> = (0..LIMITS.connections)
        .map(|number| {
            let mut client = server.client();
            if number % 2 == 0 {
                assert_eq!(client.get("/").status, 200);
            }
            client
        })
        .collect();
    let started = std::time::Instant::now();
    assert_eq!(server.client().get("/medicare/").status, 200);
    assert!(started.elapsed() < CLIENT_TIMEOUT / 4, "{:?}", started.elapsed());
    drop(idle);
    assert!(server.stop());
}

#[test]
fn a_connection_that_was_quiet_for_a_while_goes_on() {
    let server = Server::of_the_site(Limits { idle: Duration::from_secs(2), ..LIMITS });
    let mut client = server.client();
    for _ in 0..3 {
        assert_eq!(client.get("/").status, 200);
        // Several looks of the server's.
        thread::sleep(LIMITS.head);
    }
    // The beginning of a request that comes with the one before it is kept for as long.
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /medi");
    assert_eq!(client.answer().unwrap().status, 200);
    thread::sleep(LIMITS.head);
    client.send("care/ HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = client.answer().unwrap();
    assert!(String::from_utf8(answer.body).unwrap().contains("Medicare"));
    assert!(server.stop());
}

#[test]
fn a_connection_more_than_there_may_be_waits_its_turn() {
    let server = Server::of_the_site(Limits {
        connections: 1,
        idle: CLIENT_TIMEOUT,
        head: CLIENT_TIMEOUT,
        answer: CLIENT_TIMEOUT,
        body: CLIENT_TIMEOUT,
        ..LIMITS
    });
    let mut first = server.client();
    assert_eq!(first.get("/").status, 200);
    let mut second = server.client();
    second.send("GET /medicare/ HTTP/1.1\r\nHost: a\r\n\r\n");
    second.0.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let early = second.0.peek(&mut [0]).map_err(|error| error.kind());
    assert!(matches!(early, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)), "answered out of turn: {early:?}");
    second.0.set_read_timeout(Some(CLIENT_TIMEOUT)).unwrap();
    drop(first);
    assert_eq!(second.answer().map(|answer| answer.status), Some(200));
    assert!(server.stop());
}

#[test]
fn a_stop_lets_the_request_in_flight_end_and_the_port_stays_open_until_then() {
    let (slow, asked, go) = slow_router();
    let slow = slow.route("/", get(|| async { "here" }));
    let (head, idle, farewell) = (CLIENT_TIMEOUT, CLIENT_TIMEOUT, CLIENT_TIMEOUT);
    let server = Server::start(slow, Limits { head, idle, farewell, ..LIMITS });
    let address = server.address;
    let (mut busy, mut idle) = (server.client(), server.client());
    assert_eq!(idle.get("/").body, b"here");
    let mut fresh = server.client();
    busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    asked.wait();
    let stopped = thread::spawn(|| server.stop());
    // Until the server knows that it stops.
    thread::sleep(Duration::from_millis(100));
    // Who is connected at the stop or comes during it gets one answer more, which says that it is the last: nobody sends a request that is lost, and
    // one slow client doesn't close the port for others.
    for (name, client) in [("idle", &mut idle), ("fresh", &mut fresh), ("new", &mut Client::new(address))] {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = client.answer().unwrap_or_else(|| panic!("the {name} connection has no answer"));
        assert_eq!(answer.body, b"here");
        assert!(answer.head.contains("connection: close"), "{}", answer.head);
        assert_eq!(client.closed(), None);
    }
    go.send(true).unwrap();
    assert_eq!(busy.answer().expect("the answer that was in flight").body, b"done");
    assert!(stopped.join().unwrap(), "every request was answered, and the server should say so");
    assert!(TcpStream::connect(address).is_err(), "the port is still open");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "that it takes no longer than this is what is tested")]
fn a_silent_new_connection_holds_a_stop_for_a_moment_only() {
    let server = Server::of_the_site(Limits { idle: CLIENT_TIMEOUT, drain: CLIENT_TIMEOUT, ..LIMITS });
    let silent = server.client();
    assert_eq!(server.client().get("/").status, 200);
    let started = std::time::Instant::now();
    assert!(server.stop());
    assert!(started.elapsed() < CLIENT_TIMEOUT / 2, "{:?}", started.elapsed());
    drop(silent);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it took is what is tested")]
fn an_idle_connection_ends_at_a_stop_once_its_farewell_is_over() {
    for farewell in [Duration::ZERO, Duration::from_millis(500)] {
        let server = Server::of_the_site(Limits { idle: CLIENT_TIMEOUT, farewell, drain: CLIENT_TIMEOUT, ..LIMITS });
        let mut idle = server.client();
        assert_eq!(idle.get("/").status, 200);
        let started = std::time::Instant::now();
        let stopped = thread::spawn(|| server.stop());
        assert_eq!(idle.closed(), None, "no byte comes");
        let took = started.elapsed();
        assert!(stopped.join().unwrap());
        assert!(took >= farewell && took < farewell + CLIENT_TIMEOUT / 4, "{farewell:?}: closed after {took:?}");
    }
}

#[test]
fn an_answer_that_is_under_way_at_a_stop_promises_no_other() {
    let (slow, asked, go) = slow_router();
    let server = Server::start(slow, Limits { farewell: CLIENT_TIMEOUT, ..LIMITS });
    let mut client = server.client();
    client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    asked.wait();
    let stopped = thread::spawn(|| server.stop());
    thread::sleep(Duration::from_millis(100));
    go.send(true).unwrap();
    assert!(client.answer().unwrap().head.contains("connection: close"));
    assert!(stopped.join().unwrap());
}

#[test]
fn what_waits_in_the_queue_of_a_socket_that_somebody_keeps_is_left_to_the_next_process() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let kept = TcpListener::bind("127.0.0.1:0").unwrap();
    kept.set_nonblocking(true).unwrap();
    let address = kept.local_addr().unwrap();
    let mut clients: Vec<_> = (0..20).map(|_| Client::new(address)).collect();
    for client in &mut clients {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let router = Router::new().route("/", get(|| async { "here" }));
    let service = |_| routed(&router);
    let socket = || Socket::held_open(tokio::net::TcpListener::from_std(kept.try_clone().unwrap()).unwrap());
    let limits = || Limits { connections: 500, head: CLIENT_TIMEOUT, idle: CLIENT_TIMEOUT, ..LIMITS };
    runtime.block_on(async {
        assert!(serve(socket(), service, None, limits(), std::future::ready(())).await);
        // The next process, which takes all of them.
        let all_answered = tokio::task::spawn_blocking(move || {
            clients.iter_mut().map(|client| client.answer().unwrap().status).filter(|status| *status == 200).count()
        });
        let stop = async { assert_eq!(all_answered.await.unwrap(), 20) };
        assert!(serve(socket(), service, None, limits(), stop).await);
    });
}

#[test]
fn a_stop_does_not_wait_for_ever() {
    let (slow, asked, _go) = slow_router();
    let server = Server::start(slow, Limits { drain: Duration::from_millis(50), ..LIMITS });
    let mut client = server.client();
    client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    asked.wait();
    assert!(!server.stop(), "a request was cut, and that should be told");
    assert!(client.answer().is_none());
}

#[test]
fn every_connection_that_waits_in_the_queue_at_a_stop_is_accepted() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        socket.listen(1024).unwrap()
    });
    let address = listener.local_addr().unwrap();
    // More than a task may accept in one poll within tokio's budget.
    let mut clients: Vec<_> = (0..200).map(|_| Client::new(address)).collect();
    for client in &mut clients {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let router = Router::new().route("/", get(|| async { "here" }));
    let limits = Limits { connections: 500, head: CLIENT_TIMEOUT, idle: CLIENT_TIMEOUT, ..LIMITS };
    let accepted = AtomicUsize::new(0);
    let service = |_| {
        accepted.fetch_add(1, Ordering::Relaxed);
        routed(&router)
    };
    runtime.block_on(serve(listener, service, None, limits, std::future::ready(())));
    assert_eq!(accepted.into_inner(), clients.len());
    assert_eq!(clients[0].answer().map(|answer| answer.body), Some(b"here".to_vec()));
}
