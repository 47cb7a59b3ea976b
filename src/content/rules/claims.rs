//! What copy says of the clinic, held to the facts: where it is, who pays, when appointments are made, how many objectives there are.

mod days;
mod places;

pub(super) use places::facts;

use crate::content::catalogue::{CONTRADICTS_FACT, UNWRITTEN};
use crate::content::claims::{Count, Said};
use crate::content::leaf::{Key, Markdown};
use crate::content::model::{AppointmentLine, Clinic, Page, Section};
use crate::content::names::{UI, page_key};
use crate::content::{Draft, DraftLanguage, LanguageFile, Review};
use crate::diagnostic::{Edit, Help, Report, Source};
use places::Home;
use std::ops::Range;
use std::sync::Arc;

/// The most days of one file that are held to the calendar: no page names so many.
const MOST_DAYS: usize = 200;

/// Reports what copy says otherwise than the facts. Where a fact is not there, there is nothing to contradict.
pub(super) fn check(draft: &Draft, language: &DraftLanguage, review: &Review<'_>, report: &mut Report) {
    // What could not be read is not known, and not contradicted.
    let facts = draft.clinic.as_ref().filter(|clinic| !clinic.findings.has_errors());
    let clinic = facts.map(|clinic| clinic.value.as_of(review.now.date()));
    let home = clinic.as_ref().and_then(Home::find);
    let elsewhere = home.as_ref().map(Home::sources_elsewhere).unwrap_or_default();
    for LanguageFile { name, source, passages, .. } in language.files() {
        let key = page_key(&name);
        let page = key.and_then(|key| language.pages.get(key)).map(|page| &page.value);
        let other = page.and_then(|page| page.sources.iter().flatten().find_map(|named| elsewhere.get(named.as_str())));
        let claims = passages.claims(source);
        let mut days = 0;
        for (place, said) in claims {
            days += usize::from(matches!(said, Said::Day(_)));
            let found = match said {
                Said::Unwritten => Some((
                    &UNWRITTEN,
                    "here your own words are still to be written".to_owned(),
                    "write them in place of this, or delete this part".into(),
                )),
                // One file has the words for either state, and for each payer.
                Said::AnyHour(_) | Said::Pays(_) if name == UI.name => None,
                Said::Day(_) if days > MOST_DAYS => None,
                Said::Day(day) => {
                    let write = |text: &str| instead(source, place, text);
                    days::wrong(language, &name, (place, day), claims, review.now.date(), &write)
                }
                Said::Place(at) => home
                    .as_ref()
                    .and_then(|home| home.wrong(at, &|text| instead(source, place, text)))
                    .map(|(_, message, help)| (&CONTRADICTS_FACT, message, help)),
                Said::TheState => other.map(|other| {
                    let message = format!("a source of this page is of {other}, so this may be what holds there");
                    let help = "write what holds where the clinic is, and name the source of that in `sources`";
                    (&CONTRADICTS_FACT, message, help.into())
                }),
                Said::Count(count) => page
                    .and_then(|page| miscounted(page, language, place, count))
                    .map(|(message, word)| (&CONTRADICTS_FACT, message, instead(source, place, &word))),
                said => clinic
                    .as_ref()
                    .and_then(|clinic| contradiction(clinic, language, said, &|text| instead(source, place, text)))
                    .map(|(message, help)| (&CONTRADICTS_FACT, message, help)),
            };
            if let Some((rule, message, help)) = found {
                report.add_with(rule, source, place.start, || (place.clone(), message, help));
            }
        }
    }
}

/// A help that writes a text in the place of what is said. A change of it where both are words alone: within markup or beside escapes, what the
/// file has to say is not known. A sentence goes on to begin with a capital letter.
fn instead(source: &Arc<Source>, place: &Range<usize>, text: &str) -> Help {
    let are_words = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "/,.-".contains(c));
    let typed = source.text.get(place.clone()).unwrap_or_default();
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1).filter(|_| typed.starts_with(char::is_uppercase)) {
        first.make_ascii_uppercase();
    }
    let words = |text: &str| format!("write `{text}`");
    if are_words(typed) && are_words(&text) {
        Help::exact(Edit::new(source, place.clone(), text), words)
    } else {
        words(&text).into()
    }
}

/// The number of objectives, where a page that shows them says another of them: in what comes above the list, or for the page as a whole.
fn miscounted(page: &Page, language: &DraftLanguage, place: &Range<usize>, count: &Count) -> Option<(String, String)> {
    let objectives = language.objectives.as_ref().filter(|file| !file.findings.has_errors())?.value.objectives.len();
    let list = page.sections.iter().find_map(|section| match section {
        Section::Objectives(list) => Some(list),
        _ => None,
    })?;
    let texts = [list.heading.span(), page.title.span(), page.description.span(), page.lead.span()];
    let above = texts.into_iter().chain(list.intro.iter().map(Markdown::span));
    let is_above = above.into_iter().any(|text| text.start <= place.start && place.end <= text.end);
    let word = count.words.get(objectives.checked_sub(2)?)?;
    (is_above && count.number != objectives)
        .then(|| (format!("objectives.toml has {objectives} of them"), (*word).to_owned()))
}

/// What the facts say instead, if they do: the message and the help.
fn contradiction(
    clinic: &Clinic,
    language: &DraftLanguage,
    said: &Said,
    write: &dyn Fn(&str) -> Help,
) -> Option<(String, Help)> {
    match said {
        Said::City(name) => {
            let area = clinic.area_served.as_ref().map(|fact| &fact.value);
            let places = clinic.places();
            let address = places.iter().find_map(|place| place.address).map(|fact| &fact.value);
            let city = area
                .map(|area| &area.city)
                .or(address.map(|address| &address.city))
                .filter(|city| !city.as_str().is_empty())?;
            let known = [
                Some(city.as_str()),
                area.map(|area| area.state.as_str()),
                address.map(|address| address.city.as_str()),
            ];
            let is_known = known.into_iter().flatten().any(|known| name.contains(known));
            (!is_known).then(|| {
                (
                    format!("clinic.toml says that the clinic is in {city}"),
                    write(city.as_str()).then(", or mend the fact in clinic.toml"),
                )
            })
        }
        Said::Payer(name) | Said::Pays(name) => {
            let payers = clinic.payers.as_ref()?;
            let plain = |text: &str| {
                text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
            };
            let name = plain(name);
            let words =
                |key| language.ui.as_ref().and_then(|ui| ui.value.payers.get(key)).map(|words| plain(words.as_str()));
            let is_known =
                |key| plain(Key::as_str(key)).contains(&name) || words(key).is_some_and(|words| words.contains(&name));
            (!payers.value.iter().any(is_known)).then(|| {
                (
                    "clinic.toml doesn't say that this payer pays".to_owned(),
                    "take it out, or add it below [payers] in clinic.toml once the clinic has confirmed it".into(),
                )
            })
        }
        Said::AnyHour(instead) => {
            let by_day =
                clinic.appointment_line.as_ref().is_some_and(|fact| fact.value == AppointmentLine::OpeningHours);
            by_day.then(|| {
                let fact = "mend the fact (appointment_line) in clinic.toml";
                let help = instead.map_or_else(|| "take it out".into(), write).then(&format!(", or {fact}"));
                ("clinic.toml says that appointments are made in the opening hours".to_owned(), help)
            })
        }
        Said::Place(_) | Said::TheState | Said::Count(_) | Said::Day(_) | Said::Unwritten => None,
    }
}
