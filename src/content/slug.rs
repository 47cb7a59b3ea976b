//! Texts as addresses and anchors.

/// The longest name for the program, in characters.
pub(super) const MAX_KEY: usize = 60;

/// Text as an address: small letters, digits and single hyphens; accents are taken off.
#[must_use]
pub fn slug_of(text: &str) -> String {
    joined(text, char::is_ascii_alphanumeric)
}

/// Text as an anchor: the same, with the letters of every other script as they are. Browsers escape them by themselves.
#[must_use]
pub fn anchor_of(text: &str) -> String {
    // Signs above and below letters are no letters, and separate none: Arabic vowels, Hebrew points, accents by themselves.
    let is_mark = |c| matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}');
    let text: String = text.chars().filter(|c| !is_mark(*c)).collect();
    joined(&text, |c| c.is_alphanumeric())
}

/// The words of a text in small letters, with single hyphens between them.
fn joined(text: &str, is_part: impl Fn(&char) -> bool) -> String {
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
    let plain: String = plain.filter(|c| !matches!(c, '\'' | '’')).map(|c| if is_part(&c) { c } else { ' ' }).collect();
    let words: Vec<_> = plain.split_whitespace().collect();
    words.join("-").chars().take(MAX_KEY).collect::<String>().trim_matches('-').to_owned()
}
