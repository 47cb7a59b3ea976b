//! What of the content needs attention by a day: pages to read again, facts to find or to check, notices, texts, translations.
//!
//! [`Agenda::new`] looks once; the terminal, programs and the page of a live preview show the same lists.

mod due;
mod facts;
mod pages;

pub use due::{DueDays, Overdue};

use super::Content;
use jiff::civil::Date;
use jiff::{ToSpan, Zoned};

/// How many days ahead the agenda looks when nobody says.
pub const DAYS: u16 = 90;

/// What needs attention, as on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agenda {
    /// The day.
    pub today: Date,
    /// How many days ahead it looks.
    pub days: u16,
    /// Each kind of work, the most pressing first in each.
    pub lists: Vec<List>,
}

/// One kind of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Its name for programs.
    pub key: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What is in it, and why, in a sentence.
    pub about: &'static str,
    /// The name of each column, for people; for programs it has small letters and `_`.
    pub columns: &'static [&'static str],
    /// The work.
    pub rows: Vec<Row>,
}

/// One piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// It should have been done before today.
    pub late: bool,
    /// The page it is about, by its path.
    pub page: Option<String>,
    /// What to print in each column.
    pub cells: Vec<String>,
}

impl Agenda {
    /// Looks at the content on a day, and `days` ahead of it. What should have been done before is always listed.
    #[must_use]
    pub fn new(content: &Content, now: &Zoned, days: u16) -> Self {
        let now = &content.clock(now);
        let today = now.date();
        let view = View { content, now, today, until: today.saturating_add(i64::from(days).days()) };
        let mut lists = vec![
            view.drafts(),
            view.reviews(),
            view.outdated_reviews(),
            view.missing_facts(),
            view.answers(),
            view.expiring_facts(),
            view.changing_facts(),
            view.notices(),
            view.events(),
            view.official_texts(),
            view.accepted(),
            view.sources(),
        ];
        if content.clinic.places().iter().any(|place| !place.exceptions.is_empty()) {
            lists.push(view.other_days());
        }
        if content.tests.is_some() {
            lists.push(view.tests());
        }
        if content.languages.len() > 1 {
            lists.push(view.translations());
        }
        Self { today, days, lists }
    }
}

/// The content as it is looked at.
struct View<'a> {
    content: &'a Content,
    now: &'a Zoned,
    today: Date,
    /// The last day ahead that matters.
    until: Date,
}

impl View<'_> {
    /// `today`, `in 3 days`, `1 day ago`.
    fn when(&self, day: Date) -> String {
        let left = self.today.until(day).map_or(0, |span| span.get_days());
        let days = match left.unsigned_abs() {
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        };
        match left {
            0 => "today".to_owned(),
            1.. => format!("in {days}"),
            _ => format!("{days} ago"),
        }
    }

    /// Rows of work that falls due on a day, the earliest first, as far as they matter.
    fn by_day(&self, mut rows: Vec<(Date, Row)>) -> Vec<Row> {
        rows.retain(|(day, _)| *day <= self.until);
        rows.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.cells.cmp(&other.cells)));
        rows.into_iter().map(|(day, row)| Row { late: day < self.today, ..row }).collect()
    }
}

impl Row {
    fn new(cells: impl IntoIterator<Item = String>) -> Self {
        Self { late: false, page: None, cells: cells.into_iter().collect() }
    }
}
