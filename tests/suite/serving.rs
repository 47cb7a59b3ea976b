//! Every path of the site, asked for in every way that a client may ask (RFC 9110).

use crate::harness::{Reply, TestSite};
use axum::http::Method;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

/// Sent with every answer. It is written down once more here, so that a header can't be lost by a slip.
pub const SECURITY: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"),
];

const REVALIDATE: &str = "max-age=0, must-revalidate";
const PUBLISHED: &str = "max-age=0, stale-while-revalidate=30, stale-if-error=3600";
const HOUR: &str = "max-age=3600, stale-while-revalidate=3600, stale-if-error=604800";
const IMMUTABLE: &str = "max-age=31536000, immutable";

/// Paths that answer without being part of the built site.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// The media type and the cache policy of a path.
fn kind_of(path: &str) -> (&'static str, &'static str) {
    match path {
        "/healthz" | "/readyz" => ("text/plain; charset=utf-8", "no-store"),
        "/sitemap.xml" => ("application/xml", HOUR),
        "/robots.txt" | "/.well-known/security.txt" => ("text/plain; charset=utf-8", HOUR),
        "/contact.vcf" => ("text/vcard; charset=utf-8", HOUR),
        "/favicon.ico" => ("image/svg+xml", HOUR),
        _ if path.starts_with("/assets/site.") || path.starts_with("/assets/full.") => {
            ("text/css; charset=utf-8", IMMUTABLE)
        }
        _ if path.starts_with("/assets/icon.") => ("image/svg+xml", IMMUTABLE),
        _ if path.split_once(".ics").is_some_and(|(_, rest)| rest.is_empty()) => ("text/calendar; charset=utf-8", HOUR),
        _ if path.ends_with('/') => ("text/html; charset=utf-8", REVALIDATE),
        _ => panic!("{path}: say here what it is and how long it may be kept"),
    }
}

fn all_paths(site: &TestSite) -> Vec<String> {
    let paths = site.paths();
    // Besides them: two style sheets, the icon, the favicon, and what machines read.
    assert_eq!(paths.len(), site.pages().len() + site.booklets().len() + 3 + 1 + 4, "{paths:?}");
    paths.into_iter().chain(PROBES.map(str::to_owned)).collect()
}

/// The headers of an answer, in order.
fn headers(reply: &Reply) -> BTreeMap<String, String> {
    reply.headers.keys().map(|name| (name.to_string(), reply.header(name.as_str()).to_owned())).collect()
}

#[test]
fn every_path_answers_with_its_type_its_length_and_its_policy() {
    for (state, site) in TestSite::states() {
        for path in all_paths(site) {
            let reply = site.get(&path).is(200);
            let (media_type, policy) = kind_of(&path);
            assert_eq!(reply.header("content-type"), media_type, "{state}: {path}");
            let published = state == "published" || state == "every fact";
            let policy = if policy == REVALIDATE && published { PUBLISHED } else { policy };
            assert_eq!(reply.header("cache-control"), policy, "{state}: {path}");
            assert_eq!(reply.header("content-length"), reply.body.len().to_string(), "{state}: {path}");
            assert!(!reply.body.is_empty(), "{state}: {path} is empty");
            let language = match path.ends_with('/') {
                true if path.starts_with("/es/") => "es",
                true => "en",
                false => "",
            };
            assert_eq!(reply.header("content-language"), language, "{state}: {path}");
        }
    }
}

#[test]
fn head_is_get_without_the_body() {
    let site = TestSite::shipped();
    let others = ["/nothing-here/", "/group-therapy", "/location/sacramento/"].map(str::to_owned);
    for path in all_paths(site).into_iter().chain(others) {
        for accept in ["identity", "br"] {
            let ask = |method| site.ask(method, &path, &[("accept-encoding", accept)]);
            let (get, head) = (ask(Method::GET), ask(Method::HEAD));
            assert_eq!(head.status, get.status, "{path}, {accept}");
            assert_eq!(headers(&head), headers(&get), "{path}, {accept}");
            assert!(head.body.is_empty(), "HEAD {path}, {accept}: {} bytes", head.body.len());
        }
    }
}

fn decoded(reply: &Reply) -> Vec<u8> {
    let (mut out, coded) = (Vec::new(), reply.body.as_ref());
    match reply.header("content-encoding") {
        "" => out.extend_from_slice(coded),
        "br" => drop(brotli::Decompressor::new(coded, 4096).read_to_end(&mut out).unwrap()),
        "gzip" => drop(flate2::read::GzDecoder::new(coded).read_to_end(&mut out).unwrap()),
        other => panic!("{}: the coding {other:?} was not asked for", reply.asked),
    }
    out
}

