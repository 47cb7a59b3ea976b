//! Rules about the pages of a language, and what they need from other files.

use super::lost::Lost;
use super::{FORM_ANCHORS, FRAME_ANCHORS, date_order, duplicates, known_name, not_yet, sources, unknown_source};
use crate::content::catalogue::{
    DATE_ORDER, DUPLICATE_ADDRESS, DUPLICATE_ID, DUPLICATE_TITLE, ENDED_NOTICE, MISSING_CONTACT, MISSING_KEY,
    MISSING_WORD, NINE_OBJECTIVES, NOTICE_ENDS_SOON, ONE_FORM, REVIEW_DUE, REVIEW_SOON, UNKNOWN_ICON, UNKNOWN_PARENT,
};
use crate::content::leaf::{Day, Key, Slug, quoted, slug_of};
use crate::content::model::{Fact, HelpLanguage, Notice, Page, PageKind, Section};
use crate::content::{Document, Draft, DraftLanguage, Review, Ui};
use crate::diagnostic::{Edit, Help, Report, Source, one_of};
use crate::lang::Lang;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How long before it the end of a notice is reported.
const SOON: SignedDuration = SignedDuration::from_hours(72);

/// How many days before it a page's next review is reported.
const REVIEW_DAYS: i32 = 14;

/// How many objectives group therapy has: those that the clinic names, out of Yalom's therapeutic factors.
const OBJECTIVES: usize = 9;

/// Holds a language's words, objectives, notices and pages to the rules that look across keys.
pub(super) fn check(
    draft: &Draft,
    language: &DraftLanguage,
    review: &Review<'_>,
    lost: &mut Lost,
    report: &mut Report,
) {
    words(draft, language, report);
    objectives(language, review, report);
    notices(language, review, report);
    let sources = draft.clinic.as_ref().and_then(sources);
    for (key, document) in &language.pages {
        page(draft, language, key, document, review, report);
        for named in document.value.sources.iter().flatten() {
            unknown_source(&document.source, named, sources.as_ref(), lost, report);
        }
    }
    titles(language, report);
}

