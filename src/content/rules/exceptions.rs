//! Rules about the days on which the opening hours are others: each says which days and what holds on them, and no day has two.

use super::{closes_too_early, date_order};
use crate::content::catalogue::{EXCEPTION, HOURS, PAST_EXCEPTION};
use crate::content::leaf::{Day, Key, Time};
use crate::content::model::{Clinic, Exception};
use crate::content::{Document, Review};
use crate::diagnostic::{Report, Source};
use jiff::civil::Date;
use std::ops::Range;
use std::sync::Arc;

/// Holds the exceptions of `clinic.toml` to their rules.
pub(super) fn check(document: &Document<Clinic>, review: &Review<'_>, report: &mut Report) {
    let source = &document.source;
    let mut sound: Vec<(Date, Date)> = Vec::new();
    // Not those in remarks, which show how an exception is written.
    let begins_a_line = |at: &usize| {
        let before = source.text.get(..*at).and_then(|head| head.rsplit('\n').next());
        before.is_some_and(|before| before.trim().is_empty())
    };
    let starts = source.text.match_indices(START).map(|(start, _)| start).filter(begins_a_line);
    let mut starts = starts.map(|start| start..start + START.len());
    for exception in document.value.exceptions.iter().flatten() {
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
        let (first, last) = (exception.first(), exception.last());
        if let Some((other, _)) = sound.iter().find(|(from, to)| *from <= last && first <= *to) {
            report.add(
                &HOURS,
                source,
                place.clone(),
                format!("these days overlap with another exception, that of {other}"),
                "give each day one exception",
            );
        }
        if last < review.now.date() {
            report.add(
                &PAST_EXCEPTION,
                source,
                place,
                format!("this exception is over ({last})"),
                "delete it: from its line [[exceptions]] down to the next line in brackets",
            );
        }
        sound.push((first, last));
    }
}

/// The line that begins an exception.
const START: &str = "[[exceptions]]";

/// Where an exception is reported: its day, or the line that begins it.
fn place(exception: &Exception, start: Option<Range<usize>>) -> Option<Range<usize>> {
    let day = exception.on.as_ref().or(exception.to.as_ref()).or(exception.from.as_ref()).map(Day::span);
    let inside = || exception.opens.as_ref().map(Time::span).or_else(|| exception.reason.as_ref().map(Key::span));
    day.or(start).or_else(inside)
}

/// Whether an exception names one day, or the first and the last of several in their order.
fn days(source: &Arc<Source>, exception: &Exception, place: &Range<usize>, report: &mut Report) -> bool {
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
                "write `on` for one day, or `from` and `to` for the first and the last of several",
            );
            false
        }
    }
}

/// Reports hours that are neither closed nor open, or both. Returns whether they are.
fn hours(source: &Arc<Source>, exception: &Exception, place: &Range<usize>, report: &mut Report) -> bool {
    let all_day = exception.closed == Some(true);
    match (all_day, &exception.opens, &exception.closes) {
        (true, None, None) => false,
        (false, Some(opens), Some(closes)) if opens.as_str().is_empty() || closes.as_str().is_empty() => true,
        (false, Some(opens), Some(closes)) => closes_too_early(source, opens, closes, report),
        _ => {
            let (message, help) = if all_day {
                ("this exception is closed and has hours", "keep `closed = true`, or `opens` and `closes`")
            } else {
                ("this exception has no hours", "write `closed = true`, or both `opens` and `closes`")
            };
            report.add(&EXCEPTION, source, place.clone(), message, help);
            true
        }
    }
}
