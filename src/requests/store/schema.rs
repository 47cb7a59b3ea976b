//! The tables: `migrations/` brings them to the newest state.
//!
//! Programs of two versions share a database during an upgrade, and after a rollback. So a migration first expands (it only adds), and a later
//! release contracts. Each says which programs it still suits, and the database remembers that (`min_reader`).

use super::state;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, Connection, Executor, Row as _, SqlSafeStr};
use std::borrow::Cow;

/// Names the program to `file` and to whoever finds the database: "Clin".
pub(super) const APPLICATION: i64 = 0x436c_696e;

/// The same as SQL.
const APPLICATION_SQL: &str = "PRAGMA application_id = 0x436c696e";

/// A step to the newest state.
struct Step {
    version: i64,
    name: &'static str,
    sql: &'static str,
    /// A program that knows the migrations up to this one may still read and write what is there after this step.
    min_reader: i64,
}

/// Applied migrations are never changed: the database remembers their hashes.
const STEPS: [Step; 4] = [
    Step { version: 1, name: "requests", sql: include_str!("../../../migrations/0001_requests.sql"), min_reader: 1 },
    Step { version: 2, name: "store", sql: include_str!("../../../migrations/0002_store.sql"), min_reader: 1 },
    Step { version: 3, name: "mails", sql: include_str!("../../../migrations/0003_mails.sql"), min_reader: 1 },
    Step { version: 4, name: "desk", sql: include_str!("../../../migrations/0004_desk.sql"), min_reader: 1 },
];

/// Why the tables can't be used.
#[derive(Debug)]
pub(super) enum SchemaError {
    /// A newer program wrote them, and they don't suit this one any more.
    Newer,
    /// They could not be read, or brought to the newest state.
    Migrate(MigrateError),
}

impl<E: Into<MigrateError>> From<E> for SchemaError {
    fn from(error: E) -> Self {
        Self::Migrate(error.into())
    }
}

/// The newest state that this program knows.
fn newest() -> i64 {
    STEPS.last().map_or(0, |step| step.version)
}

/// Whether there are tables of this program at all. `sqlite`: it is SQLite, not PostgreSQL.
pub(super) async fn is_there(connection: &mut AnyConnection, sqlite: bool) -> Result<bool, sqlx::Error> {
    has(connection, sqlite, "requests").await
}

/// Whether there is a table.
pub(super) async fn has(
    connection: &mut AnyConnection,
    sqlite: bool,
    table: &'static str,
) -> Result<bool, sqlx::Error> {
    let sql = if sqlite {
        "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1"
    } else {
        "SELECT COUNT(to_regclass($1)::text)"
    };
    let count: i64 = sqlx::query(sql).bind(table).fetch_one(connection).await?.try_get(0)?;
    Ok(count > 0)
}

/// Whether the tables are in the newest state that this program knows.
pub(super) async fn is_newest(connection: &mut AnyConnection, sqlite: bool) -> Result<bool, sqlx::Error> {
    Ok(version(connection, sqlite).await? == newest())
}

/// Whether a newer program has changed the tables, though this one may go on with them.
pub(super) async fn is_newer(connection: &mut AnyConnection, sqlite: bool) -> Result<bool, sqlx::Error> {
    Ok(version(connection, sqlite).await? > newest())
}

/// The newest migration that was applied; 0: none was.
async fn version(connection: &mut AnyConnection, sqlite: bool) -> Result<i64, sqlx::Error> {
    if !has(connection, sqlite, "_sqlx_migrations").await? {
        return Ok(0);
    }
    let row = sqlx::query("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(connection).await?;
    Ok(row.try_get::<Option<i64>, _>(0)?.unwrap_or(0))
}

/// Brings the tables to the newest state, or makes sure that they suit this program.
///
/// `run_direct` is not in sqlx's documentation; `run` takes no connection that a future which moves between threads has borrowed.
pub(super) async fn migrate(connection: &mut AnyConnection, sqlite: bool) -> Result<(), SchemaError> {
    // Nearly always there is nothing to do: that needs no lock, and is seen on a full disk too.
    let there = version(connection, sqlite).await?;
    if there > newest() {
        let min_reader = state::number(connection, state::MIN_READER).await?;
        return if min_reader.is_some_and(|oldest| oldest <= newest()) { Ok(()) } else { Err(SchemaError::Newer) };
    }
    if there == newest() && has(connection, sqlite, state::TABLE).await? {
        return Ok(());
    }
    let migrator = Migrator::with_migrations(STEPS.iter().map(migration).collect());
    if sqlite {
        // SQLite has no lock of its own for this.
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        migrator.run_direct(None, &mut *transaction, false).await?;
        transaction.execute(APPLICATION_SQL).await?;
        remember(&mut transaction).await?;
        transaction.commit().await?;
    } else {
        migrator.run_direct(None, connection, false).await?;
        let mut transaction = connection.begin().await?;
        // Two that make a table at once would fail in spite of IF NOT EXISTS.
        transaction.execute("SELECT pg_advisory_xact_lock(4857012379)").await?;
        remember(&mut transaction).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// Makes the table of what the store remembers, and notes which programs the tables suit. It is no migration: programs from before it refuse a
/// migration that they don't know, and go on beside a table that they don't know.
async fn remember(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    connection.execute(state::CREATE).await?;
    let min_reader = STEPS.iter().map(|step| step.min_reader).max().unwrap_or_default();
    state::set(connection, state::MIN_READER, &min_reader.to_string()).await
}

fn migration(step: &Step) -> Migration {
    let name = Cow::Borrowed(step.name);
    Migration::new(step.version, name, MigrationType::Simple, step.sql.into_sql_str(), false)
}
