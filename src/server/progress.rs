//! What a connection is doing, as its parts report it: the socket, the service, and the bodies in flight.
//!
//! Nothing here reads a clock. Each change has a number, and [`super::deadline`] looks once in a while whether the number is still the same: so
//! a request pays a few stores, and no timer is set for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing: the next request is waited for.
    Idle,
    /// A request's head has begun.
    Head,
    /// A request's body is waited for.
    Body,
    /// An answer is made or sent.
    Answer,
}

/// What the parts of a connection have reported.
#[derive(Debug, Default)]
pub(super) struct Progress {
    changes: AtomicU32,
    head: AtomicBool,
    body: AtomicBool,
    blocked: AtomicBool,
    unread: AtomicBool,
    exchanges: AtomicU32,
    requests: AtomicU32,
    /// HTTP/2: bytes say nothing about which request they belong to.
    multiplexed: AtomicBool,
    /// `Content-Length` lines that came, less those that requests were seen with.
    hidden_lengths: AtomicU32,
}

impl Progress {
    fn change(&self) {
        self.changes.fetch_add(1, Relaxed);
    }

    /// The number of the last change.
    pub(super) fn changes(&self) -> u32 {
        self.changes.load(Relaxed)
    }

    pub(super) fn phase(&self) -> Phase {
        if self.blocked.load(Relaxed) {
            Phase::Answer
        } else if self.exchanges.load(Relaxed) > 0 {
            if self.body.load(Relaxed) { Phase::Body } else { Phase::Answer }
        } else if self.head.load(Relaxed) {
            Phase::Head
        } else {
            Phase::Idle
        }
    }

    /// Bytes came, with so many `Content-Length` lines among them.
    pub(super) fn read(&self, lengths: u32) {
        if lengths > 0 {
            self.hidden_lengths.fetch_add(lengths, Relaxed);
        }
        if self.multiplexed.load(Relaxed) {
            self.change();
        } else if !self.head.load(Relaxed) {
            self.head.store(true, Relaxed);
            self.change();
        }
    }

    /// The connection speaks HTTP/2: whatever comes shows that the client is there.
    pub(super) fn multiplexes(&self) {
        self.multiplexed.store(true, Relaxed);
    }

    /// Whether [`Progress::multiplexes`] was called.
    pub(super) fn is_multiplexed(&self) -> bool {
        self.multiplexed.load(Relaxed)
    }

    /// The handshake of TLS has ended: what came so far was no head.
    pub(super) fn handshake_ended(&self) {
        self.head.store(false, Relaxed);
        self.change();
    }

    /// A request's head was read: what follows is its answer.
    pub(super) fn head_ended(&self) {
        self.head.store(false, Relaxed);
        self.requests.fetch_add(1, Relaxed);
        self.change();
    }

    /// Whether a request came on this connection.
    pub(super) fn has_asked(&self) -> bool {
        self.requests.load(Relaxed) > 0
    }

    /// Whether more `Content-Length` lines came than requests had, this one included. It may err where a body has such a line, or a request
    /// came before its turn with one; then a client that sends chunks is refused once too often, and no hidden length is missed.
    pub(super) fn hides_a_length(&self, has_length: bool) -> bool {
        let hidden = self.hidden_lengths.load(Relaxed);
        if has_length && hidden > 0 {
            self.hidden_lengths.fetch_sub(1, Relaxed);
            return hidden > 1;
        }
        hidden > 0
    }

    /// Whether `Content-Length` lines came that no request had: those of a body, which would be held against the next request.
    pub(super) fn has_stray_lengths(&self) -> bool {
        self.hidden_lengths.load(Relaxed) > 0
    }

    /// The client takes no more bytes for now.
    pub(super) fn blocked(&self) {
        if !self.blocked.swap(true, Relaxed) {
            self.change();
        }
    }

    /// Everything was sent.
    pub(super) fn flushed(&self) {
        if self.blocked.load(Relaxed) {
            self.blocked.store(false, Relaxed);
            self.change();
        }
    }

    /// A request's body is waited for. Counted once for the whole body, so that a byte now and then doesn't prolong it.
    pub(super) fn body_begins(&self) {
        if !self.body.swap(true, Relaxed) {
            self.change();
        }
    }

    /// A request's body is no longer waited for.
    pub(super) fn body_ended(&self) {
        if self.body.load(Relaxed) {
            self.body.store(false, Relaxed);
            self.change();
        }
    }

    /// A request's body was dropped before its end.
    pub(super) fn leave_unread(&self) {
        self.unread.store(true, Relaxed);
    }

    /// Whether [`Progress::leave_unread`] was called.
    pub(super) fn left_unread(&self) -> bool {
        self.unread.load(Relaxed)
    }

    /// A request is in flight while the returned value lives.
    pub(super) fn begin_exchange(self: &Arc<Self>) -> InFlight {
        self.exchanges.fetch_add(1, Relaxed);
        InFlight(Arc::clone(self))
    }
}

/// A request in flight, from its head to the last byte of its answer.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Progress>);

impl InFlight {
    pub(super) fn progress(&self) -> &Progress {
        &self.0
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        // Bytes that came meanwhile were those of its body.
        self.0.head.store(false, Relaxed);
        self.0.body.store(false, Relaxed);
        self.0.exchanges.fetch_sub(1, Relaxed);
        self.0.change();
    }
}

#[cfg(test)]
mod tests {
    use super::{Phase, Progress};
    use std::sync::Arc;

    #[test]
    fn phases_follow_what_the_parts_report() {
        let progress = Arc::new(Progress::default());
        assert_eq!(progress.phase(), Phase::Idle);
        progress.read(0);
        assert_eq!(progress.phase(), Phase::Head);
        let before = progress.changes();
        progress.read(0);
        assert_eq!(progress.changes(), before, "more bytes of one head are no change");
        progress.head_ended();
        let in_flight = progress.begin_exchange();
        assert_eq!(progress.phase(), Phase::Answer);
        progress.body_begins();
        assert_eq!(progress.phase(), Phase::Body);
        progress.body_ended();
        progress.blocked();
        drop(in_flight);
        assert_eq!(progress.phase(), Phase::Answer, "the client hasn't taken all of it");
        progress.flushed();
        assert_eq!(progress.phase(), Phase::Idle);
        assert!(progress.changes() > before);
    }

    #[test]
    fn a_length_that_hyper_hides_is_known() {
        let progress = Progress::default();
        // An ordinary post, then one in chunks.
        progress.read(1);
        assert!(!progress.hides_a_length(true));
        progress.read(0);
        assert!(!progress.hides_a_length(false));
        // Both in one head.
        progress.read(1);
        assert!(progress.hides_a_length(false));
    }
}
