//! Structured data for search engines (schema.org, as JSON-LD): from confirmed facts only, never from samples.

use super::{ical, route};
use crate::content::hours::{Now, Special};
use crate::content::leaf::Phone;
use crate::content::model::{Address, Audience, Clinic, Event, Fact, Page, PageKind, Place, Section};
use crate::content::text::Html;
use crate::lang::Lang;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use url::Url;

/// A page for search engines.
pub(super) struct Subject<'a> {
    pub(super) base: &'a Url,
    pub(super) lang: Lang,
    pub(super) clinic: &'a Clinic,
    pub(super) zone: &'a TimeZone,
    /// What can be said of the hours of each of its places, and the names of those.
    pub(super) hours: &'a [Option<Now>],
    pub(super) names: Vec<Option<&'a str>>,
    /// The payers in words.
    pub(super) payers: Vec<&'a str>,
    pub(super) page: &'a Page,
    pub(super) path: &'a str,
    /// The pages above, home first: their names and paths.
    pub(super) breadcrumbs: Vec<(String, String)>,
    /// Questions and rendered answers of the page.
    pub(super) questions: Vec<(String, Html)>,
    /// Its events that are not over.
    pub(super) events: Vec<&'a Event>,
}

/// The page's data block.
pub(super) fn of_page(subject: &Subject<'_>) -> Html {
    let Subject { base, lang, page, path, breadcrumbs, questions, .. } = subject;
    let address = route::absolute(base, path);
    let clinic_id = clinic_id(base);
    let mut web_page = json!({
            "@type": "MedicalWebPage",
            "@id": address,
            "url": address,
            "name": page.title.as_str(),
            "description": page.description.as_str(),
            "inLanguage": lang.tag(),
            "lastReviewed": page.last_reviewed.as_str(),
            "about": { "@id": clinic_id },
            "publisher": { "@id": clinic_id },
    });
    // Of a page, as of any creative work; schema.org knows no audience of a clinic.
    if let (Some(Audience::Adults), Some(of_page)) =
        (confirmed(subject.clinic.audience.as_ref()), web_page.as_object_mut())
    {
        of_page.insert("audience".to_owned(), json!({ "@type": "PeopleAudience", "suggestedMinAge": 18 }));
    }
    let mut graph = vec![clinic(subject), web_page];
    if page.kind != PageKind::Home {
        let here = (page.label().to_owned(), (*path).to_owned());
        let items = breadcrumbs.iter().chain([&here]).enumerate().map(|(at, (name, path))| {
            json!({ "@type": "ListItem", "position": at + 1, "name": name, "item": route::absolute(base, path) })
        });
        graph.push(json!({ "@type": "BreadcrumbList", "itemListElement": items.collect::<Vec<_>>() }));
    }
    if page.sections.iter().any(|section| matches!(section, Section::Questions(_))) {
        let items = questions.iter().map(|(question, answer)| {
            json!({ "@type": "Question", "name": question, "acceptedAnswer": { "@type": "Answer", "text": answer.as_str() } })
        });
        graph.push(json!({ "@type": "FAQPage", "inLanguage": lang.tag(), "mainEntity": items.collect::<Vec<_>>() }));
    }
    graph.extend(subject.events.iter().filter_map(|event| of_event(subject, event, &address)));
    Html::json_ld(&json!({ "@context": "https://schema.org", "@graph": graph }))
}

/// An event. Search engines ask for its place: without one it is left out.
fn of_event(subject: &Subject<'_>, event: &Event, page: &str) -> Option<Value> {
    let address = subject.clinic.places().first().and_then(|main| confirmed(main.address)).map(postal_address);
    let place = match (&event.place, address) {
        (None, None) => return None,
        (place, address) => {
            let name = place.as_ref().map_or(subject.clinic.name.value.as_str(), |place| place.as_str());
            known(json!({ "@type": "Place", "name": name, "address": address }))
        }
    };
    let begins = event
        .begins
        .as_ref()
        .map_or_else(|| event.day.to_string(), |_| ical::iso(event.begins(subject.zone), subject.zone));
    let ends = event.ends.as_ref().map(|_| ical::iso(event.is_over(subject.zone), subject.zone));
    Some(known(json!({
        "@type": "Event",
        "name": event.title.as_str(),
        "startDate": begins,
        "endDate": ends,
        "location": place,
        "organizer": { "@id": clinic_id(subject.base) },
        "url": format!("{page}#{}", event.anchor()),
        "inLanguage": subject.lang.tag(),
    })))
}

/// An object without what is not known.
fn known(mut value: Value) -> Value {
    if let Some(keys) = value.as_object_mut() {
        keys.retain(|_, value| !value.is_null());
    }
    value
}

fn postal_address(address: &Address) -> Value {
    json!({
        "@type": "PostalAddress",
        "streetAddress": address.street.as_str(),
        "addressLocality": address.city.as_str(),
        "addressRegion": address.state.as_str(),
        "postalCode": address.zip.as_str(),
        "addressCountry": "US",
    })
}

fn clinic_id(base: &Url) -> String {
    format!("{}#clinic", route::absolute(base, &Lang::En.root()))
}

fn confirmed<T>(fact: Option<&Fact<T>>) -> Option<&T> {
    fact.filter(|fact| fact.sample != Some(true)).map(|fact| &fact.value)
}

