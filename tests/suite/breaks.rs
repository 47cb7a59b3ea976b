//! Single breaks of one page and of the objectives: each is told, at its place, and visitors see the last good page meanwhile.
//!
//! `docs/breaks.md` is made from this list: `UPDATE=1 cargo test --test suite breaks` writes it anew.

use crate::content::minimal;
use crate::harness::{TestSite, check};
use clinic_site::content::Files;
use clinic_site::diagnostic::{Diagnostic, Severity};
use std::fmt::Write as _;
use std::fs;

const PAGE: &str = "en/pages/visit.toml";
const OBJECTIVES: &str = "en/objectives.toml";
const TABLE: &str = "docs/breaks.md";

/// A page as staff write one.
const GOOD: &str = r#"kind = "service"
slug = "visit"
title = "Your first visit"
description = "What happens on your first visit, what to bring, and how to get home."
lead = "Come as you are."
navigation = { label = "First visit", group = "visit", order = 9 }
last_reviewed = 2026-11-01
next_review = 2027-05-01

[[sections]]
kind = "prose"
id = "before"
heading = "Before you come"
text = """
Call {phone}. Read about [your privacy](/privacy/) and [what comes next](#after).

- a list of your medicines
- someone who takes you home"""

[[sections]]
kind = "cards"
heading = "What to bring"

[[sections.items]]
title = "Your card"
text = "If you have one."
icon = "card"

[[sections]]
kind = "notice"
about = "closure"
text = "We are closed on that day."
starts = 2026-12-24
ends = 2026-12-26

[[sections]]
kind = "contact"
id = "after"
heading = "Ask us"
text = "Reach out today."
"#;

/// What somebody does, to which file, and the two texts.
type Break = (&'static str, &'static str, &'static str, &'static str);

const BREAKS: [Break; 32] = [
    ("forgets the closing quote", PAGE, "\"Your first visit\"", "\"Your first visit"),
    ("pastes curly quotes", PAGE, "\"Your first visit\"", "“Your first visit”"),
    ("forgets both quotes", PAGE, "\"Your first visit\"", "Your first visit"),
    ("gives a key twice", PAGE, "lead = \"Come as you are.\"", "lead = \"Come as you are.\"\nlead = \"Come in.\""),
    ("misspells a key", PAGE, "title = \"Your first visit\"", "titel = \"Your first visit\""),
    ("writes a number for text", PAGE, "title = \"Your first visit\"", "title = 5"),
    ("writes text for a number", PAGE, "order = 9", "order = \"nine\""),
    ("starts a number with a zero", PAGE, "order = 9", "order = 09"),
    ("leaves the title empty", PAGE, "title = \"Your first visit\"", "title = \"\""),
    (
        "writes too long a title",
        PAGE,
        "\"Your first visit\"",
        "\"Your first visit to our clinic in Sacramento and everything that you should bring\"",
    ),
    ("writes a date with points", PAGE, "2026-11-01", "1.11.2026"),
    ("writes a day that there is not", PAGE, "2026-11-01", "2026-11-31"),
    ("puts a date in quotes", PAGE, "2027-05-01", "\"2027-05-01\""),
    ("names a kind of section that there is not", PAGE, "kind = \"prose\"", "kind = \"text\""),
    ("writes one bracket for two", PAGE, "[[sections]]\nkind = \"contact\"", "[sections]\nkind = \"contact\""),
    ("forgets a closing bracket", PAGE, "[[sections]]\nkind = \"contact\"", "[[sections]\nkind = \"contact\""),
    ("forgets the three quotes at the end", PAGE, "takes you home\"\"\"", "takes you home"),
    ("deletes the line with the heading", PAGE, "heading = \"What to bring\"\n", ""),
    ("links to a page that there is not", PAGE, "(/privacy/)", "(/privat/)"),
    ("links to a part that there is not", PAGE, "(#after)", "(#afterwards)"),
    ("misspells a fact", PAGE, "{phone}", "{phnoe}"),
    ("misspells an icon", PAGE, "icon = \"card\"", "icon = \"crad\""),
    ("types HTML", PAGE, "Come as you are.", "Come <b>as you are</b>."),
    ("pastes a link that runs a script", PAGE, "(/privacy/)", "(javascript:alert(1))"),
    ("saves in another encoding (Latin-1)", PAGE, "Come as you are.", "Come as you are: se\u{fffd}or."),
    ("takes the address of another page", PAGE, "slug = \"visit\"", "slug = \"privacy\""),
    ("writes an address with a space", PAGE, "slug = \"visit\"", "slug = \"First visit\""),
    ("takes the contact section out", PAGE, "kind = \"contact\"", "kind = \"prose\""),
    ("ends a notice before it starts", PAGE, "ends = 2026-12-26", "ends = 2026-12-06"),
    ("gives two objectives one id", OBJECTIVES, "id = \"hope\"", "id = \"altruism\""),
    ("pastes curly quotes", OBJECTIVES, "name = \"Name of hope\"", "name = “Hope”"),
    (
        "misspells a key",
        OBJECTIVES,
        "line = \"What it means.\"\nexplanation = \"What hope",
        "lin = \"What it means.\"\nexplanation = \"What hope",
    ),
];

