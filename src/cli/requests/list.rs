//! `clinic-site requests list`: a line a request.

use super::{away, counted, print, say, with_store};
use crate::cli::{Failure, Outcome, clock, identity, store};
use crate::config::{ListOptions, RequestFormat, State};
use crate::desk::words;
use crate::requests::keys::PrivateKeys;
use crate::requests::staff::read;
use crate::requests::store::{Row, Start, Wanted};
use crate::requests::{Choice, Request, visible};
use jiff::Timestamp;
use serde_json::{Value, json};

/// So many are read at once.
const PAGE: u16 = 500;

pub(super) fn run(options: &ListOptions) -> Result<Outcome, Failure> {
    let keys = match &options.identity {
        Some(file) => Some(identity::read(file, &options.passphrase)?),
        None => None,
    };
    let wanted: &[Wanted] = match options.state {
        State::Waiting => &[Wanted::Waiting],
        State::Closed => &[Wanted::Closed],
        State::All => &[Wanted::Waiting, Wanted::Closed],
    };
    let listed = with_store(&options.store, async |store| {
        let mut listed: Vec<Listed> = Vec::new();
        for wanted in wanted {
            let first = listed.len();
            let mut last: Option<usize> = None;
            loop {
                let start =
                    last.and_then(|last| listed.get(last)).map_or(Start::Skip(0), |one| Start::After(one.row.place()));
                let rows = store.list_from(*wanted, start, PAGE).await.map_err(|error| away(&error))?;
                let whole = rows.len() == usize::from(PAGE);
                listed.extend(rows.into_iter().map(|row| Listed::new(row, keys.as_ref())));
                if !whole {
                    break;
                }
                last = listed.len().checked_sub(1);
            }
            if *wanted == Wanted::Waiting {
                // Who waits longest comes first; the store gives the newest first.
                listed.get_mut(first..).unwrap_or_default().reverse();
            }
        }
        Ok(listed)
    })?;
    let now = clock::now().timestamp();
    match options.format {
        RequestFormat::Json => {
            let all: Vec<Value> = listed.iter().map(Listed::json).collect();
            print(&format!("{}\n", serde_json::to_string_pretty(&all).map_err(Failure::new)?))?;
        }
        RequestFormat::Text => print(&table(&listed, now, keys.is_some()))?,
    }
    let waiting = listed.iter().filter(|one| one.row.closed_day.is_none()).count();
    let count = match options.state {
        State::Waiting => format!("{} waiting", counted(waiting, "request")),
        State::Closed => format!("{} closed", counted(listed.len(), "request")),
        State::All => format!("{}, {waiting} of them waiting,", counted(listed.len(), "request")),
    };
    say(format!("{count} {}", store::place(&options.store)));
    Ok(Outcome::Good)
}

/// A request with what could be read of it.
struct Listed {
    /// Without its ciphertext, as there may be many.
    row: Row,
    /// Nothing where there is no private key.
    read: Option<Result<Request, String>>,
}

impl Listed {
    fn new(mut row: Row, keys: Option<&PrivateKeys>) -> Self {
        let read = keys.map(|keys| read(keys, &row).map_err(|error| error.to_string()));
        row.sealed = String::new();
        Self { row, read }
    }

    fn state(&self) -> &'static str {
        if self.row.closed_day.is_some() { "closed" } else { "waiting" }
    }

    fn json(&self) -> Value {
        let row = &self.row;
        let mut value = json!({
            "reference": one_line(&row.reference),
            "received_hour": row.received_hour,
            "language": one_line(&row.language),
            "state": self.state(),
            "keys": one_line(&row.keys),
        });
        let opened = match &self.read {
            None => return value,
            Some(Err(error)) => json!({ "unreadable": error }),
            Some(Ok(request)) => json!({
                "times": request.answers.times.iter().map(|time| time.key()).collect::<Vec<_>>(),
                "speak": words::language(request),
                "whom": request.answers.whom.map(Choice::key),
                "outcome": request.closing.as_ref().map(|closing| closing.outcome.key()),
            }),
        };
        if let (Some(value), Value::Object(opened)) = (value.as_object_mut(), opened) {
            value.extend(opened);
        }
        value
    }

    /// The cells of its line in the table.
    fn cells(&self, now: Timestamp) -> Vec<String> {
        let row = &self.row;
        let mut cells = vec![
            one_line(&row.reference),
            words::age_of_hour(row.received_hour, now),
            one_line(&row.language),
            self.state().to_owned(),
        ];
        match &self.read {
            Some(Ok(request)) => cells.extend([
                words::times(&request.answers.times),
                words::language(request),
                words::whom(request.answers.whom).to_owned(),
                request.closing.as_ref().map(|closing| words::outcome(closing.outcome)).unwrap_or_default().to_owned(),
            ]),
            Some(Err(error)) => cells.push(format!("can't be read: {error} (key {})", one_line(&row.keys))),
            None => cells.push(one_line(&row.keys)),
        }
        cells
    }
}

/// What is beside a ciphertext can be anything, if somebody wrote into the database.
fn one_line(text: &str) -> String {
    visible(text).replace('\n', " ").chars().take(80).collect()
}

fn table(listed: &[Listed], now: Timestamp, opened: bool) -> String {
    if listed.is_empty() {
        return String::new();
    }
    let head: &[&str] = if opened {
        &["REFERENCE", "AGE", "PAGE", "STATE", "BEST TIMES", "LANGUAGE", "FOR WHOM", "OUTCOME"]
    } else {
        &["REFERENCE", "AGE", "PAGE", "STATE", "KEY"]
    };
    let mut lines = vec![head.iter().map(ToString::to_string).collect::<Vec<_>>()];
    lines.extend(listed.iter().map(|one| one.cells(now)));
    let width = |column: usize| {
        // The last cell of a line is as long as it likes.
        let cells = lines.iter().filter(|line| line.len() > column + 1).filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let text = lines.iter().map(|line| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    });
    text.collect()
}
