//! One reading of the paths of addresses, for requests and for the old addresses that lead to pages.

use std::borrow::Cow;
use std::collections::HashMap;
use url::form_urlencoded;

/// Not a path: not UTF-8, or with a percent sign that isn't followed by two digits (RFC 3986, section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPath;

/// A path without escapes.
pub fn unescaped(path: &str) -> Result<Cow<'_, str>, NoPath> {
    if path.contains('%') {
        let text = String::from_utf8(bytes(path)?).map_err(|_| NoPath)?;
        return without_null(text.into());
    }
    without_null(path.into())
}

fn bytes(path: &str) -> Result<Vec<u8>, NoPath> {
    let mut pieces = path.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    // Each piece but the first starts with the two digits after a percent sign.
    for piece in pieces {
        let digits = piece.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        bytes.push(digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or(NoPath)?);
        bytes.extend_from_slice(piece.as_bytes().get(2..).unwrap_or_default());
    }
    Ok(bytes)
}

fn without_null(path: Cow<'_, str>) -> Result<Cow<'_, str>, NoPath> {
    if path.contains('\0') { Err(NoPath) } else { Ok(path) }
}

/// A path without empty parts and dots (RFC 3986, section 5.2.4).
#[must_use]
pub fn normal(path: &str) -> String {
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

/// An old address, in one spelling for all that mean the same: small letters, no escapes, no slash at the end; the pairs of its query in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OldAddress {
    path: String,
    query: Vec<(String, String)>,
}

impl OldAddress {
    /// Reads an address as it is written or asked for, from its first slash on. Servers of old wrote other letters than UTF-8 has: those are read as
    /// Latin-1 (ISO 8859-1).
    pub fn read(address: &str) -> Result<Self, NoPath> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let bytes = bytes(path)?;
        let latin = |error: std::string::FromUtf8Error| error.into_bytes().into_iter().map(char::from).collect();
        let path = String::from_utf8(bytes).unwrap_or_else(latin);
        let path = normal(&without_null(path.into())?).to_lowercase();
        let lower = |text: Cow<'_, str>| text.to_lowercase();
        let mut query: Vec<_> = form_urlencoded::parse(query.as_bytes()).map(|(a, b)| (lower(a), lower(b))).collect();
        query.sort_unstable();
        query.dedup();
        Ok(Self { path: path.trim_end_matches('/').to_owned(), query })
    }

    /// Its path, with a slash at the end.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/", self.path)
    }

    /// Whether it has a query.
    #[must_use]
    pub fn has_query(&self) -> bool {
        !self.query.is_empty()
    }
}

/// Where old addresses lead.
#[derive(Debug, Default)]
pub struct OldAddresses {
    /// By path: those with the longest query first.
    by_path: HashMap<String, Vec<(OldAddress, String)>>,
    any_query: bool,
}

impl OldAddresses {
    /// From each old address to the path that took its place.
    pub fn new<'a>(all: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut addresses = Self::default();
        for (from, to) in all {
            let Ok(from) = OldAddress::read(from) else { continue };
            addresses.any_query |= from.has_query();
            addresses.by_path.entry(from.path.clone()).or_default().push((from, to.to_owned()));
        }
        for same in addresses.by_path.values_mut() {
            same.sort_by(|(a, _), (b, _)| b.query.len().cmp(&a.query.len()).then_with(|| a.cmp(b)));
        }
        addresses
    }

    /// Whether any was written with a query: such a one may have the path of a page.
    #[must_use]
    pub fn have_queries(&self) -> bool {
        self.any_query
    }

    /// Where an address leads, if it is an old one. Each pair of a query that was written must be in the one that is asked for, which may have others.
    #[must_use]
    pub fn find(&self, asked: &str) -> Option<&str> {
        let asked = OldAddress::read(asked).ok()?;
        let fits = |from: &OldAddress| from.query.iter().all(|pair| asked.query.contains(pair));
        self.by_path.get(&asked.path)?.iter().find(|(from, _)| fits(from)).map(|(_, to)| to.as_str())
    }
}

