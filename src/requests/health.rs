//! Whether requests can be written: learned from every write and from probes, and logged when it changes, not each time.
//!
//! The first line of an outage names its true cause, another cause gets a line of its own, and the last line reports its end.

use super::store::{Store, StoreError};
use jiff::Timestamp;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// For how long what is known counts: an address that anybody may ask makes no more probes than this.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// How often to probe while all is well, so that an outage is seen before a visitor meets it; during an outage, as often as [`FRESH_FOR`] lets.
const PROBE_INTERVAL: Duration = Duration::from_secs(30);

/// How long a write may take. Browsers and proxies wait longer.
pub(super) const WRITE_TIMEOUT: Duration = Duration::from_secs(8);

/// At most so many causes of one outage are logged: a database that goes down may name a few.
const MAX_CAUSES: usize = 8;

/// Whether requests can be written.
#[derive(Clone, Debug)]
pub enum State {
    /// Nothing was written yet.
    Unknown,
    /// The last write succeeded.
    Good,
    /// The last try to use the store failed.
    Bad {
        /// When the first of the failures was.
        since: Timestamp,
        /// What the last one was. It may name a path: it is for admins, not for visitors.
        cause: StoreError,
    },
}

/// What is known about writing.
pub struct Health {
    store: Arc<Store>,
    clock: fn() -> Timestamp,
    known: Mutex<Known>,
    /// Held while probing: whoever comes meanwhile waits for that probe.
    probing: tokio::sync::Mutex<()>,
}

struct Known {
    state: State,
    /// When the state was last learned.
    learned: Option<Instant>,
    /// When something was last written.
    written: Option<Timestamp>,
    /// When the outage began.
    began: Option<Instant>,
    /// The causes that were logged during this outage.
    logged: Vec<String>,
    /// Why nothing is deleted by the clock.
    doubt: Option<String>,
    /// How many requests are never deleted because of the day on which they were closed.
    implausible: i64,
}

impl Health {
    /// Nothing is known yet about writing into this store.
    #[must_use]
    pub fn new(store: Arc<Store>, clock: fn() -> Timestamp) -> Self {
        let known = Known {
            state: State::Unknown,
            learned: None,
            written: None,
            began: None,
            logged: Vec::new(),
            doubt: None,
            implausible: 0,
        };
        Self { store, clock, known: Mutex::new(known), probing: tokio::sync::Mutex::default() }
    }

    /// What is known, without trying anything.
    #[must_use]
    pub fn state(&self) -> State {
        self.known().state.clone()
    }

    /// When a request or a probe was last written, by this process.
    #[must_use]
    pub fn last_write(&self) -> Option<Timestamp> {
        self.known().written
    }

    /// Whether requests can be written: what was learned within the last 5 seconds, or else a probe, which goes on if nobody waits for it. Must be
    /// called within a tokio runtime.
    pub async fn writable(self: &Arc<Self>) -> Result<(), StoreError> {
        if let Some(known) = self.fresh() {
            return known;
        }
        let health = Arc::clone(self);
        let probe = tokio::spawn(async move { health.probe().await });
        probe.await.unwrap_or_else(|_| Err(StoreError::late()))
    }

    /// Probes from time to time. It never ends; it may be dropped and started again.
    pub async fn watch(self: Arc<Self>) {
        loop {
            let wait = if self.probe().await.is_ok() { PROBE_INTERVAL } else { FRESH_FOR };
            sleep(wait).await;
        }
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let _one = self.probing.lock().await;
        if let Some(known) = self.fresh() {
            return known;
        }
        let written = timeout(WRITE_TIMEOUT, self.store.probe()).await.unwrap_or_else(|_| Err(StoreError::late()));
        match &written {
            Ok(()) => self.succeeded(),
            Err(error) => self.failed(error),
        }
        written
    }

    fn fresh(&self) -> Option<Result<(), StoreError>> {
        let known = self.known();
        known.learned.filter(|learned| learned.elapsed() < FRESH_FOR)?;
        match &known.state {
            State::Unknown => None,
            State::Good => Some(Ok(())),
            State::Bad { cause, .. } => Some(Err(cause.clone())),
        }
    }

    /// A write succeeded.
    pub(super) fn succeeded(&self) {
        let mut known = self.known();
        known.learned = Some(Instant::now());
        known.written = Some((self.clock)());
        let was = std::mem::replace(&mut known.state, State::Good);
        known.logged.clear();
        let began = known.began.take();
        drop(known);
        if matches!(was, State::Bad { .. }) {
            let seconds = began.map(|began| began.elapsed().as_secs()).unwrap_or_default();
            tracing::info!(seconds, "the store of requests can be written again");
        }
    }

    /// The store could not be used.
    pub(super) fn failed(&self, error: &StoreError) {
        let now = Instant::now();
        let mut known = self.known();
        known.learned = Some(now);
        known.began.get_or_insert(now);
        let since = match known.state {
            State::Bad { since, .. } => since,
            State::Unknown | State::Good => (self.clock)(),
        };
        known.state = State::Bad { since, cause: error.clone() };
        let cause = error.to_string();
        let is_new = known.logged.len() < MAX_CAUSES && !known.logged.contains(&cause);
        if is_new {
            known.logged.push(cause);
        }
        drop(known);
        if is_new {
            tracing::error!(%error, "the store of requests can't be used");
        }
    }

    /// The clock isn't believed, so that nothing is deleted by it; or it is again.
    pub(super) fn doubt_clock(&self, doubt: Option<String>) {
        let was = std::mem::replace(&mut self.known().doubt, doubt.clone());
        match (was, doubt) {
            (None, Some(doubt)) => tracing::error!(
                "{doubt}: no closed request is deleted until it is right. If it is, run `clinic-site requests purge --trust-clock`"
            ),
            (Some(_), None) => tracing::info!("the clock is believed again, and closed requests are deleted in time"),
            _ => {}
        }
    }

    /// So many closed requests are never deleted, because they can't have been closed on the day that is stored; in words, where there are some. It is logged
    /// when there are more than before.
    pub(super) fn found_implausible(&self, count: i64, words: Option<String>) {
        let was = std::mem::replace(&mut self.known().implausible, count);
        if let Some(words) = words.filter(|_| count > was) {
            tracing::warn!("{words}");
        }
    }

    /// Why nothing is deleted by the clock, in words for who runs the site.
    #[must_use]
    pub fn clock_trouble(&self) -> Option<String> {
        let doubt = self.known().doubt.clone()?;
        Some(format!("{doubt}: no closed request is deleted until it is right"))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        // It is consistent whenever the lock is free.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health").field("state", &self.state()).finish_non_exhaustive()
    }
}
