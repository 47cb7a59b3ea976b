//! The calls about requests: which there are, one of them, and what came of them. All that is sent of a request is its row.

use super::Desk;
use super::access::{Door, Signed};
use super::shape::{Answer, Asked, MAX_CHANGES_BYTES, Refusal};
use crate::http::StaffCounts;
use crate::requests::Reference;
use crate::requests::inbox::{hour, today};
use crate::requests::seal::{MAX_SEALED, Shape};
use crate::requests::store::{Change, Changed, Past, Place, Row, Start, Wanted};
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// At most so many rows in one answer.
const MAX_ROWS: u16 = 100;
/// At most so many changes in one call.
const MAX_CHANGES: usize = 50;

/// The last second and day of the year 9999, since 1970: what is beyond is no time that any clock has shown.
const MAX_SECOND: i64 = 253_402_300_799;
const MAX_DAY: i64 = MAX_SECOND / (24 * 3600);

/// Whether a request waits or is closed.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum RowState {
    Waiting,
    Closed,
}

/// The position of a row in its list.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RowPlace {
    reference: String,
    received_hour: i64,
    closed_day: Option<i64>,
}

/// A row as it is sent.
#[derive(Serialize)]
struct SentRow {
    reference: String,
    received_hour: i64,
    language: String,
    closed_day: Option<i64>,
    keys: String,
    sealed: String,
    /// The oldest first.
    history: Vec<SentChange>,
}

/// Who closed a request or opened it again, and in which hour.
#[derive(Serialize)]
struct SentChange {
    state: RowState,
    key: String,
    hour: i64,
}

impl From<&Past> for SentChange {
    fn from(past: &Past) -> Self {
        let state = if past.closed { RowState::Closed } else { RowState::Waiting };
        Self { state, key: past.by.clone(), hour: past.hour.clamp(0, MAX_SECOND) }
    }
}

impl SentRow {
    fn new(row: Row, history: &HashMap<String, Vec<Past>>) -> Self {
        let Row { reference, received_hour, language, closed_day, keys, sealed } = row;
        let history = history.get(&reference).into_iter().flatten().map(SentChange::from).collect();
        // One odd row, which somebody has written into the database, must not keep a page from the others: it is sent as one that can't be opened.
        let sealed = if sealed.len() > MAX_SEALED { String::new() } else { sealed };
        let (received_hour, closed_day) =
            (received_hour.clamp(0, MAX_SECOND), closed_day.map(|day| day.clamp(0, MAX_DAY)));
        Self { reference, received_hour, language, closed_day, keys, sealed, history }
    }
}

impl Desk {
    /// Rows as they are sent.
    async fn sent(&self, rows: Vec<Row>) -> Result<Vec<SentRow>, Refusal> {
        let references: Vec<_> = rows.iter().map(|row| row.reference.clone()).collect();
        let history = self.ask(self.store.history(&references)).await?;
        Ok(rows.into_iter().map(|row| SentRow::new(row, &history)).collect())
    }
}

/// The time as it is sent: what staff write is dated by it, never by their own clock.
fn written(now: Timestamp) -> String {
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    state: RowState,
    after: Option<RowPlace>,
    limit: u16,
}

#[derive(Serialize)]
pub(super) struct List {
    now: String,
    revision: String,
    waiting: i64,
    closed: i64,
    keep_days: u16,
    readers: Option<Vec<String>>,
    rows: Vec<SentRow>,
    next: Option<RowPlace>,
}

