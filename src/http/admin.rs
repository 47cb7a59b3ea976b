//! For the people who run the site: whether it is up and ready, and its metrics.
//!
//! A balancer that drops replicas because the database is away would take the help lines away from everybody. So `/readyz` is about pages alone,
//! and its body lists what is degraded; `/readyz/requests` is for monitoring.

use super::app::{App, Serving};
use super::intake::Intake;
use super::respond;
use crate::requests::mail::MailStatus;
use crate::requests::store::{StoreError, Wanted};
use crate::site::route;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::fmt::Write as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a scrape waits for the store.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);

/// The routes of the second listener. `dropped` counts the lines that the log had no room for.
pub fn admin_router(app: App, dropped: fn() -> u64) -> Router {
    Router::new()
        .route(route::HEALTH, get(health))
        .route(route::READY, get(ready))
        .route(route::READY_REQUESTS, get(ready_requests))
        .route(route::METRICS, get(move |state| metrics(state, dropped)))
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

/// 200 if requests for appointments can be stored, staff are told of them and every task runs. Otherwise 503 with what is wrong, a line each; the causes are in the log.
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

/// The metrics, for Prometheus.
async fn metrics(State(app): State<App>, dropped: fn() -> u64) -> Response<Body> {
    let (site, status) = (app.site(), app.content_status());
    let mut registry = Registry::with_prefix("clinic_site");
    registry.register("content", "The content that is served", Info::new([("revision", site.revision().to_owned())]));
    for (name, help, is) in [
        ("content_refused", "1 if newer content has errors and the site is older than its folder", status.refused),
        (
            "content_saved_served",
            "1 if saved content or pages are served, because the folder has had errors since the start",
            matches!(status.serving, Serving::SavedContent(_) | Serving::SavedPages(_)),
        ),
        ("content_unsaved", "1 if the site can't be saved for a restart with errors in the content", status.unsaved),
    ] {
        registry.register(name, help, ConstGauge::new(u64::from(is)));
    }
    let errors = i64::try_from(status.findings.errors).unwrap_or(i64::MAX);
    registry.register("content_errors", "Errors in the newest content", ConstGauge::new(errors));
    registry.register("log_lines_dropped", "Lines that the log had no room for", ConstCounter::new(dropped()));
    if let Some(ends) = app.certificate() {
        let help = "When the certificate in use ends, in seconds since 1970";
        registry.register("certificate_not_after_timestamp_seconds", help, ConstGauge::new(ends));
    }
    let troubles = Family::<Vec<(&str, &str)>, Gauge>::default();
    for name in app.troubles().into_keys() {
        troubles.get_or_create(&vec![("what", name)]).set(1);
    }
    registry.register("trouble", "1 while something doesn't work as it should; the log has the cause", troubles);
    let restarts = Family::<Vec<(&str, &str)>, Counter>::default();
    let running = Family::<Vec<(&str, &str)>, Gauge>::default();
    for (name, state) in app.tasks().states() {
        running.get_or_create(&vec![("task", name)]).set(i64::from(state.is_running));
        restarts.get_or_create(&vec![("task", name)]).inc_by(state.restarts);
    }
    registry.register("task_running", "1 while a task of the server runs", running);
    registry.register("task_restarts", "How often a task has ended and was started again", restarts);
    if let Some(intake) = app.intake() {
        count_requests(&mut registry, intake).await;
    }
    let mut text = String::new();
    let _ = encode(&mut text, &registry);
    let mut response = respond::text(text);
    let format = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, format);
    response
}

/// Requests for appointments: what became of them since the start, and how many wait; nothing about any single one.
async fn count_requests(registry: &mut Registry, intake: &Intake) {
    let (inbox, counts) = (intake.inbox().counts(), intake.counts());
    for (name, help, count) in [
        ("requests_kept", "Requests for appointments that were stored", &inbox.stored),
        ("requests_failed", "Requests that could not be stored; their senders were asked to call", &inbox.failed),
        ("requests_mistaken", "Forms shown again with mistakes", &counts.mistaken),
        ("requests_limited", "Requests refused because there were too many", &counts.limited),
        ("requests_malformed", "Posts that no browser makes from the form", &counts.malformed),
    ] {
        registry.register(name, help, ConstCounter::new(count.load(Ordering::Relaxed)));
    }
    if let Some(mails) = intake.mails() {
        for (name, help, count) in [
            ("mails_sent", "Messages to staff that the mail server accepted", &mails.sent),
            ("mails_failed", "Tries to send a message that failed", &mails.failed),
            ("mails_refused", "Messages that the mail server refused for good", &mails.refused),
        ] {
            registry.register(name, help, ConstCounter::new(count.load(Ordering::Relaxed)));
        }
        let (refused, late) = mails.unreached_counts();
        for (name, help, count) in [
            ("mail_addresses_refused", "Addresses of staff that the mail server refuses", refused),
            ("mail_addresses_late", "Addresses of staff that could not be reached for 15 minutes or more", late),
        ] {
            registry.register(name, help, ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX)));
        }
    }
    let store = intake.inbox().store();
    let waiting = tokio::time::timeout(STORE_TIMEOUT, async {
        Ok::<_, StoreError>((store.count(Wanted::Waiting).await?, store.unsent().await?))
    });
    // Left out while the store is away: better no number than a wrong one.
    if let Ok(Ok((waiting, unsent))) = waiting.await {
        registry.register("requests_waiting", "Requests that staff have not closed", ConstGauge::new(waiting));
        registry.register("mails_waiting", "Messages to staff that have not been sent", ConstGauge::new(unsent));
    }
}
