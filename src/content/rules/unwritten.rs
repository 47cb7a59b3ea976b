//! The words that `new page` begins with: they are for staff, so no visitor of a published site sees them.

use super::MARK;
use crate::content::DraftLanguage;
use crate::content::catalogue::UNWRITTEN;
use crate::diagnostic::Report;

/// Reports the places of a language's pages that still have those words.
pub(super) fn check(language: &DraftLanguage, report: &mut Report) {
    for source in language.pages.values().map(|page| &page.source) {
        for (at, mark) in source.text.match_indices(MARK) {
            report.add_with(&UNWRITTEN, source, at, || {
                let help = format!("write them in place of what follows {MARK}, or delete this part of the page");
                (at..at + mark.len(), "here your own words are still to be written".to_owned(), help)
            });
        }
    }
}
