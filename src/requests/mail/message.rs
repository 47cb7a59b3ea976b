//! The message to one recipient, and the mail server that takes it.

use super::{MailError, MailSettings};
use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use std::fmt;
use std::time::{Duration, SystemTime};

/// How long one message may take in all: lettre's own limit holds for the connection alone (lettre/lettre#1027). Some servers let strangers wait.
pub(super) const SEND_TIMEOUT: Duration = Duration::from_mins(2);

/// No person wrote it, and no program may answer: no out-of-office replies (RFC 3834, section 5). Exchange wants its own header; what says that a
/// message was not delivered (NDR) is not among what it holds back. `Precedence` is left out: no standard has it, and filters count it as bulk.
const AUTOMATIC: [(&str, &str); 2] =
    [("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply")];

/// Sends messages.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    pub(super) way: Way,
    pub(super) from: Mailbox,
    pub(super) to: Vec<Mailbox>,
}

/// The way to the mail server.
pub(super) struct Way {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Tls,
    pub(super) login: Option<Credentials>,
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
        let (tls, port) = match server.scheme() {
            "smtps" => (Tls::Wrapper(parameters(host, settings.authority.as_deref())?), 465),
            "smtp" if is_loopback(host) && settings.authority.is_none() => (Tls::None, 25),
            "smtp" => (Tls::Required(parameters(host, settings.authority.as_deref())?), 587),
            _ => return Err(MailError::Address("a mail server's address begins with smtp:// or smtps://")),
        };
        let port = server.port().unwrap_or(port);
        let mut way = Way { host: host.to_owned(), port, tls, login: None };
        if !server.username().is_empty() {
            // Many servers want an address as the user name: its @ is %40 there (RFC 3986, section 2.1).
            let user = percent_decode_str(server.username()).decode_utf8();
            let user = user.map_err(|_| MailError::Address("the name of the mail server's user is not UTF-8"))?;
            let password = settings.password.as_ref().map(|password| password.as_str().to_owned()).unwrap_or_default();
            way.login = Some(Credentials::new(user.into_owned(), password));
        }
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .tls(way.tls.clone())
            .port(way.port)
            .timeout(Some(SEND_TIMEOUT));
        if let Some(login) = &way.login {
            transport = transport.credentials(login.clone());
        }
        let mut to: Vec<Mailbox> = Vec::new();
        for mailbox in settings.to {
            if to.iter().all(|known| known.email != mailbox.email) {
                to.push(mailbox);
            }
        }
        Ok(Self { transport: transport.build(), way, from: settings.from, to })
    }

    /// The addresses that are notified, each once.
    pub(super) fn addresses(&self) -> Vec<String> {
        self.to.iter().map(|to| to.email.to_string()).collect()
    }

    /// Sends one message about these requests to a recipient.
    pub(super) async fn send(&self, address: &str, references: &[&str], now: Timestamp) -> Result<(), MailError> {
        let to = self.to.iter().find(|to| to.email.to_string() == address);
        let to = to.ok_or(MailError::Address("nobody has this address"))?.clone();
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.email.clone()])?;
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject(references))
            .date(SystemTime::from(now))
            // Always the same for the same requests: where a crash made us send them again, mail programs show them once.
            .message_id(Some(format!("<{}@{}>", name(references), self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN);
        for (name, value) in AUTOMATIC {
            let name = HeaderName::new_from_ascii_str(name);
            message = message.raw_header(HeaderValue::new(name, value.to_owned()));
        }
        let message = message.body(text(references))?.formatted();
        let sent = tokio::time::timeout(SEND_TIMEOUT, self.transport.send_raw(&envelope, &message)).await;
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

/// What names a message.
fn name(references: &[&str]) -> String {
    match references {
        [one] => (*one).to_owned(),
        many => hex::encode(Sha256::digest(many.join(" "))).chars().take(32).collect(),
    }
}

fn subject(references: &[&str]) -> String {
    match references {
        [one] => format!("A request for an appointment waits: {one}"),
        many => format!("{} requests for an appointment wait", many.len()),
    }
}

fn text(references: &[&str]) -> String {
    let what = match references {
        [one] => format!(
            "A request for an appointment came in on the website. It waits to be opened.\n\nReference: {one}\n\nTo open it,"
        ),
        many => format!(
            "{} requests for an appointment came in on the website. They wait to be opened.\n\nReferences:\n\n{}\nTo open them,",
            many.len(),
            many.iter().fold(String::new(), |list, reference| list + "    " + reference + "\n")
        ),
    };
    format!(
        "{what} open the page of the front desk on your computer: the file desk.html.\n\n\
         This message says nothing about the person who asked, on purpose: mail can be read on its way.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::{MailSettings, Mailer, is_loopback, name, text};
    use crate::requests::mail::MailError;
    use zeroize::Zeroizing;

    fn mailer(server: &str) -> Result<Mailer, MailError> {
        Mailer::new(MailSettings {
            server: server.parse().unwrap(),
            password: Some(Zeroizing::new("secret".to_owned())),
            authority: None,
            from: "site@clinic.example".parse().unwrap(),
            to: ["desk@clinic.example", "Desk <desk@clinic.example>", "lead@clinic.example"]
                .map(|to| to.parse().unwrap())
                .to_vec(),
        })
    }

    #[test]
    fn a_server_is_named_by_its_address() {
        for good in ["smtps://mail.clinic.example", "smtp://site@mail.clinic.example:2525", "smtp://127.0.0.1:25"] {
            assert!(mailer(good).is_ok(), "{good}");
        }
        for bad in [
            "https://mail.clinic.example",
            "smtp:",
            "smtps://site:secret@mail.clinic.example",
            "smtps://%FF@mail.clinic.example",
        ] {
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
    fn an_address_that_is_given_twice_is_notified_once() {
        let addresses = mailer("smtp://127.0.0.1").unwrap().addresses();
        assert_eq!(addresses, ["desk@clinic.example", "lead@clinic.example"]);
    }

    #[test]
    fn the_message_holds_the_references_and_nothing_of_the_persons() {
        for references in [&["K7QM-4XT2"][..], &["K7QM-4XT2", "B2CD-3EFG"]] {
            let text = text(references);
            assert!(references.iter().all(|reference| text.contains(reference)) && text.is_ascii());
        }
        assert_ne!(name(&["K7QM-4XT2", "B2CD-3EFG"]), name(&["K7QM-4XT2", "B2CD-3EFH"]));
    }
}
