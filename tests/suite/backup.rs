//! `backup` and `restore`: what was acknowledged before a backup began is in it, whatever happens meanwhile; a restore puts back all of it or nothing.
//!
//! A small backup under load belongs to the suite. `CLINIC_BACKUP_POSTS=5000` makes it that many posts, each request of which `age` opens.

use crate::harness::postgres::Postgres;
use crate::harness::stores::{Kind, Place, block_on, row, set_closed};
use crate::kill::{post, serve};
use crate::program::{Ran, Serving, run};
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::seal::open;
use clinic_site::requests::store::{Location, Row, Store, TokenKind, Wanted};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;

fn posts() -> Option<u32> {
    std::env::var_os("CLINIC_BACKUP_POSTS").map(|posts| posts.to_str().unwrap().parse().unwrap())
}

fn flags(location: &Location) -> [String; 2] {
    match location {
        Location::Folder(folder) => ["--data-dir".to_owned(), folder.display().to_string()],
        Location::PostgreSql(url) => ["--database".to_owned(), url.to_string()],
    }
}

fn backup(location: &Location, file: &Path) -> Ran {
    let [flag, place] = flags(location);
    run(&["backup", &flag, &place, "--out", file.to_str().unwrap()])
}

fn restore(file: &Path, location: &Location, more: &[&str]) -> Ran {
    let [flag, place] = flags(location);
    run(&[&["restore", file.to_str().unwrap(), &flag, &place][..], more].concat())
}

#[track_caller]
fn good(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[track_caller]
fn refused(ran: &Ran, words: &str) {
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains(words), "{words}: {ran:?}");
}

async fn all(location: &Location) -> Vec<Row> {
    let store = Store::new(location.clone()).unwrap();
    let rows = store.list(Wanted::Waiting, u16::MAX).await.unwrap();
    store.close().await;
    rows
}

/// A folder with a store of so many requests, which nobody uses.
async fn stopped(folder: &Path, requests: u32) -> Location {
    let location = Location::Folder(folder.to_owned());
    let store = Store::new(location.clone()).unwrap();
    for number in 0..requests {
        store.add(&[row(number)], true).await.unwrap();
    }
    store.close().await;
    location
}

