//! What needs attention, as a page of a live preview.

use super::Renderer;
use crate::content::agenda::{Agenda, DAYS};
use crate::site::page::{Layout, ReportPage, ReportWords};
use crate::site::{BuildError, route};
use askama::Template;

/// Its title.
pub(super) const TITLE: &str = "What needs attention";

static WORDS: ReportWords =
    ReportWords { title: TITLE, as_of: "As of", ahead: "looking ahead", days: "days", nothing: "Nothing." };

impl Renderer<'_> {
    /// The report's HTML.
    pub(in crate::site) fn report(&self) -> Result<String, BuildError> {
        let agenda = Agenda::new(self.content, &self.settings.now, DAYS);
        let layout = Layout {
            title: self.full_title(WORDS.title),
            description: WORDS.title.to_owned(),
            noindex: true,
            ..self.layout(route::PREVIEW_REPORT)
        };
        let day = self.language.lang.date(agenda.today);
        Ok(ReportPage { layout, agenda: &agenda, words: &WORDS, day }.render()?)
    }
}
