//! From content to a site. What didn't change since the site before is taken over from it.

use super::asset::Assets;
use super::looks::Looks;
use super::render::{self, Renderer};
use super::{BuildError, CachePolicy, Entry, ErrorKind, FormPage, Frame, HTML, Prebuilt, Settings, Site, Today};
use super::{machine, route};
use crate::content::agenda::DueDays;
use crate::content::media::{Format, Kind, Made, Media, Shape};
use crate::content::model::{Page, Redirect};
use crate::content::{Content, Language};
use crate::lang::Lang;
use crate::parallel::in_parallel;
use http::HeaderValue;
use std::collections::{HashMap, hash_map};
use std::sync::{Arc, OnceLock};
use url::Url;

const TEXT: &str = "text/plain; charset=utf-8";

impl Site {
    /// Renders every page, every error page and every file for machines.
    ///
    /// # Errors
    /// A template fails, or two answers claim one path: `check` reports both.
    pub fn build(content: &Content, settings: &Settings, before: Option<&Self>) -> Result<Self, BuildError> {
        let base = settings.base()?;
        let today = Today::new(content, &settings.now);
        let frame = Frame {
            public_url: settings.public_url.clone(),
            live: settings.live,
            requests: settings.requests,
            as_of: settings.chosen_time(),
            made_of: Some((content.frame, today.clone())),
        };
        let same_frame = before.filter(|before| before.frame == frame);
        let site = Self {
            entries: HashMap::new(),
            forms: HashMap::new(),
            errors: HashMap::new(),
            revision: content.revision.clone(),
            zone: content.zone.clone(),
            made_of: HashMap::new(),
            due: DueDays::new(content),
            moved: OnceLock::new(),
            frame,
        };
        let looks = Looks::new(content);
        let mut builder =
            Builder { content, settings, base: &base, today: &today, looks: &looks, before, same_frame, site };
        builder.assets()?;
        for language in &content.languages {
            builder.language(language)?;
        }
        builder.machine_files()?;
        builder.media();
        let led = |redirect: &&Redirect| !content.leads_to_a_draft(redirect.to.as_str());
        for redirect in content.redirects.redirects.iter().flatten().filter(led) {
            let to = redirect.to.to_string();
            builder.site.entries.entry(redirect.from.to_string()).or_insert(Entry::Moved(to));
        }
        Ok(builder.site)
    }
}

/// A site in the making.
struct Builder<'a> {
    content: &'a Content,
    settings: &'a Settings,
    base: &'a Url,
    today: &'a Today,
    looks: &'a Looks,
    before: Option<&'a Site>,
    /// The site before, if its frame is the same: then its pages of unchanged content are the same, too.
    same_frame: Option<&'a Site>,
    site: Site,
}

