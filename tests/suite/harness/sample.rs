//! The sample site of `tests/fixtures/site`: each kind of section in two languages, in words that no editor changes.
//!
//! Its small words are the names of their keys, so that a snapshot shows which word is printed where.

use crate::harness::{check, langs};
use crate::translations::say_what_they_are_from;
use clinic_site::content::Files;
use clinic_site::diagnostic::Severity;
use clinic_site::lang::Lang;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

const FOLDER: &str = "tests/fixtures/site";

/// The tables of `ui.toml` whose keys are chosen by the content, with those that the sample chooses.
const CHOSEN: [(&str, &[&str]); 6] = [
    ("checks", &["axe", "keyboard"]),
    ("exceptions", &["holiday"]),
    ("help_lines", &["emergency", "lifeline_988", "samhsa"]),
    ("navigation", &["services", "visit", "help", "about"]),
    ("payers", &["medicare"]),
    ("substances", &["heroin", "other_opioids"]),
];

/// The sample site. Each of its translations says that it follows the English.
pub fn sample() -> Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    let read = || {
        let mut files = Files::read(Path::new(FOLDER)).unwrap();
        say_what_they_are_from(&mut files);
        files
    };
    FILES.get_or_init(read).clone()
}

/// The keys of a table with their texts, `errors.internal.title`, but for those that the sample doesn't choose.
fn keys(path: &str, table: &toml::Table, found: &mut Vec<(String, String)>) {
    for (key, value) in table {
        let own = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            _ if CHOSEN.iter().any(|(table, chosen)| *table == path && !chosen.contains(&key.as_str())) => {}
            toml::Value::Table(below) => keys(&own, below, found),
            _ => found.push((own, value.as_str().unwrap().to_owned())),
        }
    }
}

/// The text of a `ui.toml`, each word the name of its key: made from the keys of the shipped one and the marks in its words, `{max}`.
fn named(shipped: &toml::Table, lang: Lang) -> String {
    let mut all = Vec::new();
    keys("", shipped, &mut all);
    // TOML wants a table's own keys before the tables in it.
    all.retain(|(key, _)| key.contains('.'));
    all.sort_by_key(|(key, _)| key.rsplit_once('.').map(|(table, key)| (table.to_owned(), key.to_owned())));
    let mut out =
        "# Each word is the name of its key: `UPDATE=1 cargo test --test suite sample` writes this file.\n".to_owned();
    let mut open = "";
    for (path, text) in &all {
        let (table, key) = path.rsplit_once('.').unwrap();
        if table != open {
            let _ = write!(out, "\n[{table}]\n");
            open = table;
        }
        let mut word = format!("{}: {}", table.replace(['.', '_', '-'], " "), key.replace('_', " "));
        if lang == Lang::En {
            word[..1].make_ascii_uppercase();
        } else {
            word = format!("{} {word}", lang.tag().to_uppercase());
        }
        let mut seen = BTreeSet::new();
        let marks = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(mark, _)| mark);
        let marks: Vec<&str> = marks.filter(|mark| seen.insert(*mark)).collect();
        for mark in marks.iter().filter(|mark| **mark != "phone") {
            let _ = write!(word, " {{{mark}}}");
        }
        if key == "description" {
            word += ", in as many words as search engines show";
        }
        // A paragraph that names a fact goes with it, so the fact has one to itself.
        if marks.contains(&"phone") {
            word = format!("{word}\\n\\n{word} {{phone}}");
        }
        let _ = writeln!(out, "{key} = \"{word}\"");
    }
    out
}

#[test]
fn the_words_of_the_sample_are_the_names_of_their_keys() {
    let shipped = Files::embedded();
    let shipped = toml::from_str(std::str::from_utf8(shipped.get("en/ui.toml").unwrap()).unwrap()).unwrap();
    for lang in langs() {
        let (file, now) = (format!("{FOLDER}/{}/ui.toml", lang.tag()), named(&shipped, lang));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, &now).unwrap();
        }
        let there = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(there == now, "{file} is not what UPDATE=1 writes");
    }
}

#[test]
fn the_sample_has_no_findings_but_that_its_facts_are_samples() {
    let (_, report) = check(&sample(), false);
    let found: Vec<_> = report.sorted().iter().map(|finding| (finding.rule.name, finding.severity)).collect();
    assert_eq!(found, [("sample-fact", Severity::Warning); 3], "{}", report.text());
}
