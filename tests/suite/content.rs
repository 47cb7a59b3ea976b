//! The rules, each by its broken example in `tests/fixtures/broken/`: an `edit.toml` that breaks a copy of `tests/fixtures/minimal/`, and
//! the `expected.txt` that an editor reads then.
//!
//! `UPDATE=1 cargo test` writes the reports that there are now; read the difference before you commit it.

use crate::harness::{TODAY, TestSite, assert_same, check, replace};
use crate::program::write_to;
use crate::translations;
use clinic_site::content::catalogue::RULES;
use clinic_site::content::{Content, Files, explain, reading};
use clinic_site::diagnostic::{Diagnostic, Report, Severity};
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const MINIMAL: &str = "tests/fixtures/minimal";
const BROKEN: &str = "tests/fixtures/broken";
/// Where examples are that have to be on a disk.
const DISK: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/broken");

/// `edit.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    /// Whether the content is read as for publishing.
    #[serde(default)]
    publish: bool,
    /// Whether the reading of its pages is measured too.
    #[serde(default)]
    reading: bool,
    /// Whether the Spanish files that say nothing of it say what they were translated from: as it is now.
    #[serde(default)]
    translated: bool,
    edit: Vec<Edit>,
}

/// One change to a file: a text in it replaced, or the whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    file: String,
    replace: Option<String>,
    with: Option<String>,
    /// Bytes that are not UTF-8, in the place of `with`.
    with_bytes: Option<Vec<u8>>,
    /// The whole file.
    write: Option<String>,
    /// The whole file, as another is.
    copy: Option<String>,
    /// The whole file, in bytes.
    bytes: Option<Vec<u8>>,
    /// A whole file of so many bytes.
    size: Option<usize>,
    /// What stands in `with` in the place of `@@`, `times` times, each on a line.
    many: Option<String>,
    times: Option<usize>,
    /// Where the file leads that is a link.
    link: Option<String>,
    /// A folder in the place of the file.
    #[serde(default)]
    folder: bool,
    /// No such file.
    #[serde(default)]
    delete: bool,
}

impl Edit {
    #[track_caller]
    fn apply(&self, files: &mut Files) {
        let file = self.file.as_str();
        match self {
            Self { replace: Some(from), with: Some(to), many: Some(line), times: Some(times), .. } => {
                replace(files, file, from, &to.replace("@@", &vec![line.as_str(); *times].join("\n")));
            }
            Self { replace: Some(from), with: Some(to), .. } => replace(files, file, from, to),
            Self { replace: Some(from), with_bytes: Some(to), .. } => splice(files, file, from, to),
            Self { write: Some(text), .. } => files.insert(file, text.clone().into_bytes()),
            Self { bytes: Some(bytes), .. } => files.insert(file, bytes.clone()),
            Self { copy: Some(other), .. } if file.starts_with("es/") => {
                files.insert(file, translations::in_spanish(files.get(other).unwrap()));
            }
            Self { copy: Some(other), .. } => files.insert(file, files.get(other).unwrap().to_vec()),
            Self { size: Some(size), .. } => files.insert(file, vec![b'#'; *size]),
            Self { delete: true, .. } => files.remove(file),
            Self { link: Some(_), .. } | Self { folder: true, .. } => {}
            _ => panic!("the edit of {file} does nothing"),
        }
    }
}

/// Makes of files what can only be on a disk: links, and folders in the place of files.
fn on_disk(example: &Example, files: Files) -> Files {
    if example.edit.iter().all(|edit| edit.link.is_none() && !edit.folder) {
        return files;
    }
    fs::create_dir_all(DISK).unwrap();
    let disk = TempDir::new_in(DISK).unwrap();
    let content = disk.path().join("content");
    write_to(&content, &files);
    for edit in &example.edit {
        let path = content.join(&edit.file);
        match &edit.link {
            Some(target) => std::os::unix::fs::symlink(target, path).unwrap(),
            None if edit.folder => fs::create_dir(path).unwrap(),
            None => {}
        }
    }
    Files::read(&content).unwrap()
}

/// Takes a text in a file for bytes.
#[track_caller]
fn splice(files: &mut Files, file: &str, from: &str, to: &[u8]) {
    const MARK: &str = "\u{1}";
    replace(files, file, from, MARK);
    let bytes = files.get(file).unwrap();
    let bytes = bytes.iter().flat_map(|byte| if *byte == 1 { to.to_vec() } else { vec![*byte] }).collect();
    files.insert(file, bytes);
}

