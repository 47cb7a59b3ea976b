//! Logs hold what staff need to run the site, and nothing that a visitor chose.

use crate::harness::TestSite;
use axum::http::Method;
use clinic_site::telemetry;
use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;
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
        let lines = lines.with_filter(telemetry::own(LevelFilter::TRACE));
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
        site.ask(Method::from_bytes(TYPED.as_bytes()).unwrap(), "/contact/", &[]).is(405);
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
        site.ask(Method::from_bytes(b"BREW").unwrap(), "/", &[]).is(405);
    });
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 4, "{log}");
    for (line, parts) in lines.iter().zip([
        ["method=\"GET\"", "page=\"/group-therapy/\"", "status=200"],
        ["method=\"GET\"", "page=\"-\"", "status=404"],
        ["method=\"GET\"", "page=\"/healthz\"", "status=200"],
        ["method=\"-\"", "page=\"/\"", "status=405"],
    ]) {
        for part in parts {
            assert!(line.contains(part), "no {part} in {line}");
        }
        assert!(line.contains("INFO") && line.contains("micros="), "{line}");
    }
}
