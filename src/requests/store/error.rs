//! Why the store can't be used, in words for the admin: what, where, and how to fix it.

use super::GROUP;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// Why the store can't be used now. The text is for the log; it holds nothing that a visitor typed.
#[derive(Clone, Debug, Error)]
#[error(transparent)]
pub struct StoreError(Arc<Cause>);

#[derive(Debug, Error)]
pub(super) enum Cause {
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, #[source] io::Error),
    /// `system` is what the operating system says of writing beside the file, where SQLite says only that it failed.
    #[error("{}", database(file.as_deref(), error, system.as_ref()))]
    Database {
        file: Option<PathBuf>,
        #[source]
        error: sqlx::Error,
        system: Option<io::Error>,
    },
    #[error("the tables of {}: {error}", place(file.as_deref()))]
    Migration {
        file: Option<PathBuf>,
        #[source]
        error: sqlx::migrate::MigrateError,
    },
    #[error("{}: was deleted or replaced while it was in use", .0.display())]
    Moved(PathBuf),
    #[error(transparent)]
    Lost(#[from] Lost),
    #[error(
        "{}: this file is damaged, so nobody can know which store of requests belongs here. Restore it from the backup; \
         or, if the right requests.db is beside it, delete it, and it is written again",
        .0.display()
    )]
    Marker(PathBuf),
    #[error(
        "{}: this is the database of another program, or of a newer one, and nothing was written to it. Move it away, or name another folder \
         with --data-dir",
        .0.display()
    )]
    Foreign(PathBuf),
    #[error("{}: is damaged ({}), and nothing was written to it; {}", .0.display(), .1, restore(.0))]
    Damaged(PathBuf, String),
    #[error(
        "{}: the log beside it, {}-wal, was written for another file, and SQLite would put it over this one. If this is a backup that was copied \
         here, delete the log and {}-shm (or, better, use `clinic-site restore`, which does all of that); if nobody replaced anything, `touch` the log",
        .0.display(), .0.display(), .0.display()
    )]
    StrangeLog(PathBuf),
    #[error("{}: is being restored or moved by another program; it can be used when that has ended", place(.0.as_deref()))]
    BeingReplaced(Option<PathBuf>),
    #[error(
        "{}: is on {}, which /etc/fstab names and which is not mounted, so that no new store is begun there. Mount it: the server goes on by itself",
        folder.display(), point.display()
    )]
    Unmounted { folder: PathBuf, point: PathBuf },
    #[error("{} is in use: stop `clinic-site serve` and the front desk, and try again", place(.0.as_deref()))]
    InUse(Option<PathBuf>),
    #[error(
        "{}: was written by a newer clinic-site, which this one can't take the place of. Install that version again, or restore the backup from \
         before the upgrade",
        place(.0.as_deref())
    )]
    Newer(Option<PathBuf>),
    #[error("{}: its requests were moved, and are {to} now; give that place to --database or --data-dir", place(file.as_deref()))]
    Elsewhere { file: Option<PathBuf>, to: String },
    #[error("{}: requests are being moved here, and not all have come; run the same `clinic-site move` again", place(.0.as_deref()))]
    Arriving(Option<PathBuf>),
    #[error(
        "the database: a pooler gives each transaction another session (PgBouncer's `pool_mode = transaction`), and then nobody can know what is \
         on disk. Set `pool_mode = session` for this database, or name PostgreSQL itself in --database"
    )]
    Pooler,
    #[error("{}: is there already, and nothing is overwritten", .0.display())]
    Exists(PathBuf),
    #[error("{}: holds no requests of clinic-site; name a file that `clinic-site backup` wrote", .0.display())]
    NoBackup(PathBuf),
    #[error("{}: holds {requests}, and nothing was changed", place(file.as_deref()))]
    Occupied { file: Option<PathBuf>, requests: String },
    #[error("{}: what was written there is not what was read, so it can't be relied on; check its disk, and try again", place(.0.as_deref()))]
    Unequal(Option<PathBuf>),
    #[error("the system gives no random bytes")]
    Randomness,
    #[error("more than {GROUP} requests at once")]
    TooMany,
    #[error("the database doesn't answer")]
    Late,
}

