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

/// Every route and every layer.
pub fn router(app: App) -> Router {
    let panics = app.clone();
    Router::new()
        .route(route::HEALTH, get(|| async { answer::text("up\n") }))
        .route(route::READY, get(|| async { answer::text("ready\n") }))
        .method_not_allowed_fallback(refuse)
        .fallback(page)
        // The last layer is the outermost. From the inside out: a panic becomes the 500 page; every answer, that one too, gets the
        // security headers; and one event a request is logged with the status that was sent.
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
