//! Metrics in the `OpenMetrics` text format, on the second listener alone.

use super::{App, Intake, answer};
use crate::requests::store::{StoreError, Wanted};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a scrape waits for the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// The state of the site: which revision is served, and whether newer content is refused.
pub(super) async fn metrics(State(app): State<App>) -> Response<Body> {
    let (site, news) = (app.site(), app.news());
    let mut registry = Registry::with_prefix("clinic_site");
    registry.register("content", "The content that is served", Info::new([("revision", site.revision().to_owned())]));
    registry.register(
        "content_refused",
        "1 if newer content has errors and the site is older than its folder",
        ConstGauge::new(u64::from(news.refused)),
    );
    let errors = i64::try_from(news.errors).unwrap_or(i64::MAX);
    registry.register("content_errors", "Errors in the newest content", ConstGauge::new(errors));
    if let Some(intake) = app.intake() {
        count_requests(&mut registry, intake).await;
    }
    let mut text = String::new();
    // Writing to a string doesn't fail.
    let _ = encode(&mut text, &registry);
    let mut response = answer::text(text);
    let format = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, format);
    response
}

/// Requests for appointments: what became of them since the start, and how many wait. Nothing about any one of them.
async fn count_requests(registry: &mut Registry, intake: &Intake) {
    let (inbox, counts) = (intake.inbox().counts(), intake.counts());
    for (name, help, count) in [
        ("requests_kept", "Requests for appointments that were kept", &inbox.kept),
        ("requests_failed", "Requests that could not be kept; their senders were told so", &inbox.failed),
        ("requests_mistaken", "Forms shown again with mistakes", &counts.mistaken),
        ("requests_limited", "Requests refused because there were too many", &counts.limited),
        ("requests_malformed", "Posts that no browser makes from the form", &counts.malformed),
    ] {
        registry.register(name, help, ConstCounter::new(count.load(Ordering::Relaxed)));
    }
    if let Some(mails) = intake.mails() {
        for (name, help, count) in [
            ("mails_sent", "Messages to staff that the mail server took", &mails.sent),
            ("mails_failed", "Tries to send a message that failed", &mails.failed),
        ] {
            registry.register(name, help, ConstCounter::new(count.load(Ordering::Relaxed)));
        }
    }
    let store = intake.inbox().store();
    let waiting = tokio::time::timeout(PATIENCE, async {
        Ok::<_, StoreError>((store.count(Wanted::Waiting).await?, store.untold().await?))
    });
    // Left out while the store is away: no number is better than a wrong one.
    if let Ok(Ok((waiting, untold))) = waiting.await {
        registry.register("requests_waiting", "Requests that staff have not closed", ConstGauge::new(waiting));
        registry.register("mails_waiting", "Messages to staff that have not been sent", ConstGauge::new(untold));
    }
}
