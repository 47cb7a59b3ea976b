//! What answers: the prepared pages at once, the router everything else.

use super::connection::progress::{Exchange, Progress, waited};
use super::{App, Peer, answer, headers, protocol, request_log};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tower::ServiceExt;
use tower::util::Oneshot;

/// What answers all requests.
#[derive(Clone, Debug)]
pub struct Handler(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    /// The site whose pages are answered before any router is asked.
    app: Option<App>,
    router: Router,
}

impl From<Router> for Handler {
    /// A router alone.
    fn from(router: Router) -> Self {
        Self(Arc::new(Parts { app: None, router }))
    }
}

impl From<App> for Handler {
    /// The site: its pages at once, every other route by the router.
    fn from(app: App) -> Self {
        Self(Arc::new(Parts { router: super::router(app.clone()), app: Some(app) }))
    }
}

/// What answers the requests of one connection.
pub(super) struct Service {
    handler: Handler,
    peer: Peer,
    progress: Arc<Progress>,
}

impl Service {
    pub(super) fn new(handler: Handler, peer: Peer, progress: Arc<Progress>) -> Self {
        Self { handler, peer, progress }
    }
}

impl hyper::service::Service<Request<Incoming>> for Service {
    type Response = Response<Reply>;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        self.progress.asked();
        let handler = &self.handler.0;
        if let Some(app) = &handler.app {
            let started = request_log::started();
            let served = app.served();
            let method = request.method();
            if let Some(fault) = protocol::fault(&request) {
                let mut response = answer::refusal(&served, fault);
                headers::close(response.headers_mut());
                request_log::event(request_log::name(method), "-", fault, started);
                return Answering::Ready(Some(response.map(Reply::Bytes)));
            }
            if let Some(mut response) = answer::prepared(&served, method, request.uri().path(), request.headers()) {
                if !hyper::body::Body::is_end_stream(request.body()) {
                    self.progress.leave_unread();
                    headers::close(response.headers_mut());
                }
                request_log::event(request_log::name(method), request.uri().path(), response.status(), started);
                return Answering::Ready(Some(response.map(Reply::Bytes)));
            }
        }
        let exchange = self.progress.exchange();
        let mut request = request.map(|body| waited(body, &self.progress));
        request.extensions_mut().insert(self.peer);
        Answering::Routed(Box::pin(handler.router.clone().oneshot(request)), Some(exchange), Arc::clone(&self.progress))
    }
}

/// An answer in the making.
pub(super) enum Answering {
    /// It is there.
    Ready(Option<Response<Reply>>),
    /// The router makes it.
    Routed(Pin<Box<Oneshot<Router, Request<Body>>>>, Option<Exchange>, Arc<Progress>),
}

impl Future for Answering {
    type Output = Result<Response<Reply>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Ready(response) => response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            Self::Routed(answer, exchange, progress) => {
                let mut response = match ready!(answer.as_mut().poll(context)) {
                    Ok(response) => response,
                    Err(never) => match never {},
                };
                if progress.left_unread() {
                    headers::close(response.headers_mut());
                }
                let exchange = exchange.take();
                Poll::Ready(Ok(response.map(|body| Reply::Routed(body, exchange))))
            }
        }
    }
}

/// The body of an answer.
#[derive(Debug)]
pub(super) enum Reply {
    /// All of it, or nothing.
    Bytes(Option<Bytes>),
    /// What the router gave, with the exchange that ends with it.
    Routed(Body, Option<Exchange>),
}

impl hyper::body::Body for Reply {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut *self {
            Self::Bytes(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Routed(body, exchange) => {
                let next = ready!(Pin::new(&mut *body).poll_frame(context));
                if next.is_none() || body.is_end_stream() {
                    drop(exchange.take());
                }
                Poll::Ready(next)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.is_none(),
            Self::Routed(body, _) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Routed(body, _) => body.size_hint(),
        }
    }
}
