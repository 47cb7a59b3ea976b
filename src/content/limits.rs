//! How much one content file may hold. Whatever is in it, reading it takes a time and a memory that grow as its size does, and both have a
//! limit: a file that is refused once is read again at every start, so it must never stop the program.
//!
//! The size of a file alone is no limit: a tree takes a kilobyte for a table of five characters, an error of the parser 200 bytes for one
//! character, and names with ten thousand parts end the stack. So the parser's own lexer, which takes no memory, counts before there is a tree.

use super::catalogue;
use crate::diagnostic::{Report, Source};
use std::ops::Range;
use std::sync::Arc;
use toml_parser::Source as Toml;
use toml_parser::lexer::{Token, TokenKind};

/// The most words and signs outside of texts, with spaces and line ends: some 15,000 lines. The longest file of this site has 1,500.
const MAX_TOKENS: usize = 100_000;

/// The most signs that may each be a mistake: backslashes, control characters, and what names are not made of.
const MAX_ODD: usize = 10_000;

/// The most parts of a name, which dots part: each is a group within a group.
const MAX_PARTS: usize = 100;

/// The most items of a list and entries of a group with names of its own.
pub(super) const MAX_ITEMS: usize = 2_000;

/// How deep lists and quotations may be within others in copy.
pub(super) const MAX_NESTED: usize = 8;

/// The most mistakes in one piece of copy that are worded.
pub(super) const MAX_PROBLEMS: usize = 20;

/// The most syntax errors of one file that are explained.
pub(super) const MAX_EXPLAINED: usize = 100;

/// The longest address, in characters: browsers take no longer ones, and some hosts take time in the square of their length to parse.
const MAX_ADDRESS: usize = 2_000;

pub(super) fn is_too_long_an_address(text: &str) -> bool {
    text.len() > MAX_ADDRESS
}

/// Reports what a file has too much of, if anything: then it is not to be parsed.
pub(super) fn exceeded(source: &Arc<Source>, report: &mut Report) -> bool {
    // Most pages: so few bytes can't hold too much of anything.
    if source.text.len() <= MAX_ODD {
        return false;
    }
    let toml = Toml::new(&source.text);
    let (mut odd, mut parts) = (0, 0);
    for (count, token) in toml.lex().enumerate() {
        let span = token.span().start()..token.span().end();
        odd += source.text.get(span.clone()).map_or(0, |text| odd_signs(&token, text));
        parts = match token.kind() {
            TokenKind::Dot => parts + 1,
            TokenKind::Atom | TokenKind::Whitespace | TokenKind::BasicString | TokenKind::LiteralString => parts,
            _ => 0,
        };
        let (rule, message, help) = if count >= MAX_TOKENS {
            (
                &catalogue::TOO_MANY,
                format!("there are more than {MAX_TOKENS} words and signs outside of texts in this file"),
                "take out what the site doesn't need, or restore the file from a copy",
            )
        } else if odd > MAX_ODD {
            (
                &catalogue::TOO_MANY,
                format!("there are more than {MAX_ODD} backslashes, control characters and other signs in this file"),
                "save the file again as plain text, or restore it from a copy",
            )
        } else if parts > MAX_PARTS {
            (
                &catalogue::NESTING,
                format!("this name has more than {MAX_PARTS} parts"),
                "the name of a key is one word; a dot in it is between a group and a key in it",
            )
        } else {
            continue;
        };
        report.add(rule, source, first_character(&source.text, span.start), message, help);
        return true;
    }
    false
}

/// How many bytes of a token the parser may find a mistake in, each by itself.
fn odd_signs(token: &Token, text: &str) -> usize {
    let bytes = text.bytes();
    match token.kind() {
        TokenKind::Atom => bytes.filter(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))).count(),
        TokenKind::BasicString | TokenKind::MlBasicString => {
            bytes.filter(|byte| *byte == b'\\' || is_control(*byte)).count()
        }
        TokenKind::LiteralString | TokenKind::MlLiteralString | TokenKind::Comment => {
            bytes.filter(|byte| is_control(*byte)).count()
        }
        _ => 0,
    }
}

const fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, b'\n' | b'\t' | b'\r')
}

