//! TLS from certificate files: both protocols, a certificate that is renewed, and what can't be used. The certificates are made by openssl.

use crate::connections::{LIMITS, Server};
use crate::harness::TestSite;
use crate::program::seconds_now;
use axum::Router;
use axum::extract::Path as PathOf;
use axum::routing::get;
use bytes::Bytes;
use clinic_site::server::{Limits, Tls};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::aws_lc_rs::{self, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, NamedGroup, RootCertStore, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Time enough on a busy machine.
fn patient() -> Limits {
    Limits { head: Duration::from_secs(10), idle: Duration::from_secs(10), answer: Duration::from_secs(10), ..LIMITS }
}

/// Makes a certificate for localhost, which itself alone has issued, and its key.
pub fn localhost_certificate(certificate: &Path, key: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate)
        .output()
        .unwrap_or_else(|error| panic!("this test makes its certificates with openssl, which can't be run: {error}"));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// A certificate and its key, in files.
pub struct Certificate {
    folder: TempDir,
}

impl Certificate {
    pub fn new() -> Self {
        let certificate = Self { folder: TempDir::new().unwrap() };
        certificate.renew();
        certificate
    }

    /// Makes another one in the place of this.
    fn renew(&self) {
        localhost_certificate(&self.certificate(), &self.key());
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("fullchain.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("privkey.pem")
    }

    pub fn read(&self) -> Tls {
        Tls::read(&self.certificate(), &self.key(), &["localhost"]).unwrap()
    }

    /// What a client that trusts this certificate goes by.
    fn config(&self, protocols: &[&[u8]]) -> Arc<ClientConfig> {
        client_config(&self.certificate(), protocols)
    }

    /// A connection of a client that trusts this certificate, for `async` clients.
    pub async fn connect(
        &self,
        address: SocketAddr,
        protocol: &[u8],
    ) -> tokio_rustls::client::TlsStream<tokio::net::TcpStream> {
        let socket = tokio::net::TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        tokio_rustls::TlsConnector::from(self.config(&[protocol])).connect(name, socket).await.unwrap()
    }
}

/// A connection of a client that trusts a certificate, with the protocols it knows.
fn client(server: &Server, trusted: &Path, protocols: &[&[u8]]) -> StreamOwned<ClientConnection, TcpStream> {
    let socket = TcpStream::connect(server.address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(client_config(trusted, protocols), name).unwrap(), socket)
}

pub fn client_config(trusted: &Path, protocols: &[&[u8]]) -> Arc<ClientConfig> {
    Arc::new(client_config_by(aws_lc_rs::default_provider(), trusted, protocols))
}

fn client_config_by(provider: CryptoProvider, trusted: &Path, protocols: &[&[u8]]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(trusted).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    config
}

/// Asks by HTTP/1.1, and gives what comes.
fn asked(stream: &mut StreamOwned<ClientConnection, TcpStream>) -> std::io::Result<String> {
    stream.write_all(b"GET /medicare/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn both_protocols_are_spoken_as_the_two_sides_agree() {
    let certificate = Certificate::new();
    let app = TestSite::published().app().clone();
    let server = Server::over(Some(certificate.read()), app, patient());
    let mut older = client(&server, &certificate.certificate(), &[b"http/1.1"]);
    let answer = asked(&mut older).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer:.500}");
    assert!(answer.contains("strict-transport-security: max-age=63072000\r\n"), "{answer:.500}");

    let mut newer = client(&server, &certificate.certificate(), &[b"h2", b"http/1.1"]);
    // The preface, empty settings, and a request whose headers are in the table of RFC 7541, appendix A: GET https / for a host.
    newer.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    let block = b"\x82\x87\x84\x41\x09localhost";
    newer.write_all(&[0, 0, u8::try_from(block.len()).unwrap(), 1, 5, 0, 0, 0, 1]).unwrap();
    newer.write_all(block).unwrap();
    assert_eq!(newer.conn.alpn_protocol(), Some(&b"h2"[..]));
    loop {
        let mut head = [0; 9];
        newer.read_exact(&mut head).unwrap();
        let mut frame = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        newer.read_exact(&mut frame).unwrap();
        // Headers of the first stream: `:status: 200` has the number 8 in the table.
        if head[3] == 1 {
            assert_eq!(frame.first(), Some(&0x88), "{frame:?}");
            break;
        }
        assert_ne!(head[3], 7, "the server went away: {frame:?}");
    }
    drop(newer);
    assert!(server.stop());
}

#[test]
fn a_renewed_certificate_is_taken_and_a_bad_one_is_not() {
    let certificate = Certificate::new();
    let tls = certificate.read();
    let server = Server::over(Some(tls.clone()), TestSite::shipped().app().clone(), patient());
    let first = certificate.folder.path().join("first.pem");
    std::fs::copy(certificate.certificate(), &first).unwrap();
    assert!(!tls.read_again(seconds_now()).unwrap(), "nothing has changed");
    assert!(asked(&mut client(&server, &first, &[])).is_ok());
    certificate.renew();
    assert!(tls.read_again(seconds_now()).unwrap());
    assert!(asked(&mut client(&server, &certificate.certificate(), &[])).is_ok());
    assert!(asked(&mut client(&server, &first, &[])).is_err(), "the first certificate is still in use");
    // In the middle of a renewal: the new certificate with the old key.
    let other = Certificate::new();
    std::fs::copy(other.certificate(), certificate.certificate()).unwrap();
    let message = tls.read_again(seconds_now()).unwrap_err().to_string();
    assert!(message.contains("fullchain.pem") && message.contains("privkey.pem"), "{message}");
    for (text, what) in [("", "holds no certificate"), ("-----BEGIN CERTIFICATE-----\nA", "is no certificate")] {
        std::fs::write(certificate.certificate(), text).unwrap();
        let message = tls.read_again(seconds_now()).unwrap_err().to_string();
        assert!(message.contains(what) && !message.contains("BEGIN"), "{message}");
    }
    std::fs::remove_file(certificate.key()).unwrap();
    assert!(tls.read_again(seconds_now()).unwrap_err().to_string().contains("can't be read"));
    assert!(server.stop());
}

/// The key exchange that a client agrees on with a server, if it offers these, the preferred first.
fn agreed(server: &Server, trusted: &Path, offered: &[&'static dyn SupportedKxGroup]) -> NamedGroup {
    let provider = CryptoProvider { kx_groups: offered.to_vec(), ..aws_lc_rs::default_provider() };
    let config = client_config_by(provider, trusted, &[]);
    let socket = TcpStream::connect(server.address).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), socket);
    assert!(asked(&mut stream).unwrap().starts_with("HTTP/1.1 200 OK\r\n"));
    stream.conn.negotiated_key_exchange_group().unwrap().name()
}

#[test]
fn what_is_recorded_today_cannot_be_read_by_a_quantum_computer_later() {
    let certificate = Certificate::new();
    let server = Server::over(Some(certificate.read()), TestSite::shipped().app().clone(), patient());
    // As browsers offer them since 2024.
    let offered = [kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1];
    let agreed = |from: usize| agreed(&server, &certificate.certificate(), &offered[from..]);
    assert_eq!(agreed(0), NamedGroup::X25519MLKEM768);
    assert_eq!([1, 2, 3].map(agreed), [NamedGroup::X25519, NamedGroup::secp256r1, NamedGroup::secp384r1], "older ones");
    assert!(server.stop());
}

#[test]
fn a_challenge_is_answered_to_who_asks_for_it_alone() {
    let (site, challenge) = (Certificate::new(), Certificate::new());
    let waiting = Tls::awaiting(&site.folder.path().join("later.pem"), &site.key(), &["localhost"]).unwrap();
    let (with, without) = (site.read(), TestSite::shipped());
    let servers = [&with, &waiting].map(|tls| Server::over(Some(tls.clone()), without.app().clone(), patient()));
    let own = CertificateDer::from_pem_file(challenge.certificate()).unwrap().to_vec();
    let key = PrivateKeyDer::from_pem_file(challenge.key()).unwrap().secret_der().to_vec();
    let shows = |server: &Server, protocols: &[&[u8]]| {
        [&challenge, &site].map(|trusted| {
            let mut stream = client(server, &trusted.certificate(), protocols);
            let shaken = stream.conn.complete_io(&mut stream.sock).is_ok();
            shaken && stream.conn.peer_certificates().is_some()
        })
    };
    for tls in [&with, &waiting] {
        tls.challenge("LOCALHOST", own.clone(), key.clone()).unwrap();
    }
    for (protocols, by_the_site, by_the_waiting) in [
        (&[&b"acme-tls/1"[..]][..], [true, false], [true, false]),
        (&[b"acme-tls/1", b"http/1.1"], [false, true], [false; 2]),
        (&[b"http/1.1"], [false, true], [false; 2]),
        (&[], [false, true], [false; 2]),
    ] {
        let seen = servers.each_ref().map(|server| shows(server, protocols));
        assert_eq!(seen, [by_the_site, by_the_waiting], "{protocols:?}");
    }
    // A connection of a challenge answers no request.
    let mut asking = client(&servers[0], &challenge.certificate(), &[b"acme-tls/1"]);
    assert!(!asked(&mut asking).is_ok_and(|answer| !answer.is_empty()));
    for tls in [&with, &waiting] {
        tls.end_challenges();
    }
    assert_eq!(servers.each_ref().map(|server| shows(server, &[b"acme-tls/1"])), [[false; 2]; 2]);
    // The certificate comes.
    assert_eq!(waiting.ends(), None);
    std::fs::copy(site.certificate(), site.folder.path().join("later.pem")).unwrap();
    assert!(waiting.read_again(seconds_now()).unwrap());
    assert_eq!(shows(&servers[1], &[b"http/1.1"]), [false, true]);
    assert!(servers.into_iter().all(Server::stop));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it took is what is tested")]
fn a_client_without_a_handshake_is_cut() {
    let certificate = Certificate::new();
    let server = Server::over(Some(certificate.read()), TestSite::shipped().app().clone(), patient());
    let started = Instant::now();
    let mut silent = server.client();
    assert!(silent.rest().is_empty());
    assert!(started.elapsed() < Duration::from_secs(8));
    let mut plain = server.client();
    plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = plain.answer().expect("an answer in words");
    assert_eq!(answer.status, 400);
    assert!(String::from_utf8(answer.body).unwrap().contains("https://"), "it says how to mend the address");
    assert!(plain.rest().is_empty());
    assert!(server.stop());
}

/// A router that answers with so many bytes as the path says.
fn bytes_router() -> Router {
    Router::new().route("/{length}", get(|PathOf(length): PathOf<usize>| async move { "x".repeat(length) }))
}

#[test]
fn a_client_that_reads_slowly_is_not_idle() {
    let certificate = Certificate::new();
    let idle = Duration::from_secs(1);
    let limits = Limits { idle, answer: Duration::from_mins(1), connections: 200, ..patient() };
    let server = Server::over(Some(certificate.read()), bytes_router(), limits);
    // Some of these fit into the buffers of the sockets and of TLS together, and not into those of the sockets.
    let lengths = (1..=60).map(|step| step * 64 * 1024);
    let mut clients: Vec<_> = lengths
        .map(|length| {
            let mut stream = client(&server, &certificate.certificate(), &[b"http/1.1"]);
            write!(stream, "GET /{length} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
            (length, stream)
        })
        .collect();
    std::thread::sleep(idle * 3);
    for (length, stream) in &mut clients {
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        assert!(answer.len() > *length, "{length} bytes: {} came, then {read:?}", answer.len());
    }
    drop(clients);
    assert!(server.stop());
}

#[test]
fn an_http2_client_with_a_small_window_is_served_as_long_as_it_reads() {
    const LENGTH: usize = 48 * 1024;
    let certificate = Certificate::new();
    let idle = Duration::from_millis(300);
    let limits = Limits { idle, answer: idle, ..patient() };
    let server = Server::over(Some(certificate.read()), bytes_router(), limits);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let received = |pause: Duration| {
        runtime.block_on(async {
            let stream = TokioIo::new(certificate.connect(server.address, b"h2").await);
            let mut builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
            builder.initial_stream_window_size(4 * 1024);
            let (mut sender, connection) = builder.handshake::<_, Empty<Bytes>>(stream).await.unwrap();
            let connection = tokio::spawn(connection);
            let request = hyper::Request::get(format!("https://localhost/{LENGTH}")).body(Empty::new()).unwrap();
            let mut body = sender.send_request(request).await.unwrap().into_body();
            let mut received = 0;
            while let Some(Ok(frame)) = body.frame().await {
                received += frame.into_data().map_or(0, |data| data.len());
                tokio::time::sleep(pause).await;
            }
            connection.abort();
            received
        })
    };
    assert_eq!(received(idle / 4), LENGTH, "all of it takes longer than any limit, and no part does");
    assert!(received(idle * 6) < LENGTH, "a client that stops reading is cut");
    assert!(server.stop());
}

#[test]
fn a_handshake_has_some_time_while_slots_are_scarce_and_then_makes_room() {
    let certificate = Certificate::new();
    let limits =
        Limits { connections: 1, head: Duration::from_secs(6), handshake: Duration::from_secs(30), ..patient() };
    let server = Server::over(Some(certificate.read()), TestSite::shipped().app().clone(), limits);
    let mut slow = client(&server, &certificate.certificate(), &[b"http/1.1"]);
    let mut hello = Vec::new();
    slow.conn.write_tls(&mut hello).unwrap();
    let (first, rest) = hello.split_at(hello.len() / 2);
    slow.sock.write_all(first).unwrap();
    std::thread::sleep(Duration::from_millis(700));
    slow.sock.write_all(rest).unwrap();
    assert!(asked(&mut slow).unwrap().starts_with("HTTP/1.1 200 OK\r\n"));
    drop(slow);
    let mut stalled = server.client();
    stalled.send_bytes(first);
    assert!(stalled.rest().is_empty(), "it holds the only slot until its time is up");
    assert!(server.stop());
}

#[test]
fn an_idle_http2_client_that_does_not_answer_goaway_holds_a_stop_for_a_moment_only() {
    let certificate = Certificate::new();
    let server = Server::over(Some(certificate.read()), TestSite::shipped().app().clone(), patient());
    let mut silent = client(&server, &certificate.certificate(), &[b"h2"]);
    silent.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    let block = b"\x82\x87\x84\x41\x09localhost";
    silent.write_all(&[0, 0, u8::try_from(block.len()).unwrap(), 1, 5, 0, 0, 0, 1]).unwrap();
    silent.write_all(block).unwrap();
    silent.read_exact(&mut [0; 1024]).unwrap();
    assert!(server.stop(), "the drain waits for it to the end");
}
