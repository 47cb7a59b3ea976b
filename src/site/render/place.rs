//! The places of the clinic as templates print them, and as copy names them.

use super::hours;
use crate::content::hours::{Now, Special};
use crate::content::leaf::{Line, Phone};
use crate::content::model::{Address, Clinic, Fact, Hours, Place};
use crate::content::text::Html;
use crate::content::{Content, Language, Ui};
use crate::lang::Direction;
use crate::lang::Lang;
use crate::site::component::{AddressView, HoursList, MailView, NumberView, PhoneView, PlaceView};

/// Shown in a sample's address: a mail address of a name that nobody can have (RFC 2606).
const NOBODYS: &str = ".example";

/// A number, ready to print.
pub(super) fn phone_view(phone: &Phone, sample: bool, direction: Direction) -> PhoneView {
    PhoneView { display: direction.isolated(phone.as_str()), href: phone.href(), sample }
}

/// Words for a key of a fact, with their language where it is not the page's.
pub(super) type Worded<'a> = (&'a Line, Option<Lang>);

/// Such words, ready to print.
pub(super) fn html((words, lang): Worded<'_>) -> Html {
    Html::in_language(words.as_str(), lang.as_ref().map(Lang::tag))
}

pub(super) fn address(fact: &Fact<Address>, direction: Direction) -> AddressView {
    AddressView {
        street: direction.isolated(fact.value.street.as_str()),
        locality: direction.isolated(&fact.value.locality()),
        sample: fact.is_sample(),
    }
}

pub(super) fn number(fact: &Fact<Phone>, direction: Direction) -> PhoneView {
    phone_view(&fact.value, fact.is_sample() || fact.value.is_fictitious(), direction)
}

/// The name of a place in words, if it has one, with its language where it is not the page's.
pub(super) fn name<'a>(content: &'a Content, language: &'a Language, place: &Place<'_>) -> Option<Worded<'a>> {
    let (words, lang) = content.words_for(language, place.id?, Ui::locations)?;
    Some((&words.name, lang))
}

/// The label of a number or of hours, by the name of the fact.
pub(super) fn label<'a>(fact: &str, ui: &'a Ui) -> &'a str {
    let words = &ui.places;
    match fact {
        "dosing_line" => &words.dosing_line,
        "after_hours" => &words.after_hours,
        "fax" => &words.fax,
        "tty" => &ui.components.tty,
        "mail" => &words.mail,
        "hours" => &ui.contact.hours,
        "dosing_hours" => &words.dosing_hours,
        "intake_hours" => &words.intake_hours,
        "counseling_hours" => &words.counseling_hours,
        _ => &words.phone,
    }
    .as_str()
}

/// Nobody answers a fax: its number is no link.
pub(super) fn can_be_called(fact: &str) -> bool {
    fact != "fax"
}

/// A place, ready to print.
pub(super) fn view(content: &Content, language: &Language, place: &Place<'_>, now: Option<&Now>) -> PlaceView {
    let (lang, ui) = (language.lang, &language.ui);
    let numbers = place.numbers().into_iter().filter_map(|(key, fact)| {
        let (term, phone) = (label(key, ui).to_owned(), number(fact?, language.direction));
        Some(NumberView { term, phone, key, can_be_called: can_be_called(key) })
    });
    let hours = place.all_hours().into_iter().filter_map(|(key, fact)| {
        let (term, lines) = (label(key, ui).to_owned(), hours::week(&fact?.value, lang, ui));
        Some(HoursList { key, term, lines, sample: fact?.is_sample() })
    });
    let exception = |special: &Special| {
        let reason = special.reason.as_ref().and_then(|key| content.words_for(language, key, |ui| &ui.exceptions));
        hours::exception(special, reason.map(html), lang, ui)
    };
    PlaceView {
        id: place.id.map(ToString::to_string).unwrap_or_default(),
        name: name(content, language, place).map(html),
        numbers: numbers.collect(),
        mail: place.mail.map(|fact| MailView {
            address: fact.value.to_string(),
            sample: fact.is_sample() || fact.value.as_str().ends_with(NOBODYS),
        }),
        address: place.address.map(|fact| address(fact, language.direction)),
        map: place.map.map(|fact| fact.value.to_string()),
        hours: hours.collect(),
        open_now: now.and_then(|now| now.state.as_ref()).map(|state| hours::open_now(state, lang, ui)),
        exceptions: now.iter().flat_map(|now| &now.exceptions).map(exception).collect(),
        ahead: now.iter().flat_map(|now| &now.ahead).map(exception).collect(),
    }
}

/// A fact of a place that copy names, `main.phone`, and whether it is a sample; nothing where it is not known.
pub(super) fn fact(content: &Content, language: &Language, clinic: &Clinic, name: &str) -> Option<(Html, bool)> {
    let (lang, ui) = (language.lang, &language.ui);
    let (id, key) = name.split_once('.')?;
    let places = clinic.places();
    let place = places.iter().find(|place| place.id.is_some_and(|known| known.as_str() == id))?;
    if key == "name" {
        return self::name(content, language, place).map(|name| (html(name), false));
    }
    if let Some((key, fact)) = place.numbers().into_iter().find(|(name, _)| *name == key) {
        let view = number(fact?, language.direction);
        let html = if can_be_called(key) { Html::link(&view.href, &view.display) } else { Html::text(&view.display) };
        return Some((html, view.sample));
    }
    if let Some((_, fact)) = place.all_hours().into_iter().find(|(name, _)| *name == key) {
        let spans: &[Hours] = &fact?.value;
        let lines =
            hours::week(spans, lang, ui).into_iter().map(|line| format!("{}: {}", line.days, line.times.join(", ")));
        return Some((Html::text(&lines.collect::<Vec<_>>().join("; ")), fact?.is_sample()));
    }
    match key {
        "address" => {
            let view = place.address.map(|fact| address(fact, language.direction))?;
            Some((Html::text(&format!("{}, {}", view.street, view.locality)), view.sample))
        }
        "mail" => {
            let fact = place.mail?;
            Some((Html::link(&format!("mailto:{}", fact.value), fact.value.as_str()), fact.is_sample()))
        }
        "map" => {
            let fact = place.map?;
            Some((Html::link(fact.value.as_str(), ui.places.map.as_str()), fact.is_sample()))
        }
        _ => None,
    }
}
