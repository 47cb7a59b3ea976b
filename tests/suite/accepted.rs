//! What a published site has to have, and what somebody of the clinic may let it do without until a day.

use crate::content::{apply_help, minimal};
use crate::harness::{REQUIRED, TODAY, TestSite, accepting, check, check_on, noon, published_empty, replace, text_in};
use clinic_site::content::Files;
use clinic_site::content::agenda::Agenda;
use clinic_site::diagnostic::Report;
use jiff::ToSpan;
use jiff::civil::date;
use std::collections::BTreeSet;

/// The rules that are broken, each once.
fn rules(report: &Report) -> BTreeSet<&'static str> {
    report.sorted().iter().map(|finding| finding.rule.name).collect()
}

#[test]
fn a_site_with_everything_empty_is_refused_with_a_list_and_served_once_somebody_accepts_that() {
    let (content, report) = check(&published_empty(), true);
    assert!(content.is_none(), "{}", report.text());
    let errors: Vec<_> = report.sorted().into_iter().filter(|it| it.severity.word() == "error").collect();
    let of = |rule: &str, file: &str| {
        errors.iter().filter(|it| it.rule.name == rule && it.source.path.ends_with(file)).count()
    };
    assert_eq!(
        (of("unsupplied-text", "en/pages/notices.toml"), of("unsupplied-text", "es/pages/notices.toml")),
        (3, 3)
    );
    assert_eq!(of("unsupplied-text", "language_help.toml"), 1);
    let spanish = published_empty().paths().filter(|path| path.starts_with("es/pages/")).count();
    assert_eq!(of("unreviewed-translation", ".toml"), spanish, "each page that nobody has read");
    assert_eq!(errors.len(), 7 + spanish, "{}", report.text());
    for finding in &errors {
        assert!(finding.help.contains("accepted_by = \"their name\", until = 2027-02-21"), "{}", finding.help);
    }
    // A preview is as quiet as ever.
    let quiet = check(&published_empty(), false).1;
    assert!(errors.iter().all(|error| !rules(&quiet).contains(error.rule.name)), "{}", quiet.text());

    let until = date(2027, 3, 1);
    let files = accepting(published_empty(), &REQUIRED, until);
    let (content, report) = check(&files, true);
    let content = content.unwrap_or_else(|| panic!("{}", report.text()));
    let site = TestSite::build(&files, Some("https://clinic.example/"), TODAY);
    site.get("/es/").is(200);
    let agenda = Agenda::new(&content, &noon(TODAY), 1);
    let list = agenda.lists.iter().find(|list| list.key == "accepted").unwrap();
    let rows: BTreeSet<String> = list.rows.iter().map(|row| row.cells.join(" | ")).collect();
    assert_eq!(
        rows,
        REQUIRED.iter().map(|what| format!("{what} | The compliance officer | 2027-03-01 | in 98 days")).collect()
    );
    assert!(list.rows.iter().all(|row| !row.late) && content.unaccepted(until).is_empty());

    let after = until.tomorrow().unwrap();
    assert_eq!(content.unaccepted(after).len(), 5);
    let (content, report) = check_on(&files, true, after);
    assert!(
        content.is_none()
            && report
                .sorted()
                .iter()
                .any(|it| it.help.contains("was accepted until 2027-03-01 (The compliance officer)"))
    );
    let (content, report) = check_on(&files, false, after);
    let late = Agenda::new(&content.unwrap(), &noon(after), 1);
    let late = late.lists.into_iter().find(|list| list.key == "accepted").unwrap().rows;
    assert!(late.len() == 5 && late.iter().all(|row| row.late && row.cells[3] == "1 day ago"), "{late:?}");
    assert_eq!(report.sorted().iter().filter(|it| it.rule.name == "acceptance-over").count(), 5, "{}", report.text());
}

#[test]
fn one_that_is_accepted_lets_nothing_else_through() {
    for what in REQUIRED {
        let others: Vec<&str> = REQUIRED.into_iter().filter(|other| *other != what).collect();
        let (content, report) = check(&accepting(published_empty(), &others, date(2027, 3, 1)), true);
        assert!(content.is_none(), "{what}");
        let errors = report.sorted().into_iter().filter(|it| it.severity.word() == "error");
        assert!(errors.clone().count() > 0);
        errors.for_each(|it| assert!(it.help.contains(&format!("[accepted.{what}]")), "{}", report.text()));
    }
}

