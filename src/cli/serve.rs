//! `clinic-site serve`: load, build, answer.

use super::{Failure, Outcome, clock, counted, print, read, say};
use crate::config::ServeOptions;
use crate::content::Content;
use crate::diagnostic::{Report, Severity};
use crate::http::{self, App, Limits};
use crate::site::{Effort, Settings, Site};
use jiff::{ToSpan, Zoned};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

pub(super) fn run(options: &ServeOptions) -> Result<Outcome, Failure> {
    let settings = Settings { public_url: options.public_url.clone(), today: clock::today(), effort: Effort::Fast };
    let (content, report) = read(&options.content, settings.today, settings.published())?;
    let Some(content) = content else {
        say(report.text());
        let what = if settings.published() { "nothing was published" } else { "nothing is served" };
        say(format!("{}; {what}", counted(report.count(Severity::Error), "error")));
        return Ok(Outcome::ContentErrors);
    };
    let site = Site::build(&content, &settings).map_err(Failure::new)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::new)?;
    let outcome = runtime.block_on(serve(options, settings, Arc::new(content), site, &report));
    // The next site may still be in the making: a stop doesn't wait for it, as dropping the runtime would.
    runtime.shutdown_background();
    outcome
}

async fn serve(
    options: &ServeOptions,
    settings: Settings,
    content: Arc<Content>,
    site: Site,
    report: &Report,
) -> Result<Outcome, Failure> {
    let listener = TcpListener::bind(options.listen).await.map_err(|error| {
        let failure = Failure::new(format!("can't listen on {}: {error}", options.listen));
        match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                failure.help("another program has this port; choose one with --listen 127.0.0.1:8081")
            }
            std::io::ErrorKind::PermissionDenied => {
                failure.help("ports below 1024 need a privilege; choose a higher one")
            }
            _ => failure,
        }
    })?;
    let address = listener.local_addr().map_err(Failure::new)?;
    let app = App::new(site);
    greet(&settings, &content, report);
    print(&format!("http://{address}/\n"))?;
    tokio::spawn(keep_current(app.clone(), content, settings));
    if http::serve(listener, http::router(app), Limits::default(), stop_signal()).await {
        tracing::info!("stopped; every request was answered");
    } else {
        tracing::warn!("stopped; some requests took too long and were cut");
    }
    Ok(Outcome::Good)
}

fn greet(settings: &Settings, content: &Content, report: &Report) {
    let pages: usize = content.languages.iter().map(|language| language.pages.len()).sum();
    let kind = match &settings.public_url {
        Some(url) => format!("published as {url}"),
        None => "a preview, for this computer only".to_owned(),
    };
    let warnings = match report.count(Severity::Warning) {
        0 => String::new(),
        count => format!(", {} (clinic-site check tells them)", counted(count, "warning")),
    };
    say(format!("clinic-site {}: {}, {kind}{warnings}", env!("CARGO_PKG_VERSION"), counted(pages, "page")));
}

/// Keeps the site what it should be as time passes: first the smallest bytes in the place of the quick ones, then, after each midnight in
/// Sacramento, a site without what expired that day.
async fn keep_current(app: App, content: Arc<Content>, mut settings: Settings) {
    settings.effort = Effort::Best;
    loop {
        settings.today = clock::today();
        let (content, wanted) = (Arc::clone(&content), settings.clone());
        match tokio::task::spawn_blocking(move || Site::build(&content, &wanted)).await {
            Ok(Ok(site)) => app.swap(site),
            Ok(Err(error)) => {
                tracing::error!(%error, "the site could not be built anew; the one before is still served");
            }
            Err(error) => tracing::error!(%error, "building the site anew broke off; the one before is still served"),
        }
        tokio::time::sleep(until_tomorrow(&clock::now())).await;
    }
}

/// The time until a little after the next midnight, daylight saving counted in; an hour if the calendar has no tomorrow.
fn until_tomorrow(now: &Zoned) -> Duration {
    let midnight = now.checked_add(1.day()).and_then(|tomorrow| tomorrow.start_of_day());
    midnight.map_or(Duration::from_hours(1), |midnight| {
        now.duration_until(&midnight).unsigned_abs() + Duration::from_millis(100)
    })
}

/// SIGTERM, as service managers send it, or Ctrl-C.
async fn stop_signal() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM can't be listened to; Ctrl-C can");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("stopping: no new connections, requests under way are answered");
}

#[cfg(test)]
mod tests {
    use super::until_tomorrow;
    use jiff::Zoned;

    #[test]
    fn nights_of_daylight_saving_have_23_and_25_hours() {
        for (now, hours) in [
            ("2026-03-08T00:00:00[America/Los_Angeles]", 23),
            ("2026-11-01T00:00:00[America/Los_Angeles]", 25),
            ("2026-11-23T00:00:00[America/Los_Angeles]", 24),
        ] {
            let now: Zoned = now.parse().unwrap();
            assert_eq!(until_tomorrow(&now).as_secs(), hours * 3600, "{now}");
        }
    }
}
