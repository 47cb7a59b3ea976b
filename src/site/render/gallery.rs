//! Every component in each of its states, as a page of a live preview. The sections are data: `templates/gallery/`.

use super::Renderer;
use super::sections::{Chapters, Sections, chapter_anchor};
use crate::content::hours::Now;
use crate::content::model::{Clinic, LanguageHelp, Page, TestResults};
use crate::content::{Content, calendar, parse};
use crate::site::page::{Chapter, GalleryPage, Layout};
use crate::site::{BuildError, route};
use askama::Template;
use jiff::civil::{DateTime, datetime};

/// Its title.
pub(super) const TITLE: &str = "Components";
const COMPONENTS: &str = include_str!("../../../templates/gallery/components.toml");
const BARE: &str = include_str!("../../../templates/gallery/bare.toml");
const FULL: &str = include_str!("../../../templates/gallery/full.toml");
const FACTS: &str = include_str!("../../../templates/gallery/facts.toml");
const LANGUAGES: &str = include_str!("../../../templates/gallery/languages.toml");
const TESTS: &str = include_str!("../../../templates/gallery/tests.toml");

/// A Monday on which the clinic of `facts.toml` is open, the day before its exception.
const OPEN: DateTime = datetime(2026, 11, 23, 9, 0, 0, 0);

impl Renderer<'_> {
    /// The gallery's HTML.
    pub(in crate::site) fn gallery(&self) -> Result<String, BuildError> {
        let full: Clinic = read(FACTS)?;
        let bare = Clinic {
            name: self.clinic.name.clone(),
            help_lines: self.clinic.help_lines.clone(),
            ..full.clone().bare()
        };
        let now = Now::of(&full, &calendar::on_the_clinics_clock(calendar::instant(OPEN)));
        let content = Content {
            language_help: Some(read::<LanguageHelp>(LANGUAGES)?),
            tests: Some(read::<TestResults>(TESTS)?),
            ..self.content.clone()
        };
        let with = |content, facts| Renderer::new(content, facts, self.language, self.base, self.settings);
        let chapters = vec![
            self.chapter(TITLE, COMPONENTS)?,
            with(self.content, (&bare, None)).chapter("Bare", BARE)?,
            with(&content, (&full, now.as_ref())).chapter("Full", FULL)?,
        ];
        let layout = Layout {
            title: self.full_title(TITLE),
            description: TITLE.to_owned(),
            noindex: true,
            ..self.layout(route::PREVIEW_COMPONENTS)
        };
        Ok(GalleryPage { layout, title: TITLE, chapters }.render()?)
    }

    fn chapter(&self, name: &str, page: &str) -> Result<Chapter, BuildError> {
        let key = name.to_lowercase();
        let page: Page = read(page)?;
        let none = Chapters::new();
        let sections = Sections { renderer: self, key: &key, chapters: Some(&none) };
        let body = self.body(&page, &sections, |_| true)?;
        Ok(Chapter { path: String::new(), body, id: chapter_anchor(&key) })
    }
}

/// Reads one of the files above; a test holds that each can be read.
fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, BuildError> {
    parse(text).map_err(|report| BuildError(report.text()))
}
