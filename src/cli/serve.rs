//! `clinic-site serve`: load, build, answer.

use super::follow::{First, Maker, follow, summary};
use super::{Failure, Outcome, certificate, clock, counted, intake, print, resources, say};
use crate::config::{ContentOptions, ServeOptions};
use crate::diagnostic::{Report, Severity};
use crate::http::{self, App, Limits};
use crate::site::{Effort, Settings};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

pub(super) fn run(options: &ServeOptions) -> Result<Outcome, Failure> {
    resources::hide_memory();
    let live = options.public_url.is_none() && options.content.content.is_some();
    let intake = intake::settings(&options.intake, options.public_url.is_some())?;
    let settings = Settings {
        public_url: options.public_url.clone(),
        now: clock::now(),
        live,
        requests: intake.is_some(),
        effort: Effort::First,
    };
    let (maker, report) = match Maker::first(&options.content, settings.clone())? {
        First::Good(maker, report) => (maker, report),
        First::Bad(report) if live => {
            say(report.text());
            say("The folder has errors. Until they are mended, the content built into the program is shown.");
            (stand_in(options, settings)?, report)
        }
        First::Bad(report) => {
            say(report.text());
            let what = if settings.published() { "nothing was published" } else { "nothing is served" };
            say(format!("{}; {what}", counted(report.count(Severity::Error), "error")));
            return Ok(Outcome::ContentErrors);
        }
    };
    let runtime = resources::runtime(options.threads).map_err(Failure::new)?;
    let outcome = runtime.block_on(serve(options, maker, &report, intake));
    // The next site may still be in the making: a stop doesn't wait for it, as dropping the runtime would.
    runtime.shutdown_background();
    outcome
}

/// A maker of the content built into the program, which follows the folder that was named.
fn stand_in(options: &ServeOptions, settings: Settings) -> Result<Box<Maker>, Failure> {
    match Maker::first(&ContentOptions { content: None }, settings)? {
        First::Good(mut maker, _) => {
            maker.follow(options.content.content.clone());
            Ok(maker)
        }
        First::Bad(report) => {
            Err(Failure::new(format!("the content built into the program has errors\n{}", report.text())))
        }
    }
}

async fn serve(
    options: &ServeOptions,
    maker: Box<Maker>,
    report: &Report,
    intake: Option<intake::Settings>,
) -> Result<Outcome, Failure> {
    let listener = listen(options.listen).await?;
    let address = listener.local_addr().map_err(Failure::new)?;
    let tls = certificate::read(options)?;
    let app = App::new(maker.site(None)?);
    let app = match intake {
        Some(intake) => app.with_intake(intake.start()?),
        None => app,
    };
    let (app, scheme) = if tls.is_some() { (app.over_tls(), "https") } else { (app, "http") };
    app.tell(report.count(Severity::Error), report.findings_json());
    if let Some(admin) = options.admin_listen {
        let listener = listen(admin).await?;
        say(format!("admin: http://{}/metrics", listener.local_addr().map_err(Failure::new)?));
        let router = http::admin_router(app.clone());
        tokio::spawn(http::serve(listener, router, None, Limits::default(), std::future::pending()));
    }
    // Before anybody can know that the program runs, and send one.
    let (terminated, hangup) = (listen_to(SignalKind::terminate()), listen_to(SignalKind::hangup()));
    greet(&maker, report);
    if let Some(tls) = &tls {
        tokio::spawn(certificate::follow(tls.clone(), listen_to(SignalKind::hangup())));
    }
    print(&format!("{scheme}://{address}/\n"))?;
    tokio::spawn(follow(maker, app.clone(), hangup));
    tokio::spawn(http::log_posts(app.clone(), Duration::from_hours(1)));
    let limits = Limits { trusted_proxies: options.intake.trusted_proxies.clone(), ..resources::limits() };
    if http::serve(listener, app, tls, limits, stopped(terminated)).await {
        tracing::info!("stopped; every request was answered");
    } else {
        tracing::warn!("stopped; some requests took too long and were cut");
    }
    Ok(Outcome::Good)
}

pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let failure = Failure::new(format!("can't listen on {address}: {error}"));
        match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                failure.help("another program has this port; choose one with --listen 127.0.0.1:8081")
            }
            std::io::ErrorKind::PermissionDenied => {
                failure.help("ports below 1024 need a privilege; choose a higher one")
            }
            _ => failure,
        }
    })
}

fn greet(maker: &Maker, report: &Report) {
    let pages: usize = maker.content().languages.iter().map(|language| language.pages.len()).sum();
    let settings = maker.settings();
    let kind = match &settings.public_url {
        Some(url) => format!("published as {url}"),
        None if settings.live => "a preview that follows its folder".to_owned(),
        None => "a preview, for this computer only".to_owned(),
    };
    let found = match report.sorted().len() {
        0 => String::new(),
        _ => format!(", {} (clinic-site check tells them)", summary(report)),
    };
    say(format!("clinic-site {}: {}, {kind}{found}", env!("CARGO_PKG_VERSION"), counted(pages, "page")));
}

/// Waits for SIGTERM, as service managers send it, or for Ctrl-C.
pub(super) async fn stopped(mut terminated: Option<Signal>) {
    tokio::select! {
        () = received(terminated.as_mut()) => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("stopping: no new connections, requests under way are answered");
}

/// The next of a signal; never, where it can't be listened to.
pub(super) async fn received(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Listens to a signal from now on. Without this it would end the process at once.
pub(super) fn listen_to(kind: SignalKind) -> Option<Signal> {
    signal(kind).inspect_err(|error| tracing::warn!(%error, "a signal can't be listened to")).ok()
}
