//! HTTP/1.1 from this program, for `healthcheck`, `doctor`, `serve --acme` and `requests --server`: a connection a question, a bounded time, an answer of
//! a bounded size, and no redirect followed.

use bytes::Bytes;
use http::header::{CONNECTION, HOST, HeaderMap, HeaderValue, USER_AGENT};
use http::uri::{Authority, Scheme};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::body::Body;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

/// What is read of a page at most, in bytes: the metrics are longer than any page that is asked for.
const MAX_PAGE: usize = 256 * 1024;

/// How long one address may take to be connected to: of two, that of IPv6 may lead nowhere.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The answer to plain HTTP on a port that speaks TLS: ours, and that of most others.
const NOT_TLS: StatusCode = StatusCode::BAD_REQUEST;

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// A page.
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
    Http(SocketAddr, AnyError),
    /// What came is longer than it may be, in bytes.
    #[error("{0} answers more than {1} bytes")]
    TooLong(SocketAddr, usize),
    /// Nothing came in time.
    #[error("no answer within {} seconds", .0.as_secs())]
    Late(Duration),
    /// It can't be asked at all.
    #[error("{0}")]
    Address(&'static str),
}

/// How much an answer may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The time until its last byte is there, from the search for its address on.
    pub(super) within: Duration,
    /// The bytes of its body.
    pub(super) bytes: usize,
}

/// Asks for a page by `GET`. Over TLS, the server has to prove who it is, as browsers want it, unless it is on this computer: there nobody else can
/// be meant, and its certificate is for another name than the one that is asked.
pub(super) async fn get(url: &Url, within: Duration) -> Result<Answer, AskError> {
    let request = Request::builder().method(Method::GET).uri(url.as_str()).body(Empty::<Bytes>::new());
    let request = request.map_err(|_| AskError::Address("a wrong address"))?;
    let tls = |address: SocketAddr| if address.ip().is_loopback() { any_certificate() } else { connector(None) };
    let (parts, body) = send(request, tls, Limits { within, bytes: MAX_PAGE }).await?.into_parts();
    Ok(Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() })
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

/// Sends a request to where its whole address leads, on a connection of its own. Over https, `tls` is what the server at an address is verified by.
pub(super) async fn send<B>(
    request: Request<B>,
    tls: impl Fn(SocketAddr) -> Result<TlsConnector, AnyError>,
    limits: Limits,
) -> Result<Response<Bytes>, AskError>
where
    B: Body<Data: Send, Error: Into<AnyError>> + Send + 'static,
{
    let asked = async {
        let uri = request.uri();
        let host = uri.host().ok_or(AskError::Address("the address names no host"))?;
        let bare = host.trim_matches(['[', ']']).to_owned();
        let is_tls = uri.scheme() == Some(&Scheme::HTTPS);
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let (address, stream) = connect(&bare, port).await?;
        if !is_tls {
            return exchange(request, address, stream, limits.bytes).await;
        }
        let failed = |error| AskError::Tls(address, error);
        let name = ServerName::try_from(bare).map_err(|_| AskError::Address("no certificate has such a name"))?;
        let connector = tls(address).map_err(|error| failed(io::Error::other(error)))?;
        let stream = connector.connect(name, stream).await.map_err(failed)?;
        exchange(request, address, stream, limits.bytes).await
    };
    timeout(limits.within, asked).await.unwrap_or(Err(AskError::Late(limits.within)))
}

/// The first address of a host that answers; as browsers do, all of them are tried.
async fn connect(host: &str, port: u16) -> Result<(SocketAddr, TcpStream), AskError> {
    let found = lookup_host((host, port)).await.map_err(|error| AskError::Name(host.to_owned(), error))?;
    let mut failed = AskError::Address("the name has no address");
    for address in found {
        match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok((address, stream)),
            Ok(Err(error)) => failed = AskError::Connection(address, error),
            Err(_) => failed = AskError::Connection(address, io::ErrorKind::TimedOut.into()),
        }
    }
    Err(failed)
}

