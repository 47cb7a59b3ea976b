//! The site: every answer to a visitor, finished. Built aside, then handed over whole; nothing is rendered when a page is asked for.

mod asset;
mod component;
mod machine;
mod page;
mod prebuilt;
mod render;
pub mod route;
mod structured_data;

pub use asset::icon_names;
pub use prebuilt::{Body, CachePolicy, Coding, Effort, Prebuilt};

use crate::content::Content;
use crate::lang::Lang;
use asset::Assets;
use jiff::civil::Date;
use std::collections::HashMap;
use url::Url;

/// Stands for the site's address in a preview, which has none: a name that is reserved for examples (RFC 2606).
const PREVIEW_BASE: &str = "https://clinic.example/";

/// What a site is built for.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The site's own address, `https://host/`: it is published. `None`: a preview, which shows samples and their banner.
    pub public_url: Option<Url>,
    /// The day in Sacramento: what has expired is left out.
    pub today: Date,
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

/// What can go wrong while an answer is made. Each has a page, in each language, with the help lines on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// 400
    BadRequest,
    /// 404
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 500
    Internal,
    /// 503
    Unavailable,
}

impl ErrorKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::BadRequest, Self::NotFound, Self::MethodNotAllowed, Self::Internal, Self::Unavailable];

    /// The status code.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

/// What stands at a path.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A finished answer.
    Answer(Box<Prebuilt>),
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

impl From<askama::Error> for BuildError {
    fn from(error: askama::Error) -> Self {
        Self(error.to_string())
    }
}

/// The site.
#[derive(Debug)]
pub struct Site {
    entries: HashMap<String, Entry>,
    errors: HashMap<(Lang, ErrorKind), Prebuilt>,
    published: bool,
}

impl Site {
    /// Renders every page, every error page and every file for machines.
    ///
    /// # Errors
    /// A template fails, or two things claim one path: `check` has told both.
    pub fn build(content: &Content, settings: &Settings) -> Result<Self, BuildError> {
        let base = settings.base()?;
        let clinic = content.clinic.known_on(settings.today);
        let mut site = Self { entries: HashMap::new(), errors: HashMap::new(), published: settings.published() };
        let assets = Assets::get();
        for asset in [&assets.stylesheet, &assets.icon] {
            site.put(&asset.path, asset.content_type, None, CachePolicy::Immutable, asset.body.clone(), settings)?;
        }
        site.put(
            route::FAVICON,
            assets.icon.content_type,
            None,
            CachePolicy::Hour,
            assets.icon.body.clone(),
            settings,
        )?;
        for language in &content.languages {
            let renderer = render::Renderer::new(content, &clinic, language, &base, settings);
            for (path, html) in renderer.pages()? {
                site.put(&path, HTML, Some(language.lang), CachePolicy::Revalidate, html, settings)?;
            }
            for kind in ErrorKind::ALL {
                let html = renderer.error(kind)?;
                let page = Prebuilt::new(HTML, Some(language.lang), CachePolicy::NoStore, html, settings.effort);
                site.errors.insert((language.lang, kind), page);
            }
        }
        let text = "text/plain; charset=utf-8";
        let languages: Vec<Lang> = content.languages.iter().map(|language| language.lang).collect();
        let contact = render::path_of(content, Lang::En, "contact");
        site.put(
            route::SITEMAP,
            "application/xml",
            None,
            CachePolicy::Hour,
            render::sitemap(content, &base)?,
            settings,
        )?;
        site.put(route::ROBOTS, text, None, CachePolicy::Hour, machine::robots(&base, settings.published()), settings)?;
        let security = machine::security(&base, &contact, &languages, settings.today);
        site.put(route::SECURITY, text, None, CachePolicy::Hour, security, settings)?;
        let sample_words = content.languages.first().map_or("", |language| language.ui.preview.banner.as_str());
        let card = machine::contact_card(&base, &clinic, sample_words);
        site.put(route::CONTACT_CARD, "text/vcard; charset=utf-8", None, CachePolicy::Hour, card, settings)?;
        for redirect in content.redirects.redirects.iter().flatten() {
            let to = redirect.to.to_string();
            site.entries.entry(redirect.from.to_string()).or_insert(Entry::Moved(to));
        }
        Ok(site)
    }

    /// What stands at a path, exactly as it is spelled.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// The page for an error, in the language of the path, or in English where the site isn't in that language.
    #[must_use]
    pub fn error(&self, kind: ErrorKind, path: &str) -> Option<&Prebuilt> {
        self.errors.get(&(Lang::of_path(path), kind)).or_else(|| self.errors.get(&(Lang::En, kind)))
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

    fn put(
        &mut self,
        path: &str,
        content_type: &'static str,
        language: Option<Lang>,
        cache: CachePolicy,
        text: String,
        settings: &Settings,
    ) -> Result<(), BuildError> {
        let answer = Prebuilt::new(content_type, language, cache, text, settings.effort);
        match self.entries.insert(path.to_owned(), Entry::Answer(Box::new(answer))) {
            None => Ok(()),
            Some(_) => Err(BuildError(format!("two answers for {path}"))),
        }
    }
}

const HTML: &str = "text/html; charset=utf-8";
