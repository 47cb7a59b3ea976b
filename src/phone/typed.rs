//! A number as people type it, taken apart: its digits, an extension, and whether there is more.

use crate::character;
use std::ops::Range;
use zeroize::Zeroizing;

/// What comes before an extension, longest first: words in English, Spanish and Russian. A sign counts only right before its digits.
const EXTENSION_WORDS: [&str; 13] =
    ["extensions", "extension", "exten", "extn", "ext", "xtn", "x", "interno", "int", "anexo", "anx", "доб", "вн"];
/// What may come between that word and its digits.
const NUMBER_WORDS: [&str; 3] = ["number", "num", "no"];
const EXTENSION_SIGNS: [char; 4] = ['#', ',', ';', '*'];

/// The most digits of an extension.
const MAX_EXTENSION: usize = 6;

/// The longest text that is read, in bytes: many times what somebody types into the form. The time to read grows in the square of the length.
const MAX_TEXT: usize = 400;

/// So many digits in a row are no remark (`after 5 pm`, `apt. 12`): they may be another number.
const ANOTHER_NUMBER: usize = 4;

/// What was typed.
pub(super) struct Typed {
    /// The digits of the number, in ASCII.
    pub(super) digits: Zeroizing<String>,
    /// It began with a plus sign.
    pub(super) is_abroad: bool,
    pub(super) extension: Option<Zeroizing<String>>,
    /// There is more than the number: see [`super::Reading`].
    pub(super) says_more: bool,
}

/// The digits of one number in a text, with the bytes that they and what is between them take.
struct Core {
    digits: Zeroizing<String>,
    place: Range<usize>,
    /// A zero in brackets was left out.
    cut: bool,
}

impl Typed {
    /// The one number in a text. `None`: there is none, or there may be two, or the text is too long to be one.
    pub(super) fn new(text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let plain = plain(text);
        let mut from = 0;
        // A remark may have digits of its own: the number is the first with enough of them.
        let core = loop {
            let core = core(&plain, from)?;
            if core.digits.len() >= ANOTHER_NUMBER {
                break core;
            }
            from = core.place.end;
        };
        let (before, behind) = (plain.get(..core.place.start)?, plain.get(core.place.end..)?);
        let is_abroad = before.trim_end_matches([' ', '(']).ends_with('+');
        let before = before.trim_end_matches([' ', '(', '+', ':', '.']);
        let before = before.strip_suffix("tel").unwrap_or(before);
        let extension = extension(behind).ok()?;
        let (first, last) = match &extension {
            Some(place) => (behind.get(..place.start)?, behind.get(place.end..)?),
            None => (behind, ""),
        };
        let first = if extension.is_some() { without_extension_word(first) } else { first };
        if [before, first, last].into_iter().any(has_another_number) {
            return None;
        }
        let is_remark = |part: &str| part.contains(char::is_alphanumeric);
        let is_foreign = text.chars().any(|c| !c.is_ascii() && character::digit(c).is_some());
        let says_more = core.cut || is_foreign || [before, first, last].into_iter().any(is_remark);
        let extension = extension.and_then(|place| behind.get(place)).map(|digits| Zeroizing::new(digits.to_owned()));
        Some(Self { digits: core.digits, is_abroad, extension, says_more })
    }
}

/// A text in small letters and ASCII as far as it means a number: digits of any script, wide signs, dashes and spaces; without accents, and without what
/// can't be seen.
fn plain(text: &str) -> Zeroizing<String> {
    // Never longer than what was typed: a buffer that grows leaves its first bytes behind. The same below.
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let seen = text.chars().filter(|c| !character::is_invisible(*c) && !matches!(c, '\u{300}'..='\u{36f}'));
    plain.extend(seen.map(as_ascii));
    plain
}

fn as_ascii(c: char) -> char {
    if let Some(digit) = character::digit(c) {
        return digit;
    }
    let narrow = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{2d7}' | '\u{30fc}' | '\u{fe58}' | '\u{fe63}' => '-',
        '·' | '•' | '∙' | '⋅' | '・' | '|' | '_' | '~' => '.',
        '⁺' | '﹢' | '➕' => '+',
        'ó' | 'Ó' => 'o',
        _ if c.is_whitespace() || c.is_control() => ' ',
        _ => c,
    };
    // In other scripts a small letter may take more bytes than the large one.
    if ('А'..='Я').contains(&narrow) {
        narrow.to_lowercase().next().unwrap_or(narrow)
    } else {
        narrow.to_ascii_lowercase()
    }
}

