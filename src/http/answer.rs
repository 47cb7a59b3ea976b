//! From a path and the headers of a request to its answer: one look into the site.

use super::{headers, negotiate};
use crate::site::{CachePolicy, Coding, Entry, ErrorKind, Prebuilt, Site};
use axum::body::Body;
use axum::http::header::{
    ALLOW, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LOCATION, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

/// What every path of the site can be asked with.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD");

/// What a page with a form can be asked with.
const FORM_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");

/// The longest path that is looked at, in bytes.
const MAX_PATH: usize = 1024;

/// Answers a request:
///
/// 1. a path that is there: 200 or 304 for `GET` and `HEAD`, 405 for any other method
/// 2. an old address, a missing slash, capital letters: 308 to the path that is meant. The new path is always one of the site's own, never
///    made of what was asked, so that nobody can be sent elsewhere
/// 3. anything else: 404, in the language of the path
pub(super) fn answer(site: &Site, method: &Method, path: &str, request: &HeaderMap) -> Response<Body> {
    if path.len() > MAX_PATH {
        return error(site, ErrorKind::NotFound, path, request);
    }
    let known = matches!(*method, Method::GET | Method::HEAD);
    match site.find(path) {
        Some(Entry::Answer(page)) if known => success(page, method, request),
        Some(Entry::Moved(to)) if known => moved(to),
        Some(_) => refuse_method(site, path, request),
        None => match meant(site, path) {
            Some(to) if known => moved(&to),
            Some(_) => refuse_method(site, path, request),
            None => error(site, ErrorKind::NotFound, path, request),
        },
    }
}

/// The path that is meant by one that isn't there: small letters, and a slash at the end.
fn meant(site: &Site, path: &str) -> Option<String> {
    let lower = path.to_ascii_lowercase();
    let slashed = if lower.ends_with('/') { lower.clone() } else { format!("{lower}/") };
    [lower, slashed].into_iter().filter(|candidate| candidate != path).find_map(|candidate| {
        match site.find(&candidate)? {
            Entry::Answer(_) => Some(candidate),
            Entry::Moved(to) => Some(to.clone()),
        }
    })
}

fn success(page: &Prebuilt, method: &Method, request: &HeaderMap) -> Response<Body> {
    let (coding, body) = negotiate::choose(request, page);
    let fresh = negotiate::not_modified(request, body);
    let mut response = Response::new(match (fresh, method == Method::HEAD) {
        (false, false) => Body::from(body.bytes.clone()),
        _ => Body::empty(),
    });
    let headers = response.headers_mut();
    // A 304 repeats what a cache may store anew (RFC 9110, section 15.4.5).
    headers.insert(ETAG, body.etag.clone());
    headers::cache(headers, page.cache);
    vary(headers, page);
    if fresh {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    describe(headers, page, coding, body.bytes.len());
    response
}

/// Says that the answer depends on the codings a client accepts, where it does.
fn vary(headers: &mut HeaderMap, page: &Prebuilt) {
    if page.varies() {
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
}

/// Says what a body is.
fn describe(headers: &mut HeaderMap, page: &Prebuilt, coding: Coding, length: usize) {
    vary(headers, page);
    headers.insert(CONTENT_TYPE, page.content_type.clone());
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    if coding != Coding::Identity {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    if let Some(lang) = page.language {
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    }
}

/// 308: the method stays what it was, and the new address may be remembered.
fn moved(to: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    if let Ok(location) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, location);
    }
    headers::cache(response.headers_mut(), CachePolicy::Hour);
    response
}

/// 405, with the methods that there are.
pub(super) fn refuse_method(site: &Site, path: &str, request: &HeaderMap) -> Response<Body> {
    let mut response = error(site, ErrorKind::MethodNotAllowed, path, request);
    response.headers_mut().insert(ALLOW, if site.form(path).is_some() { FORM_METHODS } else { METHODS });
    response
}

/// The page for an error, in the language of the path: what to do now, and the help lines. Never why.
pub(super) fn error(site: &Site, kind: ErrorKind, path: &str, request: &HeaderMap) -> Response<Body> {
    let mut response = match site.error(kind, path) {
        Some(page) => {
            let (coding, body) = negotiate::choose(request, page);
            let mut response = Response::new(Body::from(body.bytes.clone()));
            describe(response.headers_mut(), page, coding, body.bytes.len());
            response
        }
        None => text("Something went wrong. In an emergency call 911.\n"),
    };
    *response.status_mut() = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    headers::cache(response.headers_mut(), CachePolicy::NoStore);
    response
}

/// A word for a machine.
pub(super) fn text(words: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(words.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers::cache(response.headers_mut(), CachePolicy::NoStore);
    response
}
