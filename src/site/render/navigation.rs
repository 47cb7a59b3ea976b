//! The links of the frame: at the foot, in the header, above the page, and out of the site.

use super::Renderer;
use crate::content::leaf::Key;
use crate::content::model::{Navigation, Page, PageKind};
use crate::lang::Lang;
use crate::site::page::{NavGroup, NavLink};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Renderer<'_> {
    /// Links to the pages whose place in the navigation is wanted, in its order.
    pub(super) fn links(&self, current: &str, wanted: impl Fn(&Navigation) -> bool) -> Vec<NavLink> {
        self.placed(wanted).map(|(key, page)| self.link(key, page, key == current)).collect()
    }

    /// The pages whose place in the navigation is wanted, in its order.
    pub(super) fn placed(&self, wanted: impl Fn(&Navigation) -> bool) -> impl Iterator<Item = (&String, &Arc<Page>)> {
        let placed = self.language.pages.iter().filter_map(|(key, page)| Some((key, page, page.navigation.as_ref()?)));
        let mut pages: Vec<_> = placed.filter(|(.., place)| wanted(place)).collect();
        let groups = self.content.groups();
        pages
            .sort_by_key(|(key, _, place)| (groups.iter().position(|group| **group == place.group), place.order, *key));
        pages.into_iter().map(|(key, page, _)| (key, page))
    }

    pub(super) fn link(&self, key: &str, page: &Page, current: bool) -> NavLink {
        NavLink { href: page.path(self.language.lang, key), label: page.label().to_owned(), current }
    }

    /// The links in the header.
    pub(super) fn header(&self, current: &str) -> Vec<NavLink> {
        let links = self.placed(|place| place.header == Some(true)).map(|(key, page)| {
            let link = self.link(key, page, key == current);
            page.header_label().map_or(link.clone(), |label| NavLink { label: label.to_string(), ..link })
        });
        links.collect()
    }

    /// The lists of links at the foot. A name that the language lacks is there in English.
    pub(super) fn groups(&self, current: &str) -> Vec<NavGroup> {
        let english = self.content.english_words();
        let group = |group: &Key| {
            let links = self.links(current, |place| place.group == *group);
            let own = self.language.ui.navigation.get(group);
            let title = own.or_else(|| english?.navigation.get(group))?.to_string();
            let lang = own.is_none().then(|| Lang::En.tag());
            (!links.is_empty()).then_some(NavGroup { title, lang, links })
        };
        self.content.groups().into_iter().filter_map(group).collect()
    }

    /// Where the link leads that leaves the site, and the words that say so.
    pub(super) fn leave(&self) -> (&str, String) {
        let clinic = &self.content.clinic;
        (clinic.leave_url(), self.language.ui.layout.leave_note.with(clinic.leave_site()))
    }

    /// The pages above a page, home first; nothing above home.
    pub(super) fn breadcrumbs(&self, page: &Page) -> Vec<NavLink> {
        if page.kind == PageKind::Home {
            return Vec::new();
        }
        let mut links = Vec::new();
        let mut above = page.parent.as_ref();
        // `check` refuses a page below itself; the set ends the loop even without it.
        let mut seen = BTreeSet::new();
        while let Some((key, parent)) = above.and_then(|key| Some((key, self.language.pages.get(key.as_str())?))) {
            if !seen.insert(key) {
                break;
            }
            links.push(self.link(key.as_str(), parent, false));
            above = parent.parent.as_ref();
        }
        let home = &self.language.ui.layout.home;
        links.push(NavLink { href: self.language.lang.root(), label: home.to_string(), current: false });
        links.reverse();
        links
    }
}
