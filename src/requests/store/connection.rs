//! The connections of a store: opened when they are first needed, reused while they work, dropped at the first error.
//!
//! PostgreSQL has one connection for new requests and one for everything else, so that neither waits for the other; SQLite does one thing at a
//! time in any case, and has one. sqlx's own pool can't take their place: it retries a refused connection, and whatever fails in
//! `after_connect`, until its time is up, while the visitor waits; then it reports a timeout in the place of the cause; and it doesn't close a
//! connection to a file that was deleted before it opens the next.

use super::error::{self, Cause, How, Lost};
use super::identity::{self, Id};
use super::open::{CONNECT_TIMEOUT, FILE, Files, Open, cannot_write, number, prepare, sqlite_url};
use super::{Location, StoreError, schema};
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::migrate::MigrateError;
use sqlx::{AnyConnection, ConnectOptions, Executor};
use std::fs::Metadata;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep, timeout};

/// A connection that was unused for so long is opened anew: what is between us and a database forgets silent connections, and a statement
/// sent into nowhere would keep a visitor waiting.
const MAX_IDLE: Duration = Duration::from_secs(30);

/// The settings of every SQLite connection.
const SQLITE: &str =
    "PRAGMA busy_timeout = 4000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;";

/// The setting of a new SQLite database, before its first page is written: later it has no effect, but still asks for the lock.
const NEW_SQLITE: &str = "PRAGMA auto_vacuum = FULL;";

/// For how long a connection that is refused while others are set up is tried again.
const SETUP_TIMEOUT: Duration = Duration::from_secs(2);

/// The settings of every PostgreSQL connection. A database may be set up to acknowledge what isn't on disk yet: not for us.
const POSTGRESQL: &str = "SET lock_timeout = '4s'; SELECT set_config('synchronous_commit', 'on', false) \
     WHERE current_setting('synchronous_commit') = 'off'";

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
    location: Location,
    options: AnyConnectOptions,
    requests: Mutex<Option<Open>>,
    others: Mutex<Option<Open>>,
    /// Which store it is, from the first connection on: no other is taken for it while this process runs.
    known: OnceLock<Id>,
}

