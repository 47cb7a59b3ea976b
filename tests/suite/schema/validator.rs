//! A validator for the part of JSON Schema that the program writes. A keyword it doesn't know fails the test, so none is passed over.
//!
//! A validator library would bring some sixty crates; Tombi and taplo were run over the shipped content as a second opinion.

use regex::Regex;
use serde_json::{Map, Value, json};

/// TOML as JSON; dates become text, as the editors' plug-ins hold it.
#[track_caller]
pub(crate) fn json(text: &str) -> Value {
    fn value(toml: toml::Value) -> Value {
        match toml {
            toml::Value::String(text) => text.into(),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(flag) => flag.into(),
            toml::Value::Datetime(at) => at.to_string().into(),
            toml::Value::Array(items) => items.into_iter().map(value).collect(),
            toml::Value::Table(table) => table.into_iter().map(|(key, item)| (key, value(item))).collect(),
        }
    }
    value(toml::Value::Table(toml::from_str(text).unwrap_or_else(|error| panic!("{error}"))))
}

/// What a schema says against a value.
#[track_caller]
pub(crate) fn mistakes(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Validator { root: schema }.visit(schema, value, "", &mut found);
    found
}

struct Validator<'s> {
    root: &'s Value,
}

impl Validator<'_> {
    fn is_good(&self, schema: &Value, value: &Value) -> bool {
        let mut found = Vec::new();
        self.visit(schema, value, "", &mut found);
        found.is_empty()
    }

    fn visit(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        for (keyword, wanted) in schema.as_object().unwrap() {
            let good = match keyword.as_str() {
                // The first ask for nothing; `visit_key` holds the others.
                "$schema"
                | "title"
                | "description"
                | "examples"
                | "definitions"
                | "properties"
                | "patternProperties"
                | "additionalProperties" => true,
                "$ref" => {
                    let pointer = wanted.as_str().unwrap().trim_start_matches('#');
                    self.visit(self.root.pointer(pointer).unwrap(), value, at, found);
                    true
                }
                "allOf" => {
                    wanted.as_array().unwrap().iter().for_each(|schema| self.visit(schema, value, at, found));
                    true
                }
                "anyOf" => wanted.as_array().unwrap().iter().any(|schema| self.is_good(schema, value)),
                "oneOf" => wanted.as_array().unwrap().iter().filter(|schema| self.is_good(schema, value)).count() == 1,
                "type" => *wanted == type_of(value),
                "const" => wanted == value,
                "enum" => wanted.as_array().unwrap().contains(value),
                "minimum" => value.as_i64() >= wanted.as_i64(),
                "maximum" => value.as_i64() <= wanted.as_i64(),
                "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
                "minLength" => value.as_str().is_none_or(|text| length(text) >= wanted.as_u64().unwrap()),
                "maxLength" => value.as_str().is_none_or(|text| length(text) <= wanted.as_u64().unwrap()),
                "pattern" => value.as_str().is_none_or(|text| matches(wanted.as_str().unwrap(), text)),
                "format" => value.as_str().is_none_or(|text| match wanted.as_str().unwrap() {
                    "date" => text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
                    "partial-date-time" => text.len() > 10 && text.parse::<jiff::civil::DateTime>().is_ok(),
                    other => panic!("format {other}"),
                }),
                "items" => {
                    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.visit(wanted, item, &format!("{at}[{number}]"), found);
                    }
                    true
                }
                "required" => {
                    let lacking = wanted.as_array().unwrap().iter().map(|key| key.as_str().unwrap());
                    lacking.filter(|key| value.is_object() && value.get(key).is_none()).count() == 0
                }
                other => panic!("the validator doesn't know the keyword {other}"),
            };
            if !good {
                found.push(format!("{at} is not good for {keyword} {wanted}"));
            }
        }
        for (key, item) in value.as_object().into_iter().flatten() {
            self.visit_key(schema, key, item, &format!("{at}.{key}"), found);
        }
    }

    fn visit_key(&self, schema: &Value, key: &str, value: &Value, at: &str, found: &mut Vec<String>) {
        let empty = Map::new();
        let group = |name: &str| schema.get(name).and_then(Value::as_object).unwrap_or(&empty);
        let named = group("properties").get(key);
        let patterned = group("patternProperties").iter().filter(|(pattern, _)| matches(pattern, key));
        let mut known = false;
        for schema in named.into_iter().chain(patterned.map(|(_, schema)| schema)) {
            known = true;
            self.visit(schema, value, at, found);
        }
        if !known && schema.get("additionalProperties") == Some(&json!(false)) {
            found.push(format!("{at} is no key here"));
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn length(text: &str) -> u64 {
    text.chars().count() as u64
}

fn matches(pattern: &str, text: &str) -> bool {
    Regex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).is_match(text)
}

#[test]
fn the_validator_tells_what_is_wrong() {
    let schema = json!({
        "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": { "a": { "$ref": "#/definitions/A" }, "b": { "type": "array", "items": { "const": 1 } } },
        "definitions": { "A": { "type": "string", "maxLength": 2, "pattern": "^x" } }
    });
    assert_eq!(mistakes(&schema, &json!({ "a": "xy", "b": [1] })), Vec::<String>::new());
    for bad in [json!({}), json!({ "a": "xyz" }), json!({ "a": "y" }), json!({ "a": "x", "c": 1 }), json!({ "a": 1 })] {
        assert!(!mistakes(&schema, &bad).is_empty(), "{bad}");
    }
    assert_eq!(mistakes(&schema, &json!({ "a": "x", "b": [2] })), [".b[0] is not good for const 1"]);
}
