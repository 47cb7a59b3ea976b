//! HTTP to the letter, over a raw socket: what is asked, byte by byte, and what has to come (RFC 9110, 9111 and 9112).

use crate::connections::{Client, LIMITS, Server};
use crate::harness::TestSite;
use crate::serving::SECURITY;
use axum::http::Method;
use clinic_site::server::Limits;
use std::time::Duration;

/// Time enough on a busy machine.
pub fn patient() -> Limits {
    Limits { head: Duration::from_secs(10), idle: Duration::from_secs(10), connections: 64, ..LIMITS }
}

/// What must come: a status, headers that are there with their values, headers that are not, and whether the connection is closed then.
struct Wanted {
    status: u16,
    has: &'static [(&'static str, &'static str)],
    lacks: &'static [&'static str],
    closed: bool,
    /// hyper refuses it before there is a request: a status and nothing else, since nobody who sends such bytes reads a page.
    bare: bool,
}

const fn status(status: u16) -> Wanted {
    Wanted { status, has: &[], lacks: &[], closed: false, bare: false }
}

impl Wanted {
    const fn with(self, has: &'static [(&'static str, &'static str)]) -> Self {
        Self { has, ..self }
    }

    const fn without(self, lacks: &'static [&'static str]) -> Self {
        Self { lacks, ..self }
    }

    const fn and_closed(self) -> Self {
        Self { closed: true, ..self }
    }

    const fn bare(self) -> Self {
        Self { closed: true, bare: true, ..self }
    }
}

/// The value of a header in a head in small letters.
fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// Asks, and holds the answer to what is wanted, and to what holds for every answer.
#[track_caller]
fn asks(server: &Server, request: &str, wanted: &Wanted) {
    let mut client = Client::new(server.address);
    client.send(request);
    let shown = format!("{:.300}", request.escape_debug().to_string());
    let method = request.split(' ').next().unwrap_or_default();
    let answer = client.answer_to(method).unwrap_or_else(|| panic!("no answer to {shown}"));
    let head = &answer.head;
    assert_eq!(answer.status, wanted.status, "{shown}\n{head}");
    for (name, wanted) in wanted.has {
        assert_eq!(value(head, name), Some(*wanted), "{name} for {shown}\n{head}");
    }
    for name in wanted.lacks {
        assert_eq!(value(head, name), None, "{name} for {shown}\n{head}");
    }
    if wanted.bare {
        assert_eq!((value(head, "content-length"), answer.body.len()), (Some("0"), 0), "{shown}\n{head}");
        assert_eq!(value(head, "connection"), Some("close"), "{shown}\n{head}");
        assert!(client.rest().is_empty(), "something follows the refusal of {shown}");
        return;
    }
    for (name, wanted) in SECURITY {
        assert_eq!(value(head, name), Some(wanted.to_ascii_lowercase().as_str()), "{name} for {shown}\n{head}");
    }
    assert!(value(head, "date").is_some(), "{shown}\n{head}");
    assert!(value(head, "cache-control").is_some(), "{shown}\n{head}");
    for name in ["server", "x-powered-by", "server-timing", "set-cookie", "transfer-encoding"] {
        assert_eq!(value(head, name), None, "{name} for {shown}\n{head}");
    }
    if wanted.status >= 400 {
        assert_eq!(value(head, "cache-control"), Some("no-store"), "{shown}");
        assert!(value(head, "content-type").is_some_and(|kind| kind.starts_with("text/html")), "{shown}\n{head}");
    }
    if wanted.closed {
        assert_eq!(value(head, "connection"), Some("close"), "{shown}\n{head}");
        assert!(client.answer().is_none(), "the connection stays open after {shown}");
    } else {
        assert_eq!(client.get("/healthz").status, 200, "the connection goes on after {shown}");
    }
}

/// A request for a page with some header lines.
fn get(path: &str, lines: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: clinic.example\r\n{lines}\r\n")
}

