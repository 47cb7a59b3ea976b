//! What is wrong is reported at once, and again every day until it is mended: nobody sees a line that is months old.

use std::collections::BTreeMap;

const DAY: i64 = 24 * 60 * 60;

/// What was reported, and when: seconds since 1970.
#[derive(Debug, Default)]
pub(super) struct Reported(BTreeMap<String, i64>);

impl Reported {
    /// Which of all that is wrong has to be reported now: what is new, and what was reported a day ago. What is no longer among them counts as mended.
    pub(super) fn due(&mut self, wrong: Vec<String>, now: i64) -> Vec<String> {
        self.0.retain(|reported, _| wrong.contains(reported));
        // A clock that was set back says nothing about when it was.
        let is_fresh = |at: &i64| (*at..*at + DAY).contains(&now);
        wrong
            .into_iter()
            .filter(|what| {
                let is_due = !self.0.get(what).is_some_and(is_fresh);
                if is_due {
                    self.0.insert(what.clone(), now);
                }
                is_due
            })
            .collect()
    }

    /// Whether nothing was wrong when [`Reported::due`] was called last.
    pub(super) fn is_good(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY, Reported};

    #[test]
    fn a_trouble_is_reported_at_once_and_daily_until_it_is_mended() {
        let mut reported = Reported::default();
        let mut due =
            |wrong: &[&str], now| reported.due(wrong.iter().map(|&what| what.to_owned()).collect(), now).join(",");
        let times: Vec<i64> = (0..=3 * 24).filter(|hour| !due(&["expired"], hour * 3600).is_empty()).collect();
        assert_eq!(times, [0, 24, 48, 72]);
        assert_eq!(due(&["expired", "foreign"], 3 * DAY + 1), "foreign");
        assert_eq!(due(&["foreign"], 3 * DAY + 2), "");
        assert_eq!(due(&["expired", "foreign"], 3 * DAY + 3), "expired", "it was mended in between");
        assert_eq!(due(&["expired", "foreign"], 5), "expired,foreign", "the clock was set back");
        assert!(!reported.is_good());
        assert!(reported.due(Vec::new(), 6).is_empty() && reported.is_good());
    }
}
