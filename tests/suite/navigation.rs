//! The lists of links at the foot, the links in the header and the way out: which there are and what they say comes from content.

use crate::harness::sample::sample;
use crate::harness::{TestSite, check, replace, text_of};
use clinic_site::content::Files;
use clinic_site::diagnostic::Severity;

const GROUPS: &str = "groups = [\"services\", \"visit\", \"help\", \"about\"]";
const LEAVE: &str = "[navigation]\n";

/// The sample with changes: in a file, one text for another.
#[track_caller]
fn with(changes: &[(&str, &str, &str)]) -> Files {
    let mut files = sample();
    for (file, from, to) in changes {
        replace(&mut files, file, from, to);
    }
    files
}

/// The names of the lists of a page, each with the tag of its language if it has one of its own.
fn lists(site: &TestSite, path: &str) -> Vec<String> {
    let page = site.parsed(path);
    let names = page.all("#site-pages h3").into_iter();
    names
        .map(|name| [text_of(&name).as_str(), name.attr("lang").unwrap_or_default()].join(" ").trim().to_owned())
        .collect()
}

/// The rules of the findings, with their words.
fn found(files: &Files) -> Vec<(&'static str, Severity, String)> {
    let report = check(files, false).1;
    let all = report.sorted().into_iter().filter(|finding| finding.rule.name != "sample-fact");
    let all = all.filter(|finding| finding.rule.name != "stale-translation");
    all.map(|finding| (finding.rule.name, finding.severity, format!("{} ({})", finding.message, finding.help)))
        .collect()
}

#[test]
fn the_lists_and_their_order_are_those_that_clinic_toml_names() {
    let files = with(&[
        ("clinic.toml", GROUPS, "groups = [\"papers\", \"about\", \"help\", \"visit\", \"services\"]"),
        ("en/ui.toml", "[navigation]\n", "[navigation]\npapers = \"Papers & forms\"\n"),
        ("es/ui.toml", "[navigation]\n", "[navigation]\npapers = \"Papeles\"\n"),
        ("en/pages/contact.toml", "group = \"visit\"", "group = \"papers\""),
    ]);
    assert_eq!(found(&files), []);
    let site = TestSite::with(&files);
    let rest = ["about", "help", "visit", "services"];
    let english: Vec<String> = rest.iter().map(|name| format!("Navigation: {name}")).collect();
    assert_eq!(lists(&site, "/"), [vec!["Papers & forms".to_owned()], english].concat());
    // A list that no page of the language is in leaves no trace.
    assert_eq!(lists(&site, "/es/"), rest.map(|name| format!("ES navigation: {name}")));
    let first = site.parsed("/").all("#site-pages ul").first().map(text_of);
    assert_eq!(first.as_deref(), Some("Contact"));
}

#[test]
fn without_a_word_of_it_the_lists_are_in_the_order_of_their_english_names() {
    let files = with(&[("clinic.toml", "[navigation]\ngroups = [\"services\", \"visit\", \"help\", \"about\"]\n", "")]);
    assert_eq!(found(&files), []);
    let names = ["about", "help", "services", "visit"];
    assert_eq!(lists(&TestSite::with(&files), "/"), names.map(|name| format!("Navigation: {name}")));
}

