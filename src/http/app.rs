//! Shared by every request: the site that is served now, and what is known of newer content.

use super::headers::Options;
use super::intake::Intake;
use super::snapshot::Snapshot;
use super::statuses::Statuses;
use super::tasks::Tasks;
use crate::requests::health::State;
use crate::requests::mail::MailStatus;
use crate::site::Site;
use arc_swap::{ArcSwap, Guard};
use jiff::Timestamp;
use jiff::civil::DateTime;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio::time::Instant;

/// The site that is served now, replaced as one and never changed, and what is known of newer content.
#[derive(Clone, Debug)]
pub struct App {
    snapshot: Arc<ArcSwap<Snapshot>>,
    options: Options,
    status: Arc<watch::Sender<ContentStatus>>,
    /// `None`: the site takes no requests for appointments.
    intake: Option<Arc<Intake>>,
    tasks: Tasks,
    /// The time that staff want to see a preview of; none for now.
    chosen_time: Arc<watch::Sender<Option<DateTime>>>,
    /// What doesn't work as it should, by name, in words for the people who run the site.
    troubles: Arc<Mutex<BTreeMap<&'static str, String>>>,
    /// When the certificate in use ends, in seconds since 1970; `None`: there is none.
    certificate: Arc<Mutex<Option<i64>>>,
    /// The server drains.
    stopping: Arc<AtomicBool>,
    statuses: Arc<Statuses>,
}

/// What the site that is served is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serving {
    /// The newest content without errors that this process has read.
    Newest,
    /// The content built into the program, because a preview's content has had errors since the start.
    BuiltIn,
    /// The content files of the site that was saved at this time, because the newest content has had errors since the start.
    SavedContent(Timestamp),
    /// The finished pages of that site, because this program refuses its content files, too. The form is closed.
    SavedPages(Timestamp),
}

/// What was found in the newest content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// How many errors there are.
    pub errors: usize,
    /// How many warnings there are.
    pub warnings: usize,
    /// Each finding: a JSON array.
    pub list: String,
    /// The pages made from the files that have findings: a JSON object from the path of a file to `{"href", "title"}`.
    pub pages: String,
}

impl Default for Findings {
    fn default() -> Self {
        Self { errors: 0, warnings: 0, list: "[]".to_owned(), pages: "{}".to_owned() }
    }
}

/// What is known of the content besides the site that is made from it.
#[derive(Clone, Debug)]
pub struct ContentStatus {
    /// Newer content has errors, so the site is older than the folder.
    pub refused: bool,
    /// Since when it has been so, without a break.
    pub(super) refused_since: Option<Instant>,
    /// What was found in the newest content.
    pub findings: Findings,
    /// What the site is made from.
    pub serving: Serving,
    /// The site can't be saved, so a restart with errors in the content would serve an older one, or none.
    pub unsaved: bool,
    /// When the site was last replaced.
    pub(super) swapped: Instant,
    /// Counts the changes that a preview shows.
    pub(super) number: u64,
}

impl App {
    /// Serves a site.
    #[must_use]
    pub fn new(site: Site, options: Options) -> Self {
        let status = ContentStatus {
            refused: false,
            refused_since: None,
            findings: Findings::default(),
            serving: Serving::Newest,
            unsaved: false,
            swapped: Instant::now(),
            number: 0,
        };
        Self {
            snapshot: Arc::new(ArcSwap::from_pointee(Snapshot::new(Arc::new(site), options))),
            options,
            status: Arc::new(watch::Sender::new(status)),
            intake: None,
            tasks: Tasks::default(),
            chosen_time: Arc::new(watch::Sender::new(None)),
            troubles: Arc::default(),
            certificate: Arc::default(),
            stopping: Arc::default(),
            statuses: Arc::default(),
        }
    }

    /// Takes requests for appointments, too.
    #[must_use]
    pub fn with_intake(self, intake: Intake) -> Self {
        Self { intake: Some(Arc::new(intake)), ..self }
    }

    /// How many answers had which status.
    pub(super) fn statuses(&self) -> &Statuses {
        &self.statuses
    }

    pub(super) fn intake(&self) -> Option<&Intake> {
        self.intake.as_deref()
    }

    /// Serves another site from the next request on; those in flight keep the one they began with.
    pub fn swap(&self, site: Site) {
        self.snapshot.store(Arc::new(Snapshot::new(Arc::new(site), self.options)));
        self.status.send_modify(|status| {
            status.swapped = Instant::now();
            status.number += 1;
        });
    }

