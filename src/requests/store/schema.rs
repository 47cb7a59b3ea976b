//! The tables: `migrations/` brings them to the newest state.

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, Connection, Executor, Row as _, SqlSafeStr};
use std::borrow::Cow;

/// Names the program to `file` and to whoever finds the database: "Clin".
const APPLICATION: &str = "PRAGMA application_id = 0x436c696e";

/// Whether there are tables of this program at all. `sqlite`: it is SQLite, not PostgreSQL.
pub(super) async fn is_there(connection: &mut AnyConnection, sqlite: bool) -> Result<bool, sqlx::Error> {
    let sql = if sqlite {
        "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'requests'"
    } else {
        "SELECT COUNT(to_regclass('requests')::text)"
    };
    let count: i64 = sqlx::query(sql).fetch_one(connection).await?.try_get(0)?;
    Ok(count > 0)
}

/// Whether the tables are in the newest state.
pub(super) async fn is_newest(connection: &mut AnyConnection) -> bool {
    let newest = migrator().iter().last().map(|migration| migration.version);
    let there = sqlx::query("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(connection).await;
    there.and_then(|row| row.try_get(0)).is_ok_and(|version: Option<i64>| version == newest)
}

/// Brings the tables to the newest state. `lock` begins a transaction, for SQLite, which has no lock of its own for this.
///
/// `run_direct` is not in sqlx's documentation; `run` takes no connection that a future which moves between threads has borrowed.
pub(super) async fn migrate(connection: &mut AnyConnection, lock: Option<&'static str>) -> Result<(), MigrateError> {
    // Nearly always there is nothing to do: that needs no lock, and is seen on a full disk too.
    if is_newest(connection).await {
        return Ok(());
    }
    let migrator = migrator();
    let Some(lock) = lock else {
        return migrator.run_direct(None, connection, false).await;
    };
    let mut transaction = connection.begin_with(lock).await?;
    migrator.run_direct(None, &mut *transaction, false).await?;
    transaction.execute(APPLICATION).await?;
    transaction.commit().await?;
    Ok(())
}

/// Applied migrations are never changed: the database remembers their hashes.
fn migrator() -> Migrator {
    let files = [
        (1, "requests", include_str!("../../../migrations/0001_requests.sql")),
        (2, "store", include_str!("../../../migrations/0002_store.sql")),
        (3, "mails", include_str!("../../../migrations/0003_mails.sql")),
    ];
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(files.into_iter().map(migration).collect())
}
