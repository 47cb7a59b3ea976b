//! Options about the requests for appointments: where they are stored, and what staff do with them.

use super::{NoServer, PlaceOptions};
use clap::{Args, Subcommand, ValueEnum};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use url::Url;

/// Where requests are stored.
#[derive(Clone, Debug, Args)]
pub struct StoreOptions {
    /// The folder that the appointment requests are stored in
    #[arg(long, value_name = "DIR", env = "CLINIC_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// Store the requests in `PostgreSQL` instead: its address, without a password
    #[arg(
        long,
        value_name = "URL",
        env = "CLINIC_DATABASE",
        hide_env_values = true,
        help = "Store the requests in PostgreSQL instead: its address, such as postgres://clinic@db.example/clinic, without a password"
    )]
    pub database: Option<Confidential>,
    /// The file that holds the password for PostgreSQL
    #[arg(long, value_name = "FILE", env = "CLINIC_DATABASE_PASSWORD_FILE")]
    pub database_password_file: Option<PathBuf>,
}

/// An argument that may hold a secret, against the rule, such as a password in an address. It is taken as any text, since an error about an
/// argument would repeat it, and never printed; whoever reads it refuses it.
#[derive(Clone)]
pub struct Confidential(pub String);

impl From<String> for Confidential {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Confidential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Confidential(…)")
    }
}

/// Where the private key is.
#[derive(Clone, Debug, Args)]
pub struct IdentityOptions {
    /// The file with your private key, as `keys new` wrote it; a passphrase is asked for if it has one
    #[arg(long, value_name = "FILE", env = "CLINIC_IDENTITY")]
    pub identity: PathBuf,
    /// How its passphrase is found.
    #[command(flatten)]
    pub passphrase: PassphraseOptions,
}

/// Where the passphrase of a private key is.
#[derive(Clone, Debug, Args)]
pub struct PassphraseOptions {
    /// The file that holds the passphrase of the private key, instead of asking for it
    #[arg(long, value_name = "FILE", env = "CLINIC_PASSPHRASE_FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// What can be done with staff keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a key pair: a private key for staff, a public one for the server
    #[command(after_help = "\
Examples:
  clinic-site keys new --safe safe-key.txt                   writes staff-key.txt and a second key for the safe, prints both public keys
  clinic-site keys new                                       writes staff-key.txt alone
  clinic-site keys new --passphrase --out /media/usb/key.txt
  clinic-site keys new --reader age1...                      and whom else requests may be sealed to: the key in the safe
  clinic-site serve --staff-key age1...                      the server gets the public key alone

Make it on the computer at the front desk, not on the server. docs/front-desk.md says how to go on.")]
    New(NewKeysOptions),
}

