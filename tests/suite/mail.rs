//! Staff are told of requests by e-mail: by a real mail server, over plain loopback, STARTTLS and TLS, through refusals and crashes.

mod paced;

use crate::connections::Client;
use crate::harness::parts::missing;
use crate::harness::ports::free_address;
use crate::program::{self, Serving, soon};
use clinic_site::requests::keys::{KeyError, PrivateKeys};
use serde_json::Value;
use std::collections::BTreeMap;
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
pub(crate) struct MailServer {
    process: Child,
    /// Held open: it ends when this is closed.
    stdin: ChildStdin,
    pub(crate) port: u16,
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
    pub(crate) fn start(arguments: &[&str]) -> Option<Self> {
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
        Some(Self { process, stdin, port, messages })
    }

    #[track_caller]
    fn next(&self) -> Value {
        self.messages.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no message within {PATIENCE:?}"))
    }

    /// The next messages, one for each of the staff: by their address.
    #[track_caller]
    fn next_for_all(&self) -> BTreeMap<String, Value> {
        let told: BTreeMap<_, _> =
            STAFF.map(|_| self.next()).into_iter().map(|message| (recipient(&message), message)).collect();
        assert_eq!(told.keys().collect::<Vec<_>>(), STAFF, "one each");
        told
    }

    /// No message has come so far.
    #[track_caller]
    pub(crate) fn has_no_message(&self) {
        let messages: Vec<_> = self.messages.try_iter().filter(|said| said.get("rejected").is_none()).collect();
        assert_eq!(messages, [Value::Null; 0]);
    }

