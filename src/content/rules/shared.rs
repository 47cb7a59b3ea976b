//! Rules about the files that all languages share besides the facts, `language_help.toml` and `tests.toml`, and about what each language is.

use super::lost::Lost;
use super::{duplicates, not_yet, sources, unknown_source};
use crate::content::catalogue::{UNKNOWN_LANGUAGE, WRITING_DIRECTION};
use crate::content::model::About;
use crate::content::{Document, Draft, Review};
use crate::diagnostic::Report;
use crate::lang::Direction;

/// Languages that are written from right to left, where their tag names no script.
const RIGHT_TO_LEFT: [&str; 17] =
    ["ar", "arc", "azb", "ckb", "dv", "fa", "he", "ks", "nqo", "pnb", "prs", "ps", "sd", "syr", "ug", "ur", "yi"];
/// Scripts that are written from right to left (ISO 15924).
const RIGHT_TO_LEFT_SCRIPTS: [&str; 7] = ["adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"];

/// The way a language is written, by its tag.
fn direction(tag: &str) -> Direction {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    let is_right_to_left = match parts.find(|part| part.len() == 4) {
        Some(script) => RIGHT_TO_LEFT_SCRIPTS.contains(&script.to_ascii_lowercase().as_str()),
        None => RIGHT_TO_LEFT.contains(&language),
    };
    if is_right_to_left { Direction::Rtl } else { Direction::Ltr }
}

/// Holds them to their rules.
pub(super) fn check(draft: &Draft, review: &Review<'_>, lost: &mut Lost, report: &mut Report) {
    languages(draft, report);
    language_help(draft, lost, report);
    tests(draft, review, report);
}

fn language_help(draft: &Draft, lost: &mut Lost, report: &mut Report) {
    let Some(Document { source, value, .. }) = &draft.language_help else { return };
    // A direction that could not be read is the first one here, and has been reported already.
    let sound = !report.has_errors_in(&source.path);
    if let Some(clinic) = &draft.clinic {
        unknown_source(source, &value.source, sources(clinic).as_ref(), lost, report);
    }
    duplicates(source, "language", value.languages.iter().map(|language| &language.lang), report);
    for language in value.languages.iter().filter(|_| sound) {
        let dir = direction(language.lang.as_str());
        if language.dir != dir && !language.lang.as_str().is_empty() {
            report.add(
                &WRITING_DIRECTION,
                source,
                language.lang.span(),
                format!("{} is not written in the direction \"{}\"", language.name, language.dir.as_str()),
                format!("write dir = \"{}\" below `lang`", dir.as_str()),
            );
        }
    }
}

/// What each `language.toml` says, compared with what its tag does.
fn languages(draft: &Draft, report: &mut Report) {
    for language in &draft.languages {
        let Some(Document { source, value: About { name, direction: said, .. }, findings, .. }) = &language.about
        else {
            continue;
        };
        let (tag, dir) = (language.lang.tag(), direction(language.lang.tag()));
        if *said != dir && !findings.has_errors() {
            let message = format!("{name} is not written in the direction \"{}\"", said.as_str());
            report.add(&WRITING_DIRECTION, source, 0..0, message, format!("write direction = \"{}\"", dir.as_str()));
        }
        if !language.lang.is_known() {
            let message = format!(
                "Unicode's CLDR doesn't say how days are written in `{tag}`, so they are written like 2026-11-23"
            );
            let help = "is there a tag that more people use for it, such as fa-AF for Dari? If not, leave it: days and numbers can be read all the same";
            report.add(&UNKNOWN_LANGUAGE, source, name.span(), message, help);
        }
    }
}

/// The results of tests.
fn tests(draft: &Draft, review: &Review<'_>, report: &mut Report) {
    let Some(Document { source, value, .. }) = &draft.tests else { return };
    not_yet(source, (&value.tested_on, "tested_on"), review, report);
    duplicates(source, "check", value.checks.iter().map(|check| &check.id), report);
}
