//! The site: every answer to a visitor, finished. Built aside, then handed over whole; nothing is rendered when a page is asked for,
//! but a form with mistakes in it ([`FormPage`]).

mod asset;
mod builder;
mod component;
mod error_kind;
mod form;
mod machine;
mod page;
mod prebuilt;
mod render;
pub mod route;
pub mod saved;
mod structured_data;

pub(crate) use asset::desk_assets;
pub use asset::icon_names;
pub use component::request::Trouble;
pub use error_kind::ErrorKind;
pub use form::FormPage;
pub use prebuilt::{Body, CachePolicy, Coding, Effort, Prebuilt};

use crate::content::model::Page;
use crate::content::{Content, hours};
use crate::lang::Lang;
use asset::Assets;
use builder::{Builder, in_parallel};
use jiff::Zoned;
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use url::Url;

/// Stands for the site's address in a preview, which has none: a name that is reserved for examples (RFC 2606).
const PREVIEW_BASE: &str = "https://clinic.example/";

/// What a site is built for.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The site's own address, `https://host/`: it is published. `None`: a preview, which shows samples and their banner.
    pub public_url: Option<Url>,
    /// The time on the clinic's clock: what has expired or ended is left out.
    pub now: Zoned,
    /// The pages follow changes of their content by a script: a preview of a folder.
    pub live: bool,
    /// The site can take requests for appointments: it is served, and has somewhere to keep them.
    pub requests: bool,
    /// How hard to compress.
    pub effort: Effort,
}

impl Settings {
    /// Whether the site is for the public.
    #[must_use]
    pub fn published(&self) -> bool {
        self.public_url.is_some()
    }

    fn base(&self) -> Result<Url, BuildError> {
        match &self.public_url {
            Some(url) => Ok(url.clone()),
            None => Url::parse(PREVIEW_BASE).map_err(|error| BuildError(format!("{PREVIEW_BASE}: {error}"))),
        }
    }
}

/// What stands at a path.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A finished answer.
    Answer(Arc<Prebuilt>),
    /// An old address: the path that took its place.
    Moved(String),
}

/// A page could not be rendered. Pages are made of plain values, so this is a mistake in the program, not in the content.
#[derive(Debug)]
pub struct BuildError(String);

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the site could not be built: {}", self.0)
    }
}

impl std::error::Error for BuildError {}

impl BuildError {
    fn new(why: &str) -> Self {
        Self(why.to_owned())
    }
}

impl From<askama::Error> for BuildError {
    fn from(error: askama::Error) -> Self {
        Self(error.to_string())
    }
}

/// The site.
#[derive(Debug)]
pub struct Site {
    entries: HashMap<String, Entry>,
    /// The pages with a form, by path.
    forms: HashMap<String, Arc<FormPage>>,
    /// The paths of pages whose form nobody can take, because the site is a saved one.
    closed_forms: HashSet<String>,
    errors: HashMap<(Lang, ErrorKind), Arc<Prebuilt>>,
    published: bool,
    live: bool,
    revision: String,
    /// What each page was made of, to see whether it has to be made again.
    made_of: HashMap<String, Arc<Page>>,
    frame: Frame,
}

/// What all pages of a site share. Pages of two sites with equal frames differ only by their own content.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Frame {
    content: [u8; 32],
    public_url: Option<Url>,
    live: bool,
    requests: bool,
    /// Facts and notices change with time: the state of all of them.
    clinic: Vec<Date>,
    shown: Vec<bool>,
    /// What is said of the opening hours at this minute.
    open: Option<hours::Now>,
}

impl Frame {
    /// That of a saved site, which no site that is made from content has.
    fn of_saved(public_url: Url) -> Self {
        let (clinic, shown) = (Vec::new(), Vec::new());
        Self { content: [0; 32], public_url: Some(public_url), live: false, requests: false, clinic, shown, open: None }
    }
}

