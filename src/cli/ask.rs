//! One question over HTTP/1.1, for `healthcheck` and `doctor`: a connection of its own, a short time, an answer of a bounded size.

use bytes::Bytes;
use http::header::{CONNECTION, HOST, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use url::Url;

/// What is read of an answer at most, in bytes: the metrics are longer than any page that is asked for.
const MAX_BODY: usize = 256 * 1024;

/// The answer to plain HTTP on a port that speaks TLS: ours, and that of most others.
const NOT_TLS: StatusCode = StatusCode::BAD_REQUEST;

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(super) enum AskError {
    /// The name leads nowhere.
    #[error("the name {0} leads to no address: {1}")]
    Name(String, io::Error),
    /// Nobody is there.
    #[error("no connection to {0}: {1}")]
    Connection(SocketAddr, io::Error),
    /// TLS can't be agreed on.
    #[error("TLS with {0}: {1}")]
    Tls(SocketAddr, io::Error),
    /// What came is no HTTP.
    #[error("{0} answers something else than HTTP: {1}")]
    Http(SocketAddr, Box<dyn std::error::Error + Send + Sync>),
    /// Nothing came in time.
    #[error("no answer within {} seconds", .0.as_secs())]
    Late(Duration),
    /// It can't be asked at all.
    #[error("{0}")]
    Address(&'static str),
}

/// Asks for a page by `GET`. Over TLS, the server has to prove who it is, as browsers want it, unless it is on this computer: there nobody else can
/// be meant, and its certificate is for another name than the one that is asked.
pub(super) async fn get(url: &Url, within: Duration) -> Result<Answer, AskError> {
    tokio::time::timeout(within, ask(url)).await.unwrap_or(Err(AskError::Late(within)))
}

/// The same of an address on this computer, by whichever of http and https it speaks.
pub(super) async fn get_local(address: SocketAddr, path: &str, within: Duration) -> Result<(Url, Answer), AskError> {
    let address = reachable(address);
    let url =
        |scheme| Url::parse(&format!("{scheme}://{address}{path}")).map_err(|_| AskError::Address("a wrong address"));
    let plain = url("http")?;
    let answer = get(&plain, within).await?;
    if answer.status != NOT_TLS {
        return Ok((plain, answer));
    }
    let tls = url("https")?;
    Ok(get(&tls, within).await.map_or((plain, answer), |answer| (tls, answer)))
}

/// Where a server that listens on an address is reached from this computer.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

async fn ask(url: &Url) -> Result<Answer, AskError> {
    let host = url.host_str().ok_or(AskError::Address("the address names no host"))?;
    let port = url.port_or_known_default().ok_or(AskError::Address("the address names no port"))?;
    let bare = host.trim_matches(['[', ']']);
    let lost = |error| AskError::Name(host.to_owned(), error);
    let found: Vec<SocketAddr> = lookup_host((bare, port)).await.map_err(lost)?.collect();
    let (address, stream) = connect(&found).await?;
    if url.scheme() != "https" {
        return exchange(url, address, stream).await;
    }
    let name =
        ServerName::try_from(bare.to_owned()).map_err(|_| AskError::Address("no certificate has such a name"))?;
    let failed = |error| AskError::Tls(address, error);
    let config = config(address.ip().is_loopback()).map_err(|error| failed(io::Error::other(error)))?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(failed)?;
    exchange(url, address, stream).await
}

/// The first address that answers; as browsers do, all of them are tried.
async fn connect(addresses: &[SocketAddr]) -> Result<(SocketAddr, TcpStream), AskError> {
    let mut failed = AskError::Address("the name has no address");
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok((*address, stream)),
            Err(error) => failed = AskError::Connection(*address, error),
        }
    }
    Err(failed)
}

async fn exchange<T>(url: &Url, address: SocketAddr, stream: T) -> Result<Answer, AskError>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| AskError::Http(address, error);
    let host = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let host = format!("{}{host}", url.host_str().unwrap_or_default());
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let request = Request::builder()
        .method(Method::GET)
        .uri(path)
        .header(HOST, host)
        .header(USER_AGENT, HeaderValue::from_static("clinic-site"))
        .header(CONNECTION, HeaderValue::from_static("close"))
        .body(Empty::<Bytes>::new())
        .map_err(|error| failed(error.into()))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(error.into()))?;
    // It ends with the answer; what went wrong is told by the answer too.
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(|error| failed(error.into()))?;
    let (parts, body) = answer.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(failed)?.to_bytes();
    Ok(Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() })
}

/// What TLS asks of the server: as browsers do, a certificate of an authority that they know; `local`, none.
fn config(local: bool) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    if local {
        let any = Arc::new(AnyCertificate(provider));
        return Ok(builder.dangerous().with_custom_certificate_verifier(any).with_no_client_auth());
    }
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Takes any certificate, for a server on this computer alone.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _own: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_this_computer() {
        for (listens, asked) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("127.0.0.2:80", "127.0.0.2:80"),
            ("10.0.0.1:80", "10.0.0.1:80"),
        ] {
            assert_eq!(reachable(listens.parse().unwrap()).to_string(), asked);
        }
    }
}
