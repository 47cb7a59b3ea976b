//! Staff are told of requests by e-mail: by a real mail server, over plain loopback, STARTTLS and TLS, through refusals and crashes.

use crate::harness::parts::missing;
use crate::program::{self, Serving};
use clinic_site::requests::keys::{KeyError, PrivateKeys};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use tempfile::TempDir;

/// How long a message may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// A mail server.
struct MailServer {
    process: Child,
    /// Held open: it ends when this is closed.
    _stdin: ChildStdin,
    port: u16,
    messages: Receiver<Value>,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl MailServer {
    /// `None` where `cargo test` runs by itself on a computer without the server's parts: see `tests/run`.
    fn start(arguments: &[&str]) -> Option<Self> {
        let mut command = Command::new("python3");
        command.arg("tests/smtp/server.py").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(packages) = std::env::var_os("CLINIC_TESTS_PYTHON") {
            command.env("PYTHONPATH", packages);
        }
        let started =
            command.stderr(Stdio::piped()).spawn().map_err(|error| error.to_string()).and_then(|mut process| {
                let mut stdout = BufReader::new(process.stdout.take().unwrap());
                let mut line = String::new();
                stdout.read_line(&mut line).unwrap();
                if let Ok(port) = line.trim().parse() {
                    return Ok((process, stdout, port));
                }
                let mut why = String::new();
                process.stderr.take().unwrap().read_to_string(&mut why).unwrap();
                let _ = process.wait();
                Err(why)
            });
        let (mut process, stdout, port) = match started {
            Ok(started) => started,
            Err(why) => {
                missing("a mail server", &format!("tests/run installs aiosmtpd for python3; it said {why:?}"));
                return None;
            }
        };
        let stdin = process.stdin.take().unwrap();
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        Some(Self { process, _stdin: stdin, port, messages })
    }

    #[track_caller]
    fn next(&self) -> Value {
        self.messages.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no message within {PATIENCE:?}"))
    }

    /// Nothing more comes within a few seconds.
    #[track_caller]
    fn is_silent(&self) {
        match self.messages.recv_timeout(Duration::from_secs(3)) {
            Err(RecvTimeoutError::Timeout) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// A server of requests which tells staff by this mail server; further arguments follow.
fn serving(data: &Path, server: &str, more: &[&str]) -> Serving {
    let keys = PrivateKeys::generate().public().unwrap().texts().remove(0);
    let data = data.to_str().unwrap();
    let arguments = [
        "serve",
        "--staff-key",
        &keys,
        "--data-dir",
        data,
        "--smtp",
        server,
        "--mail-from",
        "site@clinic.example",
        "--mail-to",
        "desk@clinic.example,lead@clinic.example",
    ];
    Serving::start(&[&arguments[..], more].concat())
}

/// Sends the form and gives the reference.
#[track_caller]
fn ask(server: &Serving, name: &str) -> String {
    let body = format!("name={name}&phone=916-555-0142&note=Xylophone");
    let mut stream = TcpStream::connect(server.address).unwrap();
    write!(
        stream,
        "POST /appointments/ HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        server.address,
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let to = answer.lines().find_map(|line| line.strip_prefix("location: /appointments/"));
    to.unwrap_or_else(|| panic!("{answer}")).trim_end_matches('/').to_owned()
}

/// What every message must be: to both, with the reference, and with nothing that was typed.
#[track_caller]
fn is_about(message: &Value, reference: &str) {
    assert_eq!(message["from"], "site@clinic.example");
    assert_eq!(message["to"].as_array().unwrap().len(), 2);
    let data = message["data"].as_str().unwrap();
    assert!(data.contains(&format!("Subject: A request for an appointment waits: {reference}")), "{data}");
    assert!(data.contains(&format!("Message-ID: <{reference}@clinic.example>")), "{data}");
    for typed in ["Zebulon", "555", "0142", "Xylophone", "127.0.0.1"] {
        assert!(!data.contains(typed), "{typed} is in\n{data}");
    }
}

#[test]
fn staff_are_told_once_of_each_request_and_of_nothing_more() {
    let Some(mail) = MailServer::start(&["plain"]) else { return };
    let data = TempDir::new().unwrap();
    let server = serving(data.path(), &format!("smtp://127.0.0.1:{}", mail.port), &[]);
    let first = ask(&server, "Zebulon");
    is_about(&mail.next(), &first);
    assert_eq!(ask(&server, "Zebulon"), first, "the same again");
    let second = ask(&server, "Zebulon2");
    is_about(&mail.next(), &second);
    mail.is_silent();
    assert_eq!(server.end("-TERM").code, Some(0));
}

#[test]
fn what_could_not_be_sent_survives_a_crash_and_is_sent_when_the_mail_server_is_back() {
    let Some(mail) = MailServer::start(&["plain", "--refuse", "1"]) else { return };
    let data = TempDir::new().unwrap();
    let url = format!("smtp://127.0.0.1:{}", mail.port);
    let server = serving(data.path(), &url, &[]);
    let reference = ask(&server, "Zebulon");
    let refused = mail.next();
    assert_eq!(refused["refused"], true);
    is_about(&refused, &reference);
    let log = server.end("-KILL").stderr;
    assert!(!log.contains("Zebulon") && !log.contains(&reference), "{log}");
    // A crash keeps the outbox; the next try is due after a minute, which the test doesn't wait for.
    let outbox = format!("{}/requests.db", data.path().display());
    let made_due =
        Command::new("sqlite3").args([&outbox, "UPDATE outbox SET next_try = 1; SELECT attempts FROM outbox"]).output();
    let Ok(made_due) = made_due else { return missing("sqlite3", "apt-get install sqlite3") };
    assert_eq!(String::from_utf8_lossy(&made_due.stdout).trim(), "1");
    let server = serving(data.path(), &url, &[]);
    is_about(&mail.next(), &reference);
    mail.is_silent();
    server.end("-TERM");
}

/// A certificate authority and a certificate for this computer, made by openssl.
fn certificate(folder: &Path) -> [String; 3] {
    let path = |name: &str| folder.join(name).display().to_string();
    let [authority, authority_key, certificate, key, request, names] =
        ["ca.pem", "ca.key", "cert.pem", "key.pem", "request.pem", "names"].map(path);
    std::fs::write(&names, "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
    let new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    for arguments in [
        [
            &[
                "req",
                "-x509",
                "-days",
                "2",
                "-subj",
                "/CN=test authority",
                "-keyout",
                &authority_key,
                "-out",
                &authority,
            ][..],
            &new,
        ]
        .concat(),
        [&["req", "-subj", "/CN=localhost", "-keyout", &key, "-out", &request][..], &new].concat(),
        vec![
            "x509",
            "-req",
            "-days",
            "2",
            "-in",
            &request,
            "-CA",
            &authority,
            "-CAkey",
            &authority_key,
            "-CAcreateserial",
            "-extfile",
            &names,
            "-out",
            &certificate,
        ],
    ] {
        let made = Command::new("openssl").args(&arguments).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    [authority, certificate, key]
}

#[test]
fn tls_and_starttls_are_spoken_and_the_password_comes_from_a_file() {
    let folder = TempDir::new().unwrap();
    if Command::new("openssl").arg("version").output().is_err() {
        return missing("openssl", "apt-get install openssl");
    }
    let [authority, certificate, key] = certificate(folder.path());
    let password = folder.path().join("password");
    std::fs::write(&password, "open sesame\n").unwrap();
    for (mode, scheme) in [("starttls", "smtp"), ("tls", "smtps")] {
        let arguments = [mode, "--certificate", &certificate, "--key", &key, "--login", "site:open sesame"];
        let Some(mail) = MailServer::start(&arguments) else { return };
        let url = format!("{scheme}://site@localhost:{}", mail.port);
        let more = ["--smtp-ca", &authority, "--smtp-password-file", password.to_str().unwrap()];
        let data = TempDir::new().unwrap();
        let server = serving(data.path(), &url, &more);
        let reference = ask(&server, "Zebulon");
        let message = mail.next();
        is_about(&message, &reference);
        assert_eq!((&message["tls"], &message["login"]), (&Value::Bool(true), &Value::Bool(true)), "{mode}");
        server.end("-TERM");
        // Without the authority's certificate nobody is believed.
        let server = serving(data.path(), &url.replace("smtp:", "smtps:"), &more[2..]);
        ask(&server, "Zebulon3");
        mail.is_silent();
        server.end("-TERM");
    }
}

#[test]
fn the_settings_of_mail_are_judged_before_the_server_starts_and_no_secret_is_repeated() {
    let data = TempDir::new().unwrap();
    let refused = |arguments: &[&str], wanted: &str| {
        let mut command = program::command(&[&["serve", "--listen", "127.0.0.1:0"][..], arguments].concat());
        command.env("CLINIC_DATA_DIR", data.path());
        let ran = program::ran(command);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains(wanted) && !ran.stderr.contains("sesame"), "{ran:?}");
    };
    let both = ["--mail-from", "a@clinic.example", "--mail-to", "b@clinic.example"];
    let with = |server: &'static str| [&["--smtp", server][..], &both].concat();
    refused(&["--smtp", "smtps://mail.clinic.example"], "--mail-from");
    refused(&with("smtps://site:sesame@mail.clinic.example"), "belongs in a file");
    refused(&with("sesame"), "not the address of a mail server");
    refused(&with("https://mail.clinic.example"), "smtp:// or smtps://");
    refused(
        &["--smtp", "smtp://127.0.0.1", "--mail-from", "nobody", "--mail-to", "b@clinic.example"],
        "--mail-from: `nobody`",
    );
    refused(
        &["--smtp", "smtp://127.0.0.1", "--smtp-ca", "/nowhere.pem", both[0], both[1], both[2], both[3]],
        "/nowhere.pem",
    );
    let key = PrivateKeys::read::<KeyError>(PrivateKeys::generate().file(&[]).as_bytes(), || panic!()).unwrap();
    let secret = key.file(&[]).lines().last().unwrap().to_owned();
    let mut command = program::command(&["serve", "--staff-key", &secret]);
    command.env("CLINIC_DATA_DIR", data.path());
    let ran = program::ran(command);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("this is a private key") && !ran.stderr.contains(&secret[20..]), "{ran:?}");
}
