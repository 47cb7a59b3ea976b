//! A translation follows what it was made from, and says that the clinic has not read it until the clinic has.

use crate::content::minimal;
use crate::harness::{
    Page, TestSite, address, check, edited, es, language, published_empty, replace, reviewed, text_of,
};
use clinic_site::content::Files;
use clinic_site::diagnostic::{Report, Severity};
use clinic_site::lang::Lang;
use std::collections::BTreeSet;

/// The smallest site in both languages, in English words. Each Spanish file says what it was translated from.
#[track_caller]
pub(crate) fn in_two_languages() -> Files {
    let mut files = copied();
    say_what_they_are_from(&mut files);
    files
}

/// Adds the line that is missing to each file that doesn't say what it was translated from.
pub(crate) fn say_what_they_are_from(files: &mut Files) {
    for Told { file, line, .. } in told(files) {
        if line_of(files, &file).is_empty() {
            files.insert(&file, format!("{line}\n{}", text(files, &file)).into_bytes());
        }
    }
}

/// A file as it is in Spanish, but for its words: links lead to the pages of that language.
pub(crate) fn in_spanish(english: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(english).replace("](/", "](/es/").replace("link = \"/", "link = \"/es/").into_bytes()
}

/// The same before anybody has said what was translated from what.
fn copied() -> Files {
    let mut files = minimal();
    let english: Vec<String> = files.paths().filter(|path| path.starts_with("en/")).map(str::to_owned).collect();
    for path in english {
        let bytes = in_spanish(files.get(&path).unwrap());
        files.insert(&path.replacen("en/", "es/", 1), bytes);
    }
    files
}

/// A finding about a translation that does not follow.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    file: String,
    /// What the finding is about, as it stands in the file.
    at: String,
    message: String,
    /// The line that mends it.
    line: String,
}

/// What is told of translations that do not follow, as without publishing.
#[track_caller]
fn told(files: &Files) -> Vec<Told> {
    let (_, report) = check(files, false);
    assert_eq!(report.count(Severity::Error), 0, "{}", report.text());
    let stale = report.sorted().into_iter().filter(|finding| finding.rule.name == "stale-translation");
    let told = stale.map(|finding| Told {
        file: below(&finding.source.path).to_owned(),
        at: finding.source.text.get(finding.span.clone()).unwrap().to_owned(),
        message: finding.message.clone(),
        line: finding.help[finding.help.find("translated_from = ").unwrap()..].to_owned(),
    });
    told.collect()
}

/// The path of a file below the content folder.
fn below(path: &str) -> &str {
    let roots = ["tests/fixtures/minimal/", "tests/fixtures/site/", "content/"];
    roots.into_iter().find_map(|root| path.strip_prefix(root)).unwrap()
}

#[track_caller]
fn text(files: &Files, path: &str) -> String {
    String::from_utf8(files.get(path).unwrap_or_else(|| panic!("{path}")).to_vec()).unwrap()
}

/// The line of a file that says what it was translated from.
#[track_caller]
fn line_of(files: &Files, path: &str) -> String {
    text(files, path).lines().find(|line| line.starts_with("translated_from = ")).unwrap_or_default().to_owned()
}

/// Each kind of file that is translated, with a sentence of it and another.
const SENTENCES: [(&str, &str, &str); 6] = [
    ("pages/contact.toml", "text = \"Call us.\"", "text = \"Call us or write.\""),
    ("pages/contact.toml", "title = \"Contact\"", "title = \"Contacts\""),
    ("pages/contact.toml", "label = \"Contact\"", "label = \"Contacts\""),
    ("ui.toml", "menu = \"All pages\"", "menu = \"Every page\""),
    ("objectives.toml", "\"What hope does for a person.\"", "\"What hope does for you.\""),
    ("notices.toml", "[new page]", "[newer page]"),
];

#[test]
fn an_english_sentence_that_changes_is_told_once_where_its_translation_says_what_it_was_made_from() {
    for (file, from, to) in SENTENCES {
        let mut files = in_two_languages();
        let (english, spanish) = (format!("en/{file}"), format!("es/{file}"));
        replace(&mut files, &english, from, to);
        let found = told(&files);
        let [finding] = &found[..] else { panic!("{to} in {english}: {found:#?}") };
        let before = line_of(&files, &spanish);
        assert_eq!(finding.file, spanish);
        assert_eq!(format!("translated_from = {}", finding.at), before, "{spanish}");
        assert!(finding.message.contains("has changed") && finding.message.contains(&english), "{}", finding.message);
        // What it asks for is enough, and the old value is right again when the sentence is.
        let mut mended = files.clone();
        replace(&mut mended, &spanish, &before, &finding.line);
        assert_eq!(told(&mended), [], "{spanish}");
        replace(&mut files, &english, to, from);
        assert_eq!(told(&files), [], "{spanish}");
    }
}

