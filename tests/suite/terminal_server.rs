//! `clinic-site requests … --server`: the terminal and a server, which may be anybody's. Most of these servers lie (`stub`); the last is the program's own.
//!
//! `CLINIC_DESK_ROWS=10000` gives the server of long lists so many requests; `CLINIC_DESK_SILENCE=1` waits for one that never answers.

mod answers;
mod served;
mod stub;

use crate::program::{Ran, command, ran, run};
use clinic_site::requests::Reference;
use clinic_site::requests::keys::{PrivateKeys, PublicKeys, fingerprint, grouped};
use clinic_site::requests::seal::open;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use stub::{Answer, Asked, Desk, Stub, row};
use tempfile::TempDir;

const ANA: &str = "name=Ana+Test&phone=916-555-0100&message=discreet&times=morning&note=Please+call+late";
const BEN: &str = "name=Ben+Test&phone=916-555-0101";

/// A member of staff, somewhere: a key and its file.
struct Staff {
    folder: TempDir,
    keys: PrivateKeys,
}

impl Staff {
    fn new() -> Self {
        let staff = Self { folder: TempDir::new().unwrap(), keys: PrivateKeys::generate() };
        staff.knows(&[]);
        staff
    }

    fn public(&self) -> PublicKeys {
        self.keys.public().unwrap()
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("staff-key.txt")
    }

