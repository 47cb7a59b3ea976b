//! TOML's syntax errors in words for people who don't know TOML, at the place where the mistake was made: the parser often notices it only
//! lines later.

use super::{catalogue, limits};
use crate::diagnostic::{Report, Rule, Severity, Source};
use jiff::civil::Date;
use std::ops::Range;
use std::sync::Arc;
use toml::de::Error;

/// What a syntax error means.
struct Fault {
    rule: &'static Rule,
    span: Range<usize>,
    message: String,
    help: String,
    /// What could not be read because of it: findings in this part would only be its echo.
    unread: Range<usize>,
}

/// Reports the syntax errors of a file. Returns whether all of it could be read nevertheless.
pub(super) fn report_errors(source: &Arc<Source>, errors: &[Error], report: &mut Report) -> bool {
    let mut complete = true;
    let place = |error: &Error| error.span().unwrap_or(0..0);
    let (explained, others) = errors.split_at_checked(limits::MAX_EXPLAINED).unwrap_or((errors, &[]));
    let endless = if errors.is_empty() { None } else { endless_text(&source.text) };
    for error in explained {
        let fault = explain(source, place(error), error.message(), endless);
        complete &= fault.unread.is_empty();
        report.add(fault.rule, source, fault.span, fault.message, fault.help);
        report.mute(source, fault.unread);
    }
    let others = others.iter().filter(|error| !report.is_unread(source, place(error).start)).count();
    report.count_more(Severity::Error, source, others);
    complete && others == 0
}

/// How far around an error its line is looked at, in bytes: a line can be a megabyte long.
const LINE: usize = 2_048;

/// How many lines above an error are looked at.
const ABOVE: usize = 500;

/// The line of an error, and the key and value on it.
struct Line<'t> {
    text: &'t str,
    range: Range<usize>,
    /// Where the parser stopped.
    at: usize,
    key: &'t str,
    value: &'t str,
}

impl<'t> Line<'t> {
    fn at(text: &'t str, at: usize) -> Self {
        let at = text.floor_char_boundary(at);
        let (from, to) = (text.floor_char_boundary(at.saturating_sub(LINE)), text.ceil_char_boundary(at + LINE));
        let start = text.get(from..at).and_then(|head| head.rfind('\n')).map_or(from, |found| from + found + 1);
        let end = text.get(at..to).and_then(|tail| tail.find('\n')).map_or(to, |found| at + found);
        let whole = text.get(start..end).unwrap_or_default();
        let mut pair = whole;
        // Of an inline table, the pair that the error is in.
        if let Some((_, inner)) = whole.split_once('=').filter(|(_, value)| value.trim_start().starts_with('{')) {
            let inner_start = end - inner.len();
            let before = text.get(inner_start..at).unwrap_or_default();
            let from = before.rfind(['{', ',']).map_or(start, |found| inner_start + found + 1);
            let rest = text.get(from..end).unwrap_or_default();
            pair = rest.split([',', '}']).next().unwrap_or_default();
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        Self { text, range: start..end, at, key: key.trim(), value: value.trim() }
    }

    fn whole(&self) -> &'t str {
        self.text.get(self.range.clone()).unwrap_or_default()
    }

    /// The place of the value, or where the parser stopped if there is none.
    fn value_span(&self) -> Range<usize> {
        let found = self.whole().find(self.value).filter(|_| !self.value.is_empty());
        found.map_or(self.at..self.at, |at| self.range.start + at..self.range.start + at + self.value.len())
    }

    /// The line above that isn't empty, a remark or an item of a list.
    fn above(&self) -> Option<Self> {
        let mut end = self.range.start.checked_sub(1)?;
        for _ in 0..ABOVE {
            let line = Self::at(self.text, end);
            let first = line.whole().trim_start().chars().next();
            if !matches!(first, None | Some('#' | '{' | '"' | '\'')) {
                return Some(line);
            }
            end = line.range.start.checked_sub(1)?;
        }
        None
    }

    /// The place of the value's bracket, if the line opens one and doesn't close it.
    fn open_bracket(&self) -> Option<usize> {
        let (_, value) = self.whole().split_once('=')?;
        let value = value.trim();
        if !value.starts_with(['[', '{']) {
            return None;
        }
        let mut quote = None;
        let mut depth = 0_i32;
        for c in value.chars() {
            match (quote, c) {
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), _) if open == c => quote = None,
                (None, '[' | '{') => depth += 1,
                (None, ']' | '}') => depth -= 1,
                (None, '#') => break,
                _ => {}
            }
        }
        (depth > 0).then(|| self.range.start + self.whole().find(value).unwrap_or_default())
    }
}

