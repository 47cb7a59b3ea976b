//! What copy, sources and facts say of places, held to where the clinic is.

use crate::content::catalogue::CONTRADICTS_FACT;
use crate::content::claims::places::{EXAMPLE, Example, Place, in_text};
use crate::content::leaf::Line;
use crate::content::model::{Area, Clinic, Page, Source as Cited};
use crate::content::names;
use crate::content::states::{STATES, State};
use crate::content::{Document, Draft, calendar};
use crate::diagnostic::{Help, Report};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Where the clinic is.
pub(super) struct Home<'a> {
    clinic: &'a Clinic,
    area: &'a Area,
    state: &'static State,
}

impl<'a> Home<'a> {
    /// Where the facts say that it is, if they do.
    pub(super) fn find(clinic: &'a Clinic) -> Option<Self> {
        let area = &clinic.area_served.as_ref()?.value;
        let state = State::named(area.state.as_str())?;
        (!area.city.as_str().is_empty()).then_some(Self { clinic, area, state })
    }

    /// Names that are its own, or named on purpose.
    fn names(&self) -> impl Iterator<Item = &str> {
        let Area { city, county, also_named, state: _ } = self.area;
        let addresses = self.clinic.places().into_iter().filter_map(|place| place.address);
        let address = addresses.filter(|fact| !fact.is_sample()).map(|fact| &fact.value.city);
        let lines =
            [city, &self.clinic.name.value].into_iter().chain(county).chain(also_named.iter().flatten()).chain(address);
        lines.map(Line::as_str).filter(|name| !name.is_empty())
    }

    fn is_named(&self, name: &str) -> bool {
        self.names().any(|own| own.contains(name))
    }

    /// Whether it is in a state, or names it on purpose.
    fn has(&self, state: &State) -> bool {
        *state == *self.state || self.area.also_named.iter().flatten().any(|name| name.as_str() == state.name)
    }

    /// What is wrong with what is said of a place, if something is: what it is of, the message and the help.
    pub(super) fn wrong(&self, place: &Place, write: &dyn Fn(&str) -> Help) -> Option<(String, String, Help)> {
        let (city, state) = (&self.area.city, self.state);
        let purpose = |name: &str| {
            format!("add \"{name}\" to `also_named` of [area_served] in clinic.toml if it is named on purpose")
        };
        match place {
            Place::States(of) => {
                let other = of.first().filter(|_| !of.iter().any(|state| self.has(state)))?.name;
                let medicaid = Some(state.medicaid).filter(|name| !name.is_empty());
                let here = match medicaid.filter(|_| of.iter().any(|state| !state.medicaid.is_empty())) {
                    Some(name) => format!("{} (where Medicaid is {name})", state.name),
                    None => state.name.to_owned(),
                };
                let message =
                    format!("this is about {other}, and clinic.toml says that the clinic is in {}", state.name);
                let help = format!("write what holds in {here}, or take it out; {}", purpose(other));
                Some((other.to_owned(), message, help.into()))
            }
            Place::County(name) => {
                let bare = |county: &str| county.trim_end_matches(" County").to_owned();
                let own = self.area.county.as_ref().map(|county| bare(county.as_str()));
                let known = self.names().map(bare).any(|own| name.ends_with(own.as_str()));
                let is_example = EXAMPLE.as_ref().and_then(Example::city).is_some_and(|city| name.ends_with(city));
                // Where its county is not known, any other may be it.
                if known || own.is_none() && !is_example {
                    return None;
                }
                let own = own.unwrap_or_else(|| city.to_string());
                let message = format!("this is about {name} County, and clinic.toml says that the clinic is in {own}");
                let help = format!(
                    "write what there is in the clinic's own county, or take it out; {}",
                    purpose(&format!("{name} County"))
                );
                Some((format!("{name} County"), message, help.into()))
            }
            Place::ExampleCity => {
                let example = EXAMPLE.as_ref()?.city()?;
                (!self.is_named(example)).then(|| {
                    let message = format!("clinic.toml says that the clinic is in {city}");
                    (example.to_owned(), message, write(city.as_str()).then(&format!("; {}", purpose(example))))
                })
            }
            Place::ExampleName => {
                let (example, own) = (EXAMPLE.as_ref()?.name(), self.clinic.name.value.as_str());
                (!own.contains(example)).then(|| {
                    let message = "this is the name of the clinic that the built-in content is of".to_owned();
                    (example.to_owned(), message, write(own))
                })
            }
        }
    }

