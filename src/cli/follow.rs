//! Rebuilds the site when its content or the time changes. What can't be served is reported, and the last good site stays.

mod lacking;
mod reading;

use super::last_good::{LastGoodFile, LastGoodSite};
use super::signals::received;
use super::watch::Watch;
use super::{Failure, clock, manager, review, review_published};
use crate::config::ContentOptions;
use crate::content::model::Page;
use crate::content::names;
use crate::content::{self, Content, Files, Loader, calendar};
use crate::diagnostic::{Report, Rule, Severity, Source, WhenPublished};
use crate::http::{App, Findings, Serving};
use crate::site::{CompressionLevel, Settings, Site};
use crate::telemetry;
use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, Zoned};
use reading::{Reading, finished, overdue};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::signal::unix::Signal;
use tokio::sync::watch;
use tokio::time::sleep;

/// How long nothing must change before the smallest bytes are made: they take a while.
const BEST_DELAY: Duration = Duration::from_millis(500);
/// The pause between two batches of compression: longer than a change takes to be noticed.
const BATCH_INTERVAL: Duration = Duration::from_millis(15);
/// How many answers a batch compresses: a few milliseconds' work, since a change waits for its end.
const FAST_BATCH: usize = 8;
const BEST_BATCH: usize = 1;
/// How often the clock is read at least: it may have been set.
const CLOCK_INTERVAL: Duration = Duration::from_secs(20);

/// The name of the trouble that keeps a site from being built.
const SITE: &str = "site";

/// The rule that an unreadable folder breaks. It is here and not in the catalogue: no content breaks it.
static UNREADABLE: Rule = Rule {
    name: "unreadable-folder",
    severity: Severity::Error,
    when_published: WhenPublished::Same,
    about: "The server can read the content folder and every file in it.",
};

/// Builds the site from its folder, again and again.
pub(super) struct Maker {
    folder: Option<PathBuf>,
    settings: Settings,
    /// What was read from the folder last.
    files: Files,
    read_again: ReadAgain,
    loader: Loader,
    unreadable: bool,
    /// The content that is served; none while the pages of a saved site are.
    content: Option<Arc<Content>>,
    pages: Option<SavedPages>,
    serving: Serving,
    /// The day on which it was last reported that the site lacks something, and what.
    lacking: Option<(Date, String)>,
    /// What is to be saved.
    last_good: watch::Sender<Option<Arc<LastGoodSite>>>,
}

/// [`Files::read_again`], or in a test what takes the place of a disk.
type ReadAgain = fn(&Path, &Files, SystemTime) -> io::Result<Files>;

/// The pages of a saved site, and when the first of what they show ends.
struct SavedPages {
    file: LastGoodFile,
    until: Timestamp,
}

impl Maker {
    /// Nothing is read yet.
    pub(super) fn new(options: &ContentOptions, settings: Settings) -> Self {
        Self {
            folder: options.content.clone(),
            settings,
            files: Files::default(),
            read_again: Files::read_again,
            loader: Loader::default(),
            unreadable: false,
            content: None,
            pages: None,
            serving: Serving::Newest,
            lacking: None,
            last_good: watch::Sender::new(None),
        }
    }

