//! The pages: one askama struct a page kind, all within the same frame ([`Layout`], `templates/base.html`).

use super::asset::{Asset, Assets};
use super::component::{ClinicView, Heading, HelpLineView, LanguageView, PictureView};
use super::gap::Gap;
use crate::content::agenda::Agenda;
use crate::content::text::Html;
use crate::content::{RequestReceivedWords, Ui};
use crate::lang::Direction;
use crate::lang::Lang;
use askama::Template;
use askama::filters::HtmlSafe;
use std::fmt;

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
    /// The tag of the title's language, where that is not the page's.
    pub(crate) lang: Option<&'static str>,
    pub(crate) links: Vec<NavLink>,
}

/// The same page in another language (or in this one, for `hreflang`).
#[derive(Clone, Debug)]
pub(crate) struct Alternate {
    pub(crate) lang: Lang,
    /// The language's own name for itself, and the way it is written.
    pub(crate) name: String,
    pub(crate) direction: Direction,
    /// Absolute, for `<link rel="alternate">`.
    pub(crate) href: String,
    /// From the root of the site, for visitors.
    pub(crate) path: String,
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

/// A notice that is on every page, rendered.
pub(crate) struct SiteNotice {
    /// Whether people have to know it before they set out.
    pub(crate) is_pressing: bool,
    pub(crate) html: Html,
}

/// The link to the notices of free language help, in the footer of every page.
pub(crate) struct LanguageHelpLink<'a> {
    /// Where they are: the section.
    pub(crate) href: String,
    /// The page that the section is on.
    pub(crate) page: String,
    /// Those to list: all whose text is there; in a preview the others too, so that staff see their place.
    pub(crate) languages: Vec<&'a LanguageView>,
}

/// The form that chooses the time a preview is of, in English like the program's other messages to staff.
pub(crate) struct TimeControl {
    /// What is chosen, as `<input type="datetime-local">` writes it; empty while it is the time of now.
    pub(crate) value: String,
    /// The same in words.
    pub(crate) words: Option<String>,
}

/// Everything around a page's own content. `base.html` uses all of it.
pub(crate) struct Layout<'a> {
    pub(crate) lang: Lang,
    pub(crate) direction: Direction,
    pub(crate) ui: &'a Ui,
    pub(crate) clinic: &'a ClinicView,
    /// What comes before the title where a form has a mistake.
    pub(crate) error: Gap<'a>,
    /// `<title>`: the page's title and the clinic's name.
    pub(crate) title: String,
    pub(crate) description: String,
    /// The absolute address of the page; error pages have none.
    pub(crate) canonical: Option<String>,
    /// Every language the page is in, this one too; empty where there is only one.
    pub(crate) alternates: Vec<Alternate>,
    pub(crate) assets: &'static Assets,
    /// The one style sheet.
    pub(crate) stylesheet: &'a Asset,
    /// The color of the browser's bar, in light and in dark.
    pub(crate) bar: &'a [String; 2],
    /// The clinic's own logo, and the same for a dark ground.
    pub(crate) logo: Option<(PictureView, Option<PictureView>)>,
    /// `<script type="application/ld+json">` elements, or nothing. Data, not code: see the CSP.
    pub(crate) json_ld: Html,
    /// Search engines stay out: previews and error pages.
    pub(crate) noindex: bool,
    /// A preview that follows its content by a script.
    pub(crate) live: bool,
    /// A preview shows its banner, with links to the pages for staff: what needs attention, and every component.
    pub(crate) preview: Option<Vec<NavLink>>,
    /// What a live preview offers to see the site of another time.
    pub(crate) time_control: Option<TimeControl>,
    /// This is the language's home page.
    pub(crate) is_home: bool,
    /// Where the link leads that leaves the site, and the words that say so.
    pub(crate) leave: (&'a str, String),
    /// The links in the header.
    pub(crate) header: Vec<NavLink>,
    /// All pages, in named lists.
    pub(crate) groups: Vec<NavGroup>,
    /// The pages above this one, home first, without this one; empty on home and error pages.
    pub(crate) breadcrumbs: Vec<NavLink>,
    pub(crate) notices: &'a [SiteNotice],
    pub(crate) help_lines: &'a [HelpLineView],
    /// The notices of free language help, if there is a page of them.
    pub(crate) language_help: Option<LanguageHelpLink<'a>>,
    /// The link to the notice of privacy practices, if there is a place for it.
    pub(crate) privacy_practices: Option<NavLink>,
    /// The link to the booklet.
    pub(crate) booklet: NavLink,
    /// `about_clinic` and `no_tracking` of `ui.toml`, rendered.
    pub(crate) about_clinic: &'a Html,
    pub(crate) no_tracking: &'a Html,
}

