//! Files that nobody would write on purpose: whatever the bytes, the program tells what is wrong or serves pages in which nothing runs.
//!
//! A failure prints the smallest case that proptest could find. `PROPTEST_CASES=5000 cargo test mutations` looks longer.

mod thousand;

use crate::content::minimal;
use crate::harness::{Page, TestSite, check};
use clinic_site::content::Files;
use clinic_site::diagnostic::{Diagnostic, Report, Severity};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::ops::RangeInclusive;

/// What somebody might try to get into a page.
const ATTACKS: [&str; 12] = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](//evil.example/)",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/x.png)",
    "' onmouseover='alert(1)",
    "\\\" onmouseover=\\\"alert(1)",
    "</script><script>alert(1)</script>",
    "<javascript:alert(1)>",
    "{name} {nothing} {",
];

/// Keys of words that visitors read: copy, and one-line texts.
const WORDS: [&str; 6] = ["text", "heading", "title", "note", "name", "explanation"];

/// What a value can be changed to.
const VALUES: [&str; 10] =
    ["\"\"", "\"words\"", "0", "-1", "1.5", "true", "2026-11-23", "[]", "[\"a\", 1]", "{ a = { b = [[]] } }"];

/// One change to one file.
#[derive(Clone, Debug)]
enum Mutation {
    DeleteLine(Index),
    DoubleLine(Index),
    SwapLines(Index, Index),
    Cut(Index),
    SwapBytes(Index, Index),
    SetByte(Index, u8),
    Value(Index, &'static str),
    Insert(Index, &'static str),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    prop_oneof![
        at().prop_map(Mutation::DeleteLine),
        at().prop_map(Mutation::DoubleLine),
        (at(), at()).prop_map(|(a, b)| Mutation::SwapLines(a, b)),
        at().prop_map(Mutation::Cut),
        (at(), at()).prop_map(|(a, b)| Mutation::SwapBytes(a, b)),
        (at(), any::<u8>()).prop_map(|(a, byte)| Mutation::SetByte(a, byte)),
        (at(), select(&VALUES[..])).prop_map(|(a, value)| Mutation::Value(a, value)),
        (at(), select(&ATTACKS[..])).prop_map(|(a, attack)| Mutation::Insert(a, attack)),
        (at(), select(&ATTACKS[..])).prop_map(|(a, attack)| Mutation::Insert(a, attack)),
    ]
}

impl Mutation {
    fn apply(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        match self {
            Self::DeleteLine(at) => {
                lines.remove(at.index(lines.len()));
                lines.concat()
            }
            Self::DoubleLine(at) => {
                let line = lines[at.index(lines.len())];
                lines.insert(at.index(lines.len()), line);
                lines.concat()
            }
            Self::SwapLines(a, b) => {
                let count = lines.len();
                lines.swap(a.index(count), b.index(count));
                lines.concat()
            }
            Self::Cut(at) => {
                bytes.truncate(at.index(bytes.len()));
                bytes
            }
            Self::SwapBytes(a, b) => {
                let count = bytes.len();
                bytes.swap(a.index(count), b.index(count));
                bytes
            }
            Self::SetByte(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
                bytes
            }
            Self::Value(at, value) => {
                let at = at.index(lines.len());
                let key = lines[at].split(|byte| *byte == b'=').next().unwrap_or_default();
                let line = [key, b"= ", value.as_bytes(), b"\n"].concat();
                lines[at] = &line;
                lines.concat()
            }
            // Between two words of a value, of a remark, or of the file itself.
            Self::Insert(at, attack) => {
                let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b' ').collect();
                let at = places[at.index(places.len())];
                bytes.splice(at..at, attack.bytes());
                bytes
            }
        }
    }
}

/// Reads content and holds what must be true of any: refused with a place, or served with nothing in it that runs. Tells whether it was
/// served.
fn hold(files: &Files) -> Result<bool, TestCaseError> {
    let (content, report) = check(files, false);
    prop_assert_eq!(content.is_none(), report.has_errors(), "refused exactly if there are errors");
    if content.is_none() {
        return has_places(&report).map(|()| false);
    }
    let site = TestSite::with(files);
    site.documents().iter().try_for_each(nothing_runs).map(|()| true)
}

fn has_places(report: &Report) -> Result<(), TestCaseError> {
    for finding in report.sorted().iter().filter(|finding| finding.severity == Severity::Error) {
        let (line, column) = finding.source.position(finding.span.start);
        let lines = finding.source.text.matches('\n').count() + 1;
        prop_assert!(
            line >= 1 && column >= 1 && line <= lines,
            "{line}:{column} of {lines} lines: {}",
            finding.message
        );
        prop_assert!(!finding.message.is_empty() && !finding.help.is_empty());
    }
    prop_assert!(report.text().contains(": error: ") && report.github().contains("::error file="));
    Ok(())
}

