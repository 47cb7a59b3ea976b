//! What all pages of a site share, as a hash.

use super::leaf::{Key, Label};
use super::model::Section;
use super::{Draft, Files};
use sha2::{Digest, Sha256};

impl Draft {
    /// See [`super::Content::frame`].
    pub(super) fn frame(&self, files: &Files, words: &str) -> [u8; 32] {
        let shared = files.paths().filter(|path| !path.contains("/pages/") && !path.ends_with("/words.toml"));
        let mut all = shared.fold(Sha256::new(), |all, path| {
            all.chain_update(path).chain_update([0]).chain_update(files.hash(path).unwrap_or_default())
        });
        // The table of tests says whether pages have changed since.
        all.update([u8::from(self.tests_hold(words))]);
        for language in &self.languages {
            for (key, page) in &language.pages {
                let page = &page.value;
                // Values alone: with the places of leaves, every line that moves would change the frame of all pages.
                let navigation = page.navigation.as_ref();
                let short = page.header_label().map(Label::as_str);
                let place = navigation.map(|place| (place.group.as_str(), place.order, short));
                let parent = page.parent.as_ref().map(Key::as_str);
                // Every page links to the notices of language help, and to that of privacy practices by its name.
                let is_help = |section: &&Section| matches!(section, Section::LanguageHelp(_));
                let help = page.sections.iter().find(is_help).and_then(Section::anchor).map(|(anchor, _)| anchor);
                let notice = page.sections.iter().find_map(|section| match section {
                    Section::OfficialText(text) if text.is_privacy_practices() => {
                        Some((section.anchor().map(|(anchor, _)| anchor), text.heading.as_str()))
                    }
                    _ => None,
                });
                let place = (page.path(language.lang, key), page.label(), place, parent, page.kind, help, notice);
                all.update(format!("{key} {place:?}\n"));
            }
            // Words that lead to one of these are no link.
            for (key, held) in &language.held {
                all.update(format!("{key} {} is held back\n", held.address));
            }
        }
        all.finalize().into()
    }
}
