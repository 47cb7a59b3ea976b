//! The words that `new page` begins with: they are for staff, so no visitor of a published site sees them.

use crate::content::DraftLanguage;
use crate::content::catalogue::UNWRITTEN;
use crate::content::held::{MARK, marks};
use crate::diagnostic::Report;

/// Reports the places of a language's pages that still have those words.
pub(super) fn check(language: &DraftLanguage, report: &mut Report) {
    for (key, page) in &language.pages {
        let source = &page.source;
        // The page is held back for the first one, which is reported there.
        let reported = language.held.get(key).and_then(|held| held.mark());
        for mark in marks(&source.text).filter(|mark| reported != Some(mark)) {
            report.add_with(&UNWRITTEN, source, mark.start, || {
                let help = format!("write them in place of what follows {MARK}, or delete this part of the page");
                (mark.clone(), "here your own words are still to be written".to_owned(), help)
            });
        }
    }
}
