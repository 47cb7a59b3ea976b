//! Where sentences begin and end, and what is counted of them.

use super::{Measure, syllables};
use std::ops::{AddAssign, Range};

/// What the formulas ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many sentences. Items of a list are one each, as they are read one at a time.
    pub sentences: usize,
    /// How many words.
    pub words: usize,
    /// How many syllables.
    pub syllables: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.sentences += other.sentences;
        self.words += other.words;
        self.syllables += other.syllables;
    }
}

impl Counts {
    /// Counts one sentence. A fact in braces is one short word: names and numbers are not what makes a sentence hard.
    pub(super) fn from_sentence(sentence: &str, measure: Measure) -> Self {
        let words = sentence.split_whitespace().filter(|word| word.contains(|c: char| c.is_alphanumeric()));
        words.fold(Self { sentences: 1, ..Self::default() }, |counts, word| Self {
            words: counts.words + 1,
            syllables: counts.syllables + if word.contains('{') { 1 } else { syllables::count(word, measure) },
            ..counts
        })
    }
}

/// The sentences of a text whose paragraphs end with a line break. A point ends one unless a small letter follows: "9 a. m. y luego".
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        // What follows is looked at behind a sign that may end a sentence, and nowhere else.
        if !matches!(c, '\n' | '.' | '…' | '!' | '?') {
            continue;
        }
        let end = at + c.len_utf8();
        let behind = text.get(end..).unwrap_or_default();
        // The quotation mark or bracket behind the point belongs to the sentence.
        let close = behind.len() - behind.trim_start_matches(['”', '’', '"', '»', ')']).len();
        let behind = behind.get(close..).unwrap_or_default();
        let apart = behind.is_empty() || behind.starts_with(char::is_whitespace);
        let is_small = || behind.trim_start_matches([' ', '\u{a0}']).starts_with(char::is_lowercase);
        let ends = match c {
            '.' | '…' => apart && !is_small(),
            '!' | '?' => apart,
            _ => true,
        };
        if ends && end + close > start {
            found.push(start..end + close);
            start = end + close;
        }
    }
    found.push(start..text.len());
    found.retain(|part| text.get(part.clone()).is_some_and(|text| text.contains(|c: char| c.is_alphanumeric())));
    found.iter().map(|part| trimmed(text, part)).collect()
}

fn trimmed(text: &str, part: &Range<usize>) -> Range<usize> {
    let sentence = text.get(part.clone()).unwrap_or_default();
    let start = part.start + (sentence.len() - sentence.trim_start().len());
    start..start + sentence.trim().len()
}

#[cfg(test)]
mod tests {
    use super::{Counts, Measure, sentences};

    #[test]
    fn sentences_end_where_a_reader_pauses() {
        for (text, expected) in [
            ("One. Two! Three?", "One.|Two!|Three?"),
            ("She said “no.” Then left.", "She said “no.”|Then left."),
            ("It costs $2.50 a day. Ask", "It costs $2.50 a day.|Ask"),
            ("De 9 a. m. a 2 p. m. los lunes", "De 9 a. m. a 2 p. m. los lunes"),
            ("Any of these:\nstress\n{phone}\n", "Any of these:|stress|{phone}"),
            ("¿Qué pasa? Nada…", "¿Qué pasa?|Nada…"),
            (" \n ", ""),
        ] {
            let found: Vec<_> = sentences(text).into_iter().map(|part| text.get(part).unwrap()).collect();
            assert_eq!(found.join("|"), expected, "{text}");
        }
    }

    #[test]
    fn words_and_syllables_are_counted() {
        assert_eq!(
            Counts::from_sentence("Call {name} – 24 hours a day.", Measure::Grade),
            Counts { sentences: 1, words: 6, syllables: 6 },
            "the dash is no word"
        );
    }
}
