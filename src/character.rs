//! What a character is to people, by Unicode's data: a digit of their script, or nothing that they see.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointSetData};

/// The digit that a character of any script stands for.
#[must_use]
pub fn digit(c: char) -> Option<char> {
    let is_digit = |c: u32| CodePointMapData::<GeneralCategory>::new().get32(c) == GeneralCategory::DecimalNumber;
    let own = u32::from(c);
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    // Each script's ten follow each other from its zero, and some sets follow another (the Unicode Standard, section 4.6).
    let before = (0..own).rev().take_while(|c| is_digit(*c)).count();
    is_digit(own).then(|| char::from_digit(u32::try_from(before % 10).ok()?, 10)).flatten()
}

/// Whether a character shows nothing and takes no room.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    !c.is_ascii() && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        // Phones' dictation leaves it in a text.
        || c == '\u{fffc}'
}

/// Whether anybody sees something of a text: a letter, a digit, a sign. Accents without a letter, blanks and what fonts of the reader's may lack show
/// nothing.
#[must_use]
pub fn shows_something(text: &str) -> bool {
    const SEEN: GeneralCategoryGroup = GeneralCategoryGroup::Letter
        .union(GeneralCategoryGroup::Number)
        .union(GeneralCategoryGroup::Punctuation)
        .union(GeneralCategoryGroup::Symbol);
    let category = CodePointMapData::<GeneralCategory>::new();
    // A pattern of Braille without dots, and a musical note without a head.
    let is_blank = |c| matches!(c, '\u{2800}' | '\u{1d159}') || is_invisible(c);
    text.chars().any(|c| SEEN.contains(category.get(c)) && !is_blank(c))
}

#[cfg(test)]
mod tests {
    use super::{digit, is_invisible, shows_something};

    #[test]
    fn digits_of_every_script_are_digits() {
        for zero in ['0', '٠', '۰', '०', '০', '๐', '໐', '០', '၀', '᠐', '０', '𝟎', '𝟘', '𝟢', '𝟬', '𝟶', '🯰']
        {
            for n in 0..10 {
                let c = char::from_u32(u32::from(zero) + n).unwrap();
                assert_eq!(digit(c), char::from_digit(n, 10), "{c}");
            }
        }
        // Numbers that are no digits.
        for other in ['½', '²', '①', '一', 'Ⅷ', 'a', '٬', '\u{10ffff}'] {
            assert_eq!(digit(other), None, "{other}");
        }
    }

    #[test]
    fn what_shows_nothing_is_known() {
        for nothing in [
            "",
            " ",
            "\u{3164}",
            "\u{2800}\u{2800}",
            "\u{301}\u{301}",
            "\u{200b}",
            "\u{115f}\u{1160}",
            "\u{fffc}",
            "\u{ad}",
        ] {
            assert!(!shows_something(nothing), "{nothing:?}");
        }
        for nothing in [
            "\u{e0020}",
            "\u{fe0f}",
            "\u{ffa0}",
            "\u{180e}",
            "\u{17b4}",
            "\u{1d159}",
            "\u{f8ff}",
            "\u{3000}",
            "\u{20e3}",
        ] {
            assert!(!shows_something(nothing), "{nothing:?}");
        }
        for something in ["A", "é", "e\u{301}", "李", "𝒜", "🙂", "ก็", "-", "?", "\u{200b}Ana", "नि", "1"]
        {
            assert!(shows_something(something), "{something:?}");
        }
        assert!(is_invisible('\u{200d}') && !is_invisible('-') && !is_invisible('\u{2011}'));
    }
}
