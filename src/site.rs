//! The site: every answer to a visitor, finished. Built aside, then served as a whole; nothing is rendered when a page is asked for, except a
//! form with mistakes in it ([`FormPage`]).

mod asset;
mod build;
mod component;
mod error_kind;
mod form;
mod gap;
mod ical;
mod looks;
mod machine;
mod page;
mod prebuilt;
mod render;
pub mod route;
pub mod saved;
mod structured_data;
mod today;

pub use asset::icon_names;
pub(crate) use asset::{desk_parts, stylesheet};
pub use component::request::Trouble;
pub use error_kind::ErrorKind;
pub use form::FormPage;
pub use prebuilt::{Bodies, Body, CachePolicy, Coding, CompressionLevel, Prebuilt};
pub use today::Today;

use crate::address::OldAddresses;
use crate::content::Content;
use crate::content::agenda::{DueDays, Overdue};
use crate::content::model::Page;
use crate::lang::Lang;
use http::HeaderValue;
use jiff::Zoned;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use url::Url;

/// The address of a preview, which has none: a name that is reserved for examples (RFC 2606).
const PREVIEW_BASE: &str = "https://clinic.example/";

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// What a site is built for.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The site's own address, `https://host/`: it is published. `None`: a preview, which shows samples and their banner.
    pub public_url: Option<Url>,
    /// The time on the clinic's clock: what has expired or ended is left out.
    pub now: Zoned,
    /// Staff chose that time to look at the site as it will be; the banner of the preview says so.
    pub as_of: bool,
    /// The pages follow changes of their content by a script: a preview of a folder.
    pub live: bool,
    /// The site takes requests for appointments: it is served, and has a store for them.
    pub requests: bool,
    /// How hard to compress.
    pub compression: CompressionLevel,
}

impl Settings {
    /// Whether the site is for the public.
    #[must_use]
    pub fn published(&self) -> bool {
        self.public_url.is_some()
    }

    /// The time that staff chose to see the site at, if they did.
    #[must_use]
    pub fn chosen_time(&self) -> Option<DateTime> {
        self.as_of.then(|| self.now.datetime())
    }

    /// What time alone changes on a site of some content.
    #[must_use]
    pub fn today(&self, content: &Content) -> Today {
        Today::new(content, &self.now)
    }

    fn base(&self) -> Result<Url, BuildError> {
        self.public_url.clone().map_or_else(|| Url::parse(PREVIEW_BASE).map_err(BuildError::new), Ok)
    }
}

/// What is at a path.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A finished answer.
    Answer(Arc<Prebuilt>),
    /// An old address: the path that took its place.
    Moved(String),
}

/// A page could not be rendered. Pages are made of plain values, so this is a mistake in the program, not in the content.
#[derive(Debug, thiserror::Error)]
#[error("the site could not be built: {0}")]
pub struct BuildError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl BuildError {
    fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl From<askama::Error> for BuildError {
    fn from(error: askama::Error) -> Self {
        Self::new(error)
    }
}

/// The site.
#[derive(Debug)]
pub struct Site {
    entries: HashMap<String, Entry>,
    /// The pages with a form, by path. `None`: nobody can take it, because the site is a saved one.
    forms: HashMap<String, Option<Arc<FormPage>>>,
    errors: HashMap<(Lang, ErrorKind), Arc<Prebuilt>>,
    revision: String,
    /// The clinic's time zone.
    zone: TimeZone,
    /// What each page was made of, to see whether it has to be made again.
    made_of: HashMap<String, Arc<Page>>,
    frame: Frame,
    /// By when editors have something to do. None for a saved site, whose content isn't known.
    due: DueDays,
    /// Where old addresses lead, in whatever spelling: made of `entries` when it is first asked for.
    moved: OnceLock<OldAddresses>,
}

/// What all pages of a site share. Pages of two sites with equal frames differ only by their own content.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    public_url: Option<Url>,
    live: bool,
    requests: bool,
    /// The time that the banner names.
    as_of: Option<DateTime>,
    /// The state of the content besides the pages ([`Content::frame`]), and what time shows of it. None for a saved site, which nothing is taken
    /// over from.
    made_of: Option<([u8; 32], Today)>,
}

impl Site {
    /// Compresses up to `at_most` answers again that are below a level; their bodies are replaced in place.
    pub fn improve(&self, level: CompressionLevel, at_most: usize) {
        self.answers().filter(|page| page.level() < level).take(at_most).for_each(|page| page.improve(level));
    }

