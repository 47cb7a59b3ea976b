//! What every request shares: the site that is served now, and what is known of newer content.

use super::headers::Options;
use super::intake::Intake;
use super::snapshot::Snapshot;
use super::tasks::Tasks;
use crate::requests::health::State;
use crate::site::Site;
use arc_swap::{ArcSwap, Guard};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio::time::Instant;

/// What every request shares: the site that is served now, replaced whole and never changed, and what is known of newer content.
#[derive(Clone, Debug)]
pub struct App {
    snapshot: Arc<ArcSwap<Snapshot>>,
    options: Options,
    news: Arc<watch::Sender<News>>,
    /// What takes requests for appointments, if anything does.
    intake: Option<Arc<Intake>>,
    tasks: Tasks,
    /// What doesn't work as it should, by name, in words for the people who run the site.
    troubles: Arc<Mutex<BTreeMap<&'static str, String>>>,
    /// The server drains: balancers send nobody here any more.
    stopping: Arc<AtomicBool>,
}

/// What the site that is served is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serving {
    /// The newest content, or, while that has errors, the newest before it that this process has read.
    Newest,
    /// The content built into the program, because that of a preview has had errors since the start.
    BuiltIn,
    /// The content files of the site that was saved at this time, because the newest content has had errors since the start.
    SavedContent(Timestamp),
    /// The finished pages of that site, because this program refuses its content files, too. The form is closed.
    SavedPages(Timestamp),
}

/// What is known of the content besides the site that is made of it.
#[derive(Clone, Debug)]
pub struct News {
    /// Newer content has errors, so the site is older than the folder.
    pub refused: bool,
    /// How many errors it has.
    pub errors: usize,
    /// The findings of the newest content: a JSON array.
    pub findings: String,
    /// What the site is made of.
    pub serving: Serving,
    /// The site can't be saved, so that a restart with errors in the content would have an older one to serve, or none.
    pub unsaved: bool,
    /// When the site was last replaced.
    pub(super) swapped: Instant,
    /// Counts every change of these news.
    pub(super) number: u64,
}

impl App {
    /// Serves a site.
    #[must_use]
    pub fn new(site: Site, options: Options) -> Self {
        let news = News {
            refused: false,
            errors: 0,
            findings: "[]".to_owned(),
            serving: Serving::Newest,
            unsaved: false,
            swapped: Instant::now(),
            number: 0,
        };
        Self {
            snapshot: Arc::new(ArcSwap::from_pointee(Snapshot::new(Arc::new(site), options))),
            options,
            news: Arc::new(watch::Sender::new(news)),
            intake: None,
            tasks: Tasks::default(),
            troubles: Arc::default(),
            stopping: Arc::default(),
        }
    }

    /// Takes requests for appointments, too.
    #[must_use]
    pub fn with_intake(self, intake: Intake) -> Self {
        Self { intake: Some(Arc::new(intake)), ..self }
    }

    /// What takes requests for appointments.
    pub(super) fn intake(&self) -> Option<&Intake> {
        self.intake.as_deref()
    }

    /// Serves another site from the next request on; those in flight keep the one they began with.
    pub fn swap(&self, site: Site) {
        self.snapshot.store(Arc::new(Snapshot::new(Arc::new(site), self.options)));
        self.news.send_modify(|news| {
            news.swapped = Instant::now();
            news.number += 1;
        });
    }

    /// Reports what was found in the newest content, and whether it was refused.
    pub fn tell(&self, errors: usize, findings: String) {
        self.news.send_modify(|news| {
            *news = News { refused: errors > 0, errors, findings, number: news.number + 1, ..news.clone() };
        });
    }

    /// Says what the site is made of.
    pub fn set_serving(&self, serving: Serving) {
        self.news.send_modify(|news| news.serving = serving);
    }

    /// Says whether the site could be saved.
    pub fn set_saved(&self, saved: bool) {
        self.news.send_modify(|news| news.unsaved = !saved);
    }

    /// The tasks that run beside the answers.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Says that something doesn't work as it should, in words for the people who run the site, or that it does again.
    pub fn set_trouble(&self, name: &'static str, trouble: Option<String>) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            Some(trouble) => troubles.insert(name, trouble),
            None => troubles.remove(name),
        };
    }

    /// What [`App::set_trouble`] was told, by name.
    pub(super) fn troubles(&self) -> Vec<(&'static str, String)> {
        let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.iter().map(|(name, trouble)| (*name, trouble.clone())).collect()
    }

    /// What doesn't work as it should while pages are served, in words for the people who run the site.
    pub(super) fn degraded(&self) -> Vec<String> {
        let news = self.news();
        let refused = news.refused.then(|| {
            format!("newer content is refused: {} error{}", news.errors, if news.errors == 1 { "" } else { "s" })
        });
        let serving = match news.serving {
            Serving::Newest => None,
            Serving::BuiltIn => {
                Some("the content built into the program is served in the place of the folder's".to_owned())
            }
            Serving::SavedContent(saved) => Some(format!("the content saved at {saved:.0} is served")),
            Serving::SavedPages(saved) => {
                Some(format!("the pages saved at {saved:.0} are served, and the form is closed"))
            }
        };
        let unsaved =
            news.unsaved.then(|| "the site can't be saved for a restart with errors in the content".to_owned());
        let lost = self.intake().is_some_and(|intake| matches!(intake.inbox().health().state(), State::Bad { .. }));
        let lost = lost.then(|| "requests for appointments can't be kept".to_owned());
        let dead = self.tasks.dead().into_iter().map(|name| format!("the task `{name}` has ended"));
        refused
            .into_iter()
            .chain(serving)
            .chain(unsaved)
            .chain(lost)
            .chain(self.troubles().into_iter().map(|(_, trouble)| trouble))
            .chain(dead)
            .collect()
    }

    /// From now on `/readyz` answers 503: a balancer sends nobody here any more.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        // Whoever waits for news waits no longer.
        self.news.send_modify(|_| {});
    }

    /// Whether [`App::stop`] was called.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
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

    /// What is known of newer content, and every change of it.
    pub(super) fn subscribe(&self) -> watch::Receiver<News> {
        self.news.subscribe()
    }

    /// What is known of the newest content.
    #[must_use]
    pub fn news(&self) -> News {
        self.news.borrow().clone()
    }
}
