//! One order: the account, a challenge for each name, the certificate. And what goes wrong with it, in words.

use super::Acme;
use super::client::Client;
use crate::server::{Tls, TlsError};
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Error, Identifier, NewAccount, NewOrder, Order, OrderStatus, Problem,
    RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use std::io;
use std::time::Duration;
use tokio::task::spawn_blocking;

/// How long the authority may take to look at the challenges, and then to issue.
const RETRY: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(250)).timeout(Duration::from_secs(60));

/// What an authority calls the kinds of its refusals (RFC 8555, section 6.7).
const KINDS: &str = "urn:ietf:params:acme:error:";

/// Why there is no certificate.
pub(super) enum OrderError {
    /// The authority refuses, or can't be reached.
    Authority(Error),
    /// It could not see that this server is the one at a name.
    Challenge {
        name: String,
        problem: Option<Problem>,
    },
    /// It offers no challenge that can be answered here.
    NoChallenge {
        name: String,
    },
    /// The challenge could not be made.
    Made(rcgen::Error),
    Shown(TlsError),
    /// The account or the certificate could not be written.
    Kept(io::Error),
    /// What came can't be used.
    Useless(TlsError),
    /// By this computer's clock it has ended already, or nearly.
    DueAtOnce,
    TooSlow,
}

impl From<Error> for OrderError {
    fn from(error: Error) -> Self {
        Self::Authority(error)
    }
}

/// Orders a certificate. Returns it with its chain and its key, in PEM form.
pub(super) async fn order(acme: &Acme, tls: &Tls) -> Result<String, OrderError> {
    let names: Vec<_> = acme.names.iter().cloned().map(Identifier::Dns).collect();
    let (known, is_kept) = account(acme, true).await?;
    let mut order = match known.new_order(&NewOrder::new(&names)).await {
        // The authority has lost the account, or somebody has closed it.
        Err(Error::Api(problem)) if is_kept && kind(&problem) == "accountDoesNotExist" => {
            account(acme, false).await?.0.new_order(&NewOrder::new(&names)).await?
        }
        order => order?,
    };
    show_challenges(&mut order, tls).await?;
    match order.poll_ready(&RETRY).await {
        Ok(OrderStatus::Ready) => {}
        ended => {
            refused_challenge(&mut order).await?;
            ended?;
            return Err(Error::Str("an order that can be finished").into());
        }
    }
    let key = order.finalize().await?;
    Ok(format!("{key}{}", order.poll_certificate(&RETRY).await?))
}

/// The account that is kept, if it may be, or else a new one, and whether it was kept.
async fn account(acme: &Acme, may_be_kept: bool) -> Result<(Account, bool), OrderError> {
    let builder = Account::builder_with_http(Box::new(Client(acme.connector.clone())));
    if let Some(kept) = acme.folder.read_account().filter(|_| may_be_kept) {
        return Ok((builder.from_credentials(kept).await?, true));
    }
    let contact = format!("mailto:{}", acme.contact);
    let new = NewAccount { contact: &[&contact], terms_of_service_agreed: true, only_return_existing: false };
    let (account, credentials) = builder.create(&new, acme.directory.to_string(), None).await?;
    acme.folder.write_account(&credentials).map_err(OrderError::Kept)?;
    Ok((account, false))
}

/// Shows a challenge for each name that the authority hasn't looked at lately.
async fn show_challenges(order: &mut Order, tls: &Tls) -> Result<(), OrderError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = authorization.identifier().to_string();
        let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
            return Err(OrderError::NoChallenge { name });
        };
        let digest = challenge.key_authorization().digest().as_ref().to_vec();
        let shown = name.clone();
        let made = spawn_blocking(move || make_challenge(shown, &digest)).await;
        let (certificate, key) = made.map_err(|_| OrderError::TooSlow)?.map_err(OrderError::Made)?;
        tls.challenge(&name, certificate, key).map_err(OrderError::Shown)?;
        challenge.set_ready().await?;
    }
    Ok(())
}

