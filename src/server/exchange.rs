//! One request and its answer: the service of a connection, wrapped so that [`Progress`] knows what is in flight.

use super::progress::{InFlight, Progress};
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::Service;
use hyper::{Request, Response};
use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Marks a request whose head had a length as well as chunks, as an extension. hyper goes by the chunks and hides the length; a program before us
/// may have gone by the length and seen other requests than we do (RFC 9112, section 11.2).
#[derive(Clone, Copy, Debug)]
pub struct LengthAndChunks;

/// What answers the requests of one connection: any hyper [`Service`] that never fails and whose future needs no pinning.
pub trait Respond: Send + Sync + 'static {
    /// The body of an answer.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static;
    /// An answer in the making.
    type Future: Future<Output = Result<Response<Self::Body>, Infallible>> + Send + Unpin + 'static;

    /// Answers a request.
    fn respond(&self, request: Request<RequestBody>) -> Self::Future;
}

impl<S, B> Respond for S
where
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible, Future: Send + Unpin + 'static>,
    S: Send + Sync + 'static,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static,
{
    type Body = B;
    type Future = S::Future;

    fn respond(&self, request: Request<RequestBody>) -> Self::Future {
        self.call(request)
    }
}

/// The service of one connection, as hyper calls it.
pub(super) struct Exchanges<S> {
    service: Arc<S>,
    progress: Arc<Progress>,
    /// HTTP/1.1: what is left unread of one request stands before the next.
    is_serial: bool,
}

impl<S> Exchanges<S> {
    pub(super) fn new(service: &Arc<S>, progress: &Arc<Progress>, is_serial: bool) -> Self {
        Self { service: Arc::clone(service), progress: Arc::clone(progress), is_serial }
    }
}

impl<S: Respond> Service<Request<Incoming>> for Exchanges<S> {
    type Response = Response<AnswerBody<S::Body>>;
    type Error = Infallible;
    type Future = Answering<S::Future>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.progress.head_ended();
        let in_flight = self.progress.begin_exchange();
        let mut request = request.map(|body| RequestBody {
            is_read: body.is_end_stream(),
            body,
            progress: Arc::clone(&self.progress),
        });
        let has_length = request.headers().contains_key(CONTENT_LENGTH);
        if self.progress.hides_a_length(has_length) && request.headers().contains_key(TRANSFER_ENCODING) {
            request.extensions_mut().insert(LengthAndChunks);
        }
        Answering {
            future: self.service.respond(request),
            in_flight: Some(in_flight),
            closes: self.is_serial.then(|| Arc::clone(&self.progress)),
        }
    }
}

/// An answer in the making.
pub(super) struct Answering<F> {
    future: F,
    in_flight: Option<InFlight>,
    closes: Option<Arc<Progress>>,
}

impl<F, B> Future for Answering<F>
where
    F: Future<Output = Result<Response<B>, Infallible>> + Unpin,
{
    type Output = Result<Response<AnswerBody<B>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Ok(mut response) = ready!(Pin::new(&mut self.future).poll(context));
        // hyper may read no more of this connection. Unless the answer says so, a proxy sends the next visitor's request on it, and loses that.
        if self.closes.as_ref().is_some_and(|progress| progress.left_unread()) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let in_flight = self.in_flight.take();
        Poll::Ready(Ok(response.map(|body| AnswerBody { body, in_flight })))
    }
}

/// The body of a request. It reports when it is waited for, and when it is dropped before its end.
#[derive(Debug)]
pub struct RequestBody {
    body: Incoming,
    /// It was read to its end: one in chunks doesn't know its end before.
    is_read: bool,
    progress: Arc<Progress>,
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let next = Pin::new(&mut self.body).poll_frame(context);
        match &next {
            Poll::Pending => self.progress.body_begins(),
            Poll::Ready(None) => {
                self.is_read = true;
                self.progress.body_ended();
            }
            Poll::Ready(Some(_)) => {}
        }
        next
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if !self.is_read && !self.body.is_end_stream() {
            self.progress.leave_unread();
        }
        self.progress.body_ended();
    }
}

/// The body of an answer. Its exchange is in flight until hyper has taken the last of it.
pub(super) struct AnswerBody<B> {
    body: B,
    in_flight: Option<InFlight>,
}

impl<B: Body<Data = Bytes> + Unpin> Body for AnswerBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let next = ready!(Pin::new(&mut self.body).poll_frame(context));
        if next.is_none() || self.body.is_end_stream() {
            drop(self.in_flight.take());
        }
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
