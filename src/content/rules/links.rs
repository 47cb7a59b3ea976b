//! Rules about what copy names: pages, parts of pages, facts; and where old addresses lead.

mod dead;
mod numbers;

use super::lost::Lost;
use super::pages::anchors_inside;
use super::{FRAME_ANCHORS, NEEDED_PAGES};
use crate::address::OldAddress;
use crate::content::catalogue::{
    DEAD_ANCHOR, DEAD_LINK, DRAFT_LINK, FOREIGN_LINK, GARBLED_TEXT, HIDDEN_CHARACTER, REDIRECT, SHOWN_AS_TYPED,
    UNKNOWN_FACT, UNUSED_FIGURE,
};
use crate::content::leaf::OfficialMarkdown;
use crate::content::model::{Answers, Page, PageKind, Section};
use crate::content::names::page_key;
use crate::content::text::{ANSWERS, Mentions};
use crate::content::{Document, Draft, DraftLanguage, Review};
use crate::diagnostic::{Edit, Help, Report, Rule, Source, did_you_mean};
use crate::lang::Lang;
use dead::{answer_names, dead, fact_names, moved};
use numbers::{Known, numbers_in_copy, numbers_in_figures};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// Holds all copy, cards and redirects to the rules about what they name.
pub(super) fn check(draft: &Draft, review: &Review<'_>, report: &mut Report) {
    let targets = Targets::new(draft, review);
    let mut found = Found::default();
    for language in &draft.languages {
        copy(draft, language, &targets, &mut found, report);
    }
    numbers_in_figures(draft, report);
    language_help(draft, &targets, &mut found, report);
    redirects(draft, review, &targets, &mut found, report);
    dead(draft, &targets, found, report);
    unused_figures(draft, report);
}

/// The facts that the texts of a language name.
fn named(language: &DraftLanguage) -> BTreeSet<&String> {
    let mentions = language.files().flat_map(|file| file.passages.mentions(file.source));
    mentions.flat_map(|(_, mentions)| &mentions.facts).collect()
}

/// What the links of all files lead to.
#[derive(Default)]
struct Found {
    /// Paths of this site that a link leads to.
    linked: BTreeSet<String>,
    /// What leads nowhere.
    lost: Lost,
}

/// Reports figures that no text names: nobody reads them, and whoever keeps them up to date does so for nothing.
fn unused_figures(draft: &Draft, report: &mut Report) {
    // What could not be read, or waits to be finished, may name them.
    if report.has_errors() || draft.languages.iter().any(|language| !language.held.is_empty()) {
        return;
    }
    let Some(Document { source, value, .. }) = &draft.clinic else { return };
    for language in &draft.languages {
        let Some(Document { source, value: Answers { answers }, .. }) = &language.answers else { continue };
        let named = named(language);
        let given = answers.iter().filter(|(_, answer)| answer.is_given());
        for (key, answer) in given.filter(|(key, _)| !named.contains(&format!("{ANSWERS}{key}"))) {
            let message = format!("no text names `{ANSWERS}{key}`, so the answer is shown nowhere");
            let help = format!("write {{{ANSWERS}{key}}} where the answer belongs");
            report.add(&UNUSED_FIGURE, source, answer.text.span(), message, help);
        }
    }
    let named: BTreeSet<&String> = draft.languages.iter().flat_map(named).collect();
    for (key, _) in value.figures.iter().flatten().filter(|(key, _)| !named.contains(&key.to_string())) {
        report.add(
            &UNUSED_FIGURE,
            source,
            key.span(),
            format!("no text names `{key}`, so it is shown nowhere"),
            format!("write {{{key}}} where the figure belongs, or delete [figures.{key}]"),
        );
    }
}

