//! Places: one written in the short way, several in `[[locations]]`, each with its numbers and hours by purpose, on the clock of the clinic's own zone.

use crate::content::{apply_help, minimal};
use crate::harness::{Page, TestSite, check, check_at, edited, replace, text_in, text_of};
use crate::helps::{mended, told_once};
use clinic_site::content::agenda::Agenda;
use clinic_site::content::{Content, Files, calendar};
use clinic_site::site::route;
use jiff::Zoned;
use jiff::civil::{DateTime, date};
use serde_json::{Value, json};

/// Two places: the first with all that a place can have, the second open day and night.
const TWO: &str = r#"
[[locations]]
id = "main"

[locations.phone]
value = "916-875-2050"

[locations.dosing_line]
value = "916-875-2051 ext. 12"

[locations.after_hours]
value = "916-875-2052"

[locations.fax]
value = "916-875-2053"

[locations.tty]
value = "916-875-2054"

[locations.mail]
value = "desk@sacramento-clinic.org"

[locations.address]
value = { street = "10 Main Street", city = "Sacramento", state = "CA", zip = "95814" }

[locations.map]
value = "https://www.openstreetmap.org/node/1"

[locations.hours]
value = [
    { days = ["monday", "tuesday", "wednesday", "thursday"], opens = "05:30", closes = "11:00" },
    { days = ["monday", "tuesday", "wednesday", "thursday"], opens = "12:00", closes = "14:00" },
    { days = ["saturday"], opens = "20:00", closes = "04:00" },
    { days = ["sunday"], opens = "22:00", closes = "24:00" },
]

[locations.dosing_hours]
value = [{ days = ["monday"], opens = "05:30", closes = "10:00" }]

[[locations.exceptions]]
every_year = { month = "november", week = "fourth", weekday = "thursday", days = 2 }
closed = true
reason = "holiday"

[[locations.exceptions]]
on = 2026-12-24
spans = [{ opens = "06:00", closes = "09:00" }, { opens = "18:00", closes = "01:00" }]

[[locations.exceptions]]
every_year = { month = "december", day = 25 }
closed = true

[[locations.exceptions]]
on = 2026-12-25
opens = "07:00"
closes = "08:00"

[[locations]]
id = "north"

[locations.phone]
value = "916-875-2060"

[locations.address]
value = { street = "2 North Road", city = "Davis", state = "CA", zip = "95616" }

[locations.hours]
value = [{ days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], opens = "00:00", closes = "24:00" }]
"#;

const WORDS: &str = r#"
[locations.main]
name = "Main Street clinic"
directions = "Bus 30 stops at the door. Lost? Call {location.main.phone}."
parking = "Behind the building."

[locations.north]
name = "North clinic"
"#;

/// The minimal content with more in `clinic.toml`, with words for the two places, and with a section that shows all places on the contact page.
fn with(facts: &str) -> Files {
    let mut files = minimal();
    // The places that are not there have no words.
    let words = if facts.contains("\"north\"") { WORDS } else { "[locations.main]\nname = \"Main Street clinic\"\n" };
    for (path, more) in [
        ("clinic.toml", facts),
        ("en/ui.toml", words),
        ("en/pages/contact.toml", "\n[[sections]]\nkind = \"locations\"\nid = \"where\"\nheading = \"Where we are\"\n"),
    ] {
        files.insert(path, format!("{}\n{more}", text_in(&files, path)).into_bytes());
    }
    files
}

/// A time on the clock of a zone.
fn at(time: &str, zone: &str) -> Zoned {
    let zone = calendar::zone(zone).unwrap();
    calendar::instant_in(&zone, time.parse::<DateTime>().unwrap()).to_zoned(zone)
}

/// A time in Sacramento.
fn here(time: &str) -> Zoned {
    at(time, "America/Los_Angeles")
}

#[track_caller]
fn content(files: &Files, now: &Zoned) -> Content {
    let (content, report) = check_at(files, false, now);
    content.unwrap_or_else(|| panic!("{}", report.text()))
}

