//! Options of the commands that carry all requests from one place to another: they are for who runs the server, and open nothing.

use super::{Confidential, NoServer, StoreOptions};
use clap::Args;
use std::path::PathBuf;

/// Examples of `backup`.
pub(super) const BACKUP_HELP: &str = "\
Examples:
  clinic-site backup --data-dir /var/lib/clinic-site --out requests-backup.db
  clinic-site backup --out-dir /var/backups/clinic-site --keep 14
                                                a file a day, by a timer; those older than 14 days go
  clinic-site backup --database postgres://clinic@db.example/clinic --database-password-file password --out requests-backup.db

The path of the file is printed when it is on disk and was read again to its end. Every request that was acknowledged
before is in it, sealed as in the store: keep it as long as the private key may open it. `restore` puts it back.";

/// Examples of `restore`.
pub(super) const RESTORE_HELP: &str = "\
Examples:
  clinic-site restore requests-backup.db --data-dir /var/lib/clinic-site
  clinic-site restore requests-backup.db --data-dir /var/lib/clinic-site --replace
                                                keep what is there under another name
  clinic-site restore requests-backup.db --database postgres://clinic@db.example/clinic --database-password-file password

Stop the server and the front desk first. The backup is checked before anything is changed. Run it as the server's user, or
as root: the files are given to the owner of the folder.";

/// Examples of `move`.
pub(super) const MOVE_HELP: &str = "\
Examples:
  clinic-site move --data-dir /var/lib/clinic-site --to postgres://clinic@db.example/clinic --to-password-file password
  clinic-site move --database postgres://clinic@db.example/clinic --database-password-file password --to-dir /var/lib/clinic-site

Stop the server and the front desk first, and start them with the new place afterwards: the old one refuses to be used.
Run it again if it is interrupted; it goes on where it was.";

/// Options of `backup`.
#[derive(Clone, Debug, Args)]
pub struct BackupOptions {
    /// Where the requests are.
    #[command(flatten)]
    pub store: StoreOptions,
    /// Not at a server.
    #[command(flatten)]
    pub no_server: NoServer,
    /// The file to write; it is never overwritten
    #[arg(long, value_name = "FILE", env = "CLINIC_BACKUP_OUT", required_unless_present = "out_dir")]
    pub out: Option<PathBuf>,
    /// The folder to write a file to whose name is the time, unless --out names one
    #[arg(long, value_name = "DIR", env = "CLINIC_BACKUP_DIR")]
    pub out_dir: Option<PathBuf>,
    /// Delete the folder's backups that are older than so many days, after a new one is good; without it, none
    #[arg(long, value_name = "DAYS", env = "CLINIC_BACKUP_KEEP")]
    pub keep: Option<u16>,
}

/// Options of `restore`.
#[derive(Clone, Debug, Args)]
pub struct RestoreOptions {
    /// The file that `backup` wrote
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the requests are to be.
    #[command(flatten)]
    pub store: StoreOptions,
    /// Not at a server.
    #[command(flatten)]
    pub no_server: NoServer,
    /// Take the place of the requests that are there; they are moved aside, with the time in their name
    #[arg(long)]
    pub replace: bool,
}

/// Options of `move`.
#[derive(Clone, Debug, Args)]
pub struct MoveOptions {
    /// Where the requests are.
    #[command(flatten)]
    pub store: StoreOptions,
    /// Not at a server.
    #[command(flatten)]
    pub no_server: NoServer,
    /// The `PostgreSQL` database to move them to
    #[arg(
        long,
        value_name = "URL",
        required_unless_present = "to_dir",
        help = "The PostgreSQL database to move them to: its address, without a password"
    )]
    pub to: Option<Confidential>,
    /// The file that holds the password for that database
    #[arg(long, value_name = "FILE", requires = "to")]
    pub to_password_file: Option<PathBuf>,
    /// The folder to move them to
    #[arg(long, value_name = "DIR", conflicts_with = "to")]
    pub to_dir: Option<PathBuf>,
}
