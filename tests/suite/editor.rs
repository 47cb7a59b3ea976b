//! What a tired editor does to a file, and what is said then: one finding for each mistake, at its place, with the way to mend it.

use crate::content::minimal;
use crate::harness::{TestSite, check};
use clinic_site::content::Files;
use clinic_site::diagnostic::Report;

const SUMMER: &str = "en/pages/summer.toml";

/// A page without mistakes.
const PAGE: &str = r#"kind = "page"
slug = "summer"
title = "Summer hours"
description = "When the clinic is open in the summer, and what to do when it is closed."
lead = "Our hours change in the summer."
navigation = { label = "Summer", group = "visit", order = 9 }
last_reviewed = 2026-11-23
next_review = 2027-05-23
sources = ["clinic_page"]

[[sections]]
kind = "prose"
heading = "Hours"
text = """
See below, or [reach us](/contact/)."""

[[sections]]
kind = "questions"
heading = "Questions"

[[sections.items]]
question = "When?"
answer = """
Now."""
"#;

/// The page with a change.
#[track_caller]
fn page(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(PAGE.matches(from).count(), 1, "{from:?}");
    PAGE.replace(from, to).into_bytes()
}

/// The small content with a page of these bytes.
fn with_page(bytes: Vec<u8>) -> Files {
    let mut files = minimal();
    files.insert(SUMMER, bytes);
    files
}

/// `line:column rule`, by place. Every finding must be in the page.
#[track_caller]
fn places(report: &Report) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
    let findings = json["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            assert!(finding["path"].as_str().unwrap().ends_with(SUMMER), "told of another file:\n{}", report.text());
            format!("{}:{} {}", finding["line"], finding["column"], finding["rule"].as_str().unwrap())
        })
        .collect()
}

/// Asserts that a page has one finding only, and that its help holds some words.
#[track_caller]
fn told_once(bytes: Vec<u8>, place: &str, help: &str) {
    let (content, report) = check(&with_page(bytes), false);
    assert!(content.is_none(), "the page was accepted, though it should be refused at {place}");
    assert_eq!(places(&report), [place], "\n{}", report.text());
    assert!(report.text().contains(&format!("help: {help}")), "help should start with {help:?}:\n{}", report.text());
}

#[test]
fn the_page_without_mistakes_has_no_findings() {
    let (_, report) = check(&with_page(PAGE.into()), false);
    assert_eq!(report.text(), "");
}

#[test]
fn ten_ways_a_tired_editor_breaks_a_file_are_all_told_in_one_run() {
    let text = r#"# Summer hours, typed at the end of a long day.

kind = "page"
slug = "summer"
titel = "Summer hours"
description = “When the clinic is open in the summer, and what to do when it is closed.”
lead = "Our hours change in the summer.
navigation = { label = "Summer", group = "visit", order = "9" }
last_reviewed = 23.11.2026
next_review = "2026-11-23"
next_review = 2027-05-23

[[sections]]
kind = "text"
heading = "Hours"
text = "See below."

[[sections]]
kind = "prose"
heading = ""
text = "Café: [reach us](/contacts/)."
"#;
    // Saved as Latin-1: é is the byte E9.
    let bytes = text.split('é').map(str::as_bytes).collect::<Vec<_>>().join(&0xE9);
    let (content, report) = check(&with_page(bytes), false);
    assert!(content.is_none());
    assert_eq!(
        places(&report),
        [
            "5:1 unknown-key",
            "6:15 syntax",
            "7:40 syntax",
            "8:59 wrong-type",
            "9:17 bad-date",
            "10:15 bad-date",
            "11:1 duplicate-key",
            "14:8 unknown-choice",
            "20:11 empty-text",
            "21:12 not-utf8",
            "21:26 dead-link",
        ],
        "\n{}",
        report.text()
    );
    let text = report.text();
    for help in [
        "did you mean `title`?",
        "use straight quotes: write description = \"When the clinic is open",
        "write lead = \"Our hours change in the summer.\"",
        "write order = 9",
        "write year-month-day without quotes: last_reviewed = 2026-11-23",
        "keep one of the two lines",
        "it can be `prose`, `steps`",
        "write something between the quotes",
        "with the encoding UTF-8",
        "did you mean /contact/?",
    ] {
        assert!(text.contains(help), "{help:?} isn't told:\n{text}");
    }
}

