//! The opening hours in words: the regular ones, the exceptions, and whether the clinic is open now.

use crate::content::Ui;
use crate::content::hours::{Opening, Special, State, Today};
use crate::content::leaf::Line;
use crate::content::model::{Hours, Weekday};
use crate::content::text::Html;
use crate::lang::Lang;
use crate::site::component::HoursView;
use jiff::civil::{Date, Time};
use std::collections::BTreeSet;

/// The hours of a week: days in a row become a span, and spans of the same days are on one line.
pub(super) fn week(hours: &[Hours], lang: Lang, ui: &Ui) -> Vec<HoursView> {
    let mut lines: Vec<(BTreeSet<Weekday>, Vec<String>)> = Vec::new();
    for hours in hours {
        let (days, times) =
            (hours.days.iter().copied().collect(), span(hours.opens.time(), hours.closes.time(), lang, ui));
        match lines.iter_mut().find(|(others, _)| *others == days) {
            Some((_, others)) => others.push(times),
            None => lines.push((days, vec![times])),
        }
    }
    lines.into_iter().map(|(days, times)| HoursView { days: names(days, lang, ui), times, reason: None }).collect()
}

/// `Monday – Friday`, `Tuesday, Thursday`.
fn names(days: BTreeSet<Weekday>, lang: Lang, ui: &Ui) -> String {
    let days: Vec<Weekday> = days.into_iter().collect();
    let in_a_row = days.windows(2).all(|pair| matches!(pair, [a, b] if *a as u8 + 1 == *b as u8));
    match days.as_slice() {
        [first, .., last] if in_a_row && days.len() > 2 => format!("{} – {}", name(*first, ui), name(*last, ui)),
        all => lang.list(&all.iter().map(|day| name(*day, ui).as_str()).collect::<Vec<_>>()),
    }
}

/// `Open now until 2:00 pm`, `Closed now. Opens tomorrow at 5:30 am`.
pub(super) fn open_now(state: &State, lang: Lang, ui: &Ui) -> String {
    let words = &ui.hours;
    match *state {
        State::Open(until) => words.open_until.with(&clock(until, lang)),
        State::OpenOn => ui.places.open_now.to_string(),
        State::Closed(Opening::Today, at) => words.opens_today.with(&clock(at, lang)),
        State::Closed(Opening::Tomorrow, at) => words.opens_tomorrow.with(&clock(at, lang)),
        State::Closed(Opening::On(day), at) => words.opens_on.with(name(day, ui).as_str(), &clock(at, lang)),
    }
}

/// `Friday, December 25, 2026`, `closed (holiday)`.
pub(super) fn exception(special: &Special, reason: Option<Html>, lang: Lang, ui: &Ui) -> HoursView {
    let words = &ui.hours;
    let (first, last) = (special.first, special.last);
    let days = match special.today {
        Today::Last => words.today.to_string(),
        Today::Within => format!("{} – {}", words.today, lang.date(last)),
        Today::Before if first == last => format!("{}, {}", name(Weekday::from_date(first), ui), lang.date(first)),
        Today::Before => format!("{} – {}", lang.date(first), lang.date(last)),
    };
    let times: Vec<_> = special.times.iter().map(|(opens, closes)| span(*opens, *closes, lang, ui)).collect();
    let times = if times.is_empty() { vec![words.closed.to_string()] } else { times };
    HoursView { days, times, reason }
}

/// `Saturday, December 5, 2026, 6:00 pm – 7:30 pm`
pub(super) fn on_a_day(day: Date, begins: Option<Time>, ends: Option<Time>, lang: Lang, ui: &Ui) -> String {
    let date = format!("{}, {}", name(Weekday::from_date(day), ui), lang.date(day));
    match (begins, ends) {
        (Some(begins), Some(ends)) => format!("{date}, {}", span(begins, ends, lang, ui)),
        (Some(begins), None) => format!("{date}, {}", clock(begins, lang)),
        (None, _) => date,
    }
}

fn span(opens: Time, closes: Time, lang: Lang, ui: &Ui) -> String {
    if opens == Time::midnight() && closes == opens {
        return ui.places.all_day.to_string();
    }
    format!("{} – {}", clock(opens, lang), clock(closes, lang))
}

fn clock(time: Time, lang: Lang) -> String {
    lang.time(&time.strftime("%H:%M").to_string())
}

fn name(day: Weekday, ui: &Ui) -> &Line {
    let words = &ui.weekdays;
    match day {
        Weekday::Monday => &words.monday,
        Weekday::Tuesday => &words.tuesday,
        Weekday::Wednesday => &words.wednesday,
        Weekday::Thursday => &words.thursday,
        Weekday::Friday => &words.friday,
        Weekday::Saturday => &words.saturday,
        Weekday::Sunday => &words.sunday,
    }
}
