//! Keeps sealed requests: in SQLite by default, in PostgreSQL where several replicas share one store. One SQL for both.
//!
//! Nothing here can read a request. Every write is durable when its function returns.

mod outbox;

pub use outbox::Due;

use super::Reference;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyRow, install_default_drivers};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor, Row as _, SqlSafeStr};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::OnceCell;
use url::Url;

/// The most rows of one [`Store::add`]: each number of rows is a statement of its own, which the database keeps prepared.
pub const GROUP: usize = 64;

/// How long to wait for a connection to the database, or for another process to give SQLite's lock back.
const PATIENCE: Duration = Duration::from_secs(4);

/// The name of the SQLite file in the data folder.
pub const FILE: &str = "requests.db";

/// What every SQLite connection is told. `auto_vacuum` comes first: it holds only for a database without pages.
const PRAGMAS: &str = "PRAGMA auto_vacuum = FULL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA secure_delete = ON; PRAGMA busy_timeout = 4000;";

/// Where requests are kept.
#[derive(Clone, Debug)]
pub enum Location {
    /// In a SQLite file in this folder, which is made if it isn't there.
    Folder(PathBuf),
    /// In PostgreSQL. The address may hold a password, so it is never printed.
    PostgreSql(Url),
}

/// Why the store can't be used now. The cause is for the log; it holds nothing that a visitor typed.
#[derive(Debug)]
pub struct StoreError(Cause);

#[derive(Debug)]
enum Cause {
    Folder(PathBuf, std::io::Error),
    Database(Box<sqlx::Error>),
    Migration(Box<sqlx::migrate::MigrateError>),
    Late,
}

impl StoreError {
    /// The store didn't answer in time.
    #[must_use]
    pub(super) const fn late() -> Self {
        Self(Cause::Late)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Folder(path, error) => write!(f, "{}: {error}", path.display()),
            Cause::Database(error) => write!(f, "the database: {error}"),
            Cause::Migration(error) => write!(f, "the database's tables: {error}"),
            Cause::Late => f.write_str("the database doesn't answer"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self(Cause::Database(Box::new(error)))
    }
}

/// A sealed request that is to be kept.
#[derive(Clone, Debug)]
pub struct NewRow {
    /// Its name.
    pub reference: Reference,
    /// When it came in: seconds since 1970, UTC, of the full hour.
    pub received_hour: i64,
    /// The tag of the language of its page.
    pub language: &'static str,
    /// The fingerprints of the keys that open it.
    pub keys: String,
    /// The ciphertext.
    pub sealed: String,
}

/// What became of a row that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is kept.
    Now,
    /// It was kept already, the very same: an answer got lost before.
    Before,
    /// Another request has this reference.
    Taken,
}

/// A sealed request as it is kept.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub reference: String,
    /// When it came in: seconds since 1970, UTC, of the full hour.
    pub received_hour: i64,
    /// The tag of the language of its page.
    pub language: String,
    /// Days since 1970 of the day it was closed; `None`: it waits.
    pub closed_day: Option<i64>,
    /// The fingerprints of the keys that open it.
    pub keys: String,
    /// The ciphertext.
    pub sealed: String,
}

impl Row {
    fn of(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            reference: row.try_get(0)?,
            received_hour: row.try_get(1)?,
            language: row.try_get(2)?,
            closed_day: row.try_get(3)?,
            keys: row.try_get(4)?,
            sealed: row.try_get(5)?,
        })
    }
}

/// Which requests are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those that wait, the oldest first.
    Waiting,
    /// Those that are closed, the one closed last first.
    Closed,
}

/// The store. It connects when it is first used, and again whenever it has to: an outage ends by itself.
#[derive(Debug)]
pub struct Store {
    pool: AnyPool,
    location: Location,
    /// The tables are there.
    ready: OnceCell<()>,
}

