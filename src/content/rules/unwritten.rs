//! The words that `new page` begins with: they are for staff, so no visitor of a published site sees them.

use crate::content::DraftLanguage;
use crate::content::catalogue::UNWRITTEN;
use crate::content::held::{MARK, marks};
use crate::diagnostic::Report;

/// Reports the places of a language's pages that still have those words.
pub(super) fn check(language: &DraftLanguage, report: &mut Report) {
    for (key, page) in &language.pages {
        let source = &page.source;
        // By the first one the page is held back, which is told there.
        let told = language.held.get(key).and_then(|held| held.mark());
        for mark in marks(&source.text).filter(|mark| told != Some(mark)) {
            report.add_with(&UNWRITTEN, source, mark.start, || {
                let help = format!("write them in place of what follows {MARK}, or delete this part of the page");
                (mark.clone(), "here your own words are still to be written".to_owned(), help)
            });
        }
    }
}
