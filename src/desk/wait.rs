//! The call that waits for news: it is answered when the store differs from what whoever asks has seen.

use super::Desk;
use super::access::Signed;
use super::shape::{Answer, Asked, Refusal};
use crate::requests::store::Revision;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a call waits: proxies give an answer half a minute and more.
const WAIT: Duration = Duration::from_secs(25);
/// How often the store is looked at, for all who wait together.
const POLL: Duration = Duration::from_secs(1);
/// At most so many calls of one key wait at once: a page has one.
const MAX_WAITS: usize = 8;
/// When to try again, if there are more.
const BUSY: Duration = Duration::from_secs(30);

/// Who waits, and what they were told last.
#[derive(Default)]
pub(super) struct Waits {
    by_key: Arc<Mutex<HashMap<String, usize>>>,
    seen: tokio::sync::Mutex<Option<(Instant, Revision)>>,
}

/// A call that waits. It counts until it is dropped, as it is when whoever asked is gone.
struct Waiting {
    key: String,
    by_key: Arc<Mutex<HashMap<String, usize>>>,
    desk: Arc<Desk>,
}

impl Waiting {
    fn new(desk: &Arc<Desk>, key: String) -> Result<Self, Refusal> {
        let by_key = Arc::clone(&desk.waits.by_key);
        {
            let mut counts = by_key.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(key.clone()).or_default();
            if *count >= MAX_WAITS {
                return Err(Refusal::TooMany(BUSY));
            }
            *count += 1;
        }
        desk.counts.waiting.fetch_add(1, Ordering::Relaxed);
        Ok(Self { key, by_key, desk: Arc::clone(desk) })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let less = |count: &AtomicU64| count.fetch_sub(1, Ordering::Relaxed);
        less(&self.desk.counts.waiting);
        let mut counts = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    revision: String,
}

#[derive(Serialize)]
pub(super) struct News {
    revision: String,
    waiting: i64,
    closed: i64,
}

pub(super) async fn wait(
    State(desk): State<Arc<Desk>>,
    Signed { key, .. }: Signed,
    Asked(seen): Asked<Seen>,
) -> Result<Answer<News>, Refusal> {
    let _waiting = Waiting::new(&desk, key)?;
    let (until, mut stopping) = (Instant::now() + WAIT, desk.stopping.subscribe());
    loop {
        let is_over = Instant::now() >= until || *stopping.borrow();
        let revision = tokio::select! {
            revision = desk.revision_other_than(&seen.revision) => revision?,
            // A store that hangs holds up no stop.
            _ = stopping.changed() => return Err(Refusal::Unavailable),
        };
        let text = revision.to_string();
        if is_over || text != seen.revision {
            return Ok(Answer(News { revision: text, waiting: revision.waiting, closed: revision.closed }));
        }
        tokio::select! {
            () = sleep(POLL) => {}
            _ = stopping.changed() => {}
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
