//! `clinic.toml`: the facts that are the same in every language.

use crate::content::leaf::{Day, Key, Line, Phone, Time, WebAddress, Zip};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// `clinic.toml`: the facts that are the same in every language. What is not known is left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Clinic {
    /// The clinic's name.
    pub name: Fact<Line>,
    /// The city and state it serves.
    pub area_served: Option<Fact<Area>>,
    /// Whom it treats.
    pub audience: Option<Fact<Audience>>,
    /// The substances it helps with, each with its words in `ui.toml`.
    pub substances: Option<Fact<Vec<Key>>>,
    /// Who pays besides the patient, each with its words in `ui.toml`.
    pub payers: Option<Fact<Vec<Key>>>,
    /// When an appointment can be scheduled.
    pub appointment_line: Option<Fact<AppointmentLine>>,
    /// The clinic's own number.
    pub phone: Option<Fact<Phone>>,
    /// The clinic's street address.
    pub address: Option<Fact<Address>>,
    /// Opening hours.
    pub hours: Option<Fact<Vec<Hours>>>,
    /// Days on which the hours are others.
    pub exceptions: Option<Vec<Exception>>,
    /// Lines that help at once or around the clock, in the order they are shown.
    pub help_lines: Vec<HelpLine>,
    /// Figures that copy names in braces, such as `{part_b_deductible}`.
    pub figures: Option<BTreeMap<Key, Fact<Line>>>,
    /// Where facts come from.
    pub sources: Option<BTreeMap<Key, Source>>,
}

/// One fact, with where it is from and how long it holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(rename = "Fact_of_{T}")]
pub struct Fact<T> {
    /// The fact.
    pub value: T,
    /// The key of its source in `[sources]`.
    pub source: Option<Key>,
    /// The day somebody last checked it.
    pub verified_on: Option<Day>,
    /// The last day it may be shown.
    pub expires_on: Option<Day>,
    /// `true` marks a made-up value, shown in preview only.
    pub sample: Option<bool>,
}

/// A city and its state.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Area {
    /// The city.
    #[schemars(example = &"Sacramento")]
    pub city: Line,
    /// The state, in full.
    #[schemars(example = &"California")]
    pub state: Line,
}

/// Whom the clinic treats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// People of 18 years and older.
    Adults,
}

/// When an appointment can be scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentLine {
    /// 24 hours a day, 7 days a week.
    AroundTheClock,
    /// While the clinic is open.
    OpeningHours,
}

/// A postal address in the United States.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Address {
    /// House number and street.
    #[schemars(example = &"12 Test Street")]
    pub street: Line,
    /// City.
    #[schemars(example = &"Sacramento")]
    pub city: Line,
    /// Two letters.
    #[schemars(example = &"CA")]
    pub state: Line,
    /// Five digits.
    pub zip: Zip,
}

/// One span of opening hours, on the clinic's own clock (`America/Los_Angeles`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Hours {
    /// The days it holds for.
    pub days: Vec<Weekday>,
    /// Opening time.
    pub opens: Time,
    /// Closing time, later on the same day.
    #[schemars(example = &"14:00")]
    pub closes: Time,
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
    /// `true`: closed all day.
    pub closed: Option<bool>,
    /// Opening time.
    pub opens: Option<Time>,
    /// Closing time, later on the same day.
    #[schemars(example = &"14:00")]
    pub closes: Option<Time>,
    /// Why, with its words in `ui.toml`.
    pub reason: Option<Key>,
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

/// A line that helps at once or around the clock.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct HelpLine {
    /// Ties the line to its words in `ui.toml`.
    #[schemars(example = &"lifeline_988")]
    pub id: Key,
    /// The number to call.
    pub call: Phone,
    /// The number to text, if texting works.
    pub text: Option<Phone>,
    /// The number for text telephones (TTY), if there is one.
    pub tty: Option<Phone>,
    /// A page to chat on, if there is one.
    pub chat: Option<WebAddress>,
    /// The key of its source in `[sources]`.
    pub source: Option<Key>,
    /// The day somebody last checked it.
    pub verified_on: Option<Day>,
    /// The last day it may be shown.
    pub expires_on: Option<Day>,
}

/// Where a fact comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Source {
    /// What it is, as a reader would look for it.
    #[schemars(example = &"Title 9, California Code of Regulations, section 10345")]
    pub title: Line,
    /// Where it is on the web.
    pub url: Option<WebAddress>,
    /// The day somebody last read it.
    pub verified_on: Option<Day>,
}

