//! What only the clinic can answer: the letter to its director, and the places that stay empty without a trace until it is answered.

use crate::content::minimal;
use crate::harness::{
    TODAY, TestSite, address, check, edited, langs, replace, shipped, text_in, text_of, with_all_facts,
};
use crate::program::run;
use clinic_site::content::letter::Letter;
use clinic_site::content::{Files, words_read};
use serde_json::Value;

fn questions(files: &Files) -> Vec<(&'static str, String, String)> {
    let (content, report) = check(files, false);
    let letter = Letter::new(&content.unwrap_or_else(|| panic!("{}", report.text())), TODAY);
    let group = |group: clinic_site::content::letter::Group| {
        group.questions.into_iter().map(move |it| (group.title, it.question, it.place)).collect::<Vec<_>>()
    };
    letter.groups.into_iter().flat_map(group).collect()
}

#[test]
fn the_letter_asks_each_thing_that_is_not_known_once_with_the_place_of_its_answer() {
    let all = questions(&Files::embedded());
    let asks = |place: &str| all.iter().filter(|(_, _, at)| at == place).count();
    for key in shipped().languages[0].answers.keys() {
        let place = format!("en/answers.toml and es/answers.toml: `text` below [answers.{key}]");
        assert_eq!(asks(&place), 1, "{place}: {all:?}");
    }
    for fact in
        ["phone", "address", "hours", "license", "accreditor", "coordinator_1557", "coordinator_504", "complaint_lines"]
    {
        assert_eq!(asks(&format!("clinic.toml: [{fact}]")), 1, "{fact}: {all:?}");
    }
    assert_eq!(asks("clinic.toml: [payers]"), 0, "what is known is not asked");
    let texts = "en/pages/notices.toml and es/pages/notices.toml: `text` of that section";
    assert_eq!(asks(texts), 3, "{all:?}");
    assert_eq!(asks("language_help.toml: `text` of each language"), 1);
    let clinician =
        "en/pages/medicine.toml and es/pages/medicine.toml: `clinically_reviewed_by` and `clinically_reviewed_on`";
    assert_eq!((asks(clinician), asks("es/pages/: `reviewed_by` on each page")), (1, 1), "{all:?}");
    let made_up = all.iter().find(|(_, _, place)| place == "clinic.toml: [phone]").unwrap();
    assert!(made_up.1.ends_with("What is there now is made up."), "{made_up:?}");
}

#[test]
fn what_was_answered_is_asked_no_more() {
    let files = edited(|files| {
        for lang in ["en", "es"] {
            let file = format!("{lang}/answers.toml");
            let text = text_in(files, &file).replace("\ntext = \"\"", "\ntext = \"Yes.\"");
            files.insert(&file, text.into_bytes());
        }
    });
    let asked =
        |files: &Files| questions(files).iter().filter(|(title, ..)| title.contains("before they come")).count();
    assert_eq!((asked(&files), asked(&Files::embedded())), (0, shipped().languages[0].answers.len()));
    assert!(
        questions(&with_all_facts())
            .iter()
            .all(|(title, ..)| !title.starts_with("Facts") && !title.starts_with("Texts"))
    );
}

#[test]
fn the_command_prints_the_letter_after_its_tables_alone_and_for_programs() {
    let letter = run(&["report", "--format", "letter"]);
    assert_eq!(letter.code, Some(0), "{letter:?}");
    assert!(
        letter.stdout.starts_with("To the director of Sacramento Comprehensive Treatment Center\n"),
        "{}",
        letter.stdout
    );
    assert!(letter.stdout.lines().all(|line| line.chars().count() <= 80), "it fits a sheet: {}", letter.stdout);
    assert!(letter.stdout.contains("\n    (clinic.toml: [license])\n"), "{}", letter.stdout);
    assert!(run(&["report"]).stdout.ends_with(&letter.stdout));
    let json: Value = serde_json::from_str(&run(&["report", "--format", "json"]).stdout).unwrap();
    assert_eq!(json["letter"]["groups"][1]["title"], "Facts about the clinic");
    assert!(json["letter"]["groups"][0]["questions"][0]["place"].as_str().unwrap().contains("answers.toml"));
}

