//! Language help: the notice that help in one's own language is free has its place in sixteen languages, in the foot of every page and among
//! the legal notices; and only the clinic's own texts stand there.

use crate::harness::{
    Page, REQUIRED, TODAY, TestSite, accepted, accepting, address, check, edited, langs, language, published_empty,
    replace, text_of,
};
use clinic_site::content::Files;
use clinic_site::content::model::Section;
use clinic_site::diagnostic::Severity;
use clinic_site::lang::Lang;
use jiff::civil::date;
use scraper::{ElementRef, Selector};
use std::collections::BTreeSet;

/// English and the fifteen languages that are most common in California, by the list of the Department of Health and Human Services: the tag,
/// the way it is written, its own name for itself.
const LANGUAGES: [(&str, &str, &str); 16] = [
    ("en", "ltr", "English"),
    ("es", "ltr", "Español"),
    ("zh", "ltr", "中文"),
    ("vi", "ltr", "Tiếng Việt"),
    ("tl", "ltr", "Tagalog"),
    ("ko", "ltr", "한국어"),
    ("hy", "ltr", "Հայերեն"),
    ("fa", "rtl", "فارسی"),
    ("ru", "ltr", "Русский"),
    ("ja", "ltr", "日本語"),
    ("ar", "rtl", "العربية"),
    ("pa", "ltr", "ਪੰਜਾਬੀ"),
    ("km", "ltr", "ខ្មែរ"),
    ("hmn", "ltr", "Hmoob"),
    ("hi", "ltr", "हिन्दी"),
    ("th", "ltr", "ไทย"),
];

const FILE: &str = "language_help.toml";

/// A language in a list: its tag, the way it is written, its words.
fn listed(item: &ElementRef<'_>) -> (String, String, String) {
    let attribute = |name| item.attr(name).unwrap_or_default().to_owned();
    (attribute("lang"), attribute("dir"), text_of(item))
}

fn all(page: &Page, selector: &str) -> Vec<(String, String, String)> {
    page.all(selector).iter().map(listed).collect()
}

fn owned((lang, dir, name): (&str, &str, &str)) -> (String, String, String) {
    (lang.to_owned(), dir.to_owned(), name.to_owned())
}

/// The page of legal notices in a language, and the anchor of language help on it.
fn place(lang: Lang) -> (String, String) {
    let section = language(lang).pages["notices"].sections.iter();
    let mut section = section.filter(|section| matches!(section, Section::LanguageHelp(_)));
    let (anchor, _) = section.next().unwrap().anchor().unwrap();
    (address(lang, "notices"), anchor)
}

/// Puts a text in for a language, between the quotes that wait for it.
#[track_caller]
fn supply(files: &mut Files, name: &str, text: &str) {
    let (from, to) =
        (format!("name = \"{name}\"\ntext = \"\""), format!("name = \"{name}\"\ntext = \"\"\"\n{text}\"\"\""));
    replace(files, FILE, &from, &to);
}

/// A site for the public, with texts for some languages.
#[track_caller]
fn published(texts: &[(&str, &str)]) -> TestSite {
    let mut files = accepted(published_empty());
    for (name, text) in texts {
        supply(&mut files, name, text);
    }
    TestSite::build(&files, Some("https://clinic.example/"), TODAY)
}

#[test]
fn the_legal_notices_name_the_sixteen_languages_each_in_its_own_words() {
    for (state, site) in TestSite::states() {
        for lang in langs() {
            let (path, anchor) = place(lang);
            let page = site.parsed(&path);
            let list = format!("section[aria-labelledby={anchor:?}] .names li");
            assert_eq!(all(&page, &list), LANGUAGES.map(owned), "{state}: {path}");
            for (item, (tag, ..)) in page.all(&list).iter().zip(LANGUAGES) {
                assert_eq!(item.attr("id"), Some(format!("lang-{tag}").as_str()), "{state}: {path}");
            }
            assert!(page.all(".language-list").is_empty(), "{state}: {path} has a list of texts that are not there");
            let said = text_of(&page.one(&format!("section[aria-labelledby={anchor:?}] .placeholder")));
            let waiting = language(lang).ui.components.text_not_supplied.to_string();
            assert!(said.starts_with(&waiting), "{state}: {path} says nothing of the texts that are missing: {said}");
        }
    }
}

#[test]
fn the_foot_of_every_page_leads_there() {
    for (state, site) in TestSite::states() {
        for page in site.documents() {
            let (path, anchor) = place(page.lang());
            let link = page.one("footer .languages h2 a");
            assert_eq!(link.attr("href"), Some(format!("{path}#{anchor}").as_str()), "{state}: {}", page.path);
            assert_eq!(
                text_of(&link),
                language(page.lang()).ui.layout.language_help.as_str(),
                "{state}: {}",
                page.path
            );
        }
    }
}

