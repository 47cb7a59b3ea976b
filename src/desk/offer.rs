//! What a server offers to those who open its desk's address: not the desk, which never runs as a page of the server, but its file to save.

use super::page::{Page, PageSettings};
use super::{Desk, interface};
use crate::http::Caller;
use crate::lang::Lang;
use crate::site::{route, stylesheet};
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION,
};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use std::sync::Arc;

/// The routes of a server: the page that offers the file, the file, and the calls.
pub fn router(desk: &Arc<Desk>) -> Router {
    Router::new()
        .route(route::DESK, get(offer))
        .route(route::DESK.trim_end_matches('/'), get(elsewhere))
        .route(route::DESK_FILE, get(file))
        .with_state(Arc::clone(desk))
        .nest(route::DESK_CALLS, interface(desk))
}

/// The page about the file, in both languages.
#[derive(Template)]
#[template(path = "desk/offer.html")]
struct Offer {
    home: String,
    stylesheet: &'static str,
    server: String,
    file: &'static str,
    fingerprint: String,
}

impl Desk {
    /// The page of the server as a request asks for it, and its origin.
    fn page(&self, caller: &Caller, headers: &HeaderMap, uri: &Uri) -> Option<(Page, String)> {
        let server = self.door.as_ref()?.origin.asked(headers, uri)?;
        // No readers: whom to trust is said by whoever makes a page, or by the files of staff, and never by the server.
        let (api, zone) = (route::DESK_CALLS.to_owned(), caller.zone().to_owned());
        let settings = PageSettings { server: server.clone(), api, readers: Vec::new(), local: false, zone };
        Some((Page::new(&settings), server))
    }
}

async fn offer(
    State(desk): State<Arc<Desk>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let Some((page, server)) = desk.page(&caller, &headers, &uri) else { return not_here() };
    let offer = Offer {
        home: Lang::En.root(),
        stylesheet: stylesheet(),
        server,
        file: route::DESK_FILE,
        fingerprint: page.fingerprint(),
    };
    let mut response = response("text/html; charset=utf-8", offer.render().unwrap_or_default());
    response.headers_mut().insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}

/// A browser saves it. One that shows it all the same gives it no origin, and so no script (HTML, `sandbox`).
async fn file(
    State(desk): State<Arc<Desk>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let Some((page, _)) = desk.page(&caller, &headers, &uri) else { return not_here() };
    let mut response = response("text/html; charset=utf-8", page.html);
    for (name, value) in [
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"desk.html\"")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ] {
        response.headers_mut().insert(name, value);
    }
    response
}

/// The address without its slash.
async fn elsewhere() -> Response {
    let mut response = response("text/plain; charset=utf-8", "");
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(route::DESK));
    response
}

/// A preview that is asked by another name than this computer's.
fn not_here() -> Response {
    let mut response = response("text/plain; charset=utf-8", "The front desk of a preview is for its own computer.\n");
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn response(content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
