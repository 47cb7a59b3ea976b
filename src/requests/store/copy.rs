//! All rows of a store, from one database to another: for backups, restores and moves. Each stays as it is, ciphertexts included.

use super::schema;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};
use std::collections::HashSet;
use std::fmt;

/// How many rows are read and written at once.
const PAGE: usize = 200;

/// A table that is copied.
struct Table {
    name: &'static str,
    /// Its columns, those of the primary key first.
    columns: &'static [Column],
    keys: usize,
}

/// A column: text, or a number that may be missing.
#[derive(Clone, Copy)]
enum Column {
    Text(&'static str),
    Number(&'static str),
}

use Column::{Number, Text};

/// Every table with rows about requests.
static TABLES: [Table; 4] = [
    Table {
        name: "requests",
        columns: &[
            Text("reference"),
            Number("received_hour"),
            Text("language"),
            Number("closed_day"),
            Text("keys"),
            Text("sealed"),
        ],
        keys: 1,
    },
    Table { name: "outbox", columns: &[Text("reference"), Number("attempts"), Number("next_try")], keys: 1 },
    Table {
        name: "mails",
        columns: &[Text("recipient"), Text("reference"), Number("attempts"), Number("next_try")],
        keys: 2,
    },
    // Who is signed in is not copied: sessions end with their place.
    Table {
        name: "changes",
        columns: &[Text("reference"), Number("number"), Number("hour"), Text("fingerprint"), Text("state")],
        keys: 2,
    },
];

/// Where the day that a request was closed on is.
const CLOSED_DAY: usize = 3;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Value {
    Text(String),
    Number(Option<i64>),
}

type Values = Vec<Value>;

/// How many rows of a store there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Requests that wait.
    pub waiting: u64,
    /// Requests that are closed.
    pub closed: u64,
    /// Messages to staff that have not been sent.
    pub messages: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { waiting, closed, messages } = self;
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        let requests = waiting + closed;
        write!(
            f,
            "{requests} request{} ({waiting} waiting, {closed} closed) and {messages} unsent message{}",
            plural(requests),
            plural(*messages)
        )
    }
}

/// The counts of rows, and a digest that two stores with the same rows have in common, whatever their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) summary: Summary,
    digest: [u8; 32],
}

impl Tally {
    fn add(&mut self, table: &Table, row: &[Value]) {
        match (table.name, row.get(CLOSED_DAY)) {
            ("requests", Some(Value::Number(Some(_)))) => self.summary.closed += 1,
            ("requests", _) => self.summary.waiting += 1,
            ("changes", _) => {}
            _ => self.summary.messages += 1,
        }
        let mut hash = Sha256::new().chain_update(table.name);
        for value in row {
            match value {
                Value::Text(text) => {
                    hash.update(text.len().to_be_bytes());
                    hash.update(text);
                }
                Value::Number(number) => {
                    hash.update([u8::from(number.is_some())]);
                    hash.update(number.unwrap_or_default().to_be_bytes());
                }
            }
        }
        for (byte, more) in self.digest.iter_mut().zip(hash.finalize()) {
            *byte ^= more;
        }
    }
}

/// Which of two databases failed.
#[derive(Debug)]
pub(super) enum CopyError {
    From(sqlx::Error),
    To(sqlx::Error),
}

/// A transaction that sees one state of the database.
pub(super) const fn snapshot(sqlite: bool) -> &'static str {
    if sqlite { "BEGIN" } else { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" }
}

/// In which transactions rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transactions {
    /// In one: all of them or none.
    One,
    /// In the one that the caller has begun.
    Callers,
    /// In one for each page: what was interrupted can be done again.
    PerPage,
}

/// Copies every row, as of one instant. A row that is there already is made equal; page by page, one that isn't wanted any more goes.
pub(super) async fn copy(
    from: (&mut AnyConnection, bool),
    to: (&mut AnyConnection, bool),
    transactions: Transactions,
) -> Result<Tally, CopyError> {
    let ((from, from_sqlite), (to, to_sqlite)) = (from, to);
    let begin = if to_sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
    let mut reading = from.begin_with(snapshot(from_sqlite)).await.map_err(CopyError::From)?;
    let mut tally = Tally::default();
    match transactions {
        Transactions::PerPage => copy_tables(&mut reading, from_sqlite, to, Some(begin), &mut tally).await?,
        Transactions::Callers => copy_tables(&mut reading, from_sqlite, to, None, &mut tally).await?,
        Transactions::One => {
            let mut writing = to.begin_with(begin).await.map_err(CopyError::To)?;
            copy_tables(&mut reading, from_sqlite, &mut writing, None, &mut tally).await?;
            writing.commit().await.map_err(CopyError::To)?;
        }
    }
    reading.rollback().await.map_err(CopyError::From)?;
    Ok(tally)
}

