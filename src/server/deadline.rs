//! Deadlines: checks a connection at intervals, and decides when what it is doing has taken too long.

use super::progress::{Phase, Progress};
use super::shared::Shared;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::futures::OwnedNotified;
use tokio::time::{Instant, Sleep, sleep};

/// The shortest and the longest interval between two checks of a connection.
const CHECK_INTERVAL: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(1));
/// The longest interval when half of the slots are taken, so that idle connections make room within a second.
const BUSY_CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// How long a stop waits at least for the first request of a connection: who has just connected is about to send one.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(1);

/// How long an idle HTTP/2 connection may stay after GOAWAY. hyper waits for the client to answer it, which some never do.
const GOAWAY_TIMEOUT: Duration = Duration::from_secs(4);

/// What to do with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// It took too long: close it.
    Cut,
    /// It has been idle for a while: release its parser and buffers.
    Release,
    /// Let it end, as it is old, or the server stops: HTTP/2 after the answers in flight, HTTP/1 after the next one, which says so.
    Finish,
}

/// The deadlines of one connection.
pub(super) struct Deadlines {
    shared: Arc<Shared>,
    /// Ready when the server stops.
    stop: Pin<Box<OwnedNotified>>,
    next_check: Pin<Box<Sleep>>,
    /// `next_check` was polled, so that it wakes us.
    is_check_set: bool,
    is_stop_set: bool,
    /// [`Action::Finish`] was returned.
    ends: bool,
    accepted: Instant,
    /// What the connection was doing at the last check, and since when.
    seen: (u32, Phase),
    since: Instant,
}

impl Deadlines {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        let now = Instant::now();
        Self {
            shared: Arc::clone(shared),
            stop: Box::pin(Arc::clone(&shared.stop).notified_owned()),
            next_check: Box::pin(sleep(check_interval(shared))),
            is_check_set: false,
            is_stop_set: false,
            ends: false,
            accepted: now,
            seen: (0, Phase::Idle),
            since: now,
        }
    }

    /// Checks the connection if it is time to. Otherwise this costs next to nothing: a task's waker stays the same, so each of the two futures is
    /// polled once.
    pub(super) fn poll(&mut self, context: &mut Context<'_>, progress: &Progress) -> Option<Action> {
        if !self.is_stop_set {
            self.is_stop_set = true;
            self.stop.as_mut().enable();
            let _ = self.stop.as_mut().poll(context);
        }
        if self.shared.is_stopping() && !self.ends {
            return Some(self.finish(progress, Instant::now()));
        }
        loop {
            if self.next_check.is_elapsed() {
                let now = Instant::now();
                self.next_check.as_mut().reset(now + check_interval(&self.shared));
                self.is_check_set = false;
                if let Some(action) = self.check(progress, now) {
                    // The caller polls again, which sets the next check.
                    context.waker().wake_by_ref();
                    return Some(action);
                }
            } else if self.is_check_set {
                return None;
            } else {
                self.is_check_set = self.next_check.as_mut().poll(context).is_pending();
            }
        }
    }

    fn finish(&mut self, progress: &Progress, now: Instant) -> Action {
        self.ends = true;
        progress.set_ends();
        let doing = (progress.changes(), progress.phase());
        // From now on an idle connection has less time.
        if doing != self.seen || doing.1 == Phase::Idle {
            (self.seen, self.since) = (doing, now);
        }
        if self.shared.is_stopping() {
            let pause = self.farewell(progress).min(check_interval(&self.shared));
            self.next_check.as_mut().reset(now + pause);
            self.is_check_set = false;
        }
        Action::Finish
    }

    /// How long an HTTP/1 connection may be idle while the server stops.
    fn farewell(&self, progress: &Progress) -> Duration {
        let least = if progress.has_had_requests() { Duration::ZERO } else { FIRST_REQUEST_TIMEOUT };
        self.shared.limits.farewell.max(least).min(self.shared.limits.idle)
    }

    fn check(&mut self, progress: &Progress, now: Instant) -> Option<Action> {
        let doing = (progress.changes(), progress.phase());
        let mut action = None;
        if doing == self.seen {
            let (limits, is_scarce) = (&self.shared.limits, self.shared.is_scarce());
            let limit = match doing.1 {
                Phase::Idle if progress.is_multiplexed() => {
                    // Answers may wait for the client's window, which isn't seen here; what the client sends meanwhile is.
                    let limit = if is_scarce { limits.head / 4 } else { limits.idle };
                    if self.shared.is_stopping() { limit.min(GOAWAY_TIMEOUT) } else { limit }
                }
                Phase::Idle if is_scarce => Duration::ZERO,
                Phase::Idle if self.shared.is_stopping() => self.farewell(progress),
                Phase::Idle => limits.idle,
                Phase::Head if is_scarce => limits.head / 4,
                Phase::Head => limits.head,
                Phase::Body => limits.body,
                Phase::Answer => limits.answer,
            };
            if now - self.since >= limit {
                return Some(Action::Cut);
            }
            action = (doing.1 == Phase::Idle).then_some(Action::Release);
        } else {
            self.seen = doing;
            self.since = now;
        }
        if now - self.accepted >= self.shared.limits.age && !self.ends {
            return Some(self.finish(progress, now));
        }
        action
    }

    /// Ready when a connection on which nothing happens has to be closed.
    pub(super) fn poll_idle(&mut self, context: &mut Context<'_>, progress: &Progress) -> Poll<()> {
        loop {
            match self.poll(context, progress) {
                Some(Action::Cut) => return Poll::Ready(()),
                Some(Action::Release | Action::Finish) => {}
                None => return Poll::Pending,
            }
        }
    }
}

/// How long until a connection is checked again.
fn check_interval(shared: &Shared) -> Duration {
    let limits = &shared.limits;
    let shortest = limits.head.min(limits.idle).min(limits.body).min(limits.answer);
    let interval = (shortest / 4).clamp(CHECK_INTERVAL.0, CHECK_INTERVAL.1);
    if shared.is_busy() { interval.min(BUSY_CHECK_INTERVAL) } else { interval }
}
