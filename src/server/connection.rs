//! One connection, from the first byte to the last.

use super::counts::Outcome;
use super::deadline::{Action, Deadlines};
use super::exchange::{Exchanges, Respond};
use super::io::Io;
use super::progress::{Phase, Progress};
use super::shared::Shared;
use super::slots::Slot;
use super::tls::Tls;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long, and how much, is still read from a client whose request was not read to its end. Otherwise the kernel would reset the connection
/// because of the unread bytes, and the answer would be lost (RFC 9112, section 9.6).
const LINGER_TIMEOUT: Duration = Duration::from_secs(1);
const LINGER_LIMIT: usize = 256 * 1024;

/// The first byte of every TLS connection: a record of the handshake (RFC 8446, section 5.1).
const HANDSHAKE_RECORD: u8 = 22;

/// The answer to plain HTTP on a port that speaks TLS.
const TLS_REQUIRED: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 52\r\n\
connection: close\r\n\r\nThis port speaks TLS. Use https:// in the address.\r\n";

/// Runs a connection until it ends, then frees its slot.
pub(super) async fn run<S: Respond>(shared: Arc<Shared>, stream: TcpStream, service: S, slot: Slot) {
    let progress = Arc::new(Progress::default());
    let deadlines = Deadlines::new(&shared);
    if shared.is_stopping() {
        progress.set_ends();
    }
    let mut connection = Connection { shared, service: Arc::new(service), deadlines, progress, failed: None };
    match connection.shared.tls.clone() {
        None => connection.run_plain(stream).await,
        // On the heap, so that a connection without TLS doesn't carry the room for it.
        Some(tls) => Box::pin(connection.run_tls(&tls, stream)).await,
    }
    let ended = if connection.progress.has_had_requests() { Outcome::Answered } else { Outcome::Unused };
    connection.shared.limits.counts.count(connection.failed.unwrap_or(ended));
    drop(slot);
}

/// A connection of any protocol.
struct Connection<S> {
    shared: Arc<Shared>,
    service: Arc<S>,
    deadlines: Deadlines,
    progress: Arc<Progress>,
    /// Why it ended, if not as it should.
    failed: Option<Outcome>,
}

impl<S: Respond> Connection<S> {
    /// TLS, and in it the protocol that the handshake agrees on.
    async fn run_tls(&mut self, tls: &Tls, mut stream: TcpStream) {
        let (progress, deadlines) = (&self.progress, &mut self.deadlines);
        let handshake = async {
            let mut first = [0];
            match stream.peek(&mut first).await {
                Ok(1) if first == [HANDSHAKE_RECORD] => {
                    // From here on it isn't idle: an idle connection would have to make room at once.
                    progress.read(0);
                    tls.accept(stream).await.ok()
                }
                Ok(1) => {
                    // Somebody typed http:// and the port. The answer doesn't depend on the request.
                    let _ = stream.write_all(TLS_REQUIRED).await;
                    linger(stream).await;
                    None
                }
                _ => None,
            }
        };
        let stream = tokio::select! {
            stream = timeout(self.shared.limits.handshake, handshake) => stream,
            () = poll_fn(|context| deadlines.poll_idle(context, progress)) => return,
        };
        // The client is slow, or rejects our certificate: its own doing, so nothing is logged.
        let Ok(Some(stream)) = stream else {
            self.failed = Some(Outcome::NoTls);
            return;
        };
        self.progress.handshake_ended();
        let http2 = Tls::speaks_http2(&stream);
        let stream = Io::new(stream, Arc::clone(&self.progress));
        if http2 {
            self.progress.set_multiplexed();
            self.http2(stream).await;
        } else {
            let mut stream = Some(stream);
            while let Some(idle) = stream.take() {
                stream = self.http1(idle).await;
            }
        }
    }

    /// HTTP/1.1 without TLS. An idle connection holds no parser and no buffer, only the socket.
    async fn run_plain(&mut self, stream: TcpStream) {
        let mut stream = Some(Io::new(stream, Arc::clone(&self.progress)));
        while let Some(idle) = stream.take() {
            let is_ready = poll_fn(|context| match idle.socket().poll_read_ready(context) {
                Poll::Ready(ready) => Poll::Ready(ready.is_ok()),
                Poll::Pending => self.deadlines.poll_idle(context, &self.progress).map(|()| false),
            });
            if is_ready.await {
                // On the heap, so that an idle connection doesn't carry the room for it.
                stream = Box::pin(self.http1(idle)).await;
            }
        }
    }

