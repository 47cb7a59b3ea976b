//! Keeps the site what its content says, as the content and the time change. What can't be served is told, and the last good site stays.

use super::last_good::{Good, LastGood};
use super::signals::received;
use super::watch::Watch;
use super::{Failure, clock, review};
use crate::config::ContentOptions;
use crate::content::{Content, Files, Loader};
use crate::diagnostic::{Report, Rule, Severity, Source};
use crate::http::{App, Serving};
use crate::site::{Effort, Settings, Site};
use crate::telemetry;
use jiff::Timestamp;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::signal::unix::Signal;
use tokio::sync::watch;
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

/// The name of what keeps a site from being made.
const SITE: &str = "site";

/// The rule that a folder which can't be read breaks. It stands here and not in the catalogue: no content breaks it.
static UNREADABLE: Rule = Rule {
    name: "unreadable-folder",
    severity: Severity::Error,
    about: "The server can read the content folder and every file in it.",
};

/// What the site is made of, and how.
pub(super) struct Maker {
    folder: Option<PathBuf>,
    settings: Settings,
    /// What was read of the folder last.
    files: Files,
    loader: Loader,
    unreadable: bool,
    /// The content that is served; none while the pages of a saved site are.
    content: Option<Arc<Content>>,
    pages: Option<Pages>,
    serving: Serving,
    /// What is to be saved.
    good: watch::Sender<Option<Arc<Good>>>,
}

/// The pages of a saved site, and when the first of what they show ends.
struct Pages {
    place: LastGood,
    until: Timestamp,
}

impl Maker {
    /// Follows the folder that was named; nothing is read yet.
    pub(super) fn new(options: &ContentOptions, settings: Settings) -> Self {
        Self {
            folder: options.content.clone(),
            settings,
            files: Files::default(),
            loader: Loader::default(),
            unreadable: false,
            content: None,
            pages: None,
            serving: Serving::Newest,
            good: watch::Sender::new(None),
        }
    }

    /// Reads the content for the first time. There is some exactly if the report has no errors.
    pub(super) fn read(&mut self) -> Result<(Option<Content>, Report), Failure> {
        let files = super::files(&ContentOptions { content: self.folder.clone() })?;
        let read = review(&mut self.loader, &files, &self.settings.now, self.settings.published());
        if self.folder.is_some() {
            self.files = files;
        } else {
            // What is built into the program is never read again.
            self.loader = Loader::default();
        }
        Ok(read)
    }

    /// The finding for a folder that can't be read.
    pub(super) fn unreadable(&mut self, failure: &Failure) -> Report {
        self.unreadable = true;
        let path = self.folder.as_deref().map_or_else(String::new, |folder| folder.display().to_string());
        let source = Arc::new(Source::new(path, String::new()));
        let help = "the user that the server runs as has to be able to read the folder and every file in it";
        let mut report = Report::default();
        report.add(&UNREADABLE, &source, 0..0, failure.message.as_str(), help);
        report
    }

    /// Serves the site of some content from now on.
    pub(super) fn serve_content(&mut self, content: Arc<Content>, serving: Serving) {
        self.content = Some(content);
        self.pages = None;
        self.serving = serving;
    }

