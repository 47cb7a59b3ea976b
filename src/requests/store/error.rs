//! Why the store can't be used, in words for the admin: what, where, and how to mend it.

use super::GROUP;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the store can't be used now. The text is for the log; it holds nothing that a visitor typed.
#[derive(Clone, Debug)]
pub struct StoreError(Arc<Cause>);

#[derive(Debug)]
pub(super) enum Cause {
    File(PathBuf, io::Error),
    /// `system` is what the operating system says of writing beside the file, where SQLite says only that it failed.
    Database {
        file: Option<PathBuf>,
        error: sqlx::Error,
        system: Option<io::Error>,
    },
    Migration {
        file: Option<PathBuf>,
        error: sqlx::migrate::MigrateError,
    },
    Moved(PathBuf),
    Lost(Lost),
    Marker(PathBuf),
    Randomness,
    TooMany,
    Late,
}

/// The store that is known isn't there.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) how: How,
    /// The SQLite file; `None`: PostgreSQL.
    pub(super) file: Option<PathBuf>,
    /// The file that knows which store belongs here, if it is there: otherwise this process remembers it.
    pub(super) marker: Option<PathBuf>,
}

/// What is there in the place of a store.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    /// No file.
    Missing,
    /// A file without content, or a database without tables.
    Empty,
    /// A store with another id.
    Another,
}

impl StoreError {
    /// The store didn't answer in time.
    #[must_use]
    pub fn late() -> Self {
        Cause::Late.into()
    }

    /// Another process held the lock for longer than we wait: trying again at once would only wait as long again.
    pub(super) fn is_locked(&self) -> bool {
        let Cause::Database { error, .. } = &*self.0 else { return false };
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        // SQLITE_BUSY in the low byte of SQLite's code; lock_not_available in PostgreSQL's words.
        code.is_some_and(|code| code == "55P03" || primary_code(&code) == Some(5))
    }
}

impl From<Cause> for StoreError {
    fn from(cause: Cause) -> Self {
        Self(Arc::new(cause))
    }
}

impl From<Lost> for StoreError {
    fn from(lost: Lost) -> Self {
        Cause::Lost(lost).into()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Cause::File(path, error) => write!(f, "{}: {error}", path.display()),
            Cause::Database { file, error, system } => database(f, file.as_deref(), error, system.as_ref()),
            Cause::Migration { file: Some(file), error } => write!(f, "the tables of {}: {error}", file.display()),
            Cause::Migration { file: None, error } => write!(f, "the database's tables: {error}"),
            Cause::Moved(path) => write!(f, "{}: was deleted or replaced while it was in use", path.display()),
            Cause::Lost(lost) => lost.fmt(f),
            Cause::Marker(path) => write!(
                f,
                "{}: this file is damaged, so nobody can tell which store of requests belongs here. Restore it from the backup; \
                 or, if the right requests.db is beside it, delete it, and it is written again",
                path.display()
            ),
            Cause::Randomness => f.write_str("the system gives no random bytes"),
            Cause::TooMany => write!(f, "more than {GROUP} requests at once"),
            Cause::Late => f.write_str("the database doesn't answer"),
        }
    }
}

impl std::error::Error for StoreError {}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{} ", file.display())?,
            None => f.write_str("the database ")?,
        }
        f.write_str(match self.how {
            How::Missing => "is missing",
            How::Empty => "is empty",
            How::Another => "is another store of requests",
        })?;
        match &self.marker {
            Some(marker) => write!(f, ", but {} says that one is kept here. ", marker.display())?,
            None => f.write_str(", but this server kept requests there until now. ")?,
        }
        match self.file.as_deref().and_then(Path::parent) {
            Some(folder) => write!(f, "Bring the folder {} back, or restore its backup", folder.display())?,
            None => f.write_str("Bring the database back, or restore its backup")?,
        }
        f.write_str(": the server goes on by itself. To ")?;
        f.write_str(match self.how {
            How::Missing | How::Empty => "begin with an empty store instead, ",
            How::Another => "go on with the store that is there instead, ",
        })?;
        if let Some(marker) = &self.marker {
            write!(f, "delete {} and ", marker.display())?;
        }
        f.write_str("restart the server")
    }
}

fn database(
    f: &mut fmt::Formatter<'_>,
    file: Option<&Path>,
    error: &sqlx::Error,
    system: Option<&io::Error>,
) -> fmt::Result {
    match file {
        Some(file) => write!(f, "{}: ", file.display())?,
        None => f.write_str("the database: ")?,
    }
    let Some(told) = error.as_database_error() else { return write!(f, "{error}") };
    f.write_str(told.message())?;
    if let Some(system) = system {
        write!(f, ": {system}")?;
    }
    f.write_str(match (file, told.code().and_then(|code| primary_code(&code))) {
        (Some(_), Some(13)) => "; make room on its disk",
        (Some(_), Some(11 | 26)) => "; restore its backup",
        _ => "",
    })
}

/// Whether SQLite says that reading or writing a file failed, without why.
pub(super) fn is_vague(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|told| primary_code(&told.code()?)) == Some(10)
}

/// The low byte of SQLite's extended code (<https://www.sqlite.org/rescode.html>).
fn primary_code(code: &str) -> Option<u32> {
    code.parse().ok().map(|code: u32| code & 0xff)
}
