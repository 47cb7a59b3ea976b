//! Rules about the days on which the opening hours are others: each says which days and what holds on them, and no day has two.

use super::places::Spans;
use super::{closes_too_early, date_order, in_years};
use crate::content::catalogue::{EXCEPTION, HOURS, PAST_EXCEPTION};
use crate::content::leaf::{Day, Key, Time};
use crate::content::model::{Clinic, EveryYear, Exception, MAX_HOLIDAYS};
use crate::content::{Document, Review};
use crate::diagnostic::{Report, Source};
use jiff::ToSpan;
use jiff::civil::Date;
use std::ops::Range;
use std::sync::Arc;

/// Holds the exceptions of `clinic.toml` to their rules: those at its top, and those of each place.
pub(super) fn check(document: &Document<Clinic>, review: &Review<'_>, report: &mut Report) {
    let Clinic { exceptions, locations, .. } = &document.value;
    let mut starts = starts(&document.source, "[[exceptions]]");
    of_place(document, exceptions.iter().flatten(), &mut starts, "exceptions", review, report);
    let mut starts = self::starts(&document.source, "[[locations.exceptions]]");
    for place in locations.iter().flatten() {
        of_place(document, place.exceptions.iter().flatten(), &mut starts, "locations.exceptions", review, report);
    }
}

/// The lines that begin an exception, in order. Not those in remarks, which show how one is written.
fn starts<'a>(source: &'a Source, start: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let begins_a_line = |at: &usize| {
        let before = source.text.get(..*at).and_then(|head| head.rsplit('\n').next());
        before.is_some_and(|before| before.trim().is_empty())
    };
    let starts = source.text.match_indices(start).map(|(at, _)| at).filter(begins_a_line);
    starts.map(|at| at..at + start.len())
}

fn of_place<'a>(
    document: &Document<Clinic>,
    exceptions: impl Iterator<Item = &'a Exception>,
    starts: &mut impl Iterator<Item = Range<usize>>,
    table: &str,
    review: &Review<'_>,
    report: &mut Report,
) {
    let source = &document.source;
    let today = review.now.date();
    // The days of each, and whether it comes back.
    let mut sound: Vec<(bool, Vec<(Date, Date)>)> = Vec::new();
    for exception in exceptions {
        let header = starts.next();
        let part = header.clone().map_or(0..usize::MAX, |header| {
            let next = source.text.get(header.end..).and_then(|rest| rest.find("\n["));
            header.start..next.map_or(usize::MAX, |next| header.end + next)
        });
        // In a list on one line, none has a line of its own.
        let otherwise = || source.text.find("\nexceptions").map_or(0..0, |at| at + 1..at + "\nexceptions".len());
        let place = place(exception, header).unwrap_or_else(otherwise);
        // What was written wrongly may be what seems to be missing.
        if document.findings.has_errors_within(source, &part) {
            continue;
        }
        let wrong = hours(source, exception, &place, report);
        if !days(source, exception, &place, report) || wrong {
            continue;
        }
        let days = [(&exception.on, "on"), (&exception.from, "from"), (&exception.to, "to")];
        for (day, key) in days.into_iter().filter_map(|(day, key)| Some((day.as_ref()?, key))) {
            in_years(source, (day.date(), day.span(), key), review, report);
        }
        let comes_back = exception.every_year.is_some();
        let days = if comes_back {
            exception.between(today, today.saturating_add(YEARS_COMPARED.years()))
        } else {
            exception.between(Date::MIN, Date::MAX)
        };
        let mut same_kind = sound.iter().filter(|(other, _)| *other == comes_back).flat_map(|(_, days)| days);
        let shared = same_kind.find(|(from, to)| days.iter().any(|(first, last)| from <= last && first <= to));
        if let Some((other, _)) = shared {
            report.add(
                &HOURS,
                source,
                place.clone(),
                format!("these days overlap with another exception, that of {other}"),
                "give each day one exception",
            );
        }
        if let Some(last) = exception.last().filter(|last| *last < today) {
            report.add(
                &PAST_EXCEPTION,
                source,
                place,
                format!("this exception is over ({last})"),
                format!("delete it: from its line [[{table}]] down to the next line in brackets"),
            );
        }
        sound.push((comes_back, days));
    }
}