async fn copy_tables(
    from: &mut AnyConnection,
    from_sqlite: bool,
    to: &mut AnyConnection,
    begin: Option<&'static str>,
    tally: &mut Tally,
) -> Result<(), CopyError> {
    for table in &TABLES {
        // A backup may be from before there was this table.
        if !schema::has(from, from_sqlite, table.name).await.map_err(CopyError::From)? {
            continue;
        }
        let mut keys = HashSet::new();
        let mut after = None;
        loop {
            let rows = read(from, table, after.as_deref()).await.map_err(CopyError::From)?;
            let Some(last) = rows.last() else { break };
            after = last.get(..table.keys).map(<[Value]>::to_vec);
            match begin {
                None => put(to, table, &rows).await.map_err(CopyError::To)?,
                Some(begin) => {
                    let mut transaction = to.begin_with(begin).await.map_err(CopyError::To)?;
                    put(&mut transaction, table, &rows).await.map_err(CopyError::To)?;
                    transaction.commit().await.map_err(CopyError::To)?;
                }
            }
            for row in &rows {
                tally.add(table, row);
            }
            if begin.is_some() {
                keys.extend(rows.iter().filter_map(|row| row.get(..table.keys).map(<[Value]>::to_vec)));
            }
        }
        if begin.is_some() {
            leave_only(to, table, &keys).await.map_err(CopyError::To)?;
        }
    }
    Ok(())
}

/// Counts every row, as of one instant.
pub(super) async fn tally(connection: &mut AnyConnection, sqlite: bool) -> Result<Tally, sqlx::Error> {
    let mut reading = connection.begin_with(snapshot(sqlite)).await?;
    let mut tally = Tally::default();
    for table in &TABLES {
        if !schema::has(&mut reading, sqlite, table.name).await? {
            continue;
        }
        let mut after: Option<Values> = None;
        loop {
            let rows = read(&mut reading, table, after.as_deref()).await?;
            let Some(last) = rows.last() else { break };
            after = last.get(..table.keys).map(<[Value]>::to_vec);
            for row in &rows {
                tally.add(table, row);
            }
        }
    }
    reading.rollback().await?;
    Ok(tally)
}

/// Deletes what an earlier try brought, and isn't there any more.
async fn leave_only(
    connection: &mut AnyConnection,
    table: &Table,
    wanted: &HashSet<Values>,
) -> Result<(), sqlx::Error> {
    let mut after: Option<Values> = None;
    loop {
        let rows = read(connection, table, after.as_deref()).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.get(..table.keys).map(<[Value]>::to_vec);
        for row in rows {
            let key = row.get(..table.keys).unwrap_or_default();
            if !wanted.contains(key) {
                let sql =
                    format!("DELETE FROM {} WHERE {} = {}", table.name, key_columns(table), parameters(0, table.keys));
                bound(AssertSqlSafe(sql), key).execute(&mut *connection).await?;
            }
        }
    }
}

/// The next page of a table by its key.
async fn read(
    connection: &mut AnyConnection,
    table: &Table,
    after: Option<&[Value]>,
) -> Result<Vec<Values>, sqlx::Error> {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name()).collect();
    let key = key_columns(table);
    let condition = after.map(|_| format!("WHERE {key} > {}", parameters(0, table.keys))).unwrap_or_default();
    let order = columns.get(..table.keys).unwrap_or_default().join(", ");
    let (columns, name) = (columns.join(", "), table.name);
    let sql = format!("SELECT {columns} FROM {name} {condition} ORDER BY {order} LIMIT {PAGE}");
    let rows = bound(AssertSqlSafe(sql), after.unwrap_or_default()).fetch_all(connection).await?;
    rows.iter().map(|row| table.columns.iter().enumerate().map(|(at, column)| column.get(row, at)).collect()).collect()
}

/// Writes rows; those that are there already are made equal.
async fn put(connection: &mut AnyConnection, table: &Table, rows: &[Values]) -> Result<(), sqlx::Error> {
    let count = table.columns.len();
    let names: Vec<&str> = table.columns.iter().map(|column| column.name()).collect();
    let places: Vec<String> = (0..rows.len()).map(|row| parameters(row * count, count)).collect();
    let others = names.get(table.keys..).unwrap_or_default();
    let set: Vec<String> = others.iter().map(|name| format!("{name} = excluded.{name}")).collect();
    let differs: Vec<String> =
        others.iter().map(|name| format!("{}.{name} IS DISTINCT FROM excluded.{name}", table.name)).collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES {} ON CONFLICT {} DO UPDATE SET {} WHERE {}",
        table.name,
        names.join(", "),
        places.join(", "),
        format_args!("({})", names.get(..table.keys).unwrap_or_default().join(", ")),
        set.join(", "),
        differs.join(" OR ")
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in rows.iter().flatten() {
        query = match value {
            Value::Text(text) => query.bind(text.as_str()),
            Value::Number(number) => query.bind(*number),
        };
    }
    query.execute(connection).await?;
    Ok(())
}

/// `(recipient, reference)`
fn key_columns(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().take(table.keys).map(|column| column.name()).collect();
    format!("({})", names.join(", "))
}

/// `($3, $4)` for two behind the second.
fn parameters(before: usize, count: usize) -> String {
    let all: Vec<String> = (before + 1..=before + count).map(|at| format!("${at}")).collect();
    format!("({})", all.join(", "))
}

type AnyQuery<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

fn bound(sql: AssertSqlSafe<String>, values: &[Value]) -> AnyQuery<'_> {
    values.iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Text(text) => query.bind(text.as_str()),
        Value::Number(number) => query.bind(*number),
    })
}

impl Column {
    const fn name(self) -> &'static str {
        match self {
            Text(name) | Number(name) => name,
        }
    }

    fn get(self, row: &AnyRow, at: usize) -> Result<Value, sqlx::Error> {
        match self {
            Text(_) => row.try_get(at).map(Value::Text),
            Number(_) => row.try_get(at).map(Value::Number),
        }
    }
}
