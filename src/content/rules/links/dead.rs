//! The words for what leads nowhere: a page that moved, one that is held back, one that there is not.

use super::super::FACTS;
use super::super::lost::Places;
use super::{Found, Targets};
use crate::content::catalogue::{DEAD_ANCHOR, DEAD_LINK, DRAFT_LINK, UNKNOWN_FACT};
use crate::content::leaf::Slug;
use crate::content::model::ABOUT_PLACES;
use crate::content::model::PageKind;
use crate::content::text::{ANSWERS, LOCATIONS};
use crate::content::{Draft, DraftLanguage};
use crate::diagnostic::{Edit, Help, Report, Source, did_you_mean, one_of};
use crate::lang::Lang;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// A page that was at a path and is at another now.
pub(super) struct Moved {
    to: String,
    source: Arc<Source>,
    slug: Range<usize>,
}

/// The page that links to a path led to, if it has moved: its file still has the name, or it is the only one of its language that no link
/// leads to any more while several lead to the path.
pub(super) fn moved(
    draft: &Draft,
    targets: &Targets<'_>,
    linked: &BTreeSet<String>,
    from: &str,
    links: usize,
) -> Option<Moved> {
    let lang = Lang::of_path(from, draft.languages.iter().map(|language| language.lang));
    let language = draft.languages.iter().find(|language| language.lang == lang)?;
    let key = from.strip_prefix(lang.root().as_str())?.strip_suffix('/')?;
    // Links lead to the same page in another language, as they did here.
    let is_linked_elsewhere = |key: &String| {
        let mut others = draft.languages.iter().filter(|other| other.lang != lang);
        others.any(|other| other.pages.get(key).is_some_and(|page| linked.contains(&page.value.path(other.lang, key))))
    };
    let mut lonely = language.pages.iter().filter(|(key, page)| {
        let here = linked.contains(&page.value.path(lang, key));
        page.value.kind != PageKind::Home && !here && is_linked_elsewhere(key)
    });
    let (key, page) = match language.pages.get_key_value(key) {
        Some(named) => named,
        None => match (lonely.next(), lonely.next()) {
            (Some(only), None) if links > 1 && targets.meant(from, None).is_none() => only,
            _ => return None,
        },
    };
    let to = page.value.path(lang, key);
    (to != from).then(|| Moved {
        to,
        source: Arc::clone(&page.source),
        slug: page.value.slug.as_ref().map_or(0..0, Slug::span),
    })
}

/// From so many parts of one page or file on, it is the page or the file that lost something.
const MANY: usize = 3;

/// Reports each path and each anchor that is not there, once.
pub(super) fn dead(draft: &Draft, targets: &Targets<'_>, found: Found, report: &mut Report) {
    let Found { linked, mut lost } = found;
    lost.gather(&DEAD_ANCHOR, MANY, |name| name.split('#').next());
    lost.gather(&UNKNOWN_FACT, MANY, |name| name.starts_with(ANSWERS).then_some(ANSWERS));
    let facts = fact_names(draft);
    let answers: BTreeSet<String> = draft.languages.iter().flat_map(answer_names).collect();
    lost.report(report, |rule, name, places| {
        let first = || (Arc::clone(places.source()), places.first().span());
        if *rule == DRAFT_LINK {
            let name = name.lines().next().unwrap_or_default();
            let file = targets.held.get(name).copied().unwrap_or_default();
            let message =
                format!("`{name}` is a page that is held back, so these words are no link on a published site");
            let (source, span) = first();
            let help = Help::from(format!("finish {file}, or take the link out"));
            return (source, span, message, help.then(&places.also()));
        }
        if *rule == DEAD_LINK {
            let misnamed = targets.misnamed.get(name);
            if let Some(moved) = moved(draft, targets, &linked, name, places.count).filter(|_| misnamed.is_none()) {
                return has_moved(draft, name, moved, places);
            }
            let is_of =
                |language: &&DraftLanguage| language.files().any(|file| file.source.path == places.source().path);
            let own = draft.languages.iter().find(is_of).map(|language| language.lang);
            // The address of a page that nothing reads is not known.
            let mut others = targets.misnamed.iter().filter(|(path, _)| targets.lang(path) == targets.lang(name));
            let help = match targets.meant(name, own) {
                _ if let Some(file) = misnamed => format!("its file is {file}").into(),
                Some(known) if known.strip_suffix('/') == Some(name) => {
                    Help::all(places.edits(name, known), format!("the address ends with a slash: {known}"))
                }
                Some(known) => Help::all(places.edits(name, known), format!("did you mean {known}?")),
                None if let Some((_, file)) = others.next() => {
                    format!("perhaps its file is {file}; if not, write the address of a page of this site").into()
                }
                None => "write the address of a page of this site, or take the link out".into(),
            };
            let (source, span) = first();
            return (source, span, format!("there is no page at `{name}`"), help.then(&places.also()));
        }
        let (source, span) = first();
        if let Some((whole, parts)) = name.split_once('\n') {
            let (message, file) = match whole {
                ANSWERS => (format!("there are no facts {parts}"), "answers.toml of this language"),
                page => (format!("`{page}` lacks parts that links lead to: {parts}"), "its file"),
            };
            let help = Help::from(format!("was something of {file} lost? Restore it from a copy"));
            return (source, span, message, help.then(&places.also()));
        }
        if *rule == UNKNOWN_FACT {
            // Of an answer its own name is compared: what all of them begin with would make any two alike.
            let meant = match name.strip_prefix(ANSWERS) {
                Some(own) => did_you_mean(own, answers.iter().filter_map(|known| known.strip_prefix(ANSWERS)))
                    .map(|known| format!("{ANSWERS}{known}"))
                    .into_iter()
                    .collect(),
                None => meant_facts(name, &facts),
            };
            let help = match meant.as_slice() {
                [known] if facts.contains(known) || answers.contains(known) => {
                    Help::all(places.edits(name, known), format!("did you mean {{{known}}}?"))
                }
                [known] => format!(
                    "it is a fact of a place: write it below [[locations]] in clinic.toml, and name it {{{known}}}"
                )
                .into(),
                [_, ..] => {
                    let names: Vec<String> = meant.iter().map(|known| format!("{{{known}}}")).collect();
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    format!("each place has its own: {}", one_of(&names)).into()
                }
                [] if name.starts_with(ANSWERS) => {
                    "add it to answers.toml of this language, with `question`, `ask` and `text`".into()
                }
                [] => {
                    let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
                    format!("facts are {}; figures are in clinic.toml", one_of(&facts)).into()
                }
            };
            return (source, span, format!("there is no fact `{name}`"), help.then(&places.also()));
        }
        let (path, anchor) = name.split_once('#').unwrap_or((name, ""));
        let anchors: Vec<&str> = targets.paths.get(path).into_iter().flatten().flatten().map(String::as_str).collect();
        let help = match did_you_mean(anchor, anchors.iter().copied()) {
            Some(known) => {
                Help::all(places.edits(&format!("#{anchor}"), &format!("#{known}")), format!("did you mean #{known}?"))
            }
            None => format!("give the part an `id`; that page has {}", one_of(&anchors)).into(),
        };
        (source, span, format!("`{path}` has no part `#{anchor}`"), help.then(&places.also()))
    });
}

