//! The call that waits for changes: it is answered when the store differs from what whoever asks has seen.

use super::Desk;
use super::access::Signed;
use super::shape::{Answer, Asked, Refusal};
use crate::requests::store::Revision;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

/// How long a call waits: some proxies give an answer no more than 20 seconds.
const WAIT: Duration = Duration::from_secs(15);
/// How often the store is looked at, for all who wait together.
const POLL: Duration = Duration::from_secs(1);
/// At most so many desks with one key wait at once.
const MAX_WAITS: usize = 24;
/// When to try again, if there are more.
const BUSY: Duration = Duration::from_secs(30);

/// Who waits, and the revision that was seen last.
#[derive(Default)]
pub(super) struct Waits {
    by_session: Mutex<HashMap<String, (String, Arc<Notify>)>>,
    seen: tokio::sync::Mutex<Option<(Instant, Revision)>>,
}

/// A call that waits, until it is answered or dropped. A session has one: whoever asks again has given up the one before, which the server can't see
/// where the connection stays open in one direction.
struct Waiting {
    session: String,
    overtaken: Arc<Notify>,
    desk: Arc<Desk>,
}

impl Waiting {
    fn new(desk: &Arc<Desk>, Signed { key, session }: Signed) -> Result<Self, Refusal> {
        let overtaken = Arc::<Notify>::default();
        // Where nobody signs in, sessions can't be distinguished.
        if !session.is_empty() {
            let mut waits = desk.waits.by_session.lock().unwrap_or_else(PoisonError::into_inner);
            let others = waits.iter().filter(|(other, (of, _))| *of == key && **other != session);
            if others.count() >= MAX_WAITS {
                return Err(Refusal::TooMany(BUSY));
            }
            if let Some((_, before)) = waits.insert(session.clone(), (key, Arc::clone(&overtaken))) {
                before.notify_one();
            }
        }
        desk.counts.waiting.fetch_add(1, Ordering::Relaxed);
        Ok(Self { session, overtaken, desk: Arc::clone(desk) })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.desk.counts.waiting.fetch_sub(1, Ordering::Relaxed);
        let mut waits = self.desk.waits.by_session.lock().unwrap_or_else(PoisonError::into_inner);
        if waits.get(&self.session).is_some_and(|(_, last)| Arc::ptr_eq(last, &self.overtaken)) {
            waits.remove(&self.session);
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    revision: String,
}

#[derive(Serialize)]
pub(super) struct Update {
    revision: String,
    waiting: i64,
    closed: i64,
}

pub(super) async fn wait(
    State(desk): State<Arc<Desk>>,
    signed: Signed,
    Asked(seen): Asked<Seen>,
) -> Result<Answer<Update>, Refusal> {
    let waiting = Waiting::new(&desk, signed)?;
    let (until, mut stopping) = (Instant::now() + WAIT, desk.stopping.subscribe());
    loop {
        let is_over = Instant::now() >= until || *stopping.borrow();
        let revision = tokio::select! {
            revision = desk.revision_other_than(&seen.revision) => revision?,
            // A store that hangs holds up no stop.
            _ = stopping.changed() => return Err(Refusal::Unavailable),
            () = waiting.overtaken.notified() => return Err(Refusal::TooMany(POLL)),
        };
        let text = revision.to_string();
        if is_over || text != seen.revision {
            return Ok(Answer(Update { revision: text, waiting: revision.waiting, closed: revision.closed }));
        }
        tokio::select! {
            () = sleep(POLL) => {}
            _ = stopping.changed() => {}
            () = waiting.overtaken.notified() => return Err(Refusal::TooMany(POLL)),
        }
    }
}

impl Desk {
    /// The revision of the store: as it was seen within the last moment by whoever else waits, if that is the one that is known already; otherwise as
    /// it is now, since what was seen may be older than what is known.
    async fn revision_other_than(&self, known: &str) -> Result<Revision, Refusal> {
        let mut seen = self.waits.seen.lock().await;
        if let Some((at, revision)) = *seen
            && at.elapsed() < POLL
            && revision.to_string() == known
        {
            return Ok(revision);
        }
        let revision = self.ask(self.store.revision()).await?;
        *seen = Some((Instant::now(), revision));
        Ok(revision)
    }
}
