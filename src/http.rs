//! HTTP: every route and every layer on one screen; what they do is beside this file.

mod answer;
mod connection;
mod headers;
mod metrics;
mod negotiate;
mod network;
mod path;
mod preview;
mod protocol;
mod ready;
mod request_form;
mod request_log;
mod service;
mod tls;

pub use connection::{Limits, Peer, serve};
pub(crate) use headers::security_headers;
pub use request_form::{Intake, Rates, log_posts};
pub use service::Handler;
pub use tls::{Tls, TlsError};

use crate::site::{ErrorKind, Site, route};
use arc_swap::{ArcSwap, Guard};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state, map_response_with_state};
use axum::response::Response;
use axum::routing::get;
use ready::Served;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use url::Url;

/// What every request shares: the site that is served now, replaced whole and never changed, and what is known of newer content.
#[derive(Clone, Debug)]
pub struct App {
    served: Arc<ArcSwap<Served>>,
    over_tls: bool,
    news: Arc<watch::Sender<News>>,
    /// What takes requests for appointments, if anything does.
    intake: Option<Arc<Intake>>,
}

/// What the headers of every answer go by.
#[derive(Clone, Copy, Debug)]
struct Policy {
    /// The pages run the site's own script: a live preview.
    live: bool,
    /// The site is for the public.
    published: bool,
    /// Browsers are told to come by TLS alone.
    transport_security: bool,
}

/// What is known of the content besides the site that is made of it.
#[derive(Clone, Debug)]
pub struct News {
    /// Newer content has errors, so the site is older than the folder.
    pub refused: bool,
    /// How many errors it has.
    pub errors: usize,
    /// The findings of the newest content: a JSON array.
    pub findings: String,
    /// When the site was last replaced.
    swapped: Instant,
    /// Counts every change of these news.
    number: u64,
}

impl App {
    /// Serves a site.
    #[must_use]
    pub fn new(site: Site) -> Self {
        let swapped = Instant::now();
        let news = News { refused: false, errors: 0, findings: "[]".to_owned(), swapped, number: 0 };
        let served = Served::new(&Arc::new(site), false);
        Self {
            served: Arc::new(ArcSwap::from_pointee(served)),
            over_tls: false,
            news: Arc::new(watch::Sender::new(news)),
            intake: None,
        }
    }

    /// Takes requests for appointments, too.
    #[must_use]
    pub fn with_intake(self, intake: Intake) -> Self {
        Self { intake: Some(Arc::new(intake)), ..self }
    }

    /// What takes requests for appointments.
    fn intake(&self) -> Option<&Intake> {
        self.intake.as_deref()
    }

    /// The same, where this program itself speaks TLS.
    #[must_use]
    pub fn over_tls(self) -> Self {
        let served = Served::new(&self.site(), true);
        Self { served: Arc::new(ArcSwap::from_pointee(served)), over_tls: true, ..self }
    }

    /// Serves another site from the next request on; those under way keep the one they began with.
    pub fn swap(&self, site: Site) {
        self.served.store(Arc::new(Served::new(&Arc::new(site), self.over_tls)));
        self.news.send_modify(|news| {
            news.swapped = Instant::now();
            news.number += 1;
        });
    }

    /// Serves the same site in smaller bytes: no page has to be loaded again for that.
    pub fn refine(&self, site: Site) {
        self.served.store(Arc::new(Served::new(&Arc::new(site), self.over_tls)));
    }

    /// Tells what was found in the newest content, and whether it was refused.
    pub fn tell(&self, errors: usize, findings: String) {
        self.news.send_modify(|news| {
            *news = News { refused: errors > 0, errors, findings, swapped: news.swapped, number: news.number + 1 };
        });
    }

    /// The site that is served now.
    #[must_use]
    pub fn site(&self) -> Arc<Site> {
        Arc::clone(&self.served.load().site)
    }

    /// The site that is served now, with the heads of its answers.
    fn served(&self) -> Guard<Arc<Served>> {
        self.served.load()
    }

    /// What is known of the newest content.
    #[must_use]
    pub fn news(&self) -> News {
        self.news.borrow().clone()
    }
}

/// Every route.
pub fn router(app: App) -> Router {
    let routes = Router::new()
        .route(route::HEALTH, get(|| async { answer::text("up\n") }))
        .route(route::READY, get(ready))
        .route(route::PREVIEW_STATE, get(preview::state))
        .method_not_allowed_fallback(refuse)
        .fallback(page);
    layered(routes, app)
}

