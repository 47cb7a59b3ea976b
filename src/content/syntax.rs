//! TOML's syntax errors in words for people who don't know TOML, at the place where the mistake was made: the parser often notices it only
//! lines later.

mod line;
mod paste;
mod texts;

use super::decode::{PARTS, headers, truth};
use super::leaf::quoted;
use super::{catalogue, limits, meant};
use crate::diagnostic::{Edit, Help, Report, Rule, Severity, Source};
use jiff::civil::Date;
use line::{Line, endless_text};
use paste::{CURLY, CURLY_QUOTES, OTHER_QUOTES, curly_text, date, is_all_curly, straightened};
use std::ops::Range;
use std::sync::Arc;
use toml::de::Error;

/// What a syntax error means.
struct Fault {
    rule: &'static Rule,
    span: Range<usize>,
    message: String,
    help: Help,
    /// What could not be read because of it: findings in this part would only be its echo.
    unread: Range<usize>,
}

/// Reports the syntax errors of a file. Returns whether all of it could be read nevertheless.
pub(super) fn report_errors(source: &Arc<Source>, errors: &[Error], today: Option<Date>, report: &mut Report) -> bool {
    let (mut complete, mut curly) = (true, false);
    let place = |error: &Error| error.span().unwrap_or(0..0);
    let (explained, others) = errors.split_at_checked(limits::MAX_EXPLAINED).unwrap_or((errors, &[]));
    // The parser doesn't report them in order.
    let mut explained: Vec<&Error> = explained.iter().collect();
    explained.sort_by_key(|error| Line::at(&source.text, place(error).start).range.start);
    let endless = if errors.is_empty() { None } else { endless_text(&source.text) };
    for error in explained {
        let start = place(error).start;
        let fault = explain(source, place(error), error.message(), endless, today);
        complete &= fault.unread.is_empty();
        // An error that the one before has hidden has no part of its own.
        if report.is_unread(source, start) {
            continue;
        }
        // The first of those names the others.
        if fault.message != CURLY || !curly {
            curly |= fault.message == CURLY;
            report.add(fault.rule, source, fault.span, fault.message, fault.help);
        }
        report.mute(source, fault.unread);
    }
    let others = others.iter().filter(|error| !report.is_unread(source, place(error).start)).count();
    report.count_more(Severity::Error, source, others);
    complete && others == 0
}

/// How far above what it has swallowed the opening of a list is looked for.
const MOST_LINES_OF_A_LIST: usize = 200;

/// Says what an error of the parser means. `span` is where the parser stopped, `endless` where a text starts that never ends.
fn explain(
    source: &Arc<Source>,
    span: Range<usize>,
    message: &str,
    endless: Option<usize>,
    today: Option<Date>,
) -> Fault {
    let text = source.text.as_str();
    let line = Line::at(text, span.start);
    let fault = |span: Range<usize>, message: &str, help: Help| Fault {
        rule: &catalogue::SYNTAX,
        span,
        message: message.to_owned(),
        help,
        unread: line.range.start..line.range.end + 1,
    };
    let rest_from = |start: usize| start..usize::MAX;
    if message.contains("carriage return") {
        let help = "save the file again with the line ends of Windows (CRLF) or Linux (LF)";
        return Fault {
            unread: rest_from(0),
            ..fault(span, "the lines of this file end as on old computers", help.into())
        };
    }
    if let Some(fault) = curly_text(source, &line, endless).or_else(|| texts::endless(source, &line, endless)) {
        return fault;
    }
    if let Some(fault) = header(source, &line, message) {
        return fault;
    }
    if message.starts_with("duplicate key") {
        return duplicate(&line, span);
    }
    // What begins something of its own is in a list only because the list above it never ends.
    let swallowed = message.contains("array") && line.begins_something();
    let opened =
        || std::iter::successors(line.above(), Line::above).take(MOST_LINES_OF_A_LIST).find_map(|it| it.open_bracket());
    let opened = || if swallowed { opened() } else { line.above()?.open_bracket() };
    if let Some(start) = line.open_bracket().or_else(opened) {
        let line = Line::at(text, start);
        if line.whole().matches('"').count() % 2 == 1 {
            let help = "each text has a quote before it and a quote behind it";
            let missing = fault(line.value_span(), "a quote is missing on this line", help.into());
            return Fault { unread: rest_from(start), ..missing };
        }
        let closing = if text.get(start..).is_some_and(|rest| rest.starts_with('{')) { '}' } else { ']' };
        let words = format!("write {closing} at the end, or look for a comma or a quote that is missing in it");
        // On a line of its own, what it opens ends with the line.
        let alone = line.below().next().is_none_or(|next| next.begins_something() || next.whole().trim().is_empty());
        let end = line.trimmed().end;
        let help = if alone
            && !line.whole().trim_end().ends_with(',')
            && text.get(start + 1..end).is_some_and(|it| !it.is_empty())
        {
            Help::all(vec![Edit::new(source, end..end, closing)], words)
        } else {
            words.into()
        };
        return Fault {
            unread: rest_from(start),
            ..fault(start..start + 1, "what this bracket opens never ends", help)
        };
    }
    if let Some(fault) = texts::of_several_lines(source, &line) {
        return fault;
    }
    // These two are addresses in redirects.toml, which are no part of a fact.
    let of_a_fact = line.whole().trim_start().starts_with("next") && line.key == "from";
    let like_a_date =
        !matches!(line.key, "from" | "to") || of_a_fact || line.value.starts_with(|c: char| c.is_ascii_digit());
    // An event ends at a time of its day.
    let like_a_time = line.key == "ends" && meant::time(line.value).is_some();
    if is_date_key(line.key) && like_a_date && !like_a_time {
        return date(source, &line, today);
    }
    let (span, message, help) = on_one_line(source, &line, span, message);
    let unread = match message {
        // Lines of a text whose quotes are lost: one cause.
        CURLY if is_all_curly(&line) => line.range.start..usize::MAX,
        NO_PAIR => {
            line.range.start..line.below().find(Line::begins_something).map_or(usize::MAX, |next| next.range.start)
        }
        _ => line.range.start..line.range.end + 1,
    };
    Fault { unread, ..fault(span, message, help) }
}

