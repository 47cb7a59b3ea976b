//! What SQLite leaves on the disk: whose it is, what is told to the database, and that what is deleted is gone.

use super::rows;
use crate::harness::stores::{Kind, Place, block_on, on, row, set_closed};
use clinic_site::requests::store::{Added, Location, Store};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

pub(super) fn folder(place: &Place) -> &Path {
    let Location::Folder(folder) = &place.location else { panic!("not SQLite") };
    folder
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

/// Whether some bytes are in any file of a folder.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
    files.into_iter().any(|file| file.windows(bytes.len()).any(|window| window == bytes))
}

#[test]
fn folder_and_files_are_the_owners_alone() {
    on(Kind::Sqlite, async |place| {
        let store = place.store();
        store.add(&rows(0..1), false).await.unwrap();
        assert_eq!(mode(folder(&place)), 0o700);
        for file in ["requests.db", "requests.db-wal", "requests.db-shm", "requests.id"] {
            assert_eq!(mode(&folder(&place).join(file)), 0o600, "{file}");
        }
    });
}

#[test]
fn every_name_of_a_folder_is_taken_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().canonicalize().unwrap();
    fs::create_dir_all(home.join("elsewhere/deep")).unwrap();
    std::os::unix::fs::symlink(home.join("elsewhere/deep"), home.join("link")).unwrap();
    let names = [
        "a b",
        "what?mode=memory",
        "#1",
        "100%25",
        "%2F",
        "ñandú",
        "file:x?mode=memory",
        ":memory:",
        "a//b/",
        "link/../c",
        "\"'&;\\",
    ];
    for name in names {
        let folder = home.join(name);
        block_on(async {
            let store = Store::new(Location::Folder(folder.clone())).unwrap();
            assert_eq!(store.add(&rows(0..1), false).await.unwrap(), [Added::Now], "{name}");
        });
        assert!(folder.join("requests.db").metadata().unwrap().len() > 0, "{name}");
    }
    // Behind the link, `..` is the folder that the link leads into.
    assert!(home.join("elsewhere/c/requests.db").exists() && !home.join("c").exists());
}

#[test]
fn a_name_that_sqlite_cannot_take_is_refused_at_the_start() {
    let folder = PathBuf::from(OsStr::from_bytes(b"/tmp/not-\xff-utf8"));
    let error = Store::new(Location::Folder(folder.clone())).unwrap_err().to_string();
    assert!(error.contains("UTF-8"), "{error}");
    assert!(!folder.exists());
}

#[test]
fn what_is_purged_or_replaced_is_gone_from_the_disk() {
    on(Kind::Sqlite, async |place| {
        let store = place.store();
        store.add(&rows(0..64), true).await.unwrap();
        let text = |number: u32| format!("sealed-{number:08}/").into_bytes();
        let folder = folder(&place);
        assert!(holds(folder, &text(7)) && holds(folder, &text(8)) && holds(folder, &text(63)));
        assert!(set_closed(&store, &row(7).reference, Some(20_800), "closed").await);
        assert!(!holds(folder, &text(7)), "the request before it was closed");
        for number in 8..60 {
            let sealed = row(number).sealed;
            assert!(set_closed(&store, &row(number).reference, Some(20_800), &sealed).await);
        }
        let before = folder.join("requests.db").metadata().unwrap().len();
        assert_eq!(store.purge(20_801).await.unwrap(), 53);
        for number in 7..60 {
            assert!(!holds(folder, &text(number)), "{number}");
            assert!(!holds(folder, row(number).reference.as_str().as_bytes()) || store.unsent().await.unwrap() > 0);
        }
        assert!(holds(folder, &text(6)) && holds(folder, &text(63)));
        let after = folder.join("requests.db").metadata().unwrap().len();
        assert!(after < before / 2, "the file gives its room back: {before} bytes before, {after} after");
        assert_eq!(folder.join("requests.db-wal").metadata().unwrap().len(), 0);
    });
}

#[test]
fn what_was_in_a_deleted_log_is_kept_and_the_store_goes_on() {
    on(Kind::Sqlite, async |place| {
        let store = place.store();
        store.add(&rows(0..1), false).await.unwrap();
        fs::remove_file(folder(&place).join("requests.db-wal")).unwrap();
        assert_eq!(store.add(&rows(1..2), false).await.unwrap(), [Added::Now]);
        // Somebody else finds it by the path.
        let other = place.store();
        assert!(other.has(&row(1).reference, 0).await.unwrap());
        assert!(other.has(&row(0).reference, 0).await.unwrap(), "what was in the log");
    });
}
