//! Why there is each rule, and how what breaks it is mended: data beside the [`catalogue`](super::catalogue).
//!
//! A test applies each example to the rule's broken example in `tests/fixtures/broken/`: it holds what is shown as broken, and mended as
//! shown it is reported no more.

use crate::diagnostic::Rule;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static EXPLANATIONS: LazyLock<BTreeMap<String, Explanation>> =
    LazyLock::new(|| toml::from_str(include_str!("explanations.toml")).unwrap_or_default());

/// What a rule is for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// Why there is such a rule.
    pub why: String,
    /// Lines that break it.
    pub broken: String,
    /// The lines as they should be.
    pub mended: String,
}

/// The explanation of a rule.
#[must_use]
pub fn explain(rule: &Rule) -> Option<Explanation> {
    EXPLANATIONS.get(rule.name).cloned()
}

/// The names of all that is explained.
pub fn explained() -> impl Iterator<Item = &'static str> {
    EXPLANATIONS.keys().map(String::as_str)
}