/// The place of one character: what begins there may go on for a megabyte.
fn first_character(text: &str, at: usize) -> Range<usize> {
    at..at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
}

/// The first line of copy on which lists and quotations are deeper within others than they may be. The parser of Markdown takes
/// memory in the square of that depth, so it is not asked.
pub(super) fn nested_too_deep(copy: &str) -> Option<usize> {
    let mut start = 0;
    for line in copy.split('\n') {
        if markers(line) > MAX_NESTED {
            return Some(start);
        }
        start += line.len() + 1;
    }
    None
}

/// How many lists and quotations a line of Markdown opens: `> - 1. words` opens three.
fn markers(line: &str) -> usize {
    let mut rest = line.trim_start();
    let mut count = 0;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let behind = if rest.starts_with('>') {
            rest.get(1..)
        } else if digits == 0 {
            rest.strip_prefix(['-', '*', '+']).filter(|behind| is_apart(behind))
        } else {
            rest.get(digits..).and_then(|rest| rest.strip_prefix(['.', ')'])).filter(|behind| is_apart(behind))
        };
        let Some(behind) = behind else { return count };
        count += 1;
        rest = behind.trim_start();
    }
}

fn is_apart(behind: &str) -> bool {
    behind.is_empty() || behind.starts_with(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::{MAX_NESTED, MAX_ODD, MAX_PARTS, MAX_TOKENS, exceeded, markers, nested_too_deep};
    use crate::diagnostic::{Report, Source};
    use std::sync::Arc;

    fn reported(text: &str) -> Option<&'static str> {
        let mut report = Report::default();
        let reported = exceeded(&Arc::new(Source::new("a.toml", text)), &mut report);
        assert_eq!(reported, report.has_errors());
        report.sorted().first().map(|finding| finding.rule.name)
    }

    #[test]
    fn a_file_may_hold_so_much_and_no_more() {
        // A line is a name, a space, a sign, a space, a value and its end.
        for (unit, tokens) in [("a = 1\n", 6), ("[", 1), ("{", 1), ("\r", 1), ("\"\"\"a\"\"\" ", 2), ("\n", 1)] {
            assert_eq!(reported(&unit.repeat(MAX_TOKENS / tokens - 1)), None, "{unit:?}");
            assert_eq!(reported(&unit.repeat(MAX_TOKENS / tokens + 1)), Some("too-many"), "{unit:?}");
        }
        for odd in ["\\q", "\u{1}"] {
            assert_eq!(reported(&format!("a = \"{}\"", odd.repeat(MAX_ODD))), None, "{odd:?}");
            assert_eq!(reported(&format!("a = \"{}\"", odd.repeat(MAX_ODD + 1))), Some("too-many"), "{odd:?}");
        }
        assert_eq!(reported(&"a?".repeat(MAX_ODD + 1)), Some("too-many"), "each is an error of its own");
        let remark = format!("#{}\n", "-".repeat(MAX_ODD));
        assert_eq!(reported(&format!("{remark}{}b = 1", "a.".repeat(MAX_PARTS))), None);
        assert_eq!(reported(&format!("{remark}{}b = 1", "a . ".repeat(MAX_PARTS + 1))), Some("nesting"));
        assert_eq!(reported(&"a.b = 1.5\n".repeat(MAX_PARTS * 80)), None, "each line has names of its own");
        assert_eq!(reported(&format!("text = '''{}'''", "[{= ".repeat(200_000))), None, "texts are words");
    }

    #[test]
    fn what_a_line_of_copy_opens_is_counted() {
        for (line, count) in [
            ("words - and > more", 0),
            ("- one", 1),
            ("  > - 1. words", 3),
            (">>> words", 3),
            ("*emphasis*", 0),
            ("2026-11-23 is a day", 0),
            ("10) ten", 1),
            ("- - -", 3),
            ("-", 1),
            ("1.5 mg", 0),
        ] {
            assert_eq!(markers(line), count, "{line}");
        }
        assert_eq!(nested_too_deep(&format!("words\n{}x", "> ".repeat(MAX_NESTED))), None);
        assert_eq!(nested_too_deep(&format!("words\n{}x", "> ".repeat(MAX_NESTED + 1))), Some(6));
    }
}
