//! The way a language is written, and what else is among its words.

use schemars::JsonSchema;
use serde::Deserialize;

/// The way a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From left to right.
    Ltr,
    /// From right to left.
    Rtl,
}

impl Direction {
    /// A text of letters and numbers that are written from left to right, such as a phone number or an address, as it is among words of this
    /// direction: from right to left, its parts keep their order between two isolates (Unicode Standard Annex #9, LRI and PDI).
    #[must_use]
    pub fn isolated(self, text: &str) -> String {
        match self {
            Self::Ltr => text.to_owned(),
            Self::Rtl => format!("\u{2066}{text}\u{2069}"),
        }
    }

    /// Whether it is from right to left.
    #[must_use]
    pub const fn is_rtl(self) -> bool {
        matches!(self, Self::Rtl)
    }

    /// As HTML's `dir` says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}