impl Connections {
    pub(super) fn new(location: Location) -> Result<Self, StoreError> {
        install_default_drivers();
        let url = match &location {
            Location::Folder(folder) => sqlite_url(folder).map_err(|error| Cause::File(folder.clone(), error))?,
            Location::PostgreSql(url) => url.to_string(),
        };
        // A statement for a full group is pages long, and we report failures ourselves.
        let options =
            url.parse::<AnyConnectOptions>().map_err(|error| Cause::Database { file: None, error, system: None })?;
        let options = options.disable_statement_logging();
        Ok(Self { location, options, requests: Mutex::default(), others: Mutex::default(), known: OnceLock::new() })
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
    fn file(&self) -> Option<PathBuf> {
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

    fn moved(&self) -> StoreError {
        self.file().map_or_else(StoreError::late, |file| Cause::Moved(file).into())
    }

    /// The store that is known isn't there.
    fn lost(&self, how: How) -> StoreError {
        let marker = match &self.location {
            Location::Folder(folder) => Some(identity::marker(folder)).filter(|marker| marker.exists()),
            Location::PostgreSql(_) => None,
        };
        Lost { how, file: self.file(), marker }.into()
    }

    async fn open(&self) -> Result<Open, StoreError> {
        let failed = |error| self.failed(error);
        let Location::Folder(folder) = &self.location else {
            let mut connection = self.options.connect().await.map_err(failed)?;
            connection.execute(POSTGRESQL).await.map_err(failed)?;
            self.identify(&mut connection, None).await?;
            return Ok(Open { connection: Some(connection), files: None, used: Instant::now() });
        };
        let wrong = |error| StoreError::from(Cause::File(folder.clone(), error));
        let marker = identity::read_marker(folder)?;
        if marker.is_some() && self.known.get().is_some_and(|known| Some(known) != marker.as_ref()) {
            return Err(self.lost(How::Another));
        }
        let before = if marker.is_some() || self.known.get().is_some() {
            self.there(folder)?
        } else {
            prepare(folder).map_err(wrong)?
        };
        let mut connection = self.options.connect().await.map_err(failed)?;
        self.set_up(&mut connection, before.len() == 0).await?;
        let id = self.identify(&mut connection, marker.as_ref()).await?;
        if marker.is_none() {
            identity::write_marker(folder, &id, &before)
                .map_err(|error| Cause::File(identity::marker(folder), error))?;
        }
        let files = Files::read(folder).map_err(wrong)?;
        if files.database != number(&before) {
            return Err(self.moved());
        }
        Ok(Open { connection: Some(connection), files: Some((folder.clone(), files)), used: Instant::now() })
    }

    /// The SQLite file of a store that is known: it is not made anew.
    fn there(&self, folder: &Path) -> Result<Metadata, StoreError> {
        let file = folder.join(FILE);
        match file.metadata() {
            Ok(metadata) if metadata.len() == 0 => Err(self.lost(How::Empty)),
            Ok(metadata) => Ok(metadata),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Err(self.lost(How::Missing))
            }
            Err(error) => Err(Cause::File(file, error).into()),
        }
    }

    /// Brings the tables to the newest state, and makes sure that it is the store that is known, by this process or by the file beside it.
    ///
    /// Tables without an id are of a time before there was one: they get that which is known, because they may come from an old backup.
    async fn identify(&self, connection: &mut AnyConnection, marker: Option<&Id>) -> Result<Id, StoreError> {
        let failed = |error| self.failed(error);
        let known = self.known.get().or(marker);
        let is_new = !schema::is_there(connection, self.are_sqlite()).await.map_err(failed)?;
        if is_new && known.is_some() {
            return Err(self.lost(How::Empty));
        }
        let lock = self.are_sqlite().then(|| self.begin());
        schema::migrate(connection, lock).await.map_err(|error| match error {
            MigrateError::Execute(error) => self.failed(error),
            error => Cause::Migration { file: self.file(), error }.into(),
        })?;
        let mut id = identity::read(connection).await.map_err(failed)?;
        if id.is_none() {
            let new = known.cloned().map_or_else(Id::random, Ok)?;
            if identity::give(connection, &new).await.map_err(failed)? && is_new {
                let place = self.file().map_or_else(|| "the database".to_owned(), |file| file.display().to_string());
                tracing::info!(place, "a new store of requests was created");
            }
            id = identity::read(connection).await.map_err(failed)?;
        }
        let id = id.ok_or_else(|| self.lost(How::Empty))?;
        // Two connections may come here at once, and both learn it from the database.
        if self.known.get_or_init(|| id.clone()) != &id || known.is_some_and(|known| *known != id) {
            return Err(self.lost(How::Another));
        }
        Ok(id)
    }

    /// Applies SQLite's settings.
    ///
    /// A connection that turns the log on while another does the same is refused at once, whatever the time it would wait: SQLite fears that
    /// each waits for the other. So it is tried again.
    async fn set_up(&self, connection: &mut AnyConnection, is_new: bool) -> Result<(), StoreError> {
        let started = Instant::now();
        loop {
            let set = async {
                if is_new {
                    connection.execute(NEW_SQLITE).await?;
                }
                connection.execute(SQLITE).await
            };
            match set.await.map_err(|error| self.failed(error)) {
                Err(error) if error.is_locked() && started.elapsed() < SETUP_TIMEOUT => {
                    sleep(SETUP_TIMEOUT / 100).await;
                }
                done => return done.map(drop),
            }
        }
    }

    pub(super) async fn close(&self) {
        for connection in [&self.requests, &self.others] {
            let open = connection.lock().await.take();
            if let Some(open) = open {
                open.close().await;
            }
        }
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
        let connections = Connections::new(Location::Folder(folder.path().join("new"))).unwrap();
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
                let connections = Connections::new(Location::Folder(folder.path().to_owned())).unwrap();
                tokio::spawn(async move { connections.open().await.map(drop) })
            };
            for opened in (0..12).map(open).collect::<Vec<_>>() {
                opened.await.unwrap().unwrap_or_else(|error| panic!("round {round}: {error}"));
            }
        }
    }
}