fn contact(files: &Files, now: &Zoned) -> Page {
    TestSite::at(files, None, now.clone()).parsed("/contact/")
}

/// What the section of all places says of each: whether it is open.
fn open_now(files: &Files, now: &Zoned) -> Vec<String> {
    contact(files, now).all("#where + div .open-now").iter().map(text_of).collect()
}

/// The terms of a place with what is said of them.
fn told(page: &Page, id: &str) -> Vec<(String, String)> {
    let part = |part: &scraper::ElementRef<'_>, tag: &str| {
        let selector = scraper::Selector::parse(tag).unwrap();
        part.select(&selector).map(|one| text_of(&one)).collect::<Vec<_>>().join(" | ")
    };
    let all = page.all(&format!("#place\\.{id} dl > div"));
    all.iter().map(|one| (part(one, "dt"), part(one, "dd"))).collect()
}

#[test]
fn each_place_has_its_numbers_its_hours_and_the_way_there() {
    let files = with(TWO);
    let (_, report) = check_at(&files, true, &here("2026-11-23T09:00:00"));
    assert!(!report.text().contains("clinic.toml"), "{}", report.text());
    let page = contact(&files, &here("2026-11-23T09:00:00"));
    let found = told(&page, "main");
    let expected = [
        ("Phone", "916-875-2050"),
        ("Dosing line", "916-875-2051 ext. 12"),
        ("After hours", "916-875-2052"),
        ("Fax", "916-875-2053"),
        ("TTY", "916-875-2054"),
        ("Email", "desk@sacramento-clinic.org"),
        ("Address", "10 Main StreetSacramento, CA 95814 | See it on a map (Main Street clinic, another website)"),
        (
            "Opening hours",
            "Monday – Thursday5:30 am – 11:00 am, 12:00 pm – 2:00 pm | Saturday8:00 pm – 4:00 am | Sunday10:00 pm – 12:00 am",
        ),
        ("Dosing hours", "Monday5:30 am – 10:00 am"),
        (
            "Holidays and other days",
            "November 26, 2026 – November 27, 2026closed (holiday) | Thursday, December 24, 20266:00 am – 9:00 am, 6:00 pm – 1:00 am | \
             Friday, December 25, 20267:00 am – 8:00 am",
        ),
    ];
    let plain = |text: &str| text.replace('\u{a0}', " ").split_whitespace().collect::<String>();
    for ((term, words), (known, said)) in found.iter().zip(expected) {
        assert_eq!((plain(term), plain(words)), (plain(known), plain(said)));
    }
    assert_eq!(found.len(), expected.len(), "{found:?}");
    let links = |selector: &str| -> Vec<String> {
        page.all(&format!("#place\\.main {selector}"))
            .iter()
            .map(|link| link.attr("href").unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        links("dl a"),
        [
            "tel:+19168752050",
            "tel:+19168752051;ext=12",
            "tel:+19168752052",
            "tel:+19168752054",
            "mailto:desk@sacramento-clinic.org",
            "https://www.openstreetmap.org/node/1"
        ],
        "a fax is no link"
    );
    let ways: Vec<_> = page.all("#place\\.main .way").iter().map(text_of).collect();
    assert!(ways[0].contains("Bus 30 stops at the door. Lost? Call 916-875-2050."), "{ways:?}");
    assert!(ways[1].contains("Behind the building."), "{ways:?}");
    assert!(
        page.all("#place\\.north .way").is_empty() && page.all("#place\\.main img").is_empty(),
        "what is empty leaves no trace"
    );
    assert_eq!(page.all("#place\\.north dl > div").len(), 3);
}

#[test]
fn the_numbers_of_the_main_place_are_those_of_the_clinic_and_every_page_names_the_places() {
    let site = TestSite::at(&with(TWO), None, here("2026-11-23T09:00:00"));
    let page = site.parsed("/contact/");
    assert_eq!(page.one("header .call").attr("href"), Some("tel:+19168752050"));
    let foot: Vec<_> = page.all("footer .places li").iter().map(text_of).collect();
    assert_eq!(foot.len(), 2);
    assert!(foot[1].contains("North clinic") && foot[1].contains("2 North Road, Davis, CA 95616"), "{foot:?}");
    let details = page.one(".contact .contact-details");
    let details = text_of(&details);
    assert!(details.contains("Main Street clinic") && details.contains("North clinic"), "{details}");
    let help = text_of(&site.parsed("/get-help-now/").one("main"));
    assert!(help.contains("After hours (Main Street clinic): 916-875-2052"), "{help}");
}

#[test]
fn each_place_is_open_by_its_own_hours_also_after_midnight() {
    let files = with(TWO);
    for (now, main) in [
        ("2026-11-23T05:29:00", "Opens today at 5:30 am"),
        ("2026-11-23T10:59:00", "Open until 11:00 am"),
        ("2026-11-23T11:00:00", "Opens today at 12:00 pm"),
        ("2026-11-28T20:00:00", "Open until 4:00 am"),
        ("2026-11-29T03:59:59", "Open until 4:00 am"),
        ("2026-11-29T04:00:00", "Opens today at 10:00 pm"),
        ("2026-11-29T23:59:59", "Open until 12:00 am"),
        ("2026-11-30T00:00:00", "Opens today at 5:30 am"),
        // Thanksgiving is the fourth Thursday, not the last, and the day after it is closed, too.
        ("2026-11-25T15:00:00", "Opens Saturday at 8:00 pm"),
        ("2023-11-23T09:00:00", "Opens Saturday at 8:00 pm"),
        ("2023-11-30T09:00:00", "Open until 11:00 am"),
        // Two spans of an exception, the second of them past midnight into a day that has another.
        ("2026-12-24T05:00:00", "Opens today at 6:00 am"),
        ("2026-12-24T12:00:00", "Opens today at 6:00 pm"),
        ("2026-12-25T00:30:00", "Open until 1:00 am"),
        ("2026-12-25T02:00:00", "Opens today at 7:00 am"),
        // The night in which daylight saving ends has an hour more: it is open through it.
        ("2026-11-01T03:59:59", "Open until 4:00 am"),
        ("2027-03-14T03:30:00", "Open until 4:00 am"),
    ] {
        let told = open_now(&files, &here(now));
        let told: Vec<_> = told.iter().map(|words| words.replace('\u{a0}', " ")).collect();
        assert_eq!(told, [main, "Open now"], "{now}");
    }
    // The instants of the edges, also where a night is longer or shorter.
    for (now, edge) in [
        ("2026-10-31T21:00:00", "2026-11-01T07:00:00Z"),
        ("2026-11-01T00:30:00", "2026-11-01T12:00:00Z"),
        ("2027-03-14T00:30:00", "2027-03-14T11:00:00Z"),
    ] {
        let now = here(now);
        assert_eq!(content(&files, &now).next_change(&now).to_string(), edge, "{now}");
    }
}

#[test]
fn a_holiday_that_comes_back_gives_way_to_the_exception_of_a_year() {
    let files = with(TWO);
    let days = |now: &str| {
        let found = told(&contact(&files, &here(now)), "main");
        found.into_iter().find(|(term, _)| term.starts_with("Holidays")).unwrap().1
    };
    let (this, next) = (days("2026-12-01T09:00:00"), days("2026-12-26T09:00:00"));
    assert!(this.contains("Friday, December 25, 2026") && !this.contains("December 25, 2026closed"), "{this}");
    assert!(next.contains("November 25, 2027 – November 26, 2027"), "the next year's are told: {next}");
    assert!(next.contains("Saturday, December 25, 2027") && next.contains("closed"), "{next}");
    let now = here("2026-12-26T09:00:00");
    let agenda = Agenda::new(&content(&files, &now), &now, 90);
    let list = agenda.lists.iter().find(|list| list.key == "other_days").unwrap();
    let rows: Vec<_> = list.rows.iter().map(|row| row.cells.join(" ")).collect();
    assert_eq!(
        rows,
        [
            "Thursday 2027-11-25 to 2027-11-26 main closed holiday in 334 days",
            "Saturday 2027-12-25 main closed  in 364 days"
        ]
    );
}

#[test]
fn days_of_a_holiday_that_have_an_exception_of_their_own_leave_the_others() {
    let files = edited(|files| {
        let facts = text_in(files, "clinic.toml");
        let holiday = "[[exceptions]]\nevery_year = { month = \"december\", day = 24, days = 4 }\nclosed = true\n\n\
                       [[exceptions]]\non = 2026-12-24\nopens = \"06:00\"\ncloses = \"10:00\"\n\n";
        files.insert(
            "clinic.toml",
            facts.replacen("[[help_lines]]", &format!("{holiday}[[help_lines]]"), 1).into_bytes(),
        );
    });
    let exceptions = check(&files, false).0.unwrap().clinic.exceptions.unwrap();
    let days = clinic_site::content::hours::specials(&exceptions, date(2026, 12, 1));
    let days: Vec<_> = days.iter().map(|special| (special.first, special.last, special.times.is_empty())).collect();
    let eve = (date(2026, 12, 24), date(2026, 12, 24), false);
    assert_eq!(days, [eve, (date(2026, 12, 25), date(2026, 12, 27), true)]);
}

#[test]
fn search_engines_and_address_books_are_told_of_each_place() {
    let site = TestSite::at(&with(TWO), None, here("2026-12-20T09:00:00"));
    let page = site.parsed("/contact/");
    let data: Value = serde_json::from_str(&page.one("script[type=\"application/ld+json\"]").inner_html()).unwrap();
    let clinic = &data["@graph"][0];
    assert_eq!((&clinic["@type"], &clinic["telephone"]), (&json!("MedicalClinic"), &json!("+19168752050")));
    assert_eq!(clinic["openingHoursSpecification"], Value::Null, "each place has its own");
    let [main, north] = clinic["department"].as_array().unwrap().as_slice() else { panic!("{clinic}") };
    assert_eq!(main["name"], "Test Clinic: Main Street clinic");
    assert_eq!((&main["faxNumber"], &main["email"]), (&json!("+19168752053"), &json!("desk@sacramento-clinic.org")));
    assert_eq!(main["contactPoint"][0]["telephone"], "+19168752051;ext=12");
    assert_eq!(main["contactPoint"][2]["contactOption"], "https://schema.org/HearingImpairedSupported");
    let night = &main["openingHoursSpecification"][2];
    assert_eq!((&night["opens"], &night["closes"]), (&json!("20:00"), &json!("04:00")));
    assert_eq!(main["openingHoursSpecification"][3]["closes"], "23:59");
    let special = main["specialOpeningHoursSpecification"].as_array().unwrap();
    let days: Vec<_> = special.iter().map(|one| (one["validFrom"].as_str().unwrap(), one["opens"].as_str())).collect();
    assert_eq!(
        days,
        [
            ("2026-12-24", Some("06:00")),
            ("2026-12-24", Some("18:00")),
            ("2026-12-25", Some("07:00")),
            ("2027-11-25", None),
        ]
    );
    assert_eq!(special[3]["validThrough"], "2027-11-26");
    assert_eq!(north["address"]["addressLocality"], "Davis");
    let card = site.get(route::CONTACT_CARD).is(200).text().to_owned();
    assert_eq!(card.matches("BEGIN:VCARD\r\nVERSION:3.0\r\n").count(), 2, "{card}");
    for line in [
        "FN:Test Clinic: Main Street clinic",
        "ORG:Test Clinic;Main Street clinic",
        "TEL;TYPE=WORK,VOICE:+19168752050",
        "item1.TEL;TYPE=WORK:+19168752051\\;ext=12",
        "item1.X-ABLabel:Dosing line",
        "TEL;TYPE=WORK,FAX:+19168752053",
        "item4.X-ABLabel:TTY",
        "EMAIL;TYPE=INTERNET:desk@sacramento-clinic.org",
        "ADR;TYPE=WORK:;;2 North Road;Davis;CA;95616;US",
    ] {
        assert!(card.lines().any(|own| own == line), "{line}: {card}");
    }
}

#[test]
fn copy_names_the_facts_of_a_place() {
    let mut files = with(TWO);
    let text = "Call {location.north.phone}, fax {location.main.fax}, or come to {location.north.name}, {location.north.address}: {location.main.dosing_hours}.\\n\\nBy fax: {location.north.fax}.";
    let section = format!("\n[[sections]]\nkind = \"prose\"\nid = \"named\"\nheading = \"Facts\"\ntext = \"{text}\"\n");
    files
        .insert("en/pages/contact.toml", format!("{}{section}", text_in(&files, "en/pages/contact.toml")).into_bytes());
    let now = here("2026-11-23T09:00:00");
    let page = contact(&files, &now);
    let words = text_of(&page.one("[aria-labelledby=named] .flow")).replace('\u{a0}', " ");
    assert_eq!(
        words.trim(),
        "Call 916-875-2060, fax 916-875-2053, or come to North clinic, 2 North Road, Davis, CA 95616: Monday: 5:30 am – 10:00 am."
    );
    assert_eq!(page.all("[aria-labelledby=named] a").len(), 1, "a fax is no link, and what is not known is left out");
    for (typed, help) in [
        ("{location.north.fone}", "did you mean {location.north.phone}?"),
        ("{location.nort.phone}", "did you mean {location.north.phone}?"),
        ("{location.elsewhere.phone}", "each place has its own: `{location.main.phone}` or `{location.north.phone}`"),
        ("{locations.north.phone}", "did you mean {location.north.phone}?"),
        ("{north.phone}", "did you mean {location.north.phone}?"),
        ("{north.fone}", "did you mean {location.north.phone}?"),
        ("{clinic.phone}", "each place has its own: `{location.main.phone}` or `{location.north.phone}`"),
        ("{location.phone}", "each place has its own: `{location.main.phone}` or `{location.north.phone}`"),
        ("{south.phone}", "each place has its own: `{location.main.phone}` or `{location.north.phone}`"),
        ("{figures.study_people}", "did you mean {study_people}?"),
        ("{dosing_hours}", "each place has its own: `{location.main.dosing_hours}` or `{location.north.dosing_hours}`"),
        ("{dosing_hour}", "each place has its own: `{location.main.dosing_hours}` or `{location.north.dosing_hours}`"),
        ("{fax}", "each place has its own: `{location.main.fax}` or `{location.north.fax}`"),
        ("{phnoe}", "did you mean {phone}?"),
        ("{nothing_near}", "facts are"),
    ] {
        let mut files = files.clone();
        replace(&mut files, "en/pages/contact.toml", "{location.north.phone}", typed);
        let report = check_at(&files, false, &now).1;
        let found: Vec<_> = report.sorted().into_iter().filter(|one| one.rule.name == "unknown-fact").collect();
        assert!(found.len() == 1 && found[0].help.contains(help), "{typed}: {}", report.text());
        assert_eq!(report.sorted().len(), 1, "{typed}: {}", report.text());
        if let Some(name) = help.strip_prefix("did you mean ") {
            let after = apply_help(&files, found[0]);
            assert!(text_in(&after, "en/pages/contact.toml").contains(name.trim_end_matches('?')), "{typed}");
            assert_eq!(check_at(&after, false, &now).1.text(), "", "{typed}");
        }
    }
}

#[test]
fn a_fact_of_a_place_that_copy_names_where_there_is_one_place_says_where_it_is_written() {
    let named = |facts: &str, name: &str| {
        let mut files = if facts.is_empty() { minimal() } else { with(facts) };
        replace(&mut files, "en/pages/contact.toml", "text = \"Call us.\"", &format!("text = \"Call {{{name}}}.\""));
        files
    };
    let help = "write it below [[locations]] in clinic.toml, and name it {location.main.dosing_hours}";
    told_once(&named("", "dosing_hours"), "unknown-fact", "there is no fact `dosing_hours`", help);
    mended(&named("", "clinic.phone"), "unknown-fact", "did you mean {phone}?");
    let alone = TWO.split("[[locations]]\nid = \"north\"").next().unwrap();
    mended(&named(alone, "dosing_hours"), "unknown-fact", "did you mean {location.main.dosing_hours}?");
    mended(&named(alone, "main.fax"), "unknown-fact", "did you mean {location.main.fax}?");
}

#[test]
fn places_with_one_pair_of_brackets_are_one_finding() {
    let single = |from: &str, to: &str| {
        let mut files = with(TWO);
        let text = text_in(&files, "clinic.toml").replace(from, to);
        files.insert("clinic.toml", text.into_bytes());
        files
    };
    let all = single("[[locations]]", "[locations]");
    mended(&all, "wrong-type", "write [[locations]] in place of each line [locations]");
    let of_one = single("[[locations.exceptions]]", "[locations.exceptions]");
    mended(&of_one, "wrong-type", "write [[locations.exceptions]] in place of each line [locations.exceptions]");
}

#[test]
fn one_place_reads_the_same_in_either_way_of_writing_it() {
    let facts = "value = \"916-875-2050\"\n";
    let hours = "value = [{ days = [\"monday\"], opens = \"05:30\", closes = \"14:00\" }]\n";
    let short = with(&format!("[phone]\n{facts}\n[hours]\n{hours}"));
    let long = with(&format!("[[locations]]\nid = \"main\"\n[locations.phone]\n{facts}\n[locations.hours]\n{hours}"));
    let now = here("2026-11-23T09:00:00");
    for files in [&short, &long] {
        let page = contact(files, &now);
        assert_eq!(page.one("header .call").attr("href"), Some("tel:+19168752050"));
        assert_eq!(open_now(files, &now).len(), 1);
        assert!(text_of(&page.one(".contact-details")).replace('\u{a0}', " ").contains("Open until 2:00 pm"));
    }
    let nothing = contact(&with(""), &now);
    assert!(nothing.all("#where").is_empty(), "what is not known leaves no trace");
}

/// A clinic in Chicago with hours and a notice of a day.
fn chicago() -> Files {
    let mut files = with(&format!("[time_zone]\nvalue = \"America/Chicago\"\n{TWO}"));
    replace(&mut files, "en/notices.toml", "starts = 2026-11-01", "starts = 2026-11-24");
    files
}

#[test]
fn days_begin_and_hours_are_by_the_clock_where_the_clinic_is() {
    let files = chicago();
    // An instant that is on Monday in Sacramento, and on Tuesday in Chicago.
    let midnight = at("2026-11-24T00:00:00", "America/Chicago");
    let before = here("2026-11-23T21:59:59");
    for (now, shown, edge) in [
        (before.clone(), false, "2026-11-24T06:00:00Z"),
        (midnight.with_time_zone(before.time_zone().clone()), true, "2026-11-24T11:30:00Z"),
    ] {
        let read = content(&files, &now);
        assert_eq!(read.next_change(&now).to_string(), edge, "{now}");
        let page = TestSite::at(&files, None, now.clone()).parsed("/");
        assert_eq!(!page.all(".notices .notice").is_empty(), shown, "{now}");
        assert_eq!(Agenda::new(&read, &now, 0).today.to_string(), if shown { "2026-11-24" } else { "2026-11-23" });
    }
    // The same minute in both places: 5:30 in Chicago is 3:30 in Sacramento.
    assert_eq!(open_now(&files, &here("2026-11-24T03:30:00"))[0].replace('\u{a0}', " "), "Open until 11:00 am");
    let elsewhere = open_now(&with(TWO), &here("2026-11-24T03:30:00"))[0].replace('\u{a0}', " ");
    assert_eq!(elsewhere, "Opens today at 5:30 am");
}

#[test]
fn a_zone_that_there_is_not_is_told_with_the_one_that_was_meant() {
    for (typed, help) in [
        ("America/chicago", "did you mean \"America/Chicago\"?"),
        ("Mountain Time", "did you mean \"America/Denver\"?"),
        ("EST", "did you mean \"America/New_York\"?"),
        ("the moon", "write a name of the time zone database"),
    ] {
        let mut files = minimal();
        let text = format!("{}\n[time_zone]\nvalue = \"{typed}\"\n", text_in(&files, "clinic.toml"));
        files.insert("clinic.toml", text.into_bytes());
        let report = check_at(&files, false, &here("2026-11-23T09:00:00")).1;
        let found = report.sorted();
        assert_eq!(found.len(), 1, "{}", report.text());
        assert!(found[0].rule.name == "unknown-zone" && found[0].help.contains(help), "{typed}: {}", report.text());
    }
}

#[test]
fn a_fact_of_a_place_that_stands_outside_of_one_is_told_with_its_place() {
    let value = |fact: &str| {
        if fact.ends_with("hours") {
            "[{ days = [\"monday\"], opens = \"05:30\", closes = \"14:00\" }]"
        } else {
            "\"916-875-2053\""
        }
    };
    let told = |text: &str| {
        let mut files = minimal();
        files.insert("clinic.toml", format!("{}\n{text}", text_in(&files, "clinic.toml")).into_bytes());
        let report = check_at(&files, false, &here("2026-11-23T09:00:00")).1;
        let found = report.sorted();
        let found = found.into_iter().filter(|one| one.source.path.ends_with("clinic.toml"));
        found.map(|one| (one.rule.name, format!("{}; {}", one.message, one.help))).collect::<Vec<_>>()
    };
    for (key, fact) in [
        ("fax", "fax"),
        ("tty", "tty"),
        ("mail", "mail"),
        ("email", "mail"),
        ("map", "map"),
        ("dosing_line", "dosing_line"),
        ("after_hours", "after_hours"),
        ("dosing_hours", "dosing_hours"),
        ("intake_hour", "intake_hours"),
        ("TTY", "tty"),
        ("e-mail", "mail"),
    ] {
        for written in [
            format!("[{key}]\nvalue = {}\n", value(fact)),
            format!("[phone]\nvalue = \"916-875-2050\"\n{key} = \"…\"\n"),
        ] {
            let found = told(&written);
            let [("unknown-key", said)] = found.as_slice() else { panic!("{written}: {found:#?}") };
            assert!(said.starts_with(&format!("`{key}` is a fact of a place")), "{said}");
            assert!(said.contains(&format!("[[locations]]\nid = \"main\"\n\n[locations.{fact}]\nvalue = …")), "{said}");
            assert_eq!(said.contains("[phone] as [locations.phone]"), written.starts_with("[phone]"), "{said}");
        }
        let found = told(&format!(
            "[[locations]]\nid = \"main\"\n[locations.phone]\nvalue = \"916-875-2050\"\n[{key}]\nvalue = {}\n",
            value(fact)
        ));
        assert!(found.len() == 1 && found[0].1.contains("below the [[locations]] of its place"), "{found:#?}");
    }
    // Each of several is told, and what is nothing is told with the keys there are.
    assert_eq!(told("[fax]\nvalue = \"916-875-2053\"\n[tty]\nvalue = \"916-875-2054\"\n").len(), 2);
    assert!(told("[faxes_of_all]\nvalue = \"1\"\n")[0].1.contains("the keys here are"));
    // Hours of one kind never become those of another.
    let found = told(&format!("[opening_hours]\nvalue = {}\n", value("opening_hours")));
    assert!(found.iter().all(|(_, said)| !said.contains("dosing_hours]")), "{found:#?}");
}

#[test]
fn a_closed_day_is_told_with_the_rest_of_the_night_before_while_that_goes_on() {
    let closed = |days: &str| {
        let day = format!(
            "[[locations.exceptions]]\n{days}\nclosed = true\nreason = \"holiday\"\n\n[[locations.exceptions]]\non = 2026-12-24"
        );
        with(&TWO.replacen("[[locations.exceptions]]\non = 2026-12-24", &day, 1))
    };
    let told = |files: &Files, now: &str| {
        let page = contact(files, &here(now));
        let days = told(&page, "main").into_iter().find(|(term, _)| term.starts_with("Holidays")).unwrap().1;
        let days: Vec<String> = days.split(" | ").map(|day| day.replace('\u{a0}', " ")).collect();
        (open_now(files, &here(now))[0].replace('\u{a0}', " "), days)
    };
    // Saturday is open from 8 pm to 4 am; Sunday, or Sunday and Monday, are closed.
    let (one, two) = (closed("on = 2026-11-29"), closed("from = 2026-11-29\nto = 2026-11-30"));
    for (files, now, open, days) in [
        (
            &one,
            "2026-11-28T23:59:00",
            "Open until 4:00 am",
            ["Sunday, November 29, 2026closed (holiday)", "Thursday, December 24"],
        ),
        (
            &one,
            "2026-11-29T02:00:00",
            "Open until 4:00 am",
            ["Today12:00 am – 4:00 am (holiday)", "Thursday, December 24"],
        ),
        (&one, "2026-11-29T04:00:00", "Opens tomorrow at 5:30 am", ["Todayclosed (holiday)", "Thursday, December 24"]),
        (
            &two,
            "2026-11-29T02:00:00",
            "Open until 4:00 am",
            ["Today12:00 am – 4:00 am (holiday)", "Monday, November 30, 2026closed (holiday)"],
        ),
        (
            &two,
            "2026-11-29T04:00:00",
            "Opens Tuesday at 5:30 am",
            ["Today – November 30, 2026closed (holiday)", "Thursday, December 24"],
        ),
    ] {
        let (said, all) = told(files, now);
        assert_eq!(said, open, "{now}");
        assert!(all[0] == days[0] && all[1].starts_with(days[1]), "{now}: {all:?}");
    }
    // Hours of the day itself stand behind it.
    let files = closed("on = 2026-11-29");
    for (own, times) in [
        ("opens = \"03:00\"\ncloses = \"09:00\"", "Today12:00 am – 3:00 am, 3:00 am – 9:00 am (holiday)"),
        ("opens = \"06:00\"\ncloses = \"09:00\"", "Today12:00 am – 4:00 am, 6:00 am – 9:00 am (holiday)"),
    ] {
        let mut files = files.clone();
        replace(&mut files, "clinic.toml", "on = 2026-11-29\nclosed = true", &format!("on = 2026-11-29\n{own}"));
        assert_eq!(told(&files, "2026-11-29T02:00:00").1[0], times, "{own}");
    }
}

#[test]
fn a_place_of_which_only_the_map_is_known_shows_it_and_one_of_which_nothing_is_known_leaves_no_trace() {
    let facts =
        "[[locations]]\nid = \"main\"\n[locations.phone]\nvalue = \"916-875-2050\"\n[[locations]]\nid = \"north\"\n";
    let map = "[locations.map]\nvalue = \"https://www.openstreetmap.org/node/1\"\n";
    let now = here("2026-11-23T09:00:00");
    let departments = |page: &Page| {
        let data: Value = serde_json::from_str(&page.one("script[type=\"application/ld+json\"]").inner_html()).unwrap();
        data["@graph"][0]["department"].as_array().map_or(0, Vec::len)
    };
    let page = contact(&with(&format!("{facts}{map}")), &now);
    assert_eq!(
        told(&page, "north"),
        [("Address".to_owned(), "See it on a map (North clinic, another website)".to_owned())]
    );
    assert_eq!(page.all(".contact-details a[href*=openstreetmap]").len(), 1);
    assert_eq!(departments(&page), 2);
    let site = TestSite::at(&with(facts), None, now.clone());
    let page = site.parsed("/contact/");
    assert!(page.all("#place\\.north").is_empty() && !text_of(&page.one("body")).contains("North clinic"));
    assert_eq!(departments(&page), 1);
    assert_eq!(site.get(route::CONTACT_CARD).is(200).text().matches("BEGIN:VCARD").count(), 1);
    let nothing = contact(&with("[[locations]]\nid = \"main\"\n"), &now);
    assert_eq!(departments(&nothing), 0);
    assert!(nothing.all("footer .places").is_empty(), "a list of nothing");
}
