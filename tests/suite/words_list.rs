//! `words.toml`: the list of words that hurt, kept as data in each language.

use crate::harness::{check, edited, replace, set, text_in};
use crate::translations::in_two_languages;
use clinic_site::content::{Files, Loader, Review};
use clinic_site::diagnostic::Report;
use clinic_site::site::{icon_names, route};
use std::fs;

/// The Spanish list that is shipped.
const SPANISH: &str = "content/es/words.toml";

/// The words that a report tells, with their lines.
fn told(report: &Report) -> Vec<String> {
    let words = report.sorted().into_iter().filter(|finding| finding.rule.name == "stigmatising-word");
    words
        .map(|finding| {
            let word = finding.source.text.get(finding.span.clone()).unwrap();
            format!("{}:{word}", finding.source.path.rsplit("content/").next().unwrap())
        })
        .collect()
}

/// Content with a sentence on the page about medicine.
fn with(sentence: &str) -> Files {
    edited(|files| {
        let page = text_in(files, "en/pages/medicine.toml");
        let section = format!("\n[[sections]]\nkind = \"prose\"\nheading = \"More\"\ntext = \"{sentence}\"\n");
        files.insert("en/pages/medicine.toml", (page + &section).into_bytes());
    })
}

#[test]
fn the_shipped_words_hurt_nobody() {
    let (_, report) = check(&Files::embedded(), false);
    assert_eq!(told(&report), [""; 0], "{}", report.text());
}

/// Each line of the table in the facts that the site is written from: what it asks to avoid is found.
#[test]
fn every_word_to_avoid_is_found_and_what_to_say_instead_is_not() {
    for avoided in [
        "addict",
        "abuser",
        "user",
        "junkie",
        "substance abuse",
        "drug abuse",
        "opioid abuse",
        "habit",
        "clean",
        "dirty",
        "former addict",
        "reformed addict",
        "opioid replacement",
        "substitution therapy",
        "medication-assisted treatment",
        "relapse",
        "slip",
        "non-compliant",
        "in denial",
        "refuses",
        "failed treatment",
        "suffering from",
        "victim of",
        "struggling with",
        "crackhead",
        "dope fiend",
        "unmotivated",
        "hooked on",
        "strung out",
        "battle with",
        "failed rehab",
    ] {
        let (content, report) = check(&with(&format!("Here is {avoided} at last.")), false);
        assert_eq!(told(&report), [format!("en/pages/medicine.toml:{avoided}")], "{}", report.text());
        assert!(content.is_some(), "a word is no reason to serve nothing");
    }
    for said in [
        "a person with opioid use disorder",
        "people who use drugs",
        "in recovery",
        "tested negative",
        "return to use",
        "medicine for opioid use disorder",
        "not ready yet",
        "treatment did not help",
        "living with addiction",
        "the Substance Abuse and Mental Health Services Administration",
        "child abuse",
        "reports of abuse or neglect",
        "the National Institute on Alcohol Abuse and Alcoholism",
        "the right to refuse a test",
        "a battle plan",
        "they said “junkie” to me",
        "how you keep your hands clean",
        "a place for clean needles",
        "/clean-needles/",
        "https://www.abuse.example/user/",
    ] {
        let (_, report) = check(&with(&format!("Here is {said} at last.")), false);
        assert_eq!(told(&report), [""; 0], "{said}");
    }
}

