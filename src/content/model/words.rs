//! `words.toml`: the words that hurt readers, and what to say instead. A language may do without it.

use crate::content::leaf::Line;
use schemars::JsonSchema;
use serde::Deserialize;

/// `words.toml`: the words that hurt readers, and what to say instead.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Words {
    /// Phrases in which a word of the list is right: official names, and words that mean something else there.
    pub exempt: Option<Vec<Line>>,
    /// The words to avoid, with what to say instead.
    pub words: Vec<Avoided>,
}

/// Words that mean the same, and what to say instead of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Avoided {
    /// The words or phrases, in every form that is to be found: "addict", "addicts".
    pub avoid: Vec<Line>,
    /// What to say instead.
    pub say: Line,
    /// Why, in a few words.
    pub because: Option<Line>,
    /// Whether somebody may be quoted with it, between quotation marks; `true` when left out.
    pub quotable: Option<bool>,
}
