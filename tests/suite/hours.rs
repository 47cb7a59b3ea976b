//! Opening hours, to the minute: what a visitor reads when, on the nights the clock is changed too, and that no old page is kept.

use crate::content::minimal;
use crate::harness::sample::sample;
use crate::harness::{Page, TestSite, check_at, langs, language, replace, text_in, text_of, with_all_facts};
use clinic_site::content::{Content, Files, calendar};
use clinic_site::site::{CompressionLevel, Settings, Site};
use jiff::civil::DateTime;
use jiff::{Timestamp, Zoned};
use serde_json::Value;
use std::collections::BTreeSet;

/// A time on the clinic's clock: the first of it, where the clock shows it twice.
fn at(time: &str) -> Zoned {
    calendar::on_the_clinics_clock(calendar::instant(time.parse::<DateTime>().unwrap()))
}

/// An instant.
fn utc(time: &str) -> Zoned {
    calendar::on_the_clinics_clock(time.parse().unwrap())
}

/// Monday to Friday 5:30 to 14:00, Saturday 6:00 to 9:00.
const SPANS: &str = r#"
    { days = ["monday", "tuesday", "wednesday", "thursday", "friday"], opens = "05:30", closes = "14:00" },
    { days = ["saturday"], opens = "06:00", closes = "09:00" },"#;

/// Content with more in `clinic.toml`.
fn with(mut files: Files, more: &str) -> Files {
    files.insert("clinic.toml", format!("{}\n{more}", text_in(&files, "clinic.toml")).into_bytes());
    files
}

/// The minimal content with hours.
fn open(spans: &str) -> Files {
    with(minimal(), &format!("[hours]\nvalue = [{spans}]\n"))
}

/// The minimal content with the usual hours and more of `clinic.toml`.
fn clinic(more: &str) -> Files {
    with(open(SPANS), more)
}

#[track_caller]
fn content(files: &Files, now: &Zoned) -> Content {
    let (content, report) = check_at(files, false, now);
    content.unwrap_or_else(|| panic!("{}", report.text()))
}

/// What the contact section says of the hours, below their heading.
fn lines(page: &Page, heading: &str) -> Vec<String> {
    let all = page.all(".contact dl > div");
    let hours = all.iter().find(|part| text_of(part).starts_with(heading));
    let selector = scraper::Selector::parse("dd").unwrap();
    hours.map(|part| part.select(&selector).map(|line| text_of(&line)).collect()).unwrap_or_default()
}

fn told(files: &Files, now: &Zoned) -> Vec<String> {
    lines(&TestSite::at(files, None, now.clone()).parsed("/contact/"), "Opening hours")
}

/// The line about now, or nothing.
fn state(files: &Files, now: &Zoned) -> String {
    let told = told(files, now);
    told.into_iter().find(|line| line.starts_with("Open until") || line.starts_with("Opens")).unwrap_or_default()
}

#[test]
fn a_visitor_reads_whether_the_clinic_is_open_and_when_it_opens() {
    let files = clinic("");
    for (now, words) in [
        ("2026-11-23T05:29:59", "Opens today at 5:30 am"),
        ("2026-11-23T05:30:00", "Open until 2:00 pm"),
        ("2026-11-23T13:59:59", "Open until 2:00 pm"),
        ("2026-11-23T14:00:00", "Opens tomorrow at 5:30 am"),
        ("2026-11-24T00:00:00", "Opens today at 5:30 am"),
        ("2026-11-27T20:00:00", "Opens tomorrow at 6:00 am"),
        ("2026-11-28T09:00:00", "Opens Monday at 5:30 am"),
        ("2026-11-29T12:00:00", "Opens tomorrow at 5:30 am"),
    ] {
        let told = told(&files, &at(now));
        assert_eq!(told, [words, "Monday – Friday5:30 am – 2:00 pm", "Saturday6:00 am – 9:00 am"], "{now}");
    }
}

#[test]
fn it_is_said_in_the_words_of_the_language() {
    for (now, words) in [
        ("2026-11-23T05:29:59", "ES hours: opens today 5:30 a. m."),
        ("2026-11-23T05:30:00", "ES hours: open until 2:00 p. m."),
        ("2026-11-27T20:00:00", "ES hours: opens tomorrow 6:00 a. m."),
        ("2026-11-28T09:00:00", "ES hours: opens on ES weekdays: monday 5:30 a. m."),
    ] {
        let page = TestSite::at(&sample(), None, at(now)).parsed("/es/contacto/");
        let hours = [
            "ES weekdays: monday – ES weekdays: friday5:30 a. m. – 2:00 p. m.",
            "ES weekdays: saturday6:00 a. m. – 9:00 a. m.",
        ];
        assert_eq!(lines(&page, "ES contact: hours"), [words, hours[0], hours[1]], "{now}");
    }
}

