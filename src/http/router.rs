//! Every route and every layer.

use super::app::App;
use super::{admin, form, preview, respond};
use crate::site::{ErrorKind, route};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use url::Url;

/// Every route.
pub(super) fn router(app: App) -> Router {
    let routes = Router::new()
        .route(route::HEALTH, get(admin::health))
        .route(route::READY, get(admin::ready))
        .route(route::READY_REQUESTS, get(admin::ready_requests))
        .route(route::PREVIEW_STATE, get(preview::state))
        .route(route::PREVIEW_TIME, post(preview::choose_time))
        .method_not_allowed_fallback(other_method)
        .fallback(page);
    layered(routes, app)
}

/// Every layer, the last one outermost: a post that another site makes a browser send is refused, with a page; a panic becomes the 500 page.
pub(super) fn layered(routes: Router<App>, app: App) -> Router {
    let panics = app.clone();
    routes
        .layer(same_site(app.site().public_url()))
        .layer(from_fn_with_state(app.clone(), explain_other_site))
        .layer(CatchPanicLayer::custom(move |_| {
            respond::error(&panics.snapshot(), ErrorKind::Internal, "/", &HeaderMap::new())
        }))
        .with_state(app)
}

/// Refuses posts from other sites by `Sec-Fetch-Site` and `Origin`, without a cookie or a token. A proxy may have changed `Host`, so the site's
/// own address is trusted, too.
fn same_site(public_url: Option<&Url>) -> CsrfLayer {
    let layer = CsrfLayer::new();
    // An origin without a path is always accepted.
    let own = public_url.and_then(|url| layer.clone().add_trusted_origin(url.origin().ascii_serialization()).ok());
    own.unwrap_or(layer)
}

/// Answers a refused post with its page, in the language of the path.
async fn explain_other_site(State(app): State<App>, request: Request, next: Next) -> Response {
    let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
    let response = next.run(request).await;
    if response.extensions().get::<ProtectionError>().is_none() {
        return response;
    }
    respond::error(&app.snapshot(), ErrorKind::Forbidden, &path, &headers)
}

/// A page of the site, an old address, a request for an appointment or the page that confirms it, or the page for 404.
pub(super) async fn page(State(app): State<App>, request: Request) -> Response {
    if request.method() == Method::POST && app.site().has_form(request.uri().path()) {
        return form::post(&app, request).await;
    }
    let (method, path, headers) = (request.method(), request.uri().path(), request.headers());
    if path == route::SERVER {
        return respond::other_method(&app.snapshot(), method, path, headers);
    }
    let response = respond::answer(&app.snapshot(), method, request.uri(), headers);
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if reads && response.status() == StatusCode::NOT_FOUND {
        return form::received(&app, path, headers, request.extensions().get().copied()).await.unwrap_or(response);
    }
    response
}

/// A route with another method than its own.
async fn other_method(State(app): State<App>, request: Request) -> Response {
    respond::other_method(&app.snapshot(), request.method(), request.uri().path(), request.headers())
}
