//! Tables, people, events and cards that lead to other sites: what the clock and the facts take off a page, and what is told of it.

use crate::content::minimal;
use crate::harness::{TODAY, TestSite, check, check_at, check_on, replace, text_in, text_of};
use crate::headings::problems_of;
use clinic_site::content::agenda::Agenda;
use clinic_site::content::{Content, Files, calendar};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, Zoned};

const HOME: &str = "en/pages/home.toml";
const URL: &str = "https://clinic.example/";

/// The minimal content with more sections on its home page.
fn with(sections: &str) -> Files {
    let mut files = minimal();
    let page = format!("{}\n{sections}", text_in(&files, HOME));
    files.insert(HOME, page.into_bytes());
    files
}

#[track_caller]
fn rules(files: &Files) -> Vec<String> {
    check(files, false).1.sorted().into_iter().map(|finding| finding.rule.name.to_owned()).collect()
}

#[track_caller]
fn content(files: &Files, now: &Zoned) -> Content {
    let (content, report) = check_at(files, false, now);
    content.unwrap_or_else(|| panic!("{}", report.text()))
}

fn at(time: &str) -> Zoned {
    calendar::on_the_clinics_clock(time.parse::<Timestamp>().unwrap())
}

/// The rows of one of the agenda's lists.
fn agenda(content: &Content, now: &Zoned, key: &str) -> Vec<(bool, Vec<String>)> {
    let agenda = Agenda::new(content, now, 90);
    let list = agenda.lists.iter().find(|list| list.key == key).unwrap();
    list.rows.iter().map(|row| (row.late, row.cells.clone())).collect()
}

const PRICES: &str = "[[sections]]\nkind = \"table\"\nheading = \"What it costs\"\ncolumns = [\"Visit\", \"Price\"]\n\
    [[sections.rows]]\ncells = [\"The **first** visit\", \"{price}\"]\n[[sections.rows]]\ncells = [\"A week\", \"$90, [in parts](/contact/)\"]\n";

/// The same with its price, which may have a last day.
fn with_price(last: Option<Date>) -> Files {
    let mut files = with(PRICES);
    let last = last.map(|last| format!("expires_on = {last}\n")).unwrap_or_default();
    let facts = format!("value = \"17,568\"\n\n[figures.price]\nvalue = \"$100\"\n{last}");
    replace(&mut files, "clinic.toml", "value = \"17,568\"\n", &facts);
    let facts = text_in(&files, "clinic.toml").replace("source = \"clinic_page\"\n\n[sources", "\n[sources");
    files.insert("clinic.toml", facts.into_bytes());
    files
}

#[test]
fn a_table_says_of_each_cell_which_column_it_is_in() {
    let files = with_price(None);
    assert_eq!(rules(&files), [""; 0], "{}", check(&files, false).1.text());
    let page = TestSite::with(&files).parsed("/");
    assert_eq!(text_of(&page.one("caption")), "What it costs");
    let heads: Vec<_> = page.all("thead th[scope=col][role=columnheader]").iter().map(text_of).collect();
    assert_eq!(heads, ["Visit", "Price"]);
    let rows: Vec<_> = page.all("tbody th[scope=row]").iter().map(text_of).collect();
    assert_eq!(rows, ["The first visit", "A week"]);
    let cells: Vec<_> =
        page.all("td").iter().map(|cell| (cell.attr("data-column").unwrap().to_owned(), text_of(cell))).collect();
    let cell = |text: &str| ("Price".to_owned(), text.to_owned());
    assert_eq!(cells, [cell("$100"), cell("$90, in parts")]);
    assert_eq!(problems_of(&page), [""; 0]);
}

#[test]
fn a_row_whose_fact_has_expired_is_left_out_and_told_and_with_the_last_row_goes_the_table() {
    let files = with_price(Some(TODAY));
    let shown = |files: &Files, day: Date| {
        let page = TestSite::build(files, None, day).parsed("/");
        page.all("tbody tr").len()
    };
    assert_eq!(shown(&files, TODAY), 2);
    let tomorrow = TODAY.saturating_add(1.day());
    assert_eq!(shown(&files, tomorrow), 1);
    let told: Vec<_> = check_on(&files, false, tomorrow).1.sorted().iter().map(|found| found.rule.name).collect();
    assert!(told.contains(&"left-out-row") && told.contains(&"expired-fact"), "{told:?}");
    let alone =
        text_in(&files, HOME).replace("[[sections.rows]]\ncells = [\"A week\", \"$90, [in parts](/contact/)\"]\n", "");
    let mut files = files;
    files.insert(HOME, alone.into_bytes());
    assert_eq!((shown(&files, TODAY), shown(&files, tomorrow)), (1, 0));
    let page = TestSite::build(&files, None, tomorrow).parsed("/");
    assert!(page.all("#what-it-costs, table").is_empty(), "nothing of it is left");
}

