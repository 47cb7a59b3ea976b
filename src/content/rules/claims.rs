//! What copy says of the clinic, held to the facts: its city, who pays, when appointments are made.

use crate::content::catalogue::{CONTRADICTS_FACT, UNWRITTEN};
use crate::content::claims::Said;
use crate::content::leaf::Key;
use crate::content::model::{AppointmentLine, Clinic};
use crate::content::{Draft, DraftLanguage, LanguageFile};
use crate::diagnostic::Report;

/// Reports what copy says otherwise than the facts. Where a fact is not there, there is nothing to contradict.
pub(super) fn check(draft: &Draft, language: &DraftLanguage, report: &mut Report) {
    let clinic = draft.clinic.as_ref().map(|clinic| &clinic.value);
    for LanguageFile { name, source, passages, .. } in language.files() {
        for (place, said) in passages.claims(source) {
            let found = match said {
                Said::Unwritten => Some((
                    &UNWRITTEN,
                    "here your own words are still to be written".to_owned(),
                    "write them in place of this, or delete this part".to_owned(),
                )),
                // The words for either state stand in one file.
                Said::AnyHour(_) if name == "ui.toml" => None,
                said => clinic
                    .and_then(|clinic| contradiction(clinic, language, said))
                    .map(|(message, help)| (&CONTRADICTS_FACT, message, help)),
            };
            if let Some((rule, message, help)) = found {
                report.add_with(rule, source, place.start, || (place.clone(), message, help));
            }
        }
    }
}

/// What the facts say instead, if they do: the message and the help.
fn contradiction(clinic: &Clinic, language: &DraftLanguage, said: &Said) -> Option<(String, String)> {
    match said {
        Said::City(name) => {
            let area = clinic.area_served.as_ref().map(|fact| &fact.value);
            let address = clinic.address.as_ref().map(|fact| &fact.value);
            let city = area
                .map(|area| &area.city)
                .or(address.map(|address| &address.city))
                .filter(|city| !city.as_str().is_empty())?;
            let known = [Some(city), area.map(|area| &area.state), address.map(|address| &address.city)];
            let is_known = known.into_iter().flatten().any(|known| name.contains(known.as_str()));
            (!is_known).then(|| {
                (
                    format!("clinic.toml says that the clinic is in {city}"),
                    format!("write `{city}`, or mend the fact in clinic.toml"),
                )
            })
        }
        Said::Payer(name) => {
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
                    "take it out, or add it below [payers] in clinic.toml once the clinic has confirmed it".to_owned(),
                )
            })
        }
        Said::AnyHour(instead) => {
            let by_day =
                clinic.appointment_line.as_ref().is_some_and(|fact| fact.value == AppointmentLine::OpeningHours);
            by_day.then(|| {
                let fact = "mend the fact (appointment_line) in clinic.toml";
                let help = instead.map_or_else(
                    || format!("take it out, or {fact}"),
                    |instead| format!("write `{instead}`, or {fact}"),
                );
                ("clinic.toml says that appointments are made in the opening hours".to_owned(), help)
            })
        }
        Said::Unwritten => None,
    }
}