/// The next digits of a text, with what people write between them.
fn core(plain: &str, from: usize) -> Option<Core> {
    let start = from + plain.get(from..)?.find(|c: char| c.is_ascii_digit())?;
    let mut core = Core { digits: Zeroizing::new(String::with_capacity(plain.len())), place: start..start, cut: false };
    let mut at = start;
    while let Some(rest) = plain.get(at..)
        && let Some(c) = rest.chars().next()
    {
        if let Some(zero) = ["(0)", "[0]"].into_iter().find(|zero| rest.starts_with(zero)) {
            (core.cut, at) = (true, at + zero.len());
            continue;
        }
        // Behind so many digits a bracket begins a remark.
        if matches!(c, '(' | '[') && core.digits.len() >= 7 {
            break;
        }
        if c.is_ascii_digit() {
            core.digits.push(c);
            core.place.end = at + 1;
        } else if !is_separator(c) && !matches!(c, '(' | ')' | '[' | ']' | '/') {
            break;
        }
        at += c.len_utf8();
    }
    Some(core)
}

/// What people write between groups of digits, in ASCII.
fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.')
}

/// The word for an extension, without digits that could be one.
struct NoExtension;

/// Where the digits of an extension are in what follows a number.
fn extension(behind: &str) -> Result<Option<Range<usize>>, NoExtension> {
    let mut before = ' ';
    let mut is_first = true;
    for (at, c) in behind.char_indices() {
        let rest = behind.get(at..).unwrap_or_default();
        let marker = if before.is_alphanumeric() { None } else { marker(rest, is_first) };
        if let Some((after, is_word)) = marker {
            let start = behind.len() - after.len();
            let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            // A time: `, 5pm`, `,5:30`.
            let is_other = after.get(digits..).unwrap_or_default().starts_with(|c: char| c.is_alphabetic() || c == ':');
            match digits {
                1..=MAX_EXTENSION if !is_other => return Ok(Some(start..start + digits)),
                0 if !(is_word && is_first) => {}
                _ => return Err(NoExtension),
            }
        }
        is_first &= is_separator(c) || matches!(c, '(' | ',' | ';' | '/');
        before = c;
    }
    Ok(None)
}

/// What follows the word or the sign for an extension at the beginning of a text, and whether it is a word.
fn marker(text: &str, is_first: bool) -> Option<(&str, bool)> {
    let between = [' ', '.', ':', '=', '-', '#', '/'];
    let words = EXTENSION_WORDS.into_iter().filter_map(|word| text.strip_prefix(word));
    if let Some(after) = words.into_iter().find(|after| !after.starts_with(char::is_alphabetic)) {
        let after = after.trim_start_matches(between);
        let named = NUMBER_WORDS.into_iter().find_map(|word| after.strip_prefix(word));
        return Some((named.unwrap_or(after).trim_start_matches(between), true));
    }
    let sign = text.chars().next().filter(|sign| is_first && EXTENSION_SIGNS.contains(sign))?;
    let after = text.trim_start_matches(sign);
    let after = if sign == '#' { after.trim_start() } else { after };
    after.starts_with(|c: char| c.is_ascii_digit()).then_some((after, false))
}

/// What comes before an extension without the word for it.
fn without_extension_word(text: &str) -> &str {
    let is_sign = |c: char| !c.is_alphanumeric();
    let text = text.trim_end_matches(is_sign);
    let cut = |text: &'_ str| EXTENSION_WORDS.into_iter().find_map(|word| text.strip_suffix(word)).map(str::len);
    let named =
        NUMBER_WORDS.into_iter().find_map(|word| text.strip_suffix(word)).map(|text| text.trim_end_matches(is_sign));
    let length = cut(text).or_else(|| cut(named?));
    length.and_then(|length| text.get(..length)).unwrap_or(text)
}

fn has_another_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= ANOTHER_NUMBER)
}