impl Site {
    /// Renders every page, every error page and every file for machines. What is as it was in `before` is taken over from it.
    ///
    /// # Errors
    /// A template fails, or two things claim one path: `check` has told both.
    pub fn build(content: &Content, settings: &Settings, before: Option<&Self>) -> Result<Self, BuildError> {
        let base = settings.base()?;
        let clinic = content.clinic.known_on(settings.now.date());
        let now = settings.now.timestamp();
        let open = hours::Now::of(&clinic, &settings.now);
        let open = if content.tells_the_hour { open } else { open.map(hours::Now::without_the_clock) };
        let frame = Frame {
            content: content.frame,
            public_url: settings.public_url.clone(),
            live: settings.live,
            requests: settings.requests,
            clinic: clinic.expiries(),
            open: open.clone(),
            shown: content.notices().map(|notice| notice.is_shown(now)).collect(),
        };
        let mut builder = Builder { settings, before, entries: HashMap::new() };
        let mut site = Self {
            entries: HashMap::new(),
            forms: HashMap::new(),
            closed_forms: HashSet::new(),
            errors: HashMap::new(),
            published: settings.published(),
            live: settings.live,
            revision: content.revision.clone(),
            made_of: HashMap::new(),
            frame,
        };
        let assets = Assets::get();
        for asset in
            [Some(&assets.stylesheet), Some(&assets.icon)].into_iter().chain(assets.live_if(settings.live)).flatten()
        {
            builder.put(&asset.path, asset.content_type, CachePolicy::Immutable, asset.body.clone())?;
        }
        builder.put(route::FAVICON, assets.icon.content_type, CachePolicy::Hour, assets.icon.body.clone())?;
        for language in &content.languages {
            let renderer = render::Renderer::new(content, (&clinic, open.as_ref()), language, &base, settings);
            let pages = in_parallel(&language.pages.iter().collect::<Vec<_>>(), |(key, page)| {
                let path = page.path(language.lang, key);
                builder.page(&renderer, (key, page), &path, &site.frame).map(|made| (path, made))
            });
            for page in pages {
                let (path, (page, form)) = page?;
                site.forms.extend(form.map(|form| (path.clone(), form)));
                builder.insert(path, Entry::Answer(page))?;
            }
            site.made_of
                .extend(language.pages.iter().map(|(key, page)| (page.path(language.lang, key), Arc::clone(page))));
            if settings.live && language.lang == Lang::En {
                let html = renderer.report()?;
                for (path, html) in [(route::PREVIEW_REPORT, html), (route::PREVIEW_COMPONENTS, renderer.gallery()?)] {
                    let page = builder.finish(path, HTML, Some(Lang::En), CachePolicy::Revalidate, html);
                    builder.insert(path.to_owned(), Entry::Answer(page))?;
                }
            }
            let booklet = route::booklet(language.lang);
            // It is for paper, on which "open now" would go on being said.
            let lasting = open.clone().map(hours::Now::without_the_clock);
            // And a form on it goes nowhere.
            let paper = Settings { requests: false, ..settings.clone() };
            let html =
                render::Renderer::new(content, (&clinic, lasting.as_ref()), language, &base, &paper).booklet()?;
            let page = builder.finish(booklet, HTML, Some(language.lang), CachePolicy::Revalidate, html);
            builder.insert(booklet.to_owned(), Entry::Answer(page))?;
            for kind in ErrorKind::ALL {
                let known = before.filter(|before| before.frame == site.frame);
                let page = known.and_then(|before| before.errors.get(&(language.lang, kind))).map(Arc::clone);
                let page = page.map_or_else(
                    || {
                        let (html, lang) = (renderer.error(kind)?, Some(language.lang));
                        let page = Prebuilt::new(HTML, lang, CachePolicy::NoStore, html, settings.effort);
                        Ok::<_, BuildError>(Arc::new(page))
                    },
                    Ok,
                )?;
                site.errors.insert((language.lang, kind), page);
            }
        }
        let text = "text/plain; charset=utf-8";
        let languages: Vec<Lang> = content.languages.iter().map(|language| language.lang).collect();
        let contact = render::path_of(content, Lang::En, "contact");
        builder.put(route::SITEMAP, "application/xml", CachePolicy::Hour, render::sitemap(content, &base)?)?;
        builder.put(route::ROBOTS, text, CachePolicy::Hour, machine::robots(&base, settings.published()))?;
        let security = machine::security(&base, &contact, &languages, settings.now.date());
        builder.put(route::SECURITY, text, CachePolicy::Hour, security)?;
        let sample_words = content.languages.first().map_or("", |language| language.ui.preview.banner.as_str());
        let card = machine::contact_card(&base, &clinic, sample_words);
        builder.put(route::CONTACT_CARD, "text/vcard; charset=utf-8", CachePolicy::Hour, card)?;
        for redirect in content.redirects.redirects.iter().flatten() {
            let to = redirect.to.to_string();
            builder.entries.entry(redirect.from.to_string()).or_insert(Entry::Moved(to));
        }
        site.entries = builder.entries;
        Ok(site)
    }