/// What is wrong with an address that is written as an old one, and how to write it; `None`: nothing.
#[must_use]
pub fn fault(written: &str) -> Option<(&'static str, String)> {
    let text = written.trim();
    if let Some((_, rest)) = text.split_once("://").filter(|_| !text.starts_with('/')) {
        let path = rest.split_once('/').map_or("", |(_, path)| path);
        return Some(("is a whole address: only what follows the name of the site is wanted", escaped(path)));
    }
    if let Some((before, _)) = text.split_once('#') {
        return Some(("has a `#`: browsers never send what follows it", escaped(before)));
    }
    if !text.starts_with('/') || text.starts_with("//") {
        return Some(("has to start with one slash", escaped(&format!("/{}", text.trim_start_matches('/')))));
    }
    let is_allowed = |c: char| !c.is_whitespace() && !c.is_control() && !"\"<>\\^`{|}".contains(c);
    if !written.chars().all(is_allowed) || OldAddress::read(text).is_err() {
        return Some(("is not written as browsers ask for it", escaped(text)));
    }
    None
}

/// An address as browsers ask for it: from its first slash on, with escapes for what RFC 3986 doesn't allow.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    let text = text.split('#').next().unwrap_or_default();
    let mut out = String::new();
    for (at, c) in text.char_indices() {
        let is_escape = c == '%' && bytes(text.get(at..at + 3).unwrap_or("%")).is_ok_and(|bytes| bytes != [0]);
        if is_escape || c != '%' && !c.is_control() && !c.is_whitespace() && !"\"<>\\^`{|}".contains(c) {
            out.push(c);
        } else if c != '\0' {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a string doesn't fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    format!("/{}", out.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::{NoPath, OldAddress, OldAddresses, fault, normal, unescaped};
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
    fn spellings_of_an_old_address_are_one() {
        let read = |text| OldAddress::read(text).unwrap();
        for (one, other) in [
            ("/services.html", "/Services.HTML/"),
            ("/old%20page/", "/old%20page"),
            ("/información/", "/informaci%C3%B3n"),
            ("/información/", "/INFORMACI%c3%93N/"),
            ("/información/", "/informaci%F3n/"),
            ("/?page_id=7", "/?PAGE_ID=7"),
            ("/a?x=1&y=2", "/a/?y=2&x=1"),
            ("/a?q=a+b", "/a?q=a%20b"),
            ("/index.php", "//index.php"),
        ] {
            assert_eq!(read(one), read(other), "{one} {other}");
        }
        assert_ne!(read("/?page_id=7"), read("/?page_id=8"));
        assert_ne!(read("/a%3Fb=1"), read("/a?b=1"));
    }

    #[test]
    fn the_address_with_the_longest_query_is_found_and_others_may_be_added() {
        let moved = OldAddresses::new(
            [("/index.php", "/a/"), ("/index.php?id=7", "/b/"), ("/index.php?id=7&l=es", "/c/"), ("/?p=1", "/d/")]
                .into_iter(),
        );
        for (asked, to) in [
            ("/index.php", Some("/a/")),
            ("/index.php?fbclid=x", Some("/a/")),
            ("/index.php?utm=x&id=7", Some("/b/")),
            ("/Index.php?l=es&id=7", Some("/c/")),
            ("/?p=1", Some("/d/")),
            ("/", None),
            ("/?p=2", None),
            ("/%zz", None),
        ] {
            assert_eq!(moved.find(asked), to, "{asked}");
        }
    }

    #[test]
    fn what_cannot_be_asked_for_is_reported_with_what_can() {
        for (written, help) in [
            ("services.html", "/services.html"),
            ("https://old.example/a b.html", "/a%20b.html"),
            ("https://old.example", "/"),
            ("/a#b", "/a"),
            ("//x/", "/x/"),
            ("/old page/", "/old%20page/"),
            ("/100%/", "/100%25/"),
            ("/a\\b", "/a%5Cb"),
            ("/%00", "/%2500"),
            (" /a/", "/a/"),
        ] {
            let (_, offered) = fault(written).unwrap_or_else(|| panic!("{written}"));
            assert_eq!(offered, help, "{written}");
            assert_eq!(fault(&offered), None, "{written}");
        }
        for good in [
            "/services.html",
            "/old%20page/",
            "/información/",
            "/?page_id=7",
            "/a;b=c/~x/@(1)!$&'*+,=:",
            "/%F3/",
            "/Old-Page/",
        ] {
            assert_eq!(fault(good), None, "{good}");
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

        #[test]
        fn whatever_is_written_what_is_offered_can_be_asked_for(written in any::<String>()) {
            if let Some((_, offered)) = fault(&written) {
                prop_assert_eq!(fault(&offered), None, "{}", offered);
            }
        }
    }
}
