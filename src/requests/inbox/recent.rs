//! Recent submissions: the same post again, within a quarter of an hour and from the same network, is the same request.

use crate::requests::Reference;
use crate::requests::store::NewRow;
use jiff::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// For how long the same post counts as the same request: a second tap, a reload, a second try after an outage.
const SAME_REQUEST: Duration = Duration::from_mins(15);

/// At most so many are remembered: many more than the limit for all visitors lets in, so that in a rush no try is forgotten before its answer,
/// whose repetition would then be another request. One that is stored takes some hundred bytes; one that is not, 10 KB.
const MAX_REMEMBERED: usize = 4096;

/// A salted hash of what was asked, and of who asked.
pub(super) type Content = [u8; 32];

/// A request on its way to the store, or stored.
pub(super) struct Attempt {
    pub(super) reference: Reference,
    pub(super) since: Timestamp,
    /// What is to be written; nothing once it is stored. Held while it is being written, so that a second post of the same waits for the
    /// first.
    pub(super) unstored: tokio::sync::Mutex<Option<Arc<NewRow>>>,
}

/// Recent submissions, by a hash of it with a salt that this process alone knows and never writes down.
#[derive(Default)]
pub(super) struct RecentSubmissions {
    attempts: HashMap<Content, Arc<Attempt>>,
    /// The oldest first.
    order: VecDeque<(Content, Timestamp)>,
}

impl RecentSubmissions {
    /// The attempt with this content.
    pub(super) fn find(&self, content: &Content, now: Timestamp) -> Option<Arc<Attempt>> {
        self.attempts.get(content).filter(|attempt| is_young(attempt.since, now)).cloned()
    }

    /// Remembers an attempt, and gives the one that counts: of two of the same at once, the first.
    pub(super) fn remember(&mut self, content: Content, new: Arc<Attempt>, now: Timestamp) -> Arc<Attempt> {
        self.forget_the_old(now);
        if let Some(first) = self.find(&content, now) {
            return first;
        }
        self.order.push_back((content, new.since));
        self.attempts.insert(content, Arc::clone(&new));
        new
    }

    /// Forgets an attempt that can't be stored.
    pub(super) fn forget(&mut self, content: &Content, attempt: &Arc<Attempt>) {
        if self.attempts.get(content).is_some_and(|known| Arc::ptr_eq(known, attempt)) {
            self.attempts.remove(content);
        }
    }

    /// Forgets what is too old, and the oldest if it is too much.
    fn forget_the_old(&mut self, now: Timestamp) {
        while let Some((content, since)) = self.order.front()
            && (self.order.len() >= MAX_REMEMBERED || !is_young(*since, now))
        {
            if self.attempts.get(content).is_some_and(|attempt| attempt.since == *since) {
                self.attempts.remove(content);
            }
            self.order.pop_front();
        }
    }
}

fn is_young(since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since).unsigned_abs() < SAME_REQUEST
}