    /// Reads the content for the first time: none if the report has errors. `saved` are the files of the site that was served last: pictures that are
    /// among them are not made again, which takes longer than all the rest of a start. It is asked for only where there are pictures.
    pub(super) fn read(&mut self, saved: impl FnOnce() -> Option<Files>) -> Result<(Option<Content>, Report), Failure> {
        let mut files = super::files(&ContentOptions { content: self.folder.clone() })?;
        if self.settings.as_of {
            // It was chosen before anybody knew whose clock it is on.
            self.settings.now = clock::at(self.settings.now.datetime(), &content::zone(&files));
        }
        if files.has_media()
            && let Some(saved) = saved()
        {
            files.take_made(&saved);
        }
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
    pub(super) fn serve_pages(&mut self, file: LastGoodFile, until: Timestamp, serving: Serving) {
        self.content = None;
        self.pages = Some(SavedPages { file, until });
        self.serving = serving;
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The time that the site is of: now, or the one that staff chose.
    fn now(&self) -> Zoned {
        if self.settings.as_of { self.settings.now.clone() } else { clock::now() }
    }

    /// Serves the site of another time, or of now.
    fn choose_time(&mut self, time: Option<DateTime>, app: &App) {
        self.settings.as_of = time.is_some();
        let zone = self.content().map_or_else(calendar::default_zone, |content| content.zone.clone());
        self.settings.now = time.map_or_else(clock::now, |time| clock::at(time, &zone));
        // What was read last: the disk has no part in it.
        if self.folder.is_some() && !self.unreadable {
            self.accept(Ok(self.files.clone()), app, true);
        }
        // Content with errors was refused: the site before is shown of that time.
        if app.site().chosen_time() != time {
            self.publish(app);
        }
    }

    /// A report as a preview shows it: with the pages that the files with findings make.
    pub(super) fn findings(&self, report: &Report) -> Findings {
        let pages = self.content().into_iter().flat_map(|content| &content.languages).flat_map(|language| {
            let page = |(key, page): (&String, &Arc<Page>)| {
                let file = self.files.shown(&names::page(language.lang, key));
                (file, json!({ "href": page.path(language.lang, key), "title": page.title.as_str() }))
            };
            language.pages.iter().map(page)
        });
        let wrong: BTreeSet<_> = report.sorted().into_iter().map(|finding| finding.source.path.as_str()).collect();
        let pages: Map<_, _> = pages.filter(|(file, _)| wrong.contains(file.as_str())).collect();
        Findings {
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            list: report.findings_json(),
            pages: Value::Object(pages).to_string(),
        }
    }

    /// The content that is served; none while the pages of a saved site are.
    pub(super) fn content(&self) -> Option<&Content> {
        self.content.as_deref()
    }

    /// Receives each site that is to be saved.
    pub(super) fn last_good(&self) -> watch::Receiver<Option<Arc<LastGoodSite>>> {
        self.last_good.subscribe()
    }

    /// The site of the content.
    pub(super) fn site(&self, before: Option<&Site>) -> Result<Site, Failure> {
        let content = self.content().ok_or_else(|| Failure::new("there is no content"))?;
        Site::build(content, &self.settings, before).map_err(Failure::new)
    }

    /// Hands what is served to [`super::last_good::save`], unless it replaces content with errors: that is saved already, or never is.
    pub(super) fn offer_to_save(&self) {
        if self.serving == Serving::Newest
            && self.settings.published()
            && let Some(content) = &self.content
        {
            let files = self.folder.is_some().then(|| self.files.clone());
            let site = LastGoodSite { content: Arc::clone(content), files, settings: self.settings.clone() };
            self.last_good.send_replace(Some(Arc::new(site)));
        }
    }

    /// What reads the folder again; `forced`, the bytes of every file. It touches nothing else, so that a disk that hangs holds up only it.
    fn reader(&self, forced: bool) -> Option<impl FnOnce() -> io::Result<Files> + Send + use<>> {
        let (folder, before, read_again) = (self.folder.clone()?, self.files.clone(), self.read_again);
        let young = if forced { SystemTime::UNIX_EPOCH } else { clock::file_time() };
        Some(move || read_again(&folder, &before, young))
    }

    /// Serves what was read of the folder, if anything in it has changed; `forced`, in any case.
    fn accept(&mut self, read: io::Result<Files>, app: &App, forced: bool) {
        let files = match read {
            Ok(files) => files,
            // Deleted, or being replaced: the next check may find it again.
            Err(error) => return self.report_unreadable(&error, app),
        };
        let back = std::mem::take(&mut self.unreadable);
        if back {
            tracing::info!("the content folder can be read again");
        }
        if files.fingerprint() == self.files.fingerprint() && !forced && !back {
            self.files = files;
            return;
        }
        self.files = files;
        // What is served stays as of its own time until it is replaced, or a change by time that came meanwhile would be skipped.
        let now = self.now();
        let published = self.settings.published();
        // A change was taken back, or everything is read again.
        let is_served = published && self.content().is_some_and(|content| content.revision == self.files.revision());
        let (content, report) = if is_served {
            review_published(&mut self.loader, &self.files, &now)
        } else {
            review(&mut self.loader, &self.files, &now, published)
        };
        let errors = report.count(Severity::Error);
        app.report_findings(self.findings(&report));
        let Some(content) = content else {
            tracing::warn!(errors, "newer content is refused; the last good site is served");
            telemetry::say(report.text());
            return;
        };
        let replaced = self.serving != Serving::Newest;
        self.serve_content(Arc::new(content), Serving::Newest);
        if self.publish(app) {
            app.set_serving(Serving::Newest);
            if replaced {
                tracing::info!("the content has no errors any more: its site is served");
            }
        }
    }

    /// Reports that the folder can't be read, once.
    fn report_unreadable(&mut self, error: &io::Error, app: &App) {
        if self.unreadable {
            return;
        }
        tracing::warn!(%error, "the content folder can't be read; the last good site is served");
        let report = self.unreadable(&Failure::new(format!("the content folder can't be read: {error}")));
        app.report_findings(self.findings(&report));
    }

    /// Serves the site of the content as it is now. `false`: a fault of the program prevents that.
    fn publish(&mut self, app: &App) -> bool {
        self.settings.now = self.now();
        // Only the first site is urgent, whatever it weighs.
        self.settings.compression = CompressionLevel::Fast;
        match self.site(Some(&app.site())) {
            Ok(site) => {
                let revision = site.revision().to_owned();
                app.swap(site);
                app.set_trouble(SITE, None);
                self.offer_to_save();
                self.report_lacking(app);
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

    /// Serves what time alone has changed.
    fn follow_time(&mut self, app: &App) {
        let Some(pages) = &mut self.pages else {
            self.publish(app);
            return;
        };
        pages.until = Timestamp::MAX;
        if let Some(saved) = pages.file.read() {
            app.swap(saved.into_site(clock::now().timestamp()));
            tracing::warn!("a notice or a fact of the saved pages has ended: they are served without all that ends");
        } else {
            tracing::error!("a notice or a fact of the saved pages has ended, and is still shown");
            app.set_trouble(SITE, Some("a notice or a fact that has ended is still shown".to_owned()));
        }
    }

    /// When time alone will change the site.
    fn next_change(&self) -> Timestamp {
        // A time that staff chose doesn't pass.
        if self.settings.as_of {
            return Timestamp::MAX;
        }
        let until = self.pages.as_ref().map_or(Timestamp::MAX, |pages| pages.until);
        self.content().map_or(until, |content| content.next_change(&self.settings.now))
    }
}

/// Follows the folder, the clock and SIGHUP. It never ends; after a panic it may be called again.
pub(super) async fn follow(maker: Arc<Mutex<Maker>>, app: App, mut hangup: Option<Signal>) {
    // A panic may have come between reading the content and building its site.
    let mut recovers = maker.is_poisoned();
    maker.clear_poison();
    lock(&maker).report_lacking(&app);
    let mut chosen = app.chosen_time();
    let mut watch = lock(&maker).folder.as_deref().map(Watch::new);
    // The last thing that happened was a batch of compression.
    let mut compressing = false;
    let mut reading: Option<Reading> = None;
    // The folder is to be read; `true`, whether or not anything in it has changed.
    let mut wanted: Option<bool> = None;
    loop {
        if reading.is_none()
            && let Some(forced) = wanted.take()
        {
            reading = lock(&maker).reader(forced).map(|read| Reading::start(read, forced));
            if forced && reading.is_none() {
                manager::ready(&app).await;
            }
        }
        let next = match app.site().compression() {
            CompressionLevel::Plain => Some((CompressionLevel::Fast, FAST_BATCH, BATCH_INTERVAL)),
            // A live preview changes often and has one visitor: the fast level is enough.
            CompressionLevel::Fast if !lock(&maker).settings.live => {
                Some((CompressionLevel::Best, BEST_BATCH, if compressing { BATCH_INTERVAL } else { BEST_DELAY }))
            }
            CompressionLevel::Fast | CompressionLevel::Best => None,
        };
        let pause = next.map_or(Duration::MAX, |(.., pause)| pause);
        let until_change = lock(&maker).next_change().duration_since(clock::now().timestamp());
        let until_change = Duration::try_from(until_change).unwrap_or_default();
        let due = reading.as_ref().and_then(Reading::due);
        let happened = tokio::select! {
            biased;
            () = std::future::ready(()), if recovers => Happening::Hangup,
            read = finished(reading.as_mut()) => Happening::Read(read),
            () = overdue(due) => Happening::Overdue,
            () = changed(watch.as_mut()) => Happening::Change,
            () = received(hangup.as_mut()) => Happening::Hangup,
            Ok(()) = chosen.changed() => Happening::Choice(*chosen.borrow_and_update()),
            () = sleep(until_change.min(CLOCK_INTERVAL)) => Happening::Time,
            () = sleep(pause), if next.is_some() => Happening::Idle,
        };
        recovers = false;
        compressing = matches!(happened, Happening::Idle);
        let ended = match happened {
            Happening::Change | Happening::Hangup => {
                if matches!(happened, Happening::Hangup) {
                    manager::reloading().await;
                }
                wanted = Some(wanted.unwrap_or(false) || matches!(happened, Happening::Hangup));
                continue;
            }
            Happening::Overdue => {
                if let Some(reading) = &mut reading {
                    reading.report(&app);
                }
                continue;
            }
            Happening::Read(_) => reading.take(),
            Happening::Choice(_) | Happening::Time | Happening::Idle => None,
        };
        let reloaded = ended.as_ref().is_some_and(Reading::is_forced);
        let (with, maker) = (app.clone(), Arc::clone(&maker));
        let work = tokio::task::spawn_blocking(move || {
            let mut maker = lock(&maker);
            match happened {
                Happening::Read(read) => {
                    let forced = ended.is_some_and(|reading| reading.end(&with));
                    maker.accept(read, &with, forced);
                }
                Happening::Choice(time) => maker.choose_time(time, &with),
                Happening::Time if maker.next_change() <= clock::now().timestamp() => maker.follow_time(&with),
                Happening::Change | Happening::Hangup | Happening::Overdue | Happening::Time => {}
                Happening::Idle => {
                    if let Some((level, batch, _)) = next {
                        with.site().improve(level, batch);
                    }
                }
            }
        });
        // A panic ends this task, too; its supervisor reports it.
        if let Err(error) = work.await
            && let Ok(panic) = error.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
        if reloaded {
            manager::ready(&app).await;
        }
    }
}

fn lock(maker: &Mutex<Maker>) -> MutexGuard<'_, Maker> {
    maker.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What woke us.
enum Happening {
    /// What may have changed is to be read.
    Change,
    Hangup,
    /// The folder was read.
    Read(io::Result<Files>),
    /// It should have been.
    Overdue,
    /// Staff chose the time that a preview is of.
    Choice(Option<DateTime>),
    Time,
    Idle,
}

async fn changed(watch: Option<&mut Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}
