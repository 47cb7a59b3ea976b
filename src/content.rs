//! Content files: read, held to the rules, and handed over as one value that a site can be built from.
//!
//! [`load`] is the only door. It collects every finding; it gives content only if none of them is an error.

pub mod agenda;
pub mod brand;
pub mod calendar;
pub mod catalogue;
mod check;
mod claims;
mod clock;
pub mod color;
mod decode;
mod document;
mod draft;
pub mod explain;
mod fallback;
mod files;
mod frame;
mod held;
pub mod hours;
mod keyed;
mod languages;
mod lasting;
pub mod leaf;
pub mod letter;
mod limits;
mod meant;
pub mod media;
pub mod model;
pub mod names;
mod navigation;
mod passing;
mod plain;
mod readers;
pub mod reading;
mod redirect_list;
pub mod rules;
pub mod schema;
mod slug;
mod states;
mod syntax;
pub mod text;
mod ui;
mod written;

pub use clock::zone;
pub use document::Document;
pub use files::Files;
pub use held::MARK;
pub use redirect_list::{first_cells, names_a_column};
pub use ui::{CheckWords, ErrorPageWords, ErrorWords, LocationWords, RequestFormWords, RequestReceivedWords, Ui};

use crate::diagnostic::{Report, Source};
use crate::lang::{Direction, Lang};
use crate::parallel::in_parallel;
use draft::{Draft, DraftLanguage, LanguageFile};
use files::Role;
use held::Held;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use leaf::Key;
use media::Media;
use model::{
    About, Answer, Clinic, FileUse, LanguageHelp, Notice, Notices, Objectives, Page, Redirects, Section, TestResults,
};
use names::ContentFile;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What the rules need to know besides the files.
#[derive(Clone, Copy, Debug)]
pub struct Review<'a> {
    /// The time: on the clinic's clock it decides which facts have expired, reviews are due and notices are over.
    pub now: &'a Zoned,
    /// The site is to be published, so each rule holds as its catalogue says of that.
    pub publish: bool,
    /// This very content was published before, so the site stays up: what it lacked was accepted then, or was not asked for.
    pub was_published: bool,
    /// The names of the icons there are.
    pub icons: &'a [&'a str],
    /// Paths of the program itself: links may lead to them though no page has them, and no page may take one.
    pub other_paths: &'a [&'a str],
    /// What else the program answers itself, whatever an old address says: below those that end with a slash, too.
    pub reserved: &'a [&'a str],
}

/// Content without errors.
#[derive(Clone, Debug)]
pub struct Content {
    /// The facts.
    pub clinic: Clinic,
    /// The clinic's time zone.
    pub zone: TimeZone,
    /// Old addresses.
    pub redirects: Redirects,
    /// The notices of help in other languages, if there is a file of them.
    pub language_help: Option<LanguageHelp>,
    /// What was tested, if there is a file of it.
    pub tests: Option<TestResults>,
    /// Each language there is, English first.
    pub languages: Vec<Language>,
    /// The pictures and documents of `content/files/`, by name.
    pub media: BTreeMap<String, Arc<Media>>,
    /// Whether the site is made with their bytes, which takes a while. What is only checked does without.
    pub has_media: bool,
    /// What a published site has to have and this content lacks, by its names in `[accepted]` of `clinic.toml`.
    pub lacking: BTreeSet<String>,
    /// Differs from one state of the content to another: the first characters of a hash over all files.
    pub revision: String,
    /// Differs from one state of the words of the pages to another: what tests were run on.
    pub words: String,
    /// Differs from one state of what all pages share to another: every file that is no page, and each page's place in the navigation. The
    /// words to avoid are on no page.
    pub frame: [u8; 32],
    /// The files whose copy names each fact, by its name there: each with its language, by its path below the folder of that.
    pub naming: BTreeMap<String, BTreeSet<(Lang, String)>>,
    /// Whether the site says to the minute if the clinic is open. Files that nobody makes anew would go on saying it.
    pub shows_open_now: bool,
}

impl Content {
    /// The pictures and documents that content shows at a moment: what nothing uses is not published, and no picture of somebody who has left.
    #[must_use]
    pub fn shown_media(&self, at: Timestamp) -> Vec<&Arc<Media>> {
        let pages = self.languages.iter().flat_map(|language| language.pages.values());
        let files = pages.flat_map(|page| {
            let sections = page.sections.iter().flat_map(|section| section.files_at(at, &self.zone));
            page.picture.iter().map(FileUse::Picture).chain(sections)
        });
        let of_places = self.languages.iter().flat_map(|language| language.ui.files());
        let names: BTreeSet<&str> =
            files.chain(self.clinic.files()).chain(of_places).map(|file| file.file().as_str()).collect();
        names.into_iter().filter_map(|name| self.media.get(name)).collect()
    }

    /// Every notice of every language: those of all pages and those inside one.
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.languages.iter().flat_map(Language::notices)
    }
}

