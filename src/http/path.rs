//! The page that is meant by another spelling of its path.

use crate::site::{Entry, Site};
use std::borrow::Cow;

/// The longest path that is looked up, in bytes: none of the site's is near it.
const MAX_PATH: usize = 1024;

/// Not a path: not UTF-8, or with a percent sign that isn't followed by two digits (RFC 3986, section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoPath;

/// The path of the site that is meant: the same in small letters, with a slash at the end, without needless escapes, empty parts and `..`; without
/// `index.html`; and without the punctuation that a link in a mail or a chat may pick up from its sentence.
///
/// It is one of the site's own or nothing, so nobody can be redirected elsewhere.
pub(super) fn meant(site: &Site, path: &str) -> Result<Option<String>, NoPath> {
    if path.len() > MAX_PATH {
        return Ok(None);
    }
    let lower = normal(&unescaped(path)?).to_lowercase();
    let torn = without_scraps(&lower);
    let folder = INDEXES.iter().find_map(|index| torn.strip_suffix(index)).unwrap_or(&torn);
    let candidates = [lower.as_str(), &torn, folder];
    Ok(candidates.into_iter().flat_map(|path| [path.to_owned(), slashed(path)]).find_map(|path| {
        match site.find(&path)? {
            Entry::Answer(_) => Some(path),
            Entry::Moved(to) => Some(to.clone()),
        }
    }))
}

/// The names of a folder's page in other programs.
const INDEXES: [&str; 2] = ["/index.html", "/index.htm"];

fn slashed(path: &str) -> String {
    if path.ends_with('/') { path.to_owned() } else { format!("{path}/") }
}

/// A path without the punctuation and spaces of a sentence at its end, and without invisible characters: no page has either.
fn without_scraps(path: &str) -> String {
    let visible: String = path.chars().filter(|c| !is_invisible(*c)).collect();
    visible.trim_end_matches(is_scrap).to_owned()
}

/// Ends a sentence, a quotation or emphasis, or is space.
fn is_scrap(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, ',' | '.' | ';' | ':' | '!' | '?' | '…' | ')' | ']' | '}' | '>' | '*' | '_' | '\\')
        || matches!(c, '"' | '\'' | '`' | '’' | '”' | '“' | '»' | '。' | '，' | '）')
}

/// Invisible, and put between letters by programs: soft hyphens, joiners, marks of direction, variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// A path without escapes.
fn unescaped(path: &str) -> Result<Cow<'_, str>, NoPath> {
    let Some(first) = path.find('%') else { return plain(path.into()) };
    let (start, rest) = path.split_at(first);
    let mut bytes = start.as_bytes().to_vec();
    // Each piece but the first starts with the two digits after a percent sign.
    for piece in rest.split('%').skip(1) {
        let digits = piece.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        bytes.push(digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or(NoPath)?);
        bytes.extend_from_slice(piece.as_bytes().get(2..).unwrap_or_default());
    }
    plain(String::from_utf8(bytes).map_err(|_| NoPath)?.into())
}

/// A path without a null byte.
fn plain(path: Cow<'_, str>) -> Result<Cow<'_, str>, NoPath> {
    if path.contains('\0') { Err(NoPath) } else { Ok(path) }
}

/// A path without empty parts and dots (RFC 3986, section 5.2.4).
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let is_folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    let end = if is_folder && !parts.is_empty() { "/" } else { "" };
    format!("/{}{end}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{NoPath, normal, unescaped, without_scraps};
    use proptest::prelude::*;

    #[test]
    fn escapes_are_decoded() {
        for (path, wanted) in [
            ("/medicare/", Ok("/medicare/")),
            ("/m%65dicare/", Ok("/medicare/")),
            ("/%2e%2E/", Ok("/../")),
            ("/a%2Fb", Ok("/a/b")),
            ("/%C3%A9", Ok("/é")),
            ("/%", Err(NoPath)),
            ("/%6", Err(NoPath)),
            ("/%zz", Err(NoPath)),
            ("/%+1", Err(NoPath)),
            ("/%00", Err(NoPath)),
            ("/%c0%af", Err(NoPath)),
            ("/%ff", Err(NoPath)),
        ] {
            assert_eq!(unescaped(path).as_deref(), wanted.as_deref(), "{path}");
        }
    }

    #[test]
    fn empty_parts_and_dots_are_removed() {
        for (path, wanted) in [
            ("/", "/"),
            ("", "/"),
            ("//", "/"),
            ("/a//b/", "/a/b/"),
            ("/a/./b", "/a/b"),
            ("/a/../b/", "/b/"),
            ("/../../a", "/a"),
            ("/a/..", "/"),
            ("/a/b/..", "/a/"),
            ("/a/.", "/a/"),
            ("//evil.example/..", "/"),
        ] {
            assert_eq!(normal(path), wanted, "{path}");
        }
    }

    #[test]
    fn the_punctuation_of_a_sentence_is_removed() {
        for (path, wanted) in [
            ("/medicare/,", "/medicare/"),
            ("/medicare/).", "/medicare/"),
            ("/medicare/\u{200b}", "/medicare/"),
            ("/medi\u{ad}care/”", "/medicare/"),
            ("/medicare/ ", "/medicare/"),
            ("/medicare/*", "/medicare/"),
            ("/sitemap.xml.", "/sitemap.xml"),
            ("/", "/"),
        ] {
            assert_eq!(without_scraps(path), wanted, "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn a_normal_path_stays_the_same(path in "(/|\\.|\\.\\.|a|%2e|%2F|%41|é|\\\\){0,20}") {
            let Ok(plain) = unescaped(&path) else { return Ok(()) };
            let once = normal(&plain);
            prop_assert!(once.starts_with('/') && !once.starts_with("//"), "{once}");
            prop_assert!(!once.split('/').any(|part| part == "." || part == ".."), "{once}");
            prop_assert_eq!(normal(&once), once);
        }
    }
}
