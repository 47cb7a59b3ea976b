//! For the people who run the site: whether it is up and ready, and its metrics.
//!
//! A balancer that drops replicas because the database is away would take the help lines away from everybody. So `/readyz` is about pages alone,
//! and its body lists what is degraded; `/readyz/requests` is for monitoring.

mod metrics;

use super::app::App;
use super::intake::Intake;
use super::respond;
use super::staff::StaffCounts;
use crate::requests::mail::MailStatus;
use crate::server::ConnectionCounts;
use crate::site::route;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use jiff::Zoned;
use std::fmt::Write as _;
use std::sync::Arc;

/// What the metrics say of the process, besides the site.
#[derive(Clone, Debug)]
pub struct Process {
    /// The time on the clinic's clock.
    pub now: fn() -> Zoned,
    /// How many lines the log had no room for.
    pub dropped: fn() -> u64,
    /// The version of the program.
    pub version: &'static str,
    /// The commit that it was built from, or nothing.
    pub commit: &'static str,
    /// What became of the site's connections.
    pub connections: Arc<ConnectionCounts>,
    /// What became of the calls of the front desk, where there is one.
    pub staff: Option<Arc<StaffCounts>>,
}

#[cfg(test)]
impl Process {
    /// One at the beginning of time.
    pub(crate) fn for_tests() -> Self {
        Self { now: Zoned::default, dropped: || 0, version: "", commit: "", connections: Arc::default(), staff: None }
    }
}

/// The routes of the second listener.
pub fn admin_router(app: App, process: Process) -> Router {
    Router::new()
        .route(route::HEALTH, get(health))
        .route(route::READY, get(ready))
        .route(route::READY_REQUESTS, get(ready_requests))
        .route(route::METRICS, get(async move |State(app): State<App>| metrics::answer(&app, &process).await))
        .with_state(app)
}

/// The process is up.
pub(super) async fn health() -> Response<Body> {
    respond::text("up\n")
}

/// Pages can be served: 200, and what is degraded, a line each. 503 while the server drains.
pub(super) async fn ready(State(app): State<App>) -> Response<Body> {
    if app.is_stopping() {
        return unavailable("stopping\n".to_owned());
    }
    let mut lines = format!("ready\nrevision {}\n", app.site().revision());
    for line in app.degraded() {
        let _ = writeln!(lines, "degraded: {line}");
    }
    respond::text(lines)
}

/// 200 if requests for appointments can be stored, staff are notified of them and every task runs. Otherwise 503 with what is wrong, a line each; the causes are in the log.
pub(super) async fn ready_requests(State(app): State<App>) -> Response<Body> {
    let mut wrong = String::new();
    match app.intake() {
        None => wrong.push_str("this site takes no requests for appointments\n"),
        Some(intake) if intake.inbox().health().writable().await.is_err() => {
            wrong.push_str("requests for appointments can't be stored; the log has the cause\n");
        }
        Some(_) => {}
    }
    for trouble in app.intake().and_then(Intake::mails).map(MailStatus::troubles).unwrap_or_default() {
        let _ = writeln!(wrong, "{trouble}");
    }
    if let Some(trouble) = app.intake().and_then(|intake| intake.inbox().health().clock_trouble()) {
        let _ = writeln!(wrong, "{trouble}");
    }
    for name in app.tasks().stopped() {
        let _ = writeln!(wrong, "the task `{name}` has ended; the log has the cause");
    }
    if wrong.is_empty() { respond::text("ready\n") } else { unavailable(wrong) }
}

fn unavailable(text: String) -> Response<Body> {
    respond::with_status(respond::text(text), StatusCode::SERVICE_UNAVAILABLE)
}
