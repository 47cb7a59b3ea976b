//! `answers.toml`: what only the clinic can answer, in one language.

use crate::content::leaf::{Day, Key, Line, Sentences};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// `answers.toml`: what only the clinic can answer. Copy names an answer in braces: `{answers.walk_ins}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Answers {
    /// Each question, by the name that copy gives its answer.
    pub answers: BTreeMap<Key, Answer>,
}

/// One question, and the answer once the clinic has given it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Answer {
    /// What to ask the director; visitors never see it.
    #[schemars(example = &"May people come without an appointment?")]
    pub question: Line,
    /// What visitors read while there is no answer.
    #[schemars(example = &"Ask us whether you can come without an appointment.")]
    pub ask: Line,
    /// The clinic's own answer, or `""`.
    pub text: Sentences,
    /// The day somebody last checked it.
    pub verified_on: Option<Day>,
    /// The last day it may be shown; after it visitors read `ask` again.
    pub expires_on: Option<Day>,
}

impl Answer {
    /// Whether the clinic has answered.
    #[must_use]
    pub fn is_given(&self) -> bool {
        !self.text.as_str().trim().is_empty()
    }

    /// The last day on which its answer is shown, if it is given and has one.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        self.expires_on.as_ref().filter(|_| self.is_given()).map(Day::date)
    }

    /// What visitors read: the answer, unless there is none or its last day is over.
    #[must_use]
    pub fn shown(&self, late: bool) -> &str {
        if self.is_given() && !late { self.text.as_str() } else { self.ask.as_str() }
    }
}
