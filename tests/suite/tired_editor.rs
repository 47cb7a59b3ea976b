//! An hour of a tired editor: what was typed, pasted or lost at the end of a day, each told once, at its place, with what to write instead.

use crate::content::{apply_help, minimal};
use crate::harness::{TODAY, TestSite, check, replace, text_in};
use crate::helps::{mended, told_once, with, with_facts};
use clinic_site::content::Files;
use clinic_site::diagnostic::{Report, Severity};

const CONTACT: &str = "en/pages/contact.toml";
const HOME: &str = "en/pages/home.toml";
const NOTICES: &str = "en/notices.toml";
const COPY: &str = "text = \"This is {name}. Read about [group therapy](/group-therapy/).\"";

/// The smallest content with another copy.
fn with_copy(copy: &str) -> Files {
    with(HOME, COPY, &format!("text = \"\"\"\n{copy}\n\nThis is {{name}}.\"\"\""))
}

/// The contact page with other lines in place of its sections.
fn with_sections(lines: &str) -> Files {
    let mut files = minimal();
    let text = text_in(&files, CONTACT);
    let own = text.split("[[sections]]").next().unwrap();
    files.insert(CONTACT, format!("{own}{lines}\n").into_bytes());
    files
}

/// What is wrong and how bad it is, in the order of the files.
fn told(report: &Report) -> Vec<String> {
    let found = report.sorted().into_iter();
    found.map(|finding| format!("{} {}", finding.severity.word(), finding.rule.name)).collect()
}

#[test]
fn a_list_of_groups_that_is_none_says_how_its_items_begin() {
    for lines in ["sections = [\"Reach us\"]", "sections = \"Reach us\"", "sections = [1, 2]"] {
        let files = with_sections(lines);
        told_once(
            &files,
            "wrong-type",
            "each of `sections` must be a group of keys",
            "[[sections]]\nkind = \"…\", one of",
        );
    }
    told_once(
        &with_sections(""),
        "missing-key",
        "the key `sections` is missing",
        "add these lines:\n[[sections]]\nkind =",
    );
    let items = with_sections("[[sections]]\nkind = \"steps\"\nheading = \"Steps\"\nitems = [\"Call\", \"Come\"]");
    told_once(&items, "wrong-type", "each of `items` must be a group of keys", "[[sections.items]]\ntitle = \"…\"");
    for (file, key, first) in [(NOTICES, "notices", "about"), ("redirects.toml", "redirects", "from")] {
        for value in ["[\"We are closed\"]", "\"We are closed\""] {
            let mut files = minimal();
            files.insert(file, format!("{key} = {value}\n").into_bytes());
            let help = format!("[[{key}]]\n{first} = \"…\"");
            told_once(&files, "wrong-type", &format!("each of `{key}` must be a group of keys, not text"), &help);
        }
    }
}

#[test]
fn nothing_in_content_is_to_be_reported_to_us() {
    let values =
        ["\"a\"", "[\"a\"]", "1", "{ kind = \"a\" }", "[{ kind = \"prose\" }]", "[[]]", "2026-11-23", "[]", "true"];
    for value in values {
        let report = check(&with_sections(&format!("sections = {value}")), false).1.text();
        assert!(
            !report.contains("please report") && !report.contains("can't be read:"),
            "sections = {value}\n{report}"
        );
    }
    for file in ["clinic.toml", "redirects.toml", NOTICES, CONTACT] {
        let text = text_in(&minimal(), file);
        for (at, line) in text.lines().enumerate() {
            let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| !key.contains(['#', '"'])) else { continue };
            for value in values {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines[at] = format!("{key} = {value}");
                let mut files = minimal();
                files.insert(file, lines.join("\n").into_bytes());
                let report = check(&files, false).1.text();
                assert!(
                    !report.contains("please report") && !report.contains("can't be read:"),
                    "{key} = {value}\n{report}"
                );
            }
        }
    }
}

