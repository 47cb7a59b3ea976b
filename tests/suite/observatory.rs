//! The grade that the MDN HTTP Observatory would give. Its tests and their points are written here as its documentation has them (MDN, "HTTP
//! Observatory: tests and scoring"); the tool itself scans hosts of the web alone. 100 is A+, its best grade; what is more is extra credit.

use crate::harness::{Page, Reply, TestSite};
use crate::serving::SECURITY;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// What a site without a place in the browsers' lists of preloaded hosts can get at most.
const MOST: i32 = 130;
/// Half a year, in seconds: what `Strict-Transport-Security` has to last at least.
const HALF_A_YEAR: u32 = 15_768_000;

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// The sources of a directive of a content security policy, or of `default-src` in its place.
fn sources<'p>(policy: &'p str, directive: &str) -> Option<Vec<&'p str>> {
    let words = policy.split(';').map(|rule| rule.split_ascii_whitespace().collect::<Vec<_>>());
    let rules: Vec<_> = words.filter_map(|words| Some((*words.first()?, words[1..].to_vec()))).collect();
    let of = |name| rules.iter().find(|(of, _)| *of == name).map(|(_, sources)| sources.clone());
    of(directive).or_else(|| if directive.ends_with("-src") { of("default-src") } else { None })
}

/// Whether sources let in what somebody else may have written.
fn is_unsafe(sources: &[&str]) -> bool {
    let bad = ["'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:", "data:", "ftp:"];
    sources.iter().any(|source| bad.contains(source) || source.starts_with("http://"))
}

fn content_security_policy(policy: &str) -> i32 {
    let Some(scripts) = sources(policy, "script-src") else { return -25 };
    let style = sources(policy, "style-src").unwrap_or_default();
    let objects = sources(policy, "object-src").unwrap_or_default();
    if is_unsafe(&scripts) || is_unsafe(&objects) {
        -20
    } else if is_unsafe(&style) {
        0
    } else if sources(policy, "default-src").is_some_and(|sources| sources == ["'none'"]) {
        10
    } else {
        5
    }
}

fn framing(headers: &HeaderMap) -> i32 {
    let ancestors = sources(header(headers, "content-security-policy"), "frame-ancestors");
    if ancestors.is_some_and(|ancestors| !is_unsafe(&ancestors)) {
        5
    } else if ["DENY", "SAMEORIGIN"].contains(&header(headers, "x-frame-options")) {
        0
    } else {
        -20
    }
}

fn transport_security(value: &str) -> i32 {
    let age = value.split(';').find_map(|part| part.trim().strip_prefix("max-age=")?.parse::<u32>().ok());
    match age {
        Some(HALF_A_YEAR..) => 0,
        Some(_) => -10,
        None => -20,
    }
}

fn referrer(policy: &str) -> i32 {
    match policy {
        "no-referrer" | "same-origin" | "strict-origin" | "strict-origin-when-cross-origin" => 5,
        "" | "no-referrer-when-downgrade" => 0,
        _ => -5,
    }
}

/// The points of a page with such headers.
fn points(headers: &HeaderMap, page: &Page) -> i32 {
    let either = |good: bool, points: i32| if good { 0 } else { points };
    let foreign = page.all("script[src], link[rel=stylesheet]").into_iter().filter(|element| {
        let address = element.attr("src").or_else(|| element.attr("href")).unwrap_or_default();
        !address.starts_with('/') || address.starts_with("//")
    });
    let isolated = match header(headers, "cross-origin-resource-policy") {
        "same-origin" | "same-site" => 10,
        "" | "cross-origin" => 0,
        _ => -5,
    };
    100 + content_security_policy(header(headers, "content-security-policy"))
        + either(!headers.contains_key("set-cookie"), -40)
        + either(!headers.contains_key("access-control-allow-origin"), -50)
        + referrer(header(headers, "referrer-policy"))
        + transport_security(header(headers, "strict-transport-security"))
        + either(foreign.count() == 0, -50)
        + either(header(headers, "x-content-type-options") == "nosniff", -5)
        + framing(headers)
        + isolated
}

#[test]
fn every_page_of_a_published_site_gets_the_best_grade() {
    let site = TestSite::published();
    let missing = ["/nowhere/", "/es/nada/"].map(|path| site.get(path).is(404));
    let pages = site.pages().into_iter().map(|path| site.get(&path).is(200)).chain(missing);
    for reply in pages {
        assert_eq!(points(&reply.headers, &reply.page()), MOST, "{}", reply.asked);
    }
}

#[test]
fn whatever_is_weakened_costs_points() {
    let reply: Reply = TestSite::published().get("/");
    let with = |name: &str, value: &str| {
        let mut headers = reply.headers.clone();
        let name: HeaderName = name.parse().unwrap();
        if value.is_empty() {
            headers.remove(name);
        } else {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        points(&headers, &reply.page())
    };
    let policy = SECURITY.iter().find(|(name, _)| *name == "content-security-policy").unwrap().1;
    for (name, value) in [
        ("content-security-policy", String::new()),
        ("content-security-policy", policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")),
        ("content-security-policy", format!("{policy}; script-src 'self' https:")),
        ("content-security-policy", policy.replace("default-src 'none'", "default-src 'self'")),
        ("content-security-policy", policy.replace("; frame-ancestors 'none'", "")),
        ("strict-transport-security", String::new()),
        ("strict-transport-security", "max-age=86400".to_owned()),
        ("referrer-policy", "unsafe-url".to_owned()),
        ("x-content-type-options", String::new()),
        ("cross-origin-resource-policy", String::new()),
        ("access-control-allow-origin", "*".to_owned()),
        ("set-cookie", "a=b".to_owned()),
    ] {
        assert!(with(name, &value) < MOST, "{name}: {value:?}");
    }
    assert_eq!(with("x-frame-options", ""), MOST, "the policy says it too");
}
