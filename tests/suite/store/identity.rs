//! A store is never silently begun anew: one that was deleted, emptied or replaced is refused until it is back.

use super::files::folder;
use super::rows;
use crate::harness::postgres::Postgres;
use crate::harness::stores::{Kind, Place, block_on, on, on_both, row};
use clinic_site::requests::store::{Added, Location, Store, Wanted};
use std::fs;
use std::path::Path;

on_both! {
    a_store_of_the_time_before_ids_gets_one_and_keeps_its_requests
    tables_that_were_made_anew_are_another_store
}

/// Copies the files of a folder.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let path = file.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// What an error has to say: what is wrong, and how to mend it.
#[track_caller]
fn says(error: &str, wanted: &[&str]) {
    for wanted in [wanted, &["restart the server"]].concat() {
        assert!(error.contains(wanted), "no {wanted:?} in: {error}");
    }
}

/// What happens to a folder with a store.
#[derive(Clone, Copy, Debug)]
enum Change {
    FileDeleted,
    FileEmptied,
    FilesDeleted,
    FolderDeleted,
    OtherStore,
    OtherDatabaseUnderTheId,
    OtherDatabaseWithoutAnId,
}

impl Change {
    const ALL: [Self; 7] = [
        Self::FileDeleted,
        Self::FileEmptied,
        Self::FilesDeleted,
        Self::FolderDeleted,
        Self::OtherStore,
        Self::OtherDatabaseUnderTheId,
        Self::OtherDatabaseWithoutAnId,
    ];

    /// Changes the folder, where `other` is that of another store, and gives what the refusal has to say.
    fn make(self, folder: &Path, other: &Path) -> [&'static str; 2] {
        let (database, marker) = (folder.join("requests.db"), folder.join("requests.id"));
        let id = fs::read(&marker).unwrap();
        match self {
            Self::FileDeleted => fs::remove_file(&database).unwrap(),
            Self::FileEmptied => fs::write(&database, "").unwrap(),
            _ => fs::remove_dir_all(folder).unwrap(),
        }
        match self {
            Self::FileDeleted | Self::FileEmptied | Self::FolderDeleted => {}
            Self::FilesDeleted => fs::create_dir(folder).unwrap(),
            Self::OtherStore => copy(other, folder),
            Self::OtherDatabaseUnderTheId => {
                copy(other, folder);
                fs::write(&marker, id).unwrap();
            }
            Self::OtherDatabaseWithoutAnId => {
                copy(other, folder);
                fs::remove_file(&marker).unwrap();
            }
        }
        match self {
            Self::FileDeleted => ["requests.db is missing, but ", "delete "],
            Self::FileEmptied => ["requests.db is empty, but ", "delete "],
            Self::FilesDeleted | Self::FolderDeleted => ["requests.db is missing, but ", "until now"],
            Self::OtherStore | Self::OtherDatabaseUnderTheId => ["is another store of requests, but ", "delete "],
            Self::OtherDatabaseWithoutAnId => ["is another store of requests, but ", "until now"],
        }
    }
}

#[test]
fn a_store_that_is_gone_is_refused_while_the_process_runs_and_goes_on_when_it_is_back() {
    on(Kind::Sqlite, async |place| {
        let store = place.store();
        let folder = folder(&place);
        let (backup, other) = (folder.with_extension("backup"), folder.with_extension("other"));
        let stranger = Store::new(Location::Folder(other.clone())).unwrap();
        stranger.add(&rows(500..501), false).await.unwrap();
        stranger.close().await;
        let there = || ["requests.db", "requests.id"].map(|file| fs::read(folder.join(file)).ok());
        for (number, change) in (0..).zip(Change::ALL) {
            store.add(&rows(number..=number), false).await.unwrap();
            store.close().await;
            copy(folder, &backup);
            // In use when it goes.
            assert!(store.has(&row(number).reference, 0).await.unwrap());
            let wanted = change.make(folder, &other);
            let before = there();
            for _ in 0..2 {
                says(&store.add(&rows(900..901), false).await.unwrap_err().to_string(), &wanted);
                assert!(store.probe().await.is_err(), "{change:?}");
                assert!(store.has(&row(number).reference, 0).await.is_err(), "{change:?}");
            }
            assert!(there() == before, "{change:?}: something was made or changed");
            // The right one comes back, and nobody restarts anything.
            let _ = fs::remove_dir_all(folder);
            copy(&backup, folder);
            assert_eq!(store.add(&rows(100 + number..=100 + number), false).await.unwrap(), [Added::Now], "{change:?}");
            assert!(store.has(&row(number).reference, 0).await.unwrap(), "{change:?}");
        }
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 14);
    });
}

#[test]
fn a_folder_that_is_moved_away_is_refused_until_it_is_moved_back() {
    on(Kind::Sqlite, async |place| {
        let store = place.store();
        let folder = folder(&place);
        store.add(&rows(0..1), false).await.unwrap();
        fs::rename(folder, folder.with_extension("away")).unwrap();
        let error = store.add(&rows(1..2), false).await.unwrap_err().to_string();
        says(&error, &["requests.db is missing", "until now"]);
        assert!(!folder.exists());
        fs::rename(folder.with_extension("away"), folder).unwrap();
        assert_eq!(store.add(&rows(1..2), false).await.unwrap(), [Added::Now]);
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 2);
    });
}

