//! Shared by all connections of a listener.

use super::limits::Limits;
use super::tls::Tls;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::TokioExecutor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Notify, Semaphore};

/// Settings and state of a listener.
pub(super) struct Shared {
    pub(super) limits: Limits,
    pub(super) tls: Option<Tls>,
    pub(super) http1: http1::Builder,
    pub(super) http2: http2::Builder<TokioExecutor>,
    pub(super) slots: Arc<Semaphore>,
    stopping: AtomicBool,
    pub(super) stop: Arc<Notify>,
}

impl Shared {
    pub(super) fn new(tls: Option<Tls>, limits: Limits) -> Self {
        let mut http1 = http1::Builder::new();
        // A client may close its side after a request, and still gets the answer (RFC 9112, section 9.6).
        // At most 100 headers, hyper's default: with any other number it allocates for each request.
        http1.header_read_timeout(None).max_buf_size(limits.head_bytes).half_close(true);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
            // A client that resets streams as fast as it opens them (CVE-2023-44487) loses the connection.
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(256)
            .max_send_buf_size(64 * 1024);
        Self {
            tls,
            http1,
            http2,
            slots: Arc::new(Semaphore::new(limits.connections)),
            limits,
            stopping: AtomicBool::new(false),
            stop: Arc::new(Notify::new()),
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Notifies every connection that the server stops.
    pub(super) fn begin_stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.stop.notify_waiters();
    }

    /// Whether so few slots are left that idle connections must make room.
    pub(super) fn is_scarce(&self) -> bool {
        self.slots.available_permits() <= self.limits.connections / 16
    }

    /// Whether half of the slots are taken.
    pub(super) fn is_busy(&self) -> bool {
        self.slots.available_permits() <= self.limits.connections / 2
    }
}