#[test]
fn a_table_that_is_uneven_is_told_at_its_place() {
    for (from, to, message) in [
        ("[\"Visit\", \"Price\"]", "[\"Visit\"]", "this table has 1 column"),
        ("[\"Visit\", \"Price\"]", "[\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\"]", "this table has 7 columns"),
        ("cells = [\"A week\", ", "cells = [\"A week\", \"all\", ", "this row has 3 cells, and the table 2 columns"),
    ] {
        let mut files = with_price(None);
        replace(&mut files, HOME, from, to);
        let report = check(&files, false).1;
        let found = report.sorted();
        assert_eq!(
            found.iter().map(|found| found.rule.name).collect::<Vec<_>>(),
            ["uneven-table"],
            "{}",
            report.text()
        );
        assert_eq!(found[0].message, message);
    }
}

const PEOPLE: &str = "[[sections]]\nkind = \"people\"\nheading = \"Who treats you\"\n\
    [[sections.items]]\nname = \"Somebody A., RN\"\nrole = \"Nurse\"\nlanguages = [\"English\", \"Spanish\"]\ntext = \"Ask {name}.\"\n\
    verified_on = 2026-11-01\nexpires_on = 2026-12-31\n\
    [[sections.items]]\nname = \"Somebody B.\"\nrole = \"Counselor\"\n";

#[test]
fn who_has_left_is_gone_at_midnight_and_told_before_and_after() {
    let files = with(PEOPLE);
    assert_eq!(rules(&files), [""; 0], "{}", check(&files, false).1.text());
    let names = |now: Zoned| {
        let page = TestSite::at(&files, None, now).parsed("/");
        page.all(".people h3").iter().map(text_of).collect::<Vec<_>>()
    };
    let (eve, morning) = (at("2027-01-01T07:59:00Z"), at("2027-01-01T08:00:00Z"));
    assert_eq!(names(eve.clone()), ["Somebody A., RN", "Somebody B."]);
    assert_eq!(names(morning.clone()), ["Somebody B."]);
    let read = content(&files, &eve);
    assert_eq!((read.next_change(&eve), read.next_end(&eve)), (morning.timestamp(), Some(morning.timestamp())));
    let told = |now: &Zoned| {
        let report = check_at(&files, false, now).1;
        report.sorted().iter().map(|found| found.rule.name).filter(|name| name.contains("fact")).collect::<Vec<_>>()
    };
    assert_eq!((told(&eve), told(&morning)), (vec!["fact-expires-soon"], vec!["expired-fact"]));
    let rows = agenda(&read, &morning, "expiring_facts");
    assert!(
        rows.iter()
            .any(|(late, row)| *late && row[0] == "Somebody A., RN (en/pages/home.toml)" && row[1] == "2026-12-31"),
        "{rows:?}"
    );
    let page = TestSite::at(&files, None, eve.clone()).parsed("/");
    assert_eq!(text_of(&page.one(".people .speaks")), "Speaks: English, Spanish");
    assert_eq!(text_of(&page.one(".people .flow")), "Ask Test Clinic.");
    assert_eq!(problems_of(&page), [""; 0]);
    let clinic_site::content::model::Section::People(lasting) =
        &read.lasting(&eve).languages[0].pages["home"].sections[1]
    else {
        panic!("no people")
    };
    assert_eq!(lasting.items.len(), 1, "a page that nobody makes anew is without who leaves");
    let alone = text_in(&files, HOME).replace("[[sections.items]]\nname = \"Somebody B.\"\nrole = \"Counselor\"\n", "");
    let mut files = files;
    files.insert(HOME, alone.into_bytes());
    assert!(TestSite::at(&files, None, morning).parsed("/").all("#who-treats-you").is_empty(), "nobody is left");
}

const EVENTS: &str = "[[sections]]\nkind = \"events\"\nheading = \"What is coming\"\n\
    [[sections.items]]\ntitle = \"A talk\"\nid = \"talk\"\nday = 2026-12-06\n\
    [[sections.items]]\ntitle = \"Family evening\"\nday = 2026-12-05\nbegins = \"18:00\"\nends = \"19:30\"\nplace = \"Group room\"\ntext = \"For all.\"\n";

