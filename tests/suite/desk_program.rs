//! The front desk as an administrator starts it: `serve`, `desk` and `desk page`; and the example in `docs/desk-interface.md`.

use crate::harness::parts::program;
use crate::program::{Serving, command, ran, run};
use crate::sealed::Kept;
use clinic_site::requests::Field;
use clinic_site::requests::keys::{PrivateKeys, fingerprint, grouped};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

const SITE: &str = "https://clinic.example";

/// What people answer and the front desk would never see.
#[test]
fn the_page_reads_every_field_of_the_form() {
    let source = fs::read_to_string("static/desk/src/core/request.js").unwrap();
    for field in Field::ALL.iter().filter(|field| **field != Field::Trap) {
        let key = field.key();
        assert!(source.contains(&format!("whole.{key}")), "static/desk/src/core/request.js doesn't read `{key}`");
    }
}

#[test]
fn the_page_of_a_server_is_made_anywhere_and_is_the_same_each_time() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name);
    let make = |name: &str, more: &[&str]| {
        let out = file(name);
        let made = run(&[&["desk", "page", "--server", SITE, "--out", out.to_str().unwrap()], more].concat());
        assert_eq!((made.code, made.stdout.trim_end()), (Some(0), out.to_str().unwrap()), "{}", made.stderr);
        let sum = Command::new("sha256sum").arg(&out).output().unwrap().stdout;
        let sum = String::from_utf8(sum).unwrap()[..64].to_owned();
        assert!(made.stderr.ends_with(&format!("{sum}\n")), "{}", made.stderr);
        fs::read_to_string(&out).unwrap()
    };
    let first = make("desk.html", &[]);
    assert_eq!(make("again.html", &[]), first);
    let reader = PrivateKeys::generate().public().unwrap().texts().remove(0);
    let with_reader = make("desk.html", &["--reader", &reader]);
    assert!(with_reader.contains(&reader) && !first.contains(&reader), "it is written over");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
    // Variables of other commands are no matter.
    let mut other = command(&["desk", "page", "--server", SITE, "--out", file("other.html").to_str().unwrap()]);
    other.env("CLINIC_DATA_DIR", "/nowhere").env("CLINIC_KEEP_DAYS", "7").env("CLINIC_DESK_LISTEN", "127.0.0.1:1");
    assert_eq!(ran(other).code, Some(0));
    let private = PrivateKeys::generate().file(&[]).lines().last().unwrap().to_owned();
    let nowhere = file("no/such/folder/desk.html");
    for (arguments, wanted) in [
        (&["desk", "page"][..], "--server"),
        (&["desk", "page", "--server", "http://clinic.example"], "visitors need https"),
        (
            &["desk", "page", "--server", "https://clinic.example/</script><script>alert(1)"],
            "only the scheme and the host",
        ),
        (&["desk", "page", "--server", "https://clinic.example/?a"], "only the scheme and the host"),
        (&["desk", "page", "--server", "https://a\"><script>.example"], "error"),
        (&["desk", "page", "--server", SITE, "--reader", "age1</script>"], "not a public staff key"),
        (&["desk", "page", "--server", SITE, "--reader", &private], "this is a private key"),
        (&["desk", "page", "--server", SITE, "--out", nowhere.to_str().unwrap()], "could not be written"),
        (&["desk", "--server", SITE], "clinic-site desk page --server https://clinic.example"),
        (&["desk", "--identity", "staff-key.txt"], "choose the file with your key in the page"),
    ] {
        let refused = ran({
            let mut command = command(arguments);
            command.current_dir(folder.path());
            command
        });
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{arguments:?} {}", refused.stderr);
        assert!(refused.stderr.contains(wanted), "{arguments:?}: {}", refused.stderr);
        assert!(!refused.stderr.contains(&private), "it repeats a private key");
    }
}

