//! Notifies staff by e-mail that a request waits. The message holds its reference and nothing else: mail is read by many servers on its way.

use super::Reference;
use super::health::Health;
use super::store::{Due, Store, StoreError};
use jiff::Timestamp;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{self, authentication::Credentials};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::Notify;
use url::Url;
use zeroize::Zeroizing;

/// How long one message may take in all: lettre's own limit holds for the connection alone (lettre/lettre#1027).
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// How long nobody else may try a message that somebody tries: longer than [`SEND_TIMEOUT`].
const LEASE: i64 = 60;

/// How long to wait at most between two tries, in seconds.
const MAX_WAIT: i64 = 6 * 3600;

/// How often to look for what another replica left, or what is due again.
const LOOK_INTERVAL: Duration = Duration::from_secs(15);

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

/// Sends messages.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").finish_non_exhaustive()
    }
}

impl Mailer {
    /// Checks whether the settings can be used. Nothing is connected yet.
    pub fn new(settings: MailSettings) -> Result<Self, MailError> {
        let server = &settings.server;
        let host = server.host_str().ok_or(MailError::Address("the mail server has no name"))?;
        if server.password().is_some() {
            return Err(MailError::Address("the password of the mail server belongs in a file, not in its address"));
        }
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host);
        let (tls, port) = match server.scheme() {
            "smtps" => (Tls::Wrapper(parameters(host, settings.authority.as_deref())?), 465),
            "smtp" if is_loopback(host) && settings.authority.is_none() => (Tls::None, 25),
            "smtp" => (Tls::Required(parameters(host, settings.authority.as_deref())?), 587),
            _ => return Err(MailError::Address("a mail server's address begins with smtp:// or smtps://")),
        };
        transport = transport.tls(tls).port(server.port().unwrap_or(port)).timeout(Some(SEND_TIMEOUT));
        if !server.username().is_empty() {
            let password = settings.password.as_ref().map(|password| password.as_str().to_owned()).unwrap_or_default();
            transport = transport.credentials(Credentials::new(server.username().to_owned(), password));
        }
        Ok(Self { transport: transport.build(), from: settings.from, to: settings.to })
    }

    /// Sends the message about a request.
    async fn send(&self, reference: &str) -> Result<(), MailError> {
        let mut message = Message::builder()
            .from(self.from.clone())
            .subject(format!("A request for an appointment waits: {reference}"))
            // Always the same for one request: where a crash made us send it again, mail programs show it once.
            .message_id(Some(format!("<{reference}@{}>", self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN);
        for to in &self.to {
            message = message.to(to.clone());
        }
        let message = message.body(text(reference))?;
        let sent = tokio::time::timeout(SEND_TIMEOUT, self.transport.send(message)).await;
        sent.map_err(|_| MailError::Late)??;
        Ok(())
    }
}

fn parameters(host: &str, authority: Option<&[u8]>) -> Result<TlsParameters, MailError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = authority {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(MailError::Certificate)?);
    }
    builder.build().map_err(MailError::Tls)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

fn text(reference: &str) -> String {
    format!(
        "A request for an appointment came in on the website. It waits to be opened.\n\n\
         Reference: {reference}\n\n\
         To open it, start the front desk on your computer:\n\n\
         \x20   clinic-site desk --identity FILE\n\n\
         This message says nothing about the person who asked, on purpose: mail can be read on its way.\n"
    )
}

/// What became of messages since the start, for metrics.
#[derive(Debug, Default)]
pub struct MailCounts {
    /// Messages that the mail server took.
    pub sent: AtomicU64,
    /// Tries that failed.
    pub failed: AtomicU64,
}

