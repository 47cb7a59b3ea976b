//! The rules that content is held to: their catalogue, and those that look across keys and files.
//!
//! Each rule has a broken example in `tests/fixtures/broken/<rule>/`; a test holds the two lists equal.

mod facts;
mod links;
mod pages;

use super::leaf::{Day, Key};
use super::{Draft, Review};
use crate::diagnostic::{Report, Rule, Severity, Source, did_you_mean};
use std::collections::BTreeSet;
use std::sync::Arc;

macro_rules! rules {
    ($($name:ident = $severity:ident $text:literal $about:literal;)+) => {
        $(#[doc = $about] pub static $name: Rule = Rule { name: $text, severity: Severity::$severity, about: $about };)+

        /// Every rule.
        pub static RULES: &[&Rule] = &[$(&$name),+];
    };
}

rules! {
    // One file by itself.
    MISSING_FILE = Error "missing-file" "A file that the site needs exists.";
    UNKNOWN_FILE = Warning "unknown-file" "Every file in the content folder is one that the site reads.";
    FILE_TOO_LARGE = Error "file-too-large" "No content file is larger than 1 MiB.";
    NOT_UTF8 = Error "not-utf8" "Content files are saved as UTF-8.";
    SYNTAX = Error "syntax" "Content files are TOML.";
    DUPLICATE_KEY = Error "duplicate-key" "A key is given once.";
    UNKNOWN_KEY = Error "unknown-key" "Only known keys are given.";
    MISSING_KEY = Error "missing-key" "Every key that is not optional is given.";
    WRONG_TYPE = Error "wrong-type" "A value has the type its key asks for.";
    UNKNOWN_CHOICE = Error "unknown-choice" "Where there is a choice, one of the choices is given.";
    EMPTY_TEXT = Error "empty-text" "Text is not empty.";
    EMPTY_LIST = Error "empty-list" "A list has items.";
    LENGTH = Error "length" "Text is as long as its place allows.";
    PLAIN_TEXT = Error "plain-text" "Titles and labels are one line of plain text.";
    MALFORMED = Error "malformed" "Numbers, addresses and names have their form.";
    BAD_DATE = Error "bad-date" "A date is year-month-day, without quotes.";
    MARKUP = Error "markup" "Copy uses paragraphs, emphasis, links and lists only.";
    UNSAFE_LINK = Error "unsafe-link" "Links lead to this site, to https:, tel:, sms: or mailto:.";
    // Keys that belong together.
    DATE_ORDER = Error "date-order" "What ends does not end before it starts.";
    HOURS = Error "hours" "Opening hours open before they close and don't overlap.";
    NINE_OBJECTIVES = Error "nine-objectives" "Group therapy has nine objectives (Yalom's therapeutic factors).";
    DUPLICATE_ID = Error "duplicate-id" "An anchor or id is given once.";
    MISSING_CONTACT = Error "missing-contact" "Every service page has a contact section.";
    // Names that must exist elsewhere.
    UNKNOWN_FACT = Error "unknown-fact" "A name in braces is that of a fact.";
    UNKNOWN_SOURCE = Error "unknown-source" "A source is one of `[sources]` in clinic.toml.";
    UNKNOWN_ICON = Error "unknown-icon" "An icon is one of those in static/icons.";
    MISSING_WORD = Error "missing-word" "Help lines, substances and payers have their words in ui.toml.";
    UNKNOWN_PARENT = Error "unknown-parent" "A page's parent is another page, and not below it.";
    DUPLICATE_ADDRESS = Error "duplicate-address" "Each page has an address of its own.";
    DEAD_LINK = Error "dead-link" "Links within the site lead to a page.";
    DEAD_ANCHOR = Error "dead-anchor" "Links to a part of a page lead to a part that exists.";
    REDIRECT = Error "redirect" "An old address is given once, is not a page, and leads to a page.";
    // Facts, and the passing of time.
    SAMPLE_FACT = Warning "sample-fact" "Made-up facts are replaced before the site is published.";
    REACHABLE_SAMPLE = Error "reachable-sample" "Made-up facts can reach nobody.";
    UNSUPPLIED_TEXT = Warning "unsupplied-text" "The clinic's official texts are there before the site is published.";
    EXPIRED_FACT = Warning "expired-fact" "Facts are not past their expiry.";
    REVIEW_DUE = Warning "review-due" "Pages are not past their next review.";
    ENDED_NOTICE = Warning "ended-notice" "Notices that are over are taken out.";
}

/// Pages that every other page links to, by file name.
pub(super) const NEEDED_PAGES: [&str; 5] = ["home", "get-help-now", "appointments", "contact", "privacy"];

/// The facts copy can name besides the figures.
const FACTS: [&str; 4] = ["name", "area", "phone", "address"];

/// Anchors that the frame of every page uses itself.
pub const FRAME_ANCHORS: [&str; 6] =
    ["main", "site-pages", "site-pages-name", "site-help", "site-leave", "page-sources"];

/// Runs the rules across keys and files.
pub(super) fn check(draft: &Draft, review: &Review<'_>, report: &mut Report) {
    if let Some(clinic) = &draft.clinic {
        facts::check(clinic, review, report);
    }
    for language in &draft.languages {
        pages::check(draft, language, review, report);
    }
    links::check(draft, review, report);
}

/// Tells an end that is before its start.
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

/// Tells a source that isn't one of `[sources]`.
fn unknown_source(source: &Arc<Source>, named: &Key, known: &[&str], report: &mut Report) {
    if named.as_str().is_empty() || known.contains(&named.as_str()) {
        return;
    }
    let help = match did_you_mean(named.as_str(), known.iter().copied()) {
        Some(name) => format!("did you mean \"{name}\"?"),
        None => format!("add it to clinic.toml: [sources.{named}] with a title"),
    };
    report.add(&UNKNOWN_SOURCE, source, named.span(), format!("there is no source `{named}`"), help);
}

/// Tells ids that are given twice.
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
