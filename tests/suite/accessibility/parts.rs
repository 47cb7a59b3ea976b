//! What every part of a page needs: pictures, links, controls, lists, tables.

use super::frame::FOCUSABLE;
use super::names::{found, label_of, name_of, parent_of, shown, without_name};
use crate::harness::{Page, es, lang_of, langs, language, text_of};
use clinic_site::lang::Lang;
use scraper::ElementRef;
use std::collections::BTreeMap;

pub(super) fn pictures(page: &Page) -> Vec<String> {
    let unnamed = |svg: &ElementRef<'_>| {
        let hidden = svg.attr("aria-hidden") == Some("true") && svg.attr("focusable") == Some("false");
        let named = svg.attr("role") == Some("img")
            && (label_of(page, svg).is_some() || svg.child_elements().any(|child| child.value().name() == "title"));
        !hidden && !named
    };
    let images = page.all("img:not([alt]), area:not([alt]), input[type=image]:not([alt])").into_iter();
    let drawings = page.all("svg").into_iter().filter(unnamed);
    images.chain(drawings).map(|picture| format!("neither named nor hidden: {}", shown(&picture))).collect()
}

pub(super) fn link_text(page: &Page) -> Vec<String> {
    let mut problems = without_name(page, "a[href]");
    for link in page.all("a[href]") {
        let name = name_of(page, &link).to_lowercase();
        let name = name.trim_end_matches(['.', '…', '!', ':']);
        let says_nothing =
            ["here", "click here", "read more", "more", "learn more", "this", "link", "this page", "details"];
        let address = name.contains("://") || name.starts_with("www.");
        problems
            .extend(found(says_nothing.contains(&name) || address, || format!("says nothing alone: {}", shown(&link))));
    }
    problems
}

pub(super) fn link_targets(page: &Page) -> Vec<String> {
    let mut targets: BTreeMap<String, String> = BTreeMap::new();
    let mut problems = Vec::new();
    let chapters = chapters(page);
    for link in page.all("a[href]") {
        let href = of_the_page(link.attr("href").unwrap_or_default(), &chapters);
        let name = name_of(page, &link).to_lowercase();
        match targets.get(&name) {
            Some(other) if *other != href => problems.push(format!("{name:?} leads to {other} and to {href}")),
            _ => {
                targets.insert(name, href);
            }
        }
    }
    problems
}

/// The chapters of a booklet: the anchor of each, and the path of the page whose words it holds.
fn chapters(page: &Page) -> Vec<(String, String)> {
    let all = page.all("article.chapter");
    let chapter = |article: &ElementRef<'_>| {
        let origin = article.select(&scraper::Selector::parse(".origin a").unwrap()).next()?.attr("href")?;
        Some((article.attr("aria-labelledby")?.to_owned(), origin.to_owned()))
    };
    all.iter().filter_map(chapter).collect()
}

/// What a link leads to. In a booklet a chapter and its page are one target, since they say the same: `#medicare-cost` and `/medicare/#cost`.
fn of_the_page(href: &str, chapters: &[(String, String)]) -> String {
    let part = |(id, path): &(String, String)| {
        let rest = href.strip_prefix('#')?.strip_prefix(id.as_str())?;
        let anchor = rest.strip_prefix(['-', '_', '.']).map(|anchor| format!("#{anchor}")).unwrap_or_default();
        (rest.is_empty() || !anchor.is_empty()).then(|| (id.len(), format!("{path}{anchor}")))
    };
    chapters.iter().filter_map(part).max().map_or_else(|| href.to_owned(), |(_, target)| target)
}

pub(super) fn new_windows(page: &Page) -> Vec<String> {
    page.all("[target]").iter().map(|link| format!("opens a window: {}", shown(link))).collect()
}

pub(super) fn focus(page: &Page) -> Vec<String> {
    let mut problems = Vec::new();
    for element in page.all("[tabindex]") {
        let at = element.attr("tabindex").unwrap_or_default();
        problems.extend(found(at != "-1", || format!("tabindex other than -1: {}", shown(&element))));
    }
    for element in page.all("[autofocus], [accesskey]") {
        problems.push(format!("takes the focus, or a key of the reader's: {}", shown(&element)));
    }
    let focusable = scraper::Selector::parse(FOCUSABLE).unwrap();
    for hidden in page.all("[aria-hidden=true]") {
        // What is taken out of the order of the Tab key can't be reached. The field for programs is.
        let inside = hidden.select(&focusable).find(|inside| inside.attr("tabindex") != Some("-1"));
        problems.extend(inside.map(|inside| format!("can be focused, but is hidden: {}", shown(&inside))));
    }
    problems
}

