//! The languages of the site: the same pages in each, tied to each other, and each in its own words.

use crate::harness::{Page, TestSite, address, around, booklet_of, error_path, es, langs, language, text_of};
use clinic_site::content::Files;
use clinic_site::content::calendar::default_zone;
use clinic_site::content::leaf::Day;
use clinic_site::content::model::{self, PageKind, Section};
use clinic_site::lang::Lang;
use clinic_site::site::ErrorKind;
use scraper::ElementRef;
use std::collections::BTreeSet;
use std::mem::discriminant;

/// Each page and the booklet, with its path in a language.
fn places(lang: Lang) -> Vec<(String, String)> {
    let pages = language(lang).pages.keys().map(|key| (key.clone(), address(lang, key)));
    pages.chain([("the booklet".to_owned(), booklet_of(lang).to_owned())]).collect()
}

fn other(lang: Lang) -> Lang {
    if lang == Lang::En { es() } else { Lang::En }
}

#[test]
fn every_language_has_the_same_pages_with_the_same_parts_in_the_same_order() {
    let english = language(Lang::En);
    for lang in langs() {
        let keys = |lang| language(lang).pages.keys().collect::<Vec<_>>();
        assert_eq!(keys(lang), keys(Lang::En), "{lang:?}");
        for (key, page) in &language(lang).pages {
            let original = &english.pages[key];
            assert_eq!(frame(page), frame(original), "{lang:?}: {key}");
            let parts: Vec<_> = page.sections.iter().map(discriminant).collect();
            assert_eq!(parts, original.sections.iter().map(discriminant).collect::<Vec<_>>(), "{lang:?}: {key}");
            for (part, original) in page.sections.iter().zip(&original.sections) {
                assert_eq!(inside(part), inside(original), "{lang:?}: {key}: {:?}", part.anchor());
            }
        }
        let icons = |lang| {
            let all = language(lang).objectives.objectives.iter();
            all.map(|objective| objective.icon.as_ref().map(ToString::to_string)).collect::<Vec<_>>()
        };
        assert_eq!(icons(lang), icons(Lang::En), "the objectives of {lang:?}, in their order");
    }
}

/// What a page is, where it stands and what it rests on.
fn frame(page: &model::Page) -> (PageKind, Option<(String, u16, bool)>, Vec<String>) {
    let place =
        page.navigation.as_ref().map(|place| (place.group.to_string(), place.order, place.header == Some(true)));
    let named = page.parent.iter().chain(page.sources.iter().flatten()).map(ToString::to_string);
    (page.kind, place, named.collect())
}

/// What a part of a page holds that is the same in every language: how many items, which icons, what is switched on.
fn inside(section: &Section) -> (usize, Vec<String>) {
    match section {
        Section::Steps(items) => (items.items.len(), Vec::new()),
        Section::Questions(questions) => (questions.items.len(), Vec::new()),
        Section::KeyFacts(facts) => (facts.items.len(), Vec::new()),
        Section::Cards(cards) => {
            let icons = cards.items.iter().map(|card| card.icon.as_ref().map(ToString::to_string).unwrap_or_default());
            (cards.items.len(), icons.collect())
        }
        Section::Table(table) => (table.rows.len(), vec![table.columns.len().to_string()]),
        Section::People(people) => {
            let names =
                people.items.iter().map(|one| format!("{} {:?}", one.name, one.expires_on.as_ref().map(Day::as_str)));
            (people.items.len(), names.collect())
        }
        Section::Events(events) => {
            let times = events
                .all()
                .map(|event| format!("{} {}", event.begins(&default_zone()), event.is_over(&default_zone())));
            (events.all().count(), times.collect())
        }
        Section::UrgentCare(card) => (1, vec![format!("{:?}", card.level)]),
        Section::OfficialText(official) => (1, vec![official.law.to_string()]),
        Section::Picture(section) => (1, vec![format!("{} {:?}", section.picture.file, section.picture.decorative)]),
        Section::Files(list) => (list.items.len(), list.items.iter().map(|item| item.file.to_string()).collect()),
        Section::PocketCard(card) => (1, vec![format!("{:?} {:?}", card.checklist, card.numbers)]),
        _ => (1, Vec::new()),
    }
}

