//! How many things a text says there are: "nine ways", "estas son nueve cosas".

use std::ops::Range;

/// How many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::content) struct Count {
    /// The number.
    pub(in crate::content) number: usize,
    /// The numbers in the language of the text, from two on.
    pub(in crate::content) words: &'static [&'static str; 14],
}

const ENGLISH: [&str; 14] = [
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen",
];
const SPANISH: [&str; 14] = [
    "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece", "catorce",
    "quince",
];

/// What is counted, right behind the number or one word later.
pub(super) const THINGS: [&str; 15] = [
    "ways",
    "things",
    "objectives",
    "goals",
    "benefits",
    "factors",
    "reasons",
    "formas",
    "cosas",
    "objetivos",
    "metas",
    "beneficios",
    "factores",
    "razones",
    "maneras",
];

/// How many things a text in small letters says there are, each with the place of the number.
pub(super) fn in_text(lower: &str) -> Vec<(Range<usize>, Count)> {
    let mut found = Vec::new();
    if !THINGS.iter().any(|thing| lower.contains(thing)) {
        return found;
    }
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    for words in [&ENGLISH, &SPANISH] {
        for (name, number) in words.iter().zip(2..) {
            for (at, _) in lower.match_indices(name).take(super::MOST) {
                let before = lower.get(..at).unwrap_or_default();
                let behind = lower.get(at + name.len()..).unwrap_or_default();
                let whole = !before.ends_with(char::is_alphanumeric) && behind.starts_with(' ');
                if whole && behind.split_whitespace().take(2).any(|word| THINGS.contains(&bare(word).as_str())) {
                    found.push((at..at + name.len(), Count { number, words }));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::in_text;

    #[test]
    fn what_is_counted_is_found() {
        for (text, numbers) in [
            ("nine ways a group helps", &[9][..]),
            ("here are nine good things.", &[9]),
            ("estas son seis cosas que un grupo hace", &[6]),
            ("two of them are the skill of the counselor", &[]),
            ("groups often have 6 to 12 people", &[]),
            ("often ways", &[]),
        ] {
            let found: Vec<usize> = in_text(text).into_iter().map(|(_, count)| count.number).collect();
            assert_eq!(found, numbers, "{text}");
        }
    }
}
