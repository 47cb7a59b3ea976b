//! How many answers had which status. A count is one addition, of a number that no other status shares.

use axum::http::StatusCode;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// The first status and the number of them (RFC 9110, section 15).
const FIRST: u16 = 100;
const ALL: usize = 500;

/// The answers since the start, by status.
pub(super) struct Statuses(Box<[AtomicU64]>);

impl Default for Statuses {
    fn default() -> Self {
        Self((0..ALL).map(|_| AtomicU64::default()).collect())
    }
}

impl Statuses {
    pub(super) fn count(&self, status: StatusCode) {
        if let Some(count) = self.0.get(usize::from(status.as_u16() - FIRST)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Each status that there was, and how often.
    pub(super) fn all(&self) -> impl Iterator<Item = (u16, u64)> {
        let counts = (FIRST..).zip(&self.0).map(|(status, count)| (status, count.load(Ordering::Relaxed)));
        counts.filter(|(_, count)| *count > 0)
    }
}

impl fmt::Debug for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.all()).finish()
    }
}
