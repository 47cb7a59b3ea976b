//! A text as TOML writes it: its value, and where in the file each part of that is.

use std::borrow::Cow;
use std::ops::Range;

/// What texts are written between, the longest first.
const QUOTES: [&str; 4] = ["\"\"\"", "'''", "\"", "'"];

/// A text of a file.
#[derive(Debug)]
pub(super) struct Written<'t> {
    /// All of the file.
    file: &'t str,
    /// Nothing for a name without quotes.
    quote: &'static str,
    pub(super) value: Cow<'t, str>,
    pub(super) places: Places,
}

/// Where in a file each part of a value is.
#[derive(Debug)]
pub(super) struct Places(Vec<Run>);

/// A part of a value, and the bytes of the file that write it. Those of an escape are more; any others are the same.
#[derive(Debug)]
struct Run {
    value: Range<usize>,
    file: Range<usize>,
}

impl Run {
    fn is_as_written(&self) -> bool {
        self.value.len() == self.file.len()
    }
}

impl Places {
    /// The bytes of the file that write a part of the value. Of an escape, all.
    pub(super) fn locate(&self, part: &Range<usize>) -> Range<usize> {
        let run = |at: usize| self.0.get(self.0.partition_point(|run| run.value.end <= at));
        let end = || self.0.last().map_or(0, |run| run.file.end);
        let start = run(part.start).map_or_else(end, |run| {
            run.file.start + if run.is_as_written() { part.start - run.value.start } else { 0 }
        });
        let last = part.end.checked_sub(1).filter(|last| *last >= part.start);
        let upto = last.map_or(start, |last| {
            let whole = |run: &Run| {
                if run.is_as_written() { run.file.start + last + 1 - run.value.start } else { run.file.end }
            };
            run(last).map_or_else(end, whole)
        });
        start..upto
    }
}

impl<'t> Written<'t> {
    /// Reads the text at a place of a file.
    pub(super) fn read(file: &'t str, span: &Range<usize>) -> Self {
        let written = file.get(span.clone()).unwrap_or_default();
        let within = |quote: &'static str| Some((quote, written.strip_prefix(quote)?.strip_suffix(quote)?));
        let (quote, inner) = QUOTES.into_iter().find_map(within).unwrap_or(("", written));
        // The line end behind three quotes is none of the text's.
        let first = Some(inner).filter(|_| quote.len() == 3);
        let inner = first.and_then(|text| text.strip_prefix('\n').or(text.strip_prefix("\r\n"))).unwrap_or(inner);
        let base = span.end.saturating_sub(quote.len() + inner.len());
        if !(quote.starts_with('"') && inner.contains('\\')) {
            let run = Run { value: 0..inner.len(), file: base..base + inner.len() };
            return Self { file, quote, value: Cow::Borrowed(inner), places: Places(vec![run]) };
        }
        let (mut value, mut runs, mut rest) = (String::with_capacity(inner.len()), Vec::new(), inner);
        while !rest.is_empty() {
            let (from, at) = (value.len(), base + inner.len() - rest.len());
            let (words, escaped) = rest.split_at(rest.find('\\').unwrap_or(rest.len()));
            value.push_str(words);
            let length = if words.is_empty() {
                let (c, length) = escape(escaped);
                value.extend(c);
                length
            } else {
                words.len()
            };
            runs.push(Run { value: from..value.len(), file: at..at + length });
            rest = rest.get(length..).unwrap_or_default();
        }
        Self { file, quote, value: Cow::Owned(value), places: Places(runs) }
    }

