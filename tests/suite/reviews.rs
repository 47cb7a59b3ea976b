//! Who checked what, and when: a review holds for the words that were read, results of tests for the pages that were tested; no day on which
//! somebody did something is still to come, and nothing is put off for ever.

use crate::harness::{
    TODAY, TestSite, address, check, check_on, edited, es, language, published_empty, replace, reviewed, supplied,
    text_in, text_of,
};
use crate::test_results::RESULTS;
use clinic_site::content::agenda::Agenda;
use clinic_site::content::{Files, words_read};
use clinic_site::diagnostic::Report;
use clinic_site::lang::Lang;
use jiff::civil::date;
use std::collections::BTreeSet;

const PAGE: &str = "es/pages/contact.toml";

/// The findings of a rule: where, what, and how it is mended.
fn told(report: &Report, rule: &str) -> Vec<(String, String)> {
    let found = report.sorted().into_iter().filter(|finding| finding.rule.name == rule);
    found.map(|finding| (finding.message.clone(), finding.help.clone())).collect()
}

fn marked(files: &Files) -> bool {
    !TestSite::with(files).parsed(&address(es(), "contact")).all("main .translation").is_empty()
}

/// The shipped content with one of its pages as it is made here.
fn page(change: impl Fn(String) -> String) -> Files {
    edited(|files| files.insert(PAGE, change(text_in(files, PAGE)).into_bytes()))
}

fn agenda(files: &Files, key: &str) -> Vec<String> {
    let content = check(files, false).0.unwrap();
    let agenda = Agenda::new(&content, &crate::harness::noon(TODAY), 90);
    let rows = agenda.lists.into_iter().filter(|list| list.key == key).flat_map(|list| list.rows);
    rows.map(|row| row.cells.join(" | ")).collect()
}

/// The words of a page, written otherwise: nobody has to read them again.
fn written_otherwise(page: &str) -> String {
    let lead = page.lines().find(|line| line.starts_with("lead = \"")).unwrap();
    let words = lead.trim_start_matches("lead = \"").trim_end_matches('"');
    assert!(words.contains(' ') && !words.ends_with(','), "{lead}");
    let more = words.trim_end_matches('.').replacen(' ', ",\n", 1);
    page.replace(lead, &format!("lead = \"\"\"\n{more},\"\"\""))
}

#[test]
fn a_review_holds_while_the_words_are_those_that_were_read() {
    assert!(marked(&Files::embedded()));
    let read = page(|text| reviewed(&text));
    assert!(!marked(&read), "nobody is said to have read it");
    assert_eq!(told(&check(&read, false).1, "changed-since-review"), []);
    let commas = page(|text| written_otherwise(&reviewed(&text)));
    assert!(!marked(&commas), "a comma and another line take the review away");

    let changed = page(|text| reviewed(&text).replacen("lead = \"", "lead = \"Hoy: ", 1));
    assert!(marked(&changed), "other words are said to be read");
    let line = format!("reviewed_words = \"{}\"", words_read(&text_in(&changed, PAGE)).unwrap());
    let found = told(&check(&changed, false).1, "changed-since-review");
    let [(message, help)] = found.as_slice() else { panic!("{found:?}") };
    assert!(message.contains("clinic director") && message.contains("nobody has read it yet"), "{message}");
    assert!(help.ends_with(&line), "{help}");
    assert!(agenda(&changed, "outdated_reviews")[0].ends_with(&format!("{PAGE} | clinic director | {line}")));
    assert!(agenda(&changed, "translations").iter().any(|row| row.contains(PAGE) && row.ends_with("as it is now")));
    // What the help says makes it right.
    let again = page(|_| {
        let text = text_in(&changed, PAGE);
        let old = text.lines().find(|line| line.starts_with("reviewed_words")).unwrap().to_owned();
        text.replace(&old, &line)
    });
    assert!(!marked(&again));
    assert_eq!(agenda(&again, "outdated_reviews"), [""; 0]);
}

