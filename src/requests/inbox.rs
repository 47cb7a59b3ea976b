//! The server's side: seals what visitors ask and answers once it is on disk.
//!
//! All visitors share one writer, which keeps what has gathered while it was busy in one transaction: a rush costs few flushes of the disk.
//! Nothing is answered before its transaction has ended.

use super::keys::PublicKeys;
use super::seal::{SealError, seal};
use super::store::{Added, GROUP, NewRow, Store, StoreError};
use super::{NewRequest, Reference, Request};
use jiff::{Timestamp, Unit};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;

/// The most requests that wait to be written; more are turned away, so that a slow disk doesn't fill the memory.
const WAITING: usize = 512;

/// How long a group may take to be written, and how long a visitor waits in all. Browsers and proxies wait longer.
const WRITING: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_secs(10);

/// For how long the same post counts as the same request: a second tap, a reload, a second try after an outage.
const SAME: Duration = Duration::from_mins(15);

/// The most requests that are remembered for that: many more than the limit for all visitors lets in, so that in a rush no try is forgotten
/// before its answer, whose repetition would then be another request. One that is kept takes some hundred bytes; one that is not, 10 KB.
const REMEMBERED: usize = 4096;

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
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Busy => f.write_str("too many requests wait to be written"),
            Self::Sealing(error) => error.fmt(f),
            Self::Randomness => f.write_str("the system gives no random bytes"),
        }
    }
}

impl std::error::Error for Refused {}

/// A request on its way to the store.
struct Attempt {
    reference: Reference,
    since: Timestamp,
    /// What is to be written; nothing any more once it is kept. Held while it is being written, so that a second post of the same waits for the
    /// first.
    unkept: tokio::sync::Mutex<Option<Arc<NewRow>>>,
}

/// What came lately, by a hash of it with a salt that this process alone knows and never writes down.
#[derive(Default)]
struct Lately {
    attempts: HashMap<[u8; 32], Arc<Attempt>>,
    /// The oldest first.
    order: VecDeque<([u8; 32], Timestamp)>,
}

impl Lately {
    /// Forgets what is too old, and the oldest if it is too much.
    fn forget_the_old(&mut self, now: Timestamp) {
        while let Some((content, since)) = self.order.front()
            && (self.order.len() >= REMEMBERED || !is_young(*since, now))
        {
            if self.attempts.get(content).is_some_and(|attempt| attempt.since == *since) {
                self.attempts.remove(content);
            }
            self.order.pop_front();
        }
    }
}

fn is_young(since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since).unsigned_abs() < SAME
}

