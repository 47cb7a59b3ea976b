//! `clinic.toml`: the facts that are the same in every language.

use super::fact::{Fact, FactRef, add, day_before};
use super::frame::{Brand, Leave, NavigationLists};
use super::hours::{Exception, Hours};
use super::place::{Address, Location, Place};
use crate::content::calendar;
use crate::content::leaf::{Day, Key, Line, Mail, Phone, StateName, WebAddress, Zone};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

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
            /// The clinic's time zone; that of Sacramento when left out.
            pub time_zone: Option<TimeZone>,
            $($(#[doc = $doc])+ pub $key: Option<Fact<$value>>,)+
            /// Days on which the hours are others.
            pub exceptions: Option<Vec<Exception>>,
            /// Each place, the main one first, where there are several or one has more than a number, an address and hours. Then those three
            /// and the exceptions are written here, and not beside it.
            pub locations: Option<Vec<Location>>,
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
                let Self { name, time_zone, $($key,)+ help_lines, figures, locations, exceptions: _, sources: _, accepted: _, navigation: _, brand: _, leave: _ } = self;
                let mut all = vec![("name".to_owned(), Some(name.fact()))];
                all.extend(time_zone.as_ref().map(|zone| ("time_zone".to_owned(), Some(zone.fact()))));
                // What is of a place is asked of each place.
                let of_places = |key: &str| locations.is_some() && ["phone", "address", "hours"].contains(&key);
                $(
                    if $key.is_some() || !of_places(stringify!($key)) {
                        add(&mut all, stringify!($key).to_owned(), $key.as_ref(), $place);
                    }
                )+
                locations.iter().flatten().for_each(|place| place.add_facts(&mut all));
                for (key, figure) in figures.iter().flatten() {
                    add(&mut all, format!("figures.{key}"), Some(figure), |figure| Some(figure.span()));
                }
                all.extend(help_lines.iter().map(|line| (format!("help_lines.{}", line.id), Some(line.fact()))));
                all
            }

            /// Takes out each fact and exception whose last day `keep` refuses; one that neither expires nor is followed by another value has none.
            /// The name stays.
            pub fn retain(&mut self, keep: impl Fn(Option<Date>) -> bool) {
                let Self { name: _, time_zone: _, $($key,)+ help_lines, figures, locations, exceptions, sources: _, accepted: _, navigation: _, brand: _, leave: _ } = self;
                locations.iter_mut().flatten().for_each(|place| place.retain(&keep));
                $($key.take_if(|fact| !keep(fact.last_day()));)+
                help_lines.retain(|line| keep(line.expires_on.as_ref().map(Day::date)));
                if let Some(figures) = figures {
                    figures.retain(|_, figure| keep(figure.last_day()));
                }
                if let Some(exceptions) = exceptions {
                    exceptions.retain(|exception| keep(exception.last_trace()));
                }
            }

            /// The facts with the values that they have on a day, whether or not they may still be shown.
            #[must_use]
            pub fn as_of(&self, today: Date) -> Self {
                let mut clinic = self.clone();
                let Self { name: _, time_zone: _, $($key,)+ help_lines: _, figures, locations, exceptions: _, sources: _, accepted: _, navigation: _, brand: _, leave: _ } = &mut clinic;
                locations.iter_mut().flatten().for_each(|place| place.advance(today));
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

/// The clinic's time zone. All days and times are by its clock, so it has no `expires_on`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct TimeZone {
    /// Its name in the time zone database of IANA.
    #[schemars(example = &"America/Los_Angeles")]
    pub value: Zone,
    /// The key of its source in `[sources]`.
    pub source: Option<Key>,
    /// The day somebody last checked it.
    pub verified_on: Option<Day>,
}

/// A city and its state.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Area {
    /// The city.
    #[schemars(example = &"Sacramento")]
    pub city: Line,
    /// The state, in full.
    #[schemars(example = &"California")]
    pub state: StateName,
    /// The county, where it has another name than the city.
    pub county: Option<Line>,
    /// What pages and sources name on purpose though it is not where the clinic is: another state, county or city. `check` reports any other.
    #[schemars(example = &["Nevada"])]
    pub also_named: Option<Vec<Line>>,
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

impl TimeZone {
    fn fact(&self) -> FactRef<'_> {
        let Self { value, source, verified_on } = self;
        FactRef {
            place: value.span(),
            source: source.as_ref(),
            verified_on: verified_on.as_ref(),
            expires_on: None,
            holds_from: None,
            followed_from: None,
            sample: false,
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
        let exceptions = self.places().into_iter().flat_map(|place| place.exceptions);
        last.flatten().chain(exceptions.filter_map(Exception::last)).collect()
    }

    /// The time zone.
    #[must_use]
    pub fn zone(&self) -> jiff::tz::TimeZone {
        self.time_zone.as_ref().map_or_else(calendar::default_zone, |zone| zone.value.zone())
    }
}

impl Clinic {
    /// The places, the main one first: those of `[[locations]]`, or the one of the facts beside them.
    #[must_use]
    pub fn places(&self) -> Vec<Place<'_>> {
        match self.locations.as_deref() {
            Some(locations) if !locations.is_empty() => locations.iter().map(Location::place).collect(),
            _ => vec![Place {
                phone: self.phone.as_ref(),
                address: self.address.as_ref(),
                hours: self.hours.as_ref(),
                exceptions: self.exceptions.as_deref().unwrap_or_default(),
                ..Place::default()
            }],
        }
    }
}
