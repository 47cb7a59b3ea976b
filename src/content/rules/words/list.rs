//! The list of words, made to be looked up fast: each text is walked once, a word at a time.

use crate::content::model::Words;
use std::collections::HashMap;
use std::ops::Range;

/// The most words of a phrase. A line has no room for more, and what is longer was reported.
const MAX_WORDS: usize = 100;

/// Phrases as a tree, in which each word leads to those that may follow it.
#[derive(Clone, Debug, Default)]
pub(super) struct WordList {
    first: Node,
    entries: Vec<Entry>,
}

/// The words that a phrase has so far.
#[derive(Clone, Debug, Default)]
struct Node {
    next: HashMap<String, Node>,
    /// They are a phrase that is exempt.
    exempt: bool,
    /// They are a phrase to be avoided, of this entry.
    entry: Option<usize>,
}

#[derive(Clone, Debug)]
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
        list
    }

    fn add(&mut self, phrase: &str, entry: Option<usize>) {
        let tokens = tokens(phrase);
        if tokens.is_empty() || tokens.len() > MAX_WORDS {
            return;
        }
        let mut node = &mut self.first;
        for token in tokens {
            node = node.next.entry(token.word).or_default();
        }
        match entry {
            None => node.exempt = true,
            // Of two entries with the same phrase, the first holds.
            Some(_) => node.entry = node.entry.or(entry),
        }
    }

    /// The words to avoid in a text, in order.
    pub(super) fn find(&self, text: &str) -> Vec<Hit<'_>> {
        let tokens = tokens(text);
        let mut exempt: Vec<Range<usize>> = Vec::new();
        let mut hits: Vec<(Range<usize>, &Entry)> = Vec::new();
        for at in 0..tokens.len() {
            let longest = self.longest(text, tokens.get(at..).unwrap_or_default());
            exempt.extend(longest.exempt);
            hits.extend(longest.avoided);
        }
        if hits.is_empty() {
            return Vec::new();
        }
        exempt.extend(addresses(text));
        exempt.sort_by_key(|part| part.start);
        let (exempt, quoted) = (Cover::new(exempt), Cover::new(quotations(text)));
        hits.retain(|(part, entry)| !(exempt.holds(part) || entry.quotable && quoted.holds(part)));
        // "addict" is a part of "former addict", which was reported before.
        let mut reported = 0;
        hits.retain(|(part, _)| {
            let apart = part.start >= reported;
            reported = reported.max(part.end);
            apart
        });
        hits.into_iter().map(|(part, entry)| Hit { part, say: &entry.say, because: entry.because.as_deref() }).collect()
    }
}

impl WordList {
    /// The longest phrase that is exempt, and the longest to be avoided, which begin with the first of the tokens.
    fn longest(&self, text: &str, tokens: &[Token]) -> Longest<'_> {
        let mut longest = Longest::default();
        let start = tokens.first().map_or(0, |token| token.part.start);
        let (mut node, mut end, mut commas) = (&self.first, start, false);
        for token in tokens {
            let gap = text.get(end..token.part.start).unwrap_or_default();
            commas |= gap.contains(',');
            let Some(next) = node.next.get(&token.word).filter(|_| gap.chars().all(is_beside)) else { break };
            (node, end) = (next, token.part.end);
            if node.exempt {
                longest.exempt = Some(start..end);
            }
            // An official name may hold commas.
            if let Some(entry) = node.entry.and_then(|entry| self.entries.get(entry)).filter(|_| !commas) {
                longest.avoided = Some((start..end, entry));
            }
        }
        longest
    }
}

/// The longest phrases that begin at one word.
#[derive(Default)]
struct Longest<'a> {
    exempt: Option<Range<usize>>,
    avoided: Option<(Range<usize>, &'a Entry)>,
}

/// Whether words on both sides of a sign are side by side.
fn is_beside(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '-' | '\u{2010}' | '\u{2011}' | '\'' | '’' | ',')
}

/// Parts of a text in the order of their beginnings, each with the farthest end so far.
struct Cover(Vec<(usize, usize)>);

impl Cover {
    fn new(parts: Vec<Range<usize>>) -> Self {
        let mut farthest = 0;
        let reach = |part: Range<usize>| {
            farthest = part.end.max(farthest);
            (part.start, farthest)
        };
        Self(parts.into_iter().map(reach).collect())
    }

    /// Whether one of them holds all of a part.
    fn holds(&self, part: &Range<usize>) -> bool {
        let before = self.0.partition_point(|(start, _)| *start <= part.start);
        before.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|(_, farthest)| part.end <= *farthest)
    }
}

/// A word in small letters, and its place.
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

/// The addresses in a text: paths, web and mail addresses. Their words are nobody's.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for chunk in text.split_inclusive(char::is_whitespace) {
        let bare = chunk.trim_start_matches(['(', '[', '“', '"']);
        if bare.starts_with('/') || bare.starts_with("www.") || bare.contains("://") || bare.contains('@') {
            found.push(at..at + chunk.len());
        }
        at += chunk.len();
    }
    found
}

/// What is between quotation marks, within one paragraph.
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
        let Ok(words) = crate::content::document::read::<Words>(&files, "en/words.toml", None) else {
            panic!("no list")
        };
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
            ("See /abuse/ and www.abuse.example, or abuse@clinic.example", ""),
            ("drugs/abuse", "abuse"),
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
