//! The reading of the folder, on a thread that does nothing else: the server of a network file system may be gone, and a call of it never return.

use crate::content::Files;
use crate::http::App;
use std::io;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// After how long it is reported that the folder doesn't answer.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// The name of that trouble.
const READING: &str = "reading";

/// The folder is being read, on a thread of its own.
pub(super) struct Reading {
    task: JoinHandle<io::Result<Files>>,
    forced: bool,
    due: Instant,
    reported: bool,
}

impl Reading {
    pub(super) fn start(read: impl FnOnce() -> io::Result<Files> + Send + 'static, forced: bool) -> Self {
        let due = Instant::now() + READ_TIMEOUT;
        Self { task: tokio::task::spawn_blocking(read), forced, due, reported: false }
    }

    /// Whether its outcome is to be served in any case.
    pub(super) fn is_forced(&self) -> bool {
        self.forced
    }

    /// When it is to be reported, if it was not.
    pub(super) fn due(&self) -> Option<Instant> {
        (!self.reported).then_some(self.due)
    }

    /// Reports that it takes too long.
    pub(super) fn report(&mut self, app: &App) {
        self.reported = true;
        let seconds = READ_TIMEOUT.as_secs();
        tracing::warn!(
            "the content folder has not answered for {seconds} seconds; changes in it are not served until it does"
        );
        let trouble = format!("the content folder does not answer: it could not be read within {seconds} seconds");
        app.set_trouble(READING, Some(trouble));
    }

    /// It is over. Returns whether its outcome is to be served in any case.
    pub(super) fn end(self, app: &App) -> bool {
        if self.reported {
            app.set_trouble(READING, None);
            tracing::info!("the content folder answers again");
        }
        self.forced
    }
}

/// What was read, once it is.
pub(super) async fn finished(reading: Option<&mut Reading>) -> io::Result<Files> {
    let Some(reading) = reading else { return std::future::pending().await };
    match (&mut reading.task).await {
        Ok(read) => read,
        Err(error) => match error.try_into_panic() {
            // It ends this task, too; its supervisor reports it.
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(io::Error::other(error)),
        },
    }
}

/// Returns when it is due.
pub(super) async fn overdue(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Maker, follow};
    use crate::cli::clock;
    use crate::config::ContentOptions;
    use crate::content::{Files, calendar};
    use crate::http::{App, Options, Process, Serving, admin_router};
    use crate::site::{CompressionLevel, Settings};
    use axum::body::Body;
    use http_body_util::BodyExt;
    use hyper::Request;
    use jiff::ToSpan;
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, SystemTime};
    use std::{fs, io, thread};
    use tower::ServiceExt;

    static HANGS: AtomicBool = AtomicBool::new(true);

    /// A disk that doesn't answer.
    fn hang(_: &Path, _: &Files, _: SystemTime) -> io::Result<Files> {
        while HANGS.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(10));
        }
        Err(io::Error::other("it was away"))
    }

    async fn ready(app: &App) -> String {
        let request = Request::get("/readyz").body(Body::empty()).unwrap();
        let answer = admin_router(app.clone(), Process::for_tests()).oneshot(request).await.unwrap();
        String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    fn says(app: &App, words: &str) -> bool {
        let site = app.site();
        String::from_utf8_lossy(&site.answer("/").unwrap().identity().bytes).contains(words)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_folder_that_hangs_is_reported_and_keeps_no_notice_that_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::embedded();
        for path in files.paths() {
            let to = folder.path().join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, files.get(path).unwrap()).unwrap();
        }
        let ends = calendar::on_the_clinics_clock(clock::now().timestamp() + 3.seconds()).datetime();
        let ends = ends.round(jiff::Unit::Second).unwrap();
        let notice = format!("[[notices]]\nabout = \"phone\"\ntext = \"No phone today.\"\nends = {ends}\n");
        fs::write(folder.path().join("en/notices.toml"), notice).unwrap();
        let options = ContentOptions { content: Some(folder.path().to_path_buf()) };
        let level = CompressionLevel::Plain;
        let settings = Settings {
            public_url: None,
            now: clock::now(),
            as_of: false,
            live: true,
            requests: false,
            compression: level,
        };
        let mut maker = Maker::new(&options, settings);
        let (content, report) = maker.read(|| None).unwrap();
        maker.serve_content(Arc::new(content.unwrap_or_else(|| panic!("{}", report.text()))), Serving::Newest);
        maker.read_again = hang;
        let app = App::new(maker.site(None).unwrap(), Options { hsts_subdomains: false, remote_preview: true });
        assert!(says(&app, "No phone today."));
        let follower = tokio::spawn(follow(Arc::new(Mutex::new(maker)), app.clone(), None));
        // A change that can't be read to its end.
        fs::write(folder.path().join("en/notices.toml"), "").unwrap();
        let mut gone = false;
        for _ in 0..200 {
            gone = !says(&app, "No phone today.");
            if gone && ready(&app).await.contains("the content folder does not answer") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(gone, "the notice stays as long as the disk hangs");
        assert!(ready(&app).await.contains("degraded: the content folder does not answer"), "{}", ready(&app).await);
        HANGS.store(false, Ordering::Relaxed);
        for _ in 0..200 {
            if !ready(&app).await.contains("does not answer") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(!ready(&app).await.contains("does not answer"), "it answers again");
        follower.abort();
    }
}
