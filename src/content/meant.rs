//! What somebody meant by a day or a time that is written as people write it: help offers the same, rightly written.

use super::calendar;
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};

/// Longer texts are no days and no times, in bytes.
const LONGEST: usize = 60;

/// The months by the first letters of their names, in English and in Spanish.
pub(super) const MONTHS: [&[&str]; 12] = [
    &["jan", "ene"],
    &["feb"],
    &["mar"],
    &["apr", "abr"],
    &["may"],
    &["jun"],
    &["jul"],
    &["aug", "ago"],
    &["sep", "set"],
    &["oct"],
    &["nov"],
    &["dec", "dic"],
];

/// Words beside a day that say nothing more of it: the start of the days of the week, endings of numbers, Spanish "de".
const ASIDE: [&str; 19] = [
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "lun", "mie", "jue", "vie", "sab", "dom", "st", "nd", "rd", "th",
    "of", "de",
];

/// A word or a number.
enum Part<'t> {
    Number(&'t str),
    Word(&'t str),
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(char::is_alphanumeric) {
        rest = rest.get(start..).unwrap_or_default();
        let digits = rest.starts_with(|c: char| c.is_ascii_digit());
        let same = |c: char| if digits { c.is_ascii_digit() } else { c.is_alphabetic() };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len()).max(rest.chars().next().map_or(1, char::len_utf8));
        let (part, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        parts.push(if digits { Part::Number(part) } else { Part::Word(part) });
        rest = behind;
    }
    parts
}

/// The day that a text means: `2026-11-7`, `11/27/26`, `27.11.2026`, `Nov. 27, 2026`, `27 de noviembre de 2026`, `20261127`. Of a day that
/// its month doesn't have, the last of that month.
pub(super) fn day(text: &str) -> Option<Date> {
    if text.len() > LONGEST {
        return None;
    }
    // Digits of the same width as Chinese letters.
    let digit = |c: char| u32::from(c).checked_sub(0xff10).and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c);
    let lower: String = text.to_lowercase().chars().map(digit).collect();
    let mut month = None;
    let mut numbers: Vec<&str> = Vec::new();
    for part in parts(&lower) {
        match part {
            Part::Number(number) => numbers.push(number),
            Part::Word(word) => {
                let named = (1..).zip(MONTHS).find(|(_, names)| names.iter().any(|name| word.starts_with(name)));
                match named {
                    // Tuesday in Spanish begins like March.
                    Some((number, _)) if month.is_none() && word != "martes" => month = Some(number),
                    _ if word == "martes" => {}
                    _ if ASIDE.iter().any(|aside| word == *aside || aside.len() == 3 && word.starts_with(aside)) => {}
                    _ => return None,
                }
            }
        }
    }
    let number = |text: &str| text.parse::<i16>().ok().filter(|_| text.len() <= 4);
    let year = |text: &str| match text.len() {
        4 => number(text).filter(|year| (1900..2200).contains(year)),
        2 => number(text).map(|year| year + 2000),
        _ => None,
    };
    let (year, month, day) = match (month, numbers.as_slice()) {
        (None, [whole]) if whole.len() == 8 => {
            (year(whole.get(..4)?)?, number(whole.get(4..6)?)?, number(whole.get(6..)?)?)
        }
        (None, [first, month, day]) if first.len() == 4 => (year(first)?, number(month)?, number(day)?),
        (None, [first, second, last]) => {
            let (first, second) = (number(first)?, number(second)?);
            // Month, day, year, as in the United States; day first with points, and where the first number is no month.
            let day_first = first > 12 || text.contains('.') && second <= 12;
            let (month, day) = if day_first { (second, first) } else { (first, second) };
            (year(last)?, month, day)
        }
        (Some(month), [first, day]) if first.len() == 4 => (year(first)?, month, number(day)?),
        (Some(month), [day, last]) => (year(last)?, month, number(day)?),
        _ => return None,
    };
    let first = Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
    let day = i8::try_from(day).ok().filter(|day| (1..=31).contains(day))?;
    Date::new(year, first.month(), day.min(first.days_in_month())).ok()
}

/// The time that a text means, as `05:30`: `5:30 AM`, `5.30pm`, `17h30`, `530`, `noon`, `5:30:00`.
pub(super) fn time(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let lower = text.trim().to_lowercase().replace("a.m.", "am").replace("p.m.", "pm").replace("a. m.", "am");
    let lower = lower.replace("p. m.", "pm");
    match lower.as_str() {
        "noon" | "midday" | "mediodía" => return Some("12:00".to_owned()),
        "midnight" | "medianoche" => return Some("00:00".to_owned()),
        _ => {}
    }
    let mut afternoon = None;
    let mut numbers: Vec<&str> = Vec::new();
    for part in parts(&lower) {
        match part {
            Part::Number(number) if afternoon.is_none() => numbers.push(number),
            Part::Word("am" | "a") if !numbers.is_empty() => afternoon = Some(false),
            Part::Word("pm" | "p") if !numbers.is_empty() => afternoon = Some(true),
            Part::Word("h" | "hrs" | "hours" | "uhr") if !numbers.is_empty() => {}
            _ => return None,
        }
    }
    let two = |text: &str| text.parse::<i8>().ok().filter(|_| text.len() <= 2);
    let (hour, minute) = match numbers.as_slice() {
        [whole] if matches!(whole.len(), 3 | 4) => {
            let (hour, minute) = whole.split_at_checked(whole.len() - 2)?;
            (two(hour)?, two(minute)?)
        }
        [hour] => (two(hour)?, 0),
        [hour, minute] | [hour, minute, "00"] if minute.len() == 2 => (two(hour)?, two(minute)?),
        _ => return None,
    };
    let hour = match afternoon {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
        // An hour alone could be either: "9" is not "nine in the morning" to everybody.
        None if numbers.len() == 1 && !lower.ends_with(|c: char| c.is_alphabetic()) && lower.len() < 3 => return None,
        None => hour,
    };
    let time = Time::new(hour, minute, 0, 0).ok()?;
    Some(format!("{:02}:{:02}", time.hour(), time.minute()))
}

