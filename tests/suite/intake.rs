//! What `serve` asks for before it takes requests, and what it never takes.

use crate::connections::Client;
use crate::harness::without_samples;
use crate::program::{self, STAFF_KEY, Serving, folder, run};
use clinic_site::requests::keys::PrivateKeys;
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

/// Runs `serve` to its end with a data folder.
fn refused(data: &Path, arguments: &[&str]) -> String {
    let mut command = program::command(&[&["serve", "--listen", "127.0.0.1:0"][..], arguments].concat());
    command.env("CLINIC_DATA_DIR", data);
    let ran = program::ran(command);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stdout.is_empty(), "{ran:?}");
    ran.stderr
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_published_site_needs_a_public_key_and_no_private_one() {
    let content = folder(&without_samples());
    let published = ["--content", content.path().to_str().unwrap(), "--public-url", "https://clinic.example"];
    let data = TempDir::new().unwrap();
    let said = refused(data.path(), &published);
    assert!(said.contains("needs a staff key") && said.contains("clinic-site keys new"), "{said}");
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0, "a published site makes no key");
    let public = PrivateKeys::generate().public().unwrap().texts().remove(0);
    let with_key = [&published[..], &["--staff-key", &public]].concat();
    fs::write(data.path().join("preview-key.txt"), "left by a preview").unwrap();
    let said = refused(data.path(), &with_key);
    assert!(said.contains("preview-key.txt is a private key") && said.contains("delete it"), "{said}");
    fs::remove_file(data.path().join("preview-key.txt")).unwrap();
    let data = data.path().to_str().unwrap();
    let server = Serving::start(&[&["serve", "--data-dir", data][..], &with_key[..]].concat());
    assert_eq!(Client::new(server.address).get("/readyz").status, 200);
    server.end("-TERM");
    let said = refused(Path::new(data), &[&published[..], &["--staff-key", "age1nonsense"]].concat());
    assert!(said.contains("not a public staff key"), "{said}");
}

#[test]
fn a_preview_makes_a_key_for_trying_out_and_says_that_it_must_not_stay() {
    let parent = TempDir::new().unwrap();
    let data = parent.path().join("data");
    for _ in 0..2 {
        let server = Serving::start(&["serve", "--data-dir", data.to_str().unwrap()]);
        let page = Client::new(server.address).get("/appointments/");
        assert!(String::from_utf8(page.body).unwrap().contains("<form"), "the form is left out");
        let said = server.end("-TERM").stderr;
        assert!(said.contains("preview-key.txt") && said.contains("must not stay on a server"), "{said}");
    }
    let own = data.join("preview");
    assert_eq!((mode(&data), mode(&own), mode(&own.join("preview-key.txt"))), (0o700, 0o700, 0o600));
    let names: Vec<_> = fs::read_dir(&own).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().starts_with('.')), "{names:?}");
}

#[test]
fn a_site_is_published_where_a_preview_was_tried_out() {
    let (parent, content) = (TempDir::new().unwrap(), folder(&without_samples()));
    let (data, content) = (parent.path().join("data"), content.path().to_str().unwrap());
    let options = ["serve", "--data-dir", data.to_str().unwrap(), "--content", content];
    let preview = Serving::start(&options);
    assert_eq!(post(&preview), "303");
    preview.end("-TERM");
    let published = [&options[..], &["--public-url", "https://clinic.example", "--staff-key", STAFF_KEY]].concat();
    let server = Serving::start(&published);
    assert_eq!(Client::new(server.address).get("/readyz").status, 200);
    server.end("-TERM");
    let listed = run(&["requests", "list", "--data-dir", data.to_str().unwrap()]);
    assert!(listed.stderr.contains("0 requests waiting"), "what was tried out is no request: {listed:?}");
}

#[test]
fn where_nothing_can_be_written_a_preview_does_without_the_form() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let server = Serving::start(&["serve", "--data-dir", file.path().join("data").to_str().unwrap()]);
    let mut client = Client::new(server.address);
    let page = String::from_utf8(client.get("/appointments/").body).unwrap();
    // That of the banner, which chooses the time, stays.
    assert!(!page.contains("name=\"phone\""), "{page}");
    assert_eq!(client.get("/readyz").status, 200);
    let said = server.end("-TERM").stderr;
    assert!(said.contains("The form for appointments is left out of this preview"), "{said}");
}

#[test]
fn a_post_that_breaks_off_is_not_kept_and_the_server_goes_on() {
    let server = Serving::start(&["serve", "--admin-listen", "127.0.0.1:0"]);
    let good = "name=Zebulon&phone=916-555-0142";
    for end in 0..good.len() {
        let mut stream = TcpStream::connect(server.address).unwrap();
        let head =
            "POST /appointments/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n";
        let chunked = end % 2 == 0;
        let framing = if chunked {
            format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", good.len())
        } else {
            format!("Content-Length: {}\r\n\r\n", good.len())
        };
        // What is refused at once, as a chunked body is, may be closed before we are.
        let _ = write!(stream, "{head}{framing}{}", &good[..end]);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = String::new();
        // The server may have closed the connection already.
        let _ = stream.read_to_string(&mut answer);
        assert!(!answer.starts_with("HTTP/1.1 303") && !answer.starts_with("HTTP/1.1 5"), "{end}: {answer}");
    }
    let reply = Client::new(server.address).get("/readyz");
    assert_eq!(reply.status, 200);
    let data = server.data().join("preview/requests.db");
    let file = fs::read(data).unwrap();
    assert!(!file.windows(9).any(|part| part == b"BEGIN AGE"), "something is kept");
    server.end("-TERM");
}

/// The status that a good post is answered with.
#[track_caller]
fn post(server: &Serving) -> String {
    let body = "name=Zebulon&phone=916-555-0142";
    let mut stream = TcpStream::connect(server.address).unwrap();
    write!(
        stream,
        "POST /appointments/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_new_store_is_logged_once_and_a_lost_one_is_refused_while_the_pages_stay() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("data");
    let start = || Serving::start(&["serve", "--data-dir", data.to_str().unwrap()]);
    for begun in [true, false] {
        let server = start();
        assert_eq!(post(&server), "303");
        let said = server.end("-TERM").stderr;
        assert_eq!(said.contains("a new store of requests was created"), begun, "{said}");
        assert!(!said.contains("can't be used"), "{said}");
    }
    let (database, aside) = (data.join("preview/requests.db"), data.join("aside"));
    fs::rename(&database, &aside).unwrap();
    let server = start();
    for _ in 0..3 {
        assert_eq!((post(&server).as_str(), Client::new(server.address).get("/").status), ("503", 200));
    }
    assert!(!database.exists(), "a store was begun in the place of the lost one");
    fs::rename(&aside, &database).unwrap();
    assert_eq!(post(&server), "303");
    let said = server.end("-TERM").stderr;
    let lines = |text: &str| said.lines().filter(|line| line.contains(text)).count();
    assert_eq!(lines("the store of requests can't be used"), 1, "{said}");
    assert!(said.contains("requests.db is missing, but ") && said.contains("restart the server"), "{said}");
    assert_eq!(lines("the store of requests can be written again"), 1, "{said}");
}
