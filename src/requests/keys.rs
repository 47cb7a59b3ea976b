//! Staff keys: age X25519 key pairs (<https://age-encryption.org/v1>). The server has the public half alone.

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::secrecy::{ExposeSecret, SecretString};
use age::{Decryptor, Encryptor, scrypt, x25519};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::{Read, Write};
use thiserror::Error;
use zeroize::Zeroizing;

/// How a private key begins. Wherever this turns up on a server, somebody made a mistake.
pub const PRIVATE_MARK: &str = "AGE-SECRET-KEY-";
/// The most bytes of an identity file.
const MAX_FILE: u64 = 64 * 1024;
/// The most work a passphrase may ask for: 2^22 is seconds, and a stranger's file may ask for years.
const MAX_WORK: u8 = 22;

/// What is wrong with a key, in words for the admin. None of them holds the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// There is none.
    #[error("there is no key")]
    None,
    /// More than [`PublicKeys::MAX`].
    #[error("there are more than {} keys", PublicKeys::MAX)]
    TooMany,
    /// A private key, where a public one is wanted.
    #[error(
        "this is a private key: anybody who reads the command line, the environment or this computer's disk can now open the requests"
    )]
    Private,
    /// Not a public key of age.
    #[error("this is not a public staff key, which begins with age1 and has 62 letters and digits")]
    NotPublic,
    /// Not a file with private keys of age.
    #[error("this file holds no private staff key, as `clinic-site keys new` writes it")]
    NotAnIdentity,
    /// A line of the file holds a private key that can't be read.
    #[error("line {0} is no private key: it may be cut off, or broken into two lines")]
    NotAKey(usize),
    /// The passphrase doesn't open the file.
    #[error("the passphrase doesn't open this file")]
    WrongPassphrase,
    /// The keys could not be written.
    #[error("the keys could not be written")]
    Unwritable,
}

/// The public keys that requests are sealed to: those of the front desk, and perhaps one in a safe.
#[derive(Clone)]
pub struct PublicKeys {
    keys: Vec<x25519::Recipient>,
    fingerprints: String,
}

impl PublicKeys {
    /// At most so many keys: each makes a sealed request longer.
    pub const MAX: usize = 8;

    /// Reads public keys, one a text.
    ///
    /// # Errors
    /// There is none, there are too many, or one is no public key.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        for text in texts.into_iter().map(str::trim) {
            if text.to_ascii_uppercase().contains(PRIVATE_MARK) {
                return Err(KeyError::Private);
            }
            keys.push(text.parse().map_err(|_| KeyError::NotPublic)?);
        }
        Self::new(keys)
    }

    fn new(keys: Vec<x25519::Recipient>) -> Result<Self, KeyError> {
        match keys.len() {
            0 => return Err(KeyError::None),
            n if n > Self::MAX => return Err(KeyError::TooMany),
            _ => {}
        }
        let mut fingerprints: Vec<String> = keys.iter().map(short).collect();
        fingerprints.sort_unstable();
        Ok(Self { keys, fingerprints: fingerprints.join(",") })
    }

    /// The keys as text.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.keys.iter().map(ToString::to_string).collect()
    }

    /// Which keys they are: for each the first 8 hexadecimal digits of its SHA-256, in order, between commas. A request is stored with it, so
    /// that staff know which key opens it.
    #[must_use]
    pub fn fingerprints(&self) -> &str {
        &self.fingerprints
    }

    /// The keys, for age.
    pub(super) fn recipients(&self) -> impl Iterator<Item = &dyn age::Recipient> {
        self.keys.iter().map(|key| key as &dyn age::Recipient)
    }
}

impl fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublicKeys").field(&self.fingerprints).finish()
    }
}

fn short(key: &x25519::Recipient) -> String {
    let mut digits = fingerprint(&key.to_string());
    digits.truncate(8);
    digits
}

/// The fingerprint of a public key, by its text `age1…`: the first 128 bits of its SHA-256, as 32 hexadecimal digits. Nobody can make a second key
/// with the same one.
#[must_use]
pub fn fingerprint(key: &str) -> String {
    let mut digits = hex::encode(Sha256::digest(key));
    digits.truncate(32);
    digits
}

