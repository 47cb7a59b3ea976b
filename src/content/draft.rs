//! Content as far as it could be read: what the rules look at, and what becomes of it once none of them finds an error.

use super::held::Held;
use super::leaf::{Key, Slug};
use super::model::{About, Answers, Clinic, LanguageHelp, Notices, Objectives, Page, Redirects, TestResults, Words};
use super::names::{ANSWERS, ContentFile, NOTICES, OBJECTIVES, UI, page_in_language, page_key};
use super::plain::Passages;
use super::rules::files::Found;
use super::{Content, Document, Files, Language, Ui};
use crate::diagnostic::Source;
use crate::lang::Lang;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The last part of a booklet's address, where its language has no own word for it.
const BOOKLET: &str = "print";

/// Content as far as it could be read, with placeholders where there are errors.
pub(super) struct Draft {
    pub(super) clinic: Option<Document<Clinic>>,
    pub(super) redirects: Option<Document<Redirects>>,
    /// These three may be missing.
    pub(super) redirect_list: Option<Document<Redirects>>,
    pub(super) language_help: Option<Document<LanguageHelp>>,
    pub(super) tests: Option<Document<TestResults>>,
    pub(super) languages: Vec<DraftLanguage>,
    /// The files of `content/files/`, by name.
    pub(super) media: BTreeMap<String, Found>,
}

pub(super) struct DraftLanguage {
    pub(super) lang: Lang,
    pub(super) about: Option<Document<About>>,
    pub(super) ui: Option<Document<Ui>>,
    pub(super) objectives: Option<Document<Objectives>>,
    pub(super) notices: Option<Document<Notices>>,
    /// These two may be missing: the answers, and the words to avoid.
    pub(super) answers: Option<Document<Answers>>,
    pub(super) words: Option<Document<Words>>,
    pub(super) pages: BTreeMap<String, Document<Arc<Page>>>,
    /// Pages that are not finished. They are among the pages only in a preview.
    pub(super) held: BTreeMap<String, Held>,
    /// The file of the answers is there and could not be read.
    pub(super) has_unread_answers: bool,
    /// Pages that are there and could not be read, by the name of their file.
    pub(super) unreadable: BTreeSet<String>,
    /// Files that nothing reads where they are, by what the names of their pages should be: each with what mends that.
    pub(super) misnamed: BTreeMap<String, String>,
    /// The folder of the pages could not be read.
    pub(super) pages_unreadable: bool,
}

/// One file of a language that visitors read words of.
pub(super) struct LanguageFile<'a> {
    /// Its path below the folder of the language: `pages/contact.toml`.
    pub(super) name: String,
    pub(super) source: &'a Arc<Source>,
    pub(super) passages: &'a Passages,
    /// On a translation: the fingerprint of the English words it was made from.
    pub(super) translated_from: Option<&'a Key>,
}

impl<'a> LanguageFile<'a> {
    fn new<T>(name: String, document: &'a Document<T>, translated_from: Option<&'a Key>) -> Self {
        Self { name, source: &document.source, passages: &document.passages, translated_from }
    }

    /// See [`Passages::fingerprint`].
    pub(super) fn fingerprint(&self) -> &'a str {
        self.passages.fingerprint(self.source)
    }
}

impl DraftLanguage {
    /// The address of its booklet.
    pub(super) fn booklet(&self) -> String {
        let own = self.about.as_ref().and_then(|file| file.value.booklet.as_ref()).map(Slug::as_str);
        format!("{}{}/", self.lang.root(), own.filter(|own| !own.is_empty()).unwrap_or(BOOKLET))
    }

    /// Whether there is a file of a page, whether or not it could be read or is held back.
    pub(super) fn has(&self, key: &str) -> bool {
        let known = self.pages.contains_key(key) || self.held.contains_key(key) || self.misnamed.contains_key(key);
        known || self.unreadable.contains(key) || self.pages_unreadable
    }

