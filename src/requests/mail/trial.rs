//! Whether the mail server would take messages, without sending one: the conversation ends before `DATA` (RFC 5321, section 3.3).

use super::message::{Mailer, Way};
use super::{Cause, MailError, cause};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls};
use lettre::transport::smtp::commands::{Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use std::time::Duration;
use tokio::time::timeout;

/// How long the mail server may take in all. Some let strangers wait before they greet.
const TRIAL_TIMEOUT: Duration = Duration::from_secs(30);

/// What the mail server would not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailTrouble {
    /// How far the conversation came.
    pub step: MailStep,
    /// The mail server's words, or why there were none.
    pub words: String,
    /// The mail server refuses it for good: otherwise it may only be busy, or try who we are (greylisting).
    pub refused: bool,
}

/// A step of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailStep {
    /// Connect, agree on TLS, greet.
    Connect,
    /// Log in.
    Login,
    /// Name the sender.
    Sender(String),
    /// Name a recipient.
    Recipient(String),
}

impl Mailer {
    /// Where the mail server is.
    #[must_use]
    pub fn server(&self) -> String {
        format!("{}:{}", self.way.host, self.way.port)
    }

    /// Whom messages come from, and whom they go to.
    #[must_use]
    pub fn parties(&self) -> (String, Vec<String>) {
        (self.from.email.to_string(), self.addresses())
    }

    /// Connects, logs in, and names the sender and each recipient, each by a conversation of its own as when messages are sent, but sends nothing.
    /// Gives what is wrong.
    pub async fn try_out(&self) -> Vec<MailTrouble> {
        let mut at = MailStep::Connect;
        let mut troubles = Vec::new();
        let ended = timeout(TRIAL_TIMEOUT, self.talk(&mut at, &mut troubles)).await;
        let failed = ended.unwrap_or(Err(MailError::Late));
        troubles.extend(failed.err().map(|error| trouble(at, &error)));
        troubles
    }

    async fn talk(&self, at: &mut MailStep, troubles: &mut Vec<MailTrouble>) -> Result<(), MailError> {
        let mut connection = connect(&self.way).await?;
        if let Some(login) = &self.way.login {
            *at = MailStep::Login;
            connection.auth(DEFAULT_MECHANISMS, login).await?;
        }
        for to in &self.to {
            *at = MailStep::Sender(self.from.email.to_string());
            connection.command(Mail::new(Some(self.from.email.clone()), Vec::new())).await?;
            *at = MailStep::Recipient(to.email.to_string());
            match connection.command(Rcpt::new(to.email.clone(), Vec::new())).await {
                // It answered: the next recipient may be fine.
                Err(error) if error.status().is_some() => {
                    troubles.push(trouble(at.clone(), &MailError::Server(error)));
                }
                answer => drop(answer?),
            }
            connection.command(Rset).await?;
        }
        // All that matters was said.
        let _ = connection.quit().await;
        Ok(())
    }
}

/// As lettre's own transport connects.
async fn connect(way: &Way) -> Result<AsyncSmtpConnection, smtp::Error> {
    let hello = ClientId::default();
    let wrapper = if let Tls::Wrapper(tls) = &way.tls { Some(tls.clone()) } else { None };
    let address = (way.host.as_str(), way.port);
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(address, Some(TRIAL_TIMEOUT), &hello, wrapper, None).await?;
    if let Tls::Required(tls) = &way.tls {
        connection.starttls(tls.clone(), &hello).await?;
    }
    Ok(connection)
}

fn trouble(step: MailStep, error: &MailError) -> MailTrouble {
    let Cause { words, .. } = cause(error, &[]);
    let refused = matches!(error, MailError::Server(error) if error.is_permanent());
    MailTrouble { step, words, refused }
}
