//! What has to be said before it is translated, and before everything else is known: a notice in English on Spanish pages, a day that the clinic
//! is closed without hours.

use crate::content::minimal;
use crate::harness::{Page, TestSite, check, edited, es, language, supplied, text_in, text_of, without_samples};
use clinic_site::content::{Files, calendar};
use clinic_site::lang::Lang;

/// The shipped content with notices at the end of both files.
fn notices(english: &str, spanish: &str) -> Files {
    edited(|files| {
        for (file, more) in [("en/notices.toml", english), ("es/notices.toml", spanish)] {
            files.insert(file, format!("{}\n{more}", text_in(files, file)).into_bytes());
        }
    })
}

fn notice(about: &str, text: &str, dates: &str) -> String {
    format!("[[notices]]\nabout = \"{about}\"\ntext = \"{text}\"\n{dates}\n\n")
}

/// The notices on top of a page; those in English on a page in another language begin with `en:`.
fn shown(page: &Page) -> Vec<String> {
    let all = page.all(".notices .notice");
    let english = scraper::Selector::parse("[lang=en]").unwrap();
    all.iter()
        .map(|notice| match notice.select(&english).next() {
            Some(part) => format!("en:{}", text_of(&part)),
            None => text_of(notice),
        })
        .collect()
}

#[test]
fn a_closure_that_a_language_lacks_is_shown_there_in_english_and_marked() {
    let files = notices(&notice("closure", "Closed for **smoke**. Call {name}.", "ends = 2026-11-24"), "");
    let site = TestSite::with(&files);
    for path in ["/es/", "/es/medicare/", "/es/contacto/"] {
        let page = site.parsed(path);
        let clinic = crate::harness::clinic_name();
        let told = shown(&page);
        assert_eq!(told[0], format!("en:Closed for smoke. Call {clinic}."), "{path}: it comes first");
        let whole = text_of(&page.all(".notices .notice")[0]);
        let mark = language(es()).ui.translation.notice_in_english.as_str();
        assert!(whole.contains(mark), "{whole}");
        assert!(!page.all(".notices .closure [lang=en]").is_empty(), "it has its look");
        assert_eq!(page.all(".notices .notice").len(), 2, "with the one that is translated");
    }
    let mark = language(Lang::En).ui.translation.notice_in_english.as_str();
    assert!(!site.get("/").text().contains(mark), "English pages need no mark");
    assert!(site.get("/es/nada/").is(404).text().contains("Closed for"), "on error pages, too");
}

#[test]
fn once_it_is_translated_the_translation_alone_is_shown() {
    let days = "starts = 2026-11-20\nends = 2026-11-24";
    for spanish in [days, "ends = 2026-11-24", "starts = 2026-11-22\nends = 2026-11-25T12:00:00", ""] {
        let files = notices(&notice("closure", "Closed.", days), &notice("closure", "Cerrado.", spanish));
        let told = shown(&TestSite::with(&files).parsed("/es/servicios/"));
        assert!(told.len() == 2 && told[1].ends_with("Cerrado."), "{spanish:?}: {told:?}");
    }
    // One of two, and one of another time or about something else, don't stand for it.
    let two = notice("closure", "Closed Monday.", "ends = 2026-11-24")
        + &notice("closure", "Closed Friday.", "ends = 2026-11-27");
    let told = shown(
        &TestSite::with(&notices(&two, &notice("closure", "Cierra el viernes.", "ends = 2026-11-27")))
            .parsed("/es/servicios/"),
    );
    assert!(told[0] == "en:Closed Monday." && told.iter().all(|told| !told.contains("Friday")), "{told:?}");
    for other in [
        notice("weather", "Humo.", "ends = 2026-11-24"),
        notice("closure", "Cerrado.", "starts = 2026-12-24\nends = 2026-12-26"),
    ] {
        let told = shown(
            &TestSite::with(&notices(&notice("closure", "Closed.", "ends = 2026-11-24"), &other))
                .parsed("/es/servicios/"),
        );
        assert_eq!(told[0], "en:Closed.", "{other}");
    }
}

