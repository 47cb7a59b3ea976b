//! Tables, people and events: sections whose rows come from what the clinic keeps in lists of its own.

use super::Picture;
use crate::content::calendar;
use crate::content::leaf::{Day, Key, Line, Markdown, Person, Time, slug_of};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Deserialize;

/// A table under a heading.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Table {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// The heading.
    pub heading: Line,
    /// Text between the heading and the table.
    pub intro: Option<Markdown>,
    /// What the table shows, in a line above it: needed where the heading does not say it.
    #[schemars(example = &"What a visit costs without insurance")]
    pub caption: Option<Line>,
    /// The names of the columns, two to six. The first is that of what each row is about.
    pub columns: Vec<Line>,
    /// The rows.
    pub rows: Vec<TableRow>,
    /// Text below the table.
    pub note: Option<Markdown>,
}

/// One row of a table. A row that names a fact that is not known, or has expired, is left out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct TableRow {
    /// A text for each column, in their order. The first says what the row is about.
    pub cells: Vec<Markdown>,
}

/// People under a heading.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct People {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// The heading.
    pub heading: Line,
    /// Text between the heading and the people.
    pub intro: Option<Markdown>,
    /// The people.
    pub items: Vec<Member>,
}

/// Somebody of the clinic.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Member {
    /// Their name, as they want to be called: the same in every language.
    pub name: Person,
    /// What they do here.
    #[schemars(example = &"Counselor")]
    pub role: Line,
    /// A picture of them.
    pub picture: Option<Picture>,
    /// What they would like you to know.
    pub text: Option<Markdown>,
    /// The languages they speak with patients, in the words of this language.
    #[schemars(example = &"Spanish")]
    pub languages: Option<Vec<Line>>,
    /// The day somebody last checked that they are here.
    pub verified_on: Option<Day>,
    /// The last day they are shown: their last day here, or the day to ask again.
    pub expires_on: Option<Day>,
}

/// Events under a heading.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Events {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// The heading.
    pub heading: Line,
    /// Text between the heading and the events.
    pub intro: Option<Markdown>,
    /// What is said while nothing is coming. Without it, the part is left out then.
    pub none: Option<Markdown>,
    /// The events, in whatever order: the page has the next one first. Left out while nothing is planned.
    pub items: Option<Vec<Event>>,
}

/// What happens on a day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Event {
    /// The anchor; made from the title and the day when left out.
    pub id: Option<Key>,
    /// What it is.
    #[schemars(example = &"Family evening")]
    pub title: Line,
    /// The day.
    pub day: Day,
    /// When it begins, on the clinic's clock. Left out where it takes all day.
    pub begins: Option<Time>,
    /// When it ends, on the same day.
    #[schemars(example = &"19:30")]
    pub ends: Option<Time>,
    /// Where it is.
    #[schemars(example = &"Group room, second floor")]
    pub place: Option<Line>,
    /// What there is to know.
    pub text: Option<Markdown>,
}

impl Table {
    pub(super) const fn named(&self) -> (Option<&Key>, Option<&Line>) {
        (self.id.as_ref(), Some(&self.heading))
    }

    pub(super) fn copy(&self) -> Vec<&Markdown> {
        let cells = self.rows.iter().flat_map(|row| &row.cells);
        self.intro.iter().chain(cells).chain(&self.note).collect()
    }
}

impl People {
    pub(super) const fn named(&self) -> (Option<&Key>, Option<&Line>) {
        (self.id.as_ref(), Some(&self.heading))
    }

    pub(super) fn copy(&self) -> Vec<&Markdown> {
        self.intro.iter().chain(self.items.iter().filter_map(|one| one.text.as_ref())).collect()
    }
}

impl Events {
    /// Each of them, in the order of the file.
    pub fn all(&self) -> impl Iterator<Item = &Event> {
        self.items.iter().flatten()
    }

    pub(super) const fn named(&self) -> (Option<&Key>, Option<&Line>) {
        (self.id.as_ref(), Some(&self.heading))
    }

    pub(super) fn copy(&self) -> Vec<&Markdown> {
        let texts = self.all().filter_map(|event| event.text.as_ref());
        self.intro.iter().chain(&self.none).chain(texts).collect()
    }
}

impl Member {
    /// When they are shown no more, if that is known: the midnight after their last day.
    #[must_use]
    pub fn leaves(&self, zone: &TimeZone) -> Option<Timestamp> {
        self.expires_on.as_ref().map(|day| calendar::midnight_after_in(zone, day.date()))
    }
}

impl Event {
    /// The anchor it can be linked to, and the name of its file for a calendar.
    #[must_use]
    pub fn anchor(&self) -> String {
        let made = || match slug_of(self.title.as_str()).as_str() {
            "" => format!("event-{}", self.day),
            title => format!("{title}-{}", self.day),
        };
        self.id.as_ref().map_or_else(made, ToString::to_string)
    }

    /// When it begins; an event of a whole day at its midnight.
    #[must_use]
    pub fn begins(&self, zone: &TimeZone) -> Timestamp {
        self.at(zone, self.begins.as_ref())
            .unwrap_or_else(|| calendar::instant_in(zone, self.day.date().at(0, 0, 0, 0)))
    }

    /// When it is over: where no hour is given, with its day.
    #[must_use]
    pub fn is_over(&self, zone: &TimeZone) -> Timestamp {
        self.at(zone, self.ends.as_ref()).unwrap_or_else(|| calendar::midnight_after_in(zone, self.day.date()))
    }

    fn at(&self, zone: &TimeZone, time: Option<&Time>) -> Option<Timestamp> {
        time.map(|time| calendar::instant_in(zone, self.day.date().to_datetime(time.time())))
    }
}