impl<T> Fact<T> {
    /// Whether it may be shown on a day.
    fn holds_on(&self, today: Date) -> bool {
        self.expires_on.as_ref().is_none_or(|day| today <= day.date())
    }

    /// Whether its value is made up.
    #[must_use]
    pub fn is_sample(&self) -> bool {
        self.sample == Some(true)
    }
}

impl Clinic {
    /// Itself with every fact taken out that may be missing.
    #[must_use]
    pub fn bare(self) -> Self {
        Self {
            area_served: None,
            audience: None,
            substances: None,
            payers: None,
            appointment_line: None,
            phone: None,
            address: None,
            hours: None,
            exceptions: None,
            figures: None,
            ..self
        }
    }

    /// The facts as they may be shown on a day: what has expired is not known any more.
    #[must_use]
    pub fn known_on(&self, today: Date) -> Self {
        let mut known = self.clone();
        known.area_served = known.area_served.filter(|fact| fact.holds_on(today));
        known.audience = known.audience.filter(|fact| fact.holds_on(today));
        known.substances = known.substances.filter(|fact| fact.holds_on(today));
        known.payers = known.payers.filter(|fact| fact.holds_on(today));
        known.appointment_line = known.appointment_line.filter(|fact| fact.holds_on(today));
        known.phone = known.phone.filter(|fact| fact.holds_on(today));
        known.address = known.address.filter(|fact| fact.holds_on(today));
        known.hours = known.hours.filter(|fact| fact.holds_on(today));
        known.exceptions = known.exceptions.map(|mut all| {
            all.retain(|exception| today <= exception.last());
            all
        });
        known.help_lines.retain(|line| line.expires_on.as_ref().is_none_or(|day| today <= day.date()));
        if let Some(figures) = &mut known.figures {
            figures.retain(|_, figure| figure.holds_on(today));
        }
        known
    }
}

impl Clinic {
    /// The last days that facts may be shown on, and those of the exceptions.
    #[must_use]
    pub fn expiries(&self) -> Vec<Date> {
        let own = |fact: Option<&Option<Day>>| fact.and_then(Option::as_ref).map(Day::date);
        let facts = [
            own(self.area_served.as_ref().map(|fact| &fact.expires_on)),
            own(self.audience.as_ref().map(|fact| &fact.expires_on)),
            own(self.substances.as_ref().map(|fact| &fact.expires_on)),
            own(self.payers.as_ref().map(|fact| &fact.expires_on)),
            own(self.appointment_line.as_ref().map(|fact| &fact.expires_on)),
            own(self.phone.as_ref().map(|fact| &fact.expires_on)),
            own(self.address.as_ref().map(|fact| &fact.expires_on)),
            own(self.hours.as_ref().map(|fact| &fact.expires_on)),
        ];
        let lines = self.help_lines.iter().map(|line| own(Some(&line.expires_on)));
        let figures = self.figures.iter().flatten().map(|(_, figure)| own(Some(&figure.expires_on)));
        let exceptions = self.exceptions.iter().flatten().map(|exception| Some(exception.last()));
        facts.into_iter().chain(lines).chain(figures).chain(exceptions).flatten().collect()
    }
}

impl Exception {
    /// Its first day.
    #[must_use]
    pub fn first(&self) -> Date {
        self.on.as_ref().or(self.from.as_ref()).map_or(Date::ZERO, Day::date)
    }

    /// Its last day, which may be its first.
    #[must_use]
    pub fn last(&self) -> Date {
        self.on.as_ref().or(self.to.as_ref()).map_or(Date::ZERO, Day::date)
    }

    /// When the clinic opens and closes on each of its days; `None` if it is closed.
    #[must_use]
    pub fn times(&self) -> Option<(&Time, &Time)> {
        if self.closed == Some(true) { None } else { self.opens.as_ref().zip(self.closes.as_ref()) }
    }
}

impl Weekday {
    /// The day of the week that a day is.
    #[must_use]
    pub fn of(day: Date) -> Self {
        use jiff::civil::Weekday as Jiff;
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
}

impl Address {
    /// City, state and postal code on one line.
    #[must_use]
    pub fn locality(&self) -> String {
        format!("{}, {} {}", self.city, self.state, self.zip)
    }
}
