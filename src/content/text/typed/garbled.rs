//! Words that another program garbled: UTF-8 that was read as Windows-1252, and characters that can't be seen.

use crate::content::catalogue::{MALFORMED, Problem};
use crate::content::limits::MAX_PROBLEMS;

/// The characters of Windows-1252 between 0x80 and 0x9F (<https://encoding.spec.whatwg.org/#windows-1252>).
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// How often a text may have been read wrongly, and saved so.
const TIMES: usize = 2;

/// The word as it was before, if it was garbled.
pub(super) fn mended(word: &str) -> Option<String> {
    let mut text = word.to_owned();
    for _ in 0..TIMES {
        let Some(better) = decoded(&text) else { break };
        text = better;
    }
    (text != word).then_some(text)
}

/// A text whose garbled letters are read as UTF-8, if it has some.
fn decoded(text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut better = String::with_capacity(text.len());
    let (mut at, mut changed) = (0, false);
    while let Some(&c) = letters.get(at) {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        if let Some((letter, length)) = letters.get(at..).and_then(|rest| letter(rest, before.copied())) {
            better.extend(Some(letter).filter(|letter| *letter != '\u{feff}'));
            at += length;
            changed = true;
        } else {
            better.push(c);
            at += 1;
        }
    }
    changed.then_some(better)
}

/// The letter that the first of these were, and how many they are. Only those whose first is hardly ever followed by such signs.
fn letter(rest: &[char], before: Option<char>) -> Option<(char, usize)> {
    let first = *rest.first()?;
    let length = match first {
        'Â' | 'Ã' => 2,
        'â' | 'ï' => 3,
        'ð' => 4,
        _ => return None,
    };
    let letters = rest.get(..length)?;
    // «MAÇû: a capital letter at the end of a quotation.
    let closes = letters.get(1).is_some_and(|next| "»”’…–—™®".contains(*next));
    if length == 2 && closes && before.is_some_and(char::is_uppercase) {
        return None;
    }
    let bytes: Option<Vec<u8>> = letters.iter().map(|c| byte(*c)).collect();
    let letter = std::str::from_utf8(&bytes?).ok()?.chars().next()?;
    Some((letter, length))
}

/// The byte of a character in Windows-1252.
fn byte(c: char) -> Option<u8> {
    let high = HIGH.iter().position(|other| *other == c).and_then(|at| u8::try_from(at).ok()).map(|at| 0x80 + at);
    high.or_else(|| u8::try_from(u32::from(c)).ok())
}

/// Whether nobody sees a character, and no word needs it.
pub(in crate::content) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A word without what can't be seen. Nothing for scripts that need such characters: those from Hebrew to Khmer.
pub(super) fn visible(text: &str, word: &str) -> Option<String> {
    let needed = text.chars().any(|c| matches!(c, '\u{590}'..='\u{17ff}'));
    // The ends of lines and paragraphs of word processors part words.
    let plain =
        |c: char| if matches!(c, '\u{2028}' | '\u{2029}') { Some(' ') } else { Some(c).filter(|c| !is_invisible(*c)) };
    (!needed).then(|| word.chars().filter_map(plain).collect())
}

/// A word whose accents, typed by themselves, are what was meant: before a vowel its accent, elsewhere an apostrophe.
pub(super) fn accented(word: &str) -> String {
    let mut letters = word.chars().peekable();
    let mut text = String::with_capacity(word.len());
    while let Some(c) = letters.next() {
        let accented = |next: char| "aáeéiíoóuúAÁEÉIÍOÓUÚ".split(next).nth(1).and_then(|rest| rest.chars().next());
        match letters.peek().copied() {
            Some(next) if c == '´' && "aeiouAEIOU".contains(next) => {
                letters.next();
                text.extend(accented(next));
            }
            _ if c == '´' => text.push('’'),
            _ => text.push(c),
        }
    }
    text
}

/// The control characters in a text, which nobody sees: word processors end lines and pages with some.
pub(in crate::content) fn control_characters(text: &str) -> Vec<Problem> {
    let odd = text.char_indices().filter(|(_, c)| c.is_control() && !matches!(c, '\n' | '\t' | '\r'));
    let problem = |(at, c): (usize, char)| {
        let plain = if c.is_whitespace() { " " } else { "" };
        let message = "there is a control character here, which nobody sees; pasting leaves such";
        Problem::mended(&MALFORMED, message, at..at + c.len_utf8(), plain, "").at(c)
    };
    odd.take(MAX_PROBLEMS).map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn what_was_garbled_is_read_as_it_was() {
        for (garbled, meant) in [
            ("SeÃ±ora", "Señora"),
            ("isnâ€™t", "isn’t"),
            ("â€œyesâ€\u{9d}", "“yes”"),
            ("aâ€“b", "a–b"),
            ("Â¿QuÃ©?", "¿Qué?"),
            ("Ã\u{a0}", "à"),
            ("ï»¿Hours", "Hours"),
            ("SeÃƒÂ±ora", "Señora"),
            ("nameâ„¢", "name™"),
            ("ðŸ˜€", "😀"),
            ("5Â°", "5°"),
        ] {
            assert_eq!(mended(garbled).as_deref(), Some(meant), "{garbled}");
        }
        for right in ["SÃO", "MANHû", "Âncora", "pâté", "naïve", "crème", "ÃO”", "âgé", "“IRMÔ", "Saïd"]
        {
            assert_eq!(mended(right), None, "{right}");
        }
    }
}
