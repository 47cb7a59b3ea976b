//! The JSON Schemas: what the program prints is what is shipped, and they take and refuse what `check` does.
//!
//! `UPDATE=1 cargo test` writes the shipped schemas and `docs/content.md` anew.

mod docs;
mod validator;

use crate::content::minimal;
use crate::harness::{assert_same, check, edited, replace};
use crate::program::run;
use clinic_site::content::Files;
use clinic_site::content::schema::{FileSchema, all};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Where editors find the schemas.
const SHIPPED: &str = "content/.schema";
/// A page with every kind of section; `docs/content.md` shows it in parts.
const EVERY_SECTION: &str = include_str!("schema/every-section.toml");

/// Holds a shipped file to what it should be, or writes it.
#[track_caller]
pub(crate) fn holds(path: &Path, wanted: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, wanted).unwrap();
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(found == wanted, "{} is not up to date: run UPDATE=1 cargo test", path.display());
}

/// The schema of a file by its path below the content folder.
#[track_caller]
fn schema_of(path: &str) -> Value {
    let parts: Vec<&str> = path.split('/').collect();
    let name = match parts.as_slice() {
        [file] | [_, file] => file.trim_end_matches(".toml"),
        _ => "page",
    };
    all().into_iter().find(|schema| schema.name == name).unwrap_or_else(|| panic!("{path} has no schema")).json
}

/// What the schemas say against content.
fn mistakes(files: &Files) -> Vec<String> {
    let toml = files.paths().filter(|path| Path::new(path).extension().is_some_and(|extension| extension == "toml"));
    let found = toml.flat_map(|path| {
        let text = String::from_utf8(files.get(path).unwrap().to_vec()).unwrap();
        let mistakes = validator::mistakes(&schema_of(path), &validator::json(&text));
        mistakes.into_iter().map(move |mistake| format!("{path}: {mistake}"))
    });
    found.collect()
}

#[test]
fn the_shipped_schemas_are_those_the_program_writes() {
    let out = TempDir::new().unwrap();
    let ran = run(&["schema", "--out", out.path().to_str().unwrap()]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    for FileSchema { name, .. } in all() {
        let file = format!("{name}.schema.json");
        let written = fs::read_to_string(out.path().join(&file)).unwrap();
        assert_eq!(run(&["schema", name]).stdout, written, "{name}");
        holds(&Path::new(SHIPPED).join(file), &written);
    }
    let shipped = fs::read_dir(SHIPPED).unwrap().count();
    assert_eq!(shipped, all().len(), "{SHIPPED} holds a file that no schema is written to");
}

#[test]
fn without_a_name_all_schemas_are_printed_and_a_wrong_name_is_told() {
    let printed: Value = serde_json::from_str(&run(&["schema"]).stdout).unwrap();
    for FileSchema { name, json, .. } in all() {
        assert_eq!(printed[name], json, "{name}");
    }
    let ran = run(&["schema", "pages"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.contains("help: did you mean `page`?"), "{ran:?}");
}

#[test]
fn editors_are_told_of_every_schema_and_every_language() {
    for settings in [".taplo.toml", ".tombi.toml"] {
        let text = fs::read_to_string(Path::new("content").join(settings)).unwrap();
        for FileSchema { name, files, .. } in all() {
            assert!(text.contains(&format!("path = \".schema/{name}.schema.json\"")), "{settings} lacks {name}");
            assert!(text.contains(&format!("include = [\"{files}\"]")), "{settings} lacks {files}");
        }
    }
}

#[test]
fn the_shipped_and_the_smallest_content_are_good() {
    assert_eq!(mistakes(&Files::embedded()), Vec::<String>::new());
    assert_eq!(mistakes(&minimal()), Vec::<String>::new());
}

#[test]
fn a_page_with_every_kind_of_section_is_good_for_check_and_for_the_schema() {
    let files = edited(|files| {
        files.insert("en/pages/acupuncture.toml", EVERY_SECTION.into());
        files.insert("files/entrance.jpg", crate::media::jpeg(8, 8));
        files.insert("files/intake-form.pdf", crate::media::PDF.into());
    });
    let (content, report) = check(&files, false);
    assert!(content.is_some(), "{}", report.text());
    assert_eq!(mistakes(&files), Vec::<String>::new());
    let page = schema_of("en/pages/x.toml");
    let every: toml::Table = toml::from_str(EVERY_SECTION).unwrap();
    let sections = every["sections"].as_array().unwrap();
    for schema in page["definitions"]["Section"]["oneOf"].as_array().unwrap() {
        let kind = schema["properties"]["kind"]["const"].as_str().unwrap();
        let written = sections.iter().filter(|section| section["kind"].as_str() == Some(kind));
        let written: BTreeSet<&str> =
            written.flat_map(|section| section.as_table().unwrap().keys().map(String::as_str)).collect();
        let known: BTreeSet<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        // Every kind may have one.
        let known = known.into_iter().filter(|key| !["id", "intro"].contains(key) || written.contains(key)).collect();
        assert_same(
            &written,
            &known,
            &format!("tests/suite/schema/every-section.toml has every key of a section `{kind}` once"),
        );
    }
}

#[test]
fn what_check_refuses_in_a_single_value_the_schemas_refuse_too() {
    let page = "en/pages/contact.toml";
    for (what, file, from, to) in [
        ("an unknown key", page, "title =", "titel ="),
        ("a wrong type", page, "order = 2", "order = \"second\""),
        ("a number out of range", page, "order = 2", "order = -2"),
        ("a missing key", page, "title = \"Contact\"\n", ""),
        ("an unknown choice", page, "kind = \"page\"", "kind = \"pages\""),
        ("an unknown section", page, "kind = \"contact\"", "kind = \"contakt\""),
        ("a key of another section", page, "kind = \"contact\"", "kind = \"contact\"\nlevel = \"soon\""),
        ("a bad slug", page, "slug = \"contact\"", "slug = \"Contact us\""),
        ("an empty title", page, "title = \"Contact\"", "title = \"\""),
        ("a title on two lines", page, "title = \"Contact\"", "title = \"Con\\ntact\""),
        ("a bad day", page, "next_review = 2027-05-01", "next_review = \"soon\""),
        ("an unknown key of a fact", "clinic.toml", "[name]\n", "[name]\nvalu = 1\n"),
    ] {
        let mut files = minimal();
        replace(&mut files, file, from, to);
        assert!(check(&files, false).1.has_errors(), "check takes {what}");
        assert!(!mistakes(&files).is_empty(), "the schema takes {what}");
    }
}

#[test]
fn docs_content_md_says_what_the_schemas_say() {
    holds(Path::new("docs/content.md"), &docs::document(&all(), EVERY_SECTION));
}