#[test]
fn of_an_english_file_that_can_not_be_read_whole_no_fingerprint_is_offered() {
    const PAGE: &str = "en/pages/contact.toml";
    let whole = in_two_languages();
    let written = text(&whole, PAGE);
    let half = written.floor_char_boundary(written.len() / 2);
    let changed = written.replacen("text = \"", "text = \"Now. ", 1);
    assert_ne!(changed, written);
    for broken in [
        // Half of it was uploaded, a quote is missing, a key is misspelt, two people merged it.
        written[..half].to_owned(),
        changed.replacen("title = \"", "title = ", 1),
        changed.replacen("title = ", "titel = ", 1),
        format!("<<<<<<< HEAD\n{changed}"),
    ] {
        let mut files = whole.clone();
        files.insert(PAGE, broken.clone().into_bytes());
        let (content, report) = check(&files, false);
        assert!(content.is_none(), "{broken}");
        assert!(!report.text().contains("translated_from"), "{}", report.text());
    }
    // Once it can be read again, the line to write is the right one.
    let mut files = whole.clone();
    files.insert(PAGE, changed.into_bytes());
    assert_eq!(told(&files).len(), 1);
}

#[test]
fn a_spanish_sentence_that_changes_is_no_reason_to_look_at_the_english_one() {
    for (file, from, to) in SENTENCES {
        let mut files = in_two_languages();
        replace(&mut files, &format!("es/{file}"), from, to);
        assert_eq!(told(&files), [], "{to} in es/{file}");
    }
}

#[test]
fn dates_places_in_the_navigation_and_remarks_are_no_change() {
    for (file, from, to) in [
        ("pages/contact.toml", "last_reviewed = 2026-11-01", "last_reviewed = 2026-11-20"),
        ("pages/contact.toml", "next_review = 2027-05-01", "next_review = 2027-06-01"),
        ("pages/contact.toml", "order = 2", "order = 7"),
        ("pages/contact.toml", "group = \"visit\"", "group = \"help\""),
        ("pages/contact.toml", "order = 2 }", "order = 2, header = true }"),
        ("pages/contact.toml", "kind = \"page\"", "# A remark.\nkind = \"page\""),
        ("pages/contact.toml", "kind = \"contact\"\n", "kind = \"contact\"\nid = \"reach\"\n"),
        ("ui.toml", "[layout]", "# A remark.\n[layout]"),
        ("objectives.toml", "icon = \"hope\"", "icon = \"altruism\""),
        ("notices.toml", "starts = 2026-11-01", "starts = 2026-11-02"),
        ("notices.toml", "ends = 2027-11-01", "ends = 2027-12-01"),
    ] {
        let mut files = in_two_languages();
        replace(&mut files, &format!("en/{file}"), from, to);
        assert_eq!(told(&files), [], "{to} in en/{file}");
    }
}

#[test]
fn how_the_same_words_are_written_is_no_change() {
    for (file, from, to) in [
        ("pages/contact.toml", "\"Call us.\"", "'Call us.'"),
        ("pages/contact.toml", "\"Call us.\"", "\"\"\"\nCall\nus.\n\"\"\""),
        ("pages/contact.toml", "\"Call us.\"", "\"\"\"\\\n    Call \\\n    us.\"\"\""),
        ("pages/contact.toml", "\"Call us.\"", "\"C\\u0061ll us.\""),
        ("pages/contact.toml", "\"Call us.\"", "\"*Call* [us](/contact/).\""),
        ("ui.toml", "\"All pages\"", "'All pages'"),
        ("notices.toml", "[new page]", "[new  page]"),
    ] {
        let mut files = in_two_languages();
        replace(&mut files, &format!("en/{file}"), from, to);
        assert_eq!(told(&files), [], "{to} in en/{file}");
    }
    let mut files = Files::embedded();
    for path in files.paths().filter(|path| path.starts_with("en/")).map(str::to_owned).collect::<Vec<_>>() {
        let crlf = text(&files, &path).replace('\n', "\r\n");
        files.insert(&path, crlf.into_bytes());
    }
    assert_eq!(told(&files), [], "every line end of every English file");
    let curly = |text: &str| text.replace("isn't", "isn’t").replace("don't", "don’t").replace("It's", "It’s");
    let mut changed = 0;
    for path in files.paths().filter(|path| path.starts_with("en/pages/")).map(str::to_owned).collect::<Vec<_>>() {
        let before = text(&files, &path);
        let after = curly(&before);
        changed += usize::from(before != after);
        files.insert(&path, after.into_bytes());
    }
    assert!(changed > 0, "no English page has such a word");
    assert_eq!(told(&files), [], "typographic quotes");
}