#[test]
fn a_fact_without_its_line_in_brackets_is_written_as_one() {
    let phone = "phone = \"916-444-2345\"\n";
    let after = "source = \"clinic_page\"\n";
    let above = |line: &str| {
        let mut files = minimal();
        files.insert("clinic.toml", format!("{line}{}", text_in(&files, "clinic.toml")).into_bytes());
        files
    };
    mended(&above(phone), "wrong-type", "write phone = { value = \"916-444-2345\" }");
    mended(&above("audience = \"adults\"\n"), "wrong-type", "write audience = { value = \"adults\" }");
    mended(
        &above("address = \"12 Main St, Sacramento, CA 95814\"\n"),
        "wrong-type",
        "write address = { value = { street = \"12 Main St\"",
    );
    let among = with_facts(&format!("[audience]\nvalue = \"adults\"\n{after}{phone}"));
    mended(&among, "unknown-key", "write, with an empty line above it:\n[phone]\nvalue = \"916-444-2345\"");
    mended(&with_facts(&format!("[[phone]]\nvalue = \"916-444-2345\"\n{after}")), "wrong-type", "write [phone]");
    mended(&with_facts("[phone]\nvalue = [\"916-444-2345\"]\n"), "wrong-type", "write value = \"916-444-2345\"");
    mended(&with_facts("[audience]\nvalue = [\"adults\"]\n"), "wrong-type", "write value = \"adults\"");
    told_once(
        &with_facts("[audience]\nvalue = { kind = \"adults\" }\n"),
        "wrong-type",
        "text in quotes, not a group",
        "value =",
    );
    let loose = "[address]\nstreet = \"12 Main St\"\ncity = \"Sacramento\"\nstate = \"CA\"\nzip = \"95814\"\n";
    told_once(
        &with_facts(loose),
        "unknown-key",
        "these keys are those of the value of `address`",
        "value = { street = \"12 Main St\", city = \"Sacramento\", state = \"CA\", zip = \"95814\" }",
    );
}

#[test]
fn parts_with_a_wrong_line_in_brackets_are_one_finding() {
    let mut files = minimal();
    let lines = "[help_lines]\nid = \"lifeline_988\"\ncall = \"988\"\n\n[help_lines]\n";
    replace(&mut files, "clinic.toml", "[[help_lines]]\n", lines);
    replace(
        &mut files,
        "en/ui.toml",
        "[help_lines.emergency]",
        "[help_lines.lifeline_988]\nname = \"988\"\nnote = \"Call.\"\n\n[help_lines.emergency]",
    );
    mended(&files, "wrong-type", "write [[help_lines]] in place of each line [help_lines]");
    for header in ["{{sections}}", "((sections))", "[ [sections] ]", "<<sections>>"] {
        let from = "[[sections]]\nkind = \"help_lines\"";
        let files = with("en/pages/get-help-now.toml", from, &format!("{header}\nkind = \"help_lines\""));
        mended(&files, "syntax", "write [[sections]]");
    }
    let twice = "[phone]\nvalue = \"916-444-2345\"\n\n[phone]\nvalue = \"916-444-2345\"\n";
    told_once(&with_facts(twice), "duplicate-key", "`phone` is here for the second time", "keep one of the two parts");
    let steps = "[[section]]\nkind = \"steps\"\nheading = \"Steps\"\n\n[[sections.items]]\ntitle = \"Call\"\ntext = \"Call us.\"";
    let lost =
        with_sections(&format!("[[sections]]\nkind = \"prose\"\nheading = \"Reach us\"\ntext = \"Call.\"\n\n{steps}"));
    mended(&lost, "unknown-key", "did you mean `sections`?");
}

/// A page about parking that nobody has finished.
fn with_draft(change: impl Fn(String) -> String) -> Files {
    let mut files = minimal();
    let page = text_in(&files, "en/pages/group-therapy.toml").replace("slug = \"group-therapy\"", "slug = \"parking\"");
    let page = page.replacen("title = \"", "title = \"Parking, ", 1);
    files.insert("en/pages/parking.toml", change(format!("draft = true\n{page}")).into_bytes());
    files
}

