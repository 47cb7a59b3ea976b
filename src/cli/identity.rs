//! The staff's private key: read from a file, with the passphrase from the terminal or from another file.

use super::{Failure, quoted, say, secret};
use crate::config::PassphraseOptions;
use crate::requests::keys::{KeyError, PRIVATE_MARK, PrivateKeys};
use age::secrecy::SecretString;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// The maximum size of a key file, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// Why a private key could not be read.
enum Problem {
    Key(KeyError),
    Passphrase(Failure),
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

/// Reads the private keys of a file.
pub(super) fn read(file: &Path, passphrase: &PassphraseOptions) -> Result<PrivateKeys, Failure> {
    if file.to_string_lossy().to_ascii_uppercase().contains(PRIVATE_MARK) {
        return Err(Failure::new("--identity: this is a private key; the name of its file is wanted").help(
            "others on this computer can read the arguments of a program, and your terminal keeps them: make a new key, \
             give the server its public key, and close the requests that wait for the old one",
        ));
    }
    let name = file.display();
    let failed = |error: std::io::Error| {
        Failure::new(format!("the private key {name}: {error}"))
            .help("--identity takes the file that `clinic-site keys new` wrote")
    };
    let mut bytes = Zeroizing::new(Vec::new());
    let open = File::open(file).map_err(failed)?;
    let mode = open.metadata().map_err(failed)?.permissions().mode();
    open.take(MAX_FILE).read_to_end(&mut bytes).map_err(failed)?;
    if mode & 0o077 != 0 {
        say(format!("warning: others on this computer can read {name}; fix it with: chmod 600 {}", quoted(file)));
    }
    let text = secret::text(&bytes);
    let bytes = text.as_ref().map_or(bytes.as_slice(), |text| text.as_bytes());
    let read = PrivateKeys::read(bytes, || ask_passphrase(file, passphrase));
    if let Some(line) = read.as_ref().ok().and_then(|keys| keys.notes().first()) {
        say(format!("{name}: line {line} is no key, and was passed over; begin a note with #"));
    }
    if let Some(line) = read.as_ref().ok().and_then(|keys| keys.broken_readers().first()) {
        say(format!(
            "warning: {name}: line {line} names a reader whose key can't be read, so no request is sealed to it; mend the line"
        ));
    }
    read.map_err(|problem| match problem {
        Problem::Passphrase(failure) => failure,
        Problem::Key(error) => {
            let failure = Failure::new(format!("{name}: {error}"));
            match error {
                KeyError::WrongPassphrase => {
                    failure.help("look at the keyboard's language and at Caps Lock, and try again")
                }
                _ => failure.help("--identity takes the file that `clinic-site keys new` wrote"),
            }
        }
    })
}

fn ask_passphrase(file: &Path, options: &PassphraseOptions) -> Result<SecretString, Problem> {
    let passphrase = match &options.passphrase_file {
        Some(file) => from_file(file),
        None => ask(&format!("Passphrase of {}: ", file.display())),
    };
    passphrase.map_err(Problem::Passphrase)
}

/// The passphrase that a file holds.
pub(super) fn from_file(file: &Path) -> Result<SecretString, Failure> {
    Ok(SecretString::from(secret::read("--passphrase-file", file)?.to_string()))
}

/// Asks on the terminal, without showing what is typed.
pub(super) fn ask(prompt: &str) -> Result<SecretString, Failure> {
    rpassword::prompt_password(prompt).map(SecretString::from).map_err(|error| {
        Failure::new(format!("the passphrase could not be asked for: {error}"))
            .help("there is no terminal here; name a file that holds it with --passphrase-file")
    })
}
