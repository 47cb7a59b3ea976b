//! Content to pages: what the clinic knows and the pages say, as the structs that templates print.

mod hours;
mod report;
mod sections;
mod view;

use super::asset::Assets;
use super::component::{ClinicView, HelpLineView};
use super::machine::{Sitemap, SitemapPage};
use super::page::{
    Alternate, Body, ErrorPage, HomePage, Layout, NavGroup, NavLink, PlainPage, ServicePage, SourceView, UrgentPage,
};
use super::{BuildError, ErrorKind, Settings, route, structured_data};
use crate::content::hours::Now;
use crate::content::leaf::{Key, Markdown};
use crate::content::model::{Clinic, Navigation, NavigationGroup, Page, PageKind, Section};
use crate::content::text::{self, Html};
use crate::content::{Content, Language};
use crate::lang::Lang;
use askama::Template;
use std::collections::BTreeSet;
use url::Url;

/// The address of a page by its file name; the language's home page where the language lacks it.
pub(super) fn path_of(content: &Content, lang: Lang, key: &str) -> String {
    let language = content.languages.iter().find(|language| language.lang == lang);
    language
        .and_then(|language| language.pages.get(key))
        .map_or_else(|| lang.root().to_owned(), |page| page.path(lang, key))
}

/// The map of all pages in all languages.
pub(super) fn sitemap(content: &Content, base: &Url) -> Result<String, BuildError> {
    let mut pages = Vec::new();
    for language in &content.languages {
        for (key, page) in &language.pages {
            let alternates = content.languages.iter().filter_map(|other| {
                Some((other.lang, route::absolute(base, &other.pages.get(key)?.path(other.lang, key))))
            });
            let alternates: Vec<_> = alternates.collect();
            pages.push(SitemapPage {
                address: route::absolute(base, &page.path(language.lang, key)),
                changed: page.last_reviewed.to_string(),
                alternates: if alternates.len() > 1 { alternates } else { Vec::new() },
            });
        }
    }
    Ok(Sitemap { pages }.render()?)
}

/// Renders the pages of one language.
pub(super) struct Renderer<'a> {
    content: &'a Content,
    /// The facts that may be shown today.
    clinic: &'a Clinic,
    language: &'a Language,
    base: &'a Url,
    settings: &'a Settings,
    view: ClinicView,
    help_lines: Vec<HelpLineView>,
    notices: Vec<Html>,
    about_clinic: Html,
    no_tracking: Html,
}

impl<'a> Renderer<'a> {
    pub(super) fn new(
        content: &'a Content,
        (clinic, now): (&'a Clinic, Option<&Now>),
        language: &'a Language,
        base: &'a Url,
        settings: &'a Settings,
    ) -> Self {
        let mut renderer = Self {
            content,
            clinic,
            language,
            base,
            settings,
            view: view::clinic(content, clinic, now, language),
            help_lines: view::help_lines(clinic, &language.ui),
            notices: Vec::new(),
            about_clinic: Html::default(),
            no_tracking: Html::default(),
        };
        renderer.about_clinic = renderer.copy(&language.ui.layout.about_clinic);
        renderer.no_tracking = renderer.copy(&language.ui.layout.no_tracking);
        renderer.notices = language
            .notices
            .notices
            .iter()
            .flatten()
            .filter(|notice| notice.is_shown(settings.now.timestamp()))
            .filter_map(|notice| Html::render(&renderer.notice(notice, None)).ok())
            .collect();
        renderer
    }

    /// A page's HTML. `key` is the name of its file.
    pub(super) fn page(&self, key: &str, page: &Page) -> Result<String, BuildError> {
        let layout = self.page_layout(key, page);
        let body = self.body(key, page)?;
        Ok(match page.kind {
            PageKind::Home => HomePage { layout, body, picture: &Assets::get().picture }.render(),
            PageKind::Service => ServicePage { layout, body }.render(),
            PageKind::Urgent => UrgentPage { layout, body }.render(),
            PageKind::Page => PlainPage { layout, body }.render(),
        }?)
    }

    /// The page for an error.
    pub(super) fn error(&self, kind: ErrorKind) -> Result<String, BuildError> {
        let errors = &self.language.ui.errors;
        let words = match kind {
            ErrorKind::BadRequest => &errors.bad_request,
            ErrorKind::NotFound => &errors.not_found,
            ErrorKind::MethodNotAllowed => &errors.method_not_allowed,
            ErrorKind::Internal => &errors.internal,
            ErrorKind::Unavailable => &errors.unavailable,
        };
        let layout = Layout {
            title: self.full_title(words.title.as_str()),
            description: words.title.to_string(),
            noindex: true,
            ..self.layout("")
        };
        Ok(ErrorPage { layout, title: words.title.to_string(), text: self.copy(&words.text), status: kind.status() }
            .render()?)
    }

    /// The frame, as it is around an error page. `key` is the page that is shown.
    fn layout(&self, key: &str) -> Layout<'_> {
        let assets = Assets::get();
        Layout {
            lang: self.language.lang,
            ui: &self.language.ui,
            clinic: &self.view,
            title: String::new(),
            description: String::new(),
            canonical: None,
            alternates: Vec::new(),
            stylesheet: &assets.stylesheet.path,
            icon: &assets.icon.path,
            json_ld: Html::default(),
            noindex: !self.settings.published(),
            preview: !self.settings.published(),
            report: self.settings.live.then(|| report::link(false)),
            live: self.settings.live.then_some(&assets.live),
            home: self.language.lang.root(),
            is_home: false,
            header: self.links(key, |place| place.header == Some(true)),
            groups: self.groups(key),
            breadcrumbs: Vec::new(),
            notices: &self.notices,
            help_lines: &self.help_lines,
            about_clinic: &self.about_clinic,
            no_tracking: &self.no_tracking,
        }
    }

