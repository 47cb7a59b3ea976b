//! From a page to an answer.

use super::Desk;
use super::page::{Frame, RefusedPage};
use askama::Template;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

fn with(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A page.
pub(super) fn page(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => with(status, "text/html; charset=utf-8", html),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            outside(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// A style sheet or a picture.
pub(super) fn file(content_type: &'static str, text: &'static str) -> Response {
    with(StatusCode::OK, content_type, text)
}

/// Leads on after a post, so that a reload doesn't post again.
pub(super) fn see_other(to: &str) -> Response {
    let mut response = with(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", Body::empty());
    if let Ok(location) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// What anybody gets who isn't in: it reveals nothing of the desk, and leads nowhere.
pub(super) fn outside(status: StatusCode) -> Response {
    let text = match status {
        StatusCode::INTERNAL_SERVER_ERROR => "This page could not be made. Go back, and try again.\n",
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::FORBIDDEN => {
            "This was refused. Go back, and use the buttons of the page.\n"
        }
        _ => "This page is not here. Open the address that `clinic-site desk` printed when it was started.\n",
    };
    with(status, "text/plain; charset=utf-8", text)
}

/// There is no request of this reference, or not any more.
pub(super) fn gone(desk: &Desk) -> Response {
    let text = "Closed requests are deleted after a while, and this one may have been. If you typed its reference, check it for mistakes.";
    refused(StatusCode::NOT_FOUND, desk, "There is no such request", text, Some(desk.way_back()))
}

/// The requests can't be reached now. The cause is for whoever looks after the program.
pub(super) fn away(desk: &Desk, cause: &impl std::fmt::Display) -> Response {
    tracing::error!(error = %cause, "the requests can't be reached");
    let text = "Nothing is lost. Wait a minute, and load this page again. If that doesn’t help, tell whoever looks after the site: the window \
                in which the desk was started shows why.";
    refused(StatusCode::SERVICE_UNAVAILABLE, desk, "The requests can’t be reached now", text, None)
}

/// A page that says why something can't be shown or changed.
pub(super) fn refused(
    status: StatusCode,
    desk: &Desk,
    title: impl Into<String>,
    text: impl Into<String>,
    way_on: Option<(String, &'static str)>,
) -> Response {
    page(status, &RefusedPage { frame: Frame::new(desk, title, None), text: text.into(), way_on })
}