/// For how many years ahead the days of holidays that come back are compared.
const YEARS_COMPARED: i32 = 2;

/// Where an exception is reported: its day, or the line that begins it.
fn place(exception: &Exception, start: Option<Range<usize>>) -> Option<Range<usize>> {
    let day = exception.on.as_ref().or(exception.to.as_ref()).or(exception.from.as_ref()).map(Day::span);
    let inside = || exception.opens.as_ref().map(Time::span).or_else(|| exception.reason.as_ref().map(Key::span));
    day.or(start).or_else(inside)
}

impl Exception {
    /// The nearest place in the file that is known of it.
    pub(super) fn place(&self) -> Range<usize> {
        place(self, None).unwrap_or(0..0)
    }
}

/// Whether an exception names one day, or the first and the last of several in their order.
fn days(source: &Arc<Source>, exception: &Exception, place: &Range<usize>, report: &mut Report) -> bool {
    if let Some(every) = &exception.every_year {
        return comes_back(source, exception, every, place, report);
    }
    match (&exception.on, &exception.from, &exception.to) {
        (Some(on), None, None) => !on.as_str().is_empty(),
        (None, Some(from), Some(to)) => {
            date_order(source, (from, "from"), (to, "to"), report);
            !from.as_str().is_empty() && from.date() <= to.date()
        }
        _ => {
            report.add(
                &EXCEPTION,
                source,
                place.clone(),
                "this exception does not say which days it is for",
                "write `on` for one day, `from` and `to` for the first and the last of several, or `every_year` for a holiday that comes back",
            );
            false
        }
    }
}

/// Whether a holiday that comes back says on which day it does, and nothing else.
fn comes_back(
    source: &Arc<Source>,
    exception: &Exception,
    every: &EveryYear,
    place: &Range<usize>,
    report: &mut Report,
) -> bool {
    // In a leap year each month is as long as it gets.
    const LEAP: i16 = 2024;
    let both = exception.on.is_some() || exception.from.is_some() || exception.to.is_some();
    let too_many = every.days.is_some_and(|days| !(1..=MAX_HOLIDAYS).contains(&days));
    let (message, help) = if both {
        (
            "this exception comes back and has a date",
            "keep `every_year`, or its date; a year that is different has an exception of its own".to_owned(),
        )
    } else if every.in_year(LEAP).is_none() {
        (
            "this exception does not say on which day of the year it is",
            "write every_year = { month = \"december\", day = 25 }, or every_year = { month = \"november\", week = \"fourth\", weekday = \"thursday\" }".to_owned(),
        )
    } else if too_many {
        (
            "this exception lasts for too many days",
            format!("write `days` as a number from 1 to {MAX_HOLIDAYS}, or leave it out for one day"),
        )
    } else {
        return true;
    };
    report.add(&EXCEPTION, source, place.clone(), message, help);
    false
}

/// Reports hours that are neither closed nor open, or both. Returns whether they are.
fn hours(source: &Arc<Source>, exception: &Exception, place: &Range<usize>, report: &mut Report) -> bool {
    let all_day = exception.closed == Some(true);
    match (all_day, &exception.opens, &exception.closes, &exception.spans) {
        (true, None, None, None) => false,
        (false, Some(opens), Some(closes), None) if opens.as_str().is_empty() || closes.as_str().is_empty() => true,
        (false, Some(opens), Some(closes), None) => closes_too_early(source, opens, closes, report),
        (false, None, None, Some(spans)) => {
            let mut seen = Spans::default();
            let mut wrong = false;
            for span in spans {
                if closes_too_early(source, &span.opens, &span.closes, report) {
                    wrong = true;
                } else if seen.overlaps(0, &span.opens, &span.closes) {
                    wrong = true;
                    let message = "these hours overlap with others of the same exception";
                    report.add(&HOURS, source, span.opens.span(), message, "give each day each hour once");
                }
            }
            wrong
        }
        _ => {
            let (message, help) = if all_day {
                ("this exception is closed and has hours", "keep `closed = true`, or `opens` and `closes`")
            } else if exception.spans.is_some() {
                ("this exception has hours in two ways", "keep `spans`, and write all its hours in it")
            } else {
                ("this exception has no hours", "write `closed = true`, or both `opens` and `closes`")
            };
            report.add(&EXCEPTION, source, place.clone(), message, help);
            true
        }
    }
}
