//! Rules about the pages of a language, and what they need from other files.

use super::lost::Lost;
use super::{FORM_ANCHORS, FRAME_ANCHORS, duplicates, in_years, keyed, known_name, reviews, sources, unknown_source};
use crate::content::catalogue::{
    DATE_ORDER, DUPLICATE_ADDRESS, DUPLICATE_ID, DUPLICATE_TITLE, ENDED_NOTICE, MISSING_CONTACT, MISSING_KEY,
    NOTICE_ENDS_SOON, ONE_FORM, TOO_MANY, UNKNOWN_ICON, UNKNOWN_KEY, UNKNOWN_PARENT,
};
use crate::content::leaf::{Key, Slug, quoted, slug_of};
use crate::content::model::{HelpLanguage, Notice, Page, PageKind, Section};
use crate::content::{Document, Draft, DraftLanguage, Review};
use crate::diagnostic::{Edit, Help, Report, Source, one_of};
use crate::lang::Lang;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How long before it the end of a notice is reported.
const SOON: SignedDuration = SignedDuration::from_hours(72);

/// The most objectives: who reads of more remembers none.
const OBJECTIVES: usize = 30;

/// Holds a language's words, objectives, notices and pages to the rules that look across keys.
pub(super) fn check(
    draft: &Draft,
    language: &DraftLanguage,
    review: &Review<'_>,
    lost: &mut Lost,
    report: &mut Report,
) {
    keyed::check(draft, language, report);
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

fn objectives(language: &DraftLanguage, review: &Review<'_>, report: &mut Report) {
    let Some(Document { source, value, .. }) = &language.objectives else { return };
    if let Some(first) = value.objectives.get(OBJECTIVES) {
        let message = format!("there are {} objectives, more than {OBJECTIVES}", value.objectives.len());
        let help = format!("keep the {OBJECTIVES} that say most; each starts with a line [[objectives]]");
        report.add(&TOO_MANY, source, first.id.span(), message, help);
    }
    duplicates(source, "objective", value.objectives.iter().map(|objective| &objective.id), report);
    for named in value.objectives.iter().filter_map(|objective| objective.icon.as_ref()) {
        icon(source, named, review, report);
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
    let zone = review.now.time_zone();
    if let (Some(starts), Some(ends)) = (&notice.starts, &notice.ends)
        && ends.is_over(zone) <= starts.begins(zone)
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
    let days = [(&notice.starts, "starts"), (&notice.ends, "ends")];
    for (moment, key) in days.into_iter().filter_map(|(moment, key)| Some((moment.as_ref()?, key))) {
        let day = zone.to_datetime(moment.begins(zone)).date();
        in_years(source, (day, moment.span(), key), review, report);
    }
    let Some(ends) = notice.ends.as_ref().filter(|ends| !ends.as_str().is_empty()) else { return };
    let left = ends.is_over(zone).duration_since(review.now.timestamp());
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
    reviews::check(document, review, report);
    if let Some(parent) = &page.parent {
        parents(language, key, source, parent, report);
    }
    // An error in the file may be the very reason why something seems to be missing.
    let sound = !report.has_errors_in(&source.path);
    if sound && page.slug.is_none() && page.kind != PageKind::Home {
        // Of a title in another script nothing is left.
        let slug = Some(slug_of(page.title.as_str())).filter(|slug| !slug.is_empty()).unwrap_or_else(|| slug_of(key));
        report.add(
            &MISSING_KEY,
            source,
            0..0,
            "the key `slug` is missing in this file",
            Help::exact(Edit::new(source, 0..0, format!("slug = {}\n", quoted(&slug))), |line| {
                format!("add a line: {}", line.trim_end())
            }),
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
    if let Some(picture) = page.picture.as_ref().filter(|_| page.kind != PageKind::Home) {
        let help = "take it out, or show it in a section of its own: kind = \"picture\"";
        report.add(&UNKNOWN_KEY, source, picture.file.span(), "only the home page has a `picture` at its top", help);
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
    let others = draft.languages.iter().filter(|language| language.lang != Lang::En);
    seen.extend(others.map(|language| (language.lang.root(), "the front page of another language")));
    seen.extend(draft.languages.iter().map(|language| (language.booklet(), "the booklet")));
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
