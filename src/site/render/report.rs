//! What needs attention, as a page of a live preview.

use super::Renderer;
use crate::content::desk::{self, Desk};
use crate::site::page::{Layout, NavLink, ReportPage, ReportWords};
use crate::site::{BuildError, route};
use askama::Template;

static WORDS: ReportWords = ReportWords {
    title: "What needs attention",
    as_of: "As of",
    ahead: "looking ahead",
    days: "days",
    nothing: "Nothing.",
};

/// The link to it, in the banner of the preview.
pub(super) fn link(current: bool) -> NavLink {
    NavLink { href: route::PREVIEW_REPORT.to_owned(), label: WORDS.title.to_owned(), current }
}

impl Renderer<'_> {
    /// The report's HTML.
    pub(in crate::site) fn report(&self) -> Result<String, BuildError> {
        let desk = Desk::of(self.content, &self.settings.now, desk::DAYS);
        let layout = Layout {
            title: self.full_title(WORDS.title),
            description: WORDS.title.to_owned(),
            noindex: true,
            report: Some(link(true)),
            ..self.layout("")
        };
        let day = self.language.lang.date(desk.today);
        Ok(ReportPage { layout, desk: &desk, words: &WORDS, day }.render()?)
    }
}