#[test]
fn a_mistake_in_a_draft_keeps_back_that_page_alone() {
    let plain = |page: String| page;
    assert_eq!(told(&check(&with_draft(plain), false).1), ["warning draft"]);
    let _ = TestSite::with(&with_draft(plain)).get("/parking/").is(200);
    let heading = |text: &str| format!("\n[[sections]]\nkind = \"prose\"\nheading = \"More\"\ntext = \"{text}\"\n");
    for (rule, change) in [
        ("unknown-key", Box::new(|page: String| page.replace("title =", "titel =")) as Box<dyn Fn(String) -> String>),
        ("syntax", Box::new(|page: String| page.replacen("title = \"", "title = “", 1))),
        ("dead-link", Box::new(move |page| page + &heading("See [it](/nowhere/)."))),
        ("unknown-fact", Box::new(move |page| page + &heading("Call {nobody}."))),
        ("duplicate-address", Box::new(|page| page.replace("slug = \"parking\"", "slug = \"contact\""))),
    ] {
        let files = with_draft(change);
        let (content, report) = check(&files, false);
        assert!(content.is_some() && !report.has_errors(), "{rule}: {}", report.text());
        let all = told(&report);
        assert!(
            all.contains(&format!("warning {rule}")) && all.contains(&"warning draft".to_owned()),
            "{rule}: {all:?}"
        );
        assert!(report.text().contains("so it is not even in the preview"), "{}", report.text());
        let site = TestSite::with(&files);
        let _ = site.get("/parking/").is(404);
        let _ = site.get("/contact/").is(200);
        // What is published is made as before.
        assert_eq!(told(&check(&files, true).1).iter().filter(|told| told.starts_with("error")).count(), 0, "{rule}");
        let _ = TestSite::build(&files, Some("https://clinic.example/"), TODAY).get("/contact/").is(200);
    }
    // Another page with the same mistake is an error as before.
    let files = with_draft(|page| page.replace("draft = true\n", "").replace("title =", "titel ="));
    assert!(check(&files, false).1.has_errors());
    // A link to it is told, and its words are no link.
    let mut files = with_draft(|page| page.replace("title =", "titel ="));
    replace(&mut files, CONTACT, "text = \"Call us.\"", "text = \"Call us about [cars](/parking/).\"");
    assert!(told(&check(&files, false).1).contains(&"warning draft-link".to_owned()));
    assert!(!TestSite::with(&files).get("/contact/").text().contains("/parking/"));
}

#[test]
fn a_page_that_is_still_to_be_written_is_told_once_at_its_mark() {
    let files = with_draft(|page| page.replace("draft = true\n", "").replacen("lead = \"", "lead = \"✎ ", 1));
    assert_eq!(told(&check(&files, false).1), ["warning draft"]);
}

#[test]
fn an_emptied_file_is_told_as_what_it_is() {
    for file in [NOTICES, "redirects.toml"] {
        for bytes in ["", "\n", "\r\n\r\n"] {
            let mut files = minimal();
            files.insert(file, bytes.into());
            mended(&files, "empty-file", "restore it from a copy; if nothing is to be in it, write a remark");
            assert!(check(&files, true).0.is_some(), "a warning");
        }
        let mut files = minimal();
        files.insert(file, b"# Nothing to say today.\n".to_vec());
        assert_eq!(check(&files, false).1.text(), "", "a remark says so");
    }
    for (file, help) in [
        ("clinic.toml", "the site can't be made without what was in it"),
        ("en/ui.toml", "the site can't be made without what was in it"),
        ("en/words.toml", "or delete the file: the site is made without it"),
        ("language_help.toml", "or delete the file: the site is made without it"),
        (CONTACT, "a page that is not needed any more is deleted with its file"),
    ] {
        let mut files = minimal();
        files.insert(file, Vec::new());
        told_once(&files, "missing-key", "there is nothing in this file", help);
    }
    for (bytes, what) in [
        ("{\\rtf1\\ansi kind = \"service\"}", "a document of a word processor (RTF)"),
        ("<!DOCTYPE html><html>kind = \"service\"</html>", "a web page"),
    ] {
        let mut files = minimal();
        files.insert(CONTACT, bytes.into());
        told_once(&files, "syntax", what, "save it again as plain text");
    }
}

/// The notices with another text, shown on other days.
fn notice(text: &str, days: &str) -> Files {
    let mut files = minimal();
    files.insert(NOTICES, format!("[[notices]]\nabout = \"information\"\ntext = \"{text}\"\n{days}").into_bytes());
    files
}

