//! What sections list: items, cards, questions, terms.

use crate::content::leaf::{Key, Line, Link, Markdown};
use schemars::JsonSchema;
use serde::Deserialize;

/// One titled item.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Item {
    /// Its title.
    pub title: Line,
    /// Its text.
    pub text: Markdown,
}

/// One card.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Card {
    /// Its title.
    pub title: Line,
    /// Its text.
    pub text: Markdown,
    /// Where it leads: a page of this site, or another website, which the card then says.
    pub link: Option<Link>,
    /// A picture from `static/icons/`, by name.
    pub icon: Option<Key>,
}

/// One question.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Question {
    /// The question, in the words of the person who asks.
    pub question: Line,
    /// The answer, the most important first.
    pub answer: Markdown,
}

/// How fast somebody must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UrgencyLevel {
    /// A life is in danger: red.
    Emergency,
    /// Today.
    Urgent,
    /// Soon, not at once.
    Soon,
}

/// One term and what it means here.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct KeyFact {
    /// The term.
    pub term: Line,
    /// What it means here.
    pub text: Markdown,
}
