//! Files that all languages share besides the facts, `language_help.toml` and `tests.toml`, and what a language is, `language.toml`.

use crate::content::leaf::{Day, Key, Line, MarkdownOrEmpty, Slug, StateName, Territory};
use crate::lang::Direction;
use schemars::JsonSchema;
use serde::Deserialize;

/// `language_help.toml`: the official notice that help in one's own language is free (45 CFR 92.11), in each language.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct LanguageHelp {
    /// What the list of languages rests on: a key in `[sources]` of `clinic.toml`.
    pub source: Key,
    /// The state whose most common languages these are.
    pub state: Option<StateName>,
    /// The languages, in the order they are shown.
    pub languages: Vec<HelpLanguage>,
}

/// The notice in one language.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct HelpLanguage {
    /// The language's tag (BCP 47), in lower case: `ko`.
    #[schemars(example = &"ko")]
    pub lang: Key,
    /// The way it is written.
    pub dir: Direction,
    /// Its own name for itself.
    #[schemars(example = &"Tiếng Việt")]
    pub name: Line,
    /// The clinic's official text in this language, or `""`.
    pub text: MarkdownOrEmpty,
}

/// `language.toml`: what a language of the site is. Its folder has the language's tag (BCP 47) as its name: `vi`, `ar`, `zh-Hant`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct About {
    /// Its own name for itself, as other pages link to it.
    #[schemars(example = &"Tiếng Việt")]
    pub name: Line,
    /// The way it is written: `"ltr"` from left to right, `"rtl"` from right to left.
    pub direction: Direction,
    /// Where it is read: the days, times and numbers are those of this country.
    pub territory: Territory,
    /// The last part of the address of the whole site to print; `"print"` when left out.
    #[schemars(example = &"imprimir")]
    pub booklet: Option<Slug>,
}

/// `tests.toml`: what of this site was tested, written by the tests themselves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct TestResults {
    /// The day of the tests.
    pub tested_on: Day,
    /// The browser they ran in.
    #[schemars(example = &"Chromium 142")]
    pub browser: Line,
    /// The fingerprint of the words of the pages that were tested: `words` in what `clinic-site report --format json` prints. Where the pages say
    /// something else, the site says that they have changed since.
    pub tested_words: Option<Key>,
    /// Each check.
    pub checks: Vec<CheckResult>,
}

/// One check, with its words in `ui.toml`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct CheckResult {
    /// Ties the check to its words.
    #[schemars(example = &"axe")]
    pub id: Key,
    /// The program that looked, if it is not the browser alone.
    pub tool: Option<Line>,
    /// On how many pages it looked.
    pub pages: u16,
    /// How many times in all: at different sizes of window, in different colors.
    pub looks: u16,
    /// How much it found.
    pub findings: u16,
}

impl HelpLanguage {
    /// Whether the clinic has supplied its text.
    #[must_use]
    pub fn is_supplied(&self) -> bool {
        !self.text.as_str().trim().is_empty()
    }

    /// The anchor of its text on the page that holds the notices.
    #[must_use]
    pub fn anchor(&self) -> String {
        format!("lang-{}", self.lang)
    }
}