impl Layout<'_> {
    fn all_notices(&self) -> Vec<&SiteNotice> {
        self.notices.iter().collect()
    }

    fn notices_that_are(&self, pressing: bool) -> Vec<&SiteNotice> {
        self.notices.iter().filter(|notice| notice.is_pressing == pressing).collect()
    }
}

/// A section of a page.
#[derive(Debug)]
pub(crate) enum Part<'a> {
    /// Rendered.
    Html(Html),
    /// The place of a form.
    Gap(Gap<'a>),
}

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Html(html) => html.fmt(f),
            Self::Gap(gap) => gap.fmt(f),
        }
    }
}

impl HtmlSafe for Part<'_> {}

/// What all pages made from a content file share.
pub(crate) struct Body<'a> {
    /// The main heading.
    pub(crate) title: String,
    pub(crate) lead: Html,
    /// On a page that is held back, which a preview alone shows: the words that say so.
    pub(crate) draft: Option<String>,
    /// On a translation that the clinic has not read: the address of the page in English.
    pub(crate) unreviewed: Option<String>,
    /// The sections in order.
    pub(crate) sections: Vec<Part<'a>>,
    pub(crate) sources: Vec<SourceView>,
    /// Both dates in words.
    pub(crate) last_reviewed: String,
    pub(crate) next_review: String,
    /// The first of them for `<time datetime>`: `2026-11-23`.
    pub(crate) last_reviewed_iso: String,
    /// The clinician who has read it, and the day, in words and for `<time datetime>`.
    pub(crate) clinician: Option<(String, String, String)>,
}

/// The front page.
#[derive(Template)]
#[template(path = "pages/home.html")]
pub(crate) struct HomePage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) body: Body<'a>,
    /// The drawing of Sacramento.
    pub(crate) picture: &'a Html,
    /// The clinic's own photograph, in its place.
    pub(crate) photo: Option<PictureView>,
}

/// Help at once.
#[derive(Template)]
#[template(path = "pages/urgent.html")]
pub(crate) struct UrgentPage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) body: Body<'a>,
}

/// Any other page, a service too.
#[derive(Template)]
#[template(path = "pages/page.html")]
pub(crate) struct PlainPage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) body: Body<'a>,
    /// The name for the style sheet.
    pub(crate) kind: &'static str,
}

/// One page of the site in [`BookletPage`].
pub(crate) struct Chapter<'a> {
    /// Its anchor.
    pub(crate) id: String,
    /// The page's path.
    pub(crate) path: String,
    pub(crate) body: Body<'a>,
}

/// The booklet: the complete site as one document to print.
#[derive(Template)]
#[template(path = "pages/booklet.html")]
pub(crate) struct BookletPage<'a> {
    pub(crate) layout: Layout<'a>,
    /// The day it was made, in words.
    pub(crate) day: String,
    /// Some chapter is a translation that the clinic has not read.
    pub(crate) unreviewed: bool,
    pub(crate) chapters: Vec<Chapter<'a>>,
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
    pub(crate) chapters: Vec<Chapter<'a>>,
}

/// What needs attention: a page of live previews, for staff, in English alone like the program's other messages.
#[derive(Template)]
#[template(path = "pages/report.html")]
pub(crate) struct ReportPage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) agenda: &'a Agenda,
    pub(crate) title: &'static str,
    /// The day, in words.
    pub(crate) day: String,
}

/// The confirmation page.
#[derive(Template)]
#[template(path = "pages/received.html")]
pub(crate) struct ReceivedPage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) title: String,
    /// What `components/request_received.html` expects.
    pub(crate) heading: Heading,
    pub(crate) words: &'a RequestReceivedWords,
    pub(crate) code: Gap<'a>,
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
