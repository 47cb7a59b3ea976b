//! One request and its answer: the service of a connection, wrapped so that [`Progress`] knows what is in flight.

use super::progress::{InFlight, Progress};
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HeaderValue, TRANSFER_ENCODING};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::Service;
use hyper::{Request, Response};
use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

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
    type Future = Answering<S::Future, S::Body>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.progress.head_ended();
        let in_flight = self.progress.begin_exchange();
        let has_body = !request.body().is_end_stream();
        // Who expects a word before sending a body is not asked to send what nobody wants (RFC 9110, section 10.1.1).
        let may_drain = self.is_serial && has_body && !request.headers().contains_key(EXPECT);
        let rest: Option<Rest> = may_drain.then(Arc::default);
        let mut request = request.map(|body| RequestBody {
            // Most requests have none, and pay nothing for it.
            waited: has_body.then(|| Waited { body, progress: Arc::clone(&self.progress) }),
            rest: rest.clone(),
        });
        let has_length = request.headers().contains_key(CONTENT_LENGTH);
        if self.progress.hides_a_length(has_length) && request.headers().contains_key(TRANSFER_ENCODING) {
            request.extensions_mut().insert(LengthAndChunks);
        }
        Answering {
            step: Step::Service(self.service.respond(request)),
            rest,
            in_flight: Some(in_flight),
            is_serial: self.is_serial,
            has_body,
        }
    }
}

/// What is left of a request's body when its service is done with it.
type Rest = Arc<Mutex<Option<Incoming>>>;

/// How much, and how long, is read of a body that the service didn't read to its end, before its answer is sent. Proxies don't expect an answer
/// before they have sent the whole request: some cut it, or give the next visitor's request to a connection that closes.
const DRAIN: (u64, Duration) = (256 * 1024, Duration::from_secs(5));

/// An answer in the making.
pub(super) struct Answering<F: Future<Output = Result<Response<B>, Infallible>>, B> {
    step: Step<F, B>,
    rest: Option<Rest>,
    /// There until the answer is given.
    in_flight: Option<InFlight>,
    is_serial: bool,
    has_body: bool,
}

enum Step<F, B> {
    /// The service makes it.
    Service(F),
    /// It is made, and the rest of the request is read.
    Drain(Box<Drain<B>>),
}

struct Drain<B> {
    response: Option<Response<B>>,
    body: Incoming,
    left: u64,
    deadline: Pin<Box<Sleep>>,
}

impl<B> Drain<B> {
    /// Reads the rest of a body; `false` where it is too long, takes too long, or breaks off.
    fn poll(&mut self, context: &mut Context<'_>, progress: &Progress) -> Poll<bool> {
        loop {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(None) => return Poll::Ready(true),
                Poll::Ready(Some(Ok(frame))) => {
                    let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                    match self.left.checked_sub(length) {
                        Some(left) => self.left = left,
                        None => return Poll::Ready(false),
                    }
                }
                Poll::Ready(Some(Err(_))) => return Poll::Ready(false),
                Poll::Pending => {
                    progress.body_begins();
                    return self.deadline.as_mut().poll(context).map(|()| false);
                }
            }
        }
    }
}

impl<F, B> Future for Answering<F, B>
where
    F: Future<Output = Result<Response<B>, Infallible>> + Unpin,
    B: Unpin,
{
    type Output = Result<Response<AnswerBody<B>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answering = &mut *self;
        // Nobody polls a future that has given its answer.
        let Some(in_flight) = &answering.in_flight else { return Poll::Pending };
        let progress = in_flight.progress();
        let mut response = loop {
            match &mut answering.step {
                Step::Service(future) => {
                    let Ok(response) = ready!(Pin::new(future).poll(context));
                    let rest = answering.rest.take().and_then(|rest| lock(&rest).take());
                    let Some(body) = rest else { break response };
                    answering.step = Step::Drain(Box::new(Drain {
                        response: Some(response),
                        body,
                        left: DRAIN.0,
                        deadline: Box::pin(sleep(DRAIN.1)),
                    }));
                }
                Step::Drain(drain) => {
                    let is_read = ready!(drain.poll(context, progress));
                    progress.body_ended();
                    if !is_read {
                        progress.leave_unread();
                    }
                    match drain.response.take() {
                        Some(response) => break response,
                        None => return Poll::Pending,
                    }
                }
            }
        };
        // hyper may read no more of this connection. Unless the answer says so, a proxy sends the next visitor's request on it, and loses that.
        // A length that stood in a body would be held against whoever comes next.
        let is_spoilt = answering.has_body && progress.has_stray_lengths();
        if answering.is_serial && (progress.left_unread() || is_spoilt) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let in_flight = answering.in_flight.take();
        Poll::Ready(Ok(response.map(|body| AnswerBody { body, in_flight })))
    }
}

fn lock(rest: &Mutex<Option<Incoming>>) -> MutexGuard<'_, Option<Incoming>> {
    rest.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The body of a request. It reports when it is waited for, and when it is dropped before its end.
#[derive(Debug)]
pub struct RequestBody {
    /// There until it was read to its end: one in chunks doesn't know its end before.
    waited: Option<Waited>,
    /// Where it goes when it is dropped before its end.
    rest: Option<Rest>,
}

#[derive(Debug)]
struct Waited {
    body: Incoming,
    progress: Arc<Progress>,
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(Waited { body, progress }) = &mut self.waited else { return Poll::Ready(None) };
        let next = Pin::new(body).poll_frame(context);
        match &next {
            Poll::Pending => progress.body_begins(),
            Poll::Ready(None) => {
                progress.body_ended();
                self.waited = None;
            }
            Poll::Ready(Some(_)) => {}
        }
        next
    }

    fn is_end_stream(&self) -> bool {
        self.waited.as_ref().is_none_or(|waited| waited.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.waited.as_ref().map_or_else(|| SizeHint::with_exact(0), |waited| waited.body.size_hint())
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let Some(Waited { body, progress }) = self.waited.take() else { return };
        progress.body_ended();
        if body.is_end_stream() {
            return;
        }
        // Whoever would read the rest may be gone: then the answer was sent long ago.
        match &self.rest {
            Some(rest) if Arc::strong_count(rest) > 1 && body.size_hint().lower() <= DRAIN.0 => {
                *lock(rest) = Some(body);
            }
            _ => progress.leave_unread(),
        }
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