fn clinic(subject: &Subject<'_>) -> Value {
    let Subject { base, clinic, hours, names, payers, .. } = subject;
    let mut value = Map::new();
    let mut put = |key: &str, part: Value| value.insert(key.to_owned(), part);
    put("@type", json!("MedicalClinic"));
    put("@id", json!(clinic_id(base)));
    put("name", json!(clinic.name.value.as_str()));
    put("url", json!(route::absolute(base, &Lang::En.root())));
    if let Some(area) = confirmed(clinic.area_served.as_ref()) {
        put(
            "areaServed",
            json!({
                "@type": "City",
                "name": area.city.as_str(),
                "containedInPlace": { "@type": "State", "name": area.state.as_str() },
            }),
        );
    }
    let all = clinic.places();
    let listed: Vec<_> = all.iter().zip(*hours).zip(names).filter(|((place, _), _)| place.id.is_some()).collect();
    if listed.is_empty() {
        for (place, now) in all.iter().zip(*hours) {
            of_place(place, now.as_ref(), &mut put);
        }
    } else {
        // Each place is a clinic of its own, below the one that all of them belong to.
        if let Some(phone) = all.first().and_then(|main| confirmed(main.phone)) {
            put("telephone", json!(phone.with_extension()));
        }
        let places = listed.into_iter().filter_map(|((place, now), name)| {
            let mut part = Map::new();
            of_place(place, now.as_ref(), &mut |key, value| part.insert(key.to_owned(), value));
            // Of a place whose name alone is known there is nothing to say.
            if part.is_empty() {
                return None;
            }
            let mut put = |key: &str, value: Value| part.insert(key.to_owned(), value);
            let id = place.id.map(ToString::to_string).unwrap_or_default();
            put("@type", json!("MedicalClinic"));
            put("@id", json!(format!("{}-{id}", clinic_id(base))));
            put(
                "name",
                json!(
                    name.map_or_else(|| clinic.name.value.to_string(), |name| format!("{}: {name}", clinic.name.value))
                ),
            );
            put("url", json!(route::absolute(base, &Lang::En.root())));
            Some(Value::Object(part))
        });
        let places: Vec<_> = places.collect();
        if !places.is_empty() {
            put("department", json!(places));
        }
    }
    if confirmed(clinic.payers.as_ref()).is_some() && !payers.is_empty() {
        put("paymentAccepted", json!(payers.join(", ")));
    }
    Value::Object(value)
}

/// What is known of a place: numbers by their purpose, address, and hours.
fn of_place(place: &Place<'_>, now: Option<&Now>, put: &mut impl FnMut(&str, Value) -> Option<Value>) {
    if let Some(phone) = confirmed(place.phone) {
        put("telephone", json!(phone.with_extension()));
    }
    if let Some(fax) = confirmed(place.fax) {
        put("faxNumber", json!(fax.with_extension()));
    }
    if let Some(mail) = confirmed(place.mail) {
        put("email", json!(mail.as_str()));
    }
    let contact = |kind: &str, number: &Phone, more: Option<(&str, &str)>| {
        let mut point = Map::new();
        point.insert("@type".to_owned(), json!("ContactPoint"));
        point.insert("contactType".to_owned(), json!(kind));
        point.insert("telephone".to_owned(), json!(number.with_extension()));
        point.extend(more.map(|(key, value)| (key.to_owned(), json!(value))));
        Value::Object(point)
    };
    let impaired = Some(("contactOption", "https://schema.org/HearingImpairedSupported"));
    let points = [
        ("dosing line", place.dosing_line, None),
        ("after hours", place.after_hours, None),
        ("TTY", place.tty, impaired),
    ];
    let points: Vec<_> =
        points.into_iter().filter_map(|(kind, fact, more)| Some(contact(kind, confirmed(fact)?, more))).collect();
    if !points.is_empty() {
        put("contactPoint", json!(points));
    }
    if let Some(address) = confirmed(place.address) {
        put("address", postal_address(address));
    }
    if let Some(map) = confirmed(place.map) {
        put("hasMap", json!(map.as_str()));
    }
    let Some(hours) = confirmed(place.hours) else { return };
    let spans: Vec<_> = hours
        .iter()
        .map(|span| {
            json!({
                "@type": "OpeningHoursSpecification",
                // schema.org calls the days as we do.
                "dayOfWeek": span.days.iter().map(|day| format!("https://schema.org/{day:?}")).collect::<Vec<_>>(),
                "opens": span.opens.as_str(),
                "closes": clock(span.closes.time()),
            })
        })
        .collect();
    put("openingHoursSpecification", json!(spans));
    let exceptions: Vec<_> = now.iter().flat_map(|now| &now.ahead).flat_map(special_hours).collect();
    if !exceptions.is_empty() {
        put("specialOpeningHoursSpecification", json!(exceptions));
    }
}

/// A closing time. Search engines read the end of a day as its last minute; an earlier time than the opening is of the next day.
fn clock(closes: Time) -> String {
    if closes == Time::midnight() { "23:59".to_owned() } else { closes.strftime("%H:%M").to_string() }
}

/// Days with other hours. For schema.org a place without `opens` is closed.
fn special_hours(special: &Special) -> Vec<Value> {
    let days = || {
        json!({
            "@type": "OpeningHoursSpecification",
            "validFrom": special.first.to_string(),
            "validThrough": special.last.to_string(),
        })
    };
    if special.times.is_empty() {
        return vec![days()];
    }
    let with = |(opens, closes): &(Time, Time)| {
        let mut value = days();
        if let Some(value) = value.as_object_mut() {
            value.insert("opens".to_owned(), json!(opens.strftime("%H:%M").to_string()));
            value.insert("closes".to_owned(), json!(clock(*closes)));
        }
        value
    };
    special.times.iter().map(with).collect()
}