impl Builder<'_> {
    fn assets(&mut self) -> Result<(), BuildError> {
        let assets = Assets::get();
        let live = [&assets.live_script, &assets.live_style].into_iter().filter(|_| self.settings.live);
        for asset in [&self.looks.stylesheet, &self.looks.full_stylesheet, &assets.icon].into_iter().chain(live) {
            self.put(&asset.path, asset.content_type, CachePolicy::Immutable, asset.body.clone())?;
        }
        self.put(route::FAVICON, assets.icon.content_type, CachePolicy::Hour, assets.icon.body.clone())
    }

    /// The pages of a language, its booklet and its error pages.
    fn language(&mut self, language: &Language) -> Result<(), BuildError> {
        let (content, settings, lang) = (self.content, self.settings, language.lang);
        let renderer = Renderer::new(content, self.today, self.looks, language, self.base, settings);
        let pages = in_parallel(&language.pages.iter().collect::<Vec<_>>(), |(key, page)| {
            let path = page.path(lang, key);
            self.page(&renderer, key, page, &path).map(|(answer, form)| (path, Arc::clone(page), answer, form))
        });
        for page in pages {
            let (path, page, answer, form) = page?;
            self.site.forms.extend(form.map(|form| (path.clone(), Some(form))));
            self.site.made_of.insert(path.clone(), page);
            self.insert(path, answer)?;
        }
        for (key, page) in &language.pages {
            for (path, text) in renderer.calendar_files(key, page) {
                self.put(&path, "text/calendar; charset=utf-8", CachePolicy::Hour, text)?;
            }
        }
        if lang == Lang::En {
            self.put(route::CONTACT_CARD, "text/vcard; charset=utf-8", CachePolicy::Hour, renderer.contact_card())?;
        }
        if settings.live && lang == Lang::En {
            self.put_page(route::PREVIEW_REPORT, lang, renderer.report()?)?;
            self.put_page(route::PREVIEW_COMPONENTS, lang, renderer.gallery()?)?;
        }
        // Paper can't say "open now", and a form on it goes nowhere.
        let (today, paper) = (self.today.clone().without_the_clock(), Settings { requests: false, ..settings.clone() });
        let booklet = Renderer::new(content, &today, self.looks, language, self.base, &paper).booklet()?;
        self.put_page(&language.booklet, lang, booklet)?;
        for kind in ErrorKind::ALL {
            let same = self.same_frame.and_then(|before| before.errors.get(&(lang, kind)));
            let page = if let Some(page) = same {
                Arc::clone(page)
            } else {
                let html = renderer.error(kind)?;
                Arc::new(Prebuilt::new(HTML, Some(lang), CachePolicy::NoStore, html, settings.compression))
            };
            self.site.errors.insert((lang, kind), page);
        }
        Ok(())
    }

    /// The pictures and documents that content shows. Those of the site before are taken over.
    fn media(&mut self) {
        if !self.content.has_media {
            return;
        }
        let of_content =
            self.content.shown_media(self.settings.now.timestamp()).into_iter().flat_map(|media| answers_of(media));
        let of_gallery = render::gallery::media().filter(|_| self.settings.live).flat_map(|media| answers_of(media));
        for (path, answer) in of_content.chain(of_gallery) {
            let same = self.before.and_then(|before| before.answer(&path)).map(Arc::clone);
            // The same picture under two names whose address is one is one answer.
            self.site.entries.insert(path, Entry::Answer(same.unwrap_or(answer)));
        }
    }

    fn machine_files(&mut self) -> Result<(), BuildError> {
        let (content, base, settings) = (self.content, self.base, self.settings);
        let languages: Vec<Lang> = content.languages.iter().map(|language| language.lang).collect();
        let contact = render::path_of(content, Lang::En, "contact");
        let security = machine::security(base, &contact, &languages, content.clock(&settings.now).date());
        for (path, content_type, text) in [
            (route::SITEMAP, "application/xml", render::sitemap(content, base)?),
            (route::ROBOTS, TEXT, machine::robots(base, settings.published())),
            (route::SECURITY, TEXT, security),
        ] {
            self.put(path, content_type, CachePolicy::Hour, text)?;
        }
        Ok(())
    }

    /// A page made from a content file, with the form on it.
    fn page(
        &self,
        renderer: &Renderer<'_>,
        key: &str,
        page: &Arc<Page>,
        path: &str,
    ) -> Result<(Arc<Prebuilt>, Option<Arc<FormPage>>), BuildError> {
        let same =
            self.same_frame.filter(|site| site.made_of.get(path).is_some_and(|made_of| Arc::ptr_eq(made_of, page)));
        if let Some((before, answer)) = same.and_then(|before| Some((before, before.answer(path)?))) {
            return Ok((Arc::clone(answer), before.forms.get(path).cloned().flatten()));
        }
        let (html, form) = renderer.page(key, page)?;
        Ok((self.finish(path, HTML, Some(renderer.lang()), CachePolicy::Revalidate, html), form.map(Arc::new)))
    }

    /// Finishes a text, or takes over the finished answer of the same text at the same path.
    fn finish(
        &self,
        path: &str,
        content_type: HeaderValue,
        language: Option<Lang>,
        cache: CachePolicy,
        text: String,
    ) -> Arc<Prebuilt> {
        match self.before.and_then(|before| before.answer(path)) {
            Some(page) if page.identity().bytes == text.as_bytes() => Arc::clone(page),
            _ => Arc::new(Prebuilt::new(content_type, language, cache, text, self.settings.compression)),
        }
    }

    /// Puts a file without a language at its path.
    fn put(
        &mut self,
        path: &str,
        content_type: &'static str,
        cache: CachePolicy,
        text: String,
    ) -> Result<(), BuildError> {
        let answer = self.finish(path, HeaderValue::from_static(content_type), None, cache, text);
        self.insert(path.to_owned(), answer)
    }

    /// Puts a page that no content file names at its path.
    fn put_page(&mut self, path: &str, lang: Lang, html: String) -> Result<(), BuildError> {
        let answer = self.finish(path, HTML, Some(lang), CachePolicy::Revalidate, html);
        self.insert(path.to_owned(), answer)
    }

    fn insert(&mut self, path: String, answer: Arc<Prebuilt>) -> Result<(), BuildError> {
        match self.site.entries.entry(path) {
            hash_map::Entry::Vacant(place) => {
                place.insert(Entry::Answer(answer));
                Ok(())
            }
            hash_map::Entry::Occupied(place) => Err(BuildError::new(format!("two answers for {}", place.key()))),
        }
    }
}

/// The answers of a picture or a document, with their paths. The first time a picture is encoded.
pub(super) fn answers_of(media: &Media) -> Vec<(String, Arc<Prebuilt>)> {
    let (content_type, file_name) = match media.kind() {
        Ok(Kind::Picture(Shape { format: Format::Jpeg, .. })) => ("image/jpeg", None),
        Ok(Kind::Picture(Shape { format: Format::Png, .. })) => ("image/png", None),
        Ok(Kind::Document { .. }) => ("application/pdf", Some(media.name())),
        Err(_) => return Vec::new(),
    };
    let answer = |made: &Made| {
        let path = format!("{}{}", route::FILES, media.address(made.width));
        let (content_type, file_name) = (HeaderValue::from_static(content_type), file_name.map(str::to_owned));
        (path, Arc::new(Prebuilt::from_file(content_type, file_name, made.bytes.clone())))
    };
    media.made().iter().map(answer).collect()
}
