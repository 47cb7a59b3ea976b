//! Sealing: a request becomes a ciphertext that the staff's keys alone open. The part that holds the request has always the same length.
//! The head before it varies by itself: age adds a stanza of random length to it, whatever is sealed.

mod shape;

pub use shape::{MAX_SEALED, Shape, ShapeError};

use super::Request;
use super::keys::{PrivateKeys, PublicKeys};
use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::{DecryptError, Decryptor, Encryptor};
use serde::Serialize;
use std::io::{Read, Write};
use thiserror::Error;
use zeroize::Zeroizing;

/// The length of every plaintext, in bytes: the JSON of the longest request there can be, with the longest closing, fits in. What is left is
/// filled with spaces, which JSON allows at its end, so that the length of a ciphertext reveals nothing.
pub const PLAINTEXT_BYTES: usize = 6 * 1024;

/// How large a buffer age gathers a plaintext in: a chunk of its format.
const AGE_BUFFER: usize = 64 * 1024;

/// A request could not be sealed: that is a mistake in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// It is longer than [`PLAINTEXT_BYTES`].
    #[error("a request is too long to be sealed")]
    TooLong,
    /// age failed, which in memory it does not.
    #[error("a request could not be sealed")]
    Failed,
}

/// Why a sealed request can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpenError {
    /// It is sealed to other keys.
    #[error("it is sealed to other keys")]
    OtherKeys,
    /// It is no request, or it was changed since it was sealed.
    #[error("it is damaged, or was changed since it was sealed")]
    Damaged,
}

/// Seals a request: armoured text, which Debian's `age --decrypt` opens too.
///
/// # Errors
/// The request is too long: [`super::form::Form`] lets none pass that is.
pub fn seal(keys: &PublicKeys, request: &Request) -> Result<String, SealError> {
    let plaintext = plaintext(request)?;
    let encryptor = Encryptor::with_recipients(keys.recipients()).map_err(|_| SealError::Failed)?;
    let sealed = armoured(encryptor, &plaintext).map_err(|_| SealError::Failed);
    // age gave its copy of the plaintext back as it was. The allocator hands out next, for as much, what was given back last: that is zeroed.
    drop(Zeroizing::new(Vec::<u8>::with_capacity(AGE_BUFFER)));
    sealed
}

/// Seals a short text that is no request, such as what somebody who has a key is asked.
///
/// # Errors
/// age failed, which in memory it does not.
pub fn seal_text(keys: &PublicKeys, text: &str) -> Result<String, SealError> {
    let encryptor = Encryptor::with_recipients(keys.recipients()).map_err(|_| SealError::Failed)?;
    armoured(encryptor, text.as_bytes()).map_err(|_| SealError::Failed)
}

/// A value as JSON of the one length, in a buffer that is zeroed when it is dropped.
pub(super) fn plaintext(value: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut plaintext = Zeroizing::new(Vec::with_capacity(PLAINTEXT_BYTES));
    serde_json::to_writer(&mut *plaintext, value).map_err(|_| SealError::Failed)?;
    if plaintext.len() > PLAINTEXT_BYTES {
        return Err(SealError::TooLong);
    }
    plaintext.resize(PLAINTEXT_BYTES, b' ');
    Ok(plaintext)
}

fn armoured(encryptor: Encryptor, plaintext: &[u8]) -> std::io::Result<String> {
    let mut out = Vec::with_capacity(plaintext.len() * 3 / 2 + 1024);
    let mut writer = encryptor.wrap_output(ArmoredWriter::wrap_output(&mut out, Format::AsciiArmor)?)?;
    writer.write_all(plaintext)?;
    writer.finish()?.finish()?;
    String::from_utf8(out).map_err(std::io::Error::other)
}

/// Opens a sealed request.
///
/// # Errors
/// None of the keys opens it, or it isn't what was sealed.
pub fn open(keys: &PrivateKeys, sealed: &str) -> Result<Request, OpenError> {
    serde_json::from_slice(&open_text(keys, sealed, PLAINTEXT_BYTES)?).map_err(|_| OpenError::Damaged)
}

/// Opens anything that was sealed, and reads at most so many bytes of it.
///
/// # Errors
/// None of the keys opens it, or it isn't what was sealed.
pub fn open_text(keys: &PrivateKeys, sealed: &str, most: usize) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(sealed.as_bytes())).map_err(|_| OpenError::Damaged)?;
    let opened = decryptor.decrypt(keys.identities()).map_err(|error| match error {
        DecryptError::NoMatchingKeys => OpenError::OtherKeys,
        _ => OpenError::Damaged,
    })?;
    let mut plaintext = Zeroizing::new(Vec::with_capacity(most));
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    opened.take(limit).read_to_end(&mut plaintext).map_err(|_| OpenError::Damaged)?;
    Ok(plaintext)
}

