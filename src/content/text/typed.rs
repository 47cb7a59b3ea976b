//! Texts that are not what they seem: markup that is shown as it is typed, and signs that pasting leaves.
//!
//! One table of patterns. In copy they are looked for in what the parser of Markdown took for words: a list that became a list is none of them.
//! The rows for signs look at all of a text, in copy and in plain text alike.

mod garbled;
mod joined;
mod lists;
pub(super) mod mends;
mod plain;

pub(in crate::content) use garbled::{control_characters, is_invisible};
pub(in crate::content) use joined::joined;
pub(in crate::content) use plain::unmarked;

use super::shortened;
use crate::content::catalogue::{BARE_ADDRESS, GARBLED_TEXT, HIDDEN_CHARACTER, Problem, SHOWN_AS_TYPED};
use crate::content::limits;
use crate::diagnostic::Rule;
use memchr::{memchr, memmem};
use regex_lite::Regex;
use std::ops::Range;
use std::sync::OnceLock;

/// One thing that may have been typed, and what was meant by it.
struct Row {
    /// What has to be there: nearly all copy has none of it, and is looked at no further.
    needs: Needs,
    pattern: &'static str,
    rule: &'static Rule,
    /// What is wrong.
    message: &'static str,
    mend: fn(&Found<'_>) -> Option<Mend>,
    regex: OnceLock<Option<Regex>>,
}

enum Needs {
    /// One of these texts.
    Text(&'static [&'static str]),
    /// A character of this kind.
    Character(fn(char) -> bool),
}

impl Needs {
    fn are_in(&self, text: &str) -> bool {
        match self {
            Self::Text(all) => all.iter().any(|one| holds(text, one)),
            Self::Character(is) => !text.is_ascii() && text.contains(*is),
        }
    }
}

/// What to write instead, of which part of the text; nothing to write where that can't be known.
struct Mend {
    part: Range<usize>,
    write: Option<String>,
    /// What else is to be said.
    note: &'static str,
}

/// Text that a pattern fits.
struct Found<'a> {
    /// The whole text.
    text: &'a str,
    /// The same with zeros in place of what isn't shown as it is typed.
    shown: &'a str,
    groups: Vec<Option<Range<usize>>>,
}

impl<'a> Found<'a> {
    fn part(&self, group: usize) -> Range<usize> {
        self.groups.get(group).cloned().flatten().unwrap_or_default()
    }

    /// What a group of the pattern fits; nothing where it has no part in it.
    fn words(&self, group: usize) -> &'a str {
        self.text.get(self.part(group)).unwrap_or_default()
    }

    /// What comes before a part on its line.
    fn before(&self, part: &Range<usize>) -> &'a str {
        let before = self.text.get(..part.start).unwrap_or_default();
        before.rsplit('\n').next().unwrap_or_default()
    }

    fn write(&self, text: impl Into<String>) -> Option<Mend> {
        self.write_at(self.part(0), text)
    }

    fn write_at(&self, part: Range<usize>, text: impl Into<String>) -> Option<Mend> {
        let mut text = text.into();
        if text.trim().is_empty() {
            let (before, behind) = (self.text.get(..part.start)?, self.text.get(part.end..)?);
            let is_between =
                before.ends_with(|c: char| !c.is_whitespace()) && behind.starts_with(|c: char| !c.is_whitespace());
            text = String::from(if is_between && !text.is_empty() { " " } else { "" });
        }
        // What is not shown in full can't be copied.
        let (write, note) = if text.len() > LONGEST {
            (None, "begin each line with `- `, in place of the sign or the cells that it has now")
        } else {
            (Some(text), "")
        };
        Some(Mend { part, write, note })
    }

    #[expect(clippy::unnecessary_wraps, reason = "a row ends with what was meant, or with nothing")]
    fn say(&self, note: &'static str) -> Option<Mend> {
        Some(Mend { part: self.part(0), write: None, note })
    }
}

/// The longest text to write instead, in bytes: a help holds as much.
const LONGEST: usize = 1_000;

const fn row(
    rule: &'static Rule,
    needs: &'static [&'static str],
    pattern: &'static str,
    message: &'static str,
    mend: fn(&Found<'_>) -> Option<Mend>,
) -> Row {
    Row { needs: Needs::Text(needs), pattern, rule, message, mend, regex: OnceLock::new() }
}