    /// Every file that could be read.
    pub(super) fn files(&self) -> impl Iterator<Item = LanguageFile<'_>> {
        let file = |file: ContentFile| file.name.to_owned();
        let ui = self.ui.iter().map(move |it| LanguageFile::new(file(UI), it, it.value.translated_from.as_ref()));
        let objectives = self.objectives.iter();
        let objectives =
            objectives.map(move |it| LanguageFile::new(file(OBJECTIVES), it, it.value.translated_from.as_ref()));
        let notices = self.notices.iter();
        let notices = notices.map(move |it| LanguageFile::new(file(NOTICES), it, it.value.translated_from.as_ref()));
        let pages = self
            .pages
            .iter()
            .map(|(key, page)| LanguageFile::new(page_in_language(key), page, page.value.translated_from.as_ref()));
        let answers = self.answers.iter().map(move |it| LanguageFile::new(file(ANSWERS), it, None));
        ui.chain(objectives).chain(notices).chain(answers).chain(pages)
    }
}

impl Draft {
    /// The files of a language that were not translated from what the English files say now, each behind the English one.
    pub(super) fn stale<'a>(&'a self, language: &'a DraftLanguage) -> Vec<(LanguageFile<'a>, LanguageFile<'a>)> {
        let english = self.languages.iter().filter(|other| other.lang == Lang::En && language.lang != Lang::En);
        let mut english: HashMap<_, _> =
            english.flat_map(DraftLanguage::files).map(|file| (file.name.clone(), file)).collect();
        // What is answered in one language alone is reported by its key.
        let pairs = language
            .files()
            .filter(|file| file.name != ANSWERS.name)
            .filter_map(|file| Some((english.remove(&file.name)?, file)));
        pairs
            .filter(|(english, file)| file.translated_from.is_none_or(|from| from.as_str() != english.fingerprint()))
            .collect()
    }

    /// See [`Content::naming`]. What is held back is on no page.
    fn naming(&self) -> BTreeMap<String, BTreeSet<(Lang, String)>> {
        let mut naming: BTreeMap<String, BTreeSet<(Lang, String)>> = BTreeMap::new();
        for language in &self.languages {
            let is_held = |name: &str| page_key(name).is_some_and(|key| language.held.contains_key(key));
            for file in language.files().filter(|file| !is_held(&file.name)) {
                let named = file.passages.mentions(file.source).iter().flat_map(|(_, mentions)| &mentions.facts);
                for fact in named {
                    naming.entry(fact.clone()).or_default().insert((language.lang, file.name.clone()));
                }
            }
        }
        naming
    }

    /// The content, if every file that a site needs could be read. `lacking` are what it may be published without, by name.
    pub(super) fn finish(self, files: &Files, lacking: BTreeSet<String>) -> Option<Content> {
        let words = self.words();
        let frame = self.frame(files, &words);
        let naming = self.naming();
        let stale = |language| self.stale(language).into_iter().map(|(_, file)| file.name).collect();
        let stale: Vec<BTreeSet<String>> = self.languages.iter().map(stale).collect();
        let mut languages = Vec::with_capacity(self.languages.len());
        for (language, stale) in self.languages.into_iter().zip(stale) {
            let words = language.words_read();
            let booklet = language.booklet();
            let about = language.about?.value;
            languages.push(Language {
                lang: language.lang,
                words,
                name: about.name.to_string(),
                direction: about.direction,
                booklet,
                ui: language.ui?.value,
                objectives: language.objectives.map(|file| file.value).unwrap_or_default(),
                notices: language.notices?.value,
                answers: language.answers.map(|file| file.value.answers).unwrap_or_default(),
                pages: language.pages.into_iter().map(|(key, page)| (key, page.value)).collect(),
                stale,
                drafts: language.held.into_iter().map(|(key, held)| (key, held.address)).collect(),
            });
        }
        let lists = [Some(self.redirects?), self.redirect_list].into_iter().flatten();
        let redirects = lists.flat_map(|list| list.value.redirects.into_iter().flatten()).collect();
        let clinic = self.clinic?.value;
        Some(Content {
            zone: clinic.zone(),
            clinic,
            redirects: Redirects { redirects: Some(redirects) },
            language_help: self.language_help.map(|file| file.value),
            tests: self.tests.map(|file| file.value),
            languages,
            media: files.media().map(|(name, media)| (name.to_owned(), Arc::clone(media))).collect(),
            has_media: true,
            lacking,
            revision: files.revision(),
            words,
            frame,
            naming,
            shows_open_now: true,
        })
    }
}
