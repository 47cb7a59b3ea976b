//! The words that `new page` begins with: they are for staff, so no visitor of a published site sees them.

use super::MARK;
use crate::content::DraftLanguage;
use crate::content::catalogue::UNWRITTEN;
use crate::diagnostic::Report;
use std::ops::Range;
use toml_parser::Source as Toml;
use toml_parser::lexer::TokenKind;

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

/// The places of the marks of such words. One in a remark is somebody's note.
pub(in crate::content) fn marks(text: &str) -> impl Iterator<Item = Range<usize>> {
    // Nearly all files have none, and need no lexer.
    let tokens = text.contains(MARK).then(|| Toml::new(text).lex()).into_iter().flatten();
    tokens.filter(|token| token.kind() != TokenKind::Comment).flat_map(move |token| {
        let start = token.span().start();
        let part = text.get(start..token.span().end()).unwrap_or_default();
        part.match_indices(MARK).map(move |(at, mark)| start + at..start + at + mark.len())
    })
}
