//! Helps that work: what a help tells people to write was written, to the letter, and `check` was asked again.

use crate::content::{apply_help, broken_report, minimal};
use crate::harness::{assert_same, check, replace};
use clinic_site::content::Files;
use clinic_site::content::catalogue::RULES;
use clinic_site::diagnostic::{Diagnostic, Report};
use std::collections::BTreeSet;

/// Rules whose help is advice alone: what to write is for a person to know. A new rule is here, or its help is exact.
const ADVICE: &[(&str, &str)] = &[
    ("missing-file", "nobody knows what was in it"),
    ("unknown-file", "it belongs somewhere else, or nowhere"),
    ("file-too-large", "what to take out is for its writer to say"),
    ("unreadable-file", "it is mended outside of the file"),
    ("outside-link", "it is mended outside of the file"),
    ("not-a-file", "it is mended outside of the file"),
    ("too-many", "which to take out is for its writer to say"),
    ("nesting", "how to write it without is for its writer to say"),
    ("not-utf8", "the character is not known"),
    ("duplicate-key", "which of the two is right is not known"),
    ("wrong-type", "what was meant by `second` is not known"),
    ("unknown-choice", "none of the choices is near"),
    ("empty-text", "the words are not known"),
    ("empty-list", "the items are not known"),
    ("length", "the words are not known"),
    ("markup", "the words around the markup are the writer's"),
    ("writing-direction", "the line to change is another"),
    ("date-order", "which of the two is right is not known"),
    ("exception", "the day and the hours are not known"),
    ("two-ways", "of which place it is is not known"),
    ("duplicate-id", "which of the two keeps it is not known"),
    ("missing-contact", "the words are not known"),
    ("one-form", "which of the two stays is not known"),
    ("untranslated-word", "the words are not known"),
    ("header-places", "which link is the least needed is for the clinic to say"),
    ("missing-word", "the words are not known"),
    ("duplicate-address", "which of the two keeps it is not known"),
    ("missing-translation", "the words are not known"),
    ("unreviewed-translation", "somebody has to read it"),
    ("stigmatising-word", "what to say instead is said; the sentence around it is the writer's"),
    ("hard-to-read", "the words are the writer's"),
    ("duplicate-title", "which of the two keeps it is not known"),
    ("sample-fact", "the fact is not known"),
    ("unwritten", "the words are not known"),
    ("unsupplied-text", "the words are not known"),
    ("half-answered", "the words are not known"),
    ("expired-fact", "the new value is not known"),
    ("review-due", "somebody has to read it"),
    ("ended-notice", "whether it is over is for its writer to say"),
    ("past-exception", "what else stands there is the writer's"),
    ("notice-ends-soon", "nothing has to be done"),
    ("fact-expires-soon", "the new value is not known"),
    ("review-soon", "somebody has to read it"),
    ("stray-file", "it is mended outside of the file"),
    ("successor-day", "whether it is the year or the value that is wrong is for its writer to say"),
    ("distant-day", "which year was meant is for its writer to say"),
    ("unfit-file", "it is mended outside of the file"),
    ("picture-words", "what is to be seen on it is for its writer to say"),
    ("file-name", "it is mended outside of the file"),
    ("unused-file", "whether it is needed is for its writer to say"),
    ("document-only", "the page has to be written"),
    ("orphan-translation", "it is mended outside of the file"),
    ("draft", "the words are not known"),
    ("draft-link", "the page has to be finished"),
    ("needed-draft", "the words are not known"),
    ("clinic-number", "the number is not known"),
    ("unused-figure", "where it belongs is for its writer to say"),
    ("future-day", "the day is not known"),
    ("language-tag", "the folder is not the program's to rename"),
    ("unknown-language", "which tag is meant is not known"),
    ("far-future-day", "the day is not known"),
    ("untranslated-word", "the words are not known"),
    ("redirect-list", "the page is not known"),
    ("uneven-table", "the words are not known"),
    ("left-out-row", "the new value is not known"),
    ("ended-event", "whether it comes again is for its writer to say"),
    ("event-differs", "which of the two is right is not known"),
];

