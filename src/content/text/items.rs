//! Lists that are no more what they were meant to be: an item with a sign of its own, or with nothing in it, and lines that an item swallows.
//!
//! The parser of Markdown takes each of them for something, so none is shown as it is typed: they are looked for in what it found.

use super::shortened;
use crate::content::catalogue::{Problem, RUN_TOGETHER, SHOWN_AS_TYPED};
use crate::content::limits::MAX_PROBLEMS;
use pulldown_cmark::{Event, Tag, TagEnd};
use std::ops::Range;

/// Nobody wraps a line that is shorter, in characters: what follows was meant as another line.
const SHORT: usize = 60;

/// What Word and people write before an item of a list, each with a space behind it.
const SIGNS: &str = "o–—→☐☑✓✔➔➤";

/// Words that show that a text is Spanish, where `o` is a word.
const SPANISH: [&str; 9] = [" de ", " la ", " el ", " un ", " una ", " su ", " con ", " y ", " los "];

/// The lists of a copy, as they come by.
pub(super) struct Items<'a> {
    copy: &'a str,
    /// The items that are open: where each begins, and whether something is in it.
    open: Vec<(usize, bool)>,
    /// The lists that are open: the end of the last one within, and its sign.
    ended: Vec<Option<(usize, u8)>>,
    /// The last event was the end of a line.
    broke: bool,
    /// Whether it is Spanish, once somebody asked.
    spanish: Option<bool>,
    found: Vec<Problem>,
}

impl<'a> Items<'a> {
    pub(super) fn new(copy: &'a str) -> Self {
        Self { copy, open: Vec::new(), ended: vec![None], broke: false, spanish: None, found: Vec::new() }
    }

    pub(super) fn event(&mut self, event: &Event<'_>, range: &Range<usize>) {
        if std::mem::take(&mut self.broke) {
            self.swallowed(range.start);
        }
        if !matches!(event, Event::Start(Tag::Item) | Event::End(_))
            && let Some((_, is_filled)) = self.open.last_mut()
        {
            *is_filled = true;
        }
        match event {
            Event::Start(Tag::List(None)) => {
                self.begins(range);
                self.ended.push(None);
            }
            Event::Start(Tag::List(Some(_))) => self.ended.push(None),
            Event::End(TagEnd::List(is_numbered)) => {
                self.ended.pop();
                let sign = self.copy.as_bytes().get(range.start).copied().unwrap_or_default();
                if let Some(last) = self.ended.last_mut() {
                    // What follows has the sign of the first of them.
                    let first = last
                        .filter(|(end, _)| self.copy.get(*end..range.start).is_some_and(|gap| gap.trim().is_empty()));
                    *last = (!is_numbered).then(|| (range.end, first.map_or(sign, |(_, first)| first)));
                }
            }
            Event::Start(Tag::Item) => self.open.push((range.start, false)),
            Event::End(TagEnd::Item) => {
                let is_filled = self.open.pop().is_none_or(|(_, is_filled)| is_filled);
                self.ends(range, is_filled);
            }
            Event::SoftBreak => self.broke = true,
            _ => {}
        }
    }

    /// What was found, but for what overlaps with other findings.
    pub(super) fn problems(self, others: &[Problem]) -> Vec<Problem> {
        let taken: Vec<Range<usize>> = others.iter().filter_map(|other| other.part.clone()).collect();
        let is_apart = |problem: &Problem| {
            let part = problem.part.clone().unwrap_or_default();
            taken.iter().all(|other| part.end <= other.start || other.end <= part.start)
        };
        self.found.into_iter().filter(is_apart).collect()
    }

    fn add(&mut self, problem: Problem) {
        if self.found.len() < MAX_PROBLEMS {
            self.found.push(problem);
        }
    }

    /// A list right below another, with another sign.
    fn begins(&mut self, range: &Range<usize>) {
        let Some(Some((end, sign))) = self.ended.last().copied() else { return };
        let list = self.copy.get(range.clone()).unwrap_or_default();
        let above = self.copy.get(..range.start).unwrap_or_default().trim_end_matches([' ', '\t']);
        let is_below = self.copy.get(end..range.start).is_some_and(|gap| gap.trim().is_empty())
            && above.ends_with('\n')
            && !above.trim_end_matches(['\n', '\r']).is_empty()
            && above.len() - above.trim_end_matches(['\n', '\r']).len() <= 1 + usize::from(above.ends_with("\r\n"));
        let Some(own) = list.chars().next().filter(|own| u32::from(*own) != u32::from(sign) && is_below) else {
            return;
        };
        let with = |line: &str| {
            let item = line.trim_start();
            let indent = line.len() - item.len();
            match item.strip_prefix(own).filter(|rest| rest.starts_with([' ', '\t'])) {
                Some(rest) => format!("{}{}{rest}", line.get(..indent).unwrap_or_default(), char::from(sign)),
                None => line.to_owned(),
            }
        };
        let list = list.trim_end();
        let text: String = list.split_inclusive('\n').map(with).collect();
        let message = "a list begins anew here, as this item has another sign than the one above";
        self.mended(&RUN_TOGETHER, message, range.start..range.start + list.len(), text, "");
    }

