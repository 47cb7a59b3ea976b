//! What a connection is doing, as its parts tell it: the socket, what answers, and the bodies under way.
//!
//! Nothing here reads a clock. Each change has a number, and [`super::watch`] looks once in a while whether the number is still the same: so
//! a request pays a few stores, and no timer is set for it.

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};

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

/// What a connection's parts have told.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    changes: AtomicU32,
    head: AtomicBool,
    body: AtomicBool,
    blocked: AtomicBool,
    unread: AtomicBool,
    exchanges: AtomicU32,
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

    /// Bytes have come.
    pub(super) fn read(&self) {
        if !self.head.load(Relaxed) {
            self.head.store(true, Relaxed);
            self.change();
        }
    }

    /// A request's head was read: what comes now is its answer.
    pub(crate) fn asked(&self) {
        self.head.store(false, Relaxed);
        self.change();
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

    /// A request is answered before its body is read to the end: hyper may read no more of this connection, so the answer says that it closes.
    /// Otherwise a proxy would send the next visitor's request on it, and lose that.
    pub(crate) fn leave_unread(&self) {
        self.unread.store(true, Relaxed);
    }

    /// Whether [`Progress::leave_unread`] was called.
    pub(crate) fn left_unread(&self) -> bool {
        self.unread.load(Relaxed)
    }

    /// A request is under way while the exchange lives.
    pub(crate) fn exchange(self: &Arc<Self>) -> Exchange {
        self.exchanges.fetch_add(1, Relaxed);
        self.change();
        Exchange(Arc::clone(self))
    }
}

/// A request under way, from its head to the last byte of its answer.
#[derive(Debug)]
pub(crate) struct Exchange(Arc<Progress>);

impl Drop for Exchange {
    fn drop(&mut self) {
        // Bytes that came meanwhile were those of its body.
        self.0.head.store(false, Relaxed);
        self.0.body.store(false, Relaxed);
        self.0.exchanges.fetch_sub(1, Relaxed);
        self.0.change();
    }
}

/// The body of a request, which tells that it is waited for.
struct Waited {
    body: Incoming,
    progress: Arc<Progress>,
}

/// A request's body, for a handler; what is waited for is told.
pub(crate) fn waited(body: Incoming, progress: &Arc<Progress>) -> Body {
    if hyper::body::Body::is_end_stream(&body) {
        return Body::empty();
    }
    Body::new(Waited { body, progress: Arc::clone(progress) })
}

impl hyper::body::Body for Waited {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let next = Pin::new(&mut self.body).poll_frame(context);
        let waits = next.is_pending();
        // Told once for the whole body, so that a byte now and then doesn't prolong it.
        let told = self.progress.body.load(Relaxed);
        if (waits && !told) || matches!(next, Poll::Ready(None)) && told {
            self.progress.body.store(waits, Relaxed);
            self.progress.change();
        }
        next
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Waited {
    fn drop(&mut self) {
        if !hyper::body::Body::is_end_stream(&self.body) {
            self.progress.leave_unread();
        }
        if self.progress.body.swap(false, Relaxed) {
            self.progress.change();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Phase, Progress};
    use std::sync::Arc;

    #[test]
    fn phases_follow_what_the_parts_tell() {
        let progress = Arc::new(Progress::default());
        assert_eq!(progress.phase(), Phase::Idle);
        progress.read();
        assert_eq!(progress.phase(), Phase::Head);
        let before = progress.changes();
        progress.read();
        assert_eq!(progress.changes(), before, "more bytes of one head are no change");
        progress.asked();
        let exchange = progress.exchange();
        assert_eq!(progress.phase(), Phase::Answer);
        progress.blocked();
        drop(exchange);
        assert_eq!(progress.phase(), Phase::Answer, "the client hasn't taken all of it");
        progress.flushed();
        assert_eq!(progress.phase(), Phase::Idle);
        assert!(progress.changes() > before);
    }
}