#[cfg(test)]
mod tests {
    use super::{ArmoredReader, OpenError, Read, open, seal};
    use crate::lang::Lang;
    use crate::requests::form::Form;
    use crate::requests::keys::{PrivateKeys, PublicKeys};
    use crate::requests::{Closing, Field, Line, Lines, Outcome, Reference, Request};

    /// How many bytes follow the head of an age file, which ends with the line `--- MAC`.
    fn payload(sealed: &str) -> usize {
        let mut bytes = Vec::new();
        ArmoredReader::new(sealed.as_bytes()).read_to_end(&mut bytes).unwrap();
        let mac = bytes.windows(5).position(|window| window == b"\n--- ").unwrap() + 5;
        let end = bytes.iter().skip(mac).position(|byte| *byte == b'\n').unwrap();
        bytes.len() - (mac + end + 1)
    }

    /// A request with every field filled to its end with this character, sealed to these keys.
    fn filled(with: char, keys: &PublicKeys) -> Request {
        let full = |field: Field| with.to_string().repeat(field.max().unwrap());
        let mut form =
            Form::read(b"name=A&phone=9165550100&message=discreet&language=other&whom=someone_else").unwrap();
        form.answers.times = vec![crate::requests::TimeOfDay::Afternoon; 4];
        form.answers.name = full(Field::Name).into();
        // With a remark, so that it is stored as it was typed, too.
        form.answers.phone = format!("9165550100 a{}", with.to_string().repeat(48)).into();
        form.answers.other_language = full(Field::OtherLanguage).into();
        form.answers.note = full(Field::Note).into();
        let new = form.request(Lang::from_tag("es").unwrap()).unwrap();
        Request::new(&new, &Reference::from_random([7; 5]), "2026-11-26T23:00:00Z".to_owned(), keys.texts())
    }

    #[test]
    fn the_shortest_and_the_longest_request_have_one_length_when_they_are_sealed() {
        let mine = PrivateKeys::generate();
        let texts: Vec<_> =
            (0..PublicKeys::MAX).map(|_| PrivateKeys::generate().public().unwrap().texts().remove(0)).collect();
        let keys = PublicKeys::parse(
            texts.iter().map(String::as_str).skip(1).chain([mine.public().unwrap().texts()[0].as_str()]),
        )
        .unwrap();
        let mut short = filled('a', &keys);
        short.answers.note = Lines::default();
        let length = payload(&seal(&keys, &short).unwrap());
        // Quotation marks and backslashes are escaped, and the last one is the longest character there is.
        for with in ['"', '\\', '\u{10ffff}'] {
            let closing = Closing {
                outcome: Outcome::NotARequest,
                note: with.to_string().repeat(Closing::MAX_NOTE).into(),
                at: Line::new("2026-11-26T23:00:00Z"),
            };
            let mut long = filled(with, &keys);
            long.closing = Some(closing);
            let sealed = seal(&keys, &long).unwrap();
            assert_eq!(payload(&sealed), length, "{with:?}");
            assert_eq!(open(&mine, &sealed), Ok(long));
        }
    }

    #[test]
    fn other_keys_do_not_open_it_and_a_changed_one_is_reported() {
        let (mine, others) = (PrivateKeys::generate(), PrivateKeys::generate());
        let keys = mine.public().unwrap();
        let sealed = seal(&keys, &filled('z', &keys)).unwrap();
        // Three in a row come up by chance.
        assert!(!sealed.contains("zzzzzzzz"));
        assert!(open(&mine, &sealed).is_ok());
        assert_eq!(open(&others, &sealed), Err(OpenError::OtherKeys));
        let mut changed = sealed.clone().into_bytes();
        let middle = changed.len() / 2;
        changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(open(&mine, &changed), Err(OpenError::Damaged));
        assert_eq!(open(&mine, ""), Err(OpenError::Damaged));
    }

    #[test]
    fn after_a_rotation_old_requests_open_with_the_old_key_and_new_ones_with_the_new() {
        let (old, new) = (PrivateKeys::generate(), PrivateKeys::generate());
        let seal_to =
            |keys: &PrivateKeys| seal(&keys.public().unwrap(), &filled('x', &keys.public().unwrap())).unwrap();
        let (before, after) = (seal_to(&old), seal_to(&new));
        assert!(open(&old, &before).is_ok() && open(&new, &after).is_ok());
        assert!(open(&old, &after).is_err() && open(&new, &before).is_err());
        // Staff keep both in one file.
        let both = format!("{}{}", *old.file(&[]), *new.file(&[]));
        let both = PrivateKeys::read::<crate::requests::keys::KeyError>(both.as_bytes(), || panic!()).unwrap();
        assert!(open(&both, &before).is_ok() && open(&both, &after).is_ok());
    }
}