impl Store {
    /// A store at a place. Nothing is opened yet.
    ///
    /// # Errors
    /// The address isn't one of a database.
    pub fn new(location: Location) -> Result<Self, StoreError> {
        install_default_drivers();
        let (url, sqlite) = match &location {
            Location::Folder(folder) => (sqlite_url(&folder.join(FILE)), true),
            Location::PostgreSql(url) => (url.to_string(), false),
        };
        let options: AnyConnectOptions = url.parse()?;
        let pool = AnyPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(PATIENCE)
            .idle_timeout(Duration::from_secs(60))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if sqlite {
                        connection.execute(PRAGMAS).await?;
                    }
                    Ok(())
                })
            })
            .connect_lazy_with(options);
        Ok(Self { pool, location, ready: OnceCell::new() })
    }

    fn is_sqlite(&self) -> bool {
        matches!(self.location, Location::Folder(_))
    }

    /// The pool, once the folder and the tables are there.
    async fn pool(&self) -> Result<&AnyPool, StoreError> {
        self.ready
            .get_or_try_init(|| async {
                if let Location::Folder(folder) = &self.location {
                    prepare(folder).map_err(|error| StoreError(Cause::Folder(folder.clone(), error)))?;
                }
                migrator().run(&self.pool).await.map_err(|error| StoreError(Cause::Migration(Box::new(error))))
            })
            .await?;
        Ok(&self.pool)
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(self.pool().await?).await?;
        Ok(())
    }

    /// Keeps some sealed requests, at most [`GROUP`]: all or none. With `tell`, the outbox gets a row for each. The same row twice is kept once.
    ///
    /// # Errors
    /// The store can't be used; nothing is kept, or, where the answer got lost, it is the same as if the row were added again.
    pub async fn add(&self, rows: &[NewRow], tell: bool) -> Result<Vec<Added>, StoreError> {
        let mut connection = self.pool().await?.acquire().await?;
        // SQLite: a transaction that begins to read and then writes fails at once when another process writes meanwhile.
        let begin = if self.is_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN" };
        let mut transaction = connection.begin_with(begin).await?;
        let insert = AssertSqlSafe(insert_sql(rows.len()));
        let mut query = sqlx::query(insert);
        for row in rows {
            query = query
                .bind(row.reference.as_str())
                .bind(row.received_hour)
                .bind(row.language)
                .bind(row.keys.as_str())
                .bind(row.sealed.as_str());
        }
        let mut outcomes: HashMap<String, Added> = HashMap::with_capacity(rows.len());
        for row in query.fetch_all(&mut *transaction).await? {
            outcomes.insert(row.try_get(0)?, Added::Now);
        }
        let mut added = Vec::with_capacity(rows.len());
        for row in rows {
            let outcome = match outcomes.get(row.reference.as_str()) {
                Some(outcome) => *outcome,
                None => what_is_there(&mut transaction, row).await?,
            };
            if tell && outcome == Added::Now {
                outbox::put(&mut transaction, &row.reference).await?;
            }
            added.push(outcome);
        }
        transaction.commit().await?;
        Ok(added)
    }

    /// Whether there is a request of this reference.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn has(&self, reference: &Reference) -> Result<bool, StoreError> {
        let found = sqlx::query("SELECT reference FROM requests WHERE reference = $1")
            .bind(reference.as_str())
            .fetch_optional(self.pool().await?)
            .await?;
        Ok(found.is_some())
    }

    /// The request of a reference.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn get(&self, reference: &Reference) -> Result<Option<Row>, StoreError> {
        let found = sqlx::query(
            "SELECT reference, received_hour, language, closed_day, keys, sealed FROM requests WHERE reference = $1",
        )
        .bind(reference.as_str())
        .fetch_optional(self.pool().await?)
        .await?;
        Ok(found.as_ref().map(Row::of).transpose()?)
    }

    /// At most `most` requests.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn list(&self, wanted: Wanted, most: u16) -> Result<Vec<Row>, StoreError> {
        let sql = match wanted {
            Wanted::Waiting => {
                "SELECT reference, received_hour, language, closed_day, keys, sealed FROM requests \
                 WHERE closed_day IS NULL ORDER BY received_hour, reference LIMIT $1"
            }
            Wanted::Closed => {
                "SELECT reference, received_hour, language, closed_day, keys, sealed FROM requests \
                 WHERE closed_day IS NOT NULL ORDER BY closed_day DESC, received_hour DESC, reference LIMIT $1"
            }
        };
        let rows = sqlx::query(sql).bind(i64::from(most)).fetch_all(self.pool().await?).await?;
        Ok(rows.iter().map(Row::of).collect::<Result<_, _>>()?)
    }

    /// How many requests there are.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn count(&self, wanted: Wanted) -> Result<i64, StoreError> {
        let sql = match wanted {
            Wanted::Waiting => "SELECT COUNT(*) FROM requests WHERE closed_day IS NULL",
            Wanted::Closed => "SELECT COUNT(*) FROM requests WHERE closed_day IS NOT NULL",
        };
        Ok(sqlx::query(sql).fetch_one(self.pool().await?).await?.try_get(0)?)
    }

    /// Closes a request, or opens it again with `None`: the ciphertext is replaced by one that says what came of it. Tells whether there was
    /// such a request in the other state.
    ///
    /// # Errors
    /// The store can't be used; nothing is changed.
    pub async fn set_closed(&self, reference: &Reference, day: Option<i64>, sealed: &str) -> Result<bool, StoreError> {
        let sql = match day {
            Some(_) => "UPDATE requests SET closed_day = $1, sealed = $2 WHERE reference = $3 AND closed_day IS NULL",
            None => "UPDATE requests SET closed_day = $1, sealed = $2 WHERE reference = $3 AND closed_day IS NOT NULL",
        };
        let pool = self.pool().await?;
        let done = sqlx::query(sql).bind(day).bind(sealed).bind(reference.as_str()).execute(pool).await?;
        self.forget_the_log(pool).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Deletes requests that were closed before a day (days since 1970), and tells how many.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn purge(&self, before: i64) -> Result<u64, StoreError> {
        let pool = self.pool().await?;
        let done = sqlx::query("DELETE FROM requests WHERE closed_day < $1").bind(before).execute(pool).await?;
        self.forget_the_log(pool).await?;
        Ok(done.rows_affected())
    }

    /// What was replaced or deleted would stay in SQLite's write-ahead log until that is used again. Another process may be reading: then the
    /// log is emptied by the next call.
    async fn forget_the_log(&self, pool: &AnyPool) -> Result<(), StoreError> {
        if self.is_sqlite() {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(pool).await?;
        }
        Ok(())
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Why a row was not inserted: it is there already, or another one has its reference.
async fn what_is_there(connection: &mut AnyConnection, row: &NewRow) -> Result<Added, sqlx::Error> {
    let found = sqlx::query("SELECT sealed FROM requests WHERE reference = $1")
        .bind(row.reference.as_str())
        .fetch_one(connection)
        .await?;
    let sealed: String = found.try_get(0)?;
    Ok(if sealed == row.sealed { Added::Before } else { Added::Taken })
}

/// The statement that adds so many rows.
fn insert_sql(rows: usize) -> String {
    use std::fmt::Write as _;
    let mut sql = String::from("INSERT INTO requests (reference, received_hour, language, keys, sealed) VALUES ");
    for row in 0..rows {
        let comma = if row == 0 { "" } else { ", " };
        let at = row * 5;
        // Writing to a string doesn't fail.
        let _ = write!(sql, "{comma}(${}, ${}, ${}, ${}, ${})", at + 1, at + 2, at + 3, at + 4, at + 5);
    }
    sql.push_str(" ON CONFLICT DO NOTHING RETURNING reference");
    sql
}

/// The folder and the file, for the owner alone: SQLite gives its log the rights of the file.
fn prepare(folder: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join(FILE))?;
    Ok(())
}

fn sqlite_url(file: &Path) -> String {
    // A path may hold what a URL has another use for.
    let path = file.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("sqlite://{path}?mode=rw")
}

/// Brings the tables to the newest state. Applied migrations are never changed: the database remembers their hashes.
fn migrator() -> Migrator {
    let sql = include_str!("../../migrations/0001_requests.sql");
    let first = Migration::new(1, Cow::Borrowed("requests"), MigrationType::Simple, sql.into_sql_str(), false);
    Migrator::with_migrations(vec![first])
}
