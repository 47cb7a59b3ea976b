//! Content files: read, held to the rules, and handed over as one value that a site can be built from.
//!
//! [`load`] is the only door. It collects every finding; it gives content only if none of them is an error.

pub mod agenda;
pub mod calendar;
pub mod catalogue;
mod claims;
mod decode;
mod document;
pub mod explain;
mod fallback;
mod files;
mod frame;
mod held;
pub mod hours;
mod lasting;
pub mod leaf;
pub mod letter;
mod limits;
mod meant;
pub mod media;
pub mod model;
mod passing;
mod plain;
pub mod reading;
pub mod rules;
pub mod schema;
mod slug;
mod syntax;
pub mod text;
mod ui;
mod written;

pub use document::Document;
pub use files::Files;
pub use ui::{CheckWords, ErrorPageWords, ErrorWords, RequestFormWords, RequestReceivedWords, Ui};

use crate::diagnostic::{Report, Source};
use crate::lang::Lang;
use files::{Role, Stray};
use held::Held;
use jiff::civil::Date;
use jiff::{Timestamp, Zoned};
use leaf::{Key, Moment};
use media::Media;
use model::{
    Answer, Answers, Clinic, LanguageHelp, Notice, Notices, Objectives, Page, Redirects, Section, TestResults, Words,
};
use plain::Passages;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What the rules need to know besides the files.
#[derive(Clone, Copy, Debug)]
pub struct Review<'a> {
    /// The time on the clinic's clock: it decides which facts have expired, reviews are due and notices are over.
    pub now: &'a Zoned,
    /// The site is to be published, so each rule holds as its catalogue says of that.
    pub publish: bool,
    /// This very content was published before, so the site stays up: what it lacked was accepted then, or was not asked for.
    pub was_published: bool,
    /// The names of the icons there are.
    pub icons: &'a [&'a str],
    /// Paths of the program itself: links may lead to them though no page has them, and no page may take one.
    pub other_paths: &'a [&'a str],
}

/// Content without errors.
#[derive(Clone, Debug)]
pub struct Content {
    /// The facts.
    pub clinic: Clinic,
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
    /// Differs from one state of what all pages share to another: every file that is no page, and each page's place in the navigation. The
    /// words to avoid are on no page.
    pub frame: [u8; 32],
    /// Whether the site says to the minute if the clinic is open. Files that nobody makes anew would go on saying it.
    pub tells_the_hour: bool,
}

impl Content {
    /// The next instant at which the site would be another by time alone: a notice comes or goes, the clinic opens or closes, a day begins.
    /// With the day facts expire, "tomorrow" becomes "today", and reviews fall due.
    #[must_use]
    pub fn next_change(&self, now: &Zoned) -> Timestamp {
        let midnight = calendar::midnight_after(now.date());
        let edge = hours::next_edge(&self.clinic.known_on(now.date()), now);
        let moments = self.notices().flat_map(|notice| {
            [notice.starts.as_ref().map(Moment::begins), notice.ends.as_ref().map(Moment::is_over)]
                .into_iter()
                .flatten()
        });
        moments.chain(edge).chain(self.leaving()).filter(|at| *at > now.timestamp()).fold(midnight, Timestamp::min)
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
    /// The small words.
    pub ui: Ui,
    /// The nine objectives.
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
    /// The pages that are held back until they are finished, with their addresses: in a preview they are among the pages, on a published site
    /// they are nowhere.
    pub drafts: BTreeMap<String, String>,
}

/// The file of answers, below the folder of a language.
const ANSWERS: &str = "answers.toml";

/// Content as far as it could be read, with placeholders where there are errors.
struct Draft {
    clinic: Option<Document<Clinic>>,
    redirects: Option<Document<Redirects>>,
    /// These two may be missing.
    language_help: Option<Document<LanguageHelp>>,
    tests: Option<Document<TestResults>>,
    languages: Vec<DraftLanguage>,
}

struct DraftLanguage {
    lang: Lang,
    ui: Option<Document<Ui>>,
    objectives: Option<Document<Objectives>>,
    notices: Option<Document<Notices>>,
    /// These two may be missing: the answers, and the words to avoid.
    answers: Option<Document<Answers>>,
    words: Option<Document<Words>>,
    pages: BTreeMap<String, Document<Arc<Page>>>,
    /// Pages that are not finished. They are among the pages only in a preview.
    held: BTreeMap<String, Held>,
    /// The file of the answers is there and could not be read.
    has_unread_answers: bool,
    /// Pages that are there and could not be read, by the name of their file.
    unreadable: BTreeSet<String>,
    /// Files that nothing reads because of their names, by what the names of their pages should be.
    misnamed: BTreeMap<String, String>,
    /// The folder of the pages could not be read.
    pages_unreadable: bool,
}

/// One file of a language that visitors read words of.
struct LanguageFile<'a> {
    /// Its path below the folder of the language: `pages/contact.toml`.
    name: String,
    source: &'a Arc<Source>,
    passages: &'a Passages,
    /// On a translation: the fingerprint of the English words it was made from.
    translated_from: Option<&'a Key>,
}

