//! Writing requests: each call is one transaction, durable when it returns.

use super::connection::{ConnectionClass, with};
use super::error::Cause;
use super::{GROUP, Reference, Store, StoreError, outbox};
use crate::lang::Lang;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row as _};
use std::borrow::Borrow;
use std::collections::HashSet;
use std::sync::atomic::Ordering;

/// How many bytes a probe writes: more than the longest sealed request, so that what has room for one has room for the other.
const PROBE_BYTES: usize = 12 * 1024;

/// A sealed request that is to be stored.
#[derive(Clone, Debug)]
pub struct NewRow {
    /// Its name.
    pub reference: Reference,
    /// When it came in: seconds since 1970, UTC, of the full hour.
    pub received_hour: i64,
    /// The tag of the language of its page.
    pub language: Lang,
    /// The fingerprints of the keys that open it.
    pub keys: String,
    /// The ciphertext.
    pub sealed: String,
}

/// What became of a row that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is stored.
    Now,
    /// It was stored already, the very same: an answer got lost before.
    Before,
    /// Another request has this reference.
    Taken,
}

/// What is to be done with a row.
#[derive(Clone, Copy, Debug)]
pub enum Write<'a> {
    /// It is added. The same row twice is stored once.
    Add(&'a NewRow),
    /// It was added before, and is sealed again: the new ciphertext takes the place of the old one, unless staff have closed the request since.
    /// That is as much work as adding it, so that the time an answer takes doesn't show whether the same was asked before.
    Renew(&'a NewRow),
}

impl<'a> Write<'a> {
    const fn row(self) -> &'a NewRow {
        match self {
            Self::Add(row) | Self::Renew(row) => row,
        }
    }
}

impl Store {
    /// [`Store::write`] for rows that are all new.
    pub async fn add<R: Borrow<NewRow> + Sync>(&self, rows: &[R], notify: bool) -> Result<Vec<Added>, StoreError> {
        let writes: Vec<Write<'_>> = rows.iter().map(|row| Write::Add(row.borrow())).collect();
        self.write(&writes, notify).await
    }

    /// Writes some sealed requests, at most [`GROUP`], of which no two renew the same: all or none. With `notify`, the outbox gets a row for
    /// each that is new.
    ///
    /// # Errors
    /// The store can't be used; nothing is stored, or, where the answer got lost, it is the same as if the row were added again.
    pub async fn write(&self, writes: &[Write<'_>], notify: bool) -> Result<Vec<Added>, StoreError> {
        match writes.len() {
            0 => return Ok(Vec::new()),
            1..=GROUP => {}
            _ => return Err(Cause::TooMany.into()),
        }
        let (add, renew): (Vec<Write<'_>>, Vec<Write<'_>>) =
            writes.iter().partition(|write| matches!(write, Write::Add(_)));
        let (add, renew) = (rows(&add), rows(&renew));
        let begin = self.connections.begin();
        let (added, renewed) = with!(self.connections, ConnectionClass::Requests, connection => {
            // One statement is a transaction by itself: two trips to the database fewer.
            if renew.is_empty() && !notify {
                Ok((insert(connection, &add).await?, HashSet::new()))
            } else if add.is_empty() && !notify {
                Ok((Vec::new(), put(connection, RENEW, &renew).await?))
            } else {
                let mut transaction = connection.begin_with(begin).await?;
                let added = insert(&mut transaction, &add).await?;
                let renewed = put(&mut transaction, RENEW, &renew).await?;
                if notify {
                    let new = add.iter().zip(&added).filter(|(_, added)| **added == Added::Now);
                    let references: Vec<&Reference> = new.map(|(row, _)| &row.reference).collect();
                    outbox::put(&mut transaction, &references).await?;
                    if add.is_empty() {
                        // As many trips to the database as for a new one.
                        let reference = renew.first().map(|row| row.reference.as_str()).unwrap_or_default();
                        outbox::touch(&mut transaction, reference).await?;
                    }
                }
                transaction.commit().await?;
                Ok((added, renewed))
            }
        });
        let mut added = added.into_iter();
        let outcome = |write: &Write<'_>| match write {
            Write::Add(_) => added.next().unwrap_or(Added::Taken),
            Write::Renew(row) if renewed.contains(row.reference.as_str()) => Added::Before,
            Write::Renew(_) => Added::Taken,
        };
        Ok(writes.iter().map(outcome).collect())
    }

