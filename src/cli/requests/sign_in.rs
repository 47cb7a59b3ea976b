//! Signing in without a password: the server seals a token to each staff key, and who sends it back has opened it.
//!
//! A server that was taken over could have anything opened in this way, such as a stored request. So what was opened is sent back only if it is, to the
//! letter, a challenge, and of this very server: then nothing but the token.

use super::refusal::ServerError;
use crate::requests::keys::PrivateKeys;
use crate::requests::seal::{OpenError, open_text};
use bytes::Bytes;
use http::HeaderValue;
use serde::Deserialize;
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// The most challenges, one for each staff key, and the longest in bytes: one has about 500.
const MAX_CHALLENGES: usize = 8;
const MAX_BYTES: usize = 2048;

/// How many digits a token has.
const DIGITS: usize = 64;

/// What the server wants opened.
#[derive(Deserialize)]
pub(super) struct Challenges {
    challenges: Vec<String>,
}

impl Challenges {
    /// The token that one of the keys opens, from the server of this origin.
    pub(super) fn token(&self, keys: &PrivateKeys, origin: &str) -> Result<Zeroizing<String>, ServerError> {
        if self.challenges.len() > MAX_CHALLENGES || self.challenges.iter().any(|sealed| sealed.len() > MAX_BYTES) {
            return Err(ServerError::Foreign);
        }
        for sealed in &self.challenges {
            match open_text(keys, sealed, MAX_BYTES) {
                // All that opens has to be one: there is no second try.
                Ok(opened) => return token(&opened, origin).ok_or(ServerError::Foreign),
                Err(OpenError::OtherKeys) => {}
                Err(OpenError::Damaged) => return Err(ServerError::Foreign),
            }
        }
        Err(ServerError::NoKey)
    }
}

/// The token of a challenge: five lines, and nothing else. When it ends, the server alone judges, by its own clock.
fn token(opened: &[u8], origin: &str) -> Option<Zeroizing<String>> {
    let text = std::str::from_utf8(opened).ok()?;
    let rest = text.strip_prefix(&format!("clinic-site desk 1\n{origin}\nsign in\n"))?;
    let (expiry, rest) = rest.split_once('\n')?;
    let token = rest.strip_suffix('\n')?;
    (is_instant(expiry) && is_token(token)).then(|| Zeroizing::new(token.to_owned()))
}

/// Whether a text is a time to the second, in UTC (RFC 3339): `2026-11-28T10:15:00Z`.
fn is_instant(text: &str) -> bool {
    let shape = "0000-00-00T00:00:00Z";
    let fits = |(byte, shape): (u8, u8)| if shape == b'0' { byte.is_ascii_digit() } else { byte == shape };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

/// Whether a text is a token: 32 random bytes in small hexadecimal digits.
fn is_token(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Who sends it is signed in.
#[derive(Deserialize, ZeroizeOnDrop)]
pub(super) struct SessionKey {
    session: String,
}

impl SessionKey {
    /// The header that is sent with every question (RFC 6750, section 2.1); `None`: it is no session.
    pub(super) fn bearer(&self) -> Option<HeaderValue> {
        let text = is_token(&self.session).then(|| Zeroizing::new(format!("Bearer {}", self.session).into_bytes()))?;
        let mut header = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use super::token;

    const ORIGIN: &str = "https://clinic.example";

    #[test]
    fn only_a_challenge_of_this_server_has_a_token_to_send_back() {
        let digits = "0123456789abcdef".repeat(4);
        let challenge = |first: &str, origin: &str, purpose: &str, expiry: &str, token: &str, more: &str| {
            format!("{first}\n{origin}\n{purpose}\n{expiry}\n{token}\n{more}")
        };
        let (first, purpose, expiry) = ("clinic-site desk 1", "sign in", "2026-11-28T10:15:00Z");
        let good = challenge(first, ORIGIN, purpose, expiry, &digits, "");
        assert_eq!(token(good.as_bytes(), ORIGIN).as_deref(), Some(&digits));
        for (why, bad) in [
            ("another version", challenge("clinic-site desk 2", ORIGIN, purpose, expiry, &digits, "")),
            ("another origin", challenge(first, "https://clinic.example.net", purpose, expiry, &digits, "")),
            ("another scheme", challenge(first, "http://clinic.example", purpose, expiry, &digits, "")),
            ("another port", challenge(first, "https://clinic.example:8443", purpose, expiry, &digits, "")),
            ("another purpose", challenge(first, ORIGIN, "close", expiry, &digits, "")),
            ("no time", challenge(first, ORIGIN, purpose, "tomorrow", &digits, "")),
            ("a time in another zone", challenge(first, ORIGIN, purpose, "2026-11-28T10:15:00+01:00", &digits, "")),
            ("large digits", challenge(first, ORIGIN, purpose, expiry, &digits.to_uppercase(), "")),
            ("too few digits", challenge(first, ORIGIN, purpose, expiry, digits.trim_start_matches('0'), "")),
            ("a name for a token", challenge(first, ORIGIN, purpose, expiry, "Ana Test", "")),
            ("a line more", challenge(first, ORIGIN, purpose, expiry, &digits, "a\n")),
            ("a line before", format!("\n{good}")),
            ("line ends of Windows", good.replace('\n', "\r\n")),
            ("no line end", good.trim_end().to_owned()),
            ("a space", good.replace("sign in", "sign in ")),
            ("a request", r#"{"version":1,"reference":"K7QM-4XT2"}"#.to_owned()),
            ("nothing", String::new()),
        ] {
            assert_eq!(token(bad.as_bytes(), ORIGIN), None, "{why}");
        }
        assert_eq!(token(b"\xff\xfe", ORIGIN), None);
    }
}
