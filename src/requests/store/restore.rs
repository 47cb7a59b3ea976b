//! Restores a backup into an empty place, or in the place of another store, which is moved aside.

use super::backup::{NewFile, open};
use super::connection::Connections;
use super::copy::{CopyError, Summary, Transactions, copy, tally};
use super::error::Cause;
use super::identity::{self, Id, marker, write_marker};
use super::open::{CONNECT_TIMEOUT, FILE, LOG, sqlite_url};
use super::{Location, StoreError, check, lock, schema, state};
use sqlx::{AnyConnection, AssertSqlSafe, ConnectOptions as _, Connection as _, Executor, Row as _};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};
use tokio::time::timeout;

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// The rows.
    pub summary: Summary,
    /// What was there before: the file, or how the tables in PostgreSQL end; `None`: nothing was.
    pub aside: Option<String>,
}

/// Restores a backup. `replace`: what is there is moved aside, under a name that ends with `stamp` (letters and digits); otherwise a place that holds
/// requests is refused. `today` (days since 1970) is remembered as a day on which the store was used, so that what is due is deleted.
///
/// The store keeps its id. A server that runs and remembers another store goes on refusing until it is restarted.
///
/// # Errors
/// The place is as it was: the backup is not whole, the place is in use, or holds requests. Restoring again is safe.
pub async fn restore(
    backup: &Path,
    to: &Location,
    replace: bool,
    stamp: &str,
    today: i64,
) -> Result<Restored, StoreError> {
    let failed = |error| check::failed(backup, error);
    let log = PathBuf::from(format!("{}-wal", backup.display()));
    if log.metadata().is_ok_and(|log| log.len() > 0) {
        return Err(Cause::StrangeLog(backup.to_owned()).into());
    }
    let mut from = open(backup).await?;
    let restored = async {
        if !schema::is_there(&mut from, true).await.map_err(failed)? {
            return Err(Cause::NoBackup(backup.to_owned()).into());
        }
        if schema::is_newer(&mut from, true).await.map_err(failed)? {
            return Err(Cause::Newer(Some(backup.to_owned())).into());
        }
        let has_id = schema::has(&mut from, true, "store").await.map_err(failed)?;
        let id = if has_id { identity::read(&mut from).await.map_err(failed)? } else { None };
        let id = id.map_or_else(Id::random, Ok)?;
        match to {
            Location::Folder(folder) => into_folder(&mut from, backup, folder, &id, replace, stamp, today).await,
            Location::PostgreSql(_) => into_postgresql(&mut from, backup, to, &id, replace, stamp, today).await,
        }
    };
    let restored = restored.await;
    let _ = from.close().await;
    restored
}

/// What is said of a place that isn't empty.
fn occupied(file: Option<PathBuf>, requests: Option<i64>) -> StoreError {
    let requests = match requests {
        Some(1) => "1 request".to_owned(),
        Some(count) => format!("{count} requests"),
        None => "a database that can't be read".to_owned(),
    };
    Cause::Occupied { file, requests }.into()
}

async fn into_folder(
    from: &mut AnyConnection,
    backup: &Path,
    folder: &Path,
    id: &Id,
    replace: bool,
    stamp: &str,
    today: i64,
) -> Result<Restored, StoreError> {
    let wrong = |error| StoreError::from(Cause::File(folder.to_owned(), error));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(wrong)?;
    // Held until everything is in its place.
    let _lock = lock::folder(folder, true)?;
    let database = folder.join(FILE);
    let there = database.metadata().ok().filter(|file| file.len() > 0);
    if let Some(there) = &there {
        let requests = settle(folder, there).await?;
        if requests != Some(0) && !replace {
            return Err(occupied(Some(database), requests));
        }
    }
    let mut new = NewFile::create(&database, id).await?;
    let from_failed = |error| check::failed(backup, error);
    let summary = new.fill((from, true), from_failed, Some(today)).await?;
    // Only root may give a file away, and needs to: the server is another user.
    let owner = there.clone().or_else(|| lock::owner(folder)).map(|owner| (owner.uid(), owner.gid()));
    if let Some((user, group)) = owner {
        let _ = chown(new.path(), Some(user), Some(group));
    }
    // The old one is never away before the new one is there, so that no server begins an empty one between.
    let aside = there.map(|_| set_aside(folder, stamp)).transpose().map_err(wrong)?;
    new.put(&database)?;
    let metadata = database.metadata().map_err(wrong)?;
    write_marker(folder, id, &metadata).map_err(wrong)?;
    Ok(Restored { summary, aside: aside.map(|path| path.display().to_string()) })
}

