//! `clinic.toml`: the facts that are the same in every language.

use super::fact::{Fact, FactRef, day_before};
use super::frame::{Brand, Leave, NavigationLists};
use crate::content::leaf::{Day, Key, Line, Mail, Phone, State, Time, WebAddress, Zip};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// Declares [`Clinic`] from the one table of its facts: each with its value and the place of that value, if it has one. Expiry, rules,
/// agenda and schema all come from here.
macro_rules! clinic {
    ($($(#[doc = $doc:literal])+ $key:ident: $value:ty, $place:expr;)+) => {
        /// What each fact is, by its name in the file.
        pub const ABOUT: &[(&str, &str)] = &[$((stringify!($key), concat!($($doc),+))),+];

        /// `clinic.toml`: the facts that are the same in every language. What is not known is left out.
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
        pub struct Clinic {
            /// The clinic's name.
            pub name: Name,
            $($(#[doc = $doc])+ pub $key: Option<Fact<$value>>,)+
            /// Days on which the hours are others.
            pub exceptions: Option<Vec<Exception>>,
            /// Lines that help at once or around the clock, in the order they are shown.
            pub help_lines: Vec<HelpLine>,
            /// Figures that copy names in braces, such as `{part_b_deductible}`.
            pub figures: Option<BTreeMap<Key, Fact<Line>>>,
            /// Where facts come from.
            pub sources: Option<BTreeMap<Key, Source>>,
            /// What the site may be published without until a day: `privacy-practices`, `records`, `nondiscrimination` or another official text
            /// by its `id`; `language-help`; `translations`.
            pub accepted: Option<BTreeMap<Key, Acceptance>>,
            /// The lists of links at the foot of every page. Left out: those that the English `ui.toml` has names for, in its order.
            pub navigation: Option<NavigationLists>,
            /// The clinic's own logo and colors.
            pub brand: Option<Brand>,
            /// Where the link leads that leaves the site fast. Left out: <https://www.weather.gov/>.
            pub leave: Option<Leave>,
        }

        // Both take `Self` apart without `..`: a new key doesn't compile until it has its part in them.
        impl Clinic {
            /// Every fact by its name in the file, `None` where it is not given; and what follows one, as `payers.next`.
            #[must_use]
            pub fn facts(&self) -> Vec<(String, Option<FactRef<'_>>)> {
                let Self { name, $($key,)+ help_lines, figures, exceptions: _, sources: _, accepted: _, navigation: _, brand: _, leave: _ } = self;
                let mut all = vec![("name".to_owned(), Some(name.fact()))];
                $(add(&mut all, stringify!($key).to_owned(), $key.as_ref(), $place);)+
                for (key, figure) in figures.iter().flatten() {
                    add(&mut all, format!("figures.{key}"), Some(figure), |figure| Some(figure.span()));
                }
                all.extend(help_lines.iter().map(|line| (format!("help_lines.{}", line.id), Some(line.fact()))));
                all
            }

            /// Takes out each fact and exception whose last day `keep` refuses; one that neither expires nor is followed by another value has none.
            /// The name stays.
            pub fn retain(&mut self, keep: impl Fn(Option<Date>) -> bool) {
                let Self { name: _, $($key,)+ help_lines, figures, exceptions, sources: _, accepted: _, navigation: _, brand: _, leave: _ } = self;
                $($key.take_if(|fact| !keep(fact.last_day()));)+
                help_lines.retain(|line| keep(line.expires_on.as_ref().map(Day::date)));
                if let Some(figures) = figures {
                    figures.retain(|_, figure| keep(figure.last_day()));
                }
                if let Some(exceptions) = exceptions {
                    exceptions.retain(|exception| keep(Some(exception.last())));
                }
            }

            /// The facts with the values that they have on a day, whether or not they may still be shown.
            #[must_use]
            pub fn as_of(&self, today: Date) -> Self {
                let mut clinic = self.clone();
                let Self { name: _, $($key,)+ help_lines: _, figures, exceptions: _, sources: _, accepted: _, navigation: _, brand: _, leave: _ } = &mut clinic;
                $(
                    if let Some(fact) = $key {
                        fact.advance(today);
                    }
                )+
                for figure in figures.iter_mut().flat_map(BTreeMap::values_mut) {
                    figure.advance(today);
                }
                clinic
            }
        }
    };
}

/// Adds a fact to a list of them, and what follows it.
fn add<'a, T>(
    all: &mut Vec<(String, Option<FactRef<'a>>)>,
    key: String,
    fact: Option<&'a Fact<T>>,
    place: fn(&T) -> Option<Range<usize>>,
) {
    let next = fact.and_then(|fact| Some((format!("{key}.next"), Some(fact.next.as_ref()?.fact(fact, place)))));
    all.push((key, fact.map(|fact| fact.fact(place(&fact.value)))));
    all.extend(next);
}

clinic! {
    /// The city and state it serves.
    area_served: Area, |area| Some(area.city.span());
    /// Whom it treats.
    audience: Audience, |_| None;
    /// The substances it helps with, each with its words in `ui.toml`.
    substances: Vec<Key>, |keys| keys.first().map(Key::span);
    /// Who pays besides the patient, each with its words in `ui.toml`.
    payers: Vec<Key>, |keys| keys.first().map(Key::span);
    /// When an appointment can be scheduled.
    appointment_line: AppointmentLine, |_| None;
    /// The clinic's own number.
    phone: Phone, |number| Some(number.span());
    /// The clinic's street address.
    address: Address, |address| Some(address.street.span());
    /// Opening hours.
    hours: Vec<Hours>, |hours| hours.first().map(|hours| hours.opens.span());
    /// Its state license as a narcotic treatment program, as a patient would look it up.
    license: Line, |license| Some(license.span());
    /// Who has accredited it.
    accreditor: Line, |name| Some(name.span());
    /// Who answers questions about equal treatment: the coordinator for section 1557 of the Affordable Care Act (45 CFR 92.7).
    coordinator_1557: Coordinator, |person| Some(person.name.span());
    /// Who answers questions about access with a disability: the coordinator for section 504 of the Rehabilitation Act (45 CFR 84.7).
    coordinator_504: Coordinator, |person| Some(person.name.span());
    /// Whom patients can complain to, besides the clinic's own staff.
    complaint_lines: Vec<ComplaintLine>, |lines| lines.first().map(|line| line.name.span());
}

/// The clinic's name. Every page needs it, so it has no `expires_on`: a fact that expires has to be left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Name {
    /// The name.
    pub value: Line,
    /// The key of its source in `[sources]`.
    pub source: Option<Key>,
    /// The day somebody last checked it.
    pub verified_on: Option<Day>,
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
    pub state: State,
    /// Five digits.
    pub zip: Zip,
}

/// Somebody of the clinic whom the law asks it to name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Coordinator {
    /// Their name, or the name of their position.
    #[schemars(example = &"The civil rights coordinator")]
    pub name: Line,
    /// Their number.
    pub phone: Option<Phone>,
    /// Their mail address.
    pub mail: Option<Mail>,
}

/// Whom patients can complain to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct ComplaintLine {
    /// Who it is.
    #[schemars(example = &"California Department of Health Care Services")]
    pub name: Line,
    /// The number.
    pub phone: Option<Phone>,
    /// The page to complain on.
    pub url: Option<WebAddress>,
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

/// What the site may be published without, though the law or this program asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Acceptance {
    /// Who of the clinic has decided that.
    #[schemars(example = &"The compliance officer")]
    pub accepted_by: Line,
    /// The last day on which it holds, at most half a year ahead. After it nothing new is published until it is there, or accepted again.
    pub until: Day,
}

impl Name {
    fn fact(&self) -> FactRef<'_> {
        let Self { value, source, verified_on, sample } = self;
        FactRef {
            place: value.span(),
            source: source.as_ref(),
            verified_on: verified_on.as_ref(),
            expires_on: None,
            holds_from: None,
            followed_from: None,
            sample: *sample == Some(true),
        }
    }
}

impl HelpLine {
    fn fact(&self) -> FactRef<'_> {
        FactRef {
            place: self.call.span(),
            source: self.source.as_ref(),
            verified_on: self.verified_on.as_ref(),
            expires_on: self.expires_on.as_ref(),
            holds_from: None,
            followed_from: None,
            sample: false,
        }
    }
}

impl Clinic {
    /// The facts as they may be shown on a day: what has expired is not known any more, and what follows has followed.
    #[must_use]
    pub fn known_on(&self, today: Date) -> Self {
        let mut known = self.as_of(today);
        known.retain(|last| last.is_none_or(|last| today <= last));
        known
    }

    /// The last days that facts may be shown on, or before others follow them, and those of the exceptions.
    #[must_use]
    pub fn expiries(&self) -> Vec<Date> {
        let facts = self.facts().into_iter().filter_map(|(_, fact)| fact);
        let last = facts.flat_map(|fact| [fact.expires_on.map(Day::date), fact.followed_from.map(day_before)]);
        last.flatten().chain(self.exceptions.iter().flatten().map(Exception::last)).collect()
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