    /// Speaks HTTP/1.1 until the connection ends, or has been idle for a while: then it is given back.
    async fn http1<T>(&mut self, mut stream: Io<T>) -> Option<Io<T>>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        loop {
            let exchanges = Exchanges::new(&self.service, &self.progress, true);
            let mut connection = Box::new(self.shared.http1.serve_connection(TokioIo::new(stream), exchanges));
            let ended = self.poll_to_end(connection.as_mut()).await;
            let parts = connection.into_parts();
            stream = parts.io.into_inner();
            match ended {
                Ended::Idle => {}
                Ended::Done { refused } => {
                    self.failed = refused.then_some(Outcome::Malformed);
                    if refused || self.progress.is_left_unread() || !parts.read_buf.is_empty() {
                        Box::pin(linger(stream)).await;
                    }
                    return None;
                }
                Ended::TimedOut => return None,
            }
            if parts.read_buf.is_empty() {
                return Some(stream);
            }
            // The first bytes of a request came together with the previous one.
            stream = stream.unread(&parts.read_buf);
        }
    }

    /// Speaks HTTP/2 until the connection ends.
    async fn http2<T>(&mut self, stream: Io<T>)
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let exchanges = Exchanges::new(&self.service, &self.progress, false);
        let mut connection = Box::new(self.shared.http2.serve_connection(TokioIo::new(stream), exchanges));
        if self.shared.is_stopping() {
            connection.finish();
        }
        while self.poll_to_end(connection.as_mut()).await == Ended::Idle {}
    }

    /// Polls a connection until it has ended, has been idle for a while, or took too long. Its end is the client's doing, so nothing is logged.
    async fn poll_to_end(&mut self, connection: &mut impl HttpConnection) -> Ended {
        poll_fn(|context| {
            loop {
                if let Poll::Ready(ended) = Pin::new(&mut *connection).poll(context) {
                    return Poll::Ready(Ended::Done { refused: ended.is_err_and(|error| error.is_parse()) });
                }
                match self.deadlines.poll(context, &self.progress) {
                    None => return Poll::Pending,
                    Some(Action::Cut) => {
                        // What is idle for long ends as it should.
                        self.failed = (self.progress.phase() != Phase::Idle).then_some(Outcome::TimedOut);
                        return Poll::Ready(Ended::TimedOut);
                    }
                    Some(Action::Release) => return Poll::Ready(Ended::Idle),
                    Some(Action::Finish) => connection.finish(),
                }
            }
        })
        .await
    }
}

/// Why a connection is no longer polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// The client left, or the last answer was sent. `refused`: hyper answered what it could not read as HTTP.
    Done { refused: bool },
    /// It has been idle for a while, and may go on.
    Idle,
    /// It took too long.
    TimedOut,
}

/// A connection of either protocol.
trait HttpConnection: Future<Output = hyper::Result<()>> + Unpin {
    /// Lets it end: see [`Action::Finish`].
    fn finish(&mut self);
}

impl<T, S> HttpConnection for http1::Connection<TokioIo<Io<T>>, Exchanges<S>>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Respond,
{
    /// [`Exchanges`] lets the next answer say that it is the last one. hyper would close an idle connection at once, perhaps on a request that is on its
    /// way, and one whose answer has begun without a word.
    fn finish(&mut self) {}
}

impl<T, S> HttpConnection for http2::Connection<TokioIo<Io<T>>, Exchanges<S>, TokioExecutor>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Respond,
{
    fn finish(&mut self) {
        Pin::new(self).graceful_shutdown();
    }
}

/// Closes our side, and reads on for a moment.
async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let reading = async {
        // The client may be gone.
        let _ = stream.shutdown().await;
        let (mut bytes, mut left) = ([0; 1024], LINGER_LIMIT);
        while let Ok(read @ 1..) = stream.read(&mut bytes).await {
            match left.checked_sub(read) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    let _ = timeout(LINGER_TIMEOUT, reading).await;
}
