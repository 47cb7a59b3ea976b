//! What the service manager is told (`sd_notify(3)`): that the site is served, read again or stopped, its state in words, and that the server lives.

use crate::config::manager;
use crate::http::App;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// How often the state is looked at, and told if it has changed.
const STATUS_INTERVAL: Duration = Duration::from_secs(10);

/// The site is served: at the start, or again after a reload, whether that has brought a new site or was refused.
pub(super) async fn ready(app: &App) {
    tell(format!("READY=1\n{}", status(app))).await;
}

/// The files are read again, because somebody asked for it.
pub(super) async fn reloading() {
    match manager::reload_time() {
        Ok(time) => tell(format!("RELOADING=1\n{time}\nSTATUS=reading the content again")).await,
        Err(error) => tracing::warn!(%error, "the time of a reload can't be told"),
    }
}

/// The server stops.
pub(super) async fn stopping() {
    tell("STOPPING=1\nSTATUS=stopping: requests in flight are answered".to_owned()).await;
}

/// Tells changes of the state, and feeds the watchdog. It never ends. Polled by the task that accepts connections, so nothing is told once that is stuck;
/// nor is the watchdog fed while the threads that answer turn no more, or a supervised task has ended.
pub(super) async fn keep_telling(app: &App) {
    if !manager::is_told() {
        return std::future::pending().await;
    }
    let watchdog = manager::watchdog();
    let interval = watchdog.map_or(STATUS_INTERVAL, |limit| (limit / 4).min(STATUS_INTERVAL));
    let mut told = status(app);
    loop {
        sleep(interval).await;
        let turns = tokio::spawn(async {}).await.is_ok();
        let lives = turns && app.tasks().states().values().all(|state| state.is_running);
        let fed = if watchdog.is_some() && lives { "WATCHDOG=1\n" } else { "" };
        let now = status(app);
        let changed = if now == told { "" } else { now.as_str() };
        if !fed.is_empty() || !changed.is_empty() {
            tell(format!("{fed}{changed}")).await;
        }
        told = now;
    }
}

/// The state in one line, as `systemctl status` shows it: the revision, and what is degraded.
fn status(app: &App) -> String {
    let degraded: String = app.degraded().iter().map(|line| format!("; degraded: {line}")).collect();
    format!("STATUS=serving revision {}{degraded}", app.site().revision()).replace('\n', " ")
}

/// On another thread: the service manager may be busy, and nobody who asks for a page waits for it.
async fn tell(lines: String) {
    if !manager::is_told() {
        return;
    }
    if let Ok(Err(error)) = spawn_blocking(move || manager::tell(&lines)).await {
        tracing::warn!(%error, "the service manager can't be told how the server is");
    }
}