pub(super) fn control_names(page: &Page) -> Vec<String> {
    without_name(page, "button, input:not([type=hidden]), select, textarea, summary, fieldset, [role=button]")
}

pub(super) fn lists(page: &Page) -> Vec<String> {
    let mut problems = Vec::new();
    for list in page.all("ul, ol") {
        let stray = list.child_elements().find(|child| child.value().name() != "li");
        problems.extend(stray.map(|stray| format!("not a <li>: {} in {}", shown(&stray), shown(&list))));
        let text = list.children().any(|child| child.value().as_text().is_some_and(|text| !text.trim().is_empty()));
        problems.extend(found(text || list.child_elements().next().is_none(), || {
            format!("bare text or nothing: {}", shown(&list))
        }));
    }
    for item in page.all("li") {
        let parent = item.parent().and_then(ElementRef::wrap).map_or("", |parent| parent.value().name());
        problems
            .extend(found(!["ul", "ol", "menu"].contains(&parent), || format!("outside of a list: {}", shown(&item))));
    }
    problems
}

/// Groups of one or more terms, then one or more descriptions, each group in a `<div>` (HTML, section 4.4.9).
pub(super) fn definition_lists(page: &Page) -> Vec<String> {
    let is_group = |names: &[&str]| {
        let terms = names.iter().take_while(|name| **name == "dt").count();
        terms > 0 && names.len() > terms && names.iter().skip(terms).all(|name| *name == "dd")
    };
    let mut problems = Vec::new();
    for list in page.all("dl") {
        let groups: Vec<_> = list.child_elements().collect();
        problems.extend(found(groups.is_empty(), || format!("empty: {}", shown(&list))));
        for group in groups {
            let names: Vec<&str> = group.child_elements().map(|child| child.value().name()).collect();
            let good = group.value().name() == "div" && is_group(&names);
            problems.extend(found(!good, || format!("not a <div> of terms and descriptions: {}", shown(&group))));
        }
    }
    problems
}

pub(super) fn tables(page: &Page) -> Vec<String> {
    let mut problems = Vec::new();
    for table in page.all("table") {
        let has = |selector| table.select(&scraper::Selector::parse(selector).unwrap()).next().is_some();
        problems.extend(found(!has("caption"), || format!("no caption: {}", shown(&table))));
        problems.extend(found(!has("th"), || format!("no header cells: {}", shown(&table))));
        problems.extend(found(has("th:not([scope])"), || format!("a <th> without scope: {}", shown(&table))));
    }
    problems
}

pub(super) fn empty_elements(page: &Page) -> Vec<String> {
    let all = page.all("p, li, dt, dd, td, th, figcaption, caption, label, legend, strong, em, b, mark, blockquote");
    let empty = all.iter().filter(|element| text_of(element).is_empty());
    empty.map(|element| format!("holds nothing: {} in {}", shown(element), shown(&parent_of(element)))).collect()
}

/// A link to a page in another language says so. Its words are in that language where they are the name of the language, or the title that
/// another site gives itself; then they are marked as such, or a screen reader would read them in the wrong voice.
pub(super) fn foreign_links(page: &Page) -> Vec<String> {
    let mut problems = Vec::new();
    for link in page.all("a[href]") {
        let href = link.attr("href").unwrap_or_default();
        let (said, spoken_in) = (link.attr("hreflang"), language_of(&link));
        let (path, anchor) = href.split_once('#').unwrap_or((href, ""));
        // The notices of free language help, each in its own language.
        let notice = anchor.strip_prefix("lang-");
        let name = langs().into_iter().find(|lang| language(*lang).name == text_of(&link));
        let name = name.as_ref().map(Lang::tag);
        let inside = path.starts_with('/') && path.ends_with('/');
        let target = notice.or_else(|| inside.then(|| if lang_of(path) == es() { "es" } else { "en" }));
        let needed = target.is_some_and(|target| target != page.one("html").attr("lang").unwrap_or_default());
        let told = said == target || (said.is_none() && !needed) || target.is_none();
        problems.extend(found(!told, || format!("the page it leads to is in another language: {}", shown(&link))));
        // A document is named in the words of the page.
        let own_words = notice.or(name).or_else(|| said.filter(|_| !inside && !path.starts_with("/files/")));
        let marked = own_words.is_none_or(|own| spoken_in == Some(own));
        problems.extend(found(!marked, || format!("its words are in another language: {}", shown(&link))));
    }
    problems
}

/// The language of an element's text.
fn language_of<'a>(element: &ElementRef<'a>) -> Option<&'a str> {
    let above = element.ancestors().filter_map(ElementRef::wrap);
    std::iter::once(*element).chain(above).find_map(|element| element.value().attr("lang"))
}
