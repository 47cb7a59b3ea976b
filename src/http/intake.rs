//! What takes the posts of the form: the inbox, and how often somebody may ask.

mod client;
mod limiter;
mod tally;

pub use limiter::Rates;

use crate::requests::inbox::Inbox;
use crate::requests::mail::MailCounts;
use limiter::Limiter;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tally::Tally;

/// Whose connection a request came by, as an extension of the request: to limit how often somebody may ask. It is in no log, so it says
/// nothing of itself in `{:?}`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Peer(pub(super) SocketAddr);

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Peer(…)")
    }
}

/// Takes the posts of the form.
#[derive(Debug)]
pub struct Intake {
    inbox: Arc<Inbox>,
    limiter: Limiter,
    counts: Counts,
    tally: Tally,
    mails: Option<Arc<MailCounts>>,
}

/// What became of posts since the start, besides those in [`crate::requests::inbox::Counts`].
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Shown again with mistakes.
    pub(super) mistaken: AtomicU64,
    /// Too many from one network, or in all.
    pub(super) limited: AtomicU64,
    /// No post that a browser makes from this form.
    pub(super) malformed: AtomicU64,
}

impl Intake {
    /// Takes posts for an inbox, at most at these rates. `mails` counts the messages to staff, if they are told by e-mail.
    #[must_use]
    pub fn new(inbox: Arc<Inbox>, rates: Rates, mails: Option<Arc<MailCounts>>) -> Self {
        Self { inbox, limiter: Limiter::new(rates), counts: Counts::default(), tally: Tally::default(), mails }
    }

    pub(super) fn mails(&self) -> Option<&MailCounts> {
        self.mails.as_deref()
    }

    pub(super) fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// What became of posts, for the log.
    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(super) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }
}
