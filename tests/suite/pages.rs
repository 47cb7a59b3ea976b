//! The pages as a whole: what the program makes of the sample site (snapshots), and what no shipped page may hold.
//!
//! A snapshot that changed is shown as a diff. If the change is meant: `INSTA_UPDATE=always cargo test --test suite pages`, then read
//! the diff of `tests/snapshots/` before it goes in. A snapshot of a page that is no more fails until it is deleted.

mod outline;

use crate::harness::sample::sample;
use crate::harness::{Page, TestSite, address, around, edited, langs, text_of};
use clinic_site::site::Entry;
use outline::outline;
use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::Path;

/// Where the snapshots stand, from the root of the repository.
const SNAPSHOTS: &str = "tests/snapshots";

/// The page whose whole document is kept, frame and head too.
const WHOLE: &str = "whole-contact";

const TO_UPDATE: &str = "if that is meant: INSTA_UPDATE=always cargo test --test suite pages";

/// The name of a page's snapshot: `/group-therapy/` is `group-therapy`, `/es/citas/` is `es-citas`.
fn snapshot_of(path: &str) -> String {
    match path.trim_matches('/') {
        "" => "home".to_owned(),
        name => name.replace('/', "-"),
    }
}

/// Compares with a snapshot; tells whether it is the same.
fn is_as_kept(name: &str, now: &str) -> bool {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join(SNAPSHOTS));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| catch_unwind(|| insta::assert_snapshot!(name, now)).is_ok())
}

/// What is kept: the sample site, in which each kind of section is. A booklet has no words but those of the pages, so `booklet.rs` holds it to
/// them.
fn kept() -> (TestSite, Vec<Page>) {
    let site = TestSite::with(&sample());
    let pages = site.documents().into_iter().filter(|page| !site.booklets().contains(&page.path)).collect();
    (site, pages)
}

#[test]
fn the_main_part_of_every_page_is_as_kept() {
    let (_, pages) = kept();
    let changed = pages.iter().filter(|page| !is_as_kept(&snapshot_of(&page.path), &outline(&page.one("main"))));
    let changed: Vec<&str> = changed.map(|page| page.path.as_str()).collect();
    assert!(changed.is_empty(), "changed: {changed:?}; {TO_UPDATE}");
}

#[test]
fn the_frame_around_a_page_is_as_kept() {
    let page = kept().0.parsed("/contact/");
    assert!(is_as_kept(WHOLE, &outline(&page.one("html"))), "the frame of /contact/ changed; {TO_UPDATE}");
}

#[test]
fn every_snapshot_is_of_a_page_there_is() {
    let (_, pages) = kept();
    let wanted: BTreeSet<String> = pages
        .iter()
        .map(|page| snapshot_of(&page.path))
        .chain([WHOLE.to_owned()])
        .map(|name| format!("{name}.snap"))
        .collect();
    assert_eq!(wanted.len(), pages.len() + 1, "two pages share a snapshot");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(SNAPSHOTS);
    let there: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        // Insta leaves what it saw beside a snapshot that differs, for its review.
        .filter(|name| !name.contains(".snap.new"))
        .collect();
    let unused: Vec<_> = there.difference(&wanted).collect();
    assert!(unused.is_empty(), "no page has the snapshots {unused:?} of {SNAPSHOTS}: delete them");
}

#[test]
fn building_twice_gives_the_same_bytes() {
    let (one, two) = (TestSite::with(&edited(|_| {})), TestSite::shipped());
    assert_eq!(one.paths(), two.paths());
    let (one, two) = (one.app().site(), two.app().site());
    for (path, entry) in one.entries() {
        if let (Entry::Answer(a), Some(Entry::Answer(b))) = (entry, two.find(path)) {
            assert!(a.identity().bytes == b.identity().bytes, "{path} differs from one build to the next");
        }
    }
}

#[test]
fn every_page_is_html_that_needs_no_mending() {
    let broken = scraper::Html::parse_document("<!doctype html><p>One</div>");
    assert!(!broken.errors.is_empty(), "the parser keeps its findings to itself");
    for page in documents() {
        assert!(page.html.errors.is_empty(), "{}: {:?}", page.path, page.html.errors);
    }
}

#[test]
fn nothing_unfinished_is_on_any_page() {
    const LEFTOVERS: &str = "{{ }} {% %} {# Lorem ipsum TODO FIXME XXX TBD undefined &amp;amp; &lt;";
    for page in documents() {
        let html = page.html.html();
        for leftover in LEFTOVERS.split(' ') {
            assert!(!html.contains(leftover), "{}: {leftover:?} in {}", page.path, around(&html, leftover));
        }
        let text = text_of(&page.one("body"));
        assert!(fact_names(&text).is_empty(), "{}: {:?} stand where facts should", page.path, fact_names(&text));
        assert!(!text.contains("**") && !text.contains("]("), "{}: Markdown that was not read: {text}", page.path);
    }
}

/// Names in braces, as copy writes facts: `{part_b_deductible}`.
fn fact_names(text: &str) -> Vec<&str> {
    let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).filter(is_name).collect()
}

#[test]
fn names_of_facts_would_be_seen() {
    assert_eq!(fact_names("In 2026 it is {part_b_deductible} a year. {Not} {a fact}."), ["part_b_deductible"]);
}

#[test]
fn help_is_one_tap_away_on_every_page_and_every_error() {
    for page in documents() {
        let of_the_language = ["get-help-now", "appointments"].map(|key| address(page.lang(), key));
        for target in ["tel:911", "tel:988"].map(str::to_owned).into_iter().chain(of_the_language) {
            let links = page.all(&format!("a[href=\"{target}\"]"));
            assert!(!links.is_empty(), "{}: no link to {target}", page.path);
        }
        let first = page.one("footer").select(&scraper::Selector::parse("a[href]").unwrap()).next().unwrap();
        assert_eq!(first.attr("href"), Some("tel:911"), "{}: the footer does not begin with 911", page.path);
    }
}

#[test]
fn every_service_page_ends_in_how_to_reach_us() {
    let pages = TestSite::shipped().documents();
    let services: Vec<&Page> = pages.iter().filter(|page| !page.all("body.service").is_empty()).collect();
    for lang in langs() {
        let count = services.iter().filter(|page| page.lang() == lang).count();
        assert!(count >= 6, "only {count} service pages in {lang:?}");
    }
    for page in services {
        let appointments = address(page.lang(), "appointments");
        let contact = page.one("main > section.contact");
        let after =
            contact.next_siblings().filter_map(scraper::ElementRef::wrap).find(|next| next.value().name() == "section");
        // The page about appointments begins with it: it is what that page is for.
        assert!(after.is_none() || page.path == appointments, "{}: a section follows the contact section", page.path);
        let has = |selector: &str| contact.select(&scraper::Selector::parse(selector).unwrap()).next().is_some();
        assert!(
            has("a[href^=\"tel:\"]") && has(&format!("a[href=\"{appointments}\"], .line")),
            "{}: {}",
            page.path,
            outline(&contact)
        );
        assert!(has("h3 + .flow"), "{}: the contact section does not say what happens then", page.path);
    }
}

/// Every document in every state of the site.
fn documents() -> Vec<Page> {
    let all = TestSite::states().into_iter().flat_map(|(state, site)| {
        site.documents().into_iter().map(move |page| Page { path: format!("{} ({state})", page.path), ..page })
    });
    all.collect()
}