/// Every layer. The last one is the outermost. From the inside out: a post that another site makes a browser send is refused, with a page; a
/// panic becomes the 500 page; every answer, those too, gets the security headers; and one event a request is logged with the status that
/// was sent.
fn layered(routes: Router<App>, app: App) -> Router {
    let panics = app.clone();
    routes
        .layer(same_site(app.site().public_url()))
        .layer(from_fn_with_state(app.clone(), explain_other_site))
        .layer(CatchPanicLayer::custom(move |_| {
            answer::error(&panics.served(), ErrorKind::Internal, "/", &HeaderMap::new())
        }))
        .layer(map_response_with_state(app.clone(), headers::secure))
        .layer(from_fn_with_state(app.clone(), request_log::log))
        .with_state(app)
}

/// Refuses posts from other sites by `Sec-Fetch-Site` and `Origin`, without a cookie or a token. A proxy may have changed `Host`, so the site's
/// own address is known too.
fn same_site(public_url: Option<&Url>) -> CsrfLayer {
    let layer = CsrfLayer::new();
    // An origin without a path is always taken.
    let own = public_url.and_then(|url| layer.clone().add_trusted_origin(url.origin().ascii_serialization()).ok());
    own.unwrap_or(layer)
}

/// Gives a refused post its page, in the language of the path.
async fn explain_other_site(State(app): State<App>, request: Request, next: Next) -> Response {
    let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
    let response = next.run(request).await;
    if response.extensions().get::<ProtectionError>().is_none() {
        return response;
    }
    answer::error(&app.served(), ErrorKind::Forbidden, &path, &headers)
}

/// The routes of the second listener, for the people who run the site.
pub fn admin_router(app: App) -> Router {
    Router::new()
        .route(route::HEALTH, get(|| async { answer::text("up\n") }))
        .route(route::READY, get(ready))
        .route(route::METRICS, get(metrics::metrics))
        .with_state(app)
}

/// The site can be served, and requests can be kept: which site it is, and whether there is newer content that can't be served. Otherwise 503.
async fn ready(State(app): State<App>) -> Response {
    let (site, news) = (app.site(), app.news());
    if let Some(intake) = app.intake()
        && let Err(error) = intake.ready().await
    {
        tracing::warn!(%error, "the store of requests is away");
        let mut response = answer::text("not ready: requests for appointments can't be kept now; the log says why\n");
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        return response;
    }
    let refused = match news.errors {
        0 => String::new(),
        errors => format!("newer content is refused: {errors} errors\n"),
    };
    answer::text(format!("ready\nrevision {}\n{refused}", site.revision()))
}

/// A page of the site, an old address, a request for an appointment or the page that says it is kept, or the page that says there is none.
async fn page(State(app): State<App>, request: Request) -> Response {
    if request.method() == Method::POST && app.site().form(request.uri().path()).is_some() {
        return request_form::post(&app, request).await;
    }
    let (path, headers) = (request.uri().path(), request.headers());
    let response = answer::answer(&app.served(), request.method(), path, headers);
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    if asks && response.status() == StatusCode::NOT_FOUND {
        let peer = request.extensions().get::<Peer>().copied();
        return request_form::received(&app, path, headers, peer).await.unwrap_or(response);
    }
    response
}

/// A path that is there, asked for with a method that isn't.
async fn refuse(State(app): State<App>, request: Request) -> Response {
    answer::refuse_method(&app.served(), request.uri().path(), request.headers())
}

#[cfg(test)]
mod tests {
    use super::{App, layered, page};
    use crate::content::{Files, Review, calendar, load};
    use crate::site::{Effort, ErrorKind, Settings, Site, icon_names, route};
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode};
    use axum::routing::get;
    use tower::ServiceExt;

    fn app() -> App {
        let now = calendar::on_the_clinics_clock("2026-11-23T20:00:00Z".parse().unwrap());
        let review = Review { now: &now, publish: false, icons: &icon_names(), other_paths: &route::LINKABLE };
        let content = load(&Files::embedded(), &review).0.unwrap();
        let settings =
            Settings { public_url: None, now: now.clone(), live: false, requests: true, effort: Effort::Fast };
        App::new(Site::build(&content, &settings, None).unwrap())
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
