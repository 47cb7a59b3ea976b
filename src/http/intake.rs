//! What handles the posts of the form: the inbox, and the limits of posts.

mod client;
mod hourly;
mod limiter;

pub use limiter::Rates;

use crate::requests::inbox::Inbox;
use crate::requests::mail::MailStatus;
use client::Proxies;
use hourly::HourlyCounts;
use limiter::Limiter;
use std::fmt;
use std::net::SocketAddr;
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

/// Handles the posts of the form.
#[derive(Debug)]
pub struct Intake {
    inbox: Arc<Inbox>,
    limiter: Limiter,
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
        let (limiter, proxies) = (Limiter::new(&rates), Proxies::new(rates.trusted_proxies, rates.is_behind_proxy));
        Self { inbox, limiter, proxies, counts, hourly_counts, mails }
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

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }
}
