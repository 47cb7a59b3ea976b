//! The rules that look across keys and files. Those of a single value are beside it: see [`super::leaf`], [`super::text`].

mod answers;
mod claims;
mod exceptions;
mod facts;
mod held;
mod links;
mod lists;
mod lost;
mod pages;
mod required;
mod shared;
mod translations;
mod unwritten;
mod words;

pub(super) use unwritten::marks;
pub(super) use words::Checked as CheckedWords;

use super::catalogue::{DATE_ORDER, DUPLICATE_ID, FUTURE_DAY, HOURS, UNKNOWN_SOURCE};
use super::leaf::{Day, Key, Time, quoted, slug_of};
use super::model::Clinic;
use super::text::FACTS;
use super::{Document, Draft, Review};
use crate::diagnostic::{Edit, Help, Report, Source, did_you_mean};
use jiff::ToSpan;
use lost::Lost;
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

/// Runs the rules across keys and files. Returns what the content lacks that a published site has to have.
pub(super) fn check(draft: &Draft, review: &Review<'_>, report: &mut Report) -> BTreeSet<String> {
    let mut lost = Lost::default();
    // What could not be read may hold it.
    let sound = !report.has_errors();
    if let Some(clinic) = &draft.clinic {
        facts::check(clinic, review, &mut lost, report);
        exceptions::check(clinic, review, report);
    }
    for language in &draft.languages {
        pages::check(draft, language, review, &mut lost, report);
        lists::check(draft, language, review, report);
        unwritten::check(language, report);
        held::check(draft, language, report);
        claims::check(draft, language, review, report);
        answers::check(draft, language, review, report);
    }
    pages::addresses(draft, review, report);
    pages::reasons(draft, report);
    shared::check(draft, &mut lost, report);
    lost_sources(draft, lost, report);
    links::check(draft, review, report);
    translations::check(draft, report);
    required::check(draft, review, sound, report)
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
        let time = closes.time();
        // What was meant is twelve hours later, or the next day.
        let later = format!("{:02}:{:02}", (time.hour() + 12) % 24, time.minute());
        let night = format!(
            "hours end on their own day: what goes on after midnight belongs to the next day, from \"00:00\" to \"{closes}\""
        );
        let write = |time: &str| Help::value(Edit::new(source, closes.span(), quoted(time)), "closes");
        let help = if opens == closes {
            "write when it opens and when it closes, both on the 24-hour clock: 2 pm is \"14:00\"".into()
        } else if time.hour() < 12 && later.as_str() > opens.as_str() {
            write(&later).then(&format!(" if that is in the afternoon; {night}"))
        } else {
            write("23:59").then(&format!("; {night}"))
        };
        let message = format!("closes at {closes}, before or when it opens ({opens})");
        report.add(&HOURS, source, closes.span(), message, help);
    }
    early
}

/// The keys of `[sources]` in `clinic.toml`, if they can be known.
fn sources(clinic: &Document<Clinic>) -> Option<BTreeSet<&str>> {
    let known = clinic.value.sources.iter().flatten().map(|(key, _)| key.as_str());
    (!clinic.findings.has_doubtful_names()).then(|| known.collect())
}

/// Notes a source that isn't one of `[sources]`.
fn unknown_source(source: &Arc<Source>, named: &Key, known: Option<&BTreeSet<&str>>, lost: &mut Lost, report: &Report) {
    let name = named.as_str();
    if !name.is_empty() && known.is_some_and(|known| !known.contains(name)) {
        lost.add(&UNKNOWN_SOURCE, name, source, &named.span(), name, report);
    }
}

/// Reports the sources that there are not.
fn lost_sources(draft: &Draft, mut lost: Lost, report: &mut Report) {
    let Some(clinic) = &draft.clinic else { return };
    let known = sources(clinic).unwrap_or_default();
    // So many at once have one cause: the end of the file was lost.
    if let Some(count) = lost.take(&UNKNOWN_SOURCE, if known.is_empty() { 2 } else { 4 }) {
        let message = format!("{count} places name sources that are not in this file");
        let help = "restore the end of the file from a copy, or add each source with its title: [sources.clinic_page]";
        report.add(&UNKNOWN_SOURCE, &clinic.source, 0..0, message, help);
    }
    lost.report(report, |_, name, places| {
        let help = match known_name(name, known.iter().copied()) {
            Some(meant) => Help::all(places.edits(name, meant), format!("did you mean \"{meant}\"?")),
            None => format!("add it to clinic.toml: [sources.{name}] with a title").into(),
        };
        let message = format!("there is no source `{name}`");
        (Arc::clone(places.source()), places.first().span(), message, help.then(&places.also()))
    });
}

/// The name that was meant: in other letters, with the ending of a file, or with a mistake in it.
fn known_name<'a>(typed: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let file = typed.rsplit('/').next().unwrap_or(typed);
    let stem = slug_of(file.rsplit_once('.').map_or(file, |(stem, _)| stem));
    let plain = |name: &str| slug_of(name) == stem;
    known
        .clone()
        .find(|name| plain(name))
        .or_else(|| did_you_mean(typed, known.clone()))
        .or_else(|| did_you_mean(&stem, known))
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