#[test]
fn every_coding_decodes_to_the_same_bytes_and_has_a_validator_of_its_own() {
    let site = TestSite::shipped();
    let mut coded = BTreeSet::new();
    for path in site.paths() {
        let plain = site.get(&path).is(200).lacks("content-encoding");
        let mut validators = BTreeSet::from([plain.header("etag").to_owned()]);
        for coding in ["br", "gzip"] {
            let reply = site.ask(Method::GET, &path, &[("accept-encoding", coding)]).is(200);
            assert!(decoded(&reply) == plain.body, "{path}: {coding} is another text");
            if !reply.headers.contains_key("content-encoding") {
                continue;
            }
            assert_eq!(reply.header("content-encoding"), coding, "{path}");
            assert!(reply.body.len() < plain.body.len(), "{path}: {coding} is no smaller");
            assert!(
                validators.insert(reply.header("etag").to_owned()),
                "{path}: {coding} has the validator of another"
            );
            coded.insert((path.clone(), coding));
        }
        let varies = validators.len() > 1;
        assert_eq!(plain.header("vary"), if varies { "Accept-Encoding" } else { "" }, "{path}");
    }
    let pages = coded.iter().filter(|(path, _)| path.ends_with('/')).count();
    let all = site.pages().len() + site.booklets().len();
    assert_eq!(pages, all * 2, "every page comes in both codings");
}

#[test]
fn validators_are_strong_and_change_with_the_text() {
    let (site, other) = (TestSite::shipped(), TestSite::published());
    for path in site.paths() {
        let (reply, published) = (site.get(&path), other.get(&path));
        let tag = reply.header("etag");
        let quoted = tag.len() == 34 && tag.starts_with('"') && tag.ends_with('"');
        assert!(quoted && tag[1..33].bytes().all(|byte| byte.is_ascii_hexdigit()), "{path}: {tag}");
        assert_eq!(tag == published.header("etag"), reply.body == published.body, "{path}");
    }
}

#[test]
fn what_a_client_has_already_is_not_sent_again() {
    let site = TestSite::shipped();
    for path in site.paths() {
        for accept in ["identity", "br", "gzip"] {
            let full = site.ask(Method::GET, &path, &[("accept-encoding", accept)]).is(200);
            let tag = full.header("etag");
            for known in [
                tag.to_owned(),
                format!("W/{tag}"),
                format!("\"other\", {tag}"),
                format!("\"a\",W/{tag} , \"b\""),
                "*".to_owned(),
            ] {
                for method in [Method::GET, Method::HEAD] {
                    let reply =
                        site.ask(method, &path, &[("accept-encoding", accept), ("if-none-match", &known)]).is(304);
                    assert!(reply.body.is_empty(), "{}: a 304 has no body", reply.asked);
                    // A cache stores these anew (RFC 9110, section 15.4.5).
                    for repeated in ["etag", "cache-control", "vary"] {
                        assert_eq!(reply.header(repeated), full.header(repeated), "{repeated} of {}", reply.asked);
                    }
                    // (axum adds a `Content-Length: 0`, which hyper takes out on the wire.)
                    let reply = reply.lacks("content-type").lacks("content-encoding");
                    is_secured(&reply, false);
                }
            }
            for stale in ["\"0123456789abcdef\"", "W/\"0\"", "\"\"", "nonsense", "", ","] {
                let reply =
                    site.ask(Method::GET, &path, &[("accept-encoding", accept), ("if-none-match", stale)]).is(200);
                assert_eq!(reply.body, full.body, "{}", reply.asked);
            }
        }
    }
}

#[test]
fn the_validator_of_one_coding_is_stale_for_another() {
    let site = TestSite::shipped();
    for path in site.pages().into_iter().chain(site.booklets()) {
        let gzip = site.ask(Method::GET, &path, &[("accept-encoding", "gzip")]).is(200);
        let asked = [("accept-encoding", "br"), ("if-none-match", gzip.header("etag"))];
        site.ask(Method::GET, &path, &asked).is(200).has("content-encoding", "br");
    }
}

