//! Facts that change on a day: the old value until midnight on the clinic's clock, the new one from then on, and never a gap.

use crate::harness::{
    TODAY, TestSite, around, check_at, check_on, edited, replace, supplied, text_in, text_of, with_all_facts,
};
use clinic_site::content::agenda::Agenda;
use clinic_site::content::{Content, Files, calendar};
use clinic_site::site::{CompressionLevel, Settings, Site};
use jiff::civil::date;
use jiff::{ToSpan, Zoned};

/// The first day of the year on the clinic's clock.
fn midnight() -> Zoned {
    calendar::on_the_clinics_clock(calendar::midnight_after(date(2026, 12, 31)))
}

/// A price, who pays and when it is open, each with what follows on New Year's Day.
fn changing() -> Files {
    let mut files = with_all_facts();
    replace(
        &mut files,
        "clinic.toml",
        "value = \"$283\"",
        "next = { value = \"$297\", from = 2027-01-01, expires_on = 2027-12-31 }\nvalue = \"$283\"",
    );
    replace(
        &mut files,
        "clinic.toml",
        "value = [\"medicare\"]",
        "next = { value = [\"medicare\", \"county\"], from = 2027-01-01, source = \"county_supt\" }\nvalue = [\"medicare\"]",
    );
    let hours = "{ days = [\"saturday\"], opens = \"06:00\", closes = \"09:00\" },\n]\n";
    let later =
        "\n[hours.next]\nvalue = [{ days = [\"friday\"], opens = \"07:15\", closes = \"11:45\" }]\nfrom = 2027-01-01\n";
    let all = text_in(&files, "clinic.toml");
    assert_eq!(all.matches(hours).count(), 1, "{all}");
    let (before, after) = all.split_once(hours).unwrap();
    let (dates, rest) = after.split_once("\n\n").unwrap();
    files.insert("clinic.toml", format!("{before}{hours}{dates}\n{later}\n{rest}").into_bytes());
    for (path, name) in [("en/ui.toml", "A test payer"), ("es/ui.toml", "Un pagador de prueba")] {
        replace(
            &mut files,
            path,
            "medicare = \"Medicare\"\n",
            &format!("medicare = \"Medicare\"\ncounty = \"{name}\"\n"),
        );
    }
    files
}

#[track_caller]
fn content(files: &Files, now: &Zoned) -> Content {
    let (content, report) = check_at(files, false, now);
    content.unwrap_or_else(|| panic!("{}", report.text()))
}

/// What the pages say of the three.
fn said(site: &TestSite) -> [bool; 6] {
    let page = |path: &str| text_of(&site.get(path).is(200).page().one("body"));
    let (medicare, home, contact) = (page("/medicare/"), page("/services/"), page("/contact/"));
    [
        medicare.contains("$283"),
        medicare.contains("$297"),
        home.contains("A test payer") || contact.contains("A test payer"),
        contact.contains("5:30"),
        contact.contains("11:45"),
        site.parsed("/").one("script[type='application/ld+json']").inner_html().contains("07:15"),
    ]
}

#[test]
fn at_new_years_midnight_prices_payers_and_hours_change_without_a_gap() {
    let (files, after) = (changing(), midnight());
    let before = after.checked_sub(1.second()).unwrap();
    assert_eq!(before.date(), date(2026, 12, 31));
    let read = content(&files, &before);
    assert_eq!(read.next_change(&before), after.timestamp(), "the server wakes up at midnight");
    // As the server does it: the same content, a new site from the one before, swapped while it is served.
    let site = TestSite::at(&files, None, before);
    assert_eq!(said(&site), [true, false, false, true, false, false]);
    let settings = Settings {
        public_url: None,
        now: after.clone(),
        as_of: false,
        live: false,
        requests: true,
        compression: CompressionLevel::Fast,
    };
    site.app().swap(Site::build(&read, &settings, Some(&site.app().site())).unwrap());
    assert_eq!(said(&site), [false, true, true, false, true, true]);
    // And read anew on that day, when nobody has tidied up the file yet.
    assert_eq!(said(&TestSite::at(&files, None, after)), said(&site));
    let next_year = calendar::on_the_clinics_clock(calendar::midnight_after(date(2027, 12, 31)));
    assert!(!said(&TestSite::at(&files, None, next_year))[1], "what follows expires, too");
}