/// What tells one finding from another, wherever it moved.
fn told(report: &Report) -> BTreeSet<(&'static str, String, String)> {
    let key = |finding: &Diagnostic| (finding.rule.name, finding.source.path.clone(), finding.message.clone());
    report.sorted().into_iter().map(key).collect()
}

/// Asserts that a finding is gone once its help was followed, and that no other came.
#[track_caller]
fn works(finding: &Diagnostic, before: &Report, after: &Report) {
    let this = (finding.rule.name, finding.source.path.clone(), finding.message.clone());
    let (before, now) = (told(before), told(after));
    let new: Vec<_> = now.difference(&before).collect();
    assert!(
        !now.contains(&this) && new.is_empty(),
        "{this:?}: {}\nwas followed, and then:\n{}",
        finding.help,
        after.text()
    );
}

#[test]
fn a_help_that_was_followed_to_the_letter_passes_check_for_every_rule() {
    let mut exact = BTreeSet::new();
    for rule in RULES {
        let (files, report, again) = broken_report(rule.name);
        for finding in report.sorted().into_iter().filter(|finding| !finding.fix.is_empty()) {
            works(finding, &report, &again(&apply_help(&files, finding)));
            // What is printed is what is applied.
            if let [edit] = finding.fix.as_slice() {
                assert!(
                    finding.help.contains(edit.text.trim()),
                    "{}: {:?} isn't in {:?}",
                    rule.name,
                    edit.text,
                    finding.help
                );
            }
            exact.extend((finding.rule == *rule).then_some(rule.name));
        }
    }
    let advice: BTreeSet<&str> = ADVICE.iter().map(|(rule, _)| *rule).collect();
    let others: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).filter(|rule| !exact.contains(rule)).collect();
    let help = "the help of a rule is an `Edit` in its broken example, or ADVICE in tests/suite/helps.rs says why it is advice";
    assert_same(&advice, &others, help);
}

const CONTACT: &str = "en/pages/contact.toml";
const HOURS: &str = "[hours]\nvalue = [{ days = [\"monday\"], opens = \"05:30\", closes = \"14:00\" }]\n\n";

/// The minimal content with more facts.
pub(crate) fn with_facts(facts: &str) -> Files {
    let mut files = minimal();
    replace(&mut files, "clinic.toml", "[[help_lines]]", &format!("{facts}\n[[help_lines]]"));
    files
}

/// Content with one text for another.
pub(crate) fn with(file: &str, from: &str, to: &str) -> Files {
    let mut files = minimal();
    replace(&mut files, file, from, to);
    files
}

/// Asserts that a mistake is told once, with a help that works when it is followed.
#[track_caller]
pub(crate) fn mended(files: &Files, rule: &str, help: &str) {
    let report = check(files, false).1;
    let found = report.sorted();
    let [finding] = found.as_slice() else { panic!("{help}: one mistake, one finding:\n{}", report.text()) };
    assert_eq!(finding.rule.name, rule, "{}", report.text());
    assert!(finding.help.contains(help), "help should hold {help:?}:\n{}", report.text());
    assert!(!finding.fix.is_empty(), "{help:?} is advice");
    works(finding, &report, &check(&apply_help(files, finding), false).1);
}

/// Asserts that a mistake is told once, with advice.
#[track_caller]
pub(crate) fn told_once(files: &Files, rule: &str, message: &str, help: &str) {
    let report = check(files, false).1;
    let found = report.sorted();
    let [finding] = found.as_slice() else { panic!("{message}: one mistake, one finding:\n{}", report.text()) };
    assert_eq!(finding.rule.name, rule, "{}", report.text());
    assert!(
        finding.message.contains(message) && finding.help.contains(help),
        "{message:?} {help:?}:\n{}",
        report.text()
    );
}

