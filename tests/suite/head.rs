//! What search engines and other programs read of a page: the head and the structured data.

use crate::harness::sample::sample;
use crate::harness::{Page, TestSite, clinic_name, langs, language, text_of};
use clinic_site::site::Entry;
use serde_json::Value;
use std::collections::BTreeSet;
use url::Url;

/// The content of a `<meta>`, by its name or property.
#[track_caller]
fn meta<'a>(page: &'a Page, name: &str) -> &'a str {
    page.one(&format!("meta[name=\"{name}\"], meta[property=\"{name}\"]")).attr("content").unwrap()
}

/// The parts of a page's structured data of a type.
#[track_caller]
fn data_of(page: &Page, kind: &str) -> Vec<Value> {
    let script = page.one("script");
    assert_eq!(script.attr("type"), Some("application/ld+json"), "{}: a script that isn't data", page.path);
    let text: String = script.text().collect();
    let data: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}: {text}", page.path));
    assert_eq!(data["@context"], "https://schema.org", "{}", page.path);
    let graph = data["@graph"].as_array().unwrap().iter();
    graph.filter(|part| part["@type"] == kind).cloned().collect()
}

/// The only part of a type.
#[track_caller]
fn datum_of(page: &Page, kind: &str) -> Value {
    let mut all = data_of(page, kind);
    assert_eq!(all.len(), 1, "{}: {kind}", page.path);
    all.remove(0)
}

fn booklets(site: &TestSite) -> Vec<Page> {
    site.booklets().iter().map(|path| site.parsed(path)).collect()
}

#[test]
fn every_page_has_a_title_a_description_and_an_address_of_its_own() {
    for (state, site) in TestSite::states() {
        let (mut titles, mut descriptions) = (BTreeSet::new(), BTreeSet::new());
        for page in site.parsed_pages().into_iter().chain(booklets(site)) {
            let title = text_of(&page.one("title"));
            let description = meta(&page, "description");
            assert!(title.chars().count() <= 70, "{state}: {}: {title:?} is cut off where it is shown", page.path);
            let own = text_of(&page.one("h1"));
            assert!(title == own || title == format!("{own} | {}", clinic_name()), "{state}: {}: {title}", page.path);
            let has_room = own.chars().count() + clinic_name().chars().count() + 3 <= 70;
            assert_eq!(title.contains(clinic_name()), has_room, "{state}: {}: {title}", page.path);
            assert!((50..=160).contains(&description.chars().count()), "{state}: {}: {description:?}", page.path);
            assert!(titles.insert(title.clone()), "{state}: {}: the title {title:?} is taken", page.path);
            assert!(descriptions.insert(description.to_owned()), "{state}: {}: {description:?} is taken", page.path);
            let address = format!("https://clinic.example{}", page.path);
            assert_eq!(page.one("link[rel=canonical]").attr("href"), Some(address.as_str()), "{state}: {}", page.path);
            for (property, wanted) in [
                ("og:url", address.as_str()),
                ("og:title", &title),
                ("og:description", description),
                ("og:type", "website"),
                ("og:locale", if page.path.starts_with("/es/") { "es_US" } else { "en_US" }),
                ("og:site_name", clinic_name()),
            ] {
                assert_eq!(meta(&page, property), wanted, "{state}: {property} of {}", page.path);
            }
        }
    }
}

#[test]
fn a_preview_says_that_it_is_one_and_stays_out_of_search() {
    for page in TestSite::shipped().documents() {
        assert_eq!(meta(&page, "robots"), "noindex", "{}", page.path);
        let banner = language(page.lang()).ui.preview.banner.as_str();
        assert_eq!(text_of(&page.one(".preview > p:first-child")), banner, "{}", page.path);
    }
}

