//! The server's side: seals what visitors ask and answers once it is on disk.
//!
//! All visitors share one writer, which stores what has gathered while it was busy in one transaction (group commit): with 16 visitors and more,
//! 1.5 times as many requests a second as with a transaction each (`benches/requests.rs`). Nothing is answered before its transaction has ended.
//!
//! The same post again from the same network gets the same reference, after the same work: it is sealed and written again, so that neither the
//! answer nor the time it takes shows a stranger what others asked.

mod recent;

use super::health::{Health, WRITE_TIMEOUT};
use super::keys::PublicKeys;
use super::seal::{SealError, plaintext, seal};
use super::store::{Added, GROUP, NewRow, Store, StoreError, Write};
use super::{NewRequest, Reference, Request};
use jiff::{Timestamp, Unit};
use recent::{Attempt, Content, RecentSubmissions};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;

/// At most so many requests wait to be written; more are turned away, so that a slow disk doesn't fill the memory.
const MAX_WAITING: usize = 512;

/// How long a visitor waits in all, which is longer than a group may take to be written. Browsers and proxies wait longer.
const TAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Seconds of a day.
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// How often another reference is tried. One that is taken is rarer than a lottery win; twice in a row it doesn't happen.
const TRIES: usize = 3;

/// Why a request was not taken. Nothing of it is stored.
#[derive(Debug, Error)]
pub enum Refused {
    /// The store can't be used now.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many requests wait to be written.
    #[error("too many requests wait to be written")]
    Busy,
    /// It could not be sealed: a mistake in the program.
    #[error(transparent)]
    Sealing(#[from] SealError),
    /// The system has no randomness.
    #[error("the system gives no random bytes")]
    Randomness,
    /// The writer ended while it wrote: it may be stored or not.
    #[error("the writer of requests ended")]
    Interrupted,
}

/// The network that a request comes from, in whatever 16 bytes stand for it. It is hashed with what was asked, and neither stored nor printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClientNetwork([u8; 16]);

impl ClientNetwork {
    /// The network that these bytes stand for.
    #[must_use]
    pub const fn new(network: [u8; 16]) -> Self {
        Self(network)
    }
}

impl fmt::Debug for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientNetwork(…)")
    }
}

struct Job {
    row: Arc<NewRow>,
    /// Whether it is stored already, and written again.
    again: bool,
    done: oneshot::Sender<Result<Added, Refused>>,
}

/// Counts since the start, for metrics.
#[derive(Debug, Default)]
pub struct Counts {
    /// Requests that were stored and acknowledged; the same one again isn't counted.
    pub stored: AtomicU64,
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
    recent: Mutex<RecentSubmissions>,
    salt: [u8; 32],
    counts: Counts,
}

