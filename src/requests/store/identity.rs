//! Which store it is: a random id in the database, and, for SQLite, the same id in a file beside it. A store that was deleted, emptied or
//! replaced is not taken for one that was never there, so that no new store silently takes its place.

use super::StoreError;
use super::error::Cause;
use sqlx::{AnyConnection, Row as _};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The name of the file with the id, in the data folder.
pub const MARKER: &str = "requests.id";

/// Explains the file to people.
const EXPLANATION: &str =
    "# Names the store in requests.db. While this file is here, clinic-site begins no new, empty store in its place.";

/// 128 random bits, as 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Id(String);

impl Id {
    pub(super) fn random() -> Result<Self, StoreError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| Cause::Randomness)?;
        Ok(Self(hex::encode(bytes)))
    }

    fn parse(text: &str) -> Option<Self> {
        (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The path of the file with the id.
pub(super) fn marker(folder: &Path) -> PathBuf {
    folder.join(MARKER)
}

/// The id that the file names; `None`: there is no such file.
pub(super) fn read_marker(folder: &Path) -> Result<Option<Id>, StoreError> {
    let path = marker(folder);
    let mut text = String::new();
    match File::open(&path).and_then(|file| file.take(1024).read_to_string(&mut text)) {
        // Where a file is in the place of the folder, opening it reports so.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(Cause::Marker(path).into()),
        Err(error) => Err(Cause::File(path, error).into()),
        Ok(_) => {
            let id = text.lines().next().and_then(|line| Id::parse(line.trim()));
            id.map(Some).ok_or_else(|| Cause::Marker(path).into())
        }
    }
}

/// Writes the file with the id, completely and durably. It belongs to the owner of the database, as SQLite's own files do: an admin's command may
/// be the first to write it.
pub(super) fn write_marker(folder: &Path, id: &Id, database: &fs::Metadata) -> io::Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let new = folder.join(format!(".{MARKER}.{}.{number}", std::process::id()));
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(format!("{}\n{EXPLANATION}\n", id.as_str()).as_bytes())?;
        file.sync_all()?;
        // Only root may give a file away, and needs to.
        let _ = chown(&new, Some(database.uid()), Some(database.gid()));
        fs::rename(&new, marker(folder))?;
        File::open(folder)?.sync_all()
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}

/// The id in the database; `None`: it was not given yet.
pub(super) async fn read(connection: &mut AnyConnection) -> Result<Option<Id>, sqlx::Error> {
    let row = sqlx::query("SELECT id FROM store WHERE one = 1").fetch_optional(connection).await?;
    row.map(|row| row.try_get(0).map(Id)).transpose()
}

/// Gives the database an id, unless it has one. Returns whether it was given: of two at once, one gives it.
pub(super) async fn give(connection: &mut AnyConnection, id: &Id) -> Result<bool, sqlx::Error> {
    let sql = "INSERT INTO store (one, id, probe) VALUES (1, $1, '') ON CONFLICT DO NOTHING";
    Ok(sqlx::query(sql).bind(id.as_str()).execute(connection).await?.rows_affected() == 1)
}

/// Gives the database the id of another store, whose requests are moved here.
pub(super) async fn replace(connection: &mut AnyConnection, id: &Id) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE store SET id = $1 WHERE one = 1").bind(id.as_str()).execute(connection).await?;
    Ok(())
}