    /// Serves the pages of a saved site from now on.
    pub(super) fn serve_pages(&mut self, place: LastGood, until: Timestamp, serving: Serving) {
        self.content = None;
        self.pages = Some(Pages { place, until });
        self.serving = serving;
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The content that is served; none while the pages of a saved site are.
    pub(super) fn content(&self) -> Option<&Content> {
        self.content.as_deref()
    }

    /// Receives all content without errors that is served.
    pub(super) fn good(&self) -> watch::Receiver<Option<Arc<Good>>> {
        self.good.subscribe()
    }

    /// The site of the content.
    pub(super) fn site(&self, before: Option<&Site>) -> Result<Site, Failure> {
        let content = self.content().ok_or_else(|| Failure::new("there is no content"))?;
        Site::build(content, &self.settings, before).map_err(Failure::new)
    }

    /// Hands what is served to [`super::last_good::save`]. What stands in for content with errors is already saved, or never is.
    pub(super) fn offer_to_save(&self) {
        if self.serving == Serving::Newest
            && self.settings.published()
            && let Some(content) = &self.content
        {
            let files = self.folder.is_some().then(|| self.files.clone());
            let good = Good { content: Arc::clone(content), files, settings: self.settings.clone() };
            self.good.send_replace(Some(Arc::new(good)));
        }
    }

    /// Reads the folder again if anything in it has changed. `at_once` reads it in any case, the way a SIGHUP asks for.
    fn reload(&mut self, app: &App, at_once: bool) {
        let Some(folder) = &self.folder else { return };
        let young = if at_once { SystemTime::UNIX_EPOCH } else { clock::file_time() };
        let files = match Files::read_again(folder, &self.files, young) {
            Ok(files) => files,
            // Deleted, or in the middle of being replaced: the next look may find it again.
            Err(error) => return self.report_unreadable(&error, app),
        };
        let back = std::mem::take(&mut self.unreadable);
        if back {
            tracing::info!("the content folder can be read again");
        }
        if files.fingerprint() == self.files.fingerprint() && !at_once && !back {
            self.files = files;
            return;
        }
        self.files = files;
        self.settings.now = clock::now();
        let (content, report) = review(&mut self.loader, &self.files, &self.settings.now, self.settings.published());
        let errors = report.count(Severity::Error);
        app.report_findings(errors, report.findings_json());
        let Some(content) = content else {
            tracing::warn!(errors, "newer content is refused; the last good site is served");
            telemetry::say(report.text());
            return;
        };
        let stand_in = self.serving != Serving::Newest;
        self.serve_content(Arc::new(content), Serving::Newest);
        if self.publish(app) {
            app.set_serving(Serving::Newest);
            if stand_in {
                tracing::info!("the content has no errors any more: its site is served");
            }
        }
    }

    /// Reports that the folder can't be read, unless that is known.
    fn report_unreadable(&mut self, error: &io::Error, app: &App) {
        if self.unreadable {
            return;
        }
        tracing::warn!(%error, "the content folder can't be read; the last good site is served");
        let report = self.unreadable(&Failure::new(format!("the content folder can't be read: {error}")));
        app.report_findings(report.count(Severity::Error), report.findings_json());
    }

    /// Serves the site of the content as it is now. `false` where a fault of the program keeps it from being made.
    fn publish(&mut self, app: &App) -> bool {
        self.settings.now = clock::now();
        // Only the first site has to be there at once, whatever it weighs.
        self.settings.effort = Effort::Fast;
        match self.site(Some(&app.site())) {
            Ok(site) => {
                let revision = site.revision().to_owned();
                app.swap(site);
                app.set_trouble(SITE, None);
                self.offer_to_save();
                tracing::info!(revision, "a newer site is served");
                true
            }
            Err(failure) => {
                tracing::error!("{}; the last good site is served", failure.message);
                app.set_trouble(SITE, Some("the newest site could not be made; the log says why".to_owned()));
                false
            }
        }
    }

    /// Serves what has become another by time alone.
    fn follow_time(&mut self, app: &App) {
        let Some(pages) = &mut self.pages else {
            self.publish(app);
            return;
        };
        pages.until = Timestamp::MAX;
        if let Some(saved) = pages.place.read() {
            app.swap(saved.into_site(clock::now().timestamp()));
            tracing::warn!("a notice or a fact of the saved pages has ended: they are served without all that ends");
        } else {
            tracing::error!("a notice or a fact of the saved pages has ended, and is still shown");
            app.set_trouble(SITE, Some("a notice or a fact that has ended is still shown".to_owned()));
        }
    }

    /// When the site would be another by time alone.
    fn next_change(&self) -> Timestamp {
        let until = self.pages.as_ref().map_or(Timestamp::MAX, |pages| pages.until);
        self.content().map_or(until, |content| content.next_change(&self.settings.now))
    }
}

/// Follows the folder, the clock and SIGHUP. It never ends; after a panic it may be called again.
pub(super) async fn follow(maker: Arc<Mutex<Maker>>, app: App, mut hangup: Option<Signal>) {
    // A panic may have left what was read without the site that is made of it.
    let mut recovers = maker.is_poisoned();
    maker.clear_poison();
    let mut watch = lock(&maker).folder.as_deref().map(Watch::new);
    // Nothing else has happened since some answers were made smaller.
    let mut resting = false;
    loop {
        let (better, rest) = match app.site().effort() {
            Effort::First => (Some((Effort::Fast, QUICKLY_AT_ONCE)), GLANCE),
            // A live preview changes often and has one visitor: the quick codings do.
            Effort::Fast if !lock(&maker).settings.live => {
                (Some((Effort::Best, BEST_AT_ONCE)), if resting { GLANCE } else { REST })
            }
            Effort::Fast | Effort::Best => (None, REST),
        };
        let until_change = lock(&maker).next_change().duration_since(clock::now().timestamp());
        let until_change = Duration::try_from(until_change).unwrap_or_default();
        let happened = tokio::select! {
            biased;
            () = std::future::ready(()), if recovers => Happening::Hangup,
            () = changed(watch.as_mut()) => Happening::Change,
            () = received(hangup.as_mut()) => Happening::Hangup,
            () = sleep(until_change.min(DOZE)) => Happening::Time,
            () = sleep(rest), if better.is_some() => Happening::Rest,
        };
        recovers = false;
        resting = happened == Happening::Rest;
        let (with, maker) = (app.clone(), Arc::clone(&maker));
        let work = tokio::task::spawn_blocking(move || {
            let mut maker = lock(&maker);
            match happened {
                Happening::Change => maker.reload(&with, false),
                Happening::Hangup => maker.reload(&with, true),
                Happening::Time if maker.next_change() <= clock::now().timestamp() => maker.follow_time(&with),
                Happening::Time => {}
                Happening::Rest => {
                    if let Some((effort, at_once)) = better {
                        with.refine(with.site().with_effort(effort, at_once));
                    }
                }
            }
        });
        // A panic ends this task, too, and is reported by whoever supervises it.
        if let Err(error) = work.await
            && let Ok(panic) = error.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

fn lock(maker: &Mutex<Maker>) -> MutexGuard<'_, Maker> {
    maker.lock().unwrap_or_else(PoisonError::into_inner)
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