/// Options of `keys new`.
#[derive(Clone, Debug, Args)]
pub struct NewKeysOptions {
    /// The file to write the private key to; it is never overwritten
    #[arg(long, value_name = "FILE", default_value = "staff-key.txt")]
    pub out: PathBuf,
    /// Make a second key in this file, to be put in a safe: it opens what the first opens, should that be lost
    #[arg(long, value_name = "FILE")]
    pub safe: Option<PathBuf>,
    /// A public key of somebody else (age1…) that requests may be sealed to, such as the one in the safe; may be given several times
    #[arg(
        long = "reader",
        value_name = "KEY",
        env = "CLINIC_KEYS_READER",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub readers: Vec<Confidential>,
    /// Lock the file with a passphrase, which is asked for
    #[arg(long, conflicts_with = "passphrase_file")]
    pub passphrase: bool,
    /// Lock the file with the passphrase that this file holds
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// What can be done with requests.
#[derive(Debug, Subcommand)]
pub enum Requests {
    /// List requests; with a private key, with what matters for calling back
    #[command(after_help = "\
Examples:
  clinic-site requests list                                  reference, age, page, state, key: nothing is opened
  clinic-site requests list --identity staff-key.txt         best times, language and for whom, too
  clinic-site requests list --state closed --format json
  clinic-site requests list --database postgres://clinic@db.example/clinic --database-password-file password
  clinic-site requests list --server https://clinic.example --identity staff-key.txt
                                                             from any computer, as the front desk's page does

With a private key, what does not fit is reported: a request that was swapped, one that the database calls closed and nobody closed.")]
    List(ListOptions),
    /// Open a request and print all of it
    #[command(after_help = "\
Examples:
  clinic-site requests show K7QM-4XT2 --identity staff-key.txt
  clinic-site requests show K7QM-4XT2 --identity staff-key.txt --format json
  clinic-site requests show K7QM-4XT2 --server https://clinic.example --identity staff-key.txt
  clinic-site requests show K7QM-4XT2 --sealed | age --decrypt -i staff-key.txt")]
    Show(ShowOptions),
    /// Note what came of a request, or of several, and close it
    #[command(after_help = "\
Examples:
  clinic-site requests close K7QM-4XT2 --identity staff-key.txt --outcome booked
  echo Monday, 9 am | clinic-site requests close K7QM-4XT2 --identity staff-key.txt --outcome booked --note-file -
  clinic-site requests close K7QM-4XT2 81SX-20KC 4DFW-Z7AA --identity staff-key.txt --outcome not-a-request
                                                             several at once; exit code 1 if one of them could not be closed
  clinic-site requests close K7QM-4XT2 --server https://clinic.example --identity staff-key.txt --outcome booked

The note is no argument: others on this computer can read the arguments of a program.")]
    Close(CloseOptions),
    /// Open a closed request, or several, again
    #[command(after_help = "\
Examples:
  clinic-site requests reopen K7QM-4XT2 --identity staff-key.txt
  clinic-site requests reopen K7QM-4XT2 --server https://clinic.example --identity staff-key.txt")]
    Reopen(ChangeOptions),
    /// Delete closed requests now; the server does it every day
    #[command(after_help = "\
Examples:
  clinic-site requests purge
  clinic-site requests purge --keep-days 0                   all that are closed, but those of today

It needs the store itself. A server does it every day, so from other computers there is nothing to do.")]
    Purge(PurgeOptions),
}

/// Options of `requests list`.
#[derive(Clone, Debug, Args)]
pub struct ListOptions {
    /// Where the requests are.
    #[command(flatten)]
    pub place: PlaceOptions,
    /// The file with your private key; without it, nothing is opened
    #[arg(long, value_name = "FILE", env = "CLINIC_IDENTITY")]
    pub identity: Option<PathBuf>,
    /// How its passphrase is found.
    #[command(flatten)]
    pub passphrase: PassphraseOptions,
    /// Which requests
    #[arg(long, value_enum, default_value_t = State::Waiting)]
    pub state: State,
    /// How to print them
    #[arg(long, value_enum, default_value_t = RequestFormat::Text)]
    pub format: RequestFormat,
}

/// Which requests to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum State {
    /// Those that wait
    Waiting,
    /// Those that are closed
    Closed,
    /// All there are
    All,
}

/// How requests are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RequestFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Options of `requests show`.
#[derive(Clone, Debug, Args)]
pub struct ShowOptions {
    /// The reference of the request
    #[arg(value_name = "REFERENCE")]
    pub reference: String,
    /// Where the requests are.
    #[command(flatten)]
    pub place: PlaceOptions,
    /// The file with your private key, as `keys new` wrote it
    #[arg(long, value_name = "FILE", env = "CLINIC_IDENTITY", required_unless_present = "sealed")]
    pub identity: Option<PathBuf>,
    /// How its passphrase is found.
    #[command(flatten)]
    pub passphrase: PassphraseOptions,
    /// Print the request as it is stored, for Debian's `age`; nothing is opened
    #[arg(long, conflicts_with = "format")]
    pub sealed: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = RequestFormat::Text)]
    pub format: RequestFormat,
}

/// Requests that are changed: the options of `requests reopen`.
#[derive(Clone, Debug, Args)]
pub struct ChangeOptions {
    /// The reference of the request, or several
    #[arg(value_name = "REFERENCE", required = true)]
    pub references: Vec<String>,
    /// Where the requests are.
    #[command(flatten)]
    pub place: PlaceOptions,
    /// Your private key.
    #[command(flatten)]
    pub identity: IdentityOptions,
}

