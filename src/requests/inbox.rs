//! The server's side: seals what visitors ask and answers once it is on disk.
//!
//! All visitors share one writer, which keeps what has gathered while it was busy in one transaction: a rush costs few flushes of the disk.
//! Nothing is answered before its transaction has ended.
//!
//! The same post again from the same network gets the same reference, after the same work: it is sealed and written again, so that neither the
//! answer nor the time it takes tells whoever guesses what others asked.

mod recent;

use super::health::{Health, WRITING};
use super::keys::PublicKeys;
use super::seal::{SealError, seal};
use super::store::{Added, GROUP, NewRow, Store, StoreError, Write};
use super::{NewRequest, Reference, Request};
use jiff::{Timestamp, Unit};
use recent::{Attempt, Content, Recent};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;

/// The most requests that wait to be written; more are turned away, so that a slow disk doesn't fill the memory.
const WAITING: usize = 512;

/// How long a visitor waits in all, which is longer than a group may take to be written. Browsers and proxies wait longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Seconds of a day.
const DAY: i64 = 24 * 3600;

/// How often another reference is tried. One that is taken is rarer than a lottery win; twice in a row it doesn't happen.
const TRIES: usize = 3;

/// Why a request was not taken. Nothing of it is kept.
#[derive(Debug)]
pub enum Refused {
    /// The store can't be used now.
    Store(StoreError),
    /// Too many requests wait to be written.
    Busy,
    /// It could not be sealed: a mistake in the program.
    Sealing(SealError),
    /// The system has no randomness.
    Randomness,
    /// The writer ended while it wrote: it may be kept or not.
    Interrupted,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Busy => f.write_str("too many requests wait to be written"),
            Self::Sealing(error) => error.fmt(f),
            Self::Randomness => f.write_str("the system gives no random bytes"),
            Self::Interrupted => f.write_str("the writer of requests ended"),
        }
    }
}

impl std::error::Error for Refused {}

/// The network that a request comes from, in whatever 16 bytes stand for it. It is hashed with what was asked, and neither stored nor printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sender([u8; 16]);

impl Sender {
    /// The sender that these bytes stand for.
    #[must_use]
    pub const fn new(network: [u8; 16]) -> Self {
        Self(network)
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender(…)")
    }
}

struct Job {
    row: Arc<NewRow>,
    /// Whether it is kept already, and written again.
    again: bool,
    done: oneshot::Sender<Result<Added, Refused>>,
}

/// Counts since the start, for metrics.
#[derive(Debug, Default)]
pub struct Counts {
    /// Requests that were kept and acknowledged; the same one again isn't counted.
    pub kept: AtomicU64,
    /// Posts that were answered with a failure.
    pub failed: AtomicU64,
}

/// Takes requests. They are written by [`Inbox::write`], which whoever makes an inbox has to run.
pub struct Inbox {
    keys: PublicKeys,
    store: Arc<Store>,
    health: Arc<Health>,
    clock: fn() -> Timestamp,
    bell: Option<Arc<Notify>>,
    jobs: mpsc::Sender<Job>,
    /// Outlives the writer, so that one that ended can be started again.
    waiting: tokio::sync::Mutex<mpsc::Receiver<Job>>,
    recent: Mutex<Recent>,
    salt: [u8; 32],
    counts: Counts,
}

