//! The leaves as JSON Schema: what `check` asks of a value, as far as a schema can say it.
//!
//! A schema never refuses what `check` takes. The other way round it may: that two asterisks are markup is told by `check` alone.

use super::{DESCRIPTION, MAX_COPY, MAX_KEY, MAX_LINE, MAX_TITLE};
use schemars::{Schema, json_schema};
use serde_json::Value;

/// Text that is not blank.
const NOT_BLANK: &str = r"\S";
/// One line of plain text: not blank, without braces.
const PLAIN: &str = r"^[^{\r\n]*[^{\s][^{\r\n]*$";

/// The schema of a leaf, by the name of its type. `doc` is the comment of that type.
pub(super) fn of(leaf: &str, doc: &str) -> Schema {
    let plain = |min: usize, max: usize, example: &str| json_schema!({ "type": "string", "minLength": min, "maxLength": max, "pattern": PLAIN, "examples": [example] });
    let form =
        |pattern: &str, example: &str| json_schema!({ "type": "string", "pattern": pattern, "examples": [example] });
    let mut schema = match leaf {
        "Line" => plain(1, MAX_LINE, "Bring a photo ID"),
        "Title" => plain(1, MAX_TITLE, "Parking and buses"),
        "Description" => {
            let example = "Where to park and which buses stop near the clinic in Sacramento.";
            plain(DESCRIPTION.0, DESCRIPTION.1, example)
        }
        "TimePhrase" => form(r"\{time\}", "Open until {time}"),
        "DayTimePhrase" => form(r"\{day\}.*\{time\}|\{time\}.*\{day\}", "Opens {day} at {time}"),
        "MaxPhrase" => form(r"\{max\}", "Write at most {max} characters."),
        "Markdown" => {
            let example = "Call us **today**, or read [what to expect](/what-to-expect/).";
            json_schema!({
                "type": "string", "minLength": 1, "maxLength": MAX_COPY, "pattern": NOT_BLANK, "examples": [example]
            })
        }
        "MarkdownOrEmpty" => json_schema!({ "type": "string", "maxLength": MAX_COPY, "examples": [""] }),
        "Key" => {
            let pattern = "^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$";
            json_schema!({ "type": "string", "maxLength": MAX_KEY, "pattern": pattern, "examples": ["samhsa"] })
        }
        "Slug" => {
            let pattern = "^[a-z0-9]+(-[a-z0-9]+)*$";
            json_schema!({ "type": "string", "maxLength": MAX_KEY, "pattern": pattern, "examples": ["group-therapy"] })
        }
        "Phone" => {
            form(r"^([0-9]{3,6}|[-(). +]*([0-9][-(). +]*){10}|\+*1([-(). +]*[0-9]){10}[-(). +]*)$", "916-555-0100")
        }
        "WebAddress" => form(r"^https:\S+$", "https://www.samhsa.gov/"),
        "Path" => form("^/([A-Za-z0-9_-]+/)*(#[A-Za-z0-9_-]+)?$", "/group-therapy/"),
        "Time" => form("^([01][0-9]|2[0-3]):[0-5][0-9]$", "05:30"),
        "Zip" => form("^[0-9]{5}$", "95814"),
        "Day" => json_schema!({ "type": "string", "format": "date", "examples": ["2026-11-23"] }),
        // `partial-date-time` is what Tombi calls a date and time without a zone; others pass over a format they don't know.
        "Moment" => json_schema!({
            "anyOf": [{ "type": "string", "format": "date" }, { "type": "string", "format": "partial-date-time" }],
            "examples": ["2026-11-23", "2026-11-23T14:00:00"]
        }),
        _ => json_schema!({ "type": "string" }),
    };
    schema.insert("description".to_owned(), Value::from(doc.trim()));
    schema
}
