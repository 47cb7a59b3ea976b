//! The outbox: the requests of which staff have yet to be notified. A row outlives a crash, and goes when its message was taken.

use super::connection::{ConnectionClass, with};
use super::{Reference, Store, StoreError};
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

/// A message that is to be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The request it is about.
    pub reference: String,
    /// How often it was tried before.
    pub attempts: i64,
    next_try: i64,
}

/// Puts requests into the outbox.
pub(super) async fn put(connection: &mut AnyConnection, references: &[&Reference]) -> Result<(), sqlx::Error> {
    if references.is_empty() {
        return Ok(());
    }
    let rows: Vec<String> = (1..=references.len()).map(|at| format!("(${at}, 0, 0)")).collect();
    let sql =
        format!("INSERT INTO outbox (reference, attempts, next_try) VALUES {} ON CONFLICT DO NOTHING", rows.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for reference in references {
        query = query.bind(reference.as_str());
    }
    query.execute(connection).await?;
    Ok(())
}

/// Changes nothing, at the cost of a change.
pub(super) async fn touch(connection: &mut AnyConnection, reference: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE outbox SET attempts = attempts WHERE reference = $1")
        .bind(reference)
        .execute(connection)
        .await?;
    Ok(())
}

impl Store {
    /// The message that has been due longest at `now` (seconds since 1970).
    pub async fn due(&self, now: i64) -> Result<Option<Due>, StoreError> {
        let sql = "SELECT reference, attempts, next_try FROM outbox WHERE next_try <= $1 ORDER BY next_try, reference LIMIT 1";
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            let row = sqlx::query(sql).bind(now).fetch_optional(connection).await?;
            let due = row.map(|row| {
                Ok(Due { reference: row.try_get(0)?, attempts: row.try_get(1)?, next_try: row.try_get(2)? })
            });
            due.transpose()
        }))
    }

    /// Takes a message for one attempt: nobody else gets it before `next_try`. Returns whether it was still there to take.
    pub async fn claim(&self, due: &Due, next_try: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET attempts = attempts + 1, next_try = $1 WHERE reference = $2 AND next_try = $3 AND attempts = $4";
        // If the answer gets lost, the second try changes nothing, and the message waits for its next time.
        let claimed = with!(self.connections, ConnectionClass::Others, connection => {
            let query = sqlx::query(sql).bind(next_try).bind(due.reference.as_str()).bind(due.next_try);
            query.bind(due.attempts).execute(connection).await
        });
        Ok(claimed.rows_affected() == 1)
    }

    /// Takes a message out: it was sent, or is not to be sent any more.
    pub async fn mark_sent(&self, reference: &str) -> Result<(), StoreError> {
        with!(self.connections, ConnectionClass::Others, connection => {
            sqlx::query("DELETE FROM outbox WHERE reference = $1").bind(reference).execute(connection).await
        });
        Ok(())
    }

    /// How many messages wait.
    pub async fn unsent(&self) -> Result<i64, StoreError> {
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            sqlx::query("SELECT COUNT(*) FROM outbox").fetch_one(connection).await?.try_get(0)
        }))
    }
}
