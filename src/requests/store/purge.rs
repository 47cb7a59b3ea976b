//! Deleting what has been closed for long enough, with everything that is remembered of it.

use super::connection::{ConnectionClass, with};
use super::{PurgeError, Store, StoreError};
use sqlx::{Connection, Row as _};

/// How many requests are deleted at once, so that others get their turn between.
const BATCH: i64 = 100;

/// A day on which a request can have been closed: not before it came in. What was closed by a clock that was wrong, or by somebody who wrote into
/// the database, stays until staff have looked at it.
const PLAUSIBLE: &str = "closed_day >= received_hour / 86400";

impl Store {
    /// Deletes requests that were closed before a day (days since 1970) and not before they came in, with what was changed of them, and returns how
    /// many.
    ///
    /// # Errors
    /// The store can't be used, or SQLite's log can't be emptied. Some may be deleted all the same: the error holds how many.
    pub async fn purge(&self, before: i64) -> Result<u64, PurgeError> {
        let mut deleted = 0;
        loop {
            match self.purge_batch(before).await {
                Ok(0) => break,
                Ok(more) => deleted += more,
                Err(error) => return Err(PurgeError::Interrupted { deleted, error }),
            }
        }
        self.empty_the_log().await.map_err(|error| PurgeError::Log { deleted, error })?;
        Ok(deleted)
    }

    async fn purge_batch(&self, before: i64) -> Result<u64, StoreError> {
        let begin = self.connections.begin();
        let sql = format!(
            "DELETE FROM requests WHERE reference IN \
             (SELECT reference FROM requests WHERE closed_day < $1 AND {PLAUSIBLE} ORDER BY reference LIMIT $2)"
        );
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            let mut transaction = connection.begin_with(begin).await?;
            let query = sqlx::query(sqlx::AssertSqlSafe(sql.clone())).bind(before).bind(BATCH);
            let deleted = query.execute(&mut *transaction).await?.rows_affected();
            // Those, too, whose request a program deleted that doesn't know of changes.
            let orphans = "DELETE FROM changes WHERE reference NOT IN (SELECT reference FROM requests)";
            sqlx::query(orphans).execute(&mut *transaction).await?;
            transaction.commit().await?;
            Ok(deleted)
        }))
    }

    /// How many requests are never deleted, because they can't have been closed on the day that is stored: before they came in, or after `today`
    /// (days since 1970).
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn implausible(&self, today: i64) -> Result<i64, StoreError> {
        let sql = format!("SELECT COUNT(*) FROM requests WHERE closed_day > $1 OR NOT {PLAUSIBLE}");
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            sqlx::query(sqlx::AssertSqlSafe(sql.clone())).bind(today).fetch_one(connection).await?.try_get(0)
        }))
    }
}