/// The smallest content that is a site.
pub(crate) fn minimal() -> Files {
    Files::read(Path::new(MINIMAL)).unwrap()
}

/// A report as an editor reads it who has the files in `content`.
fn told(report: &Report) -> String {
    let text = report.text().replace(MINIMAL, "content");
    Regex::new(&format!("{DISK}/[^/]+/content")).unwrap().replace_all(&text, "content").into_owned()
}

#[track_caller]
fn read_example(rule: &str) -> Example {
    let path = format!("{BROKEN}/{rule}/edit.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A rule's broken example: the edit, the files after it, and what is told of them.
#[track_caller]
fn broken(rule: &str) -> (Example, Files, Option<Content>, Report) {
    let example = read_example(rule);
    let mut files = minimal();
    example.edit.iter().for_each(|edit| edit.apply(&mut files));
    let mut files = on_disk(&example, files);
    if example.translated {
        translations::say_what_they_are_from(&mut files);
    }
    let (content, report) = check_example(&example, &files);
    (example, files, content, report)
}

/// A rule's broken example, what is told of it, and how other files are read as it is.
#[track_caller]
pub(crate) fn broken_report(rule: &str) -> (Files, Report, impl Fn(&Files) -> Report + use<>) {
    let (example, files, _, report) = broken(rule);
    (files, report, move |files: &Files| check_example(&example, files).1)
}

/// The files after the help of a finding was followed to the letter.
#[track_caller]
pub(crate) fn apply_help(files: &Files, finding: &Diagnostic) -> Files {
    let mut files = files.clone();
    let mut edits: Vec<_> = finding.fix.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    for edit in edits {
        let shown = edit.source.path.as_str();
        let path = files.paths().find(|path| shown.ends_with(&format!("/{path}"))).unwrap().to_owned();
        let mut text = String::from_utf8(files.get(&path).unwrap().to_vec()).unwrap();
        text.replace_range(edit.span.clone(), &edit.text);
        files.insert(&path, text.into_bytes());
    }
    files
}

fn check_example(example: &Example, files: &Files) -> (Option<Content>, Report) {
    let (content, mut report) = check(files, example.publish);
    if let Some(content) = content.as_ref().filter(|_| example.reading) {
        reading::report(&reading::measure(files, content), &mut report);
    }
    (content, report)
}

#[test]
fn each_rule_is_explained_by_an_example_that_breaks_it_and_is_mended_as_shown() {
    let explained: BTreeSet<&str> = explain::explained().collect();
    let rules = RULES.iter().map(|rule| rule.name).collect();
    assert_same(&explained, &rules, "each rule has a table in src/content/explanations.toml");
    for rule in RULES {
        let explanation = explain::explain(rule).unwrap();
        assert!(explanation.why.trim_end().ends_with('.'), "{}: {:?}", rule.name, explanation.why);
        // Where the example is a whole file, its lines only describe it.
        if explanation.broken.starts_with('#') {
            continue;
        }
        let (example, mut files, _, before) = broken(rule.name);
        let holds = |edit: &&Edit| {
            files.get(&edit.file).is_some_and(|bytes| String::from_utf8_lossy(bytes).contains(&explanation.broken))
        };
        let file = example.edit.iter().find(holds).map(|edit| edit.file.clone());
        let file = file.unwrap_or_else(|| panic!("{}: the fixture doesn't hold {:?}", rule.name, explanation.broken));
        let text = String::from_utf8(files.get(&file).unwrap().to_vec()).unwrap();
        files.insert(&file, text.replacen(&explanation.broken, &explanation.mended, 1).into_bytes());
        let (_, after) = check_example(&example, &files);
        let count = |report: &Report| report.sorted().iter().filter(|finding| finding.rule == *rule).count();
        let others = |report: &Report| {
            report.sorted().iter().filter(|found| found.rule != *rule && found.severity == Severity::Error).count()
        };
        assert!(
            count(&after) < count(&before) && others(&after) <= others(&before),
            "{}: what is shown as mended doesn't mend it:\n{}",
            rule.name,
            told(&after)
        );
    }
}

#[test]
fn the_smallest_content_has_no_findings_and_is_a_site() {
    for publish in [false, true] {
        let (_, report) = check(&minimal(), publish);
        assert_eq!(told(&report), "", "mend {MINIMAL}, from which every broken example starts");
    }
    let site = TestSite::with(&minimal());
    assert_eq!(site.pages().len(), 7, "{:?}", site.pages());
}

#[test]
fn the_shipped_content_has_no_errors() {
    let (content, report) = check(&Files::embedded(), false);
    assert!(content.is_some() && !report.has_errors(), "{}", report.text());
}

#[test]
fn every_rule_has_a_broken_example_and_every_example_a_rule() {
    let rules: BTreeSet<String> = RULES.iter().map(|rule| rule.name.to_owned()).collect();
    let folders = fs::read_dir(BROKEN).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let help = "each rule of src/content/catalogue.rs has a folder in tests/fixtures/broken with its edit.toml";
    assert_same(&folders.collect(), &rules, help);
}

#[test]
fn rules_are_named_once_and_say_what_they_ask() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len(), "two rules have one name");
    for rule in RULES {
        assert!(rule.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        assert!(rule.about.ends_with('.'), "{}: {:?} is not a sentence", rule.name, rule.about);
    }
}

#[test]
fn each_broken_example_is_told_word_for_word() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut changed = Vec::new();
    for rule in RULES {
        let (_, _, content, report) = broken(rule.name);
        let found = report.sorted();
        assert!(found.iter().any(|finding| finding.rule == *rule), "{} isn't told:\n{}", rule.name, told(&report));
        assert_eq!(content.is_none(), report.has_errors(), "{}", rule.name);
        for finding in &found {
            assert!(!finding.help.trim().is_empty(), "{}: a finding without help: {}", rule.name, finding.message);
            assert!(!finding.message.ends_with('.'), "{}: messages are phrases: {}", rule.name, finding.message);
        }
        if rule.severity == Severity::Error {
            assert!(report.has_errors(), "{} is an error, so the content must be refused", rule.name);
        }

        let path = format!("{BROKEN}/{}/expected.txt", rule.name);
        let told = told(&report);
        if update {
            fs::write(&path, &told).unwrap();
        } else if fs::read_to_string(&path).unwrap_or_default() != told {
            changed.push(format!("{path} should now be:\n{told}"));
        }
    }
    assert!(changed.is_empty(), "{}\nIf that is better, run: UPDATE=1 cargo test\n", changed.join("\n"));
}

