//! Whether a row agrees with what is sealed in it, and with what is remembered of it. The database is not trusted: whoever writes into it can't seal
//! what staff noted, but can move rows, put an old ciphertext back, or change the day.

use crate::requests::Request;
use crate::requests::keys::PrivateKeys;
use crate::requests::store::{Past, Row};
use jiff::Timestamp;
use thiserror::Error;

/// The seconds of a day.
const DAY: i64 = 24 * 3600;
/// How far the day of a row may be from the instant that is sealed, in seconds: a day, and the time between the two.
const NEAR: i64 = DAY + 15 * 60;

/// What doesn't agree about a request, in words for staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Trouble {
    /// It is stored as closed, and nobody sealed that it is: it counts as waiting.
    #[error(
        "the database says that it is closed, but nobody of the staff closed it, so it waits: somebody changed the database"
    )]
    ClosedUnsealed,
    /// It is stored as waiting, and a closing is sealed in it.
    #[error("the database says that it waits, but somebody of the staff closed it: somebody changed the database")]
    WaitsThoughClosed,
    /// It is stored in another state than its last change left it in.
    #[error(
        "it was changed since the last time that staff did so: somebody may have put an old copy of it back, or a program of an older version changed it"
    )]
    HistoryDiffers,
    /// It is stored as closed on another day than is sealed in it, and is deleted by that day.
    #[error(
        "the database has another day for its closing than staff have, and deletes it by that day: somebody changed the database, or a clock was wrong"
    )]
    DayDiffers,
    /// It names a reader that isn't known.
    #[error("it names a key that you don't know, and is never sealed to that one: it may be a stranger's")]
    Stranger,
}

impl Trouble {
    /// Its name, as the desk page has it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ClosedUnsealed => "closed_unsealed",
            Self::WaitsThoughClosed => "waits_though_closed",
            Self::HistoryDiffers => "history_differs",
            Self::DayDiffers => "day_differs",
            Self::Stranger => "stranger",
        }
    }
}

/// Whether a request waits: closed is only what is both stored and sealed as closed.
#[must_use]
pub fn waits(row: &Row, request: &Request) -> bool {
    row.closed_day.is_none() || request.closing.is_none()
}

/// What doesn't agree between a row, the request that is sealed in it and what is remembered of its changes, the oldest first.
#[must_use]
pub fn troubles(row: &Row, history: &[Past], request: &Request, keys: &PrivateKeys) -> Vec<Trouble> {
    let is_closed = row.closed_day.is_some();
    let is_near = |day: i64, at: Timestamp| (day.saturating_mul(DAY)).abs_diff(at.as_second()) <= NEAR.unsigned_abs();
    let day_differs = match (row.closed_day, &request.closing) {
        (Some(day), Some(closing)) => !closing.at.parse().is_ok_and(|at| is_near(day, at)),
        _ => false,
    };
    let found = [
        (is_closed && request.closing.is_none(), Trouble::ClosedUnsealed),
        (!is_closed && request.closing.is_some(), Trouble::WaitsThoughClosed),
        (history.last().is_some_and(|last| last.closed != is_closed), Trouble::HistoryDiffers),
        (day_differs, Trouble::DayDiffers),
        (!strangers(keys, request).is_empty(), Trouble::Stranger),
    ];
    found.into_iter().filter(|(is, _)| *is).map(|(_, trouble)| trouble).collect()
}

/// Those of some public keys that aren't known, as texts.
#[must_use]
pub fn unknown<K: AsRef<str>>(keys: &PrivateKeys, named: &[K]) -> Vec<String> {
    let known = keys.readers();
    named.iter().map(AsRef::as_ref).filter(|key| !known.iter().any(|known| known == key)).map(str::to_owned).collect()
}

/// The readers that a request names and that aren't known: it is never sealed to them.
#[must_use]
pub fn strangers(keys: &PrivateKeys, request: &Request) -> Vec<String> {
    let named: Vec<&str> = request.keys.iter().map(|key| &**key).collect();
    unknown(keys, &named)
}