#[test]
fn who_oversees_the_clinic_stands_on_the_legal_notices_once_it_is_known() {
    for lang in langs() {
        let path = address(lang, "notices");
        let full = TestSite::complete().parsed(&path);
        let text = text_of(&full.one("main"));
        for known in [
            "34-00",
            "A commission",
            "The compliance officer, 916-444-2368, rights@clinic.org",
            "The access coordinator",
            "The state; The commission, 916-444-2368",
        ] {
            assert!(text.contains(known), "{known}: {text}");
        }
        assert_eq!(full.all("main a[href='mailto:rights@clinic.org']").len(), 1, "{path}");
        for (site, page) in [("preview", TestSite::shipped()), ("bare", TestSite::bare())]
            .map(|(name, site)| (name, site.parsed(&path)))
        {
            let ids = ["who-oversees-us", "quien-supervisa"];
            assert!(
                ids.iter().all(|id| page.all(&format!("[id={id:?}], [aria-labelledby={id:?}]")).is_empty()),
                "{site}: {path}"
            );
        }
    }
}

#[test]
fn numbers_and_addresses_of_coordinators_that_are_made_up_are_told() {
    let mut files = minimal();
    let facts = "[coordinator_1557]\nvalue = { name = \"A\", phone = \"916-555-0123\", mail = \"a@clinic.example\" }\n\n\
                 [complaint_lines]\nvalue = [{ name = \"B\", phone = \"916-555-0124\" }]\n\n[[help_lines]]";
    replace(&mut files, "clinic.toml", "[[help_lines]]", facts);
    let (_, report) = check(&files, false);
    let told: Vec<_> = report.sorted().iter().map(|finding| finding.rule.name).collect();
    assert_eq!(told, ["sample-fact"; 3], "{}", report.text());
    replace(&mut files, "clinic.toml", "a@clinic.example", "a at clinic");
    assert!(check(&files, false).1.text().contains("`mail` must be a mail address"));
}

#[test]
fn every_page_links_to_the_notice_of_privacy_practices_by_its_name() {
    for (state, site) in TestSite::states() {
        for page in site.documents() {
            let to = format!("{}#", address(page.lang(), "notices"));
            let links = page.all(&format!("footer .about a[href^={to:?}]"));
            assert_eq!(links.len(), 1, "{state}: {}", page.path);
            let (path, anchor) = links[0].attr("href").unwrap().split_once('#').unwrap();
            let heading = site.parsed(path);
            assert_eq!(
                text_of(&links[0]),
                text_of(&heading.one(&format!("h2[id={anchor:?}]"))),
                "{state}: {}",
                page.path
            );
        }
    }
}

#[test]
fn the_clinician_who_has_read_a_page_is_named_at_its_foot() {
    let line = "about_medicine = true\n";
    let with = |more: &str| edited(|files| replace(files, "en/pages/medicine.toml", line, &format!("{line}{more}")));
    let foot = |files: &Files| text_of(&TestSite::with(files).parsed("/medicine/").one(".end"));
    let read = words_read(&text_in(&Files::embedded(), "en/pages/medicine.toml")).unwrap();
    let files = with(&format!(
        "clinically_reviewed_by = \"The director, MD\"\nclinically_reviewed_on = 2026-11-20\nclinically_reviewed_words = \"{read}\"\n"
    ));
    let words = shipped().languages[0].ui.layout.clinically_reviewed.as_str();
    assert!(foot(&files).contains(&format!("{words} The director, MD, November 20, 2026.")), "{}", foot(&files));
    assert!(!foot(&Files::embedded()).contains(words));
    let told = |files: &Files| check(files, false).1.text();
    assert_eq!(told(&files), told(&Files::embedded()), "the Spanish page is not behind because of it");
    assert!(questions(&files).iter().any(|(_, _, place)| place.starts_with("es/pages/medicine.toml: `clinically")));
    assert!(
        told(&with("clinically_reviewed_by = \"The director, MD\"\n"))
            .contains("the key `clinically_reviewed_on` is missing")
    );
    assert!(
        told(&with("clinically_reviewed_on = 2026-11-20\n")).contains("the key `clinically_reviewed_by` is missing")
    );
    let future = with("clinically_reviewed_by = \"The director, MD\"\nclinically_reviewed_on = 2027-11-20\n");
    assert!(told(&future).contains("[far-future-day]"));
}
