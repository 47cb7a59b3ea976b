//! What staff do in the terminal: keys, and requests in a real database, through the program itself.

use crate::harness::parts::SmallDisk;
use crate::harness::stores::{Place, block_on, row};
use crate::program::{PROGRAM, Ran, command, ran, run};
use crate::sealed::{Kept, wait};
use clinic_site::requests::keys::{PRIVATE_MARK, PrivateKeys};
use clinic_site::requests::seal::open;
use clinic_site::requests::store::Location;
use clinic_site::requests::{Outcome, Reference};
use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const ANA: &str = "name=Ana+Test&phone=916-555-0100&message=discreet&times=morning&times=night&language=other&other_language=Hmong\
                   &whom=someone_else&note=Please+call+late";

impl Kept {
    /// Runs `clinic-site requests …` on this store.
    fn requests(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["requests"];
        all.extend(arguments);
        all.extend(["--data-dir", self.path().to_str().unwrap()]);
        run(&all)
    }

    /// The same with the private key.
    fn opened(&self, arguments: &[&str]) -> Ran {
        let identity = self.identity();
        let mut all = arguments.to_vec();
        all.extend(["--identity", identity.to_str().unwrap()]);
        self.requests(&all)
    }
}

#[test]
fn every_command_helps_with_examples() {
    for command in [
        &["keys", "new"][..],
        &["desk"],
        &["requests", "list"],
        &["requests", "show"],
        &["requests", "close"],
        &["requests", "reopen"],
        &["requests", "purge"],
        &["backup"],
        &["restore"],
        &["move"],
    ] {
        let help = run(&[command, &["--help"]].concat());
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{command:?}");
        assert!(help.stdout.contains("Examples:\n  clinic-site "), "{command:?}\n{}", help.stdout);
    }
    for group in ["keys", "requests"] {
        let help = run(&[group]);
        assert!(help.code == Some(2) && help.stderr.contains("Commands:"), "{group}: {help:?}");
    }
    let open = run(&["desk", "--listen", "0.0.0.0:8090"]);
    assert!(open.code == Some(2) && open.stderr.contains("others could reach the opened requests"), "{}", open.stderr);
}

#[test]
fn a_new_key_is_in_a_file_for_its_owner_and_only_its_public_half_is_printed() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("staff-key.txt");
    let new = || run(&["keys", "new", "--out", file.to_str().unwrap()]);
    let made = new();
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let public = made.stdout.trim_end();
    assert!(public.starts_with("age1") && public.len() == 62 && !public.contains('\n'), "{:?}", made.stdout);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.matches(PRIVATE_MARK).count(), 1);
    assert!(text.contains(&format!("# public key: {public}\n")));
    assert!(!format!("{}{}", made.stdout, made.stderr).contains(PRIVATE_MARK));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    for said in ["never on the server", "If it is lost", "in a safe", &format!("--staff-key {public}")] {
        assert!(made.stderr.contains(said), "{said:?} in {}", made.stderr);
    }
    let again = new();
    assert_eq!((again.code, again.stdout.as_str()), (Some(2), ""));
    assert!(again.stderr.contains("is there already") && again.stderr.contains("--out FILE"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "the key that was there is as it was");
}