/// Makes sure that nobody uses the database in a folder, and that all of it is in its one file. Gives how many requests are in it; `None`: it can't
/// be read.
async fn settle(folder: &Path, there: &fs::Metadata) -> Result<Option<i64>, StoreError> {
    if check::has_strange_log(folder, there) {
        return Ok(None);
    }
    let path = folder.join(FILE);
    let url = sqlite_url(&path, "rw").map_err(|error| Cause::File(path.clone(), error))?;
    let options: sqlx::any::AnyConnectOptions = url.parse().map_err(|error| check::failed(&path, error))?;
    let counted = async {
        let mut connection = options.disable_statement_logging().connect().await?;
        // Refused while another program has it open, even one from before there was a lock.
        connection.execute("PRAGMA busy_timeout = 500; PRAGMA journal_mode = DELETE").await?;
        let count = if schema::is_there(&mut connection, true).await? {
            sqlx::query("SELECT COUNT(*) FROM requests").fetch_one(&mut connection).await?.try_get(0)?
        } else {
            0
        };
        connection.close().await?;
        Ok(count)
    };
    match counted.await.map_err(|error: sqlx::Error| check::failed(&path, error)) {
        Ok(count) => Ok(Some(count)),
        Err(error) if error.is_locked() => Err(lock::in_use(Some(folder), true)),
        Err(_) => Ok(None),
    }
}

/// Gives the database of a folder a second name, and copies its id; a log that could not be emptied goes with it. Gives the name.
fn set_aside(folder: &Path, stamp: &str) -> std::io::Result<PathBuf> {
    let database = folder.join(FILE);
    let aside = folder.join(format!("{FILE}.replaced-{stamp}"));
    if aside.symlink_metadata().is_ok() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::AlreadyExists,
            "something was replaced in this very second; try again",
        ));
    }
    if fs::hard_link(&database, &aside).is_err() {
        fs::copy(&database, &aside)?;
        fs::File::open(&aside)?.sync_all()?;
    }
    if marker(folder).exists() {
        fs::copy(marker(folder), folder.join(format!("{}.replaced-{stamp}", identity::MARKER)))?;
    }
    for (name, end) in [(LOG, "wal"), ("requests.db-shm", "shm")] {
        match fs::rename(folder.join(name), folder.join(format!("{FILE}.replaced-{stamp}-{end}"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}

/// The tables that are moved aside, or emptied.
const TABLES: [&str; 8] =
    ["requests", "outbox", "mails", "changes", "tokens", "store", state::TABLE, "_sqlx_migrations"];
/// The indexes that are made by name. One that goes with its table keeps its name, and it is wanted for the new table.
const INDEXES: [&str; 1] = ["requests_by_state"];

async fn into_postgresql(
    from: &mut AnyConnection,
    backup: &Path,
    to: &Location,
    id: &Id,
    replace: bool,
    stamp: &str,
    today: i64,
) -> Result<Restored, StoreError> {
    let connections = Connections::new(to.clone(), true)?;
    let failed = |error| connections.failed(error);
    let mut connection = timeout(CONNECT_TIMEOUT, connections.session()).await.map_err(|_| StoreError::late())??;
    let is_there = schema::is_there(&mut connection, false).await.map_err(failed)?;
    let mut requests = 0;
    if is_there {
        let count = sqlx::query("SELECT COUNT(*) FROM requests").fetch_one(&mut connection).await;
        requests = count.and_then(|row| row.try_get(0)).map_err(failed)?;
        if requests > 0 && !replace {
            return Err(occupied(None, Some(requests)));
        }
    }
    // All of it or nothing.
    let mut transaction = connection.begin().await.map_err(failed)?;
    let ending = format!("_replaced_{}", stamp.to_ascii_lowercase());
    if is_there {
        for table in TABLES {
            let sql = if requests > 0 {
                format!("ALTER TABLE IF EXISTS {table} RENAME TO {table}{ending}")
            } else {
                format!("DROP TABLE IF EXISTS {table}")
            };
            transaction.execute(AssertSqlSafe(sql)).await.map_err(failed)?;
        }
        for index in INDEXES {
            let sql = format!("ALTER INDEX IF EXISTS {index} RENAME TO {index}{ending}");
            transaction.execute(AssertSqlSafe(sql)).await.map_err(failed)?;
        }
    }
    schema::migrate(&mut transaction, false).await.map_err(|error| match error {
        schema::SchemaError::Newer => Cause::Newer(None),
        schema::SchemaError::Migrate(error) => Cause::Migration { file: None, error },
    })?;
    identity::give(&mut transaction, id).await.map_err(failed)?;
    state::set(&mut transaction, state::SEEN_DAY, &today.to_string()).await.map_err(failed)?;
    let copied =
        copy((from, true), (&mut transaction, false), Transactions::Callers).await.map_err(|error| match error {
            CopyError::From(error) => check::failed(backup, error),
            CopyError::To(error) => failed(error),
        })?;
    transaction.commit().await.map_err(failed)?;
    let there = tally(&mut connection, false).await.map_err(failed)?;
    let _ = connection.close().await;
    if there != copied {
        return Err(Cause::Unequal(None).into());
    }
    let aside = (requests > 0).then(|| format!("the tables that end with {ending}"));
    Ok(Restored { summary: copied.summary, aside })
}
