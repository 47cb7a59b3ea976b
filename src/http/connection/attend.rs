//! One connection, from the first byte to the last.

use super::progress::Progress;
use super::watch::{Verdict, Watch};
use super::wire::Wire;
use super::{House, Peer, Place};
use crate::http::service::Service;
use crate::http::tls::Tls;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;

/// How long, and how much, is still read from a client whose request was not read to its end. Without it the kernel would throw the answer
/// away, since bytes that nobody reads reset the connection (RFC 9112, section 9.6).
const LINGER: (Duration, usize) = (Duration::from_secs(1), 256 * 1024);

/// Attends to a connection until it ends, and keeps its place until then.
pub(super) async fn attend(house: Arc<House>, stream: TcpStream, peer: Peer, place: Place) {
    let mut watch = Watch::new(&house);
    let progress = Arc::new(Progress::default());
    match &house.tls {
        None => plain(&house, stream, peer, &progress, &mut watch).await,
        // On the heap, so that a connection without TLS doesn't carry the room for it.
        Some(tls) => Box::pin(secured(&house, tls, stream, peer, &progress, &mut watch)).await,
    }
    drop(place);
}

/// What the two sides agree on in the handshake, over TLS.
async fn secured(
    house: &Arc<House>,
    tls: &Tls,
    stream: TcpStream,
    peer: Peer,
    progress: &Arc<Progress>,
    watch: &mut Watch,
) {
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(house.limits.handshake, tls.accept(stream)) => shaken,
        () = poll_fn(|context| watch.poll_idle(context, progress)) => return,
    };
    // A client that is slow, or doesn't want our certificate, or speaks no TLS: there is nothing to say.
    let Ok(Ok(stream)) = shaken else { return };
    let http2 = Tls::speaks_http2(&stream);
    let stream = Wire::new(stream, Arc::clone(progress));
    if http2 {
        speak_http2(house, stream, peer, progress, watch).await;
    } else {
        let mut stream = Some(stream);
        while let Some(quiet) = stream.take() {
            stream = speak(house, quiet, peer, progress, watch).await;
        }
    }
}

/// HTTP/1.1 without TLS. While nothing comes, nothing is kept but the socket: no parser and no buffer.
async fn plain(house: &Arc<House>, stream: TcpStream, peer: Peer, progress: &Arc<Progress>, watch: &mut Watch) {
    let mut stream = Wire::new(stream, Arc::clone(progress));
    loop {
        let something = poll_fn(|context| match stream.socket().poll_read_ready(context) {
            Poll::Ready(ready) => Poll::Ready(ready.is_ok()),
            Poll::Pending => watch.poll_idle(context, progress).map(|()| false),
        });
        if !something.await {
            return;
        }
        match speak(house, stream, peer, progress, watch).await {
            Some(quiet) => stream = quiet,
            None => return,
        }
    }
}

/// Speaks HTTP/1.1 until the connection ends, or has been quiet for a while: then it is given back.
async fn speak<T>(
    house: &Arc<House>,
    mut stream: Wire<T>,
    peer: Peer,
    progress: &Arc<Progress>,
    watch: &mut Watch,
) -> Option<Wire<T>>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    loop {
        let service = Service::new(house.handler.clone(), peer, Arc::clone(progress));
        let mut connection = Box::new(house.http1.serve_connection(TokioIo::new(stream), service));
        let ended = watched(connection.as_mut(), progress, watch).await;
        let parts = connection.into_parts();
        stream = parts.io.into_inner();
        match ended {
            Ended::Quiet => {}
            Ended::Refused => {
                Box::pin(linger(stream)).await;
                return None;
            }
            Ended::Done if progress.left_unread() => {
                Box::pin(linger(stream)).await;
                return None;
            }
            Ended::Done | Ended::Cut => return None,
        }
        if parts.read_buf.is_empty() {
            return Some(stream);
        }
        // The beginning of a request came with the one before, and the rest takes its time.
        stream = stream.again(parts.read_buf);
    }
}

/// Speaks HTTP/2 until the connection ends.
async fn speak_http2<T>(house: &House, stream: Wire<T>, peer: Peer, progress: &Arc<Progress>, watch: &mut Watch)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = Service::new(house.handler.clone(), peer, Arc::clone(progress));
    let mut connection = Box::new(house.http2.serve_connection(TokioIo::new(stream), service));
    while watched(connection.as_mut(), progress, watch).await == Ended::Quiet {}
}

/// A connection of either protocol.
trait Spoken: Future<Output = hyper::Result<()>> + Unpin {
    /// Lets it finish what it is doing and take nothing new.
    fn finish(&mut self);
}

impl<T> Spoken for http1::Connection<TokioIo<Wire<T>>, Service>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    fn finish(&mut self) {
        Pin::new(self).graceful_shutdown();
    }
}

impl<T> Spoken for http2::Connection<TokioIo<Wire<T>>, Service, TokioExecutor>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    fn finish(&mut self) {
        Pin::new(self).graceful_shutdown();
    }
}

/// Why we stopped polling a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// It is over: the client left, or the last answer was sent.
    Done,
    /// hyper answered what it could not read as HTTP.
    Refused,
    /// It has been quiet for a while, and may go on.
    Quiet,
    /// It took too long.
    Cut,
}

/// Lets a connection go on until it has ended, has been quiet for a while, or took too long.
///
/// How it ended is the client's doing: there is nothing to say about it, and nothing to log.
async fn watched(connection: &mut impl Spoken, progress: &Arc<Progress>, watch: &mut Watch) -> Ended {
    poll_fn(|context| {
        loop {
            match Pin::new(&mut *connection).poll(context) {
                Poll::Ready(Err(error)) if error.is_parse() => return Poll::Ready(Ended::Refused),
                Poll::Ready(_) => return Poll::Ready(Ended::Done),
                Poll::Pending => {}
            }
            match watch.poll(context, progress) {
                None => return Poll::Pending,
                Some(Verdict::Cut) => return Poll::Ready(Ended::Cut),
                Some(Verdict::Quiet) => return Poll::Ready(Ended::Quiet),
                Some(Verdict::Finish) => connection.finish(),
            }
        }
    })
    .await
}

/// Reads on for a moment and throws it away.
async fn linger(mut stream: impl AsyncRead + Unpin) {
    let reading = async {
        let mut bytes = [0; 1024];
        let mut most = LINGER.1;
        while let Ok(read @ 1..) = stream.read(&mut bytes).await {
            match most.checked_sub(read) {
                Some(rest) => most = rest,
                None => return,
            }
        }
    };
    let _ = tokio::time::timeout(LINGER.0, reading).await;
}
