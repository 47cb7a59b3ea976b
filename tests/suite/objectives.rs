//! The objectives of group therapy: as many as the clinic names. That the shipped ones are the nine of the source is held by `words.rs`.

use crate::harness::sample::sample;
use crate::harness::{TestSite, check};
use clinic_site::content::Files;
use std::fmt::Write as _;

/// The sample with so many objectives, of which each second has a picture.
fn with(count: usize) -> Files {
    let mut files = sample();
    for lang in ["en", "es"] {
        let mut text = String::new();
        for number in 1..=count {
            let _ = write!(
                text,
                "[[objectives]]\nid = \"objective-{number}\"\nname = \"Name {number}\"\nline = \"What it means.\"\n\
                 explanation = \"What it does.\"\nexample = \"What it looks like.\"\n"
            );
            if number % 2 == 0 {
                text += "icon = \"hope\"\n";
            }
        }
        files.insert(&format!("{lang}/objectives.toml"), text.into_bytes());
    }
    files
}

#[test]
fn there_are_as_many_as_the_clinic_names() {
    for count in [1, 6, 12, 30] {
        let files = with(count);
        assert!(!check(&files, false).1.has_errors(), "{count}: {}", check(&files, false).1.text());
        let site = TestSite::with(&files);
        let page = site.parsed("/group-therapy/");
        let items = page.all(".objectives > li");
        assert_eq!(items.len(), count);
        for (at, item) in items.iter().enumerate() {
            assert_eq!(item.attr("id"), Some(format!("objective-{}", at + 1).as_str()));
            let html = item.inner_html();
            assert_eq!(html.contains("<svg"), at % 2 == 1, "{count}: {html}");
        }
        // Without a picture the words take its place; the sheet of a site whose objectives all have one says nothing of it.
        let sheet = page.one("link[rel=stylesheet]").attr("href").unwrap().to_owned();
        assert!(site.get(&sheet).is(200).text().contains(":not(:has(> .icon))"), "{count}");
    }
}

#[test]
fn more_than_anybody_reads_are_told() {
    let report = check(&with(31), false).1;
    let found = report.sorted();
    let finding =
        found.iter().find(|finding| finding.rule.name == "too-many").unwrap_or_else(|| panic!("{}", report.text()));
    assert!(finding.message.contains("31 objectives"), "{}", finding.message);
    assert_eq!(finding.source.position(finding.span.start).0, 197, "the first one too many: {}", report.text());
}

#[test]
fn a_clinic_whose_pages_show_none_needs_no_file_of_them() {
    let mut files = sample();
    for lang in ["en", "es"] {
        files.remove(&format!("{lang}/objectives.toml"));
    }
    let report = check(&files, false).1;
    let missing = report.sorted().iter().filter(|finding| finding.rule.name == "missing-file").count();
    assert_eq!(missing, 2, "the page of the sample shows them, in each language:\n{}", report.text());
    for lang in ["en", "es"] {
        let page = format!("{lang}/pages/group-therapy.toml");
        let text = String::from_utf8(files.get(&page).unwrap().to_vec()).unwrap();
        assert!(text.contains("kind = \"objectives\""), "{page}");
        files.insert(&page, text.replace("kind = \"objectives\"", "kind = \"help_lines\"").into_bytes());
    }
    let (content, report) = check(&files, false);
    let lost = report.sorted().iter().any(|finding| finding.rule.name == "missing-file");
    assert!(content.is_some() && !lost, "{}", report.text());
}
