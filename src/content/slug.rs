//! Texts as addresses and anchors.

/// The longest name for the program, in characters.
pub(super) const MAX_KEY: usize = 60;

/// Text as an address or anchor: small letters, digits and single hyphens; accents are taken off.
#[must_use]
pub fn slug_of(text: &str) -> String {
    let lower = text.to_lowercase();
    let plain = lower.chars().map(|c| match c {
        'á' | 'à' | 'ä' | 'â' => 'a',
        'é' | 'è' | 'ë' | 'ê' => 'e',
        'í' | 'ì' | 'ï' | 'î' => 'i',
        'ó' | 'ò' | 'ö' | 'ô' => 'o',
        'ú' | 'ù' | 'ü' | 'û' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    });
    // An apostrophe joins ("don't" → "dont"); everything else that isn't a letter or digit parts.
    let plain: String =
        plain.filter(|c| !matches!(c, '\'' | '’')).map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let words: Vec<_> = plain.split_whitespace().collect();
    words.join("-").chars().take(MAX_KEY).collect::<String>().trim_matches('-').to_owned()
}