#[test]
fn without_a_text_the_foot_of_a_published_page_has_the_link_alone_and_that_of_a_preview_the_places() {
    for page in TestSite::published().documents() {
        assert_eq!(page.all("footer .languages a").len(), 1, "{}", page.path);
        assert!(page.all("footer .languages ul, footer .languages li").is_empty(), "{}", page.path);
    }
    for page in TestSite::shipped().documents() {
        assert_eq!(all(&page, "footer .languages li"), LANGUAGES.map(owned), "{}", page.path);
        assert!(page.all("footer .languages li a").is_empty(), "{}: a link to a text that is not there", page.path);
    }
}

#[test]
fn a_text_that_the_clinic_supplied_stands_on_the_page_in_its_language_and_every_foot_leads_to_it() {
    let site = published(&[("한국어", "한국어 **911**\n\n- 한국어"), ("العربية", "العربية 911")]);
    let inside = |part: &ElementRef<'_>, selector: &str| {
        part.select(&Selector::parse(selector).unwrap()).map(|found| text_of(&found)).collect::<Vec<_>>()
    };
    for lang in langs() {
        let (path, anchor) = place(lang);
        let page = site.parsed(&path);
        let shown = page.all(&format!("section[aria-labelledby={anchor:?}] .language-list > li"));
        assert_eq!(shown.len(), 2, "{path}");
        for (item, (tag, dir, name)) in shown.iter().zip([LANGUAGES[5], LANGUAGES[10]]) {
            let is = ["id", "lang", "dir"].map(|name| item.attr(name).unwrap());
            assert_eq!(is, [format!("lang-{tag}").as_str(), tag, dir], "{path}");
            assert_eq!(inside(item, "h3"), [name], "{path}");
        }
        assert_eq!(inside(&shown[0], ".flow strong, .flow li"), ["911", "한국어"], "{path}");
        assert_eq!(inside(&shown[1], ".flow p"), ["العربية 911"], "{path}");
        let waiting = LANGUAGES.into_iter().filter(|(tag, ..)| !["ko", "ar"].contains(tag)).map(owned);
        assert_eq!(all(&page, ".names li"), waiting.collect::<Vec<_>>(), "{path}: those that are still missing");
    }
    for page in site.documents() {
        let (path, _) = place(page.lang());
        assert_eq!(all(&page, "footer .languages li"), [owned(LANGUAGES[5]), owned(LANGUAGES[10])], "{}", page.path);
        for (link, (tag, _, name)) in page.all("footer .languages li a").iter().zip([LANGUAGES[5], LANGUAGES[10]]) {
            let to = format!("{path}#lang-{tag}");
            assert_eq!((link.attr("href"), link.attr("hreflang")), (Some(to.as_str()), Some(tag)), "{}", page.path);
            assert_eq!(text_of(link), name, "{}", page.path);
            assert!(!site.parsed(&path).all(&format!("[id=lang-{tag}]")).is_empty(), "{to} leads nowhere");
        }
        assert_eq!(page.all("footer .languages li a").len(), 2, "{}", page.path);
    }
}

#[test]
fn with_every_text_nothing_says_that_one_is_missing() {
    let texts = LANGUAGES.map(|(_, _, name)| (name, name));
    let site = published(&texts);
    for lang in langs() {
        let page = site.parsed(&place(lang).0);
        assert_eq!(page.all(".language-list > li").len(), LANGUAGES.len(), "{}", page.path);
        assert!(page.all(".languages .placeholder, .names").is_empty(), "{}", page.path);
    }
}

/// What is told of texts that are missing in the file, and whether the site can be published.
fn missing(files: &Files, publish: bool) -> (Vec<String>, bool) {
    let (content, report) = check(files, publish);
    let found = report.sorted().into_iter().filter(|finding| finding.source.path.ends_with(FILE));
    let found = found.inspect(|finding| assert_eq!(finding.rule.name, "unsupplied-text", "{}", report.text()));
    (found.map(|finding| finding.message.clone()).collect(), content.is_some())
}

#[test]
fn who_publishes_is_told_once_which_texts_are_missing() {
    let others: Vec<&str> = REQUIRED.into_iter().filter(|what| *what != "language-help").collect();
    let mut files = accepting(published_empty(), &others, date(2027, 2, 1));
    assert_eq!(missing(&files, false), (Vec::new(), true), "a preview shows their places");
    let told = |names: &[&str]| {
        let count = format!("in {} of {} languages: ", names.len(), LANGUAGES.len());
        format!("the clinic's notice of free language help is not here yet {count}{}", names.join(", "))
    };
    let mut names: Vec<&str> = LANGUAGES.iter().map(|(_, _, name)| *name).collect();
    assert_eq!(missing(&files, true), (vec![told(&names)], false));
    supply(&mut files, "한국어", "한국어");
    names.retain(|name| *name != "한국어");
    assert_eq!(missing(&files, true), (vec![told(&names)], false));
    for name in names {
        supply(&mut files, name, name);
    }
    assert_eq!(missing(&files, true), (Vec::new(), true));
}

