//! What takes requests: the keys that they are sealed to, and the mail that notifies staff.

use super::super::intake::{mailer, named_keys, refuse_private_key};
use super::super::{counted, quoted};
use super::{Deployment, Finding, Found};
use crate::config::MailOptions;
use crate::requests::mail::{MailStep, MailTrouble};

/// The staff's public keys.
pub(super) fn keys(deployment: &Deployment<'_>) -> Found {
    let options = deployment.options;
    let (keys, private) = (named_keys(options), refuse_private_key(options));
    let good = match &keys {
        Ok(Some(keys)) => counted(keys.texts().len(), "public key"),
        _ => "a preview makes a key of its own, for trying out".to_owned(),
    };
    Found::new([keys.err(), private.err()].into_iter().flatten().map(Finding::from).collect(), good)
}

/// The mail server, up to the point where a message would be sent.
pub(super) fn mail(deployment: &Deployment<'_>) -> Found {
    let options = &deployment.options.intake.mail;
    let mailer = match mailer(options) {
        Ok(Some(mailer)) => mailer,
        Ok(None) => {
            return Found::left_out("no mail server is named (--smtp): staff see requests at the front desk alone");
        }
        Err(failure) => return failure.into(),
    };
    let (server, (from, to)) = (mailer.server(), mailer.parties());
    let troubles = deployment.runtime.block_on(mailer.try_out());
    let findings = troubles.iter().map(|trouble| finding(&server, trouble, options)).collect();
    Found::new(findings, format!("{server} takes messages from {from} to {}", to.join(", ")))
}

fn finding(server: &str, MailTrouble { step, words, refused }: &MailTrouble, options: &MailOptions) -> Finding {
    let later = if *refused {
        ""
    } else {
        "; it may also be busy, or try who we are (greylisting): look again in some minutes"
    };
    match step {
        MailStep::Connect => Finding::new(
            format!("the mail server {server} can't be used: {words}"),
            "look at the address in --smtp: its host, its port, and smtps:// (TLS from the first byte) or smtp:// (STARTTLS); for a mail server with a \
             certificate of its own, name that with --smtp-ca; a firewall has to let this computer out to it",
        ),
        MailStep::Login => {
            let file = options.smtp_password_file.as_ref().map_or_else(
                || "name the file that holds the password with --smtp-password-file".to_owned(),
                |file| format!("the password in {} (--smtp-password-file)", quoted(file)),
            );
            Finding::new(
                format!("the mail server {server} refuses the login: {words}"),
                format!("look at the user in --smtp, and {file}{later}"),
            )
        }
        MailStep::Sender(from) => Finding::new(
            format!("the mail server {server} takes no messages from {from}: {words}"),
            format!("name an address in --mail-from that the user of the mail server may send as{later}"),
        ),
        MailStep::Recipient(to) => Finding::new(
            format!("the mail server {server} takes no messages for {to}: {words}"),
            format!("mend the address in --mail-to, or its mailbox{later}"),
        ),
    }
}