#[test]
fn hosts() {
    let server = Server::of_the_site(patient());
    let good = status(200).with(&[("content-type", "text/html; charset=utf-8")]);
    for host in
        ["clinic.example", "CLINIC.example:8080", "127.0.0.1", "[::1]:80", "a_b.example", "xn--d1a.example", "a:", ""]
    {
        asks(&server, &format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"), &good);
    }
    for lines in [
        "",
        "Host: a b\r\n",
        "Host: a/b\r\n",
        "Host: user@a\r\n",
        "Host: a,b\r\n",
        "Host: a:b\r\n",
        "Host: a:99999\r\n",
        "Host: a?b\r\n",
        "Host: \u{e9}\r\n",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nhost: b\r\n",
    ] {
        asks(&server, &format!("GET / HTTP/1.1\r\n{lines}\r\n"), &status(400).and_closed());
    }
    assert!(server.stop());
}

#[test]
fn targets() {
    let server = Server::of_the_site(patient());
    let moved: &[(&str, &str)] = &[
        ("location", "/medicare/"),
        ("cache-control", "max-age=3600, stale-while-revalidate=3600, stale-if-error=604800"),
        ("content-length", "0"),
    ];
    for target in [
        "/medicare",
        "/Medicare/",
        "//medicare/",
        "//medicare//",
        "/./medicare/",
        "/x/../medicare",
        "/../../medicare/",
        "/%6dedicare/",
        "/medicare%2f",
        "/%2e%2e/medicare/",
        "/medicare?a=b",
        "http://elsewhere.example/medicare",
        "http://elsewhere.example//medicare/",
        // Torn out of a mail or a chat, and what other programs call a folder's page.
        "/medicare/,",
        "/medicare/)",
        "/medicare).",
        "/medicare/%E2%80%8B",
        "/medicare/%20",
        "/medicare/%E2%80%9D",
        "/medicare/index.html",
        "/MEDICARE/INDEX.HTM",
    ] {
        asks(&server, &get(target, ""), &status(308).with(moved));
    }
    for target in ["//", "/index.html", "/,"] {
        asks(&server, &get(target, ""), &status(308).with(&[("location", "/")]));
    }
    for target in [
        "//evil.example/",
        "//evil.example/%2e%2e",
        "/\\evil.example/",
        "/%5cevil.example/",
        "/%2f%2fevil.example/",
        "//evil.example/medicare/",
        "/medicare/x",
        "/nothing-here/",
        "/.git/config",
        "/%2e%2e/%2e%2e/etc/passwd",
    ] {
        let mut client = server.client();
        client.send(&get(target, ""));
        let answer = client.answer().unwrap();
        // Where such a path leads anywhere, it is to a page of the site.
        let to = value(&answer.head, "location");
        assert!(answer.status == 404 && to.is_none() || to == Some("/"), "{target}: {}", answer.head);
    }
    asks(&server, &get("http://elsewhere.example/medicare/", ""), &status(200));
    asks(&server, &get("HTTPS://elsewhere.example/", ""), &status(200));
    asks(&server, &get("http://elsewhere.example", ""), &status(200));
    for target in ["/%", "/%zz/", "/%00", "/medicare/%00", "/%c0%af", "/%ff/", "/%ed%a0%80"] {
        asks(&server, &get(target, ""), &status(400));
    }
    for target in ["ftp://a/", "http://user@a/", "http://a:b/", "*", "a:80", "medicare"] {
        asks(&server, &get(target, ""), &status(400).and_closed());
    }
    for target in ["", "/\u{0}", "/a b"] {
        asks(&server, &get(target, ""), &status(400).bare());
    }
    asks(&server, &get(&format!("/{}", "a".repeat(7_900)), ""), &status(404));
    asks(&server, &get(&format!("/medicare/?{}", "a".repeat(7_900)), ""), &status(200));
    asks(&server, &get(&format!("/{}", "a".repeat(8_001)), ""), &status(414).and_closed());
    asks(&server, &get(&format!("/medicare/?{}", "a".repeat(8_001)), ""), &status(414).and_closed());
    assert!(server.stop());
}

#[test]
fn methods() {
    let server = Server::of_the_site(patient());
    let refused = status(405).with(&[("allow", "get, head, options")]);
    let methods = status(204).with(&[("allow", "get, head, options")]).without(&["content-length", "content-type"]);
    for path in ["/", "/medicare/", "/robots.txt", "/medicare", "/healthz", "/readyz"] {
        asks(&server, &format!("OPTIONS {path} HTTP/1.1\r\nHost: a\r\n\r\n"), &methods);
    }
    // About the server as a whole, and about a page with a form (RFC 9110, section 9.3.7).
    for path in ["*", "/appointments/"] {
        let methods = status(204).with(&[("allow", "get, head, options, post")]);
        asks(&server, &format!("OPTIONS {path} HTTP/1.1\r\nHost: a\r\n\r\n"), &methods);
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
        for path in ["/", "/medicare/", "/robots.txt", "/medicare"] {
            asks(&server, &format!("{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"), &refused);
        }
        asks(&server, &format!("{method} /nothing/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"), &status(404));
    }
    for method in ["BREW", "get", "PROPFIND", "M-SEARCH", "X"] {
        asks(&server, &format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"), &status(501).and_closed());
    }
    asks(&server, "HEAD /medicare/ HTTP/1.1\r\nHost: a\r\n\r\n", &status(200).without(&["transfer-encoding"]));
    asks(&server, "HEAD /nothing/ HTTP/1.1\r\nHost: a\r\n\r\n", &status(404));
    asks(&server, "HEAD /medicare HTTP/1.1\r\nHost: a\r\n\r\n", &status(308).with(&[("location", "/medicare/")]));
    // A body that nobody asked for is read, and the next request is the next one.
    asks(&server, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", &status(200));
    assert!(server.stop());
}

#[test]
fn what_is_too_large_or_malformed() {
    let server = Server::of_the_site(patient());
    for request in [
        format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "a: b\r\n".repeat(100)),
        format!("GET / HTTP/1.1\r\nHost: a\r\na: {}\r\n\r\n", "b".repeat(20_000)),
    ] {
        asks(&server, &request, &status(431).bare());
    }
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nna me: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\na: b\u{0}c\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rb: c\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
        "GET / http/1.1\r\nHost: a\r\n\r\n",
        "GET /\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{0}\r\n\r\n",
    ] {
        asks(&server, request, &status(400).bare());
    }
    // HTTP/2 without TLS: nobody here speaks it.
    let mut client = server.client();
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert!(client.rest().is_empty());
    // A length together with chunks: a program before us may have gone by the length (RFC 9112, section 6.3).
    for rest in [
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        for (method, path) in [("GET", "/"), ("POST", "/"), ("POST", "/appointments/")] {
            asks(&server, &format!("{method} {path} HTTP/1.1\r\nHost: a\r\n{rest}"), &status(400).and_closed());
        }
    }
    // Chunks twice, and another coding below them.
    for rest in ["chunked\r\nTransfer-Encoding: chunked", "chunked, chunked", "gzip, chunked"] {
        let request = format!("POST /appointments/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {rest}\r\n\r\n0\r\n\r\n");
        asks(&server, &request, &status(501).and_closed());
    }
    // Chunks that nobody wants are read, and what is no chunk ends the connection.
    let chunks = "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    asks(&server, &format!("POST / HTTP/1.1\r\nHost: a\r\n{chunks}"), &status(405));
    let chunks = "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n";
    asks(&server, &format!("POST / HTTP/1.1\r\nHost: a\r\n{chunks}"), &status(405).and_closed());
    assert!(server.stop());
}

#[test]
fn older_versions_and_connections() {
    let server = Server::of_the_site(patient());
    for lines in ["", "Host: a\r\n"] {
        // It closes without a word: that is what HTTP/1.0 does.
        let mut client = server.client();
        client.send(&format!("GET / HTTP/1.0\r\n{lines}\r\n"));
        let answer = client.answer().unwrap();
        assert!(answer.status == 200 && answer.head.starts_with("http/1.0 "), "{}", answer.head);
        assert!(client.answer().is_none());
    }
    asks(&server, "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", &status(400).and_closed());
    asks(&server, &get("/", "Connection: close\r\n"), &status(200).and_closed());
    asks(&server, &get("/", "Connection: Close, x\r\n"), &status(200).and_closed());
    asks(&server, &get("/", "Connection: keep-alive\r\n"), &status(200));
    asks(
        &server,
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        &status(200).with(&[("connection", "keep-alive")]),
    );
    asks(&server, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", &status(200));
    asks(&server, &get("/", "Upgrade: h2c\r\nConnection: upgrade\r\nHTTP2-Settings: AAA\r\n"), &status(200));
    assert!(server.stop());
}

#[test]
fn codings() {
    let server = Server::of_the_site(patient());
    let plain = status(200).with(&[("vary", "accept-encoding")]).without(&["content-encoding"]);
    let [br, gzip] = [
        status(200).with(&[("vary", "accept-encoding"), ("content-encoding", "br")]),
        status(200).with(&[("vary", "accept-encoding"), ("content-encoding", "gzip")]),
    ];
    for (lines, wanted) in [
        ("", &plain),
        ("Accept-Encoding:\r\n", &plain),
        ("Accept-Encoding: gzip, deflate, br, zstd\r\n", &br),
        ("Accept-Encoding: gzip\r\nAccept-Encoding: br\r\n", &br),
        ("Accept-Encoding: br;q=0.5\r\nAccept-Encoding: gzip;q=0.7\r\n", &gzip),
        ("Accept-Encoding: *\r\n", &br),
        ("Accept-Encoding: br;q=0, *\r\n", &gzip),
        ("Accept-Encoding: X-GZIP\r\n", &gzip),
        ("Accept-Encoding: identity, gzip;q=0.5\r\n", &plain),
        ("Accept-Encoding: gzip;q=0.001\r\n", &gzip),
        ("Accept-Encoding: deflate, zstd\r\n", &plain),
        // Nothing is left: as it is, since an answer in a refused coding is better than none (RFC 9110, section 12.5.3).
        ("Accept-Encoding: identity;q=0\r\n", &plain),
        ("Accept-Encoding: *;q=0\r\n", &plain),
        ("Accept-Encoding: identity;q=0, gzip;q=0.1\r\n", &gzip),
        ("Accept-Encoding: gzip;q=9, br;q=x\r\n", &plain),
        ("Accept-Encoding: \u{e9}\r\n", &plain),
    ] {
        asks(&server, &get("/medicare/", lines), wanted);
    }
    assert!(server.stop());
}

#[test]
fn conditions_and_parts() {
    let server = Server::of_the_site(patient());
    let site = TestSite::shipped();
    let tag = site.get("/medicare/").header("etag").to_owned();
    let fresh = status(304)
        .with(&[("vary", "accept-encoding"), ("cache-control", "max-age=0, must-revalidate")])
        .without(&["content-length", "content-type", "content-encoding"]);
    let full = status(200).without(&["accept-ranges", "content-range", "last-modified"]);
    for (lines, wanted) in [
        (format!("If-None-Match: {tag}\r\n"), &fresh),
        (format!("If-None-Match: W/{tag}\r\n"), &fresh),
        (format!("If-None-Match: \"a\", {tag}, \"b\"\r\n"), &fresh),
        (format!("If-None-Match: \"a,b\"\r\nIf-None-Match: {tag}\r\n"), &fresh),
        ("If-None-Match: *\r\n".to_owned(), &fresh),
        (format!("If-None-Match: {tag}\r\nIf-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n"), &fresh),
        ("If-None-Match: \"a\"\r\nIf-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT\r\n".to_owned(), &full),
        ("If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT\r\n".to_owned(), &full),
        ("If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n".to_owned(), &full),
        (format!("If-Match: {tag}\r\n"), &full),
        ("If-Match: *\r\n".to_owned(), &full),
        (format!("If-Match: W/{tag}\r\n"), &status(412)),
        (format!("If-Match: \"a\"\r\nIf-None-Match: {tag}\r\n"), &status(412)),
        // The validator of the identity, while another coding would be sent.
        (format!("Accept-Encoding: br\r\nIf-None-Match: {tag}\r\n"), &full),
        ("Range: bytes=0-9\r\n".to_owned(), &full),
        ("Range: bytes=0-9, 20-29\r\n".to_owned(), &full),
        (format!("Range: bytes=0-9\r\nIf-Range: {tag}\r\n"), &full),
        ("Range: bytes=9-0\r\n".to_owned(), &full),
    ] {
        asks(&server, &get("/medicare/", &lines), wanted);
        asks(&server, &get("/medicare/", &lines).replace("GET", "HEAD"), wanted);
    }
    assert!(server.stop());
}

#[test]
fn a_body_is_waited_for_only_if_it_is_wanted() {
    // The site takes no body here, so nobody is told to go on and send one (RFC 9110, section 10.1.1).
    let server = Server::of_the_site(patient());
    let mut client = server.client();
    client.send("POST /medicare/ HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(client.answer().unwrap().status, 405);
    assert!(server.stop());
}

#[test]
fn what_is_sent_is_what_the_entry_answers_with() {
    let server = Server::of_the_site(patient());
    let site = TestSite::shipped();
    let mut client = server.client();
    for path in site.paths() {
        for accept in ["identity", "br", "gzip"] {
            client.send(&get(&path, &format!("Accept-Encoding: {accept}\r\n")));
            let sent = client.answer().unwrap();
            let reply = site.ask(Method::GET, &path, &[("accept-encoding", accept)]);
            assert!(sent.body == reply.body, "{path}");
            let lines = sent.head.lines().skip(1).filter(|line| !line.is_empty());
            let mut sent: Vec<_> = lines.map(str::to_owned).collect();
            // hyper adds these two.
            sent.retain(|line| !line.starts_with("date: ") && !line.starts_with("content-length: "));
            let headers = reply.headers.iter();
            let mut answered: Vec<_> = headers
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap().to_ascii_lowercase()))
                .collect();
            answered.retain(|line| !line.starts_with("content-length: "));
            sent.sort();
            answered.sort();
            assert_eq!(sent, answered, "{path}, {accept}");
        }
    }
    assert!(server.stop());
}