/// Every path a link can lead to, with its anchors; `None` where a part of the page could not be read, so that any might be there.
struct Targets<'a> {
    paths: BTreeMap<String, Option<BTreeSet<String>>>,
    languages: Vec<Lang>,
    /// Languages with pages that could not be read, or whose address is not known: links may lead to them.
    unreadable: Vec<Lang>,
    /// The pages that are held back, by their addresses: the path of each file.
    held: BTreeMap<&'a str, &'a str>,
    /// The language of each page that is not held back, and its name in all languages, by its address.
    pages: BTreeMap<String, (Lang, &'a str)>,
    /// Files of pages that nothing reads, each with what mends that, by the addresses that those probably have.
    misnamed: BTreeMap<String, &'a str>,
}

impl<'a> Targets<'a> {
    fn new(draft: &'a Draft, review: &Review<'_>) -> Self {
        let others = review.other_paths.iter().map(|path| (*path).to_owned());
        let others = others.chain(draft.languages.iter().map(DraftLanguage::booklet));
        let mut paths: BTreeMap<_, _> = others.map(|path| (path, Some(BTreeSet::new()))).collect();
        for language in &draft.languages {
            for (key, Document { value: page, findings, .. }) in &language.pages {
                let mut anchors: BTreeSet<String> = FRAME_ANCHORS.into_iter().map(str::to_owned).collect();
                anchors.extend(page.sections.iter().filter_map(|section| section.anchor().map(|(anchor, _)| anchor)));
                anchors.extend(page.sections.iter().flat_map(|section| anchors_inside(draft, language, section)));
                anchors.extend(page.sections.iter().flat_map(Section::inner_anchors));
                // A mistake in the shape of the page, or in a file whose parts it shows, may have taken an anchor away.
                let shown = language.objectives.as_ref().is_none_or(|file| !file.findings.has_doubtful_names());
                let known = shown && !findings.has_doubtful_names();
                paths.insert(page.path(language.lang, key), Some(anchors).filter(|_| known));
            }
            // A page that should be there is reported once, not again for every link to it.
            for key in NEEDED_PAGES.into_iter().filter(|key| !language.pages.contains_key(*key)) {
                paths.entry(format!("{}{key}/", language.lang.root())).or_insert(None);
            }
        }
        let has_address = |page: &Document<Arc<Page>>| {
            page.value.slug.as_ref().map_or(page.value.kind == PageKind::Home, |slug| !slug.as_str().is_empty())
        };
        let unreadable = draft.languages.iter().filter(|language| {
            language.pages_unreadable || !language.unreadable.is_empty() || !language.pages.values().all(has_address)
        });
        let held = draft.languages.iter().flat_map(|language| language.held.values());
        // A draft may have the address of another page: links lead to that.
        let published: BTreeMap<String, (Lang, &str)> = draft
            .languages
            .iter()
            .flat_map(|language| {
                let pages = language.pages.iter().filter(|(key, _)| !language.held.contains_key(*key));
                pages.map(|(key, page)| (page.value.path(language.lang, key), (language.lang, key.as_str())))
            })
            .collect();
        let misnamed = draft.languages.iter().flat_map(|language| {
            let root = language.lang.root();
            language.misnamed.iter().map(move |(key, file)| (format!("{root}{key}/"), file.as_str()))
        });
        Self {
            paths,
            languages: draft.languages.iter().map(|language| language.lang).collect(),
            unreadable: unreadable.map(|language| language.lang).collect(),
            held: held
                .filter(|held| !published.contains_key(&held.address))
                .map(|held| (held.address.as_str(), held.source.path.as_str()))
                .collect(),
            misnamed: misnamed.collect(),
            pages: published,
        }
    }

    /// The page that a link of a translation leads to in another language, as the translation has it: that language, and the address.
    fn in_own_language(&self, target: &str, language: &DraftLanguage) -> Option<(Lang, String)> {
        if language.lang == Lang::En {
            return None;
        }
        let (lang, key) = self.pages.get(parts(target, "").0).filter(|(lang, _)| *lang != language.lang)?;
        let own = language.pages.get(*key).filter(|_| !language.held.contains_key(*key))?;
        Some((*lang, own.value.path(language.lang, key)))
    }

    /// Whether a file is itself one of a page that is held back: its links matter once it is finished.
    fn is_held(&self, source: &Source) -> bool {
        self.held.values().any(|file| *file == source.path)
    }