    /// Of which other place a source is, if it is of none of its own.
    fn elsewhere(&self, source: &Cited) -> Option<String> {
        let named = in_text(source.title.as_str());
        let is_own = |place: &Place| matches!(place, Place::States(of) if of.iter().any(|state| self.has(state)));
        let host = source.url.as_ref().and_then(|url| {
            let rest = url.as_str().strip_prefix("https://")?;
            State::of_host(rest.split(['/', '?', '#', ':']).next()?)
        });
        if named.iter().any(|(_, place)| is_own(place)) || host.is_some_and(|state| self.has(state)) {
            return None;
        }
        let wrong = named.into_iter().find_map(|(_, place)| Some(self.wrong(&place, &|_| "".into())?.0));
        wrong.or_else(|| host.map(|state| state.name.to_owned()))
    }

    /// The sources that are of other places, each with which.
    pub(super) fn sources_elsewhere(&self) -> BTreeMap<&'a str, String> {
        let sources = self.clinic.sources.iter().flatten();
        sources.filter_map(|(key, source)| Some((key.as_str(), self.elsewhere(source)?))).collect()
    }
}

/// In winter and in summer, in seconds since 1970: January 15 and July 15, 2026.
const SEASONS: [i64; 2] = [1_768_478_400, 1_784_116_800];

/// All hours are by the clinic's clock: with that of another state, the site would say "open now" before anybody is there.
fn clock(home: &Home<'_>, Document { source, value: clinic, .. }: &Document<Clinic>, report: &mut Report) {
    let own = clinic.zone();
    let at = |zone: &TimeZone| SEASONS.map(|second| Timestamp::from_second(second).map(|at| zone.to_offset(at)).ok());
    let states = STATES.iter().filter(|state| home.has(state));
    let zones: Vec<&str> = states.flat_map(|state| state.zones.iter().copied()).collect();
    if zones.iter().filter_map(|name| calendar::zone(name)).any(|zone| at(&zone) == at(&own)) {
        return;
    }
    let place = clinic.time_zone.as_ref().map_or(home.area.state.span(), |zone| zone.value.span());
    let (here, name) = (home.state.name, own.iana_name().unwrap_or_default());
    let message = format!("the clinic is in {here}, and its clock is that of {name}");
    let first = zones.first().copied().unwrap_or_default();
    let help = format!("write the zone that its hours are by: [time_zone] with value = \"{first}\"");
    report.add(&CONTRADICTS_FACT, source, place, message, help);
}

/// Holds the facts themselves to where the clinic is: sources that something rests on, help lines, figures, and the languages of the notice.
pub(in crate::content::rules) fn facts(draft: &Draft, document: &Document<Clinic>, report: &mut Report) {
    let (source, clinic) = (&document.source, &document.value);
    let Some(home) = Home::find(clinic).filter(|_| !document.findings.has_errors()) else { return };
    let elsewhere = home.sources_elsewhere();
    let here = home.state.name;
    clock(&home, document, report);
    for (key, fact) in clinic.facts().into_iter().filter_map(|(key, fact)| Some((key, fact?))) {
        if let Some(other) = fact.source.and_then(|named| elsewhere.get(named.as_str())) {
            let message = format!("`{key}` rests on a source of {other}, and the clinic is in {here}");
            let help =
                format!("write what holds in {here} with its own source, or delete it with the sentences that name it");
            report.add(&CONTRADICTS_FACT, source, fact.place, message, help);
        }
    }
    for (key, cited) in clinic.sources.iter().flatten() {
        let Some(other) = elsewhere.get(key.as_str()) else { continue };
        let resting = draft.languages.iter().flat_map(|language| {
            let pages = language.pages.iter();
            let rests = move |page: &Page| page.sources.iter().flatten().any(|named| named == key);
            let pages = pages.filter(move |(_, page)| rests(&page.value));
            pages.map(|(page, _)| names::page(language.lang, page))
        });
        let resting: Vec<String> = resting.collect();
        if resting.is_empty() {
            continue;
        }
        let message =
            format!("pages rest on this source of {other}, and the clinic is in {here}: {}", resting.join(", "));
        let help = format!(
            "read there what they say of {other}, write what holds in {here}, and name that source instead; if it is right as it is, add \"{other}\" to `also_named` of [area_served]"
        );
        report.add(&CONTRADICTS_FACT, source, cited.title.span(), message, help);
    }
    if let Some(help) = &draft.language_help
        && let Some(name) = &help.value.state
        && State::named(name.as_str()).is_some_and(|state| !home.has(state))
    {
        let message = format!("these are the languages of {name}, and clinic.toml says that the clinic is in {here}");
        let advice =
            format!("look up the 15 languages of {here} at the source, write those, and then state = \"{here}\"");
        report.add(&CONTRADICTS_FACT, &help.source, name.span(), message, advice);
    }
}
