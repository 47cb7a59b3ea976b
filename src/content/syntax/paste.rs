//! Mistakes that come with a paste or with habit: days as people write them, and the quotes of word processors.

use super::line::Line;
use super::{Fault, QUOTES, TEXT_QUOTES, is_key};
use crate::content::leaf::quoted;
use crate::content::{catalogue, limits, meant};
use crate::diagnostic::{Edit, Help, Source};
use jiff::civil::Date;
use std::ops::Range;
use std::sync::Arc;

/// A day that is not written as one.
pub(super) fn date(source: &Arc<Source>, line: &Line<'_>, today: Option<Date>) -> Fault {
    let Line { key, value, .. } = *line;
    let value = value.split('#').next().unwrap_or_default().trim().trim_matches(QUOTES);
    let days = |joint: &&str| {
        let (first, last) = value.split_once(*joint)?;
        Some((meant::day(first)?, meant::day(last)?))
    };
    let several = [" to ", " through ", " until ", " - ", " – ", " al ", " a "].iter().find_map(days);
    let help = if let (Some((first, last)), "on") = (several, key) {
        let edit = Edit::new(source, line.trimmed(), format!("from = {first}\nto = {last}"));
        Help::exact(edit, |lines| format!("write, for the first and the last of several days:\n{lines}"))
    } else if let Some(date) = meant::date(value, matches!(key, "starts" | "ends"), today) {
        Help::exact(Edit::new(source, line.value_span(), date), |date| {
            format!("write year-month-day without quotes: {key} = {date}")
        })
    } else {
        let year = latest_year(&source.text);
        let padded = value.split(['-', '/', '.']).map(|part| format!("{part:0>2}")).collect::<Vec<_>>().join("-");
        let example = Some(format!("{year}-{padded}")).filter(|day| meant::day(day).is_some());
        let example = example.unwrap_or_else(|| match key {
            "from" => meant::example(key, today).to_string(),
            _ => format!("{year}-11-23"),
        });
        format!("write year-month-day without quotes, such as {key} = {example}").into()
    };
    Fault {
        rule: &catalogue::BAD_DATE,
        span: line.value_span(),
        message: format!("`{key}` is not a date"),
        help,
        unread: line.range.start..line.range.end + 1,
    }
}

/// The latest year that begins a date in a file.
fn latest_year(text: &str) -> &str {
    let years = text.match_indices("= 20").filter_map(|(at, _)| text.get(at + 2..at + 6));
    let years = years.filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()));
    years.max().unwrap_or("2026")
}

/// Quotes that a word processor made, on this line and on others: they come from one paste.
pub(super) fn straightened(source: &Arc<Source>, line: &Line<'_>) -> Help {
    let edit = |line: &Line<'_>| Edit::new(source, line.value_span(), quoted(line.value.trim_matches(QUOTES)));
    let others: Vec<Edit> = line.below().filter(is_curly).map(|line| edit(&line)).collect();
    let also = match others.len() {
        0 => String::new(),
        1 => "; the same on 1 more line".to_owned(),
        more => format!("; the same on {more} more lines"),
    };
    let first = edit(line);
    let words = format!("use straight quotes: write {} = {}{also}", line.key, first.text);
    Help::all(std::iter::once(first).chain(others).collect(), words)
}

/// Three quotes of which a word processor made curly ones: those around texts of several lines.
pub(super) fn curly_text(source: &Arc<Source>, line: &Line<'_>, endless: Option<usize>) -> Option<Fault> {
    let text = source.text.as_str();
    let begins = is_key(line.key)
        && line.value.starts_with(CURLY_QUOTES)
        && line.value.chars().take_while(|c| QUOTES.contains(c)).count() > 2;
    let from = if begins { line.range.start } else { endless.filter(|start| *start <= line.at)? };
    let edits: Vec<Edit> =
        threes(text, from).take(limits::MAX_ITEMS).map(|part| Edit::new(source, part, TEXT_QUOTES)).collect();
    let span = edits.first()?.span.clone();
    let places = match edits.len() {
        1 => String::new(),
        more => format!(", at {more} places"),
    };
    let words = format!("write three straight quotes instead: {TEXT_QUOTES}{places}");
    let help = Help::all(edits, words);
    Some(Fault { rule: &catalogue::SYNTAX, span, message: CURLY.to_owned(), help, unread: from..usize::MAX })
}

