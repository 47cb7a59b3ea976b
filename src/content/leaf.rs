//! The leaves of the content files: single values, each with its place in the file.
//!
//! A leaf is deserialized as the tuple `(start, end, text)`. Serde passes the name of a tuple struct on, and `decode` checks the text by the
//! rule of that `Leaf` (see `check`): so a leaf that exists is valid. `schema` has the same for editors, which show the comment of each leaf.

mod form;
mod line;
mod listed;
mod phone;
mod phrase;
mod reading;
mod schema;
mod state;
mod time;
mod words;

use super::calendar;
use super::catalogue::{self, Problem};
use super::color;
use super::meant;
use super::media;
use super::slug::MAX_KEY;
pub use super::slug::{anchor_of, slug_of};
use super::text::{Form, Mentions, is_path, typed};
use crate::address;
use crate::lang::is_territory;
use form::{is_mail, is_name, is_time, is_web_address, is_zip, web_address_of};
use jiff::civil::{Date, DateTime};
use line::{copy, length, plain};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
pub use words::Words;

macro_rules! leaves {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Debug, Default, Deserialize)]
            pub struct $name(usize, usize, String);

            impl $name {
                /// The bytes of the file that hold this value.
                #[must_use]
                pub fn span(&self) -> Range<usize> {
                    self.0..self.1
                }

                /// The value.
                #[must_use]
                pub fn as_str(&self) -> &str {
                    &self.2
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.2)
                }
            }

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    schema::for_leaf(Leaf::$name, concat!($($doc),+))
                }
            }

            impl PartialEq for $name {
                fn eq(&self, other: &Self) -> bool {
                    self.2 == other.2
                }
            }

            impl Eq for $name {}

            impl PartialOrd for $name {
                fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                    Some(self.cmp(other))
                }
            }

            impl Ord for $name {
                fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                    self.2.cmp(&other.2)
                }
            }
        )+

        /// The types of leaves: what the deserializer, `check` and the schemas match on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Leaf {
            $($name),+
        }

        impl Leaf {
            /// The leaf with this name of its type, as serde passes it on.
            pub(super) fn from_name(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

leaves! {
    /// Plain text on one line: not empty, at most 200 characters, no markup.
    Line;
    /// Plain text on one line, at most 400 characters, or `""`: an answer that is still to come.
    Sentences;
    /// Who somebody is: plain text on one line, at most 200 characters. It is the same in every language.
    Person;
    /// Words around a time: plain text on one line that names `{time}` once.
    TimePhrase;
    /// Words around a day and a time: plain text on one line that names `{day}` and `{time}` once each.
    DayTimePhrase;
    /// Words around the name of another site: plain text on one line that names `{site}` once.
    SitePhrase;
    /// Words around a number of characters: plain text on one line that names `{max}` once.
    MaxPhrase;
    /// The words of a link in lists of links: plain text on one line, at most 40 characters.
    Label;
    /// Words around a number: plain text on one line that names `{count}` once.
    CountPhrase;
    /// A page's title: plain text on one line, at most 65 characters, so that search results show it whole.
    Title;
    /// A page's description for search results: plain text on one line, 50 to 160 characters.
    Description;
    /// Copy in the safe subset of Markdown: paragraphs, emphasis, links, lists and `{facts}`.
    Markdown;
    /// Copy that may be long: like other copy, and with headings on lines of their own, `## …` and below them `### …`.
    MarkdownWithHeadings;
    /// Like other copy, but may be empty: a place that the clinic fills later.
    MarkdownOrEmpty;
    /// An official text, or `""`: paragraphs, emphasis, links, lists, and headings `## …` and `### …`. At most 150,000 characters.
    OfficialMarkdown;
    /// Where a link leads: a path of this site, or the address of another one, which starts with `https://`.
    Link;
    /// A name used by the program, not shown to visitors: lower case letters, digits, `-` and `_`.
    Key;
    /// The last part of a page's address: lower case letters, digits and single hyphens.
    Slug;
    /// A telephone number as staff write it: `916-555-0100`, `1-800-662-4357`, with an extension `916-555-0100 ext. 12`, or a short code (`911`, `988`).
    Phone;
    /// A mail address: `rights@clinic.example`.
    Mail;
    /// An address on the web that starts with `https://`.
    WebAddress;
    /// A color as style sheets write it: `#0b4d41`.
    Color;
    /// A path of this site: starts and ends with `/`, or with `#anchor` behind it.
    Path;
    /// An old address of the site, from its first slash on, as browsers ask for it: `/services.html`, `/old%20page/`, `/?page_id=7`.
    OldPath;
    /// A time of day on the 24-hour clock: `05:30`.
    Time;
    /// A time of day at which something ends: `14:00`; `24:00` is midnight, and one not later than its beginning is of the next day.
    Closing;
    /// A time zone, by its name in the database of IANA: `America/Los_Angeles`.
    Zone;
    /// A US postal code: five digits.
    Zip;
    /// A state of the United States: its two capital letters, `CA`.
    State;
    /// The name of a file in `content/files/`: letters, digits, `-` and `_`, and `.jpg`, `.png` or `.pdf`.
    FileName;
    /// A country or an area: its two capital letters (ISO 3166-1), `US`, or its three digits (UN M49).
    Territory;
    /// A state of the United States: its English name in full, `California`.
    StateName;
    /// A day, written `2026-11-23` without quotes.
    Day;
    /// A day, or a minute on the clinic's clock: `2026-11-23` or `2026-11-23T14:00:00`, without quotes.
    Moment;
}

impl Markdown {
    /// What it names.
    #[must_use]
    pub fn mentions(&self) -> Mentions {
        Mentions::new(&self.2)
    }
}

/// The longest plain line, in characters.
const MAX_LINE: usize = 200;
/// The longest answer, in characters: a sentence or two.
const MAX_ANSWER: usize = 400;
/// The longest words of a link in lists of links, in characters: a narrow column shows them on two lines.
const MAX_LABEL: usize = 40;
/// The longest title, in characters: search results cut longer ones.
const MAX_TITLE: usize = 65;
/// The shortest and longest description, in characters.
const DESCRIPTION: (usize, usize) = (50, 160);
/// The longest single piece of copy, in characters.
pub(super) const MAX_COPY: usize = 20_000;
/// The longest official text, in characters: a notice of privacy practices that follows 45 CFR 164.520 and 42 CFR 2.22 to the letter has up
/// to 12,000 words, and a translation is longer.
const MAX_OFFICIAL: usize = 150_000;

/// Checks the text of a leaf by the rule of its type. `key` is the key it belongs to, for the messages.
#[expect(clippy::too_many_lines, reason = "one arm for each leaf, so that none is forgotten")]
pub(super) fn check(leaf: Leaf, key: &str, text: &str) -> Vec<Problem> {
    // What was meant, if that is clear, or an example.
    let unlike = |wanted: &str, meant: Option<String>, example: &str| {
        let message = format!("`{key}` must be {wanted}");
        vec![match meant.map(|meant| quoted(&meant)) {
            Some(meant) => {
                Problem::exact(&catalogue::MALFORMED, message, meant, |meant| format!("write {key} = {meant}"))
            }
            None => Problem::new(&catalogue::MALFORMED, message, format!("write it like {example}")),
        }]
    };
    let malformed = |wanted: &str, example: &str| unlike(wanted, None, example);
    if text.chars().all(|c| c.is_whitespace() || typed::is_invisible(c)) {
        if matches!(leaf, Leaf::MarkdownOrEmpty | Leaf::OfficialMarkdown | Leaf::Sentences) {
            return Vec::new();
        }
        let help = "write something between the quotes, or delete the line if the key is optional";
        return vec![Problem::new(&catalogue::EMPTY_TEXT, format!("`{key}` is empty"), help)];
    }
    if text.contains(|c: char| c.is_control() && c != '\n' && c != '\t' && c != '\r') {
        return typed::control_characters(text);
    }
    match leaf {
        Leaf::Line | Leaf::Person => plain(key, text, &[], 1, MAX_LINE),
        Leaf::Sentences => plain(key, text, &[], 0, MAX_ANSWER),
        Leaf::TimePhrase => phrase::check(key, text, &[phrase::TIME]),
        Leaf::DayTimePhrase => phrase::check(key, text, &[phrase::DAY, phrase::TIME]),
        Leaf::SitePhrase => phrase::check(key, text, &[phrase::SITE]),
        Leaf::MaxPhrase => phrase::check(key, text, &[phrase::MAX]),
        Leaf::Label => plain(key, text, &[], 1, MAX_LABEL),
        Leaf::CountPhrase => phrase::check(key, text, &[phrase::COUNT]),
        Leaf::Title => plain(key, text, &[], 1, MAX_TITLE),
        Leaf::Description => plain(key, text, &[], DESCRIPTION.0, DESCRIPTION.1),
        Leaf::Markdown => copy(key, text, MAX_COPY, Form::Copy),
        Leaf::MarkdownWithHeadings => copy(key, text, MAX_COPY, Form::CopyWithHeadings),
        Leaf::MarkdownOrEmpty => copy(key, text, MAX_COPY, Form::Official),
        Leaf::OfficialMarkdown => copy(key, text, MAX_OFFICIAL, Form::OfficialWithHeadings),
        // A name of something else is looked for there: what has not the form of a name is no name of anything.
        Leaf::Key if REFERENCES.contains(&key) => length(key, text, 1, MAX_LINE),
        Leaf::Key | Leaf::Slug => {
            let meant = Some(slug_of(text)).filter(|meant| !meant.is_empty());
            let wanted = "small letters a to z, digits and single hyphens";
            let sound = is_name(text, leaf == Leaf::Slug);
            if sound { Vec::new() } else { unlike(wanted, meant, "\"parking-and-buses\"") }
        }
        Leaf::Day | Leaf::Moment => {
            let is_day = text.parse::<Date>().is_ok();
            if is_day || leaf == Leaf::Moment && text.parse::<DateTime>().is_ok() {
                Vec::new()
            } else {
                let help = format!("write year-month-day without quotes, such as {key} = 2026-11-23");
                vec![Problem::new(&catalogue::BAD_DATE, format!("`{key}` is not a date"), help)]
            }
        }
        Leaf::Phone => {
            let problem = phone::problem(text);
            problem.map_or_else(Vec::new, |(wanted, example)| malformed(wanted, &example))
        }
        Leaf::Mail if !is_mail(text) => malformed("a mail address", "\"rights@clinic.example\""),
        Leaf::WebAddress if !is_web_address(text) => {
            let wanted = "a web address that starts with https://";
            unlike(wanted, web_address_of(text), "\"https://www.samhsa.gov/\"")
        }
        Leaf::Color if color::Color::read(text).is_none() => {
            let meant = Some(format!("#{}", text.trim().trim_start_matches('#').to_lowercase()));
            unlike(
                "a color as style sheets write it",
                meant.filter(|meant| color::Color::read(meant).is_some()),
                "\"#0b4d41\"",
            )
        }
        // A page of this site is meant by what begins like one.
        Leaf::Link if text.starts_with('/') => check(Leaf::Path, key, text),
        Leaf::Link if !is_web_address(text) => {
            let wanted =
                "an address of this site, such as \"/group-therapy/\", or of another one, which starts with https://";
            unlike(wanted, web_address_of(text), "\"https://www.samhsa.gov/\"")
        }
        Leaf::Path if !is_path(text) => {
            let wanted = "an address of this site that starts and ends with a slash";
            let path = format!("/{}/", text.trim().trim_matches('/').to_lowercase());
            let path = if is_path(&path) && path.len() <= MAX_LINE { path } else { "/group-therapy/".to_owned() };
            malformed(wanted, &quoted(&path))
        }
        Leaf::OldPath => {
            let problem = |(what, meant): (&str, String)| {
                let message = format!("`{key}` {what}");
                let words = |meant: &str| format!("write it like this: {key} = {meant}");
                Problem::exact(&catalogue::MALFORMED, message, quoted(&meant), words)
            };
            address::fault(text).map(problem).into_iter().collect()
        }
        Leaf::State => state::check(key, text),
        Leaf::FileName if !media::is_name(text) => {
            let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
            let wanted = "the name of a picture (.jpg, .png) or a PDF in content/files";
            unlike(wanted, media::meant_name(name), "\"entrance.jpg\"")
        }
        Leaf::Territory if !is_territory(text) => {
            let meant = text.trim().to_uppercase();
            unlike("the two capital letters of a country", Some(meant).filter(|meant| is_territory(meant)), "\"US\"")
        }
        Leaf::StateName => state::check_name(key, text),
        Leaf::Closing if text == "24:00" => Vec::new(),
        Leaf::Time | Leaf::Closing if !is_time(text) => {
            let midnight = if leaf == Leaf::Closing { "24:00" } else { "00:00" };
            let meant = if text.trim() == "24:00" { Some(midnight.to_owned()) } else { meant::time(text) };
            unlike("a time on the 24-hour clock", meant, "\"05:30\" or \"14:00\"")
        }
        Leaf::Zone if calendar::zone(text).is_none() => {
            let message = format!("there is no time zone `{text}`");
            let help = "write a name of the time zone database, with its region: \"America/Los_Angeles\", \"America/Denver\", \"America/Chicago\", \"America/New_York\"";
            vec![match calendar::meant_zone(text) {
                Some(meant) => Problem::exact(&catalogue::UNKNOWN_ZONE, message, quoted(&meant), |meant| {
                    format!("did you mean {meant}?")
                }),
                None => Problem::new(&catalogue::UNKNOWN_ZONE, message, help),
            }]
        }
        Leaf::Zip if !is_zip(text) => {
            let five = text.trim().split(['-', ' ']).next().filter(|five| is_zip(five));
            unlike("a ZIP code of five digits", five.map(str::to_owned), "\"95814\"")
        }
        Leaf::Mail
        | Leaf::WebAddress
        | Leaf::Link
        | Leaf::Color
        | Leaf::Path
        | Leaf::Time
        | Leaf::Closing
        | Leaf::Zone
        | Leaf::Zip
        | Leaf::FileName
        | Leaf::Territory => Vec::new(),
    }
}

/// Keys whose value is the name of something in another place.
pub(super) const REFERENCES: [&str; 6] = ["icon", "source", "sources", "parent", "reason", "group"];

/// A text as TOML writes it, in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::{Leaf, MAX_COPY, MAX_OFFICIAL, anchor_of, check, is_path, slug_of};

    fn messages(leaf: Leaf, text: &str) -> Vec<&'static str> {
        check(leaf, "key", text).into_iter().map(|problem| problem.rule.name).collect()
    }

    #[test]
    fn leaves_are_held_to_their_types() {
        for (leaf, good, bad) in [
            (Leaf::Line, "Hope", "two\nlines"),
            (Leaf::TimePhrase, "Open until {time}", "Open until {hour}"),
            (Leaf::DayTimePhrase, "Opens {day} at {time}", "Opens at {time}"),
            (Leaf::SitePhrase, "Opens {site}.", "Opens weather.gov."),
            (Leaf::Label, "What to expect", "What to bring, what to expect, and what comes after"),
            (Leaf::MaxPhrase, "At most {max} characters", "At most 80 characters"),
            (Leaf::CountPhrase, "{count} pages", "2 pages"),
            (Leaf::Title, "Group therapy", "**bold**"),
            (Leaf::Description, "What group therapy is and what it does for you here.", "short"),
            (Leaf::Key, "imitative-behavior", "Imitative Behavior"),
            (Leaf::Slug, "group-therapy", "group_therapy"),
            (Leaf::Phone, "916-555-0100", "555-0100 ext"),
            (Leaf::Mail, "rights@clinic.example", "rights at clinic.example"),
            (Leaf::WebAddress, "https://www.samhsa.gov/", "http://www.samhsa.gov/"),
            (Leaf::Color, "#0b4d41", "teal"),
            (Leaf::Path, "/medicare/#cost", "medicare"),
            (Leaf::OldPath, "/services.html?page=1", "services.html"),
            (Leaf::Time, "05:30", "24:00"),
            (Leaf::Closing, "24:00", "25:00"),
            (Leaf::Zone, "America/Chicago", "Chicago"),
            (Leaf::Zip, "95814", "9581"),
            (Leaf::FileName, "entrance.jpg", "../entrance.jpg"),
            (Leaf::Territory, "US", "usa"),
            (Leaf::Day, "2026-11-23", "2026-02-30"),
            (Leaf::Markdown, "Call **today**.", "## Call"),
            (Leaf::MarkdownWithHeadings, "## Call\n\nCall **today**.", "<b>Call</b>"),
            (Leaf::Link, "/medicare/#cost", "medicare"),
            (Leaf::Link, "https://www.samhsa.gov/", "//www.samhsa.gov/"),
        ] {
            assert_eq!(messages(leaf, good), Vec::<&str>::new(), "{leaf:?} {good:?}");
            assert!(!messages(leaf, bad).is_empty(), "{leaf:?} {bad:?}");
            assert!(!messages(leaf, " ").is_empty(), "{leaf:?} must not be empty");
        }
        for leaf in [Leaf::MarkdownOrEmpty, Leaf::OfficialMarkdown] {
            assert_eq!(messages(leaf, ""), Vec::<&str>::new());
        }
        assert_eq!(messages(Leaf::OfficialMarkdown, &"a".repeat(MAX_OFFICIAL)), Vec::<&str>::new());
        assert_eq!(messages(Leaf::MarkdownOrEmpty, &"a".repeat(MAX_COPY + 1)), ["length"]);
    }

    #[test]
    fn paths_have_no_way_out_of_the_site() {
        assert!(is_path("/") && is_path("/es/terapia/#x"));
        for bad in ["", "//evil.example/", "/a", "/../", "/a//b/", "/%2e/", "https://x/", "/a/?q=1", "/a/#"] {
            assert!(!is_path(bad), "{bad}");
        }
    }

    #[test]
    fn anchors_are_readable() {
        for (text, anchor) in [
            ("¿Qué pasa el primer día?", "que-pasa-el-primer-dia"),
            ("اطلب موعدًا", "اطلب-موعدا"),
            ("Xin lịch hẹn", "xin-lịch-hẹn"),
            ("面談", "面談"),
        ] {
            assert_eq!(anchor_of(text), anchor);
        }
        assert_eq!(slug_of("¿Qué pasa el primer día?"), "que-pasa-el-primer-dia");
        assert_eq!(slug_of("If you don't have a ride"), "if-you-dont-have-a-ride");
    }
}
