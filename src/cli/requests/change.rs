//! `clinic-site requests close` and `reopen`, of one request or of several.

use super::entry::Change;
use super::place::{self, Place, with_place};
use super::show::unreadable;
use super::warnings::Strangers;
use super::{reference, say};
use crate::cli::{Failure, Outcome, identity, option};
use crate::config::{ChangeOptions, CloseOptions, OutcomeName};
use crate::requests::keys::PrivateKeys;
use crate::requests::staff::{self, ChangeError};
use crate::requests::store::Changed;
use crate::requests::{self, Closing, Lines, Reference};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// At most so many bytes are read of a note: more than it may have.
const MAX_BYTES: u64 = 16 * 1024;

/// So many requests are changed at once; what became of them is reported before the next ones.
const AT_ONCE: usize = 50;

pub(super) fn close(options: &CloseOptions) -> Result<Outcome, Failure> {
    let note = match &options.note_file {
        Some(file) => note(file)?,
        None => Lines::default(),
    };
    change(&options.requests, Some((outcome(options.outcome), note)))
}

pub(super) fn reopen(options: &ChangeOptions) -> Result<Outcome, Failure> {
    change(options, None)
}

const fn outcome(name: OutcomeName) -> requests::Outcome {
    match name {
        OutcomeName::Booked => requests::Outcome::Booked,
        OutcomeName::NotNow => requests::Outcome::NotNow,
        OutcomeName::NotReached => requests::Outcome::NotReached,
        OutcomeName::AskedBefore => requests::Outcome::AskedBefore,
        OutcomeName::NotARequest => requests::Outcome::NotARequest,
    }
}

fn note(file: &Path) -> Result<Lines, Failure> {
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|open| open.take(MAX_BYTES).read_to_end(&mut bytes))
    };
    read.map_err(|error| {
        Failure::new(format!("the note {}: {error}", file.display())).help("--note-file takes a file, or - for stdin")
    })?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::new("the note is not text in UTF-8"))?;
    staff::note(&text).map_err(|length| {
        Failure::new(format!("the note has {length} characters; it may have {}", Closing::MAX_NOTE))
            .help("make it shorter; nothing was changed")
    })
}

/// Closes requests with what came of them, or opens them again. One that can't be changed is reported, and doesn't stop the others.
fn change(options: &ChangeOptions, closing: Option<(requests::Outcome, Lines)>) -> Result<Outcome, Failure> {
    let mut references: Vec<Reference> = Vec::new();
    for text in &options.references {
        let reference = reference(text, &options.place)?;
        if !references.contains(&reference) {
            references.push(reference);
        }
    }
    let keys = identity::read(&options.identity.identity, &options.identity.passphrase)?;
    let mut changing = Changing { options, keys: &keys, closing, strangers: Strangers::default() };
    let one = references.len() == 1;
    let failures = with_place(&options.place, Some(&keys), async |place| {
        let (mut only, mut count) = (None, 0);
        for some in references.chunks(AT_ONCE) {
            for failure in changing.some(place, some).await? {
                count += 1;
                if one {
                    only = Some(failure);
                } else {
                    say(failure);
                }
            }
        }
        place.warn();
        Ok(only.map_or(Ok(count), Err))
    })?;
    changing.strangers.print(&place::words(&options.place), &options.identity.identity);
    Ok(if failures? == 0 { Outcome::Good } else { Outcome::Wrong })
}

/// What is to be done with requests.
struct Changing<'a> {
    options: &'a ChangeOptions,
    keys: &'a PrivateKeys,
    closing: Option<(requests::Outcome, Lines)>,
    strangers: Strangers,
}

impl Changing<'_> {
    /// Changes some, and returns why others were not.
    async fn some(&mut self, place: &mut Place<'_>, references: &[Reference]) -> Result<Vec<Failure>, Failure> {
        let (mut changes, mut failures) = (Vec::new(), Vec::new());
        for reference in references {
            match self.sealed(place, reference).await? {
                Ok(change) => changes.push(change),
                Err(failure) => failures.push(failure),
            }
        }
        for (change, changed) in changes.iter().zip(place.change(&changes).await?) {
            let reference = &change.reference;
            match changed {
                Changed::Done if change.to.closed => say(format!("{reference} is closed")),
                Changed::Done => say(format!("{reference} waits again")),
                Changed::Gone => failures.push(place.gone(reference)),
                Changed::Other(now) if now.closed_day.is_some() == change.to.closed => {
                    failures.push(self.already(reference));
                }
                Changed::Other(_) => failures.push(
                    Failure::new(format!("{reference} was changed by somebody else meanwhile; nothing was changed"))
                        .help("run it again"),
                ),
            }
        }
        Ok(failures)
    }

    /// Seals a request anew, with what came of it or without.
    async fn sealed(
        &mut self,
        place: &mut Place<'_>,
        reference: &Reference,
    ) -> Result<Result<Change, Failure>, Failure> {
        let Some(entry) = place.get(reference).await? else { return Ok(Err(place.gone(reference))) };
        let sealed = match &self.closing {
            Some((outcome, note)) => {
                staff::closed(self.keys, &entry.row, *outcome, note.clone(), place.now().timestamp())
            }
            None => staff::reopened(self.keys, &entry.row),
        };
        Ok(match sealed {
            Ok(to) => {
                self.strangers.named_by_request(reference.as_str(), to.strangers.clone());
                Ok(Change { reference: reference.clone(), to })
            }
            Err(ChangeError::Already) => Err(self.already(reference)),
            Err(ChangeError::Unreadable(error)) => Err(unreadable(&entry.row, self.keys, error)),
            Err(error) => {
                Err(Failure::new(format!("{reference}: {error}; nothing was changed"))
                    .help("tell whoever runs the server"))
            }
        })
    }

    /// Somebody else was faster.
    fn already(&self, reference: &Reference) -> Failure {
        let state = if self.closing.is_some() { "closed" } else { "waiting" };
        Failure::new(format!("{reference} is {state} already; nothing was changed")).help(format!(
            "somebody else may have been faster: `clinic-site requests show {reference}{}{}` shows what came of it",
            option("--identity", &self.options.identity.identity),
            place::options(&self.options.place)
        ))
    }
}