#[test]
fn a_text_whose_place_was_taken_away_is_missing_too() {
    let refused = |files: &Files, message: &str| {
        let (content, report) = check(files, true);
        assert!(content.is_none(), "{message}");
        let found = report.sorted();
        assert!(
            found.iter().all(|it| it.rule.name == "unsupplied-text") && report.text().contains(message),
            "{}",
            report.text()
        );
        found.len()
    };
    let mut files = minimal();
    replace(&mut files, "en/pages/notices.toml", "law = \"45 CFR 164.520\"", "law = \"45 CFR 1.1\"");
    assert_eq!(refused(&files, "no page has a place for the notice of privacy practices (45 CFR 164.520)"), 1);
    let mut files = minimal();
    files.remove("language_help.toml");
    assert_eq!(refused(&files, "no page has the notice of free language help"), 1);
    let mut files = minimal();
    replace(&mut files, "en/pages/notices.toml", "kind = \"language_help\"", "kind = \"prose\"\ntext = \"Ask us.\"");
    assert_eq!(refused(&files, "no page has the notice of free language help"), 1);
    let mut files = minimal();
    files.remove("en/pages/notices.toml");
    assert_eq!(refused(&files, "no page has a place for the nondiscrimination notice"), 4);
    let mut files = minimal();
    replace(&mut files, "en/pages/notices.toml", "slug = ", "draft = true\nslug = ");
    assert!(check(&files, true).0.is_none(), "a page that is held back shows nothing");
    // What could not be read may hold it.
    let mut files = minimal();
    replace(&mut files, "en/pages/notices.toml", "slug = ", "slog = ");
    assert!(!rules(&check(&files, true).1).contains("unsupplied-text"));
}

#[test]
fn other_official_texts_are_accepted_by_their_anchors() {
    let mut files = minimal();
    let text = text_in(&files, "en/pages/notices.toml");
    let more = "\n[[sections]]\nkind = \"official_text\"\nheading = \"Patient rights\"\nabout = \"Yours.\"\nlaw = \"9 CCR 10569\"\ntext = \"\"\n";
    files.insert("en/pages/notices.toml", (text + more).into_bytes());
    assert!(check(&files, true).0.is_none());
    let (content, report) = check(&accepting(files, &["patient-rights"], date(2027, 3, 1)), true);
    assert!(content.is_some() && report.text().is_empty(), "{}", report.text());
}

#[test]
fn mistakes_in_an_acceptance_are_told_with_the_line_to_write_instead() {
    let lines = |what: &str, by: &str, until: &str| {
        let mut files = minimal();
        replace(&mut files, "en/pages/notices.toml", "text = \"The clinic's notice on records.\"", "text = \"\"");
        let facts = format!("{}\n[accepted.{what}]\n{by}\nuntil = {until}\n", text_in(&files, "clinic.toml"));
        files.insert("clinic.toml", facts.into_bytes());
        files
    };
    let by = "accepted_by = \"The compliance officer\"";
    for (files, rule, help) in [
        (lines("record", by, "2027-03-01"), "acceptance", "did you mean records?"),
        (lines("records", by, "2027-06-01"), "acceptance", "write until = 2027-05-22"),
        (
            lines("records", by, "2026-11-22"),
            "acceptance-over",
            "write until = 2027-02-21 if The compliance officer accepts it again",
        ),
        (
            lines("records", by, "2026-12-07"),
            "acceptance-ends-soon",
            "write until = 2027-02-21 if The compliance officer",
        ),
        (lines("nondiscrimination", by, "2027-03-01"), "unused-acceptance", "delete [accepted.nondiscrimination]"),
        (lines("records", "accepted_bye = \"The compliance officer\"", "2027-03-01"), "unknown-key", "accepted_by"),
        (lines("records", by, "\"March 1, 2027\""), "bad-date", "until = 2027-03-01"),
    ] {
        let report = check(&files, false).1;
        let found = report.sorted();
        let [finding] = found.as_slice() else { panic!("{rule}: one finding:\n{}", report.text()) };
        assert!(finding.rule.name == rule && finding.help.contains(help), "{rule}:\n{}", report.text());
        let after = check(&apply_help(&files, finding), false).1;
        assert!(!finding.fix.is_empty() && after.text().is_empty(), "{help} was followed:\n{}", after.text());
    }
    let report = check(&lines("records", "", "2027-03-01"), false).1;
    assert!(report.has_errors() && report.text().contains("the key `accepted_by` is missing"), "{}", report.text());
    let report = check(&lines("records", "accepted_by = \"\"", "2027-03-01"), false).1;
    assert!(rules(&report).contains("empty-text"), "{}", report.text());
    // It holds to the end of its last day.
    for (until, published) in
        [(TODAY, true), (TODAY - 1.day(), false), (TODAY + 180.days(), true), (TODAY + 181.days(), false)]
    {
        assert_eq!(check(&lines("records", by, &until.to_string()), true).0.is_some(), published, "{until}");
    }
}