#[test]
fn a_new_process_refuses_too_while_the_file_with_the_id_is_there() {
    on(Kind::Sqlite, async |place| {
        let folder = folder(&place);
        let (database, marker) = (folder.join("requests.db"), folder.join("requests.id"));
        let first = place.store();
        first.add(&rows(0..64), false).await.unwrap();
        first.close().await;
        let text = fs::read_to_string(&marker).unwrap();
        assert!(
            text.lines().nth(1).is_some_and(|line| line.starts_with("# ") && line.contains("requests.db")),
            "{text}"
        );
        let whole = fs::read(&database).unwrap();
        let half = whole[..whole.len() / 2].to_vec();
        for (what, left, wanted) in [
            ("missing", None, "requests.db is missing, but "),
            ("empty", Some(Vec::new()), "requests.db is empty, but "),
            ("cut in half", Some(half), "restore its backup"),
            ("junk", Some(b"not a database ".repeat(1000)), "restore its backup"),
        ] {
            match &left {
                None => fs::remove_file(&database).unwrap(),
                Some(bytes) => fs::write(&database, bytes).unwrap(),
            }
            let store = place.store();
            for _ in 0..2 {
                let error = store.add(&rows(99..100), false).await.unwrap_err().to_string();
                assert!(error.contains(wanted), "{what}: {error}");
            }
            assert_eq!(fs::read(&database).ok(), left, "{what}: nothing is changed");
            // The backup comes back while the process runs.
            for beside in ["requests.db-wal", "requests.db-shm"] {
                let _ = fs::remove_file(folder.join(beside));
            }
            fs::write(&database, &whole).unwrap();
            assert!(store.has(&row(63).reference, 0).await.unwrap(), "{what}");
            store.close().await;
        }
        // Which store it is, nobody knows: not even one that looks good is taken.
        for damaged in ["", "?\n", "\u{fffd}"] {
            fs::write(&marker, damaged).unwrap();
            let error = place.store().ping().await.unwrap_err().to_string();
            assert!(error.contains("requests.id: this file is damaged") && error.contains("delete it"), "{error}");
        }
        // Without its file a store is taken as it is, and the file is written again.
        fs::remove_file(&marker).unwrap();
        let store = place.store();
        store.ping().await.unwrap();
        assert_eq!(fs::read_to_string(&marker).unwrap(), text);
        store.close().await;
        // As the message says: without both, a new store is begun, by a process that doesn't remember the old one.
        fs::remove_file(&marker).unwrap();
        fs::remove_file(&database).unwrap();
        assert!(store.ping().await.is_err());
        let anew = place.store();
        assert_eq!(anew.add(&rows(0..1), false).await.unwrap(), [Added::Now]);
        assert_ne!(fs::read_to_string(&marker).unwrap(), text);
    });
}

async fn a_store_of_the_time_before_ids_gets_one_and_keeps_its_requests(place: Place) {
    let before_ids = async || {
        place.sql("DROP TABLE store").await;
        for made_later in ["TABLE mails", "TABLE changes", "TABLE tokens", "INDEX requests_by_state"] {
            place.sql(&format!("DROP {made_later}")).await;
        }
        place.sql("DELETE FROM _sqlx_migrations WHERE version >= 2").await;
    };
    let store = place.store();
    store.add(&rows(0..3), true).await.unwrap();
    store.close().await;
    before_ids().await;
    if let Location::Folder(folder) = &place.location {
        fs::remove_file(folder.join("requests.id")).unwrap();
    }
    let upgraded = place.store();
    assert_eq!(upgraded.count(Wanted::Waiting).await.unwrap(), 3);
    assert_eq!(place.number("SELECT COUNT(*) FROM store WHERE LENGTH(id) = 32").await, 1);
    upgraded.probe().await.unwrap();
    upgraded.close().await;
    // A backup of that time, restored after the upgrade.
    before_ids().await;
    assert_eq!(upgraded.add(&rows(3..4), true).await.unwrap(), [Added::Now]);
    upgraded.probe().await.unwrap();
    assert_eq!(place.store().count(Wanted::Waiting).await.unwrap(), 4);
}

async fn tables_that_were_made_anew_are_another_store(place: Place) {
    let store = place.store();
    store.add(&rows(0..1), false).await.unwrap();
    // Under the connection's feet, so that only the id tells.
    place.sql("UPDATE store SET id = '0123456789abcdef0123456789abcdef'").await;
    for _ in 0..2 {
        says(&store.probe().await.unwrap_err().to_string(), &["is another store"]);
        assert!(store.add(&rows(1..2), false).await.is_err());
    }
}

#[test]
fn a_database_that_was_dropped_and_made_anew_is_refused_until_the_right_one_is_back() {
    let Some(server) = Postgres::shared() else { return };
    let place = Place::at(Location::PostgreSql(server.database()));
    block_on(async {
        let (store, name) = (place.store(), place.name().to_owned());
        store.add(&rows(0..1), false).await.unwrap();
        let admin = |sql: &str| server.sql("postgres", &sql.replace('?', &name));
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '?'";
        // Moved aside, with a new one in its place.
        admin(cut);
        admin("ALTER DATABASE ? RENAME TO ?_aside");
        assert!(store.add(&rows(1..2), false).await.is_err());
        admin("CREATE DATABASE ?");
        for _ in 0..2 {
            let error = store.add(&rows(1..2), false).await.unwrap_err().to_string();
            says(&error, &["the database is empty", "until now"]);
        }
        assert_eq!(
            place.number("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'").await,
            0,
            "nothing is made"
        );
        // Somebody else begins a store there.
        let other = place.store();
        other.add(&rows(5..6), false).await.unwrap();
        other.close().await;
        says(&store.probe().await.unwrap_err().to_string(), &["the database is another store"]);
        assert!(store.has(&row(0).reference, 0).await.is_err());
        admin(cut);
        admin("DROP DATABASE ?");
        admin("ALTER DATABASE ?_aside RENAME TO ?");
        assert_eq!(store.add(&rows(1..2), false).await.unwrap(), [Added::Now]);
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 2);
    });
}
