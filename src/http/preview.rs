//! For the script of a live preview: whether the site has changed, and the findings of the newest content. For its banner: the site of another time.

use super::app::{App, Findings};
use super::respond;
use crate::site::{ErrorKind, route};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, REFERER};
use axum::http::{HeaderMap, HeaderValue, Response, Uri};
use http_body_util::{BodyExt, Limited};
use jiff::civil::DateTime;
use std::time::Duration;
use tokio::time::timeout;

/// How long an answer waits for a change: less than the minute after which proxies give up.
const UPDATE_TIMEOUT: Duration = Duration::from_secs(25);

/// How long an answer waits for the site of another time.
const BUILD_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest post of the banner, in bytes.
const MAX_BYTES: usize = 200;

/// Answers when something has changed since the state `?seen=`, or after a while: a JSON object with the number of the state, the number of
/// milliseconds since the site was replaced, and the findings with the pages they are about. In a site that isn't a live preview: 404.
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
    let Findings { errors, warnings, list, pages } = &status.findings;
    let json = format!(
        r#"{{"state":{},"age":{},"refused":{},"errors":{errors},"warnings":{warnings},"findings":{list},"pages":{pages}}}"#,
        status.number,
        status.swapped.elapsed().as_millis(),
        status.refused,
    );
    let mut response = respond::text(json);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Shows the site of another time, `time=2026-12-25T09:00`, or of now, `time=`, and leads back to the page that the visitor was on. In a site that
/// isn't a live preview: 404.
pub(super) async fn choose_time(State(app): State<App>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let error = |kind| respond::error(&app.snapshot(), kind, route::PREVIEW_TIME, &parts.headers);
    if !app.site().live() {
        return error(ErrorKind::NotFound);
    }
    let body = Limited::new(body, MAX_BYTES).collect().await;
    let Some(Ok(time)) = body.ok().and_then(|body| chosen(&body.to_bytes())) else {
        return error(ErrorKind::BadRequest);
    };
    let mut updates = app.subscribe();
    app.choose_time(time);
    let is_shown = updates.wait_for(|_| app.site().chosen_time() == time || app.is_stopping());
    // Later than that it comes by itself: the page follows.
    drop(timeout(BUILD_TIMEOUT, is_shown).await);
    respond::see_other(&page_before(&app, &parts.headers))
}

/// What a post says of the time, if it does: none for now.
fn chosen(body: &[u8]) -> Option<Result<Option<DateTime>, jiff::Error>> {
    let (_, time) = url::form_urlencoded::parse(body).find(|(name, _)| name == "time")?;
    Some(if time.is_empty() { Ok(None) } else { time.parse().map(Some) })
}

/// The path of the page that a request came from, if it is one of this site; the home page otherwise.
fn page_before(app: &App, headers: &HeaderMap) -> String {
    let from = headers.get(REFERER).and_then(|from| Uri::try_from(from.as_bytes()).ok());
    let path = from.as_ref().map(Uri::path).filter(|path| app.site().answer(path).is_some());
    path.unwrap_or("/").to_owned()
}
