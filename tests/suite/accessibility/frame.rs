//! What makes a page one that can be found one's way in: its language, headings, landmarks and references.

use super::names::{found, label_of, parent_of, shown, without_name};
use crate::harness::{Page, lang_of, text_of};
use clinic_site::lang::Lang;
use scraper::ElementRef;
use std::collections::BTreeSet;

/// A page's language is one there is, and the one that its address stands for.
pub(super) fn language(page: &Page) -> Vec<String> {
    let said = page.one("html").attr("lang");
    let lang = said.and_then(Lang::from_tag);
    let good = lang.is_some_and(|lang| own_path(page).is_none_or(|path| lang_of(&path) == lang));
    found(!good, || format!("<html lang={said:?}> of a page at {:?}", own_path(page)))
}

pub(super) fn title(page: &Page) -> Vec<String> {
    let titles = page.all("head > title");
    let good = matches!(titles.as_slice(), [title] if !text_of(title).is_empty());
    found(!good, || "the head has no <title>, an empty one, or several".to_owned())
}

pub(super) fn zoom(page: &Page) -> Vec<String> {
    let content = page.all("meta[name=viewport]").first().and_then(|meta| meta.attr("content")).unwrap_or_default();
    let locked = ["user-scalable", "maximum-scale", "minimum-scale"].iter().any(|lock| content.contains(lock));
    found(locked || !content.contains("width=device-width"), || format!("viewport is {content:?}"))
}

pub(super) fn main_heading(page: &Page) -> Vec<String> {
    let (all, inside) = (page.all("h1").len(), page.all("main h1").len());
    found(all != 1 || inside != 1, || format!("{all} <h1>, {inside} of them in <main>; wanted one"))
}

pub(super) fn heading_levels(page: &Page) -> Vec<String> {
    let mut before = 0;
    let mut problems = Vec::new();
    for heading in page.all("h1, h2, h3, h4, h5, h6") {
        let level: u8 = heading.value().name().trim_start_matches('h').parse().unwrap();
        if level > before + 1 {
            problems.push(format!("level {before} is followed by {}", shown(&heading)));
        }
        before = level;
    }
    problems
}

pub(super) fn heading_text(page: &Page) -> Vec<String> {
    without_name(page, "h1, h2, h3, h4, h5, h6")
}

pub(super) const FOCUSABLE: &str = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, \
                         [tabindex]:not([tabindex=\"-1\"]), [contenteditable]";

pub(super) fn skip_link(page: &Page) -> Vec<String> {
    let focusable = page.all(FOCUSABLE);
    let Some(first) = focusable.first() else { return vec!["nothing can be focused".to_owned()] };
    let target = first.attr("href").and_then(|href| href.strip_prefix('#')).unwrap_or_default();
    // Older browsers scroll to the target, but leave the focus behind unless it can take it.
    let main = page.all("main[tabindex=\"-1\"]").first().and_then(|main| main.attr("id"));
    found(main != Some(target), || format!("the first stop is {}, wanted a link to <main tabindex=-1>", shown(first)))
}

pub(super) fn landmarks(page: &Page) -> Vec<String> {
    let mut problems = Vec::new();
    for (selector, name) in [("body > header", "header"), ("body > main", "main"), ("body > footer", "footer")] {
        let count = page.all(selector).len();
        problems.extend(found(count != 1, || format!("{count} <{name}> in <body>, wanted one")));
    }
    problems.extend(found(page.all("main").len() != 1, || "there is not exactly one <main>".to_owned()));
    let body = page.one("body");
    let stray = body.child_elements().filter(|child| {
        let landmark = ["header", "nav", "main", "section", "aside", "footer"].contains(&child.value().name());
        let skip = child.attr("href").is_some_and(|href| href.starts_with('#'));
        !landmark && !skip
    });
    problems.extend(stray.map(|stray| format!("outside of every landmark: {}", shown(&stray))));
    let text: String = body.children().filter_map(|child| child.value().as_text().map(|text| text.trim())).collect();
    problems.extend(found(!text.is_empty(), || format!("outside of every landmark: {text:?}")));
    problems
}

pub(super) fn region_names(page: &Page) -> Vec<String> {
    let mut problems = without_name(page, "nav, section, aside, [role=region]");
    let mut seen = BTreeSet::new();
    for nav in page.all("nav") {
        if let Some(name) = label_of(page, &nav)
            && !seen.insert(name.clone())
        {
            problems.push(format!("two <nav> are named {name:?}"));
        }
    }
    problems
}

pub(super) fn unique_ids(page: &Page) -> Vec<String> {
    let mut seen = BTreeSet::new();
    page.all("[id]")
        .into_iter()
        .filter(|element| {
            let id = element.attr("id").unwrap_or_default();
            id.is_empty() || id.contains(char::is_whitespace) || !seen.insert(id.to_owned())
        })
        .map(|element| format!("empty, with spaces, or taken twice: id of {}", shown(&element)))
        .collect()
}

pub(super) fn references(page: &Page) -> Vec<String> {
    let ids: BTreeSet<&str> = page.all("[id]").iter().filter_map(|element| element.attr("id")).collect();
    let mut problems = Vec::new();
    for attribute in ["aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "for", "headers", "list"] {
        for element in page.all(&format!("[{attribute}]")) {
            let missing = element.attr(attribute).unwrap_or_default().split_whitespace().filter(|id| !ids.contains(id));
            problems.extend(missing.map(|id| format!("{attribute}: nothing has the id {id:?}: {}", shown(&element))));
        }
    }
    for link in page.all("a[href^=\"#\"]") {
        let id = link.attr("href").unwrap_or_default().trim_start_matches('#');
        problems.extend(found(!ids.contains(id), || format!("nothing has the id {id:?}: {}", shown(&link))));
    }
    problems
}

/// The page's own path is that of its canonical address; error pages have none, and so no link that leads to them.
fn own_path(page: &Page) -> Option<String> {
    let canonical = page.all("link[rel=canonical]").first().and_then(|link| link.attr("href"));
    canonical.map(|address| url::Url::parse(address).unwrap().path().to_owned())
}

/// The booklet is in no list of pages: the foot has a link to it.
pub(super) fn current_page(page: &Page) -> Vec<String> {
    let here = own_path(page);
    let mut problems = Vec::new();
    for link in page.all("nav a[href], header a[href], footer a[aria-current]") {
        let (own, marked) = (link.attr("href") == here.as_deref(), link.attr("aria-current"));
        let good = marked == own.then_some("page") || (own && is_quick_action(&link));
        problems.extend(found(!good, || format!("aria-current is wrong: {}", shown(&link))));
    }
    let told = page.all("nav [aria-current=page], footer [aria-current=page]");
    problems.extend(found(here.is_some() && told.is_empty(), || "no navigation tells where this is".to_owned()));
    problems
}

/// The bar of quick actions holds things to do, not places to be.
fn is_quick_action(link: &ElementRef<'_>) -> bool {
    parent_of(link).value().classes().any(|class| class == "quick")
}
