//! Rules about the lists of links: at the foot, and in the header.

use super::{duplicates, known_name};
use crate::content::catalogue::{HEADER_PLACES, MISSING_WORD, UNKNOWN_GROUP, UNTRANSLATED_WORD};
use crate::content::leaf::{Key, Label, quoted};
use crate::content::{Document, Draft, DraftLanguage};
use crate::diagnostic::{Edit, Help, Report, Source, one_of};
use crate::lang::Lang;
use std::sync::Arc;

/// What fits into the header's line of links on a window of 1280 px, in characters: the links, the other languages and the way out. Measured
/// with fonts as wide as Segoe UI and Liberation Sans, and a tenth is left. Narrower windows take two lines, and phones the list at the foot.
const HEADER_ROOM: usize = 130;
/// What parts two links of the header, in characters.
const GAP: usize = 4;

/// Holds the navigation of each language to its rules.
pub(super) fn check(draft: &Draft, report: &mut Report) {
    if let Some(Document { source, value, .. }) = &draft.clinic {
        let groups = value.navigation.iter().flat_map(|lists| &lists.groups);
        duplicates(source, "list", groups, report);
    }
    let Some(groups) = draft.groups() else { return };
    for language in &draft.languages {
        let used = used(language, &groups, report);
        words(language, &groups, &used, report);
        header(draft, language, &groups, report);
    }
}

/// The lists that pages are in. Reports those that there are not.
fn used<'a>(language: &DraftLanguage, groups: &[&'a Key], report: &mut Report) -> Vec<&'a Key> {
    let mut used = Vec::new();
    for Document { source, value: page, .. } in language.pages.values() {
        let Some(named) = page.navigation.as_ref().map(|place| &place.group) else { continue };
        if let Some(group) = groups.iter().find(|group| **group == named) {
            used.push(*group);
        } else if !named.as_str().is_empty() {
            report.add_with(&UNKNOWN_GROUP, source, named.span().start, || {
                let known: Vec<&str> = groups.iter().map(|group| group.as_str()).collect();
                let help = match known_name(named.as_str(), known.iter().copied()) {
                    Some(name) => Help::meant(Edit::new(source, named.span(), quoted(name))),
                    None => {
                        format!("it can be {}; a new list has its key in `groups` below [navigation] in clinic.toml, and its name below [navigation] in ui.toml", one_of(&known))
                            .into()
                    }
                };
                (named.span(), format!("there is no list of links `{named}`"), help)
            });
        }
    }
    used
}

/// The name of each list: in English it has to be there, and stands in for those that another language lacks.
fn words(language: &DraftLanguage, groups: &[&Key], used: &[&Key], report: &mut Report) {
    let Some(ui) = language.ui.as_ref().filter(|ui| !ui.findings.has_doubtful_names()) else { return };
    let english = language.lang == Lang::En;
    let lacking = groups.iter().filter(|group| !ui.value.navigation.contains_key(**group));
    let lacking = lacking.filter(|group| !group.as_str().is_empty() && (english || used.contains(group)));
    let names: Vec<&str> = lacking.map(|group| group.as_str()).collect();
    let Some(first) = names.first() else { return };
    let lists = one_of(&names).replace(" or ", " and ");
    let have = if names.len() == 1 { "has" } else { "have" };
    let others = if names.len() == 1 { "" } else { ", and the others in the same way" };
    let help = format!("add {first} = \"…\" below [navigation]{others}");
    if english {
        report.add(
            &MISSING_WORD,
            &ui.source,
            0..0,
            format!("{lists} of `groups` in clinic.toml {have} no words in [navigation]"),
            help,
        );
    } else {
        let message = format!("the list of links {lists} {have} no name in this language, so its English one is shown");
        report.add(&UNTRANSLATED_WORD, &ui.source, 0..0, message, help);
    }
}

/// Reports links in the header for which there is no room.
fn header(draft: &Draft, language: &DraftLanguage, groups: &[&Key], report: &mut Report) {
    let placed = language.pages.iter().filter_map(|(key, page)| {
        let place = page.value.navigation.as_ref()?;
        let group = groups.iter().position(|group| **group == place.group);
        Some(((group, place.order, key), &page.source, page.value.header_label()?))
    });
    let mut links: Vec<(_, &Arc<Source>, &Label)> = placed.collect();
    links.sort_by_key(|(place, ..)| *place);
    let width = |words: &str| words.chars().count() + GAP;
    let others = draft
        .languages
        .iter()
        .filter(|other| other.lang != language.lang)
        .filter_map(|other| Some(width(other.about.as_ref()?.value.name.as_str())));
    let leave = language.ui.iter().map(|ui| width(ui.value.layout.leave.as_str()));
    let mut taken: usize = others.chain(leave).sum();
    let first = links.iter().find(|(.., label)| {
        taken += width(label.as_str());
        taken > HEADER_ROOM
    });
    let Some((_, source, first)) = first else { return };
    let named: Vec<String> = links.iter().map(|((.., key), _, label)| format!("\"{label}\" ({key}.toml)")).collect();
    let message = format!(
        "\"{first}\" has no room in the header, whose line holds about {HEADER_ROOM} characters in all: {}",
        named.join(", ")
    );
    let help =
        "give the longest of these a `short_label`, or take `header = true` out of the one that is asked for least";
    report.add(&HEADER_PLACES, source, first.span(), message, help);
}