#[test]
fn a_date_that_falls_on_another_day_of_the_week_is_told_with_the_right_one() {
    let shown = "starts = 2026-11-20\nends = 2026-11-30\n";
    for (text, right) in [
        ("We are closed on Thursday, November 25.", "Wednesday"),
        ("We are closed on Thursday, November 25, 2027.", ""),
        ("Closed on Friday, Nov. 25th, too.", "Wednesday"),
        ("El jueves 25 de noviembre cerramos.", "miércoles"),
        ("El jueves, 25 de noviembre de 2026, cerramos.", "miércoles"),
        ("Closed on Thursday, November 26.", ""),
        ("Closed on Thursday and Friday, November 26 and 27.", ""),
        ("El jueves 26 de noviembre cerramos.", ""),
    ] {
        let files = notice(text, shown);
        if right.is_empty() {
            assert_eq!(check(&files, false).1.text(), "", "{text}");
        } else {
            mended(&files, "weekday", &format!("write `{right}`, or mend the date"));
        }
    }
    // Without a year nothing says which; of two, either is right.
    assert_eq!(check(&notice("Closed on Thursday, November 25.", ""), false).1.text(), "");
    let long = "starts = 2026-11-20\nends = 2027-11-30\n";
    assert_eq!(check(&notice("Closed on Thursday, November 25.", long), false).1.text(), "");
    // A day may be in the year before or behind those of the notice.
    for (text, days) in [
        ("We open again on Monday, January 4.", "starts = 2026-12-20\nends = 2026-12-31\n"),
        ("Closed on Friday, January 1.", "starts = 2026-12-28\n"),
        ("Closed since Thursday, December 31.", "ends = 2027-01-02\n"),
    ] {
        let report = check(&notice(text, days), false).1;
        assert_eq!(report.text(), "", "{text}");
    }
    mended(&with_copy("We opened on Monday, July 4, 2023."), "weekday", "write `Tuesday`");
    told_once(
        &with_copy("Come on Friday, February 30, 2026."),
        "weekday",
        "there is no such day",
        "the day that is meant",
    );
    assert_eq!(check(&with_copy("We meet on Monday, July 4."), false).1.text(), "");
}

#[test]
fn a_closure_without_an_end_is_told_once_its_day_is_over() {
    let closed = |text: &str, days: &str| {
        let mut files = notice(text, days);
        replace(&mut files, NOTICES, "\"information\"", "\"closure\"");
        files
    };
    let over = closed("We are closed on Friday, November 20.", "starts = 2026-11-16\n");
    told_once(&over, "ended-notice", "a day that is over (2026-11-20), and it has no end", "ends = 2026-11-20");
    for (text, days) in [
        ("We are closed on Friday, November 27.", "starts = 2026-11-16\n"),
        ("We are closed from Friday, November 20 to Monday, November 30.", "starts = 2026-11-16\n"),
        ("We are closed until we can open again.", "starts = 2026-11-16\n"),
        ("We are closed on Friday, November 20.", ""),
    ] {
        assert_eq!(check(&closed(text, days), false).1.text(), "", "{text}");
    }
}

#[test]
fn days_are_offered_as_they_were_meant() {
    for (written, line) in [
        ("starts = today", "starts = 2026-11-23"),
        ("starts = \"today\"", "starts = 2026-11-23"),
        ("starts = hoy", "starts = 2026-11-23"),
        ("starts = Tomorrow", "starts = 2026-11-24"),
        ("starts = ２０２６-11-23", "starts = 2026-11-23"),
    ] {
        let files = notice("We are closed.", &format!("{written}\nends = 2027-01-30\n"));
        mended(&files, "bad-date", line);
    }
    for joint in ["to", "through", "–"] {
        let range = format!("[[exceptions]]\non = 2026-12-24 {joint} 2026-12-26\nclosed = true\n");
        mended(&with_facts(&range), "bad-date", "from = 2026-12-24\nto = 2026-12-26");
    }
}

