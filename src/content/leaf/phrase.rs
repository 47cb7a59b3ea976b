//! Words around what the site knows, a time or a number: each name in braces is where the site puts it, so every language has its own order.

use super::{CountPhrase, DayTimePhrase, MAX_LINE, MaxPhrase, Problem, SitePhrase, TimePhrase, catalogue, plain};

/// Where a time goes.
pub(super) const TIME: &str = "{time}";
/// Where a day of the week goes.
pub(super) const DAY: &str = "{day}";
/// Where the name of another site goes.
pub(super) const SITE: &str = "{site}";
/// Where the most characters that may be written go.
pub(super) const MAX: &str = "{max}";
/// Where a number goes.
pub(super) const COUNT: &str = "{count}";

impl TimePhrase {
    /// The words with a time.
    #[must_use]
    pub fn with(&self, time: &str) -> String {
        self.as_str().replace(TIME, time)
    }
}

impl DayTimePhrase {
    /// The words with a day and a time.
    #[must_use]
    pub fn with(&self, day: &str, time: &str) -> String {
        self.as_str().replace(DAY, day).replace(TIME, time)
    }
}

impl SitePhrase {
    /// The words with the name of a site.
    #[must_use]
    pub fn with(&self, site: &str) -> String {
        self.as_str().replace(SITE, site)
    }
}

impl MaxPhrase {
    /// The words with a number.
    #[must_use]
    pub fn with(&self, max: usize) -> String {
        self.as_str().replace(MAX, &max.to_string())
    }
}

impl CountPhrase {
    /// The words with a number.
    #[must_use]
    pub fn with(&self, count: usize) -> String {
        self.as_str().replace(COUNT, &count.to_string())
    }
}

/// Checks a phrase: it names each once, and the words around them are plain text.
pub(super) fn check(key: &str, text: &str, names: &[&str]) -> Vec<Problem> {
    let lacking = names.iter().find(|name| text.matches(**name).count() != 1);
    if let Some(name) = lacking {
        return vec![Problem::new(
            &catalogue::MALFORMED,
            format!("`{key}` must name {name} once"),
            format!("keep {} as it is, and change the words around it", names.join(" and ")),
        )];
    }
    plain(key, text, names, 1, MAX_LINE)
}

#[cfg(test)]
mod tests {
    use super::{DAY, DayTimePhrase, MaxPhrase, TIME, TimePhrase, check};

    #[test]
    fn names_become_what_they_stand_for() {
        assert_eq!(TimePhrase(0, 0, "Open until {time}.".to_owned()).with("2:00 pm"), "Open until 2:00 pm.");
        assert_eq!(MaxPhrase(0, 0, "At most {max}.".to_owned()).with(80), "At most 80.");
        let phrase = DayTimePhrase(0, 0, "At {time} on {day}".to_owned());
        assert_eq!(phrase.with("Monday", "5:30 am"), "At 5:30 am on Monday");
    }

    #[test]
    fn each_name_is_there_once_and_nothing_else_is_in_braces() {
        assert!(check("key", "Opens {day} at {time}", &[DAY, TIME]).is_empty());
        for bad in ["Opens {day}", "{time} {time} {day}", "Opens {day} at {time} {phone}", "**{day}** {time}"] {
            assert!(!check("key", bad, &[DAY, TIME]).is_empty(), "{bad}");
        }
    }
}
