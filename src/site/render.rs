//! From content to the structs that templates print.

mod booklet;
pub(super) mod gallery;
mod hours;
mod lists;
mod media;
mod navigation;
mod place;
mod preview;
mod report;
mod request;
mod sections;
mod view;

use super::asset::Assets;
use super::component::{self, ClinicView, HelpLineView, LanguageView};
use super::gap::{Gap, Parts};
use super::looks::Looks;
use super::machine::{self, Sitemap, SitemapPage};
use super::page::{
    Alternate, Body, ErrorPage, HomePage, LanguageHelpLink, Layout, NavLink, PlainPage, SiteNotice, SourceView,
    UrgentPage,
};
use super::{BuildError, ErrorKind, FormPage, Settings, Today, route, structured_data};
use crate::content::leaf::{Key, Markdown};
use crate::content::model::{Page, PageKind, Place, Section};
use crate::content::text::{self, Html, Target};
use crate::content::{Content, Language};
use crate::lang::Lang;
use crate::requests::form::Form;
use askama::Template;
use sections::Sections;
use std::collections::BTreeSet;
use url::Url;

/// The longest title with the clinic's name, in characters: search results show about as many.
const MAX_TITLE: usize = 70;

/// The address of a page by its file name; the language's home page where the language lacks it.
pub(super) fn path_of(content: &Content, lang: Lang, key: &str) -> String {
    let language = content.languages.iter().find(|language| language.lang == lang);
    language.and_then(|language| language.pages.get(key)).map_or_else(|| lang.root(), |page| page.path(lang, key))
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
    today: &'a Today,
    looks: &'a Looks,
    language: &'a Language,
    base: &'a Url,
    settings: &'a Settings,
    view: ClinicView,
    help_lines: Vec<HelpLineView>,
    /// The notices of free language help.
    languages: Vec<LanguageView>,
    notices: Vec<SiteNotice>,
    about_clinic: Html,
    no_tracking: Html,
}

impl<'a> Renderer<'a> {
    /// The language of its pages.
    pub(super) fn lang(&self) -> Lang {
        self.language.lang
    }

    pub(super) fn new(
        content: &'a Content,
        today: &'a Today,
        looks: &'a Looks,
        language: &'a Language,
        base: &'a Url,
        settings: &'a Settings,
    ) -> Self {
        let mut renderer = Self {
            content,
            today,
            looks,
            language,
            base,
            settings,
            view: view::clinic(content, today, language),
            help_lines: view::help_lines(content, today, language),
            languages: view::languages(content),
            notices: Vec::new(),
            about_clinic: Html::default(),
            no_tracking: Html::default(),
        };
        renderer.about_clinic = renderer.copy(&language.ui.layout.about_clinic);
        renderer.no_tracking = renderer.copy(&language.ui.layout.no_tracking);
        renderer.notices = renderer.site_notices();
        renderer
    }

    /// The notices at the top of every page. What a person has to know before they set out is there in English until somebody has
    /// translated it.
    fn site_notices(&self) -> Vec<SiteNotice> {
        let (sections, words) = (self.sections(""), &self.language.ui.translation);
        let own = self.language.notices.notices.iter().flatten().map(|notice| (notice, None));
        let english = self.content.untranslated_notices(self.language.lang).into_iter();
        let english = english.map(|notice| (notice, Some(words.notice_in_english.as_str())));
        // Whoever reads of it too late has come for nothing.
        english
            .chain(own)
            .filter_map(|(notice, in_english)| {
                let shown = component::Notice { in_english, ..sections.notice(notice, None)? };
                let html = Html::render(&shown).ok()?;
                Some(SiteNotice { is_pressing: notice.about.is_pressing(), html })
            })
            .collect()
    }

    /// A page's HTML, and the form on it. `key` is the name of its file.
    pub(super) fn page(&self, key: &str, page: &Page) -> Result<(String, Option<FormPage>), BuildError> {
        let place = self.form_place(key, page);
        let parts = Parts::default();
        let gap = place.as_ref().map(|_| parts.gap());
        let layout = Layout { error: gap.unwrap_or_default(), ..self.page_layout(key, page) };
        let body = self.body(page, &self.sections(key), gap, |_| true)?;
        let out = &mut &parts;
        match page.kind {
            PageKind::Home => {
                let Assets { picture, mirrored_picture, .. } = Assets::get();
                let picture = if self.language.direction.is_rtl() { mirrored_picture } else { picture };
                HomePage { layout, body, picture, photo: self.photo(page) }.render_into(out)
            }
            PageKind::Urgent => UrgentPage { layout, body }.render_into(out),
            PageKind::Service => PlainPage { layout, body, kind: "service" }.render_into(out),
            PageKind::Page => PlainPage { layout, body, kind: "page" }.render_into(out),
        }?;
        match place {
            None => Ok((parts.into_vec().concat(), None)),
            Some(place) => {
                let form = self.form_page(page.path(self.language.lang, key), place, parts)?;
                Ok((form.filled(&Form::default(), None)?, Some(form)))
            }
        }
    }

