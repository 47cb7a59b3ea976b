//! One connection, from the first byte to the last.

use super::deadline::{Deadlines, Verdict};
use super::exchange::{Exchanges, Respond};
use super::io::Io;
use super::progress::Progress;
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

/// How long, and how much, is still read from a client whose request was not read to its end. Without it the kernel would throw the answer
/// away, since bytes that nobody reads reset the connection (RFC 9112, section 9.6).
const LINGER: (Duration, usize) = (Duration::from_secs(1), 256 * 1024);

/// The first byte of every TLS connection: a record of the handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

/// What a client gets that speaks plain HTTP where TLS is spoken.
const SPEAKS_TLS: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 52\r\n\
connection: close\r\n\r\nThis port speaks TLS. Use https:// in the address.\r\n";

/// Runs a connection until it ends. Its slot is free then.
pub(super) async fn run<S: Respond>(shared: Arc<Shared>, stream: TcpStream, service: S, slot: Slot) {
    let progress = Arc::new(Progress::default());
    let deadlines = Deadlines::new(&shared);
    let mut connection = Connection { shared, service: Arc::new(service), deadlines, progress };
    match connection.shared.tls.clone() {
        None => connection.plain(stream).await,
        // On the heap, so that a connection without TLS doesn't carry the room for it.
        Some(tls) => Box::pin(connection.secured(&tls, stream)).await,
    }
    drop(slot);
}

/// A connection, whatever it speaks.
struct Connection<S> {
    shared: Arc<Shared>,
    service: Arc<S>,
    deadlines: Deadlines,
    progress: Arc<Progress>,
}

impl<S: Respond> Connection<S> {
    /// What the two sides agree on in the handshake, over TLS.
    async fn secured(&mut self, tls: &Tls, mut stream: TcpStream) {
        let (progress, deadlines) = (&self.progress, &mut self.deadlines);
        let handshake = async {
            let mut first = [0];
            match stream.peek(&mut first).await {
                Ok(1) if first == [HANDSHAKE] => {
                    // It is no idle connection any more, which would have to make room at once.
                    progress.read(0);
                    tls.accept(stream).await.ok()
                }
                Ok(1) => {
                    // Somebody typed http:// and the port; there is no request to read before this is known.
                    let _ = stream.write_all(SPEAKS_TLS).await;
                    linger(stream).await;
                    None
                }
                _ => None,
            }
        };
        let stream = tokio::select! {
            stream = tokio::time::timeout(self.shared.limits.handshake, handshake) => stream,
            () = poll_fn(|context| deadlines.poll_idle(context, progress)) => return,
        };
        // A client that is slow, or doesn't want our certificate: there is nothing to say.
        let Ok(Some(stream)) = stream else { return };
        self.progress.handshake_ended();
        let http2 = Tls::speaks_http2(&stream);
        let stream = Io::new(stream, Arc::clone(&self.progress));
        if http2 {
            self.progress.multiplexes();
            self.http2(stream).await;
        } else {
            let mut stream = Some(stream);
            while let Some(quiet) = stream.take() {
                stream = self.http1(quiet).await;
            }
        }
    }

    /// HTTP/1.1 without TLS. While nothing comes, nothing is held but the socket: no parser and no buffer.
    async fn plain(&mut self, stream: TcpStream) {
        let mut stream = Io::new(stream, Arc::clone(&self.progress));
        loop {
            let has_come = poll_fn(|context| match stream.socket().poll_read_ready(context) {
                Poll::Ready(ready) => Poll::Ready(ready.is_ok()),
                Poll::Pending => self.deadlines.poll_idle(context, &self.progress).map(|()| false),
            });
            if !has_come.await {
                return;
            }
            match self.http1(stream).await {
                Some(quiet) => stream = quiet,
                None => return,
            }
        }
    }

    /// Speaks HTTP/1.1 until the connection ends, or has been quiet for a while: then it is given back.
    async fn http1<T>(&mut self, mut stream: Io<T>) -> Option<Io<T>>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        loop {
            let builder = if self.shared.is_stopping() { &self.shared.http1_once } else { &self.shared.http1 };
            let exchanges = Exchanges::new(&self.service, &self.progress, true);
            let mut connection = Box::new(builder.serve_connection(TokioIo::new(stream), exchanges));
            let ended = self.until_it_ends(connection.as_mut()).await;
            let parts = connection.into_parts();
            stream = parts.io.into_inner();
            match ended {
                Ended::Quiet => {}
                Ended::Done { refused } => {
                    if refused || self.progress.left_unread() || !parts.read_buf.is_empty() {
                        Box::pin(linger(stream)).await;
                    }
                    return None;
                }
                Ended::Cut => return None,
            }
            if parts.read_buf.is_empty() {
                return Some(stream);
            }
            // The beginning of a request came with the one before, and the rest takes its time.
            stream = stream.again(&parts.read_buf);
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
        while self.until_it_ends(connection.as_mut()).await == Ended::Quiet {}
    }

    /// Polls a connection until it has ended, has been quiet for a while, or took too long.
    ///
    /// How it ended is the client's doing: there is nothing to say about it, and nothing to log.
    async fn until_it_ends(&mut self, connection: &mut impl Spoken) -> Ended {
        poll_fn(|context| {
            loop {
                if let Poll::Ready(ended) = Pin::new(&mut *connection).poll(context) {
                    return Poll::Ready(Ended::Done { refused: ended.is_err_and(|error| error.is_parse()) });
                }
                match self.deadlines.poll(context, &self.progress) {
                    None => return Poll::Pending,
                    Some(Verdict::Cut) => return Poll::Ready(Ended::Cut),
                    Some(Verdict::Quiet) => return Poll::Ready(Ended::Quiet),
                    Some(Verdict::Finish) => connection.finish(),
                }
            }
        })
        .await
    }
}

/// Why a connection is no longer polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// It is over: the client left, or the last answer was sent. `refused`: hyper answered what it could not read as HTTP.
    Done { refused: bool },
    /// It has been quiet for a while, and may go on.
    Quiet,
    /// It took too long.
    Cut,
}

/// A connection of either protocol.
trait Spoken: Future<Output = hyper::Result<()>> + Unpin {
    /// Lets it finish what it is doing and take nothing new.
    fn finish(&mut self);
}

impl<T, S> Spoken for http1::Connection<TokioIo<Io<T>>, Exchanges<S>>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Respond,
{
    fn finish(&mut self) {
        Pin::new(self).graceful_shutdown();
    }
}

impl<T, S> Spoken for http2::Connection<TokioIo<Io<T>>, Exchanges<S>, TokioExecutor>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Respond,
{
    fn finish(&mut self) {
        Pin::new(self).graceful_shutdown();
    }
}

/// Ends our side, reads on for a moment and throws it away.
async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let reading = async {
        // The client may be gone.
        let _ = stream.shutdown().await;
        let mut bytes = [0; 1024];
        let mut left = LINGER.1;
        while let Ok(read @ 1..) = stream.read(&mut bytes).await {
            match left.checked_sub(read) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    let _ = tokio::time::timeout(LINGER.0, reading).await;
}