struct Job {
    row: Arc<NewRow>,
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

/// Takes requests.
pub struct Inbox {
    keys: PublicKeys,
    store: Arc<Store>,
    clock: fn() -> Timestamp,
    jobs: mpsc::Sender<Job>,
    lately: Mutex<Lately>,
    salt: [u8; 32],
    counts: Counts,
}

impl Inbox {
    /// Starts the writer; must be called within a tokio runtime. With a `bell`, staff are told of requests: the outbox gets a row for each, and
    /// the bell rings.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn start(
        keys: PublicKeys,
        store: Arc<Store>,
        clock: fn() -> Timestamp,
        bell: Option<Arc<Notify>>,
    ) -> Result<Self, Refused> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let salt = random()?;
        tokio::spawn(write(Arc::clone(&store), waiting, bell));
        Ok(Self { keys, store, clock, jobs, lately: Mutex::default(), salt, counts: Counts::default() })
    }

    /// Seals and keeps a request, and gives its reference once it is on disk. The same request again has the same reference.
    ///
    /// # Errors
    /// It is not kept. A second try of the same is safe, even if the first was kept after all and only its answer got lost.
    pub async fn take(&self, request: &NewRequest) -> Result<Reference, Refused> {
        // Whoever stops waiting leaves everything whole: what is being written is written, and the next post of the same finds it.
        let taken = timeout(PATIENCE, self.keep(request)).await.unwrap_or_else(|_| Err(late()));
        if taken.is_err() {
            self.counts.failed.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    async fn keep(&self, request: &NewRequest) -> Result<Reference, Refused> {
        let content = self.content(request);
        for _ in 0..TRIES {
            let attempt = self.attempt(content, request)?;
            let mut unkept = attempt.unkept.lock().await;
            let Some(row) = unkept.as_ref() else {
                return Ok(attempt.reference.clone());
            };
            let (done, outcome) = oneshot::channel();
            self.jobs.try_send(Job { row: Arc::clone(row), done }).map_err(|_| Refused::Busy)?;
            match outcome.await.map_err(|_| late())?? {
                Added::Now | Added::Before => {
                    *unkept = None;
                    self.counts.kept.fetch_add(1, Ordering::Relaxed);
                    return Ok(attempt.reference.clone());
                }
                Added::Taken => self.forget(&content, &attempt),
            }
        }
        Err(Refused::Busy)
    }

    /// A hash of everything that was asked. The plaintext isn't remembered.
    fn content(&self, request: &NewRequest) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        let choices = format!(
            "{:?} {:?} {:?} {:?} {:?}",
            request.page, request.message, request.times, request.language, request.whom
        );
        let phone = request.phone.to_string();
        for part in [&request.name, &phone, &request.other_language, &request.note, &choices] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }

    /// The attempt there is for this content, or a new one.
    fn attempt(&self, content: [u8; 32], request: &NewRequest) -> Result<Arc<Attempt>, Refused> {
        let now = (self.clock)();
        let known = self.lately().attempts.get(&content).filter(|attempt| is_young(attempt.since, now)).cloned();
        if let Some(attempt) = known {
            return Ok(attempt);
        }
        // Sealed while nobody waits for the lock: of two at once, the first to come back counts.
        let sealed = Arc::new(self.sealed(request, now)?);
        let mut lately = self.lately();
        lately.forget_the_old(now);
        let attempt = Arc::clone(lately.attempts.entry(content).or_insert_with(|| Arc::clone(&sealed)));
        if Arc::ptr_eq(&attempt, &sealed) {
            lately.order.push_back((content, now));
        }
        Ok(attempt)
    }

    fn sealed(&self, request: &NewRequest, now: Timestamp) -> Result<Attempt, Refused> {
        let reference = Reference::of(random()?);
        let minute = now.round(Unit::Minute).unwrap_or(now);
        let plain = Request::new(request, &reference, minute.to_string(), self.keys.texts());
        let sealed = seal(&self.keys, &plain).map_err(Refused::Sealing)?;
        let seconds = now.as_second();
        let row = NewRow {
            reference: reference.clone(),
            received_hour: seconds - seconds.rem_euclid(3600),
            language: request.page.tag(),
            keys: self.keys.fingerprints().to_owned(),
            sealed,
        };
        Ok(Attempt { reference, since: now, unkept: tokio::sync::Mutex::new(Some(Arc::new(row))) })
    }

    fn forget(&self, content: &[u8; 32], attempt: &Arc<Attempt>) {
        let mut lately = self.lately();
        if lately.attempts.get(content).is_some_and(|known| Arc::ptr_eq(known, attempt)) {
            lately.attempts.remove(content);
        }
    }

    fn lately(&self) -> std::sync::MutexGuard<'_, Lately> {
        // Whatever panicked while it held the lock left the map good enough: at worst something is forgotten too early.
        self.lately.lock().unwrap_or_else(PoisonError::into_inner)
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

fn late() -> Refused {
    Refused::Store(StoreError::late())
}

/// Writes requests, as many at once as have gathered, until the inbox is gone. The bell rings when there is something to tell staff.
async fn write(store: Arc<Store>, mut jobs: mpsc::Receiver<Job>, bell: Option<Arc<Notify>>) {
    let mut group = Vec::with_capacity(GROUP);
    while jobs.recv_many(&mut group, GROUP).await > 0 {
        // Whoever left meanwhile was told that nothing is kept, or saw no answer at all: after an outage that would be most of what waits.
        group.retain(|job: &Job| !job.done.is_closed());
        let rows: Vec<Arc<NewRow>> = group.iter().map(|job| Arc::clone(&job.row)).collect();
        let added = timeout(WRITING, store.add(&rows, bell.is_some())).await;
        match added.unwrap_or_else(|_| Err(StoreError::late())) {
            Ok(outcomes) => {
                if let Some(bell) = &bell
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
                tracing::error!(%error, requests = group.len(), "requests could not be kept");
                for job in group.drain(..) {
                    let _ = job.done.send(Err(late()));
                }
            }
        }
    }
}

/// Deletes requests that have been closed for more than `keep_days`, now and every day, until the runtime ends.
pub async fn purge_daily(store: Arc<Store>, keep_days: u16, clock: fn() -> Timestamp) {
    loop {
        match store.purge(today(clock()) - i64::from(keep_days)).await {
            Ok(0) => {}
            Ok(purged) => tracing::info!(purged, "closed requests were deleted"),
            Err(error) => tracing::warn!(%error, "closed requests could not be deleted"),
        }
        tokio::time::sleep(Duration::from_hours(24)).await;
    }
}

/// Days since 1970 of an instant, in UTC.
#[must_use]
pub fn today(now: Timestamp) -> i64 {
    now.as_second().div_euclid(24 * 3600)
}
