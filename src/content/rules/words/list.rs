//! The list of words, made to be looked up fast: each text is walked once, a word at a time.

use crate::content::model::Words;
use std::collections::HashMap;
use std::ops::Range;

/// Phrases by their first word.
#[derive(Debug, Default)]
pub(super) struct WordList {
    phrases: HashMap<String, Vec<Phrase>>,
    entries: Vec<Entry>,
}

/// The words of a phrase after the first, and what it is.
#[derive(Debug)]
struct Phrase {
    rest: Vec<String>,
    /// The entry whose words are to be avoided; nothing for a phrase that is exempt.
    entry: Option<usize>,
}

#[derive(Debug)]
struct Entry {
    say: String,
    because: Option<String>,
    quotable: bool,
}

/// A word that was found.
#[derive(Debug, PartialEq)]
pub(super) struct Hit<'a> {
    pub(super) part: Range<usize>,
    pub(super) say: &'a str,
    pub(super) because: Option<&'a str>,
}

impl WordList {
    pub(super) fn new(words: &Words) -> Self {
        let mut list = Self::default();
        for phrase in words.exempt.iter().flatten() {
            list.add(phrase.as_str(), None);
        }
        for (at, entry) in words.words.iter().enumerate() {
            list.entries.push(Entry {
                say: entry.say.to_string(),
                because: entry.because.as_ref().map(ToString::to_string),
                quotable: entry.quotable.unwrap_or(true),
            });
            for phrase in &entry.avoid {
                list.add(phrase.as_str(), Some(at));
            }
        }
        // The longest phrase is found first: "former addict" before "former".
        list.phrases.values_mut().for_each(|phrases| phrases.sort_by_key(|phrase| usize::MAX - phrase.rest.len()));
        list
    }

    fn add(&mut self, phrase: &str, entry: Option<usize>) {
        let mut words = tokens(phrase).into_iter().map(|token| token.word);
        let Some(first) = words.next() else { return };
        self.phrases.entry(first).or_default().push(Phrase { rest: words.collect(), entry });
    }

    /// The words to avoid in a text, in order.
    pub(super) fn find(&self, text: &str) -> Vec<Hit<'_>> {
        let tokens = tokens(text);
        let mut exempt: Vec<Range<usize>> = Vec::new();
        let mut hits: Vec<(Range<usize>, &Entry)> = Vec::new();
        for at in 0..tokens.len() {
            let Some(phrases) = tokens.get(at).and_then(|token| self.phrases.get(&token.word)) else { continue };
            let mut stands =
                phrases.iter().filter_map(|phrase| Some((part(text, tokens.get(at..)?, phrase)?, phrase.entry)));
            exempt.extend(stands.clone().find(|(_, entry)| entry.is_none()).map(|(part, _)| part));
            let hit = stands.find_map(|(part, entry)| Some((part, self.entries.get(entry?)?)));
            hits.extend(hit);
        }
        if hits.is_empty() {
            return Vec::new();
        }
        let quoted = quotations(text);
        let within = |parts: &[Range<usize>], part: &Range<usize>| {
            parts.iter().any(|other| other.start <= part.start && part.end <= other.end)
        };
        hits.retain(|(part, entry)| !(within(&exempt, part) || entry.quotable && within(&quoted, part)));
        // "addict" is a part of "former addict", which was told before.
        let mut told = 0;
        hits.retain(|(part, _)| {
            let apart = part.start >= told;
            told = told.max(part.end);
            apart
        });
        hits.into_iter().map(|(part, entry)| Hit { part, say: &entry.say, because: entry.because.as_deref() }).collect()
    }
}

/// Where a phrase stands that begins with the first of the tokens.
fn part(text: &str, tokens: &[Token], phrase: &Phrase) -> Option<Range<usize>> {
    let first = tokens.first()?;
    let mut end = first.part.end;
    for (token, word) in tokens.get(1..)?.iter().map(Some).chain(std::iter::repeat(None)).zip(&phrase.rest) {
        let token = token?;
        let gap = text.get(end..token.part.start)?;
        // Words of a phrase stand side by side; an official name may hold commas.
        let beside = |c: char| {
            matches!(c, ' ' | '\u{a0}' | '-' | '\u{2010}' | '\u{2011}' | '\'' | '’')
                || (c == ',' && phrase.entry.is_none())
        };
        if token.word != *word || !gap.chars().all(beside) {
            return None;
        }
        end = token.part.end;
    }
    Some(first.part.start..end)
}

