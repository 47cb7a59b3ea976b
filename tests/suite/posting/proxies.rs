//! The site behind a proxy: its own names, and whom requests are for.

use super::{GOOD, PAGES, Taking};
use crate::harness::{TestSite, edited, without_samples};
use crate::logs::logged;
use crate::program::{STAFF_KEY, Serving, folder};
use crate::proxies::connection::Connection;
use axum::http::Method;
use std::time::Duration;

/// A post that names its sender by `Origin` alone, as browsers do that have no `Sec-Fetch-Site`, and over plain HTTP.
fn from(site: &Taking, headers: &[(&str, &str)]) -> u16 {
    let headers: Vec<_> = [("sec-fetch-site", "")].into_iter().chain(headers.iter().copied()).collect();
    site.post_with(PAGES[0], GOOD, &headers).status.as_u16()
}

#[test]
fn the_sites_own_names_are_known() {
    // Published as https://clinic.example/. The tests' Host is clinic.example.
    let site = Taking::on(TestSite::published(), 10_000, 10_000);
    for origin in
        ["https://clinic.example", "https://www.clinic.example", "http://clinic.example", "http://www.clinic.example"]
    {
        assert_eq!(from(&site, &[("origin", origin)]), 303, "{origin}");
        site.post_with(PAGES[0], GOOD, &[("sec-fetch-site", "same-site"), ("origin", origin)]).is(303);
        let rewritten = [("host", "127.0.0.1:8080"), ("origin", origin)];
        assert_eq!(from(&site, &rewritten), 303, "{origin}");
    }
    for origin in [
        "https://evil.example",
        "https://clinic.example.evil.example",
        "https://wwwclinic.example",
        "https://www.www.clinic.example",
        "https://clinic.example:444",
        "https://other.clinic.example",
        "null",
    ] {
        assert_eq!(from(&site, &[("origin", origin)]), 403, "{origin}");
        site.post_with(PAGES[0], GOOD, &[("sec-fetch-site", "cross-site"), ("origin", origin)]).is(403);
    }
}

#[test]
fn a_trusted_proxy_says_by_which_name_it_was_asked() {
    let site = Taking::on(TestSite::published(), 10_000, 10_000);
    let asked = |peer, named, origin| {
        let headers =
            [("test-peer", peer), ("host", "127.0.0.1:8080"), ("x-forwarded-host", named), ("origin", origin)];
        from(&site, &headers)
    };
    assert_eq!(asked("10.0.0.1:1", "clinica.example", "https://clinica.example"), 303);
    assert_eq!(asked("10.0.0.1:1", "Clinica.example:8443", "https://clinica.example:8443"), 303);
    // Two proxies, each with its own.
    assert_eq!(asked("10.0.0.1:1", "clinica.example, app.internal", "https://clinica.example"), 303);
    assert_eq!(asked("10.0.0.1:1", "clinica.example", "https://evil.example"), 403);
    assert_eq!(asked("10.0.0.1:1", "clinica.example", "null"), 403);
    // Whoever isn't trusted says nothing.
    assert_eq!(asked("192.0.2.1:1", "clinica.example", "https://clinica.example"), 403);
}

