//! The part of a copy that is shown as it is typed: what the parser of Markdown took for words.

use pulldown_cmark::{Event, Tag, TagEnd};
use std::ops::Range;

/// A copy of the same length, with zeros in place of all that isn't shown as it is typed. Lines stay lines.
pub(super) struct Shown<'a> {
    copy: &'a str,
    bytes: Vec<u8>,
    /// How many links and blocks are open, whose words are looked at elsewhere.
    within: usize,
}

impl<'a> Shown<'a> {
    pub(super) fn new(copy: &'a str) -> Self {
        Self {
            copy,
            bytes: copy.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { byte } else { 0 }).collect(),
            within: 0,
        }
    }

    pub(super) fn event(&mut self, event: &Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(Tag::Link { .. } | Tag::CodeBlock(_) | Tag::Image { .. }) => self.within += 1,
            Event::End(TagEnd::Link | TagEnd::CodeBlock | TagEnd::Image) => self.within = self.within.saturating_sub(1),
            Event::Text(text) if self.within == 0 => self.words(text, range),
            _ => {}
        }
    }

    fn words(&mut self, text: &str, range: &Range<usize>) {
        let typed = self.copy.get(range.clone()).unwrap_or_default();
        // The name of a character: `&amp;`.
        if typed.starts_with('&') && typed != text {
            return;
        }
        // What follows a backslash is meant as it is.
        let escaped = self.copy.get(..range.start).is_some_and(|before| before.ends_with('\\'));
        let meant = typed.chars().next().filter(|c| escaped && c.is_ascii_punctuation()).map_or(0, char::len_utf8);
        let range = range.start + meant..range.end;
        if let (Some(bytes), Some(typed)) = (self.bytes.get_mut(range.clone()), self.copy.get(range)) {
            bytes.copy_from_slice(typed.as_bytes());
        }
    }

    pub(super) fn text(self) -> String {
        // Each part of it is text.
        String::from_utf8(self.bytes).unwrap_or_default()
    }
}