#[test]
fn numbers_are_offered_in_quotes() {
    for (written, meant) in [
        ("916-444-2345", "\"916-444-2345\""),
        ("(916) 444-2345", "\"(916) 444-2345\""),
        ("9164442345", "\"9164442345\""),
        ("1-916-444-2345", "\"1-916-444-2345\""),
        ("916.444.2345", "\"916.444.2345\""),
    ] {
        let files = with_facts(&format!("[phone]\nvalue = {written}\n"));
        let rule = if written == "9164442345" { "wrong-type" } else { "syntax" };
        mended(&files, rule, &format!("write value = {meant}"));
    }
    let address = |zip: &str| {
        with_facts(&format!(
            "[address]\nvalue = {{ street = \"1 A St\", city = \"B\", state = \"CA\", zip = {zip} }}\n"
        ))
    };
    mended(&address("95814"), "wrong-type", "write zip = \"95814\"");
    mended(&address("01234"), "syntax", "write zip = \"01234\"");
    mended(&address("\"95814-1234\""), "malformed", "write zip = \"95814\"");
}

#[test]
fn days_are_offered_as_they_were_meant() {
    for written in [
        "2027-5-1",
        "5/1/27",
        "\"5/1/2027\"",
        "1 May 2027",
        "\"May 1, 2027\"",
        "2027/05/01",
        "2027–05–01",
        "\"2027-05-01\"",
    ] {
        let files = with(CONTACT, "next_review = 2027-05-01", &format!("next_review = {written}"));
        mended(&files, "bad-date", "next_review = 2027-05-01");
    }
    mended(&with(CONTACT, "2027-05-01", "2027-02-30"), "bad-date", "next_review = 2027-02-28");
    mended(&with(CONTACT, "2027-05-01", "20270501"), "wrong-type", "next_review = 2027-05-01");
    for written in ["2027-11-27 6pm", "\"2027-11-27 6:00 PM\"", "11/27/27 18:00", "2027-11-27T18:00:00-08:00"] {
        let files = with("en/notices.toml", "ends = 2027-11-01", &format!("ends = {written}"));
        mended(&files, "bad-date", "ends = 2027-11-27T18:00:00");
    }
    let exception = |on: &str, rest: &str| with_facts(&format!("{HOURS}[[exceptions]]\non = {on}\n{rest}\n"));
    let event = |more: &str| {
        let section = "[[sections]]\nkind = \"events\"\nheading = \"What is coming\"\n\n[[sections.items]]";
        with(CONTACT, "text = \"Call us.\"", &format!("text = \"Call us.\"\n\n{section}\ntitle = \"A talk\"\n{more}"))
    };
    mended(&event("day = 2027-5-12"), "bad-date", "day = 2027-05-12");
    mended(&event("day = 2027-05-12\nbegins = 18:00\nends = \"19:30\""), "wrong-type", "write begins = \"18:00\"");
    mended(&event("day = 2027-05-12\nbegins = \"18:00\"\nends = 7:30pm"), "syntax", "write ends = \"19:30\"");
    mended(&exception("12/25/2026", "closed = true"), "bad-date", "on = 2026-12-25");
    told_once(&exception("12-25", "closed = true"), "bad-date", "`on` is not a date", "such as on = 2026-12-25");
    for (written, rule) in [("True", "syntax"), ("yes", "syntax"), ("\"true\"", "wrong-type")] {
        mended(&exception("2026-12-25", &format!("closed = {written}")), rule, "write closed = true");
    }
    mended(&exception("2026-12-25", "closed = true\nreason = \"Christmas\""), "missing-word", "reason = \"holiday\"");
    mended(&exception("2026-12-25", "closed = true\nreason = \"Holiday\""), "missing-word", "reason = \"holiday\"");
}