#[test]
fn a_reason_without_words_says_where_they_go() {
    let with_reason =
        |reason: &str| with_facts(&format!("[[exceptions]]\non = 2026-12-25\nclosed = true\nreason = \"{reason}\"\n"));
    let report = check(&with_reason("thanksgiving-weekend"), false).1;
    let help = &report.sorted()[0].help;
    assert!(help.contains("add a line thanksgiving-weekend = \"…\" with your words below [exceptions] in "), "{help}");
    assert!(help.ends_with("en/ui.toml"), "each file is named: {help}");
    // What is added has the name that the reason has then.
    let report = check(&with_reason("Thanksgiving weekend"), false).1;
    let help = &report.sorted()[0].help;
    assert!(help.contains("write reason = \"thanksgiving-weekend\", and add a line thanksgiving-weekend ="), "{help}");
    let mut files = with_reason("thanksgiving-weekend");
    replace(&mut files, "en/ui.toml", "[exceptions]\n", "[exceptions]\nthanksgiving-weekend = \"Thanksgiving\"\n");
    assert_eq!(check(&files, false).1.text(), "");
}

#[test]
fn lists_that_run_together_are_told() {
    for (copy, rule, help) in [
        ("- a card\no a list\n- a shoe", "shown-as-typed", "write `- a list`"),
        ("- a card\n  o a list\n- a shoe", "shown-as-typed", "write `- a list`"),
        ("- a card\n– a list\n- a shoe", "shown-as-typed", "write `- a list`"),
        ("- a card\n• a list\n- a shoe", "shown-as-typed", "write `- a list`"),
        ("- a card\n* a list\n- a shoe", "run-together", "write `- a list`"),
        ("- a card\n+ a list\n+ a shoe", "run-together", "write `- a list\n- a shoe`"),
        ("- a card\n-\n- a shoe", "run-together", "take it out"),
        ("1. a card\n2.\n3. a shoe", "run-together", "take it out"),
        ("Bring:\n- a card\n- a list\nCall us first.", "run-together", "write `\nCall`"),
        ("- a card\n- a list\n**Call us** when you can.", "run-together", "write `\n**Call`"),
        ("Bring: - a card - a list", "run-together", "write `\n- a card\n- a list`"),
        ("Bring: • a card • a list • a shoe", "run-together", "write `\n- a card\n- a list\n- a shoe`"),
        ("| Day | Open |\n|---|---|\n| Monday | |\n| | 5 to 2 |", "shown-as-typed", "write `- Monday\n- Open 5 to 2`"),
        (
            "Monday\t5 to 2\nTuesday\t\nFriday\t6 to 2",
            "shown-as-typed",
            "write `- Monday: 5 to 2\n- Tuesday\n- Friday: 6 to 2`",
        ),
        ("Monday\t5 to 2\n\t6 to 8", "shown-as-typed", "write `- Monday: 5 to 2\n- 6 to 8`"),
    ] {
        mended(&with_copy(copy), rule, help);
    }
    for right in [
        "- a card\n- a list\n\nCall us first.",
        "- a card\n- a list\n  Call us first.",
        "- una identificación\no un pasaporte\n- su tarjeta de Medicare",
        "- a card of your own, which has your name on it, and the day\nMedicare began. Keep it.",
        "- Call the\nSAMHSA line at any hour.",
        "- a card\n- a list\nof your medicines.",
        "- one\n\n* two",
        "- one\n  * two\n  * three\n- four",
        "1. one\n2. two\n\n- three",
        "Open: Monday - Friday",
        "Note: - 5 degrees",
        "- one\n\n  Two lines.\n- three",
        "- **one**\n- [two](/contact/)",
    ] {
        assert_eq!(check(&with_copy(right), false).1.text(), "", "{right}");
    }
}

