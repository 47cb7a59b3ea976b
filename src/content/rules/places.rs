//! Rules about places: they are written in one way, each has a name of its own, and no hour of theirs is given twice.

use super::{DAY, duplicates, length, minutes};
use crate::content::Document;
use crate::content::catalogue::TWO_WAYS;
use crate::content::leaf::{Closing, Time};
use crate::content::model::Clinic;
use crate::diagnostic::Report;
use std::collections::BTreeMap;

/// Holds the places of `clinic.toml` to their rules.
pub(super) fn check(document: &Document<Clinic>, report: &mut Report) {
    let Document { source, value: clinic, .. } = document;
    let Some(locations) = &clinic.locations else { return };
    duplicates(source, "location", locations.iter().map(|place| &place.id), report);
    let phone = clinic.phone.as_ref().map(|fact| ("phone", fact.value.span()));
    let address = clinic.address.as_ref().map(|fact| ("address", fact.value.street.span()));
    let hours = clinic.hours.as_ref().and_then(|fact| fact.value.first());
    let hours = hours.map(|hours| ("hours", hours.opens.span()));
    let exceptions = clinic.exceptions.iter().flatten().next().map(|exception| ("exceptions", exception.place()));
    for (key, place) in [phone, address, hours, exceptions].into_iter().flatten() {
        let list = if key == "exceptions" { "[[locations.exceptions]]" } else { &format!("[locations.{key}]") };
        report.add(
            &TWO_WAYS,
            source,
            place,
            format!("`{key}` is beside [[locations]], so nobody knows which place it is for"),
            format!("write it as {list} below the [[locations]] that it belongs to, or take it out"),
        );
    }
}

/// Spans of a week in minutes, by their beginning: those that overlap have become one.
#[derive(Default)]
pub(super) struct Spans(BTreeMap<i32, i32>);

impl Spans {
    /// Adds hours of a day of the week, Monday being 0, and returns whether they overlap with others.
    pub(super) fn overlaps(&mut self, day: i32, opens: &Time, closes: &Closing) -> bool {
        let from = day * DAY + minutes(opens.time());
        let to = from + length(opens, closes);
        // What goes on after the last midnight of the week is of its first day.
        let week = 7 * DAY;
        let (head, tail) = (self.add(from, to.min(week)), to > week && self.add(0, to - week));
        head || tail
    }

    fn add(&mut self, mut from: i32, mut to: i32) -> bool {
        let mut found = false;
        while let Some((start, end)) =
            self.0.range(..to).next_back().map(|(start, end)| (*start, *end)).filter(|(_, end)| *end > from)
        {
            self.0.remove(&start);
            (from, to) = (from.min(start), to.max(end));
            found = true;
        }
        self.0.insert(from, to);
        found
    }
}
