//! What the service manager is notified of (`sd_notify(3)`): that the site is served, read again or stopped, its state in words, and that the server lives.

use crate::config::manager;
use crate::http::App;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// How often the state is looked at, and reported if it has changed.
const STATUS_INTERVAL: Duration = Duration::from_secs(10);

/// The site is served: at the start, or again after a reload, whether that has brought a new site or was refused.
pub(super) async fn ready(app: &App) {
    notify(format!("READY=1\n{}", status(app))).await;
}

/// The files are read again, because somebody asked for it.
pub(super) async fn reloading() {
    match manager::reload_time() {
        Ok(time) => notify(format!("RELOADING=1\n{time}\nSTATUS=reading the content again")).await,
        Err(error) => tracing::warn!(%error, "the time of a reload can't be read"),
    }
}

/// The server stops.
pub(super) async fn stopping() {
    notify("STOPPING=1\nSTATUS=stopping: requests in flight are answered".to_owned()).await;
}

/// Reports changes of the state, and feeds the watchdog. It never ends. Polled by the task that accepts connections, so nothing is sent once that is stuck;
/// nor is the watchdog fed while the threads that answer are stuck, or a supervised task has ended.
pub(super) async fn keep_notifying(app: &App) {
    if !manager::is_notified() {
        return std::future::pending().await;
    }
    let watchdog = manager::watchdog();
    let interval = watchdog.map_or(STATUS_INTERVAL, |limit| (limit / 4).min(STATUS_INTERVAL));
    let mut sent = status(app);
    loop {
        sleep(interval).await;
        let turns = tokio::spawn(async {}).await.is_ok();
        let lines = changes(app, turns && watchdog.is_some(), &mut sent);
        if !lines.is_empty() {
            notify(lines).await;
        }
    }
}

/// The lines to send: the state, if it is another than was sent last. `feeds`: the watchdog too, if every task lives.
fn changes(app: &App, feeds: bool, sent: &mut String) -> String {
    let is_fed = feeds && app.tasks().states().values().all(|state| state.is_running);
    let state = status(app);
    let parts = [is_fed.then_some("WATCHDOG=1"), (state != *sent).then_some(&*state)];
    let lines = parts.into_iter().flatten().collect::<Vec<_>>().join("\n");
    *sent = state;
    lines
}

/// The state in one line, as `systemctl status` shows it: the revision, and what is degraded.
fn status(app: &App) -> String {
    let revision = format!("STATUS=serving revision {}", app.site().revision());
    let parts = std::iter::once(revision).chain(app.degraded().into_iter().map(|line| format!("degraded: {line}")));
    parts.collect::<Vec<_>>().join("; ").replace('\n', " ")
}

/// On another thread: the service manager may be busy, and nobody who asks for a page waits for it.
async fn notify(lines: String) {
    if !manager::is_notified() {
        return;
    }
    if let Ok(Err(error)) = spawn_blocking(move || manager::notify(&lines)).await {
        tracing::warn!(%error, "the service manager can't be notified of the state");
    }
}

#[cfg(test)]
mod tests {
    use super::{changes, status};
    use crate::cli::clock;
    use crate::content::Files;
    use crate::http::{App, Options};
    use crate::site::{CompressionLevel, Settings, Site};

    #[test]
    fn the_watchdog_is_fed_while_every_task_lives_and_changes_of_the_state_are_sent_once() {
        let (now, files) = (clock::now(), Files::embedded());
        let (content, _) = crate::cli::review(&mut crate::content::Loader::default(), &files, &now, false);
        let compression = CompressionLevel::Fast;
        let settings = Settings { public_url: None, now, as_of: false, live: false, requests: true, compression };
        let site = Site::build(&content.unwrap(), &settings, None).unwrap();
        let app = App::new(site, Options { hsts_subdomains: false, remote_preview: false });
        app.tasks().started("writer");
        app.tasks().started("mail");
        let mut sent = status(&app);
        assert_eq!(changes(&app, true, &mut sent), "WATCHDOG=1");
        assert_eq!(changes(&app, false, &mut sent), "", "nobody watches, or the threads turn no more");
        app.tasks().ended("mail");
        let lines = changes(&app, true, &mut sent);
        assert!(lines.starts_with("STATUS=serving revision "), "{lines}");
        assert!(lines.ends_with("; degraded: the task `mail` has ended"), "{lines}");
        assert_eq!(changes(&app, true, &mut sent), "");
        app.tasks().started("mail");
        assert!(changes(&app, true, &mut sent).starts_with("WATCHDOG=1\nSTATUS="));
        app.set_trouble("site", Some("two\nlines".to_owned()));
        assert_eq!(changes(&app, true, &mut sent).lines().count(), 2, "a state is one line");
    }
}