impl Inbox {
    /// An inbox in front of a store. With a `bell`, staff are notified of requests: the outbox gets a row for each, and the bell rings.
    pub fn new(
        keys: PublicKeys,
        store: Arc<Store>,
        clock: fn() -> Timestamp,
        bell: Option<Arc<Notify>>,
    ) -> Result<Self, Refused> {
        let (jobs, waiting) = mpsc::channel(MAX_WAITING);
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

    /// Seals and stores a request, and gives its reference once it is on disk. The same request from the same network again, within a quarter of an
    /// hour, has the same reference.
    ///
    /// # Errors
    /// It is not stored. A second try of the same is safe, even if the first was stored after all and only its answer got lost.
    pub async fn take(&self, request: &NewRequest, network: ClientNetwork) -> Result<Reference, Refused> {
        self.take_by_id(request, network, None).await
    }

    /// The same for a post that a proxy may send again, to another server before the same store: `id` is what the proxy calls the post by each time
    /// (`X-Request-ID`), and nobody else knows. What one server has stored without being able to say so is then found by the other.
    pub async fn take_by_id(
        &self,
        request: &NewRequest,
        network: ClientNetwork,
        id: Option<&[u8]>,
    ) -> Result<Reference, Refused> {
        // Whoever stops waiting leaves everything consistent: what is being written is written, and the next post of the same finds it.
        let taken = timeout(TAKE_TIMEOUT, self.submit(request, network, id)).await;
        let taken = taken.unwrap_or_else(|_| Err(Refused::Store(StoreError::late())));
        if taken.is_err() {
            self.counts.failed.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    async fn submit(
        &self,
        request: &NewRequest,
        network: ClientNetwork,
        id: Option<&[u8]>,
    ) -> Result<Reference, Refused> {
        let content = hash(&self.salt, request, network)?;
        // The same for each server. As it depends on all that was asked, an id that a proxy gives to two posts makes them no single request.
        let mut expected =
            id.map(|id| hash(id, request, network)).transpose()?.map(|hash| Reference::from_random(first(hash)));
        for _ in 0..TRIES {
            let expected = expected.take();
            let attempt = self.attempt(content, request, expected.clone())?;
            let mut unstored = attempt.unstored.lock().await;
            let (row, again) = match unstored.as_ref() {
                // What was tried before has to be the very same: the store may have it, and only the answer got lost.
                Some(row) => (Arc::clone(row), false),
                None => (self.sealed(request, &attempt.reference, attempt.since)?, true),
            };
            let (done, outcome) = oneshot::channel();
            self.jobs.try_send(Job { row, again, done }).map_err(|_| Refused::Busy)?;
            match outcome.await.map_err(|_| Refused::Interrupted)?? {
                Added::Now | Added::Before => {
                    *unstored = None;
                    self.counts.stored.fetch_add(u64::from(!again), Ordering::Relaxed);
                    return Ok(attempt.reference.clone());
                }
                Added::Taken => {
                    // Another server has stored it within the hour, and could not say so.
                    let earliest = hour((self.clock)().as_second() - HOUR);
                    if expected.as_ref() == Some(&attempt.reference)
                        && self.store.has(&attempt.reference, earliest).await?
                    {
                        *unstored = None;
                        return Ok(attempt.reference.clone());
                    }
                    self.recent().forget(&content, &attempt);
                }
            }
        }
        Err(Refused::Busy)
    }

    /// The attempt there is for this content, or a new one, with the expected reference or a random one.
    fn attempt(
        &self,
        content: Content,
        request: &NewRequest,
        expected: Option<Reference>,
    ) -> Result<Arc<Attempt>, Refused> {
        let now = (self.clock)();
        let known = self.recent().find(&content, now);
        if let Some(known) = known {
            return Ok(known);
        }
        // Sealed while nobody waits for the lock: of two at once, the first to come back counts.
        let reference = expected.map_or_else(|| random().map(Reference::from_random), Ok)?;
        let sealed = self.sealed(request, &reference, now)?;
        let unstored = tokio::sync::Mutex::new(Some(sealed));
        Ok(self.recent().remember(content, Arc::new(Attempt { reference, since: now, unstored }), now))
    }

    fn sealed(&self, request: &NewRequest, reference: &Reference, at: Timestamp) -> Result<Arc<NewRow>, Refused> {
        let minute = at.round(Unit::Minute).unwrap_or(at);
        let plain = Request::new(request, reference, minute.to_string(), self.keys.texts());
        let sealed = seal(&self.keys, &plain)?;
        Ok(Arc::new(NewRow {
            reference: reference.clone(),
            received_hour: hour(at.as_second()),
            language: request.page,
            keys: self.keys.fingerprints().to_owned(),
            sealed,
        }))
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, RecentSubmissions> {
        // Whatever panicked while it held the lock left the map usable: at worst something is forgotten too early.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes requests, as many at once as have gathered; the bell rings when staff have to be notified. It never ends. It may be dropped
    /// and started again: what it was writing is answered with [`Refused::Interrupted`], and what waits is written by the next.
    pub async fn write(self: Arc<Self>) {
        let mut jobs = self.waiting.lock().await;
        let mut group = Vec::with_capacity(GROUP);
        while jobs.recv_many(&mut group, GROUP).await > 0 {
            // Whoever left meanwhile was answered that nothing is stored, or saw no answer at all: after an outage that would be most of what waits.
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
        let written = timeout(WRITE_TIMEOUT, self.store.write(&writes, self.bell.is_some())).await;
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
    pub async fn is_recent(&self, reference: &Reference) -> Result<bool, StoreError> {
        self.store.has(reference, hour((self.clock)().as_second() - DAY)).await
    }

    /// Whether requests can be written, by what was learned within the last 5 seconds or by a probe.
    pub async fn writable(&self) -> Result<(), StoreError> {
        self.health.writable().await
    }

    /// What is known about writing, for whatever else uses the store, and to be watched.
    #[must_use]
    pub fn health(&self) -> &Arc<Health> {
        &self.health
    }

    /// Where the requests are stored.
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

/// A hash of everything that was asked, of who asked, and of a secret, without which nobody can try out what was asked. None of it is remembered itself.
fn hash(secret: &[u8], request: &NewRequest, network: ClientNetwork) -> Result<Content, Refused> {
    let asked = plaintext(&(request.page.tag(), &request.answers))?;
    let hash = Sha256::new().chain_update(secret).chain_update(network.0).chain_update(&*asked);
    Ok(hash.finalize().into())
}

/// The first bytes of a hash.
fn first(hash: Content) -> [u8; 5] {
    hash.first_chunk().copied().unwrap_or_default()
}

fn random<const N: usize>() -> Result<[u8; N], Refused> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Refused::Randomness)?;
    Ok(bytes)
}

/// The full hour of an instant, both in seconds since 1970.
#[must_use]
pub const fn hour(seconds: i64) -> i64 {
    seconds - seconds.rem_euclid(3600)
}

/// Days since 1970 of an instant, in UTC.
#[must_use]
pub fn today(now: Timestamp) -> i64 {
    now.as_second().div_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use super::{ClientNetwork, hash};
    use crate::lang::Lang;
    use crate::requests::form::Form;
    use crate::requests::{Field, NewRequest};
    use std::collections::HashSet;

    #[test]
    fn two_requests_that_differ_in_any_field_are_not_the_same() {
        let content =
            |request: &NewRequest, network| hash(b"a secret", request, ClientNetwork::new([network; 16])).unwrap();
        let form = Form::read(b"name=A&phone=9165550100").unwrap();
        let first = form.request(Lang::En).unwrap();
        assert_eq!(content(&first, 1), content(&form.request(Lang::En).unwrap(), 1));
        let mut seen = HashSet::from([content(&first, 1), content(&first, 2)]);
        assert!(seen.insert(content(&form.request(Lang::from_tag("es").unwrap()).unwrap(), 1)));
        for field in Field::ALL.iter().filter(|field| **field != Field::Trap) {
            // One of these is an answer to any question.
            let mut other = first.clone();
            for value in ["other words", "named", "night", "english", "me"] {
                other.answers.put(*field, value);
                if other != first {
                    break;
                }
            }
            assert!(seen.insert(content(&other, 1)), "{field:?}");
        }
    }
}
