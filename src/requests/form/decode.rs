//! The bytes of a post as names and values. By hand, because what decodes for us leaves copies of what was typed in memory that it gives back.

use super::Malformed;
use zeroize::Zeroizing;

/// The fields of a post (`application/x-www-form-urlencoded`, WHATWG URL, section 5.1), in their order.
pub(super) fn fields(body: &[u8]) -> impl Iterator<Item = Result<(Zeroizing<String>, Zeroizing<String>), Malformed>> {
    body.split(|byte| *byte == b'&').filter(|field| !field.is_empty()).map(|field| {
        let mut parts = field.splitn(2, |byte| *byte == b'=').map(decoded);
        let mut next = || parts.next().unwrap_or_else(|| decoded(b""));
        Ok((next()?, next()?))
    })
}

/// A text without its escapes. What isn't UTF-8 is malformed.
fn decoded(mut rest: &[u8]) -> Result<Zeroizing<String>, Malformed> {
    // Room for all of it: a buffer that grows leaves its first bytes behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(rest.len()));
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => match escaped(after) {
                Some((byte, after)) => {
                    rest = after;
                    byte
                }
                None => b'%',
            },
            byte => *byte,
        });
    }
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(Malformed)
        }
    }
}

/// The byte that two hexadecimal digits stand for, and what follows them.
fn escaped(text: &[u8]) -> Option<(u8, &[u8])> {
    let ([high, low], rest) = text.split_first_chunk::<2>()?;
    let digit = |byte: u8| char::from(byte).to_digit(16);
    Some((u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::{Malformed, fields};
    use proptest::prelude::*;
    use url::form_urlencoded;

    fn read(body: &[u8]) -> Result<Vec<(String, String)>, Malformed> {
        fields(body).map(|field| field.map(|(name, value)| (name.to_string(), value.to_string()))).collect()
    }

    #[test]
    fn what_a_browser_escapes_is_read_and_nothing_else_is_changed() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read(b"a=b+c%2B%c3%A9&&d&=e=f&%"),
            Ok(vec![pair("a", "b c+é"), pair("d", ""), pair("", "e=f"), pair("%", "")])
        );
        assert_eq!(read(b"a=%4&b=%zz&c=%EF%BF%BD"), Ok(vec![pair("a", "%4"), pair("b", "%zz"), pair("c", "\u{fffd}")]));
        assert_eq!(read(b"a=%ff"), Err(Malformed));
    }

    proptest! {
        #[test]
        fn it_reads_what_the_crate_of_the_standard_reads(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let theirs: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
            if let Ok(ours) = read(&body) {
                prop_assert_eq!(ours, theirs);
            } else {
                let is_wrong = |text: &str| text.contains('\u{fffd}');
                let wrong = theirs.iter().any(|(name, value)| is_wrong(name) || is_wrong(value));
                prop_assert!(wrong);
            }
        }
    }
}