/// How many of 24 visitors behind a proxy are taken.
fn taken(site: &Taking, peer: &str, forwarded: impl Fn(usize) -> Option<(&'static str, String)>) -> usize {
    let post = |n: usize| {
        let named = forwarded(n);
        let header = named.as_ref().map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<_> = header.into_iter().chain([("test-peer", peer)]).collect();
        let reply = site.post_with(PAGES[0], &GOOD.replace("Zebulon", &format!("N{n}")), &headers);
        // The page after it can be read as well.
        if reply.status.as_u16() == 303 {
            site.ask(&Method::GET, reply.header("location"), &headers, "").is(200);
        }
        reply.status.as_u16() == 303
    };
    (0..24).filter(|n| post(*n)).count()
}

#[test]
fn visitors_behind_a_proxy_that_is_not_set_up_are_limited_in_all_and_the_log_says_so_once() {
    let xff = |n: usize| Some(("x-forwarded-for", format!("198.51.100.{n}")));
    let rfc = |n: usize| Some(("forwarded", format!("for=198.51.100.{n}")));
    for (peer, forwarded, wanted, said) in [
        ("127.0.0.1:1", &xff as &dyn Fn(usize) -> _, 24, "--trusted-proxies 127.0.0.1"),
        ("192.168.7.7:1", &rfc, 24, "--trusted-proxies 192.168.7.7"),
        ("10.0.0.1:1", &|_| None, 24, "the trusted proxy at 10.0.0.1 sends no X-Forwarded-For"),
        // It may be a proxy; but if its word were enough, anybody could flood the form from one address.
        ("198.51.100.77:1", &xff, 20, "somebody who is not in --trusted-proxies"),
        // As it should be.
        ("10.0.0.1:1", &xff, 24, ""),
        ("198.51.100.77:1", &|_| None, 20, ""),
    ] {
        let site = Taking::at(20, 600);
        let log = logged(|| {
            assert_eq!(taken(&site, peer, forwarded), wanted, "{peer}");
        });
        assert_eq!(log, "", "a line would say when somebody asked");
        // Any other request: the form's own page, or a picture.
        let log = logged(|| {
            for path in ["/contact/", "/nowhere/", "/contact/"] {
                site.ask(&Method::GET, path, &[("test-peer", peer)], "");
            }
        });
        let warned: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
        assert_eq!(warned.len(), usize::from(!said.is_empty() || peer.starts_with("10.")), "{peer}: {log}");
        assert!(warned.iter().all(|line| line.contains(said)), "{peer}: {log}");
        assert!(!log.contains("198.51.100."), "{log}");
    }
}

#[test]
fn a_proxy_that_adds_no_header_is_one_whatever_visitors_send() {
    for (peer, wanted, said) in [("127.0.0.1:1", 24, "--trusted-proxies 127.0.0.1"), ("198.51.100.77:1", 20, "")] {
        let site = Taking::with(TestSite::published(), 20, 600, true);
        // A scanner comes first, with a header of its own.
        let scanner = [("test-peer", "203.0.113.5:1"), ("x-forwarded-for", "192.0.2.9")];
        let log = logged(|| drop(site.ask(&Method::GET, "/nowhere/", &scanner, "")));
        assert!(log.contains("somebody who is not in --trusted-proxies"), "{log}");
        assert_eq!(taken(&site, peer, |_| None), wanted, "{peer}");
        let log = logged(|| {
            for path in ["/contact/", "/nowhere/", "/contact/"] {
                site.ask(&Method::GET, path, &[("test-peer", peer)], "");
            }
        });
        assert_eq!(log.matches("WARN").count(), usize::from(!said.is_empty()), "{peer}: {log}");
        assert!(log.contains(said), "{peer}: {log}");
    }
}

#[test]
fn a_published_program_without_tls_of_its_own_expects_a_proxy() {
    let content = folder(&without_samples());
    let published =
        ["serve", "--public-url", "https://clinic.example", "--staff-key", STAFF_KEY, "--network-limit", "2"];
    let site = Serving::start(&[&published[..], &["--content", content.path().to_str().unwrap()]].concat());
    let mut line = Connection::new(site.address);
    for number in 0..4 {
        let body = GOOD.replace("Zebulon", &format!("N{number}"));
        let head = format!(
            "POST /appointments/ HTTP/1.1\r\nHost: clinic.example\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nSec-Fetch-Site: same-origin\r\n\r\n",
            body.len()
        );
        let answer = line.ask(&[head.as_bytes(), body.as_bytes()], Duration::ZERO).unwrap();
        assert_eq!(answer.status, 303, "{number}");
    }
}

#[test]
fn what_only_posts_have_shown_is_logged_at_the_stop_at_last() {
    // A site of its own, as it stops.
    let site = Taking::on(&TestSite::with(&edited(|_| ())), 20, 600);
    let log = logged(|| {
        site.post_with(PAGES[0], GOOD, &[("test-peer", "127.0.0.1:1"), ("x-forwarded-for", "198.51.100.1")]).is(303);
    });
    assert_eq!(log, "");
    let log = logged(|| site.app.stop());
    assert!(log.contains("WARN") && log.contains("--trusted-proxies 127.0.0.1"), "{log}");
}

#[test]
fn the_checks_of_a_balancer_are_no_visitors() {
    let site = Taking::at(20, 600);
    let log = logged(|| {
        for path in ["/", "/healthz", "/readyz", "/readyz/requests"] {
            site.ask(&Method::GET, path, &[("test-peer", "10.0.0.1:1")], "");
        }
    });
    assert!(!log.contains("WARN"), "{log}");
}
