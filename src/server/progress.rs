//! What a connection is doing, as its parts report it: the socket, the service, and the bodies in flight.
//!
//! Nothing here reads a clock. Changes are counted, and [`super::deadline`] checks at intervals whether the count is still the same: a request
//! costs a few stores, and no timer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Waiting for the next request.
    Idle,
    /// Reading a request's head.
    Head,
    /// Waiting for a request's body.
    Body,
    /// Making or sending an answer.
    Answer,
}

/// What the parts of a connection have reported.
#[derive(Debug, Default)]
pub(super) struct Progress {
    changes: AtomicU32,
    head: AtomicBool,
    body: AtomicBool,
    blocked: AtomicBool,
    left_unread: AtomicBool,
    in_flight: AtomicU32,
    had_requests: AtomicBool,
    /// The next answer says that it is the last one.
    ends: AtomicBool,
    /// HTTP/2: bytes don't show which request they belong to.
    multiplexed: AtomicBool,
    /// `Content-Length` lines that came, less those of the requests that hyper gave us.
    hidden_lengths: AtomicU32,
}

impl Progress {
    /// Sets a flag. Loading it first is cheaper where it seldom changes.
    fn set(&self, flag: &AtomicBool, value: bool) {
        if flag.load(Relaxed) != value {
            flag.store(value, Relaxed);
            self.change();
        }
    }

    fn change(&self) {
        self.changes.fetch_add(1, Relaxed);
    }

    /// How many changes there were.
    pub(super) fn changes(&self) -> u32 {
        self.changes.load(Relaxed)
    }

    pub(super) fn phase(&self) -> Phase {
        if self.blocked.load(Relaxed) {
            Phase::Answer
        } else if self.in_flight.load(Relaxed) > 0 {
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
        if self.is_multiplexed() {
            self.change();
        } else {
            self.set(&self.head, true);
        }
    }

    /// The connection speaks HTTP/2: whatever comes shows that the client is active.
    pub(super) fn set_multiplexed(&self) {
        self.multiplexed.store(true, Relaxed);
    }

    pub(super) fn is_multiplexed(&self) -> bool {
        self.multiplexed.load(Relaxed)
    }

    /// The TLS handshake has ended: what came so far was no head.
    pub(super) fn handshake_ended(&self) {
        self.head.store(false, Relaxed);
        self.change();
    }

    /// Whether a request has come on this connection.
    pub(super) fn has_had_requests(&self) -> bool {
        self.had_requests.load(Relaxed)
    }

    /// The connection ends after its next answer, or after those in flight.
    pub(super) fn set_ends(&self) {
        self.ends.store(true, Relaxed);
    }

    pub(super) fn ends(&self) -> bool {
        self.ends.load(Relaxed)
    }

    /// Whether more `Content-Length` lines came than requests had, this one included. It may err if a body has such a line, or if a request with
    /// one was read ahead of its turn: then a client that sends chunks is refused once too often, and no hidden length is missed.
    pub(super) fn hides_a_length(&self, has_length: bool) -> bool {
        let hidden = self.hidden_lengths.load(Relaxed);
        if has_length && hidden > 0 {
            self.hidden_lengths.fetch_sub(1, Relaxed);
            return hidden > 1;
        }
        hidden > 0
    }

    /// Whether `Content-Length` lines came that no request had: those in a body, which would count against the next request.
    pub(super) fn has_stray_lengths(&self) -> bool {
        self.hidden_lengths.load(Relaxed) > 0
    }

    /// The client accepts no more bytes for now.
    pub(super) fn blocked(&self) {
        self.set(&self.blocked, true);
    }

    /// Everything was sent.
    pub(super) fn flushed(&self) {
        self.set(&self.blocked, false);
    }

    /// A request's body is waited for. One change for the complete body, so that a byte now and then doesn't prolong it.
    pub(super) fn body_begins(&self) {
        self.set(&self.body, true);
    }

    /// A request's body is no longer waited for.
    pub(super) fn body_ended(&self) {
        self.set(&self.body, false);
    }

    /// A request's body was dropped before its end.
    pub(super) fn set_left_unread(&self) {
        self.left_unread.store(true, Relaxed);
    }

    pub(super) fn is_left_unread(&self) -> bool {
        self.left_unread.load(Relaxed)
    }

    /// A request's head was read. The request is in flight as long as the returned value lives.
    pub(super) fn begin_exchange(self: &Arc<Self>) -> InFlight {
        self.head.store(false, Relaxed);
        self.had_requests.store(true, Relaxed);
        self.in_flight.fetch_add(1, Relaxed);
        self.change();
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
        // Bytes that came meanwhile belong to its body.
        self.0.head.store(false, Relaxed);
        self.0.body.store(false, Relaxed);
        self.0.in_flight.fetch_sub(1, Relaxed);
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