/// Opens a request with Debian's age.
fn opened_by_age(key: &Path, sealed: &str) -> String {
    let mut age = Command::new("age");
    age.args(["--decrypt", "-i"]).arg(key).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut age = age.spawn().unwrap();
    age.stdin.take().unwrap().write_all(sealed.as_bytes()).unwrap();
    let output = age.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Backs a store up while visitors send requests, and restores it into both kinds of databases.
async fn under_load(location: &Location, home: &Path) {
    let keys = PrivateKeys::generate();
    let key_file = home.join("key.txt");
    fs::write(&key_file, keys.file(&[])).unwrap();
    let server = serve(location, &keys.public().unwrap().texts()[0]);
    let (_kill, killed) = watch::channel(false);
    let promised = Arc::new(Mutex::new(BTreeMap::new()));
    let (count, enough) = (posts().unwrap_or(80), Arc::new(AtomicBool::new(false)));
    let visitors: Vec<_> = (0..16)
        .map(|visitor| {
            let (promised, killed, address) = (Arc::clone(&promised), killed.clone(), server.address);
            let enough = Arc::clone(&enough);
            tokio::spawn(async move {
                for number in (visitor..).step_by(16).take_while(|_| !enough.load(Ordering::Relaxed)) {
                    let name = format!("Visitor-{number}");
                    let reference = post(address, name.clone(), killed.clone()).await.unwrap();
                    promised.lock().unwrap().insert(reference, name);
                }
            })
        })
        .collect();
    while promised.lock().unwrap().len() < usize::try_from(count).unwrap() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let before = promised.lock().unwrap().clone();
    let (file, from) = (home.join("backup.db"), location.clone());
    let written = file.clone();
    let ran = tokio::task::spawn_blocking(move || backup(&from, &written)).await.unwrap();
    good(&ran);
    assert_eq!(ran.stdout.trim(), file.to_str().unwrap());
    let during = promised.lock().unwrap().len();
    enough.store(true, Ordering::Relaxed);
    for visitor in visitors {
        visitor.await.unwrap();
    }
    assert!(during > before.len(), "nobody posted during the backup");
    drop(server);
    let targets = [
        Some(Location::Folder(home.join("restored"))),
        Postgres::shared().map(|server| Location::PostgreSql(server.database())),
    ];
    for target in targets.into_iter().flatten() {
        good(&restore(&file, &target, &[]));
        let kept = all(&target).await;
        let references: BTreeSet<&str> = kept.iter().map(|row| row.reference.as_str()).collect();
        assert_eq!(references.len(), kept.len(), "each is there once");
        for (number, row) in kept.iter().enumerate() {
            let request = open(&keys, &row.sealed).unwrap();
            assert_eq!(*request.reference, *row.reference);
            if posts().is_some() || number < 3 {
                assert!(opened_by_age(&key_file, &row.sealed).contains(&*request.answers.name));
            }
            assert_eq!(promised.lock().unwrap().get(&row.reference), Some(&request.answers.name.to_string()));
        }
        let lost: Vec<_> = before.keys().filter(|reference| !references.contains(reference.as_str())).collect();
        assert!(lost.is_empty(), "acknowledged before the backup and not in it: {lost:?}");
        if posts().is_some() {
            let words = format!(
                "{} acknowledged before the backup, {} restored into {target:?}, {} acknowledged in all",
                before.len(),
                kept.len(),
                promised.lock().unwrap().len()
            );
            let _ = writeln!(std::io::stderr(), "{words}");
        }
    }
}

#[test]
fn what_was_acknowledged_before_a_backup_of_a_folder_is_restored_once_everywhere() {
    let home = TempDir::new().unwrap();
    block_on(under_load(&Location::Folder(home.path().join("data")), home.path()));
}

#[test]
fn what_was_acknowledged_before_a_backup_of_postgresql_is_restored_once_everywhere() {
    let (Some(server), home) = (Postgres::shared(), TempDir::new().unwrap()) else { return };
    block_on(under_load(&Location::PostgreSql(server.database()), home.path()));
}

#[test]
fn the_one_file_of_a_server_that_was_stopped_is_whole() {
    let home = TempDir::new().unwrap();
    let location = Location::Folder(home.path().join("data"));
    let keys = PrivateKeys::generate();
    let server = serve(&location, &keys.public().unwrap().texts()[0]);
    let (_kill, killed) = watch::channel(false);
    block_on(async {
        for number in 0..20 {
            post(server.address, format!("Visitor-{number}"), killed.clone()).await.unwrap();
        }
    });
    // The front desk has it open, so that closing alone doesn't empty the log.
    block_on(async {
        let desk = Store::new(location.clone()).unwrap();
        desk.ping().await.unwrap();
        assert_eq!(server.end("-TERM").code, Some(0));
        let copy = home.path().join("copy");
        fs::create_dir(&copy).unwrap();
        fs::copy(home.path().join("data/requests.db"), copy.join("requests.db")).unwrap();
        assert_eq!(all(&Location::Folder(copy)).await.len(), 20);
    });
}

#[test]
fn a_backup_is_for_its_owner_alone_and_overwrites_nothing() {
    let home = TempDir::new().unwrap();
    let location = block_on(stopped(&home.path().join("data"), 5));
    let file = home.path().join("backup.db");
    good(&backup(&location, &file));
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = fs::read(&file).unwrap();
    refused(&backup(&location, &file), "is there already");
    refused(&backup(&location, &home.path().join("none/backup.db")), "none");
    assert_eq!(fs::read(&file).unwrap(), bytes);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2, "nothing half-written is left");
    refused(&backup(&Location::Folder(home.path().join("none")), &file), "there are no requests in the folder");
}

#[test]
fn a_timer_keeps_some_days_and_touches_nothing_else() {
    let home = TempDir::new().unwrap();
    let location = block_on(stopped(&home.path().join("data"), 5));
    let folder = home.path().join("backups");
    fs::create_dir(&folder).unwrap();
    for name in
        ["requests-20200101T030000Z.db", "requests-20200103T030000Z.db", "requests-20200104T030000Z.db", "notes.txt"]
    {
        fs::write(folder.join(name), "").unwrap();
    }
    let names = || {
        let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        files.collect::<BTreeSet<String>>()
    };
    let [flag, place] = flags(&location);
    let keep = |place: &str| run(&["backup", &flag, place, "--out-dir", folder.to_str().unwrap(), "--keep", "3"]);
    // Without a new one, every old one stays.
    let before = names();
    refused(&keep(home.path().join("none").to_str().unwrap()), "no requests");
    assert_eq!(names(), before);
    let ran = keep(&place);
    good(&ran);
    let new = PathBuf::from(ran.stdout.trim());
    let left = names();
    assert!(left.contains(new.file_name().unwrap().to_str().unwrap()) && left.contains("notes.txt"), "{left:?}");
    assert!(
        !left.contains("requests-20200101T030000Z.db") && left.contains("requests-20200104T030000Z.db"),
        "{left:?}"
    );
    good(&restore(&new, &Location::Folder(home.path().join("restored")), &[]));
}

