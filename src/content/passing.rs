//! What the clock takes off the pages besides facts and notices: people who have left, and events that are over.

use super::Content;
use super::model::{Event, FileUse, Member, Section};
use jiff::Timestamp;
use jiff::tz::TimeZone;

impl Content {
    /// Everybody of the clinic who is on a page, in every language.
    pub fn people(&self) -> impl Iterator<Item = &Member> {
        self.sections().flat_map(|section| match section {
            Section::People(people) => people.items.as_slice(),
            _ => &[],
        })
    }

    /// Every event of every language.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.sections().flat_map(|section| match section {
            Section::Events(events) => events.items.as_deref().unwrap_or_default(),
            _ => &[],
        })
    }

    /// When each of them leaves its page.
    pub(super) fn leaving(&self) -> impl Iterator<Item = Timestamp> {
        let people = self.people().filter_map(|one| one.leaves(&self.zone));
        people.chain(self.events().map(|event| event.is_over(&self.zone)))
    }

    fn sections(&self) -> impl Iterator<Item = &Section> {
        self.languages.iter().flat_map(|language| language.pages.values()).flat_map(|page| &page.sections)
    }
}

impl Section {
    /// The files of `content/files/` that it shows or links to at a moment, without those of people who have left.
    pub(super) fn files_at(&self, at: Timestamp, zone: &TimeZone) -> Vec<FileUse<'_>> {
        let Self::People(people) = self else { return self.files() };
        let stays = people.items.iter().filter(|one| one.leaves(zone).is_none_or(|leaves| at < leaves));
        stays.filter_map(|one| one.picture.as_ref()).map(FileUse::Picture).collect()
    }

    /// Whether something in it leaves its page by itself, or all of it does.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Notice(notice) => notice.ends.is_some(),
            Self::People(people) => people.items.iter().any(|one| one.expires_on.is_some()),
            Self::Events(events) => events.items.is_some(),
            _ => false,
        }
    }
}
