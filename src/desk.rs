//! The front desk: the interface that its page and the terminal ask, and the making of that page. `docs/desk-interface.md` is the contract.
//!
//! The server can open nothing: it hands out ciphertexts, and takes those that staff have sealed anew. Two programs answer the same calls:
//!
//! - `serve`, below [`crate::site::route::DESK`], for a page that lies on a disk, which a browser therefore lets nobody else's page ask for. Who has a staff
//!   key is signed in (`access`). There is no cookie, so nothing that a browser sends by itself gets anybody in;
//! - `clinic-site desk`, for requests in a store that is on this computer, or reached from it. It listens on the loopback interface alone, and every path
//!   begins with a token that only its user has seen (`local`).
//!
//! Nothing of a request is in an address, and no call has a line in the log: that would show when somebody called back.

mod access;
mod calls;
mod cors;
mod local;
mod offer;
mod page;
mod shape;
mod wait;
pub mod words;

pub use access::Origin;
pub use local::{Local, local_router};
pub use offer::router;
pub use page::{Page, PageSettings};

use crate::http::StaffCounts;
use crate::requests::keys::PublicKeys;
use crate::requests::store::{Store, StoreError};
use access::Door;
use axum::Router;
use axum::middleware::from_fn;
use axum::routing::post;
use jiff::Timestamp;
use shape::Refusal;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use wait::Waits;

/// How long a call waits for the store.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);
/// For how many seconds nothing may have failed before the store counts as reached again.
const QUIET: i64 = 60;

/// What all calls share.
pub struct Desk {
    store: Arc<Store>,
    clock: fn() -> Timestamp,
    /// For how many days closed requests are stored.
    keep_days: u16,
    /// Who gets in, and how; `None`: whoever knows the path.
    door: Option<Door>,
    counts: Arc<StaffCounts>,
    waits: Waits,
    stopping: watch::Sender<bool>,
    /// The last call could not be answered because of the store, and that was logged.
    is_away: AtomicBool,
    /// When it last failed, in seconds since 1970.
    failed: AtomicI64,
}

impl Desk {
    /// The desk of a server that seals to these keys, and is asked as this origin.
    #[must_use]
    pub fn for_server(
        store: Arc<Store>,
        clock: fn() -> Timestamp,
        keep_days: u16,
        keys: &PublicKeys,
        origin: Origin,
    ) -> Arc<Self> {
        Arc::new(Self::new(store, clock, keep_days, Some(Door::new(keys, origin))))
    }

    /// The desk of whoever knows its path.
    #[must_use]
    pub fn for_this_computer(store: Arc<Store>, clock: fn() -> Timestamp, keep_days: u16) -> Arc<Self> {
        Arc::new(Self::new(store, clock, keep_days, None))
    }

    fn new(store: Arc<Store>, clock: fn() -> Timestamp, keep_days: u16, door: Option<Door>) -> Self {
        Self {
            store,
            clock,
            keep_days,
            door,
            counts: Arc::default(),
            waits: Waits::default(),
            stopping: watch::Sender::new(false),
            is_away: AtomicBool::new(false),
            failed: AtomicI64::new(i64::MIN),
        }
    }

    /// What became of its calls.
    #[must_use]
    pub fn counts(&self) -> Arc<StaffCounts> {
        Arc::clone(&self.counts)
    }

    /// Ends the sessions of keys that are not the server's any more, as it starts: they don't come back with the key. While the store can't be reached, each call
    /// of such a session does.
    pub async fn end_other_sessions(&self) {
        if let Some(door) = &self.door {
            let _ = self.ask(self.store.end_sessions_of_others(&door.fingerprints())).await;
        }
    }

    /// Answers the calls that wait for changes, as the program ends.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// What the store answers in time. The first failure is logged, and when there was none for a while: not each call, which would show when staff work.
    async fn ask<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, Refusal> {
        match tokio::time::timeout(STORE_TIMEOUT, call).await.unwrap_or_else(|_| Err(StoreError::late())) {
            Ok(found) => {
                let quiet = self.now().as_second().saturating_sub(self.failed.load(Ordering::Relaxed)) >= QUIET;
                if quiet && self.is_away.swap(false, Ordering::Relaxed) {
                    tracing::info!("the front desk reaches the requests again");
                }
                Ok(found)
            }
            Err(error) => {
                self.failed.store(self.now().as_second(), Ordering::Relaxed);
                if !self.is_away.swap(true, Ordering::Relaxed) {
                    tracing::error!(%error, "the front desk can't reach the requests");
                }
                Err(Refusal::Unavailable)
            }
        }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk(…)")
    }
}

/// The calls of the interface. A server has those of signing in, too.
fn interface(desk: &Arc<Desk>) -> Router {
    let calls = Router::new()
        .route("/list", post(calls::list))
        .route("/get", post(calls::get))
        .route("/change", post(calls::change))
        .route("/wait", post(wait::wait));
    let calls = if desk.door.is_some() { calls.merge(access::routes()) } else { calls };
    calls
        .method_not_allowed_fallback(|| async { Refusal::OtherMethod })
        .fallback(|| async { Refusal::NotHere })
        .layer(from_fn(cors::pages_from_disk))
        .with_state(Arc::clone(desk))
}