#[test]
fn quotes_that_are_missing_doubled_or_curly_are_told_once_with_the_line_as_it_should_be() {
    let whole = "write title = \"Summer hours\"";
    for (line, place, help) in [
        ("title = Summer hours", "3:9 syntax", whole),
        ("title = Summer hours\"", "3:9 syntax", whole),
        ("title = \"Summer hours", "3:22 syntax", whole),
        ("title = 'Summer hours", "3:22 syntax", whole),
        ("title = “Summer hours”", "3:9 syntax", "use straight quotes: write title = \"Summer hours\""),
        ("title = \"Summer hours”", "3:23 syntax", whole),
        ("title = \"Summer \"hot\" hours\"", "3:18 syntax", r#"write title = "Summer \"hot\" hours""#),
        ("title = 'It's summer'", "3:13 syntax", "write title = \"It's summer\""),
    ] {
        told_once(page("title = \"Summer hours\"", line), place, help);
    }
    told_once(page("\"Summer\",", "\"Summer,"), "6:24 syntax", "each text has a quote");
    told_once(page("\"Summer\",", "Summer,"), "6:24 syntax", "write label = \"Summer\"");
    told_once(page("[\"clinic_page\"]", "[clinic_page]"), "9:11 syntax", "write sources = [\"clinic_page\"]");
}

#[test]
fn lines_that_are_no_pair_of_key_and_value_are_told_by_what_is_wrong_with_them() {
    for (line, place, help) in [
        ("title", "3:6 syntax", "write key = \"text\""),
        ("title =", "3:8 syntax", "write title = \"…\""),
        ("title: \"Summer hours\"", "3:8 syntax", "write title = \"Summer hours\""),
        ("page title = \"Summer hours\"", "3:6 syntax", "write page_title"),
        ("// new title", "3:4 syntax", "a remark starts with #"),
        ("title = \"Summer hours\", new", "3:23 syntax", "delete it"),
        ("title\u{a0}= \"Summer hours\"", "3:6 syntax", "delete the spaces here"),
        ("title = \"Summer \\hours\"", "3:18 syntax", "write it twice"),
        ("Title = \"Summer hours\"", "3:1 unknown-key", "did you mean `title`?"),
        ("title = \"\"", "3:9 empty-text", "write something between the quotes"),
        ("title = 2026", "3:9 wrong-type", "write title = \"2026\""),
        ("", "1:1 missing-key", "add a line: title ="),
    ] {
        told_once(page("title = \"Summer hours\"", line), place, help);
    }
}

#[test]
fn dates_are_told_with_the_one_way_to_write_them() {
    for date in ["23.11.2026", "11/23/2026", "2026-1-5", "2026-11-31", "November 23, 2026", "today", "\"11/23/2026\""] {
        let bytes = page("last_reviewed = 2026-11-23", &format!("last_reviewed = {date}"));
        told_once(bytes, "7:17 bad-date", "write year-month-day without quotes");
    }
    let quoted = page("next_review = 2027-05-23", "next_review = \"2027-05-23\"");
    told_once(quoted, "8:15 bad-date", "write year-month-day without quotes: next_review = 2027-05-23");
    told_once(page("2026-11-23", "20261123"), "7:17 wrong-type", "write last_reviewed = 2026-11-23");
}

#[test]
fn what_never_ends_is_told_where_it_starts_and_not_at_every_line_behind_it() {
    told_once(page("order = 9 }", "order = 9"), "6:14 syntax", "write } at the end");
    told_once(page("[\"clinic_page\"]", "[\"clinic_page\""), "9:11 syntax", "write ] at the end");
    told_once(page("(/contact/).\"\"\"", "(/contact/)."), "14:8 syntax", "put three quotes");
    told_once(page("Now.\"\"\"", "Now.\""), "23:10 syntax", "put three quotes");
    told_once(page("kind = \"prose\"", "kind = \"prose"), "12:14 syntax", "write kind = \"prose\"");
    told_once(page("[[sections.items]]", "[[sections.items]"), "21:1 syntax", "write [[sections.items]]");
}

#[test]
fn parts_are_told_by_their_brackets_and_kinds() {
    told_once(page("[[sections.items]]", "[sections.items]"), "21:1 wrong-type", "write [[sections.items]]");
    told_once(page("kind = \"prose\"", "kind = \"Prose\""), "12:8 unknown-choice", "did you mean \"prose\"?");
    told_once(page("kind = \"prose\"\n", ""), "11:1 missing-key", "add a line: kind =");
    told_once(page("heading = \"Hours\"\n", ""), "11:1 missing-key", "add a line: heading =");
    told_once(page("question = \"When?\"\n", ""), "21:1 missing-key", "add a line: question =");
    told_once(page("order = 9", "oder = 9"), "6:51 unknown-key", "did you mean `order`?");
    told_once(page("order = 9", "order = 9, header = yes"), "6:71 syntax", "write header = true");
    told_once(page("order = 9", "order = 09"), "6:59 syntax", "write order = 9");
}

#[test]
fn links_are_told_at_their_target() {
    for (link, place, help) in [
        ("/contacts/", "15:26 dead-link", "did you mean /contact/?"),
        ("/contact", "15:26 dead-link", "the address ends with a slash: /contact/"),
        ("/contact/#reach-as", "15:26 dead-anchor", "did you mean #reach-us?"),
        ("http://a.example/", "15:26 unsafe-link", "write https://a.example/"),
        ("javascript:alert(1)", "15:26 unsafe-link", "links lead to"),
        ("//a.example/", "15:26 unsafe-link", "addresses of this site"),
    ] {
        told_once(page("/contact/", link), place, help);
    }
    told_once(page("See below", "{phone}, {adress}"), "15:10 unknown-fact", "did you mean {address}?");
}

#[test]
fn line_ends_byte_order_marks_and_tabs_make_no_difference() {
    let plain = TestSite::with(&with_page(PAGE.into())).get("/summer/").is(200).body;
    for text in
        [PAGE.replace('\n', "\r\n"), format!("\u{feff}{PAGE}"), PAGE.replace(" = ", "\t=\t"), format!("{PAGE}\n\n")]
    {
        let site = TestSite::with(&with_page(text.clone().into_bytes()));
        assert_eq!(site.get("/summer/").is(200).body, plain, "{text:?}");
    }
    let windows = String::from_utf8(page("\"Summer hours\"", "\"Summer hours")).unwrap().replace('\n', "\r\n");
    told_once(windows.into(), "3:23 syntax", "write title = \"Summer hours\"");
    told_once(PAGE.replace('\n', "\r").into(), "1:15 syntax", "save the file again");
}

#[test]
fn what_is_not_text_is_told_once() {
    let utf16: Vec<u8> = PAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let junk: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    for bytes in [utf16, junk, vec![0; 40], page("Hours", "Ho\0urs")] {
        told_once(bytes, "1:1 not-utf8", "save it again as plain text");
    }
    told_once(vec![b'#'; 1024 * 1024 + 1], "1:1 file-too-large", "content files hold text only");
    told_once(page("\"Summer hours\"", "\"Summer\u{7}hours\""), "3:16 syntax", "delete the spaces here");
}

#[test]
fn an_empty_page_is_told_once() {
    for text in ["", "\n\n", "# nothing yet\n"] {
        let (content, report) = check(&with_page(text.into()), false);
        assert!(content.is_none());
        assert_eq!(places(&report), ["1:1 missing-key"], "{}", report.text());
    }
}

#[test]
fn brackets_within_brackets_end_the_reading_and_not_the_program() {
    for opening in ["[", "{ a = ", "[[[{ b = ["] {
        let (content, report) =
            check(&with_page(format!("sources = {}\n{PAGE}", opening.repeat(20_000)).into()), false);
        assert!(content.is_none() && places(&report).len() <= 4, "{}", report.text());
    }
    let key = format!("{} = 1\n{PAGE}", vec!["a"; 20_000].join("."));
    assert!(check(&with_page(key.into()), false).0.is_none());
}