impl Language {
    fn notices(&self) -> impl Iterator<Item = &Notice> {
        let inside = self.pages.values().flat_map(|page| &page.sections).filter_map(|section| match section {
            Section::Notice(notice) => Some(notice),
            _ => None,
        });
        self.notices.notices.iter().flatten().chain(inside)
    }
}

/// The content of one language.
#[derive(Clone, Debug)]
pub struct Language {
    /// Which.
    pub lang: Lang,
    /// Its own name for itself.
    pub name: String,
    /// The way it is written.
    pub direction: Direction,
    /// The address of its booklet: the complete site in the language as one document to print.
    pub booklet: String,
    /// The small words.
    pub ui: Ui,
    /// The objectives of group therapy; none where there is no file of them.
    pub objectives: Objectives,
    /// The notices at the top of every page.
    pub notices: Notices,
    /// What only the clinic can answer, by the names that copy gives the answers.
    pub answers: BTreeMap<Key, Answer>,
    /// The pages by file name without `.toml`, which ties the languages together. A page that has not changed since it was last read is
    /// the same `Arc`.
    pub pages: BTreeMap<String, Arc<Page>>,
    /// The files that were not translated from what the English files say now, by their paths below the folder of the language.
    pub stale: BTreeSet<String>,
    /// The fingerprints of the words of those pages that somebody has read, as they are now.
    pub words: BTreeMap<String, String>,
    /// The pages that are held back until they are finished, with their addresses: in a preview they are among the pages, on a published site
    /// they are nowhere.
    pub drafts: BTreeMap<String, String>,
}

/// Reads content and checks it by the rules. There is content exactly if the report has no errors.
#[must_use]
pub fn load(files: &Files, review: &Review<'_>) -> (Option<Content>, Report) {
    Loader::default().load(files, review)
}

/// Reads one file by itself: no rule looks across files.
///
/// # Errors
/// The findings, if one is an error.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Report> {
    let document = read_alone(text)?;
    if document.findings.has_errors() { Err(document.findings) } else { Ok(document.value) }
}

/// The fingerprint of a page's words, which `translated_from` names; none for a text that isn't a page.
#[must_use]
pub fn fingerprint(page: &str) -> Option<String> {
    let document: Document<Page> = read_alone(page).ok()?;
    Some(document.passages.fingerprint(&document.source).to_owned())
}

/// The fingerprint of a page's words that `reviewed_words` names; none for a text that isn't a page.
#[must_use]
pub fn words_read(page: &str) -> Option<String> {
    let document: Document<Page> = read_alone(page).ok()?;
    Some(document.passages.words_read(&document.source).to_owned())
}

fn read_alone<T: DeserializeOwned>(text: &str) -> Result<Document<T>, Report> {
    let mut files = Files::default();
    files.insert("file.toml", text.as_bytes().to_vec());
    document::read(&files, "file.toml", None)
}

/// Reads content again and again: a page that has not changed since the last time isn't read anew.
#[derive(Clone, Debug, Default)]
pub struct Loader {
    /// Pages by path, with the hash of their file.
    pages: HashMap<String, ([u8; 32], Document<Arc<Page>>)>,
    words: rules::CheckedWords,
}

impl Loader {
    /// Reads content and checks it by the rules. There is content exactly if the report has no errors.
    #[must_use]
    pub fn load(&mut self, files: &Files, review: &Review<'_>) -> (Option<Content>, Report) {
        let mut report = Report::new(review.publish);
        let clinic = document::read::<Clinic>(files, names::CLINIC.name, Some(review.now.date()));
        let zone = clinic.as_ref().map_or_else(|_| calendar::default_zone(), |clinic| clinic.value.zone());
        let now = &review.now.with_time_zone(zone);
        let review = &Review { now, ..*review };
        let today = Some(now.date());
        let mut languages: Vec<DraftLanguage> = Vec::new();
        // English first: what it holds back is held back in the others, too.
        for lang in languages::find(files, &mut report) {
            let language = self.language(files, lang, languages.first(), today, &mut report);
            languages.push(language);
        }
        let mut draft = Draft {
            clinic: document::collect(clinic, &mut report),
            redirects: document::collect(document::read(files, names::REDIRECTS.name, today), &mut report),
            redirect_list: redirect_list::read(files, &mut report),
            language_help: document::optional(files, names::LANGUAGE_HELP.name, today, &mut report),
            tests: document::optional(files, names::TESTS.name, today, &mut report),
            languages,
            media: rules::files::found(files, &mut report),
        };
        self.pages.retain(|path, _| files.contains(path));
        for (folder, why) in files.unreadable_folders() {
            document::report_unreadable(&Arc::new(Source::without_text(files.shown(folder))), why, &mut report);
        }
        for path in files.paths() {
            if let Some(stray) = files.stray(path) {
                document::report_stray(files, &stray, &mut report);
                continue;
            }
            if Role::from_path(path) != Role::Unknown || languages::is_misnamed(files, path) {
                continue;
            }
            let source = Arc::new(Source::without_text(files.shown(path)));
            let help = if path.starts_with(media::FOLDER) {
                "put it into the folder `files` itself: there are no folders in it"
            } else {
                "pages are in a language's folder `pages/` and end in .toml; other files are not read"
            };
            report.add(&catalogue::UNKNOWN_FILE, &source, 0..0, "nothing reads this file", help);
        }
        let (mut report, lacking) = draft.check(review, report);
        self.words.check(&draft.languages, &mut report);
        let content = if report.has_errors() { None } else { draft.finish(files, lacking) };
        (content, report)
    }

