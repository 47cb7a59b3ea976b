//! Notifies staff by e-mail that requests wait. A message holds their references and nothing else: mail is read by many servers on its way.
//!
//! Each recipient gets a message of their own, by a task of their own: an address that is refused, or a mail server that stalls at it, holds up nobody.

mod message;
mod status;
mod trial;

pub use message::Mailer;
pub use status::MailStatus;
pub use trial::{MailStep, MailTrouble};

use super::health::Health;
use super::store::{Store, StoreError};
use jiff::Timestamp;
use lettre::message::Mailbox;
use lettre::transport::smtp::{self, response::Category};
use message::SEND_TIMEOUT;
use status::Cause;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use url::Url;
use zeroize::Zeroizing;

/// How long nobody else may try a message that somebody tries.
const LEASE: Duration = Duration::from_secs(SEND_TIMEOUT.as_secs() + 30);

/// The most of a mail server's words that is logged.
const MAX_WORDS: usize = 300;

/// When messages are sent, and tried again.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How often to look for what another replica left, or what is due again.
    pub look: Duration,
    /// The wait after a first try that failed, and the longest; it doubles each time.
    pub retry: (Duration, Duration),
    /// The same after the mail server refused an address for good. No new message goes to it meanwhile, so the longest is short: a full mailbox is
    /// refused for good too, and works again once it is emptied.
    pub refused: (Duration, Duration),
    /// At most so many messages to one recipient in so much time. What comes in meanwhile is sent in one.
    pub limit: (usize, Duration),
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(15),
            retry: (Duration::from_mins(1), Duration::from_hours(6)),
            refused: (Duration::from_mins(15), Duration::from_hours(1)),
            limit: (3, Duration::from_mins(1)),
        }
    }
}

/// How to send mail.
#[derive(Clone)]
pub struct MailSettings {
    /// `smtps://[user@]host[:465]`: TLS from the first byte. `smtp://[user@]host[:587]`: STARTTLS, without which nothing is sent; to this
    /// computer itself, mail goes without TLS.
    pub server: Url,
    /// The password of the user.
    pub password: Option<Zeroizing<String>>,
    /// A certificate to trust besides the public ones, PEM: for a mail server of one's own.
    pub authority: Option<Vec<u8>>,
    /// Who sends.
    pub from: Mailbox,
    /// Who is notified.
    pub to: Vec<Mailbox>,
}

