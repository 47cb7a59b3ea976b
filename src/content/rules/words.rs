//! The words that hurt readers: those of `words.toml`, in all that visitors read.
//!
//! `clinic.toml` is not looked at: its names and titles are those of others, and belong to no one language. Nor are the clinic's official
//! texts, which nobody may reword.

mod list;

use crate::content::catalogue::STIGMATISING_WORD;
use crate::content::model::Words;
use crate::content::plain::{Passage, Plain};
use crate::content::{Document, DraftLanguage, LanguageFile};
use crate::diagnostic::{Report, Source};
use crate::lang::Lang;
use list::WordList;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What was found in each file the last time, so that only files that changed are looked at again.
#[derive(Clone, Debug, Default)]
pub(in crate::content) struct Checked(BTreeMap<Lang, CheckedWith>);

#[derive(Clone, Debug)]
struct CheckedWith {
    /// The text of the list, by which a change is seen.
    written: Arc<Source>,
    list: WordList,
    files: HashMap<String, (Arc<Source>, Report)>,
}

impl Checked {
    /// Reports every word that hurts.
    pub(in crate::content) fn check(&mut self, languages: &[DraftLanguage], report: &mut Report) {
        self.0.retain(|lang, _| languages.iter().any(|language| language.lang == *lang && language.words.is_some()));
        for language in languages {
            let Some(words) = &language.words else { continue };
            let checked = self.0.entry(language.lang).or_insert_with(|| CheckedWith::new(words));
            if *checked.written != *words.source {
                *checked = CheckedWith::new(words);
            }
            checked.check(language, report);
        }
    }
}

impl CheckedWith {
    fn new(words: &Document<Words>) -> Self {
        let list = WordList::new(&words.value);
        Self { written: Arc::clone(&words.source), list, files: HashMap::new() }
    }

    fn check(&mut self, language: &DraftLanguage, report: &mut Report) {
        let mut before = std::mem::take(&mut self.files);
        for LanguageFile { source, passages, .. } in language.files() {
            // The loader keeps the document of a page that has not changed, and with it the very same source.
            let known = before.remove(&source.path).filter(|(known, _)| Arc::ptr_eq(known, source));
            let (_, found) = known.unwrap_or_else(|| (Arc::clone(source), self.found(source, &passages.all)));
            report.extend(&found);
            self.files.insert(source.path.clone(), (Arc::clone(source), found));
        }
    }

    fn found(&self, source: &Arc<Source>, passages: &[Passage]) -> Report {
        let mut report = Report::default();
        for passage in passages {
            let plain = Plain::new(source, passage);
            for hit in self.list.find(&plain.text) {
                report.add_with(&STIGMATISING_WORD, source, passage.span.start, || {
                    let word = plain.text.get(hit.part.clone()).unwrap_or_default();
                    let because = hit.because.map(|why| format!(": {why}")).unwrap_or_default();
                    let message = format!("\"{word}\" is a word that can hurt readers");
                    let help = format!(
                        "say \"{}\" instead{because}. If it is part of an official name, add that name to `exempt` in {}",
                        hit.say, self.written.path
                    );
                    (plain.place(&hit.part), message, help)
                });
            }
        }
        report
    }
}