impl Inbox {
    /// An inbox before a store. With a `bell`, staff are told of requests: the outbox gets a row for each, and the bell rings.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn new(
        keys: PublicKeys,
        store: Arc<Store>,
        clock: fn() -> Timestamp,
        bell: Option<Arc<Notify>>,
    ) -> Result<Self, Refused> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        Ok(Self {
            keys,
            health: Arc::new(Health::new(Arc::clone(&store), clock)),
            store,
            clock,
            bell,
            jobs,
            waiting: tokio::sync::Mutex::new(waiting),
            recent: Mutex::default(),
            salt: random()?,
            counts: Counts::default(),
        })
    }

    /// Seals and keeps a request, and gives its reference once it is on disk. The same request of the same sender again, within a quarter of an
    /// hour, has the same reference.
    ///
    /// # Errors
    /// It is not kept. A second try of the same is safe, even if the first was kept after all and only its answer got lost.
    pub async fn take(&self, request: &NewRequest, sender: Sender) -> Result<Reference, Refused> {
        // Whoever stops waiting leaves everything whole: what is being written is written, and the next post of the same finds it.
        let taken = timeout(PATIENCE, self.keep(request, sender)).await;
        let taken = taken.unwrap_or_else(|_| Err(Refused::Store(StoreError::late())));
        if taken.is_err() {
            self.counts.failed.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    async fn keep(&self, request: &NewRequest, sender: Sender) -> Result<Reference, Refused> {
        let content = self.content(request, sender);
        for _ in 0..TRIES {
            let attempt = self.attempt(content, request)?;
            let mut unkept = attempt.unkept.lock().await;
            let (row, again) = match unkept.as_ref() {
                // What was tried before has to be the very same: the store may have it, and only the answer got lost.
                Some(row) => (Arc::clone(row), false),
                None => (self.sealed(request, &attempt.reference, attempt.since)?, true),
            };
            let (done, outcome) = oneshot::channel();
            self.jobs.try_send(Job { row, again, done }).map_err(|_| Refused::Busy)?;
            match outcome.await.map_err(|_| Refused::Interrupted)?? {
                Added::Now | Added::Before => {
                    *unkept = None;
                    self.counts.kept.fetch_add(u64::from(!again), Ordering::Relaxed);
                    return Ok(attempt.reference.clone());
                }
                Added::Taken => self.recent().forget(&content, &attempt),
            }
        }
        Err(Refused::Busy)
    }

    /// A hash of everything that was asked, and of who asked. Neither is remembered itself.
    fn content(&self, request: &NewRequest, sender: Sender) -> Content {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        hash.update(sender.0);
        let choices = format!(
            "{:?} {:?} {:?} {:?} {:?}",
            request.page, request.message, request.times, request.language, request.whom
        );
        let phone = request.phone.shown();
        for part in [&request.name, &*phone, &request.other_language, &request.note, &choices] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }

    /// The attempt there is for this content, or a new one.
    fn attempt(&self, content: Content, request: &NewRequest) -> Result<Arc<Attempt>, Refused> {
        let now = (self.clock)();
        let known = self.recent().find(&content, now);
        if let Some(known) = known {
            return Ok(known);
        }
        // Sealed while nobody waits for the lock: of two at once, the first to come back counts.
        let reference = Reference::of(random()?);
        let sealed = self.sealed(request, &reference, now)?;
        let unkept = tokio::sync::Mutex::new(Some(sealed));
        Ok(self.recent().remember(content, Arc::new(Attempt { reference, since: now, unkept }), now))
    }

    fn sealed(&self, request: &NewRequest, reference: &Reference, at: Timestamp) -> Result<Arc<NewRow>, Refused> {
        let minute = at.round(Unit::Minute).unwrap_or(at);
        let plain = Request::new(request, reference, minute.to_string(), self.keys.texts());
        let sealed = seal(&self.keys, &plain).map_err(Refused::Sealing)?;
        Ok(Arc::new(NewRow {
            reference: reference.clone(),
            received_hour: hour(at.as_second()),
            language: request.page.tag(),
            keys: self.keys.fingerprints().to_owned(),
            sealed,
        }))
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, Recent> {
        // Whatever panicked while it held the lock left the map good enough: at worst something is forgotten too early.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes requests, as many at once as have gathered; the bell rings when there is something to tell staff. It never ends. It may be dropped
    /// and begun again: what it was writing is answered with [`Refused::Interrupted`], and what waits is written by the next.
    pub async fn write(&self) {
        let mut jobs = self.waiting.lock().await;
        let mut group = Vec::with_capacity(GROUP);
        while jobs.recv_many(&mut group, GROUP).await > 0 {
            // Whoever left meanwhile was told that nothing is kept, or saw no answer at all: after an outage that would be most of what waits.
            group.retain(|job: &Job| !job.done.is_closed());
            self.write_group(&mut group).await;
        }
    }

    async fn write_group(&self, group: &mut Vec<Job>) {
        if group.is_empty() {
            return;
        }
        let write = |job: &Job| (Arc::clone(&job.row), job.again);
        let rows: Vec<(Arc<NewRow>, bool)> = group.iter().map(write).collect();
        let writes: Vec<Write<'_>> =
            rows.iter().map(|(row, again)| if *again { Write::Renew(row) } else { Write::Add(row) }).collect();
        let written = timeout(WRITING, self.store.write(&writes, self.bell.is_some())).await;
        match written.unwrap_or_else(|_| Err(StoreError::late())) {
            Ok(outcomes) => {
                self.health.succeeded();
                if let Some(bell) = &self.bell
                    && outcomes.contains(&Added::Now)
                {
                    bell.notify_one();
                }
                for (job, outcome) in group.drain(..).zip(outcomes) {
                    // Nobody may wait any more: the visitor left while it was written.
                    let _ = job.done.send(Ok(outcome));
                }
            }
            Err(error) => {
                self.health.failed(&error);
                for job in group.drain(..) {
                    let _ = job.done.send(Err(Refused::Store(error.clone())));
                }
            }
        }
    }

    /// Whether there is a request of this reference that came in within the last day: for so long it is shown as received.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn is_recent(&self, reference: &Reference) -> Result<bool, StoreError> {
        self.store.has(reference, hour((self.clock)().as_second() - DAY)).await
    }

    /// Whether requests can be written, by what was learned within the last 5 seconds or by a probe.
    ///
    /// # Errors
    /// They can't. The cause is for admins: it may name a path.
    pub async fn writable(&self) -> Result<(), StoreError> {
        self.health.writable().await
    }

    /// What is known about writing, for whatever else uses the store, and to be watched.
    #[must_use]
    pub fn health(&self) -> &Arc<Health> {
        &self.health
    }

    /// Where the requests are kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Counts since the start.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("keys", &self.keys).finish_non_exhaustive()
    }
}

fn random<const N: usize>() -> Result<[u8; N], Refused> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Refused::Randomness)?;
    Ok(bytes)
}

/// The full hour of an instant, both in seconds since 1970.
const fn hour(seconds: i64) -> i64 {
    seconds - seconds.rem_euclid(3600)
}

/// Deletes requests that have been closed for more than `keep_days`, now and every day; after a failure, which `health` tells, sooner. It never
/// ends; it may be dropped and begun again.
pub async fn purge_daily(store: Arc<Store>, keep_days: u16, clock: fn() -> Timestamp, health: Arc<Health>) {
    loop {
        let purged = store.purge(today(clock()) - i64::from(keep_days)).await;
        let wait = match &purged {
            Ok(_) => Duration::from_hours(24),
            Err(error) => {
                health.failed(error);
                Duration::from_mins(10)
            }
        };
        if let Ok(purged @ 1..) = purged {
            tracing::info!(purged, "closed requests were deleted");
        }
        tokio::time::sleep(wait).await;
    }
}

/// Days since 1970 of an instant, in UTC.
#[must_use]
pub fn today(now: Timestamp) -> i64 {
    now.as_second().div_euclid(DAY)
}
