//! What staff are notified of by mail, and what they are not: each address that can't be reached is in the log once with its cause, shown by
//! `/readyz/requests` and the metrics until a message to it is accepted or nothing waits for it, and its end is logged too.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// After so long, an address that is not reached is a trouble: until then, mail servers may only be busy, or try who we are (greylisting).
const LATE: Duration = Duration::from_mins(15);

/// What became of messages since the start, and which addresses are not reached.
#[derive(Debug, Default)]
pub struct MailStatus {
    /// Messages that the mail server accepted.
    pub sent: AtomicU64,
    /// Tries that failed.
    pub failed: AtomicU64,
    /// Of those, the ones that the mail server refused for good.
    pub refused: AtomicU64,
    unreached: Mutex<BTreeMap<String, Unreached>>,
}

/// An address that is not reached.
#[derive(Debug)]
struct Unreached {
    since: Instant,
    refused: bool,
    late: bool,
    /// The kinds of causes that were logged.
    logged: Vec<String>,
    /// How often it was refused, one after another.
    refusals: u32,
}

/// Why a message was not accepted.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    /// The mail server refuses the address for good (RFC 5321, section 4.2.1: 5yz).
    pub(super) refused: bool,
    /// What is the same each time.
    pub(super) kind: String,
    /// In the mail server's words.
    pub(super) words: String,
}

impl MailStatus {
    /// A message was accepted.
    pub(super) fn succeeded(&self, address: &str) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        if let Some(over) = self.unreached().remove(address) {
            let seconds = over.since.elapsed().as_secs();
            tracing::info!(address, seconds, "staff are notified of requests at this address again");
        }
    }

    /// Nothing waits for an address any more, though no message to it was accepted.
    pub(super) fn ended(&self, address: &str) {
        if let Some(over) = self.unreached().remove(address) {
            let seconds = over.since.elapsed().as_secs();
            tracing::info!(
                address,
                seconds,
                "nothing waits for this address any more: staff have closed the requests, or another replica notified them. Whether messages reach \
                 it now is not known; the next request shows it"
            );
        }
    }

    /// The addresses that are not reached.
    pub(super) fn unreached_addresses(&self) -> Vec<String> {
        self.unreached().keys().cloned().collect()
    }

    pub(super) fn is_unreached(&self, address: &str) -> bool {
        self.unreached().contains_key(address)
    }

    /// A message was not accepted. Returns how often the address was refused, one after another.
    pub(super) fn failed(&self, address: &str, cause: &Cause) -> u32 {
        self.failed.fetch_add(1, Ordering::Relaxed);
        if cause.refused {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        let mut unreached = self.unreached();
        let one = unreached.entry(address.to_owned()).or_insert_with(|| Unreached {
            since: Instant::now(),
            refused: false,
            late: false,
            logged: Vec::new(),
            refusals: 0,
        });
        one.refused = cause.refused;
        one.refusals = if cause.refused { one.refusals.saturating_add(1) } else { 0 };
        let is_new = !one.logged.contains(&cause.kind);
        if is_new {
            one.logged.push(cause.kind.clone());
        }
        let error = cause.words.as_str();
        if cause.refused && is_new {
            tracing::error!(
                address,
                error,
                "the mail server refuses messages to this address: staff are not notified of requests there. By its words, mend the address \
                 (--mail-to) or its mailbox, the sender (--mail-from), or what the mail server (--smtp) lets through; it is tried again at a \
                 restart, and otherwise ever more seldom, down to once an hour"
            );
        } else if is_new {
            tracing::warn!(address, error, "staff could not be notified of a request yet; it is tried again");
        }
        if !one.late && !cause.refused && one.since.elapsed() >= LATE {
            one.late = true;
            let minutes = one.since.elapsed().as_secs() / 60;
            tracing::error!(
                address,
                error,
                minutes,
                "staff are not notified of requests at this address; it is tried again"
            );
        }
        one.refusals
    }

    /// How many addresses the mail server refuses, and how many others were not reached for a quarter of an hour.
    #[must_use]
    pub fn unreached_counts(&self) -> (usize, usize) {
        let unreached = self.unreached();
        let refused = unreached.values().filter(|one| one.refused).count();
        let late = unreached.values().filter(|one| !one.refused && one.since.elapsed() >= LATE).count();
        (refused, late)
    }

    /// What staff are not notified of, in words for who runs the site. Anybody may read them, so they name no address.
    #[must_use]
    pub fn troubles(&self) -> Vec<String> {
        let (refused, late) = self.unreached_counts();
        let line = |count: usize, what: &str| {
            let them = if count == 1 { "1 address".to_owned() } else { format!("{count} addresses") };
            (count > 0).then(|| format!("staff are not notified of requests at {them}, {what}; the log has the cause"))
        };
        let refused = line(refused, "which the mail server refuses");
        refused.into_iter().chain(line(late, "which could not be reached for 15 minutes or more")).collect()
    }

    fn unreached(&self) -> MutexGuard<'_, BTreeMap<String, Unreached>> {
        self.unreached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, LATE, MailStatus};

    fn cause(code: &str) -> Cause {
        Cause { refused: code.starts_with('5'), kind: code.to_owned(), words: format!("{code} no") }
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_is_a_trouble_at_once_when_it_is_refused_and_after_a_while_when_it_is_not_reached() {
        let status = MailStatus::default();
        status.failed("desk@clinic.example", &cause("450"));
        assert!(status.troubles().is_empty(), "greylisting is no trouble");
        assert_eq!(status.failed("lead@clinic.example", &cause("550")), 1);
        assert_eq!(status.failed("lead@clinic.example", &cause("550")), 2);
        assert_eq!(status.unreached_counts(), (1, 0));
        tokio::time::advance(LATE).await;
        status.failed("desk@clinic.example", &cause("450"));
        assert_eq!(status.unreached_counts(), (1, 1));
        let troubles = status.troubles().join("\n");
        assert!(
            troubles.contains("refuses") && troubles.contains("15 minutes") && !troubles.contains('@'),
            "{troubles}"
        );
        status.succeeded("lead@clinic.example");
        status.succeeded("desk@clinic.example");
        assert_eq!((status.unreached_counts(), status.troubles()), ((0, 0), vec![]));
        assert_eq!(status.failed("lead@clinic.example", &cause("550")), 1, "it begins anew");
    }
}