#[test]
fn events_are_in_the_order_of_their_days_and_leave_the_page_when_they_are_over() {
    let files = with(EVENTS);
    assert_eq!(rules(&files), [""; 0], "{}", check(&files, false).1.text());
    let site = |now: Zoned| TestSite::at(&files, Some(URL), now);
    let titles = |site: &TestSite| site.parsed("/").all(".events h3").iter().map(text_of).collect::<Vec<_>>();
    let calendars = |site: &TestSite| site.paths().into_iter().filter(|path| is_calendar(path)).collect::<Vec<_>>();
    let before = site(at("2026-12-06T03:29:59Z"));
    assert_eq!(titles(&before), ["Family evening", "A talk"]);
    assert_eq!(calendars(&before), ["/family-evening-2026-12-05.ics", "/talk.ics"]);
    let page = before.parsed("/");
    assert_eq!(text_of(&page.one("#family-evening-2026-12-05 .when")), "Saturday, December 5, 2026, 6:00 pm – 7:30 pm");
    assert_eq!(page.one("#family-evening-2026-12-05 time").attr("datetime"), Some("2026-12-05T18:00"));
    assert_eq!(text_of(&page.one("#talk .when")), "Sunday, December 6, 2026");
    assert_eq!(problems_of(&page), [""; 0]);
    let link = page.one("#family-evening-2026-12-05 .calendar a").attr("href").unwrap().to_owned();
    let file = before.get(&link).is(200).has("content-type", "text/calendar; charset=utf-8");
    assert!(file.text().contains("\r\nDTSTART:20261206T020000Z\r\nDTEND:20261206T033000Z\r\n"), "{}", file.text());
    assert!(file.text().contains("URL:https://clinic.example/#family-evening-2026-12-05\r\n"), "{}", file.text());
    let data = page.one("script[type='application/ld+json']").inner_html();
    assert!(data.contains("\"startDate\":\"2026-12-05T18:00:00-08:00\"") && data.contains("\"Group room\""), "{data}");
    assert!(!data.contains("null"), "{data}");
    assert_eq!(data.matches("\"@type\":\"Event\"").count(), 1, "without a place search engines take none");
    assert!(
        before.parsed("/print/").all(".events").len() == 1
            && before.parsed("/print/").all("a[href$='.ics']").is_empty()
    );
    let over = site(at("2026-12-06T03:30:00Z"));
    assert_eq!((titles(&over), calendars(&over)), (vec!["A talk".to_owned()], vec!["/talk.ics".to_owned()]));
    over.get(&link).is(404);
    let none = site(at("2026-12-07T08:00:00Z"));
    assert!(none.parsed("/").all("#what-is-coming, .events").is_empty() && calendars(&none).is_empty());
    let said = "heading = \"What is coming\"\nnone = \"Nothing is planned.\"\n";
    let mut files = files.clone();
    replace(&mut files, HOME, "heading = \"What is coming\"\n", said);
    let page = TestSite::at(&files, Some(URL), at("2026-12-07T08:00:00Z")).parsed("/");
    assert!(text_of(&page.one("section[aria-labelledby=what-is-coming]")).contains("Nothing is planned."));
}

#[test]
fn a_site_is_made_anew_when_an_event_is_over() {
    let files = with(EVENTS);
    let now = at("2026-12-06T03:00:00Z");
    let read = content(&files, &now);
    let ends: Timestamp = "2026-12-06T03:30:00Z".parse().unwrap();
    assert_eq!((read.next_change(&now), read.next_end(&now)), (ends, Some(ends)));
    let rows = agenda(&read, &at("2026-12-06T20:00:00Z"), "events");
    let row = |late, title: &str, what: &str, day: &str, when: &str| {
        (late, [title, "en/pages/home.toml", what, day, when].map(str::to_owned).to_vec())
    };
    assert_eq!(
        rows,
        [
            row(true, "Family evening", "is over", "2026-12-05", "1 day ago"),
            row(false, "A talk", "comes", "2026-12-06", "today")
        ]
    );
}

#[test]
fn what_is_wrong_with_an_event_is_told() {
    for (from, to, rule) in [
        ("ends = \"19:30\"", "ends = \"06:00\"", "date-order"),
        ("begins = \"18:00\"\n", "", "missing-key"),
        ("day = 2026-12-05", "day = 2026-11-05", "ended-event"),
        ("title = \"A talk\"\nid = \"talk\"", "title = \"A talk\"\nid = \"welcome\"", "duplicate-id"),
        (
            "title = \"A talk\"\nid = \"talk\"\nday = 2026-12-06",
            "title = \"Family evening\"\nday = 2026-12-05",
            "duplicate-id",
        ),
    ] {
        let mut files = with(EVENTS);
        replace(&mut files, HOME, from, to);
        assert_eq!(rules(&files), [rule], "{from}: {}", check(&files, false).1.text());
    }
}

