//! The connections of a store: made when they are first needed, kept while they are good, dropped at the first error.
//!
//! There is no pool. PostgreSQL has one connection that takes new requests and one for everything else, so that neither waits for the other.
//! SQLite does one thing at a time in any case, and has one. A pool would try a refused connection again and again until its time is up, while
//! the visitor waits, and it can't close all connections of a file that was deleted before it opens the next.

use super::{Cause, Location, StoreError};
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, ConnectOptions, Connection, Executor, Row as _, SqlSafeStr};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep, timeout};

/// How long a connection may take to be made. SQLite waits as long for another process to give its lock back, PostgreSQL for a table's.
const PATIENCE: Duration = Duration::from_secs(4);

/// A connection that was unused for so long is made anew: what stands between us and a database forgets silent connections, and a statement
/// sent into nowhere would keep a visitor waiting.
const IDLE: Duration = Duration::from_secs(30);

/// The name of the SQLite file in the data folder.
pub const FILE: &str = "requests.db";
/// The name of its write-ahead log.
const LOG: &str = "requests.db-wal";

/// What every SQLite connection is told.
const SQLITE: &str =
    "PRAGMA busy_timeout = 4000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;";

/// What a SQLite database is told before its first page is written: later it has no effect, but still asks for the lock.
const NEW_SQLITE: &str = "PRAGMA auto_vacuum = FULL;";

/// For how long a connection that is refused while others are set up is tried again.
const SETTING_UP: Duration = Duration::from_secs(2);

/// What every PostgreSQL connection is told. A database may be set up to acknowledge what isn't on disk yet: not for us.
const POSTGRESQL: &str = "SET lock_timeout = '4s'; SELECT set_config('synchronous_commit', 'on', false) \
     WHERE current_setting('synchronous_commit') = 'off'";

/// What a connection is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lane {
    /// New requests.
    Requests,
    /// Everything else.
    Others,
}

/// A connection, and what it was connected to.
#[derive(Debug)]
struct Open {
    /// There until it is closed.
    connection: Option<AnyConnection>,
    /// Of SQLite: the folder, and what was in it.
    files: Option<(PathBuf, Files)>,
    used: Instant,
}

impl Open {
    /// Whether the paths still lead to what is open.
    fn leads_there(&self) -> bool {
        self.files.as_ref().is_none_or(|(folder, files)| Files::of(folder).ok() == Some(*files))
    }

    /// Closes SQLite's connection before the next is opened. If the log was deleted, what is in it goes into the database now.
    async fn close(mut self) {
        if self.files.is_some()
            && !self.is_in_the_way()
            && let Some(connection) = self.connection.take()
        {
            // A disk that hangs keeps the thread of the connection, not us.
            let _ = timeout(PATIENCE, connection.close()).await;
        }
    }

    /// Whether the name of the log leads to somebody else's by now. SQLite's last connection deletes the log by its name.
    fn is_in_the_way(&self) -> bool {
        self.files.as_ref().is_some_and(|(folder, files)| {
            let log = folder.join(LOG).metadata().ok().as_ref().map(number);
            log.is_some() && log != files.log
        })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.is_in_the_way() {
            // Never closed: a thread and some files stay until the process ends, and nobody loses a request.
            std::mem::forget(self.connection.take());
        }
    }
}

/// Which SQLite file and log the paths lead to: device and number of each. Whoever deletes or replaces them leaves us with files that nobody
/// finds any more, and what we write into those is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Files {
    database: (u64, u64),
    log: Option<(u64, u64)>,
}

impl Files {
    fn of(folder: &Path) -> io::Result<Self> {
        let database = number(&folder.join(FILE).metadata()?);
        Ok(Self { database, log: folder.join(LOG).metadata().ok().as_ref().map(number) })
    }
}