pub(super) async fn list(
    State(desk): State<Arc<Desk>>,
    _: Signed,
    Asked(Listed { state, after, limit }): Asked<Listed>,
) -> Result<Answer<List>, Refusal> {
    let wanted = match state {
        RowState::Waiting => Wanted::Waiting,
        RowState::Closed => Wanted::Closed,
    };
    let is_place = after.as_ref().is_none_or(|place| place.closed_day.is_some() == (wanted == Wanted::Closed));
    if limit == 0 || limit > MAX_ROWS || !is_place {
        return Err(Refusal::WrongShape);
    }
    let start = after.as_ref().map_or(Start::Skip(0), |RowPlace { reference, received_hour, closed_day }| {
        Start::After(Place { reference, received_hour: *received_hour, closed_day: *closed_day })
    });
    // First, so that what comes meanwhile is a change for whoever waits from here on.
    let revision = desk.ask(desk.store.revision()).await?;
    let mut rows = desk.ask(desk.store.list_from(wanted, start, limit + 1)).await?;
    let has_more = rows.len() > usize::from(limit);
    rows.truncate(usize::from(limit));
    let next = rows.last().filter(|_| has_more).map(|row| RowPlace {
        reference: row.reference.clone(),
        received_hour: row.received_hour,
        closed_day: row.closed_day,
    });
    Ok(Answer(List {
        now: written(desk.now()),
        revision: revision.to_string(),
        waiting: revision.waiting,
        closed: revision.closed,
        keep_days: desk.keep_days,
        readers: desk.door.as_ref().map(Door::readers),
        rows: desk.sent(rows).await?,
        next,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Got {
    reference: String,
}

#[derive(Serialize)]
pub(super) struct One {
    now: String,
    row: SentRow,
}

pub(super) async fn get(
    State(desk): State<Arc<Desk>>,
    _: Signed,
    Asked(Got { reference }): Asked<Got>,
) -> Result<Answer<One>, Refusal> {
    let reference: Reference = reference.parse().map_err(|_| Refusal::NotHere)?;
    let row = desk.ask(desk.store.get(&reference)).await?.ok_or(Refusal::NotHere)?;
    let row = desk.sent(vec![row]).await?.pop().ok_or(Refusal::NotHere)?;
    Ok(Answer(One { now: written(desk.now()), row }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    changes: Vec<Wish>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    reference: String,
    state: RowState,
    sealed: String,
    was: String,
}

#[derive(Serialize)]
pub(super) struct Made {
    now: String,
    revision: String,
    results: Vec<Outcome>,
}

/// What became of a change.
#[derive(Serialize)]
struct Outcome {
    reference: String,
    result: &'static str,
    row: Option<SentRow>,
}

pub(super) async fn change(
    State(desk): State<Arc<Desk>>,
    Signed { key, .. }: Signed,
    Asked(Changes { changes }): Asked<Changes, MAX_CHANGES_BYTES>,
) -> Result<Answer<Made>, Refusal> {
    if changes.is_empty() || changes.len() > MAX_CHANGES {
        return Err(Refusal::WrongShape);
    }
    let now = desk.now();
    let (day, this_hour) = (today(now), hour(now.as_second()));
    let references: Vec<Option<Reference>> = changes.iter().map(|wish| wish.reference.parse().ok()).collect();
    let fits: Vec<bool> = changes.iter().map(|wish| Shape::parse(&wish.sealed).is_ok()).collect();
    let fit = changes.iter().zip(&references).zip(&fits).filter(|(_, fits)| **fits);
    let fit: Vec<_> = fit
        .filter_map(|((wish, reference), _)| {
            let day = matches!(wish.state, RowState::Closed).then_some(day);
            let reference = reference.as_ref()?;
            Some(Change { reference, was: &wish.was, day, sealed: &wish.sealed, by: &key, hour: this_hour })
        })
        .collect();
    let mut changed = desk.ask(desk.store.change_all(&fit)).await?.into_iter();
    let mut results = Vec::with_capacity(changes.len());
    for ((wish, reference), fits) in changes.iter().zip(&references).zip(&fits) {
        let (result, count, row) = if !fits {
            ("wrong_shape", &desk.counts.unfit, None)
        } else if reference.is_none() {
            ("gone", &desk.counts.unfit, None)
        } else {
            match changed.next() {
                Some(Changed::Done) => ("done", &desk.counts.changed, None),
                Some(Changed::Other(row)) => ("changed", &desk.counts.overtaken, desk.sent(vec![row]).await?.pop()),
                Some(Changed::Gone) | None => ("gone", &desk.counts.unfit, None),
            }
        };
        StaffCounts::add(count);
        results.push(Outcome { reference: wish.reference.clone(), result, row });
    }
    let revision = desk.ask(desk.store.revision()).await?;
    Ok(Answer(Made { now: written(now), revision: revision.to_string(), results }))
}

#[cfg(test)]
mod tests {
    use super::{MAX_DAY, MAX_SEALED, MAX_SECOND, SentRow};
    use crate::requests::store::Row;
    use std::collections::HashMap;

    #[test]
    fn an_odd_row_is_sent_so_that_a_page_can_read_the_others() {
        let row = |number: i64, length: usize| Row {
            reference: "0000-0000".to_owned(),
            received_hour: number,
            language: "en".to_owned(),
            closed_day: Some(number),
            keys: String::new(),
            sealed: "a".repeat(length),
        };
        for (number, length, wanted) in [
            (20_000, MAX_SEALED, (20_000, Some(20_000), MAX_SEALED)),
            (i64::MAX, MAX_SEALED + 1, (MAX_SECOND, Some(MAX_DAY), 0)),
            (i64::MIN, 1, (0, Some(0), 1)),
        ] {
            let sent = SentRow::new(row(number, length), &HashMap::new());
            assert_eq!((sent.received_hour, sent.closed_day, sent.sealed.len()), wanted, "{number}");
        }
    }
}
