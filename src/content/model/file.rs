//! Pictures and documents of `content/files/`, where content uses them.

use crate::content::leaf::{FileName, Key, Line, Markdown, Path};
use schemars::JsonSchema;
use serde::Deserialize;

/// A picture, where it is shown: with `alt`, or `decorative = true`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Picture {
    /// The file in `content/files/`.
    #[schemars(example = &"entrance.jpg")]
    pub file: FileName,
    /// What is to be seen on it, for those who don't see it: read aloud in its place (WCAG 2.2, 1.1.1).
    #[schemars(example = &"The entrance is a blue door beside the pharmacy.")]
    pub alt: Option<Line>,
    /// `true`: it only adorns the page, and says nothing that the words don't.
    pub decorative: Option<bool>,
}

impl Picture {
    /// What is read aloud in its place: nothing where it only adorns.
    #[must_use]
    pub fn alt(&self) -> &str {
        self.alt.as_ref().map(Line::as_str).unwrap_or_default()
    }
}

/// A picture as a part of a page.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct PictureSection {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// A heading, if it needs one.
    pub heading: Option<Line>,
    /// The picture.
    pub picture: Picture,
    /// Words below it.
    pub caption: Option<Markdown>,
}

/// Documents to read or print.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Downloads {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// The heading.
    pub heading: Line,
    /// Text between the heading and the list.
    pub intro: Option<Markdown>,
    /// The documents.
    pub items: Vec<Download>,
}

/// One document.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Download {
    /// The PDF in `content/files/`.
    #[schemars(example = &"intake-form.pdf")]
    pub file: FileName,
    /// What it is: the words of the link. The number of pages and the size are added after it.
    pub title: Line,
    /// What it is for.
    pub text: Option<Markdown>,
    /// The tag of its language (BCP 47), where that is another than the page's: `es`.
    #[schemars(example = &"es")]
    pub lang: Option<Key>,
    /// The page that says the same, for those who can't open it.
    #[schemars(example = &"/appointments/")]
    pub page: Option<Path>,
}

impl Downloads {
    pub(super) fn copy(&self) -> Vec<&Markdown> {
        self.intro.iter().chain(self.items.iter().filter_map(|item| item.text.as_ref())).collect()
    }

    pub(super) fn named(&self) -> (Option<&Key>, Option<&Line>) {
        (self.id.as_ref(), Some(&self.heading))
    }
}

/// What a place asks of a file in `content/files/`.
#[derive(Clone, Copy, Debug)]
pub enum FileUse<'a> {
    /// A picture with words of its own.
    Picture(&'a Picture),
    /// A picture whose words the program knows: a logo, whose name is that of the clinic.
    Named(&'a FileName),
    /// A PDF.
    Document(&'a FileName),
}

impl<'a> FileUse<'a> {
    /// The name.
    #[must_use]
    pub const fn file(self) -> &'a FileName {
        match self {
            Self::Picture(picture) => &picture.file,
            Self::Named(file) | Self::Document(file) => file,
        }
    }
}
