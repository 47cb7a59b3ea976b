//! Decisions about a request as pure functions of its headers.

use crate::site::{Bodies, Body, Coding};
use axum::http::header::{ACCEPT_ENCODING, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The coding to send: the one with the highest weight among those there are, and among equals the smallest (RFC 9110, section 12.5.3).
///
/// - no `Accept-Encoding`: identity, as its sender is often a simple program
/// - an empty one: identity
/// - `*` stands for every coding that isn't named
/// - `q=0`: never; if nothing is left, identity, since the RFC prefers an answer in a refused coding to none
#[must_use]
pub(super) fn choose<'a>(headers: &HeaderMap, bodies: &'a Bodies<'_>) -> (Coding, &'a Body) {
    let weights = Weights::from(headers);
    let mut best: Option<(u16, Coding, &Body)> = None;
    for coding in Coding::ALL {
        let (Some(body), Some(weight)) = (bodies.get(coding), weights.weight(coding)) else { continue };
        if weight > 0 && best.is_none_or(|(highest, ..)| weight > highest) {
            best = Some((weight, coding, body));
        }
    }
    best.map_or_else(|| (Coding::Identity, bodies.identity), |(_, coding, body)| (coding, body))
}

/// The weights that a client gives to codings, in thousandths, by their place in [`Coding::ALL`].
#[derive(Debug, Default)]
struct Weights {
    named: [Option<u16>; 3],
    others: Option<u16>,
}

impl Weights {
    fn from(headers: &HeaderMap) -> Self {
        let mut weights = Self::default();
        let lines = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|line| line.to_str().ok());
        // No browser sends more entries than this.
        for part in lines.flat_map(|line| line.split(',')).take(32) {
            let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
            let name = name.trim();
            let Some(weight) = weight(parameters) else { continue };
            if name == "*" {
                weights.others = Some(weight);
            } else if let Some(place) = place(name).and_then(|place| weights.named.get_mut(place)) {
                place.get_or_insert(weight);
            }
        }
        weights
    }

    /// The weight of a coding; `None` if the client doesn't accept it. Identity is always accepted, with the least weight unless it is named.
    fn weight(&self, coding: Coding) -> Option<u16> {
        let named = self.named.get(coding as usize).copied().flatten();
        match named.or(self.others) {
            None if coding == Coding::Identity => Some(1),
            weight => weight,
        }
    }
}

/// The place of a coding in [`Coding::ALL`]. `x-gzip` is gzip (RFC 9110, section 8.4.1.3).
fn place(name: &str) -> Option<usize> {
    let is = |coding: Coding| name.eq_ignore_ascii_case(coding.name());
    let gzip = name.eq_ignore_ascii_case("x-gzip").then_some(Coding::Gzip);
    Coding::ALL.into_iter().find(|coding| is(*coding)).or(gzip).map(|coding| coding as usize)
}

/// A weight in thousandths: `;q=0.5` is 500, nothing is 1000; `None` if it isn't a weight (RFC 9110, section 12.4.2).
fn weight(parameters: &str) -> Option<u16> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(1000);
    }
    let (name, value) = parameters.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(*b"000").take(3);
    let thousandths = digits.fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// The result of a request's conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precondition {
    /// There are none, or they hold: the page is sent.
    Holds,
    /// The client has these bytes already: 304.
    Fresh,
    /// The client wants the page only in another state: 412.
    Failed,
}

/// Decides about the conditions of a `GET` or `HEAD`, in the order of RFC 9110, section 13.2.2: `If-Match` with strong comparison, then
/// `If-None-Match` with weak. Those with a date are ignored, as we send none (sections 13.1.3 and 13.1.4), and so is `If-Range`, as we don't support
/// `Range`.
#[must_use]
pub(super) fn precondition(headers: &HeaderMap, etag: &HeaderValue) -> Precondition {
    if headers.contains_key(IF_MATCH) && !names(headers, &IF_MATCH, etag, false) {
        Precondition::Failed
    } else if headers.contains_key(IF_NONE_MATCH) && names(headers, &IF_NONE_MATCH, etag, true) {
        Precondition::Fresh
    } else {
        Precondition::Holds
    }
}

/// Whether a header's lists of tags contain a tag, or `*`. Anything that isn't a tag ends its list.
fn names(headers: &HeaderMap, name: &HeaderName, etag: &HeaderValue, weak: bool) -> bool {
    let etag = etag.as_bytes();
    headers.get_all(name).iter().any(|line| {
        let line = line.as_bytes().trim_ascii();
        line == b"*" || tags(line).any(|tag| tag.strip_prefix(b"W/").filter(|_| weak).unwrap_or(tag) == etag)
    })
}

/// The tags of a list, with their quotes. A comma within the quotes belongs to the tag (RFC 9110, section 8.8.3).
fn tags(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let start = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b','))?;
        let tag = rest.get(start..)?;
        let quote = if tag.starts_with(b"W/") { 2 } else { 0 };
        let opaque = tag.get(quote..)?.strip_prefix(b"\"")?;
        let length = quote + 1 + opaque.iter().position(|byte| *byte == b'"')? + 1;
        let (tag, after) = tag.split_at_checked(length)?;
        rest = after;
        Some(tag)
    })
}

#[cfg(test)]
mod tests {
    use super::{Coding, HeaderMap, Precondition, Weights, choose, precondition, tags, weight};
    use crate::site::{CachePolicy, CompressionLevel, Prebuilt};
    use axum::http::HeaderValue;
    use axum::http::header::{ACCEPT_ENCODING, IF_MATCH, IF_NONE_MATCH};
    use proptest::prelude::*;

