//! `clinic-site requests close` and `reopen`.

use super::show::{gone, unreadable};
use super::{away, reference, say, with_store};
use crate::cli::{Failure, Outcome, clock, identity};
use crate::config::{CloseOptions, OutcomeName, ReopenOptions};
use crate::requests::staff::{self, Undone};
use crate::requests::store::Store;
use crate::requests::{self, Closing, Reference};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The most bytes that are read of a note: more than it may have.
const MAX_BYTES: u64 = 16 * 1024;

pub(super) fn close(options: &CloseOptions) -> Result<Outcome, Failure> {
    let reference = reference(&options.reference)?;
    let keys = identity::read(&options.identity.identity, &options.identity.passphrase)?;
    let note = match &options.note_file {
        Some(file) => note(file)?,
        None => String::new(),
    };
    let now = clock::now().timestamp();
    let outcome = outcome(options.outcome);
    with_store(&options.store, async |store| {
        let closed = staff::close(store, &keys, &reference, outcome, note, now).await;
        undone(store, &reference, "closed", closed).await
    })?;
    say(format!("{reference} is closed"));
    Ok(Outcome::Good)
}

pub(super) fn reopen(options: &ReopenOptions) -> Result<Outcome, Failure> {
    let reference = reference(&options.reference)?;
    let keys = identity::read(&options.identity.identity, &options.identity.passphrase)?;
    with_store(&options.store, async |store| {
        undone(store, &reference, "waiting", staff::reopen(store, &keys, &reference).await).await
    })?;
    say(format!("{reference} waits again"));
    Ok(Outcome::Good)
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

fn note(file: &Path) -> Result<String, Failure> {
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
        Failure::new(format!("the note has {length} characters; {} is the most", Closing::MAX_NOTE))
            .help("make it shorter; nothing was changed")
    })
}

/// Says why something was not done.
async fn undone(store: &Store, reference: &Reference, state: &str, outcome: Result<(), Undone>) -> Result<(), Failure> {
    let Err(undone) = outcome else { return Ok(()) };
    Err(match undone {
        Undone::Store(error) => away(&error),
        Undone::Gone => gone(reference),
        Undone::Already => Failure::new(format!("{reference} is {state} already; nothing was changed"))
            .help("somebody else may have been faster: `clinic-site requests show` tells what came of it"),
        Undone::Unreadable(error) => match store.get(reference).await.map_err(|error| away(&error))? {
            Some(row) => unreadable(&row, error),
            None => gone(reference),
        },
        Undone::NotForUs | Undone::Sealing(_) => {
            Failure::new(format!("{reference}: {undone}; nothing was changed")).help("tell whoever runs the server")
        }
    })
}