fn number(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

/// The connections of a store.
pub(super) struct Connections {
    location: Location,
    options: AnyConnectOptions,
    requests: Mutex<Option<Open>>,
    others: Mutex<Option<Open>>,
}

impl Connections {
    pub(super) fn new(location: Location) -> Result<Self, StoreError> {
        install_default_drivers();
        let url = match &location {
            Location::Folder(folder) => {
                sqlite_url(folder).map_err(|error| StoreError(Cause::Folder(folder.clone(), error)))?
            }
            Location::PostgreSql(url) => url.to_string(),
        };
        // A statement for a full group is pages long, and we tell of failures ourselves.
        let options = url.parse::<AnyConnectOptions>()?.disable_statement_logging();
        Ok(Self { location, options, requests: Mutex::default(), others: Mutex::default() })
    }

    pub(super) const fn are_sqlite(&self) -> bool {
        matches!(self.location, Location::Folder(_))
    }

    /// How a transaction begins. In SQLite, one that begins to read and then writes fails at once when another process writes meanwhile.
    pub(super) const fn begin(&self) -> &'static str {
        if self.are_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN" }
    }

    /// A connection to do some work with; [`with`] does it.
    pub(super) async fn lease(&self, lane: Lane) -> Result<Lease<'_>, StoreError> {
        let place = match lane {
            Lane::Others if !self.are_sqlite() => &self.others,
            _ => &self.requests,
        };
        let mut place = place.lock().await;
        match place.take() {
            Some(open) if open.used.elapsed() < IDLE && open.leads_there() => {
                Ok(Lease { connections: self, place, open, was_good: true })
            }
            Some(open) => {
                open.close().await;
                self.new_lease(place).await
            }
            None => self.new_lease(place).await,
        }
    }

    async fn new_lease<'a>(&'a self, place: MutexGuard<'a, Option<Open>>) -> Result<Lease<'a>, StoreError> {
        let open = timeout(PATIENCE, self.open()).await.map_err(|_| StoreError::late())??;
        Ok(Lease { connections: self, place, open, was_good: false })
    }

    fn moved(&self) -> StoreError {
        match &self.location {
            Location::Folder(folder) => StoreError(Cause::Moved(folder.join(FILE))),
            Location::PostgreSql(_) => StoreError::late(),
        }
    }

    async fn open(&self) -> Result<Open, StoreError> {
        let Location::Folder(folder) = &self.location else {
            let mut connection = self.options.connect().await?;
            connection.execute(POSTGRESQL).await?;
            migrate(&mut connection, None).await?;
            return Ok(Open { connection: Some(connection), files: None, used: Instant::now() });
        };
        let wrong = |error| StoreError(Cause::Folder(folder.clone(), error));
        let before = prepare(folder).map_err(wrong)?;
        let mut connection = self.options.connect().await?;
        set_up(&mut connection, before.len() == 0).await?;
        migrate(&mut connection, Some(self.begin())).await?;
        let files = Files::of(folder).map_err(wrong)?;
        if files.database != number(&before) {
            return Err(self.moved());
        }
        Ok(Open { connection: Some(connection), files: Some((folder.clone(), files)), used: Instant::now() })
    }

    pub(super) async fn close(&self) {
        for lane in [&self.requests, &self.others] {
            let open = lane.lock().await.take();
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
    was_good: bool,
}

impl Lease<'_> {
    pub(super) fn connection(&mut self) -> Result<&mut AnyConnection, sqlx::Error> {
        self.open.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Ends the work: gives what it gave, or a new connection to do it again with.
    pub(super) async fn end<T>(mut self, done: Result<T, sqlx::Error>) -> Result<ControlFlow<T, Self>, StoreError> {
        let error = match done {
            // Looked at after the work: before it, the files could still go.
            Ok(done) if self.open.leads_there() => {
                self.open.used = Instant::now();
                *self.place = Some(self.open);
                return Ok(ControlFlow::Break(done));
            }
            Ok(_) => self.connections.moved(),
            Err(error) => error.into(),
        };
        if error.is_locked() {
            // Nothing is wrong with the connection.
            *self.place = Some(self.open);
            return Err(error);
        }
        self.open.close().await;
        if !self.was_good {
            return Err(error);
        }
        Ok(ControlFlow::Continue(self.connections.new_lease(self.place).await?))
    }
}

/// Does some work with a connection. If one that was good before fails, the work is done again with a new one: it must bear that. A macro,
/// because the compiler doesn't see yet that the future of a function that takes an async closure can move between threads.
macro_rules! with {
    ($connections:expr, $lane:expr, $connection:ident => $work:block) => {{
        let mut lease = $connections.lease($lane).await?;
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

/// The folder and the file, for the owner alone: SQLite gives its log the rights of the file. Tells what the file was.
fn prepare(folder: &Path) -> io::Result<Metadata> {
    if !folder.is_dir() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        // SQLite flushes the folder of its file. What leads to a new folder has to be on disk too; some of it may not be ours to open.
        for above in folder.ancestors().skip(1) {
            let _ = File::open(above).and_then(|above| above.sync_all());
        }
    }
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join(FILE))?;
    file.metadata()
}

/// The address of the SQLite file. It has no slash, so that nothing takes `..` out, which behind a link leads somewhere else; and the path is
/// absolute, so that SQLite doesn't take `file:` at its beginning for an address.
fn sqlite_url(folder: &Path) -> io::Result<String> {
    let path = std::path::absolute(folder.join(FILE))?;
    let path =
        path.to_str().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "SQLite needs a name in UTF-8"))?;
    let mut url = String::from("sqlite:");
    for byte in path.bytes() {
        let _ =
            if byte.is_ascii_alphanumeric() { write!(url, "{}", char::from(byte)) } else { write!(url, "%{byte:02X}") };
    }
    url.push_str("?mode=rw");
    Ok(url)
}