#[test]
fn before_the_new_hours_begin_the_page_promises_by_them() {
    let eve = calendar::on_the_clinics_clock("2026-12-31T23:00:00-08:00".parse().unwrap());
    let page = text_of(&TestSite::at(&changing(), None, eve).get("/contact/").is(200).page().one("body"));
    assert!(page.contains("7:15") && page.contains("tomorrow"), "{}", around(&page, "tomorrow"));
}

#[test]
fn pages_that_nobody_makes_anew_stop_with_the_old_value() {
    let eve = midnight().checked_sub(1.hour()).unwrap();
    let read = content(&changing(), &eve);
    assert_eq!(read.next_end(&eve), Some(midnight().timestamp()));
    let deductible = |content: &Content| {
        content.clinic.figures.as_ref().unwrap().keys().any(|key| key.as_str() == "part_b_deductible")
    };
    assert!(!deductible(&read.lasting(&eve)), "neither value is right for ever");
    let read = content(&changing(), &midnight());
    assert!(read.lasting(&midnight()).clinic.payers.is_some(), "what holds without an end stays");
}

#[test]
fn what_follows_is_checked_like_a_fact_and_a_gap_is_an_error() {
    let told = |from: &str, to: &str| {
        let files = edited(|files| replace(files, "clinic.toml", from, to));
        let report = check_on(&supplied(files), false, date(2026, 11, 28)).1;
        let sorted = report.sorted();
        let own = sorted
            .iter()
            .filter(|finding| ["clinic.toml", "ui.toml"].iter().any(|name| finding.source.path.ends_with(name)));
        own.map(|finding| finding.rule.name).filter(|rule| *rule != "sample-fact").collect::<Vec<_>>()
    };
    let figure = "value = \"$283\"";
    let next = |more: &str| format!("next = {{ value = \"$297\"{more} }}\n{figure}");
    for (more, rules) in [
        (", from = 2027-01-01", vec![]),
        (", from = 2026-12-01", vec![]),
        (", from = 2027-01-02", vec!["fact-gap"]),
        (", from = 2027-01-01, expires_on = 2026-12-31", vec!["date-order"]),
        (", from = 2027-01-01, verified_on = 2027-01-01", vec!["far-future-day"]),
        (", from = 2027-01-01, source = \"nobody\"", vec!["unknown-source"]),
        ("", vec!["missing-key"]),
        (", from = 2027-01-01, sample = true", vec!["unknown-key"]),
    ] {
        assert_eq!(told(figure, &next(more)), rules, "{more}");
    }
    // Who pays next year needs words as well.
    let payers = "next = { value = [\"medicare\", \"county\"], from = 2027-01-01 }\nvalue = [\"medicare\"]";
    assert_eq!(told("value = [\"medicare\"]", payers), ["missing-word", "untranslated-word"]);
}

#[test]
fn the_report_lists_what_changes_and_not_what_takes_care_of_itself() {
    let files = changing();
    let now = crate::harness::noon(TODAY);
    let agenda = Agenda::new(&content(&files, &now), &now, 365);
    let rows = |key: &str| {
        let list = agenda.lists.iter().find(|list| list.key == key).unwrap();
        list.rows.iter().map(|row| row.cells[..2].join(" ")).collect::<Vec<_>>()
    };
    let changing = ["figures.part_b_deductible", "hours", "payers"].map(|fact| format!("{fact} 2027-01-01"));
    assert_eq!(rows("changing_facts"), changing);
    let expiring = rows("expiring_facts");
    assert!(!expiring.iter().any(|row| row.starts_with("figures.part_b_deductible 2026")), "{expiring:?}");
    // It is looked for early enough: this is the one that somebody has to see to.
    let later = calendar::on_the_clinics_clock("2027-11-01T12:00:00-07:00".parse().unwrap());
    let agenda = Agenda::new(&content(&files, &later), &later, 90);
    let list = agenda.lists.iter().find(|list| list.key == "expiring_facts").unwrap();
    assert!(list.rows.iter().any(|row| row.cells[0] == "figures.part_b_deductible.next"), "{list:?}");
}
