//! TLS from certificate files, with HTTP/2 if the client supports it. Files that change are read again; if they can't be used, or are worse than what
//! is in use, the previous certificate stays.

use super::certificate::{Facts, Fault};
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, fs, io};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What the client may choose from, the preferred first (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// A certificate and its key, as they were read last.
#[derive(Clone)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    /// The name of the site.
    host: Option<String>,
    current: Arc<ArcSwap<Loaded>>,
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

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("certificate", &self.certificate).field("key", &self.key).finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads a certificate with its chain, and its key: PEM files, as certbot and others write them. `host` is the name of the site, if it has one.
    /// What is wrong with the certificate itself is no error: see [`Tls::faults`].
    pub fn read(certificate: &Path, key: &Path, host: Option<&str>) -> Result<Self, TlsError> {
        let loaded = Loaded::new(certificate, key, host, read(certificate, key)?)?;
        Ok(Self {
            certificate: certificate.to_path_buf(),
            key: key.to_path_buf(),
            host: host.map(str::to_owned),
            current: Arc::new(ArcSwap::from_pointee(loaded)),
        })
    }

    /// Reads the files again, and uses them from the next connection on if they have changed, unless more browsers refuse them at `now` (seconds
    /// since 1970) than refuse the certificate in use. Returns whether they had changed.
    pub fn read_again(&self, now: i64) -> Result<bool, TlsError> {
        let bytes = read(&self.certificate, &self.key)?;
        let current = self.current.load();
        if bytes == current.bytes {
            return Ok(false);
        }
        let new = Loaded::new(&self.certificate, &self.key, self.host.as_deref(), bytes)?;
        let known = current.facts.refusers(now);
        if let Some(worse) = new.facts.faults(now).iter().find(|fault| fault.refusers() > known) {
            return Err(TlsError(format!("{}: {worse}", self.certificate.display())));
        }
        self.current.store(Arc::new(new));
        Ok(true)
    }

    /// What is wrong with the certificate in use at `now` (seconds since 1970).
    #[must_use]
    pub fn faults(&self, now: i64) -> Vec<Fault> {
        self.current.load().facts.faults(now)
    }

    /// When the certificate in use ends, in seconds since 1970, and for how many it is valid in all.
    #[must_use]
    pub fn ends(&self) -> (i64, i64) {
        let current = self.current.load();
        (current.facts.ends, current.facts.lifetime())
    }

    /// The handshake.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.current.load().config);
        TlsAcceptor::from(config).accept(stream).await
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
    fn new(certificate: &Path, key: &Path, host: Option<&str>, bytes: [Vec<u8>; 2]) -> Result<Self, TlsError> {
        let setup = |error| TlsError(format!("TLS can't be set up: {error}"));
        let [chain, secret] = &bytes;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|_| TlsError(format!("{} is no certificate in PEM form", certificate.display())))?;
        if chain.is_empty() {
            return Err(TlsError(format!("{} holds no certificate", certificate.display())));
        }
        let facts = Facts::read(&chain, host)
            .ok_or_else(|| TlsError(format!("{} holds no certificate that can be read", certificate.display())))?;
        let secret = PrivateKeyDer::from_pem_slice(secret).map_err(|_| {
            TlsError(format!("{} holds no private key in PEM form, or one with a password", key.display()))
        })?;
        // The provider is named, not found: two in one program would make rustls panic (rustls/rustls#1938).
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(setup)?
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .map_err(|error| TlsError(format!("{} and {}: {error}", certificate.display(), key.display())))?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        // A phone that comes back saves a round trip. The keys of the tickets change by themselves.
        config.ticketer = aws_lc_rs::Ticketer::new().map_err(setup)?;
        Ok(Self { bytes, facts, config: Arc::new(config) })
    }
}
