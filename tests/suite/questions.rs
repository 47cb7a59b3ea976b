//! What people ask before they call: each question is answered at most two taps from home, in every language.

use crate::harness::{Page, TestSite, langs, text_of};
use crate::words::{place_of, plain, rows};
use clinic_site::lang::Lang;
use std::collections::BTreeSet;

fn file_of(lang: Lang) -> &'static str {
    match lang.tag() {
        "en" => include_str!("words/questions.txt"),
        _ => include_str!("words/questions.es.txt"),
    }
}

/// The addresses within the site that a page links to; a link to a part of the page itself is one to the page with its anchor.
fn links(page: &Page) -> BTreeSet<String> {
    let all = page.all("body a[href]").into_iter().filter_map(|link| link.attr("href").map(str::to_owned));
    all.filter_map(|href| match href.strip_prefix('#') {
        Some(id) => Some(format!("{}#{id}", page.path)),
        None => href.starts_with('/').then_some(href),
    })
    .collect()
}

#[test]
fn every_question_is_answered_at_most_two_taps_from_home() {
    let site = TestSite::published();
    let pages: BTreeSet<String> = site.pages().into_iter().collect();
    let mut lost = Vec::new();
    for lang in langs() {
        let near = links(&site.parsed(&lang.root()));
        let paths: BTreeSet<&str> = near.iter().filter_map(|link| link.split('#').next()).collect();
        let far = paths.iter().filter(|path| pages.contains(**path)).flat_map(|path| links(&site.parsed(path)));
        let reached: BTreeSet<String> = far.chain(near.iter().cloned()).collect();
        for (question, place, words) in rows(file_of(lang)) {
            let (path, id) = place.split_once('#').unwrap_or_else(|| panic!("{place} names no part of a page"));
            let page = site.parsed(path);
            // At the top of its page, an answer needs no link of its own.
            let parts = page.all("main section[aria-labelledby]");
            let first = parts.iter().take(2).any(|part| part.attr("aria-labelledby") == Some(id));
            if !(reached.contains(place) || first && paths.contains(path)) {
                lost.push(format!("{question}: {place} is more than two taps from {}", lang.root()));
            }
            let text = plain(&text_of(&page.one(&format!("[aria-labelledby={id:?}]"))));
            let missing = words.iter().filter(|words| !text.contains(&plain(words)));
            lost.extend(
                missing.map(|words| format!("{question}: {place} does not say {words:?}\n    it says: {text}")),
            );
        }
    }
    assert!(
        lost.is_empty(),
        "questions that have no answer nearby; if an answer is only worded anew, change tests/suite/words/questions*.txt:\n{}",
        lost.join("\n")
    );
}

#[test]
fn each_language_answers_the_same_questions_on_the_same_pages() {
    let asked = |lang| {
        let all =
            rows(file_of(lang)).map(move |(question, place, words)| (question, place_of(lang, place).0, words.len()));
        all.collect::<Vec<_>>()
    };
    for lang in langs() {
        assert_eq!(
            asked(lang),
            asked(Lang::En),
            "{lang:?}, line by line: the question, the page, how many pieces of words"
        );
    }
}