/// What the program says of a break.
struct Told {
    finding: Diagnostic,
    line: usize,
    right_place: bool,
}

#[track_caller]
fn told((what, file, from, to): Break) -> Told {
    let mut files = good();
    let text = String::from_utf8(files.get(file).unwrap().to_vec()).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{what}: {from:?} in {file}");
    let at = text.find(from).unwrap();
    let broken = text.replace(from, to);
    // U+FFFD stands for the byte that Latin-1 has for ñ.
    let bytes = broken.split('\u{fffd}').map(str::as_bytes).collect::<Vec<_>>().join(&b"\xf1"[..]);
    files.insert(file, bytes);
    let (content, report) = check(&files, false);
    assert!(content.is_none(), "{what}: a broken edit must not be served");
    let findings: Vec<_> = report.sorted().into_iter().filter(|finding| finding.severity == Severity::Error).collect();
    let first = findings.first().unwrap_or_else(|| panic!("{what}: nothing was told"));
    let place = |finding: &Diagnostic| (finding.rule.name, finding.source.position(finding.span.start).0);
    assert!(
        findings.iter().all(|other| place(other) == place(first)),
        "{what}: one mistake, one line\n{}",
        report.text()
    );
    // The lines that the edit touched; what was deleted is named instead.
    let from_line = broken.get(..at).unwrap().matches('\n').count() + 1;
    let lines = from_line..=from_line + to.matches('\n').count();
    let line = first.source.position(first.span.start).0;
    let named = to.is_empty() && (first.message.contains("`heading`") || first.message.contains("8 objectives"));
    let right_place = first.source.path.ends_with(file) && (lines.contains(&line) || named || is_whole(first, what));
    Told { finding: (*first).clone(), line, right_place }
}

/// Two mistakes are told where the thing they break begins: a text that never ends, and a page that lacks a section.
fn is_whole(finding: &Diagnostic, what: &str) -> bool {
    match what {
        "forgets the three quotes at the end" => finding.message.contains("never ends"),
        "takes the contact section out" => finding.rule.name == "missing-contact",
        _ => false,
    }
}

fn good() -> Files {
    let mut files = minimal();
    files.insert(PAGE, GOOD.as_bytes().to_vec());
    files
}

#[test]
fn each_single_break_is_told_once_at_its_place_and_none_is_served() {
    assert_eq!(TestSite::with(&good()).get("/visit/").status, 200, "the page is good before it is broken");
    let mut table = String::from(INTRO);
    for (number, edit) in BREAKS.into_iter().enumerate() {
        let Told { finding, line, right_place } = told(edit);
        assert!(right_place, "{}: told at line {line}: {}", edit.0, finding.message);
        let file = edit.1.rsplit('/').next().unwrap();
        let message = finding.message.replace('|', "\\|");
        let help = finding.help.replace('|', "\\|").replace('<', "&lt;");
        writeln!(table, "| {} | {} | `{file}` | {line}: {message} | {help} | the last good page |", number + 1, edit.0)
            .unwrap();
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(TABLE, &table).unwrap();
    }
    assert!(fs::read_to_string(TABLE).unwrap_or_default() == table, "UPDATE=1 cargo test writes {TABLE} anew");
}

const INTRO: &str = "\
# Ways to break a file, and what the program says

Each is one mistake in a page or in the objectives, made in a folder that was good before. Every one is told at its place and nowhere else, and none
reaches a visitor: the site stays as it was, without a restart, until the file is mended.

For scale: with 29 breaks of this kind, Hugo 0.111 built 14 without a word, named the right place of 7 of the other 15, and its server
answered 500 on every page until the file was mended.

This table is made by `tests/suite/breaks.rs`, which fails when a break is not told, is told elsewhere, or is served.

| # | somebody … | in | is told at line | and how to mend it | visitors see |
|---|---|---|---|---|---|
";
