//! The name by which assistive technology calls an element, and how findings are told.

use crate::harness::Page;
use scraper::ElementRef;

pub(super) fn found(wrong: bool, words: impl FnOnce() -> String) -> Vec<String> {
    if wrong { vec![words()] } else { Vec::new() }
}

pub(super) fn without_name(page: &Page, selector: &str) -> Vec<String> {
    let all = page.all(selector);
    let regions = ["nav", "section", "aside"];
    let unnamed = all.iter().filter(|element| {
        // A region's text does not name it.
        let region = regions.contains(&element.value().name()) || element.attr("role") == Some("region");
        if region { label_of(page, element).is_none() } else { name_of(page, element).is_empty() }
    });
    unnamed.map(|element| format!("has no name: {}", shown(element))).collect()
}

/// The name that an author gave with ARIA.
pub(super) fn label_of(page: &Page, element: &ElementRef<'_>) -> Option<String> {
    let by_ids = element.attr("aria-labelledby").map(|ids| {
        let named = page.all("[id]");
        let of = |id: &str| named.iter().find(|other| other.attr("id") == Some(id)).map(spoken).unwrap_or_default();
        ids.split_whitespace().map(of).collect::<Vec<_>>().join(" ")
    });
    let label = by_ids.or_else(|| element.attr("aria-label").map(str::to_owned))?;
    let label = label.trim().to_owned();
    (!label.is_empty()).then_some(label)
}

/// The accessible name, as far as these pages need it (Accessible Name and Description Computation 1.2).
pub(super) fn name_of(page: &Page, element: &ElementRef<'_>) -> String {
    if let Some(label) = label_of(page, element) {
        return label;
    }
    let control = ["input", "select", "textarea", "fieldset"].contains(&element.value().name());
    if !control {
        return spoken(element);
    }
    let id = element.attr("id").unwrap_or_default();
    let of_id =
        page.all("label[for]").into_iter().find(|label| label.attr("for") == Some(id)).map(|label| spoken(&label));
    let around = element.ancestors().filter_map(ElementRef::wrap).find(|above| above.value().name() == "label");
    let legend = element.child_elements().find(|child| child.value().name() == "legend");
    of_id.or_else(|| around.as_ref().or(legend.as_ref()).map(spoken)).unwrap_or_default()
}

/// The text of an element as it is read out: without what is hidden, with the words for pictures.
pub(super) fn spoken(element: &ElementRef<'_>) -> String {
    fn add(element: &ElementRef<'_>, words: &mut String) {
        if element.attr("aria-hidden") == Some("true") {
            return;
        }
        words.push_str(element.attr("alt").unwrap_or_default());
        for child in element.children() {
            match child.value().as_text() {
                Some(text) => words.push_str(text),
                None => ElementRef::wrap(child).iter().for_each(|child| add(child, words)),
            }
        }
    }
    let mut words = String::new();
    add(element, &mut words);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn parent_of<'a>(element: &ElementRef<'a>) -> ElementRef<'a> {
    element.parent().and_then(ElementRef::wrap).unwrap_or(*element)
}

/// The beginning of an element's HTML, for messages.
pub(super) fn shown(element: &ElementRef<'_>) -> String {
    element.html().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(160).collect()
}