/// The finding of a page that moved: its links, and the redirect for old bookmarks.
fn has_moved(draft: &Draft, from: &str, moved: Moved, places: &Places) -> (Arc<Source>, Range<usize>, String, Help) {
    let Moved { to, source, slug } = moved;
    let links = if places.count == 1 { "1 link leads".to_owned() } else { format!("{} links lead", places.count) };
    let redirect = format!("[[redirects]]\nfrom = \"{from}\"\nto = \"{to}\"");
    let words = format!(
        "change the links to {to}: {}. So that old bookmarks lead there too, add to redirects.toml:\n{redirect}",
        places.listed()
    );
    let mut edits = places.edits(from, &to);
    if let Some(file) = draft.redirects.as_ref().filter(|_| !edits.is_empty()) {
        let end = file.source.text.len();
        edits.push(Edit::new(&file.source, end..end, format!("\n{redirect}\n")));
    }
    (source, slug, format!("this page moved, and {links} to its old address `{from}`"), Help::all(edits, words))
}

/// The facts that copy may name, in the order they are shown.
pub(super) fn fact_names(draft: &Draft) -> Vec<String> {
    let clinic = draft.clinic.iter().map(|clinic| &clinic.value);
    let figures = clinic.clone().flat_map(|clinic| clinic.figures.iter().flatten());
    let figures = FACTS.into_iter().chain(figures.map(|(key, _)| key.as_str())).map(str::to_owned);
    let ids = clinic.flat_map(|clinic| clinic.locations.iter().flatten()).map(|place| &place.id);
    let of_places = ids.filter(|id| !id.as_str().is_empty()).flat_map(|id| {
        let keys = ABOUT_PLACES.iter().map(|(key, _)| *key);
        std::iter::once("name").chain(keys).map(move |key| format!("{LOCATIONS}{id}.{key}"))
    });
    figures.chain(of_places).collect()
}

/// The facts that were meant: one, or that of each place where the place isn't said. Each word of a name is compared by itself: that of the place,
/// however it is written (`locations.main.phone`, `main.phone`), by its first letter too, as the north must not become the south.
fn meant_facts(name: &str, facts: &[String]) -> Vec<String> {
    let of_places: Vec<(&str, &str)> =
        facts.iter().filter_map(|fact| fact.strip_prefix(LOCATIONS)?.split_once('.')).collect();
    let (before, own) = name.rsplit_once('.').unwrap_or(("", name));
    let id = before.rsplit('.').next().filter(|id| !["", "location", "locations"].contains(id));
    let first = id.and_then(|id| id.chars().next());
    let alike = of_places.iter().map(|(id, _)| *id).filter(|id| id.chars().next() == first);
    let place = id.and_then(|id| did_you_mean(id, alike));
    let plain = || facts.iter().map(String::as_str).filter(|fact| !fact.starts_with(LOCATIONS));
    let keys = || ABOUT_PLACES.iter().map(|(key, _)| *key);
    // A place has some of the names that the clinic has.
    let is_of_a_place = !before.is_empty() && !of_places.is_empty();
    let meant = if is_of_a_place {
        did_you_mean(own, of_places.iter().map(|(_, key)| *key).chain(plain()))
    } else {
        did_you_mean(own, keys().filter(|key| *key == own).chain(plain()).chain(keys()))
    };
    let Some(key) = meant else { return Vec::new() };
    let is_plain = plain().any(|fact| fact == key) && !(is_of_a_place && of_places.iter().any(|(_, of)| *of == key));
    if is_plain {
        return vec![key.to_owned()];
    }
    if of_places.is_empty() {
        return vec![format!("{LOCATIONS}main.{key}")];
    }
    let found = of_places.iter().filter(|(id, of)| *of == key && place.is_none_or(|place| place == *id));
    found.map(|(id, key)| format!("{LOCATIONS}{id}.{key}")).collect()
}

/// The answers that copy of a language may name.
pub(super) fn answer_names(language: &DraftLanguage) -> impl Iterator<Item = String> {
    let answers = language.answers.iter().flat_map(|file| file.value.answers.keys());
    answers.filter(|key| !key.as_str().is_empty()).map(|key| format!("{ANSWERS}{key}"))
}
