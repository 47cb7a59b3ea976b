//! Rules about what is the same in two languages. English is the source language: see [`Lang`].

use crate::content::catalogue::{MISSING_TRANSLATION, STALE_TRANSLATION, UNREVIEWED_TRANSLATION};
use crate::content::leaf::Key;
use crate::content::{Document, Draft, DraftLanguage, Review};
use crate::diagnostic::Report;
use crate::lang::Lang;

/// Tells pages that another language lacks, translations of what the English file does not say any more, and, before the site is published,
/// those that nobody of the clinic has read.
pub(super) fn check(draft: &Draft, review: &Review<'_>, report: &mut Report) {
    let Some(english) = draft.languages.iter().find(|language| language.lang == Lang::En) else { return };
    for other in draft.languages.iter().filter(|language| language.lang != Lang::En) {
        words(english, other, report);
        pages(english, other, review, report);
    }
}

/// The files of a language that are no pages.
fn words(english: &DraftLanguage, other: &DraftLanguage, report: &mut Report) {
    if let (Some(english), Some(other)) = (&english.ui, &other.ui) {
        moved_on(english, other, other.value.translated_from.as_ref(), report);
    }
    if let (Some(english), Some(other)) = (&english.objectives, &other.objectives) {
        moved_on(english, other, other.value.translated_from.as_ref(), report);
    }
    if let (Some(english), Some(other)) = (&english.notices, &other.notices) {
        moved_on(english, other, other.value.translated_from.as_ref(), report);
    }
}

fn pages(english: &DraftLanguage, other: &DraftLanguage, review: &Review<'_>, report: &mut Report) {
    for (key, original) in &english.pages {
        let path = format!("{}/pages/{key}.toml", other.lang.tag());
        let Some(translation) = other.pages.get(key) else {
            // What can't be read may be there, and was told.
            if other.unread.contains(key) || other.pages_unread {
                continue;
            }
            let revision = original.passages.revision(&original.source);
            report.add(
                &MISSING_TRANSLATION,
                &original.source,
                original.value.title.span(),
                format!("this page has no translation: there is no file {path}"),
                format!("copy this file to {path}, translate it, and add the line translated_from = \"{revision}\""),
            );
            continue;
        };
        moved_on(original, translation, translation.value.translated_from.as_ref(), report);
        if review.publish && translation.value.reviewed_by.is_none() {
            report.add(
                &UNREVIEWED_TRANSLATION,
                &translation.source,
                translation.value.title.span(),
                "nobody of the clinic has read this translation yet, and the page says so",
                "read it; then add a line that says who you are, such as reviewed_by = \"clinic director\"",
            );
        }
    }
}

/// Tells a translation of what the English file does not say any more.
fn moved_on<T>(english: &Document<T>, other: &Document<T>, from: Option<&Key>, report: &mut Report) {
    let revision = english.passages.revision(&english.source);
    let line = format!("translated_from = \"{revision}\"");
    // A misspelt key may be the very reason why the line seems to be missing.
    if from.is_none() && report.has_errors_in(&other.source.path) {
        return;
    }
    let (span, message, help) = match from {
        Some(from) if from.as_str() == revision || from.as_str().is_empty() => return,
        Some(from) => (
            from.span(),
            format!("the English file has changed since this was translated ({})", english.source.path),
            format!("compare the two, then write {line}"),
        ),
        None => (
            0..0,
            format!("nobody can tell whether this says what the English file says ({})", english.source.path),
            format!("compare the two, then add a line at the top: {line}"),
        ),
    };
    report.add(&STALE_TRANSLATION, &other.source, span, message, help);
}