#[test]
fn each_page_links_to_itself_in_the_other_language_in_its_header_and_at_its_foot() {
    let site = TestSite::published();
    for lang in langs() {
        let there = places(other(lang));
        for ((key, path), (_, to)) in places(lang).iter().zip(&there) {
            let page = site.parsed(path);
            for part in ["header .header-links", "footer .about"] {
                let link = page.one(&format!("{part} a[lang={}]", other(lang).tag()));
                assert_eq!(link.attr("href"), Some(to.as_str()), "{part} of {path} ({key})");
                assert_eq!(link.attr("hreflang"), Some(other(lang).tag()), "{part} of {path}");
                assert_eq!(text_of(&link), language(other(lang)).name, "{part} of {path}");
            }
        }
    }
}

#[test]
fn the_head_of_each_page_names_it_in_every_language_and_english_for_all_others() {
    for (state, site) in TestSite::states() {
        for lang in langs() {
            for (key, path) in places(lang) {
                let page = site.parsed(&path);
                let named = page.all("link[rel=alternate]").into_iter();
                let named: BTreeSet<_> =
                    named.map(|link| (link.attr("hreflang").unwrap(), link.attr("href").unwrap())).collect();
                let at = |lang: Lang| {
                    let places = places(lang);
                    let (_, path) = places.iter().find(|(other, _)| *other == key).unwrap();
                    format!("https://clinic.example{path}")
                };
                let (english, spanish) = (at(Lang::En), at(es()));
                let wanted = BTreeSet::from([("en", english.as_str()), ("es", &spanish), ("x-default", &english)]);
                assert_eq!(named, wanted, "{state}: {path}");
                let own = page.one("link[rel=canonical]").attr("href").unwrap();
                assert!(named.contains(&(lang.tag(), own)), "{state}: {path} names itself");
            }
        }
    }
}

#[test]
fn error_pages_speak_the_language_of_the_path() {
    let site = TestSite::published();
    for lang in langs() {
        let errors = &language(lang).ui.errors;
        for (kind, words) in ErrorKind::ALL.into_iter().zip([
            &errors.bad_request,
            &errors.forbidden,
            &errors.not_found,
            &errors.method_not_allowed,
            &errors.too_large,
            &errors.unsupported_media_type,
            &errors.too_many,
            &errors.internal,
            &errors.unavailable,
        ]) {
            let documents = site.documents();
            let path = error_path(lang, kind);
            let page = documents.iter().find(|page| page.path == path).unwrap();
            assert_eq!(text_of(&page.one("h1")), words.title.as_str(), "{path}");
            let help = &language(lang).ui.help_lines;
            let shown = text_of(&page.one("footer .help"));
            assert!(help.values().all(|line| shown.contains(line.note.as_str())), "{path}: {shown}");
        }
        let path = format!("{}nada/", lang.root());
        let page = site.get(&path).is(404).has("content-language", lang.tag()).page();
        assert_eq!((page.lang(), text_of(&page.one("h1"))), (lang, errors.not_found.title.to_string()), "{path}");
    }
}

/// The text of an element without what is marked as being in another language.
fn own_words(element: &ElementRef<'_>, words: &mut String) {
    for child in element.children() {
        if let Some(text) = child.value().as_text() {
            words.push_str(text);
        } else if let Some(child) = ElementRef::wrap(child)
            && child.value().attr("lang").is_none()
        {
            own_words(&child, words);
        }
    }
}