#[test]
fn hours_are_offered_as_they_were_meant() {
    let hours = |opens: &str, closes: &str| {
        with_facts(&format!(
            "[hours]\nvalue = [\n    {{ days = [\"monday\"], opens = {opens}, closes = {closes} }},\n]\n"
        ))
    };
    for (written, meant, rule) in [
        ("\"5:30 AM\"", "05:30", "malformed"),
        ("\"5:30\"", "05:30", "malformed"),
        ("5:30", "05:30", "syntax"),
        ("05:30", "05:30", "wrong-type"),
        ("530", "05:30", "wrong-type"),
        ("05:30:00", "05:30", "wrong-type"),
        ("6am", "06:00", "syntax"),
    ] {
        mended(&hours(written, "\"14:00\""), rule, &format!("write opens = \"{meant}\""));
    }
    for (written, meant) in [("5.30pm", "17:30"), ("noon", "12:00"), ("2 p.m.", "14:00"), ("14h", "14:00")] {
        mended(&hours("\"05:30\"", &format!("\"{written}\"")), "malformed", &format!("write closes = \"{meant}\""));
    }
    mended(&hours("\"05:30\"", "\"02:00\""), "hours", "write closes = \"14:00\" if that is in the afternoon");
    mended(&hours("\"13:00\"", "\"12:30\""), "hours", "write closes = \"24:00\"");
    mended(&hours("\"24:00\"", "\"08:00\""), "malformed", "write opens = \"00:00\"");
    for night in ["\"02:00\"", "\"24:00\"", "\"00:00\""] {
        assert!(check(&hours("\"22:00\"", night), false).1.sorted().is_empty(), "22:00 to {night} can be said");
    }
    let value = |value: &str| with_facts(&format!("[hours]\nvalue = {value}\n"));
    mended(
        &value("{ days = [\"monday\"], opens = \"05:30\", closes = \"14:00\" }"),
        "wrong-type",
        "write value = [{ days",
    );
    mended(
        &value("[{ days = \"monday\", opens = \"05:30\", closes = \"14:00\" }]"),
        "wrong-type",
        "write days = [\"monday\"]",
    );
    mended(
        &value("[{ days = [\"Mon\"], opens = \"05:30\", closes = \"14:00\" }]"),
        "unknown-choice",
        "did you mean \"monday\"?",
    );
    told_once(
        &value("\"Mon-Fri 5:30-14:00\""),
        "wrong-type",
        "a group of keys, not text",
        "value = [{ days = [\"monday\"",
    );
    let address = |value: &str| with_facts(&format!("[address]\nvalue = {value}\n"));
    mended(
        &address("\"12 Main St, Suite 4, Sacramento, CA 95814\""),
        "wrong-type",
        "{ street = \"12 Main St, Suite 4\", city",
    );
}

