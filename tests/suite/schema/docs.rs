//! `docs/content.md`, written from the schemas: a table for each group of keys.

use clinic_site::content::schema::FileSchema;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The hand-written beginning.
const INTRO: &str = include_str!("intro.md");
/// The key that tells the kinds of sections apart.
const KIND: &str = "kind";
/// How the names of facts begin.
const FACT: &str = "Fact_of_";
/// How the names of what follows a fact begin.
const SUCCESSOR: &str = "Successor_of_";
/// Values that look different at each key: an example of one would mislead at another.
const GENERAL: [&str; 9] = [
    "Line",
    "Title",
    "Description",
    "Markdown",
    "MarkdownWithHeadings",
    "MarkdownOrEmpty",
    "OfficialMarkdown",
    "Key",
    "DayTimePhrase",
];

/// The whole document. `page` has every kind of section: each is shown with its own part of it.
pub(crate) fn document(schemas: &[FileSchema], page: &str) -> String {
    let mut text = INTRO.to_owned();
    let definitions = schemas.iter().flat_map(|schema| entries(&schema.json["definitions"]));
    let definitions: BTreeMap<&str, &Value> = definitions.collect();
    let docs = Docs { definitions: &definitions, page };
    for FileSchema { files, json, .. } in schemas {
        let language = files.replace("*/", "‹language›/").replace('*', "‹name›");
        let each = if files.contains('*') { "One for each language: " } else { "For all languages: " };
        write!(text, "\n## The file `{language}`\n\n{each}{}\n\n", about(json)).unwrap();
        docs.table(json, &mut text);
        for (name, definition) in entries(&json["definitions"]) {
            docs.group(name, definition, &mut text);
        }
        // A list whose items have no name of their own: they are those of this file alone, or sections of a page too.
        for (key, property) in entries(&json["properties"]) {
            if property["items"].get("properties").is_some() {
                write!(text, "\n### {}\n\n{}\n\n", heading(key), description(&property["items"])).unwrap();
                docs.table(&property["items"], &mut text);
            }
        }
    }
    docs.values(&mut text);
    text
}

struct Docs<'s> {
    definitions: &'s BTreeMap<&'s str, &'s Value>,
    page: &'s str,
}