/// Says what an error of the parser means. `span` is where the parser stopped, `endless` where a text starts that never ends.
fn explain(source: &Source, span: Range<usize>, message: &str, endless: Option<usize>) -> Fault {
    let text = source.text.as_str();
    let line = Line::at(text, span.start);
    let rest_from = |start: usize| start..usize::MAX;
    let fault = |span: Range<usize>, message: &str, help: String| Fault {
        rule: &catalogue::SYNTAX,
        span,
        message: message.to_owned(),
        help,
        unread: line.range.start..line.range.end + 1,
    };
    if let Some(name) = single_header(&line).filter(|name| text.contains(&format!("[[{name}]]"))) {
        let header = line.range.start..line.range.start + line.whole().trim_end().len();
        return Fault {
            rule: &catalogue::WRONG_TYPE,
            unread: 0..0,
            ..fault(
                header,
                &format!("`{name}` is a list, so its items are written with two brackets"),
                format!("write [[{name}]]"),
            )
        };
    }
    if message.starts_with("duplicate key") {
        let key = text.get(span.clone()).unwrap_or_default().trim();
        return Fault {
            rule: &catalogue::DUPLICATE_KEY,
            message: format!("`{key}` is here for the second time"),
            help: "keep one of the two lines and delete the other; a new part starts with a line such as [[sections]]"
                .into(),
            unread: 0..0,
            span,
        };
    }
    if message.contains("carriage return") {
        let help = "save the file again with the line ends of Windows (CRLF) or Linux (LF)";
        return Fault {
            unread: rest_from(0),
            ..fault(span, "the lines of this file end as on old computers", help.into())
        };
    }
    if let Some(start) = endless.filter(|start| *start <= span.start) {
        let help = "put three quotes (\"\"\") behind the last word of the text";
        let fault =
            fault(start..start + TEXT_QUOTES.len(), "a text that starts with three quotes never ends", help.into());
        return Fault { unread: rest_from(start), ..fault };
    }
    if let Some(start) = line.open_bracket().or_else(|| line.above()?.open_bracket()) {
        let line = Line::at(text, start);
        if line.whole().matches('"').count() % 2 == 1 {
            let help = "each text has a quote before it and a quote behind it".to_owned();
            return fault(line.value_span(), "a quote is missing on this line", help);
        }
        let closing = if text.get(start..).is_some_and(|rest| rest.starts_with('{')) { '}' } else { ']' };
        let help = format!("write {closing} at the end, or look for a comma or a quote that is missing in it");
        return Fault {
            unread: rest_from(start),
            ..fault(start..start + 1, "what this bracket opens never ends", help)
        };
    }
    if message.contains("unclosed array table") || message.contains("unclosed table") {
        let name = line.whole().trim().trim_matches(['[', ']']);
        let help = format!("write [[{name}]] for an item of a list, or [{name}] for a group of keys");
        let next =
            text.get(line.range.end..).and_then(|rest| rest.find("\n[")).map_or(usize::MAX, |at| line.range.end + at);
        return Fault { unread: line.range.start..next, ..fault(span, "a square bracket is missing", help) };
    }
    if is_date_key(line.key) && line.value.parse::<Date>().is_err() || looks_like_a_date(line.value) {
        let key = if line.key.is_empty() { "day" } else { line.key };
        let help = format!("write year-month-day without quotes, such as {key} = 2026-11-23");
        return Fault { rule: &catalogue::BAD_DATE, ..fault(line.value_span(), "this is not a date", help) };
    }
    let (span, message, help) = on_one_line(&line, span, message);
    fault(span, message, help)
}

/// The name in a line such as `[name]`, in one pair of brackets.
fn single_header<'t>(line: &Line<'t>) -> Option<&'t str> {
    let name = line.whole().trim().strip_prefix('[')?.strip_suffix(']')?;
    (!name.is_empty() && !name.starts_with('[')).then_some(name)
}

/// Where the first text in three quotes starts that has no end of its own: the quotes behind it open the next text.
fn endless_text(text: &str) -> Option<usize> {
    let next = |from: usize| text.get(from..)?.find(TEXT_QUOTES).map(|found| from + found);
    let mut start = next(0)?;
    loop {
        let end = next(start + TEXT_QUOTES.len());
        match end.filter(|end| Line::at(text, *end).value != TEXT_QUOTES) {
            Some(end) => start = next(end + TEXT_QUOTES.len())?,
            None => return Some(start),
        }
    }
}

