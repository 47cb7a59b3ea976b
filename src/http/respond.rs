//! From a path and the headers of a request to its answer: one look into the site. The security headers come with [`super::service`].

use super::headers;
use super::negotiate::{self, Precondition};
use super::path::{self, NoPath};
use super::snapshot::Snapshot;
use crate::site::{CachePolicy, Entry, ErrorKind, route};
use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use bytes::Bytes;

/// The methods of a page, and those of a page with a form.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
const FORM_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS, POST");

/// The answer of a page that stands at exactly this path, complete with its head. For `GET` and `HEAD` alone, and not where a precondition
/// fails.
pub(super) fn prepared(
    snapshot: &Snapshot,
    method: &Method,
    path: &str,
    request: &HeaderMap,
) -> Option<Response<Option<Bytes>>> {
    let is_head = match *method {
        Method::GET => false,
        Method::HEAD => true,
        _ => return None,
    };
    let page = snapshot.page(path)?;
    let bodies = page.prebuilt().bodies();
    let (coding, body) = negotiate::choose(request, &bodies);
    match negotiate::precondition(request, &body.etag) {
        Precondition::Holds => {}
        Precondition::Fresh => return Some(page.not_modified(bodies.varies(), body)),
        Precondition::Failed => return None,
    }
    let mut response = page.found(bodies.varies(), coding, body);
    if is_head {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.bytes.len()));
    } else {
        *response.body_mut() = Some(body.bytes.clone());
    }
    Some(response)
}

/// Answers what [`prepared`] doesn't:
///
/// 1. `OPTIONS`: 204 with the methods there are (RFC 9110, section 9.3.7)
/// 2. a page that is there: 412 for `GET` and `HEAD`, 405 for any other method
/// 3. an old address, a missing slash, capital letters, another spelling of a path: 308 to the path that is meant. The new path is always
///    one of the site's own, never made of what was asked, so that nobody can be sent elsewhere
/// 4. what is no path: 400
/// 5. anything else: 404, in the language of the path
pub(super) fn answer(snapshot: &Snapshot, method: &Method, path: &str, request: &HeaderMap) -> Response<Body> {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let meant = match snapshot.site.find(path) {
        Some(Entry::Moved(to)) => Ok(Some(to.clone())),
        Some(Entry::Answer(_)) if reads => return precondition_failed(snapshot, path, request),
        Some(Entry::Answer(_)) => return other_method(snapshot, method, path, request),
        None => path::meant(&snapshot.site, path),
    };
    match meant {
        Ok(Some(to)) if reads => moved(snapshot, &to),
        Ok(Some(_)) => other_method(snapshot, method, path, request),
        Ok(None) => error(snapshot, ErrorKind::NotFound, path, request),
        Err(NoPath) => error(snapshot, ErrorKind::BadRequest, path, request),
    }
}

/// A path that is there, asked for with another method than `GET` and `HEAD`: 204 for `OPTIONS`, otherwise 405, both with the methods there are.
pub(super) fn other_method(snapshot: &Snapshot, method: &Method, path: &str, request: &HeaderMap) -> Response<Body> {
    let mut response = if *method == Method::OPTIONS {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    } else {
        error(snapshot, ErrorKind::MethodNotAllowed, path, request)
    };
    let any = path == route::SERVER || snapshot.site.has_form(path);
    response.headers_mut().insert(ALLOW, if any { FORM_METHODS } else { METHODS });
    response
}

/// 412: the client wanted this page only if it was another than it is.
fn precondition_failed(snapshot: &Snapshot, path: &str, request: &HeaderMap) -> Response<Body> {
    let mut response = error(snapshot, ErrorKind::BadRequest, path, request);
    *response.status_mut() = StatusCode::PRECONDITION_FAILED;
    response
}

/// What is sent instead of an answer to a request that HTTP forbids, or that we don't take: the page that says so.
pub(super) fn refusal(snapshot: &Snapshot, status: StatusCode) -> Response<Body> {
    let mut response = error(snapshot, ErrorKind::BadRequest, "/", &HeaderMap::new());
    *response.status_mut() = status;
    response
}

/// 308: the method stays what it was, and the new address may be remembered.
fn moved(snapshot: &Snapshot, to: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    if let Ok(location) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, location);
    }
    headers::cache(response.headers_mut(), CachePolicy::Hour, &snapshot.policy);
    response
}

/// The page for an error, in the language of the path: what to do now, and the help lines. Never why.
pub(super) fn error(snapshot: &Snapshot, kind: ErrorKind, path: &str, request: &HeaderMap) -> Response<Body> {
    let mut response = if let Some(page) = snapshot.site.error(kind, path) {
        let bodies = page.bodies();
        let (coding, body) = negotiate::choose(request, &bodies);
        let mut response = Response::new(Body::from(body.bytes.clone()));
        headers::describe(response.headers_mut(), page, coding);
        headers::vary(response.headers_mut(), bodies.varies());
        response
    } else {
        text("Something went wrong. In an emergency call 911.\n")
    };
    *response.status_mut() = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// A word for a machine.
pub(super) fn text(words: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(words.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
