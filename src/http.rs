//! HTTP: every route and every layer on one screen; what they do is beside this file.

mod answer;
mod connection;
mod headers;
mod negotiate;
mod request_log;

pub use connection::{Limits, serve};

use crate::site::{ErrorKind, Site, route};
use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{from_fn_with_state, map_response_with_state};
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

/// What every request shares: the site that is served now. It is replaced whole, never changed.
#[derive(Clone, Debug)]
pub struct App {
    site: Arc<ArcSwap<Site>>,
}

impl App {
    /// Serves a site.
    #[must_use]
    pub fn new(site: Site) -> Self {
        Self { site: Arc::new(ArcSwap::from_pointee(site)) }
    }

    /// Serves another site from the next request on; those under way keep the one they began with.
    pub fn swap(&self, site: Site) {
        self.site.store(Arc::new(site));
    }

    /// The site that is served now.
    #[must_use]
    pub fn site(&self) -> Arc<Site> {
        self.site.load_full()
    }
}

/// Every route.
pub fn router(app: App) -> Router {
    let routes = Router::new()
        .route(route::HEALTH, get(|| async { answer::text("up\n") }))
        .route(route::READY, get(|| async { answer::text("ready\n") }))
        .method_not_allowed_fallback(refuse)
        .fallback(page);
    layered(routes, app)
}

/// Every layer. The last one is the outermost. From the inside out: a panic becomes the 500 page; every answer, that one too, gets the
/// security headers; and one event a request is logged with the status that was sent.
fn layered(routes: Router<App>, app: App) -> Router {
    let panics = app.clone();
    routes
        .layer(CatchPanicLayer::custom(move |_| answer::error(&panics.site(), ErrorKind::Internal, "/")))
        .layer(map_response_with_state(app.clone(), headers::secure))
        .layer(from_fn_with_state(app.clone(), request_log::log))
        .with_state(app)
}

/// A page of the site, an old address, or the page that says there is none.
async fn page(State(app): State<App>, request: Request) -> Response {
    answer::answer(&app.site(), request.method(), request.uri().path(), request.headers())
}

/// A path that is there, asked for with a method that isn't.
async fn refuse(State(app): State<App>, request: Request) -> Response {
    answer::refuse_method(&app.site(), request.uri().path())
}

#[cfg(test)]
mod tests {
    use super::{App, layered, page};
    use crate::content::{Files, Review, load};
    use crate::site::{Effort, ErrorKind, Settings, Site, icon_names, route};
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode};
    use axum::routing::get;
    use jiff::civil::date;
    use tower::ServiceExt;

    fn app() -> App {
        let today = date(2026, 11, 23);
        let review = Review { today, publish: false, icons: &icon_names(), other_paths: &route::LINKABLE };
        let content = load(&Files::embedded(), &review).0.unwrap();
        App::new(Site::build(&content, &Settings { public_url: None, today, effort: Effort::Fast }).unwrap())
    }

    // Here, not in the suite: no route of the site panics, so the test adds one that does.
    #[tokio::test]
    async fn a_panic_is_a_page_with_help_and_the_next_request_is_served() {
        async fn broken() {
            panic!("the cause, which no visitor may see");
        }
        let app = app();
        let router = layered(Router::new().route("/broken/", get(broken)).fallback(page), app.clone());
        let ask = |path| router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap());
        let response = ask("/broken/").await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("content-security-policy", super::headers::CSP),
            ("content-language", "en"),
        ] {
            assert_eq!(response.headers()[name], value, "{name}");
        }
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(body, app.site().error(ErrorKind::Internal, "/").unwrap().identity().bytes);
        assert!(!String::from_utf8_lossy(&body).contains("the cause"));
        assert_eq!(ask("/").await.unwrap().status(), StatusCode::OK);
    }
}
