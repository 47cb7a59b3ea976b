//! The numbers in a text that people read.

use super::{PhoneNumber, is_digits};
use crate::character;

/// How far before a number the word is looked for that says what it is.
const LABEL: usize = 40;

/// The digits of a number with its area code.
const FEWEST_DIGITS: usize = 10;

/// A number in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'t> {
    /// As it is typed, with an extension behind it.
    pub typed: &'t str,
    /// The number. `None`: it looks like one, but nobody can dial it.
    pub number: Option<PhoneNumber>,
    /// It is said to be a fax, which nobody calls.
    pub is_fax: bool,
}

/// The numbers of the North American Numbering Plan in a text, as they are typed: `916-555-0100`, `(916) 555-0100`, `+1 916 555 0100`,
/// `1.916.555.0100`, `9165550100`, `916-555-0100 x12`.
#[must_use]
pub fn find(text: &str) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    let (mut before, mut end) = (' ', 0);
    for (at, c) in text.char_indices() {
        let starts = at >= end && (c.is_ascii_digit() || c == '(' || c == '+');
        if starts
            && !(before.is_alphanumeric() || "-./+($".contains(before))
            && let Some(rest) = text.get(at..)
            && let Some((typed, parted)) = leading_number(rest)
        {
            let number = PhoneNumber::parse(typed);
            // Ten digits in a row may be anything, unless they are a number.
            if number.is_some() || parted {
                let label =
                    text.get(end.max(text.floor_char_boundary(at.saturating_sub(LABEL)))..at).unwrap_or_default();
                end = at + typed.len();
                let is_fax = is_fax(label, text.get(end..).unwrap_or_default());
                found.push(Found { typed, number, is_fax });
            }
        }
        before = c;
    }
    found
}

/// Whether a text may hold such a number: most hold fewer digits.
#[must_use]
pub fn may_be_in(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).nth(FEWEST_DIGITS - 1).is_some()
}

/// Whether the words before a number, or the one in brackets behind it, say that it is a fax.
fn is_fax(before: &str, behind: &str) -> bool {
    let before = before.to_lowercase();
    // Of this sentence.
    let before = before.rsplit(['?', '!', '\n', ';']).next().unwrap_or_default();
    let mut words = before.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).rev().take(4);
    let called = ["call", "phone", "tel", "text", "llame", "llamar", "teléfono", "or", "o"];
    let labelled =
        words.find(|word| word.ends_with("fax") || called.contains(word)).is_some_and(|word| word.ends_with("fax"));
    let behind = behind.trim_start().get(..4).unwrap_or_default().to_lowercase();
    labelled || behind == "(fax"
}

/// The number that a text begins with, and whether its groups are parted as only those of numbers are.
fn leading_number(text: &str) -> Option<(&str, bool)> {
    let rest = match text.strip_prefix("+1").or_else(|| text.strip_prefix('1')) {
        // Another number that begins with 1.
        Some(rest) if !rest.starts_with(|c: char| c.is_ascii_digit()) || group(rest, 10).is_some() => {
            skip_separators(rest)
        }
        _ => text,
    };
    let rest = match rest.strip_prefix('(') {
        Some(rest) => group(rest, 3)?.strip_prefix(')')?,
        None => group(rest, 3)?,
    };
    let rest = group(skip_separators(group(skip_separators(rest), 3)?), 4)?;
    // More digits or letters right behind: a longer number of another kind, such as that of a book. An extension may be there.
    let extension = extension(rest);
    let goes_on = rest.trim_start_matches(['-', '.']).starts_with(|c: char| c.is_alphanumeric());
    let end = text.len() - rest.len() + extension.unwrap_or_default();
    let typed = text.get(..end).filter(|_| !goes_on || extension.is_some())?;
    Some((typed, typed.starts_with('(') || typed.matches(['-', '\u{2011}', '\u{2013}']).count() > 1))
}

/// How many bytes an extension right after a number takes.
fn extension(rest: &str) -> Option<usize> {
    let words = rest.trim_start_matches([' ', '\u{a0}', ',', '(']);
    let named = |word: &str| {
        let (start, rest) = words.split_at_checked(word.len())?;
        start.eq_ignore_ascii_case(word).then_some(rest)
    };
    let word = ["extension", "extensión", "ext", "int", "x", "#"].into_iter().find_map(named)?;
    let digits = word.trim_start_matches([' ', '\u{a0}', '.', ':']);
    let number = digits.split(|c: char| !c.is_ascii_digit()).next().filter(|number| (1..=6).contains(&number.len()))?;
    let behind = digits.get(number.len()..)?;
    let bracket = usize::from(behind.starts_with(')') && rest.get(..rest.len() - words.len())?.contains('('));
    (!behind.starts_with(char::is_alphanumeric)).then_some(rest.len() - behind.len() + bracket)
}

/// What follows a group of digits.
fn group(text: &str, digits: usize) -> Option<&str> {
    let (group, rest) = text.split_at_checked(digits)?;
    is_digits(group).then_some(rest)
}

/// What follows the signs between two groups of digits: three at most, as in `916 - 555`.
fn skip_separators(text: &str) -> &str {
    let is_separator = |c: char| {
        matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-' | '.' | '/' | '\u{2010}'..='\u{2015}')
            || character::is_invisible(c)
    };
    (0..3).fold(text, |rest, _| rest.strip_prefix(is_separator).unwrap_or(rest))
}
