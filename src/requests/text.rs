//! Text that people type: without what can't be seen, without a copy left behind, and zeroed when it is dropped.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Declares a type of text. It is tidied wherever it comes from, so that a value of it commands no terminal: anybody who can write into the
/// database can seal a text of their own.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident = $tidy:ident) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
        #[serde(from = "String")]
        pub struct $name(String);

        impl $name {
            /// Tidies a text.
            #[must_use]
            pub fn new(text: &str) -> Self {
                Self($tidy(text))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(&Zeroizing::new(text))
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self)
            }
        }

        /// It may be what somebody typed: `{:?}`, which ends up in logs, doesn't print it.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

text! {
    /// Text of one line, without what can't be seen.
    Line = line
}

text! {
    /// Text of several lines, without what can't be seen.
    Lines = lines
}

fn line(text: &str) -> String {
    // Never longer than what was typed: a buffer that grows leaves its first bytes behind. The same below.
    let mut tidy = String::with_capacity(text.len());
    let mut between = false;
    for c in text.chars().map(without_tab).filter(|c| !is_unwanted(*c)) {
        if c.is_whitespace() {
            between = !tidy.is_empty();
        } else {
            if std::mem::take(&mut between) {
                tidy.push(' ');
            }
            tidy.push(c);
        }
    }
    tidy
}

/// Browsers send CR LF, and count it as one character.
fn lines(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut start_of_line = 0;
    let mut rest = text.chars().map(without_tab).peekable();
    while let Some(c) = rest.next() {
        let c = if c == '\r' {
            rest.next_if_eq(&'\n');
            '\n'
        } else {
            c
        };
        if c == '\n' {
            trim_end(&mut tidy, start_of_line);
        }
        // Nothing begins with white space.
        if is_unwanted(c) || (tidy.is_empty() && c.is_whitespace()) {
            continue;
        }
        tidy.push(c);
        if c == '\n' {
            start_of_line = tidy.len();
        }
    }
    trim_end(&mut tidy, 0);
    tidy
}

/// Drops the white space at the end of a text, as far back as a position.
fn trim_end(text: &mut String, from: usize) {
    let length = text.get(from..).map(|end| end.trim_end().len()).unwrap_or_default();
    text.truncate(from + length);
}

/// Drops control characters, which could command the terminal of whoever reads the text, and those that turn the direction of writing, which
/// could make it read as something else. Line breaks stay; tabs become spaces.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.contains(is_unwanted) {
        Cow::Owned(text.chars().map(without_tab).filter(|c| !is_unwanted(*c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

fn without_tab(c: char) -> char {
    if c == '\t' { ' ' } else { c }
}

fn is_unwanted(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{line, lines, visible};
    use proptest::prelude::*;

    /// The same in fewer words, with copies.
    fn one_line(text: &str) -> String {
        visible(text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn some_lines(text: &str) -> String {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        visible(&text).lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    /// The desk page tidies what it opens by itself: its tests read the same table (static/desk/test/request.test.js).
    #[test]
    fn a_text_is_tidied_as_the_desk_page_does_it() {
        let table = include_str!("../../tests/fixtures/tidy.json");
        let table: Vec<[String; 3]> = serde_json::from_str(table).unwrap();
        assert!(table.len() >= 39);
        for [typed, one, several] in table {
            assert_eq!((line(&typed), lines(&typed)), (one, several), "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn a_text_is_tidied_in_place_as_with_copies(text in "[ab \t\r\n\u{85}\u{a0}\u{2028}\u{1b}\u{202e}é]{0,24}") {
            prop_assert_eq!(line(&text), one_line(&text));
            prop_assert_eq!(lines(&text), some_lines(&text));
        }
    }
}
