//! Stores sealed requests: in SQLite by default, in PostgreSQL where several replicas share one store. One SQL for both.
//!
//! Nothing here can read a request. Every write is durable when its function returns.

mod backup;
mod change;
mod check;
mod connection;
mod copy;
mod error;
mod identity;
mod lock;
mod look;
mod mounts;
mod moving;
mod open;
mod opening;
mod outbox;
mod pooler;
mod purge;
mod restore;
mod schema;
mod state;
mod tokens;
mod write;

pub use change::{Change, Changed, Past, Revision, hash};
pub use copy::Summary;
pub use error::{PurgeError, StoreError};
pub use identity::MARKER;
pub use look::{Oldest, Presence};
pub use moving::relocate;
pub use open::FILE;
pub use outbox::Due;
pub use restore::{Restored, restore};
pub use tokens::{NewToken, TokenKind};
pub use write::{Added, NewRow, Write};

use super::Reference;
use connection::{ConnectionClass, Connections, with};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::AtomicU8;
use std::time::Duration;
use url::Url;

/// At most so many rows in one [`Store::add`]: each number of rows is a statement of its own, which the database keeps prepared.
pub const GROUP: usize = 64;

/// How long a visitor's page may wait for a lookup in the store.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Where requests are stored.
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

/// A sealed request as it is stored.
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
    /// The [`hash`] of its ciphertext: who changes it says with it what was seen.
    #[must_use]
    pub fn hash(&self) -> String {
        hash(&self.sealed)
    }

    /// Its position in its list.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place { reference: &self.reference, received_hour: self.received_hour, closed_day: self.closed_day }
    }

    fn from_row(row: &AnyRow) -> Result<Self, sqlx::Error> {
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
    /// Those that wait, the newest first.
    Waiting,
    /// Those that are closed, the one closed last first.
    Closed,
}

/// The position of a request in its list.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its name.
    pub reference: &'a str,
    /// When it came in: seconds since 1970, UTC, of the full hour.
    pub received_hour: i64,
    /// Days since 1970 of the day it was closed; nothing in the list of those that wait.
    pub closed_day: Option<i64>,
}

/// Where a list begins.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// Behind so many.
    Skip(u32),
    /// Behind this place, whatever has become of the request that stood there and of those before it.
    After(Place<'a>),
}

/// The store. It connects when it is first used, and again whenever it has to: an outage ends by itself.
pub struct Store {
    connections: Connections,
    /// How often it was probed: each probe writes something else.
    probes: AtomicU8,
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
        Ok(Self { connections: Connections::new(location, false)?, probes: AtomicU8::default() })
    }

    /// Whether the store can be read. Whether it can be written is another question: [`Store::probe`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.look("", 0).await?;
        Ok(())
    }

    /// Whether there is a request of this reference that came in since `earliest` (seconds since 1970, UTC, of a full hour).
    pub async fn has(&self, reference: &Reference, earliest: i64) -> Result<bool, StoreError> {
        self.look(reference.as_str(), earliest).await
    }

    async fn look(&self, reference: &str, earliest: i64) -> Result<bool, StoreError> {
        let sql = "SELECT reference FROM requests WHERE reference = $1 AND received_hour >= $2";
        let look = async {
            Ok(with!(self.connections, ConnectionClass::Others, connection => {
                sqlx::query(sql).bind(reference).bind(earliest).fetch_optional(connection).await
            }))
        };
        let found: Result<_, StoreError> =
            tokio::time::timeout(LOOKUP_TIMEOUT, look).await.map_err(|_| StoreError::late())?;
        Ok(found?.is_some())
    }

    /// The request of a reference.
    pub async fn get(&self, reference: &Reference) -> Result<Option<Row>, StoreError> {
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            change::find(connection, reference).await
        }))
    }

    /// At most `limit` requests: the first of them.
    pub async fn list(&self, wanted: Wanted, limit: u16) -> Result<Vec<Row>, StoreError> {
        self.list_from(wanted, Start::Skip(0), limit).await
    }

    /// At most `limit` requests, from a place in their order on.
    pub async fn list_from(&self, wanted: Wanted, start: Start<'_>, limit: u16) -> Result<Vec<Row>, StoreError> {
        let after = matches!(start, Start::After(_));
        let (state, before) = match wanted {
            Wanted::Waiting => ("closed_day IS NULL", "(received_hour, reference) < ($2, $3)"),
            Wanted::Closed => ("closed_day IS NOT NULL", "(closed_day, received_hour, reference) < ($4, $2, $3)"),
        };
        let (and, before, offset) = if after { (" AND ", before, "") } else { ("", "", " OFFSET $2") };
        // The order of the index, also where all are alike in its first column: PostgreSQL reads it from its end.
        let sql = format!(
            "SELECT reference, received_hour, language, closed_day, keys, sealed FROM requests WHERE {state}{and}{before} \
             ORDER BY closed_day DESC, received_hour DESC, reference DESC LIMIT $1{offset}"
        );
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(i64::from(limit));
            let query = match start {
                Start::Skip(count) => query.bind(i64::from(count)),
                Start::After(place) => {
                    let query = query.bind(place.received_hour).bind(place.reference);
                    if wanted == Wanted::Closed { query.bind(place.closed_day) } else { query }
                }
            };
            let rows = query.fetch_all(connection).await?;
            rows.iter().map(Row::from_row).collect::<Result<_, _>>()
        }))
    }

    /// How many requests there are.
    pub async fn count(&self, wanted: Wanted) -> Result<i64, StoreError> {
        let sql = match wanted {
            Wanted::Waiting => "SELECT COUNT(*) FROM requests WHERE closed_day IS NULL",
            Wanted::Closed => "SELECT COUNT(*) FROM requests WHERE closed_day IS NOT NULL",
        };
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            sqlx::query(sql).fetch_one(connection).await?.try_get(0)
        }))
    }

    /// What was replaced or deleted would stay in SQLite's write-ahead log until that is used again. Another process may be reading: then the
    /// log is emptied by the next call.
    async fn empty_the_log(&self) -> Result<(), StoreError> {
        if self.connections.are_sqlite() {
            with!(self.connections, ConnectionClass::Others, connection => {
                sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(connection).await
            });
        }
        Ok(())
    }

    /// The last day, in days since 1970, on which a server with a plausible clock used the store; and the newest day of any request.
    pub async fn days(&self) -> Result<(Option<i64>, Option<i64>), StoreError> {
        let sql = "SELECT MAX(received_hour) FROM requests";
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            let newest: Option<i64> = sqlx::query(sql).fetch_one(&mut *connection).await?.try_get(0)?;
            Ok((state::number(connection, state::SEEN_DAY).await?, newest.map(|hour| hour.div_euclid(24 * 3600))))
        }))
    }

    /// Remembers a day, in days since 1970, on which the store is used.
    pub async fn see(&self, day: i64) -> Result<(), StoreError> {
        let day = day.to_string();
        with!(self.connections, ConnectionClass::Others, connection => {
            state::set(connection, state::SEEN_DAY, &day).await
        });
        Ok(())
    }

    /// Closes the connections for good, as the process ends: SQLite's log is emptied, so that its one file is whole.
    pub async fn end(&self) {
        self.connections.end().await;
    }

    /// Closes the connections. A store that is used again connects again.
    pub async fn close(&self) {
        self.connections.close().await;
    }
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