#[test]
fn a_review_without_words_is_none_and_stops_what_an_unread_translation_stops() {
    let files = page(|text| format!("reviewed_by = \"clinic director\"\n{text}"));
    assert!(marked(&files));
    let found = told(&check(&files, false).1, "changed-since-review");
    assert!(found[0].1.contains("add a line below it: reviewed_words = \""), "{found:?}");

    let good = supplied(published_empty());
    assert!(check(&good, true).0.is_some(), "{}", check(&good, true).1.text());
    let mut changed = good.clone();
    changed.insert(PAGE, text_in(&good, PAGE).replacen("lead = \"", "lead = \"Hoy: ", 1).into_bytes());
    let (content, report) = check(&changed, true);
    assert!(content.is_none());
    assert!(told(&report, "unreviewed-translation")[0].0.contains("as it is now"), "{}", report.text());
}

#[test]
fn a_clinician_is_named_for_the_words_that_they_have_read_alone() {
    let path = "en/pages/medicine.toml";
    let by = "clinically_reviewed_by = \"The director, MD\"\nclinically_reviewed_on = 2026-11-20\n";
    let with = |more: &str, before: &str| {
        edited(|files| {
            let words = words_read(&text_in(files, path)).unwrap();
            let more = more.replace("@@", &words);
            replace(files, path, "about_medicine = true\n", &format!("about_medicine = true\n{by}{more}"));
            let text = text_in(files, path).replacen("description = \"", &format!("description = \"{before}"), 1);
            files.insert(path, text.into_bytes());
        })
    };
    let foot = |files: &Files| text_of(&TestSite::with(files).parsed("/medicine/").one(".end"));
    let words = "clinically_reviewed_words = \"@@\"\n";
    assert!(foot(&with(words, "")).contains("The director, MD"));
    for files in [with("", ""), with(words, "Now: ")] {
        assert!(!foot(&files).contains("The director, MD"), "{}", foot(&files));
        let found = told(&check(&files, false).1, "changed-since-review");
        assert!(found[0].0.contains("does not name them") && found[0].1.contains("clinically_reviewed_words = \""));
    }
}

#[test]
fn every_day_on_which_somebody_did_something_may_not_be_still_to_come() {
    let page = "en/pages/contact.toml";
    let clinician = "clinically_reviewed_by = \"A doctor\"\nclinically_reviewed_on = 2026-11-01\nkind = ";
    // What makes each key stand in a file.
    let cases: [(&str, &str, &str, &str); 7] = [
        (page, "last_reviewed = 2026-11-28", "last_reviewed = @@", "last_reviewed"),
        (
            page,
            "kind = \"page\"\n",
            &clinician.replace("2026-11-01", "@@").replace("kind = ", "kind = \"page\"\n"),
            "clinically_reviewed_on",
        ),
        (
            "clinic.toml",
            "value = \"adults\"\nsource = \"clinic_page\"\nverified_on = 2026-11-23",
            "value = \"adults\"\nverified_on = @@",
            "verified_on",
        ),
        ("clinic.toml", "call = \"911\"", "call = \"911\"\nverified_on = @@", "verified_on"),
        ("clinic.toml", "[sources.calrx]\n", "[sources.calrx]\nverified_on = @@\n", "verified_on"),
        ("tests.toml", "tested_on = 2026-11-28", "tested_on = @@", "tested_on"),
        ("en/answers.toml", "[answers.walk_ins]\n", "[answers.walk_ins]\nverified_on = @@\n", "verified_on"),
    ];
    for (file, from, to, key) in cases {
        for (day, rule, error) in [
            ("2026-12-29", "future-day", false),
            ("2026-12-30", "far-future-day", true),
            ("2099-01-01", "far-future-day", true),
        ] {
            let files = edited(|files| {
                let text = text_in(files, file);
                assert!(text.contains(from), "{from:?} in {file}");
                files.insert(file, text.replacen(from, &to.replace("@@", day), 1).into_bytes());
            });
            let (_, report) = check_on(&files, true, date(2026, 11, 28));
            let found = told(&report, rule);
            let wanted = format!("`{key}` ({day}) is in the future");
            assert!(found.iter().any(|(message, _)| *message == wanted), "{file} {day}: {}", report.text());
            assert!(found.iter().all(|(_, help)| help.contains("2026-11-28 at the latest")), "{found:?}");
            let errors = report
                .sorted()
                .into_iter()
                .filter(|one| one.rule.name == rule && one.severity == clinic_site::diagnostic::Severity::Error);
            assert_eq!(errors.count() > 0, error, "{file} {day}");
        }
    }
}

