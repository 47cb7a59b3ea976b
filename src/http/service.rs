//! The one entry: which answer a request gets. Production serves it, and tests ask it.

use super::app::App;
use super::host::is_loopback_name;
use super::intake::Peer;
use super::{form, headers, log, protocol, respond, router};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header::{CONNECTION, HOST};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Response, StatusCode};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
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
}

impl SiteService {
    /// The service of a connection whose peer isn't known.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self { shared: Arc::new(Shared { router: router::router(app.clone()), app }), peer: None }
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

    /// 1. what HTTP forbids, or we don't take: refused, and the connection closed
    /// 2. a preview asked for by a stranger's name: 421
    /// 3. a prepared page
    /// 4. everything else, by the router
    fn call(&self, request: Request<B>) -> Answer {
        let started = log::started();
        let Shared { app, router } = &*self.shared;
        let snapshot = app.snapshot();
        let method = log::name(request.method());
        let refused = protocol::fault(&request).or_else(|| {
            // DNS rebinding: a stranger's page asks this computer under a name of its own that turns into 127.0.0.1.
            let stranger = snapshot.policy.loopback_only && !asks_this_computer(&request);
            stranger.then_some(StatusCode::MISDIRECTED_REQUEST)
        });
        if let Some(status) = refused {
            let mut response = respond::refusal(&snapshot, status);
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            snapshot.policy.secure(response.headers_mut());
            headers::assert_sound(&response, &snapshot.policy);
            log::event(method, "-", status, started);
            return Answer::Ready(Some(response.map(AnswerBody::Routed)));
        }
        let path = request.uri().path();
        if let Some(response) = respond::prepared(&snapshot, request.method(), path, request.headers()) {
            log::event(method, path, response.status(), started);
            return Answer::Ready(Some(response.map(AnswerBody::Prepared)));
        }
        let mut request = request.map(Body::new);
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        let (app, router) = (app.clone(), router.clone());
        Answer::Routed(Box::pin(async move {
            let path = request.uri().path();
            let asker = form::is_confidential(&app.site(), request.method(), path).then(|| request.method().clone());
            let path = log::page(&app, path);
            let Ok(mut response) = router.oneshot(request).await;
            let snapshot = app.snapshot();
            snapshot.policy.secure(response.headers_mut());
            headers::assert_sound(&response, &snapshot.policy);
            match (asker, app.intake()) {
                // Somebody asks for an appointment: a line would say when.
                (Some(method), Some(intake)) => intake.tally().count(&method, response.status()),
                (Some(_), None) => {}
                (None, _) => log::event(method, &path, response.status(), started),
            }
            response.map(AnswerBody::Routed)
        }))
    }
}

/// Whether every name that a request asks for is one of the loopback interface's. A browser always gives one.
fn asks_this_computer<B>(request: &Request<B>) -> bool {
    let hosts = request.headers().get_all(HOST).iter().map(|host| host.to_str().unwrap_or("?"));
    let named = hosts.chain(request.uri().authority().map(Authority::as_str));
    named.filter(|name| !name.is_empty()).all(is_loopback_name)
}

/// An answer in the making.
pub enum Answer {
    /// It is there.
    Ready(Option<Response<AnswerBody>>),
    /// The router makes it.
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
            // Nobody polls a future that has given its answer.
            Self::Ready(response) => response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            Self::Routed(response) => response.as_mut().poll(context).map(Ok),
        }
    }
}

/// The body of an answer.
#[derive(Debug)]
pub enum AnswerBody {
    /// That of a prepared page: all of it, or nothing.
    Prepared(Option<Bytes>),
    /// What the router gave.
    Routed(Body),
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut *self {
            Self::Prepared(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Routed(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Prepared(bytes) => bytes.is_none(),
            Self::Routed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Prepared(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Routed(body) => body.size_hint(),
        }
    }
}

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
    use std::sync::Arc;

    fn app() -> App {
        let now = calendar::on_the_clinics_clock("2026-11-23T20:00:00Z".parse().unwrap());
        let review = Review { now: &now, publish: false, icons: &icon_names(), other_paths: &route::LINKABLE };
        let content = load(&Files::embedded(), &review).0.unwrap();
        let settings = Settings {
            public_url: None,
            now: now.clone(),
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
        let router = layered(Router::new().route("/broken/", get(broken)).fallback(page), app.clone());
        let service = SiteService { shared: Arc::new(Shared { app: app.clone(), router }), peer: None };
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
}
