//! What is meant by a path that isn't there.

use crate::site::{Entry, Site};
use std::borrow::Cow;

/// The longest path that is looked at, in bytes: none of the site's is near it.
const MAX_PATH: usize = 1024;

/// It is no path: what it stands for is no text, or the percent sign stands for nothing (RFC 3986, section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoPath;

/// The path of the site that is meant by one that isn't there: the same in small letters, with a slash at the end, without escapes that
/// need not be, without empty parts and those that lead back.
///
/// It is one of the site's own or nothing: what was asked is only compared with, so nobody can be sent elsewhere by it.
pub(super) fn meant(site: &Site, path: &str) -> Result<Option<String>, NoPath> {
    if path.len() > MAX_PATH {
        return Ok(None);
    }
    let lower = normal(&unescaped(path)?).to_ascii_lowercase();
    let slashed = if lower.ends_with('/') { lower.clone() } else { format!("{lower}/") };
    Ok([lower, slashed].into_iter().find_map(|candidate| match site.find(&candidate)? {
        Entry::Answer(_) => Some(candidate),
        Entry::Moved(to) => Some(to.clone()),
    }))
}

/// A path without escapes.
fn unescaped(path: &str) -> Result<Cow<'_, str>, NoPath> {
    let Some(first) = path.find('%') else { return plain(path.into()) };
    let (start, rest) = path.split_at(first);
    let mut bytes = start.as_bytes().to_vec();
    // Each piece but the first begins with the two digits behind a percent sign.
    for piece in rest.split('%').skip(1) {
        let digits = piece.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        bytes.push(digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or(NoPath)?);
        bytes.extend_from_slice(piece.as_bytes().get(2..).unwrap_or_default());
    }
    plain(String::from_utf8(bytes).map_err(|_| NoPath)?.into())
}

/// A path without the byte that ends texts elsewhere.
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
    let ends = if parts.is_empty() || path.ends_with(['/']) || path.ends_with("/.") || path.ends_with("/..") {
        "/"
    } else {
        ""
    };
    let joined = parts.join("/");
    if joined.is_empty() { "/".to_owned() } else { format!("/{joined}{ends}") }
}

#[cfg(test)]
mod tests {
    use super::{NoPath, normal, unescaped};
    use proptest::prelude::*;

    #[test]
    fn escapes_stand_for_what_they_stand_for() {
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
    fn parts_that_are_nothing_or_lead_back_are_taken_out() {
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

    proptest! {
        #[test]
        fn a_path_is_brought_into_one_form(path in "(/|\\.|\\.\\.|a|%2e|%2F|%41|é|\\\\){0,20}") {
            let Ok(plain) = unescaped(&path) else { return Ok(()) };
            let once = normal(&plain);
            prop_assert!(once.starts_with('/') && !once.starts_with("//"), "{once}");
            prop_assert!(!once.split('/').any(|part| part == "." || part == ".."), "{once}");
            prop_assert_eq!(normal(&once), once);
        }
    }
}
