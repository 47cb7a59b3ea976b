//! `clinic-site keys new`: a key pair for staff.

use super::{Failure, Outcome, clock, identity, print, say};
use crate::config::NewKeysOptions;
use crate::lang::Lang;
use crate::requests::keys::{PrivateKeys, PublicKeys, fingerprint, grouped};
use age::secrecy::{ExposeSecret as _, SecretString};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The fewest characters of a passphrase: whoever finds the file can try as many as a computer can in years.
const MIN_CHARACTERS: usize = 12;

pub(super) fn run(options: &NewKeysOptions) -> Result<Outcome, Failure> {
    let files = || std::iter::once(&options.out).chain(&options.safe);
    // Before a passphrase is asked for in vain.
    if let Some(file) = files().find(|file| fs::symlink_metadata(file).is_ok()) {
        return Err(there_already(file));
    }
    let mut keys = PrivateKeys::generate();
    if let Some(readers) = readers(options)? {
        keys = keys.with_readers(&readers);
    }
    let safe = match &options.safe {
        Some(file) if is_same(file, &options.out) => {
            return Err(Failure::new("--out and --safe name the same file; nothing was written")
                .help("each key has a file of its own: the one in the safe is there when the other is lost"));
        }
        Some(file) => {
            let safe = PrivateKeys::generate();
            let (first, second) = (keys.readers(), safe.public().map_err(Failure::new)?);
            // Each seals to the other what it closes.
            keys = keys.with_readers(&second);
            let safe = safe.with_readers(&PublicKeys::parse(first.iter().map(String::as_str)).map_err(Failure::new)?);
            Some((file, safe))
        }
        None => None,
    };
    let day = Lang::En.date(clock::now().date());
    let made = format!("private staff key of clinic-site, made on {day}; keep it off the server");
    let text = keys.file(&[&made]);
    let locked = match passphrase(options)? {
        Some(passphrase) => Some(PrivateKeys::lock(&text, passphrase).map_err(Failure::new)?),
        None => None,
    };
    let mut publics = vec![public(&keys)?];
    if let Some((file, safe)) = &safe {
        write(file, &safe.file(&[&made, "the one for the safe"]))?;
        publics.push(public(safe)?);
    }
    write(&options.out, locked.as_deref().unwrap_or(&text)).inspect_err(|_| {
        // Alone it would be in the way of another try.
        if let Some((file, _)) = &safe {
            let _ = fs::remove_file(file);
        }
    })?;
    print(&format!("{}\n", publics.join("\n")))?;
    explain(options, locked.is_some(), &publics);
    Ok(Outcome::Good)
}

/// Whether two paths name one file, which need not be there yet.
fn is_same(one: &Path, other: &Path) -> bool {
    let folder =
        |path: &Path| fs::canonicalize(path.parent().filter(|at| *at != Path::new("")).unwrap_or(Path::new("."))).ok();
    one == other || one.file_name() == other.file_name() && folder(one).is_some_and(|at| folder(other) == Some(at))
}

fn public(keys: &PrivateKeys) -> Result<String, Failure> {
    Ok(keys.public().map_err(Failure::new)?.texts().concat())
}

/// The public keys of others.
fn readers(options: &NewKeysOptions) -> Result<Option<PublicKeys>, Failure> {
    if options.readers.is_empty() {
        return Ok(None);
    }
    PublicKeys::parse(options.readers.iter().map(|key| key.0.as_str())).map(Some).map_err(|error| {
        Failure::new(format!("--reader: {error}; nothing was written")).help(
            "--reader takes the line that begins with age1, as `clinic-site keys new` printed it for the other key",
        )
    })
}

