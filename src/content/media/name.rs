//! The names of pictures and documents.

use crate::content::slug::slug_of;

/// The longest name, in characters.
const MAX_NAME: usize = 80;

/// What names end in, in small letters.
const ENDINGS: [&str; 4] = ["jpg", "jpeg", "png", "pdf"];

/// Whether a name can be part of an address and of content as it is: letters, digits, `-` and `_`, and one of the endings.
pub(in crate::content) fn is_name(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let begins = stem.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    begins
        && name.len() <= MAX_NAME
        && stem.bytes().all(plain)
        && ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
}

/// Whether the part before the ending is such a name, whatever the ending is.
pub(in crate::content) fn has_good_stem(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    is_name(&format!("{stem}.jpg"))
}

/// The good name that is nearest to another one, if its ending says what it is.
pub(in crate::content) fn meant_name(name: &str) -> Option<String> {
    let (stem, ending) = name.trim().rsplit_once('.')?;
    let ending = ending.trim().to_ascii_lowercase();
    let stem = slug_of(stem);
    (ENDINGS.contains(&ending.as_str()) && !stem.is_empty()).then(|| format!("{stem}.{ending}"))
}
