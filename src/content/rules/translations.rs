//! Rules about pages that are the same in two languages. English is the source language: see [`Lang`].

use crate::content::catalogue::{MISSING_TRANSLATION, STALE_TRANSLATION};
use crate::content::{Document, Draft, DraftLanguage};
use crate::diagnostic::Report;
use crate::lang::Lang;

/// Tells pages that another language lacks, and translations of what the English page does not say any more.
pub(super) fn check(draft: &Draft, report: &mut Report) {
    let Some(english) = draft.languages.iter().find(|language| language.lang == Lang::En) else { return };
    for other in draft.languages.iter().filter(|language| language.lang != Lang::En) {
        language(english, other, report);
    }
}

fn language(english: &DraftLanguage, other: &DraftLanguage, report: &mut Report) {
    for (key, Document { source, value: page, passages, .. }) in &english.pages {
        let revision = passages.revision(source);
        let line = format!("translated_from = \"{revision}\"");
        let path = format!("{}/pages/{key}.toml", other.lang.tag());
        let Some(translation) = other.pages.get(key) else {
            report.add(
                &MISSING_TRANSLATION,
                source,
                page.title.span(),
                format!("this page has no translation: there is no file {path}"),
                format!("copy this file to {path}, translate it, and add the line {line}"),
            );
            continue;
        };
        let Some(from) = translation.value.translated_from.as_ref().filter(|from| !from.as_str().is_empty()) else {
            continue;
        };
        if from.as_str() != revision {
            report.add(
                &STALE_TRANSLATION,
                &translation.source,
                from.span(),
                format!("the English page has changed since this was translated ({})", source.path),
                format!("compare the two, then write {line}"),
            );
        }
    }
}