#[test]
fn a_published_site_has_no_banner_and_each_of_its_pages_is_found() {
    let site = TestSite::published();
    for page in site.documents() {
        // A booklet only says what the pages say: these are to be found.
        let hidden = page.all("meta[name=robots][content=noindex]").len();
        assert_eq!(hidden, usize::from(!site.pages().contains(&page.path)), "{}: robots", page.path);
        assert_eq!(page.all("meta[name=robots]").len(), hidden, "{}: robots", page.path);
        assert!(page.all(".preview, .sample").is_empty(), "{}: a preview's banner or mark", page.path);
    }
}

#[test]
fn error_pages_have_no_address_and_no_data_and_booklets_no_data() {
    let site = TestSite::shipped();
    for page in site.documents().iter().filter(|page| page.path.starts_with("error")) {
        let found = page.all("link[rel=canonical], meta[property=\"og:url\"], script, link[hreflang]");
        assert!(found.is_empty(), "{}: {}", page.path, found[0].html());
    }
    for page in booklets(site) {
        assert!(page.all("script").is_empty(), "{}: the data of its pages once more", page.path);
    }
}

#[test]
fn structured_data_names_the_page_and_when_it_was_reviewed() {
    for page in TestSite::published().parsed_pages() {
        let about = datum_of(&page, "MedicalWebPage");
        let address = format!("https://clinic.example{}", page.path);
        assert_eq!(about["url"], address, "{}", page.path);
        assert_eq!(about["name"], text_of(&page.one("h1")), "{}", page.path);
        assert_eq!(about["description"], meta(&page, "description"), "{}", page.path);
        let tag = if page.path.starts_with("/es/") { "es" } else { "en" };
        assert_eq!(about["inLanguage"], tag, "{}", page.path);
        assert_eq!(about["lastReviewed"], page.one(".end time").attr("datetime").unwrap(), "{}", page.path);
        let clinic = datum_of(&page, "MedicalClinic");
        assert_eq!(about["about"]["@id"], clinic["@id"], "{}", page.path);
        // schema.org: a property of creative works, as pages are, not of places.
        assert_eq!(about["audience"]["suggestedMinAge"], 18, "{}", page.path);
        assert!(clinic.get("audience").is_none(), "{}", page.path);
    }
}

#[test]
fn breadcrumbs_in_the_data_are_those_on_the_page() {
    for page in TestSite::published().parsed_pages() {
        if page.path == page.lang().root() {
            assert!(
                data_of(&page, "BreadcrumbList").is_empty() && page.all("nav.breadcrumbs").is_empty(),
                "home has a trail"
            );
            continue;
        }
        let list = datum_of(&page, "BreadcrumbList");
        let items = list["itemListElement"].as_array().unwrap();
        let shown = page.all("nav.breadcrumbs li");
        assert_eq!(items.len(), shown.len(), "{}", page.path);
        for (at, (item, shown)) in items.iter().zip(&shown).enumerate() {
            assert_eq!(item["position"], at + 1, "{}", page.path);
            let link = shown.child_elements().next().and_then(|link| link.attr("href")).unwrap_or(&page.path);
            assert_eq!(item["item"], format!("https://clinic.example{link}"), "{}", page.path);
        }
    }
}