#[test]
fn what_only_stops_publishing_is_a_warning_in_a_preview() {
    for rule in ["sample-fact", "unreviewed-translation", "unsupplied-text", "unwritten"] {
        let mut files = minimal();
        read_example(rule).edit.iter().for_each(|edit| edit.apply(&mut files));
        let (preview, report) = check(&files, false);
        assert!(preview.is_some(), "{}", told(&report));
    }
    let mut files = minimal();
    read_example("sample-fact").edit.iter().for_each(|edit| edit.apply(&mut files));
    assert!(check(&files, true).0.is_none(), "samples must never be published");
}

#[test]
fn a_broken_file_leaves_the_others_read() {
    let mut files = minimal();
    files.insert("en/ui.toml", b"[layout\n".to_vec());
    replace(&mut files, "en/pages/home.toml", "title = \"Home\"", "title = \"\"");
    replace(&mut files, "en/objectives.toml", "icon = \"hope\"", "icon = \"hop\"");
    let (_, report) = check(&files, false);
    let paths: BTreeSet<String> =
        report.sorted().iter().map(|finding| finding.source.path.replace(MINIMAL, "content")).collect();
    assert_eq!(
        paths.into_iter().collect::<Vec<_>>(),
        ["content/en/objectives.toml", "content/en/pages/home.toml", "content/en/ui.toml"],
        "{}",
        told(&report)
    );
}

#[test]
fn an_empty_folder_is_told_file_by_file() {
    let (content, report) = check(&Files::default(), false);
    assert!(content.is_none());
    assert!(report.sorted().iter().all(|finding| finding.rule.name == "missing-file"), "{}", report.text());
    assert_eq!(report.count(Severity::Error), 10, "{}", report.text());
}

#[test]
fn facts_expire_the_day_after_their_last_day() {
    let dated = |day: &str| {
        let mut files = minimal();
        replace(&mut files, "clinic.toml", "value = \"17,568\"", &format!("value = \"17,568\"\nexpires_on = {day}"));
        replace(&mut files, "en/pages/home.toml", "{name}", "for {study_people} people");
        let report = check(&files, false).1;
        let rules: Vec<_> = report.sorted().iter().map(|finding| finding.rule.name).collect();
        (rules.join(" "), TestSite::with(&files).get("/").text().contains("17,568"))
    };
    let (today, yesterday) = (TODAY.to_string(), TODAY.yesterday().unwrap().to_string());
    assert_eq!(dated(&today), ("fact-expires-soon".to_owned(), true), "the last day");
    assert_eq!(dated(&yesterday), ("expired-fact".to_owned(), false), "the day after");
}
