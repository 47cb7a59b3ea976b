//! Rules about who has read a page and when, and when it is to be read again.

use super::{date_order, not_yet, put_off};
use crate::content::catalogue::{CHANGED_SINCE_REVIEW, MISSING_KEY, REVIEW_DUE, REVIEW_SOON};
use crate::content::leaf::{Day, quoted};
use crate::content::model::Page;
use crate::content::readers::Named;
use crate::content::{Document, Review};
use crate::diagnostic::{Edit, Help, Report, Source};
use std::ops::Range;
use std::sync::Arc;

/// How many days before it a page's next review is reported.
const REVIEW_DAYS: i32 = 14;

/// Within how many months a page is read again: a year, and a month to do it in.
const MONTHS: i32 = 13;
/// Within how many months a page about medicine is.
const MONTHS_MEDICINE: i32 = 12;

/// Holds a page to them.
pub(super) fn check(document: &Document<Arc<Page>>, review: &Review<'_>, report: &mut Report) {
    let Document { source, value: page, .. } = document;
    date_order(source, (&page.last_reviewed, "last_reviewed"), (&page.next_review, "next_review"), report);
    not_yet(source, (&page.last_reviewed, "last_reviewed"), review, report);
    let (months, what) = match page.about_medicine {
        Some(true) => (MONTHS_MEDICINE, "a page about medicine is read again"),
        _ => (MONTHS, "a page is read again"),
    };
    // A day that isn't here yet puts nothing off.
    let since = page.last_reviewed.date().min(review.now.date());
    if !page.last_reviewed.as_str().is_empty() {
        put_off(source, (&page.next_review, "next_review"), (since, months, what), review, report);
    }
    due(source, &page.next_review, review, report);
    if let Some(day) = &page.clinically_reviewed_on {
        not_yet(source, (day, "clinically_reviewed_on"), review, report);
    }
    // A mistake in the file may be the very reason why a key seems to be missing, and its words are not all that it will say.
    if !report.has_errors_in(&source.path) {
        together(page, source, report);
        for named in [page.review(), page.clinical_review()] {
            changed(document, &named, report);
        }
    }
}

fn due(source: &Arc<Source>, day: &Day, review: &Review<'_>, report: &mut Report) {
    if day.as_str().is_empty() {
        return;
    }
    let left = review.now.date().until(day.date()).map_or(0, |span| span.get_days());
    let help = "read it through, mend what has changed, and write new dates in `last_reviewed` and `next_review`";
    if left < 0 {
        report.add(&REVIEW_DUE, source, day.span(), format!("this page was to be read again by {day}"), help);
    } else if left <= REVIEW_DAYS {
        report.add(&REVIEW_SOON, source, day.span(), format!("this page is to be read again by {day}"), help);
    }
}

/// Reports a key of a review whose others are missing.
fn together(page: &Page, source: &Arc<Source>, report: &mut Report) {
    let mut lacks = |key: &str, place: Range<usize>| {
        let help = format!("add it below: {key} = …; or take the other line out");
        report.add(&MISSING_KEY, source, place, format!("the key `{key}` is missing in this file"), help);
    };
    match (&page.clinically_reviewed_by, &page.clinically_reviewed_on, &page.clinically_reviewed_words) {
        (Some(by), None, _) => lacks("clinically_reviewed_on", by.span()),
        (None, Some(on), _) => lacks("clinically_reviewed_by", on.span()),
        (None, None, Some(words)) => lacks("clinically_reviewed_by", words.span()),
        _ => {}
    }
    if let (None, Some(words)) = (&page.reviewed_by, &page.reviewed_words) {
        lacks("reviewed_by", words.span());
    }
}

/// Reports a review that was given for other words, or does not say for which.
fn changed(document: &Document<Arc<Page>>, named: &Named<'_>, report: &mut Report) {
    let Document { source, passages, .. } = document;
    let Some(by) = named.by.filter(|by| !by.as_str().is_empty()) else { return };
    let now = passages.words_read(source);
    if named.holds(now) || named.words.is_some_and(|words| words.as_str().is_empty()) {
        return;
    }
    let (key, without) = (named.by_key, named.without);
    let (place, message, help) = match named.words {
        Some(words) => (
            words.span(),
            format!("the words have changed since they were read ({by}), so {without}"),
            Help::exact(Edit::new(source, words.span(), quoted(now)), |words| {
                format!("once they have read them again, write {} = {words}", named.words_key)
            }),
        ),
        None => (
            by.span(),
            format!("`{key}` does not say which words were read, so {without}"),
            Help::exact(below(source, by.span().end, &named.line(now)), |line| {
                format!("if they have read the words as they are now, add a line below it: {}", line.trim())
            }),
        ),
    };
    report.add(&CHANGED_SINCE_REVIEW, source, place, message, help);
}

/// A line below the one that something is on.
fn below(source: &Arc<Source>, at: usize, line: &str) -> Edit {
    let end = source.text.get(at..).and_then(|rest| rest.find('\n')).map(|end| at + end + 1);
    match end {
        Some(next) => Edit::new(source, next..next, format!("{line}\n")),
        None => Edit::new(source, source.text.len()..source.text.len(), format!("\n{line}\n")),
    }
}
