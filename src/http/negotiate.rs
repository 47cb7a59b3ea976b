//! Decisions about a request as pure functions of its headers.

use crate::site::{Body, Coding, Prebuilt};
use ::headers::{ETag, Header, IfNoneMatch};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_ENCODING, IF_NONE_MATCH};

/// The coding to send: the one with the highest weight among those there are, and among equals the smallest (RFC 9110, section 12.5.3).
///
/// - no `Accept-Encoding`: any coding would do, but what sends none is often a simple program: as it is
/// - an empty one: as it is
/// - `*` stands for every coding that isn't named
/// - `q=0`: never; where nothing is left, as it is, since the RFC prefers an answer in a refused coding to none
#[must_use]
pub(super) fn choose<'a>(headers: &HeaderMap, page: &'a Prebuilt) -> (Coding, &'a Body) {
    let weights = Weights::of(headers);
    let mut best: Option<(u16, Coding, &Body)> = None;
    for coding in Coding::ALL {
        let (Some(body), Some(weight)) = (page.body(coding), weights.weight(coding)) else { continue };
        if weight > 0 && best.is_none_or(|(highest, ..)| weight > highest) {
            best = Some((weight, coding, body));
        }
    }
    best.map_or_else(|| (Coding::Identity, page.identity()), |(_, coding, body)| (coding, body))
}

/// What a client says of codings: weights in thousandths.
#[derive(Debug, Default)]
struct Weights {
    named: Vec<(Coding, u16)>,
    others: Option<u16>,
}

impl Weights {
    fn of(headers: &HeaderMap) -> Self {
        let mut weights = Self::default();
        let lines = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|line| line.to_str().ok());
        // A header of many kilobytes is no browser's; the first entries are enough.
        for part in lines.flat_map(|line| line.split(',')).take(32) {
            let (name, parameters) = part.split_once(';').map_or((part, ""), |(name, rest)| (name, rest));
            let name = name.trim();
            let Some(weight) = weight(parameters) else { continue };
            if name == "*" {
                weights.others = Some(weight);
            } else if let Some(coding) = Coding::ALL.into_iter().find(|coding| {
                name.eq_ignore_ascii_case(coding.name())
                    || (*coding == Coding::Gzip && name.eq_ignore_ascii_case("x-gzip"))
            }) {
                weights.named.push((coding, weight));
            }
        }
        weights
    }

    /// The weight of a coding; `None` where the client doesn't know it. The identity is always known, and wanted least unless it is named.
    fn weight(&self, coding: Coding) -> Option<u16> {
        let named = self.named.iter().find(|(other, _)| *other == coding).map(|(_, weight)| *weight);
        match named.or(self.others) {
            None if coding == Coding::Identity => Some(1),
            weight => weight,
        }
    }
}

/// A weight in thousandths: `;q=0.5` is 500, nothing is 1000; `None` for what isn't a weight (RFC 9110, section 12.4.2).
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
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// Whether the client has these bytes already: weak comparison with every tag it names, or `*` (RFC 9110, section 13.1.2).
#[must_use]
pub(super) fn not_modified(headers: &HeaderMap, body: &Body) -> bool {
    if !headers.contains_key(IF_NONE_MATCH) {
        return false;
    }
    let known = IfNoneMatch::decode(&mut headers.get_all(IF_NONE_MATCH).iter());
    let own = ETag::decode(&mut std::iter::once(&body.etag));
    matches!((known, own), (Ok(known), Ok(own)) if !known.precondition_passes(&own))
}

#[cfg(test)]
mod tests {
    use super::{Coding, HeaderMap, Weights, choose, weight};
    use crate::site::{CachePolicy, Effort, Prebuilt};
    use axum::http::HeaderValue;
    use axum::http::header::ACCEPT_ENCODING;
    use proptest::prelude::*;

    fn accept(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    fn page() -> Prebuilt {
        Prebuilt::new("text/plain", None, CachePolicy::NoStore, "Come as you are. ".repeat(40), Effort::Fast)
    }

    #[test]
    fn the_heaviest_coding_is_chosen_and_among_equals_the_smallest() {
        for (lines, wanted) in [
            (&[][..], Coding::Identity),
            (&[""], Coding::Identity),
            (&["gzip, deflate, br, zstd"], Coding::Brotli),
            (&["gzip, deflate, zstd"], Coding::Zstd),
            (&["gzip"], Coding::Gzip),
            (&["X-GZIP"], Coding::Gzip),
            (&["BR"], Coding::Brotli),
            (&["gzip;q=1.0, br;q=0.5"], Coding::Gzip),
            (&["gzip ; q=0.5 , br ; Q=0.8"], Coding::Brotli),
            (&["gzip;q=0"], Coding::Identity),
            (&["br;q=0, *"], Coding::Zstd),
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
            assert_eq!(choose(&accept(lines), &page()).0, wanted, "{lines:?}");
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

    proptest! {
        #[test]
        fn whatever_is_asked_a_refused_coding_is_never_sent(line in "[ -~]{0,200}") {
            let headers = accept(&[&line]);
            let page = page();
            let (coding, body) = choose(&headers, &page);
            prop_assert!(!body.bytes.is_empty());
            prop_assert!(coding == Coding::Identity || Weights::of(&headers).weight(coding).is_some_and(|weight| weight > 0));
        }
    }
}
