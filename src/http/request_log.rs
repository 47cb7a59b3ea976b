//! One event a request. It holds nothing that a visitor chose: no address, no query, no header, and of the path only that of a page
//! there is.

use super::App;
use crate::site::route;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;

/// Logs a request when its answer is ready.
pub(super) async fn log(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = started();
    let method = method(request.method());
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let known = app.site().find(&path).is_some() || path == route::HEALTH || path == route::READY;
    let page = if known { path.as_str() } else { "-" };
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::info!(method, page, status = response.status().as_u16(), micros, "request");
    response
}

#[expect(clippy::disallowed_methods, reason = "a duration for the log; nothing that is answered depends on it")]
fn started() -> Instant {
    Instant::now()
}

/// The method's name if it is one of HTTP's own (RFC 9110, section 9): a client may send any word.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        Method::PATCH => "PATCH",
        _ => "-",
    }
}