#[test]
fn a_word_that_moves_to_the_next_passage_is_a_change() {
    let mut files = in_two_languages();
    replace(&mut files, "en/pages/contact.toml", "text = \"Call us.\"", "text = \"us.\"");
    let page = text(&files, "en/pages/contact.toml");
    let heading = page.lines().rfind(|line| line.starts_with("heading = ")).unwrap();
    replace(&mut files, "en/pages/contact.toml", heading, &format!("{} Call\"", heading.trim_end_matches('"')));
    assert_eq!(told(&files).len(), 1);
}

#[test]
fn a_file_that_does_not_say_what_it_was_translated_from_is_told_at_its_top() {
    let english = minimal();
    let translated: BTreeSet<String> = english
        .paths()
        .filter(|path| path.starts_with("en/") && !path.ends_with("/language.toml"))
        .map(|path| path.replacen("en/", "es/", 1))
        .collect();
    let without = told(&copied());
    let all: BTreeSet<String> = without.iter().map(|finding| finding.file.clone()).collect();
    assert_eq!(all, translated, "every kind of file, each page");
    assert_eq!(all.len(), without.len(), "each once");
    for finding in &without {
        assert_eq!(finding.at, "", "{}: there is nothing to point at", finding.file);
        assert!(finding.message.contains("nobody can tell"), "{}", finding.message);
    }
    // Each alone: the others are not told with it.
    for file in ["es/pages/contact.toml", "es/ui.toml", "es/objectives.toml", "es/notices.toml"] {
        let mut files = in_two_languages();
        let line = line_of(&files, file);
        replace(&mut files, file, &format!("{line}\n"), "");
        let found = told(&files);
        assert_eq!(found.iter().map(|finding| finding.file.as_str()).collect::<Vec<_>>(), [file]);
        assert_eq!(found[0].line, line);
    }
}

#[test]
fn every_shipped_page_is_translated_and_says_what_it_was_translated_from() {
    // An English sentence that changed is for `check` to report, and for an editor to follow: it breaks no test.
    for Told { file, at, .. } in told(&Files::embedded()) {
        assert!(!at.is_empty(), "{file} doesn't say what it was translated from");
    }
    let (_, report) = check(&Files::embedded(), false);
    assert!(!rules(&report).contains(&"missing-translation"), "{}", report.text());
}

#[test]
fn a_page_that_is_not_translated_is_told_at_the_english_one_with_the_line_to_add() {
    let mut files = in_two_languages();
    let line = line_of(&files, "es/pages/contact.toml");
    files.remove("es/pages/contact.toml");
    let (_, report) = check(&files, false);
    let found: Vec<_> = report.sorted();
    let [finding] = &found[..] else { panic!("{}", report.text()) };
    assert_eq!((finding.rule.name, below(&finding.source.path)), ("missing-translation", "en/pages/contact.toml"));
    assert!(finding.help.ends_with(&line), "{}", finding.help);
}

fn rules(report: &Report) -> Vec<&'static str> {
    report.sorted().iter().map(|finding| finding.rule.name).collect()
}

/// The marks of a document that says that nobody has read it: the words, and where the links in English to English pages lead.
fn marks(page: &Page) -> Vec<(String, Vec<String>)> {
    let links = scraper::Selector::parse("a[href][lang=en][hreflang=en]").unwrap();
    let of = |mark: &scraper::ElementRef<'_>| {
        (text_of(mark), mark.select(&links).map(|link| link.attr("href").unwrap().to_owned()).collect())
    };
    page.all("main .translation").iter().map(of).collect()
}

/// The Spanish pages that somebody of the clinic has read say so.
fn read(files: &mut Files, keys: &[&str]) {
    for key in keys {
        let path = format!("es/pages/{key}.toml");
        let page = text(files, &path);
        files.insert(&path, reviewed(&page).into_bytes());
    }
}