fn passphrase(options: &NewKeysOptions) -> Result<Option<SecretString>, Failure> {
    let passphrase = match &options.passphrase_file {
        Some(file) => identity::from_file(file)?,
        None if options.passphrase => {
            let first = identity::ask("A passphrase for the private key: ")?;
            let again = identity::ask("The same once more: ")?;
            if first.expose_secret() != again.expose_secret() {
                return Err(Failure::new("the two passphrases differ; nothing was written").help("try again"));
            }
            first
        }
        None => return Ok(None),
    };
    if passphrase.expose_secret().chars().count() < MIN_CHARACTERS {
        return Err(Failure::new(format!(
            "the passphrase has fewer than {MIN_CHARACTERS} characters; nothing was written"
        ))
        .help("four or five words that don't belong together are long enough, and easy to keep in mind"));
    }
    Ok(Some(passphrase))
}

/// Writes a new file that its owner alone can read, and waits until it is on the disk: the public key may be in use a minute later.
fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let mut open =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => there_already(file),
            _ => failed(file, &error),
        })?;
    open.write_all(text.as_bytes()).and_then(|()| open.sync_all()).map_err(|error| {
        // Half a key is none: what is left of it would only be in the way.
        let _ = fs::remove_file(file);
        failed(file, &error)
    })
}

fn failed(file: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("the private key could not be written to {}: {error}", file.display()))
        .help("name another place with --out FILE, or --safe FILE for the one in the safe")
}

fn there_already(file: &Path) -> Failure {
    Failure::new(format!("{} is there already; nothing was written", file.display()))
        .help("a key that is overwritten is lost, with every request sealed to it: name another file with --out FILE or --safe FILE")
}

fn explain(options: &NewKeysOptions, locked: bool, publics: &[String]) {
    let file = options.out.display();
    let lock = if locked {
        "It is locked with your passphrase: nobody can open it without."
    } else {
        "Whoever has this file can read every request. With --passphrase it would be locked."
    };
    let public = publics.first().map(String::as_str).unwrap_or_default();
    let second = match &options.safe {
        Some(safe) => format!(
            "If it is lost, the key in {} opens the same requests. Put that file in a safe, away from here, and leave no copy on this
  computer. It has no passphrase: one that nobody remembers would lock it for good. Each of the two knows the other, so
  what is closed with one is sealed to both.",
            safe.display()
        ),
        None if options.readers.is_empty() => format!(
            "If it is lost, every request that was sealed to it is lost: nobody can open them any more. So there should be a second key
  in a safe, away from here. As nothing is sealed to this one yet, delete its file and make both at once, so that each knows the other:
  clinic-site keys new --safe safe-key.txt
  Or add a line for a key that there is already: # reader: age1...
  In the file of that key, the line for this one is: # reader: {public}"
        ),
        None => "The other keys that you named are in it: what you close is sealed to them, too.".to_owned(),
    };
    let readers: Vec<&str> = options.readers.iter().map(|key| key.0.as_str()).collect();
    let others = if readers.is_empty() {
        String::new()
    } else {
        let lines: String = publics.iter().fold(String::new(), |lines, public| lines + "\n  # reader: " + public);
        format!(
            "\n  Whoever has the other keys that you named adds to their files, or what they close is not sealed to these:{lines}"
        )
    };
    let staff_keys = [publics.iter().map(String::as_str).collect(), readers].concat().join(",");
    let fingerprints: Vec<String> = publics.iter().map(|public| grouped(&fingerprint(public))).collect();
    let (are, seal) = match publics.len() {
        1 => (
            "public key is the line that begins with age1. It seals requests and opens none, so it is no secret.\n  Its fingerprint is",
            "it",
        ),
        _ => (
            "public keys are the lines that begin with age1. They seal requests and open none, so they are no secret.\n  Their fingerprints are",
            "both",
        ),
    };
    say(format!(
        "\nThe private key is in {file}
  It opens the requests. Keep it on the computers of the front desk, and never on the server. {lock}
  {second}{others}

The {are} {}
  The server prints the fingerprints of its keys at its start: compare them, and the desk shows the same.
  Give {seal} to the server:
  clinic-site serve --staff-key {}",
        fingerprints.join("\n  and "),
        staff_keys
    ));
}
