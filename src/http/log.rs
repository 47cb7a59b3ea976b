//! One event per request. It holds nothing that a visitor chose: no address, no query, no header, and a path only if it is that of a page. A request
//! that shows that somebody asks for an appointment has no event: those are counted ([`super::log_posts`]).

use super::app::App;
use crate::site::route;
use axum::http::{Method, StatusCode};
use std::time::Instant;

/// A path as it may be logged: that of a page, or `-`.
pub(super) fn page(app: &App, path: &str) -> String {
    let is_route = matches!(path, route::HEALTH | route::READY | route::READY_REQUESTS);
    if is_route || app.snapshot().site.find(path).is_some() { path.to_owned() } else { "-".to_owned() }
}

/// When a request came, if requests are logged.
pub(super) fn start() -> Option<Instant> {
    #[expect(clippy::disallowed_methods, reason = "a duration for the log; no answer depends on it")]
    tracing::enabled!(tracing::Level::INFO).then(Instant::now)
}

/// Logs a request.
pub(super) fn event(method: &Method, page: &str, status: StatusCode, started: Option<Instant>) {
    let Some(started) = started else { return };
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    // A client may send any word as a method.
    let method = if is_standard(method) { method.as_str() } else { "-" };
    tracing::info!(method, page, status = status.as_u16(), micros, "request");
}

/// Whether a method is one of HTTP's own (RFC 9110, section 9; RFC 5789).
pub(super) fn is_standard(method: &Method) -> bool {
    const STANDARD: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
        Method::PATCH,
    ];
    STANDARD.contains(method)
}
