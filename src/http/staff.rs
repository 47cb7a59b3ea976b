//! What a program gives the staff's own routes, which come from above: who calls, and how often somebody may who isn't signed in.
//!
//! They are below [`route::DESK`], outside what protects the form from other sites: they know no cookie, so nothing that a browser sends by itself
//! gets anybody in. The log has no line of them, since one would show when somebody asked and when somebody called back.

use super::intake::{Client, Intake, Limiter, Peer};
use crate::site::{Site, route};
use axum::http::HeaderMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Who calls, as an extension of a request. Never logged, so `{:?}` hides it.
#[derive(Clone)]
pub struct Caller {
    client: Client,
    limiter: Arc<Limiter>,
    zone: String,
}

impl Caller {
    pub(super) fn new(intake: &Intake, peer: Option<Peer>, headers: &HeaderMap, site: &Site) -> Self {
        // Without an address, as in a test, all count as one network.
        let address = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |Peer(peer)| peer.ip());
        let (client, limiter) = (intake.proxies().client(address, headers), Arc::clone(intake.calls()));
        Self { client, limiter, zone: site.zone_name().to_owned() }
    }

    /// The name of the clinic's time zone (IANA).
    #[must_use]
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// Counts a call of somebody who isn't signed in.
    ///
    /// # Errors
    /// There were too many of this network, or in all: how long to wait.
    pub fn count(&self) -> Result<(), Duration> {
        self.limiter.count(self.client)
    }

    /// Whether such a call would be let through now; it is not counted.
    ///
    /// # Errors
    /// As of [`Caller::count`].
    pub fn may_call(&self) -> Result<(), Duration> {
        self.limiter.would_count(self.client)
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caller(…)")
    }
}

/// Whether a path is one of the staff's.
pub(super) fn is_staffs(path: &str) -> bool {
    path.starts_with(route::DESK) || path == route::DESK.trim_end_matches('/')
}

/// What became of the staff's calls since the start, for the metrics: nothing about any single one.
#[derive(Debug, Default)]
pub struct StaffCounts {
    /// Challenges that were sent.
    pub challenges: AtomicU64,
    /// Sign-ins that succeeded.
    pub signed_in: AtomicU64,
    /// Tokens that open nothing: tried too late, twice, or never given.
    pub refused: AtomicU64,
    /// Calls of those who aren't signed in that were too many.
    pub limited: AtomicU64,
    /// Requests that were closed or opened again.
    pub changed: AtomicU64,
    /// Changes of a request that somebody else had changed meanwhile.
    pub overtaken: AtomicU64,
    /// Changes of what isn't there, or to what is no sealed request.
    pub unfit: AtomicU64,
    /// Calls that wait for changes now.
    pub waiting: AtomicU64,
}

impl StaffCounts {
    /// Counts one more.
    pub fn add(count: &AtomicU64) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}
