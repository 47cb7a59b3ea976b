//! The line of a syntax error, and what is around it.

use super::TEXT_QUOTES;
use std::ops::Range;

/// How far around an error its line is looked at, in bytes: a line can be a megabyte long.
const LINE: usize = 2_048;

/// How many lines above or below an error are looked at.
const NEAR: usize = 500;

/// The line of an error, and the key and value on it.
pub(super) struct Line<'t> {
    pub(super) text: &'t str,
    pub(super) range: Range<usize>,
    /// Where the parser stopped.
    pub(super) at: usize,
    pub(super) key: &'t str,
    pub(super) value: &'t str,
    /// Where to look for the value.
    value_from: usize,
}

impl<'t> Line<'t> {
    pub(super) fn at(text: &'t str, at: usize) -> Self {
        let at = text.floor_char_boundary(at);
        let (from, to) = (text.floor_char_boundary(at.saturating_sub(LINE)), text.ceil_char_boundary(at + LINE));
        let start = text.get(from..at).and_then(|head| head.rfind('\n')).map_or(from, |found| from + found + 1);
        let end = text.get(at..to).and_then(|tail| tail.find('\n')).map_or(to, |found| at + found);
        let whole = text.get(start..end).unwrap_or_default();
        let (mut pair, mut pair_at) = (whole, start);
        // Of an inline table, the pair that the error is in.
        let inline = whole.trim_start().starts_with('{').then_some(whole);
        let inner = whole.split_once('=').map(|(_, value)| value).filter(|value| value.trim_start().starts_with('{'));
        if let Some(inner) = inline.or(inner) {
            let inner_start = end - inner.len();
            let before = text.get(inner_start..at).unwrap_or_default();
            let from = before.rfind(['{', ',']).map_or(inner_start, |found| inner_start + found + 1);
            let rest = text.get(from..end).unwrap_or_default();
            pair = rest.split([',', '}']).next().unwrap_or_default();
            pair_at = from;
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value_from = pair_at + key.len();
        let key = key.trim().trim_start_matches('{').trim();
        Self { text, range: start..end, at, key, value: value.trim(), value_from }
    }

    pub(super) fn whole(&self) -> &'t str {
        self.text.get(self.range.clone()).unwrap_or_default()
    }

    /// The place of the line without the spaces around it.
    pub(super) fn trimmed(&self) -> Range<usize> {
        let start = self.range.start + (self.whole().len() - self.whole().trim_start().len());
        start..start + self.whole().trim().len()
    }

    /// The place of the value, or where the parser stopped if there is none.
    pub(super) fn value_span(&self) -> Range<usize> {
        let found = self.text.get(self.value_from..).and_then(|rest| rest.find(self.value));
        let found = found.filter(|_| !self.value.is_empty()).map(|at| self.value_from + at);
        found.map_or(self.at..self.at, |at| at..at + self.value.len())
    }

    /// The line above that isn't empty, a remark or an item of a list.
    pub(super) fn above(&self) -> Option<Self> {
        let mut end = self.range.start.checked_sub(1)?;
        for _ in 0..NEAR {
            let line = Self::at(self.text, end);
            let first = line.whole().trim_start().chars().next();
            if !matches!(first, None | Some('#' | '{' | '"' | '\'')) {
                return Some(line);
            }
            end = line.range.start.checked_sub(1)?;
        }
        None
    }

    /// The line right above, if it isn't empty.
    pub(super) fn just_above(&self) -> Option<Self> {
        let line = Self::at(self.text, self.range.start.checked_sub(1)?);
        (!line.whole().trim().is_empty()).then_some(line)
    }

    /// The place of the value's bracket, if the line opens one and nothing closes it.
    pub(super) fn open_bracket(&self) -> Option<usize> {
        let (_, value) = self.whole().split_once('=')?;
        let value = value.trim();
        let start = self.range.start + self.whole().find(value).unwrap_or_default();
        (value.starts_with(['[', '{']) && !closes(self.text, start)).then_some(start)
    }

