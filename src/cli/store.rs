//! Where the requests are, by the command line.

use super::{Failure, option, secret};
use crate::config::StoreOptions;
use crate::requests::store::{FILE, Location, Store};
use std::path::Path;
use url::Url;

/// The private key of a preview, in its data folder.
pub(super) const PREVIEW_KEY: &str = "preview-key.txt";

/// How to write an address.
const EXAMPLE: &str = "write it like postgres://clinic@db.example/clinic?sslmode=verify-full";

/// The store that was named. A password is taken from a file alone: arguments are in the list of processes, the environment in crash reports
/// and in what other programs inherit.
///
/// Over a network the server has to prove who it is (`sslmode=verify-full`) unless the address says otherwise. Requests are sealed, but
/// somebody in between could still drop one that was acknowledged, close or delete those that wait, see when they come, and learn the password.
pub(super) fn location(options: &StoreOptions) -> Result<Location, Failure> {
    match (&options.database, &options.database_password_file) {
        (None, None) => Ok(Location::Folder(options.data_dir.clone())),
        (None, Some(_)) => Err(Failure::new("there is a password for a database, but no database")
            .help("name it with --database, or leave --database-password-file out")),
        (Some(address), file) => postgresql(&address.0, file.as_deref()).map(Location::PostgreSql),
    }
}

/// Which store that is, in words. Nothing of an address that may be secret is in them.
pub(super) fn place(options: &StoreOptions) -> String {
    if let Some(url) = options.database.as_ref().and_then(|address| Url::parse(&address.0).ok()) {
        return format!(
            "in the database {} on {}",
            url.path().trim_start_matches('/'),
            url.host_str().unwrap_or("this computer")
        );
    }
    let folder = std::path::absolute(&options.data_dir).unwrap_or_else(|_| options.data_dir.clone());
    let tests = if folder.join(PREVIEW_KEY).exists() { " (of a preview: they are for trying out)" } else { "" };
    format!("in the folder {}{tests}", folder.display())
}

/// The store of requests that a server writes: a wrong folder is an error, where `serve` would create a new store.
pub(super) fn existing(options: &StoreOptions) -> Result<Store, Failure> {
    Store::new(location_that_exists(options)?).map_err(Failure::new)
}

/// The place of such a store.
pub(super) fn location_that_exists(options: &StoreOptions) -> Result<Location, Failure> {
    let location = location(options)?;
    if let Location::Folder(folder) = &location
        && !folder.join(FILE).is_file()
    {
        return Err(Failure::new(format!("there are no requests in the folder {}", folder.display())).help(
            "--data-dir takes the folder in which `clinic-site serve` stores them; for those in PostgreSQL, name it with --database",
        ));
    }
    Ok(location)
}

/// The options of a command that is printed, so that it finds the same store.
pub(super) fn options(options: &StoreOptions) -> String {
    let StoreOptions { data_dir, database, database_password_file } = options;
    match database {
        None => option("--data-dir", data_dir),
        // What was refused for its password is not repeated.
        Some(address) if holds_password(&address.0) => String::new(),
        Some(address) => {
            let file = database_password_file.as_ref();
            let file = file.map(|file| option("--database-password-file", file)).unwrap_or_default();
            format!("{}{file}", option("--database", &address.0))
        }
    }
}

fn postgresql(address: &str, password_file: Option<&Path>) -> Result<Url, Failure> {
    // The address isn't repeated: it may hold a password.
    let wrong = |what: &str| Failure::new(format!("--database: {what}")).help(EXAMPLE);
    let mut url = Url::parse(address).map_err(|_| wrong("this is not the address of a database"))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(wrong("this is not the address of a PostgreSQL database"));
    }
    if holds_password(address) {
        return Err(Failure::new("--database: a password doesn't belong in the address").help(
            "others can read it there; write it to a file that only you can read, and name that with --database-password-file",
        ));
    }
    secure(&mut url)?;
    if let Some(file) = password_file {
        let password = secret::read("--database-password-file", file)?;
        // Not before the host: the address of a socket has none.
        url.query_pairs_mut().append_pair("password", &password);
    }
    Ok(url)
}

/// Whether an address has a password in it, or could have one that can't be distinguished from the rest.
fn holds_password(address: &str) -> bool {
    let has = |url: Url| url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password");
    Url::parse(address).map_or(true, has)
}