#[test]
fn only_the_contact_section_says_it_and_only_when_the_hours_are_known() {
    let now = at("2026-11-23T12:00:00");
    let count = |page: &Page| {
        let open_now = language(page.lang()).ui.hours.open_until.with("");
        text_of(&page.one("body")).matches(open_now.trim()).count()
    };
    let mut said = BTreeSet::new();
    for page in TestSite::at(&with_all_facts(), None, now.clone()).documents() {
        // A booklet is for paper, which would go on saying it.
        let on_paper = !page.all("body.booklet").is_empty();
        let wanted = if on_paper { 0 } else { page.all(".contact").len() };
        assert_eq!(count(&page), wanted, "{}", page.path);
        said.extend((count(&page) > 0).then_some(page.lang()));
    }
    assert_eq!(said, BTreeSet::from(langs()), "said in every language");
    let bare = TestSite::at(&Files::embedded(), None, now.clone());
    assert!(bare.documents().iter().all(|page| count(page) == 0));
    let files = clinic("expires_on = 2026-11-23\n");
    assert_eq!(told(&files, &at("2026-11-24T12:00:00")), Vec::<String>::new(), "hours that expired are not known");
}

#[test]
fn an_exception_takes_the_place_of_the_hours_on_its_days() {
    let files = clinic(
        "[[exceptions]]\non = 2026-11-26\nclosed = true\nreason = \"holiday\"\n\n\
         [[exceptions]]\non = 2026-11-27\nopens = \"06:00\"\ncloses = \"10:00\"\n",
    );
    let two = |first: &'static str, second: &'static str| [first, second];
    for (now, words, exceptions) in [
        ("2026-11-18T12:00:00", "Open until 2:00 pm", &[][..]),
        (
            "2026-11-25T15:00:00",
            "Opens Friday at 6:00 am",
            &two("Thursday, November 26, 2026closed (holiday)", "Friday, November 27, 20266:00 am – 10:00 am"),
        ),
        (
            "2026-11-26T12:00:00",
            "Opens tomorrow at 6:00 am",
            &two("Todayclosed (holiday)", "Friday, November 27, 20266:00 am – 10:00 am"),
        ),
        ("2026-11-27T09:00:00", "Open until 10:00 am", &["Today6:00 am – 10:00 am"]),
        ("2026-11-28T08:00:00", "Open until 9:00 am", &[]),
    ] {
        let told = told(&files, &at(now));
        assert_eq!(told[0], words, "{now}");
        assert_eq!(&told[1..told.len() - 2], exceptions, "{now}");
    }
}

#[test]
fn what_is_more_than_six_days_off_is_not_promised() {
    let closed = "[[exceptions]]\nfrom = 2026-12-01\nto = 2026-12-11\nclosed = true\n";
    let files = clinic(closed);
    assert_eq!(
        told(&files, &at("2026-12-01T12:00:00")),
        ["Today – December 11, 2026closed", "Monday – Friday5:30 am – 2:00 pm", "Saturday6:00 am – 9:00 am"],
        "eleven days without an opening"
    );
    assert_eq!(state(&files, &at("2026-12-06T12:00:00")), "Opens Saturday at 6:00 am");
    let weekly = open("{ days = [\"monday\"], opens = \"09:00\", closes = \"10:00\" }");
    assert_eq!(state(&weekly, &at("2026-11-23T11:00:00")), "", "on a Monday, \"Monday\" would be misread as today");
    assert_eq!(state(&weekly, &at("2026-11-24T00:00:00")), "Opens Monday at 9:00 am");
}

#[test]
fn hours_without_a_pause_are_one() {
    let files = open(
        "{ days = [\"monday\"], opens = \"11:00\", closes = \"14:00\" }, { days = [\"monday\"], opens = \"05:30\", closes = \"11:00\" }, { days = [\"monday\"], opens = \"15:00\", closes = \"16:00\" }",
    );
    assert_eq!(state(&files, &at("2026-11-23T06:00:00")), "Open until 2:00 pm");
    assert_eq!(state(&files, &at("2026-11-23T14:00:00")), "Opens today at 3:00 pm");
}

