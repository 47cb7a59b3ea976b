//! Headings within prose and official texts, and official texts as long as the law's.

use crate::accessibility::problems;
use crate::content::minimal;
use crate::harness::{Page, TODAY, TestSite, check, replace, text_in, text_of};
use clinic_site::content::Files;
use std::fmt::Write as _;

const HOME: &str = "en/pages/home.toml";
const PROSE: &str = "text = \"This is {name}. Read about [group therapy](/group-therapy/).\"";

/// The minimal content with another text on its home page.
fn with_prose(text: &str) -> Files {
    let mut files = minimal();
    replace(&mut files, HOME, PROSE, &format!("text = \"\"\"\nThis is {{name}}.\n\n{text}\"\"\""));
    files
}

/// What is wrong with a page of the minimal content, whose navigation is empty.
pub fn problems_of(page: &Page) -> Vec<String> {
    problems(page).into_iter().filter(|problem| !problem.ends_with("bare text or nothing: <ul> </ul>")).collect()
}

#[track_caller]
fn rules(files: &Files) -> Vec<String> {
    let (_, report) = check(files, false);
    report.sorted().into_iter().map(|finding| finding.rule.name.to_owned()).collect()
}

#[test]
fn headings_of_prose_are_below_that_of_its_section_on_the_page_and_in_the_booklet() {
    let text = "## What we do\n\nWe treat people. Go to [the rest](#welcome-the-rest) or [see](/#welcome-to-see).\n\n### To see\n\n- one\n\n## The rest\n\nWords.";
    let files = with_prose(text);
    assert_eq!(rules(&files), [""; 0], "{}", check(&files, false).1.text());
    let site = TestSite::with(&files);
    let home = site.parsed("/");
    assert_eq!(text_of(&home.one("h3#welcome-what-we-do")), "What we do");
    assert_eq!(text_of(&home.one("h4#welcome-to-see")), "To see");
    home.one("h3#welcome-the-rest");
    let booklet = site.parsed("/print/");
    booklet.one("h3[id='page.home.welcome']");
    booklet.one("h4[id='page.home.welcome-what-we-do']");
    booklet.one("h5[id='page.home.welcome-to-see']");
    booklet.one("a[href='#page.home.welcome-the-rest']");
    booklet.one("a[href='#page.home.welcome-to-see']");
    assert_eq!(problems_of(&home), [""; 0]);
    for path in ["/", "/print/"] {
        assert!(site.parsed(path).one("link[rel=stylesheet]").attr("href").unwrap().starts_with("/assets/full."));
    }
    assert!(site.parsed("/contact/").one("link[rel=stylesheet]").attr("href").unwrap().starts_with("/assets/site."));
}

#[test]
fn a_link_to_a_heading_that_is_not_there_is_told_and_so_is_an_anchor_that_is_there_twice() {
    let files = with_prose("## What we do\n\nGo to [the rest](#welcome-rest).");
    assert_eq!(rules(&files), ["dead-anchor"]);
    let mut files = with_prose("## What we do\n\nWords.");
    let section =
        "\n\n[[sections]]\nkind = \"prose\"\nid = \"welcome-what-we-do\"\nheading = \"Another\"\ntext = \"Words.\"\n";
    let page = text_in(&files, HOME) + section;
    files.insert(HOME, page.into_bytes());
    assert_eq!(rules(&files), ["duplicate-id"]);
}

#[test]
fn headings_stay_refused_where_a_place_is_short_and_where_a_line_makes_them() {
    for (text, wanted) in [
        ("Words\n-----\n\nMore.", "markup"),
        ("Words\n=====\n\nMore.", "markup"),
        ("# One\n\nMore.", "heading"),
        ("### Three\n\nMore.", "heading"),
        ("## Two\n\n#### Four\n\nMore.", "heading"),
        ("##\n\nMore.", "heading"),
        ("## Call {name}\n\nMore.", "heading"),
    ] {
        assert_eq!(rules(&with_prose(text)), [wanted], "{text:?}: {}", check(&with_prose(text), false).1.text());
    }
    let mut files = minimal();
    replace(&mut files, HOME, "lead = \"One", "lead = \"## Two\\n\\nOne");
    assert_eq!(rules(&files), ["markup"]);
}

#[test]
fn a_translation_is_stale_when_a_heading_changes() {
    let print = |text: &str| clinic_site::content::fingerprint(&text_in(&with_prose(text), HOME)).unwrap();
    assert_eq!(print("## What we do\n\nWords."), print("## What  *we* do\n\nWords."));
    assert_ne!(print("## What we do\n\nWords."), print("## What they do\n\nWords."));
}

/// A notice of privacy practices as 45 CFR 164.520 and 42 CFR 2.22 together ask for it: some 12,000 words under 24 headings and 48 smaller ones.
fn notice() -> String {
    let words = "Your information about treatment for a substance use disorder has more protection under federal law and we may not use or share it in a way \
                 that the law does not permit unless you agree in writing and you may take that back at any time";
    let mut text =
        "**THIS NOTICE DESCRIBES HOW MEDICAL INFORMATION ABOUT YOU MAY BE USED AND DISCLOSED.**\n".to_owned();
    for part in 1..=24 {
        write!(text, "\n## Part {part} of your rights\n\n{words}.\n").unwrap();
        for more in ["How we use it", "How you get it"] {
            write!(text, "\n### {more}\n\n{words}. {words}.\n\n- {words}\n- {words}\n\n{words}.\n").unwrap();
        }
    }
    text
}

#[test]
fn a_notice_as_long_as_the_law_makes_it_is_shown_with_its_headings() {
    let notice = notice();
    let count = notice.split_whitespace().count();
    assert!((11_000..14_000).contains(&count), "{count} words");
    let mut files = minimal();
    let page = text_in(&files, "en/pages/notices.toml");
    let (before, after) = page.split_once("text = \"The clinic's notice of privacy practices.\"").unwrap();
    files.insert("en/pages/notices.toml", format!("{before}text = \"\"\"\n{notice}\"\"\"{after}").into_bytes());
    let (content, report) = check(&files, false);
    assert!(content.is_some() && report.sorted().is_empty(), "{}", report.text());
    let site = TestSite::build(&files, None, TODAY);
    let page = site.parsed("/notices/");
    assert_eq!((page.all(".official .text h3").len(), page.all(".official .text h4").len()), (24, 48));
    let all: Vec<_> = page.all("[id]").into_iter().map(|element| element.attr("id").unwrap().to_owned()).collect();
    let once: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(all.len(), once.len(), "the same heading again has an anchor of its own");
    let long = "a ".repeat(80_000);
    files.insert("en/pages/notices.toml", format!("{before}text = \"{long}\"{after}").into_bytes());
    assert_eq!(rules(&files), ["length"]);
}