/// Asks for TLS that proves who the server is, where the address leaves that open and the server is on another computer.
fn secure(url: &mut Url) -> Result<(), Failure> {
    // The last one counts, as for the client of the database.
    let last = |names: &[&str]| {
        let pairs = url.query_pairs().filter(|(key, _)| names.contains(&key.as_ref()));
        pairs.last().map(|(_, value)| value.into_owned())
    };
    let host =
        last(&["host", "hostaddr"]).or_else(|| url.host_str().filter(|host| !host.is_empty()).map(str::to_owned));
    let Some(host) = host else {
        return Err(Failure::new("--database: the address names no host").help(format!(
            "{EXAMPLE}; for a server on this computer, name the folder of its socket: postgres:///clinic?host=/var/run/postgresql"
        )));
    };
    match last(&["sslmode", "ssl-mode"]).as_deref() {
        None if !on_this_computer(&host) => {
            url.query_pairs_mut().append_pair("sslmode", "verify-full");
        }
        None | Some("verify-full") => {}
        Some(_) if on_this_computer(&host) => {}
        Some(_) => tracing::warn!(
            "the database server doesn't have to prove its identity: somebody between it and this computer could drop, close or delete requests. \
             With sslmode=verify-full, and sslrootcert=FILE if its certificate is the clinic's own, it must"
        ),
    }
    Ok(())
}

/// A socket in a folder, or the loopback interface.
fn on_this_computer(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.starts_with('/')
        || host.to_ascii_lowercase().starts_with("%2f")
        || host == "localhost"
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{location, postgresql};
    use crate::config::{Confidential, StoreOptions};
    use crate::requests::store::Location;
    use std::path::{Path, PathBuf};

    #[track_caller]
    fn refused(address: &str) -> String {
        let failure = postgresql(address, None).expect_err(address);
        format!("{} {}", failure.message, failure.help.unwrap_or_default())
    }

    #[test]
    fn a_password_is_taken_from_a_file_alone_and_never_repeated() {
        for address in ["postgres://clinic:hunter2@db.example/clinic", "postgres://db.example/clinic?password=hunter2"]
        {
            let printed = refused(address);
            assert!(printed.contains("--database-password-file") && !printed.contains("hunter2"), "{printed}");
        }
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "h:@/ unter\n").unwrap();
        let url = postgresql("postgres://clinic@127.0.0.1/clinic", Some(&file)).unwrap();
        let password = url.query_pairs().find(|(key, _)| key == "password").map(|(_, value)| value.into_owned());
        assert_eq!(password.as_deref(), Some("h:@/ unter"));
        assert!(postgresql("postgres:///clinic?host=/var/run/postgresql", Some(&file)).is_ok());
        for bad in ["", "\n", "two\nlines\n"] {
            std::fs::write(&file, bad).unwrap();
            assert!(postgresql("postgres://clinic@127.0.0.1/clinic", Some(&file)).is_err(), "{bad:?}");
        }
        let options = StoreOptions {
            data_dir: PathBuf::from("data"),
            database: Some(Confidential("hunter2".to_owned())),
            database_password_file: None,
        };
        let said = format!("{options:?} {:?}", location(&options).unwrap_err());
        assert!(!said.contains("hunter2"), "{said}");
    }

    #[test]
    fn what_is_no_address_of_postgresql_is_refused() {
        for address in
            ["", "db.example", "mysql://db.example/clinic", "sqlite://data.db", "postgres://", "postgres:///clinic"]
        {
            assert!(refused(address).contains("postgres://clinic@db.example/clinic"), "{address:?}");
        }
    }

    #[test]
    fn over_a_network_the_server_proves_who_it_is_unless_the_address_says_otherwise() {
        for (address, wanted) in [
            ("postgres://c@db.example/c", "postgres://c@db.example/c?sslmode=verify-full"),
            ("postgres://c@localhost/c?host=10.0.0.7", "postgres://c@localhost/c?host=10.0.0.7&sslmode=verify-full"),
            ("postgres://c@db.example/c?sslmode=require", "postgres://c@db.example/c?sslmode=require"),
            ("postgres://c@127.0.0.1/c", "postgres://c@127.0.0.1/c"),
            ("postgres://c@[::1]:5433/c", "postgres://c@[::1]:5433/c"),
            ("postgres:///c?host=/var/run/postgresql", "postgres:///c?host=/var/run/postgresql"),
            ("postgres://%2Fvar%2Frun/c", "postgres://%2Fvar%2Frun/c"),
        ] {
            assert_eq!(postgresql(address, None).unwrap().as_str(), wanted);
        }
    }

    #[test]
    fn without_a_database_requests_are_in_the_folder() {
        let mut options =
            StoreOptions { data_dir: PathBuf::from("here"), database: None, database_password_file: None };
        assert!(matches!(location(&options), Ok(Location::Folder(folder)) if folder == Path::new("here")));
        options.database_password_file = Some(PathBuf::from("password"));
        assert!(location(&options).is_err());
    }
}
