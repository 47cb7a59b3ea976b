//! One content file: bytes → text → spanned tree → its shape, with every finding on the way.

use super::decode;
use super::files::{File, Files, MAX_FILE};
use super::rules;
use crate::diagnostic::{Report, Rule, Source};
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::sync::Arc;
use toml::de::DeTable;

/// A content file that was read.
#[derive(Clone, Debug)]
pub struct Document<T> {
    /// Its text, for findings of the rules across files.
    pub source: Arc<Source>,
    /// What it says.
    pub value: T,
}

/// Reads one file; `None` where it is missing. Where it has errors, which are then in the report, placeholders stand in its shape.
pub(super) fn read<T: DeserializeOwned>(files: &Files, path: &str, report: &mut Report) -> Option<Document<T>> {
    let shown = files.shown(path);
    let bytes = match files.files.get(path) {
        Some(File::Bytes(bytes)) if u64::try_from(bytes.len()).unwrap_or(u64::MAX) <= MAX_FILE => bytes,
        found => {
            let source = Arc::new(Source { path: shown, text: String::new() });
            match found {
                None => report.add(
                    &rules::MISSING_FILE,
                    &source,
                    0..0,
                    "this file is missing",
                    "create it, or copy it from the content folder that comes with the program",
                ),
                Some(_) => report.add(
                    &rules::FILE_TOO_LARGE,
                    &source,
                    0..0,
                    format!("this file is larger than {} KiB", MAX_FILE / 1024),
                    "content files hold text only; is this a picture or a document saved under the wrong name?",
                ),
            }
            return None;
        }
    };
    let text = String::from_utf8_lossy(bytes).into_owned();
    let source = Arc::new(Source { path: shown, text });
    if let Err(error) = std::str::from_utf8(bytes) {
        let at = error.valid_up_to();
        report.add(
            &rules::NOT_UTF8,
            &source,
            at..at + char::REPLACEMENT_CHARACTER.len_utf8(),
            "this character is not UTF-8: the file was saved in another encoding",
            "save the file again with the encoding UTF-8 (in the editor's \"Save as\" or \"Save with encoding\")",
        );
    }
    let (tree, errors) = DeTable::parse_recoverable(&source.text);
    // What could not be parsed may hold the missing keys, so those are not told.
    let whole = errors.is_empty();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let (rule, message, help) = syntax(&source, &span, error.message());
        report.add(rule, &source, span, message, help);
    }
    let value = decode::decode(&tree, &source, whole, report)?;
    Some(Document { source, value })
}

/// Says a syntax error of the TOML parser in words for people who don't know TOML.
fn syntax(source: &Source, span: &Range<usize>, message: &str) -> (&'static Rule, String, String) {
    let (line_start, line_end) = line_around(&source.text, span.start);
    let line = source.text.get(line_start..line_end).unwrap_or_default();
    let value = line.split_once('=').map_or("", |(_, value)| value).trim();
    let key = line.split_once('=').map_or("", |(key, _)| key).trim();
    let say = |message: &str, help: String| (&rules::SYNTAX, message.to_owned(), help);
    if message.starts_with("duplicate key") {
        return (
            &rules::DUPLICATE_KEY,
            format!("`{}` is here for the second time", key_at(&source.text, span)),
            "keep one of the two lines and delete the other".into(),
        );
    }
    if value.starts_with(['“', '”', '‘', '’', '«', '„']) {
        let inner = value.trim_matches(['“', '”', '‘', '’', '«', '»', '„', '"', '\'']);
        return say(
            "curly quotes from a word processor",
            format!("use the straight quote of the keyboard: {key} = \"{inner}\""),
        );
    }
    if message.contains("must be quoted") {
        let inner = value.trim_end_matches('"');
        return match inner {
            "yes" | "no" | "Yes" | "No" | "on" | "off" | "True" | "False" | "TRUE" | "FALSE" => {
                say("this is not a value", "write `true` or `false`, in small letters and without quotes".into())
            }
            _ => say("text needs quotes around it", format!("write {key} = \"{}\"", inner.replace('"', "\\\""))),
        };
    }
    if message.contains("multi-line basic string") {
        return say(
            "a text that starts with three quotes never ends",
            "put three quotes (\"\"\") on a line of their own behind the text".into(),
        );
    }
    if message.contains("invalid basic string") || message.contains("invalid literal string") {
        let inner = value.trim_matches(['"', '\'', '”', '“']);
        return say("the closing quote is missing on this line", format!("write {key} = \"{inner}\""));
    }
    if message.contains("leading zero") {
        let digits = value.trim_start_matches('0');
        return say(
            "a number can't start with a zero",
            format!("write {digits}, or \"{value}\" in quotes if it is text"),
        );
    }
    if message.contains("escape") {
        return say(
            "a backslash has a special meaning in text",
            "write it twice (\\\\), or put the text in single quotes instead: 'C:\\folder'".into(),
        );
    }
    if message.contains("date")
        || message.contains("month")
        || message.contains("day between")
        || looks_like_a_date(value)
    {
        return (
            &rules::BAD_DATE,
            "this is not a date".into(),
            format!(
                "write year-month-day without quotes, such as {} = 2026-11-23",
                if key.is_empty() { "day" } else { key }
            ),
        );
    }
    if message.contains("unclosed array table") || message.contains("unclosed table") {
        return say(
            "a square bracket is missing",
            "write [[sections]] for an item of a list, or [name] for a group of keys".into(),
        );
    }
    if message.contains("array") {
        return say(
            "a list is not closed, or a comma is missing in it",
            "write lists like [\"one\", \"two\"], with a comma between the items and ] at the end".into(),
        );
    }
    if message.contains("key with no value") {
        return say("this line has no equals sign", "write key = \"text\"; a remark starts with #".into());
    }
    if message.contains("unexpected key or value") {
        return say(
            "something stands behind the end of the value",
            "a quote inside a text is written \\\"; a remark starts with #; each key starts a new line".into(),
        );
    }
    let (what, wanted) = message.split_once(", expected ").unwrap_or((message, ""));
    let help = if wanted.is_empty() {
        "compare the line with those around it".to_owned()
    } else {
        format!("expected {wanted}")
    };
    say(what, help)
}

fn line_around(text: &str, at: usize) -> (usize, usize) {
    let at = at.min(text.len());
    let start = text.get(..at).and_then(|head| head.rfind('\n')).map_or(0, |at| at + 1);
    let end = text.get(at..).and_then(|tail| tail.find('\n')).map_or(text.len(), |found| at + found);
    (start, end)
}

fn key_at<'a>(text: &'a str, span: &Range<usize>) -> &'a str {
    text.get(span.clone()).unwrap_or_default().trim()
}

fn looks_like_a_date(value: &str) -> bool {
    let parts: Vec<_> = value.split(['.', '-', '/']).collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