impl<'a> LanguageFile<'a> {
    fn new<T>(name: String, document: &'a Document<T>, translated_from: Option<&'a Key>) -> Self {
        Self { name, source: &document.source, passages: &document.passages, translated_from }
    }

    /// See [`Passages::fingerprint`].
    fn fingerprint(&self) -> &'a str {
        self.passages.fingerprint(self.source)
    }
}

impl DraftLanguage {
    /// Whether there is a file of a page, whether or not it could be read or is held back.
    fn has(&self, key: &str) -> bool {
        let known = self.pages.contains_key(key) || self.held.contains_key(key) || self.misnamed.contains_key(key);
        known || self.unreadable.contains(key) || self.pages_unreadable
    }

    /// Every file that could be read.
    fn files(&self) -> impl Iterator<Item = LanguageFile<'_>> {
        let file = |name: &str| format!("{name}.toml");
        let ui = self.ui.iter().map(move |it| LanguageFile::new(file("ui"), it, it.value.translated_from.as_ref()));
        let objectives = self.objectives.iter();
        let objectives =
            objectives.map(move |it| LanguageFile::new(file("objectives"), it, it.value.translated_from.as_ref()));
        let notices = self.notices.iter();
        let notices = notices.map(move |it| LanguageFile::new(file("notices"), it, it.value.translated_from.as_ref()));
        let pages = self.pages.iter().map(|(key, page)| {
            LanguageFile::new(format!("pages/{key}.toml"), page, page.value.translated_from.as_ref())
        });
        let answers = self.answers.iter().map(|it| LanguageFile::new(ANSWERS.to_owned(), it, None));
        ui.chain(objectives).chain(notices).chain(answers).chain(pages)
    }
}

impl Draft {
    /// The files of a language that were not translated from what the English files say now, each behind the English one.
    fn stale<'a>(&'a self, language: &'a DraftLanguage) -> Vec<(LanguageFile<'a>, LanguageFile<'a>)> {
        let english = self.languages.iter().filter(|other| other.lang == Lang::En && language.lang != Lang::En);
        let mut english: HashMap<_, _> =
            english.flat_map(DraftLanguage::files).map(|file| (file.name.clone(), file)).collect();
        // What is answered in one language alone is told by its name.
        let pairs = language
            .files()
            .filter(|file| file.name != ANSWERS)
            .filter_map(|file| Some((english.remove(&file.name)?, file)));
        pairs
            .filter(|(english, file)| file.translated_from.is_none_or(|from| from.as_str() != english.fingerprint()))
            .collect()
    }
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

fn read_alone<T: DeserializeOwned>(text: &str) -> Result<Document<T>, Report> {
    let mut files = Files::default();
    files.insert("file.toml", text.as_bytes().to_vec());
    document::read(&files, "file.toml", None)
}