    /// Writes something durably, as long as a request, into a row of its own: what keeps this from being written would keep a request from it.
    ///
    /// # Errors
    /// Nothing can be written now, or it is another store.
    pub async fn probe(&self) -> Result<(), StoreError> {
        // Something else each time: SQLite doesn't write a page that stays as it is.
        let letter = char::from(b'a' + self.probes.fetch_add(1, Ordering::Relaxed) % 26);
        let filler = String::from(letter).repeat(PROBE_BYTES);
        with!(self.connections, ConnectionClass::Requests, connection => {
            let sql = "UPDATE store SET probe = $1 WHERE id = $2";
            let written = sqlx::query(sql).bind(filler.as_str()).bind(self.connections.id()).execute(connection).await?;
            // Without the row, the tables are others by now: connecting again reports so.
            if written.rows_affected() == 1 { Ok(()) } else { Err(sqlx::Error::RowNotFound) }
        });
        Ok(())
    }
}

fn rows<'a>(writes: &[Write<'a>]) -> Vec<&'a NewRow> {
    writes.iter().map(|write| write.row()).collect()
}

/// Adds rows in one statement, and returns what became of each.
async fn insert(connection: &mut AnyConnection, rows: &[&NewRow]) -> Result<Vec<Added>, sqlx::Error> {
    let mut new = put(connection, ADD, rows).await?;
    let mut added = Vec::with_capacity(rows.len());
    for row in rows {
        // Of two rows with one reference, the first was inserted.
        let outcome =
            if new.remove(row.reference.as_str()) { Added::Now } else { what_is_there(connection, row).await? };
        added.push(outcome);
    }
    Ok(added)
}

/// Why a row was not inserted: it is there already, or another one has its reference.
async fn what_is_there(connection: &mut AnyConnection, row: &NewRow) -> Result<Added, sqlx::Error> {
    let found = sqlx::query("SELECT sealed FROM requests WHERE reference = $1")
        .bind(row.reference.as_str())
        .fetch_one(connection)
        .await?;
    let sealed: String = found.try_get(0)?;
    Ok(if sealed == row.sealed { Added::Before } else { Added::Taken })
}

/// What happens where the reference is there already.
const ADD: &str = "DO NOTHING";
/// A request that isn't there any more, because an older backup was restored, is added. One of another hour is somebody else's. The hour is set to what it
/// is, so that the index that it is in is written as for a new request.
const RENEW: &str = "(reference) DO UPDATE SET received_hour = excluded.received_hour, sealed = CASE WHEN requests.closed_day IS NULL THEN excluded.sealed ELSE requests.sealed END \
     WHERE requests.received_hour = excluded.received_hour";

/// Writes rows in one statement, and gives the references of those that were written.
async fn put(connection: &mut AnyConnection, conflict: &str, rows: &[&NewRow]) -> Result<HashSet<String>, sqlx::Error> {
    let mut written = HashSet::with_capacity(rows.len());
    if rows.is_empty() {
        return Ok(written);
    }
    let mut query = sqlx::query(AssertSqlSafe(put_sql(rows.len(), conflict)));
    for row in rows {
        query = query
            .bind(row.reference.as_str())
            .bind(row.received_hour)
            .bind(row.language.tag())
            .bind(row.keys.as_str())
            .bind(row.sealed.as_str());
    }
    // Read to its end: PostgreSQL reports what it inserted before it commits.
    for row in query.fetch_all(connection).await? {
        written.insert(row.try_get(0)?);
    }
    Ok(written)
}

/// The statement that writes so many rows.
fn put_sql(rows: usize, conflict: &str) -> String {
    use std::fmt::Write as _;
    let mut sql = String::from("INSERT INTO requests (reference, received_hour, language, keys, sealed) VALUES ");
    for row in 0..rows {
        let comma = if row == 0 { "" } else { ", " };
        let at = row * 5;
        // Writing to a string doesn't fail.
        let _ = write!(sql, "{comma}(${}, ${}, ${}, ${}, ${})", at + 1, at + 2, at + 3, at + 4, at + 5);
    }
    let _ = write!(sql, " ON CONFLICT {conflict} RETURNING reference");
    sql
}
