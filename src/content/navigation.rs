//! The lists of links at the foot of every page: which there are, and in which order.

use super::leaf::Key;
use super::model::Clinic;
use super::{Content, Draft, Ui};
use crate::lang::Lang;

/// The keys of the lists, in order: as `clinic.toml` names them, or as the English `ui.toml` has their names.
fn groups<'a>(clinic: Option<&'a Clinic>, english: Option<&'a Ui>) -> Vec<&'a Key> {
    if let Some(lists) = clinic.and_then(|clinic| clinic.navigation.as_ref()) {
        return lists.groups.iter().collect();
    }
    let mut keys: Vec<&Key> = english.iter().flat_map(|ui| ui.navigation.keys()).collect();
    keys.sort_by_key(|key| key.span().start);
    keys
}

impl Content {
    /// The keys of the lists of links, in order.
    #[must_use]
    pub fn groups(&self) -> Vec<&Key> {
        groups(Some(&self.clinic), self.english_words())
    }

    /// The small words in English, which stand in for those that another language lacks.
    #[must_use]
    pub fn english_words(&self) -> Option<&Ui> {
        self.languages.iter().find(|language| language.lang == Lang::En).map(|language| &language.ui)
    }
}

impl Draft {
    /// See [`Content::groups`]. Nothing where a mistake in one of the two files may have hidden one.
    pub(super) fn groups(&self) -> Option<Vec<&Key>> {
        let clinic = self.clinic.as_ref().filter(|clinic| !clinic.findings.has_doubtful_names())?;
        let english = self.languages.iter().find(|language| language.lang == Lang::En)?.ui.as_ref();
        let english = english.filter(|ui| !ui.findings.has_doubtful_names())?;
        Some(groups(Some(&clinic.value), Some(&english.value)))
    }
}
