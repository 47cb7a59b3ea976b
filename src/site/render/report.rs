//! What needs attention, as a page of a live preview.

use super::Renderer;
use crate::content::agenda::{Agenda, DAYS};
use crate::site::page::{Layout, ReportPage};
use crate::site::{BuildError, route};
use askama::Template;

/// Its title.
pub(super) const TITLE: &str = "What needs attention";

impl Renderer<'_> {
    /// The report's HTML.
    pub(in crate::site) fn report(&self) -> Result<String, BuildError> {
        let agenda = Agenda::new(self.content, &self.settings.now, DAYS);
        let layout = Layout {
            title: self.full_title(TITLE),
            description: TITLE.to_owned(),
            noindex: true,
            ..self.layout(route::PREVIEW_REPORT)
        };
        let day = self.language.lang.date(agenda.today);
        Ok(ReportPage { layout, agenda: &agenda, title: TITLE, day }.render()?)
    }
}
