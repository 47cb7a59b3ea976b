//! What an authority asks before it issues a certificate: whether this server is the one at a name. It connects by TLS, asks for the protocol
//! `acme-tls/1` alone, and looks at the certificate that it is shown (RFC 8737).

use super::tls::TlsError;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The protocol of a challenge.
const PROTOCOL: &[u8] = b"acme-tls/1";

/// The challenges that wait for their authority, by name.
#[derive(Default)]
pub(super) struct Challenges(Mutex<BTreeMap<String, Arc<CertifiedKey>>>);

impl fmt::Debug for Challenges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().keys()).finish()
    }
}

impl Challenges {
    /// The settings of a handshake that shows a challenge's certificate, or, where none is asked for, fails with an alert.
    pub(super) fn config(self: &Arc<Self>) -> Result<ServerConfig, rustls::Error> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Self>::clone(self));
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(config)
    }

    /// Shows this certificate to whoever asks for the challenge of a name.
    pub(super) fn insert(&self, name: &str, certificate: Vec<u8>, key: Vec<u8>) -> Result<(), TlsError> {
        let key =
            aws_lc_rs::sign::any_supported_type(&PrivatePkcs8KeyDer::from(key).into()).map_err(TlsError::setup)?;
        let shown = CertifiedKey::new(vec![CertificateDer::from(certificate)], key);
        self.lock().insert(name.to_ascii_lowercase(), Arc::new(shown));
        Ok(())
    }

    /// Forgets them all.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<CertifiedKey>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Challenges {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().filter(|_| is_asked(&hello))?;
        self.lock().get(&name.to_ascii_lowercase()).cloned()
    }
}

/// Whether a client asks for a challenge, and for nothing else.
pub(super) fn is_asked(hello: &ClientHello<'_>) -> bool {
    hello.alpn().is_some_and(|mut protocols| protocols.next() == Some(PROTOCOL) && protocols.next().is_none())
}