#[test]
fn odd_wishes_for_a_coding_get_a_whole_page() {
    let site = TestSite::shipped();
    let plain = site.get("/medicare/").body;
    let long = "gzip;q=0.1, ".repeat(1000);
    for (accept, coding) in [
        ("", ""),
        ("br;q=0, gzip;q=0, zstd;q=0", ""),
        ("identity;q=0", ""),
        ("*;q=0", ""),
        ("gzip;q=0, *;q=0.5", "br"),
        ("GZIP", "gzip"),
        ("br;q=0.1, gzip", "gzip"),
        ("deflate", ""),
        ("gzip;;q=1", ""),
        (";;;,,,=", ""),
        (&long, "gzip"),
    ] {
        let reply = site.ask(Method::GET, "/medicare/", &[("accept-encoding", accept)]).is(200);
        assert_eq!(reply.header("content-encoding"), coding, "{accept:.60}");
        assert!(decoded(&reply) == plain, "{accept:.60}");
    }
}

#[test]
fn parts_of_a_page_are_not_sent() {
    // No `Accept-Ranges`, so `Range` is passed over (RFC 9110, section 14.2): a page is one small piece.
    let reply = TestSite::shipped().ask(Method::GET, "/", &[("range", "bytes=0-9")]).is(200).lacks("accept-ranges");
    assert_eq!(reply.body, TestSite::shipped().get("/").body);
}

#[test]
fn assets_are_named_by_their_bytes() {
    let (one, other) = (TestSite::shipped(), TestSite::published());
    let assets =
        |site: &TestSite| site.paths().into_iter().filter(|path| path.starts_with("/assets/")).collect::<Vec<_>>();
    assert_eq!(assets(one), assets(other), "the same bytes have the same name");
    assert_eq!(assets(one).len(), 3);
    for path in assets(one) {
        let parts: Vec<_> = path.split('.').collect();
        assert!(parts.len() == 3 && parts[1].len() == 10 && parts[1].bytes().all(|b| b.is_ascii_hexdigit()), "{path}");
        for no_hash in ["zzzzzzzzzz", "0000/00000"] {
            one.get(&path.replace(parts[1], no_hash)).is(404);
        }
        one.get(&path.replace(parts[2], "txt")).is(404);
    }
}

#[test]
fn a_page_of_another_build_gets_the_style_sheet_of_this_one() {
    let site = TestSite::shipped();
    for path in site.paths().into_iter().filter(|path| path.starts_with("/assets/")) {
        let hash = path.split('.').nth(1).unwrap();
        let (own, other) = (site.get(&path), path.replace(hash, "0123456789"));
        let reply =
            site.get(&other).is(200).has("cache-control", "no-store").has("content-type", own.header("content-type"));
        assert_eq!(reply.body, own.body, "{other}");
        assert!(reply.header("etag").is_empty(), "no cache keeps it under that address");
        is_secured(&reply, false);
        site.ask(Method::POST, &other, &[]).is(404);
    }
}

/// Asserts the security headers, no cookie, and HSTS only for the public.
#[track_caller]
pub fn is_secured(reply: &Reply, published: bool) {
    for (name, value) in SECURITY {
        let all: Vec<_> = reply.headers.get_all(name).iter().collect();
        assert_eq!(all, [value], "{name} of {} ({})", reply.asked, reply.status);
    }
    let transport = if published { "max-age=63072000" } else { "" };
    assert_eq!(reply.header("strict-transport-security"), transport, "HSTS of {}", reply.asked);
    for banned in ["set-cookie", "server", "x-powered-by", "access-control-allow-origin", "report-to", "nel"] {
        assert!(!reply.headers.contains_key(banned), "{banned} of {}", reply.asked);
    }
}

#[test]
fn every_status_has_the_security_headers_and_no_cookie() {
    for (site, published) in [(TestSite::shipped(), false), (TestSite::published(), true)] {
        for path in all_paths(site) {
            is_secured(&site.get(&path).is(200), published);
            // This site has a form, and nothing that would keep what it sends.
            let refused = if site.app().site().form(&path).is_some() { 503 } else { 405 };
            is_secured(&site.ask(Method::POST, &path, &[]).is(refused), published);
        }
        is_secured(&site.get("/group-therapy").is(308), published);
        is_secured(&site.get("/location/sacramento/").is(308), published);
        is_secured(&site.get("/nothing/").is(404), published);
        is_secured(&site.ask(Method::GET, "/", &[("if-none-match", "*")]).is(304), published);
    }
}