    /// Another text as it is written between the same quotes. Nothing where it can't be.
    pub(super) fn write(&self, text: &str) -> Option<String> {
        if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
            return None;
        }
        let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        // Two of them, or one beside the end, might become three.
        let is_apart = |quote: char| {
            !text.starts_with(quote) && !text.ends_with(quote) && !text.contains(&quote.to_string().repeat(2))
        };
        let lines = |text: String| if self.file.contains("\r\n") { text.replace('\n', "\r\n") } else { text };
        match self.quote {
            "\"\"\"" if is_apart('"') => Some(lines(text.replace('\\', "\\\\"))),
            "\"\"\"" => Some(lines(escaped(text))),
            "'''" => is_apart('\'').then(|| lines(text.to_owned())),
            "\"" => Some(escaped(text).replace('\n', "\\n")),
            "'" => (!text.contains(['\'', '\n'])).then(|| text.to_owned()),
            _ => None,
        }
    }
}

/// The character that a backslash and what follows it stand for, and how many bytes they are. None at the end of a line.
/// What is no escape stays as it is: parsing has reported it.
fn escape(rest: &str) -> (Option<char>, usize) {
    let behind = rest.get(1..).unwrap_or_default();
    let one = |c: char| Some((Some(c), 2));
    let hex = |digits: usize| {
        let code = u32::from_str_radix(behind.get(1..=digits)?, 16).ok()?;
        Some((Some(char::from_u32(code)?), digits + 2))
    };
    let read = match behind.chars().next() {
        Some('b') => one('\u{8}'),
        Some('e') => one('\u{1b}'),
        Some('f') => one('\u{c}'),
        Some('n') => one('\n'),
        Some('r') => one('\r'),
        Some('t') => one('\t'),
        Some(c @ ('\\' | '"')) => one(c),
        Some('x') => hex(2),
        Some('u') => hex(4),
        Some('U') => hex(8),
        Some(' ' | '\t' | '\r' | '\n') => {
            Some((None, rest.len() - behind.trim_start_matches([' ', '\t', '\r', '\n']).len()))
        }
        _ => None,
    };
    read.unwrap_or((Some('\\'), 1))
}

#[cfg(test)]
mod tests {
    use super::Written;

    const TEXTS: [&str; 9] = [
        r#""a \"b\" \\ c\u00ADd \U0001F642 \x41 e\n""#,
        "\"\"\"\nCall us \\\n   today.\\u2014 \\\" x\n\"\"\"",
        "\"\"\"\r\nCall us \\\r\n\r\n   today.\r\n\"\"\"",
        "\"\"\"a \"b\"\"\"\"",
        "'''\na\\b 'c'\nd'''",
        r"'a\b'",
        "\"\"",
        "\"\"\"\"\"\"",
        "\"señal\\u00f1\\u2019 🙂\"",
    ];

    #[test]
    fn values_are_those_of_the_parser_and_each_part_has_its_place() {
        for written in TEXTS {
            let file = format!("text = {written}\n");
            let text = Written::read(&file, &(7..7 + written.len()));
            let parsed = toml::de::DeValue::parse(written).unwrap();
            assert_eq!(parsed.get_ref().as_str(), Some(&*text.value), "{written}");
            for (at, c) in text.value.char_indices() {
                let place = text.places.locate(&(at..at + c.len_utf8()));
                let part = file.get(place).unwrap();
                assert!(part == c.to_string() || part.starts_with('\\') && part.len() > 1, "{written}: {c:?} {part:?}");
            }
            let all = text.places.locate(&(0..text.value.len()));
            assert!(all.start >= 7 && all.end <= 7 + written.len(), "{written}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for written in TEXTS {
            for other in ["a\\b", "say \"yes\" now", "\"yes\"", "it's", "one\ntwo", "“señal”"] {
                let file = format!("text = {written}\n");
                let text = Written::read(&file, &(7..7 + written.len()));
                let Some(new) = text.write(other) else {
                    assert!(written.starts_with('\''), "{written} can hold {other:?}");
                    continue;
                };
                let mut whole = file.clone();
                whole.replace_range(text.places.locate(&(0..text.value.len())), &new);
                let parsed = whole.parse::<toml::Table>().unwrap_or_else(|error| panic!("{whole}: {error}"));
                assert_eq!(parsed["text"].as_str().unwrap().replace('\r', ""), other, "{whole}");
            }
        }
    }
}