    /// The rule that a link breaks which leads nowhere, and the name of what is not there: a path, or a path with an anchor.
    fn dead(&self, target: &str, own_path: &str) -> Option<(&'static Rule, String)> {
        let (path, anchor) = parts(target, own_path);
        if self.held.contains_key(path) {
            return (path != own_path).then(|| (&DRAFT_LINK, path.to_owned()));
        }
        let Some(anchors) = self.paths.get(path) else {
            return (!self.unreadable.contains(&self.lang(path))).then(|| (&DEAD_LINK, path.to_owned()));
        };
        let anchors = anchors.as_ref()?;
        anchor.filter(|anchor| !anchors.contains(*anchor)).map(|anchor| (&DEAD_ANCHOR, format!("{path}#{anchor}")))
    }

    /// The language that a path is in.
    fn lang(&self, path: &str) -> Lang {
        Lang::of_path(path, self.languages.iter().copied())
    }

    /// The page that was meant by a path: one of its language, or of that of the file which names it.
    fn meant(&self, path: &str, own: Option<Lang>) -> Option<&str> {
        let slashed = format!("{path}/");
        let known = self.paths.get_key_value(&slashed).map(|(known, _)| known.as_str());
        let lang = self.lang(path);
        let is_near = |known: &&str| [Some(lang), own].contains(&Some(self.lang(known)));
        known.or_else(|| did_you_mean(path, self.paths.keys().map(String::as_str).filter(is_near)))
    }
}

/// The name of what is not there. Links to a page that is held back are reported in each file, whose words are no link then.
fn of_its_file(rule: &Rule, name: String, source: &Source) -> String {
    if *rule == DRAFT_LINK { format!("{name}\n{}", source.path) } else { name }
}

/// The path and the anchor of a link.
fn parts<'t>(target: &'t str, own_path: &'t str) -> (&'t str, Option<&'t str>) {
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    (if path.is_empty() { own_path } else { path }, anchor)
}

impl Found {
    /// Notes where a link leads.
    fn link(
        &mut self,
        source: &Arc<Source>,
        own_path: &str,
        span: &Range<usize>,
        target: &str,
        targets: &Targets<'_>,
        report: &Report,
    ) {
        let path = parts(target, own_path).0;
        if !self.linked.contains(path) {
            self.linked.insert(path.to_owned());
        }
        let dead = targets.dead(target, own_path);
        if let Some((rule, name)) = dead.filter(|(rule, _)| **rule != DRAFT_LINK || !targets.is_held(source)) {
            self.lost.add(rule, &of_its_file(rule, name, source), source, span, target, report);
        }
    }
}

/// Reports a link of a translation that leads out of its language, though the page is there: one of a text that was copied. Where it is written, it has
/// something before and behind it.
fn foreign(
    (source, span): (&Arc<Source>, &Range<usize>),
    (before, target, behind): (&str, &str, &str),
    targets: &Targets<'_>,
    language: &DraftLanguage,
    report: &mut Report,
) {
    let Some((lang, own)) = targets.in_own_language(target, language) else { return };
    report.add_with(&FOREIGN_LINK, source, span.start, || {
        let text = source.text.get(span.clone()).unwrap_or_default();
        let written = format!("{before}{target}{behind}");
        let starts = text.match_indices(&written).map(|(at, _)| span.start + at + before.len());
        let places: Vec<Range<usize>> = starts.map(|at| at..at + target.len()).collect();
        let message = format!("this leads out of this language, to a page in `{}`", lang.tag());
        let whole = match target.split_once('#') {
            Some((_, anchor)) => Some(format!("{own}#{anchor}")).filter(|whole| targets.dead(whole, "").is_none()),
            None => Some(own.clone()),
        };
        let help = match whole {
            Some(whole) => {
                let edits = places.iter().map(|place| Edit::new(source, place.clone(), whole.as_str())).collect();
                Help::all(edits, format!("write `{whole}`, the same page in this language"))
            }
            None => format!("write `{own}`, with the name that the part has there behind a #").into(),
        };
        (places.into_iter().next().unwrap_or_else(|| span.clone()), message, help)
    });
}

