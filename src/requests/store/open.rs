//! An open connection, and the files of SQLite that it leads to.

use sqlx::{AnyConnection, Connection};
use std::fmt::Write as _;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long a connection may take to be made. SQLite waits as long for another process to give its lock back, PostgreSQL for a table's.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// The name of the SQLite file in the data folder.
pub const FILE: &str = "requests.db";
/// The name of its write-ahead log.
pub(super) const LOG: &str = "requests.db-wal";

/// A connection, and what it was connected to.
#[derive(Debug)]
pub(super) struct Open {
    /// There until it is closed.
    pub(super) connection: Option<AnyConnection>,
    /// Of SQLite: the folder, and what was in it.
    pub(super) files: Option<(PathBuf, Files)>,
    /// Of SQLite: the lock of the folder, which goes when the connection is closed.
    pub(super) _lock: Option<File>,
    pub(super) used: Instant,
}

impl Open {
    /// Whether the paths still lead to what is open, and it was not emptied.
    pub(super) fn is_in_place(&self) -> bool {
        self.files.as_ref().is_none_or(|(folder, files)| Files::read(folder).ok() == Some(*files))
    }

    /// Closes SQLite's connection before the next is opened. If the log was deleted, what is in it goes into the database now.
    pub(super) async fn close(mut self) {
        if self.files.is_some()
            && !self.is_in_the_way()
            && let Some(connection) = self.connection.take()
        {
            // A disk that hangs keeps the thread of the connection, not us.
            let _ = timeout(CONNECT_TIMEOUT, connection.close()).await;
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
pub(super) struct Files {
    pub(super) database: (u64, u64),
    /// Whether the database has no content, which it has from its first setting on.
    empty: bool,
    pub(super) log: Option<(u64, u64)>,
}

impl Files {
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        let database = folder.join(FILE).metadata()?;
        let log = folder.join(LOG).metadata().ok().as_ref().map(number);
        Ok(Self { database: number(&database), empty: database.len() == 0, log })
    }
}

pub(super) fn number(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

/// The folder and the file, for the owner alone: SQLite gives its log the rights of the file. Returns the file's metadata as it was.
pub(super) fn prepare(folder: &Path) -> io::Result<Metadata> {
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

/// Why nothing can be written into a folder, in the system's words: a full disk looks to SQLite like any other failure when it makes its files.
pub(super) fn cannot_write(folder: &Path) -> Option<io::Error> {
    let path = folder.join(format!(".{FILE}.{}", std::process::id()));
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        // As much as SQLite's index of its log.
        file.write_all(&vec![0; 32 * 1024])?;
        file.sync_all()
    };
    let written = write();
    let _ = std::fs::remove_file(&path);
    written.err()
}

/// The address of a SQLite file, to be opened to read (`ro`), to write (`rw`), or as one that nobody changes (`ro&immutable=1`). It has no slash, so that nothing takes `..` out, which behind a link leads somewhere else; and the path is
/// absolute, so that SQLite doesn't take `file:` at its beginning for an address.
pub(super) fn sqlite_url(file: &Path, mode: &str) -> io::Result<String> {
    let path = std::path::absolute(file)?;
    let path =
        path.to_str().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "SQLite needs a name in UTF-8"))?;
    let mut url = String::from("sqlite:");
    for byte in path.bytes() {
        let _ =
            if byte.is_ascii_alphanumeric() { write!(url, "{}", char::from(byte)) } else { write!(url, "%{byte:02X}") };
    }
    let _ = write!(url, "?mode={mode}");
    Ok(url)
}
