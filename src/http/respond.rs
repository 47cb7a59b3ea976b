//! From the path and the headers of a request to its answer. The security headers come with [`super::service`].

use super::headers;
use super::negotiate::{self, Precondition};
use super::path;
use super::snapshot::Snapshot;
use crate::address::NoPath;
use crate::site::{CachePolicy, Entry, ErrorKind, Prebuilt, route};
use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};
use bytes::Bytes;

/// The methods of a page, and those of a page with a form.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
const FORM_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS, POST");

/// The answer of the page at exactly this path, complete with its head. For `GET` and `HEAD` alone, and not if a precondition fails.
pub(super) fn prepared(
    snapshot: &Snapshot,
    method: &Method,
    uri: &Uri,
    request: &HeaderMap,
) -> Option<Response<Bytes>> {
    let is_head = match *method {
        Method::GET => false,
        Method::HEAD => true,
        _ => return None,
    };
    let page = snapshot.page(uri.path()).filter(|_| old_page(snapshot, uri).is_none())?;
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
        *response.body_mut() = body.bytes.clone();
    }
    Some(response)
}

/// Answers what [`prepared`] doesn't:
///
/// 1. `OPTIONS`: 204 with the methods there are (RFC 9110, section 9.3.7)
/// 2. a page that is there: 412 for `GET` and `HEAD`, 405 for any other method
/// 3. an old address, which may be that of a page with a query, a missing slash, capital letters, another spelling of a path: 308 to the path that is meant. The new path is always
///    one of the site's own, never made of what was asked, so that nobody can be sent elsewhere
/// 4. the style sheet, icon or picture of another build: this build's, so that a page from before an upgrade, or from a replica of another version, is not bare. No
///    cache keeps it under that address
/// 5. not a path: 400
/// 6. anything else: 404, in the language of the path
pub(super) fn answer(snapshot: &Snapshot, method: &Method, uri: &Uri, request: &HeaderMap) -> Response<Body> {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if let Some(to) = old_page(snapshot, uri).filter(|_| reads) {
        return moved(snapshot, to);
    }
    let path = uri.path();
    let meant = match snapshot.site.find(path) {
        Some(Entry::Moved(to)) => Ok(Some(to.clone())),
        Some(Entry::Answer(_)) if reads => return precondition_failed(snapshot, path, request),
        Some(Entry::Answer(_)) => return other_method(snapshot, method, path, request),
        None => match snapshot
            .site
            .same_asset(path)
            .or_else(|| snapshot.site.file_of_this_build(path))
            .and_then(|path| snapshot.page(path))
        {
            Some(asset) if reads => return uncached(asset.prebuilt(), request),
            _ => path::meant(&snapshot.site, path),
        },
    };
    match meant {
        Ok(Some(to)) if reads => moved(snapshot, &to),
        Ok(Some(_)) => other_method(snapshot, method, path, request),
        Ok(None) => error(snapshot, ErrorKind::NotFound, path, request),
        Err(NoPath) => error(snapshot, ErrorKind::BadRequest, path, request),
    }
}

/// Where an old address leads whose query says which page it was.
fn old_page<'s>(snapshot: &'s Snapshot, uri: &Uri) -> Option<&'s str> {
    snapshot.site.moved_by_query(uri.path(), uri.query()?)
}

/// A path with another method than `GET` and `HEAD`: 204 for `OPTIONS`, otherwise 405, both with the methods there are.
pub(super) fn other_method(snapshot: &Snapshot, method: &Method, path: &str, request: &HeaderMap) -> Response<Body> {
    let mut response = if *method == Method::OPTIONS {
        with_status(Response::new(Body::empty()), StatusCode::NO_CONTENT)
    } else {
        error(snapshot, ErrorKind::MethodNotAllowed, path, request)
    };
    let any = path == route::SERVER || snapshot.site.has_form(path);
    response.headers_mut().insert(ALLOW, if any { FORM_METHODS } else { METHODS });
    response
}

/// 412: the client wants the page only in another state.
fn precondition_failed(snapshot: &Snapshot, path: &str, request: &HeaderMap) -> Response<Body> {
    with_status(error(snapshot, ErrorKind::BadRequest, path, request), StatusCode::PRECONDITION_FAILED)
}

/// The answer to a request that HTTP forbids, or that we don't support: the page for bad requests.
pub(super) fn refusal(snapshot: &Snapshot, status: StatusCode) -> Response<Body> {
    with_status(error(snapshot, ErrorKind::BadRequest, "/", &HeaderMap::new()), status)
}

/// 308: the method stays the same, and the new address may be remembered.
fn moved(snapshot: &Snapshot, to: &str) -> Response<Body> {
    let mut response = redirect(StatusCode::PERMANENT_REDIRECT, to);
    headers::cache(response.headers_mut(), CachePolicy::Hour, &snapshot.policy);
    response
}

/// 303: a reload of the next page doesn't send the form again.
pub(super) fn see_other(to: &str) -> Response<Body> {
    redirect(StatusCode::SEE_OTHER, to)
}

fn redirect(status: StatusCode, to: &str) -> Response<Body> {
    let mut response = with_status(Response::new(Body::empty()), status);
    if let Ok(location) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// The page for an error, in the language of the path: what to do now, and the help lines. Never why.
pub(super) fn error(snapshot: &Snapshot, kind: ErrorKind, path: &str, request: &HeaderMap) -> Response<Body> {
    let response = match snapshot.site.error(kind, path) {
        Some(page) => uncached(page, request),
        None => text("Something went wrong. In an emergency call 911.\n"),
    };
    with_status(response, StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
}

/// The bytes of a page in a coding that the client accepts, without a validator: no cache keeps them.
fn uncached(page: &Prebuilt, request: &HeaderMap) -> Response<Body> {
    let bodies = page.bodies();
    let (coding, body) = negotiate::choose(request, &bodies);
    let mut response = Response::new(Body::from(body.bytes.clone()));
    headers::describe(response.headers_mut(), page, coding);
    headers::vary(response.headers_mut(), bodies.varies());
    response
}

/// The same answer with another status.
pub(super) fn with_status(mut response: Response<Body>, status: StatusCode) -> Response<Body> {
    *response.status_mut() = status;
    response
}

/// Plain text, for programs.
pub(super) fn text(text: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(text.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