#[test]
fn a_card_says_that_it_leads_to_another_website_and_nothing_is_loaded_from_there() {
    let cards = "[[sections]]\nkind = \"cards\"\nheading = \"Read on\"\n[[sections.items]]\ntitle = \"SAMHSA\"\ntext = \"What it does.\"\n\
        link = \"https://www.samhsa.gov/\"\n[[sections.items]]\ntitle = \"Contact\"\ntext = \"Ours.\"\nlink = \"/contact/\"\n";
    let files = with(cards);
    assert_eq!(rules(&files), [""; 0], "{}", check(&files, false).1.text());
    let page = TestSite::with(&files).parsed("/");
    assert_eq!(text_of(&page.one(".cards a[href='https://www.samhsa.gov/']")), "SAMHSA (another website)");
    assert_eq!(text_of(&page.one(".cards a[href='/contact/']")), "Contact");
    assert_eq!(page.all("[src^=http], link[rel~=preconnect], link[rel~=prefetch]").len(), 0);
    for (link, rule) in
        [("/nowhere/", "dead-link"), ("http://www.samhsa.gov/", "malformed"), ("javascript:alert(1)", "malformed")]
    {
        let mut files = with(cards);
        replace(&mut files, HOME, "https://www.samhsa.gov/", link);
        assert_eq!(rules(&files), [rule], "{link}: {}", check(&files, false).1.text());
    }
}

/// Whether a path is that of an event as a file for a calendar.
fn is_calendar(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|extension| extension == "ics")
}

/// A section of each kind whose words can be about facts alone, with a word of its own in its heading.
const OF_FACTS: &str = r#"
[[sections]]
kind = "steps"
heading = "Leftover steps"
intro = "An introduction to them."
items = [{ title = "First", text = "Call {phone}." }, { title = "Second", text = "Come to {address}." }]

[[sections]]
kind = "cards"
heading = "Leftover cards"
items = [{ title = "Call", text = "Call {phone}." }, { title = "Come", text = "Come to {address}." }]

[[sections]]
kind = "questions"
heading = "Leftover questions"
items = [{ question = "What is the number?", answer = "It is {phone}." }]

[[sections]]
kind = "key_facts"
heading = "Leftover key facts"
items = [{ term = "Phone", text = "{phone}" }, { term = "Address", text = "{address}" }]

[[sections]]
kind = "urgent_care"
level = "soon"
heading = "At once, urgent care"
text = "Call {phone}."

[[sections]]
kind = "prose"
heading = "Leftover prose"
text = "Call {phone}."

[[sections]]
kind = "notice"
about = "information"
heading = "Leftover notice"
text = "Call {phone}."
"#;

#[test]
fn a_section_of_which_nothing_is_left_leaves_no_trace() {
    let notices = "[[notices]]\nabout = \"information\"\nheading = \"Leftover at the top\"\ntext = \"Call {phone}.\"\n";
    let mut files = with(OF_FACTS);
    files.insert("en/notices.toml", notices.to_owned().into_bytes());
    assert_eq!(rules(&files), [""; 0], "{}", check(&files, false).1.text());
    let nothing = TestSite::with(&files);
    for path in ["/", "/print/"] {
        let page = nothing.parsed(path);
        let text = text_of(&page.one("body"));
        assert!(!text.contains("Leftover"), "{path}: {text}");
        assert!(text.contains("At once, urgent care"), "its heading says what to do: {text}");
    }
    // A card that leads somewhere still does, and with the facts all of it is there.
    let mut linked = files.clone();
    replace(&mut linked, HOME, "{ title = \"Come\", ", "{ title = \"Come\", link = \"/contact/\", ");
    let cards = TestSite::with(&linked).parsed("/");
    assert_eq!(cards.all("main .cards li").iter().map(text_of).collect::<Vec<_>>(), ["Come"]);
    let facts = "[phone]\nvalue = \"916-875-2050\"\n\n[address]\nvalue = { street = \"10 Main Street\", city = \"Sacramento\", state = \"CA\", zip = \"95814\" }\n\n[[help_lines]]";
    replace(&mut files, "clinic.toml", "[[help_lines]]", facts);
    let whole = text_of(&TestSite::with(&files).parsed("/").one("body"));
    for word in ["steps", "cards", "questions", "key facts", "prose", "notice", "at the top"] {
        assert!(whole.contains(&format!("Leftover {word}")), "{word}: {whole}");
    }
}