#[test]
fn a_name_that_a_language_lacks_is_there_in_english_and_told() {
    let files = with(&[("es/ui.toml", "help = \"ES navigation: help\"\n", "")]);
    let found = found(&files);
    let [(rule, severity, words)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((*rule, *severity), ("untranslated-word", Severity::Warning), "{words}");
    assert!(words.contains("`help`") && words.contains("below [navigation]"), "{words}");
    let site = TestSite::with(&files);
    assert!(lists(&site, "/es/").contains(&"Navigation: help en".to_owned()), "{:?}", lists(&site, "/es/"));
    // In English it has to be there.
    let files = with(&[("en/ui.toml", "help = \"Navigation: help\"\n", "")]);
    assert!(check(&files, false).1.sorted().iter().any(|finding| finding.rule.name == "missing-word"));
}

#[test]
fn a_short_label_is_in_the_header_alone() {
    let place = "navigation = { label = \"Contact\", group = \"visit\", order = 2";
    let files = with(&[(
        "en/pages/contact.toml",
        &format!("{place} }}"),
        &format!("{place}, header = true, short_label = \"Reach us\" }}"),
    )]);
    assert_eq!(found(&files), []);
    let page = TestSite::with(&files).parsed("/");
    let label = |part: &str| text_of(&page.one(&format!("{part} a[href=\"/contact/\"]")));
    assert_eq!((label("nav.pages").as_str(), label("#site-pages").as_str()), ("Reach us", "Contact"));
    // Elsewhere it would be shown to nobody's surprise but its writer's: there is nothing of it.
    let files =
        with(&[("en/pages/contact.toml", &format!("{place} }}"), &format!("{place}, short_label = \"Reach us\" }}"))]);
    assert!(!TestSite::with(&files).get("/").text().contains("Reach us"));
}

/// Three links in the header of the sample with labels of so many characters.
fn header(labels: [usize; 3]) -> Files {
    let mut files = sample();
    for ((page, label), length) in
        [("contact", "Contact"), ("privacy", "Privacy"), ("get-help-now", "Get help now")].iter().zip(labels)
    {
        let words = "x".repeat(length);
        replace(
            &mut files,
            &format!("en/pages/{page}.toml"),
            &format!("label = \"{label}\""),
            &format!("label = \"{words}\", header = true"),
        );
    }
    files
}

#[test]
fn links_that_have_no_room_in_the_header_are_told() {
    // Of 130 characters "Layout: leave" and "Español" take 13 and 7, and each of the five is parted from the next by 4.
    assert_eq!(found(&header([30, 30, 30])), []);
    let found = found(&header([30, 31, 30]));
    let [("header-places", Severity::Warning, words)] = found.as_slice() else { panic!("{found:?}") };
    for part in ["(contact.toml)", "(privacy.toml)", "(get-help-now.toml)", "`short_label`"] {
        assert!(words.contains(part), "{part:?} is not in {words}");
    }
}

#[test]
fn where_the_way_out_leads_and_what_it_says_are_one_setting() {
    let files = with(&[
        ("clinic.toml", LEAVE, "[leave]\nurl = \"https://www.library.example/today/\"\n\n[navigation]\n"),
        ("en/pages/privacy.toml", "lead = \"", "lead = \"It leads to {leave_site}. "),
    ]);
    let site = TestSite::with(&files);
    for page in site.documents() {
        for link in page.all("a.quick-exit") {
            assert_eq!(link.attr("href"), Some("https://www.library.example/today/"), "{}", page.path);
        }
        let said = text_of(&page.one("#site-leave"));
        assert!(said.contains("library.example") && !said.contains("www.") && !said.contains('{'), "{said}");
    }
    assert!(site.get("/privacy/").text().contains("It leads to library.example."));
    // Left out, it is the weather.
    let site = TestSite::with(&sample());
    assert_eq!(site.parsed("/es/").one("header a.quick-exit").attr("href"), Some("https://www.weather.gov/"));
    assert!(text_of(&site.parsed("/es/").one("#site-leave")).contains(" weather.gov"));
}

#[test]
fn the_way_out_is_encrypted_and_its_words_name_it() {
    for (file, from, to, rule) in [
        ("clinic.toml", LEAVE, "[leave]\nurl = \"http://www.library.example/\"\n\n[navigation]\n", "malformed"),
        (
            "en/ui.toml",
            "leave_note = \"Layout: leave note {site}\"",
            "leave_note = \"Opens weather.gov.\"",
            "malformed",
        ),
    ] {
        let found = found(&with(&[(file, from, to)]));
        assert_eq!(found.iter().map(|(rule, ..)| *rule).collect::<Vec<_>>(), [rule], "{found:?}");
    }
}
