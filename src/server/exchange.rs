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

/// An extension of a request whose head had both a length and chunks. hyper uses the chunks and hides the length; a proxy may have used the length,
/// and so seen other requests than we do (RFC 9112, section 11.2).
#[derive(Clone, Copy, Debug)]
pub struct LengthAndChunks;

/// Answers the requests of one connection: any hyper [`Service`] that never fails and whose future is `Unpin`.
pub trait Respond: Send + Sync + 'static {
    /// The body of an answer.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static;
    /// The future of an answer.
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
    /// HTTP/1.1: what is left unread of one request comes before the next.
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
        let in_flight = self.progress.begin_exchange();
        let has_body = !request.body().is_end_stream();
        // A client that waits for 100 before it sends a body isn't asked to send one that nobody reads (RFC 9110, section 10.1.1).
        let may_drain = self.is_serial && has_body && !request.headers().contains_key(EXPECT);
        let unread: Option<UnreadBody> = may_drain.then(Arc::default);
        let mut request = request.map(|body| RequestBody {
            // Most requests have no body, and pay nothing for one.
            reported: has_body.then(|| ReportedBody { body, progress: Arc::clone(&self.progress) }),
            unread: unread.clone(),
        });
        let has_length = request.headers().contains_key(CONTENT_LENGTH);
        if self.progress.hides_a_length(has_length) && request.headers().contains_key(TRANSFER_ENCODING) {
            request.extensions_mut().insert(LengthAndChunks);
        }
        Answering {
            step: Step::Service(self.service.respond(request)),
            unread,
            in_flight: Some(in_flight),
            is_serial: self.is_serial,
            has_body,
        }
    }
}

/// The body of a request that its service didn't read to the end.
type UnreadBody = Arc<Mutex<Option<Incoming>>>;

/// How much, and how long, is read of such a body before the answer is sent. Proxies expect no answer before they have sent the complete request:
/// some cut it, or send the next visitor's request on a connection that closes.
const DRAIN_LIMIT: u64 = 256 * 1024;
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// The future of an answer.
pub(super) struct Answering<F: Future<Output = Result<Response<B>, Infallible>>, B> {
    step: Step<F, B>,
    unread: Option<UnreadBody>,
    /// `None` once the answer is given.
    in_flight: Option<InFlight>,
    is_serial: bool,
    has_body: bool,
}

enum Step<F, B> {
    /// The service is at work.
    Service(F),
    /// It is done, and the rest of the request is read.
    Drain(Box<Drain<B>>),
}

struct Drain<B> {
    response: Option<Response<B>>,
    body: Incoming,
    left: u64,
    deadline: Pin<Box<Sleep>>,
}

impl<B> Drain<B> {
    /// Reads the rest of a body; `false` if it is too long, takes too long, or breaks off.
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
        // A future that has given its answer isn't polled again.
        let Some(in_flight) = &answering.in_flight else { return Poll::Pending };
        let progress = in_flight.progress();
        let mut response = loop {
            match &mut answering.step {
                Step::Service(future) => {
                    let Ok(response) = ready!(Pin::new(future).poll(context));
                    let unread = answering.unread.take().and_then(|unread| lock(&unread).take());
                    let Some(body) = unread else { break response };
                    answering.step = Step::Drain(Box::new(Drain {
                        response: Some(response),
                        body,
                        left: DRAIN_LIMIT,
                        deadline: Box::pin(sleep(DRAIN_TIMEOUT)),
                    }));
                }
                Step::Drain(drain) => {
                    let is_read = ready!(drain.poll(context, progress));
                    progress.body_ended();
                    if !is_read {
                        progress.set_left_unread();
                    }
                    match drain.response.take() {
                        Some(response) => break response,
                        None => return Poll::Pending,
                    }
                }
            }
        };
        // hyper may read no more of this connection. Unless the answer says so, a proxy sends the next visitor's request on it, and loses it.
        // A `Content-Length` line in a body would count against the next request.
        let has_stray_length = answering.has_body && progress.has_stray_lengths();
        // Whoever reads that sends no other request at the moment the connection closes.
        if answering.is_serial && (progress.is_left_unread() || has_stray_length || progress.ends()) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let in_flight = answering.in_flight.take();
        Poll::Ready(Ok(response.map(|body| AnswerBody { body, in_flight })))
    }
}

fn lock(unread: &Mutex<Option<Incoming>>) -> MutexGuard<'_, Option<Incoming>> {
    unread.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The body of a request. It reports when the client is waited for, and when it is dropped before its end.
#[derive(Debug)]
pub struct RequestBody {
    /// `None` once it was read to its end: a body in chunks doesn't know its end before.
    reported: Option<ReportedBody>,
    /// Where it goes when it is dropped before its end.
    unread: Option<UnreadBody>,
}

#[derive(Debug)]
struct ReportedBody {
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
        let Some(ReportedBody { body, progress }) = &mut self.reported else { return Poll::Ready(None) };
        let next = Pin::new(body).poll_frame(context);
        match &next {
            Poll::Pending => progress.body_begins(),
            Poll::Ready(None) => {
                progress.body_ended();
                self.reported = None;
            }
            Poll::Ready(Some(_)) => {}
        }
        next
    }

    fn is_end_stream(&self) -> bool {
        self.reported.as_ref().is_none_or(|reported| reported.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.reported.as_ref().map_or_else(|| SizeHint::with_exact(0), |reported| reported.body.size_hint())
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let Some(ReportedBody { body, progress }) = self.reported.take() else { return };
        progress.body_ended();
        if body.is_end_stream() {
            return;
        }
        // The future that would read the rest may be gone: then the answer was sent long ago.
        match &self.unread {
            Some(unread) if Arc::strong_count(unread) > 1 && body.size_hint().lower() <= DRAIN_LIMIT => {
                *lock(unread) = Some(body);
            }
            _ => progress.set_left_unread(),
        }
    }
}

/// The body of an answer. Its exchange is in flight until hyper has taken the last byte.
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
