//! One order: the account, a challenge for each name, the certificate. And what goes wrong with it, in words.

use super::Acme;
use super::client::Client;
use crate::server::{Tls, TlsError};
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Error, Identifier, NewAccount, NewOrder, Order, OrderStatus, Problem,
    RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use std::error::Error as StdError;
use std::io;
use std::time::Duration;
use tokio::task::spawn_blocking;

/// How long the authority may take to look at the challenges, and then to issue.
const RETRY: RetryPolicy = RetryPolicy::new().initial_delay(Duration::from_millis(250)).timeout(Duration::from_mins(1));

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
    NotSaved(io::Error),
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
    let (known, is_saved) = account(acme, true).await?;
    let mut order = match known.new_order(&NewOrder::new(&names)).await {
        // The authority has lost the account, or somebody has closed it.
        Err(Error::Api(problem)) if is_saved && kind(&problem) == "accountDoesNotExist" => {
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

/// The saved account, if it may be used, or else a new one, and whether it was saved.
async fn account(acme: &Acme, may_use_saved: bool) -> Result<(Account, bool), OrderError> {
    let builder = Account::builder_with_http(Box::new(Client(acme.connector.clone())));
    if let Some(saved) = acme.folder.read_account().filter(|_| may_use_saved) {
        return Ok((builder.from_credentials(saved).await?, true));
    }
    let contact = format!("mailto:{}", acme.contact);
    let new = NewAccount { contact: &[&contact], terms_of_service_agreed: true, only_return_existing: false };
    let (account, credentials) = builder.create(&new, acme.directory.to_string(), None).await?;
    acme.folder.write_account(&credentials).map_err(OrderError::NotSaved)?;
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
    /// Whether the authority doesn't know of it, so that a further try costs nothing.
    pub(super) fn is_unreached(&self) -> bool {
        matches!(self, Self::Authority(Error::Other(_)))
    }

    /// What is wrong, and how to mend it.
    pub(super) fn words(&self, acme: &Acme) -> String {
        let (authority, names) = (acme.authority(), acme.names.join(", "));
        match self {
            Self::Authority(Error::Api(problem)) => refusal(authority, &names, Some(problem)),
            Self::Authority(Error::Other(error)) if is_untrusted(error.as_ref()) => {
                format!(
                    "{authority} can't be trusted: {error}. --acme-ca names what an authority of one's own is verified by"
                )
            }
            Self::Authority(Error::Other(error)) => format!("{authority} can't be reached: {error}"),
            Self::Authority(Error::Timeout(_)) | Self::TooSlow => format!("{authority} took too long"),
            Self::Authority(error) => format!("{} doesn't answer as an ACME directory does: {error}", acme.directory),
            Self::Challenge { name, problem } => refusal(authority, name, problem.as_ref()),
            Self::NoChallenge { name } => {
                format!("{authority} doesn't verify {name} by TLS (tls-alpn-01), the one way that works here")
            }
            Self::Made(error) => format!("the challenge can't be made: {error}"),
            Self::Shown(error) => error.to_string(),
            Self::NotSaved(error) => format!("the data folder can't be written to: {error}"),
            Self::Useless(error) => format!("what {authority} has issued can't be used: {error}"),
            Self::DueAtOnce => format!(
                "what {authority} has issued has ended, or nearly, by this computer's clock, which is probably wrong: set it (timedatectl)"
            ),
        }
    }
}

/// Whether TLS with the authority failed.
fn is_untrusted(error: &(dyn StdError + 'static)) -> bool {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inner.is_some_and(<dyn StdError + Send + Sync>::is::<rustls::Error>)
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

#[cfg(test)]
mod tests {
    use super::{make_challenge, refusal};

    #[test]
    fn a_refusal_says_what_to_mend_and_what_the_authority_says() {
        for (kind, said) in [
            ("dns", "DNS doesn't lead clinic.example to a computer"),
            ("connection", "acme.example can't connect to port 443 of clinic.example: open it in the firewall"),
            ("unauthorized", "another server than this one answers on port 443 of clinic.example"),
            ("caa", "a CAA record of clinic.example in DNS forbids certificates from acme.example"),
            ("rateLimited", "lately, and wants you to wait"),
            ("somethingNew", "acme.example refuses"),
        ] {
            let problem =
                format!(r#"{{"type": "urn:ietf:params:acme:error:{kind}", "detail": "no\nway.", "status": 400}}"#);
            let words = refusal("acme.example", "clinic.example", Some(&serde_json::from_str(&problem).unwrap()));
            assert!(words.contains(said) && words.ends_with(". It says: no way"), "{kind}: {words}");
        }
        assert_eq!(refusal("acme.example", "clinic.example", None), "acme.example refuses");
    }

    #[test]
    fn a_challenge_has_the_name_and_the_critical_digest() {
        let (certificate, _) = make_challenge("clinic.example".to_owned(), &[7; 32]).unwrap();
        let holds = |part: &[u8]| certificate.windows(part.len()).any(|window| window == part);
        // 1.3.6.1.5.5.7.1.31, critical, an octet string in an octet string (RFC 8737, section 3).
        let extension = [&[6, 8, 43, 6, 1, 5, 5, 7, 1, 31, 1, 1, 255, 4, 34, 4, 32][..], &[7; 32]].concat();
        assert!(holds(b"clinic.example") && holds(&extension));
    }
}
