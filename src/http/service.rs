//! The one entry: which answer a request gets. Production serves it, and tests call it.

use super::app::App;
use super::host::is_loopback_name;
use super::intake::{Intake, Peer};
use super::staff::{self, Caller};
use super::{form, headers, log, protocol, respond, router};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header::{CONNECTION, FORWARDED, HOST};
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use bytes::Bytes;
use http_body_util::{Either, Full};
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Once};
use std::task::{Context, Poll};
use tower::ServiceExt;

/// Answers the requests of one connection: a hyper service.
#[derive(Clone, Debug)]
pub struct SiteService {
    shared: Arc<Shared>,
    peer: Option<Peer>,
}

#[derive(Debug)]
struct Shared {
    app: App,
    router: Router,
    /// A proxy before a preview is an admin's mistake, and one line says so.
    logged_proxy: Once,
}

impl Shared {
    fn new(app: App, router: Router) -> Arc<Self> {
        Arc::new(Self { app, router, logged_proxy: Once::new() })
    }
}

impl SiteService {
    /// The service of a connection whose peer isn't known.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self::with_staff(app, Router::new())
    }

    /// The same, with the staff's own routes, below [`crate::site::route::DESK`] each. They find a [`Caller`] in each request.
    #[must_use]
    pub fn with_staff(app: App, staff: Router) -> Self {
        let router = router::router(app.clone(), staff);
        Self { shared: Shared::new(app, router), peer: None }
    }

    /// The service of a connection from an address.
    #[must_use]
    pub fn with_peer(&self, address: SocketAddr) -> Self {
        Self { shared: Arc::clone(&self.shared), peer: Some(Peer(address)) }
    }
}

impl<B> hyper::service::Service<Request<B>> for SiteService
where
    B: HttpBody<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    type Response = Response<AnswerBody>;
    type Error = Infallible;
    type Future = Answer;

    /// 1. what HTTP forbids, or we don't support: refused, and the connection closed
    /// 2. a preview asked by another name than this computer's, or for somebody elsewhere: 421
    /// 3. a prepared page
    /// 4. everything else, by the router
    fn call(&self, request: Request<B>) -> Answer {
        let started = log::start();
        let Shared { app, router, .. } = &*self.shared;
        let snapshot = app.snapshot();
        let refused = protocol::fault(&request).or_else(|| {
            let is_foreign = snapshot.policy.loopback_only && self.comes_from_elsewhere(&request);
            is_foreign.then_some(StatusCode::MISDIRECTED_REQUEST)
        });
        if let Some(status) = refused {
            let mut response = respond::refusal(&snapshot, status);
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            snapshot.policy.secure(response.headers_mut());
            headers::assert_sound(&response, &snapshot.policy);
            app.statuses().count(status);
            log::event(request.method(), "-", status, started);
            return Answer::Ready(Some(response.map(Either::Right)));
        }
        let path = request.uri().path();
        let proxies = app.intake().map(Intake::proxies).zip(self.peer);
        if let Some(response) = respond::prepared(&snapshot, request.method(), request.uri(), request.headers()) {
            if let Some((proxies, Peer(peer))) = proxies {
                proxies.page(peer.ip(), path, request.headers());
            }
            app.statuses().count(response.status());
            log::event(request.method(), path, response.status(), started);
            return Answer::Ready(Some(response.map(|page| Either::Left(Full::new(page)))));
        }
        if let Some((proxies, Peer(peer))) = proxies {
            proxies.notice(peer.ip(), path, request.headers());
        }
        let mut request = request.map(Body::new);
        let is_staffs = staff::is_staffs(request.uri().path());
        if let Some(intake) = app.intake().filter(|_| is_staffs) {
            let caller = Caller::new(intake, self.peer, request.headers(), &app.site());
            request.extensions_mut().insert(caller);
        }
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        let (app, router) = (app.clone(), router.clone());
        Answer::Routed(Box::pin(async move {
            let (method, path) = (request.method().clone(), request.uri().path());
            let is_confidential = form::is_confidential(&app.site(), &method, path);
            let path = log::page(&app, path);
            let Ok(mut response) = router.oneshot(request).await;
            let snapshot = app.snapshot();
            snapshot.policy.secure(response.headers_mut());
            headers::assert_sound(&response, &snapshot.policy);
            app.statuses().count(response.status());
            app.intake().filter(|_| !is_confidential && !is_staffs).inspect(|intake| intake.proxies().log_once());
            match app.intake() {
                // Somebody asks for an appointment: an event would show when.
                Some(intake) if is_confidential => intake.hourly_counts().count(&method, response.status()),
                _ if is_confidential || is_staffs => {}
                _ => log::event(&method, &path, response.status(), started),
            }
            response.map(Either::Right)
        }))
    }
}

impl SiteService {
    /// Whether somebody on another computer may have sent a request: by a foreign name (DNS rebinding: a foreign page reaches this computer by a
    /// name of its own that resolves to 127.0.0.1), from another address, or through a proxy, which is logged once.
    fn comes_from_elsewhere<B>(&self, request: &Request<B>) -> bool {
        let forwarded = request.headers().keys().any(|name| FORWARDING_HEADERS.contains(name));
        if forwarded {
            self.shared.logged_proxy.call_once(|| {
                tracing::error!(
                    "a proxy asks for visitors, and this is a preview, which is for this computer alone: they are refused. Publish the site with \
                     --public-url https://clinic.example, or show the preview to others with --allow-remote-preview"
                );
            });
        }
        let from = self.peer.map(|Peer(peer)| peer.ip().to_canonical());
        forwarded || from.is_some_and(|address| !address.is_loopback()) || !names_this_computer(request)
    }
}

