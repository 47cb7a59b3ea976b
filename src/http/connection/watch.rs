//! Deadlines: looks at a connection once in a while, and tells when what it is doing has taken too long.

use super::House;
use super::progress::{Phase, Progress};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::futures::OwnedNotified;
use tokio::time::{Instant, Sleep, sleep};

/// How often a connection is looked at, at most and at least.
const LOOKS: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(1));
/// How often when half of the places are taken: what has nothing to do makes room within a second.
const QUICK_LOOK: Duration = Duration::from_millis(250);

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

/// Watches one connection.
pub(super) struct Watch {
    house: Arc<House>,
    /// Ready when the program stops.
    stop: Pin<Box<OwnedNotified>>,
    look: Pin<Box<Sleep>>,
    /// The look was asked, so that it wakes us.
    set: bool,
    asked: bool,
    finishing: bool,
    born: Instant,
    seen: (u32, Phase),
    since: Instant,
}

impl Watch {
    pub(super) fn new(house: &Arc<House>) -> Self {
        let now = Instant::now();
        Self {
            house: Arc::clone(house),
            stop: Box::pin(Arc::clone(&house.stop).notified_owned()),
            look: Box::pin(sleep(house.look())),
            set: false,
            asked: false,
            finishing: false,
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
        if self.house.is_stopping() && !self.finishing {
            self.finishing = true;
            return Some(Verdict::Finish);
        }
        loop {
            if self.look.is_elapsed() {
                let now = Instant::now();
                self.look.as_mut().reset(now + self.house.look());
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

    fn look_at(&mut self, progress: &Progress, now: Instant) -> Option<Verdict> {
        let doing = (progress.changes(), progress.phase());
        let mut quiet = None;
        if doing == self.seen {
            let limits = &self.house.limits;
            let scarce = self.house.is_scarce();
            let most = match doing.1 {
                Phase::Idle if scarce => Duration::ZERO,
                Phase::Idle => limits.idle,
                Phase::Head if scarce => limits.head / 4,
                Phase::Head => limits.head,
                Phase::Body => limits.body,
                Phase::Answer => limits.answer,
            };
            if now - self.since >= most {
                return Some(Verdict::Cut);
            }
            if doing.1 == Phase::Idle {
                quiet = Some(Verdict::Quiet);
            }
        } else {
            self.seen = doing;
            self.since = now;
        }
        if now - self.born >= self.house.limits.age && !self.finishing {
            self.finishing = true;
            return Some(Verdict::Finish);
        }
        quiet
    }

    /// Waits until something is to be done, while nothing happens on the connection.
    pub(super) fn poll_idle(&mut self, context: &mut Context<'_>, progress: &Progress) -> Poll<()> {
        match self.poll(context, progress) {
            Some(Verdict::Cut | Verdict::Finish) => Poll::Ready(()),
            Some(Verdict::Quiet) | None => Poll::Pending,
        }
    }
}

/// How often connections with such limits are looked at.
pub(super) fn look(shortest: Duration, quick: bool) -> Duration {
    let look = (shortest / 4).clamp(LOOKS.0, LOOKS.1);
    if quick { look.min(QUICK_LOOK) } else { look }
}
