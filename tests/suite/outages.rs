//! Outages: each ends in a clear refusal while it lasts, and in nothing at all once it is over, without a restart.

use crate::harness::parts::{SmallDisk, is_root};
use crate::harness::postgres::Postgres;
use crate::harness::stores::{HOME, Kind, Place, block_on, inbox, on, request, row, until};
use clinic_site::requests::inbox::Inbox;
use clinic_site::requests::store::{Location, Store, Wanted};
use sqlx::Executor;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Well above what a refusal takes, for machines that are busy; the limit itself is ten seconds.
const PATIENCE: Duration = Duration::from_secs(30);

#[expect(clippy::disallowed_methods, reason = "a test measures how long a visitor waits")]
fn clock() -> Instant {
    Instant::now()
}

/// Sends requests until one is kept, and tells its name.
async fn until_kept(inbox: &Inbox, name: &str) {
    until("a request is kept again", async || inbox.take(&request(name), HOME).await.is_ok()).await;
}

async fn is_refused(inbox: &Inbox, name: &str) {
    let start = clock();
    assert!(inbox.take(&request(name), HOME).await.is_err(), "{name}");
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

#[test]
fn a_full_disk() {
    let Some(disk) = SmallDisk::mount("2m") else { return };
    block_on(async {
        let store = Arc::new(Store::new(Location::Folder(disk.path().join("data"))).unwrap());
        let (inbox, _) = inbox(&store);
        inbox.take(&request("before"), HOME).await.unwrap();
        let filler = disk.path().join("filler");
        // Filled to the last byte while the store is open.
        let _ = fs::write(&filler, vec![0; 4 << 20]);
        let mut kept = 1;
        // What SQLite's log has room for is kept; then groups and single requests are refused, as a whole.
        for round in 0..4 {
            let rows: Vec<_> = (0..64).map(|number| row(round * 64 + number)).collect();
            kept += store.add(&rows, round % 2 == 0).await.map_or(0, |rows| i64::try_from(rows.len()).unwrap());
        }
        assert!(kept < 257, "the disk isn't full");
        is_refused(&inbox, "while it is full").await;
        assert!(store.probe().await.is_err(), "a probe is written where a request is refused");
        fs::remove_file(filler).unwrap();
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), kept, "all of a group or nothing");
        until_kept(&inbox, "while it is full").await;
        let rows: Vec<_> = (1000..1064).map(row).collect();
        store.add(&rows, true).await.unwrap();
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), kept + 65);
        store.close().await;
    });
}

#[test]
fn a_folder_that_nobody_may_write_to() {
    let disk = if is_root() { SmallDisk::mount("4m") } else { None };
    let folder = tempfile::tempdir().unwrap();
    // For root, rights say nothing: the disk is read-only.
    let (path, set): (&Path, Box<dyn Fn(bool)>) = match &disk {
        Some(disk) => (disk.path(), Box::new(|writable| assert!(disk.remount(if writable { "rw" } else { "ro" })))),
        None if is_root() => return,
        None => (folder.path(), {
            let path = folder.path().to_owned();
            Box::new(move |writable| {
                let mode = if writable { 0o700 } else { 0o500 };
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            })
        }),
    };
    block_on(async {
        set(false);
        let store = Arc::new(Store::new(Location::Folder(path.join("data"))).unwrap());
        let (inbox, _) = inbox(&store);
        is_refused(&inbox, "Ana").await;
        let error = store.ping().await.unwrap_err().to_string();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
        set(true);
        inbox.take(&request("Ana"), HOME).await.unwrap();
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 1);
        // Closed, because a disk with open files can't be made read-only; then with a database on it.
        store.close().await;
        if disk.is_some() {
            until("the files are closed", async || disk.as_ref().is_some_and(|disk| disk.remount("ro"))).await;
            is_refused(&inbox, "Eva").await;
            set(true);
        }
        inbox.take(&request("Eva"), HOME).await.unwrap();
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 2);
        store.close().await;
    });
}

#[test]
fn a_folder_where_a_file_is_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    fs::write(&path, "not a folder").unwrap();
    block_on(async {
        let store = Arc::new(Store::new(Location::Folder(path.clone())).unwrap());
        let (inbox, _) = inbox(&store);
        is_refused(&inbox, "Ana").await;
        fs::remove_file(&path).unwrap();
        inbox.take(&request("Ana"), HOME).await.unwrap();
        // A database that is no database is neither read nor overwritten.
        store.close().await;
        let whole = fs::read(path.join("requests.db")).unwrap();
        let junk = "not a database ".repeat(1000);
        fs::write(path.join("requests.db"), &junk).unwrap();
        is_refused(&inbox, "Eva").await;
        assert_eq!(fs::read_to_string(path.join("requests.db")).unwrap(), junk);
        // Nor is another begun in its place.
        fs::remove_file(path.join("requests.db")).unwrap();
        is_refused(&inbox, "Eva").await;
        assert!(!path.join("requests.db").exists());
        fs::write(path.join("requests.db"), whole).unwrap();
        inbox.take(&request("Eva"), HOME).await.unwrap();
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 2);
    });
}

#[test]
fn another_process_holds_the_lock() {
    on(Kind::Sqlite, async |place| {
        let store = place.store();
        let (inbox, _) = inbox(&store);
        inbox.take(&request("before"), HOME).await.unwrap();
        let mut other = place.connection().await;
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        let start = clock();
        is_refused(&inbox, "Ana").await;
        assert!(start.elapsed() >= Duration::from_secs(3), "it waits a while: {:?}", start.elapsed());
        // Who only reads isn't held up.
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 1);
        other.execute("COMMIT").await.unwrap();
        inbox.take(&request("Ana"), HOME).await.unwrap();
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 2);
    });
}

#[test]
fn postgresql_stops_and_starts_again() {
    let Some(server) = Postgres::start() else { return };
    let place = Place::at(Location::PostgreSql(server.database()));
    block_on(async {
        let store = place.store();
        let (inbox, _) = inbox(&store);
        inbox.take(&request("before"), HOME).await.unwrap();
        // Stopped between two requests, stopped for who looks, and started again: the first request is kept.
        server.stop();
        is_refused(&inbox, "Ana").await;
        assert!(store.ping().await.is_err());
        server.go_on();
        inbox.take(&request("Ana"), HOME).await.unwrap();
        store.ping().await.unwrap();
        // Restarted while nobody asked for anything: nobody notices.
        server.stop();
        server.go_on();
        inbox.take(&request("Eva"), HOME).await.unwrap();
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 3);
        // Killed in the middle of a rush: everything that was acknowledged is there, and nothing twice.
        let tasks: Vec<_> = (0..300)
            .map(|number| {
                let inbox = Arc::clone(&inbox);
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(number)).await;
                    inbox.take(&request(&format!("Ana-{number}")), HOME).await.ok()
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(150)).await;
        server.kill();
        let mut kept = 3;
        for task in tasks {
            kept += i64::from(task.await.unwrap().is_some());
        }
        assert!(kept < 303, "it was killed too late");
        server.go_on();
        for number in 0..300 {
            until_kept(&inbox, &format!("Ana-{number}")).await;
        }
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 303);
    });
}