#[test]
fn a_restore_is_refused_as_a_whole_or_keeps_what_was_there() {
    let home = TempDir::new().unwrap();
    let path = |name: &str| home.path().join(name);
    block_on(async {
        let location = stopped(&path("data"), 5).await;
        let file = path("backup.db");
        good(&backup(&location, &file));
        // What is no backup, and what isn't whole.
        let bytes = fs::read(&file).unwrap();
        let half = path("half.db");
        fs::write(&half, &bytes[..bytes.len() / 2]).unwrap();
        let mut spoilt = bytes.clone();
        let middle = spoilt.len() / 2;
        spoilt[middle..middle + 4096].fill(0xff);
        fs::write(path("spoilt.db"), spoilt).unwrap();
        fs::write(path("junk.db"), "not a database ".repeat(1000)).unwrap();
        fs::write(path("empty.db"), "").unwrap();
        assert!(crate::harness::parts::ran("sqlite3", &[path("other.db").to_str().unwrap(), "CREATE TABLE a (b)"]));
        fs::copy(&file, path("log.db")).unwrap();
        fs::write(path("log.db-wal"), "log").unwrap();
        for (name, words) in [
            ("half.db", "half.db"),
            ("spoilt.db", "spoilt.db"),
            ("junk.db", "not a database"),
            ("empty.db", "holds no requests"),
            ("other.db", "another program"),
            ("log.db", "the log beside it"),
            ("none.db", "No such file"),
        ] {
            refused(&restore(&path(name), &Location::Folder(path("new")), &[]), words);
        }
        assert!(!path("new/requests.db").exists());
        // In use, and occupied.
        let store = Store::new(location.clone()).unwrap();
        store.add(&[row(100)], false).await.unwrap();
        refused(&restore(&file, &location, &["--replace"]), "is in use");
        store.close().await;
        refused(&restore(&file, &location, &[]), "holds 6 requests");
        assert_eq!(all(&location).await.len(), 6);
        let mut old = Place::at(location.clone()).connection().await;
        sqlx::query("SELECT * FROM requests").fetch_all(&mut old).await.unwrap();
        refused(&restore(&file, &location, &["--replace"]), "is in use");
        sqlx::Connection::close(old).await.unwrap();
        good(&restore(&file, &location, &["--replace"]));
        assert_eq!(all(&location).await.len(), 5);
        let aside = fs::read_dir(path("data")).unwrap().map(|file| file.unwrap().path());
        let aside = aside.filter(|file| file.to_str().unwrap().contains("requests.db.replaced-")).collect::<Vec<_>>();
        assert_eq!(aside.len(), 1, "{aside:?}");
        good(&restore(&aside[0], &Location::Folder(path("aside")), &[]));
        assert_eq!(all(&Location::Folder(path("aside"))).await.len(), 6);
        // What is damaged is replaced too, and kept, under a name of its own.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        fs::write(path("data/requests.db"), "not a database ".repeat(1000)).unwrap();
        refused(&restore(&file, &location, &[]), "can't be read");
        good(&restore(&file, &location, &["--replace"]));
        assert_eq!(all(&location).await.len(), 5);
    });
}

