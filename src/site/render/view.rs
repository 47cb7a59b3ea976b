//! Facts as the templates print them.

use super::path_of;
use crate::content::leaf::{Key, Line, Phone};
use crate::content::model::{AppointmentLine, Clinic, Fact, Hours, Weekday};
use crate::content::{Content, Language, Ui};
use crate::lang::Lang;
use crate::site::component::{AddressView, ClinicView, HelpLineView, HoursView, PhoneView};
use std::collections::{BTreeMap, BTreeSet};

fn phone_view(phone: &Phone, sample: bool) -> PhoneView {
    PhoneView { display: phone.to_string(), href: phone.href(), sample }
}

/// The help lines with their words, ready to print.
pub(super) fn help_lines(clinic: &Clinic, ui: &Ui) -> Vec<HelpLineView> {
    clinic
        .help_lines
        .iter()
        .filter_map(|line| {
            let words = ui.help_lines.get(&line.id)?;
            let number = |phone: &Phone| phone_view(phone, phone.is_fictitious());
            Some(HelpLineView {
                name: words.name.to_string(),
                note: words.note.to_string(),
                call: number(&line.call),
                text: line.text.as_ref().map(|phone| PhoneView { href: phone.sms(), ..number(phone) }),
                tty: line.tty.as_ref().map(number),
                chat: line.chat.as_ref().map(ToString::to_string),
            })
        })
        .collect()
}

/// What the clinic says of itself, ready to print.
pub(super) fn clinic(content: &Content, clinic: &Clinic, language: &Language) -> ClinicView {
    let (lang, ui) = (language.lang, &language.ui);
    let words = |keys: &Option<Fact<Vec<Key>>>, words: &BTreeMap<Key, Line>| -> Vec<String> {
        keys.iter().flat_map(|fact| &fact.value).filter_map(|key| words.get(key)).map(ToString::to_string).collect()
    };
    // A page that a language lacks yet is linked to in English.
    let path = |key: &str| {
        let in_language = language.pages.get(key).map(|page| page.path(lang, key));
        in_language.unwrap_or_else(|| path_of(content, Lang::En, key))
    };
    ClinicView {
        name: clinic.name.value.to_string(),
        area: clinic.area_served.as_ref().map(|fact| format!("{}, {}", fact.value.city, fact.value.state)),
        phone: clinic
            .phone
            .as_ref()
            .map(|fact| phone_view(&fact.value, fact.is_sample() || fact.value.is_fictitious())),
        address: clinic.address.as_ref().map(|fact| AddressView {
            street: fact.value.street.to_string(),
            locality: fact.value.locality(),
            sample: fact.is_sample(),
        }),
        hours: clinic.hours.iter().flat_map(|fact| &fact.value).map(|hours| hours_view(hours, lang, ui)).collect(),
        hours_sample: clinic.hours.as_ref().is_some_and(Fact::is_sample),
        appointment_line: clinic.appointment_line.as_ref().map(|fact| {
            match fact.value {
                AppointmentLine::AroundTheClock => &ui.contact.around_the_clock,
                AppointmentLine::OpeningHours => &ui.contact.opening_hours,
            }
            .to_string()
        }),
        payers: words(&clinic.payers, &ui.payers),
        appointments: path("appointments"),
        help: path("get-help-now"),
    }
}

/// `Monday – Friday`, `5:30 am – 11:00 am`: days in a row become a span.
fn hours_view(hours: &Hours, lang: Lang, ui: &Ui) -> HoursView {
    let name = |day: Weekday| {
        let words = &ui.weekdays;
        match day {
            Weekday::Monday => &words.monday,
            Weekday::Tuesday => &words.tuesday,
            Weekday::Wednesday => &words.wednesday,
            Weekday::Thursday => &words.thursday,
            Weekday::Friday => &words.friday,
            Weekday::Saturday => &words.saturday,
            Weekday::Sunday => &words.sunday,
        }
    };
    let days: Vec<Weekday> = hours.days.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let in_a_row = days.windows(2).all(|pair| matches!(pair, [a, b] if *a as u8 + 1 == *b as u8));
    let days = match days.as_slice() {
        [first, .., last] if in_a_row && days.len() > 2 => format!("{} – {}", name(*first), name(*last)),
        all => all.iter().map(|day| name(*day).as_str()).collect::<Vec<_>>().join(", "),
    };
    HoursView { days, times: format!("{} – {}", lang.time(hours.opens.as_str()), lang.time(hours.closes.as_str())) }
}
