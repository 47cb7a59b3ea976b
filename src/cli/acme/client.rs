//! HTTP with an authority: a connection a request, of which an order makes about ten.

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, HttpClient};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// How long one address may take to be connected to, and a request in all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How long an answer may be. A certificate with its chain has some 10 KB.
const MAX_BYTES: usize = 1024 * 1024;

type AnyError = Box<dyn Error + Send + Sync>;

/// What the authority's server is verified by: a certificate in PEM form, or those that browsers know.
pub(super) fn connector(authority: Option<&[u8]>) -> Result<TlsConnector, AnyError> {
    let mut roots = RootCertStore::empty();
    match authority {
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                roots.add(certificate?)?;
            }
            if roots.is_empty() {
                return Err("there is no certificate in it".into());
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The client of an authority.
pub(super) struct Client(pub(super) TlsConnector);

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, instant_acme::Error>> + Send>> {
        let connector = self.0.clone();
        Box::pin(async move {
            let answer = timeout(REQUEST_TIMEOUT, send(&connector, request)).await;
            answer.unwrap_or_else(|_| Err("it doesn't answer in time".into())).map_err(instant_acme::Error::Other)
        })
    }
}

async fn send(connector: &TlsConnector, mut request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, AnyError> {
    let uri = request.uri();
    let authority =
        uri.authority().filter(|_| uri.scheme_str() == Some("https")).ok_or("an address without https")?.clone();
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).parse::<Uri>()?;
    let stream = connect(authority.host(), authority.port_u16().unwrap_or(443)).await?;
    let name = ServerName::try_from(authority.host().trim_matches(['[', ']']).to_owned())?;
    let stream = connector.connect(name, stream).await?;
    request.headers_mut().insert(HOST, HeaderValue::from_str(authority.as_str())?);
    *request.uri_mut() = path;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answering = async {
        let (parts, body) = sender.send_request(request).await?.into_parts();
        Ok::<_, AnyError>(Response::from_parts(
            parts,
            Full::new(Limited::new(body, MAX_BYTES).collect().await?.to_bytes()),
        ))
    };
    // The connection moves only while it is polled, and ends with the answer.
    let mut answering = std::pin::pin!(answering);
    let answer = tokio::select! {
        answer = &mut answering => answer,
        ended = connection => match ended {
            Ok(()) => answering.await,
            Err(error) => Err(error.into()),
        },
    };
    Ok(BytesResponse::from(answer?))
}

/// Connects to the first address that answers: of two, that of IPv6 may lead nowhere.
async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "it has no address");
    for address in lookup_host((host.trim_matches(['[', ']']), port)).await? {
        match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}
