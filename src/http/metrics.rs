//! Metrics in the `OpenMetrics` text format, on the second listener alone.

use super::{App, answer};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

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
    let mut text = String::new();
    // Writing to a string doesn't fail.
    let _ = encode(&mut text, &registry);
    let mut response = answer::text(text);
    let format = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, format);
    response
}
