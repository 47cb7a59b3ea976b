//! Who uses a store: programs that read and write requests share it, and what replaces or moves the whole of it has it alone.
//!
//! The lock of SQLite's store is on its file with the id (flock(2)), that of PostgreSQL's an advisory one of the session. Both go with the
//! connection, however the process ends.

use super::StoreError;
use super::error::Cause;
use super::identity::marker;
use sqlx::{AnyConnection, Row as _};
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// The lock of a folder, as long as this value lives. `alone`: nobody else may have it. A file system without locks gives none to who shares.
pub(super) fn folder(folder: &Path, alone: bool) -> Result<Option<File>, StoreError> {
    let path = marker(folder);
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| Cause::File(path.clone(), error))?,
    };
    let locked = if alone { file.try_lock() } else { file.try_lock_shared() };
    match locked {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(in_use(Some(folder), alone)),
        Err(TryLockError::Error(_)) if !alone => Ok(None),
        Err(TryLockError::Error(error)) => Err(Cause::File(path, error).into()),
    }
}

/// The lock of a PostgreSQL database, as long as the connection lives.
pub(super) async fn database(connection: &mut AnyConnection, alone: bool) -> Result<bool, sqlx::Error> {
    // The number is "clinic-s" in ASCII: advisory locks are by number.
    let sql = if alone {
        "SELECT CASE WHEN pg_try_advisory_lock(7164217030175042931) THEN 1 ELSE 0 END::bigint"
    } else {
        "SELECT CASE WHEN pg_try_advisory_lock_shared(7164217030175042931) THEN 1 ELSE 0 END::bigint"
    };
    let got: i64 = sqlx::query(sql).fetch_one(connection).await?.try_get(0)?;
    Ok(got == 1)
}

/// What is refused because somebody else has the lock.
pub(super) fn in_use(folder: Option<&Path>, alone: bool) -> StoreError {
    let file = folder.map(|folder| folder.join(super::FILE));
    if alone { Cause::InUse(file).into() } else { Cause::BeingReplaced(file).into() }
}

/// The folder's id file, for whoever needs its owner.
pub(super) fn owner(folder: &Path) -> Option<std::fs::Metadata> {
    marker(folder).metadata().or_else(|_| folder.metadata()).ok()
}
