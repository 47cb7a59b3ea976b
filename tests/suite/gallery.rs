//! The gallery: every component in each of its states, for those who work on a live preview, and for nobody else.

use crate::accessibility::problems;
use crate::harness::{Page, TODAY, TestSite, assert_same, check, edited, noon, text_of};
use clinic_site::content::leaf::Key;
use clinic_site::content::model::{Clinic, LanguageHelp, Section, TestResults};
use clinic_site::content::{Files, LocationWords, model, parse, schema};
use clinic_site::diagnostic::Report;
use clinic_site::site::{CompressionLevel, Settings, Site, route};
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const FOLDER: &str = "templates/gallery";
/// The files that are pages: each is a chapter of the gallery.
const CHAPTERS: [&str; 4] = ["components", "bare", "full", "places"];

/// The picture, in its widths, and the document that its sections show.
const MEDIA: [&str; 3] = ["picture.png", "picture-480.png", "form.pdf"];

fn file(name: &str) -> String {
    let path = format!("{FOLDER}/{name}.toml");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The site of a folder, as a preview that follows it or as one that doesn't.
#[track_caller]
fn site(files: &Files, live: bool) -> Site {
    let (content, report) = check(files, false);
    let content = content.unwrap_or_else(|| panic!("{}", report.text()));
    let settings = Settings {
        public_url: None,
        now: noon(TODAY),
        as_of: false,
        live,
        requests: true,
        compression: CompressionLevel::Fast,
    };
    Site::build(&content, &settings, None).unwrap()
}

#[track_caller]
fn gallery(files: &Files) -> Page {
    let site = site(files, true);
    let html =
        std::str::from_utf8(&site.answer(route::PREVIEW_COMPONENTS).unwrap().identity().bytes).unwrap().to_owned();
    Page { path: "the gallery".to_owned(), html: Html::parse_document(&html) }
}

/// What the schema of pages gives to choose from: the constants of a definition's variants, or its list.
fn choices(definition: &str, key: Option<&str>) -> BTreeSet<String> {
    let pages = schema::all().into_iter().find(|schema| schema.name == "page").unwrap().json;
    let definition = &pages["definitions"][definition];
    let variants = definition["oneOf"].as_array().into_iter().flatten();
    let constant = |variant: &Value| match key {
        Some(key) => variant["properties"][key]["const"].as_str().map(str::to_owned),
        None => variant["const"].as_str().or(variant["enum"][0].as_str()).map(str::to_owned),
    };
    let listed = definition["enum"].as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned));
    let all: BTreeSet<_> = variants.filter_map(constant).chain(listed).collect();
    assert!(!all.is_empty(), "{definition}");
    all
}

/// The kinds of sections that the files of the gallery write, with the values that some keys have.
fn written(key: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in CHAPTERS {
        let table: toml::Table = toml::from_str(&file(name)).unwrap();
        let sections = table["sections"].as_array().unwrap().iter();
        found.extend(sections.filter_map(|section| section.get(key)?.as_str().map(str::to_owned)));
    }
    found
}

#[test]
fn it_shows_every_kind_of_section_that_a_page_can_have_in_every_choice() {
    let help = "each kind of section has an example in templates/gallery/components.toml";
    assert_same(&written("kind"), &choices("Section", Some("kind")), help);
    assert_eq!(written("level"), choices("UrgencyLevel", None));
    assert_eq!(
        written("about").into_iter().filter(|about| !about.contains(' ')).collect::<BTreeSet<_>>(),
        choices("NoticeAbout", None)
    );
}

/// The section under a heading.
#[track_caller]
fn under<'a>(page: &'a Page, heading: &str) -> ElementRef<'a> {
    // What a notice is about stands before its heading, for those who don't see its colour.
    let is_it = |found: &ElementRef<'_>| text_of(found) == heading || text_of(found).ends_with(&format!(": {heading}"));
    let found: Vec<_> = page.all("main h3").into_iter().filter(is_it).collect();
    assert_eq!(found.len(), 1, "{heading}");
    let section = found[0].ancestors().filter_map(ElementRef::wrap).find(|above| above.value().name() == "section");
    section.unwrap_or_else(|| panic!("{heading} is in no section"))
}

#[test]
fn every_section_of_its_files_is_on_it() {
    let page = gallery(&Files::embedded());
    let text = text_of(&page.one("main"));
    let titles: Vec<_> = page.all("main h2").iter().map(text_of).collect();
    let files = CHAPTERS.map(|name| parse::<model::Page>(&file(name)).unwrap());
    assert_eq!(titles, files.iter().map(|file| file.title.to_string()).collect::<Vec<_>>());
    for (name, of) in CHAPTERS.iter().zip(&files) {
        let table: toml::Table = toml::from_str(&file(name)).unwrap();
        let written = table["sections"].as_array().unwrap();
        assert_eq!(written.len(), of.sections.len());
        for (section, written) in of.sections.iter().zip(written) {
            // A table of tests is there where there are results: in the last chapter always.
            if matches!(section, Section::TestResults(_)) && *name != "full" {
                continue;
            }
            match written.get("heading").and_then(toml::Value::as_str) {
                Some(heading) => assert!(under(&page, heading).child_elements().next().is_some(), "{name}: {heading}"),
                None if matches!(section, Section::Picture(_)) => assert_eq!(page.all("main img[alt='']").len(), 1),
                None => assert!(text.contains(written["text"].as_str().unwrap()), "{name}: {written:?}"),
            }
        }
    }
}

