//! What of the content stays right however long it is shown, for pages that nobody can render anew.

use super::leaf;
use super::model::{Answer, Clinic, Notice, Section};
use super::{Content, calendar};
use jiff::{Timestamp, Zoned};
use std::sync::Arc;

impl Content {
    /// The next instant at which something that is shown now must not be shown any more: a notice ends, a fact expires.
    #[must_use]
    pub fn next_end(&self, now: &Zoned) -> Option<Timestamp> {
        let (now, zone) = (&self.clock(now), &self.zone);
        let known = self.clinic.known_on(now.date());
        // These two stay: see `lasting`.
        let mut ending = Clinic { help_lines: Vec::new(), exceptions: None, ..known };
        ending.locations.iter_mut().flatten().for_each(|place| place.exceptions = None);
        let facts = ending.expiries().into_iter().map(|day| calendar::midnight_after_in(zone, day));
        let shown = self.notices().filter(|notice| notice.is_shown(now));
        let answers = self.languages.iter().flat_map(|language| language.answers.values()).filter_map(Answer::last_day);
        let answers = answers.filter(|last| now.date() <= *last).map(|day| calendar::midnight_after_in(zone, day));
        let notices = shown.filter_map(|notice| Some(notice.ends.as_ref()?.is_over(zone)));
        let leaving = self.leaving().filter(|at| *at > now.timestamp());
        facts.chain(answers).chain(notices).chain(leaving).min()
    }

    /// Itself as of a moment without the notices, facts, people and events that have an end, or are followed by others. The help lines stay, since an old one is better than none, and so do days with
    /// other hours, which are shown with their date.
    #[must_use]
    pub fn lasting(&self, now: &Zoned) -> Self {
        let now = self.clock(now);
        let has_no_end = |notice: &Notice| notice.ends.is_none();
        let mut lasting = self.clone();
        lasting.clinic = self.clinic.as_of(now.date());
        lasting.clinic.retain(|last| last.is_none());
        lasting.clinic.help_lines.clone_from(&self.clinic.help_lines);
        lasting.clinic.exceptions.clone_from(&self.clinic.exceptions);
        for (place, whole) in lasting.clinic.locations.iter_mut().flatten().zip(self.clinic.locations.iter().flatten())
        {
            place.exceptions.clone_from(&whole.exceptions);
        }
        for language in &mut lasting.languages {
            for answer in language.answers.values_mut().filter(|answer| answer.last_day().is_some()) {
                answer.text = leaf::Sentences::default();
            }
            if let Some(notices) = &mut language.notices.notices {
                notices.retain(has_no_end);
            }
            for page in language.pages.values_mut().filter(|page| page.sections.iter().any(Section::passes)) {
                let sections = &mut Arc::make_mut(page).sections;
                sections.retain(|section| !matches!(section, Section::Notice(notice) if !has_no_end(notice)));
                for section in sections {
                    match section {
                        Section::People(people) => people.items.retain(|one| one.expires_on.is_none()),
                        Section::Events(events) => events.items = None,
                        _ => {}
                    }
                }
            }
        }
        lasting
    }
}
