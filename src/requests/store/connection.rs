//! The connections of a store: opened when they are first needed, reused while they work, dropped at the first error.
//!
//! PostgreSQL has one connection for new requests and one for everything else, so that neither waits for the other; SQLite does one thing at a
//! time in any case, and has one. sqlx's own pool can't take their place: it retries a refused connection, and whatever fails in
//! `after_connect`, until its time is up, while the visitor waits; then it reports a timeout in the place of the cause; and it doesn't close a
//! connection to a file that was deleted before it opens the next.

use super::error::{self, Cause, How, Lost};
use super::identity::{self, Id};
use super::open::{CONNECT_TIMEOUT, FILE, Files, Open, cannot_write, sqlite_url};
use super::{Location, StoreError};
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::{AnyConnection, ConnectOptions, Executor};
use std::future::pending;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex as StdMutex, OnceLock};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout};

/// A connection that was unused for so long is opened anew: what is between us and a database forgets silent connections, and a statement
/// sent into nowhere would keep a visitor waiting.
const MAX_IDLE: Duration = Duration::from_secs(30);

/// What a connection is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum ConnectionClass {
    /// New requests.
    Requests,
    /// Everything else.
    Others,
}

/// The connections of a store.
pub(super) struct Connections {
    pub(super) location: Location,
    pub(super) options: AnyConnectOptions,
    requests: Mutex<Option<Open>>,
    others: Mutex<Option<Open>>,
    /// Which store it is, from the first connection on: no other is taken for it while this process runs.
    pub(super) known: OnceLock<Id>,
    /// The SQLite files that were looked at and opened last.
    pub(super) seen: StdMutex<Option<Files>>,
    /// Nobody else may use the store meanwhile: what was moved away, or didn't come as a whole, may be opened too.
    pub(super) alone: bool,
    /// The process ends, and nothing is opened any more.
    ended: AtomicBool,
}

impl Connections {
    pub(super) fn new(location: Location, alone: bool) -> Result<Self, StoreError> {
        install_default_drivers();
        let url = match &location {
            Location::Folder(folder) => {
                sqlite_url(&folder.join(FILE), "rw").map_err(|error| Cause::File(folder.clone(), error))?
            }
            Location::PostgreSql(url) => url.to_string(),
        };
        // A statement for a full group is pages long, and we report failures ourselves.
        let options =
            url.parse::<AnyConnectOptions>().map_err(|error| Cause::Database { file: None, error, system: None })?;
        let options = options.disable_statement_logging();
        Ok(Self {
            location,
            options,
            requests: Mutex::default(),
            others: Mutex::default(),
            known: OnceLock::new(),
            seen: StdMutex::default(),
            alone,
            ended: AtomicBool::new(false),
        })
    }

    pub(super) const fn are_sqlite(&self) -> bool {
        matches!(self.location, Location::Folder(_))
    }

    /// How a transaction begins. In SQLite, one that begins to read and then writes fails at once when another process writes meanwhile.
    pub(super) const fn begin(&self) -> &'static str {
        if self.are_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN" }
    }

    pub(super) const fn location(&self) -> &Location {
        &self.location
    }

    /// A connection as the database gives it: nothing is made, set or brought up to date.
    pub(super) async fn connect(&self) -> Result<AnyConnection, StoreError> {
        if let Location::Folder(folder) = &self.location {
            self.there(folder)?;
        }
        let connected = timeout(CONNECT_TIMEOUT, self.options.connect()).await.map_err(|_| StoreError::late())?;
        connected.map_err(|error| self.failed(error))
    }

    /// A connection to do some work with; [`with`] does it.
    pub(super) async fn lease(&self, class: ConnectionClass) -> Result<Lease<'_>, StoreError> {
        let place = match class {
            ConnectionClass::Others if !self.are_sqlite() => &self.others,
            _ => &self.requests,
        };
        let mut place = place.lock().await;
        if self.ended.load(Ordering::Acquire) {
            // Whoever comes so late ends with the process.
            return pending().await;
        }
        match place.take() {
            Some(open) if open.used.elapsed() < MAX_IDLE && open.is_in_place() => {
                Ok(Lease { connections: self, place, open, was_reused: true })
            }
            Some(open) => {
                open.close().await;
                self.new_lease(place).await
            }
            None => self.new_lease(place).await,
        }
    }

    async fn new_lease<'a>(&'a self, place: MutexGuard<'a, Option<Open>>) -> Result<Lease<'a>, StoreError> {
        let open = timeout(CONNECT_TIMEOUT, self.open()).await.map_err(|_| StoreError::late())??;
        Ok(Lease { connections: self, place, open, was_reused: false })
    }

    /// The SQLite file.
    pub(super) fn file(&self) -> Option<PathBuf> {
        match &self.location {
            Location::Folder(folder) => Some(folder.join(FILE)),
            Location::PostgreSql(_) => None,
        }
    }

    /// The id of the store, once it was connected to.
    pub(super) fn id(&self) -> &str {
        self.known.get().map(Id::as_str).unwrap_or_default()
    }

    pub(super) fn failed(&self, error: sqlx::Error) -> StoreError {
        let system = match &self.location {
            Location::Folder(folder) if error::is_vague(&error) => cannot_write(folder),
            _ => None,
        };
        Cause::Database { file: self.file(), error, system }.into()
    }

    pub(super) fn moved(&self) -> StoreError {
        self.file().map_or_else(StoreError::late, |file| Cause::Moved(file).into())
    }

    /// The store that is known isn't there.
    pub(super) fn lost(&self, how: How) -> StoreError {
        let marker = match &self.location {
            Location::Folder(folder) => Some(identity::marker(folder)).filter(|marker| marker.exists()),
            Location::PostgreSql(_) => None,
        };
        Lost { how, file: self.file(), marker }.into()
    }

    pub(super) async fn close(&self) {
        for connection in [&self.requests, &self.others] {
            let open = connection.lock().await.take();
            if let Some(open) = open {
                open.close().await;
            }
        }
    }

    /// Closes them for good, after what is being done now: nothing is opened any more, as the process ends.
    pub(super) async fn end(&self) {
        self.ended.store(true, Ordering::Release);
        if self.are_sqlite()
            && let Some(connection) = self.requests.lock().await.as_mut().and_then(|open| open.connection.as_mut())
        {
            // Closing does that too, but not while another program has the database open.
            let emptied = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            let _ = timeout(CONNECT_TIMEOUT, emptied).await;
        }
        self.close().await;
    }
}

