//! What became of connections, counted.

use std::sync::atomic::{AtomicU64, Ordering};

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// After one answer or more.
    Answered,
    /// Without a request.
    Unused,
    /// It took too long: a head, a body or an answer.
    TimedOut,
    /// What came could not be read as HTTP.
    Malformed,
    /// TLS could not be agreed on.
    NoTls,
    /// Its network has too many.
    OverLimit,
    /// The system gave no socket for it.
    NotAccepted,
}

/// Each outcome with its name.
const NAMES: [(Outcome, &str); 7] = [
    (Outcome::Answered, "answered"),
    (Outcome::Unused, "unused"),
    (Outcome::TimedOut, "timed_out"),
    (Outcome::Malformed, "malformed"),
    (Outcome::NoTls, "no_tls"),
    (Outcome::OverLimit, "over_limit"),
    (Outcome::NotAccepted, "not_accepted"),
];

/// How many connections of a listener have ended, by outcome.
#[derive(Debug, Default)]
pub struct ConnectionCounts([AtomicU64; NAMES.len()]);

impl ConnectionCounts {
    pub(super) fn count(&self, outcome: Outcome) {
        if let Some(count) = self.0.get(outcome as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The name of each outcome, and how many connections had it.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, u64)> {
        NAMES.iter().zip(&self.0).map(|((_, name), count)| (*name, count.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::{ConnectionCounts, NAMES};

    #[test]
    fn each_outcome_is_counted_under_its_own_name() {
        for (outcome, name) in NAMES {
            let counts = ConnectionCounts::default();
            counts.count(outcome);
            assert!(counts.all().all(|(other, count)| count == u64::from(other == name)), "{outcome:?}");
        }
    }
}