#[test]
fn a_passphrase_locks_the_key_and_opens_it_again() {
    let kept = Kept::new();
    let file = |name: &str, text: &str| {
        let path = kept.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (good, wrong, short) = (
        file("good", "four words of no sense\n"),
        file("wrong", "other words of no sense\n"),
        file("short", "sesame\n"),
    );
    let key = kept.path().join("locked.txt");
    let key = key.to_str().unwrap();
    let refused = run(&["keys", "new", "--out", key, "--passphrase-file", &short]);
    assert_eq!((refused.code, fs::metadata(key).is_err()), (Some(2), true), "{}", refused.stderr);
    let made = run(&["keys", "new", "--out", key, "--passphrase-file", &good]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(!fs::read_to_string(key).unwrap().contains(PRIVATE_MARK));

    let list = |passphrase: &str| kept.requests(&["list", "--identity", key, "--passphrase-file", passphrase]);
    assert_eq!(list(&good).code, Some(0), "{}", list(&good).stderr);
    let wrong = list(&wrong);
    assert!(
        wrong.code == Some(2) && wrong.stderr.contains("the passphrase doesn't open this file"),
        "{}",
        wrong.stderr
    );
    // No terminal, and no file: there is a way on.
    let mut alone = command(&["requests", "list", "--data-dir", kept.path().to_str().unwrap(), "--identity", key]);
    alone.stdin(Stdio::null());
    let mut alone_in_a_session = Command::new("setsid");
    alone_in_a_session.env_clear().arg("--wait").arg(PROGRAM).args(alone.get_args()).stdin(Stdio::null());
    let alone = ran(alone_in_a_session);
    assert!(alone.code == Some(2) && alone.stderr.contains("--passphrase-file"), "{alone:?}");
}

#[test]
fn secrets_in_arguments_are_refused_and_not_repeated() {
    let kept = Kept::new();
    let text = kept.keys.file(&[]);
    let private = text.lines().find(|line| line.starts_with(PRIVATE_MARK)).unwrap();
    let list = kept.requests(&["list", "--identity", private]);
    assert!(list.code == Some(2) && list.stderr.contains("make a new key"), "{}", list.stderr);
    assert!(!list.stderr.contains(&private[20..]), "{}", list.stderr);
    for address in ["postgres://clinic:hunter2@127.0.0.1/clinic", "postgres://127.0.0.1/clinic?password=hunter2"] {
        let mut in_the_environment = command(&["requests", "list"]);
        in_the_environment.env("CLINIC_DATABASE", address);
        for list in [kept.requests(&["list", "--database", address]), ran(in_the_environment)] {
            assert!(list.code == Some(2) && list.stderr.contains("--database-password-file"), "{}", list.stderr);
            assert!(!list.stderr.contains("hunter2"), "{}", list.stderr);
        }
        let mut help = command(&["requests", "list", "--help"]);
        help.env("CLINIC_DATABASE", address);
        assert!(!ran(help).stdout.contains("hunter2"));
    }
}

#[test]
fn a_folder_without_requests_is_told_and_not_made() {
    let folder = TempDir::new().unwrap();
    let nowhere = folder.path().join("data");
    let list = run(&["requests", "list", "--data-dir", nowhere.to_str().unwrap()]);
    assert!(list.code == Some(2) && list.stderr.contains("help: --data-dir"), "{}", list.stderr);
    assert!(!nowhere.exists());
}

#[test]
fn what_was_typed_is_shown_beside_the_number_that_is_dialled() {
    let kept = Kept::new();
    let plain = kept.add(1, "2026-11-23T11:12:00Z", "name=Ana&phone=%2B1 (916) 875-2050 ext. 12", |_| ());
    let more = kept.add(2, "2026-11-23T11:12:00Z", "name=Ben&phone=%2B44 (0)20 7946 0018 (mom)", |_| ());
    let show = |reference: &Reference| kept.opened(&["show", reference.as_str()]).stdout;
    assert!(show(&plain).contains("At:             916-875-2050 x12\n") && !show(&plain).contains("Typed as"));
    let shown = show(&more);
    assert!(shown.contains("At:             +442079460018\n"), "{shown}");
    assert!(shown.contains("Typed as:       +44 (0)20 7946 0018 (mom)\n"), "{shown}");
}

#[test]
fn requests_are_listed_shown_closed_opened_again_and_deleted() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-20T11:12:00Z", ANA, |_| ());
    kept.add(2, "2026-11-21T09:00:00Z", "name=Ben&phone=916-555-0101&page=es", |_| ());
    let name = ana.as_str();

    // Without a key, nothing is opened.
    let list = kept.requests(&["list"]);
    assert_eq!(list.code, Some(0), "{}", list.stderr);
    assert_eq!(list.stdout.lines().count(), 3, "{}", list.stdout);
    assert!(list.stdout.contains(name) && list.stdout.contains(kept.keys.public().unwrap().fingerprints()));
    assert!(!list.stdout.contains("Hmong"), "{}", list.stdout);
    assert!(list.stderr.starts_with("2 requests waiting in the folder "), "{}", list.stderr);
    let list = kept.opened(&["list"]);
    for said in ["Morning, night", "Hmong", "For someone else", "Spanish (not said"] {
        assert!(list.stdout.contains(said), "{said:?} in {}", list.stdout);
    }
    assert!(!list.stdout.contains("Ana") && !list.stdout.contains("555"), "{}", list.stdout);

    let show = kept.opened(&["show", &name.to_lowercase().replace('-', "")]);
    for said in [
        "Ana Test",
        "916-555-0100",
        "Do not say who you are.",
        "Morning, night",
        "Hmong",
        "For someone else",
        "Please call late",
        "November 20, 2026 at 3:12",
        "waiting",
    ] {
        assert!(show.stdout.contains(said), "{said:?} in {}", show.stdout);
    }
    let json = kept.opened(&["show", name, "--format", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["name"], &json["times"][1]), (&Value::from("Ana Test"), &Value::from("night")));

    // The note comes from stdin.
    let identity = kept.identity();
    let mut close = Command::new(PROGRAM);
    close.env_clear().args(["requests", "close", name, "--outcome", "booked", "--note-file", "-"]);
    close.args(["--identity", identity.to_str().unwrap(), "--data-dir", kept.path().to_str().unwrap()]);
    let mut close = close.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    close.stdin.take().unwrap().write_all("Monday, 9 am\r\n".as_bytes()).unwrap();
    let closed = close.wait_with_output().unwrap();
    assert_eq!(
        (closed.status.code(), String::from_utf8(closed.stderr).unwrap()),
        (Some(0), format!("{name} is closed\n"))
    );
    let row = wait(async { kept.store().get(&ana).await }).unwrap().unwrap();
    assert!(row.closed_day.is_some());
    let closing = open(&kept.keys, &row.sealed).unwrap().closing.clone().unwrap();
    assert_eq!((closing.outcome, &*closing.note), (Outcome::Booked, "Monday, 9 am"));
    let show = kept.opened(&["show", name]);
    assert!(show.stdout.contains("An appointment was made") && show.stdout.contains("Monday, 9 am"), "{}", show.stdout);

    // Nobody closes what is closed.
    let again = kept.opened(&["close", name, "--outcome", "not-now"]);
    assert!(again.code == Some(2) && again.stderr.contains("is closed already"), "{}", again.stderr);
    assert!(kept.requests(&["list", "--state", "closed"]).stdout.contains(name));
    assert!(!kept.requests(&["list"]).stdout.contains(name));
    let reopened = kept.opened(&["reopen", name]);
    assert_eq!((reopened.code, reopened.stderr.as_str()), (Some(0), format!("{name} waits again\n").as_str()));
    assert!(!kept.opened(&["show", name]).stdout.contains("Monday"));

    // What was closed long ago goes; what waits, stays.
    kept.sql("UPDATE requests SET received_hour = 3600, closed_day = 1 WHERE language = 'es'");
    assert!(kept.requests(&["purge"]).stderr.starts_with("1 closed request deleted in the folder "));
    assert!(kept.requests(&["purge"]).stderr.starts_with("0 closed requests deleted in the folder "));
    let all: Value =
        serde_json::from_str(&kept.requests(&["list", "--state", "all", "--format", "json"]).stdout).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    let gone = kept.opened(&["show", Reference::from_random([2; 5]).as_str()]);
    assert!(gone.code == Some(2) && gone.stderr.contains("there is no request"), "{}", gone.stderr);
    let wrong = kept.opened(&["show", "K7QM"]);
    assert!(wrong.code == Some(2) && wrong.stderr.contains("like K7QM-4XT2"), "{}", wrong.stderr);
}

/// SQLite's log grows into the database, for which there is no room, when it is emptied. The deletion itself fits.
#[test]
fn a_purge_that_can_not_empty_the_log_reports_what_it_deleted() {
    let Some(disk) = SmallDisk::mount("6m") else { return };
    let kept = Kept { folder: TempDir::new_in(disk.path()).unwrap(), keys: PrivateKeys::generate() };
    let filler = disk.path().join("filler");
    let (refused, again) = block_on(async {
        let store = kept.store();
        store.ping().await.unwrap();
        let place = Place::at(Location::Folder(kept.path().to_owned()));
        // While it is open, nobody else is the last one to close the database, who would empty the log.
        let mut open = place.connection().await;
        sqlx::query("SELECT COUNT(*) FROM requests").fetch_one(&mut open).await.unwrap();
        for group in 0..3 {
            let rows: Vec<_> = (0..50).map(|at| row(group * 50 + at)).collect();
            store.add(&rows, false).await.unwrap();
        }
        store.close().await;
        let one = row(0).reference;
        place.sql(&format!("UPDATE requests SET received_hour = 0, closed_day = 1 WHERE reference = '{one}'")).await;
        let _ = fs::write(&filler, vec![0; 8 << 20]);
        let bytes = fs::metadata(&filler).unwrap().len();
        fs::OpenOptions::new().write(true).open(&filler).unwrap().set_len(bytes - 512 * 1024).unwrap();
        let refused = kept.requests(&["purge"]);
        fs::remove_file(&filler).unwrap();
        (refused, kept.requests(&["purge"]))
    });
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("1 closed request deleted, but"), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("SQLite's log") && !refused.stderr.contains("nothing was changed"),
        "{}",
        refused.stderr
    );
    assert!(again.code == Some(0) && again.stderr.starts_with("0 closed requests deleted in "), "{again:?}");
}

