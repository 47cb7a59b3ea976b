//! `clinic-site serve`: load, build, answer.

use super::certificate::Certificate;
use super::follow::{Maker, follow};
use super::last_good::{self, LastGoodFile};
use super::lifecycle::supervise;
use super::listen::{ADMIN, Inherited, SITE};
use super::signals::{listen_to, stopped};
use super::start::{Start, start};
use super::{Failure, Outcome, clock, counted, intake, manager, option, place, print, redirect, resources, summary};
use crate::config::manager::Sockets;
use crate::config::{ServeOptions, build};
use crate::content::calendar;
use crate::desk;
use crate::diagnostic::Report;
use crate::http::{self, App, Options, Process, SiteService};
use crate::requests::keys::grouped;
use crate::server::{self, ConnectionCounts, Limits, RequestBody, Respond};
use crate::site::{CompressionLevel, Settings, route};
use crate::telemetry;
use crate::telemetry::say;
use axum::Router;
use hyper::Request;
use hyper::service::service_fn;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::signal::unix::SignalKind;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tower::ServiceExt;
use url::Url;

/// How long a stop waits for the site to be saved.
const SAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a stop of a published site waits for the next request of an idle connection. Who tries a preview and ends it doesn't want to wait.
const FAREWELL: Duration = Duration::from_secs(2);

/// How often what became of posts is logged.
const POST_LOG_INTERVAL: Duration = Duration::from_hours(1);

pub(super) fn run(options: &ServeOptions, sockets: Sockets) -> Result<Outcome, Failure> {
    resources::hide_memory();
    let inherited = Inherited::new(sockets)?;
    refuse_remote_preview(options, &inherited)?;
    let live = options.public_url.is_none() && options.content.content.is_some();
    let options = &apart(options);
    let intake = intake::settings(options)?;
    let settings = Settings {
        public_url: options.public_url.clone(),
        now: options.as_of.map_or_else(clock::now, |time| clock::at(time, &calendar::default_zone())),
        as_of: options.as_of.is_some(),
        live,
        requests: intake.is_some(),
        compression: CompressionLevel::Plain,
    };
    let Some(start) = start(options, settings)? else { return Ok(Outcome::ContentErrors) };
    let runtime = resources::runtime(options.threads).map_err(Failure::new)?;
    let outcome = runtime.block_on(serve(options, start, intake, inherited));
    // Dropping the runtime would wait for a site that is still being built.
    runtime.shutdown_background();
    outcome
}

/// A preview shows unpublished pages and their errors: only this computer may reach it, unless the options allow others.
pub(super) fn refuse_remote_preview(options: &ServeOptions, inherited: &Inherited) -> Result<(), Failure> {
    let address = inherited.address(SITE).unwrap_or(options.listen);
    if options.public_url.is_some() || options.allow_remote_preview || address.ip().is_loopback() {
        return Ok(());
    }
    Err(Failure::new(format!("other computers could reach the preview on {address}")).help(
        "listen on 127.0.0.1, publish the site with --public-url https://clinic.example, or let others see the preview with --allow-remote-preview",
    ))
}