/// Sends what the outbox holds.
#[derive(Debug)]
pub struct Delivery {
    store: Arc<Store>,
    health: Arc<Health>,
    mailer: Mailer,
    bell: Arc<Notify>,
    clock: fn() -> Timestamp,
    counts: Arc<MailCounts>,
    /// The message that was sent and has yet to be taken out of the outbox.
    sent: Mutex<Option<String>>,
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
        counts: Arc<MailCounts>,
    ) -> Self {
        Self { store, health, mailer, bell, clock, counts, sent: Mutex::default() }
    }

    /// Sends messages. It never ends; it may be dropped and started again.
    pub async fn run(self: Arc<Self>) {
        loop {
            match self.step().await {
                Ok(true) => {}
                Ok(false) => {
                    // Whichever comes first; that the time ran out is no failure.
                    let _ = tokio::time::timeout(LOOK_INTERVAL, self.bell.notified()).await;
                }
                Err(error) => {
                    self.health.failed(&error);
                    tokio::time::sleep(LOOK_INTERVAL).await;
                }
            }
        }
    }

    /// Tries the message that is due longest. Returns whether there was one.
    async fn step(&self) -> Result<bool, StoreError> {
        // It was taken by the mail server: whatever happened to the store since, this process doesn't send it again.
        let sent = self.sent().clone();
        if let Some(reference) = sent {
            self.store.mark_sent(&reference).await?;
            *self.sent() = None;
        }
        let now = (self.clock)().as_second();
        let Some(due) = self.store.due(now).await? else { return Ok(false) };
        if !self.store.claim(&due, now + LEASE.max(wait(&due))).await? {
            // Another replica was faster.
            return Ok(true);
        }
        if !waits(&self.store, &due).await? {
            self.store.mark_sent(&due.reference).await?;
            return Ok(true);
        }
        match self.mailer.send(&due.reference).await {
            Ok(()) => {
                self.counts.sent.fetch_add(1, Ordering::Relaxed);
                *self.sent() = Some(due.reference);
            }
            Err(error) => {
                self.counts.failed.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(%error, tries = due.attempts + 1, again_in_seconds = LEASE.max(wait(&due)), "staff could not be notified of a request by e-mail");
            }
        }
        Ok(true)
    }

    fn sent(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether staff still have to be notified: they may have found the request by themselves.
async fn waits(store: &Store, due: &Due) -> Result<bool, StoreError> {
    let Ok(reference) = due.reference.parse::<Reference>() else { return Ok(false) };
    Ok(store.get(&reference).await?.is_some_and(|row| row.closed_day.is_none()))
}

/// Seconds until the next try: a minute, then twice as long each time, up to six hours.
fn wait(due: &Due) -> i64 {
    let doublings = u32::try_from(due.attempts).unwrap_or(u32::MAX).min(16);
    (LEASE << doublings).min(MAX_WAIT)
}

#[cfg(test)]
mod tests {
    use super::{MailSettings, Mailer, is_loopback, text};
    use zeroize::Zeroizing;

    fn mailer(server: &str) -> Result<Mailer, super::MailError> {
        Mailer::new(MailSettings {
            server: server.parse().unwrap(),
            password: Some(Zeroizing::new("secret".to_owned())),
            authority: None,
            from: "site@clinic.example".parse().unwrap(),
            to: vec!["desk@clinic.example".parse().unwrap()],
        })
    }

    #[test]
    fn a_server_is_named_by_its_address() {
        for good in ["smtps://mail.clinic.example", "smtp://site@mail.clinic.example:2525", "smtp://127.0.0.1:25"] {
            assert!(mailer(good).is_ok(), "{good}");
        }
        for bad in ["https://mail.clinic.example", "smtp:", "smtps://site:secret@mail.clinic.example"] {
            let error = mailer(bad).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn only_this_computer_is_trusted_without_tls() {
        assert!(is_loopback("localhost") && is_loopback("127.0.0.2") && is_loopback("[::1]"));
        assert!(!is_loopback("localhost.example") && !is_loopback("10.0.0.1"));
    }

    #[test]
    fn the_message_holds_the_reference_and_nothing_of_the_person() {
        let text = text("K7QM-4XT2");
        assert!(text.contains("K7QM-4XT2") && text.is_ascii());
    }
}
