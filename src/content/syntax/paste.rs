//! Mistakes that come with a paste or with habit: days as people write them, and the quotes of word processors.

use super::line::Line;
use super::{Fault, QUOTES, is_key};
use crate::content::leaf::quoted;
use crate::content::{catalogue, meant};
use crate::diagnostic::{Edit, Help, Source};
use std::sync::Arc;

/// A day that is not written as one.
pub(super) fn date(source: &Arc<Source>, line: &Line<'_>) -> Fault {
    let Line { key, value, .. } = *line;
    let value = value.split('#').next().unwrap_or_default().trim().trim_matches(QUOTES);
    let help = if let Some(date) = meant::date(value, matches!(key, "starts" | "ends")) {
        Help::exact(Edit::new(source, line.value_span(), date), |date| {
            format!("write year-month-day without quotes: {key} = {date}")
        })
    } else {
        let year = latest_year(&source.text);
        let padded = value.split(['-', '/', '.']).map(|part| format!("{part:0>2}")).collect::<Vec<_>>().join("-");
        let example = Some(format!("{year}-{padded}")).filter(|day| meant::day(day).is_some());
        let example = example.unwrap_or_else(|| format!("{year}-11-23"));
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

/// What word processors make of quotes.
pub(super) const CURLY: &str = "curly quotes from a word processor";
pub(super) const CURLY_QUOTES: &[char] = &['“', '”', '‘', '’', '«', '„'];

/// Whether a value has quotes from a word processor.
fn is_curly(line: &Line<'_>) -> bool {
    is_key(line.key) && line.value.starts_with(CURLY_QUOTES)
}

/// Whether so many lines below one have them too that it is no slip of one line, but a whole file.
pub(super) fn is_all_curly(line: &Line<'_>) -> bool {
    line.below().filter(is_curly).nth(2).is_some()
}