    fn page_layout(&self, key: &str, page: &Page) -> Layout<'_> {
        let path = page.path(self.language.lang, key);
        let trail = self.trail(page);
        let json_ld = structured_data::of_page(&structured_data::Subject {
            base: self.base,
            lang: self.language.lang,
            clinic: self.clinic,
            payers: &self.view.payers,
            page,
            path: &path,
            trail: trail.iter().map(|link| (link.label.clone(), link.href.clone())).collect(),
            questions: self.questions(page),
        });
        let alternates: Vec<Alternate> = self
            .content
            .languages
            .iter()
            .filter_map(|other| {
                let path = other.pages.get(key)?.path(other.lang, key);
                Some(Alternate {
                    lang: other.lang,
                    href: route::absolute(self.base, &path),
                    path,
                    name: other.lang.name(),
                })
            })
            .collect();
        Layout {
            title: self.full_title(page.title.as_str()),
            description: page.description.to_string(),
            canonical: Some(route::absolute(self.base, &path)),
            alternates: if alternates.len() > 1 { alternates } else { Vec::new() },
            json_ld,
            is_home: page.kind == PageKind::Home,
            breadcrumbs: trail,
            ..self.layout(key)
        }
    }

    fn full_title(&self, title: &str) -> String {
        let name = &self.view.name;
        if title.contains(name.as_str()) { title.to_owned() } else { format!("{title} | {name}") }
    }

    /// Links to the pages whose place in the navigation is wanted, in its order.
    fn links(&self, current: &str, wanted: impl Fn(&Navigation) -> bool) -> Vec<NavLink> {
        let placed = self.language.pages.iter().filter_map(|(key, page)| Some((key, page, page.navigation.as_ref()?)));
        let mut pages: Vec<_> = placed.filter(|(.., place)| wanted(place)).collect();
        pages.sort_by_key(|(key, _, place)| (place.group, place.order, *key));
        pages.into_iter().map(|(key, page, _)| self.link(key, page, key == current)).collect()
    }

    fn link(&self, key: &str, page: &Page, current: bool) -> NavLink {
        NavLink { href: page.path(self.language.lang, key), label: page.label().to_owned(), current }
    }

    fn groups(&self, current: &str) -> Vec<NavGroup> {
        let words = &self.language.ui.navigation;
        [
            (NavigationGroup::Services, &words.services),
            (NavigationGroup::Visit, &words.visit),
            (NavigationGroup::Help, &words.help),
            (NavigationGroup::About, &words.about),
        ]
        .into_iter()
        .map(|(group, title)| NavGroup {
            title: title.to_string(),
            links: self.links(current, |place| place.group == group),
        })
        .filter(|group| !group.links.is_empty())
        .collect()
    }

    /// The pages above a page, home first; nothing above home.
    fn trail(&self, page: &Page) -> Vec<NavLink> {
        if page.kind == PageKind::Home {
            return Vec::new();
        }
        let mut trail = Vec::new();
        let mut above = page.parent.as_ref();
        // `check` refuses a page that stands below itself; the set holds even without it.
        let mut seen = BTreeSet::new();
        while let Some((key, parent)) = above.and_then(|key| Some((key, self.language.pages.get(key.as_str())?))) {
            if !seen.insert(key) {
                break;
            }
            trail.push(self.link(key.as_str(), parent, false));
            above = parent.parent.as_ref();
        }
        let home = &self.language.ui.layout.home;
        trail.push(NavLink { href: self.language.lang.root().to_owned(), label: home.to_string(), current: false });
        trail.reverse();
        trail
    }

    fn body(&self, key: &str, page: &Page) -> Result<Body, BuildError> {
        let lang = self.language.lang;
        let mut sections = Vec::with_capacity(page.sections.len());
        for section in &page.sections {
            sections.push(self.section(section, key)?);
        }
        Ok(Body {
            title: page.title.to_string(),
            lead: self.copy(&page.lead),
            sections,
            sources: self.sources(page),
            last_reviewed: lang.date(page.last_reviewed.date()),
            next_review: lang.date(page.next_review.date()),
            last_reviewed_iso: page.last_reviewed.to_string(),
        })
    }

    /// The sources a page names and those of the figures it shows.
    fn sources(&self, page: &Page) -> Vec<SourceView> {
        let named = page.sources.iter().flatten().map(Key::as_str);
        let facts: BTreeSet<&str> =
            page.copy().into_iter().flat_map(|copy| &copy.mentions().facts).map(String::as_str).collect();
        let figures = self.clinic.figures.iter().flatten().filter(|(key, _)| facts.contains(key.as_str()));
        let of_figures = figures.filter_map(|(_, figure)| figure.source.as_ref()).map(Key::as_str);
        let mut seen = BTreeSet::new();
        named
            .chain(of_figures)
            .filter(|key| seen.insert(*key))
            .filter_map(|key| self.clinic.sources.iter().flatten().find(|(name, _)| name.as_str() == key))
            .map(|(_, source)| SourceView {
                title: source.title.to_string(),
                url: source.url.as_ref().map(ToString::to_string),
                checked: source.verified_on.as_ref().map(|day| self.language.lang.date(day.date())),
            })
            .collect()
    }

    fn copy(&self, copy: &Markdown) -> Html {
        text::render(copy.as_str(), &|name| self.fact(name))
    }

    fn optional(&self, copy: Option<&Markdown>) -> Option<Html> {
        copy.map(|copy| self.copy(copy)).filter(|html| !html.is_empty())
    }

    /// The fact of a name in copy, if it is known today.
    fn fact(&self, name: &str) -> Option<Html> {
        let sample = |sample: bool| Html::sample(sample.then_some(self.language.ui.preview.sample.as_str()));
        match name {
            "name" => Some(Html::text(&self.view.name)),
            "area" => self.view.area.as_deref().map(Html::text),
            "phone" => self
                .view
                .phone
                .as_ref()
                .map(|phone| Html::concat(&[Html::link(&phone.href, &phone.display), sample(phone.sample)])),
            "address" => self.view.address.as_ref().map(|address| {
                Html::concat(&[
                    Html::text(&format!("{}, {}", address.street, address.locality)),
                    sample(address.sample),
                ])
            }),
            figure => {
                let figures = self.clinic.figures.iter().flatten();
                let (_, fact) = figures.into_iter().find(|(key, _)| key.as_str() == figure)?;
                Some(Html::concat(&[Html::text(fact.value.as_str()), sample(fact.is_sample())]))
            }
        }
    }

    /// The questions of a page that have an answer today.
    fn questions(&self, page: &Page) -> Vec<(String, Html)> {
        let groups = page.sections.iter().filter_map(|section| match section {
            Section::Questions(questions) => Some(&questions.items),
            _ => None,
        });
        groups
            .flatten()
            .map(|item| (item.question.to_string(), self.copy(&item.answer)))
            .filter(|(_, answer)| !answer.is_empty())
            .collect()
    }
}
