//! What `doctor` and the metrics want to know of a store, without changing it.

use super::connection::{ConnectionClass, with};
use super::error::Cause;
use super::open::cannot_write;
use super::{FILE, Location, MARKER, Store, StoreError, schema};
use sqlx::{Connection, Row as _};

/// What is at the place of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// No store: the server makes a new one.
    None,
    /// A store of another version of the program: the server brings it up to date.
    OtherVersion,
    /// A store as this program uses it.
    Here,
}

/// How long the oldest have waited, each by the full hour in which its request came in: seconds since 1970, UTC. `None`: none waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oldest {
    /// The request that staff have not closed.
    pub request: Option<i64>,
    /// The request that a message to staff waits for.
    pub mail: Option<i64>,
}

impl Store {
    /// What is at this place. Nothing is made, and no table is changed.
    ///
    /// # Errors
    /// It can't be found out: the database doesn't answer, the folder can't be written, or the store that was here is gone.
    pub async fn presence(&self) -> Result<Presence, StoreError> {
        let connections = &self.connections;
        if let Location::Folder(folder) = connections.location()
            && !folder.join(FILE).exists()
            && !folder.join(MARKER).exists()
        {
            // A folder that isn't there is made in the one above it.
            let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
            let error = whole.ancestors().find(|above| above.is_dir()).and_then(cannot_write);
            return error.map_or(Ok(Presence::None), |error| Err(Cause::File(folder.clone(), error).into()));
        }
        let mut connection = connections.connect().await?;
        let version = async {
            if !schema::is_there(&mut connection, connections.are_sqlite()).await? {
                return Ok(Presence::None);
            }
            let newest = schema::is_newest(&mut connection, connections.are_sqlite()).await?;
            Ok(if newest { Presence::Here } else { Presence::OtherVersion })
        };
        let version = version.await.map_err(|error| connections.failed(error));
        // What it found counts, however it ends.
        let _ = connection.close().await;
        version
    }

    /// Takes back what [`Store::probe`] wrote.
    pub async fn clear_probe(&self) -> Result<(), StoreError> {
        with!(self.connections, ConnectionClass::Requests, connection => {
            sqlx::query("UPDATE store SET probe = '' WHERE one = 1").execute(connection).await
        });
        Ok(())
    }

    /// When the newest request came in: seconds since 1970, UTC, of its full hour.
    pub async fn newest(&self) -> Result<Option<i64>, StoreError> {
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            sqlx::query("SELECT MAX(received_hour) FROM requests").fetch_one(connection).await?.try_get(0)
        }))
    }

    /// How long the oldest have waited.
    pub async fn oldest(&self) -> Result<Oldest, StoreError> {
        let sql = "SELECT (SELECT MIN(received_hour) FROM requests WHERE closed_day IS NULL), (SELECT MIN(received_hour) FROM requests \
             WHERE reference IN (SELECT reference FROM outbox UNION SELECT reference FROM mails))";
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            let row = sqlx::query(sql).fetch_one(connection).await?;
            Ok(Oldest { request: row.try_get(0)?, mail: row.try_get(1)? })
        }))
    }
}