/// Options of `requests close`.
#[derive(Clone, Debug, Args)]
pub struct CloseOptions {
    /// The requests.
    #[command(flatten)]
    pub requests: ChangeOptions,
    /// What came of it
    #[arg(long, value_enum)]
    pub outcome: OutcomeName,
    /// A file with a note of at most 300 characters; - reads it from stdin
    #[arg(long, value_name = "FILE")]
    pub note_file: Option<PathBuf>,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutcomeName {
    /// An appointment was made
    Booked,
    /// The person was reached, and wants no appointment now
    NotNow,
    /// Nobody could be reached
    NotReached,
    /// The same person had asked before
    AskedBefore,
    /// A test, or junk
    NotARequest,
}

/// Options of `requests purge`.
#[derive(Clone, Debug, Args)]
pub struct PurgeOptions {
    /// Where the requests are.
    #[command(flatten)]
    pub store: StoreOptions,
    /// Not at a server.
    #[command(flatten)]
    pub no_server: NoServer,
    /// Keep what was closed within so many days
    #[arg(long, value_name = "N", env = "CLINIC_KEEP_DAYS", default_value_t = 30)]
    pub keep_days: u16,
    /// Delete by this computer's clock, though it has leapt since the store was last in use
    #[arg(long)]
    pub trust_clock: bool,
}

/// Options of `desk`.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DeskOptions {
    /// What else can be done about it.
    #[command(subcommand)]
    pub command: Option<DeskCommand>,
    /// Where the requests are.
    #[command(flatten)]
    pub store: StoreOptions,
    /// The address and port to listen on, of this computer alone; port 0 takes a free one
    // A variable of its own: CLINIC_LISTEN is where the site listens, which others may reach.
    #[arg(long, value_name = "127.0.0.1:PORT", env = "CLINIC_DESK_LISTEN", default_value = "127.0.0.1:0", value_parser = loopback)]
    pub listen: SocketAddr,
    /// For how many days the server keeps closed requests, as it was started with
    #[arg(long, value_name = "DAYS", env = "CLINIC_KEEP_DAYS", default_value_t = 30)]
    pub keep_days: u16,
    /// Taken so that the answer can say what is meant: a page for a server is made by `desk page`.
    #[arg(long, hide = true)]
    pub server: Option<String>,
    /// Taken for the same reason: the key is chosen in the page.
    #[arg(long, hide = true)]
    pub identity: Option<PathBuf>,
}

/// What else can be done about the front desk.
#[derive(Clone, Debug, Subcommand)]
pub enum DeskCommand {
    /// Make the page of the front desk for a server: one file, to be opened from the disk of any computer
    #[command(after_help = "\
Examples:
  clinic-site desk page --server https://clinic.example
  clinic-site desk page --server https://clinic.example --reader age1… --out /media/usb/desk.html

The file holds nothing secret. The same program makes the same bytes of the same options: compare the
SHA-256 that is printed with that of the file at the desk. With --reader the page knows whose keys a
server may seal requests to; another one is reported to staff, and nothing is ever sealed to it.")]
    Page(DeskPageOptions),
}

/// Options of `desk page`.
#[derive(Clone, Debug, Args)]
pub struct DeskPageOptions {
    /// The address of the site whose requests the page opens
    #[arg(long, value_name = "URL", env = "CLINIC_DESK_SERVER", value_parser = super::public_url)]
    pub server: Url,
    /// A public key (age1…) that requests may be sealed to, besides those in the files that staff open; may be given several times
    #[arg(
        long = "reader",
        value_name = "KEY",
        env = "CLINIC_DESK_READER",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub readers: Vec<Confidential>,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "desk.html")]
    pub out: PathBuf,
}

/// An address that this computer alone can reach.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let help = "write it like 127.0.0.1:8090";
    let address: SocketAddr = text.parse().map_err(|error| format!("{error}; {help}"))?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err(format!("others could reach the opened requests there; {help}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Confidential, loopback};

    #[test]
    fn what_may_be_a_secret_is_not_printed() {
        assert!(!format!("{:?}", Confidential("hunter2".to_owned())).contains("hunter2"));
    }

    #[test]
    fn the_desk_is_for_this_computer_alone() {
        for good in ["127.0.0.1:0", "127.0.0.1:8090", "[::1]:8090"] {
            assert!(loopback(good).is_ok(), "{good}");
        }
        for bad in ["0.0.0.0:8090", "[::]:8090", "192.168.1.2:80", "localhost:8090", "8090", ""] {
            let error = loopback(bad).unwrap_err();
            assert!(error.contains("127.0.0.1:8090"), "{bad}: {error}");
        }
    }
}
