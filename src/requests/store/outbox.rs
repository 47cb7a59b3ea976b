//! The outbox: the requests of which staff have yet to be notified. A row outlives a crash, and goes when its message was taken.
//!
//! A request is put into `outbox` by the transaction that stores it. [`Store::address`] then turns its row into one of `mails` for each recipient.

use super::connection::{ConnectionClass, with};
use super::{Reference, Store, StoreError};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row as _};

/// At most so many requests in one message.
const MESSAGE: i64 = 100;

/// What nobody else sends at `$1`. Programs before migration 0003 put a row off when they took it, by a minute that doubled each time, up to six
/// hours; they send it within the first minute.
const UNCLAIMED: &str = "outbox WHERE next_try <= $1 + \
     CASE WHEN attempts > 9 THEN 21540 WHEN attempts > 1 THEN (60 << CAST(attempts - 1 AS INTEGER)) - 60 ELSE 0 END";

/// A request that somebody is to be notified of now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// The request.
    pub reference: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
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

/// `$from, $from+1, …`
fn parameters(from: usize, count: usize) -> String {
    (from..from + count).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ")
}

fn reference(row: &AnyRow) -> Result<String, sqlx::Error> {
    row.try_get(0)
}

impl Store {
    /// Gives each request in the outbox a row for each recipient; also one that waits for an address that is no recipient any more. What somebody
    /// else sends at `now` (seconds since 1970) is left alone. Returns the recipients who are to be notified of something now.
    pub async fn address(&self, recipients: &[String], now: i64) -> Result<Vec<String>, StoreError> {
        let strangers =
            format!("mails WHERE next_try <= $1 AND recipient NOT IN ({})", parameters(2, recipients.len()));
        let begin = self.connections.begin();
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            let count = AssertSqlSafe(format!("SELECT (SELECT COUNT(*) FROM {UNCLAIMED}) + (SELECT COUNT(*) FROM {strangers})"));
            let mut query = sqlx::query(count).bind(now);
            for recipient in recipients {
                query = query.bind(recipient.as_str());
            }
            // Nearly always there is nothing to do: that needs no lock.
            let there: i64 = query.fetch_one(&mut *connection).await?.try_get(0)?;
            if there > 0 {
                let mut transaction = connection.begin_with(begin).await?;
                // Deleted first: of two programs that come here at once, one gets a row.
                let taken = sqlx::query(AssertSqlSafe(format!("DELETE FROM {UNCLAIMED} RETURNING reference"))).bind(now);
                let mut rows = taken.fetch_all(&mut *transaction).await?;
                let mut taken = sqlx::query(AssertSqlSafe(format!("DELETE FROM {strangers} RETURNING reference"))).bind(now);
                for recipient in recipients {
                    taken = taken.bind(recipient.as_str());
                }
                rows.extend(taken.fetch_all(&mut *transaction).await?);
                for row in &rows {
                    let reference = reference(row)?;
                    for recipient in recipients {
                        let sql = "INSERT INTO mails (recipient, reference, attempts, next_try) VALUES ($1, $2, 0, 0) ON CONFLICT DO NOTHING";
                        let query = sqlx::query(sql).bind(recipient.as_str()).bind(reference.as_str());
                        query.execute(&mut *transaction).await?;
                    }
                }
                transaction.commit().await?;
            }
            let due = sqlx::query("SELECT DISTINCT recipient FROM mails WHERE next_try <= $1").bind(now);
            let rows = due.fetch_all(connection).await?;
            rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()
        }))
    }

    /// Takes the requests that a recipient is to be notified of at `now`, those that wait longest first, at most a hundred: nobody else gets them before
    /// `until`. Staff may have found some by themselves: only those that still wait are given.
    pub async fn claim(&self, recipient: &str, now: i64, until: i64) -> Result<Vec<Due>, StoreError> {
        let claim = "UPDATE mails SET attempts = attempts + 1, next_try = $1 WHERE recipient = $2 AND next_try <= $3 AND reference IN \
             (SELECT reference FROM mails WHERE recipient = $4 AND next_try <= $5 ORDER BY next_try, reference LIMIT $6) RETURNING reference, attempts";
        // If the answer gets lost, the second try changes nothing, and the message waits for its next time.
        let claimed = with!(self.connections, ConnectionClass::Others, connection => {
            let query = sqlx::query(claim).bind(until).bind(recipient).bind(now).bind(recipient).bind(now).bind(MESSAGE);
            let rows = query.fetch_all(connection).await?;
            rows.iter().map(|row| Ok(Due { reference: row.try_get(0)?, attempts: row.try_get(1)? })).collect::<Result<Vec<_>, _>>()
        });
        if claimed.is_empty() {
            return Ok(claimed);
        }
        let sql = format!(
            "SELECT reference FROM requests WHERE closed_day IS NULL AND reference IN ({})",
            parameters(1, claimed.len())
        );
        let waiting = with!(self.connections, ConnectionClass::Others, connection => {
            let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
            for due in &claimed {
                query = query.bind(due.reference.as_str());
            }
            let rows = query.fetch_all(connection).await?;
            rows.iter().map(reference).collect::<Result<Vec<_>, _>>()
        });
        let (mut due, over): (Vec<_>, Vec<_>) = claimed.into_iter().partition(|due| waiting.contains(&due.reference));
        let over: Vec<_> = over.into_iter().map(|due| due.reference).collect();
        self.mark_sent(recipient, &over).await?;
        due.sort_unstable();
        Ok(due)
    }

    /// Leaves what was claimed until `next_try`.
    pub async fn postpone(&self, recipient: &str, due: &[Due], next_try: i64) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE mails SET next_try = $1 WHERE recipient = $2 AND reference IN ({})",
            parameters(3, due.len())
        );
        if !due.is_empty() {
            with!(self.connections, ConnectionClass::Others, connection => {
                let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(next_try).bind(recipient);
                due.iter().fold(query, |query, due| query.bind(due.reference.as_str())).execute(connection).await
            });
        }
        Ok(())
    }

    /// Makes due what waits for longer than until `lease`: a restart tries everything again, and so does a clock that was set back.
    pub async fn try_again(&self, now: i64, lease: i64) -> Result<(), StoreError> {
        with!(self.connections, ConnectionClass::Others, connection => {
            sqlx::query("UPDATE mails SET next_try = $1 WHERE next_try > $2").bind(now).bind(lease).execute(connection).await
        });
        Ok(())
    }

    /// Takes requests out for a recipient: it was notified of them, or is no longer to be.
    pub async fn mark_sent(&self, recipient: &str, references: &[String]) -> Result<(), StoreError> {
        let sql =
            format!("DELETE FROM mails WHERE recipient = $1 AND reference IN ({})", parameters(2, references.len()));
        if !references.is_empty() {
            with!(self.connections, ConnectionClass::Others, connection => {
                let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(recipient);
                references.iter().fold(query, |query, reference| query.bind(reference.as_str())).execute(connection).await
            });
        }
        Ok(())
    }

    /// The recipients who have yet to be notified of a request that staff have not closed.
    pub async fn waited_for(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT recipient FROM mails WHERE reference IN (SELECT reference FROM requests WHERE closed_day IS NULL)";
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            let rows = sqlx::query(sql).fetch_all(connection).await?;
            rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()
        }))
    }

    /// How many messages wait: one for each request and recipient.
    pub async fn unsent(&self) -> Result<i64, StoreError> {
        let sql = "SELECT (SELECT COUNT(*) FROM outbox) + (SELECT COUNT(*) FROM mails)";
        Ok(with!(self.connections, ConnectionClass::Others, connection => {
            sqlx::query(sql).fetch_one(connection).await?.try_get(0)
        }))
    }
}
