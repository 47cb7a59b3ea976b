//! The languages of the site: the tag of each, where it lives, and how it writes days, times, numbers and lists.
//!
//! A language is data: a folder of the content that is named by its tag. What it is called, the way it is written and the territory it is written
//! for are in its `language.toml`. How it writes a day or a number is what CLDR says of it (`formats`).

mod direction;
mod formats;

pub use direction::Direction;

use icu_locale_core::LanguageIdentifier;
use icu_locale_core::subtags::Region;
use jiff::civil::Date;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use tinystr::{TinyAsciiStr, tinystr};

/// The most bytes of a tag: a language with its script or its territory (`zh-Hant`, `pt-BR`, `es-419`).
const MAX_TAG: usize = 8;

/// A language the site can be read in, by its tag (BCP 47) in the spelling of RFC 5646, section 2.1.1. Two are the same if their tags are: the
/// territory decides only how days, times and numbers are written.
#[derive(Clone, Copy)]
pub struct Lang {
    tag: TinyAsciiStr<MAX_TAG>,
    territory: TinyAsciiStr<3>,
}

impl Lang {
    /// English, the source language: it lives at `/`, every other language is translated from it, and what is for staff is in it. No other can be.
    #[expect(non_upper_case_globals, reason = "it is one of the languages, and reads as one")]
    pub const En: Self = Self { tag: tinystr!(8, "en"), territory: tinystr!(3, "US") };

    /// The language with a tag, as it is written in the United States: nothing, where the text is no tag in its own spelling, or says more than a
    /// language with its script or territory.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let is_long_enough = |language: &str| (2..=3).contains(&language.len());
        let spelled = spelled(tag).filter(|spelled| spelled == tag)?;
        let language = spelled.split('-').next().filter(|language| is_long_enough(language) && *language != "und");
        language?;
        Some(Self { tag: TinyAsciiStr::try_from_str(tag).ok()?, ..Self::En })
    }

    /// The same language as it is written in a territory (ISO 3166-1 or UN M49): nothing, where there can be no such.
    #[must_use]
    pub fn in_territory(self, territory: &str) -> Option<Self> {
        is_territory(territory).then_some(())?;
        Some(Self { territory: TinyAsciiStr::try_from_str(territory).ok()?, ..self })
    }

    /// The tag, which is also the name of the content folder.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The tag of the language alone, without script and territory.
    #[must_use]
    pub fn language(&self) -> &str {
        self.tag.split('-').next().unwrap_or_default()
    }

    /// The address of the language's home page: what every path of the language starts with.
    #[must_use]
    pub fn root(&self) -> String {
        if *self == Self::En { "/".to_owned() } else { format!("/{}/", self.tag.to_ascii_lowercase()) }
    }

    /// The language a path belongs to, among those that there are, judged by its first segment alone.
    #[must_use]
    pub fn of_path(path: &str, languages: impl IntoIterator<Item = Self>) -> Self {
        let first = path.split('/').nth(1).unwrap_or_default();
        let is_it = |lang: &Self| *lang != Self::En && lang.tag.eq_ignore_ascii_case(first);
        languages.into_iter().find(is_it).unwrap_or(Self::En)
    }

    /// The language and territory as Open Graph writes them (`og:locale`).
    #[must_use]
    pub fn og_locale(&self) -> String {
        let parts = self.tag.split('-').skip(1);
        let own = parts.filter(|part| is_territory(part)).last();
        format!("{}_{}", self.language(), own.unwrap_or(&self.territory))
    }

    /// A time of day, written `17:30`, as the language writes it: `5:30 pm`, `5:30 p. m.`, `17:30`.
    #[must_use]
    pub fn time(self, clock: &str) -> String {
        formats::for_lang(self).time(clock)
    }

    /// A figure as the language writes it: `59%`, `59 %`, `٪59`; `17,568`, `17.568`. One that says more than a number stays as it is.
    #[must_use]
    pub fn figure(self, figure: &str) -> String {
        formats::for_lang(self).figure(figure)
    }

    /// A day in words: `November 23, 2026`, `23 de noviembre de 2026`.
    #[must_use]
    pub fn date(self, day: Date) -> String {
        formats::for_lang(self).date(day)
    }

    /// Several things in a row, without a word between the last two: `a, b, c`, `a، b، c`.
    #[must_use]
    pub fn list(self, items: &[&str]) -> String {
        formats::for_lang(self).list(items)
    }

    /// Whether CLDR knows how the language writes a day. Where it doesn't, days are written as `2026-11-23`.
    #[must_use]
    pub fn is_known(self) -> bool {
        formats::for_lang(self).has_words_for_days()
    }
}

/// A tag in its own spelling (RFC 5646, section 2.1.1), `zh-hant` as `zh-Hant`: nothing, where it is none, or too long for a language of a site.
#[must_use]
pub fn spelled(tag: &str) -> Option<String> {
    let tag = LanguageIdentifier::try_from_str(tag).ok().filter(|tag| tag.variants.is_empty())?.to_string();
    (tag.len() <= MAX_TAG).then_some(tag)
}

