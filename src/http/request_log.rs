//! One event a request. It holds nothing that a visitor chose: no address, no query, no header, and of the path only that of a page
//! there is. A request that says that somebody asks for an appointment has none: those are counted ([`super::log_posts`]).

use super::{App, request_form};
use crate::site::route;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;

/// Logs a request when its answer is ready.
pub(super) async fn log(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = started();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let confidential = request_form::is_confidential(&app.served().site, &method, &path);
    let response = next.run(request).await;
    if confidential {
        if let Some(intake) = app.intake() {
            intake.tally().count(&method, response.status());
        }
        return response;
    }
    let known = app.served().site.find(&path).is_some() || path == route::HEALTH || path == route::READY;
    event(name(&method), if known { path.as_str() } else { "-" }, response.status(), started);
    response
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
