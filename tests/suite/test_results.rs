//! The table of tests on the page about accessibility says what `tests.toml` says, and nothing where there is no such file.

use crate::harness::{TestSite, address, check, edited, es, langs, language, text_of};
use clinic_site::content::Files;
use clinic_site::content::model::Section;
use clinic_site::lang::Lang;
use scraper::{ElementRef, Selector};
use serde::Deserialize;

/// Results of no tests: what the suite shows where it shows any.
pub(crate) const RESULTS: &str = include_str!("../fixtures/site/tests.toml");

/// The file as the test reads it.
#[derive(Deserialize)]
struct Results {
    tested_on: toml::value::Datetime,
    browser: String,
    checks: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    tool: Option<String>,
    pages: u32,
    looks: u32,
    findings: u32,
}

fn with(results: &str) -> Files {
    edited(|files| files.insert("tests.toml", results.as_bytes().to_vec()))
}

fn without() -> Files {
    edited(|files| files.remove("tests.toml"))
}

/// The anchor of the table on the page about accessibility.
fn anchor(lang: Lang) -> String {
    let mut sections = language(lang).pages["accessibility"].sections.iter();
    sections.find(|section| matches!(section, Section::TestResults(_))).unwrap().anchor().unwrap().0
}

fn inside(element: &ElementRef<'_>, selector: &str) -> Vec<String> {
    element.select(&Selector::parse(selector).unwrap()).map(|found| text_of(&found)).collect()
}

/// Asserts that the page about accessibility shows a file's numbers, in the words of its language.
#[track_caller]
fn shows(text: &str) {
    let results: Results = toml::from_str(text).unwrap();
    let site = TestSite::with(&with(text));
    for (lang, day) in [(Lang::En, "November 21, 2026"), (es(), "21 de noviembre de 2026")] {
        let ui = &language(lang).ui;
        let page = site.parsed(&address(lang, "accessibility"));
        let section = page.one(&format!("section[aria-labelledby={:?}]", anchor(lang)));
        let words = &ui.tests;
        let caption = inside(&section, "caption").concat();
        assert!(caption.contains(words.tested_on.as_str()) && caption.contains(words.browser.as_str()), "{caption}");
        assert!(caption.contains(&results.browser), "{caption}");
        let time = page.one("caption time").attr("datetime").unwrap().to_owned();
        assert_eq!(time, results.tested_on.to_string());
        if time == "2026-11-21" {
            assert!(caption.contains(day), "{caption}");
        }
        let head = [&words.check, &words.pages, &words.looks, &words.findings].map(ToString::to_string);
        assert_eq!(inside(&section, "thead th[scope=col]"), head);
        let rows: Vec<_> = section.select(&Selector::parse("tbody tr").unwrap()).collect();
        assert_eq!(rows.len(), results.checks.len(), "{lang:?}");
        for (row, check) in rows.iter().zip(&results.checks) {
            let id = &check.id;
            let named = ui.checks.iter().find(|(key, _)| key.as_str() == id).map(|(_, named)| named).unwrap();
            let tool = check.tool.as_ref().map(|tool| format!(" ({tool})")).unwrap_or_default();
            let wanted = format!("{}{}{tool}", named.name, named.note);
            assert_eq!(inside(row, "th[scope=row]"), [wanted], "{lang:?}: {id}");
            let numbers = [check.pages, check.looks, check.findings].map(|number| number.to_string());
            assert_eq!(inside(row, "td"), numbers, "{lang:?}: {id}");
            // On a phone, each number stands beside the heading of its column.
            let cell = Selector::parse("td").unwrap();
            let columns: Vec<_> = row.select(&cell).map(|cell| cell.attr("data-column").unwrap().to_owned()).collect();
            assert_eq!(columns, head[1..], "{lang:?}: {id}");
        }
    }
}

#[test]
fn the_table_says_what_the_file_says_in_every_language() {
    shows(RESULTS);
}

#[test]
fn the_shipped_results_are_shown_as_they_are_if_there_are_any() {
    let files = Files::embedded();
    if let Some(shipped) = files.get("tests.toml") {
        shows(std::str::from_utf8(shipped).unwrap());
        assert!(check(&files, false).0.is_some());
    }
}

#[test]
fn without_the_file_the_table_is_not_there_and_nothing_leads_to_it() {
    let site = TestSite::with(&without());
    for page in site.documents() {
        assert!(
            page.all(".tests, main table").is_empty(),
            "{}: {}",
            page.path,
            page.all(".tests, main table")[0].html()
        );
        let lost = format!("#{}", anchor(page.lang()));
        let path = address(page.lang(), "accessibility");
        let links = page.all("a[href]").into_iter().filter(|link| {
            let href = link.attr("href").unwrap();
            href.strip_prefix(path.as_str()).unwrap_or(href) == lost && (href != lost || page.path == path)
        });
        assert_eq!(links.count(), 0, "{}", page.path);
    }
    for lang in langs() {
        let path = address(lang, "accessibility");
        let sections = |site: &TestSite| site.parsed(&path).all("main > section").len();
        assert_eq!(sections(&site) + 1, sections(&TestSite::with(&with(RESULTS))), "{path}: only the table is missing");
    }
    let (_, report) = check(&without(), true);
    assert!(!report.text().contains("tests.toml"), "nobody has to have tested: {}", report.text());
}

#[test]
fn a_check_without_words_is_told_in_each_language() {
    let results = RESULTS.replace("\"keyboard\"", "\"smell\"");
    let (content, report) = check(&with(&results), false);
    assert!(content.is_none());
    let found: Vec<_> = report.sorted().into_iter().filter(|finding| finding.rule.name.ends_with("-word")).collect();
    let places: Vec<_> = found.iter().map(|finding| (finding.source.path.as_str(), finding.rule.name)).collect();
    let wanted = [("content/en/ui.toml", "missing-word"), ("content/es/ui.toml", "untranslated-word")];
    assert_eq!(places, wanted, "{}", report.text());
    for finding in found {
        assert!(finding.message.contains("`smell`") && finding.help.contains("[checks.smell]"), "{}", report.text());
    }
}

#[test]
fn a_check_that_is_given_twice_or_is_no_number_is_told() {
    for (from, to, rule) in [
        ("\"keyboard\"", "\"axe\"", "duplicate-id"),
        ("pages = 32", "pages = -1", "wrong-type"),
        ("pages = 32", "pages = \"many\"", "wrong-type"),
        ("findings = 3\n", "", "missing-key"),
        ("looks = 64", "look = 64", "unknown-key"),
    ] {
        assert_eq!(RESULTS.matches(from).count(), 1, "{from}");
        let (content, report) = check(&with(&RESULTS.replace(from, to)), false);
        let told: Vec<_> =
            report.sorted().into_iter().filter(|found| found.source.path == "content/tests.toml").collect();
        assert!(content.is_none(), "{to}");
        assert!(told.iter().any(|finding| finding.rule.name == rule), "{to} is no {rule}:\n{}", report.text());
    }
}
