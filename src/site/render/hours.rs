//! The opening hours in words: the regular ones, the exceptions, and whether the clinic is open now.

use crate::content::Ui;
use crate::content::hours::{Opening, Special, State, Today};
use crate::content::leaf::Line;
use crate::content::model::{Hours, Weekday};
use crate::lang::Lang;
use crate::site::component::HoursView;
use jiff::civil::{Date, Time};
use std::collections::BTreeSet;

/// `Monday – Friday`, `5:30 am – 11:00 am`: days in a row become a span.
pub(super) fn regular(hours: &Hours, lang: Lang, ui: &Ui) -> HoursView {
    let days: Vec<Weekday> = hours.days.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let in_a_row = days.windows(2).all(|pair| matches!(pair, [a, b] if *a as u8 + 1 == *b as u8));
    let days = match days.as_slice() {
        [first, .., last] if in_a_row && days.len() > 2 => format!("{} – {}", name(*first, ui), name(*last, ui)),
        all => all.iter().map(|day| name(*day, ui).as_str()).collect::<Vec<_>>().join(", "),
    };
    HoursView { days, times: span(hours.opens.time(), hours.closes.time(), lang), reason: None }
}

/// `Open now until 2:00 pm`, `Closed now. Opens tomorrow at 5:30 am`.
pub(super) fn open_now(state: &State, lang: Lang, ui: &Ui) -> String {
    let words = &ui.hours;
    match *state {
        State::Open(until) => words.open_until.with(&clock(until, lang)),
        State::Closed(Opening::Today, at) => words.opens_today.with(&clock(at, lang)),
        State::Closed(Opening::Tomorrow, at) => words.opens_tomorrow.with(&clock(at, lang)),
        State::Closed(Opening::On(day), at) => words.opens_on.with(name(day, ui).as_str(), &clock(at, lang)),
    }
}

/// `Friday, December 25, 2026`, `closed (holiday)`.
pub(super) fn exception(special: &Special, lang: Lang, ui: &Ui) -> HoursView {
    let words = &ui.hours;
    let (first, last) = (special.first, special.last);
    let days = match special.today {
        Today::Last => words.today.to_string(),
        Today::Within => format!("{} – {}", words.today, lang.date(last)),
        Today::Before if first == last => format!("{}, {}", name(Weekday::of(first), ui), lang.date(first)),
        Today::Before => format!("{} – {}", lang.date(first), lang.date(last)),
    };
    let times = special.times.map_or_else(|| words.closed.to_string(), |(opens, closes)| span(opens, closes, lang));
    let reason = special.reason.as_ref().and_then(|key| ui.exceptions.get(key));
    HoursView { days, times, reason: reason.map(ToString::to_string) }
}

/// `Saturday, December 5, 2026, 6:00 pm – 7:30 pm`
pub(super) fn on_a_day(day: Date, begins: Option<Time>, ends: Option<Time>, lang: Lang, ui: &Ui) -> String {
    let date = format!("{}, {}", name(Weekday::of(day), ui), lang.date(day));
    match (begins, ends) {
        (Some(begins), Some(ends)) => format!("{date}, {}", span(begins, ends, lang)),
        (Some(begins), None) => format!("{date}, {}", clock(begins, lang)),
        (None, _) => date,
    }
}

fn span(opens: Time, closes: Time, lang: Lang) -> String {
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
