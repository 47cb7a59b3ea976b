//! How hard the pages are to read: measured, told with the place of the hardest sentences, and not too hard in what is shipped.

use crate::harness::{check, lang_of, langs, language, text_in};
use crate::program::{folder, run};
use clinic_site::content::{Files, reading};
use serde_json::Value;

#[test]
fn every_shipped_page_can_be_read_after_seven_years_of_school() {
    let files = Files::embedded();
    let content = check(&files, false).0.unwrap();
    let pages = reading::measure(&files, &content);
    assert_eq!(pages.len(), content.languages.iter().map(|language| language.pages.len()).sum::<usize>());
    for lang in langs() {
        let own = pages.iter().filter(|page| lang_of(&page.address) == lang).count();
        assert_eq!(own, language(lang).pages.len(), "{lang:?}");
    }
    let hard: Vec<_> =
        pages.iter().filter(|page| page.score.is_hard()).map(|page| (&page.address, page.score)).collect();
    assert!(hard.is_empty(), "{hard:?}");
}

#[test]
fn the_hardest_sentences_stand_where_they_are_said_to() {
    let files = Files::embedded();
    let content = check(&files, false).0.unwrap();
    for page in reading::measure(&files, &content) {
        for sentence in &page.hardest {
            let path = sentence.path.strip_prefix("content/").unwrap();
            let text = String::from_utf8(files.get(path).unwrap().to_vec()).unwrap();
            let line = text.lines().nth(sentence.line - 1).unwrap();
            let first = sentence.text.split_whitespace().next().unwrap().trim_matches(|c: char| !c.is_alphanumeric());
            assert!(line.contains(first.split('’').next().unwrap()), "{}:{}: {line:?}", sentence.path, sentence.line);
        }
    }
}

#[test]
fn the_report_is_for_people_and_for_programs() {
    let text = run(&["check", "--reading"]);
    assert_eq!(text.code, Some(0), "{text:?}");
    let page = text_in(&Files::embedded(), "en/pages/group-therapy.toml");
    let heading = page.lines().find_map(|line| line.strip_prefix("heading = ")).unwrap().trim_matches('"');
    for part in ["/group-therapy/: grade ", heading, "The hardest sentences:", "Flesch-Kincaid"] {
        assert!(text.stdout.contains(part), "{part}\n{}", text.stdout);
    }
    let json: Value = serde_json::from_str(&run(&["check", "--reading", "--format", "json"]).stdout).unwrap();
    let page = json["reading"].as_array().unwrap().iter().find(|page| page["address"] == "/medicine/").unwrap();
    assert!(page["score"].as_f64().unwrap() > 0.0 && page["measure"] == "grade", "{page}");
    assert!(page["hardest"].as_array().unwrap().len() == 3 && page["hardest"][0]["line"].is_u64(), "{page}");
    assert!(page["sections"].as_array().unwrap().len() > 2, "{page}");
    let plain: Value = serde_json::from_str(&run(&["check", "--format", "json"]).stdout).unwrap();
    assert!(plain.get("reading").is_none(), "only with --reading");
}

#[test]
fn spanish_is_measured_by_its_own_formula() {
    let mut files = crate::translations::in_two_languages();
    crate::harness::replace(&mut files, "es/pages/contact.toml", "Call us.", "Llame hoy. Le ayudamos día y noche.");
    let folder = folder(&files);
    let ran = run(&["check", "--reading", "--content", folder.path().to_str().unwrap()]);
    assert!(ran.stdout.contains("/es/contact/: ease "), "{}", ran.stdout);
}
