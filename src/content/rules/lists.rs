//! Rules about tables, people and events.

use super::facts::FACT_SOON;
use super::{FRAME_ANCHORS, date_order, in_years, not_yet};
use crate::content::catalogue::{
    DATE_ORDER, DUPLICATE_ID, ENDED_EVENT, EVENT_DIFFERS, EXPIRED_FACT, FACT_EXPIRES_SOON, LEFT_OUT_ROW, MISSING_KEY,
    UNEVEN_TABLE,
};
use crate::content::leaf::{Day, Key, Line, Markdown, Time};
use crate::content::model::{Clinic, Event, Events, Member, Page, Section, Table};
use crate::content::text::name_in_copy;
use crate::content::{Draft, DraftLanguage, Review};
use crate::diagnostic::{Report, Source};
use crate::lang::Lang;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

/// How many columns a table has: one is a list, and more than six are on no sheet of paper.
const COLUMNS: RangeInclusive<usize> = 2..=6;

/// Holds the tables, people and events of a language's pages to the rules about them.
pub(super) fn check(draft: &Draft, language: &DraftLanguage, review: &Review<'_>, report: &mut Report) {
    let unknown = draft.clinic.as_ref().map(|clinic| unknown_facts(&clinic.value, review)).unwrap_or_default();
    for (key, document) in &language.pages {
        let (source, page) = (&document.source, &document.value);
        for section in &page.sections {
            match section {
                Section::Table(table) => self::table(source, table, &unknown, report),
                Section::People(people) => people.items.iter().for_each(|one| person(source, one, review, report)),
                Section::Events(events) => events.all().for_each(|one| event(source, one, review, report)),
                _ => {}
            }
        }
        anchors(source, page, report);
        if let Some(english) = draft.languages.first().filter(|_| language.lang != Lang::En) {
            let original = english.pages.get(key).map(|page| events_of(&page.value)).unwrap_or_default();
            original.into_iter().zip(events_of(page)).for_each(|(own, other)| differs(source, own, other, report));
        }
    }
}

/// The names of facts in copy that pages do without today: those that have expired, and those that nobody has given.
fn unknown_facts(clinic: &Clinic, review: &Review<'_>) -> BTreeSet<String> {
    let names = |clinic: &Clinic, given: bool| -> BTreeSet<String> {
        let facts = clinic.facts().into_iter().filter(|(_, fact)| !given || fact.is_some());
        facts.map(|(key, _)| name_in_copy(&key)).collect()
    };
    let known = names(&clinic.known_on(review.now.date()), true);
    names(clinic, false).into_iter().filter(|name| !known.contains(name)).collect()
}

fn table(source: &Arc<Source>, table: &Table, unknown: &BTreeSet<String>, report: &mut Report) {
    let count = table.columns.len();
    // What could not be read may be the very cell that seems to be missing.
    let sound = !report.has_errors_in(&source.path);
    if sound && !COLUMNS.contains(&count) {
        let message = format!("this table has {count} column{}", if count == 1 { "" } else { "s" });
        let place = table.columns.last().map_or_else(|| table.heading.span(), Line::span);
        let help = "a table has two to six: make a list of one column, and two tables of many";
        report.add(&UNEVEN_TABLE, source, place, message, help);
        return;
    }
    for row in &table.rows {
        let cells = row.cells.len();
        if sound && cells != count {
            let message = format!(
                "this row has {cells} cell{}, and the table {count} columns",
                if cells == 1 { "" } else { "s" }
            );
            let place = row.cells.last().map_or_else(|| table.heading.span(), Markdown::span);
            let help = "write a text for each column, in their order; where there is nothing to say: \"–\"";
            report.add(&UNEVEN_TABLE, source, place, message, help);
        }
        let named = row.cells.iter().find_map(|cell| {
            let name = cell.mentions().facts.into_iter().find(|name| unknown.contains(name))?;
            Some((cell.span(), name))
        });
        if let Some((place, name)) = named {
            let message = format!("this row is left out: `{name}` is not known, or has expired");
            let help = "check the fact at its source and write it into clinic.toml, or write the row without it";
            report.add(&LEFT_OUT_ROW, source, place, message, help);
        }
    }
}

