//! Whether a text can be a sealed request, for who has no key: its form and its length (<https://age-encryption.org/v1>), never what is in it.

use super::PLAINTEXT_BYTES;
use crate::requests::keys::PublicKeys;
use age::armor::ArmoredReader;
use std::io::Read;
use thiserror::Error;

/// The most bytes of a sealed request as text. One for eight keys has about 10,000.
pub const MAX_SEALED: usize = 16 * 1024;

/// What comes before the ciphertext of the payload, and the tag behind its one chunk.
const PAYLOAD: usize = 16 + PLAINTEXT_BYTES + 16;

/// How an armored file begins.
const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";

/// What is seen of a sealed request without a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// To how many keys it is sealed: 1 to [`PublicKeys::MAX`].
    pub recipients: usize,
}

/// Why a text can't be a sealed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ShapeError {
    /// It is longer than [`MAX_SEALED`].
    #[error("it is longer than a sealed request")]
    TooLong,
    /// It is no armored age file.
    #[error("it is no armored age file")]
    NotSealed,
    /// What is sealed has another length than every request.
    #[error("what is sealed is not as long as a request")]
    Length,
    /// It is sealed to no staff key, to more than there may be, or to something else.
    #[error("it is not sealed to one to {} staff keys", PublicKeys::MAX)]
    Recipients,
}

impl Shape {
    /// Reads the shape of a text. Stanzas that age adds so that programs learn to pass over what they don't know (`…-grease`) are passed over.
    ///
    /// # Errors
    /// It can't be a sealed request.
    pub fn parse(sealed: &str) -> Result<Self, ShapeError> {
        if sealed.len() > MAX_SEALED {
            return Err(ShapeError::TooLong);
        }
        if !sealed.starts_with(BEGIN) {
            return Err(ShapeError::NotSealed);
        }
        let mut bytes = Vec::with_capacity(sealed.len());
        ArmoredReader::new(sealed.as_bytes()).read_to_end(&mut bytes).map_err(|_| ShapeError::NotSealed)?;
        let mut head = Head(&bytes);
        let recipients = head.recipients()?;
        if head.0.len() != PAYLOAD {
            return Err(ShapeError::Length);
        }
        if (1..=PublicKeys::MAX).contains(&recipients) { Ok(Self { recipients }) } else { Err(ShapeError::Recipients) }
    }
}

/// What is left to read of an age file.
struct Head<'a>(&'a [u8]);

impl<'a> Head<'a> {
    /// The next line, without its end.
    fn line(&mut self) -> Result<&'a [u8], ShapeError> {
        let end = self.0.iter().position(|byte| *byte == b'\n').ok_or(ShapeError::NotSealed)?;
        let (line, rest) = self.0.split_at_checked(end).ok_or(ShapeError::NotSealed)?;
        self.0 = rest.get(1..).unwrap_or_default();
        Ok(line)
    }

    /// Reads the head to its end, and counts the staff keys in it.
    fn recipients(&mut self) -> Result<usize, ShapeError> {
        let mut recipients = 0;
        if self.line()? != b"age-encryption.org/v1" {
            return Err(ShapeError::NotSealed);
        }
        loop {
            let line = self.line()?;
            if let Some(mac) = line.strip_prefix(b"--- ") {
                return if is_32_bytes(mac) { Ok(recipients) } else { Err(ShapeError::NotSealed) };
            }
            let stanza = line.strip_prefix(b"-> ").ok_or(ShapeError::NotSealed)?;
            let parts: Vec<&[u8]> = stanza.split(|byte| *byte == b' ').collect();
            if !parts.iter().all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_graphic)) {
                return Err(ShapeError::NotSealed);
            }
            match parts.as_slice() {
                [b"X25519", share] if is_32_bytes(share) => {
                    if !is_32_bytes(self.line()?) {
                        return Err(ShapeError::NotSealed);
                    }
                    recipients += 1;
                }
                [kind, ..] if kind.ends_with(b"-grease") => self.body()?,
                _ => return Err(ShapeError::Recipients),
            }
        }
    }

    /// The body of a stanza: lines of 64 characters, and a shorter one at the end, which may be empty.
    fn body(&mut self) -> Result<(), ShapeError> {
        loop {
            let line = self.line()?;
            if line.len() > 64 || !line.iter().all(|byte| digit(*byte).is_some()) {
                return Err(ShapeError::NotSealed);
            }
            if line.len() < 64 {
                return Ok(());
            }
        }
    }
}

