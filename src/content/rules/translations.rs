//! Rules about what is the same in two languages. English is the source language: see [`crate::lang::Lang`].

use crate::content::catalogue::{MISSING_TRANSLATION, STALE_TRANSLATION, UNREVIEWED_TRANSLATION};
use crate::content::{Draft, DraftLanguage};
use crate::diagnostic::Report;
use crate::lang::Lang;

/// Reports pages that another language lacks, translations of what the English file does not say any more, and, when the site is
/// published, those that nobody of the clinic has read.
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
            // It could not be read, which is reported where it stands.
            Some(from) if from.as_str().is_empty() => continue,
            Some(from) => (
                from.span(),
                format!("the English file has changed since this was translated ({path})"),
                format!("compare the two, then write {line}"),
            ),
            // A misspelled key may be the very reason why the line seems to be missing.
            None if report.has_errors_in(&translation.source.path) => continue,
            None => (
                0..0,
                format!("nobody can tell whether this says what the English file says ({path})"),
                format!("compare the two, then add a line at the top: {line}"),
            ),
        };
        report.add(&STALE_TRANSLATION, translation.source, span, message, help);
    }
}

fn pages(english: &DraftLanguage, other: &DraftLanguage, report: &mut Report) {
    for (key, original) in &english.pages {
        let path = format!("{}/pages/{key}.toml", other.lang.tag());
        match other.pages.get(key) {
            Some(translation) if translation.value.reviewed_by.is_none() => report.add(
                &UNREVIEWED_TRANSLATION,
                &translation.source,
                translation.value.title.span(),
                "nobody of the clinic has read this translation yet, and the page says so",
                "read it; then add a line that says who you are, such as reviewed_by = \"clinic director\"",
            ),
            Some(_) => {}
            // What can't be read may be there, and was reported.
            None if other.unreadable.contains(key) || other.pages_unreadable => {}
            None => {
                let fingerprint = original.passages.fingerprint(&original.source);
                report.add(
                    &MISSING_TRANSLATION,
                    &original.source,
                    original.value.title.span(),
                    format!("this page has no translation: there is no file {path}"),
                    format!(
                        "copy this file to {path}, translate it, and add the line translated_from = \"{fingerprint}\""
                    ),
                );
            }
        }
    }
}