#[test]
fn names_are_offered_as_they_are_elsewhere() {
    let icon = |icon: &str| with("en/pages/group-therapy.toml", "icon = \"hope\"", &format!("icon = \"{icon}\""));
    mended(&icon("hope.svg"), "unknown-icon", "did you mean \"hope\"?");
    mended(&icon("static/icons/Hope.svg"), "unknown-icon", "did you mean \"hope\"?");
    let backslash = with(CONTACT, "heading = \"Reach us\"", r#"heading = "C:\Users\Maria""#);
    mended(&backslash, "syntax", "write it twice");
    let source = "title = \"The clinic's own page\"";
    let url = |url: &str| with("clinic.toml", source, &format!("{source}\nurl = \"{url}\""));
    mended(&url("http://a.example/"), "malformed", "write url = \"https://a.example/\"");
    mended(&url("a.example"), "malformed", "write url = \"https://a.example\"");
}

#[test]
fn a_page_that_moved_is_one_finding_with_its_links_and_its_redirect() {
    let mut files = with("en/pages/group-therapy.toml", "slug = \"group-therapy\"", "slug = \"groups\"");
    mended(&files, "dead-link", "[[redirects]]\nfrom = \"/group-therapy/\"\nto = \"/groups/\"");
    replace(&mut files, "redirects.toml", "to = \"/contact/\"", "to = \"/group-therapy/\"");
    mended(&files, "dead-link", "redirects.toml:3");
}

#[test]
fn what_follows_a_fact_says_from_which_day_on() {
    let next = |rest: &str| {
        let figure = "value = \"17,568\"";
        with("clinic.toml", figure, &format!("{figure}\nnext = {{ value = \"18,000\"{rest} }}"))
    };
    // The day offered is one ahead: with one that is over, the value would change at once.
    told_once(
        &next(""),
        "missing-key",
        "the key `from` is missing",
        "add the day from which it holds, within the braces: from = 2026-12-01",
    );
    mended(&next(", on = 2027-01-01"), "unknown-key", "did you mean `from`?");
    mended(&next(", since = 2027-01-01"), "unknown-key", "did you mean `from`?");
    is_advice(&next(", from = \"soon\""), "bad-date", "such as from = 2026-12-01");
    is_advice(&next(", from = soon"), "bad-date", "such as from = 2026-12-01");
    let hours = "[hours]\nvalue = [{ days = [\"monday\"], opens = \"05:30\" }]\n\n";
    told_once(&with_facts(hours), "missing-key", "the key `closes` is missing", "add it within the braces: closes = ");
}

#[test]
fn an_item_of_a_list_is_mended_in_its_place() {
    let section =
        |lines: &str| with(CONTACT, "text = \"Call us.\"", &format!("text = \"Call us.\"\n\n[[sections]]\n{lines}"));
    let row = |cells: &str| {
        let table = "kind = \"table\"\nheading = \"What it costs\"\ncolumns = [\"Visit\", \"Price\"]";
        section(&format!("{table}\n\n[[sections.rows]]\ncells = {cells}"))
    };
    let lines =
        "kind = \"people\"\nheading = \"Who treats you\"\n\n[[sections.items]]\nname = \"A. B.\"\nrole = \"Nurse\"";
    mended(&row("[\"The first visit*\", 60]"), "wrong-type", "write \"60\" in its place in the list");
    is_advice(&row("[\"The first visit*\", { price = 60 }]"), "wrong-type", "write it like cells = [\"…\"]");
    let hours = "[hours]\nvalue = [{ days = [5], opens = \"05:30\", closes = \"14:00\" }]\n\n";
    is_advice(&with_facts(hours), "wrong-type", "write it like days = [\"…\"], one of");
    mended(&section(&format!("{lines}\nlanguages = 5")), "wrong-type", "write languages = [\"5\"]");
}

#[test]
fn a_link_is_not_led_to_a_page_of_another_language() {
    let mut files = crate::translations::in_two_languages();
    files.remove("en/pages/group-therapy.toml");
    let report = check(&files, false).1;
    let dead: Vec<_> = report.sorted().into_iter().filter(|finding| finding.rule.name == "dead-link").collect();
    let [finding] = dead.as_slice() else { panic!("{}", report.text()) };
    assert!(finding.source.path.contains("/en/"), "{}", report.text());
    assert!(finding.help.starts_with("write the address of a page of this site"), "{}", report.text());
    // In a page of that language it is the one that was meant.
    let mut files = crate::translations::in_two_languages();
    replace(&mut files, "es/pages/group-therapy.toml", "slug = \"group-therapy\"", "slug = \"terapia\"");
    replace(&mut files, "es/pages/contact.toml", "Call us.", "Lea sobre la [terapia](/terapia/).");
    let report = check(&files, false).1;
    let in_it = |finding: &&Diagnostic| finding.source.path.ends_with("contact.toml");
    let found: Vec<_> = report.sorted().into_iter().filter(in_it).collect();
    assert!(found.len() == 1 && found[0].help.contains("did you mean /es/terapia/?"), "{}", report.text());
}

#[test]
fn a_part_in_the_wrong_place_or_file_is_told_where_it_belongs() {
    mended(
        &with("en/pages/group-therapy.toml", "[[sections.items]]", "[[items]]"),
        "unknown-key",
        "write [[sections.items]]",
    );
    let rows = "[[sections]]\nkind = \"table\"\nheading = \"Prices\"\ncolumns = [\"Visit\", \"Price\"]\n\n[[rows]]\ncells = [\"One\", \"$5\"]";
    let with_rows = with(CONTACT, "text = \"Call us.\"", &format!("text = \"Call us.\"\n\n{rows}"));
    mended(&with_rows, "unknown-key", "write [[sections.rows]]");
    let card = "[[sections.items]]\ntitle = \"Get help now\"";
    let two = format!(
        "[[items]]\ntitle = \"Contact\"\ntext = \"Call us.\"\nlink = \"/contact/\"\n\n{}",
        card.replace("sections.", "")
    );
    mended(
        &with("en/pages/group-therapy.toml", card, &two),
        "unknown-key",
        "write [[sections.items]] in place of each",
    );
    for (part, file) in [
        ("sections", "the file of a page"),
        ("notices", "en/notices.toml"),
        ("objectives", "en/objectives.toml"),
        ("redirects", "redirects.toml"),
        ("words", "en/words.toml"),
        ("languages", "language_help.toml"),
    ] {
        told_once(
            &with_facts(&format!("[[{part}]]\nid = \"some\"\n")),
            "unknown-key",
            &format!("`{part}` is in the wrong file"),
            &format!("{part} are written in {file}: move"),
        );
    }
}

#[test]
fn a_name_that_many_places_have_is_told_once() {
    let mut files = with("clinic.toml", "[sources.clinic_page]", "[sources.clinic_pag]");
    mended(&files, "unknown-source", "did you mean \"clinic_pag\"?");
    files = with("clinic.toml", "[sources.clinic_page]\ntitle = \"The clinic's own page\"\n", "");
    told_once(&files, "unknown-source", "there is no source `clinic_page`", "the same at");
}

#[test]
fn one_cause_is_one_finding() {
    let merge = "<<<<<<< HEAD\ntitle = \"Contact\"\n=======\ntitle = \"Contact us\"\n>>>>>>> maria";
    told_once(&with(CONTACT, "title = \"Contact\"", merge), "syntax", "git could not merge them", "keep what is right");
    for file in ["clinic.toml", "en/ui.toml", "en/objectives.toml", CONTACT] {
        let mut files = minimal();
        files.insert(file, b"\n".to_vec());
        told_once(&files, "missing-key", "there is nothing in this file", "restore it from a copy");
    }
    let mut files = with(CONTACT, "next_review = 2027-05-01\n", "");
    replace(&mut files, CONTACT, "heading = \"Reach us\"", "heading = \"Reach us\"\nnext_review = 2027-05-01");
    mended(&files, "unknown-key", "move the line of `next_review` up");
    let sources = "heading = \"Reach us\"\nsources = [\"clinic_page\"]";
    mended(&with(CONTACT, "heading = \"Reach us\"", sources), "unknown-key", "move the line of `sources` up");
    for header in ["[sections]", "[[sections]", "[sections]]", "sections]]", "[[sections"] {
        let rule = if header == "[sections]" { "wrong-type" } else { "syntax" };
        mended(
            &with(
                "en/pages/get-help-now.toml",
                "[[sections]]\nkind = \"help_lines\"",
                &format!("{header}\nkind = \"help_lines\""),
            ),
            rule,
            "write [[sections]]",
        );
    }
    let lost = with("en/pages/get-help-now.toml", "[[sections]]\nkind = \"help_lines\"", "kind = \"help_lines\"");
    told_once(&lost, "duplicate-key", "`kind` is here for the second time", "write the line in brackets above it");
    let curly = with(CONTACT, "title = \"Contact\"", "title = “Contact”");
    let mut all = curly.clone();
    replace(&mut all, CONTACT, "text = \"Call us.\"", "text = “Call us.”");
    mended(&curly, "syntax", "use straight quotes: write title = \"Contact\"");
    mended(&all, "syntax", "use straight quotes: write title = \"Contact\"");
    let text = "text = \"\"\"\nCall us.\n\nThen come.\"\n\n[[sections]]\nkind = \"prose\"\nheading = \"More\"\ntext = \"\"\"\nMore.\"\"\"";
    mended(&with(CONTACT, "text = \"Call us.\"", text), "syntax", "put three quotes (\"\"\")");
    for quotes in ["\"", "\"\""] {
        let text = format!("text = {quotes}\nCall us.\n\nThen come.\"\"\"");
        told_once(
            &with(CONTACT, "text = \"Call us.\"", &text),
            "syntax",
            "starts with three quotes",
            "write text = \"\"\"",
        );
    }
}

#[test]
fn an_exception_without_a_day_is_told_at_its_own_line() {
    let remark = "# [[exceptions]]\n# on = 2026-12-25\n\n";
    let report = check(&with_facts(&format!("{HOURS}{remark}[[exceptions]]\nclosed = true\n")), false).1;
    let [finding] = report.sorted()[..] else { panic!("{}", report.text()) };
    let text = &finding.source.text;
    assert_eq!(text[..finding.span.start].matches("[[exceptions]]").count(), 1, "the first is a remark");
    assert_eq!(&text[finding.span.clone()], "[[exceptions]]");
}

/// Asserts that a copy, as TOML writes it, has one mistake, and is that other one once its help was followed.
#[track_caller]
fn copy_is_mended(written: &str, rule: &str, help: &str, wanted: &str) {
    for ends in ["\n", "\r\n"] {
        let mut files = with(CONTACT, "text = \"Call us.\"", &format!("text = {written}"));
        let text = String::from_utf8(files.get(CONTACT).unwrap().to_vec()).unwrap().replace('\n', ends);
        files.insert(CONTACT, text.clone().into_bytes());
        mended(&files, rule, help);
        let after = apply_help(&files, check(&files, false).1.sorted()[0]);
        let wanted = text.replace(&written.replace('\n', ends), &wanted.replace('\n', ends));
        assert_eq!(String::from_utf8(after.get(CONTACT).unwrap().to_vec()).unwrap(), wanted);
    }
}

#[test]
fn what_was_typed_is_mended_as_the_file_writes_it() {
    for (written, rule, help, wanted) in [
        ("\"Con\\u00ADfi\u{ad}dential.\"", "hidden-character", "write `Confidential.`", "\"Confidential.\""),
        (
            "\"Say \\\"yes\\\" to our seÃ±ora.\"",
            "garbled-text",
            "write `señora.`",
            "\"Say \\\"yes\\\" to our señora.\"",
        ),
        ("\"Say \\\"{{name}}\\\" here.\"", "shown-as-typed", "write `{name}`", "\"Say \\\"{name}\\\" here.\""),
        ("\"• a card\\n• a list\"", "shown-as-typed", "write `- a card\\n- a list`", "\"- a card\\n- a list\""),
        (
            "\"\"\"\nBring:\n• a card\n• a list\"\"\"",
            "shown-as-typed",
            "write `- a card\n- a list`",
            "\"\"\"\nBring:\n- a card\n- a list\"\"\"",
        ),
        (
            "\"\"\"\nBring:\n2) a card\n3) a list\n\"\"\"",
            "shown-as-typed",
            "write `\n1. a card\n2. a list`",
            "\"\"\"\nBring:\n\n1. a card\n2. a list\n\"\"\"",
        ),
        ("\'\'\'\nIt's ** ours **.\'\'\'", "shown-as-typed", "write `**ours**`", "\'\'\'\nIt's **ours**.\'\'\'"),
        ("'It is \"** ours **\".'", "shown-as-typed", "write `**ours**`", "'It is \"**ours**\".'"),
        ("\"** \\\"Ours\\\" **\"", "shown-as-typed", "write `**\\\"Ours\\\"**`", "\"**\\\"Ours\\\"**\""),
        (
            "\"\"\"\nSe\\u00f1or, \\\n   see www.samhsa.gov, \\\n   not [www.samhsa.gov](https://www.samhsa.gov).\"\"\"",
            "bare-address",
            "write `[www.samhsa.gov](https://www.samhsa.gov)`",
            "\"\"\"\nSe\\u00f1or, \\\n   see [www.samhsa.gov](https://www.samhsa.gov), \\\n   not [www.samhsa.gov](https://www.samhsa.gov).\"\"\"",
        ),
        (
            "\"The \\\"[www.a.example](https://www.a.example)\\\" is www.a.example\"",
            "bare-address",
            "write `[www.a.example](https://www.a.example)`",
            "\"The \\\"[www.a.example](https://www.a.example)\\\" is [www.a.example](https://www.a.example)\"",
        ),
        ("\"\"\"\nCall us\\\n  today.\"\"\"", "joined-words", "write `us \\`", "\"\"\"\nCall us \\\n  today.\"\"\""),
        ("\"This is &nbsp; &nbsp here.\"", "shown-as-typed", "take it out", "\"This is &nbsp;  here.\""),
        (
            "\"This is 5&nbsp\\u00b0 here.\"",
            "shown-as-typed",
            "write a space in its place",
            "\"This is 5 \\u00b0 here.\"",
        ),
        (
            "\"See [page] (/group-therapy/).\"",
            "shown-as-typed",
            "write `[page](/group-therapy/)`",
            "\"See [page](/group-therapy/).\"",
        ),
        (
            "\"Call [916-444-2345](tel:+19164442346). Or [916-444-2345](tel:+19164442346).\"",
            "other-number",
            "write [916-444-2345](tel:+19164442345), or [916-444-2346](tel:+19164442346), whichever is right",
            "\"Call [916-444-2345](tel:+19164442345). Or [916-444-2345](tel:+19164442345).\"",
        ),
        (
            "\"Call [the \\u2019 desk](/contact/) at [us, 916-444-2345](tel:+19164442346).\"",
            "other-number",
            "write [us, 916-444-2345](tel:+19164442345), or [us, 916-444-2346](tel:+19164442346), whichever is right",
            "\"Call [the \\u2019 desk](/contact/) at [us, 916-444-2345](tel:+19164442345).\"",
        ),
        (
            "\"Call [123-456-7890](tel:+19164442346).\"",
            "other-number",
            "nobody can dial 123-456-7890: write [916-444-2346](tel:+19164442346) if that is right",
            "\"Call [916-444-2346](tel:+19164442346).\"",
        ),
        (
            "\"Call 916-444-2345 x12.\"",
            "phone-in-copy",
            "make it a link, [916-444-2345 x12](tel:+19164442345);",
            "\"Call [916-444-2345 x12](tel:+19164442345).\"",
        ),
        (
            "\"Please [call](tel:916 875 2050) us.\"",
            "phone-in-copy",
            "write [call](tel:+19168752050)",
            "\"Please [call](tel:+19168752050) us.\"",
        ),
    ] {
        copy_is_mended(written, rule, help, wanted);
    }
}

/// Asserts that a mistake is told with words alone.
#[track_caller]
fn is_advice(files: &Files, rule: &str, help: &str) {
    let report = check(files, false).1;
    let found = report.sorted();
    let finding = found.iter().find(|finding| finding.rule.name == rule).unwrap_or_else(|| panic!("{}", report.text()));
    assert!(finding.help.contains(help), "help should hold {help:?}:\n{}", report.text());
    assert!(finding.fix.is_empty(), "{help}: {:?}", finding.fix);
}

#[test]
fn what_would_be_another_mistake_is_advice() {
    for (written, rule, help) in [
        ("'• a card • a list'", "shown-as-typed", "write `- a card\n- a list`"),
        ("\"See [page] (/nowhere/).\"", "shown-as-typed", "write `[page](/nowhere/)`"),
        ("\"It costs { price }.\"", "shown-as-typed", "write `{price}`"),
        ("\"It is ~~seÃ±ora~~ here.\"", "shown-as-typed", "write `seÃ±ora`, or take the words out as well"),
        ("\"[916-444-2345](tel:+19164442345) is 916-444-2345.\"", "phone-in-copy", "make it a link"),
        ("\"[916-444-2345, 916-444-2346](tel:+19164442345)\"", "other-number", "whichever is right"),
        ("\"Call \\\\[916-444-2345](tel:+19164442346)\"", "phone-in-copy", "take the backslash before it out"),
    ] {
        is_advice(&with(CONTACT, "text = \"Call us.\"", &format!("text = {written}")), rule, help);
    }
    is_advice(&with(CONTACT, "\"Reach us\"", "\"**SeÃ±ora**\""), "plain-text", "write `SeÃ±ora`");
    is_advice(&with(CONTACT, "\"Reach us\"", "\"**  **\""), "plain-text", "take it out");
    let mut files = minimal();
    let text = String::from_utf8(files.get(CONTACT).unwrap().to_vec()).unwrap();
    let line = text.lines().find(|line| line.starts_with("description")).unwrap();
    let short = format!("**{}**", "short ".repeat(8).trim_end());
    replace(&mut files, CONTACT, line, &format!("description = \"{short}\""));
    is_advice(&files, "plain-text", "write `short");
}
