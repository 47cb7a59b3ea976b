//! Rules about the files that all languages share besides the facts: `language_help.toml` and `tests.toml`.

use super::lost::Lost;
use super::{duplicates, sources, unknown_source};
use crate::content::catalogue::{MISSING_WORD, WRITING_DIRECTION};
use crate::content::leaf::Key;
use crate::content::model::Direction;
use crate::content::{Document, Draft};
use crate::diagnostic::{Report, one_of};
use std::collections::BTreeSet;

/// Languages that are written from right to left, by the tags of their scripts' best known ones.
const RIGHT_TO_LEFT: [&str; 10] = ["ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ur", "yi"];

/// Holds them to their rules.
pub(super) fn check(draft: &Draft, lost: &mut Lost, report: &mut Report) {
    language_help(draft, lost, report);
    tests(draft, report);
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

/// The words that checks need in each language.
fn tests(draft: &Draft, report: &mut Report) {
    let Some(tests) = &draft.tests else { return };
    duplicates(&tests.source, "check", tests.value.checks.iter().map(|check| &check.id), report);
    let words = draft.languages.iter().filter_map(|language| language.ui.as_ref());
    // A mistake in a file of words may be the very reason why some seem to be missing.
    for ui in words.filter(|ui| !ui.findings.has_doubtful_names()) {
        let known: BTreeSet<&str> = ui.value.checks.keys().map(Key::as_str).collect();
        let ids = tests.value.checks.iter().map(|check| check.id.as_str());
        let unknown: Vec<&str> = ids.filter(|id| !id.is_empty() && !known.contains(id)).collect();
        let Some(first) = unknown.first() else { continue };
        let (have, others) =
            if unknown.len() == 1 { ("has", "") } else { ("have", ", and the others in the same way") };
        report.add(
            &MISSING_WORD,
            &ui.source,
            0..0,
            format!("{} of tests.toml {have} no words in [checks]", one_of(&unknown).replace(" or ", " and ")),
            format!("add [checks.{first}] with `name` and `note`{others}"),
        );
    }
}