    /// Writes the file anew, with these readers.
    fn knows(&self, readers: &[String]) {
        let lines: Vec<String> = readers.iter().map(|reader| format!("reader: {reader}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        fs::write(self.file(), &*self.keys.file(&lines)).unwrap();
        fs::set_permissions(self.file(), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// `clinic-site requests …`, as on a computer that has no store.
    fn command(&self, server: &str, arguments: &[&str]) -> Command {
        let mut command = command(&["requests"]);
        command.env_remove("CLINIC_DATA_DIR").args(arguments).args(["--server", server, "--identity"]).arg(self.file());
        command
    }

    fn requests(&self, server: &Stub, arguments: &[&str]) -> Ran {
        ran(self.command(&server.url(), arguments))
    }
}

fn reference(number: u8) -> String {
    Reference::from_random([number; 5]).to_string()
}

/// Ana and Ben wait at the clinic of this key.
fn two(staff: &Staff) -> Desk {
    let (mut desk, public) = (Desk::new(&staff.keys), staff.public());
    desk.rows = vec![row(2, &public, BEN, |_| ()), row(1, &public, ANA, |_| ())];
    desk
}

fn closing(at: &str) -> Value {
    json!({ "outcome": "booked", "note": "Monday", "at": at })
}

/// What is printed commands no terminal, and is not what the server wrote.
#[track_caller]
fn clean(ran: &Ran) {
    let printed = format!("{}{}", ran.stdout, ran.stderr);
    let unwanted = printed.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
    assert_eq!(unwanted, None, "{printed:?}");
    assert!(!printed.contains("panicked"), "{printed}");
}

#[track_caller]
fn refused(ran: &Ran, words: &[&str]) {
    clean(ran);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    for words in words {
        assert!(ran.stderr.contains(words), "{words:?} in {}", ran.stderr);
    }
}

#[test]
fn requests_of_a_server_are_listed_shown_closed_and_opened_again() {
    let staff = Staff::new();
    let server = Stub::honest(two(&staff));
    let (ana, ben) = (reference(1), reference(2));
    let list = staff.requests(&server, &["list"]);
    assert_eq!(
        (list.code, list.stderr.as_str()),
        (Some(0), format!("2 requests waiting at {}\n", server.url()).as_str())
    );
    assert!(list.stdout.contains(&ana) && list.stdout.contains("Morning") && !list.stdout.contains("555"), "{list:?}");
    let show = staff.requests(&server, &["show", &ana]);
    assert_eq!((show.code, show.stderr.as_str()), (Some(0), ""), "{show:?}");
    for said in ["Ana Test", "916-555-0100", "Do not say who you are.", "Please call late", "3:12"] {
        assert!(show.stdout.contains(said), "{said:?} in {}", show.stdout);
    }
    let sealed = staff.requests(&server, &["show", &ana, "--sealed"]);
    assert_eq!(
        Some(sealed.stdout.as_str()),
        server.with(|desk| desk.row(&ana)["sealed"].as_str().map(str::to_owned)).as_deref()
    );

    let closed = staff.requests(&server, &["close", &ana, "--outcome", "booked"]);
    assert_eq!((closed.code, closed.stderr.as_str()), (Some(0), format!("{ana} is closed\n").as_str()));
    let sealed = server.with(|desk| desk.row(&ana)["sealed"].as_str().unwrap().to_owned());
    let request = open(&staff.keys, &sealed).unwrap();
    assert_eq!(
        request.closing.as_ref().map(|closing| closing.at.to_string()).as_deref(),
        Some(server.with(|desk| desk.now.clone()).as_str()),
        "the server's time"
    );
    let again = staff.requests(&server, &["close", &ana, "--outcome", "booked"]);
    refused(&again, &[&format!("{ana} is closed already"), "--server", "shows what came of it"]);
    let list = staff.requests(&server, &["list", "--state", "closed", "--format", "json"]);
    let listed: Vec<Value> = serde_json::from_str(&list.stdout).unwrap();
    assert_eq!((listed.len(), &listed[0]["reference"], &listed[0]["outcome"]), (1, &json!(ana), &json!("booked")));
    assert_eq!(staff.requests(&server, &["reopen", &ana]).stderr, format!("{ana} waits again\n"));
    assert_eq!(staff.requests(&server, &["list", "--state", "closed"]).stdout, "");
    let gone = staff.requests(&server, &["show", &reference(9)]);
    refused(&gone, &["there is no request", "list --state all --server"]);

    // Each command signs out; nothing of a request is in an address or a head, and nothing that was opened was sent.
    let asked = server.asked();
    assert_eq!(
        asked.iter().filter(|one| one.name == "challenge").count(),
        asked.iter().filter(|one| one.name == "end").count()
    );
    for Asked { name, head, body } in asked {
        let sent = format!("{head}{body}");
        assert!(head.starts_with(&format!("POST /desk/api/{name} HTTP/1.1\r\n")), "{head}");
        assert!(!head.contains(&ana) && !head.contains(&ben), "{head}");
        // With signs that no Base64 has, which chance may have made of a ciphertext.
        for secret in ["Ana Test", "916-555", "Please call", "not_reached", "AGE-SECRET"] {
            assert!(!sent.contains(secret), "{secret} in {name}: {sent}");
        }
    }
}

#[test]
fn one_of_several_keys_signs_in_and_a_stranger_is_told_what_to_do() {
    let (staff, other) = (Staff::new(), Staff::new());
    let mut desk = two(&staff);
    desk.keys.insert(0, other.public());
    let server = Stub::honest(desk);
    assert_eq!(staff.requests(&server, &["list"]).code, Some(0));
    let nobody = Staff::new();
    refused(&nobody.requests(&server, &["list"]), &["none of your keys is one of the server's", "--staff-key"]);
    let mut alone = command(&["requests", "list", "--server", &server.url()]);
    alone.env_remove("CLINIC_DATA_DIR");
    refused(&ran(alone), &["--identity FILE"]);
}

#[test]
fn a_request_that_was_swapped_or_called_closed_is_told() {
    let staff = Staff::new();
    let (ana, ben, public) = (reference(1), reference(2), staff.public());
    // The ciphertexts of two were exchanged.
    let mut desk = two(&staff);
    let (one, other) = (desk.rows[0]["sealed"].clone(), desk.rows[1]["sealed"].clone());
    (desk.rows[0]["sealed"], desk.rows[1]["sealed"]) = (other, one);
    let server = Stub::honest(desk);
    refused(&staff.requests(&server, &["show", &ana]), &["not the request that was stored here"]);
    refused(
        &staff.requests(&server, &["close", &ana, "--outcome", "booked"]),
        &["not the request that was stored here"],
    );
    let list = staff.requests(&server, &["list"]).stdout;
    assert_eq!(list.matches("not the request that was stored here").count(), 2, "{list}");
    assert!(!server.calls().contains(&"change".to_owned()));
    // Another row is answered than the one that was asked for.
    let server = Stub::start(two(&staff), |asked, desk| {
        (asked.name == "get").then(|| Answer::Json(200, json!({ "now": desk.now, "row": desk.rows[0] })))
    });
    refused(&staff.requests(&server, &["show", &ana]), &["another request than the one that was asked for"]);
    refused(&staff.requests(&server, &["close", &ana, "--outcome", "booked"]), &["another request"]);
    assert!(!server.calls().contains(&"change".to_owned()));

    // An old ciphertext is put back after a close, and the row stays closed; and the other way round.
    let server = Stub::honest(two(&staff));
    let old = server.with(|desk| desk.row(&ana)["sealed"].clone());
    assert_eq!(staff.requests(&server, &["close", &ana, &ben, "--outcome", "booked"]).code, Some(0));
    server.with(|desk| {
        desk.row(&ana)["sealed"] = old;
        desk.row(&ben)["closed_day"] = Value::Null;
    });
    let list = staff.requests(&server, &["list"]);
    assert!(list.stdout.contains(&ana) && list.stdout.contains(&ben), "both wait: {list:?}");
    assert!(
        list.stderr.contains(&format!("warning: {ana}: ")) && list.stderr.contains(&format!("warning: {ben}: ")),
        "{list:?}"
    );
    assert!(list.stderr.ends_with(&format!("2 requests waiting at {}\n", server.url())), "{list:?}");
    assert_eq!(staff.requests(&server, &["list", "--state", "closed"]).stdout, "");
    let show = staff.requests(&server, &["show", &ana]);
    assert!(show.code == Some(0) && show.stderr.starts_with(&format!("warning: {ana}: ")), "{show:?}");
    let json: Vec<Value> =
        serde_json::from_str(&staff.requests(&server, &["list", "--format", "json"]).stdout).unwrap();
    assert!(
        json.iter().all(|one| !one["troubles"].as_array().unwrap().is_empty() && one["state"] == "waiting"),
        "{json:?}"
    );
    // Such a one is closed as any other.
    assert_eq!(staff.requests(&server, &["close", &ana, "--outcome", "not-now"]).stderr, format!("{ana} is closed\n"));
    assert_eq!(staff.requests(&server, &["reopen", &ben]).code, Some(0));

    // Closed by the database alone.
    let mut desk = two(&staff);
    desk.row(&ana)["closed_day"] = json!(20_000);
    let list = staff.requests(&Stub::honest(desk), &["list"]);
    assert!(list.stdout.contains(&ana) && list.stderr.contains(&format!("warning: {ana}: ")), "{list:?}");
    let mut desk = two(&staff);
    desk.rows = vec![row(1, &public, ANA, |request| request["closing"] = closing("2026-11-27T12:00:00Z"))];
    let list = staff.requests(&Stub::honest(desk), &["list"]);
    assert!(list.stdout.contains(&ana) && list.stderr.contains(&format!("warning: {ana}: ")), "{list:?}");
}

#[test]
fn markup_and_control_characters_in_every_field_command_nothing() {
    let staff = Staff::new();
    let escape = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}<script>alert(1)</script>\r\n\nReference: X";
    let ana = reference(1);
    let mut desk = two(&staff);
    desk.rows = vec![row(1, &staff.public(), ANA, |request| {
        for field in ["name", "note", "other_language", "received", "page"] {
            request[field] = escape.into();
        }
        request["keys"].as_array_mut().unwrap().push(escape.into());
    })];
    desk.rows.push(json!({
        "reference": escape, "received_hour": i64::MIN, "language": escape, "closed_day": null, "keys": escape,
        "sealed": escape, "history": [{ "state": "waiting", "key": escape, "hour": i64::MAX }],
    }));
    let row = desk.row(&ana);
    (row["language"], row["keys"]) = (escape.into(), escape.into());
    row["history"] = json!([{ "state": "waiting", "key": escape, "hour": i64::MAX }]);
    let mut readers = vec![json!(escape), json!(staff.public().texts()[0])];
    readers.extend((0..1000).map(|number| json!(format!("age1{number}"))));
    desk.readers = json!(readers);
    let server = Stub::honest(desk);
    for arguments in [
        &["list"][..],
        &["list", "--format", "json"],
        &["list", "--state", "all"],
        &["show", &ana],
        &["show", &ana, "--format", "json"],
        &["show", &ana, "--sealed"],
        &["close", &ana, "--outcome", "booked"],
        &["reopen", &ana],
    ] {
        let ran = staff.requests(&server, arguments);
        clean(&ran);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("\nReference: X"), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.matches("ALARM").count() < 10, "{arguments:?}: {ran:?}");
    }
    assert_eq!(staff.requests(&server, &["list"]).stdout.lines().count(), 3);
}

#[test]
fn a_key_that_nobody_here_knows_is_an_alarm_and_nothing_is_sealed_to_it() {
    let (staff, stranger, safe) = (Staff::new(), Staff::new(), Staff::new());
    let text = |of: &Staff| of.public().texts().remove(0);
    let (own, strange, safe_text) = (text(&staff), text(&stranger), text(&safe));
    staff.knows(std::slice::from_ref(&safe_text));
    let all = PublicKeys::parse([own.as_str(), &strange, &safe_text]).unwrap();
    let mut desk = two(&staff);
    (desk.readers, desk.rows) = (json!(all.texts()), vec![row(1, &all, ANA, |_| ())]);
    let (server, ana) = (Stub::honest(desk), reference(1));
    let alarm = |ran: &Ran| {
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(ran.stderr.matches("ALARM").count(), 1, "{ran:?}");
        for said in [&grouped(&fingerprint(&strange)), &format!("# reader: {strange}"), "staff-key.txt"] {
            assert!(ran.stderr.contains(said), "{said:?} in {ran:?}");
        }
    };
    alarm(&staff.requests(&server, &["list"]));
    alarm(&staff.requests(&server, &["show", &ana]));
    alarm(&staff.requests(&server, &["close", &ana, "--outcome", "booked"]));
    let sealed = server.with(|desk| desk.row(&ana)["sealed"].as_str().unwrap().to_owned());
    assert!(
        open(&staff.keys, &sealed).is_ok()
            && open(&safe.keys, &sealed).is_ok()
            && open(&stranger.keys, &sealed).is_err()
    );
    // Once the line is there, it is a colleague.
    staff.knows(&[safe_text, strange]);
    assert!(staff.requests(&server, &["list"]).stderr.starts_with("0 requests waiting"));
    assert_eq!(staff.requests(&server, &["reopen", &ana]).stderr, format!("{ana} waits again\n"));
    let sealed = server.with(|desk| desk.row(&ana)["sealed"].as_str().unwrap().to_owned());
    assert!(open(&stranger.keys, &sealed).is_ok());
    // A request that would be sealed to the stranger alone is left as it is.
    server.with(|desk| {
        desk.rows = vec![row(1, &staff.public(), ANA, |request| request["keys"] = json!([text(&stranger)]))];
    });
    refused(&staff.requests(&server, &["close", &ana, "--outcome", "booked"]), &["nothing was changed"]);
}

#[test]
fn many_are_closed_at_once_and_each_is_told() {
    let staff = Staff::new();
    let (mut desk, public) = (Desk::new(&staff.keys), staff.public());
    let count = 60;
    desk.rows = (1..=count).map(|number| row(number, &public, BEN, |_| ())).collect();
    // Somebody else is faster with the third, and changes the fourth.
    let server = Stub::start(desk, |asked, desk| {
        if asked.name == "change" && asked.body["changes"].as_array().unwrap().len() > 10 {
            (desk.row(&reference(3))["sealed"], desk.row(&reference(3))["closed_day"]) =
                ("other".into(), json!(20_785));
            desk.row(&reference(4))["sealed"] = "other".into();
        }
        None
    });
    let all: Vec<String> = (1..=count).map(reference).collect();
    let mut arguments = vec!["close", "--outcome", "not-a-request"];
    arguments.extend(all.iter().map(String::as_str));
    let gone = reference(200);
    arguments.extend([gone.as_str(), all[4].as_str()]);
    let closed = staff.requests(&server, &arguments);
    assert_eq!((closed.code, closed.stdout.as_str()), (Some(1), ""), "{closed:?}");
    assert_eq!(closed.stderr.matches(" is closed\n").count(), usize::from(count) - 2, "{closed:?}");
    assert!(closed.stderr.contains(&format!("error: {} is closed already", reference(3))), "{closed:?}");
    assert!(closed.stderr.contains(&format!("error: {} was changed by somebody else", reference(4))), "{closed:?}");
    assert!(closed.stderr.contains(&format!("error: there is no request {gone}")), "{closed:?}");
    // The server ends the session in the middle: what was told before is so.
    let (mut desk, public) = (Desk::new(&staff.keys), staff.public());
    desk.rows = (1..=count).map(|number| row(number, &public, BEN, |_| ())).collect();
    let cut = Stub::start(desk, |asked, _| {
        let ends = asked.name == "get" && asked.body["reference"] == reference(55).as_str();
        ends.then(|| Answer::Json(401, json!({ "error": "signed_out" })))
    });
    let some = staff.requests(&cut, &arguments);
    assert!(some.code == Some(2) && some.stderr.contains("it has ended the session"), "{some:?}");
    assert_eq!(some.stderr.matches(" is closed\n").count(), 50, "{some:?}");
    let changes: Vec<usize> = server
        .asked()
        .iter()
        .filter(|asked| asked.name == "change")
        .map(|asked| asked.body["changes"].as_array().unwrap().len())
        .collect();
    assert!(changes.iter().all(|some| *some <= 12) && changes.iter().sum::<usize>() == 60, "{changes:?}");
}

#[test]
fn long_lists_end_in_their_time_and_circles_are_told() {
    let staff = Staff::new();
    let count = std::env::var_os("CLINIC_DESK_ROWS").map_or(350, |count| count.to_str().unwrap().parse().unwrap());
    let mut desk = two(&staff);
    let one = desk.rows[0].clone();
    desk.rows = (0..count)
        .map(|number: u32| {
            let mut row = one.clone();
            let [a, b, c, d] = number.to_be_bytes();
            row["reference"] = Reference::from_random([9, a, b, c, d]).as_str().into();
            row
        })
        .collect();
    let server = Stub::honest(desk);
    let list = staff.requests(&server, &["list"]);
    assert!(
        list.code == Some(0) && list.stderr.ends_with(&format!("{count} requests waiting at {}\n", server.url())),
        "{}",
        list.stderr
    );
    assert_eq!(u32::try_from(list.stdout.lines().count()).unwrap(), count + 1);
    let round = |next: Value, rows: usize| {
        let server = Stub::start(two(&staff), move |asked, desk| {
            let rows: Vec<_> = desk.rows.iter().take(rows).collect();
            let list = json!({ "now": desk.now, "readers": null, "rows": rows, "next": next });
            (asked.name == "list").then_some(Answer::Json(200, list))
        });
        staff.requests(&server, &["list"])
    };
    let place = json!({ "reference": "A", "received_hour": 0, "closed_day": null });
    refused(&round(place.clone(), 2), &["goes round in circles"]);
    refused(&round(place, 0), &["a list without an end"]);
}

#[test]
fn a_clock_that_is_off_is_told() {
    let staff = Staff::new();
    let seconds = crate::program::seconds_now();
    for (off, told) in [(0, None), (-14 * 60, Some("ahead of")), (3 * 3600, Some("behind")), (60, None)] {
        let mut desk = two(&staff);
        desk.now = jiff::Timestamp::from_second(seconds + off).unwrap().to_string();
        let list = staff.requests(&Stub::honest(desk), &["list"]);
        assert_eq!(list.stderr.contains("the clock of this computer"), told.is_some(), "{off}: {list:?}");
        assert!(told.is_none_or(|told| list.stderr.contains(told)), "{off}: {list:?}");
    }
}

#[test]
fn a_server_is_named_alone_and_what_it_can_not_do_is_said() {
    let staff = Staff::new();
    let server = Stub::honest(two(&staff));
    let url = server.url();
    for more in [["--data-dir", "data"], ["--database", "postgres://clinic@db.example/clinic"]] {
        let ran = ran(staff.command(&url, &[&["list"], &more[..]].concat()));
        assert!(
            ran.code == Some(2) && ran.stderr.contains("cannot be used with") && ran.stderr.contains(more[0]),
            "{ran:?}"
        );
    }
    for (arguments, words) in [
        (&["requests", "purge", "--server", &url][..], "works on the store itself"),
        (&["backup", "--out", "x", "--server", &url], "--data-dir or --database"),
        (&["restore", "x", "--server", &url], "--data-dir or --database"),
        (&["move", "--to-dir", "x", "--server", &url], "--data-dir or --database"),
        (&["requests", "list", "--server", "http://clinic.example"], "without TLS"),
        (&["requests", "list", "--server", "https://clinic.example/desk/"], "only the start of an address"),
    ] {
        let ran = run(arguments);
        assert!(ran.code == Some(2) && ran.stderr.contains(words), "{arguments:?}: {ran:?}");
    }
    // By the environment, as the desk's computer may have it.
    let mut list = command(&["requests", "list"]);
    list.env_remove("CLINIC_DATA_DIR").env("CLINIC_SERVER", &url).env("CLINIC_IDENTITY", staff.file());
    assert!(ran(list).stderr.starts_with("2 requests waiting at "));
    assert!(server.calls().contains(&"end".to_owned()));
    for file in ["nothing", "staff-key.txt"] {
        let file = staff.folder.path().join(file);
        let ran = ran(staff.command("https://127.0.0.1:1", &["list", "--server-ca", file.to_str().unwrap()]));
        assert!(ran.code == Some(2) && !ran.stderr.contains("AGE-SECRET"), "{ran:?}");
    }
}