#[test]
fn so_it_is_in_spanish() {
    let with = |sentence: &str| {
        edited(|files| {
            let page = text_in(files, "es/pages/medicine.toml");
            let section = format!("\n[[sections]]\nkind = \"prose\"\nheading = \"Más\"\ntext = \"{sentence}\"\n");
            files.insert("es/pages/medicine.toml", (page + &section).into_bytes());
        })
    };
    for avoided in [
        "adicto",
        "drogadicta",
        "toxicómano",
        "opiómana",
        "usuario de fentanilo",
        "usuarias de sustancias",
        "exadicto",
        "abuso de sustancias",
        "vicio",
        "orina limpia",
        "prueba sucia",
        "recaída",
        "terapia de sustitución",
        "en negación",
        "poco motivado",
        "tratamiento fallido",
        "sufre de",
        "enganchada a",
    ] {
        let found = told(&check(&with(&format!("Aquí hay {avoided} al fin.")), false).1);
        assert!(found.len() == 1 && avoided.contains(found[0].split(':').next_back().unwrap()), "{avoided}: {found:?}");
    }
    for said in [
        "una persona que consume drogas",
        "abuso infantil",
        "informes de abuso o negligencia",
        "la Administración de Servicios de Abuso de Sustancias y Salud Mental",
        "agua limpia",
        "el derecho a negarse a una prueba",
        "la sensación de estar drogado",
        "un pastillero",
    ] {
        let found = told(&check(&with(&format!("Aquí hay {said} al fin.")), false).1);
        assert_eq!(found, [""; 0], "{said}");
    }
}

#[test]
fn words_are_looked_for_wherever_visitors_read() {
    let files = edited(|files| {
        set(files, "en/ui.toml", "menu", "\"Users\"");
        set(files, "en/objectives.toml", "line", "\"Get clean.\"");
        set(files, "en/pages/contact.toml", "title", "\"Addicts: reach us\"");
        set(files, "en/notices.toml", "text", "\"Call us for **details, junkie**.\"");
    });
    let (_, report) = check(&files, false);
    assert_eq!(
        told(&report),
        ["en/notices.toml:junkie", "en/objectives.toml:clean", "en/pages/contact.toml:Addicts", "en/ui.toml:Users"],
        "{}",
        report.text()
    );
}

#[test]
fn a_language_has_its_list_by_the_file_alone() {
    let mut files = in_two_languages();
    replace(&mut files, "es/pages/contact.toml", "Call us.", "Llame si un ADICTO tuvo una recaída, or an addict.");
    assert_eq!(told(&check(&files, false).1), [""; 0], "a language without a list");
    files.insert("es/words.toml", fs::read(SPANISH).unwrap());
    let (content, report) = check(&files, false);
    assert!(content.is_some(), "{}", report.text());
    assert_eq!(
        told(&report),
        ["es/pages/contact.toml:ADICTO", "es/pages/contact.toml:recaída"]
            .map(|place| format!("tests/fixtures/minimal/{place}")),
        "{}",
        report.text()
    );
}

#[test]
fn a_list_with_mistakes_is_told_like_any_other_file() {
    let files = edited(|files| files.insert("en/words.toml", b"[[words]]\navoid = []\nsay = 7\n".to_vec()));
    let (content, report) = check(&files, false);
    let rules: Vec<_> = report.sorted().iter().map(|finding| finding.rule.name).collect();
    assert!(content.is_none() && rules.contains(&"empty-list") && rules.contains(&"wrong-type"), "{}", report.text());
}

#[test]
fn what_is_kept_between_two_readings_follows_the_list_and_the_pages() {
    let now = crate::harness::noon(crate::harness::TODAY);
    let icons = icon_names();
    let review = Review {
        now: &now,
        publish: false,
        was_published: false,
        icons: &icons,
        other_paths: &route::LINKABLE,
        reserved: &route::RESERVED,
    };
    let mut loader = Loader::default();
    let mut files = with("An addict, on Tuesdays.");
    let mut told = |files: &Files| told(&loader.load(files, &review).1);
    assert_eq!(told(&files), ["en/pages/medicine.toml:addict"]);
    assert_eq!(told(&files), ["en/pages/medicine.toml:addict"], "nothing has changed");
    let list = files.get("en/words.toml").unwrap().to_vec();
    files.insert("en/words.toml", b"[[words]]\navoid = [\"Tuesdays\"]\nsay = \"Mondays\"\n".to_vec());
    assert_eq!(told(&files), ["en/pages/medicine.toml:Tuesdays"], "another list");
    files.remove("en/words.toml");
    assert_eq!(told(&files), [""; 0], "no list");
    files.insert("en/words.toml", list);
    replace(&mut files, "en/pages/medicine.toml", "An addict, on Tuesdays.", "People.");
    assert_eq!(told(&files), [""; 0], "another page");
}