/// Every text of three words or more in the `ui.toml` of a language, without those with facts or links in them.
fn small_words(lang: Lang) -> BTreeSet<String> {
    fn collect(value: &toml::Value, into: &mut BTreeSet<String>) {
        match value {
            toml::Value::Table(table) => table.values().for_each(|value| collect(value, into)),
            toml::Value::String(text) => drop(into.insert(text.clone())),
            _ => {}
        }
    }
    let mut all = BTreeSet::new();
    let files = Files::embedded();
    let text = String::from_utf8(files.get(&format!("{}/ui.toml", lang.tag())).unwrap().to_vec()).unwrap();
    toml::from_str::<toml::Table>(&text).unwrap().values().for_each(|value| collect(value, &mut all));
    all.retain(|text| text.split(' ').count() > 2 && !text.contains(['{', '[', '\n', '\'', '"']));
    all
}

#[test]
fn no_document_mixes_the_words_of_two_languages() {
    for lang in langs() {
        let (own, mut foreign) = (small_words(lang), small_words(other(lang)));
        // The way to the English page is for those who read English.
        let shared: Vec<_> = own.intersection(&foreign).cloned().collect();
        assert_eq!(shared, [language(lang).ui.translation.original.to_string()], "the same words in both languages");
        foreign.retain(|words| !own.contains(words));
        assert!(own.len() > 30 && foreign.len() > 30, "{own:?}");
        for (state, site) in TestSite::states() {
            for page in site.documents().iter().filter(|page| page.lang() == lang) {
                let mut text = String::new();
                own_words(&page.one("html"), &mut text);
                let stranger = foreign.iter().find(|words| text.contains(words.as_str()));
                assert!(stranger.is_none(), "{state}: {}: {:?}", page.path, around(&text, stranger.unwrap()));
                let used = own.iter().filter(|words| text.contains(words.as_str())).count();
                assert!(used >= 4, "{state}: {}: {used} small words of its language", page.path);
            }
        }
    }
}

/// The titles in a list of sources, with the language they are marked to be in.
fn titles(page: &Page) -> Vec<(String, Option<String>)> {
    let all = page.all(".sources li > :first-child");
    all.iter().map(|title| (text_of(title), title.attr("lang").map(str::to_owned))).collect()
}

#[test]
fn titles_of_sources_stay_as_their_publishers_have_them_and_spanish_pages_say_so() {
    for key in language(Lang::En).pages.keys() {
        let on = |lang| titles(&TestSite::shipped().parsed(&address(lang, key)));
        let (english, spanish) = (on(Lang::En), on(es()));
        assert!(english.iter().all(|(_, lang)| lang.is_none()), "{key}: {english:?}");
        assert!(spanish.iter().all(|(_, lang)| lang.as_deref() == Some("en")), "{key}: {spanish:?}");
        let only =
            |titles: &[(String, Option<String>)]| titles.iter().map(|(title, _)| title.clone()).collect::<Vec<_>>();
        assert_eq!(only(&english), only(&spanish), "{key}");
    }
    let booklet = titles(&TestSite::shipped().parsed("/es/imprimir/"));
    assert!(booklet.len() > 10 && booklet.iter().all(|(_, lang)| lang.as_deref() == Some("en")), "{booklet:?}");
}

#[test]
fn figures_are_written_as_the_language_does() {
    for (lang, path, figure, wrong) in
        [(Lang::En, "/medicine/", "59%", "59\u{a0}%"), (es(), "/es/medicina/", "59\u{a0}%", "59%")]
    {
        for path in [path, booklet_of(lang)] {
            let text: String = TestSite::shipped().parsed(path).one("main").text().collect();
            assert!(text.contains(figure) && !text.contains(wrong), "{path}: {}", around(&text, "59"));
        }
    }
    let spanish: String = TestSite::shipped().parsed("/es/medicina/").one("main").text().collect();
    assert!(
        spanish.contains("17,568"),
        "thousands have their comma, as in the United States: {}",
        around(&spanish, "17")
    );
}