#[test]
fn questions_in_the_data_are_those_on_the_page() {
    let mut with_questions = BTreeSet::new();
    for page in TestSite::published().parsed_pages() {
        let shown: Vec<String> = page.all(".questions h3").iter().map(text_of).collect();
        let pages = data_of(&page, "FAQPage");
        assert_eq!(pages.len(), usize::from(!shown.is_empty()), "{}: FAQPage", page.path);
        let Some(faq) = pages.first() else { continue };
        with_questions.insert(page.lang());
        let questions = faq["mainEntity"].as_array().unwrap();
        let named: Vec<_> = questions.iter().map(|question| question["name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(named, shown, "{}", page.path);
        for (question, answer) in questions.iter().zip(page.all(".questions .flow")) {
            let words = scraper::Html::parse_fragment(question["acceptedAnswer"]["text"].as_str().unwrap());
            assert_eq!(text_of(&words.root_element()), text_of(&answer), "{}", page.path);
        }
    }
    assert_eq!(with_questions, BTreeSet::from(langs()), "no page has questions in some language");
}

#[test]
fn structured_data_agrees_with_the_facts_that_are_shown() {
    for page in TestSite::complete().parsed_pages() {
        let clinic = datum_of(&page, "MedicalClinic");
        assert_eq!(clinic["telephone"], "+19164442368", "{}", page.path);
        let address = &clinic["address"];
        assert_eq!(address["streetAddress"], "12 Test Street", "{}", page.path);
        assert_eq!(address["postalCode"], "95814", "{}", page.path);
        assert_eq!(address["addressLocality"], "Sacramento", "{}", page.path);
        let hours = &clinic["openingHoursSpecification"];
        assert_eq!(hours[0]["opens"], "05:30", "{}", page.path);
        assert_eq!(hours[0]["dayOfWeek"].as_array().unwrap().len(), 5, "{}", page.path);
        assert_eq!(hours[1]["dayOfWeek"][0], "https://schema.org/Saturday", "{}", page.path);
        let payers = &language(page.lang()).ui.payers;
        let medicare = payers.iter().find(|(key, _)| key.as_str() == "medicare").unwrap().1;
        assert_eq!(clinic["paymentAccepted"], medicare.as_str(), "{}", page.path);
        assert_eq!(clinic["areaServed"]["name"], "Sacramento", "{}", page.path);
        let called: BTreeSet<_> = page
            .all("a.call, .contact a.button[href^=tel]")
            .iter()
            .map(|a| a.attr("href").unwrap().to_owned())
            .collect();
        assert_eq!(called, BTreeSet::from(["tel:+19164442368".to_owned()]), "{}", page.path);
    }
    let site = TestSite::with(&sample());
    for (path, wanted) in [
        ("/contact/", ["Payers: medicare", "Weekdays: monday – Weekdays: friday", "5:30 am – 2:00 pm"]),
        (
            "/es/contacto/",
            ["ES payers: medicare", "ES weekdays: monday – ES weekdays: friday", "5:30 a. m. – 2:00 p. m."],
        ),
    ] {
        let shown = text_of(&site.parsed(path).one(".contact dl"));
        for fact in ["1 Sample Street", "Sampletown, CA 00000"].into_iter().chain(wanted) {
            assert!(shown.contains(fact), "{path} does not show {fact:?}: {shown}");
        }
    }
}

#[test]
fn structured_data_never_holds_a_sample_and_never_guesses() {
    for (state, site) in
        [("preview", TestSite::shipped()), ("published", TestSite::published()), ("no facts", TestSite::bare())]
    {
        for page in site.parsed_pages() {
            let clinic = datum_of(&page, "MedicalClinic");
            for unknown in ["telephone", "address", "openingHoursSpecification"] {
                assert!(clinic.get(unknown).is_none(), "{state}: {}: {unknown} is {}", page.path, clinic[unknown]);
            }
            let text: String = page.one("script").text().collect();
            let found = ["5550100", "555-01", "Sample", "<mark"].into_iter().find(|sample| text.contains(sample));
            assert_eq!(found, None, "{state}: {}", page.path);
        }
    }
}

#[test]
fn another_public_address_is_the_address_of_everything() {
    let site =
        TestSite::build(&crate::harness::without_samples(), Some("https://www.other.example/"), crate::harness::TODAY);
    for (path, entry) in site.app().site().entries() {
        let Entry::Answer(answer) = entry else { continue };
        let text = String::from_utf8_lossy(&answer.identity().bytes);
        assert!(!text.contains("clinic.example"), "{path} holds the address of a preview");
    }
    let page = site.parsed("/es/medicare/");
    assert_eq!(page.one("link[rel=canonical]").attr("href"), Some("https://www.other.example/es/medicare/"));
    let english = page.one("link[rel=alternate][hreflang=en]").attr("href");
    assert_eq!(english, Some("https://www.other.example/medicare/"));
    let id = datum_of(&page, "MedicalClinic")["@id"].as_str().map(Url::parse).unwrap().unwrap();
    assert_eq!(id.host_str(), Some("www.other.example"));
}