/// The keys of days in the shapes: a new one of either kind has to be listed, and so to be thought about.
#[test]
fn every_key_of_a_day_is_one_of_what_was_done_or_of_what_is_to_come() {
    let done = ["clinically_reviewed_on", "last_reviewed", "tested_on", "verified_on"];
    let to_come = ["day", "expires_on", "from", "next_review", "on", "to", "until"];
    let schemas = std::fs::read_dir("content/.schema").unwrap();
    let mut found = BTreeSet::new();
    for file in schemas.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()) {
        gather(&serde_json::from_str(&file).unwrap(), &mut found);
    }
    let known: BTreeSet<String> = done.into_iter().chain(to_come).map(str::to_owned).collect();
    assert_eq!(found, known);
}

/// The names of the properties that are days.
fn gather(schema: &serde_json::Value, found: &mut BTreeSet<String>) {
    if let Some(object) = schema.as_object() {
        for (name, property) in object.get("properties").and_then(|it| it.as_object()).into_iter().flatten() {
            let text = property.to_string();
            if text.contains("#/definitions/Day\"") {
                found.insert(name.clone());
            }
        }
        object.values().for_each(|value| gather(value, found));
    } else if let Some(list) = schema.as_array() {
        for value in list {
            gather(value, found);
        }
    }
}

#[test]
fn what_is_to_be_looked_at_again_is_not_put_off_for_ever() {
    let files = |file: &str, from: &str, to: &str| {
        edited(|files| {
            let text = text_in(files, file);
            assert!(text.contains(from), "{from:?} in {file}");
            files.insert(file, text.replacen(from, to, 1).into_bytes());
        })
    };
    let days = |last: &str, next: &str| {
        files(
            "en/pages/contact.toml",
            "last_reviewed = 2026-11-28\nnext_review = 2027-05-23",
            &format!("last_reviewed = {last}\nnext_review = {next}"),
        )
    };
    let medicine =
        |next: &str| files("en/pages/medicine.toml", "next_review = 2027-05-23", &format!("next_review = {next}"));
    let figure = |more: &str| files("clinic.toml", "verified_on = 2026-11-27\nexpires_on = 2026-12-31", more);
    let answer = |next: &str| {
        files(
            "en/answers.toml",
            "text = \"\"",
            &format!("text = \"Yes.\"\nverified_on = 2026-11-01\nexpires_on = {next}"),
        )
    };
    for (files, latest) in [
        (days("2026-11-28", "2027-12-28"), None),
        (days("2026-11-28", "2027-12-29"), Some("next_review = 2027-12-28")),
        // A review that is still to come puts off nothing.
        (days("2027-11-28", "2028-12-28"), Some("next_review = 2027-12-28")),
        (medicine("2027-11-28"), None),
        (medicine("2027-11-29"), Some("next_review = 2027-11-28")),
        (figure("verified_on = 2026-11-27\nexpires_on = 2027-12-31"), None),
        (figure("verified_on = 2026-11-27\nexpires_on = 2028-03-01"), Some("expires_on = 2028-02-27")),
        (figure("expires_on = 2028-03-01"), Some("expires_on = 2028-02-28")),
        (figure("next = { value = \"$290\", from = 2027-01-01, expires_on = 2028-03-31 }"), None),
        (
            figure("next = { value = \"$290\", from = 2027-01-01, expires_on = 2028-04-02 }"),
            Some("expires_on = 2028-04-01"),
        ),
        (answer("2028-02-01"), None),
        (answer("2028-02-02"), Some("expires_on = 2028-02-01")),
    ] {
        let report = check_on(&files, true, date(2026, 11, 28)).1;
        let found = told(&report, "put-off");
        match latest {
            None => assert_eq!(found, [], "{}", report.text()),
            Some(latest) => {
                assert_eq!(found.len(), 1, "{latest}: {}", report.text());
                assert_eq!(found[0].1, format!("write {latest}, or an earlier day"));
                assert!(report.has_errors());
            }
        }
    }
}

