//! Days that a text names with their day of the week: "Thursday, November 26, 2026", "jueves 26 de noviembre".

use regex_lite::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A day, as a text names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::content) struct NamedDay {
    /// The day of the week, from Monday on.
    pub(in crate::content) weekday: usize,
    pub(in crate::content) month: i8,
    pub(in crate::content) day: i8,
    pub(in crate::content) year: Option<i16>,
    /// The days of the week in the language of the text, from Monday on.
    pub(in crate::content) names: &'static [&'static str; 7],
}

pub(super) const ENGLISH: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
pub(super) const SPANISH: [&str; 7] = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];

/// What comes between two days of the week that share a date.
const BETWEEN: [&str; 15] =
    ["and", "or", "to", "through", "until", "&", ",", "-", "–", "—", "y el", "y", "o", "al", "a"];

/// How far behind the day of the week its date ends at most, in bytes.
const NEAR: usize = 60;

/// The month with the day before or behind it, and a year; right behind the day of the week.
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const MONTH: &str = r"(january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre)\b\.?";
    const DAY: &str = r"([0-9]{1,2})(?:st|nd|rd|th|º|°)?";
    const YEAR: &str = r"(?:,? +(?:del? +)?(20[0-9]{2})\b)?";
    let day = format!(r"(?i)^,? +(?:the +|el +|día +)*(?:{MONTH} +{DAY}\b|{DAY} +(?:of +|de +)?{MONTH}){YEAR}");
    Regex::new(&day).ok()
});

/// The days that a text names, each with the place of its day of the week. `lower` is the text in small letters.
pub(super) fn in_text(text: &str, lower: &str) -> Vec<(Range<usize>, NamedDay)> {
    let mut found = Vec::new();
    for names in [&ENGLISH, &SPANISH] {
        for (weekday, name) in names.iter().enumerate() {
            for at in lower.match_indices(name).take(super::MOST).map(|(at, _)| at) {
                let day = named(text, lower, at, name, weekday, names);
                found.extend(day.map(|day| (at..at + name.len(), day)));
            }
        }
    }
    found
}

fn named(
    text: &str,
    lower: &str,
    at: usize,
    name: &str,
    weekday: usize,
    names: &'static [&'static str; 7],
) -> Option<NamedDay> {
    let before = lower.get(..at)?;
    let behind = text.get(at + name.len()..text.floor_char_boundary(at + name.len() + NEAR))?;
    if before.ends_with(char::is_alphanumeric) || shares_its_date(before) {
        return None;
    }
    let captures = DATE.as_ref()?.captures(behind)?;
    let part = |group: usize| captures.get(group).map(|found| found.as_str());
    let month = part(1).or(part(4))?.to_lowercase();
    let day = part(2).or(part(3))?.parse().ok()?;
    let month =
        (1..).zip(crate::content::meant::MONTHS).find(|(_, all)| all.iter().any(|one| month.starts_with(one)))?.0;
    let year = part(5).and_then(|year| year.parse().ok());
    Some(NamedDay { weekday, month, day, year, names })
}

/// Whether another day of the week comes before, so that the date may be that one's: "Thursday and Friday, November 26 and 27".
fn shares_its_date(before: &str) -> bool {
    let before = before.trim_end();
    let ends = |text: &str| {
        let text = text.trim_end().trim_end_matches(',');
        ENGLISH.iter().chain(&SPANISH).any(|name| text.ends_with(name))
    };
    BETWEEN.iter().filter_map(|word| before.strip_suffix(word)).any(ends)
}

#[cfg(test)]
mod tests {
    use super::in_text;

    fn days(text: &str) -> Vec<(&str, usize, i8, i8, Option<i16>)> {
        let found = in_text(text, &text.to_ascii_lowercase());
        found.into_iter().map(|(at, day)| (text.get(at).unwrap(), day.weekday, day.month, day.day, day.year)).collect()
    }

    #[test]
    fn days_are_found_in_both_languages() {
        for (text, day) in [
            ("We are closed on Thursday, November 26, 2026.", ("Thursday", 3, 11, 26, Some(2026))),
            ("Closed THURSDAY Nov. 26th", ("THURSDAY", 3, 11, 26, None)),
            ("On Monday the 18th of January, 2027, too.", ("Monday", 0, 1, 18, Some(2027))),
            ("El jueves 26 de noviembre de 2026 cerramos.", ("jueves", 3, 11, 26, Some(2026))),
            ("El jueves, 26 de noviembre del 2026", ("jueves", 3, 11, 26, Some(2026))),
            ("Cerramos el miércoles 2 de diciembre.", ("miércoles", 2, 12, 2, None)),
            ("From Friday, December 25 to Sunday", ("Friday", 4, 12, 25, None)),
        ] {
            assert_eq!(days(text), [day], "{text}");
        }
        for text in [
            "Mondays, November 2 and 9",
            "Thursday and Friday, November 26 and 27",
            "jueves y viernes, 26 y 27 de noviembre",
            "jueves y el viernes 27 de noviembre",
            "On Thursday we march 5 miles",
            "Thursday, November 2026",
            "Monday, 5 people came",
            "",
        ] {
            assert_eq!(days(text), [], "{text}");
        }
    }
}
