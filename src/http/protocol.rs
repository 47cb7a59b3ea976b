//! Requests that hyper accepts and HTTP forbids, or that we don't support: decided from the head alone, before anything of the site is looked up.

use super::log::is_standard;
use crate::server::LengthAndChunks;
use axum::http::header::{HOST, TRANSFER_ENCODING};
use axum::http::uri::Authority;
use axum::http::{Method, Request, StatusCode, Version};

/// The longest target of a request, in bytes: what RFC 9112, section 3, asks servers to accept at least.
const MAX_TARGET: usize = 8000;

/// Why a request can't be answered, if it can't:
///
/// - 414: its target is too long
/// - 400: no `Host`, several, or one that is neither empty nor names a host (RFC 9112, section 3.2); a target that is neither a path nor an address of the web
/// - 400: both a length and chunks: a proxy may use the length, and so see other requests than we do (RFC 9112, section 11.2)
/// - 501: a body in another transfer coding than chunks (RFC 9112, section 6.1), or in chunks twice
/// - 501: a method that isn't HTTP's own (RFC 9110, section 9.1)
pub(super) fn fault<B>(request: &Request<B>) -> Option<StatusCode> {
    let (uri, headers, version) = (request.uri(), request.headers(), request.version());
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len() + "https://".len());
    let length = uri.path_and_query().map_or(0, |path| path.as_str().len()) + authority;
    if length > MAX_TARGET {
        return Some(StatusCode::URI_TOO_LONG);
    }
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next();
    let hosted = match host {
        Some(host) => names_a_host(host.as_bytes()) && hosts.next().is_none(),
        None => version == Version::HTTP_10 || (version == Version::HTTP_2 && uri.authority().is_some()),
    };
    if !hosted || !is_a_target(request) {
        return Some(StatusCode::BAD_REQUEST);
    }
    if request.extensions().get::<LengthAndChunks>().is_some() {
        return Some(StatusCode::BAD_REQUEST);
    }
    let codings = headers.get_all(TRANSFER_ENCODING);
    if codings.iter().count() > 1 || codings.iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked")) {
        return Some(StatusCode::NOT_IMPLEMENTED);
    }
    (!is_standard(request.method())).then_some(StatusCode::NOT_IMPLEMENTED)
}

/// Whether the value of `Host` is empty, or a host with or without a port. Which one doesn't matter to a published site.
fn names_a_host(host: &[u8]) -> bool {
    // What nearly every request has needs no parser: a name, and perhaps a port.
    let is_simple = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let (name, port) = match host.iter().rposition(|byte| *byte == b':').filter(|at| *at > 0) {
        Some(colon) => (host.get(..colon).unwrap_or_default(), host.get(colon + 1..).unwrap_or_default()),
        None => (host, &b"80"[..]),
    };
    let is_number = || std::str::from_utf8(port).is_ok_and(|port| port.parse::<u16>().is_ok());
    let is_port = || port.iter().all(u8::is_ascii_digit) && is_number();
    let simple = name.iter().all(is_simple) && is_port();
    // RFC 3986 allows a comma in a host, but there is one only if a proxy has joined two lines.
    let is_valid = || !host.contains(&b',') && Authority::try_from(host).is_ok_and(|host| is_an_authority(&host));
    simple || is_valid()
}

/// Whether an authority is a host and perhaps a port, without a user (RFC 9110, section 4.2.4).
fn is_an_authority(authority: &Authority) -> bool {
    let (text, host) = (authority.as_str(), authority.host());
    let rest = text.strip_prefix(host).map(|rest| rest.strip_prefix(':').unwrap_or(rest));
    !host.is_empty() && !text.contains('@') && rest.is_some_and(|port| port.is_empty() || port.parse::<u16>().is_ok())
}

/// Whether the target is a path, or a complete address; `*` and a host alone are for the methods that use them.
fn is_a_target<B>(request: &Request<B>) -> bool {
    let uri = request.uri();
    match (uri.scheme_str(), uri.authority()) {
        (None, None) => uri.path().starts_with('/') || (uri.path() == "*" && *request.method() == Method::OPTIONS),
        (Some("http" | "https"), Some(authority)) => is_an_authority(authority),
        (None, Some(authority)) => *request.method() == Method::CONNECT && is_an_authority(authority),
        _ => false,
    }
}
