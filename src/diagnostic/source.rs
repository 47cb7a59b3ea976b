//! The text of a content file, and where in it a finding is.

use std::ops::Range;
use std::sync::OnceLock;

/// The text of one content file and the path to show for it.
#[derive(Debug)]
pub struct Source {
    /// As the user would type it: `content/en/ui.toml`.
    pub path: String,
    /// Empty for a file that should exist and does not, or that can't be read.
    pub text: String,
    /// The byte at which each line of a long text starts. Made when the first finding asks for its place: counting lines anew for each
    /// finding would take time in the square of a file's size.
    lines: OnceLock<Vec<usize>>,
}

/// The longest text whose lines are counted anew for each finding, in bytes: a page keeps no list of its lines.
const SHORT: usize = 16 * 1024;

/// The lines say no more than the text.
impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.text == other.text
    }
}

impl Eq for Source {}

impl Source {
    /// A file's text and the path to show for it.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), lines: OnceLock::new() }
    }

    /// A file of which there is no text to show.
    #[must_use]
    pub fn without_text(path: impl Into<String>) -> Self {
        Self::new(path, String::new())
    }

    /// The line and column (from 1, in characters) of a byte offset.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset);
        let (line, whole) = self.line_at(offset);
        let column = self.text.get(whole.start..offset).unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The place of `needle` within `span`, or the whole of `span`: copy may hold escapes, so that an offset in the value
    /// isn't one in the file.
    #[must_use]
    pub fn locate(&self, span: &Range<usize>, needle: &str) -> Range<usize> {
        match self.text.get(span.clone()).and_then(|text| text.find(needle)) {
            Some(at) if !needle.is_empty() => span.start + at..span.start + at + needle.len(),
            _ => span.clone(),
        }
    }

    /// The whole first line of `span`, and the part of `span` on it, both as byte offsets.
    pub(super) fn first_line(&self, span: &Range<usize>) -> (Range<usize>, Range<usize>) {
        let start = self.text.floor_char_boundary(span.start);
        let (_, whole) = self.line_at(start);
        let end = self.text.floor_char_boundary(span.end).clamp(start, whole.end);
        (whole, start..end)
    }

    /// The line that a byte is on: its number (from 1), and its bytes without the line's end.
    fn line_at(&self, offset: usize) -> (usize, Range<usize>) {
        if self.text.len() <= SHORT {
            let (before, behind) = self.text.split_at_checked(offset).unwrap_or((&self.text, ""));
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            let end = behind.find('\n').map_or(self.text.len(), |at| before.len() + at);
            return (before.matches('\n').count() + 1, start..end);
        }
        let lines = self.lines();
        let line = lines.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|at| lines.get(at)).copied().unwrap_or_default();
        (line, start..lines.get(line).map_or(self.text.len(), |next| next - 1))
    }

    fn lines(&self) -> &[usize] {
        let starts = || std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1));
        self.lines.get_or_init(|| starts().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{SHORT, Source};

    #[test]
    fn places_count_lines_and_characters_from_1() {
        let places = [(0, (1, 1)), (4, (1, 4)), (6, (1, 6)), (7, (2, 1)), (8, (3, 1)), (13, (3, 3)), (15, (4, 1))];
        let (short, long) = ("señal\n\n🙂 x\n".to_owned(), format!("señal\n\n🙂 x\n{}", "x".repeat(SHORT)));
        for text in [short, long] {
            let source = Source::new("a.toml", text);
            for (offset, place) in places {
                assert_eq!(source.position(offset), place, "{offset}");
            }
            assert_eq!(source.position(3), (1, 3), "within a character: where it begins");
            assert_eq!(source.position(usize::MAX).0, 4, "past the end: the end");
            assert_eq!(source.first_line(&(13..15)), (8..14, 13..14));
        }
        assert_eq!(Source::without_text("a.toml").position(7), (1, 1));
    }
}