/// Why mail can't be sent. It holds nothing about a request.
#[derive(Debug, Error)]
pub enum MailError {
    /// The address of the mail server can't be used.
    #[error("{0}")]
    Address(&'static str),
    /// The certificate that was given can't be read.
    #[error("the certificate: {0}")]
    Certificate(#[source] smtp::Error),
    /// TLS can't be set up.
    #[error("TLS: {0}")]
    Tls(#[source] smtp::Error),
    /// The message can't be written.
    #[error(transparent)]
    Message(#[from] lettre::error::Error),
    /// The mail server didn't take it.
    #[error(transparent)]
    Server(#[from] smtp::Error),
    /// The mail server doesn't answer.
    #[error("the mail server doesn't answer")]
    Late,
}

/// Sends what the outbox holds.
#[derive(Debug)]
pub struct Delivery {
    store: Arc<Store>,
    health: Arc<Health>,
    mailer: Mailer,
    bell: Arc<Notify>,
    clock: fn() -> Timestamp,
    status: Arc<MailStatus>,
    pace: Pace,
}

/// What is known of one recipient.
struct Recipient {
    address: String,
    bell: Arc<Notify>,
    /// The requests that it was notified of and that have yet to be taken out of the outbox.
    notified: Vec<String>,
    /// The address is not tried before.
    refused_until: Option<Instant>,
    /// When the last messages went.
    sent: VecDeque<Instant>,
}

impl Delivery {
    /// A delivery of what this store's outbox holds. `bell` rings when there is something new; what is wrong with the store goes to `health`.
    #[must_use]
    pub fn new(
        store: Arc<Store>,
        health: Arc<Health>,
        mailer: Mailer,
        bell: Arc<Notify>,
        clock: fn() -> Timestamp,
        status: Arc<MailStatus>,
    ) -> Self {
        Self { store, health, mailer, bell, clock, status, pace: Pace::default() }
    }

    /// The same at another pace, for tests.
    #[must_use]
    pub fn with_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// Sends messages. It ends only if a recipient's task does; it may be dropped and started again.
    pub async fn run(self: Arc<Self>) {
        // All of them end with this one.
        let (mut tasks, mut bells) = (JoinSet::new(), Vec::new());
        for address in self.mailer.addresses() {
            let (own, bell) = (Arc::clone(&self), Arc::new(Notify::new()));
            bells.push(Arc::clone(&bell));
            let recipient =
                Recipient { address, bell, notified: Vec::new(), refused_until: None, sent: VecDeque::new() };
            tasks.spawn(async move { own.notify(recipient).await });
        }
        tokio::select! {
            _ = tasks.join_next() => {}
            () = self.address(&bells) => {}
        }
    }

    /// Addresses what comes in, and rings for the recipients. It never ends.
    async fn address(&self, bells: &[Arc<Notify>]) {
        let addresses = self.mailer.addresses();
        let mut tried_again = false;
        loop {
            let now = self.now();
            let round = async {
                if !tried_again {
                    self.store.try_again(now, now + seconds(LEASE)).await?;
                    tried_again = true;
                }
                let due = self.store.address(&addresses, now).await?;
                let unreached = self.status.unreached_addresses();
                if !unreached.is_empty() {
                    let waited_for = self.store.waited_for().await?;
                    unreached.iter().filter(|one| !waited_for.contains(one)).for_each(|one| self.status.ended(one));
                }
                Ok(due)
            };
            match round.await {
                Ok(due) => {
                    let due = addresses.iter().zip(bells).filter(|(address, _)| due.contains(address));
                    due.for_each(|(_, bell)| bell.notify_one());
                }
                Err(error) => self.health.failed(&error),
            }
            // Whichever comes first; that the time ran out is no failure.
            let _ = timeout(self.pace.look, self.bell.notified()).await;
        }
    }

    /// Notifies one recipient. It never ends.
    async fn notify(&self, mut recipient: Recipient) {
        loop {
            match self.step(&mut recipient).await {
                Ok(true) => {}
                Ok(false) => recipient.bell.notified().await,
                Err(error) => {
                    self.health.failed(&error);
                    sleep(self.pace.look).await;
                }
            }
        }
    }

    /// Notifies a recipient of what is due. Returns whether there was something.
    async fn step(&self, recipient: &mut Recipient) -> Result<bool, StoreError> {
        // It was accepted by the mail server: whatever happened to the store since, this process doesn't send it again.
        self.store.mark_sent(&recipient.address, &recipient.notified).await?;
        recipient.notified.clear();
        let started = Instant::now();
        let (most, span) = self.pace.limit;
        recipient.sent.retain(|sent| started.duration_since(*sent) < span);
        let left_alone = recipient.refused_until.is_some_and(|until| started < until);
        if recipient.sent.len() >= most || (left_alone && self.status.is_unreached(&recipient.address)) {
            return Ok(false);
        }
        let now = self.now();
        let due = self.store.claim(&recipient.address, now, now + seconds(LEASE)).await?;
        if due.is_empty() {
            return Ok(false);
        }
        let references: Vec<&str> = due.iter().map(|due| due.reference.as_str()).collect();
        match self.mailer.send(&recipient.address, &references, (self.clock)()).await {
            Ok(()) => {
                recipient.notified = due.into_iter().map(|due| due.reference).collect();
                recipient.refused_until = None;
                recipient.sent.push_back(started);
                self.status.succeeded(&recipient.address);
            }
            Err(error) => {
                let cause = cause(&error, &references);
                let refusals = self.status.failed(&recipient.address, &cause);
                let wait = if cause.refused {
                    doubled(self.pace.refused, refusals.saturating_sub(1))
                } else {
                    let tries = due.iter().map(|due| due.attempts).min().unwrap_or(1);
                    doubled(self.pace.retry, u32::try_from(tries - 1).unwrap_or_default())
                };
                recipient.refused_until = cause.refused.then(|| Instant::now() + wait);
                self.store.postpone(&recipient.address, &due, self.now() + seconds(wait)).await?;
            }
        }
        Ok(true)
    }

    /// Seconds since 1970.
    fn now(&self) -> i64 {
        (self.clock)().as_second()
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX / 2)
}

/// A wait that was doubled so often, up to the longest.
fn doubled((first, longest): (Duration, Duration), times: u32) -> Duration {
    first.saturating_mul(1 << times.min(16)).min(longest)
}

/// Why a message was not accepted. A mail server's words may repeat the message, so the references are taken out.
fn cause(error: &MailError, references: &[&str]) -> Cause {
    let status = if let MailError::Server(error) = error { error.status() } else { None };
    // 5yz is for good. Of those, x5z is about the mailbox and the message; others are about who we are, as a login that is refused.
    let refused = status.is_some_and(|code| code.to_string().starts_with('5') && code.category == Category::MailSystem);
    let mut words = error.to_string();
    for reference in references {
        words = words.replace(reference, "…");
    }
    let words: Vec<_> = words.split_whitespace().collect();
    let words: String = words.join(" ").chars().take(MAX_WORDS).collect();
    Cause { refused, kind: status.map_or_else(|| words.clone(), |code| code.to_string()), words }
}

#[cfg(test)]
mod tests {
    use super::{Pace, doubled};
    use std::time::Duration;

    #[test]
    fn a_refused_address_is_tried_ever_more_seldom_down_to_once_an_hour() {
        let pace = Pace::default();
        let waits = [0, 1, 2, 3, 500].map(|times| doubled(pace.refused, times).as_secs() / 60);
        assert_eq!(waits, [15, 30, 60, 60, 60]);
        assert_eq!(doubled(pace.retry, 0), Duration::from_mins(1));
        assert_eq!(doubled(pace.retry, u32::MAX), Duration::from_hours(6));
    }
}
