//! The terminal and the program's own server: from the form to Debian's `age`, and over TLS.

use super::{Staff, clean, refused};
use crate::certificates::Files as Certificates;
use crate::connections::Client;
use crate::harness::ports::free_port;
use crate::harness::without_samples;
use crate::program::{Ran, Serving, command, folder, ran};
use clinic_site::requests::keys::PRIVATE_MARK;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const BODY: &str = "name=Quilla+Test&phone=916-555-0142&message=discreet&note=Evenings+are+best";

/// What nobody but staff may learn.
const SECRETS: [&str; 5] = ["Quilla", "555-0142", "9165550142", "Evenings", "Thursday"];

/// Asks for an appointment as a browser does, and gives the reference.
fn post(server: SocketAddr) -> String {
    let mut client = Client::new(server);
    client.send(&format!(
        "POST /appointments/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    ));
    let head = client.answer().unwrap().head.to_lowercase();
    let to = head.split("location: /appointments/").nth(1).unwrap_or_else(|| panic!("{head}"));
    to.split('/').next().unwrap().to_uppercase()
}

/// Debian's `age` opens what is printed; nothing where it isn't installed.
fn opened_by_age(staff: &Staff, sealed: &str) -> Option<Value> {
    Command::new("age").arg("--version").output().ok()?;
    let mut age = Command::new("age")
        .args(["--decrypt", "-i"])
        .arg(staff.file())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    age.stdin.take().unwrap().write_all(sealed.as_bytes()).unwrap();
    Some(serde_json::from_slice(&age.wait_with_output().unwrap().stdout).unwrap())
}

/// Whether some bytes are in any file below a folder.
fn holds(folder: &Path, wanted: &str) -> bool {
    // The server is at work: a file may be gone.
    fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        let found = |bytes: Vec<u8>| memchr::memmem::find(&bytes, wanted.as_bytes()).is_some();
        if path.is_dir() { holds(&path, wanted) } else { fs::read(&path).is_ok_and(found) }
    })
}

#[test]
fn from_the_form_to_the_terminal_and_back_the_server_learns_nothing() {
    let staff = Staff::new();
    let key = staff.public().texts().remove(0);
    let server = Serving::start(&["serve", "--log", "debug", "--staff-key", &key]);
    let url = format!("http://{}", server.address);
    let requests = |arguments: &[&str]| -> Ran {
        let ran = ran(staff.command(&url, arguments));
        clean(&ran);
        ran
    };
    let (first, second) = (post(server.address), post(server.address));
    assert_eq!(first, second, "the same post again is the same request");
    let list = requests(&["list"]);
    assert_eq!((list.code, list.stderr), (Some(0), format!("1 request waiting at {url}\n")));
    let show = requests(&["show", &first]).stdout;
    assert!(show.contains("Quilla Test") && show.contains("Evenings are best"), "{show}");
    let note = staff.folder.path().join("note");
    fs::write(&note, "Thursday, 9 am").unwrap();
    let close =
        |outcome: &str| requests(&["close", &first, "--outcome", outcome, "--note-file", note.to_str().unwrap()]);
    assert_eq!(close("booked").stderr, format!("{first} is closed\n"));
    refused(&close("booked"), &["is closed already"]);
    let closed: Vec<Value> =
        serde_json::from_str(&requests(&["list", "--state", "closed", "--format", "json"]).stdout).unwrap();
    assert_eq!(
        (closed.len(), &closed[0]["outcome"], &closed[0]["troubles"]),
        (1, &"booked".into(), &Value::Array(Vec::new()))
    );
    let sealed = requests(&["show", &first, "--sealed"]).stdout;
    if let Some(request) = opened_by_age(&staff, &sealed) {
        assert_eq!((&request["name"], &request["closing"]["note"]), (&"Quilla Test".into(), &"Thursday, 9 am".into()));
    }
    assert_eq!(requests(&["reopen", &first]).stderr, format!("{first} waits again\n"));
    if let Some(request) = opened_by_age(&staff, &requests(&["show", &first, "--sealed"]).stdout) {
        assert_eq!((&request["name"], &request["closing"]), (&"Quilla Test".into(), &Value::Null));
    }
    let (gone, some) = ("0000-0000", requests(&["close", "0000-0000", &first, "--outcome", "not-a-request"]));
    assert!(some.code == Some(1) && some.stderr.contains(&format!("there is no request {gone}")), "{some:?}");
    assert!(some.stderr.contains(&format!("{first} is closed\n")), "{some:?}");
    refused(&ran(Staff::new().command(&url, &["list"])), &["none of your keys is one of the server's"]);

    assert!(holds(server.data(), "-----BEGIN AGE ENCRYPTED FILE-----"), "it is looked for where it would be");
    for secret in SECRETS.iter().chain(&[PRIVATE_MARK]) {
        assert!(!holds(server.data(), secret), "{secret} is in the store");
    }
    let end = server.end("-TERM");
    let log = format!("{}{}", end.stdout, end.stderr);
    for secret in SECRETS.iter().copied().chain([PRIVATE_MARK, first.as_str(), "desk/api"]) {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

/// A published site that speaks TLS by itself.
struct Published {
    process: Child,
    url: String,
}

impl Drop for Published {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_published_server_proves_who_it_is() {
    let (staff, certificates, content) = (Staff::new(), Certificates::new(), folder(&without_samples()));
    certificates.make("authority", (-1, 89), None);
    certificates.make("localhost", (-1, 89), Some("authority"));
    certificates.put(&["localhost"], "localhost");
    let path = |name: &str| certificates.path(name).to_str().unwrap().to_owned();
    let port = free_port();
    let url = format!("https://localhost:{port}");
    let key = staff.public().texts().remove(0);
    let mut serve =
        command(&["serve", "--public-url", &url, "--listen", &format!("127.0.0.1:{port}"), "--staff-key", &key]);
    serve.args([
        "--content",
        content.path().to_str().unwrap(),
        "--data-dir",
        staff.folder.path().join("data").to_str().unwrap(),
    ]);
    serve.args(["--tls-cert", &path("fullchain.pem"), "--tls-key", &path("privkey.pem")]);
    let mut server = Published { process: serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(), url };
    let mut line = String::new();
    BufReader::new(server.process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if !line.starts_with("https://") {
        let mut told = String::new();
        server.process.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        panic!("{line} {told}");
    }
    let list = |server: &str, more: &[&str]| ran(staff.command(server, &[&["list"], more].concat()));
    let authority = path("authority.pem");
    let good = list(&server.url, &["--server-ca", &authority]);
    assert_eq!((good.code, good.stderr), (Some(0), format!("0 requests waiting at {}\n", server.url)));
    // Browsers don't know this authority; and a certificate is for one name.
    refused(&list(&server.url, &[]), &["TLS with", "--server-ca FILE"]);
    let other = server.url.replace("localhost", "127.0.0.1");
    refused(&list(&other, &["--server-ca", &authority]), &["TLS with"]);
    // Plain HTTP where TLS is spoken.
    refused(&list(&server.url.replace("https", "http"), &[]), &["400"]);
}
