//! What became of posts, in the log: one line an hour, and none if nobody sent anything.
//!
//! A line for each, as for other requests, would show to the microsecond when somebody asked for an appointment. Whoever reads the log and saw when
//! a person used their phone, or when an address used the network, would know that it was them. Between the lines of other requests even a
//! rounded time would be exact, so there is no line at all.

use axum::http::{Method, StatusCode};
use std::sync::atomic::{AtomicU64, Ordering};

/// What became of posts and of lookups of references since the last line.
#[derive(Debug, Default)]
pub(in crate::http) struct HourlyCounts {
    /// Posts that were acknowledged.
    accepted: AtomicU64,
    /// Posts that were shown again with mistakes.
    mistaken: AtomicU64,
    /// Too many from one network, or in all.
    limited: AtomicU64,
    /// Not a form that a browser sends from this site.
    refused: AtomicU64,
    /// Posts that could not be stored.
    failed: AtomicU64,
    /// Lookups of a reference, by its page.
    lookups: AtomicU64,
    /// Those of them that were too many.
    lookups_limited: AtomicU64,
}

impl HourlyCounts {
    /// Counts an answer.
    pub(in crate::http) fn count(&self, method: &Method, status: StatusCode) {
        let counter = match (method, status) {
            (&Method::POST, StatusCode::SEE_OTHER) => &self.accepted,
            (&Method::POST, StatusCode::UNPROCESSABLE_ENTITY) => &self.mistaken,
            (&Method::POST, StatusCode::TOO_MANY_REQUESTS) => &self.limited,
            (&Method::POST, status) if status.is_server_error() => &self.failed,
            (&Method::POST, _) => &self.refused,
            (_, StatusCode::TOO_MANY_REQUESTS) => &self.lookups_limited,
            _ => &self.lookups,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Logs the counts, unless all are zero, and resets them.
    pub(in crate::http) fn log(&self) {
        let Self { accepted, mistaken, limited, refused, failed, lookups, lookups_limited } = self;
        let counts = [accepted, mistaken, limited, refused, failed, lookups, lookups_limited];
        let counts = counts.map(|count| count.swap(0, Ordering::Relaxed));
        if counts.iter().any(|count| *count > 0) {
            let [accepted, mistaken, limited, refused, failed, lookups, lookups_limited] = counts;
            tracing::info!(accepted, mistaken, limited, refused, failed, lookups, lookups_limited, "posts of the form");
        }
    }
}
