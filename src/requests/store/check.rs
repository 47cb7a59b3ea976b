//! Looks at a SQLite file that this process has not seen before, and writes nothing: whether it is ours, whole, and goes with the log beside it.

use super::error::Cause;
use super::open::{FILE, LOG, sqlite_url};
use super::schema::{self, APPLICATION};
use super::{StoreError, error};
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions, Connection as _, Executor, Row as _};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A database is written to from its log within the transaction that made it long enough. One that was changed so many seconds after its log
/// was not changed by SQLite.
const CHECKPOINT_SECONDS: i64 = 60;

/// A larger file is not read as a whole before it is used (it would take seconds), only by `backup`. A request takes 12 KB.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Whether there is something in the log beside a database.
pub(super) fn has_log(folder: &Path) -> bool {
    folder.join(LOG).metadata().is_ok_and(|log| log.len() > 0)
}

/// Whether the log beside a database was written for another file: SQLite would put what is in it over whatever somebody has copied there.
pub(super) fn has_strange_log(folder: &Path, database: &Metadata) -> bool {
    let log = folder.join(LOG).metadata().ok().filter(|log| log.len() > 0);
    log.is_some_and(|log| database.ctime() - log.ctime() > CHECKPOINT_SECONDS)
}

/// Refuses a file that is not a store of ours, or damaged.
pub(super) async fn look(folder: &Path, database: &Metadata) -> Result<(), StoreError> {
    if has_strange_log(folder, database) {
        return Err(Cause::StrangeLog(folder.join(FILE)).into());
    }
    let url = sqlite_url(&folder.join(FILE), "ro").map_err(|error| Cause::File(folder.to_owned(), error))?;
    let connection = file(&folder.join(FILE), &url, database.len() <= LARGEST).await?;
    // Dropped, it would be closed later, by its thread. SQLite's last connection deletes the log, and one that only reads can't.
    let _ = connection.close().await;
    Ok(())
}

/// Refuses a file that is not a store of ours, or, with `whole`, damaged. Gives a connection to it.
pub(super) async fn file(path: &Path, url: &str, whole: bool) -> Result<AnyConnection, StoreError> {
    let failed = |error| {
        let cause = Cause::Database { file: Some(path.to_owned()), error, system: None };
        StoreError::from(cause)
    };
    let options: AnyConnectOptions = url.parse().map_err(failed)?;
    let mut connection = options.disable_statement_logging().connect().await.map_err(failed)?;
    let looked = looked_at(&mut connection, whole).await;
    let wrong = match looked {
        Ok(None) => return Ok(connection),
        Ok(Some(wrong)) => Err(wrong(path).into()),
        Err(error) => Err(failed(error)),
    };
    let _ = connection.close().await;
    wrong
}

type Wrong = Box<dyn FnOnce(&Path) -> Cause + Send>;

async fn looked_at(connection: &mut AnyConnection, whole: bool) -> Result<Option<Wrong>, sqlx::Error> {
    connection.execute("PRAGMA busy_timeout = 4000").await?;
    let application: i64 = sqlx::query("PRAGMA application_id").fetch_one(&mut *connection).await?.try_get(0)?;
    let tables = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'";
    let tables: i64 = sqlx::query(tables).fetch_one(&mut *connection).await?.try_get(0)?;
    // The oldest stores had no mark, and a file that SQLite has just made has none yet.
    let unmarked = application == 0 && (tables == 0 || schema::is_there(connection, true).await?);
    if application != APPLICATION && !unmarked {
        return Ok(Some(Box::new(|path| Cause::Foreign(path.to_owned()))));
    }
    if whole {
        let row = sqlx::query("PRAGMA quick_check(1)").fetch_one(connection).await?;
        let found: String = row.try_get(0)?;
        if found != "ok" {
            return Ok(Some(Box::new(move |path| Cause::Damaged(path.to_owned(), found))));
        }
    }
    Ok(None)
}

/// An error of a file that is no part of a data folder.
pub(super) fn failed(path: &Path, error: sqlx::Error) -> StoreError {
    let folder = path.parent().filter(|_| error::is_vague(&error));
    Cause::Database { system: folder.and_then(super::open::cannot_write), file: Some(path.to_owned()), error }.into()
}