#[test]
fn a_pressing_notice_is_not_hidden_by_the_translation_of_another() {
    let english = notice("closure", "Closed today: no water.", "starts = 2026-11-23\nends = 2026-11-23")
        + &notice("closure", "Closed at Christmas.", "starts = 2026-11-20\nends = 2026-12-26");
    let spanish = notice("closure", "Cerrado en Navidad.", "ends = 2026-12-26");
    let told = shown(&TestSite::with(&notices(&english, &spanish)).parsed("/es/servicios/"));
    assert_eq!(told[0], "en:Closed today: no water.");
    assert!(told[2].ends_with("Cerrado en Navidad.") && told.len() == 3, "{told:?}");
    // Nobody can know which of the two this is.
    let unclear = notice("closure", "Cerrado.", "ends = 2026-11-25");
    let told = shown(&TestSite::with(&notices(&english, &unclear)).parsed("/es/servicios/"));
    assert_eq!(told.iter().filter(|notice| notice.starts_with("en:")).count(), 2, "{told:?}");
}

#[test]
fn what_is_not_pressing_waits_for_its_translation() {
    for (about, falls_back) in [
        ("closure", true),
        ("weather", true),
        ("phone", true),
        ("move", true),
        ("payment", false),
        ("information", false),
    ] {
        let files = notices(&notice(about, "English words.", "ends = 2026-11-24"), "");
        let told = shown(&TestSite::with(&files).parsed("/es/servicios/"));
        assert_eq!(told.iter().any(|told| told.contains("English words.")), falls_back, "{about}: {told:?}");
    }
}

#[test]
fn it_comes_and_goes_with_its_days_on_a_published_site_too() {
    let mut files = notices(&notice("weather", "Smoke.", "starts = 2026-11-24\nends = 2026-11-24"), "");
    let public = without_samples();
    files.insert("clinic.toml", public.get("clinic.toml").unwrap().to_vec());
    let files = supplied(files);
    for (day, is_shown) in [("2026-11-23", false), ("2026-11-24", true), ("2026-11-25", false)] {
        let site = TestSite::build(&files, Some("https://clinic.example/"), day.parse().unwrap());
        assert_eq!(site.get("/es/").text().contains("Smoke."), is_shown, "{day}");
    }
    assert!(check(&files, true).0.unwrap().untranslated_notices(es()).len() == 1);
}

/// The minimal content, which has no hours, with exceptions.
fn exceptions(more: &str) -> Files {
    let mut files = minimal();
    files.insert("clinic.toml", format!("{}\n{more}", text_in(&files, "clinic.toml")).into_bytes());
    files
}

/// What the contact section says of the hours.
fn hours(files: &Files, time: &str) -> Vec<String> {
    let now = calendar::on_the_clinics_clock(calendar::instant(time.parse().unwrap()));
    let page = TestSite::at(files, None, now).parsed("/contact/");
    let part = page.all(".contact dl > div").into_iter().find(|part| text_of(part).starts_with("Opening hours"));
    let line = scraper::Selector::parse("dd").unwrap();
    part.map(|part| part.select(&line).map(|line| text_of(&line)).collect()).unwrap_or_default()
}

#[test]
fn a_day_that_the_clinic_is_closed_is_shown_where_no_hours_are_known() {
    let closed = exceptions("[[exceptions]]\non = 2026-11-26\nclosed = true\n");
    assert_eq!(hours(&closed, "2026-11-26T12:00:00"), ["Todayclosed"]);
    assert_eq!(hours(&closed, "2026-11-25T12:00:00"), ["Thursday, November 26, 2026closed"], "and before");
    assert_eq!(hours(&closed, "2026-11-27T00:00:00"), [""; 0], "not after");
    let short =
        exceptions("[[exceptions]]\nfrom = 2026-11-26\nto = 2026-11-27\nopens = \"06:00\"\ncloses = \"10:00\"\n");
    assert_eq!(hours(&short, "2026-11-26T07:00:00")[0], "Open until 10:00 am", "that day's hours are known");
    // Nobody knows when it opens next.
    let told = hours(&short, "2026-11-27T11:00:00");
    assert_eq!(told, ["Today6:00 am – 10:00 am"]);
    assert!(check(&closed, true).1.text().is_empty());
    assert_eq!(hours(&minimal(), "2026-11-26T12:00:00"), [""; 0]);
}

#[test]
fn a_day_without_hours_is_on_the_published_site_and_in_its_data_and_leaves_by_itself() {
    let files = exceptions("[[exceptions]]\non = 2026-11-26\nclosed = true\n");
    let content = check(&files, true).0.unwrap();
    let at = |time: &str| calendar::on_the_clinics_clock(calendar::instant(time.parse().unwrap()));
    let change = content.next_change(&at("2026-11-26T12:00:00"));
    assert_eq!(change, calendar::instant("2026-11-27T00:00:00".parse().unwrap()));
    let site = TestSite::at(&files, Some("https://clinic.example/"), at("2026-11-26T12:00:00"));
    assert!(site.get("/contact/").text().contains("closed"));
}
