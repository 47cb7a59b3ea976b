//! Rules about what is the same in two languages. English is the source language: see [`crate::lang::Lang`].

use super::NEEDED_PAGES;
use crate::content::catalogue::{MISSING_TRANSLATION, ORPHAN_TRANSLATION, STALE_TRANSLATION};
use crate::content::leaf::quoted;
use crate::content::model::Page;
use crate::content::names;
use crate::content::{Document, Draft, DraftLanguage};
use crate::diagnostic::{Edit, Help, Report};
use crate::lang::Lang;
use std::sync::Arc;

/// Reports pages that another language lacks, and translations of what the English file does not say any more.
pub(super) fn check(draft: &Draft, report: &mut Report) {
    let Some(english) = draft.languages.iter().find(|language| language.lang == Lang::En) else { return };
    for other in draft.languages.iter().filter(|language| language.lang != Lang::En) {
        stale(draft, other, report);
        pages(english, other, report);
    }
}

fn stale(draft: &Draft, other: &DraftLanguage, report: &mut Report) {
    for (english, translation) in draft.stale(other) {
        let path = &english.source.path;
        let line = format!("translated_from = \"{}\"", english.fingerprint());
        let (span, message, help) = match translation.translated_from {
            // It could not be read, which is reported where it is. Nor does a file with errors say what it will say once they are mended.
            _ if report.has_errors_in(path) => continue,
            Some(from) if from.as_str().is_empty() => continue,
            Some(from) => (
                from.span(),
                format!("the English file has changed since this was translated ({path})"),
                Help::exact(Edit::new(translation.source, from.span(), quoted(english.fingerprint())), |from| {
                    format!("compare the two, then write translated_from = {from}")
                }),
            ),
            // A misspelled key may be the very reason why the line seems to be missing.
            None if report.has_errors_in(&translation.source.path) => continue,
            None => (
                0..0,
                format!("nobody can tell whether this says what the English file says ({path})"),
                Help::exact(Edit::new(translation.source, 0..0, format!("{line}\n")), |line| {
                    format!("compare the two, then add a line at the top: {}", line.trim_end())
                }),
            ),
        };
        report.add(&STALE_TRANSLATION, translation.source, span, message, help);
    }
}

fn pages(english: &DraftLanguage, other: &DraftLanguage, report: &mut Report) {
    // What every page links to is reported where it is missing.
    let is_orphan = |key: &str| !english.has(key) && !NEEDED_PAGES.contains(&key);
    let orphans = other.pages.iter().filter(|(key, _)| is_orphan(key));
    let mut orphans: Vec<(&String, &Document<Arc<Page>>)> = orphans.collect();
    let missing = english.pages.keys().filter(|key| !other.has(key)).count();
    for (key, original) in &english.pages {
        let path = names::page(other.lang, key);
        match other.pages.get(key) {
            // What is held back, or can't be read, is there, and was reported.
            _ if other.has(key) || english.held.contains_key(key) => {}
            _ => {
                let fingerprint = || original.passages.fingerprint(&original.source);
                let from_it =
                    |page: &Page| page.translated_from.as_ref().is_some_and(|from| from.as_str() == fingerprint());
                let only = missing == 1 && orphans.len() == 1;
                if let Some(at) = orphans.iter().position(|(_, page)| only || from_it(&page.value)) {
                    let (_, translation) = orphans.swap_remove(at);
                    report.add(
                        &ORPHAN_TRANSLATION,
                        &translation.source,
                        translation.value.title.span(),
                        format!("the English page of this one is called {key}.toml now"),
                        format!("rename this file to {path}, so that the two belong together again"),
                    );
                    continue;
                }
                // What a file with errors says is not all that it will say once they are mended.
                let is_sound = !report.has_errors_in(&original.source.path);
                let title = original.value.title.span();
                report.add_with(&MISSING_TRANSLATION, &original.source, title.start, || {
                    let line = || format!(", and add the line translated_from = \"{}\"", fingerprint());
                    let line = if is_sound { line() } else { String::new() };
                    let message = format!("this page has no translation: there is no file {path}");
                    (title, message, format!("copy this file to {path}, translate it{line}"))
                });
            }
        }
    }
    for (key, translation) in orphans {
        report.add(
            &ORPHAN_TRANSLATION,
            &translation.source,
            translation.value.title.span(),
            format!("there is no English page {key}.toml that this could be a translation of"),
            "give this file the name of its English page, or delete it",
        );
    }
}