/// A fingerprint as it is shown, to be compared by eye: in groups of four digits.
#[must_use]
pub fn grouped(fingerprint: &str) -> String {
    let mut groups = String::with_capacity(fingerprint.len() + fingerprint.len() / 4);
    for (at, digit) in fingerprint.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            groups.push(' ');
        }
        groups.push(digit);
    }
    groups
}

/// The private keys of a staff member: those in one identity file, the newest first or last; and whom else requests may be sealed to.
pub struct PrivateKeys {
    keys: Vec<x25519::Identity>,
    readers: Vec<String>,
    notes: Vec<usize>,
    broken_readers: Vec<usize>,
}

/// What is in a comment before the public key of somebody else, to which requests may be sealed.
const READER: &str = "reader:";

/// How a file begins that is locked with a passphrase.
const LOCKED: &str = "-----BEGIN AGE ENCRYPTED FILE-----";

impl PrivateKeys {
    /// A new one, from the system's randomness.
    #[must_use]
    pub fn generate() -> Self {
        Self {
            keys: vec![x25519::Identity::generate()],
            readers: Vec::new(),
            notes: Vec::new(),
            broken_readers: Vec::new(),
        }
    }

    /// Adds the public keys of others that requests may be sealed to: a colleague's, or the one in the safe.
    #[must_use]
    pub fn with_readers(mut self, readers: &PublicKeys) -> Self {
        self.readers.extend(readers.texts());
        self
    }

    /// Reads an identity file, as this program and `age-keygen` write it. `passphrase` is called if the file is locked with one. Between the keys may
    /// be notes of whoever keeps the file: see [`PrivateKeys::notes`].
    ///
    /// # Errors
    /// The file holds no private key, or the passphrase is wrong. `E` is what went wrong while the passphrase was asked for.
    pub fn read<E: From<KeyError>>(
        file: &[u8],
        passphrase: impl FnOnce() -> Result<SecretString, E>,
    ) -> Result<Self, E> {
        let text = std::str::from_utf8(file).unwrap_or_default();
        if text.contains(PRIVATE_MARK) {
            return Ok(Self::parse(text)?);
        }
        // Notes may come before what is locked, and Windows may have ended its lines.
        let armored = text.split_once(LOCKED).map(|(_, rest)| format!("{LOCKED}{}", rest.replace('\r', "")));
        let file = armored.as_ref().map_or(file, |armored| armored.as_bytes());
        let locked = Decryptor::new_buffered(ArmoredReader::new(file)).map_err(|_| KeyError::NotAnIdentity)?;
        if !locked.is_scrypt() {
            return Err(KeyError::NotAnIdentity.into());
        }
        let mut passphrase = scrypt::Identity::new(passphrase()?);
        passphrase.set_max_work_factor(MAX_WORK);
        let opened = locked.decrypt(std::iter::once(&passphrase as _)).map_err(|_| KeyError::WrongPassphrase)?;
        let mut text = Zeroizing::new(String::new());
        opened.take(MAX_FILE).read_to_string(&mut text).map_err(|_| KeyError::NotAnIdentity)?;
        Ok(Self::parse(&text)?)
    }

