//! What only the clinic can answer: visitors read the answer once it is there and while it holds, and whom to ask until then.

use crate::content::minimal;
use crate::harness::sample::sample;
use crate::harness::{TODAY, TestSite, check, check_on, edited, langs, language, replace, text_of};
use clinic_site::content::agenda::Agenda;
use clinic_site::content::{Files, calendar};
use jiff::ToSpan;
use jiff::civil::Date;

const FILE: &str = "en/answers.toml";

/// The questions that pages are written for.
const ASKED: [&str; 13] = [
    "callback_time",
    "dosing_hours",
    "fees",
    "first_visit_length",
    "guest_dosing",
    "identification",
    "interpreters",
    "medicines",
    "missed_doses",
    "rides",
    "take_homes",
    "visitors",
    "walk_ins",
];

/// The minimal content with a question, and its answer if it has one.
fn asked(copy: &str, answer: &str) -> Files {
    let mut files = minimal();
    let text = format!("[answers.walk_ins]\nquestion = \"May people walk in?\"\nask = \"Ask us first.\"\n{answer}\n");
    files.insert(FILE, text.into_bytes());
    replace(&mut files, "en/pages/contact.toml", "Call us.", copy);
    files
}

/// The rules that are broken, in order.
fn told(files: &Files, today: Date) -> Vec<&'static str> {
    check_on(files, false, today).1.sorted().iter().map(|finding| finding.rule.name).collect()
}

fn shown(files: &Files, today: Date) -> String {
    let page = TestSite::build(files, None, today).parsed("/contact/");
    text_of(&page.all(".contact-ways .flow")[0])
}

#[test]
fn the_answer_stands_in_its_place_and_whom_to_ask_until_there_is_one() {
    let (empty, given) = ("text = \"\"", "text = \"Yes, until 9 & no later.\"");
    for (copy, wanted) in [
        ("{answers.walk_ins}", "@"),
        ("No appointment? {answers.walk_ins} Then we talk.", "No appointment? @ Then we talk."),
        ("*Walk in:* {answers.walk_ins}\\n\\n- {answers.walk_ins}\\n- more", "Walk in: @ @ more"),
    ] {
        assert_eq!(shown(&asked(copy, empty), TODAY), wanted.replace('@', "Ask us first."), "{copy}");
        assert_eq!(shown(&asked(copy, given), TODAY), wanted.replace('@', "Yes, until 9 & no later."), "{copy}");
        assert!(told(&asked(copy, given), TODAY).is_empty() && told(&asked(copy, empty), TODAY).is_empty(), "{copy}");
    }
}

#[test]
fn an_answer_that_has_expired_is_asked_for_again() {
    let dated = |day: Date| asked("{answers.walk_ins}", &format!("text = \"Yes.\"\nexpires_on = {day}"));
    for (left, wanted, rules) in [
        (4, "Yes.", vec![]),
        (3, "Yes.", vec!["fact-expires-soon"]),
        (0, "Yes.", vec!["fact-expires-soon"]),
        (-1, "Ask us first.", vec!["expired-fact"]),
    ] {
        let files = dated(TODAY + left.days());
        assert_eq!((shown(&files, TODAY).as_str(), told(&files, TODAY)), (wanted, rules), "{left} days");
        let content = check(&files, false).0.unwrap();
        let lists = Agenda::new(&content, &crate::harness::noon(TODAY), 90).lists;
        let rows = |key: &str| lists.iter().find(|list| list.key == key).unwrap().rows.len();
        assert_eq!((rows("expiring_facts"), rows("answers")), (1, 0), "{left} days");
        assert!(
            !content.lasting(&crate::harness::noon(TODAY)).languages[0].answers.values().next().unwrap().is_given(),
            "on saved pages"
        );
        let end = calendar::midnight_after(TODAY + left.days());
        assert_eq!(content.next_end(&crate::harness::noon(TODAY)) == Some(end), left >= 0, "{left} days");
    }
    let never = asked("{answers.walk_ins}", "text = \"\"\nexpires_on = 2026-01-01");
    assert!(told(&never, TODAY).is_empty(), "nothing is shown that could expire");
    let future = asked("{answers.walk_ins}", "text = \"Yes.\"\nverified_on = 2026-12-24\nexpires_on = 2026-12-12");
    assert_eq!(told(&future, TODAY), ["future-day", "date-order"]);
}

