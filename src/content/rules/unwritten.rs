//! The words that `new page` begins with: they are for staff, so no visitor of a published site sees them.

use super::MARK;
use crate::content::catalogue::UNWRITTEN;
use crate::content::{DraftLanguage, Review};
use crate::diagnostic::{Diagnostic, Report, Severity};
use std::sync::Arc;

/// Tells the places of a language's pages that still have those words.
pub(super) fn check(language: &DraftLanguage, review: &Review<'_>, report: &mut Report) {
    for source in language.pages.values().map(|page| &page.source) {
        let severity = if review.publish { Severity::Error } else { Severity::Warning };
        for (at, mark) in source.text.match_indices(MARK) {
            if !report.shows(severity, source) {
                report.count_more(severity, source, 1);
                continue;
            }
            report.push(Diagnostic {
                rule: &UNWRITTEN,
                severity,
                source: Arc::clone(source),
                span: at..at + mark.len(),
                message: "here your own words are still to be written".into(),
                help: format!("write them in place of what follows {MARK}, or delete this part of the page"),
            });
        }
    }
}
