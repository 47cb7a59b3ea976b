//! Keeps sealed requests: in SQLite by default, in PostgreSQL where several replicas share one store. One SQL for both.
//!
//! Nothing here can read a request. Every write is durable when its function returns.

mod connection;
mod outbox;

pub use outbox::Due;

use super::Reference;
pub use connection::FILE;
use connection::{Connections, Lane, with};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row as _};
use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// The most rows of one [`Store::add`]: each number of rows is a statement of its own, which the database keeps prepared.
pub const GROUP: usize = 64;

/// How long a visitor's page may wait for a look into the store.
const LOOK: Duration = Duration::from_secs(5);

/// How many requests are deleted at once, so that others get their turn between.
const PURGED_AT_ONCE: i64 = 100;

/// Where requests are kept.
#[derive(Clone)]
pub enum Location {
    /// In a SQLite file in this folder, which is made if it isn't there.
    Folder(PathBuf),
    /// In PostgreSQL. The address may hold a password, so it is never printed.
    PostgreSql(Url),
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => f.debug_tuple("Folder").field(folder).finish(),
            Self::PostgreSql(_) => f.write_str("PostgreSql(…)"),
        }
    }
}

/// Why the store can't be used now. The cause is for the log; it holds nothing that a visitor typed.
#[derive(Debug)]
pub struct StoreError(Cause);

#[derive(Debug)]
enum Cause {
    Folder(PathBuf, std::io::Error),
    Database(Box<sqlx::Error>),
    Migration(Box<sqlx::migrate::MigrateError>),
    Moved(PathBuf),
    TooMany,
    Late,
}

impl StoreError {
    /// The store didn't answer in time.
    #[must_use]
    pub const fn late() -> Self {
        Self(Cause::Late)
    }

    /// Another process held the lock for longer than we wait: trying again at once would only wait as long again.
    fn is_locked(&self) -> bool {
        let Cause::Database(error) = &self.0 else { return false };
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        // SQLITE_BUSY in the low byte of SQLite's code; lock_not_available in PostgreSQL's words.
        code.is_some_and(|code| code == "55P03" || code.parse().is_ok_and(|code: u32| code & 0xff == 5))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Folder(path, error) => write!(f, "{}: {error}", path.display()),
            Cause::Database(error) => write!(f, "the database: {error}"),
            Cause::Migration(error) => write!(f, "the database's tables: {error}"),
            Cause::Moved(path) => write!(f, "{}: was deleted or replaced while it was in use", path.display()),
            Cause::TooMany => write!(f, "more than {GROUP} requests at once"),
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
pub struct Store {
    connections: Connections,
}

/// What it is connected to may hold a password.
impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store(…)")
    }
}

impl Store {
    /// A store at a place. Nothing is opened yet.
    ///
    /// # Errors
    /// The address isn't one of a database.
    pub fn new(location: Location) -> Result<Self, StoreError> {
        Ok(Self { connections: Connections::new(location)? })
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.look("SELECT reference FROM requests WHERE reference = $1", "").await?;
        Ok(())
    }

    /// Keeps some sealed requests, at most [`GROUP`]: all or none. With `tell`, the outbox gets a row for each. The same row twice is kept once.
    ///
    /// # Errors
    /// The store can't be used; nothing is kept, or, where the answer got lost, it is the same as if the row were added again.
    pub async fn add<R: Borrow<NewRow> + Sync>(&self, rows: &[R], tell: bool) -> Result<Vec<Added>, StoreError> {
        match rows.len() {
            0 => return Ok(Vec::new()),
            1..=GROUP => {}
            _ => return Err(StoreError(Cause::TooMany)),
        }
        let rows: Vec<&NewRow> = rows.iter().map(Borrow::borrow).collect();
        let begin = self.connections.begin();
        Ok(with!(self.connections, Lane::Requests, connection => {
            if tell {
                let mut transaction = connection.begin_with(begin).await?;
                let added = insert(&mut transaction, &rows).await?;
                let new = rows.iter().zip(&added).filter(|(_, added)| **added == Added::Now);
                let references: Vec<&Reference> = new.map(|(row, _)| &row.reference).collect();
                outbox::put(&mut transaction, &references).await?;
                transaction.commit().await?;
                Ok(added)
            } else {
                // One statement is a transaction by itself: two trips to the database fewer.
                insert(connection, &rows).await
            }
        }))
    }

