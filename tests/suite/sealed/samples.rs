//! Requests that an older version sealed (`tests/fixtures/sealed`): each opens with the words it had, and is written again as it was.
//!
//! They were sealed before `Answers` was one struct. Never make them anew: staff open requests of older versions.

use super::seal_text;
use crate::harness::es;
use clinic_site::lang::Lang;
use clinic_site::requests::form::Form;
use clinic_site::requests::keys::{KeyError, PrivateKeys};
use clinic_site::requests::seal::{Shape, open, seal};
use clinic_site::requests::{Field, Message, Reference, Request};
use serde_json::{Value, json};
use std::fs;

const FOLDER: &str = "tests/fixtures/sealed";

fn keys() -> PrivateKeys {
    let file = fs::read(format!("{FOLDER}/test-key.txt")).unwrap();
    PrivateKeys::read::<KeyError>(&file, || panic!("it has no passphrase")).unwrap()
}

fn plaintext(name: &str) -> String {
    fs::read_to_string(format!("{FOLDER}/{name}.json")).unwrap().trim_end().to_owned()
}

fn opened(name: &str) -> Request {
    open(&keys(), &fs::read_to_string(format!("{FOLDER}/{name}.age")).unwrap()).unwrap()
}

/// Asserts that a request is the one of a sample. A field that came later is empty.
#[track_caller]
fn assert_is(request: &Request, sample: &str) {
    let stored: Value = serde_json::from_str(&plaintext(sample)).unwrap();
    let Value::Object(mut written) = serde_json::to_value(request).unwrap() else { panic!("{sample}: no object") };
    written.retain(|key, value| stored.get(key).is_some() || ![json!(null), json!(""), json!([])].contains(value));
    assert_eq!(Value::Object(written), stored, "{sample}");
}

#[test]
fn requests_of_older_versions_open_with_the_same_words() {
    let mut seen = 0;
    for entry in fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        let Some(name) = path.file_name().unwrap().to_str().unwrap().strip_suffix(".age") else { continue };
        let request = opened(name);
        assert_is(&request, name);
        assert_eq!(Shape::parse(&fs::read_to_string(&path).unwrap()), Ok(Shape { recipients: 1 }), "{name}");
        // As when it is closed: sealed again, to the same keys.
        let again = open(&keys(), &seal(&keys().public().unwrap(), &request).unwrap()).unwrap();
        assert_is(&again, name);
        seen += 1;
    }
    assert_eq!(seen, 11, "every shape: minimal, full, longest, abroad, english, closed in each way, reopened");
    assert_eq!(opened("minimal").answers.message, Some(Message::No));
    assert_eq!(&*opened("full").answers.note, "Please call late.\n\"Ana\", 💚");
    assert_eq!(&*opened("closed-booked").closing.as_ref().unwrap().note, "Monday,\n9 am");
}

#[test]
fn a_post_is_sealed_as_older_versions_did() {
    let every = "name=Ana+Test&phone=(916)+555-0100+ext.+12&message=discreet&times=night&times=morning&language=other\
                 &other_language=Hmong&whom=someone_else&note=Please+call+late.%0D%0A%22Ana%22%2C+%F0%9F%92%9A";
    for (name, number, page, body) in [("minimal", 1, Lang::En, "name=Ana&phone=9165550100"), ("full", 2, es(), every)]
    {
        let new = Form::read(body.as_bytes()).unwrap().request(page).unwrap();
        let received = "2026-11-26T23:00:00Z".to_owned();
        let keys = keys().public().unwrap().texts();
        let request = Request::new(&new, &Reference::from_random([number; 5]), received, keys);
        assert_is(&request, name);
    }
}

#[test]
fn a_request_without_a_field_that_came_later_opens() {
    let public = keys().public().unwrap();
    let full: Value = serde_json::from_str(&plaintext("full")).unwrap();
    let mut removed = 0;
    for field in Field::ALL.iter().filter(|field| **field != Field::Trap) {
        let mut older = full.clone();
        // A field that came later is in no sample.
        if older.as_object_mut().unwrap().remove(field.key()).is_none() {
            continue;
        }
        removed += 1;
        let request = open(&keys(), &seal_text(&public, &older.to_string())).unwrap();
        let request = serde_json::to_value(&request).unwrap();
        let differing: Vec<_> =
            full.as_object().unwrap().iter().filter(|(key, value)| request[*key] != **value).collect();
        assert!(matches!(differing[..], [(key, _)] if key == field.key()), "{field:?}: {differing:?}");
    }
    assert_eq!(removed, 8);
}

/// What is chosen takes no other words.
const CHOICES: [&str; 6] = ["discreet", "morning", "night", "other", "someone_else", "booked"];

/// Ends every text with what commands a terminal; returns how many there are.
fn spoil(value: &mut Value) -> usize {
    match value {
        Value::String(text) if CHOICES.contains(&text.as_str()) => 0,
        Value::String(text) => {
            text.push_str("\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}\r\u{9b}1m");
            1
        }
        Value::Array(values) => values.iter_mut().map(spoil).sum(),
        Value::Object(values) => values.values_mut().map(spoil).sum(),
        _ => 0,
    }
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(values) => values.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn no_text_of_a_stranger_commands_a_terminal() {
    let mut request: Value = serde_json::from_str(&plaintext("closed-booked")).unwrap();
    assert_eq!(spoil(&mut request), 10, "reference, received, page, name, phone, other_language, note, key, note, at");
    let opened = open(&keys(), &seal_text(&keys().public().unwrap(), &request.to_string())).unwrap();
    let opened = serde_json::to_value(&opened).unwrap();
    let found = texts(&opened);
    assert_eq!(found.iter().filter(|text| text.contains("]0;owned")).count(), 10, "{found:?}");
    for text in found {
        let unwanted = text.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(unwanted, None, "{text:?}");
    }
}

/// What other programs seal: Debian's age, and the library of the desk page. Each is the sample `full`, sealed to the test key and another one.
#[test]
fn what_other_programs_seal_has_the_shape_and_opens() {
    for program in ["age-1.1.1", "age-encryption-0.3.1"] {
        let sealed = fs::read_to_string(format!("tests/fixtures/shape/{program}.age")).unwrap();
        assert_eq!(Shape::parse(&sealed), Ok(Shape { recipients: 2 }), "{program}");
        assert_is(&open(&keys(), &sealed).unwrap(), "full");
    }
}