/// By which proxies say for whom they ask: RFC 7239, and what came before it.
static FORWARDING_HEADERS: [HeaderName; 5] = [
    FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];

/// Whether every name that a request gives for the server is one of the loopback interface's. A browser always gives one.
fn names_this_computer<B>(request: &Request<B>) -> bool {
    let hosts = request.headers().get_all(HOST).iter().map(|host| host.to_str().unwrap_or("?"));
    let named = hosts.chain(request.uri().authority().map(Authority::as_str));
    named.filter(|name| !name.is_empty()).all(is_loopback_name)
}

/// The future of an answer.
pub enum Answer {
    /// A prepared page, or a refusal.
    Ready(Option<Response<AnswerBody>>),
    /// The router's.
    Routed(Pin<Box<dyn Future<Output = Response<AnswerBody>> + Send>>),
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(…)")
    }
}

impl Future for Answer {
    type Output = Result<Response<AnswerBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            // A future that has given its answer isn't polled again.
            Self::Ready(response) => response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            Self::Routed(response) => response.as_mut().poll(context).map(Ok),
        }
    }
}

/// The body of an answer: that of a prepared page, or the router's.
pub type AnswerBody = Either<Full<Bytes>, Body>;

#[cfg(test)]
mod tests {
    use super::{Shared, SiteService};
    use crate::content::{Files, Review, calendar, load};
    use crate::http::app::App;
    use crate::http::headers::{CSP, Options};
    use crate::http::router::{layered, page};
    use crate::site::{CompressionLevel, ErrorKind, Settings, Site, icon_names, route};
    use axum::Router;
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use axum::routing::get;
    use http_body_util::BodyExt;
    use hyper::service::Service;

    fn app() -> App {
        let now = calendar::on_the_clinics_clock("2026-11-23T20:00:00Z".parse().unwrap());
        let review = Review {
            now: &now,
            publish: false,
            was_published: false,
            icons: &icon_names(),
            other_paths: &route::LINKABLE,
            reserved: &route::RESERVED,
        };
        let content = load(&Files::embedded(), &review).0.unwrap();
        let settings = Settings {
            public_url: None,
            now: now.clone(),
            as_of: false,
            live: false,
            requests: true,
            compression: CompressionLevel::Fast,
        };
        App::new(Site::build(&content, &settings, None).unwrap(), Options::default())
    }

    // Here, not in the suite: no route of the site panics, so the test adds one that does.
    #[tokio::test]
    async fn a_panic_is_a_page_with_help_and_the_next_request_is_served() {
        async fn broken() {
            panic!("the cause, which no visitor may see");
        }
        let app = app();
        let router = layered(Router::new().route("/broken/", get(broken)).fallback(page), Router::new(), app.clone());
        let service = SiteService { shared: Shared::new(app.clone(), router), peer: None };
        let ask = |path| service.call(Request::get(path).header("host", "localhost").body(Body::empty()).unwrap());
        let response = ask("/broken/").await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in
            [("cache-control", "no-store"), ("content-security-policy", CSP), ("content-language", "en")]
        {
            assert_eq!(response.headers()[name], value, "{name}");
        }
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, app.site().error(ErrorKind::Internal, "/").unwrap().identity().bytes);
        assert!(!String::from_utf8_lossy(&body).contains("the cause"));
        assert_eq!(ask("/").await.unwrap().status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_preview_answers_to_loopback_names_alone() {
        let service = SiteService::new(app());
        for (host, status) in [
            ("localhost:8080", 200),
            ("127.0.0.1", 200),
            ("[::1]:8080", 200),
            // A load balancer's check.
            ("", 200),
            ("evil.example", 421),
            ("evil.example:8080", 421),
            ("127.0.0.1.evil.example", 421),
            ("192.0.2.1", 421),
        ] {
            for path in ["/", "/nowhere/", "/_preview/state", "/healthz"] {
                let request = Request::get(path).header("host", host).body(Body::empty()).unwrap();
                let got = service.call(request).await.unwrap().status().as_u16();
                assert_eq!(got == 421, status == 421, "{host:?} {path}: {got}");
            }
        }
        let request = Request::get("http://evil.example/").header("host", "localhost").body(Body::empty()).unwrap();
        assert_eq!(service.call(request).await.unwrap().status().as_u16(), 421);
    }

    #[tokio::test]
    async fn a_preview_refuses_whom_a_proxy_asks_for_and_who_is_elsewhere() {
        let service = SiteService::new(app());
        let ask = |peer: &str, header: &str| {
            let request =
                Request::get("/").header("host", "localhost").header(header, "1").body(Body::empty()).unwrap();
            service.with_peer(peer.parse().unwrap()).call(request)
        };
        for (peer, header, status) in [
            ("127.0.0.1:9", "accept", 200),
            ("[::1]:9", "accept", 200),
            ("[::ffff:127.0.0.1]:9", "accept", 200),
            ("127.0.0.1:9", "x-forwarded-for", 421),
            ("127.0.0.1:9", "Forwarded", 421),
            ("127.0.0.1:9", "x-forwarded-proto", 421),
            ("127.0.0.1:9", "x-real-ip", 421),
            ("192.0.2.7:9", "accept", 421),
        ] {
            assert_eq!(ask(peer, header).await.unwrap().status().as_u16(), status, "{peer} {header}");
        }
    }
}
