//! `clinic-site requests close` and `reopen`.

use super::show::{gone, unreadable};
use super::{away, reference, say, with_store};
use crate::cli::{Failure, Outcome, clock, identity, option, store};
use crate::config::{ChangeOptions, CloseOptions, OutcomeName};
use crate::requests::staff::{self, ChangeError};
use crate::requests::store::Store;
use crate::requests::{self, Closing, Lines, Reference};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// At most so many bytes are read of a note: more than it may have.
const MAX_BYTES: u64 = 16 * 1024;

pub(super) fn close(options: &CloseOptions) -> Result<Outcome, Failure> {
    let ChangeOptions { reference: text, store, identity } = &options.request;
    let (reference, keys) = (reference(text, store)?, identity::read(&identity.identity, &identity.passphrase)?);
    let note = match &options.note_file {
        Some(file) => note(file)?,
        None => Lines::default(),
    };
    let now = clock::now().timestamp();
    let outcome = outcome(options.outcome);
    with_store(store, async |store| {
        let closed = staff::close(store, &keys, &reference, outcome, note, now).await;
        unchanged(store, &options.request, &reference, "closed", closed).await
    })?;
    say(format!("{reference} is closed"));
    Ok(Outcome::Good)
}

pub(super) fn reopen(options: &ChangeOptions) -> Result<Outcome, Failure> {
    let reference = reference(&options.reference, &options.store)?;
    let keys = identity::read(&options.identity.identity, &options.identity.passphrase)?;
    with_store(&options.store, async |store| {
        let reopened = staff::reopen(store, &keys, &reference, clock::now().timestamp()).await;
        unchanged(store, options, &reference, "waiting", reopened).await
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

/// Explains why something was not changed.
async fn unchanged(
    store: &Store,
    options: &ChangeOptions,
    reference: &Reference,
    state: &str,
    changed: Result<(), ChangeError>,
) -> Result<(), Failure> {
    let Err(error) = changed else { return Ok(()) };
    Err(match error {
        ChangeError::Store(error) => away(&error),
        ChangeError::Gone => gone(reference, &options.store),
        ChangeError::Already => {
            Failure::new(format!("{reference} is {state} already; nothing was changed")).help(format!(
                "somebody else may have been faster: `clinic-site requests show {reference}{}{}` shows what came of it",
                option("--identity", &options.identity.identity),
                store::options(&options.store)
            ))
        }
        ChangeError::Unreadable(error) => match store.get(reference).await.map_err(|error| away(&error))? {
            Some(row) => unreadable(&row, error),
            None => gone(reference, &options.store),
        },
        ChangeError::NotForUs | ChangeError::Sealing(_) => {
            Failure::new(format!("{reference}: {error}; nothing was changed")).help("tell whoever runs the server")
        }
    })
}
