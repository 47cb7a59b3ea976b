//! The outbox: which requests staff have yet to be told of. A row outlives a crash, and goes when its message was taken.

use super::{Reference, Store, StoreError};
use sqlx::{AnyConnection, Row as _};

/// A message that is to be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The request it is about.
    pub reference: String,
    /// How often it was tried before.
    pub attempts: i64,
    next_try: i64,
}

/// Puts a request into the outbox.
pub(super) async fn put(connection: &mut AnyConnection, reference: &Reference) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO outbox (reference, attempts, next_try) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING")
        .bind(reference.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

impl Store {
    /// The message that has been due longest at `now` (seconds since 1970).
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn due(&self, now: i64) -> Result<Option<Due>, StoreError> {
        let sql = "SELECT reference, attempts, next_try FROM outbox WHERE next_try <= $1 ORDER BY next_try, reference LIMIT 1";
        let row = sqlx::query(sql).bind(now).fetch_optional(self.pool().await?).await?;
        let due = row.map(|row| {
            Ok::<_, sqlx::Error>(Due {
                reference: row.try_get(0)?,
                attempts: row.try_get(1)?,
                next_try: row.try_get(2)?,
            })
        });
        Ok(due.transpose()?)
    }

    /// Takes a message for one attempt: nobody else gets it before `next_try`. Tells whether it was still there to take.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn claim(&self, due: &Due, next_try: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET attempts = attempts + 1, next_try = $1 WHERE reference = $2 AND next_try = $3 AND attempts = $4";
        let claimed = sqlx::query(sql)
            .bind(next_try)
            .bind(due.reference.as_str())
            .bind(due.next_try)
            .bind(due.attempts)
            .execute(self.pool().await?)
            .await?;
        Ok(claimed.rows_affected() == 1)
    }

    /// Takes a message out: it was sent, or is not to be sent any more.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn told(&self, reference: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM outbox WHERE reference = $1").bind(reference).execute(self.pool().await?).await?;
        Ok(())
    }

    /// How many messages wait.
    ///
    /// # Errors
    /// The store can't be used.
    pub async fn untold(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query("SELECT COUNT(*) FROM outbox").fetch_one(self.pool().await?).await?.try_get(0)?)
    }
}
