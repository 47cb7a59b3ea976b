//! The rules that look across keys and files. Those of a single value are beside it: see [`super::leaf`], [`super::text`].

mod claims;
mod exceptions;
mod facts;
mod held;
mod links;
mod pages;
mod shared;
mod translations;
mod unwritten;
mod words;

pub(super) use words::Checked as CheckedWords;

use super::catalogue::{DATE_ORDER, DUPLICATE_ID, FUTURE_DAY, HOURS, UNKNOWN_SOURCE};
use super::leaf::{Day, Key, Time};
use super::model::Clinic;
use super::text::FACTS;
use super::{Draft, Review};
use crate::diagnostic::{Report, Source, did_you_mean};
use jiff::ToSpan;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Pages that every other page links to, by file name.
pub(super) const NEEDED_PAGES: [&str; 5] = ["home", "get-help-now", "appointments", "contact", "privacy"];

/// Stands before the words that a new page begins with, which are to be replaced before a visitor sees the page.
pub const MARK: &str = "✎";

/// Anchors that the frame of every page uses itself.
pub const FRAME_ANCHORS: [&str; 7] =
    ["main", "site-pages", "site-pages-name", "site-help", "site-languages", "site-leave", "page-sources"];

/// The anchors within the form that asks for an appointment begin so.
pub const FORM_ANCHORS: &str = "request-";

/// Runs the rules across keys and files.
pub(super) fn check(draft: &Draft, review: &Review<'_>, report: &mut Report) {
    if let Some(clinic) = &draft.clinic {
        facts::check(clinic, review, report);
        exceptions::check(clinic, review, report);
    }
    for language in &draft.languages {
        pages::check(draft, language, review, report);
        unwritten::check(language, report);
        held::check(draft, language, report);
        claims::check(draft, language, report);
    }
    pages::addresses(draft, review, report);
    shared::check(draft, report);
    links::check(draft, review, report);
    translations::check(draft, report);
}

/// Reports an end that is before its start.
fn date_order(source: &Arc<Source>, (from, from_key): (&Day, &str), (to, to_key): (&Day, &str), report: &mut Report) {
    if to.date() < from.date() && !from.as_str().is_empty() && !to.as_str().is_empty() {
        report.add(
            &DATE_ORDER,
            source,
            to.span(),
            format!("`{to_key}` ({}) is before `{from_key}` ({})", to.date(), from.date()),
            "check the two dates; they are written year-month-day",
        );
    }
}

/// Reports a day on which somebody is said to have done something, and that is not here yet. Where the writer is it may be tomorrow already.
fn not_yet(source: &Arc<Source>, (day, key): (&Day, &str), review: &Review<'_>, report: &mut Report) {
    let today = review.now.date();
    if day.date() > today.saturating_add(1.day()) && !day.as_str().is_empty() {
        report.add(
            &FUTURE_DAY,
            source,
            day.span(),
            format!("`{key}` ({day}) is in the future"),
            format!("write the day on which it was done; for today: {key} = {today}"),
        );
    }
}

/// Reports hours that close before they open. Returns whether they do.
fn closes_too_early(source: &Arc<Source>, opens: &Time, closes: &Time, report: &mut Report) -> bool {
    // Times are five characters on the 24-hour clock, so they compare as text.
    let early = opens >= closes;
    if early {
        report.add(
            &HOURS,
            source,
            closes.span(),
            format!("closes at {closes}, before or when it opens ({opens})"),
            "write both on the 24-hour clock: 2 pm is \"14:00\"",
        );
    }
    early
}

/// The keys of `[sources]` in `clinic.toml`.
fn sources(clinic: &Clinic) -> BTreeSet<&str> {
    clinic.sources.iter().flatten().map(|(key, _)| key.as_str()).collect()
}

/// Reports a source that isn't one of `[sources]`.
fn unknown_source(source: &Arc<Source>, named: &Key, known: &BTreeSet<&str>, report: &mut Report) {
    if named.as_str().is_empty() || known.contains(named.as_str()) {
        return;
    }
    report.add_with(&UNKNOWN_SOURCE, source, named.span().start, || {
        let help = match did_you_mean(named.as_str(), known.iter().copied()) {
            Some(name) => format!("did you mean \"{name}\"?"),
            None => format!("add it to clinic.toml: [sources.{named}] with a title"),
        };
        (named.span(), format!("there is no source `{named}`"), help)
    });
}

/// Reports ids that are given twice.
fn duplicates<'a>(source: &Arc<Source>, what: &str, ids: impl Iterator<Item = &'a Key>, report: &mut Report) {
    let mut seen = BTreeSet::new();
    for id in ids.filter(|id| !id.as_str().is_empty()) {
        if !seen.insert(id.as_str()) {
            report.add(
                &DUPLICATE_ID,
                source,
                id.span(),
                format!("there is another {what} with the id `{id}`"),
                "give one of the two another id",
            );
        }
    }
}