/// The words that facts need in each language: those that a table lacks are one finding.
fn words(draft: &Draft, language: &DraftLanguage, report: &mut Report) {
    let (Some(clinic), Some(ui)) = (&draft.clinic, &language.ui) else { return };
    // A mistake in the file may be the very reason why words seem to be missing.
    if ui.findings.has_doubtful_names() {
        return;
    }
    let (source, clinic, ui) = (&ui.source, &clinic.value, &ui.value);
    let lines: Vec<&Key> = clinic.help_lines.iter().map(|line| &line.id).collect();
    let keys =
        |fact: &Option<Fact<Vec<Key>>>| fact.iter().flat_map(Fact::values).flatten().cloned().collect::<Vec<Key>>();
    let (substances, payers) = (keys(&clinic.substances), keys(&clinic.payers));
    let mut need = |table: &str, lacking: Vec<&Key>| {
        let names: BTreeSet<&str> = lacking.into_iter().map(Key::as_str).filter(|key| !key.is_empty()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let Some(first) = names.first() else { return };
        let have = if names.len() == 1 { "has" } else { "have" };
        let message =
            format!("{} of clinic.toml {have} no words in [{table}]", one_of(&names).replace(" or ", " and "));
        let help = if table == "help_lines" {
            format!("add [help_lines.{first}] with `name` and `note`")
        } else {
            format!("add {first} = \"…\" below [{table}]")
        };
        let others = if names.len() == 1 { "" } else { ", and the others in the same way" };
        report.add(&MISSING_WORD, source, 0..0, message, format!("{help}{others}"));
    };
    need("help_lines", lines.into_iter().filter(|id| !ui.help_lines.contains_key(id)).collect());
    need("substances", substances.iter().filter(|key| !ui.substances.contains_key(key)).collect());
    need("payers", payers.iter().filter(|key| !ui.payers.contains_key(key)).collect());
    let reasons = clinic.exceptions.iter().flatten().filter_map(|exception| exception.reason.as_ref());
    let lacking = reasons.filter(|key| !ui.exceptions.contains_key(key));
    need("exceptions", lacking.filter(|key| !is_in_no_language(draft, key)).collect());
}

/// Whether no language has words for a reason: then the reason itself is what is wrong.
fn is_in_no_language(draft: &Draft, reason: &Key) -> bool {
    let mut words = draft.languages.iter().filter_map(|language| language.ui.as_ref()).peekable();
    words.peek().is_some() && words.all(|ui| !ui.value.exceptions.contains_key(reason))
}

/// Reports the reasons of exceptions for which no language has words, where they stand.
pub(super) fn reasons(draft: &Draft, report: &mut Report) {
    let Some(Document { source, value, .. }) = &draft.clinic else { return };
    let doubtful = |ui: &Document<Ui>| ui.findings.has_doubtful_names();
    if draft.languages.iter().filter_map(|language| language.ui.as_ref()).any(doubtful) {
        return;
    }
    let english = draft.languages.iter().find_map(|language| language.ui.as_ref());
    let known: Vec<&str> = english.iter().flat_map(|ui| ui.value.exceptions.keys()).map(Key::as_str).collect();
    let reasons = value.exceptions.iter().flatten().filter_map(|exception| exception.reason.as_ref());
    for reason in reasons.filter(|key| !key.as_str().is_empty() && is_in_no_language(draft, key)) {
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

fn objectives(language: &DraftLanguage, review: &Review<'_>, report: &mut Report) {
    let Some(Document { source, value, .. }) = &language.objectives else { return };
    let count = value.objectives.len();
    if count != OBJECTIVES && !report.has_errors_in(&source.path) {
        report.add(
            &NINE_OBJECTIVES,
            source,
            value.objectives.last().map_or(0..0, |last| last.id.span()),
            format!(
                "there {} {count} objective{}, not {OBJECTIVES}",
                if count == 1 { "is" } else { "are" },
                if count == 1 { "" } else { "s" }
            ),
            "the group-therapy page promises nine; each starts with a line [[objectives]]",
        );
    }
    duplicates(source, "objective", value.objectives.iter().map(|objective| &objective.id), report);
    for objective in &value.objectives {
        icon(source, &objective.icon, review, report);
    }
}

fn icon(source: &Arc<Source>, named: &Key, review: &Review<'_>, report: &mut Report) {
    if named.as_str().is_empty() || review.icons.contains(&named.as_str()) {
        return;
    }
    report.add_with(&UNKNOWN_ICON, source, named.span().start, || {
        let help = match known_name(named.as_str(), review.icons.iter().copied()) {
            Some(name) => Help::meant(Edit::new(source, named.span(), quoted(name))),
            None => format!("it can be {}", one_of(review.icons)).into(),
        };
        (named.span(), format!("there is no icon `{named}`"), help)
    });
}

fn notices(language: &DraftLanguage, review: &Review<'_>, report: &mut Report) {
    let Some(Document { source, value, .. }) = &language.notices else { return };
    for notice in value.notices.iter().flatten() {
        notice_dates(source, notice, review, report);
    }
}

fn notice_dates(source: &Arc<Source>, notice: &Notice, review: &Review<'_>, report: &mut Report) {
    if let (Some(starts), Some(ends)) = (&notice.starts, &notice.ends)
        && ends.is_over() <= starts.begins()
        && !starts.as_str().is_empty()
        && !ends.as_str().is_empty()
    {
        report.add(
            &DATE_ORDER,
            source,
            ends.span(),
            format!("`ends` ({ends}) is before `starts` ({starts})"),
            "check the two dates; they are written year-month-day",
        );
    }
    let Some(ends) = notice.ends.as_ref().filter(|ends| !ends.as_str().is_empty()) else { return };
    let left = ends.is_over().duration_since(review.now.timestamp());
    if left <= SignedDuration::ZERO {
        report.add(
            &ENDED_NOTICE,
            source,
            ends.span(),
            format!("this notice ended ({ends}) and is not shown any more"),
            "delete it, or write a later `ends`",
        );
    } else if left <= SOON {
        report.add(
            &NOTICE_ENDS_SOON,
            source,
            ends.span(),
            format!("this notice ends soon ({ends}) and then leaves the site by itself"),
            "nothing has to be done; write a later `ends` if it should stay",
        );
    }
}

fn page(
    draft: &Draft,
    language: &DraftLanguage,
    key: &str,
    document: &Document<Arc<Page>>,
    review: &Review<'_>,
    report: &mut Report,
) {
    let Document { source, value: page, .. } = document;
    date_order(source, (&page.last_reviewed, "last_reviewed"), (&page.next_review, "next_review"), report);
    not_yet(source, (&page.last_reviewed, "last_reviewed"), review, report);
    if !page.next_review.as_str().is_empty() {
        let left = review.now.date().until(page.next_review.date()).map_or(0, |span| span.get_days());
        let help = "read it through, mend what has changed, and write new dates in `last_reviewed` and `next_review`";
        let mut due = |rule, message| report.add(rule, source, page.next_review.span(), message, help);
        if left < 0 {
            due(&REVIEW_DUE, format!("this page was to be read again by {}", page.next_review));
        } else if left <= REVIEW_DAYS {
            due(&REVIEW_SOON, format!("this page is to be read again by {}", page.next_review));
        }
    }
    if let Some(parent) = &page.parent {
        parents(language, key, source, parent, report);
    }
    if let Some(day) = &page.clinically_reviewed_on {
        not_yet(source, (day, "clinically_reviewed_on"), review, report);
    }
    let (by, on) = (page.clinically_reviewed_by.as_ref(), page.clinically_reviewed_on.as_ref());
    if by.is_some() != on.is_some() && !report.has_errors_in(&source.path) {
        let (key, place) = match (by, on) {
            (Some(by), _) => ("clinically_reviewed_on", by.span()),
            (_, on) => ("clinically_reviewed_by", on.map_or(0..0, Day::span)),
        };
        let help = format!("add it below: {key} = …; or take the other line out");
        report.add(&MISSING_KEY, source, place, format!("the key `{key}` is missing in this file"), help);
    }
    // An error in the file may be the very reason why something seems to be missing.
    let sound = !report.has_errors_in(&source.path);
    if sound && page.slug.is_none() && page.kind != PageKind::Home {
        report.add(
            &MISSING_KEY,
            source,
            0..0,
            "the key `slug` is missing in this file",
            Help::exact(
                Edit::new(source, 0..0, format!("slug = {}\n", quoted(&slug_of(page.title.as_str())))),
                |line| format!("add a line: {}", line.trim_end()),
            ),
        );
    }
    let contact = page.sections.iter().any(|section| matches!(section, Section::Contact(_)));
    if sound && page.kind == PageKind::Service && !contact {
        report.add(
            &MISSING_CONTACT,
            source,
            page.title.span(),
            "this service page has no contact section",
            "add at the end: [[sections]], kind = \"contact\", a heading and a text",
        );
    }
    one_form(page, source, report);
    anchors_of(draft, language, page, source, report);
    for section in &page.sections {
        match section {
            Section::Cards(cards) => cards
                .items
                .iter()
                .filter_map(|card| card.icon.as_ref())
                .for_each(|named| icon(source, named, review, report)),
            Section::Notice(notice) => notice_dates(source, notice, review, report),
            _ => {}
        }
    }
}

fn parents(language: &DraftLanguage, key: &str, source: &Arc<Source>, parent: &Key, report: &mut Report) {
    let mut seen = BTreeSet::from([key]);
    let mut at = Some(parent);
    while let Some(named) = at.filter(|named| !named.as_str().is_empty()) {
        let Some(above) = language.pages.get(named.as_str()) else {
            let known = |key| language.unreadable.contains(key) || language.held.contains_key(key);
            if named.span() == parent.span() && !known(named.as_str()) {
                let help = match known_name(named.as_str(), language.pages.keys().map(String::as_str)) {
                    Some(name) => Help::meant(Edit::new(source, parent.span(), quoted(name))),
                    None => "write the name of the page's file without .toml, such as \"services\"".into(),
                };
                report.add(&UNKNOWN_PARENT, source, parent.span(), format!("there is no page `{named}`"), help);
            }
            return;
        };
        if !seen.insert(named.as_str()) {
            report.add(
                &UNKNOWN_PARENT,
                source,
                parent.span(),
                format!("`{parent}` is below this page itself"),
                "choose a page that is above both, or take `parent` out",
            );
            return;
        }
        at = above.value.parent.as_ref();
    }
}

/// Reports each form after the first: what was typed into one would be shown in the other.
fn one_form(page: &Page, source: &Arc<Source>, report: &mut Report) {
    let forms = page.sections.iter().filter(|section| matches!(section, Section::RequestForm(_)));
    for heading in forms.skip(1).filter_map(Section::heading) {
        let help = "delete this section, or put it on another page";
        report.add(&ONE_FORM, source, heading.span(), "another section of this page is the form already", help);
    }
}

/// Reports anchors that two parts of a page share.
fn anchors_of(draft: &Draft, language: &DraftLanguage, page: &Page, source: &Arc<Source>, report: &mut Report) {
    let mut seen: BTreeSet<String> = FRAME_ANCHORS.into_iter().map(str::to_owned).collect();
    let form = page.sections.iter().any(|section| matches!(section, Section::RequestForm(_)));
    for section in &page.sections {
        let Some((anchor, span)) = section.anchor() else { continue };
        let of_the_form = form && anchor.starts_with(FORM_ANCHORS);
        if !anchor.is_empty() && (!seen.insert(anchor.clone()) || of_the_form) {
            report.add(
                &DUPLICATE_ID,
                source,
                span,
                format!("another part of this page has the anchor `#{anchor}`"),
                "give one of the two an `id` of its own",
            );
        }
        seen.extend(anchors_inside(draft, language, section));
    }
}

/// The anchors that a section has besides its own: those of the objectives, and of the languages of language help. Those that
/// it makes of its own words are `Section::inner_anchors`.
pub(super) fn anchors_inside<'a>(
    draft: &'a Draft,
    language: &'a DraftLanguage,
    section: &'a Section,
) -> impl Iterator<Item = String> + use<'a> {
    let objectives = language.objectives.iter().filter(|_| matches!(section, Section::Objectives(_)));
    let help = draft.language_help.iter().filter(|_| matches!(section, Section::LanguageHelp(_)));
    objectives
        .flat_map(|file| file.value.objectives.iter().map(|objective| objective.id.to_string()))
        .chain(help.flat_map(|file| file.value.languages.iter().map(HelpLanguage::anchor)))
}

/// Reports pages that share an address, in whatever languages, and those that take one of the program's own.
pub(super) fn addresses(draft: &Draft, review: &Review<'_>, report: &mut Report) {
    let mut seen: BTreeMap<String, &str> =
        review.other_paths.iter().map(|path| ((*path).to_owned(), "the program itself")).collect();
    let others = Lang::ALL.into_iter().filter(|lang| *lang != Lang::En);
    seen.extend(others.map(|lang| (lang.root().to_owned(), lang.name())));
    // A draft comes last: it holds up no other page.
    let all = || {
        draft.languages.iter().flat_map(|language| language.pages.iter().map(move |(key, page)| (language, key, page)))
    };
    let (held, finished): (Vec<_>, Vec<_>) = all().partition(|(language, key, _)| language.held.contains_key(*key));
    for (language, key, Document { source, value, .. }) in finished.into_iter().chain(held) {
        {
            let path = value.path(language.lang, key);
            // A front page has no slug: it is at home there.
            let at_home = value.kind == PageKind::Home && path == language.lang.root();
            if let Some(other) = seen.get(&path).filter(|_| !at_home) {
                let span = value.slug.as_ref().map_or(0..0, Slug::span);
                report.add(
                    &DUPLICATE_ADDRESS,
                    source,
                    span,
                    format!("`{path}` is the address of {other} too"),
                    "give this page another `slug`",
                );
            }
            if !at_home {
                seen.insert(path, &source.path);
            }
        }
    }
}

/// Reports pages that share a title: in search results and tabs they would look the same.
fn titles(language: &DraftLanguage, report: &mut Report) {
    let mut seen: BTreeMap<String, &Arc<Source>> = BTreeMap::new();
    for Document { source, value: page, .. } in language.pages.values() {
        let title = page.title.as_str().trim();
        if title.is_empty() {
            continue;
        }
        if let Some(other) = seen.insert(title.to_lowercase(), source) {
            report.add(
                &DUPLICATE_TITLE,
                source,
                page.title.span(),
                format!("{} has the title \"{title}\" too", other.path),
                "give one of the two a title that tells them apart",
            );
        }
    }
}
