//! What needs attention, as a page of a live preview.

use super::Renderer;
use crate::content::desk::{self, Desk};
use crate::site::page::{Layout, ReportPage};
use crate::site::{BuildError, route};
use askama::Template;

/// Its title.
pub(super) const TITLE: &str = "What needs attention";

impl Renderer<'_> {
    /// The report's HTML.
    pub(in crate::site) fn report(&self) -> Result<String, BuildError> {
        let desk = Desk::of(self.content, &self.settings.now, desk::DAYS);
        let layout = Layout {
            title: self.full_title(TITLE),
            description: TITLE.to_owned(),
            noindex: true,
            ..self.layout(route::PREVIEW_REPORT)
        };
        let day = self.language.lang.date(desk.today);
        Ok(ReportPage { layout, desk: &desk, title: TITLE, day }.render()?)
    }
}
