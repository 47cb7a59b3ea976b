//! What the script of a preview asks for: has the site changed, and what is wrong with the newest content?

use super::app::App;
use super::respond;
use crate::site::{ErrorKind, route};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response};
use std::time::Duration;

/// How long an answer waits for news. Less than the minute after which proxies give up.
const PATIENCE: Duration = Duration::from_secs(25);

/// Answers when there is something new for a page that has seen the state `?seen=`, or after a while: a JSON object with the number of the
/// state, the number of milliseconds since the site was replaced, and the findings. In a site that isn't a live preview: 404.
pub(super) async fn state(State(app): State<App>, request: Request) -> Response<Body> {
    if !app.site().live() {
        return respond::error(&app.snapshot(), ErrorKind::NotFound, route::PREVIEW_STATE, request.headers());
    }
    let seen = request.uri().query().and_then(|query| query.strip_prefix("seen=")?.parse::<u64>().ok());
    let mut news = app.subscribe();
    // The sender lives as long as the app, so waiting ends with news or with the time.
    let waited =
        tokio::time::timeout(PATIENCE, news.wait_for(|news| Some(news.number) != seen || app.is_stopping())).await;
    drop(waited);
    let news = app.news();
    let json = format!(
        r#"{{"state":{},"age":{},"refused":{},"findings":{}}}"#,
        news.number,
        news.swapped.elapsed().as_millis(),
        news.refused,
        news.findings
    );
    let mut response = respond::text(json);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