const fn row_of(
    rule: &'static Rule,
    needs: fn(char) -> bool,
    pattern: &'static str,
    message: &'static str,
    mend: fn(&Found<'_>) -> Option<Mend>,
) -> Row {
    Row { needs: Needs::Character(needs), pattern, rule, message, mend, regex: OnceLock::new() }
}

/// The names of facts in braces, which official texts don't have: there braces are words.
static FACTS: Row = row(
    &SHOWN_AS_TYPED,
    &["{", "}"],
    r"\{+[^{}\n]*\}+|\{+[A-Za-z0-9_-]*|\}+",
    "this is shown as it is typed: a fact is its name between two braces, without spaces",
    mends::braces,
);

/// Addresses, which stay as they are in official texts.
static ADDRESSES: [Row; 2] = [
    row(
        &BARE_ADDRESS,
        &["@"],
        r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
        "nobody can tap this address",
        mends::mail_address,
    ),
    row(
        &BARE_ADDRESS,
        &["www.", "://"],
        r#"(?:https?://|www\.)[^\s\x00<>()\[\]{}“”"]*[A-Za-z0-9/]"#,
        "nobody can tap this address",
        mends::web_address,
    ),
];

/// Tags in square brackets that the program of an old site made something of. Before links: two of them in a row look like one.
static SHORTCODES: Row = row(
    &SHOWN_AS_TYPED,
    &["["],
    r#"\[(/?)([A-Za-z][A-Za-z0-9_-]*)((?:[ \t]+[A-Za-z_-]+=(?:"[^"\n\]]*"|'[^'\n\]]*'|[“”″][^“”″\n\]]*[“”″]|[^\s\]"'“”″]+))*)[ \t]*/?\]"#,
    "this is shown as it is typed: only the program of the old site made something of it",
    mends::shortcode,
);

static COPY: [Row; 13] = [
    row(
        &SHOWN_AS_TYPED,
        &["] "],
        r"(?m)^[\[\x00]?[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}, [0-9:]+(?:[ \x{202F}][AaPp]\.?[Mm]\.?)?\] [^:\n]{1,40}: ",
        "a message was copied with its time and the name of its writer",
        |found| found.write(""),
    ),
    row(
        &SHOWN_AS_TYPED,
        &["[["],
        r"(?m)^\[\[[a-z_.]+\]\][ \t\r]*$",
        "this is shown as it is typed: the text goes on over the beginning of the next part",
        |found| {
            found.say("put three quotes (\"\"\") behind the last word of the text, above this line, and take out those that end it later")
        },
    ),
    row(
        &SHOWN_AS_TYPED,
        &["] (", "]\n", "]\t(", "]  ("],
        r"\[([^\[\]\n]+)\]\s+\(((?:/|#|https?:|www\.|mailto:)[^()\s]*)\)",
        "this is shown as it is typed: nothing goes between the words of a link and its address",
        mends::link,
    ),
    row(
        &SHOWN_AS_TYPED,
        &[")["],
        r"\(([^()\n]+)\)\[((?:/|#|https?:|www\.|mailto:)[^\[\]\s]*)\]",
        "this is shown as it is typed: the words of a link go in square brackets, its address in round ones",
        mends::link,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["]["],
        r"\[([^\[\]\n]+)\]\[((?:/|#|https?:|www\.|mailto:)[^\[\]\s]*)\]",
        "this is shown as it is typed: the address of a link goes in round brackets",
        mends::link,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["]("],
        r"\[([^\[\]\n]+)\]\(([^()\n\x00]*)(\)?)",
        "this is shown as it is typed: the address of a link has no spaces and ends with a bracket",
        mends::link_with_gaps,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["**"],
        r"\*\*[ \t]+([^*\n\x00]*[^*\s\x00])[ \t]*\*\*|\*\*([^*\s\x00](?:[^*\n\x00]*[^*\s\x00])?)[ \t]+\*\*",
        "the stars are shown as they are typed: they go right next to the words",
        mends::stars_apart,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["**"],
        r#"(?m)(?:^|[\s(“"\x00])\*\*([^*\s][^*\n]*)"#,
        "the stars are shown as they are typed: they have no end",
        mends::stars_without_end,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["**"],
        r"(?m)([^\s*\x00]+)\*\*(?:[\s.,;:!?)\x00]|$)",
        "the stars are shown as they are typed: they have no beginning",
        mends::stars_without_beginning,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["~~"],
        r"~~([^~\n]+)~~",
        "this is shown as it is typed: nothing can be crossed out",
        mends::crossed_out,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["[ ]", "[x]", "[X]", "[]"],
        r"(?m)(?:^|\x00)[ \t]*(\[[ xX]?\][ \t]+)([^\s\x00]+)",
        "this is shown as it is typed: there are no boxes to tick",
        mends::box_to_tick,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["[^"],
        r"\[\^[^\]\s\x00]{1,20}\]:?",
        "this is shown as it is typed: there are no footnotes",
        |found| found.say("say it in the sentence, or name a source of the page in `sources`"),
    ),
    row(
        &SHOWN_AS_TYPED,
        &["##"],
        r"(?m)^[ \t]*(#{2,6})([^\s#][^\n]*)$",
        "this is shown as it is typed: a space is missing behind the signs of a heading",
        mends::heading,
    ),
];

/// What an entity of HTML is where it has no part in the markup.
static ENTITIES: Row = row(&SHOWN_AS_TYPED, &["&"], plain::ENTITY, "this is shown as it is typed", |found| {
    found.write(plain::decoded(found.words(0)))
});

/// Signs that no one typed.
static SIGNS: [Row; 5] = [
    row(
        &GARBLED_TEXT,
        &["´"],
        r"[^\s´]*[A-Za-z]´[A-Za-z]\S*",
        "this accent is by itself, in the place of an apostrophe or beside its letter",
        |found| found.write(garbled::accented(found.words(0))),
    ),
    row(
        &GARBLED_TEXT,
        &["\u{fffd}"],
        r"[^\s\x{FFFD}]*\x{FFFD}\S*",
        "a letter was lost here: everybody sees a question mark in its place",
        |found| found.say("write the word again; another program saved it in an encoding of its own"),
    ),
    row(
        &GARBLED_TEXT,
        &["Ã", "Â", "â", "ï", "ð"],
        r"\S*[ÃÂâïð]\S*",
        "this was garbled by a program that read it in a wrong encoding",
        |found| found.write(garbled::mended(found.words(0))?),
    ),
    row_of(
        &GARBLED_TEXT,
        |c| matches!(c, '\u{e000}'..='\u{f8ff}'),
        r"[\x{E000}-\x{F8FF}]+[ \t\x{A0}]*(\S*)",
        "only one font has this sign, such as Word's Symbol: others show a box in its place",
        |found| found.write(found.words(1)),
    ),
    row_of(
        &HIDDEN_CHARACTER,
        is_invisible,
        r"[^\s\x{AD}\x{200B}\x{2060}\x{FEFF}\x{2028}-\x{202E}\x{2066}-\x{2069}]*[\x{AD}\x{200B}\x{2060}\x{FEFF}\x{2028}-\x{202E}\x{2066}-\x{2069}]\S*",
        "there are characters in this word that nobody sees, as pasting leaves them: a search doesn't find the word",
        |found| found.write(garbled::visible(found.text, found.words(0))?.trim()),
    ),
];

impl Row {
    /// Adds what fits the row, each at its place, unless another row has taken it.
    fn look(&self, text: &str, shown: &str, taken: &mut Vec<(Range<usize>, Problem)>) {
        if !self.needs.are_in(shown) {
            return;
        }
        let Some(regex) = self.regex.get_or_init(|| Regex::new(self.pattern).ok()) else { return };
        for captures in regex.captures_iter(shown) {
            if taken.len() >= limits::MAX_PROBLEMS {
                return;
            }
            let groups = captures.iter().map(|group| group.map(|group| group.range())).collect();
            let mend = (self.mend)(&Found { text, shown, groups });
            if let Some(mend) = mend.filter(|mend| taken.iter().all(|(part, _)| apart(part, &mend.part))) {
                taken.push((mend.part.clone(), self.problem(text, mend)));
            }
        }
    }

    fn problem(&self, text: &str, Mend { part, write, note }: Mend) -> Problem {
        // A line end of two characters stays whole.
        let needle = text.get(part.clone()).unwrap_or_default().trim_end_matches('\r');
        let part = part.start..part.start + needle.len();
        let first = needle.lines().next().unwrap_or_default();
        let problem = match write {
            Some(write) => Problem::mended(self.rule, self.message, part, write, note),
            None => Problem::new(self.rule, self.message, note).part(part),
        };
        problem.at(shortened(first))
    }
}

/// Faster than `contains` for the many texts that are looked for in all copy.
fn holds(text: &str, part: &str) -> bool {
    memmem::find(text.as_bytes(), part.as_bytes()).is_some()
}

/// Whether anything in a copy may be shown as it is typed.
pub(super) fn may_be_in(copy: &str) -> bool {
    let marks = b"{}*[|~@&#\t\n".iter().any(|mark| memchr(*mark, copy.as_bytes()).is_some());
    if copy.is_ascii() && !marks && !["www.", "://", ": - "].iter().any(|one| holds(copy, one)) {
        return false;
    }
    let rows = [&FACTS, &SHORTCODES, &ENTITIES, &lists::ON_ONE_LINE]
        .into_iter()
        .chain(&ADDRESSES)
        .chain(&COPY)
        .chain(&lists::LISTS);
    rows.chain(&SIGNS).any(|row| row.needs.are_in(copy))
}

fn apart(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.end <= other.start || other.end <= one.start
}

/// What is wrong with copy of which only `shown` is shown as it is typed. Official texts name no facts, and their addresses stay.
pub(super) fn in_copy(copy: &str, shown: &str, official: bool) -> Vec<Problem> {
    let own = std::iter::once(&FACTS).chain(&ADDRESSES).filter(|_| !official);
    looked_for(
        std::iter::once(&SHORTCODES)
            .chain(own)
            .chain(&COPY)
            .chain(&lists::LISTS)
            .chain([&lists::ON_ONE_LINE, &ENTITIES])
            .map(|row| (row, shown))
            .chain(SIGNS.iter().map(|row| (row, copy))),
        copy,
    )
}

/// The signs in a text that no one typed.
pub(in crate::content) fn in_plain(text: &str) -> Vec<Problem> {
    looked_for(SIGNS.iter().map(|row| (row, text)), text)
}

fn looked_for<'a>(rows: impl Iterator<Item = (&'static Row, &'a str)>, text: &str) -> Vec<Problem> {
    let mut taken = Vec::new();
    rows.for_each(|(row, shown)| row.look(text, shown, &mut taken));
    taken.sort_by_key(|(part, _)| part.start);
    taken.into_iter().map(|(_, problem)| problem).collect()
}