/// Whether a text is a territory in its own spelling: two capital letters (ISO 3166-1) or three digits (UN M49).
#[must_use]
pub fn is_territory(text: &str) -> bool {
    Region::try_from_str(text).is_ok_and(|region| region.as_str() == text)
}

impl fmt::Debug for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tag)
    }
}

impl PartialEq for Lang {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag
    }
}

impl Eq for Lang {}

impl PartialOrd for Lang {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Lang {
    fn cmp(&self, other: &Self) -> Ordering {
        self.tag.cmp(&other.tag)
    }
}

impl Hash for Lang {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.tag.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;
    use jiff::civil::date;

    fn lang(tag: &str) -> Lang {
        Lang::from_tag(tag).unwrap()
    }

    #[test]
    fn dates_are_written_in_words() {
        for (tag, day) in [
            ("en", "January 5, 2026"),
            ("es", "5 de enero de 2026"),
            ("vi", "5 tháng 1 2026"),
            ("ar", "5 يناير 2026"),
            ("fa", "۵ ژانویه ۲۰۲۶"),
            ("zh-Hant", "2026年1月5日"),
            // CLDR has no words for days of Hmong.
            ("hmn", "2026-01-05"),
        ] {
            assert_eq!(lang(tag).date(date(2026, 1, 5)), day, "{tag}");
        }
        assert!(!lang("hmn").is_known() && lang("fa").is_known());
    }

    #[test]
    fn figures_are_written_as_the_language_does() {
        for (tag, typed, written) in [
            ("en", "59%", "59%"),
            ("es", "59%", "59\u{a0}%"),
            ("es", "17,568", "17,568"),
            ("vi", "17,568", "17.568"),
            ("vi", "0.5%", "0,5%"),
            ("ru", "59%", "59\u{a0}%"),
            ("fa", "59%", "۵۹٪"),
            ("tr", "59%", "%59"),
            // What says more than a number is not the language's to write.
            ("vi", "1 in 5", "1 in 5"),
            ("vi", "1,5", "1,5"),
            ("vi", "2026", "2026"),
        ] {
            assert_eq!(lang(tag).figure(typed), written, "{tag}");
        }
        assert_eq!(lang("es").in_territory("ES").unwrap().figure("17,568"), "17.568");
    }

    #[test]
    fn times_are_on_the_clock_of_the_language() {
        for (tag, clock, written) in [
            ("en", "05:30", "5:30\u{a0}am"),
            ("en", "12:00", "12:00\u{a0}pm"),
            ("es", "00:15", "12:15\u{a0}a.\u{a0}m."),
            ("vi", "17:30", "17:30"),
            ("ar", "17:30", "5:30\u{a0}م"),
            ("fa", "17:30", "۱۷:۳۰"),
        ] {
            assert_eq!(lang(tag).time(clock), written, "{tag}");
        }
    }

    #[test]
    fn lists_have_the_commas_of_the_language() {
        assert_eq!(Lang::En.list(&["a", "b", "c"]), "a, b, c");
        for tag in ["ar", "fa", "ur"] {
            let list = lang(tag).list(&["a", "b", "c"]);
            assert!(!list.contains(',') && list.starts_with('a') && list.ends_with('c'), "{tag}: {list}");
        }
    }

    #[test]
    fn a_language_has_the_tag_that_bcp_47_gives_it() {
        for good in ["en", "es", "vi", "zh-Hant", "pt-BR", "es-419", "hmn", "ckb-Arab"] {
            assert_eq!(Lang::from_tag(good).unwrap().tag(), good);
        }
        for bad in
            ["", "EN", "zh-hant", "und", "pages", "files", "e", "en-", "en_US", "sr-Latn-RS", "x-y", "../es", "é"]
        {
            assert_eq!(Lang::from_tag(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_first_segment_decides_the_language() {
        let all = [Lang::En, lang("es"), lang("zh-Hant")];
        for (path, tag) in [
            ("/es/contacto/", "es"),
            ("/es", "es"),
            ("/especially/", "en"),
            ("", "en"),
            ("/vi/", "en"),
            ("/en/", "en"),
            ("/zh-hant/x/", "zh-Hant"),
        ] {
            assert_eq!(Lang::of_path(path, all).tag(), tag, "{path}");
        }
        assert_eq!(lang("zh-Hant").root(), "/zh-hant/");
    }

    #[test]
    fn open_graph_has_the_territory() {
        let named = ["en", "es", "pt-BR", "zh-Hant", "es-419"].map(|tag| lang(tag).og_locale());
        assert_eq!(named, ["en_US", "es_US", "pt_BR", "zh_US", "es_419"]);
        assert_eq!(lang("en").in_territory("GB").unwrap().og_locale(), "en_GB");
        assert!(lang("en").in_territory("gb").is_none() && lang("en").in_territory("Great Britain").is_none());
    }
}