/// The certificate of a challenge and its key, both in DER (RFC 8737, section 3).
fn make_challenge(name: String, digest: &[u8]) -> Result<(Vec<u8>, Vec<u8>), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut certificate = CertificateParams::new([name])?;
    certificate.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    Ok((certificate.self_signed(&key)?.der().to_vec(), key.serialize_der()))
}

/// Finds the challenge that was refused, if one was.
async fn refused_challenge(order: &mut Order) -> Result<(), OrderError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        let name = authorization.identifier().to_string();
        let state = authorization.refresh().await?;
        if state.status == AuthorizationStatus::Invalid {
            let problem = state.challenges.iter().find_map(|challenge| challenge.error.clone());
            return Err(OrderError::Challenge { name, problem });
        }
    }
    Ok(())
}

impl OrderError {
    /// What is wrong, and how to mend it.
    pub(super) fn words(&self, acme: &Acme) -> String {
        let (authority, names) = (acme.authority(), acme.names.join(", "));
        match self {
            Self::Authority(Error::Api(problem)) => refusal(authority, &names, Some(problem)),
            Self::Authority(Error::Other(error)) => format!("{authority} can't be reached: {error}"),
            Self::Authority(Error::Timeout(_)) | Self::TooSlow => format!("{authority} took too long"),
            Self::Authority(error) => format!("{} doesn't answer as an ACME directory does: {error}", acme.directory),
            Self::Challenge { name, problem } => refusal(authority, name, problem.as_ref()),
            Self::NoChallenge { name } => {
                format!("{authority} doesn't verify {name} by TLS (tls-alpn-01), the one way that works here")
            }
            Self::Made(error) => format!("the challenge can't be made: {error}"),
            Self::Shown(error) => error.to_string(),
            Self::Kept(error) => format!("the data folder can't be written to: {error}"),
            Self::Useless(error) => format!("what {authority} has issued can't be used: {error}"),
            Self::DueAtOnce => format!(
                "what {authority} has issued has ended, or nearly, by this computer's clock, which is probably wrong: set it (timedatectl)"
            ),
        }
    }
}

fn kind(problem: &Problem) -> &str {
    let kind = problem.r#type.as_deref().unwrap_or_default();
    kind.strip_prefix(KINDS).unwrap_or(kind)
}

/// A refusal in words, with what the authority itself says.
fn refusal(authority: &str, names: &str, problem: Option<&Problem>) -> String {
    let words = match problem.map(kind).unwrap_or_default() {
        "dns" => format!(
            "DNS doesn't lead {names} to a computer: set its A record, and AAAA if there is IPv6, to the address of this one"
        ),
        "connection" => format!(
            "{authority} can't connect to port 443 of {names}: open it in the firewall, lead it to the port of --listen, and look whether the A and \
             AAAA records name this computer"
        ),
        "tls" | "unauthorized" | "incorrectResponse" => format!(
            "another server than this one answers on port 443 of {names}: a proxy, a CDN, or where an A or AAAA record leads"
        ),
        "caa" => format!("a CAA record of {names} in DNS forbids certificates from {authority}: add it there"),
        "rateLimited" => {
            format!("{authority} has issued or refused too many for {names} lately, and wants you to wait")
        }
        "rejectedIdentifier" | "unsupportedIdentifier" => format!("{authority} issues no certificates for {names}"),
        "invalidContact" | "unsupportedContact" => format!("{authority} doesn't take the address of --acme"),
        "externalAccountRequired" => {
            format!("{authority} wants an account that was made with it before (EAB), which can't be given here")
        }
        "userActionRequired" => format!("{authority} wants you to agree to its new terms"),
        "serverInternal" => format!("{authority} has a fault of its own"),
        _ => format!("{authority} refuses"),
    };
    match problem.map(details) {
        Some(details) if !details.is_empty() => format!("{words}. It says: {details}"),
        _ => words,
    }
}

fn details(problem: &Problem) -> String {
    let own = problem.detail.clone();
    let parts = problem.subproblems.iter().map(ToString::to_string);
    // A foreign text stays on one line.
    own.into_iter()
        .chain(parts)
        .collect::<Vec<_>>()
        .join("; ")
        .replace(char::is_control, " ")
        .trim_end_matches('.')
        .to_owned()
}