    /// Whether there is a request of this reference.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn has(&self, reference: &Reference) -> Result<bool, StoreError> {
        self.look("SELECT reference FROM requests WHERE reference = $1", reference.as_str()).await
    }

    async fn look(&self, sql: &'static str, reference: &str) -> Result<bool, StoreError> {
        let look = async {
            Ok(with!(self.connections, Lane::Others, connection => {
                sqlx::query(sql).bind(reference).fetch_optional(connection).await
            }))
        };
        let found: Result<_, StoreError> = tokio::time::timeout(LOOK, look).await.map_err(|_| StoreError::late())?;
        Ok(found?.is_some())
    }

    /// The request of a reference.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn get(&self, reference: &Reference) -> Result<Option<Row>, StoreError> {
        let sql =
            "SELECT reference, received_hour, language, closed_day, keys, sealed FROM requests WHERE reference = $1";
        Ok(with!(self.connections, Lane::Others, connection => {
            let found = sqlx::query(sql).bind(reference.as_str()).fetch_optional(connection).await?;
            found.as_ref().map(Row::of).transpose()
        }))
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
        Ok(with!(self.connections, Lane::Others, connection => {
            let rows = sqlx::query(sql).bind(i64::from(most)).fetch_all(connection).await?;
            rows.iter().map(Row::of).collect::<Result<_, _>>()
        }))
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
        Ok(with!(self.connections, Lane::Others, connection => {
            sqlx::query(sql).fetch_one(connection).await?.try_get(0)
        }))
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
        let changed = with!(self.connections, Lane::Others, connection => {
            sqlx::query(sql).bind(day).bind(sealed).bind(reference.as_str()).execute(connection).await
        });
        self.forget_the_log().await;
        Ok(changed.rows_affected() == 1)
    }

    /// Deletes requests that were closed before a day (days since 1970), and tells how many.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn purge(&self, before: i64) -> Result<u64, StoreError> {
        let sql = "DELETE FROM requests WHERE reference IN \
             (SELECT reference FROM requests WHERE closed_day < $1 ORDER BY reference LIMIT $2)";
        let mut purged = 0;
        loop {
            let deleted = with!(self.connections, Lane::Others, connection => {
                sqlx::query(sql).bind(before).bind(PURGED_AT_ONCE).execute(connection).await
            });
            if deleted.rows_affected() == 0 {
                break;
            }
            purged += deleted.rows_affected();
        }
        self.forget_the_log().await;
        Ok(purged)
    }

    /// What was replaced or deleted would stay in SQLite's write-ahead log until that is used again. Another process may be reading: then the
    /// log is emptied by the next call. What was to be done is done, so a failure here is only told to the log.
    async fn forget_the_log(&self) {
        if self.connections.are_sqlite()
            && let Err(error) = self.empty_the_log().await
        {
            tracing::warn!(%error, "the database's log could not be emptied");
        }
    }

    async fn empty_the_log(&self) -> Result<(), StoreError> {
        with!(self.connections, Lane::Others, connection => {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(connection).await
        });
        Ok(())
    }

    /// Closes the connections. A store that is used again connects again.
    pub async fn close(&self) {
        self.connections.close().await;
    }
}

/// Adds rows in one statement, and tells what became of each.
async fn insert(connection: &mut AnyConnection, rows: &[&NewRow]) -> Result<Vec<Added>, sqlx::Error> {
    let mut query = sqlx::query(AssertSqlSafe(insert_sql(rows.len())));
    for row in rows {
        query = query
            .bind(row.reference.as_str())
            .bind(row.received_hour)
            .bind(row.language)
            .bind(row.keys.as_str())
            .bind(row.sealed.as_str());
    }
    // Read to its end: PostgreSQL tells what it inserted before it commits.
    let mut new: HashSet<String> = HashSet::with_capacity(rows.len());
    for row in query.fetch_all(&mut *connection).await? {
        new.insert(row.try_get(0)?);
    }
    let mut added = Vec::with_capacity(rows.len());
    for row in rows {
        // Of two rows with one reference, the first was inserted.
        let outcome =
            if new.remove(row.reference.as_str()) { Added::Now } else { what_is_there(connection, row).await? };
        added.push(outcome);
    }
    Ok(added)
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

#[cfg(test)]
mod tests {
    use super::{Location, Store};

    #[tokio::test]
    async fn a_password_is_not_printed_for_debugging() {
        let location = Location::PostgreSql("postgres://clinic@127.0.0.1/clinic?password=sesame".parse().unwrap());
        let text = format!("{location:?} {:?}", Store::new(location.clone()).unwrap());
        assert!(!text.contains("sesame"), "{text}");
    }
}