    /// Ends what is rejected.
    fn accept(&mut self) {
        self.stdin.write_all(b"accept\n").unwrap();
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

/// Who is told.
const STAFF: [&str; 2] = ["desk@clinic.example", "lead@clinic.example"];

/// The address that a message went to.
fn recipient(message: &Value) -> String {
    message["to"][0].as_str().unwrap_or_default().to_owned()
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

/// What every message must be: to one, from a program, with the reference, and with nothing that was typed.
#[track_caller]
fn is_about(message: &Value, reference: &str) {
    assert_eq!(message["from"], "site@clinic.example");
    assert_eq!(message["to"].as_array().unwrap().len(), 1);
    let data = message["data"].as_str().unwrap();
    assert!(data.contains(&format!("To: {}\r\n", recipient(message))), "{data}");
    for header in
        ["Auto-Submitted: auto-generated\r\n", "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\n", "Date: "]
    {
        assert_eq!(data.matches(header).count(), 1, "{header}{data}");
    }
    assert!(!data.contains("Precedence:"), "{data}");
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
    mail.next_for_all().values().for_each(|message| is_about(message, &first));
    assert_eq!(ask(&server, "Zebulon"), first, "the same again");
    let second = ask(&server, "Zebulon2");
    mail.next_for_all().values().for_each(|message| is_about(message, &second));
    mail.is_silent();
    assert_eq!(server.end("-TERM").code, Some(0));
}

#[test]
fn what_could_not_be_sent_survives_a_crash_and_is_sent_when_the_mail_server_is_back() {
    let Some(mail) = MailServer::start(&["plain", "--refuse", "2"]) else { return };
    let data = TempDir::new().unwrap();
    let url = format!("smtp://127.0.0.1:{}", mail.port);
    let server = serving(data.path(), &url, &[]);
    let reference = ask(&server, "Zebulon");
    for refused in mail.next_for_all().values() {
        assert_eq!(refused["refused"], true);
        is_about(refused, &reference);
    }
    let log = server.end("-KILL").stderr;
    assert!(!log.contains("Zebulon") && !log.contains(&reference), "{log}");
    // A crash keeps the outbox; the next try is due after a minute, which the test doesn't wait for.
    let outbox = format!("{}/requests.db", data.path().display());
    let made_due = Command::new("sqlite3")
        .args([&outbox, "UPDATE mails SET next_try = 1; SELECT SUM(attempts) FROM mails"])
        .output();
    let Ok(made_due) = made_due else { return missing("sqlite3", "apt-get install sqlite3") };
    assert_eq!(String::from_utf8_lossy(&made_due.stdout).trim(), "2");
    let server = serving(data.path(), &url, &[]);
    mail.next_for_all().values().for_each(|message| is_about(message, &reference));
    mail.is_silent();
    server.end("-TERM");
}

/// The text of a path of the server.
fn get(server: &Serving, path: &str) -> (u16, String) {
    let answer = Client::new(server.address).get(path);
    (answer.status, String::from_utf8(answer.body).unwrap())
}

fn metrics(address: &str) -> String {
    String::from_utf8(Client::new(address.parse().unwrap()).get("/metrics").body).unwrap()
}

#[test]
fn an_address_that_is_refused_is_named_once_and_holds_up_nobody() {
    let Some(mut mail) = MailServer::start(&["plain", "--reject", STAFF[1]]) else { return };
    let data = TempDir::new().unwrap();
    let url = format!("smtp://127.0.0.1:{}", mail.port);
    let server = serving(data.path(), &url, &[]);
    let first = ask(&server, "Zebulon");
    let mut told: Vec<_> = [mail.next(), mail.next()].into();
    told.sort_by_key(|message| message["rejected"].is_string());
    is_about(&told[0], &first);
    assert_eq!(told[1]["rejected"], STAFF[1]);
    soon("monitoring sees it", || get(&server, "/readyz/requests").0 == 503);
    let (_, body) = get(&server, "/readyz/requests");
    assert!(body.contains("at 1 address, which the mail server refuses") && !body.contains('@'), "{body}");
    assert!(get(&server, "/readyz").1.contains("degraded: staff are not notified of requests at 1 address"));
    let second = ask(&server, "Zebulon2");
    is_about(&mail.next(), &second);
    mail.is_silent();
    let log = server.end("-TERM").stderr;
    let named: Vec<_> = log.lines().filter(|line| line.contains(STAFF[1])).collect();
    assert!(named.len() == 1 && named[0].contains("ERROR") && named[0].contains("550"), "{log}");
    for place in ["--mail-to", "mailbox", "--mail-from", "--smtp"] {
        assert!(named[0].contains(place), "{place}: {log}");
    }
    assert!(!log.contains(STAFF[0]), "{log}");
    // A restart tries it again, with all that it missed.
    mail.accept();
    let server = serving(data.path(), &url, &[]);
    let missed = mail.next();
    assert_eq!(recipient(&missed), STAFF[1]);
    let text = missed["data"].as_str().unwrap();
    assert!(text.contains("Subject: 2 requests for an appointment wait\r\n"), "{text}");
    assert!(text.contains(&first) && text.contains(&second), "{text}");
    mail.is_silent();
    assert_eq!(get(&server, "/readyz/requests"), (200, "ready\n".to_owned()));
    server.end("-TERM");
}

#[test]
fn the_metrics_count_what_is_refused_and_the_log_repeats_no_reference() {
    let Some(mail) = MailServer::start(&["plain", "--reject-data", STAFF[0]]) else { return };
    let data = TempDir::new().unwrap();
    let port = free_address().to_string();
    let server = serving(data.path(), &format!("smtp://127.0.0.1:{}", mail.port), &["--admin-listen", &port]);
    let reference = ask(&server, "Zebulon");
    mail.next_for_all();
    for wanted in [
        "clinic_site_mails_sent_total 1\n",
        "clinic_site_mails_failed_total 1\n",
        "clinic_site_mails_refused_total 1\n",
        "clinic_site_mail_addresses_refused 1\n",
        "clinic_site_mail_addresses_late 0\n",
        "clinic_site_mails_waiting 1\n",
    ] {
        soon(wanted, || metrics(&port).contains(wanted));
    }
    let log = server.end("-TERM").stderr;
    assert!(log.contains("554") && log.contains("…@clinic.example") && !log.contains(&reference), "{log}");
}

#[test]
fn a_server_that_stalls_at_one_address_holds_up_nobody_and_no_stop() {
    let Some(mail) = MailServer::start(&["plain", "--stall", STAFF[0]]) else { return };
    let data = TempDir::new().unwrap();
    let server = serving(data.path(), &format!("smtp://127.0.0.1:{}", mail.port), &[]);
    for name in ["Zebulon", "Zebulon2"] {
        let reference = ask(&server, name);
        let told = mail.next();
        assert_eq!(recipient(&told), STAFF[1]);
        is_about(&told, &reference);
    }
    assert_eq!(server.end("-TERM").code, Some(0));
}

#[test]
fn a_login_that_is_refused_is_no_matter_of_the_addresses() {
    let Some(mail) = MailServer::start(&["plain", "--login", "site@clinic.example:another"]) else { return };
    let data = TempDir::new().unwrap();
    let password = data.path().join("password");
    std::fs::write(&password, "open sesame\n").unwrap();
    let url = format!("smtp://site%40clinic.example@127.0.0.1:{}", mail.port);
    let port = free_address().to_string();
    let more = ["--smtp-password-file", password.to_str().unwrap(), "--admin-listen", &port];
    let server = serving(data.path(), &url, &more);
    ask(&server, "Zebulon");
    soon("both were tried", || metrics(&port).contains("clinic_site_mails_failed_total 2\n"));
    mail.is_silent();
    assert_eq!(get(&server, "/readyz/requests").0, 200, "for a quarter of an hour");
    let log = server.end("-TERM").stderr;
    let said = log.lines().filter(|line| line.contains("WARN") && line.contains("535")).count();
    assert!(said == 2 && !log.contains("the mail server refuses") && !log.contains("sesame"), "{log}");
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
        let arguments =
            [mode, "--certificate", &certificate, "--key", &key, "--login", "site@clinic.example:open sesame"];
        let Some(mail) = MailServer::start(&arguments) else { return };
        // As many servers want it: an address as the name of the user.
        let url = format!("{scheme}://site%40clinic.example@localhost:{}", mail.port);
        let more = ["--smtp-ca", &authority, "--smtp-password-file", password.to_str().unwrap()];
        let data = TempDir::new().unwrap();
        let server = serving(data.path(), &url, &more);
        let reference = ask(&server, "Zebulon");
        for message in mail.next_for_all().values() {
            is_about(message, &reference);
            assert_eq!((&message["tls"], &message["login"]), (&Value::Bool(true), &Value::Bool(true)), "{mode}");
        }
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