/// Whether this is Base64 of 32 bytes, without padding: of the last character, two bits are unused and zero.
fn is_32_bytes(text: &[u8]) -> bool {
    text.len() == 43
        && text.iter().all(|byte| digit(*byte).is_some())
        && text.last().and_then(|byte| digit(*byte)).is_some_and(|digit| digit % 4 == 0)
}

/// The value of a character of Base64 (RFC 4648, section 4).
const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, MAX_SEALED, PLAINTEXT_BYTES, Shape, ShapeError};
    use crate::requests::keys::{PrivateKeys, PublicKeys};
    use age::Encryptor;
    use age::armor::{ArmoredReader, ArmoredWriter, Format};
    use proptest::prelude::*;
    use std::io::{Read, Write};
    use std::sync::LazyLock;

    fn sealed(keys: usize, length: usize) -> String {
        let texts: Vec<String> =
            (0..keys).map(|_| PrivateKeys::generate().public().unwrap().texts().remove(0)).collect();
        let keys = PublicKeys::parse(texts.iter().map(String::as_str)).unwrap();
        armored(&bytes(
            &super::super::armoured(Encryptor::with_recipients(keys.recipients()).unwrap(), &vec![b'x'; length])
                .unwrap(),
        ))
    }

    fn bytes(sealed: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        ArmoredReader::new(sealed.as_bytes()).read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn armored(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        let mut writer = ArmoredWriter::wrap_output(&mut out, Format::AsciiArmor).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The file with something else in the place of a text in its head.
    fn with(sealed: &str, from: &str, to: &str) -> String {
        let all = bytes(sealed);
        let at = all.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        armored(&[&all[..at], to.as_bytes(), &all[at + from.len()..]].concat())
    }

    #[test]
    fn what_this_program_seals_has_the_shape_for_one_key_and_for_eight() {
        for keys in 1..=PublicKeys::MAX {
            // age adds a stanza of random length, or none: the next time another one.
            for _ in 0..8 {
                let sealed = sealed(keys, PLAINTEXT_BYTES);
                assert_eq!(Shape::parse(&sealed), Ok(Shape { recipients: keys }));
                assert!(sealed.len() < MAX_SEALED * 2 / 3, "{}", sealed.len());
            }
        }
    }

    #[test]
    fn what_is_no_request_by_its_form_is_refused() {
        let good = sealed(1, PLAINTEXT_BYTES);
        let head = "age-encryption.org/v1\n";
        let grease = |text: &str| with(&good, head, &format!("{head}{text}"));
        let stanza = format!("-> X25519 {}\n{}\n", "A".repeat(43), "A".repeat(43));
        let full = "B".repeat(64);
        for (what, text, wanted) in [
            ("grease", grease("-> ~x-grease a b\nAAAA\n"), Ok(1)),
            ("grease without a body", grease("-> -grease\n\n"), Ok(1)),
            ("grease of whole lines", grease(&format!("-> x-grease\n{full}\n{full}\n\n")), Ok(1)),
            ("a key more", grease(&stanza), Ok(2)),
            ("Windows", good.replace('\n', "\r\n"), Ok(1)),
            ("nothing", String::new(), Err(ShapeError::NotSealed)),
            ("its beginning", BEGIN.to_owned(), Err(ShapeError::NotSealed)),
            ("words", "Ana Gomez, 916-555-0100".to_owned(), Err(ShapeError::NotSealed)),
            ("what is before it", format!("x\n{good}"), Err(ShapeError::NotSealed)),
            ("what is behind it", format!("{good}<script>"), Err(ShapeError::NotSealed)),
            ("two of them", format!("{good}{good}"), Err(ShapeError::TooLong)),
            ("half of it", good.get(..good.len() / 2).unwrap().to_owned(), Err(ShapeError::NotSealed)),
            ("a byte too few", sealed(1, PLAINTEXT_BYTES - 1), Err(ShapeError::Length)),
            ("a byte too many", sealed(1, PLAINTEXT_BYTES + 1), Err(ShapeError::Length)),
            ("nothing in it", sealed(1, 0), Err(ShapeError::Length)),
            ("longer than any", sealed(1, MAX_SEALED), Err(ShapeError::TooLong)),
            ("nine keys", grease(&stanza.repeat(8)), Err(ShapeError::Recipients)),
            ("another kind of key", grease("-> ssh-ed25519 AAAA AAAA\nAAAA\n"), Err(ShapeError::Recipients)),
            ("a passphrase", grease("-> scrypt AAAA 18\nAAAA\n"), Err(ShapeError::Recipients)),
            ("a key cut off", grease("-> X25519 AAAA\nAAAA\n"), Err(ShapeError::Recipients)),
            ("bits that nobody uses", grease(&stanza.replacen('A', "B", 43)), Err(ShapeError::Recipients)),
            ("grease without an end", grease(&format!("-> x-grease\n{full}\n")), Err(ShapeError::NotSealed)),
            ("grease in other words", grease("-> x-grease\n<b>\n"), Err(ShapeError::NotSealed)),
            ("two spaces", grease("-> x-grease  a\n\n"), Err(ShapeError::NotSealed)),
            ("another version", with(&good, "/v1\n", "/v2\n"), Err(ShapeError::NotSealed)),
            ("no end of the head", with(&good, "\n--- ", "\n... "), Err(ShapeError::NotSealed)),
        ] {
            assert_eq!(Shape::parse(&text).map(|shape| shape.recipients), wanted, "{what}");
        }
    }

    #[test]
    fn sealed_to_no_key_is_refused() {
        let good = sealed(1, PLAINTEXT_BYTES);
        let all = bytes(&good);
        let mac = all.windows(5).position(|window| window == b"\n--- ").unwrap() + 1;
        let bare = armored(&[b"age-encryption.org/v1\n", &all[mac..]].concat());
        assert_eq!(Shape::parse(&bare), Err(ShapeError::Recipients));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(text in "\\PC{0,200}", behind in any::<bool>()) {
            let text = if behind { format!("{BEGIN}\n{text}") } else { text };
            prop_assert!(Shape::parse(&text).is_err());
        }

        #[test]
        fn a_changed_byte_adds_no_reader(at in 0_usize..9000, byte in any::<u8>()) {
            static GOOD: LazyLock<String> = LazyLock::new(|| sealed(2, PLAINTEXT_BYTES));
            let good = GOOD.clone();
            let mut all = bytes(&good);
            let at = at % all.len();
            all[at] = byte;
            if let Ok(shape) = Shape::parse(&armored(&all)) {
                prop_assert!(shape.recipients <= 2);
            }
            let mut text = good.into_bytes();
            let at = at % text.len();
            text[at] = byte;
            if let Ok(text) = String::from_utf8(text) && let Ok(shape) = Shape::parse(&text) {
                prop_assert!(shape.recipients <= 2);
            }
        }

        #[test]
        fn no_bytes_in_armor_make_it_fail(head in proptest::collection::vec(any::<u8>(), 0..400)) {
            let all = [b"age-encryption.org/v1\n-> ", head.as_slice()].concat();
            prop_assert!(Shape::parse(&armored(&all)).is_err());
        }
    }
}
