//! What a certificate says of itself: until when it is valid, for which names, and who issued it (RFC 5280).

use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use std::fmt;
use webpki_roots::TLS_SERVER_ROOTS;
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::time::Time;

/// What browsers will say of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has ended.
    Expired,
    /// It begins later.
    NotYetValid,
    /// It isn't for this name, which is the site's.
    OtherHost(String),
    /// The certificate between it and the authority's is missing: some clients have that, phones often don't.
    NoChain,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("the certificate has expired: browsers refuse the site"),
            Self::NotYetValid => f.write_str("the certificate is not valid yet: browsers refuse the site"),
            Self::OtherHost(host) => write!(f, "the certificate is not for {host}: browsers refuse the site"),
            Self::NoChain => f.write_str(
                "the certificate comes without its chain, so many phones refuse the site: use the file with all of it (fullchain.pem)",
            ),
        }
    }
}

/// Which browsers refuse a certificate, the fewest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Refusers {
    None,
    Some,
    All,
}

impl Fault {
    pub(super) fn refusers(&self) -> Refusers {
        match self {
            Self::NoChain => Refusers::Some,
            Self::Expired | Self::NotYetValid | Self::OtherHost(_) => Refusers::All,
        }
    }
}

/// What was read from a certificate and its chain.
pub(super) struct Facts {
    /// Seconds since 1970.
    begins: i64,
    /// When the first of the certificate and those that issued it ends.
    pub(super) ends: i64,
    /// What is wrong whatever the time is.
    lasting: Vec<Fault>,
    /// Nobody else issued it.
    self_issued: bool,
}

impl Facts {
    /// Reads a chain, the site's own certificate first. `hosts` are the site's names, if it has any. `None`: the first is no certificate.
    pub(super) fn read(chain: &[CertificateDer<'_>], hosts: &[String]) -> Option<Self> {
        let (own, others) = chain.split_first()?;
        let parsed = ParsedCertificate::try_from(own).ok()?;
        let own = Certificate::from_der(own).ok()?;
        let others: Vec<_> = others.iter().filter_map(|other| Certificate::from_der(other).ok()).collect();
        let mut facts =
            Self { begins: begins(&own), ends: ends(&own), lasting: Vec::new(), self_issued: is_self_issued(&own) };
        for host in hosts {
            let name = ServerName::try_from(host.trim_matches(['[', ']']));
            if !name.is_ok_and(|name| verify_server_name(&parsed, &name).is_ok()) {
                facts.lasting.push(Fault::OtherHost(host.clone()));
            }
        }
        // From each to the one that issued it; as many steps as there are certificates, so that a circle ends. Browsers go no further than to an
        // authority that they know: what another one says of it, for old phones, may have expired.
        let mut at = &own;
        for _ in &others {
            let issuer = others.iter().find(|other| other.tbs_certificate.subject == at.tbs_certificate.issuer);
            let Some(issuer) = issuer.filter(|_| !is_self_issued(at) && !is_of_public_authority(at)) else { break };
            // An authority's own is in every client: when that ends is no matter of ours.
            if !is_self_issued(issuer) {
                facts.ends = facts.ends.min(ends(issuer));
            }
            at = issuer;
        }
        if std::ptr::eq(at, &raw const own) && !is_self_issued(at) && !is_of_public_authority(at) {
            facts.lasting.push(Fault::NoChain);
        }
        Some(facts)
    }

    /// What is wrong at a time, in seconds since 1970.
    pub(super) fn faults(&self, now: i64) -> Vec<Fault> {
        let expired = (now >= self.ends).then_some(Fault::Expired);
        let early = (now < self.begins).then_some(Fault::NotYetValid);
        expired.into_iter().chain(early).chain(self.lasting.iter().cloned()).collect()
    }

    /// Which browsers refuse it at a time. One that issued itself is no fault, but only browsers that were configured to trust it accept it.
    pub(super) fn refusers(&self, now: i64) -> Refusers {
        let at_least = if self.self_issued { Refusers::Some } else { Refusers::None };
        self.faults(now).iter().map(Fault::refusers).fold(at_least, Refusers::max)
    }

    /// For how many seconds it is valid in all.
    pub(super) fn lifetime(&self) -> i64 {
        self.ends.saturating_sub(self.begins)
    }
}

fn begins(certificate: &Certificate) -> i64 {
    seconds(certificate.tbs_certificate.validity.not_before)
}

fn ends(certificate: &Certificate) -> i64 {
    seconds(certificate.tbs_certificate.validity.not_after)
}

fn seconds(time: Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}

fn is_self_issued(certificate: &Certificate) -> bool {
    certificate.tbs_certificate.issuer == certificate.tbs_certificate.subject
}

/// Whether an authority that browsers know issued it.
fn is_of_public_authority(certificate: &Certificate) -> bool {
    let Ok(issuer) = certificate.tbs_certificate.issuer.to_der() else { return false };
    // The list has names without the tag and the length before them, which are four bytes at most.
    let is_it = |name: &[u8]| issuer.strip_suffix(name).is_some_and(|before| before.len() <= 4);
    TLS_SERVER_ROOTS.iter().any(|root| is_it(&root.subject))
}
