//! The socket, as hyper sees it: it reports what passes to [`Progress`], and changes nothing.

use super::progress::Progress;
use bytes::Bytes;
use memchr::memchr;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A socket.
pub(super) struct Io<T> {
    socket: T,
    progress: Arc<Progress>,
    lengths: LengthLines,
    /// Bytes to read again, before the socket's next ones.
    unread: Bytes,
}

impl<T> Io<T> {
    pub(super) fn new(socket: T, progress: Arc<Progress>) -> Self {
        Self { socket, progress, lengths: LengthLines::default(), unread: Bytes::new() }
    }

    /// Puts bytes back, to be read again.
    pub(super) fn unread(self, bytes: &[u8]) -> Self {
        Self { unread: [bytes, &self.unread].concat().into(), ..self }
    }

    pub(super) fn socket(&self) -> &T {
        &self.socket
    }

    fn report<R>(&self, written: Poll<R>) -> Poll<R> {
        if written.is_pending() {
            self.progress.blocked();
        }
        written
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Io<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let io = &mut *self;
        if !io.unread.is_empty() {
            let length = io.unread.len().min(buffer.remaining());
            buffer.put_slice(&io.unread.split_to(length));
            return Poll::Ready(Ok(()));
        }
        let filled = buffer.filled().len();
        ready!(Pin::new(&mut io.socket).poll_read(context, buffer))?;
        if let Some(new @ [_, ..]) = buffer.filled().get(filled..) {
            io.progress.read(io.lengths.count(new));
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Io<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.report(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(context, parts);
        self.report(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // TLS accepts bytes before the socket does: what is not flushed is not sent.
        let flushed = Pin::new(&mut self.socket).poll_flush(context);
        ready!(self.report(flushed))?;
        self.progress.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.socket).poll_shutdown(context);
        self.report(shut)
    }
}

/// Counts lines that start with `Content-Length`, in whatever pieces they come: see [`super::exchange::LengthAndChunks`].
#[derive(Debug, Default)]
struct LengthLines {
    /// How many letters of the name the line starts with; `None` within a line that starts otherwise.
    letters: Option<usize>,
}

impl LengthLines {
    fn count(&mut self, mut bytes: &[u8]) -> u32 {
        const NAME: &[u8] = b"content-length";
        let mut count = 0;
        loop {
            if let Some(letters) = self.letters {
                let wanted = NAME.get(letters..).unwrap_or_default();
                let same =
                    bytes.iter().zip(wanted).take_while(|(byte, letter)| byte.eq_ignore_ascii_case(letter)).count();
                if same == wanted.len() {
                    count += 1;
                    self.letters = None;
                } else if same == bytes.len() {
                    self.letters = Some(letters + same);
                    return count;
                } else {
                    self.letters = None;
                }
                bytes = bytes.get(same..).unwrap_or_default();
            }
            let Some(end) = memchr(b'\n', bytes) else { return count };
            self.letters = Some(0);
            bytes = bytes.get(end + 1..).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LengthLines;
    use proptest::prelude::*;

    #[test]
    fn lines_with_a_length_are_counted() {
        for (head, wanted) in [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0),
            ("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", 1),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\ncONTENT-lENGTH: 5\r\n\r\n", 1),
            ("POST / HTTP/1.1\ncontent-length:5\nContent-Length: 5\n\n", 2),
            ("POST / HTTP/1.1\r\nX-Content-Length: 5\r\nContent-Type: a\r\n\r\n", 0),
        ] {
            assert_eq!(LengthLines::default().count(head.as_bytes()), wanted, "{head:?}");
        }
    }

    proptest! {
        #[test]
        fn pieces_count_like_the_complete_text(text in "(\r\n|\n|content-length|Content-|length|c|: 5|x){0,30}", at in 1..20_usize) {
            let whole = LengthLines::default().count(text.as_bytes());
            let mut pieces = LengthLines::default();
            let sum: u32 = text.as_bytes().chunks(at).map(|piece| pieces.count(piece)).sum();
            prop_assert_eq!(whole, sum);
        }
    }
}
