//! Pocket cards: what is cut out and carried says the clinic's own numbers, and leaves nothing open where there is none.

use crate::harness::{Page, TestSite, address, clinic_name, es, langs, language, text_of, with_all_facts};
use clinic_site::content::Files;
use clinic_site::content::model::{PocketCard, Section};
use clinic_site::lang::Lang;
use scraper::{ElementRef, Selector};

/// The cards of the page in a language.
fn cards(lang: Lang) -> Vec<&'static PocketCard> {
    let sections = language(lang).pages["pocket-cards"].sections.iter();
    let cards = sections.filter_map(|section| if let Section::PocketCard(card) = section { Some(card) } else { None });
    cards.collect()
}

/// The card of a section, on the page that shows it.
#[track_caller]
fn shown<'a>(page: &'a Page, card: &PocketCard) -> ElementRef<'a> {
    let id = card.id.as_ref().unwrap();
    let section = page.one(&format!("section.pocket[aria-labelledby={:?}]", id.as_str()));
    let heading = Selector::parse("h2").unwrap();
    assert_eq!(section.select(&heading).map(|found| text_of(&found)).collect::<Vec<_>>(), [card.heading.to_string()]);
    section.select(&Selector::parse(".card").unwrap()).next().unwrap()
}

fn inside<'a>(element: &ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    element.select(&Selector::parse(selector).unwrap()).collect()
}

/// The numbers of `clinic.toml` that a card shows: the clinic's own, then the help lines. As they are written there.
fn numbers(files: &Files) -> Vec<String> {
    let clinic = String::from_utf8(files.get("clinic.toml").unwrap().to_vec()).unwrap();
    let clinic: toml::Table = toml::from_str(&clinic).unwrap();
    let own = clinic.get("phone").map(|phone| phone["value"].as_str().unwrap().to_owned());
    let lines = clinic["help_lines"].as_array().unwrap().iter().map(|line| line["call"].as_str().unwrap().to_owned());
    own.into_iter().chain(lines).collect()
}

/// Asserts that the cards of a site show these numbers, in this order, each with a name.
#[track_caller]
fn show(site: &TestSite, wanted: &[String]) {
    for lang in langs() {
        let page = site.parsed(&address(lang, "pocket-cards"));
        let mut with_numbers = 0;
        for card in cards(lang) {
            let card_shown = shown(&page, card);
            let list = inside(&card_shown, "ul.numbers");
            if card.numbers != Some(true) {
                assert!(list.is_empty(), "{}: numbers that nobody asked for", page.path);
                continue;
            }
            with_numbers += 1;
            let items = inside(&card_shown, "ul.numbers > li");
            assert_eq!(items.len(), wanted.len(), "{}: one number a line", page.path);
            for (item, wanted) in items.iter().zip(wanted) {
                let [link] = inside(item, "a.tel")[..] else { panic!("{}: {}", page.path, item.html()) };
                let digits = |text: &str| {
                    let all: String = text.chars().filter(char::is_ascii_digit).collect();
                    all.strip_prefix('1').map(str::to_owned).unwrap_or(all)
                };
                let called = link.attr("href").unwrap().strip_prefix("tel:").unwrap();
                assert_eq!(digits(called), digits(wanted), "{}: what is called", page.path);
                assert_eq!(called.starts_with("+1"), wanted.len() > 3, "{}: {called}", page.path);
                let number = inside(&link, "b.num");
                assert_eq!(digits(&text_of(&number[0])), digits(wanted), "{}: what is shown", page.path);
                let said = text_of(&link);
                let name: Vec<&str> = said.split(text_of(&number[0]).as_str()).map(str::trim).collect();
                assert!(name.len() == 2 && name[0].is_empty(), "{}: the number is not told once: {said}", page.path);
                assert!(name[1].len() > 2, "{}: {wanted} has no name", page.path);
            }
        }
        assert_eq!(with_numbers, 1, "{}", page.path);
    }
}

