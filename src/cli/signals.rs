//! Signals of the operating system: SIGTERM and Ctrl-C stop the program, SIGHUP makes it read its files again.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens to a signal from now on. Without this, the signal would end the process at once.
pub(super) fn listen_to(kind: SignalKind) -> Option<Signal> {
    signal(kind).inspect_err(|error| tracing::warn!(%error, "a signal can't be listened to")).ok()
}

/// Returns when the signal comes next; never, if it can't be listened to.
pub(super) async fn received(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Waits for SIGTERM, as service managers send it, or for Ctrl-C.
pub(super) async fn stopped(mut terminated: Option<Signal>) {
    tokio::select! {
        () = received(terminated.as_mut()) => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("stopping: requests in flight are answered, and new connections get one answer until then");
}
