//! How a connection is opened: the place is locked, looked at, set up, and made sure to be the store that is known.

use super::connection::Connections;
use super::error::{Cause, How};
use super::identity::{self, Id};
use super::open::{FILE, Files, Open, number, prepare};
use super::schema::SchemaError;
use super::{Location, StoreError, check, lock, pooler, schema, state};
use sqlx::migrate::MigrateError;
use sqlx::{AnyConnection, ConnectOptions, Executor, Row as _};
use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The settings of every SQLite connection.
const SQLITE: &str =
    "PRAGMA busy_timeout = 4000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;";

/// The setting of a new SQLite database, before its first page is written: later it has no effect, but still asks for the lock.
const NEW_SQLITE: &str = "PRAGMA auto_vacuum = FULL;";

/// The setting of who has a SQLite database alone: SQLite then refuses while another program has it open, even one from before there was a lock.
const SQLITE_ALONE: &str = "PRAGMA busy_timeout = 500; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;";

/// For how long a connection that is refused while others are set up is tried again.
const SETUP_TIMEOUT: Duration = Duration::from_secs(2);

/// The settings of every PostgreSQL connection. A database may be set up to acknowledge what isn't on disk yet: not for us.
const POSTGRESQL: &str = "SET lock_timeout = '4s'; SELECT set_config('synchronous_commit', 'on', false) \
     WHERE current_setting('synchronous_commit') = 'off'";

impl Connections {
    pub(super) async fn open(&self) -> Result<Open, StoreError> {
        let failed = |error| self.failed(error);
        let Location::Folder(folder) = &self.location else {
            let mut connection = self.session().await?;
            self.identify(&mut connection, None).await?;
            return Ok(Open { connection: Some(connection), files: None, _lock: None, used: Instant::now() });
        };
        let wrong = |error| StoreError::from(Cause::File(folder.clone(), error));
        let marker = identity::read_marker(folder)?;
        if marker.is_some() && self.known.get().is_some_and(|known| Some(known) != marker.as_ref()) {
            return Err(self.lost(How::Another));
        }
        let mut lock = lock::folder(folder, self.alone)?;
        let before = if marker.is_some() || self.known.get().is_some() {
            self.there(folder)?
        } else {
            prepare(folder).map_err(wrong)?
        };
        let was = self.look_at_file(folder, &before).await?;
        let mut connection = self.options.connect().await.map_err(failed)?;
        self.set_up(&mut connection, before.len() == 0).await?;
        let id = self.identify(&mut connection, marker.as_ref()).await?;
        if marker.is_none() {
            identity::write_marker(folder, &id, &before)
                .map_err(|error| Cause::File(identity::marker(folder), error))?;
            lock = lock::folder(folder, self.alone)?;
        }
        let files = Files::read(folder).map_err(wrong)?;
        if files.database != number(&before) {
            return Err(self.moved());
        }
        if was.is_some_and(|was| was.database != files.database) {
            let waiting = "SELECT COUNT(*) FROM requests WHERE closed_day IS NULL";
            let row = sqlx::query(waiting).fetch_one(&mut connection).await.map_err(failed)?;
            let waiting: i64 = row.try_get(0).map_err(failed)?;
            let file = folder.join(FILE);
            tracing::warn!(
                file = %file.display(),
                waiting,
                "the database was replaced while it was in use, by another file of the same store; it was checked, and is used from now on. What \
                 came in between the two is in neither"
            );
        }
        *self.seen() = Some(files);
        Ok(Open {
            connection: Some(connection),
            files: Some((folder.clone(), files)),
            _lock: lock,
            used: Instant::now(),
        })
    }

    /// A session of PostgreSQL that is ours, with its settings and the lock of the store.
    pub(super) async fn session(&self) -> Result<AnyConnection, StoreError> {
        let failed = |error| self.failed(error);
        let mut connection = self.options.connect().await.map_err(failed)?;
        self.look_at_session(&mut connection).await?;
        connection.execute(POSTGRESQL).await.map_err(failed)?;
        if !lock::database(&mut connection, self.alone).await.map_err(failed)? {
            return Err(lock::in_use(None, self.alone));
        }
        Ok(connection)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Option<Files>> {
        // It is one value, put there as a whole.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at a SQLite file that this process has not opened before, and writes nothing. Gives the files that it opened last.
    async fn look_at_file(&self, folder: &Path, database: &Metadata) -> Result<Option<Files>, StoreError> {
        let was = *self.seen();
        if database.len() == 0 || was.is_some_and(|was| was.database == number(database)) {
            return Ok(was);
        }
        // The log is still the one of the file that was here, as another program has that open.
        let log = Files::read(folder).ok().and_then(|files| files.log);
        if was.is_some_and(|was| log.is_some() && was.log == log) && check::has_log(folder) {
            return Err(Cause::StrangeLog(folder.join(FILE)).into());
        }
        check::look(folder, database).await?;
        Ok(was)
    }

    /// Refuses a connection whose session isn't ours alone. Looked for once: who comes between later is seen by what fails.
    async fn look_at_session(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let failed = |error| self.failed(error);
        let is_known = self.known.get().is_some();
        if !is_known
            && pooler::shares_sessions(connection, &self.options, Id::random()?.as_str()).await.map_err(failed)?
        {
            return Err(Cause::Pooler.into());
        }
        Ok(())
    }

    /// The SQLite file of a store that is known: it is not made anew.
    pub(super) fn there(&self, folder: &Path) -> Result<Metadata, StoreError> {
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
        // Who has the store alone gives it the id that it is to have.
        let known = self.known.get().or(marker.filter(|_| !self.alone));
        let is_new = !schema::is_there(connection, self.are_sqlite()).await.map_err(failed)?;
        if is_new && known.is_some() {
            return Err(self.lost(How::Empty));
        }
        schema::migrate(connection, self.are_sqlite()).await.map_err(|error| match error {
            SchemaError::Newer => Cause::Newer(self.file()).into(),
            SchemaError::Migrate(MigrateError::Execute(error)) => self.failed(error),
            SchemaError::Migrate(error) => Cause::Migration { file: self.file(), error }.into(),
        })?;
        let state = state::all(connection).await.map_err(failed)?;
        match (state.get(state::MOVED_TO), state.contains_key(state::ARRIVING)) {
            _ if self.alone => {}
            (Some(to), _) => return Err(Cause::Elsewhere { file: self.file(), to: to.clone() }.into()),
            (None, true) => return Err(Cause::Arriving(self.file()).into()),
            (None, false) => {}
        }
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
                if self.alone {
                    connection.execute(SQLITE_ALONE).await?;
                }
                connection.execute(SQLITE).await
            };
            match set.await.map_err(|error| self.failed(error)) {
                Err(error) if error.is_locked() && self.alone => {
                    return Err(Cause::InUse(self.file()).into());
                }
                Err(error) if error.is_locked() && started.elapsed() < SETUP_TIMEOUT => {
                    sleep(SETUP_TIMEOUT / 100).await;
                }
                done => return done.map(drop),
            }
        }
    }
}