#[test]
fn the_night_that_daylight_saving_begins_has_no_time_from_two_to_three() {
    // March 8, 2026, is a Sunday. At 10:00 UTC the clock goes from 2 am to 3 am.
    let across = open("{ days = [\"sunday\"], opens = \"01:00\", closes = \"03:00\" }");
    for (now, words) in [
        ("2026-03-08T08:59:59Z", "Opens today at 1:00 am"),
        ("2026-03-08T09:00:00Z", "Open until 3:00 am"),
        ("2026-03-08T09:59:59Z", "Open until 3:00 am"),
        ("2026-03-08T10:00:00Z", ""),
    ] {
        assert_eq!(state(&across, &utc(now)), words, "{now}");
    }
    let inside = open("{ days = [\"sunday\"], opens = \"02:30\", closes = \"06:00\" }");
    assert_eq!(state(&inside, &utc("2026-03-08T09:00:00Z")), "Opens today at 3:30 am", "a time there is");
    assert_eq!(state(&inside, &utc("2026-03-08T10:29:59Z")), "Opens today at 3:30 am");
    assert_eq!(state(&inside, &utc("2026-03-08T10:30:00Z")), "Open until 6:00 am");
    let skipped = open("{ days = [\"sunday\"], opens = \"02:45\", closes = \"03:15\" }");
    assert_eq!(state(&skipped, &utc("2026-03-08T10:50:00Z")), "", "nothing is left of these hours");
}

#[test]
fn the_night_that_daylight_saving_ends_has_the_hour_from_one_to_two_twice() {
    // November 1, 2026, is a Sunday. At 09:00 UTC the clock goes from 2 am back to 1 am.
    let across = open("{ days = [\"sunday\"], opens = \"00:30\", closes = \"03:00\" }");
    for (now, words) in [
        ("2026-11-01T07:29:59Z", "Opens today at 12:30 am"),
        ("2026-11-01T07:30:00Z", "Open until 3:00 am"),
        ("2026-11-01T08:30:00Z", "Open until 3:00 am"),
        ("2026-11-01T09:30:00Z", "Open until 3:00 am"),
        ("2026-11-01T10:59:59Z", "Open until 3:00 am"),
        ("2026-11-01T11:00:00Z", ""),
    ] {
        assert_eq!(state(&across, &utc(now)), words, "{now}");
    }
    let twice = open("{ days = [\"sunday\"], opens = \"00:30\", closes = \"01:30\" }");
    assert_eq!(state(&twice, &utc("2026-11-01T08:29:59Z")), "Open until 1:30 am");
    assert_eq!(state(&twice, &utc("2026-11-01T09:00:00Z")), "", "closed at the first half past one, for good");
}

#[test]
fn the_site_changes_at_every_opening_closing_and_midnight() {
    let files = clinic("[[exceptions]]\non = 2026-11-24\nopens = \"06:15\"\ncloses = \"10:00\"\n");
    let mut now = at("2026-11-23T05:00:00");
    for next in [
        "2026-11-23T05:30:00",
        "2026-11-23T14:00:00",
        "2026-11-24T00:00:00",
        "2026-11-24T06:15:00",
        "2026-11-24T10:00:00",
        "2026-11-25T00:00:00",
        "2026-11-25T05:30:00",
    ] {
        assert_eq!(content(&files, &now).next_change(&now), at(next).timestamp(), "after {now}");
        now = at(next);
    }
    let plain = at("2026-11-23T05:00:00");
    let without = content(&Files::embedded(), &plain).next_change(&plain);
    assert_eq!(without, at("2026-11-24T00:00:00").timestamp(), "without hours a day is a day");
}

/// The site as at a time, made from the one before.
fn built(content: &Content, now: &str, before: Option<&Site>) -> Site {
    let settings = Settings {
        public_url: None,
        now: at(now),
        as_of: false,
        live: false,
        requests: true,
        compression: CompressionLevel::Fast,
    };
    Site::build(content, &settings, before).unwrap()
}

fn html(site: &Site, path: &str) -> String {
    String::from_utf8(site.answer(path).unwrap().identity().bytes.to_vec()).unwrap()
}

