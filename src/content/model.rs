//! The shapes of the content files, as staff write them. `docs/content.md` says the same in their words.
//!
//! Optional keys are `Option`; everything else must be there. No shape uses `flatten`, `untagged` or serde's internal tags:
//! `decode` dispatches on `kind` itself, so that each finding keeps its place. [`super::schema`] shows editors the shapes; those of sections
//! are `inline` there, so that the key `kind` is among their others.

mod answers;
mod clinic;
mod fact;
mod file;
mod frame;
mod hours;
mod items;
mod lists;
mod page;
mod place;
mod shared;
mod style;
mod words;

pub use answers::{Answer, Answers};
pub use clinic::{
    ABOUT, Acceptance, AppointmentLine, Area, Audience, Clinic, ComplaintLine, Coordinator, HelpLine, Name, Source,
    TimeZone,
};
pub use fact::{Fact, FactRef, Successor};
pub use file::{Download, Downloads, FileUse, Picture, PictureSection};
pub use frame::{Brand, BrandColors, Leave, NavigationLists};
pub use hours::{EveryYear, Exception, Hours, MAX_HOLIDAYS, Month, Span, Week, Weekday, exception_on};
pub use items::{Card, Item, KeyFact, Question, UrgencyLevel};
pub use lists::{Event, Events, Member, People, Table, TableRow};
pub use page::{
    Cards, Contact, Intro, Items, KeyFacts, Navigation, OfficialText, Page, PageKind, PocketCard, Prose, Questions,
    RequestForm, Section, UrgentCare,
};
pub use place::{ABOUT_PLACES, Address, Location, Place};
pub use shared::{About, CheckResult, HelpLanguage, LanguageHelp, TestResults};
pub use words::{Avoided, Words};

use super::leaf::{Key, Line, Markdown, Moment, OldPath, Path};
use jiff::Zoned;
use schemars::JsonSchema;
use serde::Deserialize;

/// `redirects.toml`: old addresses and where they lead now. A long list may be in a table of a spreadsheet program instead, saved as
/// `redirects.csv` beside this file: the old address in the first column, the new one in the second. Either takes both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Redirects {
    /// Each old address.
    pub redirects: Option<Vec<Redirect>>,
}

/// One old address.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Redirect {
    /// The old address. Its spellings are one: capital letters, escapes and the slash at the end make no difference.
    pub from: OldPath,
    /// The page that took its place.
    pub to: Path,
}

/// `objectives.toml`: what group therapy does, in order (Yalom's therapeutic factors).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Objectives {
    /// On a translation: the fingerprint of the English words it was made from, as `check` prints it.
    pub translated_from: Option<Key>,
    /// Each objective, as many as the clinic names: at most 30.
    pub objectives: Vec<Objective>,
}

/// One objective of group therapy.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Objective {
    /// Its anchor on the page: `hope` makes `#hope`.
    pub id: Key,
    /// Its name.
    pub name: Line,
    /// What it means, in one line.
    pub line: Line,
    /// What it does for a person.
    pub explanation: Markdown,
    /// What it looks like in the room.
    pub example: Markdown,
    /// A picture from `static/icons/`, by name.
    pub icon: Option<Key>,
}

/// `notices.toml`: what is shown at the top of every page.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Notices {
    /// On a translation: the fingerprint of the English words it was made from, as `check` prints it.
    pub translated_from: Option<Key>,
    /// Each notice, the most important first.
    pub notices: Option<Vec<Notice>>,
}

/// One notice, at the top of every page or inside one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Notice {
    /// What it is about.
    pub about: NoticeAbout,
    /// A heading, if it needs one.
    pub heading: Option<Line>,
    /// The notice.
    pub text: Markdown,
    /// When it is shown first: a day from its midnight, or a minute.
    pub starts: Option<Moment>,
    /// When it is over: a day is shown to its end, a minute ends at once.
    pub ends: Option<Moment>,
}

/// What a notice is about; it chooses the look and the word that screen readers hear first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeAbout {
    /// Who pays: Medicare and others.
    Payment,
    /// Anything that is good to know.
    Information,
    /// The clinic is closed or opens late.
    Closure,
    /// The phone does not work.
    Phone,
    /// Heat, smoke, storm.
    Weather,
    /// The clinic moves.
    Move,
}

impl NoticeAbout {
    /// Whether a person has to know it before they set out or call, in whatever language they read.
    #[must_use]
    pub const fn is_pressing(self) -> bool {
        match self {
            Self::Closure | Self::Phone | Self::Weather | Self::Move => true,
            Self::Payment | Self::Information => false,
        }
    }
}

impl Notice {
    /// Whether it is shown now.
    #[must_use]
    pub fn is_shown(&self, now: &Zoned) -> bool {
        let (at, zone) = (now.timestamp(), now.time_zone());
        self.starts.as_ref().is_none_or(|starts| starts.begins(zone) <= at)
            && self.ends.as_ref().is_none_or(|ends| at < ends.is_over(zone))
    }
}