/// Closed requests could not be deleted, or not all of them.
#[derive(Debug, Error)]
pub enum PurgeError {
    /// `deleted` were deleted before the store failed.
    #[error("{error}")]
    Interrupted {
        /// How many were deleted.
        deleted: u64,
        /// Why the others were not.
        #[source]
        error: StoreError,
    },
    /// All were deleted, but SQLite's log, which may still hold them, could not be emptied.
    #[error("what was deleted may still be in SQLite's log, which could not be emptied: {error}")]
    Log {
        /// How many were deleted.
        deleted: u64,
        /// Why it could not be emptied.
        #[source]
        error: StoreError,
    },
}

impl PurgeError {
    /// What is wrong with the store.
    #[must_use]
    pub const fn store(&self) -> &StoreError {
        match self {
            Self::Interrupted { error, .. } | Self::Log { error, .. } => error,
        }
    }
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

    /// Whether the place holds requests, and was left as it is.
    #[must_use]
    pub fn is_occupied(&self) -> bool {
        matches!(&*self.0, Cause::Occupied { .. })
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
        Cause::from(lost).into()
    }
}

impl std::error::Error for Lost {}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.how {
            How::Missing => "is missing",
            How::Empty => "is empty",
            How::Another => "is another store of requests",
        };
        write!(f, "{} {how}", place(self.file.as_deref()))?;
        match &self.marker {
            Some(marker) => write!(f, ", but {} says that one is stored here. ", marker.display())?,
            None => f.write_str(", but this server stored requests there until now. ")?,
        }
        match self.file.as_deref().and_then(Path::parent) {
            Some(folder) => write!(f, "Bring the folder {} back, or restore its backup", folder.display())?,
            None => f.write_str("Bring the database back, or restore its backup")?,
        }
        f.write_str(": the server recovers by itself. To ")?;
        f.write_str(match self.how {
            How::Missing | How::Empty => "start with an empty store instead, ",
            How::Another => "use the store that is there instead, ",
        })?;
        if let Some(marker) = &self.marker {
            write!(f, "delete {} and ", marker.display())?;
        }
        f.write_str("restart the server")
    }
}

/// The SQLite file, or the database.
fn place(file: Option<&Path>) -> String {
    file.map_or_else(|| "the database".to_owned(), |file| file.display().to_string())
}

fn database(file: Option<&Path>, error: &sqlx::Error, system: Option<&io::Error>) -> String {
    let place = place(file);
    let Some(reported) = error.as_database_error() else { return format!("{place}: {error}") };
    let system = system.map(|system| format!(": {system}")).unwrap_or_default();
    let advice = match (file, reported.code().and_then(|code| primary_code(&code))) {
        (Some(_), Some(13)) => "; make room on its disk",
        (Some(_), Some(11 | 26)) => "; restore its backup",
        _ => "",
    };
    let advice = if reported.message().contains("unsupported startup parameter") {
        "; this is PgBouncer: set `ignore_startup_parameters = extra_float_digits` there"
    } else if is_lost_statement(reported) {
        "; a pooler may give each transaction another session: set PgBouncer's `pool_mode = session` for this database"
    } else {
        advice
    };
    format!("{place}: {}{system}{advice}", reported.message())
}

/// Whether PostgreSQL doesn't know a statement that was prepared, or knows it already: `invalid_sql_statement_name`, `duplicate_prepared_statement`.
fn is_lost_statement(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().is_some_and(|code| matches!(&*code, "26000" | "42P05"))
}

/// How a damaged store is mended.
fn restore(file: &Path) -> String {
    let folder = file.parent().unwrap_or(file).display();
    format!("restore its backup: clinic-site restore FILE --data-dir {folder} --replace")
}

/// Whether SQLite says that reading or writing a file failed, without why.
pub(super) fn is_vague(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|reported| primary_code(&reported.code()?)) == Some(10)
}

/// The low byte of SQLite's extended code (<https://www.sqlite.org/rescode.html>).
fn primary_code(code: &str) -> Option<u32> {
    code.parse().ok().map(|code: u32| code & 0xff)
}