    /// How hard all answers are compressed at least: see [`Site::improve`].
    #[must_use]
    pub fn compression(&self) -> CompressionLevel {
        self.answers().map(|page| page.level()).min().unwrap_or(CompressionLevel::Best)
    }

    /// Every finished answer, error pages included.
    fn answers(&self) -> impl Iterator<Item = &Arc<Prebuilt>> {
        let pages = self.entries.values().filter_map(|entry| match entry {
            Entry::Answer(page) => Some(page),
            Entry::Moved(_) => None,
        });
        pages.chain(self.errors.values())
    }

    /// What is at a path, exactly as it is spelled.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Where a path that is an old address leads, in whatever spelling.
    #[must_use]
    pub fn moved(&self, path: &str) -> Option<&str> {
        self.old_addresses().find(path)
    }

    /// The same of one whose query says which page it was: it may have the path of another page.
    #[must_use]
    pub fn moved_by_query(&self, path: &str, query: &str) -> Option<&str> {
        let old = self.old_addresses();
        old.have_queries().then(|| old.find(&format!("{path}?{query}"))).flatten()
    }

    fn old_addresses(&self) -> &OldAddresses {
        self.moved.get_or_init(|| {
            OldAddresses::new(self.entries().filter_map(|(from, entry)| match entry {
                Entry::Moved(to) => Some((from, to.as_str())),
                Entry::Answer(_) => None,
            }))
        })
    }

    /// The address that a picture or document of another build has in this one: by its name, and its width if that is there.
    #[must_use]
    pub fn file_of_this_build(&self, path: &str) -> Option<&str> {
        let parts = |path: &str| {
            let (name, rest) = path.strip_prefix(route::FILES)?.split_once('.')?;
            let (hash, ending) = rest.split_once('.')?;
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
            hash.bytes()
                .all(|byte| byte.is_ascii_hexdigit())
                .then(|| (name.to_owned(), stem.to_owned(), ending.to_owned()))
        };
        let (name, stem, ending) = parts(path)?;
        let own = || self.entries.keys().filter_map(|own| Some((own.as_str(), parts(own)?)));
        let same = own().find(|(_, (other, _, kind))| *other == name && *kind == ending);
        // A picture was larger or smaller. Documents are too different.
        let is_picture = |ending: &str| ending != "pdf";
        let near = || {
            own()
                .filter(|(_, (_, other, kind))| is_picture(&ending) && is_picture(kind) && *other == stem)
                .max_by_key(|(path, _)| path.len())
        };
        same.or_else(near).map(|(path, _)| path)
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
        let lang = Lang::of_path(path, self.errors.keys().map(|(lang, _)| *lang));
        let own = self.errors.get(&(lang, kind));
        own.or_else(|| self.errors.get(&(Lang::En, kind))).map(AsRef::as_ref)
    }

    /// The address that an asset has on this site, if `path` is that of the same asset of another one: of another build, or in other colors.
    pub(crate) fn same_asset(&self, path: &str) -> Option<&str> {
        let asked = asset::unhashed(path)?;
        self.entries.keys().map(String::as_str).find(|own| *own != path && asset::unhashed(own) == Some(asked))
    }

    /// Every path there is, with what is there.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(path, entry)| (path.as_str(), entry))
    }

    /// How many facts and reviews of the content are overdue at a time.
    #[must_use]
    pub fn overdue(&self, now: &Zoned) -> Overdue {
        self.due.overdue(now.with_time_zone(self.zone.clone()).date())
    }

    /// The clinic's time zone, by its name in the database of IANA.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// Whether the site is for the public.
    #[must_use]
    pub fn published(&self) -> bool {
        self.frame.public_url.is_some()
    }

    /// The site's own address, if it is for the public.
    #[must_use]
    pub fn public_url(&self) -> Option<&Url> {
        self.frame.public_url.as_ref()
    }

    /// The time that staff chose to see the site at, if they did.
    #[must_use]
    pub fn chosen_time(&self) -> Option<DateTime> {
        self.frame.as_of
    }

    /// Whether the pages follow changes of their content by a script.
    #[must_use]
    pub fn live(&self) -> bool {
        self.frame.live
    }

    /// Distinguishes one state of the content from another.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.revision
    }
}
