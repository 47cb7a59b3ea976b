//! `clinic-site requests show`: one request, with every answer.

use super::place::{self, with_place};
use super::warnings::{self, Strangers};
use super::{print, reference};
use crate::cli::{Failure, Outcome, identity};
use crate::config::{RequestFormat, ShowOptions};
use crate::desk::words;
use crate::requests::keys::{PrivateKeys, fingerprint};
use crate::requests::seal::OpenError;
use crate::requests::staff::{self, Unreadable, read};
use crate::requests::store::Row;
use crate::requests::{Request, visible};
use jiff::Zoned;

/// How wide a line may be, and where the answers begin.
const WIDTH: usize = 78;
const INDENT: usize = 16;

pub(super) fn run(options: &ShowOptions) -> Result<Outcome, Failure> {
    let reference = reference(&options.reference, &options.place)?;
    // Before anything is read: a passphrase may have to be typed. Who asks a server signs in with it.
    let keys = match &options.identity {
        Some(file) if !options.sealed || options.place.server.is_some() => {
            Some(identity::read(file, &options.passphrase)?)
        }
        _ => None,
    };
    let (entry, now) = with_place(&options.place, keys.as_ref(), async |place| {
        let entry = place.get(&reference).await?.ok_or_else(|| place.gone(&reference))?;
        place.warn();
        Ok((entry, place.now()))
    })?;
    let Some(keys) = keys.filter(|_| !options.sealed) else {
        // A sealed request has none of what is dropped here, but who knows what is in the database.
        print(&visible(&entry.row.sealed))?;
        return Ok(Outcome::Good);
    };
    let request = read(&keys, &entry.row).map_err(|error| unreadable(&entry.row, &keys, error))?;
    match options.format {
        RequestFormat::Json => {
            // Fields of newer versions are not tidied by their types.
            let json = serde_json::to_string_pretty(&request).map_err(Failure::new)?;
            print(&format!("{}\n", visible(&json)))?;
        }
        RequestFormat::Text => print(&text(&request, &now))?,
    }
    warnings::troubles(reference.as_str(), &staff::troubles(&entry.row, &entry.history, &request, &keys));
    if let Some(identity) = &options.identity {
        let mut strangers = Strangers::default();
        strangers.named_by_request(reference.as_str(), staff::strangers(&keys, &request));
        strangers.print(&place::words(&options.place), identity);
    }
    Ok(Outcome::Good)
}

/// Why a request can't be read with some keys, and which others to look for.
pub(super) fn unreadable(row: &Row, keys: &PrivateKeys, error: Unreadable) -> Failure {
    let failure = Failure::new(format!("{}: {error}", visible(&row.reference)));
    match error {
        Unreadable::Sealed(OpenError::OtherKeys) => failure.help(other_keys(&visible(&row.keys), keys)),
        Unreadable::Sealed(OpenError::Damaged) | Unreadable::Exchanged => {
            failure.help("tell whoever runs the server; a backup may still hold the request as it came in")
        }
    }
}

/// The store knows the keys that a request was sealed to when it came in. One of those that doesn't open it now was left out when it was closed or opened
/// again.
fn other_keys(of_request: &str, keys: &PrivateKeys) -> String {
    let own = keys.public().map(|public| public.texts()).unwrap_or_default();
    let own: Vec<String> = own.iter().map(|key| fingerprint(key)).collect();
    let (left_out, others): (Vec<&str>, Vec<&str>) = of_request
        .split(',')
        .filter(|digits| !digits.is_empty())
        .partition(|digits| own.iter().any(|own| own.starts_with(digits)));
    let others = others.join(" or ");
    match (left_out.is_empty(), others.is_empty()) {
        (true, true) => "ask those who have staff keys: the store doesn't say which of them opens it".to_owned(),
        (true, false) => format!(
            "it opens with a key whose fingerprint is {others}; an old key stays in use until what it opens is closed"
        ),
        (false, false) => format!(
            "it came in for this key, too, and was sealed without it when it was closed or opened again; perhaps it opens with the one whose fingerprint is {others}"
        ),
        (false, true) => {
            "it came in for this key, and was sealed to others when it was closed or opened again: ask those who have staff keys".to_owned()
        }
    }
}

fn text(request: &Request, now: &Zoned) -> String {
    let mut lines = vec![
        ("Reference", request.reference.to_string()),
        ("Came in", words::when(&request.received, now)),
        ("Call", request.answers.name.to_string()),
        ("At", request.answers.phone.to_string()),
        ("On a message", words::message(request.answers.message).to_owned()),
    ];
    lines.extend(words::answers(request).into_iter().map(|answer| (answer.label, answer.text)));
    match &request.closing {
        None => lines.push(("State", "waiting".to_owned())),
        Some(closing) => lines.extend([
            ("State", "closed".to_owned()),
            ("Closed", words::when(&closing.at, now)),
            ("Outcome", words::outcome(closing.outcome).to_owned()),
            ("Outcome note", closing.note.to_string()),
        ]),
    }
    lines.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| field(name, text)).collect()
}

/// A name and its answer, broken between words.
fn field(name: &str, answer: &str) -> String {
    let mut lines = Vec::new();
    for paragraph in answer.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH - INDENT {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let name = if at == 0 { format!("{name}:") } else { String::new() };
        text.push_str(format!("{name:INDENT$}{line}").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{field, other_keys};
    use crate::requests::keys::{PrivateKeys, fingerprint};

    #[test]
    fn the_key_that_does_not_open_a_request_is_not_named_as_one_that_does() {
        let keys = PrivateKeys::generate();
        let own = fingerprint(&keys.public().unwrap().texts().concat());
        let own = own.get(..8).unwrap();
        for (of_request, named) in [
            ("12345678".to_owned(), "is 12345678;"),
            (format!("{own},12345678,87654321"), "is 12345678 or 87654321"),
            (own.to_owned(), "ask those who have staff keys"),
            (String::new(), "ask those who have staff keys"),
        ] {
            let help = other_keys(&of_request, &keys);
            assert!(help.contains(named) && !help.contains(own), "{of_request}: {help}");
        }
    }

    #[test]
    fn a_long_answer_is_broken_between_words_and_keeps_its_lines() {
        let long = "word ".repeat(20);
        let text = field("Note", &format!("{}\n\nlast", long.trim()));
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].starts_with("Note:           word word") && lines[1].starts_with("                word"));
        assert!(lines.iter().all(|line| line.chars().count() <= 78), "{text}");
        assert_eq!((lines[2], lines[3]), ("", "                last"), "{text}");
    }
}
