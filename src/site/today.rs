//! What time alone changes on a site.

use crate::content::model::{Clinic, Event, Member, Notice};
use crate::content::{Content, hours};
use crate::lang::Lang;
use jiff::Zoned;

/// Everything that time alone changes on a page. Two equal values are shown in the same words, so the pages of one are those of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Today {
    /// The facts that may be shown.
    pub(super) clinic: Clinic,
    /// What can be said of the opening hours of each place, where they are known.
    pub(super) hours: Vec<Option<hours::Now>>,
    /// The answers that may not be shown any more, by their languages.
    late_answers: Vec<(Lang, String)>,
    /// The notices with a beginning or an end that are shown.
    notices: Vec<Notice>,
    /// Those who are shown no more.
    left: Vec<Member>,
    /// The events that are over.
    over: Vec<Event>,
}

impl Today {
    /// What is to be shown of some content at a moment.
    pub(super) fn new(content: &Content, now: &Zoned) -> Self {
        let now = &content.clock(now);
        let shown = content.notices().filter(|notice| !is_permanent(notice) && notice.is_shown(now));
        let today = Self::from_facts(content.clinic.known_on(now.date()), now);
        let answers =
            content.languages.iter().flat_map(|of| of.answers.iter().map(|(key, answer)| (of.lang, key, answer)));
        let late = answers.filter(|(.., answer)| answer.last_day().is_some_and(|last| last < now.date()));
        let late_answers = late.map(|(lang, key, _)| (lang, key.to_string())).collect();
        let left = content.people().filter(|one| one.leaves(&content.zone).is_some_and(|at| at <= now.timestamp()));
        let over = content.events().filter(|event| event.is_over(&content.zone) <= now.timestamp());
        let (left, over) = (left.cloned().collect(), over.cloned().collect());
        let today = Self { notices: shown.cloned().collect(), late_answers, left, over, ..today };
        if content.shows_open_now { today } else { today.without_the_clock() }
    }

    /// The same for facts alone.
    pub(super) fn from_facts(clinic: Clinic, now: &Zoned) -> Self {
        let hours = clinic.places().iter().map(|place| hours::Now::new(place, now)).collect();
        let (late_answers, notices, left, over) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { clinic, hours, late_answers, notices, left, over }
    }

    /// The same without what is true for a moment or a day only: for paper, and for files that are never rendered again.
    #[must_use]
    pub fn without_the_clock(self) -> Self {
        let hours = self.hours.into_iter().map(|now| now.map(hours::Now::without_the_clock)).collect();
        Self { hours, ..self }
    }

    /// Whether an answer may not be shown any more.
    pub(super) fn is_late(&self, lang: Lang, answer: &str) -> bool {
        self.late_answers.iter().any(|(of, key)| *of == lang && key == answer)
    }

    /// Whether somebody of the clinic is shown.
    pub(super) fn has(&self, one: &Member) -> bool {
        one.expires_on.is_none() || !self.left.contains(one)
    }

    /// Whether an event is still to come, or goes on.
    pub(super) fn awaits(&self, event: &Event) -> bool {
        !self.over.contains(event)
    }

    /// Whether a notice is shown.
    pub(super) fn shows(&self, notice: &Notice) -> bool {
        is_permanent(notice) || self.notices.contains(notice)
    }
}

fn is_permanent(notice: &Notice) -> bool {
    notice.starts.is_none() && notice.ends.is_none()
}