#[test]
fn the_numbers_on_a_card_are_those_of_clinic_toml() {
    let files = with_all_facts();
    let wanted = numbers(&files);
    assert!(wanted[0] == "916-444-2368" && wanted.contains(&"911".to_owned()) && wanted.len() > 4, "{wanted:?}");
    show(TestSite::complete(), &wanted);
    let mut marked = 0;
    for lang in langs() {
        let page = TestSite::shipped().parsed(&address(lang, "pocket-cards"));
        let samples = page.all(".pocket .numbers li:first-child .sample");
        marked += samples.iter().filter(|mark| text_of(mark) == language(lang).ui.preview.sample.as_str()).count();
    }
    show(TestSite::shipped(), &numbers(&Files::embedded()));
    assert_eq!(marked, langs().len(), "a made-up number is marked as one on paper too");
}

#[test]
fn without_a_number_of_the_clinic_a_card_has_no_gap() {
    for site in [TestSite::published(), TestSite::bare()] {
        let lines = numbers(&Files::embedded());
        show(site, &lines[1..]);
        for lang in langs() {
            let page = site.parsed(&address(lang, "pocket-cards"));
            for card in cards(lang) {
                let empty = inside(&shown(&page, card), ":empty");
                assert!(empty.is_empty(), "{}: {}", page.path, empty[0].html());
            }
        }
    }
}

#[test]
fn a_checklist_has_boxes_and_no_other_card_has_them() {
    for lang in langs() {
        let page = TestSite::shipped().parsed(&address(lang, "pocket-cards"));
        let cards = cards(lang);
        assert_eq!(page.all("section.pocket").len(), cards.len(), "{}", page.path);
        let checklists = cards.iter().filter(|card| card.checklist == Some(true)).count();
        assert!(checklists > 0 && checklists < cards.len(), "{lang:?}: one of each");
        for card in cards {
            let card_shown = shown(&page, card);
            let is_checklist = card_shown.value().classes().any(|class| class == "checklist");
            assert_eq!(is_checklist, card.checklist == Some(true), "{}: {}", page.path, card.heading);
            // The style sheet puts the boxes before the items of lists without numbers.
            assert!(!is_checklist || inside(&card_shown, ".flow ul > li").len() > 3, "{}: nothing to tick", page.path);
        }
    }
}

#[test]
fn a_card_names_the_clinic_and_nobody_else() {
    for (state, site) in TestSite::states() {
        for lang in langs() {
            let page = site.parsed(&address(lang, "pocket-cards"));
            for name in page.all(".pocket .card > .name") {
                assert_eq!(text_of(&name), clinic_name(), "{state}: {}", page.path);
            }
            assert_eq!(page.all(".pocket .card > .name").len(), cards(lang).len(), "{state}: {}", page.path);
        }
    }
}

#[test]
fn the_help_card_holds_the_steps_of_the_page_for_emergencies_in_their_order() {
    for (lang, words) in [
        (Lang::En, ["wake", "911", "naloxone", "breathe", "second dose", "side", "Stay"]),
        (es(), ["despertar", "911", "naloxona", "respirar", "segunda dosis", "lado", "Quédese"]),
    ] {
        let page = TestSite::shipped().parsed(&address(lang, "pocket-cards"));
        let card = cards(lang).into_iter().find(|card| card.numbers == Some(true)).unwrap();
        let steps: Vec<String> = inside(&shown(&page, card), ".flow ol > li").iter().map(text_of).collect();
        assert_eq!(steps.len(), words.len(), "{}: {steps:?}", page.path);
        for (step, word) in steps.iter().zip(words) {
            assert!(step.contains(word), "{}: {word:?} is not in {step:?}", page.path);
        }
        let help = text_of(&TestSite::shipped().parsed(&address(lang, "get-help-now")).one("main")).to_lowercase();
        for word in words {
            assert!(help.contains(&word.to_lowercase()), "{}: {word:?}", address(lang, "get-help-now"));
        }
    }
}