impl Docs<'_> {
    /// The table of a group of keys, or of each kind of section.
    fn group(&self, name: &str, definition: &Value, text: &mut String) {
        // A fact is the same whatever its value is, and so is what follows it: one table does.
        let is_fact = [FACT, SUCCESSOR].into_iter().any(|start| name.starts_with(start));
        if definition.get("properties").is_some() && (!is_fact || name.ends_with("_of_Line")) {
            write!(text, "\n### {}\n\n{}\n\n", heading(simple(name)), description(definition)).unwrap();
            let mut definition = definition.clone();
            if is_fact {
                definition["properties"]["value"] =
                    json!({ "description": "The fact itself, as said beside its key." });
            }
            self.table(&definition, text);
        }
        for variant in definition["oneOf"].as_array().into_iter().flatten() {
            let Some(kind) = variant["properties"][KIND]["const"].as_str() else { continue };
            let marker = format!("kind = \"{kind}\"\n");
            let parts = self.page.split("[[sections]]\n").skip(1);
            let example = parts.filter(|part| part.starts_with(&marker)).map(str::trim_end).next().unwrap_or_default();
            write!(text, "\n### Section `{kind}`\n\n{}\n\n", description(variant)).unwrap();
            write!(text, "```toml\n[[sections]]\n{example}\n```\n\n").unwrap();
            self.table(variant, text);
        }
    }

    fn table(&self, group: &Value, text: &mut String) {
        text.push_str("| key | needed | what it is | what is written | for example |\n|---|---|---|---|---|\n");
        let required: Vec<&str> =
            group["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let all = entries(&group["properties"]);
        // What is needed comes first, in the order of the program; the rest by name.
        let needed = required.iter().filter_map(|key| all.iter().find(|(name, _)| name == key));
        let optional = all.iter().filter(|(name, _)| !required.contains(name));
        for (key, property) in needed.chain(optional) {
            let needed = if required.contains(key) { "yes" } else { "" };
            let about = if *key == KIND && property.get("const").is_some() {
                "Says what kind of part this is.".to_owned()
            } else {
                description(property)
            };
            let written = self.written(key, property);
            let example = self.example(property);
            writeln!(text, "| `{key}` | {needed} | {about} | {written} | {example} |").unwrap();
        }
    }

    /// What is written as the value of a key.
    fn written(&self, key: &str, property: &Value) -> String {
        if let Some(name) = reference(property) {
            let definition = self.definitions[name];
            return match (definition.get("properties").is_some(), definition.get("oneOf"), definition.get("enum")) {
                (true, ..) => match definition["properties"].get("value").filter(|_| name.starts_with(FACT)) {
                    Some(value) => format!("a [fact](#fact): {}", self.written("value", value)),
                    None => link(name),
                },
                (_, Some(Value::Array(variants)), _) if variants.iter().any(|one| one.get("properties").is_some()) => {
                    let kinds = variants.iter().filter_map(|one| one["properties"][KIND]["const"].as_str());
                    kinds.map(|kind| format!("[`{kind}`](#section-{kind})")).collect::<Vec<_>>().join(", ")
                }
                (_, Some(Value::Array(variants)), _) => {
                    let mut parts = variants.iter().flat_map(choices);
                    let first = parts.next().unwrap_or_default();
                    parts.fold(first, |all, part| format!("{all}<br>{part}"))
                }
                (_, _, Some(_)) => choices(definition).join(", "),
                _ => link(name),
            };
        }
        match property["type"].as_str() {
            Some("boolean") => "`true` or `false`".to_owned(),
            Some("integer") => format!("a whole number, {} to {}", property["minimum"], property["maximum"]),
            Some("array") if property["items"].get("properties").is_some() => {
                format!("a list: [{key}](#{})", anchor(&heading(key)))
            }
            Some("array") => format!("a list: {}", self.written(key, &property["items"])),
            Some("object") => {
                let values = entries(&property["patternProperties"]);
                format!("names of your own, and for each: {}", self.written(key, values[0].1))
            }
            _ => choices(property).join(", "),
        }
    }

    /// An example of a value: the key's own, or that of what is written there.
    fn example(&self, property: &Value) -> String {
        let name = reference(property);
        let definition = name.map_or(property, |name| self.definitions[name]);
        let general = definition["examples"].as_array().filter(|_| name.is_none_or(|name| !GENERAL.contains(&name)));
        let first = property["examples"].as_array().or(general).and_then(|all| all[0].as_str());
        match (first, definition["type"].as_str()) {
            (Some(day), _) if definition.get("format").is_some() || definition.get("anyOf").is_some() => {
                format!("`{day}`")
            }
            (Some(text), _) => format!("`\"{text}\"`"),
            (_, Some("boolean")) => "`true`".to_owned(),
            (_, Some("integer")) => "`10`".to_owned(),
            _ => String::new(),
        }
    }

    /// What single values look like.
    fn values(&self, text: &mut String) {
        text.push_str("\n## Single values\n\nWhat the tables above name under \"what is written\".\n\n");
        text.push_str("| value | what it is | characters | for example |\n|---|---|---|---|\n");
        for (name, definition) in self.definitions.iter().filter(|(_, definition)| definition.get("examples").is_some())
        {
            let limits = match (definition.get("minLength"), definition.get("maxLength")) {
                (Some(min), Some(max)) => format!("{min} to {max}"),
                (None, Some(max)) => format!("up to {max}"),
                _ => String::new(),
            };
            let name = words(name);
            let (about, example) = (description(definition), self.example(definition));
            writeln!(text, "| <a id=\"{}\"></a>{name} | {about} | {limits} | {example} |", anchor(&name)).unwrap();
        }
    }
}

/// The name of the definition that a schema refers to.
fn reference(schema: &Value) -> Option<&str> {
    let own = schema.get("$ref").or_else(|| schema["allOf"].get(0)?.get("$ref"));
    own?.as_str()?.strip_prefix("#/definitions/")
}

/// The choices of an enum, each with what it means.
fn choices(schema: &Value) -> Vec<String> {
    let about = schema["description"].as_str().filter(|_| schema.get("const").is_some()).map(one_line);
    let listed = schema["enum"].as_array().into_iter().flatten().chain(schema.get("const"));
    let listed = listed.filter_map(Value::as_str);
    listed.map(|one| about.as_ref().map_or(format!("`\"{one}\"`"), |about| format!("`\"{one}\"`: {about}"))).collect()
}

fn entries(object: &Value) -> Vec<(&str, &Value)> {
    object.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value)).collect()
}

fn description(schema: &Value) -> String {
    one_line(schema["description"].as_str().unwrap_or_default())
}

/// What a file is for: its description without the name of the file.
fn about(schema: &Value) -> String {
    let text = description(schema);
    text.split_once("`: ").map_or(text.clone(), |(_, about)| about.to_owned())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// `Fact_of_Line` is a fact.
fn simple(name: &str) -> &str {
    name.split("_of_").next().unwrap()
}

/// `DayTimePhrase` becomes `day time phrase`, `help_lines` becomes `help lines`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for c in name.replace('_', " ").chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

fn heading(name: &str) -> String {
    let words = words(name);
    words[..1].to_uppercase() + &words[1..]
}

fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}

fn link(name: &str) -> String {
    let words = words(simple(name));
    format!("[{words}](#{})", anchor(&words))
}