/// The lines of a file that a change touched, with the line before and behind: what was deleted stood between them.
fn changed_lines(before: &[u8], after: &[u8]) -> RangeInclusive<usize> {
    let start = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let room = before.len().min(after.len()) - start;
    let end = before.iter().rev().zip(after.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    let line = |at: usize| after[..at].split(|byte| *byte == b'\n').count();
    line(start).saturating_sub(1)..=line(after.len() - end) + 1
}

/// Whether a finding leads to the change: it stands there, or it names what the change took away, or it tells where something begins that
/// does not end any more, or that now has what only another may have.
fn is_about(error: &Diagnostic, path: &str, lines: &RangeInclusive<usize>) -> bool {
    let line = error.source.position(error.span.start).0;
    let here = error.source.path.ends_with(path);
    let taken_away = [
        "missing-key",
        "missing-file",
        "missing-word",
        "missing-contact",
        "dead-link",
        "dead-anchor",
        "unknown-fact",
        "unknown-source",
        "unknown-parent",
        "redirect",
    ];
    let shared = ["duplicate-key", "duplicate-id", "duplicate-address", "date-order", "hours"];
    let rule = error.rule.name;
    here && lines.contains(&line)
        || taken_away.contains(&rule)
        || here && shared.contains(&rule)
        || here && rule == "syntax" && line < *lines.start() && error.message.contains("never ends")
        // A file that holds a zero is no text as a whole.
        || here && rule == "not-utf8" && line == 1
}

fn nothing_runs(page: &Page) -> Result<(), TestCaseError> {
    for element in page.all("*") {
        let (name, path) = (element.value().name(), &page.path);
        if name == "script" {
            prop_assert_eq!(element.attr("type"), Some("application/ld+json"), "a script on {}", path);
            let json: Result<serde_json::Value, _> = serde_json::from_str(&element.inner_html());
            prop_assert!(json.is_ok(), "structured data on {path}: {json:?}");
        }
        prop_assert!(!["iframe", "object", "embed", "base", "img", "style"].contains(&name), "<{name}> on {path}");
        for (attribute, value) in element.value().attrs() {
            let value = value.trim().to_ascii_lowercase();
            prop_assert!(!attribute.starts_with("on"), "{attribute} on {path}");
            for scheme in ["javascript:", "data:", "vbscript:", "//", "http://evil"] {
                prop_assert!(!value.starts_with(scheme), "{attribute}=\"{value}\" on {path}");
            }
        }
    }
    Ok(())
}

/// So many cases, or as many as `PROPTEST_CASES` says. Nothing is written beside the sources.
fn cases(count: u32) -> ProptestConfig {
    let wanted = ProptestConfig::default();
    let set = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig { cases: if set { wanted.cases } else { count }, failure_persistence: None, ..wanted }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn a_shipped_file_with_one_change_is_told_or_served(file in any::<Index>(), change in mutation()) {
        let mut files = Files::embedded();
        let path = file.get(&files.paths().collect::<Vec<_>>()).to_string();
        let before = files.get(&path).unwrap().to_vec();
        let after = change.apply(&before);
        files.insert(&path, after.clone());
        if !hold(&files)? {
            let lines = changed_lines(&before, &after);
            let report = check(&files, false).1;
            let errors: Vec<_> = report.sorted().into_iter().filter(|finding| finding.severity == Severity::Error).collect();
            prop_assert!(
                errors.iter().any(|error| is_about(error, &path, &lines)),
                "{path} was changed in lines {lines:?}, but the report doesn't lead there:\n{}",
                report.text()
            );
        }
    }

    #[test]
    fn any_bytes_in_the_place_of_a_file_are_told(file in any::<Index>(), bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut files = minimal();
        let path = file.get(&files.paths().collect::<Vec<_>>()).to_string();
        files.insert(&path, bytes);
        hold(&files)?;
    }

    #[test]
    fn any_toml_in_the_place_of_a_page_is_told(lines in proptest::collection::vec("(\\[\\[?)?[a-z_.]{0,9}[ =\\]{}\"']{0,5}[a-z0-9:. \"'\\[{-]{0,9}", 0..12)) {
        let mut files = minimal();
        files.insert("en/pages/home.toml", lines.join("\n").into_bytes());
        hold(&files)?;
    }
}

/// A page with the parts that no page of the smallest content has, and what they show.
const CARDS: &str = r#"kind = "page"
slug = "cards"
title = "Cards"
description = "A description that is long enough for the results of a search."
lead = "One sentence that says what this page is for."
navigation = { label = "Cards", group = "help", order = 9 }
last_reviewed = 2026-11-01
next_review = 2027-05-01

[[sections]]
kind = "pocket_card"
heading = "A card"
text = "Words."
numbers = true
checklist = true

[[sections]]
kind = "language_help"
heading = "In your language"
"#;
const LANGUAGE: &str =
    "source = \"clinic_page\"\n\n[[languages]]\nlang = \"ko\"\ndir = \"ltr\"\nname = \"한국어\"\ntext = \"한국어\"\n";

#[test]
fn every_attack_on_every_kind_of_words_is_refused_or_harmless() {
    let mut content = minimal();
    content.insert("en/pages/cards.toml", CARDS.into());
    content.insert("language_help.toml", LANGUAGE.into());
    let mut served = 0;
    for (attack, key) in ATTACKS.into_iter().flat_map(|attack| WORDS.map(|key| (attack, key))) {
        let start = format!("{key} = \"");
        let mut files = content.clone();
        for path in content.paths() {
            let text = String::from_utf8(content.get(path).unwrap().to_vec()).unwrap();
            let lines = text.lines().map(|line| match line.strip_prefix(&start) {
                Some(words) if !words.starts_with("\"\"") => format!("{start}{attack} {words}\n"),
                _ => format!("{line}\n"),
            });
            files.insert(path, lines.collect::<String>().into_bytes());
        }
        served += u32::from(hold(&files).unwrap_or_else(|error| panic!("{attack} in `{key}`: {error}")));
    }
    assert!(served > 0, "every attack was refused, so none was looked at in a page");
}