#[test]
fn a_translation_says_that_nobody_has_read_it_with_the_way_to_the_english_page() {
    let words = &language(es()).ui.translation;
    assert_eq!(words.original, language(Lang::En).ui.translation.original, "for those who read English: in English");
    assert_ne!(words.not_reviewed, language(Lang::En).ui.translation.not_reviewed);
    for (state, site) in TestSite::states() {
        for (key, page) in &language(es()).pages {
            let document = site.parsed(&address(es(), key));
            let mark = format!("{} {}", words.not_reviewed, words.original);
            let wanted = vec![(mark, vec![address(Lang::En, key)])];
            let wanted = if page.reviewed_by.is_some() { Vec::new() } else { wanted };
            assert_eq!(marks(&document), wanted, "{state}: {}", document.path);
        }
        let unread = language(es()).pages.values().any(|page| page.reviewed_by.is_none());
        let wanted = if unread { vec![(words.not_reviewed.to_string(), Vec::new())] } else { Vec::new() };
        assert_eq!(marks(&site.parsed("/es/imprimir/")), wanted, "{state}");
        for document in site.documents().iter().filter(|page| page.lang() == Lang::En || page.path.starts_with("error"))
        {
            assert_eq!(marks(document), [], "{state}: {}", document.path);
        }
    }
}

#[test]
fn the_mark_goes_from_the_page_that_was_read_and_from_the_booklet_when_all_were() {
    let all: Vec<&str> = language(es()).pages.keys().map(String::as_str).collect();
    let unread = |files: &Files| {
        let site = TestSite::with(files);
        let marked = site.documents().into_iter().filter(|page| !marks(page).is_empty()).map(|page| page.path);
        marked.collect::<BTreeSet<String>>()
    };
    let shipped = unread(&Files::embedded());
    let contact = unread(&edited(|files| read(files, &["contact"])));
    assert!(shipped.contains("/es/contacto/") && shipped.contains("/es/imprimir/"), "{shipped:?}");
    let difference: Vec<_> = shipped.symmetric_difference(&contact).collect();
    assert_eq!(difference, ["/es/contacto/"], "that page alone");
    assert_eq!(unread(&edited(|files| read(files, &all))), BTreeSet::new());
    let one_left: Vec<&str> = all.iter().copied().filter(|key| *key != "contact").collect();
    let left = unread(&edited(|files| read(files, &one_left)));
    assert_eq!(left.into_iter().collect::<Vec<_>>(), ["/es/contacto/", "/es/imprimir/"]);
}

#[test]
fn who_publishes_is_told_of_each_page_that_was_not_read() {
    let unread = |files: &Files, publish| {
        let (content, report) = check(files, publish);
        assert_eq!(content.is_none(), report.has_errors(), "{}", report.text());
        let all = report.sorted().into_iter().filter(|finding| finding.rule.name == "unreviewed-translation");
        all.map(|finding| below(&finding.source.path).to_owned()).collect::<BTreeSet<_>>()
    };
    let mut files = published_empty();
    let pages: BTreeSet<String> =
        files.paths().filter(|path| path.starts_with("es/pages/")).map(str::to_owned).collect();
    assert_eq!(unread(&files, true), pages);
    assert_eq!(unread(&files, false), BTreeSet::new(), "a preview shows the mark");
    read(&mut files, &["contact"]);
    let left = unread(&files, true);
    assert_eq!(pages.difference(&left).collect::<Vec<_>>(), ["es/pages/contact.toml"]);
    assert_eq!(left.len() + 1, pages.len());
}

#[test]
fn a_line_whose_key_is_misspelt_is_not_told_as_missing_too() {
    let file = "es/pages/contact.toml";
    let files = edited(|files| replace(files, file, "translated_from =", "traducido_de ="));
    let (_, report) = check(&files, false);
    // The day of the last review may be later than the day of the tests.
    let told = report.sorted().into_iter().filter(|finding| finding.rule.name != "future-day");
    let told: Vec<_> = told.filter(|finding| finding.source.path.ends_with(file)).collect();
    let [finding] = &told[..] else { panic!("{}", report.text()) };
    assert_eq!(finding.rule.name, "unknown-key", "{}", report.text());
}

#[test]
fn a_link_that_leads_out_of_a_translation_is_led_back_with_its_anchor() {
    let told = |link: &str| {
        let mut files = in_two_languages();
        replace(&mut files, "es/pages/contact.toml", "Call us.", &format!("[Call]({link}) us, [again]({link})."));
        let (_, report) = check(&files, true);
        let found = report.sorted().into_iter().filter(|found| found.rule.name == "foreign-link");
        found.map(|found| found.fix.iter().map(|edit| edit.text.clone()).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    assert_eq!(told("/group-therapy/"), [["/es/group-therapy/", "/es/group-therapy/"]], "each place of it");
    assert_eq!(told("/group-therapy/#main"), [["/es/group-therapy/#main", "/es/group-therapy/#main"]]);
    assert_eq!(told("/es/group-therapy/").len(), 0);
    // English pages may lead to any other language.
    let mut files = in_two_languages();
    replace(&mut files, "en/pages/contact.toml", "Call us.", "[Llame](/es/group-therapy/).");
    assert!(check(&files, true).1.sorted().iter().all(|found| found.rule.name != "foreign-link"));
}