#[test]
fn a_note_that_is_too_long_closes_nothing() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-20T11:12:00Z", ANA, |_| ());
    let note = kept.path().join("note");
    fs::write(&note, "é".repeat(301)).unwrap();
    let close = kept.opened(&["close", ana.as_str(), "--outcome", "booked", "--note-file", note.to_str().unwrap()]);
    assert!(close.code == Some(2) && close.stderr.contains("301 characters"), "{}", close.stderr);
    assert!(wait(async { kept.store().get(&ana).await }).unwrap().unwrap().closed_day.is_none());
}

#[test]
fn requests_that_were_exchanged_in_the_database_are_reported() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-20T11:12:00Z", ANA, |_| ());
    kept.add(2, "2026-11-20T11:12:00Z", "name=Ben&phone=916-555-0101", |_| ());
    kept.sql(
        "CREATE TEMP TABLE old AS SELECT reference, sealed FROM requests; \
         UPDATE requests SET sealed = (SELECT old.sealed FROM old WHERE old.reference <> requests.reference)",
    );
    for arguments in [&["show", ana.as_str()][..], &["close", ana.as_str(), "--outcome", "booked"]] {
        let told = kept.opened(arguments);
        assert!(told.code == Some(2) && told.stderr.contains("somebody changed the database"), "{}", told.stderr);
        assert!(!told.stdout.contains("Ana") && !told.stdout.contains("Ben"), "{}", told.stdout);
    }
    let list = kept.opened(&["list"]).stdout;
    assert_eq!(list.matches("can't be read: somebody changed the database").count(), 2, "{list}");
}

