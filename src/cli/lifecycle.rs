//! Supervised tasks: one that ends or panics is logged with its cause, shown by `/readyz/requests` and the metrics, and started again.

use crate::http::Tasks;
use std::future::Future;
use std::time::Duration;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep};

/// The first and the longest pause before a task is started again; it doubles each time.
const RESTART_PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// After running this long, a task starts with the first pause again.
const STABLE_AFTER: Duration = Duration::from_mins(5);

/// Runs a task that should never end. `make` starts it, for the first time and whenever it has ended; its data outlives it. The first time is before
/// this returns: what the task listens to, it listens to from then on, and a SIGHUP that comes with the first READY isn't missed. The returned handle
/// ends it for good. Must be called within a tokio runtime.
pub(super) fn supervise<F>(
    tasks: &Tasks,
    name: &'static str,
    mut make: impl FnMut() -> F + Send + 'static,
) -> AbortHandle
where
    F: Future<Output = ()> + Send + 'static,
{
    let tasks = tasks.clone();
    tasks.started(name);
    let mut task = make();
    let supervisor = tokio::spawn(async move {
        let mut pause = RESTART_PAUSE.0;
        loop {
            let started = Instant::now();
            // A set aborts its task on drop.
            let mut running = JoinSet::new();
            running.spawn(task);
            let cause = match running.join_next().await {
                Some(Ok(())) => "it returned",
                // The place of the panic is logged already; its message may quote a visitor.
                Some(Err(error)) if error.is_panic() => "it panicked",
                // Cancelled: the runtime shuts down.
                Some(Err(_)) | None => return,
            };
            tasks.ended(name);
            if started.elapsed() >= STABLE_AFTER {
                pause = RESTART_PAUSE.0;
            }
            tracing::error!(task = name, cause, again_in_seconds = pause.as_secs(), "a task of the server has ended");
            sleep(pause).await;
            pause = (pause * 2).min(RESTART_PAUSE.1);
            tasks.started(name);
            tracing::info!(task = name, "the task runs again");
            task = make();
        }
    });
    supervisor.abort_handle()
}

#[cfg(test)]
mod tests {
    use super::supervise;
    use crate::http::{TaskState, Tasks};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    #[tokio::test]
    async fn a_task_listens_from_the_moment_on_in_which_it_is_supervised() {
        let (sender, _) = tokio::sync::broadcast::channel(1);
        let (listening, (done, mut heard)) = (sender.clone(), tokio::sync::mpsc::unbounded_channel());
        supervise(&Tasks::default(), "follower", move || {
            let (mut signals, done) = (listening.subscribe(), done.clone());
            async move {
                let _ = done.send(signals.recv().await);
                std::future::pending::<()>().await;
            }
        });
        // Nothing has been awaited, so no task has begun.
        sender.send("reload").expect("somebody listens");
        assert_eq!(heard.recv().await, Some(Ok("reload")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_or_returns_stops_for_a_moment_and_runs_again() {
        let (tasks, runs) = (Tasks::default(), Arc::new(AtomicU32::new(0)));
        let counted = Arc::clone(&runs);
        supervise(&tasks, "writer", move || {
            let run = counted.fetch_add(1, Ordering::Relaxed);
            async move {
                match run {
                    0 => panic!("what a visitor typed"),
                    1 => {}
                    _ => std::future::pending().await,
                }
            }
        });
        let state = || tasks.states()["writer"];
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(state(), TaskState { is_running: false, restarts: 0 });
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(state(), TaskState { is_running: false, restarts: 1 }, "it returned");
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(state(), TaskState { is_running: true, restarts: 2 });
        assert_eq!(runs.load(Ordering::Relaxed), 3);
    }
}