    /// The same site, its answers compressed at least so hard; no more than so many of them are done in one go.
    #[must_use]
    pub fn with_effort(&self, effort: Effort, most: usize) -> Self {
        let left = std::cell::Cell::new(most);
        let best = |page: &Arc<Prebuilt>| {
            if page.effort() >= effort || left.get() == 0 {
                return Arc::clone(page);
            }
            left.set(left.get() - 1);
            Arc::new(page.with_effort(effort))
        };
        let entry = |entry: &Entry| match entry {
            Entry::Answer(page) => Entry::Answer(best(page)),
            Entry::Moved(to) => Entry::Moved(to.clone()),
        };
        Self {
            entries: self.entries.iter().map(|(path, at)| (path.clone(), entry(at))).collect(),
            forms: self.forms.clone(),
            closed_forms: self.closed_forms.clone(),
            errors: self.errors.iter().map(|(kind, page)| (*kind, best(page))).collect(),
            published: self.published,
            live: self.live,
            revision: self.revision.clone(),
            made_of: self.made_of.clone(),
            frame: self.frame.clone(),
        }
    }

    /// Whether this site's page of a path was made of the same content within the same frame.
    fn has_made(&self, path: &str, page: &Arc<Page>, frame: &Frame) -> bool {
        self.frame == *frame && self.made_of.get(path).is_some_and(|made_of| Arc::ptr_eq(made_of, page))
    }

    /// What stands at a path, exactly as it is spelled.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// The finished answer at a path.
    #[must_use]
    pub fn answer(&self, path: &str) -> Option<&Arc<Prebuilt>> {
        match self.entries.get(path)? {
            Entry::Answer(page) => Some(page),
            Entry::Moved(_) => None,
        }
    }

    /// The page for an error, in the language of the path, or in English where the site isn't in that language.
    #[must_use]
    pub fn error(&self, kind: ErrorKind, path: &str) -> Option<&Prebuilt> {
        let own = self.errors.get(&(Lang::of_path(path), kind));
        own.or_else(|| self.errors.get(&(Lang::En, kind))).map(AsRef::as_ref)
    }

    /// Every path there is, with what stands there.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(path, entry)| (path.as_str(), entry))
    }

    /// Whether the site is for the public.
    #[must_use]
    pub fn published(&self) -> bool {
        self.published
    }

    /// The site's own address, if it is for the public.
    #[must_use]
    pub fn public_url(&self) -> Option<&Url> {
        self.frame.public_url.as_ref()
    }

    /// Whether the pages follow changes of their content by a script.
    #[must_use]
    pub fn live(&self) -> bool {
        self.live
    }

    /// How hard all of its answers are compressed at least: see [`Site::with_effort`].
    #[must_use]
    pub fn effort(&self) -> Effort {
        let pages = self.entries.values().filter_map(|entry| match entry {
            Entry::Answer(page) => Some(page),
            Entry::Moved(_) => None,
        });
        let efforts = pages.chain(self.errors.values()).map(|page| page.effort());
        efforts.min().unwrap_or(Effort::Best)
    }

    /// Tells one state of the content from another.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.revision
    }
}

const HTML: &str = "text/html; charset=utf-8";
