//! Tests speak of the program, not of the copy: no test quotes a sentence that an editor may change.

use clinic_site::content::Files;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A shorter text may be anybody's.
const LONG: usize = 25;

/// Sentences of the shipped copy that a test quotes on purpose: the file, the sentence, why.
const QUOTED: [(&str, &str, &str); 4] = [
    ("words.rs", "medicine for opioid use disorder", "the term to use, which facts.md asks for"),
    ("words.rs", "medicina para el trastorno por consumo de opioides", "the same in Spanish"),
    ("words_list.rs", "medicine for opioid use disorder", "the same, which no list may avoid"),
    ("words_list.rs", "medication-assisted treatment", "a term to avoid, which facts.md lists"),
];

/// White space folded.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every text of a TOML value.
fn texts(value: &toml::Value, found: &mut Vec<String>) {
    match value {
        toml::Value::String(text) => found.push(folded(text)),
        toml::Value::Array(all) => all.iter().for_each(|one| texts(one, found)),
        toml::Value::Table(all) => all.values().for_each(|one| texts(one, found)),
        _ => {}
    }
}

/// What the shipped pages, words, notices and objectives say.
fn copy() -> Vec<String> {
    let (files, mut found) = (Files::embedded(), Vec::new());
    for path in files.paths().filter(|path| path.contains('/') && !path.ends_with("words.toml")) {
        let table = toml::from_str(std::str::from_utf8(files.get(path).unwrap()).unwrap()).unwrap();
        texts(&toml::Value::Table(table), &mut found);
    }
    found
}

/// The texts between quotation marks in code, white space folded. What stands in comments counts as well where it is quoted.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find('"') {
        let raw = rest[..at].ends_with("r#");
        let character = rest[..at].ends_with('\'') && rest[at + 1..].starts_with('\'');
        let body = &rest[at + 1..];
        let end = match (raw, character) {
            (_, true) => Some(0),
            (true, _) => body.find("\"#"),
            (false, _) => body
                .char_indices()
                .scan(false, |escaped, (at, c)| {
                    let ends = c == '"' && !*escaped;
                    *escaped = c == '\\' && !*escaped;
                    Some((at, ends))
                })
                .find_map(|(at, ends)| ends.then_some(at)),
        };
        let Some(end) = end else { break };
        found.push(folded(&body[..end].replace("\\\n", "\n").replace("\\\"", "\"").replace("\\n", " ")));
        rest = &body[end + usize::from(!character)..];
    }
    found
}

/// The Rust files of the suite.
fn tests(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The sentences of the copy that code quotes.
fn quoted(code: &str, copy: &[String]) -> Vec<String> {
    let long = literals(code).into_iter().filter(|text| text.chars().count() >= LONG);
    long.filter(|text| copy.iter().any(|copy| copy.contains(text.as_str()))).collect()
}

#[test]
fn no_test_quotes_the_copy_but_on_purpose() {
    let (copy, mut files) = (copy(), Vec::new());
    assert!(copy.len() > 1000, "{}", copy.len());
    tests(Path::new("tests/suite"), &mut files);
    let found: BTreeSet<(String, String)> = files
        .iter()
        .filter(|(path, _)| !path.ends_with("/copy.rs"))
        .flat_map(|(path, code)| {
            quoted(code, &copy).into_iter().map(|text| (path["tests/suite/".len()..].to_owned(), text))
        })
        .collect();
    let meant: BTreeSet<_> = QUOTED.iter().map(|(file, text, _)| ((*file).to_owned(), (*text).to_owned())).collect();
    let new: Vec<_> = found.difference(&meant).collect();
    assert!(new.is_empty(), "an editor's comma would break these tests; speak of the sample site instead: {new:#?}");
    let quotes = |file: &str, text: &str| files.iter().any(|(path, code)| path.ends_with(file) && code.contains(text));
    let gone: Vec<_> = QUOTED.iter().filter(|(file, text, _)| !quotes(file, text)).collect();
    assert!(gone.is_empty(), "no test quotes these any more: {gone:#?}");
}

#[test]
fn a_quoted_sentence_is_seen() {
    let copy = ["You may share every side of your recovery there.".to_owned()];
    for (code, seen) in [
        ("assert!(text.contains(\"share every side of your recovery\"))", true),
        ("let a = '\"'; let b = \"share every side\\\n of your recovery\";", true),
        ("let a = \"\\\"\"; let b = r#\"share every side of your recovery\"#;", true),
        ("let a = \"share every side\";", false),
        ("let a = \"share some side of your recovery\";", false),
    ] {
        assert_eq!(!quoted(code, &copy).is_empty(), seen, "{code}");
    }
}
