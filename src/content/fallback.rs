//! The notices that a language lacks. Nothing ties a notice to its translation but what it is about, and when it is shown.

use super::Content;
use super::leaf::Moment;
use super::model::Notice;
use crate::lang::Lang;
use jiff::Timestamp;
use jiff::tz::TimeZone;

impl Content {
    /// The pressing notices of the English site that a language lacks.
    #[must_use]
    pub fn untranslated_notices(&self, lang: Lang) -> Vec<&Notice> {
        let find = |lang| self.languages.iter().find(|language| language.lang == lang);
        let notices = |lang| find(lang).and_then(|language| language.notices.notices.as_deref()).unwrap_or_default();
        if lang == Lang::En {
            return Vec::new();
        }
        let lacking = Notice::untranslated(notices(Lang::En), notices(lang));
        lacking.into_iter().filter(|notice| notice.about.is_pressing()).collect()
    }
}

impl Notice {
    /// Whether it can be the same one in another language: it is about the same, at the same time.
    fn may_be(&self, other: &Self) -> bool {
        // They are compared with one another alone, so any clock will do.
        let zone = TimeZone::UTC;
        let from = |notice: &Self| notice.starts.as_ref().map_or(Timestamp::MIN, |starts| starts.begins(&zone));
        let to = |notice: &Self| notice.ends.as_ref().map_or(Timestamp::MAX, |ends| ends.is_over(&zone));
        self.about == other.about && from(self) < to(other) && from(other) < to(self)
    }

    /// How many of its two times another one has, too.
    fn times_in_common(&self, other: &Self) -> usize {
        let text = |moment: &Option<Moment>| moment.as_ref().map(ToString::to_string);
        usize::from(text(&self.starts) == text(&other.starts)) + usize::from(text(&self.ends) == text(&other.ends))
    }

    /// Those of `notices` that no other of `translated` can be. The most alike are paired first; where it isn't clear which of several is meant, none is:
    /// a notice that is shown twice is better than one that is hidden.
    #[must_use]
    pub fn untranslated<'n>(notices: &'n [Self], translated: &[Self]) -> Vec<&'n Self> {
        let mut lacking: Vec<&Self> = notices.iter().collect();
        let mut left: Vec<&Self> = translated.iter().collect();
        for in_common in [2, 1, 0] {
            let alike = |one: &Self, other: &Self| one.may_be(other) && one.times_in_common(other) >= in_common;
            let all = lacking.clone();
            lacking.retain(|notice| {
                let mut candidates = left.iter().enumerate().filter(|(_, other)| alike(notice, other));
                let Some((at, other)) = candidates.next() else { return true };
                let is_clear = in_common > 0
                    || candidates.next().is_none() && all.iter().filter(|one| alike(one, other)).count() == 1;
                if is_clear {
                    left.swap_remove(at);
                }
                !is_clear
            });
        }
        lacking
    }
}