#[test]
fn a_stranger_who_writes_into_the_database_commands_no_terminal() {
    let kept = Kept::new();
    let escape = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}";
    let ana = kept.add(1, "2026-11-20T11:12:00Z", ANA, |request| {
        request["name"] = format!("Ana{escape}\nReference: X").into();
        request["note"] = format!("a{escape}b").into();
        request["other_language"] = escape.into();
        request["received"] = escape.into();
    });
    kept.sql("UPDATE requests SET language = char(27) || '[31m', keys = char(155) || 'x' || char(10) || 'y'");
    for arguments in [
        &["list"][..],
        &["show", ana.as_str()],
        &["show", ana.as_str(), "--format", "json"],
        &["list", "--format", "json"],
    ] {
        let printed = kept.opened(arguments).stdout + &kept.requests(arguments).stdout;
        let unwanted = printed.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(unwanted, None, "{arguments:?}: {printed:?}");
    }
    assert_eq!(kept.requests(&["list"]).stdout.lines().count(), 2);
    assert!(!kept.opened(&["show", ana.as_str()]).stdout.contains("\nReference: X"));
}

#[test]
fn another_key_is_told_which_one_is_wanted() {
    let kept = Kept::new();
    let safe = PrivateKeys::generate();
    let ana = kept.add_for(&safe, 1, "2026-11-20T11:12:00Z", ANA, |_| ());
    let show = kept.opened(&["show", ana.as_str()]);
    let wanted = safe.public().unwrap().fingerprints().to_owned();
    assert!(show.code == Some(2) && show.stderr.contains(&wanted), "{}", show.stderr);
}