/// The places for texts that the clinic's lawyers supply: the file, and the line that waits.
const OFFICIAL: [(&str, &str); 2] =
    [(FILE, "name = \"한국어\"\ntext = \"\""), ("en/pages/notices.toml", "law = \"45 CFR 164.520\"\ntext = \"\"")];

/// The shipped content, to be published, with a text pasted at one of them.
fn pasted((file, waits): (&str, &str), text: &str) -> Files {
    let mut files = accepted(published_empty());
    let line = format!("{}text = \"\"\"\n{text}\"\"\"", waits.trim_end_matches("text = \"\""));
    replace(&mut files, file, waits, &line);
    files
}

#[test]
fn markup_a_script_and_links_that_lead_nowhere_are_refused_in_an_official_text() {
    let mut wrong = Vec::new();
    for (place, (text, rule)) in OFFICIAL.into_iter().flat_map(|place| {
        [
            ("<b>Notice</b>", "markup"),
            ("<script>alert(1)</script>", "markup"),
            // The notice of help in a language is short; the others have headings, of the levels below their own.
            ("# Notice", if place.0 == "language_help.toml" { "markup" } else { "heading" }),
            ("[Notice](javascript:alert(1))", "unsafe-link"),
            ("[Notice](/nowhere/)", "dead-link"),
        ]
        .map(|case| (place, case))
    }) {
        let (content, report) = check(&pasted(place, text), false);
        let told = report.sorted().into_iter().filter(|finding| finding.source.path.ends_with(place.0));
        // What is to be done later, on a day of its own, is no matter here.
        let told = told.filter(|finding| finding.severity == Severity::Error);
        let told: BTreeSet<_> = told.map(|finding| finding.rule.name).collect();
        if told != BTreeSet::from([rule]) || content.is_some() {
            wrong.push(format!("{text} in {}: told as {told:?}, wanted {rule}", place.0));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_name_in_braces_in_an_official_text_is_told_or_shown_and_never_takes_its_paragraph_with_it() {
    let mut lost = Vec::new();
    for place in OFFICIAL {
        let files = pasted(place, "Notice: {phone}");
        let (content, report) = check(&files, true);
        if content.is_none() || report.text().contains("unknown-fact") {
            continue;
        }
        let site = TestSite::build(&files, Some("https://clinic.example/"), TODAY);
        let shown = text_of(&site.parsed("/notices/").one("main"));
        lost.extend(
            (!shown.contains("Notice: ")).then(|| format!("{}: the paragraph is gone without a word", place.0)),
        );
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

#[test]
fn languages_say_the_way_they_are_written_and_are_given_once() {
    for (what, from, to, rule) in [
        (
            "Arabic from left to right",
            "lang = \"ar\"\ndir = \"rtl\"",
            "lang = \"ar\"\ndir = \"ltr\"",
            "writing-direction",
        ),
        (
            "Korean from right to left",
            "lang = \"ko\"\ndir = \"ltr\"",
            "lang = \"ko\"\ndir = \"rtl\"",
            "writing-direction",
        ),
        ("a word for the way", "lang = \"ko\"\ndir = \"ltr\"", "lang = \"ko\"\ndir = \"left\"", "unknown-choice"),
        (
            "one where the way is another",
            "lang = \"ar\"\ndir = \"rtl\"",
            "lang = \"ar\"\ndir = \"right\"",
            "unknown-choice",
        ),
        ("Korean twice", "lang = \"zh\"", "lang = \"ko\"", "duplicate-id"),
        ("a source that there is not", "source = \"hhs_languages\"", "source = \"hhs_language\"", "unknown-source"),
    ] {
        let (_, report) = check(&edited(|files| replace(files, FILE, from, to)), false);
        let told: Vec<_> = report.sorted().into_iter().filter(|finding| finding.source.path.ends_with(FILE)).collect();
        assert_eq!(
            told.iter().map(|finding| finding.rule.name).collect::<Vec<_>>(),
            [rule],
            "{what}\n{}",
            report.text()
        );
    }
}

#[test]
fn without_the_file_no_list_is_empty_and_no_link_leads_nowhere() {
    let site = TestSite::with(&edited(|files| files.remove(FILE)));
    for page in site.documents() {
        assert!(page.all(".languages ul, .languages .placeholder").is_empty(), "{}", page.path);
        for link in page.all("footer .languages a") {
            let (path, anchor) = link.attr("href").unwrap().split_once('#').unwrap();
            assert_eq!(site.parsed(path).all(&format!("[id={anchor:?}]")).len(), 1, "{}: {path}#{anchor}", page.path);
        }
    }
}