/// A line in brackets that lacks one of them, or has one pair where the others of its name have two.
fn header(source: &Arc<Source>, line: &Line<'_>, message: &str) -> Option<Fault> {
    let name = line.header()?;
    let list = format!("[[{name}]]");
    let is_list = source.text.lines().any(|line| line.trim() == list);
    let written = line.whole().trim();
    let meant = match written {
        _ if is_list => list.clone(),
        _ if PARTS.contains(&name) && !source.path.ends_with("ui.toml") => list.clone(),
        _ if message.contains("unclosed array table") || written.starts_with("[[") || written.ends_with("]]") => {
            list.clone()
        }
        _ => format!("[{name}]"),
    };
    let is_again = message.starts_with("duplicate key");
    if is_again
        && written == format!("[{name}]")
        && !is_list
        && PARTS.contains(&name)
        && !source.path.ends_with("ui.toml")
    {
        // All of its items begin so: the parser takes the second for the same group.
        let edits: Vec<Edit> =
            headers(&source.text, written).map(|span| Edit::new(source, span, list.clone())).collect();
        let span = edits.first().map_or_else(|| line.trimmed(), |edit| edit.span.clone());
        let words = format!("write {list} in place of each line {written}");
        let message = format!("`{name}` is a list, so its items are written with two brackets");
        let (rule, help) = (&catalogue::WRONG_TYPE, Help::all(edits, words));
        return Some(Fault { rule, span, message, help, unread: line.range.start..usize::MAX });
    }
    if written == meant {
        // The first of that name may be the one that has a pair too few.
        let first =
            (is_list && message.starts_with("duplicate key")).then(|| source.text.find(&format!("\n[{name}]")))?? + 1;
        let span = first..first + name.len() + 2;
        let help = Help::write(Edit::new(source, span.clone(), meant));
        let message = format!("`{name}` is a list, so its items are written with two brackets");
        return Some(Fault { rule: &catalogue::WRONG_TYPE, span, message, help, unread: line.range.start..usize::MAX });
    }
    let one_pair = format!("[{name}]");
    let single = written == one_pair;
    let (rule, message) = if single {
        (&catalogue::WRONG_TYPE, format!("`{name}` is a list, so its items are written with two brackets"))
    } else {
        let odd = written.contains(['{', '(', '<', ' ']);
        (
            &catalogue::SYNTAX,
            if odd { "a part begins with a line in square brackets" } else { "a square bracket is missing" }.to_owned(),
        )
    };
    // Taken for a group of keys, it makes errors of all parts of that name that follow.
    let taken = is_list && written.starts_with('[') && !written.starts_with("[[");
    let next = if taken { usize::MAX } else { line.next_part() };
    let help = Help::write(Edit::new(source, line.trimmed(), meant));
    // The keys of a list's item that was taken for a group are read as they are.
    let unread = if single { 0..0 } else { line.range.start..next };
    Some(Fault { rule, span: line.trimmed(), message, help, unread })
}

