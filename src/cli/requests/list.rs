//! `clinic-site requests list`: a line a request.

use super::entry::Entry;
use super::place::{self, with_place};
use super::warnings::{self, Strangers};
use super::{counted, print, say};
use crate::cli::{Failure, Outcome, identity};
use crate::config::{ListOptions, RequestFormat, State};
use crate::desk::words;
use crate::requests::keys::PrivateKeys;
use crate::requests::staff::{self, Trouble, read};
use crate::requests::store::{Row, Wanted};
use crate::requests::{Choice, Request, visible};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashSet;

pub(super) fn run(options: &ListOptions) -> Result<Outcome, Failure> {
    let keys = match &options.identity {
        Some(file) => Some(identity::read(file, &options.passphrase)?),
        None => None,
    };
    // Whoever opens them looks at all: one that the database calls closed may wait.
    let wanted: &[Wanted] = match options.state {
        State::Waiting if keys.is_none() => &[Wanted::Waiting],
        State::Closed if keys.is_none() => &[Wanted::Closed],
        _ => &[Wanted::Waiting, Wanted::Closed],
    };
    let mut strangers = Strangers::default();
    let (mut listed, now) = with_place(&options.place, keys.as_ref(), async |place| {
        let mut listed: Vec<Listed> = Vec::new();
        for wanted in wanted {
            place.list(*wanted, |entry| listed.push(Listed::new(entry, keys.as_ref()))).await?;
        }
        place.warn();
        strangers.named_by_server(keys.as_ref().map(|keys| staff::unknown(keys, place.readers())).unwrap_or_default());
        Ok((listed, place.now().timestamp()))
    })?;
    // One that was closed meanwhile is in both lists.
    let mut seen = HashSet::new();
    listed.retain(|one| {
        let wanted = match options.state {
            State::Waiting => one.waits,
            State::Closed => !one.waits,
            State::All => true,
        };
        wanted && seen.insert(one.row.reference.clone())
    });
    // Who waits longest comes first, and of those that are closed, who was closed last.
    listed.sort_by_key(|one| if one.waits { (false, one.row.received_hour) } else { (true, 0) });
    match options.format {
        RequestFormat::Json => {
            let all: Vec<Value> = listed.iter().map(Listed::json).collect();
            print(&format!("{}\n", serde_json::to_string_pretty(&all).map_err(Failure::new)?))?;
        }
        RequestFormat::Text => print(&table(&listed, now, keys.is_some()))?,
    }
    for one in &listed {
        let reference = one_line(&one.row.reference);
        warnings::troubles(&reference, &one.troubles);
        strangers.named_by_request(&reference, one.strangers.clone());
    }
    if let Some(identity) = &options.identity {
        strangers.print(&place::words(&options.place), identity);
    }
    let waiting = listed.iter().filter(|one| one.waits).count();
    let count = match options.state {
        State::Waiting => format!("{} waiting", counted(waiting, "request")),
        State::Closed => format!("{} closed", counted(listed.len(), "request")),
        State::All => format!("{}, {waiting} of them waiting,", counted(listed.len(), "request")),
    };
    say(format!("{count} {}", place::words(&options.place)));
    Ok(Outcome::Good)
}

/// A request with what could be read of it.
struct Listed {
    /// Without its ciphertext, as there may be many.
    row: Row,
    /// Nothing where there is no private key.
    read: Option<Result<Request, String>>,
    /// Whether it waits: by what is sealed in it, where that could be read.
    waits: bool,
    troubles: Vec<Trouble>,
    /// The keys that it names and nobody here knows.
    strangers: Vec<String>,
}

impl Listed {
    fn new(Entry { mut row, history }: Entry, keys: Option<&PrivateKeys>) -> Self {
        let read = keys.map(|keys| read(keys, &row).map_err(|error| error.to_string()));
        let opened = read.as_ref().and_then(|read| read.as_ref().ok());
        let waits = opened.map_or(row.closed_day.is_none(), |request| staff::waits(&row, request));
        let both = keys.zip(opened);
        let troubles = both.map(|(keys, request)| staff::troubles(&row, &history, request, keys)).unwrap_or_default();
        let strangers = both.map(|(keys, request)| staff::strangers(keys, request)).unwrap_or_default();
        row.sealed = String::new();
        Self { row, read, waits, troubles, strangers }
    }

    fn state(&self) -> &'static str {
        if self.waits { "waiting" } else { "closed" }
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
                "troubles": self.troubles.iter().map(|trouble| trouble.code()).collect::<Vec<_>>(),
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
