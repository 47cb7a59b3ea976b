//! Rules about the words that the keys of facts have in each language.

use super::known_name;
use crate::content::catalogue::{MISSING_WORD, UNTRANSLATED_WORD};
use crate::content::keyed::{Lacking, lacking};
use crate::content::leaf::{Key, quoted, slug_of};
use crate::content::{Document, Draft, DraftLanguage, Ui};
use crate::diagnostic::{Edit, Help, Report, one_of};
use crate::lang::Lang;

/// Reports the words that a language lacks: those that a table lacks are one finding.
pub(super) fn check(draft: &Draft, language: &DraftLanguage, report: &mut Report) {
    let Some(ui) = &language.ui else { return };
    // A mistake in the file may be the very reason why words seem to be missing.
    if ui.findings.has_doubtful_names() {
        return;
    }
    let (clinic, tests) = (draft.clinic.as_ref(), draft.tests.as_ref());
    for Lacking { table, file, keys } in
        lacking(clinic.map(|clinic| &clinic.value), tests.map(|tests| &tests.value), &ui.value)
    {
        let is_reported = |key: &&str| table != "exceptions" || !is_in_no_language(draft, key);
        let names: Vec<&str> = keys.into_iter().filter(is_reported).collect();
        let Some(first) = names.first() else { continue };
        let (have, others) = if names.len() == 1 { ("has", "") } else { ("have", ", and the others in the same way") };
        let message = format!("{} of {file} {have} no words in [{table}]", one_of(&names).replace(" or ", " and "));
        let help = if matches!(table, "help_lines" | "checks") {
            format!("add [{table}.{first}] with `name` and `note`{others}")
        } else if table == "locations" {
            format!(
                "add [locations.{first}] with `name`, and `directions` or `parking` if there is something to say{others}"
            )
        } else {
            format!("add {first} = \"…\" below [{table}]{others}")
        };
        if language.lang == Lang::En {
            report.add(&MISSING_WORD, &ui.source, 0..0, message, help);
        } else {
            let message = format!("{message}, so visitors read the English ones");
            report.add(&UNTRANSLATED_WORD, &ui.source, 0..0, message, help);
        }
    }
}

/// Whether no language has words for a reason: then the reason itself is what is wrong.
fn is_in_no_language(draft: &Draft, reason: &str) -> bool {
    let mut words = draft.languages.iter().filter_map(|language| language.ui.as_ref()).peekable();
    words.peek().is_some() && words.all(|ui| !ui.value.exceptions.keys().any(|key| key.as_str() == reason))
}

/// Reports the reasons of exceptions for which no language has words, where they are written.
pub(super) fn reasons(draft: &Draft, report: &mut Report) {
    let Some(Document { source, value, .. }) = &draft.clinic else { return };
    let doubtful = |ui: &Document<Ui>| ui.findings.has_doubtful_names();
    if draft.languages.iter().filter_map(|language| language.ui.as_ref()).any(doubtful) {
        return;
    }
    let english = draft.languages.iter().find_map(|language| language.ui.as_ref());
    let known: Vec<&str> = english.iter().flat_map(|ui| ui.value.exceptions.keys()).map(Key::as_str).collect();
    let places = value.places();
    let reasons = places.iter().flat_map(|place| place.exceptions).filter_map(|exception| exception.reason.as_ref());
    for reason in reasons.filter(|key| !key.as_str().is_empty() && is_in_no_language(draft, key.as_str())) {
        let name = slug_of(reason.as_str());
        let rename = if name == reason.as_str() { String::new() } else { format!("write reason = \"{name}\", and ") };
        let files: Vec<&str> =
            draft.languages.iter().filter_map(|it| Some(it.ui.as_ref()?.source.path.as_str())).collect();
        let add = format!(
            "or {rename}add a line {name} = \"…\" with your words below [exceptions] in {}",
            files.join(" and in ")
        );
        let help = match known_name(reason.as_str(), known.iter().copied()).or(known.first().copied()) {
            Some(name) => {
                let edit = Edit::new(source, reason.span(), quoted(name));
                let all = one_of(&known);
                Help::value(edit, "reason").then(&format!(" (there are words for {all}), {add}"))
            }
            None => format!("take the line out, {add}").into(),
        };
        report.add(&MISSING_WORD, source, reason.span(), format!("there are no words for the reason `{reason}`"), help);
    }
}
