//! How much is overdue, for the metrics: what the agenda lists as late.

use super::facts::last_days;
use crate::content::Content;
use jiff::civil::Date;

/// The last day of each fact and figure, and the day by which each page is to be read again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueDays {
    facts: Vec<Date>,
    reviews: Vec<Date>,
}

/// How many facts and reviews are overdue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overdue {
    /// Facts and figures whose last day has passed: pages do without them.
    pub facts: usize,
    /// Pages that should have been read again.
    pub reviews: usize,
}

impl DueDays {
    /// Those of some content.
    #[must_use]
    pub fn new(content: &Content) -> Self {
        let pages = content.languages.iter().flat_map(|language| language.pages.values());
        Self {
            facts: last_days(content).map(|(day, _)| day).collect(),
            reviews: pages.map(|page| page.next_review.date()).collect(),
        }
    }

    /// How many have passed on a day.
    #[must_use]
    pub fn overdue(&self, today: Date) -> Overdue {
        let late = |days: &[Date]| days.iter().filter(|day| **day < today).count();
        Overdue { facts: late(&self.facts), reviews: late(&self.reviews) }
    }
}
