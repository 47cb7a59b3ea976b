//! One content file: bytes → text → spanned tree → its shape, with every finding on the way.

use super::files::{Files, Kind, MAX_FILE, Stray, Unreadable, name_of};
use super::media::{MAX_ALL_MEDIA, MAX_MEDIA_FILES};
use super::names;
use super::plain::Passages;
use super::{catalogue, decode, limits, syntax};
use crate::diagnostic::{Edit, Help, Report, Source};
use crate::lang::Lang;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use toml::Spanned;
use toml::de::DeTable;

/// A content file that was read.
#[derive(Clone, Debug)]
pub struct Document<T> {
    /// Its text, for findings of the rules across files.
    pub source: Arc<Source>,
    /// What it says, with placeholders where it has errors.
    pub value: T,
    /// What was found while it was read.
    pub findings: Report,
    /// The places of its texts that visitors read.
    pub(super) passages: Arc<Passages>,
}

/// The text of a file, with what is wrong with its encoding; the findings alone where there is none.
pub(super) fn text(files: &Files, path: &str) -> Result<(Arc<Source>, Report), Report> {
    let Some(bytes) = files.get(path).filter(|bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX) <= MAX_FILE) else {
        return Err(unreadable(files, path));
    };
    let mut findings = Report::default();
    let source = Arc::new(Source::new(files.shown(path), String::from_utf8_lossy(bytes)));
    encoding(&source, bytes, &mut findings);
    Ok((source, findings))
}

/// Reads one file; the findings alone where there is nothing to read. Helps offer `today` where it is meant.
pub(super) fn read<T: DeserializeOwned>(files: &Files, path: &str, today: Option<Date>) -> Result<Document<T>, Report> {
    let (source, mut findings) = text(files, path)?;
    if limits::exceeded(&source, &mut findings) || foreign(&source, &mut findings) || unmerged(&source, &mut findings) {
        return Err(findings);
    }
    let (tree, errors) = DeTable::parse_recoverable(&source.text);
    // What could not be parsed may hold the missing keys, so those are not reported.
    let complete = syntax::report_errors(&source, &errors, today, &mut findings);
    let nothing = tree.get_ref().is_empty() && errors.is_empty();
    if nothing && lacks_something::<T>(&tree, &source) {
        let restore = "restore it from a copy";
        let help = match path.rsplit('/').nth(1) {
            Some(names::PAGES) => format!("{restore}; a page that is not needed any more is deleted with its file"),
            _ if names::ALL.iter().any(|file| file.dispensable && name_of(path) == file.name) => {
                format!("{restore}, or delete the file: the site is made without it")
            }
            _ => format!("{restore}: the site can't be made without what was in it"),
        };
        findings.add(&catalogue::MISSING_KEY, &source, 0..0, "there is nothing in this file", help);
        return Err(findings);
    }
    if nothing && source.text.trim().is_empty() {
        let help = Help::exact(Edit::new(&source, 0..0, "# nothing yet\n"), |remark| {
            format!("restore it from a copy; if nothing is to be in it, write a remark that says so: {}", remark.trim())
        });
        findings.add(&catalogue::EMPTY_FILE, &source, 0..0, "this file is empty: was something lost?", help);
    }
    match decode::decode(&tree, &source, complete, today, &mut findings) {
        (Some(value), passages) => {
            Ok(Document { source, value, findings, passages: Arc::new(Passages::new(passages)) })
        }
        (None, _) => Err(findings),
    }
}

/// What was read of a file, and its findings to the others.
pub(super) fn collect<T>(read: Result<Document<T>, Report>, report: &mut Report) -> Option<Document<T>> {
    match read {
        Ok(document) => {
            report.extend(&document.findings);
            Some(document)
        }
        Err(findings) => {
            report.extend(&findings);
            None
        }
    }
}

/// A file that may be missing.
pub(super) fn optional<T: DeserializeOwned>(
    files: &Files,
    path: &str,
    today: Option<Date>,
    report: &mut Report,
) -> Option<Document<T>> {
    if files.contains(path) { collect(read(files, path, today), report) } else { None }
}