#[test]
fn a_site_made_from_the_one_before_says_what_a_new_one_says() {
    let files = with(with_all_facts(), "[[exceptions]]\non = 2026-11-24\nclosed = true\n");
    let content = content(&files, &at("2026-11-23T05:00:00"));
    let mut before = built(&content, "2026-11-23T05:00:00", None);
    for now in ["2026-11-23T05:30:00", "2026-11-23T14:00:00", "2026-11-24T00:00:00", "2026-11-25T00:00:00"] {
        let (next, new) = (built(&content, now, Some(&before)), built(&content, now, None));
        for path in ["/contact/", "/group-therapy/", "/privacy/", "/es/contacto/", "/print/", "/es/imprimir/"] {
            assert_eq!(html(&next, path), html(&new, path), "{path} at {now} is an old page");
        }
        assert_ne!(html(&next, "/contact/"), html(&before, "/contact/"), "{now}");
        before = next;
    }
    let later = built(&content, "2026-11-25T03:00:00", Some(&before));
    let same = std::sync::Arc::ptr_eq(later.answer("/contact/").unwrap(), before.answer("/contact/").unwrap());
    assert!(same, "nothing has changed, so the page is the one there was");
}

#[test]
fn files_that_stay_do_not_say_whether_the_clinic_is_open() {
    let files = clinic("[[exceptions]]\non = 2026-11-23\nclosed = true\n");
    let content = Content { shows_open_now: false, ..content(&files, &at("2026-11-23T05:00:00")) };
    let page = html(&built(&content, "2026-11-23T05:00:00", None), "/contact/");
    assert!(page.contains("Monday, November 23, 2026") && !page.contains("Opens today") && !page.contains("Today"));
}

#[test]
fn search_engines_are_told_of_exceptions_to_come() {
    let files = clinic(
        "[[exceptions]]\nfrom = 2026-12-24\nto = 2026-12-26\nclosed = true\n\n\
         [[exceptions]]\non = 2026-12-31\nopens = \"06:00\"\ncloses = \"10:00\"\n",
    );
    let special = |now: &str| {
        let page = TestSite::at(&files, None, at(now)).get("/").page();
        let data: Value = serde_json::from_str(&page.one("script[type=\"application/ld+json\"]").inner_html()).unwrap();
        data["@graph"][0]["specialOpeningHoursSpecification"].clone()
    };
    let kind = "OpeningHoursSpecification";
    let eve = serde_json::json!({ "@type": kind, "validFrom": "2026-12-31", "validThrough": "2026-12-31", "opens": "06:00", "closes": "10:00" });
    let closed = serde_json::json!({ "@type": kind, "validFrom": "2026-12-24", "validThrough": "2026-12-26" });
    assert_eq!(special("2026-12-26T12:00:00"), serde_json::json!([closed, eve]));
    assert_eq!(special("2026-12-27T12:00:00"), serde_json::json!([eve]));
    assert_eq!(special("2027-01-01T12:00:00"), Value::Null);
}

/// The minimal content with a notice from a minute to another.
fn notice(starts: &str, ends: &str) -> Files {
    let mut files = minimal();
    replace(&mut files, "en/notices.toml", "starts = 2026-11-01", &format!("starts = {starts}"));
    replace(&mut files, "en/notices.toml", "ends = 2027-11-01", &format!("ends = {ends}"));
    files
}

/// Asserts that the notice is there or not just before an instant, the other way from it on, and that the site is made anew then.
#[track_caller]
fn edge(files: &Files, instant: &str, shown_after: bool) {
    let edge: Timestamp = instant.parse().unwrap();
    let before = calendar::on_the_clinics_clock(edge - jiff::SignedDuration::from_secs(1));
    let after = calendar::on_the_clinics_clock(edge);
    for (now, shown) in [(&before, !shown_after), (&after, shown_after)] {
        let page = TestSite::at(files, None, now.clone()).get("/").page();
        assert_eq!(!page.all(".notices .notice").is_empty(), shown, "{now}");
    }
    assert_eq!(content(files, &before).next_change(&before), edge);
}

#[test]
fn a_notice_begins_and_ends_to_the_minute_in_the_nights_of_daylight_saving() {
    // 2:30 am is skipped on March 8: as much later, at 3:30 am by the new clock.
    edge(&notice("2026-03-08T02:30:00", "2027-11-01"), "2026-03-08T10:30:00Z", true);
    // 1:30 am is twice on November 1: the first of them.
    edge(&notice("2026-03-08", "2026-11-01T01:30:00"), "2026-11-01T08:30:00Z", false);
}
