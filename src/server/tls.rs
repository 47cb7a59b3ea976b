//! TLS: the handshake, with HTTP/2 if the client supports it, and the certificate. Its files are read again when they change; if they can't be used,
//! or are worse than what is in use, the previous certificate stays.
//!
//! It is no matter here who writes the files: the clinic's own tools, or `cli::acme`, which begins without any.

use super::certificate::{Facts, Fault, Refusers};
use super::challenge::{self, Challenges};
use arc_swap::ArcSwapOption;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::Acceptor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, fs, io};
use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

/// What the client may choose from, the preferred first (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// A certificate and its key, as they were read last.
#[derive(Clone)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    /// The names of the site.
    hosts: Vec<String>,
    /// `None`: there is no certificate yet.
    current: Arc<ArcSwapOption<Loaded>>,
    challenges: Arc<Challenges>,
    /// For a client that asks for a challenge, and for everybody while there is no certificate.
    challenge: Arc<ServerConfig>,
}

/// The bytes of both files, and what was made of them.
struct Loaded {
    bytes: [Vec<u8>; 2],
    facts: Facts,
    config: Arc<ServerConfig>,
}

/// Why a certificate can't be used. It never holds anything of the key.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct TlsError(String);

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        Self(format!("TLS can't be set up: {error}"))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("certificate", &self.certificate).field("key", &self.key).finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads a certificate with its chain, and its key: PEM files, as certbot and others write them; one file may hold both. `hosts` are the names
    /// of the site, if it has any. What is wrong with the certificate itself is no error: see [`Tls::faults`].
    pub fn read(certificate: &Path, key: &Path, hosts: &[&str]) -> Result<Self, TlsError> {
        let tls = Self::awaiting(certificate, key, hosts)?;
        tls.take(read(certificate, key)?)?;
        Ok(tls)
    }

    /// The same for files that will be there later: until [`Tls::read_again`] finds them, a handshake fails with an alert, but for a challenge.
    pub fn awaiting(certificate: &Path, key: &Path, hosts: &[&str]) -> Result<Self, TlsError> {
        let challenges = Arc::<Challenges>::default();
        Ok(Self {
            certificate: certificate.to_path_buf(),
            key: key.to_path_buf(),
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            current: Arc::default(),
            challenge: Arc::new(challenges.config()?),
            challenges,
        })
    }

    fn take(&self, bytes: [Vec<u8>; 2]) -> Result<(), TlsError> {
        self.current.store(Some(Arc::new(Loaded::new(self, bytes)?)));
        Ok(())
    }

    /// Reads the files again, and uses them from the next connection on if they have changed, unless more browsers refuse them at `now` (seconds
    /// since 1970) than refuse the certificate in use. Returns whether they had changed.
    pub fn read_again(&self, now: i64) -> Result<bool, TlsError> {
        let current = self.current.load();
        if current.is_none() && !self.certificate.exists() {
            return Ok(false);
        }
        let bytes = read(&self.certificate, &self.key)?;
        if current.as_ref().is_some_and(|current| current.bytes == bytes) {
            return Ok(false);
        }
        let new = Loaded::new(self, bytes)?;
        let known = current.as_ref().map_or(Refusers::All, |current| current.facts.refusers(now));
        if let Some(worse) = new.facts.faults(now).iter().find(|fault| fault.refusers() > known) {
            return Err(TlsError(format!("{}: {worse}", self.certificate.display())));
        }
        self.current.store(Some(Arc::new(new)));
        Ok(true)
    }

    /// What is wrong with the certificate in use at `now` (seconds since 1970).
    #[must_use]
    pub fn faults(&self, now: i64) -> Vec<Fault> {
        self.current.load().as_ref().map_or_else(Vec::new, |current| current.facts.faults(now))
    }

    /// When the certificate in use ends, in seconds since 1970, and for how many it is valid in all. `None`: there is none.
    #[must_use]
    pub fn ends(&self) -> Option<(i64, i64)> {
        self.current.load().as_ref().map(|current| (current.facts.ends, current.facts.lifetime()))
    }

    /// Shows a certificate (DER) to whoever asks for the challenge of a name, until [`Tls::end_challenges`]. `key` is in PKCS #8.
    pub fn challenge(&self, name: &str, certificate: Vec<u8>, key: Vec<u8>) -> Result<(), TlsError> {
        Ok(self.challenges.insert(name, certificate, key)?)
    }

    /// Forgets what [`Tls::challenge`] was given.
    pub fn end_challenges(&self) {
        self.challenges.clear();
    }

    /// The handshake. A challenge is answered by it, and is an error.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let is_challenge = challenge::is_asked(&start.client_hello());
        let current = self.current.load_full().filter(|_| !is_challenge);
        let config = current.map_or_else(|| Arc::clone(&self.challenge), |current| Arc::clone(&current.config));
        let mut stream = start.into_stream(config).await?;
        if is_challenge {
            stream.shutdown().await?;
            return Err(io::Error::other("it was a challenge"));
        }
        Ok(stream)
    }

    /// Whether the two sides have agreed on HTTP/2.
    pub(super) fn speaks_http2(stream: &TlsStream<TcpStream>) -> bool {
        stream.get_ref().1.alpn_protocol() == Some(b"h2")
    }
}

fn read(certificate: &Path, key: &Path) -> Result<[Vec<u8>; 2], TlsError> {
    let bytes = |what, path: &Path| {
        fs::read(path).map_err(|error| TlsError(format!("the {what} {} can't be read: {error}", path.display())))
    };
    Ok([bytes("certificate", certificate)?, bytes("key", key)?])
}

impl Loaded {
    fn new(tls: &Tls, bytes: [Vec<u8>; 2]) -> Result<Self, TlsError> {
        let (certificate, key) = (tls.certificate.display(), tls.key.display());
        let [chain, secret] = &bytes;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|_| TlsError(format!("{certificate} is no certificate in PEM form")))?;
        if chain.is_empty() {
            return Err(TlsError(format!("{certificate} holds no certificate")));
        }
        let facts = Facts::read(&chain, &tls.hosts)
            .ok_or_else(|| TlsError(format!("{certificate} holds no certificate that can be read")))?;
        let secret = PrivateKeyDer::from_pem_slice(secret)
            .map_err(|_| TlsError(format!("{key} holds no private key in PEM form, or one with a password")))?;
        // The provider is named, not found: two in one program would make rustls panic (rustls/rustls#1938). Of its key exchanges the client's first
        // choice is taken, which is X25519MLKEM768 in today's browsers.
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .map_err(|error| TlsError(format!("{certificate} and {key}: {error}")))?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        // A phone that comes back saves a round trip. The keys of the tickets change by themselves.
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        Ok(Self { bytes, facts, config: Arc::new(config) })
    }
}
