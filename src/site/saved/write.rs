//! Writes a site: the content files that it is made of, and its answers as they may stand for as long as nobody renders them anew.

use super::{FORMAT, Head, Later, Line, MAX_BYTES};
use crate::content::model::{Clinic, Page};
use crate::content::{Content, Files, hours};
use crate::site::prebuilt::digits;
use crate::site::render::Renderer;
use crate::site::{BuildError, Entry, ErrorKind, Prebuilt, Settings, Site, machine, route};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use url::Url;

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
    let public_url = site.public_url().ok_or_else(|| io::Error::other("a preview isn't saved"))?;
    let end = content.next_end(&settings.now);
    let mut out = Out { writer: BufWriter::new(out), hash: Sha256::new(), bytes: 0 };
    out.line(&Line::Head(Head {
        format: FORMAT,
        program: program.to_owned(),
        revision: site.revision().to_owned(),
        saved: settings.now.timestamp(),
        until: end.unwrap_or(Timestamp::MAX),
        public_url: public_url.clone(),
    }))?;
    for path in files.paths() {
        // What isn't text is no content: the rules have seen that nothing reads it.
        if let Some(text) = files.get(path).and_then(|bytes| std::str::from_utf8(bytes).ok()) {
            out.line(&Line::File { path: path.into(), text: text.into() })?;
        }
    }
    let paper = Settings { requests: false, ..settings.clone() };
    let lasting = end.map(|_| content.lasting());
    let first = Edition::new(content, settings);
    let later = lasting.as_ref().map(|content| Edition::new(content, settings));
    let first = first.printer(public_url, &paper);
    let later = later.as_ref().map(|edition| edition.printer(public_url, &paper));
    let texts = |made: Made<'_>| {
        let text = first.text(made).map_err(io::Error::other)?;
        let later = later.as_ref().map(|printer| printer.text(made)).transpose().map_err(io::Error::other)?;
        let later = later.and_then(|later| Later::between(&text, &later));
        Ok::<_, io::Error>((text.into(), later))
    };
    let made = made(content);
    let mut entries: Vec<_> = site.entries().collect();
    entries.sort_unstable_by_key(|(path, _)| *path);
    for (path, entry) in entries {
        match entry {
            Entry::Moved(to) => out.line(&Line::Moved { from: path.into(), to: to.into() })?,
            Entry::Answer(page) => {
                let (text, later) = match made.get(path) {
                    Some(made) => texts(*made)?,
                    None => (as_text(page)?, None),
                };
                let content_type = page.content_type.to_str().map_err(io::Error::other)?.into();
                let language = page.language.map(|lang| lang.tag().into());
                out.line(&Line::Answer { path: path.into(), content_type, language, cache: page.cache, text, later })?;
            }
        }
    }
    for path in site.form_paths() {
        out.line(&Line::Form { path: path.into() })?;
    }
    for (at, language) in content.languages.iter().enumerate() {
        for kind in ErrorKind::ALL {
            let (text, later) = texts(Made::Error(at, kind))?;
            out.line(&Line::Error { language: language.lang.tag().into(), status: kind.status(), text, later })?;
        }
    }
    out.end()
}

fn as_text(page: &Prebuilt) -> io::Result<Cow<'_, str>> {
    std::str::from_utf8(&page.identity().bytes).map(Cow::from).map_err(io::Error::other)
}

/// What is rendered anew, because it may show a form, the hour, a notice or a fact. The numbers are the language's place in the content.
#[derive(Clone, Copy)]
enum Made<'a> {
    Page(usize, &'a str, &'a Page),
    Booklet(usize),
    ContactCard,
    Error(usize, ErrorKind),
}

/// It by path. Every other answer is saved as it is served.
fn made(content: &Content) -> HashMap<Cow<'_, str>, Made<'_>> {
    let mut made = HashMap::from([(Cow::from(route::CONTACT_CARD), Made::ContactCard)]);
    for (at, language) in content.languages.iter().enumerate() {
        made.insert(route::booklet(language.lang).into(), Made::Booklet(at));
        for (key, page) in &language.pages {
            made.insert(page.path(language.lang, key).into(), Made::Page(at, key, page));
        }
    }
    made
}

/// Content, with what can be said of it for as long as a page stays what it is.
struct Edition<'a> {
    content: &'a Content,
    clinic: Clinic,
    open: Option<hours::Now>,
}

impl<'a> Edition<'a> {
    fn new(content: &'a Content, settings: &Settings) -> Self {
        let clinic = content.clinic.known_on(settings.now.date());
        let open = hours::Now::of(&clinic, &settings.now).map(hours::Now::without_the_clock);
        Self { content, clinic, open }
    }

    fn printer(&'a self, base: &'a Url, paper: &'a Settings) -> Printer<'a> {
        let Self { content, clinic, open } = self;
        let languages = content.languages.iter();
        let renderers =
            languages.map(|language| Renderer::new(content, (clinic, open.as_ref()), language, base, paper)).collect();
        Printer { renderers, clinic, base }
    }
}

/// Renders what an edition says.
struct Printer<'a> {
    /// One for each language, in their order.
    renderers: Vec<Renderer<'a>>,
    clinic: &'a Clinic,
    base: &'a Url,
}

impl Printer<'_> {
    fn text(&self, made: Made<'_>) -> Result<String, BuildError> {
        let renderer = |at: usize| self.renderers.get(at).ok_or_else(|| BuildError::new("a language is missing"));
        match made {
            Made::Page(at, key, page) => renderer(at)?.page(key, page),
            Made::Booklet(at) => renderer(at)?.booklet(),
            Made::Error(at, kind) => renderer(at)?.error(kind),
            // Published facts are no samples, so the words for those are not needed.
            Made::ContactCard => Ok(machine::contact_card(self.base, self.clinic, "")),
        }
    }
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

    fn end(mut self) -> io::Result<()> {
        let sha256 = digits(&self.hash.clone().finalize()).into();
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