    fn language(
        &mut self,
        files: &Files,
        lang: Lang,
        english: Option<&DraftLanguage>,
        today: Option<Date>,
        report: &mut Report,
    ) -> DraftLanguage {
        let folder = format!("{}/{}/", lang.tag(), names::PAGES);
        let pages_unreadable = document::report_misnamed(files, lang, report) || files.may_be_unreadable(&folder);
        let mut pages = BTreeMap::new();
        let mut misnamed = BTreeMap::new();
        let mut is_stray = |path: &str| {
            let Some(stray) = files.stray(path) else { return false };
            if let Some(key) = stray.original.strip_prefix(&folder).filter(|_| !files.contains(&stray.original)) {
                let message = format!("{}, which nothing reads: {}", files.shown(&stray.at), stray.mend(files, "that"));
                misnamed.insert(key.trim_end_matches(".toml").to_owned(), message);
            }
            true
        };
        let above = format!("{}/", lang.tag());
        let own = files.paths().filter(|path| path.starts_with(&above)).filter(|path| !is_stray(path));
        let own: Vec<&str> = own.collect();
        let found = own.into_iter().filter_map(|path| path.strip_prefix(&folder)?.strip_suffix(".toml"));
        let needed = rules::NEEDED_PAGES.into_iter().filter(|_| lang == Lang::En);
        let keys: BTreeSet<&str> = found.filter(|key| !key.contains('/')).chain(needed).collect();
        let (mut unreadable, mut held) = (BTreeSet::new(), BTreeMap::new());
        let keys: Vec<(&str, String)> = keys.into_iter().map(|key| (key, format!("{folder}{key}.toml"))).collect();
        let read = in_parallel(&keys, |(_, path)| self.page(files, path, today));
        for ((key, path), read) in keys.into_iter().zip(read) {
            self.keep(files, &path, &read);
            let original = english.is_some_and(|english| english.held.contains_key(key));
            let draft = Held::new(files, lang, key, &read, original);
            let left_out = draft.is_some() && report.publishes();
            held.extend(draft.map(|draft| (key.to_owned(), draft)));
            // What is wrong with it is for those who look at the preview.
            if left_out {
                continue;
            }
            match document::collect(read, report) {
                Some(page) => {
                    pages.insert(key.to_owned(), page);
                }
                None if files.contains(&path) => {
                    unreadable.insert(key.to_owned());
                }
                None => {}
            }
        }
        let file = |file: ContentFile| file.path(lang);
        let about = document::collect(document::read::<About>(files, &file(names::LANGUAGE), today), report);
        let territory = about.as_ref().map(|about| about.value.territory.as_str());
        let lang = territory.and_then(|territory| lang.in_territory(territory)).unwrap_or(lang);
        let answers = document::optional(files, &file(names::ANSWERS), today, report);
        let shows =
            |page: &Document<Arc<Page>>| page.value.sections.iter().any(|it| matches!(it, Section::Objectives(_)));
        let objectives = if pages.values().any(shows) {
            document::collect(document::read(files, &file(names::OBJECTIVES), today), report)
        } else {
            document::optional(files, &file(names::OBJECTIVES), today, report)
        };
        DraftLanguage {
            lang,
            about,
            ui: document::collect(document::read(files, &file(names::UI), today), report),
            objectives,
            notices: document::collect(document::read(files, &file(names::NOTICES), today), report),
            has_unread_answers: answers.is_none() && files.contains(&file(names::ANSWERS)),
            answers,
            words: document::optional(files, &file(names::WORDS), today, report),
            pages,
            held,
            unreadable,
            misnamed,
            pages_unreadable,
        }
    }

    /// A page, read anew if it has changed. Many are read at once, so what rules ask of every page is looked up here, too.
    fn page(&self, files: &Files, path: &str, today: Option<Date>) -> Result<Document<Arc<Page>>, Report> {
        let hash = files.hash(path);
        if let Some((_, page)) = self.pages.get(path).filter(|(known, _)| Some(known) == hash.as_ref()) {
            return Ok(page.clone());
        }
        let page: Document<Arc<Page>> = document::read(files, path, today)?;
        page.passages.look_up(&page.source);
        Ok(page)
    }

    /// Keeps a page for the next time. What is reported of mistakes may depend on the day.
    fn keep(&mut self, files: &Files, path: &str, read: &Result<Document<Arc<Page>>, Report>) {
        let known = self.pages.get(path).map(|(hash, _)| *hash);
        if let (Ok(page), Some(hash)) = (read, files.hash(path))
            && !page.findings.has_errors()
            && known != Some(hash)
        {
            self.pages.insert(path.to_owned(), (hash, page.clone()));
        }
    }
}
