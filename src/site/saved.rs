//! A site on disk: what `serve` falls back on when the content has errors at a start.
//!
//! The format is JSON, a value a line. The first line says what it is ([`Head`]); the last one is the SHA-256 of all lines before it, so that
//! a file that was cut off or changed is refused. Between them are
//!
//! 1. the content files, from which the program makes the site again, as long as its rules take them;
//! 2. the finished answers, for a program whose rules have become stricter. They are never rendered again, so they don't say "open now",
//!    have no forms, and each that shows something with an end has a second text without it.

mod read;
mod write;

pub use read::{ReadError, Saved, read};
pub use write::{Original, write};

use super::CachePolicy;
use crate::content::media;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use url::Url;

/// The format that this program writes, and the only one it reads.
const FORMAT: u32 = 1;

/// The most that is written or read, in bytes. A site of 1,000 pages takes about a fifth of it.
const MAX_BYTES: u64 = 256 << 20;

/// What a saved site is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    format: u32,
    /// The version of the program that wrote it.
    pub program: String,
    /// The revision of its content.
    pub revision: String,
    /// When it was written.
    #[serde(with = "text")]
    pub saved: Timestamp,
    /// When the first notice or fact on its pages ends ([`Timestamp::MAX`]: never). From then on, the texts without all that end are the right ones.
    #[serde(with = "text")]
    pub until: Timestamp,
    /// The address that it was published as.
    #[serde(with = "text")]
    pub public_url: Url,
}

/// Values that are written as they print.
mod text {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};
    use std::borrow::Cow;
    use std::fmt::Display;
    use std::str::FromStr;

    pub(super) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        Cow::<str>::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// How a text differs from an earlier one: `text` replaces the bytes from `start` to `end`. Most pages differ by one notice.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Later<'a> {
    start: usize,
    end: usize,
    text: Cow<'a, str>,
}

impl Later<'static> {
    /// The difference, if there is one.
    fn between(text: &str, later: &str) -> Option<Self> {
        let same = |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>| -> usize {
            a.zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
        };
        let start = same(&mut text.chars(), &mut later.chars());
        let (rest, new) = (text.get(start..)?, later.get(start..)?);
        let tail = same(&mut rest.chars().rev(), &mut new.chars().rev());
        let new = new.get(..new.len() - tail)?;
        (text.len() != later.len() || start < text.len()).then(|| Later {
            start,
            end: text.len() - tail,
            text: Cow::Owned(new.to_owned()),
        })
    }
}

impl Later<'_> {
    /// The later text; none where the difference is that of another.
    fn apply(&self, text: &str) -> Option<String> {
        let (before, after) = (text.get(..self.start)?, text.get(self.end..)?);
        (self.start <= self.end).then(|| format!("{before}{}{after}", self.text))
    }
}

/// What is served of a picture or a document.
#[derive(Serialize, Deserialize)]
struct Made<'a> {
    width: Option<u32>,
    /// The bytes, in base64.
    base64: Cow<'a, str>,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    /// The first.
    Head(Head),
    /// A content file.
    File { path: Cow<'a, str>, text: Cow<'a, str> },
    /// A picture or a document of content, with what is served of it.
    Media {
        name: Cow<'a, str>,
        /// Of the uploaded bytes, in hexadecimal digits.
        hash: Cow<'a, str>,
        kind: media::Kind,
        made: Vec<Made<'a>>,
    },
    /// A finished answer, and what is another in it from [`Head::until`] on.
    Answer {
        path: Cow<'a, str>,
        content_type: Cow<'a, str>,
        language: Option<Cow<'a, str>>,
        cache: CachePolicy,
        text: Cow<'a, str>,
        later: Option<Later<'a>>,
    },
    /// An old address.
    Moved { from: Cow<'a, str>, to: Cow<'a, str> },
    /// The path of a page that has a form while the site is made from content.
    Form { path: Cow<'a, str> },
    /// The page for an error.
    Error { language: Cow<'a, str>, status: u16, text: Cow<'a, str>, later: Option<Later<'a>> },
    /// The last: the SHA-256 of all lines before it, in hexadecimal digits.
    End { sha256: Cow<'a, str> },
}

#[cfg(test)]
mod tests {
    use super::Later;

    #[test]
    fn a_later_text_is_the_earlier_one_with_a_part_replaced() {
        for (text, later, replaced) in [
            ("<p>Closed today</p><p>Call</p>", "<p>Call</p>", Some("")),
            ("<p>Call</p>", "<p>Closed today</p><p>Call</p>", Some("losed today</p><p>C")),
            ("aXbYc", "abc", Some("b")),
            ("aaa", "aa", Some("")),
            ("", "a", Some("a")),
            ("señal", "seña", Some("")),
            ("á", "é", Some("é")),
            ("a", "", Some("")),
            ("same", "same", None),
            ("", "", None),
        ] {
            let difference = Later::between(text, later);
            assert_eq!(difference.as_ref().map(|difference| &*difference.text), replaced, "{text:?} {later:?}");
            let again = difference.map_or_else(|| Some(text.to_owned()), |difference| difference.apply(text));
            assert_eq!(again.as_deref(), Some(later), "{text:?}");
        }
        for (start, end) in [(3, 2), (0, 9), (9, 9), (1, 2)] {
            let difference = Later { start, end, text: "".into() };
            assert_eq!(difference.apply("ñá"), None, "{start} {end}");
        }
    }
}