#[test]
fn what_word_processors_and_phones_leave_is_told() {
    for (copy, rule, help) in [
        ("We are open.\u{2028}Call us.", "hidden-character", "write `open. Call`"),
        ("We are open.\u{2029}Call us.", "hidden-character", "write `open. Call`"),
        ("We are open.\u{85}Call us.", "malformed", "write a space in its place"),
        ("We are open.\\u000BCall us.", "malformed", "write a space in its place"),
        ("We are open.\u{b}Call us.", "syntax", "delete the spaces here"),
        ("We are open.\u{c}Call us.", "syntax", "delete the spaces here"),
        ("It´s your choice.", "garbled-text", "write `It’s`"),
        ("Nuestra clinica da informaci´on aquí.", "garbled-text", "write `información`"),
        ("[11/27/26, 9:14:02 AM] Maria: We close at noon.", "shown-as-typed", "take it out"),
        ("See [it](www.medicare.gov/coverage).", "unsafe-link", "write https://www.medicare.gov/coverage"),
        ("See www.a.example? [it](http://127.0.0.1:8080/contact/)", "unsafe-link", "write /contact/"),
    ] {
        let files = with_copy(copy);
        let report = check(&files, false).1;
        let found = report.sorted();
        let finding = found
            .iter()
            .find(|finding| finding.rule.name == rule)
            .unwrap_or_else(|| panic!("{copy}: {}", report.text()));
        assert!(finding.help.contains(help), "{copy}: {}", report.text());
        let after = check(&apply_help(&files, finding), false).1;
        assert!(after.sorted().len() < found.len(), "{copy}: {}", after.text());
    }
    let heading = with(CONTACT, "heading = \"Reach us\"", "heading = \"Reach\u{2028}us\"");
    mended(&heading, "hidden-character", "write `Reach us`");
    // The place is that of the address, not of the same words before it.
    let report = check(&with_copy("See a.example or [a.example](a.example)."), false).1;
    let [finding] = report.sorted()[..] else { panic!("{}", report.text()) };
    assert!(finding.source.text[..finding.span.start].ends_with("]("), "{}", report.text());
}

#[test]
fn quotes_that_are_none_are_told_with_those_that_are() {
    for quotes in ["“”", "«»", "``", "´´", "″″", "＂＂", "‹›"] {
        let mut quotes = quotes.chars();
        let (open, close) = (quotes.next().unwrap(), quotes.next().unwrap());
        let files = with(CONTACT, "title = \"Contact\"", &format!("title = {open}Contact{close}"));
        mended(&files, "syntax", "use straight quotes: write title = \"Contact\"");
    }
    let text = "text = \"\"\"\nCall us.\n\nThen come.\"\"\"";
    for (written, places) in [
        (text.replace("\"\"\"", "”””"), ", at 2 places"),
        (text.replace("\"\"\"", "’’’"), ", at 2 places"),
        (text.replacen("\"\"\"", "“””", 1), ""),
        (text.replace("come.\"\"\"", "come.”””"), ""),
        (text.replace("come.\"\"\"", "come.\"””"), ""),
    ] {
        let files = with(CONTACT, "text = \"Call us.\"", &written);
        mended(&files, "syntax", &format!("write three straight quotes instead: \"\"\"{places}"));
    }
    let lines = with(CONTACT, "text = \"Call us.\"", "text = \"Call us.\nThen come.\"");
    mended(&lines, "syntax", "write three quotes (\"\"\") at its beginning and at its end");
    let more = with(CONTACT, "text = \"Call us.\"", "text = \"\"\"\nCall us.\"\"\"\"\"\"");
    mended(&more, "syntax", "take these three quotes out");
    let none = with(CONTACT, "text = \"Call us.\"", "text =\nCall us.\n\nThen come.\"\"\"");
    told_once(&none, "syntax", "starts with three quotes", "write text = \"\"\"");
    let part = "text = \"\"\"\nCall us.\n[[sections]]\nThen come.\"\"\"";
    told_once(
        &with(CONTACT, "text = \"Call us.\"", part),
        "shown-as-typed",
        "goes on over the beginning of the next part",
        "three quotes",
    );
}