#[test]
fn postgresql_keeps_the_tables_that_a_restore_replaces() {
    let (Some(place), home) = (Place::new(Kind::PostgreSql), TempDir::new().unwrap()) else { return };
    block_on(async {
        let file = home.path().join("backup.db");
        let folder = stopped(&home.path().join("data"), 5).await;
        let kept = Store::new(folder.clone()).unwrap();
        assert!(set_closed(&kept, &row(1).reference, Some(20_800), "closed").await);
        kept.close().await;
        good(&backup(&folder, &file));
        let store = place.store();
        store.add(&[row(100)], true).await.unwrap();
        assert!(set_closed(&store, &row(100).reference, Some(20_800), "closed here").await);
        assert!(store.add_token("0123", "4567", TokenKind::Session, 100, 0).await.unwrap());
        refused(&restore(&file, &place.location, &["--replace"]), "is in use");
        store.close().await;
        refused(&restore(&file, &place.location, &[]), "holds 1 request");
        let ran = restore(&file, &place.location, &["--replace"]);
        good(&ran);
        let ending = ran.stderr.split("the tables that end with ").nth(1).unwrap();
        let ending = ending.split('.').next().unwrap();
        assert_eq!(place.number(&format!("SELECT COUNT(*) FROM requests{ending}")).await, 1);
        assert_eq!((all(&place.location).await.len(), place.store().unsent().await.unwrap()), (4, 5));
        // Who closed what comes with it, nobody is signed in, and the lists are as fast as before.
        let history = place.store().history(&[row(1).reference.as_str(), row(100).reference.as_str()]).await.unwrap();
        assert_eq!(history.keys().collect::<Vec<_>>(), [row(1).reference.as_str()]);
        assert_eq!(place.number("SELECT COUNT(*) FROM tokens").await, 0);
        let index = "SELECT COUNT(*) FROM pg_indexes WHERE tablename = 'requests' AND indexname = 'requests_by_state'";
        assert_eq!(place.number(index).await, 1);
        // A server that has run all the time remembers the other store.
        let error = store.add(&[row(101)], false).await.unwrap_err().to_string();
        assert!(error.contains("another store") && error.contains("restart the server"), "{error}");
    });
}

#[test]
fn a_backup_that_is_moved_over_a_store_in_use_is_not_mixed_with_its_log() {
    let home = TempDir::new().unwrap();
    block_on(async {
        let location = stopped(&home.path().join("data"), 5).await;
        let (file, database) = (home.path().join("backup.db"), home.path().join("data/requests.db"));
        good(&backup(&location, &file));
        let store = Store::new(location).unwrap();
        for number in 5..30 {
            store.add(&[row(number)], true).await.unwrap();
        }
        fs::rename(&file, &database).unwrap();
        let bytes = fs::read(&database).unwrap();
        for _ in 0..2 {
            let error = store.add(&[row(99)], true).await.unwrap_err().to_string();
            assert!(error.contains("the log beside it") && error.contains("clinic-site restore"), "{error}");
        }
        assert_eq!(fs::read(&database).unwrap(), bytes, "nothing is written to it");
        for end in ["wal", "shm"] {
            fs::remove_file(home.path().join(format!("data/requests.db-{end}"))).unwrap();
        }
        store.add(&[row(100)], true).await.unwrap();
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 6);
    });
}

#[test]
fn the_database_of_another_program_is_not_written_to() {
    let home = TempDir::new().unwrap();
    for sql in ["CREATE TABLE a (b)", "PRAGMA application_id = 7; CREATE TABLE requests (b)"] {
        let folder = home.path().join(format!("data{}", sql.len()));
        fs::create_dir(&folder).unwrap();
        let database = folder.join("requests.db");
        assert!(crate::harness::parts::ran("sqlite3", &[database.to_str().unwrap(), sql]));
        let bytes = fs::read(&database).unwrap();
        let store = Store::new(Location::Folder(folder.clone())).unwrap();
        let error = block_on(store.add(&[row(1)], false)).unwrap_err().to_string();
        assert!(error.contains("the database of another program"), "{error}");
        assert_eq!(fs::read(&database).unwrap(), bytes);
        assert!(!folder.join("requests.id").exists());
    }
}

#[test]
fn a_server_that_has_no_store_any_more_is_mended_by_a_restore() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("data");
    let location = block_on(stopped(&data, 5));
    let file = home.path().join("backup.db");
    good(&backup(&location, &file));
    let server =
        Serving::start(&["serve", "--staff-key", crate::program::STAFF_KEY, "--data-dir", data.to_str().unwrap()]);
    let ready = || crate::connections::Client::new(server.address).get("/readyz/requests").status;
    crate::program::soon("ready", || ready() == 200);
    fs::remove_dir_all(&data).unwrap();
    crate::program::soon("not ready", || ready() == 503);
    good(&restore(&file, &location, &[]));
    crate::program::soon("ready again", || ready() == 200);
    assert_eq!(block_on(all(&location)).len(), 5);
}
