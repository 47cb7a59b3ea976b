//! What visitors read of a value: its words without quotes and markup, each with its place in the file.

use super::claims::{self, Said};
use super::text::Mentions;
use super::written::{Places, Written};
use crate::diagnostic::Source;
use crate::phone;
use pulldown_cmark::{Event, Options, Parser, TagEnd};
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::OnceLock;

/// The place of a text that visitors read.
#[derive(Clone, Debug)]
pub(super) struct Passage {
    /// The bytes of the file, with the quotes.
    pub(super) span: Range<usize>,
    pub(super) reading: Reading,
}

/// How visitors read a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As it is written.
    Plain,
    /// Without the markup of copy.
    Markdown,
}

/// What distinguishes one state of the words of a file from another.
#[derive(Debug)]
struct Fingerprints {
    exact: String,
    read: String,
}

/// The texts of one file, in its order.
#[derive(Debug, Default)]
pub(super) struct Passages {
    pub(super) all: Vec<Passage>,
    fingerprints: OnceLock<Fingerprints>,
    mentions: OnceLock<Vec<(Range<usize>, Mentions)>>,
    claims: OnceLock<Vec<(Range<usize>, Said)>>,
}

impl Passages {
    pub(super) fn new(mut all: Vec<Passage>) -> Self {
        all.sort_by_key(|passage| passage.span.start);
        Self { all, ..Self::default() }
    }

    /// Looks up what rules ask each time.
    pub(super) fn look_up(&self, source: &Source) {
        self.mentions(source);
        self.claims(source);
    }

    /// What texts name, each with the place of the text. Cached: rules ask for it each time any file changes.
    pub(super) fn mentions(&self, source: &Source) -> &[(Range<usize>, Mentions)] {
        self.mentions.get_or_init(|| {
            let mentions = |passage: &Passage| {
                let text = || Written::read(&source.text, &passage.span).value;
                let written = source.text.get(passage.span.clone()).unwrap_or_default();
                match passage.reading {
                    Reading::Markdown => Mentions::new(&text()),
                    Reading::Plain if phone::may_be_in(written) => Mentions::of_plain_text(&text()),
                    Reading::Plain => Mentions::default(),
                }
            };
            let found = self.all.iter().map(|passage| (passage.span.clone(), mentions(passage)));
            found.filter(|(_, mentions)| !mentions.is_empty()).collect()
        })
    }

    /// What the texts say of the clinic, with its place. Cached, as it is asked for as often.
    pub(super) fn claims(&self, source: &Source) -> &[(Range<usize>, Said)] {
        self.claims.get_or_init(|| {
            let may_say = |passage: &&Passage| source.text.get(passage.span.clone()).is_some_and(claims::may_be_in);
            let said = |(passage, above): (&Passage, &Passage)| {
                let plain = Plain::new(source, passage);
                let above = source.text.get(above.span.clone()).unwrap_or_default().to_ascii_lowercase();
                let found = claims::in_text(&plain.text, &above);
                found.into_iter().map(|(part, said)| (plain.place(&part), said)).collect::<Vec<_>>()
            };
            let above = self.all.first().into_iter().chain(&self.all);
            self.all.iter().zip(above).filter(|(passage, _)| may_say(passage)).flat_map(said).collect()
        })
    }

    /// Differs from one state of the words to another, passage by passage: `translated_from` names it. How they are written in the file (line
    /// ends, wrapping, quotes, markup) is no part of it, nor is anything else: a translation isn't stale because somebody has read the
    /// page again.
    pub(super) fn fingerprint(&self, source: &Source) -> &str {
        &self.fingerprints(source).exact
    }

    /// The same without the commas and periods, semicolons and colons behind words: `reviewed_words` names it. Who has read the words need not
    /// read them again because of a comma.
    pub(super) fn words_read(&self, source: &Source) -> &str {
        &self.fingerprints(source).read
    }

    fn fingerprints(&self, source: &Source) -> &Fingerprints {
        self.fingerprints.get_or_init(|| {
            let add = |hash: Sha256, word: &str| hash.chain_update(word).chain_update(" ");
            let start = (Sha256::new(), Sha256::new());
            let (exact, read) = self.all.iter().fold(start, |all, passage| {
                let text = Plain::new(source, passage).text.replace(['‘', '’'], "'").replace(['“', '”'], "\"");
                let (exact, read) = text.split_whitespace().fold(all, |(exact, read), word| {
                    let bare = word.trim_end_matches([',', '.', ';', ':']);
                    (add(exact, word), if bare.is_empty() { read } else { add(read, bare) })
                });
                (exact.chain_update("\n"), read.chain_update("\n"))
            });
            Fingerprints { exact: short(exact), read: short(read) }
        })
    }
}