/// Tells SQLite how to keep what it is given.
///
/// A connection that turns the log on while another does the same is refused at once, whatever the time it would wait: SQLite fears that each
/// waits for the other. So it is tried again.
async fn set_up(connection: &mut AnyConnection, is_new: bool) -> Result<(), StoreError> {
    let started = Instant::now();
    loop {
        let told = async {
            if is_new {
                connection.execute(NEW_SQLITE).await?;
            }
            connection.execute(SQLITE).await
        };
        match told.await.map_err(StoreError::from) {
            Err(error) if error.is_locked() && started.elapsed() < SETTING_UP => sleep(SETTING_UP / 100).await,
            done => return done.map(drop),
        }
    }
}

/// Brings the tables to the newest state. `lock` begins a transaction, for a database that has no lock of its own for this.
///
/// `run_direct` stands outside sqlx's documentation; `run` takes no connection that a future which moves between threads has borrowed.
async fn migrate(connection: &mut AnyConnection, lock: Option<&'static str>) -> Result<(), StoreError> {
    let wrong = |error| StoreError(Cause::Migration(Box::new(error)));
    let migrator = migrator();
    let newest = migrator.iter().last().map(|migration| migration.version);
    // Nearly always there is nothing to do: that needs no lock, and is seen on a full disk too.
    let there = sqlx::query("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut *connection).await;
    if there.and_then(|row| row.try_get(0)).is_ok_and(|version: Option<i64>| version == newest) {
        return Ok(());
    }
    let Some(lock) = lock else {
        return migrator.run_direct(None, connection, false).await.map_err(wrong);
    };
    let mut transaction = connection.begin_with(lock).await?;
    migrator.run_direct(None, &mut *transaction, false).await.map_err(wrong)?;
    transaction.commit().await?;
    Ok(())
}

/// Applied migrations are never changed: the database remembers their hashes.
fn migrator() -> Migrator {
    let sql = include_str!("../../../migrations/0001_requests.sql");
    let first = Migration::new(1, Cow::Borrowed("requests"), MigrationType::Simple, sql.into_sql_str(), false);
    Migrator::with_migrations(vec![first])
}

#[cfg(test)]
mod tests {
    use super::{Connections, Lane, Location};
    use crate::requests::store::StoreError;
    use sqlx::{AssertSqlSafe, Row as _};

    async fn setting(connections: &Connections, lane: Lane, name: &str) -> Result<String, StoreError> {
        let row = with!(connections, lane, connection => {
            sqlx::query(AssertSqlSafe(format!("PRAGMA {name}"))).fetch_one(connection).await
        });
        Ok(row.try_get::<String, _>(0).or_else(|_| row.try_get::<i64, _>(0).map(|number| number.to_string()))?)
    }

    #[tokio::test]
    async fn every_sqlite_connection_keeps_what_it_acknowledges_and_forgets_what_it_deletes() {
        let folder = tempfile::tempdir().unwrap();
        let connections = Connections::new(Location::Folder(folder.path().join("new"))).unwrap();
        for _ in 0..2 {
            for lane in [Lane::Requests, Lane::Others] {
                let wanted = [
                    ("journal_mode", "wal"),
                    ("synchronous", "2"),
                    ("secure_delete", "1"),
                    ("auto_vacuum", "1"),
                    ("busy_timeout", "4000"),
                ];
                for (name, value) in wanted {
                    assert_eq!(setting(&connections, lane, name).await.unwrap(), value, "{name}");
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
