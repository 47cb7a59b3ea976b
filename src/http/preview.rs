//! For the script of a live preview: whether the site has changed, and the findings of the newest content.

use super::app::App;
use super::respond;
use crate::site::{ErrorKind, route};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response};
use std::time::Duration;
use tokio::time::timeout;

/// How long an answer waits for a change: less than the minute after which proxies give up.
const UPDATE_TIMEOUT: Duration = Duration::from_secs(25);

/// Answers when something has changed since the state `?seen=`, or after a while: a JSON object with the number of the state, the number of
/// milliseconds since the site was replaced, and the findings. In a site that isn't a live preview: 404.
pub(super) async fn state(State(app): State<App>, request: Request) -> Response<Body> {
    if !app.site().live() {
        return respond::error(&app.snapshot(), ErrorKind::NotFound, route::PREVIEW_STATE, request.headers());
    }
    let seen = request.uri().query().and_then(|query| query.strip_prefix("seen=")?.parse::<u64>().ok());
    let mut updates = app.subscribe();
    // The sender lives as long as the app, so waiting ends with a change or with the time.
    let changed = updates.wait_for(|status| Some(status.number) != seen || app.is_stopping());
    drop(timeout(UPDATE_TIMEOUT, changed).await);
    let status = app.content_status();
    let json = format!(
        r#"{{"state":{},"age":{},"refused":{},"findings":{}}}"#,
        status.number,
        status.swapped.elapsed().as_millis(),
        status.refused,
        status.findings
    );
    let mut response = respond::text(json);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