/// The places of three quotes in a row of which one is curly, at the beginning or the end of a text.
fn threes(text: &str, from: usize) -> impl Iterator<Item = Range<usize>> {
    let curly = text.get(from..).unwrap_or_default().char_indices().filter(|(_, c)| CURLY_QUOTES.contains(c));
    let mut end = 0;
    curly.filter_map(move |(at, _)| {
        let at = from + at;
        if at < end {
            return None;
        }
        let (head, tail) = text.split_at_checked(at)?;
        let quotes = |run: &str| run.len();
        let before = quotes(head) - quotes(head.trim_end_matches(QUOTES));
        let run: usize = tail.chars().take_while(|c| QUOTES.contains(c)).map(char::len_utf8).sum();
        let part = at - before..at + run;
        end = part.end;
        (text.get(part.clone())?.chars().count() == 3).then_some(part)
    })
}

/// What word processors make of quotes.
pub(super) const CURLY: &str = "curly quotes from a word processor";
pub(super) const OTHER_QUOTES: &str = "these signs are no straight quotes";
pub(super) const CURLY_QUOTES: &[char] =
    &['“', '”', '‘', '’', '«', '„', '`', '´', '″', '′', '＂', '＇', '‹', '‟', '‛', '‚', '〝'];

/// A list whose words have no quotes.
pub(super) fn bare_list<'m>(
    source: &Arc<Source>,
    line: &Line<'_>,
    message: &str,
) -> Option<(Range<usize>, &'m str, Help)> {
    let start = line.value_span().start;
    if !line.value.starts_with('[') || !message.contains("must be quoted") {
        return None;
    }
    let upto = line.range.end.saturating_sub(start);
    let rest = source.text.get(start..)?.get(..upto)?;
    let list = rest.get(..=rest.find(']')?)?;
    let items: Vec<&str> =
        list.trim_matches(['[', ']']).split(',').map(|item| item.trim().trim_matches(QUOTES)).collect();
    let message = "text in a list needs quotes around it";
    let span = start..start + list.len();
    if items.iter().any(|item| item.is_empty() || item.contains(QUOTES)) {
        return Some((span, message, format!("write lists like {} = [\"one\", \"two\"]", line.key).into()));
    }
    let items: Vec<String> = items.into_iter().map(quoted).collect();
    let edit = Edit::new(source, span.clone(), format!("[{}]", items.join(", ")));
    Some((span, message, Help::value(edit, line.key)))
}

/// A comma that is missing between two items of a list, each on lines of its own.
pub(super) fn comma(source: &Arc<Source>, line: &Line<'_>) -> Help {
    let words = "write lists like [\"one\", \"two\"], with a comma between the items";
    let begins = |line: &Line<'_>| line.whole().trim_start().starts_with(['{', '"', '\'']);
    let Some(above) = line.just_above().filter(|above| begins(line) && begins(above)) else { return words.into() };
    let end = above.trimmed().end;
    if !above.whole().trim_end().ends_with(['}', '"', '\'']) {
        return words.into();
    }
    let at = source.position(end).0;
    Help::exact(Edit::new(source, end..end, ","), |comma| format!("put a comma ({comma}) at the end of line {at}"))
}

/// The name of a key without what no name has: accents, spaces, pictures.
pub(super) fn plain_name(name: &str) -> String {
    const ACCENTS: [(char, char); 7] =
        [('á', 'a'), ('é', 'e'), ('í', 'i'), ('ó', 'o'), ('ú', 'u'), ('ü', 'u'), ('ñ', 'n')];
    let plain = |c: char| match ACCENTS.iter().find(|(accented, _)| *accented == c) {
        Some((_, plain)) => Some(*plain),
        None if c == ' ' => Some('_'),
        None => Some(c).filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')),
    };
    name.to_lowercase().chars().filter_map(plain).collect()
}

/// Whether a value has quotes from a word processor.
fn is_curly(line: &Line<'_>) -> bool {
    is_key(line.key) && line.value.starts_with(CURLY_QUOTES)
}

/// Whether so many lines below one have them too that it is no slip of one line, but a whole file.
pub(super) fn is_all_curly(line: &Line<'_>) -> bool {
    line.below().filter(is_curly).nth(2).is_some()
}
