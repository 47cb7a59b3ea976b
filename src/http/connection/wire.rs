//! The socket, as hyper sees it: what passes is told to [`Progress`], and hyper's own refusals become pages of the site.
//!
//! hyper answers what it can't read as HTTP with a status and nothing else, and offers no way to say more. Nothing of the site has been asked
//! then, so the refusal is known by that, and sent as the page for it, with the headers of every other answer.

use super::progress::Progress;
use crate::http::service::Handler;
use bytes::{Buf, Bytes};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A socket.
pub(super) struct Wire<T> {
    socket: T,
    progress: Arc<Progress>,
    handler: Handler,
    /// What was read before, and has to be read again.
    before: Bytes,
    /// A refusal that is sent in the place of hyper's, and how long hyper's was.
    refusal: Option<(Bytes, usize)>,
}

impl<T> Wire<T> {
    pub(super) fn new(socket: T, progress: Arc<Progress>, handler: Handler) -> Self {
        Self { socket, progress, handler, before: Bytes::new(), refusal: None }
    }

    /// Reads these bytes again before the socket's next ones.
    pub(super) fn again(self, before: Bytes) -> Self {
        Self { before, ..self }
    }

    pub(super) fn socket(&self) -> &T {
        &self.socket
    }

    /// The page in the place of a refusal by hyper, if this is one.
    fn refusal_of(&mut self, bytes: &[u8]) -> Option<&mut (Bytes, usize)> {
        if self.refusal.is_none() && !self.progress.owes() && bytes.starts_with(b"HTTP/1.1 4") {
            self.progress.refuse();
            self.refusal = self.handler.refusal(bytes).map(|page| (page, bytes.len()));
        }
        self.refusal.as_mut()
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Wire<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let wire = &mut *self;
        if !wire.before.is_empty() {
            let most = wire.before.len().min(buffer.remaining());
            buffer.put_slice(&wire.before.split_to(most));
            return Poll::Ready(Ok(()));
        }
        let filled = buffer.filled().len();
        ready!(Pin::new(&mut wire.socket).poll_read(context, buffer))?;
        if buffer.filled().len() > filled {
            wire.progress.read();
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> Wire<T> {
    /// Sends the page in the place of a refusal; hyper is told that its own was sent.
    fn poll_refusal(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        while let Some((page, length)) = &mut self.refusal {
            if page.is_empty() {
                let length = *length;
                self.refusal = None;
                return Poll::Ready(Ok(length));
            }
            let sent = ready!(Pin::new(&mut self.socket).poll_write(context, page))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            page.advance(sent);
        }
        Poll::Ready(Ok(0))
    }

    fn told(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_pending() {
            self.progress.blocked();
        }
        written
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Wire<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wire = &mut *self;
        let written = if wire.refusal_of(bytes).is_some() {
            wire.poll_refusal(context)
        } else {
            Pin::new(&mut wire.socket).poll_write(context, bytes)
        };
        wire.told(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wire = &mut *self;
        let written = if parts.first().is_some_and(|first| wire.refusal_of(first).is_some()) {
            wire.poll_refusal(context)
        } else {
            Pin::new(&mut wire.socket).poll_write_vectored(context, parts)
        };
        wire.told(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.socket).poll_flush(context))?;
        self.progress.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