/// A connection while it works. It is taken out of its place: if the work fails, or whoever waits for it leaves, the connection goes. For SQLite
/// ends a transaction by itself when the disk is full, which sqlx doesn't notice, and PostgreSQL may be anywhere in its answer.
pub(super) struct Lease<'a> {
    connections: &'a Connections,
    place: MutexGuard<'a, Option<Open>>,
    open: Open,
    was_reused: bool,
}

impl Lease<'_> {
    pub(super) fn connection(&mut self) -> Result<&mut AnyConnection, sqlx::Error> {
        self.open.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Ends the work: gives what it gave, or a new connection to do it again with.
    pub(super) async fn end<T>(mut self, done: Result<T, sqlx::Error>) -> Result<ControlFlow<T, Self>, StoreError> {
        let error = match done {
            // Looked at after the work: before it, the files could still go.
            Ok(done) if self.open.is_in_place() => {
                self.open.used = Instant::now();
                *self.place = Some(self.open);
                return Ok(ControlFlow::Break(done));
            }
            Ok(_) => self.connections.moved(),
            Err(error) => self.connections.failed(error),
        };
        if error.is_locked() {
            // Nothing is wrong with the connection.
            *self.place = Some(self.open);
            return Err(error);
        }
        self.open.close().await;
        if !self.was_reused {
            return Err(error);
        }
        Ok(ControlFlow::Continue(self.connections.new_lease(self.place).await?))
    }
}

/// Does some work with a connection. If one that worked before fails, the work is done again with a new one: it must allow that. A macro,
/// because the compiler doesn't see yet that the future of a function that takes an async closure can move between threads.
macro_rules! with {
    ($connections:expr, $class:expr, $connection:ident => $work:block) => {{
        let mut lease = $connections.lease($class).await?;
        loop {
            let done: Result<_, sqlx::Error> = {
                async {
                    let $connection = lease.connection()?;
                    $work
                }
                .await
            };
            match lease.end(done).await? {
                std::ops::ControlFlow::Break(done) => break done,
                std::ops::ControlFlow::Continue(next) => lease = next,
            }
        }
    }};
}
pub(super) use with;

#[cfg(test)]
mod tests {
    use super::{ConnectionClass, Connections, Location};
    use crate::requests::store::StoreError;
    use sqlx::{AssertSqlSafe, Row as _};

    async fn setting(connections: &Connections, class: ConnectionClass, name: &str) -> Result<String, StoreError> {
        let row = with!(connections, class, connection => {
            sqlx::query(AssertSqlSafe(format!("PRAGMA {name}"))).fetch_one(connection).await
        });
        let text = row.try_get::<String, _>(0).or_else(|_| row.try_get::<i64, _>(0).map(|number| number.to_string()));
        Ok(text.unwrap())
    }

    #[tokio::test]
    async fn every_sqlite_connection_keeps_what_it_acknowledges_and_forgets_what_it_deletes() {
        let folder = tempfile::tempdir().unwrap();
        let connections = Connections::new(Location::Folder(folder.path().join("new")), false).unwrap();
        for _ in 0..2 {
            for class in [ConnectionClass::Requests, ConnectionClass::Others] {
                let wanted = [
                    ("journal_mode", "wal"),
                    ("synchronous", "2"),
                    ("secure_delete", "1"),
                    ("auto_vacuum", "1"),
                    ("busy_timeout", "4000"),
                    ("application_id", "1131178350"),
                ];
                for (name, value) in wanted {
                    assert_eq!(setting(&connections, class, name).await.unwrap(), value, "{name}");
                }
            }
            // The same of those that are made next.
            connections.close().await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn many_connections_may_set_up_an_empty_folder_at_once() {
        for round in 0..25 {
            let folder = tempfile::tempdir().unwrap();
            let open = |_| {
                let connections = Connections::new(Location::Folder(folder.path().to_owned()), false).unwrap();
                tokio::spawn(async move { connections.open().await.map(drop) })
            };
            for opened in (0..12).map(open).collect::<Vec<_>>() {
                opened.await.unwrap().unwrap_or_else(|error| panic!("round {round}: {error}"));
            }
        }
    }
}
