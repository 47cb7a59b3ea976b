//! Which sections have styles of their own, and which anchors they hold.

use super::{Event, Section};

impl Section {
    /// Whether its component has styles in `static/css/more.css`, which pages without such a section don't load.
    #[must_use]
    pub fn needs_more_style(&self) -> bool {
        match self {
            Self::Prose(section) => section.text.has_headings(),
            Self::OfficialText(section) => section.text.has_headings(),
            Self::Locations(_)
            | Self::Picture(_)
            | Self::Files(_)
            | Self::Table(_)
            | Self::People(_)
            | Self::Events(_) => true,
            Self::Steps(_)
            | Self::Cards(_)
            | Self::Objectives(_)
            | Self::Questions(_)
            | Self::UrgentCare(_)
            | Self::KeyFacts(_)
            | Self::Notice(_)
            | Self::Contact(_)
            | Self::RequestForm(_)
            | Self::HelpLines(_)
            | Self::LanguageHelp(_)
            | Self::PocketCard(_)
            | Self::TestResults(_) => false,
        }
    }

    /// The anchors of what it holds: the headings of its text, its events.
    #[must_use]
    pub fn inner_anchors(&self) -> Vec<String> {
        let own = || self.anchor().map(|(anchor, _)| anchor).unwrap_or_default();
        match self {
            Self::Prose(section) => section.text.anchors(&own()),
            Self::OfficialText(section) => section.text.anchors(&own()),
            Self::Events(section) => section.all().map(Event::anchor).collect(),
            _ => Vec::new(),
        }
    }
}
