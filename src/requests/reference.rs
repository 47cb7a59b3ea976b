//! The short code by which a visitor and the staff name a request.

use std::fmt;
use std::str::FromStr;

/// Crockford's Base32: no I, L, O or U, so that a code read aloud or copied by hand stays what it is.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Eight characters with a hyphen in the middle, `K7QM-4XT2`: 40 random bits. It reveals nothing about the request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(String);

impl Reference {
    /// The reference of these random bytes.
    #[must_use]
    pub fn from_random(random: [u8; 5]) -> Self {
        let bits = random.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let character = |at: u32| {
            let index = usize::try_from(bits >> (5 * at) & 31).unwrap_or_default();
            char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
        };
        let mut code: String = (0..8).rev().map(character).collect();
        code.insert(4, '-');
        Self(code)
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What isn't a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reference has eight letters and digits, like K7QM-4XT2")]
pub struct NotAReference;

/// Reads what people write: small letters, no hyphen, and O, I, L for the digits they look like, as Crockford has it.
impl FromStr for Reference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        // Nothing of this length has room for a code, so long texts aren't searched.
        if text.len() > 16 {
            return Err(NotAReference);
        }
        let mut code = String::with_capacity(9);
        for c in text.chars().filter(|c| *c != '-' && *c != ' ') {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            if !u8::try_from(c).is_ok_and(|byte| ALPHABET.contains(&byte)) {
                return Err(NotAReference);
            }
            code.push(c);
        }
        if code.len() != 8 {
            return Err(NotAReference);
        }
        code.insert(4, '-');
        Ok(Self(code))
    }
}

#[cfg(test)]
mod tests {
    use super::{NotAReference, Reference};

    #[test]
    fn random_bytes_become_a_code_that_can_be_read_aloud() {
        assert_eq!(Reference::from_random([0; 5]).as_str(), "0000-0000");
        assert_eq!(Reference::from_random([255; 5]).as_str(), "ZZZZ-ZZZZ");
        assert_eq!(Reference::from_random([0x08, 0x86, 0x42, 0x98, 0x31]).as_str(), "1234-561H");
        assert_ne!(Reference::from_random([1, 2, 3, 4, 5]), Reference::from_random([1, 2, 3, 4, 6]));
    }

    #[test]
    fn what_people_write_is_understood() {
        let wanted: Reference = "1234-5601".parse().unwrap();
        for written in ["1234-5601", "12345601", "l234-56oI", " 1234 5601 "] {
            assert_eq!(written.parse(), Ok(wanted.clone()), "{written:?}");
        }
        for wrong in ["", "1234-560", "1234-56011", "1234-560U", "1234/5601", "1234-560é", "../../etc/passwd"] {
            assert_eq!(wrong.parse::<Reference>(), Err(NotAReference), "{wrong:?}");
        }
    }
}
