//! Writes a site: its content files, and its answers without what is true for a moment only.

use super::{FORMAT, Head, Later, Line, MAX_BYTES, Made};
use crate::content::{Content, Files};
use crate::lang::Lang;
use crate::site::looks::Looks;
use crate::site::render::Renderer;
use crate::site::{BuildError, Entry, ErrorKind, Prebuilt, Settings, Site, route};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{self, BufWriter, Write};

/// A site, and what it was made of.
#[derive(Clone, Copy, Debug)]
pub struct Original<'a> {
    /// The site as it is served.
    pub site: &'a Site,
    /// Its content, without errors.
    pub content: &'a Content,
    /// The files of that content.
    pub files: &'a Files,
    /// What it was built for, and when.
    pub settings: &'a Settings,
}

/// Writes a published site, page by page: no second copy of it is in memory.
///
/// # Errors
/// The bytes can't be written, there are too many of them, a template fails, or the site is a preview.
pub fn write(original: Original<'_>, program: &str, out: impl Write) -> io::Result<()> {
    let Original { site, content, files, settings } = original;
    let base = site.public_url().ok_or_else(|| io::Error::other("a preview isn't saved"))?;
    let end = content.next_end(&settings.now);
    let mut out = Out { writer: BufWriter::new(out), hash: Sha256::new(), bytes: 0 };
    out.line(&Line::Head(Head {
        format: FORMAT,
        program: program.to_owned(),
        revision: site.revision().to_owned(),
        saved: settings.now.timestamp(),
        until: end.unwrap_or(Timestamp::MAX),
        public_url: base.clone(),
    }))?;
    for path in files.paths() {
        // What isn't text is no content: the rules have seen that nothing reads it.
        if let Some(text) = files.get(path).and_then(|bytes| std::str::from_utf8(bytes).ok()) {
            out.line(&Line::File { path: path.into(), text: text.into() })?;
        }
    }
    let paper = Settings { requests: false, ..settings.clone() };
    let (today, looks) = (settings.today(content).without_the_clock(), Looks::new(content));
    let lasting = end.map(|_| content.lasting(&settings.now));
    let lasting = lasting.as_ref().map(|content| (content, settings.today(content).without_the_clock()));
    let mut rendered = HashSet::new();
    for (at, language) in content.languages.iter().enumerate() {
        let first = Renderer::new(content, &today, &looks, language, base, &paper);
        let later = lasting.as_ref().and_then(|(content, today)| {
            Some(Renderer::new(content, today, &looks, content.languages.get(at)?, base, &paper))
        });
        // What may show a form, the hour, a notice or a fact: its text, and how that changes at the end.
        let texts = |render: &dyn Fn(&Renderer<'_>) -> Result<String, BuildError>| {
            let text = render(&first).map_err(io::Error::other)?;
            let later = later.as_ref().map(render).transpose().map_err(io::Error::other)?;
            let later = later.and_then(|later| Later::between(&text, &later));
            Ok::<_, io::Error>((Cow::from(text), later))
        };
        let lang = language.lang;
        for (key, page) in &language.pages {
            let path = page.path(lang, key);
            out.answer(site, &path, texts(&|renderer| Ok(renderer.page(key, page)?.0))?)?;
            rendered.insert(path);
        }
        out.answer(site, &language.booklet, texts(&|renderer| renderer.booklet())?)?;
        rendered.insert(language.booklet.clone());
        if lang == Lang::En {
            out.answer(site, route::CONTACT_CARD, texts(&|renderer| Ok(renderer.contact_card()))?)?;
            rendered.insert(route::CONTACT_CARD.to_owned());
        }
        for kind in ErrorKind::ALL {
            let (text, later) = texts(&|renderer| renderer.error(kind))?;
            out.line(&Line::Error { language: lang.tag().into(), status: kind.status(), text, later })?;
        }
    }
    for media in content.shown_media(settings.now.timestamp()) {
        let Ok(kind) = media.kind() else { continue };
        let made = media.made().iter();
        let made = made.map(|made| Made { width: made.width, base64: STANDARD.encode(&made.bytes).into() }).collect();
        let hash = hex::encode(media.hash()).into();
        out.line(&Line::Media { name: media.name().into(), hash, kind, made })?;
        rendered.extend(media.made().iter().map(|made| format!("{}{}", route::FILES, media.address(made.width))));
    }
    for (path, entry) in site.entries().filter(|(path, _)| !rendered.contains(*path)) {
        match entry {
            Entry::Moved(to) => out.line(&Line::Moved { from: path.into(), to: to.into() })?,
            Entry::Answer(page) => out.answer(site, path, (as_text(page)?, None))?,
        }
    }
    for path in site.form_paths() {
        out.line(&Line::Form { path: path.into() })?;
    }
    out.end()
}

fn as_text(page: &Prebuilt) -> io::Result<Cow<'_, str>> {
    std::str::from_utf8(&page.identity().bytes).map(Cow::from).map_err(io::Error::other)
}

/// Counts and hashes what is written.
struct Out<W: Write> {
    writer: BufWriter<W>,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Out<W> {
    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut *self, line)?;
        self.write_all(b"\n")
    }

    /// Writes the answer at a path with another text.
    fn answer(&mut self, site: &Site, path: &str, (text, later): (Cow<'_, str>, Option<Later<'_>>)) -> io::Result<()> {
        let page = site.answer(path).ok_or_else(|| io::Error::other(format!("no answer at {path}")))?;
        let content_type = page.content_type.to_str().map_err(io::Error::other)?.into();
        let language = page.language.map(|lang| lang.tag().to_owned().into());
        self.line(&Line::Answer { path: path.into(), content_type, language, cache: page.cache, text, later })
    }

    fn end(mut self) -> io::Result<()> {
        let sha256 = hex::encode(self.hash.clone().finalize()).into();
        self.line(&Line::End { sha256 })?;
        self.flush()
    }
}

impl<W: Write> Write for Out<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes + bytes.len() as u64 > MAX_BYTES {
            return Err(io::Error::other(format!("the site is larger than {} MiB", MAX_BYTES >> 20)));
        }
        let written = self.writer.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