    /// The name in a line of brackets, whatever brackets are left of them.
    pub(super) fn header(&self) -> Option<&'t str> {
        let whole = self.whole().trim();
        let name = whole.trim_matches(|c: char| "[]{}()<> ".contains(c));
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        (name.len() < whole.len() && plain && !name.is_empty()).then_some(name)
    }

    /// Whether a part or a pair of a key and a value begins here.
    pub(super) fn begins_something(&self) -> bool {
        let whole = self.whole();
        let key = whole.split_once('=').map(|(key, _)| key.trim());
        key.is_some_and(super::is_key) || whole.starts_with('[') && self.header().is_some()
    }

    /// The lines below this one, as far as they are looked at.
    pub(super) fn below(&self) -> impl Iterator<Item = Self> + use<'t> {
        let text = self.text;
        let next = move |line: &Self| (line.range.end < text.len()).then(|| Self::at(text, line.range.end + 1));
        std::iter::successors(next(self), next).take(NEAR)
    }

    /// Where the next part begins that is none within the one before, or the text ends.
    pub(super) fn next_part(&self) -> usize {
        let rest = self.text.get(self.range.end..).unwrap_or_default();
        let is_within = |at: usize| {
            rest.get(at + 1..).is_some_and(|header| {
                header.starts_with("[[") && header.lines().next().is_some_and(|line| line.contains('.'))
            })
        };
        let next = rest.match_indices("\n[").map(|(at, _)| at).find(|at| !is_within(*at));
        next.map_or(usize::MAX, |at| self.range.end + at + 1)
    }

    /// Where the next part begins, or the text ends.
    pub(super) fn next_header(&self) -> usize {
        let next = self.text.get(self.range.end..).and_then(|rest| rest.find("\n["));
        next.map_or(usize::MAX, |at| self.range.end + at + 1)
    }
}

/// Whether the bracket at a place is closed by another before a new part or a new key begins.
fn closes(text: &str, start: usize) -> bool {
    const FAR: usize = 64 * 1024;
    let rest = text.get(start..text.floor_char_boundary(start + FAR)).unwrap_or_default();
    let (mut quote, mut depth, mut escaped, mut at) = (None, 0_i32, false, start);
    for line in rest.split('\n') {
        if at > start && depth < 2 && Line::at(text, at).begins_something() {
            return false;
        }
        at += line.len() + 1;
        for c in line.chars() {
            match (quote, c) {
                (Some('"'), '\\') if !escaped => {
                    escaped = true;
                    continue;
                }
                (Some(open), _) if open == c && !escaped => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, '[' | '{') => depth += 1,
                (None, ']' | '}') => depth -= 1,
                (None, '#') => break,
                _ => {}
            }
            escaped = false;
            if depth == 0 {
                return true;
            }
        }
        // A quote that is missing hides the brackets behind it.
        if quote.is_some() {
            return false;
        }
    }
    false
}

/// Where the first text in three quotes starts that has no end of its own: the quotes behind it open the next text.
pub(super) fn endless_text(text: &str) -> Option<usize> {
    let next = |from: usize| text.get(from..)?.find(TEXT_QUOTES).map(|found| from + found);
    let mut start = next(0)?;
    loop {
        let end = next(start + TEXT_QUOTES.len());
        let opens = |end: &usize| {
            let line = Line::at(text, *end);
            super::is_key(line.key) && line.value.starts_with(TEXT_QUOTES) && line.range.start > start
        };
        match end.filter(|end| !opens(end)) {
            Some(end) => start = next(end + TEXT_QUOTES.len())?,
            None => return Some(start),
        }
    }
}

/// Where a text that starts with three quotes was meant to end: behind the last word before the next part or key.
pub(super) fn end_of_text(text: &str, start: usize) -> Option<Range<usize>> {
    let first = Line::at(text, start);
    let mut last = first.value_span().end;
    for line in first.below() {
        if line.begins_something() {
            let tail = text.get(start + TEXT_QUOTES.len()..last)?;
            let quotes = tail.len() - tail.trim_end_matches('"').len();
            return (!tail.trim_matches('"').trim().is_empty() && quotes < 3).then(|| last - quotes..last);
        }
        if !line.whole().trim().is_empty() {
            last = line.trimmed().end;
        }
    }
    None
}