/// Debian's `age` opens what is printed, with the key file as it is. Without it, only a run that must be complete fails.
#[test]
fn debians_age_opens_a_sealed_request() {
    if Command::new("age").arg("--version").output().is_err() {
        let complete = std::env::var_os("CLINIC_TESTS_COMPLETE");
        assert!(complete.is_none(), "install the Debian package age");
        println!("skipped: `age` is not installed (the Debian package age)");
        return;
    }
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-20T11:12:00Z", ANA, |_| ());
    let identity = kept.identity();
    let sealed = kept.requests(&["show", ana.as_str(), "--sealed"]);
    assert_eq!(sealed.code, Some(0), "{}", sealed.stderr);
    let mut age = Command::new("age");
    age.args(["--decrypt", "-i", identity.to_str().unwrap()]);
    let mut age = age.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    age.stdin.take().unwrap().write_all(sealed.stdout.as_bytes()).unwrap();
    let opened: Value = serde_json::from_slice(&age.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!((&opened["name"], &opened["reference"]), (&Value::from("Ana Test"), &Value::from(ana.as_str())));
}

#[test]
fn counts_and_lists_are_true_beyond_any_page() {
    let folder = TempDir::new().unwrap();
    let place = Place::at(Location::Folder(folder.path().to_owned()));
    block_on(async {
        let store = place.store();
        store.ping().await.unwrap();
        // Past the ten thousand at which the list ended; and 1,100 that were closed on three days.
        let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 11348) \
            INSERT INTO requests (reference, received_hour, language, closed_day, keys, sealed) \
            SELECT printf('%04d-%05d', i / 7, i), 3600 * (i % 900), 'en', CASE WHEN i > 10248 THEN 20000 + i % 3 END, \
            'key', 'sealed' FROM n";
        place.sql(many).await;
        store.close().await;
    });
    for (state, count, words) in [
        ("waiting", 10_248, "10248 requests waiting"),
        ("closed", 1_100, "1100 requests closed"),
        ("all", 11_348, "11348 requests, 10248 of them waiting,"),
    ] {
        let data = folder.path().to_str().unwrap();
        let listed = run(&["requests", "list", "--data-dir", data, "--state", state, "--format", "json"]);
        assert!(listed.stderr.starts_with(words), "{}", listed.stderr);
        let all: Vec<Value> = serde_json::from_str(&listed.stdout).unwrap();
        let once: std::collections::BTreeSet<&str> = all.iter().map(|one| one["reference"].as_str().unwrap()).collect();
        assert_eq!((all.len(), once.len()), (count, count), "each once");
    }
}

#[test]
fn a_purge_by_hand_doubts_a_clock_that_has_leapt_unless_it_is_trusted() {
    let kept = Kept::new();
    let ana = kept.add(1, "2019-03-23T11:12:00Z", ANA, |_| ());
    assert_eq!(kept.opened(&["close", ana.as_str(), "--outcome", "booked"]).code, Some(0));
    kept.sql("UPDATE requests SET closed_day = 18000");
    kept.sql("INSERT INTO state (name, value) VALUES ('seen_day', '18100')");
    let doubted = kept.requests(&["purge"]);
    assert_eq!(doubted.code, Some(2), "{doubted:?}");
    assert!(doubted.stderr.contains("ahead of 2019-07-23") && doubted.stderr.contains("--trust-clock"), "{doubted:?}");
    let trusted = kept.requests(&["purge", "--trust-clock"]);
    assert!(trusted.stderr.starts_with("1 closed request deleted"), "{trusted:?}");
    let again = kept.requests(&["purge"]);
    assert!(again.stderr.starts_with("0 closed requests deleted"), "the day is remembered: {again:?}");
}