    fn accept(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    fn page() -> Prebuilt {
        let (content_type, text) = (HeaderValue::from_static("text/plain"), "Come as you are. ".repeat(40));
        Prebuilt::new(content_type, None, CachePolicy::NoStore, text, CompressionLevel::Fast)
    }

    #[test]
    fn the_heaviest_coding_is_chosen_and_among_equals_the_smallest() {
        for (lines, wanted) in [
            (&[][..], Coding::Identity),
            (&[""], Coding::Identity),
            (&["gzip, deflate, br, zstd"], Coding::Brotli),
            (&["gzip, deflate, zstd"], Coding::Gzip),
            (&["gzip"], Coding::Gzip),
            (&["X-GZIP"], Coding::Gzip),
            (&["BR"], Coding::Brotli),
            (&["gzip;q=1.0, br;q=0.5"], Coding::Gzip),
            (&["gzip ; q=0.5 , br ; Q=0.8"], Coding::Brotli),
            (&["gzip;q=0"], Coding::Identity),
            (&["br;q=0, *"], Coding::Gzip),
            (&["*"], Coding::Brotli),
            (&["*;q=0"], Coding::Identity),
            (&["identity;q=0"], Coding::Identity),
            (&["identity;q=0, gzip;q=0.1"], Coding::Gzip),
            (&["identity, gzip;q=0.5"], Coding::Identity),
            (&["gzip", "br"], Coding::Brotli),
            (&["gzip;q=2"], Coding::Identity),
            (&["gzip;q=0.0001"], Coding::Identity),
            (&["deflate, compress, nonsense"], Coding::Identity),
        ] {
            assert_eq!(choose(&accept(lines), &page().bodies()).0, wanted, "{lines:?}");
        }
    }

    #[test]
    fn weights_are_thousandths() {
        for (text, wanted) in [
            ("", Some(1000)),
            ("q=0.8", Some(800)),
            ("q=1.000", Some(1000)),
            ("q=1.001", None),
            ("q=", None),
            ("x=1", None),
            ("q=.5", None),
        ] {
            assert_eq!(weight(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn lists_of_tags_are_split() {
        for (list, wanted) in [
            ("", &[][..]),
            ("\"a\"", &["\"a\""]),
            ("\"a\", W/\"b\",,\t\"c,d\"", &["\"a\"", "W/\"b\"", "\"c,d\""]),
            ("\"a\" \"b\"", &["\"a\"", "\"b\""]),
            ("\"a\", b, \"c\"", &["\"a\""]),
            ("w/\"a\"", &[]),
            ("\"a", &[]),
            ("W/", &[]),
        ] {
            let found: Vec<_> = tags(list.as_bytes()).map(|tag| std::str::from_utf8(tag).unwrap()).collect();
            assert_eq!(found, wanted, "{list}");
        }
    }

    #[test]
    fn conditions_are_decided_in_their_order() {
        let own = "\"own\"";
        for (if_match, if_none_match, wanted) in [
            (&[][..], &[][..], Precondition::Holds),
            (&[], &["\"own\""], Precondition::Fresh),
            (&[], &["W/\"own\""], Precondition::Fresh),
            (&[], &["\"a\", \"own\""], Precondition::Fresh),
            (&[], &["\"a\"", "\"own\""], Precondition::Fresh),
            (&[], &["*"], Precondition::Fresh),
            (&[], &["\"a\", *"], Precondition::Holds),
            (&[], &["own"], Precondition::Holds),
            (&["\"own\""], &[], Precondition::Holds),
            (&["*"], &[], Precondition::Holds),
            (&["W/\"own\""], &[], Precondition::Failed),
            (&["\"a\""], &["\"own\""], Precondition::Failed),
            (&["\"own\""], &["\"own\""], Precondition::Fresh),
            (&[""], &[], Precondition::Failed),
        ] {
            let mut headers = HeaderMap::new();
            for (name, lines) in [(IF_MATCH, if_match), (IF_NONE_MATCH, if_none_match)] {
                for line in lines {
                    headers.append(name.clone(), HeaderValue::from_static(line));
                }
            }
            assert_eq!(
                precondition(&headers, &HeaderValue::from_static(own)),
                wanted,
                "{if_match:?} {if_none_match:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_tag_is_found_anywhere_in_a_list(
            before in proptest::collection::vec("(W/)?\"[!#-~]{0,8}\"", 0..6),
            after in "[ -~]{0,40}",
            own in "[a-f0-9]{1,32}",
        ) {
            let own = format!("\"{own}\"");
            let mut headers = HeaderMap::new();
            let line = before.iter().chain([&own]).map(String::as_str).collect::<Vec<_>>().join(", ") + "," + &after;
            headers.insert(IF_NONE_MATCH, HeaderValue::from_str(&line).unwrap());
            let own = HeaderValue::from_str(&own).unwrap();
            prop_assert_eq!(precondition(&headers, &own), Precondition::Fresh);
            let other = HeaderValue::from_static("\"another\"");
            prop_assert!(line.contains("another") || precondition(&headers, &other) == Precondition::Holds);
        }

        #[test]
        fn different_tags_never_match(line in "[ -~]{0,120}") {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_str(&line).unwrap());
            let own = HeaderValue::from_static("\"0123456789abcdef\"");
            let fresh = precondition(&headers, &own) == Precondition::Fresh;
            prop_assert_eq!(fresh, line.trim() == "*" || line.contains("\"0123456789abcdef\""));
        }

        #[test]
        fn a_refused_coding_is_never_sent(line in "[ -~]{0,200}") {
            let headers = accept(&[&line]);
            let page = page();
            let bodies = page.bodies();
            let (coding, body) = choose(&headers, &bodies);
            prop_assert!(!body.bytes.is_empty());
            prop_assert!(coding == Coding::Identity || Weights::from(&headers).weight(coding).is_some_and(|weight| weight > 0));
        }
    }
}
