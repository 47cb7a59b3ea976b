//! Words by the keys of facts: each help line, substance, payer, reason and check has its words in each language. Where a language lacks some,
//! visitors read the English ones.

use super::leaf::Key;
use super::model::{Clinic, Fact, TestResults};
use super::names::{CLINIC, TESTS};
use super::{Content, Language, Ui};
use crate::lang::Lang;
use std::collections::{BTreeMap, BTreeSet};

/// A table of `ui.toml` and the keys whose words it lacks.
#[derive(Debug)]
pub(super) struct Lacking<'a> {
    pub(super) table: &'static str,
    /// The file that has the keys.
    pub(super) file: &'static str,
    pub(super) keys: BTreeSet<&'a str>,
}

/// The keys of facts that a language has no words for, table by table.
pub(super) fn lacking<'a>(clinic: Option<&'a Clinic>, tests: Option<&'a TestResults>, ui: &Ui) -> Vec<Lacking<'a>> {
    let listed = |fact: fn(&Clinic) -> &Option<Fact<Vec<Key>>>| {
        clinic.iter().flat_map(move |clinic| fact(clinic).iter().flat_map(Fact::values).flatten()).collect::<Vec<_>>()
    };
    let lines = clinic.iter().flat_map(|clinic| &clinic.help_lines).map(|line| &line.id).collect();
    let places: Vec<_> = clinic.iter().flat_map(|clinic| clinic.places()).collect();
    let ids = places.iter().filter_map(|place| place.id).collect();
    let exceptions = places.iter().flat_map(|place| place.exceptions);
    let reasons = exceptions.filter_map(|exception| exception.reason.as_ref()).collect();
    let checks = tests.iter().flat_map(|tests| &tests.checks).map(|check| &check.id).collect();
    let lacks = |table, file, keys: Vec<&'a Key>, has: &dyn Fn(&Key) -> bool| {
        let keys = keys.into_iter().filter(|key| !key.as_str().is_empty() && !has(key)).map(Key::as_str).collect();
        Lacking { table, file, keys }
    };
    [
        lacks("help_lines", CLINIC.name, lines, &|key| ui.help_lines.contains_key(key)),
        lacks("locations", CLINIC.name, ids, &|key| ui.locations().contains_key(key)),
        lacks("substances", CLINIC.name, listed(|clinic| &clinic.substances), &|key| ui.substances.contains_key(key)),
        lacks("payers", CLINIC.name, listed(|clinic| &clinic.payers), &|key| ui.payers.contains_key(key)),
        lacks("exceptions", CLINIC.name, reasons, &|key| ui.exceptions.contains_key(key)),
        lacks("checks", TESTS.name, checks, &|key| ui.checks.contains_key(key)),
    ]
    .into_iter()
    .filter(|lacking| !lacking.keys.is_empty())
    .collect()
}

impl Content {
    /// The words that a language has for a key of a fact; with the language that they are in where it lacks them.
    #[must_use]
    pub fn words_for<'a, W>(
        &'a self,
        language: &'a Language,
        key: &Key,
        table: fn(&Ui) -> &BTreeMap<Key, W>,
    ) -> Option<(&'a W, Option<Lang>)> {
        let english = || self.languages.iter().find(|other| other.lang == Lang::En);
        let own = table(&language.ui).get(key).map(|words| (words, None));
        own.or_else(|| Some((table(&english()?.ui).get(key)?, Some(Lang::En))))
    }

    /// The words that visitors of a language read in English, each by its table of `ui.toml` and its key.
    pub(super) fn words_in_english(&self, language: &Language) -> Vec<(&'static str, String)> {
        let lacking = lacking(Some(&self.clinic), self.tests.as_ref(), &language.ui).into_iter();
        lacking.flat_map(|lacking| lacking.keys.into_iter().map(move |key| (lacking.table, key.to_owned()))).collect()
    }
}