/// A word in small letters, and where it stands.
struct Token {
    word: String,
    part: Range<usize>,
}

/// The words of a text: letters and digits. The names of facts are none.
fn tokens(text: &str) -> Vec<Token> {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let mut start = None;
    let ends = text.char_indices().chain([(text.len(), ' ')]);
    for (at, c) in ends {
        match start {
            None if inside(c) => start = Some(at),
            Some(from) if !inside(c) => {
                start = None;
                let fact = c == '}' && text.get(..from).is_some_and(|before| before.ends_with('{'));
                let word = text.get(from..at).unwrap_or_default().to_lowercase();
                if !fact {
                    tokens.push(Token { word, part: from..at });
                }
            }
            _ => {}
        }
    }
    tokens
}

/// What stands between quotation marks, within one paragraph.
fn quotations(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, char)> = None;
    for (at, c) in text.char_indices() {
        open = match (c, open) {
            ('\n', _) => None,
            ('“', None) => Some((at, '”')),
            ('«', None) => Some((at, '»')),
            ('"', None) => Some((at, '"')),
            (_, Some((from, close))) if c == close => {
                found.push(from..at);
                None
            }
            (_, open) => open,
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::WordList;
    use crate::content::model::Words;

    const LIST: &str = r#"
        exempt = ["Substance Abuse and Mental Health Services Administration", "so called MAT, or mats"]
        [[words]]
        avoid = ["addict", "addicts", "former addict"]
        say = "person"
        [[words]]
        avoid = ["substance abuse", "abuse", "in denial", "mat"]
        say = "drug use"
        [[words]]
        avoid = ["drogadicto", "hábito"]
        say = "persona"
        quotable = false
    "#;

    /// The list as the loader would make it of the file.
    fn list() -> WordList {
        let mut files = crate::content::Files::default();
        files.insert("en/words.toml", LIST.into());
        let Ok(words) = crate::content::document::read::<Words>(&files, "en/words.toml") else { panic!("no list") };
        WordList::new(&words.value)
    }

    #[test]
    fn whole_words_are_found_in_any_case_and_parts_of_words_are_not() {
        let list = list();
        for (text, found) in [
            ("an addict.", "addict"),
            ("Addiction is an illness.", ""),
            ("ADDICTS", "ADDICTS"),
            ("an addict's life", "addict"),
            ("an ex-addict, a former addict", "addict|former addict"),
            ("Substance-abuse", "Substance-abuse"),
            ("substance\u{a0}abuse", "substance\u{a0}abuse"),
            ("in, denial", ""),
            ("this substance. Abuse", "Abuse"),
            ("substance\nabuse", "abuse"),
            ("{abuse} and {no abuse}", "abuse"),
            ("HÁBITO, hábitos, habito", "HÁBITO"),
            ("The Substance Abuse and Mental Health Services Administration (SAMHSA)", ""),
            ("so called MAT, or mats", ""),
            ("a mat", "mat"),
        ] {
            let hits: Vec<_> = list.find(text).into_iter().map(|hit| text.get(hit.part).unwrap()).collect();
            assert_eq!(hits.join("|"), found, "{text}");
        }
    }

    #[test]
    fn people_may_be_quoted_unless_the_list_forbids_it() {
        let list = list();
        for (text, hits) in [
            ("They called me “an addict”.", 0),
            ("They called me \"an addict\".", 0),
            ("Le dicen «addict».", 0),
            ("“So” an addict “there”", 1),
            ("“An addict\nThe next paragraph”", 1),
            ("“un drogadicto”", 1),
        ] {
            assert_eq!(list.find(text).len(), hits, "{text}");
        }
    }
}
