//! What became of posts, in the log: one line an hour, and none where nobody sent anything.
//!
//! A line for each, as other requests have it, would say to the microsecond when somebody asked for an appointment. Whoever reads the log and saw when
//! a person used their phone, or when an address used the network, would know that it was them. Between the lines of other requests even a rounded time
//! would be exact, so there is no line at all.

use axum::http::{Method, StatusCode};
use std::sync::atomic::{AtomicU64, Ordering};

/// What became of posts and of looks at references since the last line.
#[derive(Debug, Default)]
pub(in crate::http) struct Tally {
    /// Posts that were acknowledged.
    taken: AtomicU64,
    /// Posts that were shown again with mistakes.
    mistaken: AtomicU64,
    /// Too many from one network, or in all.
    limited: AtomicU64,
    /// No form that a browser sends from this site.
    refused: AtomicU64,
    /// Posts that could not be kept.
    failed: AtomicU64,
    /// Looks at the page that says a request is kept.
    looks: AtomicU64,
    /// Those of them that were too many.
    looks_limited: AtomicU64,
}

impl Tally {
    /// Counts an answer.
    pub(in crate::http) fn count(&self, method: &Method, status: StatusCode) {
        let counter = match (method, status) {
            (&Method::POST, StatusCode::SEE_OTHER) => &self.taken,
            (&Method::POST, StatusCode::UNPROCESSABLE_ENTITY) => &self.mistaken,
            (&Method::POST, StatusCode::TOO_MANY_REQUESTS) => &self.limited,
            (&Method::POST, status) if status.is_server_error() => &self.failed,
            (&Method::POST, _) => &self.refused,
            (_, StatusCode::TOO_MANY_REQUESTS) => &self.looks_limited,
            _ => &self.looks,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Logs the counts and begins anew, unless all are zero.
    pub(in crate::http) fn log(&self) {
        let Self { taken, mistaken, limited, refused, failed, looks, looks_limited } = self;
        let counts = [taken, mistaken, limited, refused, failed, looks, looks_limited];
        let counts = counts.map(|count| count.swap(0, Ordering::Relaxed));
        if counts.iter().any(|count| *count > 0) {
            let [taken, mistaken, limited, refused, failed, looks, looks_limited] = counts;
            tracing::info!(taken, mistaken, limited, refused, failed, looks, looks_limited, "posts of the form");
        }
    }
}
