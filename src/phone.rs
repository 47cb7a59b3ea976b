//! One reading of phone numbers: those that visitors type, those of the content, and those that stand in its copy.
//!
//! By hand: the crate that knows the numbering plans of all countries brings megabytes of tables, and the clinic calls from the United States.
//! Numbers of the North American Numbering Plan are held to its shape; those of other countries to E.164, which knows their length.

use std::fmt::{self, Write as _};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The most bytes of a number as people read it: a plus sign, 15 digits, ` x` and an extension of 6, with hyphens to spare.
const MAX_SHOWN: usize = 32;

/// A number somebody can be called at. It is zeroed when it is dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct PhoneNumber {
    /// `+` and the digits to dial (ITU-T E.164).
    dialled: String,
    /// An extension, digits alone.
    extension: Option<String>,
}

impl PhoneNumber {
    /// Reads a number with spaces, hyphens, full stops and brackets in it, and an extension after it (`x123`, `ext. 123`). Without a country code
    /// it is one of the United States, as is one that begins with 1. Other countries' begin with `+`, `00` or `011`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let lower = Zeroizing::new(text.trim().to_ascii_lowercase());
        let (number, extension) = match lower.split_once(['x', 'e']) {
            Some((number, rest)) => {
                let digits = rest.trim_start_matches(['x', 't', 'e', 'n', 's', 'i', 'o', '.', ':', ' ']).trim();
                if !(1..=6).contains(&digits.len()) || !is_digits(digits) {
                    return None;
                }
                (number, Some(digits.to_owned()))
            }
            None => (lower.as_str(), None),
        };
        let number = number.trim().trim_end_matches([',', ';', '#']).trim();
        let (international, rest) = match number.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, number),
        };
        // With room for all of it: a buffer that grows leaves its first bytes behind. The same below.
        let mut digits = Zeroizing::new(String::with_capacity(rest.len()));
        digits.extend(rest.chars().filter(|c| !is_separator(*c) && !matches!(c, '(' | ')' | '/')));
        if !is_digits(&digits) {
            return None;
        }
        let abroad = if international {
            Some(digits.as_str())
        } else {
            digits.strip_prefix("011").or_else(|| digits.strip_prefix("00"))
        };
        let dialled = match abroad {
            Some(digits) if digits.starts_with('1') => american(digits)?,
            // E.164: at most 15 digits; the shortest numbers in use have 7 with their country code.
            Some(digits) if (7..=15).contains(&digits.len()) && !digits.starts_with('0') => joined("+", digits),
            Some(_) => return None,
            None => american(&digits)?,
        };
        Some(Self { dialled, extension })
    }

    /// The number as `tel:` links write it (RFC 3966).
    #[must_use]
    pub fn dialled(&self) -> &str {
        &self.dialled
    }

    /// The number as people read it, in a buffer that is zeroed when it is dropped.
    #[must_use]
    pub fn shown(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(MAX_SHOWN));
        // Writing to a string doesn't fail.
        let _ = write!(*text, "{self}");
        text
    }

    /// Whether it is a number of the United States or a neighbor, without an extension.
    #[must_use]
    pub fn is_american(&self) -> bool {
        self.dialled.starts_with("+1") && self.extension.is_none()
    }

    /// Whether nobody can be reached by it: 555-0100 to 555-0199 are kept free for examples (ATIS-0300115).
    #[must_use]
    pub fn is_fictitious(&self) -> bool {
        self.is_american() && self.dialled.get(5..).is_some_and(|local| local.starts_with("55501"))
    }
}

/// The numbers of the North American Numbering Plan in a text, as they are typed: `916-555-0100`, `(916) 555-0100`, `+1 916 555 0100`,
/// `1.916.555.0100`, `9165550100`.
#[must_use]
pub fn find(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut before, mut end) = (' ', 0);
    for (at, c) in text.char_indices() {
        let starts = at >= end && (c.is_ascii_digit() || c == '(' || c == '+');
        if starts
            && !(before.is_alphanumeric() || "-./+($".contains(before))
            && let Some(number) = text.get(at..).and_then(leading_number)
        {
            end = at + number.len();
            found.push(number);
        }
        before = c;
    }
    found
}

/// The number that a text begins with.
fn leading_number(text: &str) -> Option<&str> {
    let rest = match text.strip_prefix("+1").or_else(|| text.strip_prefix('1')) {
        Some(rest) => skip_separator(rest),
        None => text,
    };
    let rest = match rest.strip_prefix('(') {
        Some(rest) => group(rest, 3)?.strip_prefix(')')?,
        None => group(rest, 3)?,
    };
    let rest = group(skip_separator(group(skip_separator(rest), 3)?), 4)?;
    // More digits or letters right behind: a longer number of another kind, such as that of a book.
    let goes_on = rest.trim_start_matches(['-', '.']).starts_with(|c: char| c.is_alphanumeric());
    if goes_on { None } else { text.get(..text.len() - rest.len()) }
}

/// A number of the North American Numbering Plan: ten digits, perhaps with the country code before them.
fn american(digits: &str) -> Option<String> {
    let ten = if digits.len() == 11 { digits.strip_prefix('1')? } else { digits };
    let rest = group(group(group(ten, 3)?, 3)?, 4)?;
    rest.is_empty().then(|| joined("+1", ten))
}

