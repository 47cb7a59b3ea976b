//! A certificate that comes by itself, from Debian's pebble: issued, kept over a restart, renewed while connections stay, and what goes wrong in words.

use crate::connections::Client;
use crate::harness::pebble::Pebble;
use crate::harness::ports::free_port;
use crate::harness::without_samples;
use crate::program::{self, STAFF_KEY, folder, run, soon};
use crate::tls::client_config;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;
use tempfile::TempDir;

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// A published site that asks an authority for its certificate.
struct Site {
    process: Child,
    port: u16,
    admin: SocketAddr,
    redirect: SocketAddr,
    log: PathBuf,
    /// Followed, so it stays.
    _content: TempDir,
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Site {
    /// Starts it on a port, with a data folder, its log beside it.
    fn start(port: u16, data: &Path, authority: &str, own: &Path) -> Self {
        let (admin, redirect) = (free_port(), free_port());
        let content = folder(&without_samples());
        let log = data.join(format!("log.{admin}"));
        let mut command =
            program::command(&["serve", "--public-url", "https://clinic.example", "--staff-key", STAFF_KEY]);
        command
            .args(["--listen", &format!("127.0.0.1:{port}"), "--admin-listen", &format!("127.0.0.1:{admin}")])
            .args(["--http-listen", &format!("127.0.0.1:{redirect}"), "--acme", "admin@clinic.example"])
            .args(["--acme-name", "www.clinic.example", "--acme-directory", authority, "--acme-ca"])
            .arg(own)
            .arg("--data-dir")
            .arg(data)
            .arg("--content")
            .arg(content.path())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, format!("https://127.0.0.1:{port}/\n"), "{}", fs::read_to_string(&log).unwrap());
        let [admin, redirect] = [admin, redirect].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        Self { process, port, admin, redirect, log, _content: content }
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    fn ready(&self) -> String {
        String::from_utf8(Client::new(self.admin).get("/readyz").body).unwrap()
    }

    /// A connection of a client that trusts a root, after the handshake.
    fn connect(&self, root: &Path, name: &'static str) -> std::io::Result<Stream> {
        let socket = TcpStream::connect(("127.0.0.1", self.port))?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        let name = ServerName::try_from(name).unwrap();
        let client = ClientConnection::new(client_config(root, &[b"http/1.1"]), name).unwrap();
        let mut stream = StreamOwned::new(client, socket);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(stream)
    }

    fn stop(mut self) -> String {
        let id = self.process.id().to_string();
        assert!(std::process::Command::new("kill").arg(id).status().unwrap().success());
        assert_eq!(self.process.wait().unwrap().code(), Some(0));
        self.log()
    }
}

/// Asks once, and leaves the connection open.
fn ask(stream: &mut Stream) -> String {
    stream.write_all(b"HEAD /medicare/ HTTP/1.1\r\nHost: clinic.example\r\n\r\n").unwrap();
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while !answer.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    String::from_utf8(answer).unwrap()
}

/// The site's own certificate, as it was shown.
fn shown(stream: &Stream) -> Vec<u8> {
    stream.conn.peer_certificates().unwrap()[0].to_vec()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_certificate_comes_by_itself_and_is_kept() {
    let port = free_port();
    let Some(authority) = Pebble::start(port, 90 * 24 * 3600) else { return };
    let data = TempDir::new().unwrap();
    let root = data.path().join("root.pem");
    authority.write_root(&root);
    let own = root.with_file_name("own.pem");
    fs::copy(authority.own_certificate(), &own).unwrap();
    let directory = authority.directory();
    let site = Site::start(port, data.path(), &directory, &own);
    soon("the certificate is there", || site.connect(&root, "clinic.example").is_ok());
    soon("nothing is wrong any more", || !site.ready().contains("degraded"));
    let mut stream = site.connect(&root, "clinic.example").unwrap();
    let answer = ask(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("strict-transport-security: "), "{answer}");
    assert!(site.connect(&root, "www.clinic.example").is_ok(), "the further name");
    assert!(site.connect(&root, "other.example").is_err());
    let first = shown(&stream);
    let mut plain = Client::new(site.redirect);
    plain.send("POST /request/?a=b HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n");
    let answer = plain.answer().unwrap();
    assert_eq!(answer.status, 308);
    assert!(answer.head.contains("\r\nlocation: https://clinic.example/request/?a=b\r\n"), "{}", answer.head);
    drop((stream, plain));

    let kept = fs::read_dir(data.path().join("acme")).unwrap().next().unwrap().unwrap().path();
    assert_eq!((mode(&data.path().join("acme")), mode(&kept)), (0o700, 0o700));
    let files = ["account.json", "certificate.pem"].map(|name| kept.join(name));
    assert_eq!(files.each_ref().map(|file| mode(file)), [0o600; 2]);
    assert_eq!(fs::read_dir(&kept).unwrap().count(), 2);
    let log = site.stop();
    let at = |words: &str| log.find(words).unwrap_or_else(|| panic!("{words}: {log}"));
    assert!(
        at("waiting for a certificate for clinic.example, www.clinic.example from localhost")
            < at("has come from localhost")
    );
    assert!(!log.contains("ERROR") && !log.contains("admin@clinic.example") && !log.contains("proxy"), "{log}");

    // The account and the certificate are there at the next start, also while the authority is not.
    let before = files.each_ref().map(|file| fs::read(file).unwrap());
    let site = Site::start(port, data.path(), &directory, &own);
    assert_eq!(shown(&site.connect(&root, "clinic.example").unwrap()), first);
    assert_eq!(authority.issued(), 1);
    site.stop();
    drop(authority);
    let site = Site::start(port, data.path(), &directory, &own);
    assert_eq!(shown(&site.connect(&root, "clinic.example").unwrap()), first);
    assert!(!site.ready().contains("degraded"));
    let log = site.stop();
    assert!(!log.contains("ERROR") && !log.contains("WARN"), "{log}");
    assert_eq!(files.each_ref().map(|file| fs::read(file).unwrap()), before);
}

#[test]
fn a_certificate_is_renewed_while_connections_stay_and_an_authority_that_is_away_stops_nothing() {
    let port = free_port();
    let Some(authority) = Pebble::start(port, 6) else { return };
    let data = TempDir::new().unwrap();
    let root = data.path().join("root.pem");
    authority.write_root(&root);
    let own = data.path().join("own.pem");
    fs::copy(authority.own_certificate(), &own).unwrap();
    let site = Site::start(port, data.path(), &authority.directory(), &own);
    soon("the certificate is there", || site.connect(&root, "clinic.example").is_ok());
    let mut stream = site.connect(&root, "clinic.example").unwrap();
    let first = shown(&stream);
    soon("another one is shown", || {
        assert!(ask(&mut stream).starts_with("HTTP/1.1 200 OK\r\n"), "the old connection stays");
        site.connect(&root, "clinic.example").is_ok_and(|new| shown(&new) != first)
    });
    drop(authority);
    soon("it is told", || site.ready().contains("degraded: the certificate can't be renewed; the log has the cause"));
    assert!(ask(&mut stream).starts_with("HTTP/1.1 200 OK\r\n"));
    if let Err(error) = site.connect(&root, "clinic.example") {
        // On a slow machine it has ended by now, and is shown all the same.
        assert!(error.to_string().contains("expired"), "{error}");
    }
    drop(stream);
    let log = site.stop();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("ERROR no certificate for")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("localhost can't be reached: Connection refused"), "{log}");
}

#[test]
fn a_site_that_gets_no_certificate_says_why_and_answers_no_handshake() {
    // The authority looks at a port where nobody is.
    let Some(authority) = Pebble::start(free_port(), 600) else { return };
    let data = TempDir::new().unwrap();
    let site = Site::start(free_port(), data.path(), &authority.directory(), &authority.own_certificate());
    assert!(site.ready().contains("degraded: waiting for the first certificate, from localhost"), "{}", site.ready());
    soon("it is told", || site.ready().contains("degraded: there is no certificate yet; the log has the cause"));
    for protocol in [&b"http/1.1"[..], b"acme-tls/1"] {
        let socket = TcpStream::connect(("127.0.0.1", site.port)).unwrap();
        let config = client_config(&authority.own_certificate(), &[protocol]);
        let client = ClientConnection::new(config, ServerName::try_from("clinic.example").unwrap()).unwrap();
        let mut stream = StreamOwned::new(client, socket);
        let error =
            stream.write_all(b"GET / HTTP/1.1\r\n\r\n").and_then(|()| stream.read(&mut [0]).map(drop)).unwrap_err();
        assert!(error.kind() == ErrorKind::InvalidData && error.to_string().contains("alert"), "{error:?}");
    }
    let log = site.stop();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("ERROR")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    for part in
        ["no certificate for clinic.example, www.clinic.example", "port 443 of ", "It says: ", "again_in_minutes=1"]
    {
        assert!(lines[0].contains(part), "{part}: {log}");
    }
    assert_eq!(authority.issued(), 0);
}

#[test]
fn what_no_authority_could_do_is_refused_at_the_start() {
    let acme = ["--acme", "admin@clinic.example"];
    let (content, data) = (folder(&without_samples()), TempDir::new().unwrap());
    let (content, data) = (content.path().to_str().unwrap(), data.path().to_str().unwrap());
    let others = ["--content", content, "--data-dir", data, "--listen", "127.0.0.1:0", "--staff-key", STAFF_KEY];
    for (arguments, said) in [
        (&["--public-url", "https://clinic.example", "--tls-cert", "a", "--tls-key", "b"][..], "cannot be used with"),
        (&[], "--public-url"),
        (&["--public-url", "http://localhost"], "no authority gives a certificate for http://localhost/"),
        (&["--public-url", "https://192.0.2.1"], "no authority gives a certificate for https://192.0.2.1/"),
        (&["--public-url", "https://clinic.example", "--acme-name", "*.clinic.example"], "is no name of a host"),
        (&["--public-url", "https://clinic.example", "--acme-ca", "/nowhere"], "/nowhere: "),
        (&["--public-url", "https://clinic.example", "--acme-ca", "Cargo.toml"], "there is no certificate in it"),
        (
            &["--public-url", "https://clinic.example", "--acme-directory", "http://localhost/dir"],
            "write it like https://",
        ),
    ] {
        let ran = run(&[&["serve"], &acme[..], arguments, &others].concat());
        assert!(ran.code == Some(2) && ran.stderr.contains(said), "{arguments:?}: {ran:?}");
    }
    let redirect = ["serve", "--public-url", "http://localhost", "--http-listen", "127.0.0.1:0"];
    let ran = run(&[&redirect[..], &others].concat());
    assert!(ran.code == Some(2) && ran.stderr.contains("--http-listen sends visitors to TLS"), "{ran:?}");
}
