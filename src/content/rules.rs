//! The rules that look across keys and files. Those of a single value are beside it: see [`super::leaf`], [`super::text`].

mod answers;
mod brand;
mod claims;
mod exceptions;
mod facts;
pub(super) mod files;
mod held;
mod keyed;
mod links;
mod lists;
mod lost;
mod navigation;
mod pages;
mod places;
mod required;
mod reviews;
mod shared;
mod translations;
mod unwritten;
mod words;

pub(super) use super::files::NEEDED_PAGES;
pub(super) use words::Checked as CheckedWords;

use super::catalogue::{
    DATE_ORDER, DISTANT_DAY, DUPLICATE_ID, FAR_FUTURE_DAY, FUTURE_DAY, HOURS, PUT_OFF, UNKNOWN_SOURCE,
};
use super::leaf::{Closing, Day, Key, Time, quoted, slug_of};
use super::model::Clinic;
use super::text::FACTS;
use super::{Document, Draft, Review};
use crate::diagnostic::{Edit, Help, Report, Source, did_you_mean};
use jiff::ToSpan;
use jiff::civil::Date;
use lost::Lost;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

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
        places::check(clinic, report);
        brand::check(clinic, report);
        claims::facts(draft, clinic, report);
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
    keyed::reasons(draft, report);
    navigation::check(draft, report);
    shared::check(draft, review, &mut lost, report);
    lost_sources(draft, lost, report);
    files::check(draft, sound, report);
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

/// How many days ahead a day on which somebody is said to have done something can be by a slip or a clock that is wrong, and no more.
const SLIP: i32 = 31;

/// Reports a day on which somebody is said to have done something, and that is not here yet. Where the writer is it may be tomorrow already.
fn not_yet(source: &Arc<Source>, (day, key): (&Day, &str), review: &Review<'_>, report: &mut Report) {
    let today = review.now.date();
    if day.date() <= today.saturating_add(1.day()) || day.as_str().is_empty() {
        return;
    }
    // What is there on a site that is up was looked at: that the clock is wrong must not take it down.
    let is_far = day.date() > today.saturating_add(SLIP.days()) && !review.was_published;
    let rule = if is_far { &FAR_FUTURE_DAY } else { &FUTURE_DAY };
    let message = format!("`{key}` ({day}) is in the future");
    let help = format!("write the day on which it was done, {today} at the latest; for today: {key} = {today}");
    report.add(rule, source, day.span(), message, help);
}

/// How many months ahead people plan: nobody knows a price or a day longer ahead.
const LONGEST_AHEAD: i32 = 24;

/// Whether a day that is planned is to come in years only.
fn is_distant(day: Date, review: &Review<'_>) -> bool {
    day > review.now.date().saturating_add(LONGEST_AHEAD.months())
}

/// Reports a day or a moment that is planned, and is to come in years only: its year is a slip.
fn in_years(
    source: &Arc<Source>,
    (day, place, key): (Date, Range<usize>, &str),
    review: &Review<'_>,
    report: &mut Report,
) {
    if is_distant(day, review) {
        let message = format!("this day is more than {LONGEST_AHEAD} months ahead");
        report.add(&DISTANT_DAY, source, place, message, format!("check the year of `{key}`"));
    }
}

/// Reports a day by which something is to be looked at again, and that is later than so many months after it was looked at last.
fn put_off(
    source: &Arc<Source>,
    (day, key): (&Day, &str),
    (since, months, what): (Date, i32, &str),
    review: &Review<'_>,
    report: &mut Report,
) {
    let latest = since.saturating_add(months.months());
    if day.date() <= latest || day.as_str().is_empty() || review.was_published {
        return;
    }
    report.add(
        &PUT_OFF,
        source,
        day.span(),
        format!("`{key}` ({day}) is too far ahead: {what} within {months} months"),
        Help::value(Edit::new(source, day.span(), latest.to_string()), key).then(", or an earlier day"),
    );
}

/// The most minutes that hours last when they go on after midnight: longer ones are more likely a mistake in half a day.
const LONGEST_NIGHT: i32 = 12 * 60;

/// The minutes of a day that have passed at a time.
fn minutes(time: jiff::civil::Time) -> i32 {
    i32::from(time.hour()) * 60 + i32::from(time.minute())
}

/// How many minutes there are from an opening to its closing, which may be on the next day.
fn length(opens: &Time, closes: &Closing) -> i32 {
    let (from, to) = (minutes(opens.time()), minutes(closes.time()));
    if closes.is_after_midnight(opens) { to + DAY - from } else { to - from }
}

/// The minutes of a day.
const DAY: i32 = 24 * 60;

/// Reports hours that close before they open, or go on too long after midnight. Returns whether they do.
fn closes_too_early(source: &Arc<Source>, opens: &Time, closes: &Closing, report: &mut Report) -> bool {
    // To the end of the day they may be as long as the day.
    let night = closes.is_after_midnight(opens) && closes.as_str() != "24:00";
    let early = night && length(opens, closes) > LONGEST_NIGHT;
    if early {
        let time = closes.time();
        // What was meant is twelve hours later, or the next day.
        let later = format!("{:02}:{:02}", (time.hour() + 12) % 24, time.minute());
        let night = format!(
            "hours that go on after midnight last 12 hours at most: longer ones end at \"24:00\", and on the next day go on from \"00:00\" to \"{closes}\""
        );
        let write = |time: &str| Help::value(Edit::new(source, closes.span(), quoted(time)), "closes");
        let help = if opens.as_str() == closes.as_str() {
            "write when it opens and when it closes, both on the 24-hour clock: 2 pm is \"14:00\", and day and night \"00:00\" to \"24:00\"".into()
        } else if time.hour() < 12 && later.as_str() > opens.as_str() {
            write(&later).then(&format!(" if that is in the afternoon; {night}"))
        } else {
            write("24:00").then(&format!("; {night}"))
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
