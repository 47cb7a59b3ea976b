//! Rules about what only the clinic can answer: that an answer still holds, and that each language has it.

use super::facts::MONTHS;
use super::{date_order, not_yet, put_off};
use crate::content::catalogue::{EXPIRED_FACT, FACT_EXPIRES_SOON, HALF_ANSWERED};
use crate::content::model::Answers;
use crate::content::names;
use crate::content::text::ANSWERS;
use crate::content::{Document, Draft, DraftLanguage, Review};
use crate::diagnostic::Report;

/// Holds the answers of a language to the rules across keys and languages.
pub(super) fn check(draft: &Draft, language: &DraftLanguage, review: &Review<'_>, report: &mut Report) {
    let Some(Document { source, value: Answers { answers }, findings, .. }) = &language.answers else { return };
    for (key, answer) in answers.iter().filter(|(key, _)| !key.as_str().is_empty()) {
        if let Some(day) = &answer.verified_on {
            not_yet(source, (day, "verified_on"), review, report);
        }
        if let (Some(from), Some(to)) = (&answer.verified_on, &answer.expires_on) {
            date_order(source, (from, "verified_on"), (to, "expires_on"), report);
        }
        if !answer.is_given() {
            continue;
        }
        if let Some(day) = &answer.expires_on {
            let today = review.now.date();
            let since = answer.verified_on.as_ref().map_or(today, |day| day.date().min(today));
            put_off(source, (day, "expires_on"), (since, MONTHS, "an answer is asked for again"), review, report);
        }
        if let Some(day) = answer.expires_on.as_ref().filter(|day| !day.as_str().is_empty()) {
            let left = review.now.date().until(day.date()).map_or(0, |span| span.get_days());
            let help = "ask the clinic again, then write the answer with new dates";
            if left < 0 {
                let message = format!("`{ANSWERS}{key}` expired on {day}: visitors read `ask` again");
                report.add(&EXPIRED_FACT, source, day.span(), message, help);
            } else if left <= super::facts::FACT_SOON {
                let message = format!("`{ANSWERS}{key}` expires on {day}; after that day visitors read `ask` again");
                report.add(&FACT_EXPIRES_SOON, source, day.span(), message, help);
            }
        }
        // What a mistake makes of a file says nothing of the other languages.
        let others = draft.languages.iter().filter(|other| other.lang != language.lang && !findings.has_errors());
        for other in others {
            let Some(there) = &other.answers else { continue };
            let (here, file) = (language.lang.tag(), names::ANSWERS.path(other.lang));
            let Some(theirs) = there.value.answers.get(key) else {
                // A mistake in that file may have hidden it.
                if !there.findings.has_doubtful_names() {
                    let message = format!("`{key}` is answered here, and is not in {file}");
                    report.add(&HALF_ANSWERED, source, key.span(), message, format!("add [answers.{key}] to {file}"));
                }
                continue;
            };
            if !theirs.is_given() {
                let message = format!("`{key}` is answered in {here}/answers.toml, and here people are told to ask");
                report.add(&HALF_ANSWERED, &there.source, theirs.text.span(), message, "write the answer here, too");
            }
        }
    }
}
