//! The booklet: the complete site in one language as one document to print.

use super::Renderer;
use super::sections::{ChapterName, Chapters, Sections, chapter_anchor};
use crate::content::model::{Page, PageKind, Section};
use crate::site::page::{BookletPage, Chapter, Layout, NavLink};
use crate::site::{BuildError, route};
use askama::Template;
use std::collections::BTreeSet;

/// The key of the booklet among those of pages. No file can have this name.
const BOOKLET: &str = "/print/";

/// The pages whose contact section says more than how to reach the clinic. Those of the others would only repeat it.
const WITH_CONTACT: [&str; 2] = ["appointments", "contact"];

impl Renderer<'_> {
    /// The link to it, on page `current`.
    pub(super) fn booklet_link(&self, current: &str) -> NavLink {
        NavLink {
            href: self.language.booklet.clone(),
            label: self.language.ui.booklet.link.to_string(),
            current: current == BOOKLET,
        }
    }

    /// Its HTML. The chapters are the pages of the navigation: home, then help at once, then the others in their order.
    pub(in crate::site) fn booklet(&self) -> Result<String, BuildError> {
        let lang = self.language.lang;
        let mut pages: Vec<(&str, &Page)> = self.placed(|_| true).map(|(key, page)| (key.as_str(), &**page)).collect();
        pages.sort_by_key(|(_, page)| match page.kind {
            PageKind::Home => 0,
            PageKind::Urgent => 1,
            PageKind::Page | PageKind::Service => 2,
        });
        let included =
            |key: &str, section: &Section| !matches!(section, Section::Contact(_)) || WITH_CONTACT.contains(&key);
        let name = |key: &str, page: &Page| {
            let sections = page.sections.iter().filter(|section| included(key, section));
            let anchors = sections.flat_map(|section| self.anchors(section)).collect();
            (page.path(lang, key), ChapterName { key: key.to_owned(), anchors })
        };
        let mut names: Chapters = pages.iter().map(|(key, page)| name(key, page)).collect();
        let render = |names: &Chapters| -> Result<Vec<Chapter<'_>>, BuildError> {
            let chapter = |&(key, page): &(&str, &Page)| {
                let sections = Sections { renderer: self, key, chapters: Some(names), gone: BTreeSet::new() };
                let body = self.body(page, &sections, None, |section| included(key, section))?;
                Ok(Chapter { id: chapter_anchor(key), path: page.path(lang, key), body })
            };
            pages.iter().map(chapter).collect()
        };
        let mut chapters = render(&names)?;
        let mut is_whole = true;
        for (&(key, page), chapter) in pages.iter().zip(&chapters) {
            let sections: Vec<&Section> = page.sections.iter().filter(|section| included(key, section)).collect();
            let gone = self.gone(&sections, &chapter.body.sections);
            is_whole &= gone.is_empty();
            names.entry(chapter.path.clone()).and_modify(|name| name.anchors.retain(|anchor| !gone.contains(anchor)));
        }
        // Links to what is gone lead to its chapter.
        if !is_whole {
            chapters = render(&names)?;
        }
        // At the end, each once: most chapters rest on the same ones.
        let mut seen = BTreeSet::new();
        let sources = chapters.iter_mut().flat_map(|chapter| std::mem::take(&mut chapter.body.sources));
        let sources = sources.filter(|source| seen.insert(source.title.clone())).collect();
        let words = &self.language.ui.booklet;
        let layout = Layout {
            title: self.full_title(words.title.as_str()),
            description: words.description.to_string(),
            canonical: Some(route::absolute(self.base, &self.language.booklet)),
            alternates: self.alternates(|other| Some(other.booklet.clone())),
            // It says what the pages say: those are what search engines should find.
            noindex: true,
            stylesheet: self.looks.stylesheet_of(pages.iter().flat_map(|(_, page)| &page.sections)),
            ..self.layout(BOOKLET)
        };
        let unreviewed = chapters.iter().any(|chapter| chapter.body.unreviewed.is_some());
        let day = lang.date(self.content.clock(&self.settings.now).date());
        Ok(BookletPage { layout, day, unreviewed, chapters, sources }.render()?)
    }
}
