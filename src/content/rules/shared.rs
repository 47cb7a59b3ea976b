//! Rules about the files that all languages share besides the facts: `language_help.toml` and `tests.toml`.

use super::lost::Lost;
use super::{duplicates, not_yet, sources, unknown_source};
use crate::content::catalogue::WRITING_DIRECTION;
use crate::content::model::Direction;
use crate::content::{Document, Draft, Review};
use crate::diagnostic::Report;

/// Languages that are written from right to left, by the tags of their scripts' best known ones.
const RIGHT_TO_LEFT: [&str; 10] = ["ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ur", "yi"];

/// Holds them to their rules.
pub(super) fn check(draft: &Draft, review: &Review<'_>, lost: &mut Lost, report: &mut Report) {
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
        let tag = language.lang.as_str().split('-').next().unwrap_or_default();
        let dir = if RIGHT_TO_LEFT.contains(&tag) { Direction::Rtl } else { Direction::Ltr };
        if language.dir != dir && !tag.is_empty() {
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

/// The results of tests.
fn tests(draft: &Draft, review: &Review<'_>, report: &mut Report) {
    let Some(Document { source, value, .. }) = &draft.tests else { return };
    not_yet(source, (&value.tested_on, "tested_on"), review, report);
    duplicates(source, "check", value.checks.iter().map(|check| &check.id), report);
}
