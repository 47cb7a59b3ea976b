//! Phone numbers as visitors type them.
//!
//! By hand: the crate that knows the numbering plans of all countries brings megabytes of tables, and the clinic calls back from the United
//! States. Numbers of the North American Numbering Plan are held to its shape; those of other countries to E.164, which knows their length.

use std::fmt::{self, Write as _};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The most bytes of a number as people read it: a plus sign, 15 digits, ` x` and an extension of 6, with hyphens to spare.
const LONGEST: usize = 32;

/// A number somebody can be called at. It is zeroed when it goes.
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
                let extension = rest.trim_start_matches(['x', 't', 'e', 'n', 's', 'i', 'o', '.', ':', ' ']).trim();
                (number, Some(extension))
            }
            None => (lower.as_str(), None),
        };
        let extension = match extension {
            Some(digits) if (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) => {
                Some(digits.to_owned())
            }
            Some(_) => return None,
            None => None,
        };
        let number = number.trim().trim_end_matches([',', ';', '#']).trim();
        let (international, rest) = match number.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, number),
        };
        let filler = |c: char| matches!(c, ' ' | '\u{a0}' | '-' | '\u{2010}'..='\u{2015}' | '.' | '(' | ')' | '/');
        // With room for all of it: a buffer that grows leaves its first bytes behind. The same below.
        let mut digits = Zeroizing::new(String::with_capacity(rest.len()));
        digits.extend(rest.chars().filter(|c| !filler(*c)));
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
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

    /// The number as people read it, in a buffer that is zeroed when it goes.
    #[must_use]
    pub fn shown(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LONGEST));
        // Writing to a string doesn't fail.
        let _ = write!(*text, "{self}");
        text
    }
}

/// A number of the North American Numbering Plan: ten digits, of which neither the area code nor the exchange begins with 0 or 1.
fn american(digits: &str) -> Option<String> {
    let ten = match digits.len() {
        10 => digits,
        11 => digits.strip_prefix('1')?,
        _ => return None,
    };
    let starts = |at: usize| ten.as_bytes().get(at).is_some_and(|digit| *digit >= b'2');
    (starts(0) && starts(3)).then(|| joined("+1", ten))
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
    use super::PhoneNumber;
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

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(typed in "[+0-9 ().x-]{0,24}") {
            if let Some(phone) = PhoneNumber::parse(&typed) {
                prop_assert_eq!(PhoneNumber::parse(&phone.to_string()), Some(phone));
            }
        }

        #[test]
        fn no_text_is_too_strange(typed in "\\PC{0,64}") {
            let _ = PhoneNumber::parse(&typed);
        }
    }
}
