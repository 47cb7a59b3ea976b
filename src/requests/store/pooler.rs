//! Finds a pooler that gives each transaction another session, such as PgBouncer with `pool_mode = transaction`.
//!
//! Behind one, settings, locks and prepared statements of a session are anybody's: most writes would fail, and what didn't fail could be
//! acknowledged before it is on disk. It can't be seen from one connection while nobody else is there, so a second one is made for a moment.

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, AssertSqlSafe, ConnectOptions, Connection as _, Executor, Row as _};

/// How often it is tried: a pooler with many idle sessions may give the same one again by chance.
const TRIES: usize = 3;

/// Whether the session of a connection is shared with others. `nonce` is random, and safe in SQL.
pub(super) async fn shares_sessions(
    connection: &mut AnyConnection,
    options: &AnyConnectOptions,
    nonce: &str,
) -> Result<bool, sqlx::Error> {
    connection.execute(AssertSqlSafe(format!("SELECT set_config('clinic_site.session', '{nonce}', false)"))).await?;
    let mut other = options.connect().await?;
    let shared = compare(connection, &mut other, nonce).await;
    let _ = other.close().await;
    shared
}

async fn compare(connection: &mut AnyConnection, other: &mut AnyConnection, nonce: &str) -> Result<bool, sqlx::Error> {
    for _ in 0..TRIES {
        // The other is given our session, as it is free between two statements.
        if mark(other).await? == nonce {
            return Ok(true);
        }
        // Or it holds one, and we are given another.
        other.execute("BEGIN").await?;
        let taken = mark(other).await? == nonce || mark(connection).await? != nonce;
        other.execute("ROLLBACK").await?;
        if taken {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What marks the session. Sent as plain text: a prepared statement would need a session of its own.
async fn mark(connection: &mut AnyConnection) -> Result<String, sqlx::Error> {
    let sql = "SELECT COALESCE(current_setting('clinic_site.session', true), '')";
    let row = sqlx::raw_sql(sql).fetch_one(connection).await?;
    row.try_get(0)
}
