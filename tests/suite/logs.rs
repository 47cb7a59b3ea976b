//! Logs hold what staff need to run the site, and nothing that a visitor chose.

use crate::connections::Client;
use crate::harness::TestSite;
use crate::program::Serving;
use axum::http::Method;
use clinic_site::config::{LogFormat, LogOptions};
use clinic_site::telemetry;
use regex::Regex;
use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Once;
use std::thread;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;

thread_local! {
    /// What this thread has logged: each test runs on one of its own.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes to [`LOG`].
struct Here;

impl Write for Here {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged, at the finest level, while something runs on this thread.
///
/// The subscriber is the whole program's: tracing asks only once whether anybody listens to an event, on the thread that meets it first,
/// and that may be another test's.
pub fn logged(run: impl FnOnce()) -> String {
    static START: Once = Once::new();
    START.call_once(|| {
        TestSite::shipped().get("/");
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Here);
        let lines = lines.with_filter(telemetry::own_events(LevelFilter::TRACE));
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines)).unwrap();
        tracing::callsite::rebuild_interest_cache();
    });
    LOG.take();
    run();
    String::from_utf8(LOG.take()).unwrap()
}

/// What no log may hold, wherever it was typed.
const TYPED: &str = "jordan-rivera-5551234";

#[test]
fn nothing_that_a_visitor_typed_or_sent_is_logged() {
    let site = TestSite::shipped();
    let log = logged(|| {
        site.get(&format!("/{TYPED}/")).is(404);
        site.get(&format!("/{}", TYPED.to_uppercase())).is(404);
        site.get(&format!("/contact/?phone={TYPED}")).is(200);
        site.get(&format!("/contact?{TYPED}")).is(308);
        site.get(&format!("/es/{TYPED}")).is(404);
        site.get(&format!("/contact/{TYPED}/")).is(404);
        site.get(&format!("/{}", TYPED.repeat(100))).is(404);
        site.ask(Method::POST, &format!("/contact/?{TYPED}"), &[]).is(405);
        site.ask(Method::from_bytes(TYPED.as_bytes()).unwrap(), "/contact/", &[]).is(501);
        let headers = [
            "user-agent",
            "referer",
            "cookie",
            "authorization",
            "x-forwarded-for",
            "forwarded",
            "host",
            "origin",
            "from",
            "via",
            "accept-language",
            "accept-encoding",
            "if-none-match",
            "x-request-id",
            "traceparent",
        ];
        for header in headers {
            site.ask(Method::GET, "/contact/", &[(header, TYPED)]).is(200);
        }
    });
    assert_eq!(log.lines().count(), 9 + 15, "one event a request:\n{log}");
    assert!(!log.to_lowercase().contains(TYPED), "what a visitor typed is in the log:\n{log}");
    for part in ["jordan", "rivera", "5551234", "?"] {
        assert!(!log.contains(part), "{part:?} is in the log:\n{log}");
    }
}

#[test]
fn a_request_is_logged_with_its_page_its_status_and_its_time() {
    let site = TestSite::shipped();
    let log = logged(|| {
        site.get("/group-therapy/").is(200);
        site.get("/nothing/").is(404);
        site.get("/healthz").is(200);
        site.ask(Method::from_bytes(b"BREW").unwrap(), "/", &[]).is(501);
    });
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 4, "{log}");
    for (line, parts) in lines.iter().zip([
        ["method=\"GET\"", "page=\"/group-therapy/\"", "status=200"],
        ["method=\"GET\"", "page=\"-\"", "status=404"],
        ["method=\"GET\"", "page=\"/healthz\"", "status=200"],
        ["method=\"-\"", "page=\"-\"", "status=501"],
    ]) {
        for part in parts {
            assert!(line.contains(part), "no {part} in {line}");
        }
        assert!(line.contains("INFO") && line.contains("micros="), "{line}");
    }
}

/// Sends many requests over one connection, and asserts that each is answered.
fn ask_often(server: &Serving, times: usize) {
    const AT_ONCE: usize = 50;
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let asked = "HEAD /es/terapia-individual/ HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(AT_ONCE);
    for batch in 0..times / AT_ONCE {
        stream.write_all(asked.as_bytes()).unwrap();
        let (mut heads, mut part) = (Vec::new(), [0; 16_384]);
        while heads.windows(4).filter(|end| end == b"\r\n\r\n").count() < AT_ONCE {
            let read = stream.read(&mut part);
            let read = read.unwrap_or_else(|error| panic!("no answer after {} requests: {error}", batch * AT_ONCE));
            assert!(read > 0, "closed after {} requests", batch * AT_ONCE);
            heads.extend_from_slice(&part[..read]);
        }
        assert_eq!(String::from_utf8(heads).unwrap().matches("HTTP/1.1 200 OK\r\n").count(), AT_ONCE);
    }
}