/// Whether a link leads to a page of this site.
fn within(target: &str) -> bool {
    target.starts_with(['/', '#']) && !target.starts_with("//")
}

/// The links within the site that a text holds.
fn links(
    source: &Arc<Source>,
    own_path: &str,
    span: &Range<usize>,
    mentions: &Mentions,
    targets: &Targets<'_>,
    found: &mut Found,
    report: &Report,
) {
    // Each target once: every place of it in a text is reported as the first.
    for target in mentions.links.iter().collect::<BTreeSet<_>>().into_iter().filter(|target| within(target)) {
        found.link(source, own_path, span, target, targets, report);
    }
}

/// The links of the notices of language help.
fn language_help(draft: &Draft, targets: &Targets<'_>, found: &mut Found, report: &Report) {
    let Some(Document { source, value, .. }) = &draft.language_help else { return };
    for text in value.languages.iter().map(|language| &language.text) {
        links(source, "", &text.span(), &Mentions::new(text.as_str()), targets, found, report);
    }
}

/// Links, facts and numbers in all the copy of a language.
fn copy(draft: &Draft, language: &DraftLanguage, targets: &Targets<'_>, found: &mut Found, report: &mut Report) {
    let facts = fact_names(draft).into_iter().chain(answer_names(language));
    let facts: BTreeSet<String> = facts.collect();
    // Names that a mistake in clinic.toml or answers.toml may have hidden are not missed.
    let are_facts_known = draft.clinic.as_ref().is_some_and(|clinic| !clinic.findings.has_doubtful_names());
    let are_answers_known = match &language.answers {
        Some(answers) => !answers.findings.has_doubtful_names(),
        None => !language.has_unread_answers,
    };
    let known = draft.clinic.as_ref().map(|clinic| Known::new(&clinic.value)).unwrap_or_default();
    let is_doubtful = |edit: &Edit| {
        let (mentions, before) = (Mentions::new(&edit.text), edit.source.text.get(edit.span.clone()));
        let before = Mentions::new(before.unwrap_or_default());
        let leads_nowhere = |link: &String| within(link) && targets.dead(link, "").is_some();
        mentions.links.iter().any(|link| !before.links.contains(link) && leads_nowhere(link))
            || mentions.facts.iter().any(|name| !before.facts.contains(name) && !facts.contains(name))
            || mentions.phones.iter().any(|number| !number.is_fax && !before.phones.contains(number))
    };
    // What was shown as it is typed named nothing yet.
    report.doubt(&[&SHOWN_AS_TYPED, &GARBLED_TEXT, &HIDDEN_CHARACTER], is_doubtful);
    let mut look = |source: &Arc<Source>, own_path: &str, span: &Range<usize>, mentions: &Mentions| {
        links(source, own_path, span, mentions, targets, found, report);
        for target in mentions.links.iter().collect::<BTreeSet<_>>() {
            foreign((source, span), ("](", target, ")"), targets, language, report);
        }
        for name in mentions.facts.iter().collect::<BTreeSet<_>>().into_iter().filter(|name| !facts.contains(*name)) {
            let are_known = if name.starts_with(ANSWERS) { are_answers_known } else { are_facts_known };
            if are_known {
                found.lost.add(&UNKNOWN_FACT, name, source, span, &format!("{{{name}}}"), report);
            }
        }
        numbers_in_copy(source, span, mentions, &known, report);
    };
    let mut cards: Vec<(&Arc<Source>, Range<usize>, &str)> = Vec::new();
    let mut official: Vec<(&Arc<Source>, String, &OfficialMarkdown)> = Vec::new();
    for file in language.files() {
        let key = page_key(&file.name);
        let page = key.and_then(|key| Some((key, language.pages.get(key)?)));
        let path = page.map(|(key, page)| page.value.path(language.lang, key)).unwrap_or_default();
        for (span, mentions) in file.passages.mentions(file.source) {
            look(file.source, &path, span, mentions);
        }
        for section in page.iter().flat_map(|(_, page)| &page.value.sections) {
            if let Section::Cards(group) = section {
                let own = group.items.iter().filter_map(|card| card.link.as_ref()).filter(|link| !link.leads_away());
                cards.extend(own.map(|link| (file.source, link.span(), link.as_str())));
            }
            if let Section::Files(list) = section {
                let pages = list.items.iter().filter_map(|item| item.page.as_ref());
                cards.extend(pages.map(|page| (file.source, page.span(), page.as_str())));
            }
            if let Section::OfficialText(text) = section {
                official.push((file.source, path.clone(), &text.text));
            }
        }
    }
    for (source, path, text) in official {
        links(source, &path, &text.span(), &Mentions::new(text.as_str()), targets, found, report);
    }
    for (source, span, target) in cards.into_iter().filter(|(.., target)| !target.is_empty()) {
        found.link(source, "", &span, target, targets, report);
        foreign((source, &span), ("", target, ""), targets, language, report);
    }
}

