//! What the leaves of copy and links have besides their values: what they name, and their headings.

use super::{Link, Markdown, MarkdownWithHeadings, OfficialMarkdown};
use crate::content::text::{self, Mentions};
use std::ops::Range;

/// A piece of copy with its place in the file.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    span: Range<usize>,
    text: &'a str,
}

impl Words<'_> {
    /// The bytes of the file that hold it.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What it names.
    #[must_use]
    pub fn mentions(&self) -> Mentions {
        Mentions::new(self.text)
    }

    /// The facts that it names. Most copy names none, and is not parsed for it.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        if self.text.contains('{') { self.mentions().facts } else { Vec::new() }
    }
}

impl<'a> From<&'a Markdown> for Words<'a> {
    fn from(copy: &'a Markdown) -> Self {
        Self { span: copy.span(), text: &copy.2 }
    }
}

impl<'a> From<&'a MarkdownWithHeadings> for Words<'a> {
    fn from(copy: &'a MarkdownWithHeadings) -> Self {
        Self { span: copy.span(), text: &copy.2 }
    }
}

impl MarkdownWithHeadings {
    /// Whether it has headings.
    #[must_use]
    pub fn has_headings(&self) -> bool {
        text::has_headings(&self.2)
    }

    /// The anchors of its headings, in the section with an anchor.
    #[must_use]
    pub fn anchors(&self, section: &str) -> Vec<String> {
        text::heading_anchors(&self.2, section)
    }
}

impl OfficialMarkdown {
    /// Whether it has headings.
    #[must_use]
    pub fn has_headings(&self) -> bool {
        text::has_headings(&self.2)
    }

    /// The anchors of its headings, in the section with an anchor.
    #[must_use]
    pub fn anchors(&self, section: &str) -> Vec<String> {
        text::heading_anchors(&self.2, section)
    }
}

impl Link {
    /// Whether it leads to another site.
    #[must_use]
    pub fn leads_away(&self) -> bool {
        !self.2.starts_with('/')
    }
}