    /// The name of a place.
    fn place_name(&self, place: &Place<'_>) -> Option<&str> {
        place::name(self.content, self.language, place).map(|(name, _)| name.as_str())
    }

    /// The clinic for a phone's address book.
    pub(super) fn contact_card(&self) -> String {
        machine::contact_card(self.base, &self.today.clinic, &self.language.ui, |fact| {
            place::label(fact, &self.language.ui)
        })
    }

    /// The page for an error.
    pub(super) fn error(&self, kind: ErrorKind) -> Result<String, BuildError> {
        let words = kind.words(&self.language.ui.errors);
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
        let preview = !self.settings.published();
        Layout {
            lang: self.language.lang,
            direction: self.language.direction,
            ui: &self.language.ui,
            clinic: &self.view,
            error: Gap::default(),
            title: String::new(),
            description: String::new(),
            canonical: None,
            alternates: Vec::new(),
            assets: Assets::get(),
            stylesheet: self.looks.stylesheet_with(false),
            bar: &self.looks.bar,
            logo: self.logo(),
            json_ld: Html::default(),
            noindex: preview,
            preview: preview.then(|| if self.settings.live { preview::staff_pages(key) } else { Vec::new() }),
            live: self.settings.live,
            time_control: self.settings.live.then(|| preview::time_control(self.settings)),
            is_home: false,
            leave: self.leave(),
            header: self.header(key),
            groups: self.groups(key),
            breadcrumbs: Vec::new(),
            notices: &self.notices,
            help_lines: &self.help_lines,
            about_clinic: &self.about_clinic,
            no_tracking: &self.no_tracking,
            language_help: self.language_help(),
            privacy_practices: self.privacy_practices(),
            booklet: self.booklet_link(key),
        }
    }