#[test]
fn a_section_that_shows_facts_is_there_with_all_of_them_and_with_none() {
    let page = gallery(&Files::embedded());
    let (bare, full) = (under(&page, "Contact without facts"), under(&page, "Contact with every fact"));
    let has = |part: &ElementRef<'_>, selector: &str| part.select(&Selector::parse(selector).unwrap()).next().is_some();
    assert!(has(&full, "dl dd b") && has(&full, "a[href=\"tel:+19165550199\"]"), "{}", full.html());
    assert!(!has(&bare, "dl, a[href^=\"tel:+1916\"], .line"), "{}", bare.html());
    assert_eq!(page.all(".language-list > li[dir=rtl]").len(), 1);
}

#[test]
fn no_id_is_there_twice_and_every_rule_for_pages_holds_but_that_it_is_in_no_navigation() {
    for files in [Files::embedded(), edited(|files| files.insert("tests.toml", crate::test_results::RESULTS.into()))] {
        let page = gallery(&files);
        let found: Vec<_> = problems(&page).into_iter().filter(|problem| !is_on_purpose(problem)).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
        assert_eq!(page.all("meta[name=robots][content=noindex]").len(), 1);
    }
}

/// What the gallery shows on purpose: the same words over and over, some of them links. And it has no address on the web, so no link can be
/// told to be its own.
fn is_on_purpose(problem: &str) -> bool {
    let own_link = format!("href=\"{}\"", route::PREVIEW_COMPONENTS);
    problem.contains(": link-targets: ") || (problem.contains(": current-page: ") && problem.contains(&own_link))
}

#[test]
fn only_a_live_preview_has_it_and_the_way_to_it() {
    let files = Files::embedded();
    let (live, still) = (site(&files, true), site(&files, false));
    assert!(live.answer(route::PREVIEW_COMPONENTS).is_some() && still.find(route::PREVIEW_COMPONENTS).is_none());
    for site in TestSite::states().map(|(_, site)| site) {
        site.get(route::PREVIEW_COMPONENTS).is(404);
        assert!(site.documents().iter().all(|page| page.all("a[href^=\"/_preview/\"]").is_empty()));
    }
    for (path, entry) in live.entries() {
        let clinic_site::site::Entry::Answer(page) = entry else { continue };
        let text = String::from_utf8_lossy(&page.identity().bytes);
        let ways = text.matches(&format!("href=\"{}\"", route::PREVIEW_COMPONENTS)).count();
        let is_page = path.ends_with('/');
        assert_eq!(ways, usize::from(is_page), "{path}: the link in its banner");
        if path.starts_with("/es/") {
            let banner = Page { path: path.to_owned(), html: Html::parse_document(&text) };
            assert!(!banner.all(".preview [lang=en] a").is_empty(), "{path}: the names of both are in English");
        }
    }
}

/// What the rules say of a file, if it stood in the content.
fn told(files: &Files, path: &str) -> Vec<String> {
    let (_, report) = check(files, false);
    let of_the_file = report.sorted().into_iter().filter(|finding| finding.source.path == format!("content/{path}"));
    of_the_file
        .filter(|finding| finding.rule.name != "missing-translation")
        .map(|finding| finding.message.clone())
        .collect()
}

#[test]
fn its_files_can_be_read_and_would_be_good_content() {
    let reports: [(&str, Option<Report>); 9] = [
        ("components", parse::<model::Page>(&file("components")).err()),
        ("bare", parse::<model::Page>(&file("bare")).err()),
        ("full", parse::<model::Page>(&file("full")).err()),
        ("facts", parse::<Clinic>(&file("facts")).err()),
        ("languages", parse::<LanguageHelp>(&file("languages")).err()),
        ("places", parse::<model::Page>(&file("places")).err()),
        ("places_facts", parse::<Clinic>(&file("places_facts")).err()),
        ("places_words", parse::<BTreeMap<Key, LocationWords>>(&file("places_words")).err()),
        ("tests", parse::<TestResults>(&file("tests")).err()),
    ];
    let there: BTreeSet<String> =
        fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(
        there,
        reports.iter().map(|(name, _)| format!("{name}.toml")).chain(MEDIA.map(str::to_owned)).collect(),
        "a file that nothing reads here"
    );
    for (name, report) in reports {
        assert!(report.is_none(), "{name}.toml:\n{}", report.unwrap().text());
    }
    for name in CHAPTERS {
        let path = format!("en/pages/{name}.toml");
        let files = edited(|files| {
            files.insert(&path, file(name).into_bytes());
            for of in MEDIA {
                files.insert(&format!("files/{of}"), fs::read(format!("{FOLDER}/{of}")).unwrap());
            }
        });
        let mut found = told(&files, &path);
        // Its events are to be seen in every year.
        found.retain(|message| !message.ends_with("months ahead"));
        assert_eq!(found, [""; 0], "{name}.toml");
    }
    let tests = edited(|files| files.insert("tests.toml", file("tests").into_bytes()));
    assert_eq!(told(&tests, "tests.toml"), [""; 0]);
    let languages = file("languages").replace("source = \"example\"", "source = \"hhs_languages\"");
    let languages = edited(|files| files.insert("language_help.toml", languages.into_bytes()));
    assert_eq!(told(&languages, "language_help.toml"), [""; 0]);
}
