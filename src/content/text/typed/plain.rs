//! Plain text without the markup that somebody typed into it.

use super::lists::BULLETS;
use pulldown_cmark::{Event, Parser};
use regex_lite::{Captures, Regex};
use std::ops::Range;
use std::sync::OnceLock;

/// What the names of characters are in HTML, as copying from web pages leaves them.
pub(super) const ENTITY: &str = r"&(?:(?:nbsp|amp|quot|apos|lt|gt|copy|reg|trade|[nm]dash|hellip|[lr][sd]quo|bull|middot|iexcl|iquest|[aeiounAEIOUN](?:acute|tilde|grave|uml)|#[0-9]+|#x[0-9A-Fa-f]+)(?:;|\b))";

/// Markup of one kind, and what is written instead.
struct Markup {
    needs: &'static str,
    pattern: &'static str,
    with: &'static str,
    regex: OnceLock<Option<Regex>>,
}

const fn markup(needs: &'static str, pattern: &'static str, with: &'static str) -> Markup {
    Markup { needs, pattern, with, regex: OnceLock::new() }
}

static MARKUP: [Markup; 12] = [
    markup("](", r"\[([^\[\]]*)\]\([^()]*\)", "$1"),
    markup("] (", r"\[([^\[\]]*)\] +\((?:/|#|https?:)[^()]*\)", "$1"),
    markup("**", r"\*\*\s*([^*]*[^*\s])\s*\*\*", "$1"),
    markup("**", r"(^|[^*])\*\*([^*]|$)", "$1$2"),
    markup("*", r"(^|[\s(])\*([^\s*](?:[^*]*[^\s*])?)\*($|[\s).,:;!?])", "$1$2$3"),
    markup("__", r"(^|[\s(])__([^\s_](?:[^_]*[^\s_])?)__($|[\s).,:;!?])", "$1$2$3"),
    markup("_", r"(^|[\s(])_([^\s_](?:[^_]*[^\s_])?)_($|[\s).,:;!?])", "$1$2$3"),
    markup("~~", r"~~([^~]+)~~", "$1"),
    markup("<", r"(?i)\s*<br(?:\s[^<>]*)?/?>\s*", " "),
    markup(
        "<",
        r"(?i)</?(?:a|b|i|u|em|strong|p|span|div|h[1-6]|ul|ol|li|font|small|big|sup|sub|img|center)(?:\s[^<>]*)?/?>",
        "",
    ),
    markup("#", r"^#{1,6}\s+([A-ZÁÉÍÓÚÑ¿¡])", "$1"),
    markup("- ", r"^\s*- +(\S)", "$1"),
];

static ENTITIES: Markup = markup("&", ENTITY, "");

impl Markup {
    fn regex(&self, text: &str) -> Option<&Regex> {
        if !super::holds(text, self.needs) {
            return None;
        }
        self.regex.get_or_init(|| Regex::new(self.pattern).ok()).as_ref()
    }
}

/// A plain text without the markup in it.
#[derive(Debug, PartialEq)]
pub(in crate::content) struct Unmarked {
    pub(in crate::content) whole: String,
    /// The part of the text with the markup, in whole words.
    pub(in crate::content) part: Range<usize>,
    /// What to write in its place.
    pub(in crate::content) words: String,
}

/// A plain text in which markup was typed.
pub(in crate::content) fn unmarked(text: &str) -> Option<Unmarked> {
    let mut clean = text.to_owned();
    if let Some(regex) = ENTITIES.regex(text) {
        clean = regex
            .replace_all(&clean, |captures: &Captures<'_>| decoded(captures.get(0).map_or("", |found| found.as_str())))
            .into_owned();
    }
    for markup in &MARKUP {
        let Some(regex) = markup.regex(&clean) else { continue };
        clean = regex.replace_all(&clean, markup.with).into_owned();
    }
    let bare = clean.trim_start();
    let bullet = BULLETS.iter().filter(|_| !bare.is_ascii()).find_map(|bullet| bare.strip_prefix(bullet));
    if let Some(item) = bullet {
        clean = item.trim_start_matches([' ', '\t', '\u{a0}']).to_owned();
    }
    if clean == text {
        return None;
    }
    let whole = clean.trim().to_owned();
    let (part, words) = changed(text, &whole);
    Some(Unmarked { whole, part, words })
}

/// The part of a text that another differs in, in whole words, and the words of the other.
fn changed(text: &str, clean: &str) -> (Range<usize>, String) {
    let same = |(a, b): &(char, char)| a == b;
    let length = |pairs: &mut dyn Iterator<Item = (char, char)>| {
        pairs.take_while(same).map(|(c, _)| c.len_utf8()).sum::<usize>()
    };
    let start = length(&mut text.chars().zip(clean.chars()));
    // Up to the beginning of a word.
    let start = text.get(..start).and_then(|same| same.rfind(' ')).map_or(0, |at| at + 1);
    let (rest, other) = (text.get(start..).unwrap_or_default(), clean.get(start..).unwrap_or_default());
    let end = length(&mut rest.chars().rev().zip(other.chars().rev()));
    let tail = rest.get(rest.len() - end..).unwrap_or_default();
    let end = tail.find(' ').map_or(0, |at| tail.len() - at);
    let words = other.get(..other.len() - end).unwrap_or_default();
    (start..text.len() - end, words.to_owned())
}

/// What an entity stands for; a space for one that doesn't break.
pub(super) fn decoded(entity: &str) -> String {
    let whole = format!("{};", entity.trim_end_matches(';'));
    let mut text = String::new();
    for event in Parser::new(&whole) {
        if let Event::Text(part) = event {
            text.push_str(&part);
        }
    }
    text.replace('\u{a0}', " ")
}

#[cfg(test)]
mod tests {
    use super::unmarked;

    #[test]
    fn the_words_remain() {
        for (typed, part, write) in [
            ("Smith &amp; Jones", "&amp;", "&"),
            ("Our <i>group</i> room", "<i>group</i>", "group"),
            ("**Welcome**", "**Welcome**", "Welcome"),
            ("*Welcome* to us", "*Welcome*", "Welcome"),
            ("A __big__ room", "__big__", "big"),
            ("See [the map](/map/) here", "[the map](/map/)", "the map"),
            ("Men&uacute; de hoy", "Men&uacute;", "Menú"),
            ("Isn&#8217;t it", "Isn&#8217;t", "Isn’t"),
            ("# Hours", "# Hours", "Hours"),
            ("- Photo ID", "- Photo", "Photo"),
            ("• Photo ID", "• Photo", "Photo"),
            ("It is ~~free~~ cheap", "~~free~~", "free"),
            ("One<br>two", "One<br>two", "One two"),
            ("Open**", "Open**", "Open"),
        ] {
            let clean = unmarked(typed).unwrap_or_else(|| panic!("{typed}"));
            assert_eq!((typed.get(clean.part).unwrap(), clean.words.as_str()), (part, write), "{typed}");
        }
        for right in [
            "5 * 3 * 2",
            "AT&T",
            "R&D; more",
            "I <3 you",
            "a < b > c",
            "[sic]",
            "name_of_it",
            "# of groups",
            "*required",
            "$5–$10",
            "Call (916) 555-0100",
            "- ",
            "2*3*4",
            "5 – 7 pm",
        ] {
            assert_eq!(unmarked(right), None, "{right}");
        }
    }
}