async fn exchange<B, T>(
    mut request: Request<B>,
    address: SocketAddr,
    stream: T,
    max: usize,
) -> Result<Response<Bytes>, AskError>
where
    B: Body<Data: Send, Error: Into<AnyError>> + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let failed = |error: AnyError| match error.downcast_ref::<LengthLimitError>() {
        Some(_) => AskError::TooLong(address, max),
        None => AskError::Http(address, error),
    };
    let uri = request.uri();
    let host = uri.authority().map(Authority::as_str).and_then(|host| HeaderValue::from_str(host).ok());
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).parse::<Uri>();
    let headers = request.headers_mut();
    headers.extend(host.map(|host| (HOST, host)));
    headers.entry(USER_AGENT).or_insert(HeaderValue::from_static("clinic-site"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    *request.uri_mut() = path.map_err(|error| failed(error.into()))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(error.into()))?;
    let answering = async {
        let (parts, body) = sender.send_request(request).await?.into_parts();
        Ok::<_, AnyError>(Response::from_parts(parts, Limited::new(body, max).collect().await?.to_bytes()))
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
    answer.map_err(failed)
}

/// What servers are verified by: the authorities of a file in PEM form, or those that browsers know.
pub(super) fn connector(authorities: Option<&[u8]>) -> Result<TlsConnector, AnyError> {
    let mut roots = RootCertStore::empty();
    match authorities {
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

fn any_certificate() -> Result<TlsConnector, AnyError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let any = Arc::new(AnyCertificate(Arc::clone(&provider)));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(any)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
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
    use super::{AskError, Limits, connector, reachable, send};
    use bytes::Bytes;
    use http::{Request, Response};
    use http_body_util::Full;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

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

    const LIMITS: Limits = Limits { within: Duration::from_millis(300), bytes: 1000 };

    /// Asks a server that answers as it likes.
    fn asked(scheme: &str, answer: impl FnOnce(TcpStream) + Send + 'static) -> Result<Response<Bytes>, AskError> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{scheme}://{}/page?a", listener.local_addr().unwrap());
        std::thread::spawn(move || answer(listener.accept().unwrap().0));
        let request = Request::post(url).body(Full::new(Bytes::from_static(b"hello"))).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(send(request, |_| connector(None), LIMITS))
    }

    fn say(mut stream: TcpStream, text: &str) {
        let mut head = [0; 4096];
        let count = stream.read(&mut head).unwrap();
        assert!(head[..count].starts_with(b"POST /page?a HTTP/1.1\r\nhost: 127.0.0.1:"));
        stream.write_all(text.as_bytes()).unwrap();
        // A closed connection would be reported.
        let _ = stream.read(&mut head);
    }

    #[test]
    fn an_answer_has_a_time_and_a_length() {
        let good = asked("http", |stream| say(stream, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")).unwrap();
        assert_eq!((good.status().as_u16(), &good.body()[..]), (200, &b"hi"[..]));
        let moved = "HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(asked("http", |stream| say(stream, moved)).unwrap().status().as_u16(), 302);
        let long = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(1001));
        assert!(matches!(asked("http", move |stream| say(stream, &long)), Err(AskError::TooLong(_, 1000))));
        let silent = |stream: TcpStream| std::thread::sleep(Duration::from_secs(2 + u64::from(stream.ttl().is_err())));
        assert!(matches!(asked("http", silent), Err(AskError::Late(_))));
        assert!(matches!(asked("https", silent), Err(AskError::Late(_))));
        let slow = |mut stream: TcpStream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            while stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        };
        assert!(matches!(asked("http", slow), Err(AskError::Late(_))));
        let heads = |mut stream: TcpStream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            while stream.write_all(b"a: b\r\n").is_ok() {}
        };
        assert!(matches!(asked("http", heads), Err(AskError::Http(..))));
        assert!(matches!(asked("https", |stream| say(stream, "")), Err(AskError::Tls(..) | AskError::Late(_))));
    }
}