#[test]
fn lines_that_are_nearly_right_are_offered_right() {
    for (line, help) in [
        ("title \"Contact\"", "write title = \"Contact\""),
        ("title ＝ \"Contact\"", "write title = \"Contact\""),
        ("title： \"Contact\"", "write title = \"Contact\""),
    ] {
        mended(&with(CONTACT, "title = \"Contact\"", line), "syntax", help);
    }
    for (line, help) in [("😀title = \"Contact\"", "write title = …"), ("título = \"Contact\"", "write titulo = …")]
    {
        told_once(&with(CONTACT, "title = \"Contact\"", line), "syntax", "the name of a key is one word", help);
    }
    let hours = |value: &str| with_facts(&format!("[hours]\nvalue = {value}\n"));
    mended(
        &hours("[\n    { days = [monday, tuesday], opens = \"05:30\", closes = \"14:00\" },\n]"),
        "syntax",
        "write days = [\"monday\", \"tuesday\"]",
    );
    mended(
        &hours(
            "[\n    { days = [\"monday\"], opens = \"05:30\", closes = \"14:00\" }\n    { days = [\"friday\"], opens = \"05:30\", closes = \"14:00\" }\n]",
        ),
        "syntax",
        "put a comma (,) at the end of line",
    );
    let figure = "[figures.people]\nvalue = 1,600\n";
    let files = with_facts(figure);
    let report = check(&files, false).1;
    let found = report.sorted();
    let finding = found.iter().find(|finding| finding.severity == Severity::Error).unwrap();
    assert!(finding.help.contains("write value = \"1,600\""), "{}", report.text());
}

#[test]
fn another_version_of_a_page_is_told_as_a_copy_of_it() {
    let page = text_in(&minimal(), "en/pages/group-therapy.toml");
    for name in [
        "group-therapy_old",
        "group-therapy-old",
        "group-therapy.old",
        "group-therapy-v2",
        "group-therapy_v2",
        "group-therapy2",
        "group-therapy-2",
        "group-therapy-new",
        "group-therapy_backup",
        "group-therapy-copy",
        "group-therapy_2026-11-20",
        "group-therapy-20261120",
        "group-therapy FINAL",
        "group-therapy-viejo",
        "group-therapy_copia",
        "old-group-therapy",
        "Group-Therapy",
        "group-therapy-bak",
        "group-therapy.bak",
    ] {
        let mut files = minimal();
        let path = format!("en/pages/{name}.toml");
        files.insert(&path, page.clone().into_bytes());
        let (content, report) = check(&files, true);
        assert!(content.is_some(), "{name}: {}", report.text());
        let [finding] = report.sorted()[..] else { panic!("{name}: {}", report.text()) };
        assert!(finding.rule.name == "stray-file" && finding.source.path.ends_with(&path), "{}", report.text());
        assert!(
            finding.help.contains("compare it with ") && finding.help.contains("group-therapy.toml"),
            "{}",
            finding.help
        );
    }
    // With an address of its own it is a page of its own.
    for name in ["group-therapy-2", "group-therapy-new", "old-group-therapy"] {
        let mut files = minimal();
        let own =
            page.replace("slug = \"group-therapy\"", "slug = \"other\"").replacen("title = \"", "title = \"Other ", 1);
        files.insert(&format!("en/pages/{name}.toml"), own.into_bytes());
        let (content, report) = check(&files, true);
        assert!(content.is_some_and(|content| content.languages[0].pages.contains_key(name)), "{}", report.text());
    }
    for (name, original) in
        [("clinic_old.toml", "clinic.toml"), ("en/ui-v2.toml", "en/ui.toml"), ("redirects2.toml", "redirects.toml")]
    {
        let mut files = minimal();
        files.insert(name, b"x = 1\n".to_vec());
        told_once(&files, "stray-file", "this is a copy", &format!("{original}, take over"));
    }
}

#[test]
fn a_swapped_line_is_told_where_its_part_begins() {
    let part = "text = \"\"\"\nCall us.\n[[sections]]\n\nThen come.\"\"\"\nkind = \"prose\"\nid = \"cost\"\nheading = \"Cost\"\n";
    let steps = "[[sections]]\nkind = \"questions\"\nheading = \"Questions\"\n\n[[sections.items]]\nquestion = \"What then?\"\nanswer = ";
    let files = with_sections(&format!("{steps}{}", part.trim_start_matches("text = ")));
    let report = check(&files, false).1;
    let unknown = report.sorted().into_iter().find(|finding| finding.rule.name == "unknown-key").unwrap();
    assert_eq!(unknown.message, "there are no keys `kind`, `id` or `heading` here", "{}", report.text());
    assert_eq!(&unknown.source.text[unknown.span.clone()], "kind");
}