/// Whether the program itself answers an address, so that nobody who asks for it is led on.
fn is_answered(review: &Review<'_>, old: &OldAddress) -> bool {
    let path = old.path();
    let is_at = |own: &&str| own.trim_end_matches('/') == path.trim_end_matches('/');
    let is_below = |own: &&str| own.ends_with('/') && path.starts_with(*own);
    review.other_paths.iter().any(is_at) || review.reserved.iter().any(|own| is_at(own) || is_below(own))
}

fn redirects(draft: &Draft, review: &Review<'_>, targets: &Targets<'_>, found: &mut Found, report: &mut Report) {
    let mut seen = BTreeSet::new();
    let lists = [&draft.redirects, &draft.redirect_list].into_iter().flatten();
    let rows = lists.flat_map(|Document { source, value, .. }| {
        value.redirects.iter().flatten().map(move |redirect| (source, redirect))
    });
    for (source, redirect) in rows {
        let (from, to) = (redirect.from.as_str(), redirect.to.as_str());
        if from.is_empty() || to.is_empty() {
            continue;
        }
        let Ok(old) = OldAddress::read(from) else { continue };
        if !old.has_query() && is_answered(review, &old) {
            let message = format!("`{from}` is an address of the program itself, so nobody who asks for it is led on");
            report.add(&REDIRECT, source, redirect.from.span(), message, "delete this redirect");
        } else if !old.has_query()
            && let Some(page) = [old.path().as_str(), from].into_iter().find(|path| targets.paths.contains_key(*path))
        {
            report.add(
                &REDIRECT,
                source,
                redirect.from.span(),
                format!("`{from}` is a page, not an old address"),
                format!("delete this redirect: who asks for it gets {page}; or give the page another address"),
            );
        }
        if !seen.insert(old) {
            report.add(
                &REDIRECT,
                source,
                redirect.from.span(),
                format!("`{from}` is redirected twice"),
                "keep one of the two",
            );
        }
        let Some((rule, name)) = targets.dead(to, "") else { continue };
        // To a page that moved or is held back, it is one more link.
        let moved = || *rule == DEAD_LINK && moved(draft, targets, &found.linked, &name, 1).is_some();
        if *rule == DRAFT_LINK || moved() {
            found.lost.add(rule, &of_its_file(rule, name, source), source, &redirect.to.span(), to, report);
            continue;
        }
        report.add_with(&REDIRECT, source, redirect.to.span().start, || {
            let (path, anchor) = parts(to, "");
            let message = match anchor.filter(|_| *rule == DEAD_ANCHOR) {
                Some(anchor) => format!("`{path}` has no part `#{anchor}`"),
                None => format!("there is no page at `{path}`"),
            };
            let help = match targets.meant(path, None).filter(|_| *rule == DEAD_LINK) {
                Some(known) => Help::meant(Edit::new(source, source.locate(&redirect.to.span(), to), known)),
                None => "write the address of a page of this site, or delete this redirect".into(),
            };
            (redirect.to.span(), message, help)
        });
    }
}
