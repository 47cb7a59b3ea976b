//! What handles the posts of the form: the inbox, and the limits of posts.

mod client;
mod hourly;
mod limiter;

pub(super) use client::Client;
pub(super) use limiter::Limiter;
pub use limiter::Rates;

use crate::requests::inbox::Inbox;
use crate::requests::mail::MailStatus;
use client::Proxies;
use hourly::HourlyCounts;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// The address that a request came from, as an extension of the request: to limit posts by network. Never logged, so `{:?}` hides it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Peer(pub(super) SocketAddr);

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Peer(…)")
    }
}

/// How many calls of staff who aren't signed in one network may make in an hour: a clinic whose computers share an address signs in with each of
/// them, and again after a restart.
const CALLS_PER_NETWORK: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);
/// How many all together may make.
const CALLS_IN_ALL: NonZeroU32 = NonZeroU32::MIN.saturating_add(599);

/// Handles the posts of the form.
#[derive(Debug)]
pub struct Intake {
    inbox: Arc<Inbox>,
    limiter: Limiter,
    /// That of the calls of staff who are not signed in.
    calls: Arc<Limiter>,
    proxies: Proxies,
    counts: Counts,
    hourly_counts: HourlyCounts,
    mails: Option<Arc<MailStatus>>,
}

/// What became of posts since the start, besides those in [`crate::requests::inbox::Counts`].
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Shown again with mistakes.
    pub(super) mistaken: AtomicU64,
    /// Too many from one network, or in all.
    pub(super) limited: AtomicU64,
    /// Not a post that a browser makes from this form.
    pub(super) malformed: AtomicU64,
}

impl Intake {
    /// Handles posts for an inbox, at most at these rates. `mails` counts the messages to staff, if there are any.
    #[must_use]
    pub fn new(inbox: Arc<Inbox>, rates: Rates, mails: Option<Arc<MailStatus>>) -> Self {
        let (counts, hourly_counts) = (Counts::default(), HourlyCounts::default());
        let limiter = Limiter::new(rates.per_network, rates.in_all);
        let calls = Arc::new(Limiter::new(CALLS_PER_NETWORK, CALLS_IN_ALL));
        let proxies = Proxies::new(rates.trusted_proxies, rates.is_behind_proxy);
        Self { inbox, limiter, calls, proxies, counts, hourly_counts, mails }
    }

    pub(super) fn mails(&self) -> Option<&MailStatus> {
        self.mails.as_deref()
    }

    /// Closes the store for good, as the process ends.
    pub(super) async fn end(&self) {
        self.inbox.store().end().await;
    }

    pub(super) fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    pub(super) fn hourly_counts(&self) -> &HourlyCounts {
        &self.hourly_counts
    }

    pub(super) fn proxies(&self) -> &Proxies {
        &self.proxies
    }

    pub(super) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    pub(super) fn calls(&self) -> &Arc<Limiter> {
        &self.calls
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }
}
