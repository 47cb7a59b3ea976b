//! TLS from certificate files, with HTTP/2 where the client knows it. Files that change are read again; what can't be used is told, and the
//! certificate before it stays.

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What the client may choose from, the most wanted first (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The certificate and its key, as they were read last.
#[derive(Clone)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    now: Arc<ArcSwap<Read>>,
}

/// What was read.
struct Read {
    bytes: (Vec<u8>, Vec<u8>),
    config: Arc<ServerConfig>,
}

/// Why a certificate can't be used, in words for the person who runs the site. It never holds anything of the key.
#[derive(Debug)]
pub struct TlsError(String);

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TlsError {}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("certificate", &self.certificate).field("key", &self.key).finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads a certificate with its chain, and its key: PEM files, as certbot and others write them.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let read = read(certificate, key)?;
        let config = configured(certificate, key, &read)?;
        let now = Arc::new(ArcSwap::from_pointee(Read { bytes: read, config }));
        Ok(Self { certificate: certificate.to_path_buf(), key: key.to_path_buf(), now })
    }

    /// Reads the files again, and takes them from the next connection on if they have changed. Tells whether they had.
    pub fn read_again(&self) -> Result<bool, TlsError> {
        let read = read(&self.certificate, &self.key)?;
        if read == self.now.load().bytes {
            return Ok(false);
        }
        let config = configured(&self.certificate, &self.key, &read)?;
        self.now.store(Arc::new(Read { bytes: read, config }));
        Ok(true)
    }

    /// Shakes hands.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.now.load().config);
        TlsAcceptor::from(config).accept(stream).await
    }

    /// Whether the two sides have agreed on HTTP/2.
    pub(super) fn speaks_http2(stream: &TlsStream<TcpStream>) -> bool {
        stream.get_ref().1.alpn_protocol() == Some(b"h2")
    }
}

fn read(certificate: &Path, key: &Path) -> Result<(Vec<u8>, Vec<u8>), TlsError> {
    let bytes = |what: &str, path: &Path| {
        std::fs::read(path).map_err(|error| TlsError(format!("the {what} {} can't be read: {error}", path.display())))
    };
    Ok((bytes("certificate", certificate)?, bytes("key", key)?))
}

fn configured(certificate: &Path, key: &Path, read: &(Vec<u8>, Vec<u8>)) -> Result<Arc<ServerConfig>, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&read.0)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError(format!("{} is no certificate in PEM form", certificate.display())))?;
    if chain.is_empty() {
        return Err(TlsError(format!("{} holds no certificate", certificate.display())));
    }
    let secret = PrivateKeyDer::from_pem_slice(&read.1)
        .map_err(|_| TlsError(format!("{} holds no private key in PEM form, or one with a password", key.display())))?;
    // The provider is named, not found: two in one program would make rustls panic (rustls/rustls#1938).
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError(format!("TLS can't be set up: {error}")))?;
    let mut config = builder
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|error| TlsError(format!("{} and {}: {error}", certificate.display(), key.display())))?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    // A phone that comes back saves a round trip. The keys of the tickets change by themselves.
    config.ticketer = aws_lc_rs::Ticketer::new().map_err(|error| TlsError(format!("TLS can't be set up: {error}")))?;
    Ok(Arc::new(config))
}
