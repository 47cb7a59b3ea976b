//! Keeps the site what its content says, as the content and the time change. What can't be served is told, and the last good site stays.

use super::signals::received;
use super::watch::Watch;
use super::{Failure, clock, review};
use crate::config::ContentOptions;
use crate::content::{Content, Files, Loader};
use crate::diagnostic::{Report, Severity};
use crate::http::App;
use crate::site::{Effort, Settings, Site};
use jiff::Timestamp;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tokio::signal::unix::Signal;
use tokio::time::sleep;

/// How long nothing must happen before the smallest bytes are made: they take a while.
const REST: Duration = Duration::from_millis(500);
/// How long to look whether anything has changed before some more answers are made smaller: longer than a change takes to be told.
const GLANCE: Duration = Duration::from_millis(15);
/// How many answers are made smaller before we look again: some milliseconds' work each way, since a change must not wait for all of them.
const QUICKLY_AT_ONCE: usize = 8;
const BEST_AT_ONCE: usize = 1;
/// How long we sleep at most before we look at the clock: it may have been set.
const DOZE: Duration = Duration::from_secs(20);

/// What the site is made of, and how.
pub(super) struct Maker {
    folder: Option<PathBuf>,
    settings: Settings,
    files: Files,
    loader: Loader,
    /// The newest content without errors.
    content: Content,
}

/// The first reading of the content.
pub(super) enum First {
    /// It can be served.
    Good(Box<Maker>, Report),
    /// It has errors.
    Bad(Report),
}

impl Maker {
    /// Reads the content for the first time.
    pub(super) fn first(options: &ContentOptions, settings: Settings) -> Result<First, Failure> {
        let folder = options.content.clone();
        let files = super::files(options)?;
        let mut loader = Loader::default();
        let (content, report) = review(&mut loader, &files, &settings.now, settings.published());
        Ok(match content {
            // What is built into the program is never read again.
            Some(content) if folder.is_none() => {
                let (files, loader) = Default::default();
                First::Good(Box::new(Self { folder, settings, files, loader, content }), report)
            }
            Some(content) => First::Good(Box::new(Self { folder, settings, files, loader, content }), report),
            None => First::Bad(report),
        })
    }

    /// Follows another folder from now on: its content takes the place of this as soon as it has no errors.
    pub(super) fn follow(&mut self, folder: Option<PathBuf>) {
        self.folder = folder;
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn content(&self) -> &Content {
        &self.content
    }

    /// The site of the newest content without errors.
    pub(super) fn site(&self, before: Option<&Site>) -> Result<Site, Failure> {
        Site::build(&self.content, &self.settings, before).map_err(Failure::new)
    }

    /// Reads the folder again if anything in it has changed. `at_once` reads it in any case, the way a SIGHUP asks for.
    fn reload(&mut self, app: &App, at_once: bool) {
        let Some(folder) = &self.folder else { return };
        let young = if at_once { SystemTime::UNIX_EPOCH } else { clock::file_time() };
        let files = match Files::read_again(folder, &self.files, young) {
            Ok(files) => files,
            // Deleted, or in the middle of being replaced: the next look may find it again.
            Err(error) => {
                tracing::debug!(%error, "the content folder can't be read; the last good site is served");
                return;
            }
        };
        if files.fingerprint() == self.files.fingerprint() && !at_once {
            self.files = files;
            return;
        }
        self.files = files;
        self.settings.now = clock::now();
        let (content, report) = review(&mut self.loader, &self.files, &self.settings.now, self.settings.published());
        let errors = report.count(Severity::Error);
        app.tell(errors, report.findings_json());
        let Some(content) = content else {
            tracing::warn!(errors, "newer content is refused; the last good site is served");
            super::say(report.text());
            return;
        };
        self.content = content;
        self.publish(app);
    }

    /// Serves the site of the newest content without errors.
    fn publish(&mut self, app: &App) {
        self.settings.now = clock::now();
        // Only the first site has to be there at once, whatever it weighs.
        self.settings.effort = Effort::Fast;
        match self.site(Some(&app.site())) {
            Ok(site) => {
                let revision = site.revision().to_owned();
                app.swap(site);
                tracing::info!(revision, "a newer site is served");
            }
            Err(failure) => tracing::error!("{}; the last good site is served", failure.message),
        }
    }

    /// When the site would be another by time alone.
    fn next_change(&self) -> Timestamp {
        self.content.next_change(&self.settings.now)
    }
}

/// Follows the folder, the clock and SIGHUP until the program stops.
pub(super) async fn follow(mut maker: Box<Maker>, app: App, mut hangup: Option<Signal>) {
    let mut watch = maker.folder.as_deref().map(Watch::new);
    // Nothing else has happened since some answers were made smaller.
    let mut resting = false;
    loop {
        let (better, rest) = match app.site().effort() {
            Effort::First => (Some((Effort::Fast, QUICKLY_AT_ONCE)), GLANCE),
            // A live preview changes often and has one visitor: the quick codings do.
            Effort::Fast if !maker.settings.live => {
                (Some((Effort::Best, BEST_AT_ONCE)), if resting { GLANCE } else { REST })
            }
            Effort::Fast | Effort::Best => (None, REST),
        };
        let until_change = maker.next_change().duration_since(clock::now().timestamp());
        let until_change = Duration::try_from(until_change).unwrap_or_default();
        let happened = tokio::select! {
            () = changed(watch.as_mut()) => Happening::Change,
            () = received(hangup.as_mut()) => Happening::Hangup,
            () = sleep(until_change.min(DOZE)) => Happening::Time,
            () = sleep(rest), if better.is_some() => Happening::Rest,
        };
        resting = happened == Happening::Rest;
        let with = app.clone();
        let work = tokio::task::spawn_blocking(move || {
            match happened {
                Happening::Change => maker.reload(&with, false),
                Happening::Hangup => maker.reload(&with, true),
                Happening::Time if maker.next_change() <= clock::now().timestamp() => maker.publish(&with),
                Happening::Time => {}
                Happening::Rest => {
                    if let Some((effort, at_once)) = better {
                        with.refine(with.site().with_effort(effort, at_once));
                    }
                }
            }
            maker
        });
        maker = match work.await {
            Ok(maker) => maker,
            Err(error) => {
                tracing::error!(%error, "the content isn't followed any more; restart the program");
                return;
            }
        };
    }
}

/// What woke us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Happening {
    Change,
    Hangup,
    Time,
    Rest,
}

async fn changed(watch: Option<&mut Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}