fn terminate(server: &Serving) {
    assert!(Command::new("kill").args(["-TERM", &server.process.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_log_that_nobody_reads_stops_neither_the_site_nor_its_end() {
    // Its stderr is a pipe, which holds 64 KB.
    let mut server = Serving::start(&["serve"]);
    ask_often(&server, 5_000);
    assert_eq!(Client::new(server.address).get("/healthz").status, 200);
    terminate(&server);
    let ended = (0..100).find_map(|_| {
        thread::sleep(Duration::from_millis(100));
        server.process.try_wait().unwrap()
    });
    assert_eq!(ended.and_then(|status| status.code()), Some(0), "SIGTERM doesn't end it");
}

#[test]
fn when_the_log_is_read_again_it_says_how_many_lines_are_missing() {
    const REQUESTS: usize = 20_000;
    let number = Regex::new(r#"lines"?[=:](\d+)"#).unwrap();
    for format in ["text", "json"] {
        let mut server = Serving::start(&["serve", "--log-format", format]);
        ask_often(&server, REQUESTS);
        let stderr = BufReader::new(server.process.stderr.take().unwrap());
        let mut lines = stderr.lines().map(Result::unwrap);
        let mut logged = 0;
        let notice = lines.by_ref().inspect(|line| logged += usize::from(line.contains("terapia-individual")));
        let notice = notice.into_iter().find(|line| line.contains("were dropped")).unwrap();
        let dropped = number.captures(&notice).unwrap();
        let dropped: usize = dropped[1].parse().unwrap();
        // Those from before the gap and those behind it.
        ask_often(&server, 100);
        terminate(&server);
        logged += lines.filter(|line| line.contains("terapia-individual")).count();
        assert!(dropped > 0 && notice.contains("WARN"), "{notice}");
        assert_eq!(logged + dropped, REQUESTS + 100, "{notice}");
        assert!(server.process.wait().unwrap().success());
    }
}

#[test]
fn a_panic_is_logged_by_its_place_and_never_by_what_it_quotes() {
    const CHILD: &str = "CLINIC_TESTS_PANIC";
    const NAME: &str = "logs::a_panic_is_logged_by_its_place_and_never_by_what_it_quotes";
    if std::env::var_os(CHILD).is_some() {
        let options = LogOptions { log: LevelFilter::INFO, log_format: LogFormat::Text, journal: false };
        let _log = telemetry::start(&options);
        telemetry::say("before");
        assert!(thread::spawn(|| panic!("{TYPED}")).join().is_err());
        return;
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    let child = child.args(["--exact", NAME, "--nocapture"]).env(CHILD, "1").stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(child.stderr).unwrap();
    assert!(child.status.success(), "{said}");
    assert!(said.contains("ERROR the program panicked") && said.contains("tests/suite/logs.rs:"), "{said}");
    assert!(said.find("before") < said.find("panicked"), "{said}");
    assert!(!said.contains(TYPED) && !String::from_utf8(child.stdout).unwrap().contains(TYPED), "{said}");
}

#[test]
fn when_somebody_asked_for_an_appointment_is_not_in_the_log() {
    let server = Serving::start(&["serve"]);
    let mut client = Client::new(server.address);
    client.get("/appointments/");
    let mut post = |body: &str| {
        let head =
            "POST /appointments/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n";
        client.send(&format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()));
        client.answer().unwrap()
    };
    // Mistakes last: this server puts another page in the place of some of them.
    let kept = post("name=Zebulon&phone=916-555-0142");
    let page = kept.head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap().to_uppercase();
    let page = page.replace("/APPOINTMENTS/", "/appointments/");
    assert_eq!(post("name=Zebulon").status, 422);
    let mut client = Client::new(server.address);
    assert_eq!(client.get(&page).status, 200);
    client.get("/contact/");
    let log = server.end("-TERM").stderr;
    let requests: Vec<_> = log.lines().filter(|line| line.contains("micros=")).collect();
    assert!(requests.len() == 2 && requests[0].contains("page=\"/appointments/\" status=200"), "{log}");
    assert!(requests[1].contains("page=\"/contact/\" status=200"), "{log}");
    assert!(!log.contains("POST") && !log.contains("status=303") && !log.contains("status=422"), "{log}");
}