/// A hash as people write it.
pub(super) fn short(hash: Sha256) -> String {
    hex::encode(hash.finalize().into_iter().take(4).collect::<Vec<u8>>())
}

/// A text as visitors read it. Paragraphs and list items end with a line break; facts stay names in braces.
#[derive(Debug)]
pub(super) struct Plain {
    pub(super) text: String,
    /// Which part of the text comes from where, in order.
    runs: Vec<Run>,
    /// Where in the file the value is.
    places: Places,
}

#[derive(Debug)]
struct Run {
    text: Range<usize>,
    value: Range<usize>,
}

impl Plain {
    /// The text of a passage.
    pub(super) fn new(source: &Source, passage: &Passage) -> Self {
        let Written { value, places, .. } = Written::read(&source.text, &passage.span);
        let mut plain = Self { text: String::new(), runs: Vec::new(), places };
        match passage.reading {
            Reading::Plain => plain.push(&value, 0..value.len()),
            Reading::Markdown => plain.markdown(&value),
        }
        plain
    }

    fn markdown(&mut self, copy: &str) {
        for (event, range) in Parser::new_ext(copy, Options::ENABLE_SMART_PUNCTUATION).into_offset_iter() {
            match event {
                Event::Text(text) => self.push(&text, range),
                Event::SoftBreak | Event::HardBreak => self.push(" ", range),
                Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_)) if !self.text.ends_with('\n') => {
                    self.text.push('\n');
                }
                _ => {}
            }
        }
    }

    fn push(&mut self, text: &str, value: Range<usize>) {
        let start = self.text.len();
        self.text.push_str(text);
        self.runs.push(Run { text: start..self.text.len(), value });
    }

    /// The place of a part of the text in the file.
    pub(super) fn place(&self, part: &Range<usize>) -> Range<usize> {
        let run = |at: usize| self.runs.get(self.runs.partition_point(|run| run.text.start <= at).checked_sub(1)?);
        let (Some(first), Some(last)) = (run(part.start), run(part.end.saturating_sub(1))) else {
            return self.places.locate(&(0..0));
        };
        // A quotation mark that was made curly is longer than the one that was typed: it is placed at all of its run.
        let same = |run: &Run| run.text.len() == run.value.len();
        let start = first.value.start + if same(first) { part.start - first.text.start } else { 0 };
        let end = if same(last) { last.value.start + (part.end - last.text.start) } else { last.value.end };
        self.places.locate(&(start..end.max(start)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Passage, Plain, Reading};
    use crate::diagnostic::Source;

    fn plain(written: &str, reading: Reading) -> (Source, Plain) {
        let text = format!("text = {written}\n");
        let source = Source::new("", text);
        let plain = Plain::new(&source, &Passage { span: 7..7 + written.len(), reading });
        (source, plain)
    }

    #[track_caller]
    fn placed(written: &str, reading: Reading, part: &str) -> String {
        let (source, plain) = plain(written, reading);
        let at = plain.text.find(part).unwrap_or_else(|| panic!("{part:?} is not in {:?}", plain.text));
        let place = plain.place(&(at..at + part.len()));
        source.text.get(place).unwrap().to_owned()
    }

    #[test]
    fn markup_is_no_part_of_what_is_read() {
        let (_, plain) = plain(
            "\"\"\"\nIt's **two**\nwords, [a link](/addict/) and {phone}.\n\n- one\n- two\"\"\"",
            Reading::Markdown,
        );
        assert_eq!(plain.text, "It’s two words, a link and {phone}.\none\ntwo\n");
    }

    #[test]
    fn each_part_of_the_text_is_found_again() {
        assert_eq!(placed("\"users and user\"", Reading::Plain, "user"), "user");
        assert_eq!(placed("\"\"\"\nHe said \"no\". It's *fine*, isn't it?\"\"\"", Reading::Markdown, "fine"), "fine");
        assert_eq!(placed("'''a **drug**\nabuse'''", Reading::Markdown, "drug abuse"), "drug**\nabuse");
        assert_eq!(placed("\"It's “so”\"", Reading::Markdown, "’s “so”"), "'s “so”");
    }

    #[test]
    fn where_there_are_escapes_the_words_are_found_too() {
        assert_eq!(placed("\"a \\\"quoted\\\" word\"", Reading::Plain, "quoted"), "quoted");
        assert_eq!(placed("\"a \\\"quoted\\\" word\"", Reading::Plain, "\"quoted\""), "\\\"quoted\\\"");
        assert_eq!(placed("\"It’s \\u0022no\\u0022. no\"", Reading::Plain, ". no"), ". no");
    }
}
