//! Who has read a page. A review holds for the words that were read: the page names their fingerprint beside it, and once the words are others,
//! nothing says any more that they were reviewed.

use super::leaf::{Day, Key, Person};
use super::model::Page;
use super::plain::short;
use super::{Content, Draft, DraftLanguage, Language};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A review that a page names, and the keys that it does so with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    pub(super) by_key: &'static str,
    pub(super) by: Option<&'a Person>,
    pub(super) words_key: &'static str,
    pub(super) words: Option<&'a Key>,
    /// What the page does while the review doesn't hold.
    pub(super) without: &'static str,
}

impl Named<'_> {
    /// Whether these are the words that were read.
    pub(super) fn holds(&self, words: &str) -> bool {
        self.by.is_some() && self.words.is_some_and(|read| read.as_str() == words)
    }

    /// The line that says which words were read.
    pub(super) fn line(&self, words: &str) -> String {
        format!("{} = \"{words}\"", self.words_key)
    }
}

impl Page {
    /// The review of the clinic.
    pub(super) fn review(&self) -> Named<'_> {
        Named {
            by_key: "reviewed_by",
            by: self.reviewed_by.as_ref(),
            words_key: "reviewed_words",
            words: self.reviewed_words.as_ref(),
            without: "the page says that nobody has read it yet",
        }
    }

    /// The review of a clinician.
    pub(super) fn clinical_review(&self) -> Named<'_> {
        Named {
            by_key: "clinically_reviewed_by",
            by: self.clinically_reviewed_by.as_ref(),
            words_key: "clinically_reviewed_words",
            words: self.clinically_reviewed_words.as_ref(),
            without: "the page does not name them",
        }
    }
}

impl Language {
    /// Who of the clinic has read a page as it is now.
    #[must_use]
    pub fn reader(&self, key: &str) -> Option<&Person> {
        let named = self.pages.get(key)?.review();
        named.by.filter(|_| self.words.get(key).is_some_and(|words| named.holds(words)))
    }

    /// The clinician who has read a page as it is now, and when.
    #[must_use]
    pub fn clinician(&self, key: &str) -> Option<(&Person, &Day)> {
        let page = self.pages.get(key)?;
        let named = page.clinical_review();
        let by = named.by.filter(|_| self.words.get(key).is_some_and(|words| named.holds(words)))?;
        Some((by, page.clinically_reviewed_on.as_ref()?))
    }

    /// The reviews of a page that were given for other words than it has now, each with the line to write once they were read again.
    pub(super) fn outdated_reviews(&self, key: &str) -> Vec<(String, String)> {
        let (Some(page), Some(words)) = (self.pages.get(key), self.words.get(key)) else { return Vec::new() };
        let named = [page.review(), page.clinical_review()].into_iter();
        let outdated = named.filter(|named| !named.holds(words));
        outdated.filter_map(|named| Some((named.by?.to_string(), named.line(words)))).collect()
    }
}

impl DraftLanguage {
    /// The fingerprints of the words of those pages that somebody has read.
    pub(super) fn words_read(&self) -> BTreeMap<String, String> {
        let read = self.pages.iter().filter(|(_, page)| {
            [page.value.review(), page.value.clinical_review()].iter().any(|named| named.by.is_some())
        });
        read.map(|(key, page)| (key.clone(), page.passages.words_read(&page.source).to_owned())).collect()
    }
}

impl Draft {
    /// The fingerprint of the words of all pages that are finished, and of the objectives: what tests have been run on.
    pub(super) fn words(&self) -> String {
        let all = self.languages.iter().flat_map(|language| {
            let objectives =
                language.objectives.iter().map(|file| ("objectives", file.passages.words_read(&file.source)));
            let pages = language.pages.iter().filter(|(key, _)| !language.held.contains_key(*key));
            let pages = pages.map(|(key, page)| (key.as_str(), page.passages.words_read(&page.source)));
            objectives.chain(pages).map(|(name, words)| format!("{} {name} {words}\n", language.lang.tag()))
        });
        short(all.fold(Sha256::new(), Sha256::chain_update))
    }

    /// Whether the results of tests are those of these words. Without results there is nothing to say.
    pub(super) fn tests_hold(&self, words: &str) -> bool {
        let results = self.tests.as_ref().map(|tests| &tests.value);
        results.is_none_or(|results| results.tested_words.as_ref().is_some_and(|tested| tested.as_str() == words))
    }
}

impl Content {
    /// Whether the pages have changed since the tests of `tests.toml`, if there are any.
    #[must_use]
    pub fn changed_since_tests(&self) -> bool {
        let tested = self.tests.as_ref().map(|tests| tests.tested_words.as_ref());
        tested.is_some_and(|tested| tested.is_none_or(|tested| tested.as_str() != self.words))
    }
}