/// The place, the message and the help for a mistake that stays on its line.
fn on_one_line<'m>(line: &Line<'_>, span: Range<usize>, message: &'m str) -> (Range<usize>, &'m str, String) {
    let (key, value) = (line.key, line.value);
    // The value in quotes of its own, whatever quotes it has now.
    let inner = value.trim_matches(QUOTES);
    let quoted = format!("write {key} = \"{}\"", inner.replace('"', "\\\""));
    if line.text.get(line.at..).and_then(|rest| rest.chars().next()).is_some_and(is_invisible) {
        let help = "delete the spaces here and type them again; copied text can bring special ones along".into();
        return (span, "a character that can't be seen", help);
    }
    if value.starts_with(['“', '”', '‘', '’', '«', '„']) {
        return (line.value_span(), "curly quotes from a word processor", format!("use straight quotes: {quoted}"));
    }
    if message.contains("max recursion depth") {
        return (span, "too many brackets are within others here", "lists hold words: [\"one\", \"two\"]".into());
    }
    if message.contains("must be quoted") && value.is_empty() {
        let help = format!("write {key} = \"…\", or delete the line if the key is optional");
        return (span, "this key has no value", help);
    }
    if message.contains("must be quoted") {
        return match inner {
            "yes" | "no" | "Yes" | "No" | "on" | "off" | "True" | "False" | "TRUE" | "FALSE" => {
                (span, "this is not a value", "write `true` or `false`, in small letters and without quotes".into())
            }
            _ if value.starts_with('[') => {
                (span, "text in a list needs quotes around it", format!("write lists like {key} = [\"one\", \"two\"]"))
            }
            _ => (span, "text needs quotes around it", quoted),
        };
    }
    if message.contains("missing opening quote") {
        return (span, "the opening quote is missing", quoted);
    }
    if message.contains("invalid basic string") || message.contains("invalid literal string") {
        let help = if inner.is_empty() {
            "a text of several lines starts with three quotes (\"\"\") and ends with three".into()
        } else {
            quoted
        };
        return (span, "the closing quote is missing on this line", help);
    }
    if message.contains("leading zero") {
        let help = format!("write {key} = {}, or {key} = \"{value}\" if it is text", value.trim_start_matches('0'));
        return (span, "a number can't start with a zero", help);
    }
    if message.contains("escape") {
        let help = "write it twice (\\\\), or put the text in single quotes instead: 'C:\\folder'".into();
        return (span, "a backslash has a special meaning in text", help);
    }
    if message.contains("array") {
        let help = "write lists like [\"one\", \"two\"], with a comma between the items".into();
        return (span, "a comma is missing in this list, or there is one too many", help);
    }
    if message.contains("key with no value") || message.contains("invalid unquoted key") {
        return no_pair(line, span);
    }
    if message.contains("unexpected key or value") {
        // Two quotes around it and more within: the first of those within ended the text.
        return if inner.len() + 2 == value.len() && value.ends_with(QUOTES) {
            (span, "a quote inside the text ends it too early", quoted)
        } else {
            (span, "there is something after the end of the value", "delete it; a remark starts with #".into())
        };
    }
    (
        span,
        message.split(", expected ").next().unwrap_or(message),
        "write key = \"text\", as on the lines around it".into(),
    )
}

/// A line that is no pair of a key and a value.
fn no_pair(line: &Line<'_>, span: Range<usize>) -> (Range<usize>, &'static str, String) {
    let whole = line.whole().trim();
    if whole.starts_with("//") || whole.starts_with("--") || whole.starts_with(';') {
        return (span, "this line is no key", "a remark starts with #".into());
    }
    if let Some((key, value)) = whole.split_once(':').filter(|(key, _)| is_key(key)) {
        let help = format!("write {key} = {}", value.trim());
        return (span, "there is a colon in place of the equals sign", help);
    }
    if whole.contains('=') {
        let help = format!("write {} = …, with small letters, digits and _", line.key.replace(' ', "_"));
        return (span, "the name of a key is one word", help);
    }
    let help = "write key = \"text\"; a remark starts with #; a text of several lines is between three quotes (\"\"\")";
    (span, "this line has no equals sign", help.into())
}

/// What a text of several lines starts and ends with.
const TEXT_QUOTES: &str = "\"\"\"";

/// The quotes that a value can be in, straight and curly.
const QUOTES: &[char] = &['"', '\'', '“', '”', '‘', '’', '«', '»', '„'];

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Spaces and marks that look like nothing or like a plain space, and control characters.
fn is_invisible(c: char) -> bool {
    (c.is_whitespace() && !c.is_ascii())
        || (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Whether a key's value is a date: `verified_on`, `last_reviewed`.
fn is_date_key(key: &str) -> bool {
    key.ends_with("_on") || matches!(key, "last_reviewed" | "next_review")
}

fn looks_like_a_date(value: &str) -> bool {
    let parts: Vec<_> = value.split(['.', '-', '/']).collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
