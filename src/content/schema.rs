//! The JSON Schemas of the content files, for editors: completion, explanations and mistakes while typing.
//!
//! They are derived from the very shapes that content is read into, so the two can't drift apart. Draft 7 is what the TOML plug-ins of most
//! editors read. `check` decides; a schema is early.

use super::Ui;
use super::model::{About, Answers, Clinic, LanguageHelp, Notices, Objectives, Page, Redirects, TestResults, Words};
use super::names::{
    ANSWERS, CLINIC, LANGUAGE, LANGUAGE_HELP, NOTICES, OBJECTIVES, REDIRECTS, TESTS, UI, WORDS, pages_pattern,
};
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// The schema of one kind of file.
#[derive(Clone, Debug)]
pub struct FileSchema {
    /// What the kind is called: `page`.
    pub name: &'static str,
    /// The files it is for, below the content folder: `*/pages/*.toml`.
    pub files: String,
    /// The schema, as JSON.
    pub json: Value,
}

/// The schemas of all kinds of files.
#[must_use]
pub fn all() -> Vec<FileSchema> {
    vec![
        schema::<Clinic>(CLINIC.stem(), CLINIC.pattern()),
        schema::<Redirects>(REDIRECTS.stem(), REDIRECTS.pattern()),
        schema::<LanguageHelp>(LANGUAGE_HELP.stem(), LANGUAGE_HELP.pattern()),
        schema::<TestResults>(TESTS.stem(), TESTS.pattern()),
        schema::<About>(LANGUAGE.stem(), LANGUAGE.pattern()),
        schema::<Ui>(UI.stem(), UI.pattern()),
        schema::<Objectives>(OBJECTIVES.stem(), OBJECTIVES.pattern()),
        schema::<Notices>(NOTICES.stem(), NOTICES.pattern()),
        schema::<Answers>(ANSWERS.stem(), ANSWERS.pattern()),
        schema::<Words>(WORDS.stem(), WORDS.pattern()),
        schema::<Page>("page", pages_pattern()),
    ]
}

fn schema<T: JsonSchema>(name: &'static str, files: String) -> FileSchema {
    let mut settings = SchemaSettings::draft07();
    // Ours first: the others then see what we leave.
    settings.transforms.insert(0, Box::new(AsToml));
    FileSchema { name, files, json: settings.into_generator().into_root_schema_for::<T>().to_value() }
}

/// Adds what [`super::decode`] does beyond serde's attributes: TOML has no null, tables take known keys only, lists have items.
#[derive(Clone, Debug)]
struct AsToml;

impl Transform for AsToml {
    fn transform(&mut self, schema: &mut Schema) {
        without_null(schema);
        match schema.get("type").and_then(Value::as_str) {
            Some("object") if schema.get("properties").is_some() => {
                schema.insert("additionalProperties".to_owned(), json!(false));
            }
            Some("array") => {
                schema.insert("minItems".to_owned(), json!(1));
            }
            // `uint16` is no format of the standard; the bounds say the same.
            Some("integer") => {
                schema.remove("format");
            }
            _ => {}
        }
        transform_subschemas(self, schema);
    }
}

/// An optional key may be left out, and that is all: what schemars calls "or null" goes.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(mut choices)) = schema.remove("anyOf") else { return };
    choices.retain(|choice| *choice != json!({ "type": "null" }));
    match choices.as_mut_slice() {
        [Value::Object(only)] => {
            for (key, value) in std::mem::take(only) {
                // What is said of the key says more than what is said of its type.
                if schema.get(&key).is_none() {
                    schema.insert(key, value);
                }
            }
        }
        _ => {
            schema.insert("anyOf".to_owned(), Value::Array(choices));
        }
    }
}