/// A key that is there twice: the line that begins a new part was lost above it, or the line was doubled.
fn duplicate(line: &Line<'_>, span: Range<usize>) -> Fault {
    let key = line.text.get(span.clone()).unwrap_or_default().trim();
    // A key that is the first of another part begins one here too.
    if line.header().is_some() && line.whole().trim_start().starts_with('[') {
        let header = line.whole().trim();
        let help = format!(
            "keep one of the two parts, and delete the other: from its line {header} down to the next line in brackets"
        );
        let message = format!("`{key}` is here for the second time");
        let unread = line.range.end..line.next_part();
        return Fault { rule: &catalogue::DUPLICATE_KEY, span, message, help: help.into(), unread };
    }
    let begins = ["]\n", "]\r\n"].iter().any(|end| line.text.contains(&format!("{end}{key} =")));
    let part = line.text.lines().map(str::trim).find(|line| line.starts_with("[[")).unwrap_or("[[sections]]");
    let help = if begins {
        format!(
            "write the line in brackets above it that begins a new part, such as {part}; or keep one of the two lines and delete the other"
        )
    } else {
        format!("keep one of the two lines and delete the other; a new part starts with a line such as {part}")
    };
    let unread = if begins { line.range.start..line.next_part() } else { 0..0 };
    let message = format!("`{key}` is here for the second time");
    Fault { rule: &catalogue::DUPLICATE_KEY, span, message, help: help.into(), unread }
}

/// Lines that are no pair of a key and a value.
const NO_PAIR: &str = "this line has no equals sign";