#[test]
fn mistakes_are_told_where_they_are() {
    let text = "text = \"Yes.\"";
    assert_eq!(told(&asked("{answers.walk_inns}", text), TODAY), ["unknown-fact"]);
    let report = check(&asked("{answers.walk_inns} {answers.walk_ins}", text), false).1;
    assert!(report.text().contains("did you mean {answers.walk_ins}?"), "{}", report.text());
    let report = check(&asked("{answers.parking}", "text = \"\""), false).1;
    assert!(report.text().contains("add it to answers.toml of this language"), "{}", report.text());
    assert_eq!(told(&asked("Come.", text), TODAY), ["unused-figure"], "an answer that nobody reads");
    assert!(told(&asked("Come.", "text = \"\""), TODAY).is_empty());
    assert_eq!(told(&asked("{answers.walk_ins}", "text = \"Yes, **now**.\""), TODAY), ["plain-text"]);
    let long = format!("text = \"{}\"", "Yes. ".repeat(90));
    assert_eq!(told(&asked("{answers.walk_ins}", &long), TODAY), ["length"]);
    assert_eq!(told(&asked("{answers.walk_ins}", "txt = \"Yes.\""), TODAY), ["unknown-key"], "one mistake, told once");
    // Names that a mistake in the file has hidden are not missed.
    let mut files = asked("{answers.walk_ins}", text);
    replace(&mut files, FILE, "[answers.walk_ins]", "[answer.walk_ins]");
    assert_eq!(told(&files, TODAY), ["unknown-key"]);
}

#[test]
fn both_languages_of_a_site_have_the_answers() {
    let mut files = sample();
    let add = "\ntext = \"Sí, hasta las 9.\"";
    replace(&mut files, "es/answers.toml", "\ntext = \"\"", add);
    let (_, report) = check(&files, false);
    let half: Vec<_> = report.sorted().into_iter().filter(|finding| finding.rule.name == "half-answered").collect();
    assert!(half.len() == 1 && half[0].source.path.ends_with(FILE), "{}", report.text());
    let site = TestSite::with(&files);
    let text = |path: &str| text_of(&site.parsed(path).one("main"));
    assert!(
        text("/contact/").contains("Bring an ID if you have one.")
            && text("/contact/").contains("Before: Ask us whether")
    );
    assert!(
        text("/es/contacto/").contains("Traiga una identificación")
            && text("/es/contacto/").contains("Sí, hasta las 9.")
    );
}

#[test]
fn what_ships_asks_the_same_in_each_language_and_tells_nobody_to_call() {
    for lang in langs() {
        let answers = &language(lang).answers;
        for asked in ASKED {
            let answer = answers.iter().find(|(key, _)| key.as_str() == asked);
            assert!(answer.is_some_and(|(_, answer)| !answer.is_given()), "{asked} in {lang:?}");
        }
        for answer in answers.values() {
            let ask = answer.ask.as_str().to_lowercase();
            assert!(
                !ask.contains("call us") && !ask.contains("llám") && ask.ends_with('.'),
                "{ask}: there may be no phone"
            );
            assert!(answer.question.as_str().contains('?'), "{}", answer.question);
        }
    }
}

#[test]
fn what_a_file_or_a_page_has_lost_is_one_finding() {
    let told = |files: &Files, rule: &str| -> Vec<String> {
        let report = check(files, false).1;
        let found = report.sorted().into_iter().filter(|finding| finding.rule.name == rule);
        found.map(|finding| format!("{}: {}", finding.message, finding.help)).collect()
    };
    // The end of the answers, in one language.
    let cut = edited(|files| {
        let text = String::from_utf8(files.get("es/answers.toml").unwrap().to_vec()).unwrap();
        let end = text.find("[answers.fees]").unwrap();
        files.insert("es/answers.toml", text[..end].into());
    });
    let found = told(&cut, "unknown-fact");
    assert!(
        found.len() == 1 && found[0].contains("answers.fees, ") && found[0].contains("was something of"),
        "{found:?}"
    );
    // The parts of a page that others lead to; two that are missing are two mistakes.
    for (many, wanted) in [(3, 1), (2, 2)] {
        let files = edited(|files| {
            for id in ["withdrawal", "naloxone", "signs"].into_iter().take(many) {
                replace(files, "en/pages/get-help-now.toml", &format!("id = \"{id}\""), "id = \"\"");
                replace(files, "en/pages/get-help-now.toml", "id = \"\"\n", "");
            }
        });
        let found = told(&files, "dead-anchor");
        assert_eq!(found.len(), wanted, "{found:?}");
    }
}
