//! What programs read: the map, robots.txt, security.txt, the contact card, and the two probes.

use crate::harness::{TODAY, TestSite, langs, with_all_facts};
use axum::http::Method;
use std::fmt::Write as _;

#[test]
fn the_map_lists_exactly_the_pages() {
    let site = TestSite::published();
    let map = site.get("/sitemap.xml").is(200);
    let listed: Vec<_> =
        map.text().split("<loc>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    let mut wanted = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    for address in &listed {
        let path = address.strip_prefix("https://clinic.example").unwrap();
        let page = site.parsed(path);
        let changed = page.one(".end time").attr("datetime").unwrap().to_owned();
        write!(wanted, "<url><loc>{address}</loc><lastmod>{changed}</lastmod>").unwrap();
        // The same page in each language, as its head has it.
        for lang in langs() {
            let tag = lang.tag();
            let there = page.one(&format!("link[rel=alternate][hreflang={tag}]")).attr("href").unwrap().to_owned();
            write!(wanted, "<xhtml:link rel=\"alternate\" hreflang=\"{tag}\" href=\"{there}\"/>").unwrap();
        }
        wanted.push_str("</url>\n");
    }
    wanted.push_str("</urlset>");
    assert_eq!(map.text(), wanted, "the whole map");
    let mut listed: Vec<_> =
        listed.iter().map(|address| address["https://clinic.example".len()..].to_owned()).collect();
    listed.sort();
    assert_eq!(listed, site.pages());
}

#[test]
fn robots_are_kept_out_of_a_preview_and_shown_the_map_when_published() {
    let preview = TestSite::shipped().get("/robots.txt").is(200);
    assert_eq!(preview.text(), "# A preview, not the clinic's published site.\nUser-agent: *\nDisallow: /\n");
    let published = TestSite::published().get("/robots.txt").is(200);
    assert_eq!(published.text(), "User-agent: *\nAllow: /\n\nSitemap: https://clinic.example/sitemap.xml\n");
}

#[test]
fn security_txt_tells_whom_to_write_to_and_expires_within_a_year() {
    let site = TestSite::published();
    let reply = site.get("/.well-known/security.txt").is(200);
    let field = |name: &str| {
        let all: Vec<_> = reply.text().lines().filter_map(|line| line.strip_prefix(&format!("{name}: "))).collect();
        assert_eq!(all.len(), 1, "{name} in {}", reply.text());
        all[0].to_owned()
    };
    assert_eq!(field("Contact"), "https://clinic.example/contact/");
    assert_eq!(field("Canonical"), "https://clinic.example/.well-known/security.txt");
    assert_eq!(field("Preferred-Languages"), "en, es");
    site.get("/contact/").is(200);
    let expires: jiff::Timestamp = field("Expires").parse().unwrap();
    let today = TODAY.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    let days = expires.duration_since(today).as_hours() / 24;
    assert!((60..365).contains(&days), "it expires in {days} days (RFC 9116, section 2.5.5)");
}

#[test]
fn the_contact_card_holds_what_is_known() {
    for (files, lines) in [
        (
            with_all_facts(),
            &[
                "BEGIN:VCARD",
                "VERSION:3.0",
                "FN:Sacramento Comprehensive Treatment Center",
                "N:Sacramento Comprehensive Treatment Center;;;;",
                "ORG:Sacramento Comprehensive Treatment Center",
                "TEL;TYPE=WORK,VOICE:+19164442368",
                "ADR;TYPE=WORK:;;12 Test Street;Sacramento;CA;95814;US",
                "URL:https://clinic.example/",
                "END:VCARD",
            ][..],
        ),
        (
            crate::harness::without_facts(),
            &[
                "BEGIN:VCARD",
                "VERSION:3.0",
                "FN:Sacramento Comprehensive Treatment Center",
                "N:Sacramento Comprehensive Treatment Center;;;;",
                "ORG:Sacramento Comprehensive Treatment Center",
                "URL:https://clinic.example/",
                "END:VCARD",
            ],
        ),
    ] {
        let reply = TestSite::with(&files).get("/contact.vcf").is(200).has("content-type", "text/vcard; charset=utf-8");
        let wanted: String = lines.iter().flat_map(|line| [*line, "\r\n"]).collect();
        assert_eq!(reply.text(), wanted);
    }
}

#[test]
fn a_contact_card_of_samples_says_so() {
    let reply = TestSite::shipped().get("/contact.vcf").is(200);
    assert!(reply.text().contains("\r\nNOTE:Preview."), "{}", reply.text());
    assert_eq!(reply.text().matches('\n').count(), reply.text().matches("\r\n").count(), "lines end in CRLF");
}

#[test]
fn the_probes_answer_and_are_never_kept() {
    let revision = TestSite::published().app().site().revision().to_owned();
    for (path, words) in [("/healthz", "up\n".to_owned()), ("/readyz", format!("ready\nrevision {revision}\n"))] {
        let reply = TestSite::published().get(path).is(200).has("cache-control", "no-store").lacks("etag");
        assert_eq!(reply.text(), words);
        TestSite::published().ask(Method::GET, path, &[("if-none-match", "*")]).is(200);
        TestSite::published().get(&format!("{path}/")).is(404);
    }
}