    fn page_layout(&self, key: &str, page: &Page) -> Layout<'_> {
        let path = page.path(self.language.lang, key);
        let breadcrumbs = self.breadcrumbs(page);
        let json_ld = structured_data::of_page(&structured_data::Subject {
            base: self.base,
            lang: self.language.lang,
            clinic: &self.today.clinic,
            zone: &self.content.zone,
            hours: &self.today.hours,
            names: self.today.clinic.places().iter().map(|place| self.place_name(place)).collect(),
            payers: self.payers().map(|(words, _)| words.as_str()).collect(),
            page,
            path: &path,
            breadcrumbs: breadcrumbs.iter().map(|link| (link.label.clone(), link.href.clone())).collect(),
            questions: self.questions(page),
            events: self.events(page),
        });
        Layout {
            title: self.full_title(page.title.as_str()),
            description: page.description.to_string(),
            canonical: Some(route::absolute(self.base, &path)),
            alternates: self.alternates(|other| Some(other.pages.get(key)?.path(other.lang, key))),
            json_ld,
            is_home: page.kind == PageKind::Home,
            stylesheet: self.looks.stylesheet_of(&page.sections),
            breadcrumbs,
            ..self.layout(key)
        }
    }

    /// A page in each language that has it; empty if that is one alone.
    fn alternates(&self, path: impl Fn(&Language) -> Option<String>) -> Vec<Alternate> {
        let there = self.content.languages.iter().filter_map(|other| Some((other, path(other)?)));
        let all = there.map(|(other, path)| Alternate {
            lang: other.lang,
            name: other.name.clone(),
            direction: other.direction,
            href: route::absolute(self.base, &path),
            path,
        });
        let all: Vec<_> = all.collect();
        if all.len() > 1 { all } else { Vec::new() }
    }

    /// The page's own words, and behind them the clinic's name, if search results and tabs show both whole.
    fn full_title(&self, title: &str) -> String {
        let name = &self.view.name;
        let whole = format!("{title} | {name}");
        if title.contains(name.as_str()) || whole.chars().count() > MAX_TITLE { title.to_owned() } else { whole }
    }

    /// The payers in words.
    fn payers(&self) -> impl Iterator<Item = place::Worded<'_>> {
        view::payers(self.content, self.today, self.language)
    }

    /// The body of a page with its wanted sections; `gap` takes the place of a form.
    fn body<'g>(
        &self,
        page: &Page,
        sections: &Sections<'_>,
        gap: Option<Gap<'g>>,
        wanted: impl Fn(&Section) -> bool,
    ) -> Result<Body<'g>, BuildError> {
        let key = sections.key;
        let lang = self.language.lang;
        let english = self.content.languages.iter().find(|language| language.lang == Lang::En);
        let original = english.and_then(|english| Some(english.pages.get(key)?.path(Lang::En, key)));
        let unread = lang != Lang::En && self.language.reader(key).is_none();
        let wanted: Vec<&Section> = page.sections.iter().filter(|section| wanted(section)).collect();
        let mut rendered = sections.parts(&wanted, gap)?;
        let gone = self.gone(&wanted, &rendered);
        // In a chapter, links go by the anchors that the document has.
        let again = sections.chapters.is_none() && !gone.is_empty();
        let sections = &Sections { gone, ..*sections };
        if again {
            rendered = sections.parts(&wanted, gap)?;
        }
        Ok(Body {
            title: page.title.to_string(),
            lead: sections.copy(&page.lead),
            draft: self.language.drafts.contains_key(key).then(|| self.language.ui.preview.draft.to_string()),
            unreviewed: original.filter(|_| unread),
            sections: rendered,
            sources: self.sources(page),
            last_reviewed: lang.date(page.last_reviewed.date()),
            next_review: lang.date(page.next_review.date()),
            last_reviewed_iso: page.last_reviewed.to_string(),
            clinician: self
                .language
                .clinician(key)
                .map(|(by, on)| (by.to_string(), lang.date(on.date()), on.to_string())),
        })
    }

    /// The link to the notices of free language help.
    fn language_help(&self) -> Option<LanguageHelpLink<'_>> {
        if self.languages.is_empty() {
            return None;
        }
        let is_it = |section: &&Section| matches!(section, Section::LanguageHelp(_));
        let mut pages = self.language.pages.iter();
        let (key, page, section) =
            pages.find_map(|(key, page)| Some((key, page, page.sections.iter().find(is_it)?)))?;
        let anchor = section.anchor().map(|(anchor, _)| anchor).unwrap_or_default();
        let preview = !self.settings.published();
        let path = page.path(self.language.lang, key);
        Some(LanguageHelpLink {
            href: format!("{path}#{anchor}"),
            page: path,
            languages: self.languages.iter().filter(|language| preview || language.text.is_some()).collect(),
        })
    }

    /// The link to the notice of privacy practices: its words are the notice's name.
    fn privacy_practices(&self) -> Option<NavLink> {
        let is_it = |section: &&Section| matches!(section, Section::OfficialText(text) if text.is_privacy_practices());
        let mut pages = self.language.pages.iter();
        let (key, page, section) =
            pages.find_map(|(key, page)| Some((key, page, page.sections.iter().find(is_it)?)))?;
        let (anchor, _) = section.anchor()?;
        let href = format!("{}#{anchor}", page.path(self.language.lang, key));
        Some(NavLink { href, label: section.heading()?.to_string(), current: false })
    }

    /// The sources a page names and those of the figures it shows.
    fn sources(&self, page: &Page) -> Vec<SourceView> {
        let named = page.sources.iter().flatten().map(Key::as_str);
        let facts = page.facts();
        let figures = self.today.clinic.figures.iter().flatten().filter(|(key, _)| facts.contains(key.as_str()));
        let of_figures = figures.filter_map(|(_, figure)| figure.source.as_ref()).map(Key::as_str);
        let mut seen = BTreeSet::new();
        named
            .chain(of_figures)
            .filter(|key| seen.insert(*key))
            .filter_map(|key| self.today.clinic.sources.iter().flatten().find(|(name, _)| name.as_str() == key))
            .map(|(_, source)| SourceView {
                // Titles are those of their publishers: in English.
                lang: Some("en").filter(|_| self.language.lang != Lang::En),
                title: source.title.to_string(),
                url: source.url.as_ref().map(ToString::to_string),
                checked: source.verified_on.as_ref().map(|day| self.language.lang.date(day.date())),
            })
            .collect()
    }

    fn copy(&self, copy: &Markdown) -> Html {
        let html = text::render_with(copy.as_str(), &|name| self.fact(name), &|target| self.target(target));
        html.directed(self.language.direction)
    }

    fn target(&self, target: &str) -> Target {
        view::target_in(self.content, target)
    }

    /// The sections of a page, by the name of its file.
    fn sections<'b>(&'b self, key: &'b str) -> Sections<'b> {
        Sections { renderer: self, key, chapters: None, gone: BTreeSet::new() }
    }

    /// The fact of a name in copy, if it is known today.
    fn fact(&self, name: &str) -> Option<Html> {
        let sample = |sample: bool| Html::sample(sample.then_some(self.language.ui.preview.sample.as_str()));
        if let Some(name) = name.strip_prefix(text::ANSWERS) {
            let (_, answer) = self.language.answers.iter().find(|(key, _)| key.as_str() == name)?;
            return Some(Html::text(answer.shown(self.today.is_late(self.language.lang, name))));
        }
        if let Some(name) = name.strip_prefix(text::LOCATIONS) {
            let (html, is_sample) = place::fact(self.content, self.language, &self.today.clinic, name)?;
            return Some(Html::concat(&[html, sample(is_sample)]));
        }
        if let Some((html, is_sample)) = view::oversight(&self.today.clinic, name) {
            return Some(Html::concat(&[html, sample(is_sample)]));
        }
        match name {
            "name" => Some(Html::text(&self.view.name)),
            "leave_site" => Some(Html::text(self.content.clinic.leave_site())),
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
                let figures = self.today.clinic.figures.iter().flatten();
                let (_, fact) = figures.into_iter().find(|(key, _)| key.as_str() == figure)?;
                let figure = self.language.lang.figure(fact.value.as_str());
                Some(Html::concat(&[Html::text(&figure), sample(fact.is_sample())]))
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