/// Reads content again and again: a page that has not changed since the last time isn't read anew.
#[derive(Debug, Default)]
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
        let today = Some(review.now.date());
        let mut languages: Vec<DraftLanguage> = Vec::new();
        // English first: what it holds back is held back in the others, too.
        for lang in Lang::ALL {
            if lang == Lang::En || files.has_folder(lang.tag()) || files.misnamed_folder(lang.tag()).is_some() {
                let language = self.language(files, lang, languages.first(), today, &mut report);
                languages.push(language);
            }
        }
        let mut draft = Draft {
            clinic: document::collect(document::read(files, "clinic.toml", today), &mut report),
            redirects: document::collect(document::read(files, "redirects.toml", today), &mut report),
            language_help: document::optional(files, "language_help.toml", today, &mut report),
            tests: document::optional(files, "tests.toml", today, &mut report),
            languages,
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
            if Role::from_path(path) != Role::Unknown {
                continue;
            }
            let source = Arc::new(Source::without_text(files.shown(path)));
            let help = "pages are in a language's folder `pages/` and end in .toml; other files are not read";
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
        let folder = format!("{}/pages/", lang.tag());
        let pages_unreadable = document::report_misnamed(files, lang, report) || files.may_be_unreadable(&folder);
        let mut pages = BTreeMap::new();
        let mut misnamed = BTreeMap::new();
        let mut stray = |path: &str| {
            let Some(Stray { at, original, .. }) = files.stray(path) else { return false };
            if let Some(key) = original.strip_prefix(&folder).filter(|_| !files.contains(&original)) {
                misnamed.insert(key.trim_end_matches(".toml").to_owned(), files.shown(&at));
            }
            true
        };
        let own = files.paths().filter(|path| path.starts_with(&folder)).filter(|path| !stray(path));
        let own: Vec<&str> = own.collect();
        let found = own.into_iter().filter_map(|path| path.strip_prefix(&folder)?.strip_suffix(".toml"));
        let needed = rules::NEEDED_PAGES.into_iter().filter(|_| lang == Lang::En);
        let keys: BTreeSet<&str> = found.filter(|key| !key.contains('/')).chain(needed).collect();
        let (mut unreadable, mut held) = (BTreeSet::new(), BTreeMap::new());
        for key in keys {
            let path = format!("{folder}{key}.toml");
            let read = self.page(files, &path, today);
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
        let file = |name: &str| format!("{}/{name}.toml", lang.tag());
        let answers = document::optional(files, &file("answers"), today, report);
        DraftLanguage {
            lang,
            ui: document::collect(document::read(files, &file("ui"), today), report),
            objectives: document::collect(document::read(files, &file("objectives"), today), report),
            notices: document::collect(document::read(files, &file("notices"), today), report),
            has_unread_answers: answers.is_none() && files.contains(&file("answers")),
            answers,
            words: document::optional(files, &file("words"), today, report),
            pages,
            held,
            unreadable,
            misnamed,
            pages_unreadable,
        }
    }

    fn page(&mut self, files: &Files, path: &str, today: Option<Date>) -> Result<Document<Arc<Page>>, Report> {
        let hash = files.hash(path);
        if let Some((_, page)) = self.pages.get(path).filter(|(known, _)| Some(known) == hash.as_ref()) {
            return Ok(page.clone());
        }
        let page: Document<Arc<Page>> = document::read(files, path, today)?;
        // What is told of mistakes may be of today.
        if let Some(hash) = hash.filter(|_| !page.findings.has_errors()) {
            self.pages.insert(path.to_owned(), (hash, page.clone()));
        }
        Ok(page)
    }
}

impl Draft {
    fn finish(self, files: &Files, lacking: BTreeSet<String>) -> Option<Content> {
        let frame = self.frame(files);
        let stale = |language| self.stale(language).into_iter().map(|(_, file)| file.name).collect();
        let stale: Vec<BTreeSet<String>> = self.languages.iter().map(stale).collect();
        let mut languages = Vec::with_capacity(self.languages.len());
        for (language, stale) in self.languages.into_iter().zip(stale) {
            languages.push(Language {
                lang: language.lang,
                ui: language.ui?.value,
                objectives: language.objectives?.value,
                notices: language.notices?.value,
                answers: language.answers.map(|file| file.value.answers).unwrap_or_default(),
                pages: language.pages.into_iter().map(|(key, page)| (key, page.value)).collect(),
                stale,
                drafts: language.held.into_iter().map(|(key, held)| (key, held.address)).collect(),
            });
        }
        Some(Content {
            clinic: self.clinic?.value,
            redirects: self.redirects?.value,
            language_help: self.language_help.map(|file| file.value),
            tests: self.tests.map(|file| file.value),
            languages,
            media: files.media().map(|(name, media)| (name.to_owned(), Arc::clone(media))).collect(),
            has_media: true,
            lacking,
            revision: files.revision(),
            frame,
            tells_the_hour: true,
        })
    }
}
