//! A backup: all rows as of one instant in one SQLite file, whichever database they are in, so that one file is restored into either.

use super::copy::{CopyError, Summary, Tally, Transactions, copy, tally};
use super::error::Cause;
use super::identity::{self, Id};
use super::open::{CONNECT_TIMEOUT, sqlite_url};
use super::{Store, StoreError, check, schema, state};
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::{AnyConnection, ConnectOptions as _, Connection as _, Executor};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tokio::time::timeout;

/// The settings of a SQLite file that is written once and then put in its place: until then, a crash leaves nothing that anybody takes for it.
const SETTINGS: &str =
    "PRAGMA auto_vacuum = FULL; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;";

/// A new SQLite file with the tables of a store, under a name that nobody looks at; it goes with this value unless it is put in its place.
pub(super) struct NewFile {
    path: PathBuf,
    connection: Option<AnyConnection>,
}

impl Drop for NewFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl NewFile {
    /// Makes the file beside the one that it will be, for its owner alone.
    pub(super) async fn create(beside: &Path, id: &Id) -> Result<Self, StoreError> {
        install_default_drivers();
        let name = beside.file_name().unwrap_or_default().to_string_lossy();
        let path = beside.with_file_name(format!(".{name}.{}", std::process::id()));
        let wrong = |error| StoreError::from(Cause::File(path.clone(), error));
        let _ = fs::remove_file(&path);
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(wrong)?;
        let url = sqlite_url(&path, "rw").map_err(wrong)?;
        let failed = |error| check::failed(&path, error);
        let options: AnyConnectOptions = url.parse().map_err(failed)?;
        let connection = options.disable_statement_logging().connect().await.map_err(failed)?;
        let mut new = Self { path: path.clone(), connection: Some(connection) };
        let connection = new.connection()?;
        connection.execute(SETTINGS).await.map_err(failed)?;
        schema::migrate(connection, true).await.map_err(|error| match error {
            schema::SchemaError::Newer => Cause::Newer(Some(path.clone())),
            schema::SchemaError::Migrate(error) => Cause::Migration { file: Some(path.clone()), error },
        })?;
        identity::give(connection, id).await.map_err(failed)?;
        Ok(new)
    }

    fn connection(&mut self) -> Result<&mut AnyConnection, StoreError> {
        self.connection.as_mut().ok_or_else(StoreError::late)
    }

    /// Fills it from a database, closes and flushes it, and reads it again to its end.
    pub(super) async fn fill(
        &mut self,
        from: (&mut AnyConnection, bool),
        from_failed: impl Fn(sqlx::Error) -> StoreError,
        seen_day: Option<i64>,
    ) -> Result<Summary, StoreError> {
        let path = self.path.clone();
        let failed = |error| check::failed(&path, error);
        if let Some(day) = seen_day {
            state::set(self.connection()?, state::SEEN_DAY, &day.to_string()).await.map_err(failed)?;
        }
        let copied = copy(from, (self.connection()?, true), Transactions::One).await.map_err(|error| match error {
            CopyError::From(error) => from_failed(error),
            CopyError::To(error) => failed(error),
        })?;
        if let Some(connection) = self.connection.take() {
            connection.close().await.map_err(failed)?;
        }
        let wrong = |error| StoreError::from(Cause::File(path.clone(), error));
        File::open(&path).and_then(|file| file.sync_all()).map_err(wrong)?;
        if whole(&path).await? == copied { Ok(copied.summary) } else { Err(Cause::Unequal(Some(path)).into()) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, durably.
    pub(super) fn put(self, place: &Path) -> Result<(), StoreError> {
        let wrong = |error| StoreError::from(Cause::File(place.to_owned(), error));
        fs::rename(&self.path, place).map_err(wrong)?;
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(wrong)
    }
}

/// Opens a SQLite file that nobody writes to, such as a backup, and makes sure that it is ours and whole.
pub(super) async fn open(path: &Path) -> Result<AnyConnection, StoreError> {
    install_default_drivers();
    let wrong = |error| StoreError::from(Cause::File(path.to_owned(), error));
    if path.metadata().map_err(wrong)?.len() == 0 {
        return Err(Cause::NoBackup(path.to_owned()).into());
    }
    let url = sqlite_url(path, "ro&immutable=1").map_err(wrong)?;
    check::file(path, &url, true).await
}

/// The rows of a file that is whole.
async fn whole(path: &Path) -> Result<Tally, StoreError> {
    let mut connection = open(path).await?;
    let counted = tally(&mut connection, true).await.map_err(|error| check::failed(path, error));
    let _ = connection.close().await;
    counted
}

impl Store {
    /// Writes a backup while the store is in use: every request that was acknowledged before, in one file that is on disk and was read again to
    /// its end. Gives its rows and its bytes.
    ///
    /// # Errors
    /// There is no new file: the store can't be read, or the file is there already, or can't be written.
    pub async fn back_up(&self, file: &Path) -> Result<(Summary, u64), StoreError> {
        if file.symlink_metadata().is_ok() {
            return Err(Cause::Exists(file.to_owned()).into());
        }
        let mut open = timeout(CONNECT_TIMEOUT, self.connections.open()).await.map_err(|_| StoreError::late())??;
        let written = self.write_backup(open.connection.as_mut(), file).await;
        open.close().await;
        written
    }

    async fn write_backup(&self, from: Option<&mut AnyConnection>, file: &Path) -> Result<(Summary, u64), StoreError> {
        let failed = |error| self.connections.failed(error);
        let from = from.ok_or_else(StoreError::late)?;
        if schema::is_newer(from, self.connections.are_sqlite()).await.map_err(failed)? {
            return Err(Cause::Newer(self.connections.file()).into());
        }
        let id = identity::read(from).await.map_err(failed)?.map_or_else(Id::random, Ok)?;
        let seen_day = state::number(from, state::SEEN_DAY).await.map_err(failed)?;
        let mut new = NewFile::create(file, &id).await?;
        let summary = new.fill((from, self.connections.are_sqlite()), failed, seen_day).await?;
        let wrong = |error| StoreError::from(Cause::File(file.to_owned(), error));
        let bytes = new.path().metadata().map_err(wrong)?.len();
        if file.symlink_metadata().is_ok() {
            return Err(Cause::Exists(file.to_owned()).into());
        }
        new.put(file)?;
        Ok((summary, bytes))
    }
}
