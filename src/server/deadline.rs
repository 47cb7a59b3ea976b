//! Deadlines: looks at a connection once in a while, and says when what it is doing has taken too long.

use super::progress::{Phase, Progress};
use super::shared::Shared;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::futures::OwnedNotified;
use tokio::time::{Instant, Sleep, sleep};

/// How often a connection is looked at, at most and at least.
const LOOKS: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(1));
/// How often when half of the slots are taken: idle connections make room within a second.
const QUICK_LOOK: Duration = Duration::from_millis(250);

/// For how long a stop waits for the first request of a connection.
const JUST_CONNECTED: Duration = Duration::from_secs(1);

/// What is to be done with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It took too long: cut it.
    Cut,
    /// It has had nothing to do for a while.
    Quiet,
    /// Let it finish what it is doing and take nothing new: it is old, or the program stops.
    Finish,
}

/// How far the end of a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    None,
    /// The server stops, and the first request is still awaited.
    Awaited,
    /// It ends after the answer in flight.
    Begun,
}

/// The deadlines of one connection.
pub(super) struct Deadlines {
    shared: Arc<Shared>,
    /// Ready when the program stops.
    stop: Pin<Box<OwnedNotified>>,
    look: Pin<Box<Sleep>>,
    /// The look was polled, so that it wakes us.
    set: bool,
    asked: bool,
    end: End,
    born: Instant,
    seen: (u32, Phase),
    since: Instant,
}

impl Deadlines {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        let now = Instant::now();
        Self {
            shared: Arc::clone(shared),
            stop: Box::pin(Arc::clone(&shared.stop).notified_owned()),
            look: Box::pin(sleep(look(shared))),
            set: false,
            asked: false,
            // A connection that is accepted during a stop gets its one answer.
            end: if shared.is_stopping() { End::Begun } else { End::None },
            born: now,
            seen: (0, Phase::Idle),
            since: now,
        }
    }

    /// Looks, if it is time to. It costs next to nothing when it isn't: the two futures are asked once each time they are set, as a task's
    /// waker stays the same.
    pub(super) fn poll(&mut self, context: &mut Context<'_>, progress: &Progress) -> Option<Verdict> {
        if !self.asked {
            self.asked = true;
            self.stop.as_mut().enable();
            let _ = self.stop.as_mut().poll(context);
        }
        if self.shared.is_stopping()
            && let Some(verdict) = self.stopping(progress)
        {
            return Some(verdict);
        }
        loop {
            if self.look.is_elapsed() {
                let now = Instant::now();
                self.look.as_mut().reset(now + look(&self.shared));
                self.set = false;
                if let Some(verdict) = self.look_at(progress, now) {
                    // Whoever goes on comes back here, and the next look is set.
                    context.waker().wake_by_ref();
                    return Some(verdict);
                }
            } else if self.set {
                return None;
            } else {
                self.set = self.look.as_mut().poll(context).is_pending();
            }
        }
    }

    /// A stop: a client that has just connected is about to ask, and gets a moment. hyper would close it without an answer, so it is taken out of
    /// its hands first, and served anew for one answer.
    fn stopping(&mut self, progress: &Progress) -> Option<Verdict> {
        if self.end == End::Begun {
            None
        } else if progress.has_asked() || self.born.elapsed() >= JUST_CONNECTED {
            self.end = End::Begun;
            Some(Verdict::Finish)
        } else if self.end == End::None && progress.phase() == Phase::Idle {
            self.end = End::Awaited;
            Some(Verdict::Quiet)
        } else {
            None
        }
    }

    fn look_at(&mut self, progress: &Progress, now: Instant) -> Option<Verdict> {
        let doing = (progress.changes(), progress.phase());
        let mut quiet = None;
        if doing == self.seen {
            let limits = &self.shared.limits;
            let scarce = self.shared.is_scarce();
            let limit = match doing.1 {
                // Answers of HTTP/2 may wait for the client's window, which isn't seen here; what it sends meanwhile is.
                Phase::Idle if scarce && progress.is_multiplexed() => limits.head / 4,
                Phase::Idle if scarce => Duration::ZERO,
                Phase::Idle => limits.idle,
                Phase::Head if scarce => limits.head / 4,
                Phase::Head => limits.head,
                Phase::Body => limits.body,
                Phase::Answer => limits.answer,
            };
            if now - self.since >= limit {
                return Some(Verdict::Cut);
            }
            if doing.1 == Phase::Idle {
                quiet = Some(Verdict::Quiet);
            }
        } else {
            self.seen = doing;
            self.since = now;
        }
        if now - self.born >= self.shared.limits.age && self.end != End::Begun {
            self.end = End::Begun;
            return Some(Verdict::Finish);
        }
        quiet
    }

    /// Waits until something is to be done, while nothing happens on the connection.
    pub(super) fn poll_idle(&mut self, context: &mut Context<'_>, progress: &Progress) -> Poll<()> {
        loop {
            match self.poll(context, progress) {
                Some(Verdict::Cut | Verdict::Finish) => return Poll::Ready(()),
                Some(Verdict::Quiet) => {}
                None => return Poll::Pending,
            }
        }
    }
}

/// How long until a connection is looked at again.
fn look(shared: &Shared) -> Duration {
    let limits = &shared.limits;
    let shortest = limits.head.min(limits.idle).min(limits.body).min(limits.answer);
    let look = (shortest / 4).clamp(LOOKS.0, LOOKS.1);
    if shared.is_busy() { look.min(QUICK_LOOK) } else { look }
}