    fn parse(text: &str) -> Result<Self, KeyError> {
        let mut read = Self { keys: Vec::new(), readers: Vec::new(), notes: Vec::new(), broken_readers: Vec::new() };
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(comment) = line.strip_prefix('#') {
                match comment.trim_start().strip_prefix(READER).map(|reader| reader.trim().parse::<x25519::Recipient>())
                {
                    Some(Ok(reader)) => read.readers.push(reader.to_string()),
                    Some(Err(_)) => read.broken_readers.push(at + 1),
                    None => {}
                }
            } else if line.contains(PRIVATE_MARK) {
                read.keys.push(line.parse().map_err(|_| KeyError::NotAKey(at + 1))?);
            } else if !line.is_empty() {
                read.notes.push(at + 1);
            }
        }
        if read.keys.is_empty() { Err(KeyError::NotAnIdentity) } else { Ok(read) }
    }

    /// The public keys that requests may be sealed to, as texts: the halves of one's own, and those of the lines `# reader: age1…`. To any other,
    /// nothing is ever sealed.
    #[must_use]
    pub fn readers(&self) -> Vec<String> {
        let mut readers: Vec<String> = Vec::with_capacity(self.keys.len() + self.readers.len());
        for reader in self.keys.iter().map(|key| key.to_public().to_string()).chain(self.readers.iter().cloned()) {
            if !readers.contains(&reader) {
                readers.push(reader);
            }
        }
        readers
    }

    /// The numbers of the lines that name a reader and hold no public key.
    #[must_use]
    pub fn broken_readers(&self) -> &[usize] {
        &self.broken_readers
    }

    /// The numbers of the lines that hold neither a key nor a comment.
    #[must_use]
    pub fn notes(&self) -> &[usize] {
        &self.notes
    }

    /// The text of an identity file that holds them and the readers, with `comments` before them, one a line.
    #[must_use]
    pub fn file(&self, comments: &[&str]) -> Zeroizing<String> {
        use fmt::Write as _;
        let mut text = Zeroizing::new(String::new());
        for comment in comments {
            // Writing to a string doesn't fail.
            let _ = writeln!(text, "# {comment}");
        }
        for reader in &self.readers {
            let _ = writeln!(text, "# {READER} {reader}");
        }
        for key in &self.keys {
            let _ = writeln!(text, "# public key: {}", key.to_public());
            text.push_str(key.to_string().expose_secret());
            text.push('\n');
        }
        text
    }

    /// Locks the text of an identity file with a passphrase, as `age --passphrase --armor` does.
    ///
    /// # Errors
    /// Nothing that memory has room for fails.
    pub fn lock(file: &str, passphrase: SecretString) -> Result<String, KeyError> {
        let lock = || -> std::io::Result<String> {
            let mut out = Vec::new();
            let armor = ArmoredWriter::wrap_output(&mut out, Format::AsciiArmor)?;
            let mut writer = Encryptor::with_user_passphrase(passphrase).wrap_output(armor)?;
            writer.write_all(file.as_bytes())?;
            writer.finish()?.finish()?;
            String::from_utf8(out).map_err(std::io::Error::other)
        };
        lock().map_err(|_| KeyError::Unwritable)
    }

    /// Their public halves.
    ///
    /// # Errors
    /// There are more than [`PublicKeys::MAX`].
    pub fn public(&self) -> Result<PublicKeys, KeyError> {
        PublicKeys::new(self.keys.iter().map(x25519::Identity::to_public).collect())
    }

    /// The keys, for age.
    pub(super) fn identities(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.keys.iter().map(|key| key as &dyn age::Identity)
    }
}