#[test]
fn a_server_says_whom_it_seals_to_and_where_staff_go_on_unless_there_is_no_desk() {
    let keys: Vec<String> = (0..2).map(|_| PrivateKeys::generate().public().unwrap().texts().remove(0)).collect();
    let both = keys.join(",");
    for (more, address) in [(&[][..], Some("/desk/\n")), (&[("CLINIC_NO_DESK", "1")][..], None)] {
        let site = Serving::with_environment(&["serve", "--staff-key", &both], more.iter().copied());
        let offered = asked(&site, "GET", "/desk/", &[], "");
        let called = asked(&site, "POST", "/desk/api/challenge", &["content-type: application/json"], "{}");
        let listening = site.address;
        let said = site.end("-TERM").stderr;
        for key in &keys {
            assert!(said.contains(&format!("  staff key: {}\n", grouped(&fingerprint(key)))), "{said}");
        }
        let line = said.lines().find(|line| line.starts_with("  front desk: "));
        assert_eq!(line.is_some(), address.is_some(), "{said}");
        if address.is_some() {
            assert_eq!(line, Some(format!("  front desk: http://{listening}/desk/").as_str()));
            assert!(offered.starts_with("HTTP/1.1 200") && called.starts_with("HTTP/1.1 200"), "{called}");
            let challenges: Value = serde_json::from_str(called.split("\r\n\r\n").nth(1).unwrap()).unwrap();
            assert_eq!(challenges["challenges"].as_array().unwrap().len(), 2);
        } else {
            assert!(offered.starts_with("HTTP/1.1 404") && called.starts_with("HTTP/1.1 404"), "{called}");
        }
    }
}

/// One request over a connection of its own, and the whole answer.
fn asked(site: &Serving, method: &str, path: &str, headers: &[&str], body: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(site.address).unwrap();
    let headers: String = headers.iter().flat_map(|header| [header, "\r\n"]).collect();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}",
        site.address
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The example that engineers read: the shell's own words between the fences, against a server, with a key.
#[test]
fn the_example_in_the_documents_runs_and_a_stop_ends_what_waits() {
    let (Some(_), Some(_), Some(_)) = (program("age"), program("curl"), program("jq")) else { return };
    let kept = Kept::new();
    let public = kept.keys.public().unwrap().texts().remove(0);
    let data = kept.path().to_str().unwrap();
    let reference = kept.add(1, "2026-11-23T11:12:00Z", "name=Ana+Test&phone=916-555-0100", |_| ());
    let site = Serving::start(&["serve", "--staff-key", &public, "--data-dir", data]);
    let document = fs::read_to_string("docs/desk-interface.md").unwrap();
    let example = document.split("```sh\n").nth(1).unwrap().split("\n```").next().unwrap();
    let folder = TempDir::new().unwrap();
    let address = format!("http://{}", site.address);
    let shell = |script: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-euc", script]).current_dir(folder.path()).env("SITE", &address).env("KEY", kept.identity());
        shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let output = shell(example).wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}\n{said}");
    assert!(said.contains(reference.as_str()) && said.contains("Ana Test"), "{said}\n{errors}");

    // One call that waits for news, and a stop.
    let (signing_in, _) = example.split_once("# What waits").unwrap();
    let waiting = "desk wait \"{\\\"revision\\\":$(desk list '{\"state\":\"waiting\",\"after\":null,\"limit\":1}' | jq .revision)}\"";
    let mut waiting = shell(&format!("{signing_in}\necho begins >&2\n{waiting}"));
    let mut line = String::new();
    let mut stderr = BufReader::new(waiting.stderr.take().unwrap());
    while !line.contains("begins") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "it did not begin");
    }
    thread::sleep(Duration::from_millis(700));
    assert!(waiting.try_wait().unwrap().is_none(), "it does not wait");
    let ended = site.end("-TERM");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("every request was answered"), "{}", ended.stderr);
    let told = waiting.wait_with_output().unwrap();
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["waiting"], 1, "{told}");
}

#[test]
fn the_desk_of_this_computer_prints_its_address_alone_and_has_no_key() {
    let kept = Kept::new();
    let mut desk = command(&["desk", "--data-dir", kept.path().to_str().unwrap()]);
    let mut desk = desk.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(desk.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let (host, token) = line.trim_end().strip_prefix("http://127.0.0.1:").unwrap().split_once('/').unwrap();
    assert!(host.parse::<u16>().is_ok() && token.len() == 33 && token.ends_with('/'), "{line}");
    assert!(Command::new("kill").arg(desk.id().to_string()).status().unwrap().success());
    let ended = desk.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success() && said.contains("0 requests waiting in the folder"), "{said}");
    assert!(!said.contains(token.trim_end_matches('/')), "the address is in the log: {said}");
    let empty = TempDir::new().unwrap();
    let nothing = run(&["desk", "--data-dir", empty.path().to_str().unwrap()]);
    assert!(nothing.code == Some(2) && nothing.stderr.contains("there are no requests in the folder"), "{nothing:?}");
}