fn person(source: &Arc<Source>, one: &Member, review: &Review<'_>, report: &mut Report) {
    if let Some(day) = &one.verified_on {
        not_yet(source, (day, "verified_on"), review, report);
    }
    if let (Some(from), Some(to)) = (&one.verified_on, &one.expires_on) {
        date_order(source, (from, "verified_on"), (to, "expires_on"), report);
    }
    let Some(day) = one.expires_on.as_ref().filter(|day| !day.as_str().is_empty()) else { return };
    let left = review.now.date().until(day.date()).map_or(0, |span| span.get_days());
    let help = "take this person out, or ask whether they are here and write new dates";
    if left < 0 {
        let message = format!("{} is not shown any more: the last day was {day}", one.name);
        report.add(&EXPIRED_FACT, source, day.span(), message, help);
    } else if left <= FACT_SOON {
        let message = format!("{} is shown until {day}, and not after that day", one.name);
        report.add(&FACT_EXPIRES_SOON, source, day.span(), message, help);
    }
}

fn event(source: &Arc<Source>, event: &Event, review: &Review<'_>, report: &mut Report) {
    if event.day.as_str().is_empty() {
        return;
    }
    in_years(source, (event.day.date(), event.day.span(), "day"), review, report);
    match (&event.begins, &event.ends) {
        (Some(begins), Some(ends)) if ends <= begins && !begins.as_str().is_empty() && !ends.as_str().is_empty() => {
            report.add(
                &DATE_ORDER,
                source,
                ends.span(),
                format!("`ends` ({ends}) is not after `begins` ({begins})"),
                "write both on the 24-hour clock: 6 pm is \"18:00\"; what goes on after midnight ends at \"23:59\"",
            );
        }
        (None, Some(ends)) => {
            let help = "add when it begins, such as begins = \"18:00\", or take `ends` out: then it takes all day";
            report.add(&MISSING_KEY, source, ends.span(), "the key `begins` is missing in this event", help);
        }
        _ => {}
    }
    if event.is_over(review.now.time_zone()).duration_since(review.now.timestamp()) <= SignedDuration::ZERO {
        report.add(
            &ENDED_EVENT,
            source,
            event.day.span(),
            format!("this event is over ({}) and is not shown any more", event.day),
            "take it out, or write the day on which it is again",
        );
    }
}

/// Reports what a page holds under an anchor that another part of it has.
fn anchors(source: &Arc<Source>, page: &Page, report: &mut Report) {
    let own = page.sections.iter().filter_map(|section| section.anchor().map(|(anchor, _)| anchor));
    let mut seen: BTreeSet<String> = FRAME_ANCHORS.into_iter().map(str::to_owned).chain(own).collect();
    for section in &page.sections {
        for (anchor, place) in section.inner_anchors().into_iter().zip(places(section)) {
            if !seen.insert(anchor.clone()) {
                let message = format!("another part of this page has the anchor `#{anchor}`");
                report.add(&DUPLICATE_ID, source, place, message, "give one of the two an `id` of its own");
            }
        }
    }
}

/// The places of what makes the anchors within a section: of each event, or of the section's own heading.
fn places(section: &Section) -> Vec<Range<usize>> {
    let place = |event: &Event| event.id.as_ref().map_or_else(|| event.title.span(), Key::span);
    match section {
        Section::Events(events) => events.all().map(place).collect(),
        other => {
            let count = other.inner_anchors().len();
            let heading = other.heading().map_or(0..0, Line::span);
            std::iter::repeat_n(heading, count).collect()
        }
    }
}

fn events_of(page: &Page) -> Vec<&Events> {
    let events = page.sections.iter().filter_map(|section| match section {
        Section::Events(events) => Some(events),
        _ => None,
    });
    events.collect()
}

/// Reports events that are at another time than in English. Where one was added or taken out, the translation is reported as stale.
fn differs(source: &Arc<Source>, english: &Events, own: &Events, report: &mut Report) {
    if english.all().count() != own.all().count() {
        return;
    }
    for (original, event) in english.all().zip(own.all()) {
        let times = |event: &Event| {
            let time = |time: &Option<Time>| time.as_ref().map(Time::to_string).unwrap_or_default();
            (event.day.to_string(), time(&event.begins), time(&event.ends))
        };
        let (wanted, found) = (times(original), times(event));
        if wanted != found && !original.day.as_str().is_empty() && !event.day.as_str().is_empty() {
            let words = |(day, begins, ends): &(String, String, String)| {
                [day.as_str(), begins, ends]
                    .iter()
                    .filter(|part| !part.is_empty())
                    .copied()
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            report.add(
                &EVENT_DIFFERS,
                source,
                Day::span(&event.day),
                format!("this event is at another time than in English ({}, not {})", words(&found), words(&wanted)),
                "find out which is right, and write the same `day`, `begins` and `ends` in both files",
            );
        }
    }
}
