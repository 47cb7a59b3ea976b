//! The notices that a language lacks. Nothing ties a notice to its translation but what it is about, and when it is shown.

use super::Content;
use super::leaf::Moment;
use super::model::Notice;
use crate::lang::Lang;
use jiff::Timestamp;

impl Content {
    /// The pressing notices of the English site that a language lacks.
    #[must_use]
    pub fn untranslated_notices(&self, lang: Lang) -> Vec<&Notice> {
        let of = |lang| self.languages.iter().find(|language| language.lang == lang);
        let notices = |lang| of(lang).and_then(|language| language.notices.notices.as_deref()).unwrap_or_default();
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
        let from = |notice: &Self| notice.starts.as_ref().map_or(Timestamp::MIN, Moment::begins);
        let to = |notice: &Self| notice.ends.as_ref().map_or(Timestamp::MAX, Moment::is_over);
        self.about == other.about && from(self) < to(other) && from(other) < to(self)
    }

    /// Those of `notices` that no other of `translated` can be.
    #[must_use]
    pub fn untranslated<'n>(notices: &'n [Self], translated: &[Self]) -> Vec<&'n Self> {
        let times = |notice: &Self| {
            let text = |moment: &Option<Moment>| moment.as_ref().map(ToString::to_string);
            (text(&notice.starts), text(&notice.ends))
        };
        let mut left: Vec<&Self> = translated.iter().collect();
        // Those with the very same days first, so that none is taken for another.
        let mut take = |notice: &&Self, same: bool| {
            let is = |other: &&Self| notice.may_be(other) && (!same || times(notice) == times(other));
            left.iter().position(is).map(|at| left.swap_remove(at)).is_none()
        };
        let others: Vec<&Self> = notices.iter().filter(|notice| take(notice, true)).collect();
        others.into_iter().filter(|notice| take(notice, false)).collect()
    }
}