/// The place, the message and the help for a mistake that stays on its line.
fn on_one_line<'m>(
    source: &Arc<Source>,
    line: &Line<'_>,
    span: Range<usize>,
    message: &'m str,
) -> (Range<usize>, &'m str, Help) {
    let (key, value) = (line.key, line.value);
    let write = |value: String| Help::value(Edit::new(source, line.value_span(), value), key);
    // The value in quotes of its own, whatever quotes it has now.
    let inner = value.trim_matches(QUOTES);
    let in_quotes = || write(if inner.contains('\\') { format!("'{inner}'") } else { quoted(inner) });
    if let Some(odd) = line.text.get(line.at..).and_then(|rest| rest.chars().next()).filter(|c| is_invisible(*c)) {
        let words = "delete the spaces here and type them again; copied text can bring special ones along";
        let plain = if odd.is_whitespace() { " " } else { "" };
        let all = line.whole().char_indices().filter(|(_, c)| is_invisible(*c));
        let edits = all.map(|(at, c)| {
            let at = line.range.start + at;
            Edit::new(source, at..at + c.len_utf8(), plain)
        });
        return (span, "a character that can't be seen", Help::all(edits.collect(), words));
    }
    if value.starts_with(CURLY_QUOTES) {
        let is_curly = value.starts_with(['“', '”', '‘', '’', '«', '„']);
        return (line.value_span(), if is_curly { CURLY } else { OTHER_QUOTES }, straightened(source, line));
    }
    if message.contains("max recursion depth") {
        return (span, "too many brackets are within others here", "lists hold words: [\"one\", \"two\"]".into());
    }
    let is_number = ["date", "time", "boolean", "integer", "float", "number"].iter().any(|kind| message.contains(kind));
    let unquoted = message.contains("must be quoted") || is_number && !value.starts_with(QUOTES);
    if unquoted && value.is_empty() {
        let help = format!("write {key} = \"…\", or delete the line if the key is optional");
        return (span, "this key has no value", help.into());
    }
    if let Some(list) = paste::bare_list(source, line, message) {
        return list;
    }
    if let Some(truth) = truth(inner).filter(|_| unquoted) {
        return (line.value_span(), "this is not a value", write(truth.to_owned()));
    }
    if !value.starts_with(['[', '{', '"', '\'']) && value.ends_with([']', '}']) && value.contains(',') && is_key(key) {
        let open = if value.ends_with(']') { '[' } else { '{' };
        return (line.value_span(), "the bracket at the beginning is missing", write(format!("{open}{value}")));
    }
    if value.starts_with('"') && value.ends_with(']') && !value.contains('[') && is_key(key) {
        return (line.value_span(), "the bracket at the beginning is missing", write(format!("[{value}")));
    }
    if message.contains("leading zero") && matches!(key, "order" | "pages" | "looks" | "findings") {
        return (span, "a number can't start with a zero", write(value.trim_start_matches('0').to_owned()));
    }
    if message.contains("leading zero") || unquoted && !value.starts_with(['[', '{']) {
        let time = matches!(key, "opens" | "closes" | "begins" | "ends").then(|| meant::time(value)).flatten();
        return match time {
            Some(time) => (line.value_span(), "text needs quotes around it", write(quoted(&time))),
            None => (line.value_span(), "text needs quotes around it", in_quotes()),
        };
    }
    if message.contains("missing opening quote") {
        return (span, "the opening quote is missing", in_quotes());
    }
    if message.contains("escape") || message.contains("unicode") || message.contains("hexadecimal") {
        let words = "write it twice: \\\\";
        let all = line.whole().match_indices('\\').map(|(at, _)| line.range.start + at..line.range.start + at + 1);
        let edits: Vec<_> = all.map(|at| Edit::new(source, at, "\\\\")).collect();
        let doubled = line.whole().contains("\\\\");
        let help = if doubled { words.into() } else { Help::all(edits, words) };
        return (span, "a backslash has a special meaning in text", help);
    }
    if message.contains("invalid basic string") || message.contains("invalid literal string") {
        let help = if inner.is_empty() {
            "a text of several lines starts with three quotes (\"\"\") and ends with three".into()
        } else {
            in_quotes()
        };
        return (span, "the closing quote is missing on this line", help);
    }
    if message.contains("array") {
        return (span, "a comma is missing in this list, or there is one too many", paste::comma(source, line));
    }
    if message.contains("key with no value") || message.contains("invalid unquoted key") {
        return no_pair(source, line, span);
    }
    let is_figure =
        value.contains(',') && value.trim_end_matches('%').bytes().all(|c| c.is_ascii_digit() || b",.".contains(&c));
    if is_figure && is_key(key) && !value.ends_with(',') {
        return (line.value_span(), "text needs quotes around it", in_quotes());
    }
    if message.contains("unexpected key or value") {
        // Two quotes around it and more within: the first of those within ended the text.
        return if inner.len() + 2 == value.len() && value.ends_with(QUOTES) {
            (span, "a quote inside the text ends it too early", in_quotes())
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
fn no_pair(source: &Arc<Source>, line: &Line<'_>, span: Range<usize>) -> (Range<usize>, &'static str, Help) {
    let whole = line.whole().trim();
    if whole.starts_with("//") || whole.starts_with("--") || whole.starts_with(';') {
        let remark = format!("# {}", whole.trim_start_matches(['/', '-', ';']).trim_start());
        let edit = Edit::new(source, line.trimmed(), remark);
        let help = Help::exact(edit, |remark| format!("a remark starts with #: write {remark}"));
        return (span, "this line is no key", help);
    }
    let wide = whole.split_once(['＝', '：', '﹦', '＿']);
    let in_its_place = whole.split_once(':').or(wide).filter(|(key, _)| is_key(key.trim()));
    let missing = || {
        whole
            .split_once([' ', '\t'])
            .filter(|(key, value)| is_key(key) && value.trim().starts_with('"') && value.trim().ends_with('"'))
    };
    if let Some((key, value)) = in_its_place.or_else(missing) {
        let pair = format!("{} = {}", key.trim(), value.trim());
        let message = match whole.get(key.len()..).unwrap_or_default().chars().next() {
            Some(':') => "there is a colon in place of the equals sign",
            Some(' ' | '\t') if in_its_place.is_none() => "the equals sign is missing",
            _ => "there is another sign in place of the equals sign",
        };
        return (span, message, Help::write(Edit::new(source, line.trimmed(), pair)));
    }
    if whole.contains('=') {
        let help = format!("write {} = …, with small letters, digits and _", paste::plain_name(line.key));
        return (span, "the name of a key is one word", help.into());
    }
    if line.range.end == line.text.len() {
        let help = "was the file saved or copied only in part? Write the rest of it, or restore it from a copy";
        return (span, "the file ends in the middle of a line", help.into());
    }
    let help = "write key = \"text\"; a remark starts with #; a text of several lines is between three quotes (\"\"\")";
    (span, NO_PAIR, help.into())
}

/// What a text of several lines starts and ends with.
const TEXT_QUOTES: &str = "\"\"\"";

/// The quotes that a value can be in: straight and curly ones, and what is typed in their place.
const QUOTES: &[char] = &[
    '"', '\'', '“', '”', '‘', '’', '«', '»', '„', '`', '´', '″', '′', '＂', '＇', '‹', '›', '‟', '‛', '‚', '〝', '〞',
];

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Spaces and marks that look like nothing or like a plain space, and control characters.
fn is_invisible(c: char) -> bool {
    (c.is_whitespace() && !c.is_ascii())
        || (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Whether a key's value is a date: `verified_on`, `last_reviewed`, `ends`.
fn is_date_key(key: &str) -> bool {
    key.ends_with("_on")
        || matches!(key, "last_reviewed" | "next_review" | "on" | "from" | "to" | "starts" | "ends" | "day" | "until")
}