async fn serve(
    options: &ServeOptions,
    start: Start,
    intake: Option<intake::Settings>,
    mut inherited: Inherited,
) -> Result<Outcome, Failure> {
    let Start { maker, site, report, serving } = start;
    let listener = inherited.or_listen(SITE, options.listen).await?;
    let address = listener.local_addr().map_err(Failure::new)?;
    let certificate = Certificate::new(options)?;
    let tls = certificate.as_ref().map(|certificate| certificate.tls.clone());
    let answers = Options { hsts_subdomains: options.hsts_subdomains, remote_preview: options.allow_remote_preview };
    let app = App::new(site, answers);
    if let Some(certificate) = &certificate {
        certificate.announce(&app);
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    let (own, keys) = (format!("{scheme}://{address}/"), intake.as_ref().map(intake::Settings::fingerprints));
    let (app, desk) = match intake {
        Some(intake) => {
            let (intake, desk) = intake.start(app.tasks())?;
            if let Some(desk) = desk.clone() {
                tokio::spawn(async move { desk.end_other_sessions().await });
            }
            (app.with_intake(intake), desk)
        }
        None => (app, None),
    };
    app.report_findings(maker.findings(&report));
    app.set_serving(serving);
    let connections = Arc::<ConnectionCounts>::default();
    if let Some(listener) = inherited.or_listen_if(ADMIN, options.admin_listen).await? {
        say(format!("admin: http://{}/metrics", listener.local_addr().map_err(Failure::new)?));
        let process = Process {
            now: clock::now,
            dropped: telemetry::dropped,
            version: env!("CARGO_PKG_VERSION"),
            commit: build::COMMIT,
            connections: Arc::clone(&connections),
            staff: desk.as_ref().map(|desk| desk.counts()),
        };
        let router = http::admin_router(app.clone(), process);
        tokio::spawn(server::serve(
            listener,
            move |_| routed(&router),
            None,
            Limits::default(),
            std::future::pending(),
        ));
    }
    let redirect = redirect::serve(options, &app, &mut inherited).await?;
    // Before the address is printed, as from then on somebody may send one. Once listened to, a signal no longer ends the process.
    let (terminated, _) = (listen_to(SignalKind::terminate()), listen_to(SignalKind::hangup()));
    greet(options, &maker, &report);
    greet_staff(
        &keys.unwrap_or_default(),
        desk.is_some().then(|| options.public_url.as_ref().map_or(own.as_str(), Url::as_str)),
    );
    print(&format!("{own}\n"))?;
    let running = Running::start(options, maker, certificate, &app);
    let farewell = if options.public_url.is_some() { FAREWELL } else { Duration::ZERO };
    let trusted_proxies = options.intake.trusted_proxies.clone();
    let limits = Limits { trusted_proxies, farewell, counts: Some(connections), ..resources::limits() };
    let staff = desk.as_ref().map(desk::router).unwrap_or_default();
    let service = SiteService::with_staff(app.clone(), staff);
    let stop = async {
        tokio::select! {
            () = stopped(terminated) => {}
            () = manager::keep_notifying(&app) => {}
        }
        app.stop();
        desk.inspect(|desk| desk.stop());
        manager::stopping().await;
    };
    manager::ready(&app).await;
    if server::serve(listener, |peer| service.with_peer(peer), tls, limits, stop).await {
        tracing::info!("stopped; every request was answered");
    } else {
        tracing::warn!("stopped; some requests took too long and were cut");
    }
    running.end().await;
    if let Some(redirect) = redirect {
        let _ = redirect.await;
    }
    app.end_store().await;
    Ok(Outcome::Good)
}

/// The tasks that have to end in order.
struct Running {
    follower: AbortHandle,
    /// Notified when the site that was served last is saved.
    saved: Option<Arc<Notify>>,
}

impl Running {
    fn start(options: &ServeOptions, maker: Box<Maker>, certificate: Option<Certificate>, app: &App) -> Self {
        let (tasks, with) = (app.tasks(), app.clone());
        supervise(tasks, "posts", move || http::log_posts(with.clone(), POST_LOG_INTERVAL));
        if let Some(certificate) = certificate {
            certificate.supervise(app);
        }
        let saved = LastGoodFile::new(options).map(|file| {
            let (done, good, with) = (Arc::new(Notify::new()), maker.last_good(), app.clone());
            let end = Arc::clone(&done);
            supervise(tasks, "saver", move || {
                let (end, saving) = (Arc::clone(&end), last_good::save(file.clone(), good.clone(), with.clone()));
                async move {
                    // It ends with the follower, which ends with the program.
                    saving.await;
                    end.notify_one();
                    std::future::pending::<()>().await;
                }
            });
            done
        });
        let (maker, with) = (Arc::new(Mutex::new(*maker)), app.clone());
        let follower = supervise(tasks, "follower", move || {
            follow(Arc::clone(&maker), with.clone(), listen_to(SignalKind::hangup()))
        });
        Self { follower, saved }
    }

    /// Saves the site that was served last, even if it is new. A disk that hangs must not hold up the stop.
    async fn end(self) {
        self.follower.abort();
        if let Some(saved) = self.saved
            && timeout(SAVE_TIMEOUT, saved.notified()).await.is_err()
        {
            tracing::warn!("the site that was served last could not be saved in time");
        }
    }
}

/// The service of a connection that a router answers.
pub(super) fn routed(router: &Router) -> impl Respond + use<> {
    let router = router.clone();
    service_fn(move |request: Request<RequestBody>| Box::pin(router.clone().oneshot(request)))
}

/// A preview that makes its own key keeps it, and the requests that it is for, in a folder of its own: the site that is published with the same options
/// next holds no private key, and its requests are real ones alone.
pub(super) fn apart(options: &ServeOptions) -> ServeOptions {
    let mut options = options.clone();
    if options.public_url.is_none() && options.intake.staff_keys.is_empty() {
        options.intake.store.data_dir.push("preview");
    }
    options
}

/// Says whom requests are sealed to, and where staff go on. `site`: the site's address, where there is a front desk.
fn greet_staff(keys: &[String], site: Option<&str>) {
    for key in keys {
        say(format!("  staff key: {}", grouped(key)));
    }
    if let Some(site) = site {
        say(format!("  front desk: {}{}", site.trim_end_matches('/'), route::DESK));
    }
}

fn greet(options: &ServeOptions, maker: &Maker, report: &Report) {
    let pages = match maker.content() {
        Some(content) => counted(content.languages.iter().map(|language| language.pages.len()).sum(), "page"),
        None => "saved pages".to_owned(),
    };
    let settings = maker.settings();
    let kind = match &settings.public_url {
        Some(url) => format!("published as {url}"),
        None if settings.live => "a preview that follows its folder".to_owned(),
        None => "a preview, for this computer only".to_owned(),
    };
    let kind = match settings.chosen_time() {
        Some(time) => format!("{kind}, as of {}", time.strftime("%Y-%m-%d %H:%M")),
        None => kind,
    };
    let found = if report.sorted().is_empty() {
        String::new()
    } else {
        let folder = options.content.content.as_ref().map(|folder| option("--content", folder)).unwrap_or_default();
        let publish = if settings.published() { " --publish" } else { "" };
        format!(", {} (see clinic-site check{folder}{publish})", summary(report))
    };
    say(format!("clinic-site {}: {pages}, {kind}{found}", build::VERSION));
    say(format!("  content: {}", place(&options.content)));
}
