//! The pages: one askama struct a page kind, all within the same frame ([`Layout`], `templates/base.html`).

use super::asset::Live;
use super::component::{ClinicView, HelpLineView, LanguageView};
use crate::content::Ui;
use crate::content::agenda::Agenda;
use crate::content::text::Html;
use crate::lang::Lang;
use askama::Template;

/// A link of the navigation.
#[derive(Clone, Debug)]
pub(crate) struct NavLink {
    pub(crate) href: String,
    pub(crate) label: String,
    /// The page that is being shown: `aria-current="page"`.
    pub(crate) current: bool,
}

/// A named list of links at the foot of the page.
#[derive(Clone, Debug)]
pub(crate) struct NavGroup {
    pub(crate) title: String,
    pub(crate) links: Vec<NavLink>,
}

/// The same page in another language (or in this one, for `hreflang`).
#[derive(Clone, Debug)]
pub(crate) struct Alternate {
    pub(crate) lang: Lang,
    /// Absolute, for `<link rel="alternate">`.
    pub(crate) href: String,
    /// From the root of the site, for visitors.
    pub(crate) path: String,
    /// The language's own name, for visitors: `Español`.
    pub(crate) name: &'static str,
}

/// A source a page rests on.
#[derive(Clone, Debug)]
pub(crate) struct SourceView {
    pub(crate) title: String,
    pub(crate) url: Option<String>,
    /// The tag of its language, where that is not the page's.
    pub(crate) lang: Option<&'static str>,
    /// The day it was last checked, in words.
    pub(crate) checked: Option<String>,
}

/// The way to the notices of free language help, at the foot of every page.
pub(crate) struct LanguageHelpLink<'a> {
    /// Where they are: the section.
    pub(crate) href: String,
    /// The page it stands on.
    pub(crate) page: String,
    /// Those to list: all whose text is there; in a preview the others too, so that staff see their place.
    pub(crate) languages: Vec<&'a LanguageView>,
}

/// Everything around a page's own content. `base.html` uses all of it.
pub(crate) struct Layout<'a> {
    pub(crate) lang: Lang,
    pub(crate) ui: &'a Ui,
    pub(crate) clinic: &'a ClinicView,
    /// `<title>`: the page's title and the clinic's name.
    pub(crate) title: String,
    pub(crate) description: String,
    /// The absolute address of the page; error pages have none.
    pub(crate) canonical: Option<String>,
    /// Every language the page is in, this one too; empty where there is only one.
    pub(crate) alternates: Vec<Alternate>,
    /// Hashed addresses of the style sheet and the icon.
    pub(crate) stylesheet: &'a str,
    pub(crate) icon: &'a str,
    /// `<script type="application/ld+json">` elements, or nothing. Data, not code: see the CSP.
    pub(crate) json_ld: Html,
    /// Search engines stay out: previews and error pages.
    pub(crate) noindex: bool,
    /// The script and the style of a preview that follows its content.
    pub(crate) live: Option<&'a Live>,
    /// Shows the preview banner.
    pub(crate) preview: bool,
    /// In it, the pages that are for staff: what needs attention, and every component.
    pub(crate) staff: Vec<NavLink>,
    /// The language's home page, and whether this is it.
    pub(crate) home: &'a str,
    pub(crate) is_home: bool,
    /// The links in the header.
    pub(crate) header: Vec<NavLink>,
    /// All pages, in named lists.
    pub(crate) groups: Vec<NavGroup>,
    /// The pages above this one, home first, without this one; empty on home and error pages.
    pub(crate) breadcrumbs: Vec<NavLink>,
    /// The site's notices, rendered.
    pub(crate) notices: &'a [Html],
    pub(crate) help_lines: &'a [HelpLineView],
    /// The notices of free language help, if there is a page of them.
    pub(crate) language_help: Option<LanguageHelpLink<'a>>,
    /// The whole site as one document to print.
    pub(crate) booklet: NavLink,
    /// `about_clinic` and `no_tracking` of `ui.toml`, rendered.
    pub(crate) about_clinic: &'a Html,
    pub(crate) no_tracking: &'a Html,
}

/// What all pages made from a content file share.
pub(crate) struct Body {
    /// The main heading.
    pub(crate) title: String,
    pub(crate) lead: Html,
    /// On a translation that the clinic has not read: the address of the page in English.
    pub(crate) unreviewed: Option<String>,
    /// The sections, rendered, in order.
    pub(crate) sections: Vec<Html>,
    pub(crate) sources: Vec<SourceView>,
    /// Both dates in words.
    pub(crate) last_reviewed: String,
    pub(crate) next_review: String,
    /// The first of them for `<time datetime>`: `2026-11-23`.
    pub(crate) last_reviewed_iso: String,
}

/// The front page.
#[derive(Template)]
#[template(path = "pages/home.html")]
pub(crate) struct HomePage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) body: Body,
    /// The picture of Sacramento.
    pub(crate) picture: &'a Html,
}

/// A service of the clinic.
#[derive(Template)]
#[template(path = "pages/service.html")]
pub(crate) struct ServicePage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) body: Body,
}

/// Help at once.
#[derive(Template)]
#[template(path = "pages/urgent.html")]
pub(crate) struct UrgentPage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) body: Body,
}

/// Any other page.
#[derive(Template)]
#[template(path = "pages/page.html")]
pub(crate) struct PlainPage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) body: Body,
}

/// One page of the site in [`BookletPage`].
pub(crate) struct Chapter {
    /// Its anchor.
    pub(crate) id: String,
    /// The page's path.
    pub(crate) path: String,
    pub(crate) body: Body,
}

/// The whole site as one document to print.
#[derive(Template)]
#[template(path = "pages/booklet.html")]
pub(crate) struct BookletPage<'a> {
    pub(crate) layout: Layout<'a>,
    /// The day it was made, in words.
    pub(crate) day: String,
    /// Some chapter is a translation that the clinic has not read.
    pub(crate) unreviewed: bool,
    pub(crate) chapters: Vec<Chapter>,
    /// The sources of all chapters, each once.
    pub(crate) sources: Vec<SourceView>,
}

/// Every component in each of its states: a page of live previews, for those who work on them.
#[derive(Template)]
#[template(path = "pages/gallery.html")]
pub(crate) struct GalleryPage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) title: &'static str,
    /// The components with the facts of the content, with none and with all.
    pub(crate) chapters: Vec<Chapter>,
}

/// What needs attention: a page of live previews, for staff.
#[derive(Template)]
#[template(path = "pages/report.html")]
pub(crate) struct ReportPage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) agenda: &'a Agenda,
    pub(crate) words: &'static ReportWords,
    /// The day, in words.
    pub(crate) day: String,
}

/// What the report says to staff. It is in English alone, as the program's other messages are, and no visitor reads it.
pub(crate) struct ReportWords {
    pub(crate) title: &'static str,
    pub(crate) as_of: &'static str,
    pub(crate) ahead: &'static str,
    pub(crate) days: &'static str,
    pub(crate) nothing: &'static str,
}

/// The page for who has sent a form.
#[derive(Template)]
#[template(path = "pages/received.html")]
pub(crate) struct ReceivedPage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) title: String,
    pub(crate) body: Html,
}

/// A page shown when something went wrong: what to do now, and the help lines.
#[derive(Template)]
#[template(path = "errors/error.html")]
pub(crate) struct ErrorPage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) title: String,
    pub(crate) text: Html,
    pub(crate) status: u16,
}
