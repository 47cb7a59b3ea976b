//! From a path and the headers of a request to its answer: one look into the site.

use super::negotiate::{self, Precondition};
use super::path::{self, NoPath};
use super::ready::Served;
use super::{Policy, headers};
use crate::site::{CachePolicy, Coding, Entry, ErrorKind, Prebuilt};
use axum::body::Body;
use axum::http::header::{
    ALLOW, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LOCATION, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use bytes::Bytes;

/// What every path of the site can be asked with.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD");

/// What a page with a form can be asked with.
const FORM_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");

/// Answers a request:
///
/// 1. a path that is there: 200, 304 or 412 for `GET` and `HEAD`, 405 for any other method
/// 2. an old address, a missing slash, capital letters, another spelling of a path: 308 to the path that is meant. The new path is always
///    one of the site's own, never made of what was asked, so that nobody can be sent elsewhere
/// 3. what is no path: 400
/// 4. anything else: 404, in the language of the path
pub(super) fn answer(served: &Served, method: &Method, path: &str, request: &HeaderMap) -> Response<Body> {
    if let Some(response) = prepared(served, method, path, request) {
        let (mut parts, body) = response.into_parts();
        if let Some(body) = &body {
            parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        return Response::from_parts(parts, body.map_or_else(Body::empty, Body::from));
    }
    let known = matches!(*method, Method::GET | Method::HEAD);
    let meant = match served.site.find(path) {
        Some(Entry::Moved(to)) => Ok(Some(to.clone())),
        // It stands there, and wasn't prepared for this method.
        Some(Entry::Answer(_)) => return refuse_method(served, path, request),
        None => path::meant(&served.site, path),
    };
    match meant {
        Ok(Some(to)) if known => moved(&to, served.policy),
        Ok(Some(_)) => refuse_method(served, path, request),
        Ok(None) => error(served, ErrorKind::NotFound, path, request),
        Err(NoPath) => error(served, ErrorKind::BadRequest, path, request),
    }
}

/// The answer of a page that stands at exactly this path, complete but for its length, which goes by its body. For `GET` and `HEAD` alone.
pub(super) fn prepared(
    served: &Served,
    method: &Method,
    path: &str,
    request: &HeaderMap,
) -> Option<Response<Option<Bytes>>> {
    let head = match *method {
        Method::GET => false,
        Method::HEAD => true,
        _ => return None,
    };
    let ready = served.ready(path)?;
    let (coding, body) = negotiate::choose(request, ready.page());
    match negotiate::precondition(request, &body.etag) {
        Precondition::Holds => {}
        Precondition::Fresh => return Some(ready.not_modified(body)),
        Precondition::Failed => return Some(failed(served, path, request, head)),
    }
    let mut response = ready.found(coding, body);
    if head {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.bytes.len()));
    } else {
        *response.body_mut() = Some(body.bytes.clone());
    }
    Some(response)
}

/// 412: the client wanted this page only if it was another than it is.
fn failed(served: &Served, path: &str, request: &HeaderMap, head: bool) -> Response<Option<Bytes>> {
    let mut response = error_bytes(served, ErrorKind::BadRequest, path, request);
    *response.status_mut() = StatusCode::PRECONDITION_FAILED;
    headers::secured(response.headers_mut(), served.policy);
    if head && let Some(body) = response.body_mut().take() {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    response
}

/// What is sent instead of an answer to what is no request of HTTP, or one we don't take: the page that says so, as it is.
pub(super) fn refusal(served: &Served, status: StatusCode) -> Response<Option<Bytes>> {
    let mut response = error_bytes(served, ErrorKind::BadRequest, "/", &HeaderMap::new());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers::secured(headers, served.policy);
    if let Some(length) = response.body().as_ref().map(Bytes::len) {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// What a head says of a body.
pub(super) fn describe(headers: &mut HeaderMap, page: &Prebuilt, coding: Coding) {
    headers.insert(CONTENT_TYPE, page.content_type.clone());
    if coding != Coding::Identity {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    if let Some(lang) = page.language {
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    }
}

/// What a cache has to know: the validator, how long it may keep the answer, and that it depends on the codings a client accepts, where it
/// does. A 304 repeats it (RFC 9110, section 15.4.5).
pub(super) fn keep(headers: &mut HeaderMap, page: &Prebuilt, etag: HeaderValue, policy: Policy) {
    headers.insert(ETAG, etag);
    headers::cache(headers, page.cache, policy);
    vary(headers, page);
}

fn vary(headers: &mut HeaderMap, page: &Prebuilt) {
    if page.varies() {
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
}

/// 308: the method stays what it was, and the new address may be remembered.
fn moved(to: &str, policy: Policy) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    if let Ok(location) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, location);
    }
    headers::cache(response.headers_mut(), CachePolicy::Hour, policy);
    response
}

/// 405, with the methods that there are.
pub(super) fn refuse_method(served: &Served, path: &str, request: &HeaderMap) -> Response<Body> {
    let mut response = error(served, ErrorKind::MethodNotAllowed, path, request);
    response.headers_mut().insert(ALLOW, if served.site.form(path).is_some() { FORM_METHODS } else { METHODS });
    response
}

/// The page for an error, in the language of the path: what to do now, and the help lines. Never why.
pub(super) fn error(served: &Served, kind: ErrorKind, path: &str, request: &HeaderMap) -> Response<Body> {
    let mut response = error_bytes(served, kind, path, request);
    if let Some(length) = response.body().as_ref().map(Bytes::len) {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response.map(|body| body.map_or_else(Body::empty, Body::from))
}

fn error_bytes(served: &Served, kind: ErrorKind, path: &str, request: &HeaderMap) -> Response<Option<Bytes>> {
    let mut response = Response::new(None);
    if let Some(page) = served.site.error(kind, path) {
        let (coding, body) = negotiate::choose(request, page);
        *response.body_mut() = Some(body.bytes.clone());
        describe(response.headers_mut(), page, coding);
        vary(response.headers_mut(), page);
    } else {
        *response.body_mut() = Some(Bytes::from_static(b"Something went wrong. In an emergency call 911.\n"));
        response.headers_mut().insert(CONTENT_TYPE, TEXT);
    }
    *response.status_mut() = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    headers::not_kept(response.headers_mut());
    response
}

/// The media type of a word for a machine.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// A word for a machine.
pub(super) fn text(words: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(words.into());
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    headers::not_kept(response.headers_mut());
    response
}
