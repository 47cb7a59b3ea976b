//! Facts as the templates print them.

use super::place::{Worded, html, phone_view};
use super::{hours, path_of, place};
use crate::content::leaf::{Line, Phone};
use crate::content::model::{AppointmentLine, Clinic, ComplaintLine, Coordinator, Fact, HelpLanguage};
use crate::content::text::{self, Html, Target};
use crate::content::{Content, Language};
use crate::lang::Lang;
use crate::site::Today;
use crate::site::component::{ClinicView, HelpLineView, LanguageView, PhoneView, PlaceView};

/// A name beside a number.
fn beside(name: &str, number: &Phone) -> String {
    name.strip_prefix(number.as_str()).map_or(name, str::trim_start).to_owned()
}

/// The help lines with their words, ready to print.
pub(super) fn help_lines(content: &Content, today: &Today, language: &Language) -> Vec<HelpLineView> {
    let lines = &today.clinic.help_lines;
    lines
        .iter()
        .filter_map(|line| {
            let (words, lang) = content.words_for(language, &line.id, |ui| &ui.help_lines)?;
            let html = |text: &str| Html::in_language(text, lang.as_ref().map(Lang::tag));
            let number = |phone: &Phone| phone_view(phone, phone.is_fictitious(), language.direction);
            Some(HelpLineView {
                beside_number: html(&beside(words.name.as_str(), &line.call)),
                name: html(words.name.as_str()),
                note: html(words.note.as_str()),
                call: number(&line.call),
                text: line.text.as_ref().map(|phone| PhoneView { href: phone.sms(), ..number(phone) }),
                tty: line.tty.as_ref().map(number),
                chat: line.chat.as_ref().map(ToString::to_string),
            })
        })
        .collect()
}

/// The payers of a day in words.
pub(super) fn payers<'a>(
    content: &'a Content,
    today: &'a Today,
    language: &'a Language,
) -> impl Iterator<Item = Worded<'a>> {
    let keys = today.clinic.payers.iter().flat_map(|fact| &fact.value);
    keys.filter_map(|key| content.words_for(language, key, |ui| &ui.payers))
}

/// The facts of the clinic, ready to print.
pub(super) fn clinic(content: &Content, today: &Today, language: &Language) -> ClinicView {
    let Today { clinic, hours, .. } = today;
    let all = clinic.places();
    // The main place: whose number is on the buttons.
    let (main, now) = (all.first().copied().unwrap_or_default(), hours.first().and_then(Option::as_ref));
    let (lang, ui) = (language.lang, &language.ui);
    let views = all.iter().zip(hours).map(|(one, now)| place::view(content, language, one, now.as_ref()));
    let places: Vec<PlaceView> = views.collect();
    // A page that a language lacks yet is linked to in English.
    let path = |key: &str| {
        let in_language = language.pages.get(key).map(|page| page.path(lang, key));
        in_language.unwrap_or_else(|| path_of(content, Lang::En, key))
    };
    ClinicView {
        name: clinic.name.value.to_string(),
        area: clinic.area_served.as_ref().map(|fact| format!("{}, {}", fact.value.city, fact.value.state)),
        phone: main.phone.map(|fact| place::number(fact, language.direction)),
        address: main.address.map(|fact| place::address(fact, language.direction)),
        hours: main.hours.map(|fact| hours::week(&fact.value, lang, ui)).unwrap_or_default(),
        open_now: now.and_then(|now| now.state.as_ref()).map(|state| hours::open_now(state, lang, ui)),
        exceptions: now
            .iter()
            .flat_map(|now| &now.exceptions)
            .map(|special| {
                let reason =
                    special.reason.as_ref().and_then(|key| content.words_for(language, key, |ui| &ui.exceptions));
                hours::exception(special, reason.map(html), lang, ui)
            })
            .collect(),
        hours_sample: main.hours.is_some_and(Fact::is_sample),
        places,
        are_listed: main.id.is_some(),
        appointment_line: clinic.appointment_line.as_ref().map(|fact| {
            match fact.value {
                AppointmentLine::AroundTheClock => &ui.contact.around_the_clock,
                AppointmentLine::OpeningHours => &ui.contact.opening_hours,
            }
            .to_string()
        }),
        payers: payers(content, today, language).map(html).collect(),
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