    /// Reports the findings of the newest content, which is refused if there are errors.
    pub fn report_findings(&self, findings: Findings) {
        self.status.send_modify(|status| {
            status.refused = findings.errors > 0;
            status.refused_since = status.refused.then(|| status.refused_since.unwrap_or_else(Instant::now));
            status.findings = findings;
            status.number += 1;
        });
    }

    /// Reports what the site is made from.
    pub fn set_serving(&self, serving: Serving) {
        self.status.send_modify(|status| status.serving = serving);
    }

    /// Reports whether the site could be saved.
    pub fn set_saved(&self, saved: bool) {
        self.status.send_modify(|status| status.unsaved = !saved);
    }

    /// Asks for the site of another time, or of now.
    pub(super) fn choose_time(&self, time: Option<DateTime>) {
        self.chosen_time.send_replace(time);
    }

    /// The time that staff choose to see a preview of, each time they do.
    #[must_use]
    pub fn chosen_time(&self) -> watch::Receiver<Option<DateTime>> {
        self.chosen_time.subscribe()
    }

    /// The tasks of the server.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Reports that something doesn't work as it should, in words for the people who run the site, or that it works again.
    pub fn set_trouble(&self, name: &'static str, trouble: Option<String>) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            Some(trouble) => troubles.insert(name, trouble),
            None => troubles.remove(name),
        };
    }

    /// Reports when the certificate in use ends, in seconds since 1970.
    pub fn set_certificate(&self, ends: Option<i64>) {
        *self.certificate.lock().unwrap_or_else(PoisonError::into_inner) = ends;
    }

    /// What [`App::set_certificate`] reported.
    pub(super) fn certificate(&self) -> Option<i64> {
        *self.certificate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What [`App::set_trouble`] reported, and a clock that isn't believed, by name.
    pub(super) fn troubles(&self) -> BTreeMap<&'static str, String> {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let clock = self.intake().and_then(|intake| intake.inbox().health().clock_trouble());
        troubles.extend(clock.map(|trouble| ("clock", trouble)));
        troubles
    }

    /// What doesn't work as it should while pages are served, in words for the people who run the site.
    #[must_use]
    pub fn degraded(&self) -> Vec<String> {
        let status = self.content_status();
        let mut degraded = Vec::new();
        if status.refused {
            let errors = status.findings.errors;
            let plural = if errors == 1 { "" } else { "s" };
            degraded.push(format!("newer content is refused: {errors} error{plural}"));
        }
        degraded.extend(match status.serving {
            Serving::Newest => None,
            Serving::BuiltIn => {
                Some("the content built into the program is served in place of the folder's".to_owned())
            }
            Serving::SavedContent(saved) => Some(format!("the content saved at {saved:.0} is served")),
            Serving::SavedPages(saved) => {
                Some(format!("the pages saved at {saved:.0} are served, and the form is closed"))
            }
        });
        if status.unsaved {
            degraded.push("the site can't be saved for a restart with errors in the content".to_owned());
        }
        if self.intake().is_some_and(|intake| matches!(intake.inbox().health().state(), State::Bad { .. })) {
            degraded.push("requests for appointments can't be stored".to_owned());
        }
        degraded.extend(self.intake().and_then(Intake::mails).map(MailStatus::troubles).unwrap_or_default());
        degraded.extend(self.troubles().into_values());
        degraded.extend(self.tasks.stopped().map(|name| format!("the task `{name}` has ended")));
        degraded
    }

    /// The server stops: `/readyz` answers 503, so that a balancer sends no more requests, and previews wait no longer.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        // What only posts have shown, which have no line of their own.
        self.intake().inspect(|intake| intake.proxies().log_once());
        self.status.send_modify(|_| {});
    }

    /// Closes the store of requests for good, after every answer: its one file is whole then.
    pub async fn end_store(&self) {
        if let Some(intake) = self.intake() {
            intake.end().await;
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Returns when the server stops.
    pub async fn stopped(&self) {
        let mut status = self.subscribe();
        while !self.is_stopping() && status.changed().await.is_ok() {}
    }

    /// The site that is served now.
    #[must_use]
    pub fn site(&self) -> Arc<Site> {
        Arc::clone(&self.snapshot.load().site)
    }

    /// The site that is served now, with the heads of its answers.
    pub(super) fn snapshot(&self) -> Guard<Arc<Snapshot>> {
        self.snapshot.load()
    }

    /// The content status, and every change of it.
    pub(super) fn subscribe(&self) -> watch::Receiver<ContentStatus> {
        self.status.subscribe()
    }

    /// What is known of the newest content.
    #[must_use]
    pub fn content_status(&self) -> ContentStatus {
        self.status.borrow().clone()
    }
}
