//! Pages that are not finished. A published site is made without them, so that they hold back nothing but themselves; a preview shows those
//! that can be shown.

use super::files::NEEDED_PAGES;
use super::model::Page;
use super::names;
use super::{Content, Document, Files};
use crate::diagnostic::{Report, Source};
use crate::lang::Lang;
use std::ops::Range;
use std::sync::Arc;
use toml_parser::Source as Toml;
use toml_parser::lexer::TokenKind;

/// Comes before the words that a new page begins with, which are to be replaced before a visitor sees the page.
pub const MARK: &str = "✎";

/// A page that is held back.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) source: Arc<Source>,
    /// What in the file says so.
    pub(super) place: Range<usize>,
    /// Its address, as far as it could be read.
    pub(super) address: String,
    pub(super) why: Why,
    /// Its mistakes keep it out of the preview, too.
    pub(super) is_faulty: bool,
}

/// Why a page is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It has the line `draft = true`.
    Line,
    /// It has words that a new page begins with.
    Mark,
    /// The English page, whose words it says in another language, is held back.
    Original,
}

/// A page as it was read.
type Read = Result<Document<Arc<Page>>, Report>;

impl Held {
    /// The page of a file, if it is held back. What every page links to never is. `original`: the English page is held back.
    pub(super) fn new(files: &Files, lang: Lang, key: &str, read: &Read, original: bool) -> Option<Self> {
        if NEEDED_PAGES.contains(&key) {
            return None;
        }
        let file = names::page(lang, key);
        let page = read.as_ref().ok();
        let source = match page {
            Some(page) => Arc::clone(&page.source),
            // One that has too many mistakes to be read can be a draft too.
            None => Arc::new(Source::new(files.shown(&file), String::from_utf8_lossy(files.get(&file)?))),
        };
        let says_so = page.is_some_and(|page| page.value.draft == Some(true));
        let (place, why) = if let Some(line) = draft_line(&source, page).or(says_so.then_some(0..0)) {
            (line, Why::Line)
        } else if let Some(mark) = marks(&source.text).next() {
            (mark, Why::Mark)
        } else if original {
            (page.map_or(0..0, |page| page.value.title.span()), Why::Original)
        } else {
            return None;
        };
        let address = page.map_or_else(|| format!("{}{key}/", lang.root()), |page| page.value.path(lang, key));
        Some(Self { source, place, address, why, is_faulty: false })
    }

    /// The place of the mark by which the page is held back, if it is one.
    pub(super) fn mark(&self) -> Option<&Range<usize>> {
        (self.why == Why::Mark).then_some(&self.place)
    }
}

/// The line of a page's own keys that makes it a draft. In a file with mistakes, one with any value but `false` does.
pub(super) fn draft_line(source: &Source, page: Option<&Document<Arc<Page>>>) -> Option<Range<usize>> {
    if page.is_some_and(|page| page.value.draft != Some(true) && !page.findings.has_errors()) {
        return None;
    }
    let mut begins_a_line = true;
    for token in Toml::new(&source.text).lex() {
        let (start, end) = (token.span().start(), token.span().end());
        match token.kind() {
            TokenKind::Newline => begins_a_line = true,
            TokenKind::Whitespace => {}
            // The page's own keys end with the first group.
            TokenKind::LeftSquareBracket if begins_a_line => return None,
            TokenKind::Atom | TokenKind::BasicString | TokenKind::LiteralString if begins_a_line => {
                begins_a_line = false;
                let name = source.text.get(start..end).unwrap_or_default().trim_matches(['"', '\'']);
                let behind = source.text.get(end..).and_then(|rest| rest.lines().next()).unwrap_or_default();
                let value = behind.trim_start().strip_prefix('=').filter(|_| name == "draft");
                if value.is_some_and(|value| value.split('#').next().unwrap_or_default().trim() != "false") {
                    return Some(start..end + behind.trim_end().len());
                }
            }
            _ => begins_a_line = false,
        }
    }
    None
}

/// The places of [`MARK`]. One in a remark is somebody's note.
pub(super) fn marks(text: &str) -> impl Iterator<Item = Range<usize>> {
    // Nearly all files have none, and need no lexer.
    let tokens = text.contains(MARK).then(|| Toml::new(text).lex()).into_iter().flatten();
    tokens.filter(|token| token.kind() != TokenKind::Comment).flat_map(move |token| {
        let start = token.span().start();
        let part = text.get(start..token.span().end()).unwrap_or_default();
        part.match_indices(MARK).map(move |(at, mark)| start + at..start + at + mark.len())
    })
}

impl Content {
    /// Whether a link leads to a page that is held back, so that it would lead nowhere.
    #[must_use]
    pub fn leads_to_a_draft(&self, target: &str) -> bool {
        let path = target.split('#').next().unwrap_or_default();
        let is_draft = self.languages.iter().any(|language| language.drafts.values().any(|address| address == path));
        let pages = || self.languages.iter().flat_map(|of| of.pages.iter().map(|(key, page)| page.path(of.lang, key)));
        is_draft && pages().all(|page| page != path)
    }
}