/// The day, or the minute of a day, that a text means, as TOML writes it: `2026-11-27 6pm`, `Nov 27, 2026 at 18:00`.
pub(super) fn moment(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    if let Ok(instant) = text.trim().replace(' ', "T").parse::<Timestamp>() {
        let clock = calendar::on_the_clinics_clock(instant);
        return Some(format!("{}T{:02}:{:02}:00", clock.date(), clock.hour(), clock.minute()));
    }
    if let Some(day) = day(text) {
        return Some(day.to_string());
    }
    let splits = text.match_indices(|c: char| c == 'T' || c.is_whitespace());
    splits.into_iter().find_map(|(at, _)| {
        let (date, rest) = text.split_at_checked(at)?;
        let rest = rest.trim_start_matches(['T', ',']).trim();
        let rest = rest.strip_prefix("at ").or_else(|| rest.strip_prefix("a las ")).unwrap_or(rest);
        Some(format!("{}T{}:00", day(date)?, time(rest)?))
    })
}

/// The day that a text means, or the minute of a day where there may be one, as TOML writes it.
pub(super) fn date(text: &str, moment: bool, today: Option<Date>) -> Option<String> {
    let from_today = |word: &str| match word.trim().to_lowercase().as_str() {
        "today" | "now" | "hoy" | "ahora" => Some(0),
        "tomorrow" | "mañana" => Some(1),
        _ => None,
    };
    if let (Some(today), Some(days)) = (today, from_today(text)) {
        return Some(today.saturating_add(days.days()).to_string());
    }
    let meant = self::moment(text)?;
    if moment { Some(meant) } else { meant.get(..10).map(str::to_owned) }
}

/// The day that is shown as an example of a key's: of the day from which something holds one that is ahead, as it would hold at once otherwise.
pub(super) fn example(key: &str, today: Option<Date>) -> Date {
    let next = today.and_then(|today| today.last_of_month().tomorrow().ok()).filter(|_| key == "from");
    next.unwrap_or(jiff::civil::date(2026, 11, 23))
}

#[cfg(test)]
mod tests {
    use super::{day, moment, time};

    #[test]
    fn days_are_read_as_people_write_them() {
        for (text, meant) in [
            ("2026-11-7", "2026-11-07"),
            ("2026/11/27", "2026-11-27"),
            ("2026–11–27", "2026-11-27"),
            ("11/27/26", "2026-11-27"),
            ("11-27-2026", "2026-11-27"),
            ("27.11.2026", "2026-11-27"),
            ("1.11.2026", "2026-11-01"),
            ("11.27.2026", "2026-11-27"),
            ("20261127", "2026-11-27"),
            ("Nov. 27, 2026", "2026-11-27"),
            ("Friday, November 27th, 2026", "2026-11-27"),
            ("27 Nov 2026", "2026-11-27"),
            ("27 de noviembre de 2026", "2026-11-27"),
            ("2027-02-30", "2027-02-28"),
        ] {
            assert_eq!(day(text).map(|day| day.to_string()).as_deref(), Some(meant), "{text}");
        }
        for text in
            ["", "soon", "12-25", "916-444-2345", "2026-13-01", "2026-11-00", "2026-11-27 6pm", "1-2-3", "Nov 27"]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, meant) in [
            ("5:30", "05:30"),
            ("5:30 AM", "05:30"),
            ("5.30pm", "17:30"),
            ("2 p.m.", "14:00"),
            ("2 p. m.", "14:00"),
            ("12 am", "00:00"),
            ("12:15 PM", "12:15"),
            ("noon", "12:00"),
            ("14h", "14:00"),
            ("14h30", "14:30"),
            ("530", "05:30"),
            ("1400", "14:00"),
            ("05:30:00", "05:30"),
        ] {
            assert_eq!(time(text).as_deref(), Some(meant), "{text}");
        }
        for text in ["", "9", "24:00", "25:00", "5:7", "13 pm", "soon", "5:30-14:00", "12345"] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn moments_are_a_day_or_a_day_and_a_time() {
        for (text, meant) in [
            ("2026-11-27 6pm", "2026-11-27T18:00:00"),
            ("2026-11-27T18:00", "2026-11-27T18:00:00"),
            ("11/27/26 18:00", "2026-11-27T18:00:00"),
            ("Nov 27, 2026 at 6 pm", "2026-11-27T18:00:00"),
            ("Nov 27, 2026", "2026-11-27"),
            ("2026-11-28T02:00:00Z", "2026-11-27T18:00:00"),
            ("2026-11-27T18:00:00-08:00", "2026-11-27T18:00:00"),
        ] {
            assert_eq!(moment(text).as_deref(), Some(meant), "{text}");
        }
        assert_eq!(moment("tomorrow at noon"), None);
    }
}
