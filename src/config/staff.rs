//! Options that say where requests are kept.

use clap::Args;
use std::fmt;
use std::path::PathBuf;

/// Where requests are kept.
#[derive(Clone, Debug, Args)]
pub struct StoreOptions {
    /// The folder that the appointment requests are kept in
    #[arg(long, value_name = "DIR", env = "CLINIC_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// Keep the requests in PostgreSQL instead, such as postgres://clinic@db.example/clinic; without a password
    #[arg(long, value_name = "URL", env = "CLINIC_DATABASE", hide_env_values = true)]
    pub database: Option<DatabaseAddress>,
    /// The file that holds the password for PostgreSQL
    #[arg(long, value_name = "FILE", env = "CLINIC_DATABASE_PASSWORD_FILE")]
    pub database_password_file: Option<PathBuf>,
}

/// The address of a database as it was given. Whoever wrote a password into it, against the rule, is told so: it is taken as any text here, since
/// an error about an argument would repeat it, and never printed.
#[derive(Clone)]
pub struct DatabaseAddress(pub String);

impl From<String> for DatabaseAddress {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseAddress(…)")
    }
}
