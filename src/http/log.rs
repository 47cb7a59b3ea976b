//! One event a request. It holds nothing that a visitor chose: no address, no query, no header, and of the path only that of a page
//! there is. A request that says that somebody asks for an appointment has none: those are counted ([`super::log_posts`]).

use super::app::App;
use crate::site::route;
use axum::http::{Method, StatusCode};
use std::time::Instant;

/// A path as the log may hold it: only that of a page there is, or `-`.
pub(super) fn page(app: &App, path: &str) -> String {
    let is_route = matches!(path, route::HEALTH | route::READY | route::READY_REQUESTS);
    if is_route || app.snapshot().site.find(path).is_some() { path.to_owned() } else { "-".to_owned() }
}

/// When a request came, if anybody wants to know.
pub(super) fn started() -> Option<Instant> {
    #[expect(clippy::disallowed_methods, reason = "a duration for the log; nothing that is answered depends on it")]
    tracing::enabled!(tracing::Level::INFO).then(Instant::now)
}

/// Logs a request: the method by [`name`], and a path only if it is that of a page there is.
pub(super) fn event(method: &'static str, page: &str, status: StatusCode, started: Option<Instant>) {
    let Some(started) = started else { return };
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::info!(method, page, status = status.as_u16(), micros, "request");
}

/// The method's name if it is one of HTTP's own (RFC 9110, section 9): a client may send any word.
pub(super) fn name(method: &Method) -> &'static str {
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
