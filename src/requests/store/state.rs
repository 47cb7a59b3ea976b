//! What a store remembers of itself, a line each: which programs its tables suit, when it was used last, whether it was moved.

use sqlx::{AnyConnection, Row as _};
use std::collections::BTreeMap;

/// The table.
pub(super) const TABLE: &str = "state";

/// Makes it. It holds nothing about any person.
pub(super) const CREATE: &str =
    "CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)";

/// The newest migration that a program has to know to read and write these tables.
pub(super) const MIN_READER: &str = "min_reader";
/// The last day, in days since 1970, on which a server with a plausible clock used the store.
pub(super) const SEEN_DAY: &str = "seen_day";
/// Where the requests were moved to, in words.
pub(super) const MOVED_TO: &str = "moved_to";
/// There while requests are being moved here and not all have come.
pub(super) const ARRIVING: &str = "arriving";
/// How often requests were changed or deleted.
pub(super) const CHANGES: &str = "changes";

/// All of it.
pub(super) async fn all(connection: &mut AnyConnection) -> Result<BTreeMap<String, String>, sqlx::Error> {
    let rows = sqlx::query("SELECT name, value FROM state").fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// A number by its name.
pub(super) async fn number(connection: &mut AnyConnection, name: &str) -> Result<Option<i64>, sqlx::Error> {
    let row = sqlx::query("SELECT value FROM state WHERE name = $1").bind(name).fetch_optional(connection).await?;
    let text: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
    Ok(text.and_then(|text| text.parse().ok()))
}

/// Remembers something in the place of what was remembered by this name.
pub(super) async fn set(connection: &mut AnyConnection, name: &str, value: &str) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    sqlx::query(sql).bind(name).bind(value).execute(connection).await?;
    Ok(())
}

/// Counts one more. Who does it in a transaction holds up all others who count until it has ended, so it comes last there.
pub(super) async fn count(connection: &mut AnyConnection, name: &str) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO state (name, value) VALUES ($1, '1') ON CONFLICT (name) DO UPDATE SET \
         value = CAST(CAST(state.value AS BIGINT) + 1 AS TEXT)";
    sqlx::query(sql).bind(name).execute(connection).await?;
    Ok(())
}

/// Forgets something.
pub(super) async fn forget(connection: &mut AnyConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM state WHERE name = $1").bind(name).execute(connection).await?;
    Ok(())
}
