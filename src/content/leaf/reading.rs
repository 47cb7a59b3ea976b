//! How a leaf is read: by visitors, and in the file.

use super::Leaf;
use crate::content::plain::Reading;

impl Leaf {
    /// How visitors read its words, if they do.
    pub(in crate::content) const fn reading(self) -> Option<Reading> {
        match self {
            Self::Line
            | Self::Sentences
            | Self::TimePhrase
            | Self::DayTimePhrase
            | Self::SitePhrase
            | Self::MaxPhrase
            | Self::Label
            | Self::CountPhrase
            | Self::Title
            | Self::Description => Some(Reading::Plain),
            Self::Markdown | Self::MarkdownWithHeadings => Some(Reading::Markdown),
            // The clinic's official texts are not ours to reword or to translate.
            Self::MarkdownOrEmpty
            | Self::OfficialMarkdown
            | Self::Link
            | Self::Person
            | Self::Key
            | Self::Slug
            | Self::Phone
            | Self::Mail
            | Self::WebAddress
            | Self::Color
            | Self::Path
            | Self::OldPath
            | Self::Time
            | Self::Closing
            | Self::Zone
            | Self::Zip
            | Self::State
            | Self::StateName
            | Self::FileName
            | Self::Territory
            | Self::Day
            | Self::Moment => None,
        }
    }

    /// Whether it is written as a TOML date.
    pub(in crate::content) const fn is_date(self) -> bool {
        matches!(self, Self::Day | Self::Moment)
    }
}
