//! When a place is open: spans of days of the week, and the days on which they are others.

use crate::content::leaf::{Closing, Day, Key, Time};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday as Jiff};
use schemars::JsonSchema;
use serde::Deserialize;

/// One span of hours, on the clinic's own clock. A day may have several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Hours {
    /// The days it holds for: those on which it begins.
    pub days: Vec<Weekday>,
    /// Opening time.
    pub opens: Time,
    /// Closing time. One that is not later than the opening is of the next day; `24:00` is midnight.
    #[schemars(example = &"14:00")]
    pub closes: Closing,
}

/// One span of hours of a day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Span {
    /// Opening time.
    pub opens: Time,
    /// Closing time. One that is not later than the opening is of the next day; `24:00` is midnight.
    #[schemars(example = &"14:00")]
    pub closes: Closing,
}

/// A day, or days in a row, on which the opening hours are others: closed, or open at other times.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Exception {
    /// The day, if it is one.
    pub on: Option<Day>,
    /// The first of several days.
    pub from: Option<Day>,
    /// The last of several days.
    pub to: Option<Day>,
    /// A holiday that comes back, in place of `on` or `from` and `to`. In a year that has an exception of its own on that day, that one holds.
    pub every_year: Option<EveryYear>,
    /// `true`: closed all day.
    pub closed: Option<bool>,
    /// Opening time.
    pub opens: Option<Time>,
    /// Closing time. One that is not later than the opening is of the next day; `24:00` is midnight.
    #[schemars(example = &"14:00")]
    pub closes: Option<Closing>,
    /// Several spans of hours, in place of `opens` and `closes`.
    pub spans: Option<Vec<Span>>,
    /// Why, with its words in `ui.toml`.
    pub reason: Option<Key>,
}

/// A day of every year: `{ month = "december", day = 25 }`, or `{ month = "november", week = "fourth", weekday = "thursday" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct EveryYear {
    /// The month.
    pub month: Month,
    /// The day of the month, if it is the same every year.
    pub day: Option<u16>,
    /// Which of the month's weeks, if it is a day of the week.
    pub week: Option<Week>,
    /// The day of the week.
    pub weekday: Option<Weekday>,
    /// How many days in a row it is, at most 14; one when left out.
    pub days: Option<u16>,
}

/// A month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the months say it")]
pub enum Month {
    January,
    February,
    March,
    April,
    May,
    June,
    July,
    August,
    September,
    October,
    November,
    December,
}

/// Which one of a month's Mondays, Tuesdays and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Week {
    /// The first.
    First,
    /// The second.
    Second,
    /// The third.
    Third,
    /// The fourth.
    Fourth,
    /// The last, be it the fourth or the fifth.
    Last,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the days say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// The most days in a row that a holiday can be.
pub const MAX_HOLIDAYS: u16 = 14;

impl EveryYear {
    /// Its first day in a year, if it says which, and that year has it.
    #[must_use]
    pub fn in_year(&self, year: i16) -> Option<Date> {
        let month = self.month as i8 + 1;
        match (self.day, self.week, self.weekday) {
            (Some(day), None, None) => Date::new(year, month, i8::try_from(day).ok()?).ok(),
            (None, Some(week), Some(weekday)) => {
                let nth = match week {
                    Week::First => 1,
                    Week::Second => 2,
                    Week::Third => 3,
                    Week::Fourth => 4,
                    Week::Last => -1,
                };
                Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday.jiff()).ok()
            }
            _ => None,
        }
    }

    fn days_in_year(&self, year: i16) -> Option<(Date, Date)> {
        let first = self.in_year(year)?;
        let more = self.days.unwrap_or(1).clamp(1, MAX_HOLIDAYS) - 1;
        Some((first, first.saturating_add(i64::from(more).days())))
    }
}

impl Exception {
    /// Its last day, after which it can be taken out. A holiday that comes back has none.
    #[must_use]
    pub fn last(&self) -> Option<Date> {
        if self.every_year.is_some() { None } else { Some(self.dated().1) }
    }

    /// The last day on which anything of it may hold: hours of its last day may go on after midnight.
    pub(super) fn last_trace(&self) -> Option<Date> {
        self.last().map(|last| last.saturating_add(1.day()))
    }

    /// Its first and last day, if it doesn't come back.
    fn dated(&self) -> (Date, Date) {
        let date = |day: Option<&Day>| day.map_or(Date::ZERO, Day::date);
        (date(self.on.as_ref().or(self.from.as_ref())), date(self.on.as_ref().or(self.to.as_ref())))
    }

    /// Its first and last day each time that it touches the days from one to another, in order.
    #[must_use]
    pub fn between(&self, from: Date, to: Date) -> Vec<(Date, Date)> {
        let times: Vec<_> = match &self.every_year {
            None => vec![self.dated()],
            // One that began last year may go on.
            Some(every) => {
                let years = from.year().saturating_sub(1)..=to.year();
                years.filter_map(|year| every.days_in_year(year)).collect()
            }
        };
        times.into_iter().filter(|(first, last)| *first <= to && from <= *last).collect()
    }

    /// Whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        !self.between(day, day).is_empty()
    }

    /// When the place is open on each of its days, as written: nothing if it is closed.
    #[must_use]
    pub fn times(&self) -> Vec<(&Time, &Closing)> {
        if self.closed == Some(true) {
            return Vec::new();
        }
        let one = self.opens.as_ref().zip(self.closes.as_ref());
        one.into_iter().chain(self.spans.iter().flatten().map(|span| (&span.opens, &span.closes))).collect()
    }
}

/// The exception that holds on a day, if one does: one with a date of its own before a holiday that comes back.
#[must_use]
pub fn exception_on(exceptions: &[Exception], day: Date) -> Option<&Exception> {
    let mut holding = exceptions.iter().filter(|exception| exception.holds_on(day));
    holding.clone().find(|exception| exception.every_year.is_none()).or_else(|| holding.next())
}

impl Weekday {
    /// The day of the week that a day is.
    #[must_use]
    pub fn from_date(day: Date) -> Self {
        match day.weekday() {
            Jiff::Monday => Self::Monday,
            Jiff::Tuesday => Self::Tuesday,
            Jiff::Wednesday => Self::Wednesday,
            Jiff::Thursday => Self::Thursday,
            Jiff::Friday => Self::Friday,
            Jiff::Saturday => Self::Saturday,
            Jiff::Sunday => Self::Sunday,
        }
    }

    const fn jiff(self) -> Jiff {
        match self {
            Self::Monday => Jiff::Monday,
            Self::Tuesday => Jiff::Tuesday,
            Self::Wednesday => Jiff::Wednesday,
            Self::Thursday => Jiff::Thursday,
            Self::Friday => Jiff::Friday,
            Self::Saturday => Jiff::Saturday,
            Self::Sunday => Jiff::Sunday,
        }
    }
}