/// What follows a group of digits. Neither an area code nor an exchange begins with 0 or 1.
fn group(text: &str, digits: usize) -> Option<&str> {
    let (group, rest) = text.split_at_checked(digits)?;
    (is_digits(group) && (digits == 4 || !group.starts_with(['0', '1']))).then_some(rest)
}

fn skip_separator(text: &str) -> &str {
    text.strip_prefix(is_separator).unwrap_or(text)
}

/// What people write between groups of digits.
fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '-' | '.' | '\u{2010}'..='\u{2015}')
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn joined(code: &str, digits: &str) -> String {
    let mut joined = String::with_capacity(code.len() + digits.len());
    joined.push_str(code);
    joined.push_str(digits);
    joined
}

/// It is somebody's: `{:?}`, which ends up in logs, doesn't print it.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

/// As people in the United States write it: `916-555-0100`; other countries' as they are dialled.
impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dialled.strip_prefix("+1").and_then(|ten| ten.split_at_checked(3)) {
            Some((area, rest)) => {
                let (exchange, line) = rest.split_at_checked(3).unwrap_or((rest, ""));
                write!(f, "{area}-{exchange}-{line}")?;
            }
            None => f.write_str(&self.dialled)?,
        }
        match &self.extension {
            Some(extension) => write!(f, " x{extension}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PhoneNumber, find};
    use proptest::prelude::*;

    #[test]
    fn numbers_are_understood_as_people_write_them() {
        for (typed, shown, dialled) in [
            ("9165550100", "916-555-0100", "+19165550100"),
            ("(916) 555-0100", "916-555-0100", "+19165550100"),
            ("916.555.0100", "916-555-0100", "+19165550100"),
            ("1-916-555-0100", "916-555-0100", "+19165550100"),
            ("+1 916 555 0100", "916-555-0100", "+19165550100"),
            ("916 555 0100 x12", "916-555-0100 x12", "+19165550100"),
            ("916-555-0100, ext. 7", "916-555-0100 x7", "+19165550100"),
            ("916–555–0100", "916-555-0100", "+19165550100"),
            ("+52 55 1234 5678", "+525512345678", "+525512345678"),
            ("011 52 55 1234 5678", "+525512345678", "+525512345678"),
            ("0044 20 7946 0000", "+442079460000", "+442079460000"),
        ] {
            let phone = PhoneNumber::parse(typed).unwrap_or_else(|| panic!("{typed:?}"));
            assert_eq!((phone.to_string().as_str(), phone.dialled()), (shown, dialled), "{typed:?}");
        }
    }

    #[test]
    fn what_nobody_can_dial_is_none() {
        for typed in [
            "",
            "call me",
            "555-0100",
            "916-555-010",
            "916-555-01000",
            "016-555-0100",
            "916-155-0100",
            "+1 916 555",
            "+0123456789",
            "+1234567890123456",
            "916-555-0100 x",
            "916-555-0100 x1234567",
            "916-555-0100 or 0101",
            "９１６５５５０１００",
        ] {
            assert_eq!(PhoneNumber::parse(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn numbers_in_a_text_are_told_from_dates_laws_and_figures() {
        for (text, numbers) in [
            ("Call 916-555-0100.", "916-555-0100"),
            ("Call (916) 555-0100, or +1 916 555 0199!", "(916) 555-0100|+1 916 555 0199"),
            ("1-800-662-4357 and 1.916.875.2050", "1-800-662-4357|1.916.875.2050"),
            ("9165550100", "9165550100"),
            ("Call 911 916-555-0100", "916-555-0100"),
            ("916\u{2011}555\u{2011}0100", "916\u{2011}555\u{2011}0100"),
            ("on 2026-11-23 at 45 CFR 164.520, $283, 17,568 people, 988", ""),
            ("123-456-7890, 916-155-0100, 916-555-01000, 4916-555-0100", ""),
            ("ISBN 978-916-555-0100", ""),
        ] {
            assert_eq!(find(text).join("|"), numbers, "{text}");
            for number in find(text) {
                assert!(PhoneNumber::parse(number).is_some_and(|phone| phone.is_american()), "{number}");
            }
        }
    }

    #[test]
    fn numbers_kept_free_for_examples_reach_nobody() {
        let fictitious = |text: &str| PhoneNumber::parse(text).unwrap().is_fictitious();
        assert!(fictitious("(916) 555-0199") && !fictitious("916-555-0200") && !fictitious("916-875-2050"));
        assert!(!fictitious("+52 916 555 0100"));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(typed in "[+0-9 ().x-]{0,24}") {
            if let Some(phone) = PhoneNumber::parse(&typed) {
                prop_assert_eq!(PhoneNumber::parse(&phone.to_string()), Some(phone));
            }
        }

        #[test]
        fn what_is_found_in_a_text_is_a_number(text in "[0-9 ().+x-]{0,40}") {
            for number in find(&text) {
                prop_assert!(PhoneNumber::parse(number).is_some(), "{}", number);
            }
        }

        #[test]
        fn no_text_is_too_strange(typed in "\\PC{0,64}") {
            let _ = (PhoneNumber::parse(&typed), find(&typed));
        }
    }
}