/// Whether a file without anything in it lacks a key.
fn lacks_something<T: DeserializeOwned>(tree: &Spanned<DeTable<'_>>, source: &Arc<Source>) -> bool {
    let mut findings = Report::default();
    let _ = decode::decode::<T>(tree, source, true, None, &mut findings);
    findings.has_errors()
}

/// Reports a document of another kind that was saved under the name of a content file.
fn foreign(source: &Arc<Source>, report: &mut Report) -> bool {
    const KINDS: [(&str, &str); 4] = [
        ("{\\rtf", "this is a document of a word processor (RTF)"),
        ("<!doctype", "this is a web page"),
        ("<html", "this is a web page"),
        ("%pdf-", "this is a PDF document"),
    ];
    let start = source.text.trim_start();
    let is_kind = |kind: &str| start.get(..kind.len()).is_some_and(|head| head.eq_ignore_ascii_case(kind));
    let Some((_, what)) = KINDS.iter().find(|(kind, _)| is_kind(kind)) else { return false };
    let help =
        "save it again as plain text, or restore the file from a copy; TextEdit and Word can save plain text, too";
    report.add(&catalogue::SYNTAX, source, 0..1, format!("{what}, not plain text"), help);
    true
}

/// Reports the marks that git leaves where two people changed the same lines. What is between them is not read: it is there twice.
fn unmerged(source: &Arc<Source>, report: &mut Report) -> bool {
    let mark = |line: &&str| {
        ["<<<<<<< ", "||||||| ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark)) || line.trim_end() == "======="
    };
    let mut at = 0;
    for line in source.text.split_inclusive('\n') {
        if mark(&line) {
            let help = "keep what is right of both versions, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>";
            let span = at..at + line.trim_end().len();
            report.add(
                &catalogue::SYNTAX,
                source,
                span,
                "two people changed these lines, and git could not merge them",
                help,
            );
            return true;
        }
        at += line.len();
    }
    false
}

/// Why there is nothing to read of a file.
fn unreadable(files: &Files, path: &str) -> Report {
    let source = Arc::new(Source::without_text(files.shown(path)));
    let mut findings = Report::default();
    match files.unreadable(path) {
        Some(why) => report_unreadable(&source, why, &mut findings),
        None if files.contains(path) => report_unreadable(&source, &Unreadable::TooLarge, &mut findings),
        // The folder was reported: nobody knows what is in it.
        None if files.may_be_unreadable(path) => {}
        None => match files.misnamed(path) {
            // A folder has another name, which was reported.
            Some(stray) if stray.original != path => {}
            Some(stray) => missing(files, &stray, "file", &mut findings),
            None => {
                let help = if name_of(path) == names::LANGUAGE.name {
                    "write into it what the language is: name, as it calls itself, direction = \"ltr\" or \"rtl\", and territory = \"US\"; if its folder \
                     is no language of the site, take that out"
                } else {
                    "create it, or copy it from the content folder that comes with the program"
                };
                findings.add(&catalogue::MISSING_FILE, &source, 0..0, "this file is missing", help);
            }
        },
    }
    findings
}

/// Reports what is missing because its name is another.
fn missing(files: &Files, stray: &Stray, what: &str, findings: &mut Report) {
    let source = Arc::new(Source::without_text(files.shown(&stray.original)));
    let message = format!("this {what} is missing, but there is {}", files.shown(&stray.at));
    findings.add(&catalogue::MISSING_FILE, &source, 0..0, message, stray.mend(files, name_of(&stray.at)));
}

/// Reports a language's folders in capital letters. Returns whether there are any, so that its pages may be there.
pub(super) fn report_misnamed(files: &Files, lang: Lang, findings: &mut Report) -> bool {
    let folders = [lang.tag().to_owned(), format!("{}/{}", lang.tag(), names::PAGES)];
    let misnamed: Vec<_> = folders.iter().filter_map(|folder| files.misnamed_folder(folder)).collect();
    for stray in &misnamed {
        missing(files, stray, "folder", findings);
    }
    !misnamed.is_empty()
}

/// Reports a file that nothing reads because of its name, unless what it should be called was reported as missing.
pub(super) fn report_stray(files: &Files, stray: &Stray, findings: &mut Report) {
    let original = files.shown(&stray.original);
    let name = if stray.kind == Kind::Outside { &original } else { name_of(&stray.original) };
    let is_there = files.is_there(&stray.original);
    if findings.has_errors_in(&original) && !is_there {
        return;
    }
    let source = Arc::new(Source::without_text(files.shown(&stray.at)));
    let what = match stray.kind {
        Kind::Copy(what) => what,
        Kind::Ending => "a file with another ending than .toml",
        Kind::Capitals => "a name in capital letters",
        Kind::Outside => "a page outside of the folder `pages`",
    };
    let (message, help) = if is_there {
        (
            format!("this is {what}: the site is made from {name}, not from this one"),
            format!("compare it with {original}, take over what is newer here, then delete this one"),
        )
    } else {
        (
            format!("this is {what}, so nothing reads it, and there is no {name}"),
            format!("{}, or delete it if nobody needs it", stray.mend(files, "it")),
        )
    };
    findings.add(&catalogue::STRAY_FILE, &source, 0..0, message, help);
}

/// Reports why a file, or a folder of files, was not read. Nothing of what is in it is quoted.
pub(super) fn report_unreadable(source: &Arc<Source>, why: &Unreadable, findings: &mut Report) {
    let (rule, message, help) = match why {
        Unreadable::TooLarge => (
            &catalogue::FILE_TOO_LARGE,
            format!("this file is larger than {} KiB", MAX_FILE / 1024),
            "content files hold text only; is this a picture or a document saved under the wrong name?",
        ),
        Unreadable::Outside => (
            &catalogue::OUTSIDE_LINK,
            "this is a link that leads out of the content folder".to_owned(),
            "put the file itself here in the place of the link",
        ),
        Unreadable::NotAFile(what) => (
            &catalogue::NOT_A_FILE,
            format!("this is {what}, not a file"),
            "put the file itself in its place, or take it out",
        ),
        Unreadable::Failed(reason) => (
            &catalogue::UNREADABLE_FILE,
            format!("this can't be read: {reason}"),
            "let the user that the program runs as read it: chmod a+r for a file, chmod a+rx for a folder",
        ),
        Unreadable::TooMuch => (
            &catalogue::FILE_TOO_LARGE,
            format!("the files in this folder are larger than {} MB together", MAX_ALL_MEDIA >> 20),
            "take out what no page uses, and make the largest pictures smaller: 2,000 pixels are enough",
        ),
        Unreadable::TooMany => (
            &catalogue::TOO_MANY,
            format!("there are more than {MAX_MEDIA_FILES} files in this folder"),
            "take out what no page uses",
        ),
        // Nothing asks for it.
        Unreadable::Unasked => return,
    };
    findings.add(rule, source, 0..0, message, help);
}

/// Reports bytes that are not text, and text that is not UTF-8.
fn encoding(source: &Arc<Source>, bytes: &[u8], report: &mut Report) {
    if bytes.contains(&0) {
        report.add(
            &catalogue::NOT_UTF8,
            source,
            0..1,
            "this is not a text file in UTF-8",
            "save it again as plain text with the encoding UTF-8, or restore the file from a copy",
        );
        report.mute(source, 0..usize::MAX);
    } else if let Err(error) = std::str::from_utf8(bytes) {
        let at = error.valid_up_to();
        report.add(
            &catalogue::NOT_UTF8,
            source,
            at..at + char::REPLACEMENT_CHARACTER.len_utf8(),
            "this character is not UTF-8: the file was saved in another encoding",
            "save the file again with the encoding UTF-8 (in the editor's \"Save as\" or \"Save with encoding\")",
        );
    }
}
