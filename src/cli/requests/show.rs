//! `clinic-site requests show`: one request, with every answer.

use super::{away, print, reference, with_store};
use crate::cli::{Failure, Outcome, clock, identity};
use crate::config::{RequestFormat, ShowOptions};
use crate::desk::words;
use crate::requests::Request;
use crate::requests::form::visible;
use crate::requests::staff::{Unreadable, read};
use crate::requests::store::Row;
use jiff::Zoned;

/// How wide a line may be, and where the answers begin.
const WIDTH: usize = 78;
const INDENT: usize = 16;

pub(super) fn run(options: &ShowOptions) -> Result<Outcome, Failure> {
    let reference = reference(&options.reference)?;
    // Before anything is read: a passphrase may have to be typed.
    let keys = match &options.identity {
        Some(file) if !options.sealed => Some(identity::read(file, &options.passphrase)?),
        _ => None,
    };
    let row = with_store(&options.store, async |store| {
        store.get(&reference).await.map_err(|error| away(&error))?.ok_or_else(|| gone(&reference))
    })?;
    let Some(keys) = keys else {
        // A sealed request has none of what is dropped here, but who knows what stands in the database.
        print(&visible(&row.sealed))?;
        return Ok(Outcome::Good);
    };
    let request = read(&keys, &row).map_err(|error| unreadable(&row, error))?;
    match options.format {
        RequestFormat::Json => {
            print(&format!("{}\n", serde_json::to_string_pretty(&request).map_err(Failure::new)?))?;
        }
        RequestFormat::Text => print(&text(&request, &clock::now()))?,
    }
    Ok(Outcome::Good)
}

pub(super) fn gone(reference: &crate::requests::Reference) -> Failure {
    Failure::new(format!("there is no request {reference}")).help(
        "it was deleted, or the reference has a mistake; `clinic-site requests list --state all` lists all there are",
    )
}

pub(super) fn unreadable(row: &Row, error: Unreadable) -> Failure {
    let failure = Failure::new(format!("{}: {error}", visible(&row.reference)));
    match error {
        Unreadable::OtherKeys => failure.help(format!(
            "it opens with a key whose fingerprint is {}; an old key stays in use until what it opens is closed",
            visible(&row.keys).replace(',', " or ")
        )),
        Unreadable::Damaged | Unreadable::Exchanged => {
            failure.help("tell whoever runs the server; a backup may still hold the request as it came in")
        }
    }
}

fn text(request: &Request, now: &Zoned) -> String {
    let mut answers = vec![
        ("Reference", request.reference.clone()),
        ("Came in", words::when(&request.received, now)),
        ("Call", request.name.clone()),
        ("At", request.phone.clone()),
        ("On a message", words::message(request.message).to_owned()),
        ("Best times", words::times(&request.times)),
        ("Language", words::language(request)),
        ("For whom", words::whom(request.whom).to_owned()),
        ("Note", if request.note.is_empty() { "(none)".to_owned() } else { request.note.clone() }),
    ];
    match &request.closing {
        None => answers.push(("State", "waiting".to_owned())),
        Some(closing) => {
            answers.push(("State", "closed".to_owned()));
            answers.push(("Closed", words::when(&closing.at, now)));
            answers.push(("Outcome", words::outcome(closing.outcome).to_owned()));
            if !closing.note.is_empty() {
                answers.push(("Outcome note", closing.note.clone()));
            }
        }
    }
    answers.iter().map(|(name, answer)| field(name, answer)).collect()
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
    use super::field;

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
