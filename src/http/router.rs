//! Every route and every layer.

use super::app::App;
use super::intake::{Intake, Peer};
use super::{admin, form, preview, respond};
use crate::site::{ErrorKind, route};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use url::Url;

/// Every route.
pub(super) fn router(app: App, staff: Router) -> Router {
    let routes = Router::new()
        .route(route::HEALTH, get(admin::health))
        .route(route::READY, get(admin::ready))
        .route(route::READY_REQUESTS, get(admin::ready_requests))
        .route(route::PREVIEW_STATE, get(preview::state))
        .route(route::PREVIEW_TIME, post(preview::choose_time))
        .method_not_allowed_fallback(other_method)
        .fallback(page);
    layered(routes, staff, app)
}

/// Every layer, the last one outermost: a post that another site makes a browser send is refused, with a page; a panic becomes the 500 page. The
/// staff's routes are outside the first: see [`super::staff`].
pub(super) fn layered(routes: Router<App>, staff: Router, app: App) -> Router {
    let panics = app.clone();
    routes
        .layer(same_site(app.site().public_url()))
        .layer(from_fn_with_state(app.clone(), explain_other_site))
        .layer(from_fn_with_state(app.clone(), by_the_name_that_was_asked))
        .merge(staff.with_state(()))
        .layer(CatchPanicLayer::custom(move |_| {
            respond::error(&panics.snapshot(), ErrorKind::Internal, "/", &HeaderMap::new())
        }))
        .with_state(app)
}

/// Refuses posts from other sites by `Sec-Fetch-Site` and `Origin`, without a cookie or a token. A proxy may have changed `Host`, and visitors may have
/// come by the name with or without `www.`, so the site's own addresses are trusted, too.
fn same_site(public_url: Option<&Url>) -> CsrfLayer {
    let trust = |layer: CsrfLayer, origin: &String| layer.clone().add_trusted_origin(origin).unwrap_or(layer);
    public_url.map(own_origins).iter().flatten().fold(CsrfLayer::new(), trust)
}

/// The origins of the site: by its name with and without `www.`, with and without TLS.
fn own_origins(public_url: &Url) -> Vec<String> {
    let port = public_url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let other = public_url.domain().map(|name| name.strip_prefix("www.").map_or(format!("www.{name}"), str::to_owned));
    let names = public_url.host_str().map(str::to_owned).into_iter().chain(other);
    names.flat_map(|name| ["https", "http"].map(|scheme| format!("{scheme}://{name}{port}"))).collect()
}

/// A trusted proxy that changes `Host` says in `X-Forwarded-Host` by which name it was asked. If a post's `Origin` has that name, it is from this site.
/// No page of another site can make a browser send such a header.
async fn by_the_name_that_was_asked(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if let Some(name) = app.intake().and_then(|intake| forwarded_name(intake, &request)) {
        request.headers_mut().insert(HOST, name);
        // HTTP/2 has the name there.
        if let Some(path) = request.uri().path_and_query().cloned() {
            *request.uri_mut() = Uri::from(path);
        }
    }
    next.run(request).await
}

/// The name in `Origin`, if a trusted proxy says that it was asked by it.
fn forwarded_name(intake: &Intake, request: &Request) -> Option<HeaderValue> {
    request.extensions().get::<Peer>().filter(|Peer(peer)| intake.proxies().trusts(peer.ip()))?;
    let (_, origin) = request.headers().get(ORIGIN)?.to_str().ok()?.split_once("://")?;
    let mut names = request.headers().get_all("x-forwarded-host").iter().filter_map(|line| line.to_str().ok());
    names
        .any(|line| line.split(',').any(|name| name.trim().eq_ignore_ascii_case(origin)))
        .then(|| HeaderValue::from_str(origin).ok())
        .flatten()
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

#[cfg(test)]
mod tests {
    use super::own_origins;

    #[test]
    fn a_sites_origins_are_its_name_with_and_without_www() {
        for (public_url, others) in [
            ("https://clinic.example/", ["https://clinic.example", "http://www.clinic.example"]),
            ("https://www.clinic.example/", ["http://clinic.example", "https://www.clinic.example"]),
            ("https://clinic.example:8443/", ["https://clinic.example:8443", "https://www.clinic.example:8443"]),
        ] {
            let own = own_origins(&public_url.parse().unwrap());
            assert!(others.iter().all(|origin| own.iter().any(|own| own == origin)), "{own:?}");
        }
        assert_eq!(own_origins(&"https://192.0.2.1/".parse().unwrap()), ["https://192.0.2.1", "http://192.0.2.1"]);
    }
}
