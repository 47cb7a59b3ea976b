//! Which pages of a browser may read the answers: those from a disk alone (Fetch Standard, section 3.2, the CORS protocol).
//!
//! A page that was opened from a disk has no origin that anybody could know: browsers write `null`. So can a page that a stranger puts
//! into a sandboxed frame, so the word proves nothing, and nothing rests on it: what gets in is a token, which no browser sends by itself.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderName, ORIGIN, VARY,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

/// What browsers call the origin of a page from a disk.
const FROM_DISK: &[u8] = b"null";

/// Private Network Access: a page may ask a server of the local network, as a trial is one, only if that says so.
const ASKS_PRIVATE: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// Answers what a browser asks before it sends a call, and gives a page from a disk leave to read the answers.
pub(super) async fn pages_from_disk(request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).filter(|origin| origin.as_bytes() == FROM_DISK).cloned();
    let asks_private = request.headers().contains_key(ASKS_PRIVATE);
    let is_preflight = *request.method() == Method::OPTIONS;
    let mut response = if is_preflight {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = origin else { return response };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    if is_preflight {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        if asks_private {
            headers.insert(ALLOW_PRIVATE, HeaderValue::from_static("true"));
        }
    }
    response
}