#[test]
fn the_table_of_tests_says_when_pages_have_changed_since() {
    let words = &language(Lang::En).ui.tests.changed;
    let files = |tested: &str, change: &dyn Fn(&mut Files)| {
        let line = format!("tested_words = \"{tested}\"\n");
        edited(|files| {
            change(files);
            files.insert("tests.toml", RESULTS.replacen("[[checks]]", &format!("{line}\n[[checks]]"), 1).into_bytes());
        })
    };
    let now = check(&Files::embedded(), false).0.unwrap().words;
    let said = |files: &Files| {
        let told = text_of(&TestSite::with(files).parsed(&address(Lang::En, "accessibility")).one("caption"));
        assert_eq!(told.contains(words.as_str()), !agenda(files, "tests").is_empty());
        told.contains(words.as_str())
    };
    let es = |change: &'static dyn Fn(&str) -> String| {
        move |files: &mut Files| files.insert(PAGE, change(&text_in(files, PAGE)).into_bytes())
    };
    assert!(!said(&files(&now, &|_| {})), "nothing has changed");
    assert!(!said(&files(&now, &es(&|page| written_otherwise(page)))), "a comma is no change");
    assert!(
        !said(&files(&now, &es(&|page| page.replace("next_review = 2027-05", "next_review = 2027-04")))),
        "nor is a day"
    );
    assert!(said(&files(&now, &es(&|page| page.replacen("lead = \"", "lead = \"Hoy: ", 1)))));
    let draft = |files: &mut Files| {
        let path = "es/pages/families.toml";
        files.insert(path, format!("draft = true\n{}", text_in(files, path)).into_bytes());
    };
    assert!(said(&files(&now, &draft)), "a draft is no page that was tested");
    assert!(said(&files("0a1b2c3d", &|_| {})));
    assert!(said(&edited(|files| files.insert("tests.toml", RESULTS.as_bytes().to_vec()))), "it may be of any pages");
}

#[test]
fn a_word_that_a_language_lacks_is_shown_in_english_and_told() {
    let files = edited(|files| {
        replace(files, "clinic.toml", "value = [\"medicare\"]", "value = [\"medicare\", \"medicaid\", \"cash\"]");
        replace(
            files,
            "en/ui.toml",
            "medicare = \"Medicare\"",
            "medicare = \"Medicare\"\nmedicaid = \"Medicaid\"\ncash = \"Cash & cards\"",
        );
        replace(files, "es/ui.toml", "medicare = \"Medicare\"", "medicare = \"Medicare\"\nmedicaid = \"Medicaid\"");
        let text = text_in(files, "es/ui.toml");
        let at = text.find("[help_lines.samhsa]").unwrap();
        let end = at + text[at..].find("\n\n").unwrap();
        files.insert("es/ui.toml", (text[..at].to_owned() + &text[end..]).into_bytes());
    });
    let report = check(&files, false).1;
    let found = told(&report, "untranslated-word");
    assert_eq!(found.len(), 2, "{}", report.text());
    assert!(found[0].0.starts_with("`samhsa` of clinic.toml has no words in [help_lines]"), "{found:?}");
    assert!(
        found[1].0.starts_with("`cash` of clinic.toml has no words in [payers]")
            && found[1].1.starts_with("add cash = ")
    );
    assert!(!report.has_errors(), "{}", report.text());
    let site = TestSite::with(&files);
    let page = site.parsed(&address(es(), "contact"));
    assert!(page.html.html().contains("<bdi lang=\"en\">Cash &amp; cards</bdi>"), "{}", page.html.html());
    assert!(!page.html.html().contains("lang=\"en\">Medicaid"));
    let english: Vec<String> = page.all("bdi[lang=en]").iter().map(text_of).collect();
    let name = &language(Lang::En).ui.help_lines.iter().find(|(key, _)| key.as_str() == "samhsa").unwrap().1.name;
    assert!(english.contains(&name.to_string()), "{english:?}");
    assert!(site.parsed("/contact/").all("bdi").is_empty());
    assert!(agenda(&files, "translations").iter().any(|row| row.starts_with("[payers] cash | es/ui.toml |")));
    // Structured data has the words alone.
    assert!(
        page.html.html().contains("\"paymentAccepted\":\"Medicare, Medicaid, Cash & cards\""),
        "{}",
        page.html.html()
    );
}