impl fmt::Debug for PrivateKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyError, PrivateKeys, PublicKeys, fingerprint, grouped};
    use age::secrecy::{ExposeSecret, SecretString};

    fn none() -> Result<SecretString, KeyError> {
        panic!("no passphrase is needed")
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let keys = PrivateKeys::generate();
        let file = keys.file(&["for a test"]);
        assert!(file.starts_with("# for a test\n# public key: age1"));
        let again = PrivateKeys::read(file.as_bytes(), none).unwrap();
        assert_eq!(again.public().unwrap().texts(), keys.public().unwrap().texts());
    }

    #[test]
    fn a_fingerprint_is_128_bits_in_groups_that_can_be_compared() {
        // `printf %s age1… | sha256sum`
        let key = "age1ynsa94wvwv5v9cguq04yhp5xursm9z4xm5ttlhf97tgmz4hkcvdsehntdd";
        assert_eq!(fingerprint(key), "c8b7e94ac4696f2703639875f143ba6a");
        assert_eq!(grouped(&fingerprint(key)), "c8b7 e94a c469 6f27 0363 9875 f143 ba6a");
        assert_eq!(PublicKeys::parse([key]).unwrap().fingerprints(), "c8b7e94a");
        assert_eq!(grouped(""), "");
    }

    #[test]
    fn a_file_names_whom_else_requests_may_be_sealed_to() {
        let (mine, safe, colleague) = (PrivateKeys::generate(), PrivateKeys::generate(), PrivateKeys::generate());
        let text = |keys: &PrivateKeys| keys.public().unwrap().texts().remove(0);
        let (own, safe, colleague) = (text(&mine), text(&safe), text(&colleague));
        assert_eq!(mine.readers(), [own.as_str()]);
        let mine = mine.with_readers(&PublicKeys::parse([safe.as_str(), own.as_str()]).unwrap());
        assert_eq!(mine.readers(), [own.as_str(), safe.as_str()], "each once");
        let file = mine.file(&["for a test"]);
        assert!(file.contains(&format!("# reader: {safe}\n")), "age reads the file, too");
        // As people write and Windows saves it; what is broken is reported by its line and counts for nothing.
        let more = format!("{}#reader:  {colleague} \r\n# reader: {}\n# reader\n", *file, colleague.get(..40).unwrap());
        let again = PrivateKeys::read(more.as_bytes(), none).unwrap();
        assert_eq!(again.readers(), [own.as_str(), safe.as_str(), colleague.as_str()]);
        let line = more.lines().count() - 1;
        assert_eq!((again.broken_readers(), again.notes()), (&[line][..], &[][..]));
        let locked = PrivateKeys::lock(&mine.file(&[]), SecretString::from("open sesame".to_owned())).unwrap();
        let opened =
            PrivateKeys::read(locked.as_bytes(), || Ok::<_, KeyError>(SecretString::from("open sesame".to_owned())));
        assert_eq!(opened.unwrap().readers(), [own, safe]);
    }

    #[test]
    fn a_passphrase_locks_a_file() {
        let keys = PrivateKeys::generate();
        let locked = PrivateKeys::lock(&keys.file(&[]), SecretString::from("open sesame".to_owned())).unwrap();
        assert!(!locked.contains("SECRET") && locked.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
        let read = |passphrase: &str| {
            PrivateKeys::read(locked.as_bytes(), || Ok::<_, KeyError>(SecretString::from(passphrase.to_owned())))
        };
        assert_eq!(read("open sesame").unwrap().public().unwrap().texts(), keys.public().unwrap().texts());
        assert_eq!(read("wrong").unwrap_err(), KeyError::WrongPassphrase);
    }

    #[test]
    fn a_private_key_is_refused_and_not_repeated() {
        let keys = PrivateKeys::generate();
        let private = keys.keys[0].to_string();
        for text in [private.expose_secret().to_owned(), format!(" {}", private.expose_secret().to_lowercase())] {
            let error = PublicKeys::parse([text.as_str()]).unwrap_err();
            assert_eq!(error, KeyError::Private);
            assert!(!error.to_string().contains(text.trim().get(20..).unwrap()));
        }
        assert!(!format!("{keys:?}").contains("SECRET"));
    }

    #[test]
    fn only_public_keys_are_taken() {
        let public = PrivateKeys::generate().public().unwrap();
        let text = public.texts().remove(0);
        assert_eq!(PublicKeys::parse([text.as_str()]).unwrap().fingerprints(), public.fingerprints());
        assert_eq!(public.fingerprints().len(), 8);
        assert_eq!(PublicKeys::parse([]).unwrap_err(), KeyError::None);
        assert_eq!(PublicKeys::parse(["age1"]).unwrap_err(), KeyError::NotPublic);
        assert_eq!(PublicKeys::parse(vec![text.as_str(); 9]).unwrap_err(), KeyError::TooMany);
        for file in [&b""[..], b"# nothing\n", b"hello"] {
            assert_eq!(PrivateKeys::read(file, none).unwrap_err(), KeyError::NotAnIdentity);
        }
        assert_eq!(PrivateKeys::read(b"a note\nAGE-SECRET-KEY-1NOTONE", none).unwrap_err(), KeyError::NotAKey(2));
    }
}
