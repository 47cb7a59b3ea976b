//! The leaves as JSON Schema: what `check` asks of a value, as far as a schema can say it.
//!
//! A schema never refuses what `check` takes. The other way round it may: only `check` reports that two asterisks are markup.

use super::{DESCRIPTION, Leaf, MAX_ANSWER, MAX_COPY, MAX_KEY, MAX_LABEL, MAX_LINE, MAX_OFFICIAL, MAX_TITLE};
use schemars::{Schema, json_schema};
use serde_json::Value;

/// Text that is not blank.
const NOT_BLANK: &str = r"\S";
/// One line of plain text: not blank, without braces.
const PLAIN: &str = r"^[^{\r\n]*[^{\s][^{\r\n]*$";

/// The schema of a leaf. `doc` is the comment of its type.
pub(super) fn for_leaf(leaf: Leaf, doc: &str) -> Schema {
    let plain = |min: usize, max: usize, example: &str| json_schema!({ "type": "string", "minLength": min, "maxLength": max, "pattern": PLAIN, "examples": [example] });
    let form =
        |pattern: &str, example: &str| json_schema!({ "type": "string", "pattern": pattern, "examples": [example] });
    let mut schema = match leaf {
        Leaf::Line => plain(1, MAX_LINE, "Bring a photo ID"),
        Leaf::Sentences => {
            let example = "Bring a photo ID if you have one.";
            json_schema!({ "type": "string", "maxLength": MAX_ANSWER, "pattern": r"^[^{\r\n]*$", "examples": [example] })
        }
        Leaf::Person => plain(1, MAX_LINE, "The medical director, MD"),
        Leaf::Label => plain(1, MAX_LABEL, "Parking and buses"),
        Leaf::Title => plain(1, MAX_TITLE, "Parking and buses"),
        Leaf::Description => {
            let example = "Where to park and which buses stop near the clinic in Sacramento.";
            plain(DESCRIPTION.0, DESCRIPTION.1, example)
        }
        Leaf::TimePhrase => form(r"\{time\}", "Open until {time}"),
        Leaf::DayTimePhrase => form(r"\{day\}.*\{time\}|\{time\}.*\{day\}", "Opens {day} at {time}"),
        Leaf::SitePhrase => form(r"\{site\}", "Opens {site}."),
        Leaf::MaxPhrase => form(r"\{max\}", "Write at most {max} characters."),
        Leaf::CountPhrase => form(r"\{count\}", "{count} pages"),
        Leaf::Markdown | Leaf::MarkdownWithHeadings => {
            let example = "Call us **today**, or read [what to expect](/what-to-expect/).";
            json_schema!({
                "type": "string", "minLength": 1, "maxLength": MAX_COPY, "pattern": NOT_BLANK, "examples": [example]
            })
        }
        Leaf::OfficialMarkdown => json_schema!({ "type": "string", "maxLength": MAX_OFFICIAL, "examples": [""] }),
        Leaf::MarkdownOrEmpty => json_schema!({ "type": "string", "maxLength": MAX_COPY, "examples": [""] }),
        Leaf::Key => {
            let pattern = "^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$";
            json_schema!({ "type": "string", "maxLength": MAX_KEY, "pattern": pattern, "examples": ["samhsa"] })
        }
        Leaf::Slug => {
            let pattern = "^[a-z0-9]+(-[a-z0-9]+)*$";
            json_schema!({ "type": "string", "maxLength": MAX_KEY, "pattern": pattern, "examples": ["group-therapy"] })
        }
        Leaf::Phone => {
            let pattern = r"^([0-9]{3,6}|([-(). +]*([0-9][-(). +]*){10}|\+*1([-(). +]*[0-9]){10}[-(). +]*)( ?ext\. [0-9]{1,6})?)$";
            form(pattern, "916-555-0100")
        }
        Leaf::Mail => form(r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9._%+-]+$", "rights@clinic.example"),
        Leaf::WebAddress => form(r"^https:\S+$", "https://www.samhsa.gov/"),
        Leaf::Color => form("^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$", "#0b4d41"),
        Leaf::Link => form(r"^(https:\S+|/([A-Za-z0-9_-]+/)*(#[A-Za-z0-9_-]+)?)$", "/group-therapy/"),
        Leaf::Path => form("^/([A-Za-z0-9_-]+/)*(#[A-Za-z0-9_-]+)?$", "/group-therapy/"),
        Leaf::OldPath => form(r"^/[^\s#]*$", "/services.html"),
        Leaf::Time => form("^([01][0-9]|2[0-3]):[0-5][0-9]$", "05:30"),
        Leaf::Closing => form("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", "14:00"),
        Leaf::Zone => form("^[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+)+$", "America/Los_Angeles"),
        Leaf::State => form("^[A-Z]{2}$", "CA"),
        Leaf::Territory => form("^([A-Z]{2}|[0-9]{3})$", "US"),
        Leaf::StateName => form("^[A-Z]", "California"),
        Leaf::Zip => form("^[0-9]{5}$", "95814"),
        Leaf::FileName => {
            form(r"^[A-Za-z0-9][A-Za-z0-9_-]*\.([Jj][Pp][Ee]?[Gg]|[Pp][Nn][Gg]|[Pp][Dd][Ff])$", "entrance.jpg")
        }
        Leaf::Day => json_schema!({ "type": "string", "format": "date", "examples": ["2026-11-23"] }),
        // `partial-date-time` is what Tombi calls a date and time without a zone; others pass over a format they don't know.
        Leaf::Moment => json_schema!({
            "anyOf": [{ "type": "string", "format": "date" }, { "type": "string", "format": "partial-date-time" }],
            "examples": ["2026-11-23", "2026-11-23T14:00:00"]
        }),
    };
    schema.insert("description".to_owned(), Value::from(doc.trim()));
    schema
}