    /// A line that goes on with the item above, and was meant as an item or a paragraph of its own.
    fn swallowed(&mut self, at: usize) {
        let Some((start, _)) = self.open.last().copied() else { return };
        let (Some(above), Some(rest)) = (self.copy.get(start..at), self.copy.get(at..)) else { return };
        // A wrapped line is long, and only the first below an item shows how it was meant.
        let head = above.get(..above.floor_char_boundary(4 * SHORT)).unwrap_or_default();
        let Some((item, indent)) = head.split_once('\n') else { return };
        let is_first = start + item.len() + 1 + indent.len() == at && indent.trim().is_empty();
        let item = item.trim_end();
        if !is_first || item.chars().count() >= SHORT || self.found.len() >= MAX_PROBLEMS {
            return;
        }
        let line = rest.lines().next().unwrap_or_default().trim_end();
        let next =
            rest.get(line.len()..).unwrap_or_default().trim_start_matches('\r').strip_prefix('\n').unwrap_or_default();
        let sign = line.chars().next().filter(|sign| SIGNS.contains(*sign));
        if let Some(sign) = sign {
            let words = line.get(sign.len_utf8()..).unwrap_or_default();
            let goes_on = next.trim().is_empty()
                || next.trim_start().starts_with(['-', '*', '+'])
                || next.trim_start().starts_with(sign);
            let is_word = sign == 'o' && !words.starts_with('\t') && self.is_spanish();
            if words.starts_with([' ', '\t', '\u{a0}']) && goes_on && !is_word {
                let mark = self
                    .copy
                    .get(start..)
                    .and_then(|item| item.chars().next())
                    .filter(|mark| "-*+".contains(*mark))
                    .unwrap_or('-');
                let text = format!("{mark} {}", words.trim_start());
                let message = "this is no item of the list: its line runs into the item above";
                self.mended(&SHOWN_AS_TYPED, message, at..at + line.len(), text, "");
            }
            return;
        }
        let begins = line.trim_start_matches(['*', '¿', '¡', '“', '"', '[']).starts_with(char::is_uppercase);
        let ends = line.trim_end_matches(['*', '”', '"', ')']).ends_with(['.', ':', '?', '!']);
        let is_apart = item.ends_with(|c: char| c.is_alphanumeric() || ".!?)".contains(c)) && !ends_within(item);
        if indent.is_empty() && begins && ends && is_apart && line.split_whitespace().count() > 2 {
            let message = "this line is a part of the item above it";
            let first = line.split_whitespace().next().unwrap_or_default();
            let part = at..at + first.len();
            let note = ", with an empty line above it; if it is a part of the item, begin it with two spaces";
            self.mended(&RUN_TOGETHER, message, part, format!("\n{first}"), note);
        }
    }

    fn is_spanish(&mut self) -> bool {
        let copy = self.copy;
        *self.spanish.get_or_insert_with(|| SPANISH.iter().any(|word| copy.contains(word)))
    }

    /// The end of an item, which may have been left without words.
    fn ends(&mut self, range: &Range<usize>, is_filled: bool) {
        if is_filled {
            return;
        }
        let line_start = self.copy.get(..range.start).and_then(|head| head.rfind('\n')).map_or(0, |found| found + 1);
        let mark = self.copy.get(range.clone()).unwrap_or_default().trim_end();
        let behind = self.copy.get(range.start + mark.len()..).unwrap_or_default();
        let upto = behind.find('\n').filter(|at| behind.get(..*at).is_some_and(|gap| gap.trim().is_empty()));
        let end = range.start + mark.len() + upto.map_or(0, |at| at + 1);
        let is_alone = self.copy.get(line_start..range.start).is_some_and(|before| before.trim().is_empty());
        let part = if is_alone { line_start..end } else { range.start..range.start + mark.len() };
        self.mended(&RUN_TOGETHER, "this item of the list is empty", part, String::new(), "");
    }

    fn mended(
        &mut self,
        rule: &'static crate::diagnostic::Rule,
        message: &str,
        part: Range<usize>,
        text: String,
        note: &'static str,
    ) {
        let first = self.copy.get(part.clone()).unwrap_or_default().lines().next().unwrap_or_default();
        let needle = shortened(first).to_owned();
        self.add(Problem::mended(rule, message, part, text, note).at(needle));
    }
}

/// Whether a line can't end with its last word: it goes on in the next.
fn ends_within(line: &str) -> bool {
    const WITHIN: [&str; 40] = [
        "a", "an", "the", "of", "to", "for", "in", "on", "at", "and", "or", "with", "from", "by", "your", "our",
        "call", "see", "is", "are", "el", "la", "los", "las", "un", "una", "de", "del", "en", "y", "o", "con", "para",
        "por", "su", "sus", "al", "que", "nuestra", "nuestro",
    ];
    line.rsplit(' ').next().is_some_and(|last| WITHIN.contains(&last.to_lowercase().as_str()))
}
