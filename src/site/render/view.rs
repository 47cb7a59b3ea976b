//! Facts as the templates print them.

use super::{hours, path_of};
use crate::content::leaf::{Key, Line, Phone};
use crate::content::model::{AppointmentLine, Clinic, ComplaintLine, Coordinator, Fact, HelpLanguage};
use crate::content::text::{self, Html, Target};
use crate::content::{Content, Language, Ui};
use crate::lang::Lang;
use crate::site::Today;
use crate::site::component::{AddressView, ClinicView, HelpLineView, LanguageView, PhoneView};
use std::collections::BTreeMap;

fn phone_view(phone: &Phone, sample: bool) -> PhoneView {
    PhoneView { display: phone.to_string(), href: phone.href(), sample }
}

/// A name beside a number.
fn beside(name: &str, number: &Phone) -> String {
    name.strip_prefix(number.as_str()).map_or(name, str::trim_start).to_owned()
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
                beside_number: beside(words.name.as_str(), &line.call),
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

/// The facts of the clinic, ready to print.
pub(super) fn clinic(content: &Content, today: &Today, language: &Language) -> ClinicView {
    let Today { clinic, hours: now, .. } = today;
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
        hours: clinic.hours.iter().flat_map(|fact| &fact.value).map(|span| hours::regular(span, lang, ui)).collect(),
        open_now: now.as_ref().and_then(|now| now.state.as_ref()).map(|state| hours::open_now(state, lang, ui)),
        exceptions: now
            .iter()
            .flat_map(|now| &now.exceptions)
            .map(|special| hours::exception(special, lang, ui))
            .collect(),
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

/// A fact about who oversees the clinic, by its name in copy, and whether it is a sample.
pub(super) fn oversight(clinic: &Clinic, name: &str) -> Option<(Html, bool)> {
    let listed = |parts: Vec<Html>, between: &str| {
        let between = Html::text(between);
        let all = parts.into_iter().flat_map(|part| [between.clone(), part]).skip(1);
        Html::concat(&all.collect::<Vec<_>>())
    };
    let line = |fact: &Fact<Line>| (Html::text(fact.value.as_str()), fact.is_sample());
    let person = |fact: &Fact<Coordinator>| {
        let Coordinator { name, phone, mail } = &fact.value;
        let name = Some(Html::text(name.as_str()));
        let phone = phone.as_ref().map(|phone| Html::link(&phone.href(), phone.as_str()));
        let mail = mail.as_ref().map(|mail| Html::link(&format!("mailto:{mail}"), mail.as_str()));
        (listed([name, phone, mail].into_iter().flatten().collect(), ", "), fact.is_sample())
    };
    let complaint = |ComplaintLine { name, phone, url }: &ComplaintLine| {
        let name = match url {
            Some(url) => Html::link(url.as_str(), name.as_str()),
            None => Html::text(name.as_str()),
        };
        let phone = phone.as_ref().map(|phone| Html::link(&phone.href(), phone.as_str()));
        listed([Some(name), phone].into_iter().flatten().collect(), ", ")
    };
    match name {
        "license" => clinic.license.as_ref().map(line),
        "accreditor" => clinic.accreditor.as_ref().map(line),
        "coordinator_1557" => clinic.coordinator_1557.as_ref().map(person),
        "coordinator_504" => clinic.coordinator_504.as_ref().map(person),
        "complaint_lines" => {
            let fact = clinic.complaint_lines.as_ref()?;
            Some((listed(fact.value.iter().map(complaint).collect(), "; "), fact.is_sample()))
        }
        _ => None,
    }
}

/// Where a link of the copy leads: its words are no link while its page is held back.
pub(super) fn target_in(content: &Content, target: &str) -> Target {
    if content.leads_to_a_draft(target) { Target::Nowhere } else { Target::AsWritten }
}

/// The notices of free language help, ready to print.
pub(super) fn languages(content: &Content) -> Vec<LanguageView> {
    let link = |target: &str| target_in(content, target);
    let view = |language: &HelpLanguage| LanguageView {
        id: language.anchor(),
        lang: language.lang.to_string(),
        dir: language.dir.as_str(),
        name: language.name.to_string(),
        text: language.is_supplied().then(|| text::render_official(language.text.as_str(), &link, None)),
    };
    content.language_help.iter().flat_map(|file| &file.languages).map(view).collect()
}
