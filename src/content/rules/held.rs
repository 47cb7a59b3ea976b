//! Pages that are held back: each is reported, and so is a page that must not be held back.

use super::NEEDED_PAGES;
use crate::content::catalogue::{DRAFT, NEEDED_DRAFT};
use crate::content::held::{MARK, Why, draft_line};
use crate::content::{Draft, DraftLanguage};
use crate::diagnostic::Report;
use crate::lang::Lang;

/// Reports the pages of a language that a published site is made without.
pub(super) fn check(draft: &Draft, language: &DraftLanguage, report: &mut Report) {
    let english = draft.languages.iter().find(|other| other.lang == Lang::En);
    for (key, held) in &language.held {
        let (message, help) = match held.why {
            _ if held.is_faulty => (
                "this page is a draft with mistakes, so it is not even in the preview".to_owned(),
                "mend what else is reported in this file; all other pages are made as if it were not there".to_owned(),
            ),
            Why::Line => (
                "this page is a draft, so it is in the preview alone".to_owned(),
                "is it finished? Delete the line `draft = true`, and the page is published with the others".to_owned(),
            ),
            Why::Mark => (
                "this page is not written yet, so it is in the preview alone".to_owned(),
                format!("write your own words in place of each text that starts with {MARK}, or delete the page"),
            ),
            Why::Original => {
                let original = english.and_then(|english| english.held.get(key));
                let path = original.map_or("the English page", |held| held.source.path.as_str());
                (
                    "the English page is held back, so this translation is in the preview alone".to_owned(),
                    format!("finish {path}: then both are published"),
                )
            }
        };
        report.add(&DRAFT, &held.source, held.place.clone(), message, help);
    }
    for page in NEEDED_PAGES.iter().filter_map(|key| language.pages.get(*key)) {
        if page.value.draft == Some(true) {
            report.add(
                &NEEDED_DRAFT,
                &page.source,
                draft_line(&page.source, Some(page)).unwrap_or(0..0),
                "this page can't be a draft: every page of the site links to it",
                "delete the line `draft = true`",
            );
        }
    }
}
