//! HTML in a form that reads well in a diff: a line for each block, indented, white space folded.

use scraper::{ElementRef, Node};
use std::fmt::Write as _;

/// Elements that stand within a line of text.
const INLINE: [&str; 17] = [
    "a", "abbr", "b", "br", "code", "em", "i", "img", "kbd", "mark", "small", "span", "strong", "sub", "sup", "svg",
    "time",
];

/// An element and everything in it.
pub(super) fn outline(element: &ElementRef<'_>) -> String {
    let mut out = String::new();
    write_block(element, 0, &mut out);
    out
}

fn write_block(element: &ElementRef<'_>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let (name, open) = (element.value().name(), open_tag(element));
    if let Some(json) = structured_data(element) {
        let _ = writeln!(out, "{indent}{open}\n{json}\n{indent}</{name}>");
    } else if !element.child_elements().any(|child| is_block(&child)) {
        let _ = writeln!(out, "{indent}{open}{}{}", inline_children(element), close_tag(element));
    } else {
        let _ = writeln!(out, "{indent}{open}");
        let mut line = String::new();
        for child in element.children() {
            match ElementRef::wrap(child) {
                Some(block) if is_block(&block) => {
                    end_line(&mut line, depth + 1, out);
                    write_block(&block, depth + 1, out);
                }
                Some(inline) => line.push_str(&inline_element(&inline)),
                None => line.push_str(&text_of_node(child.value())),
            }
        }
        end_line(&mut line, depth + 1, out);
        let _ = writeln!(out, "{indent}</{name}>");
    }
}

fn end_line(line: &mut String, depth: usize, out: &mut String) {
    if !line.trim().is_empty() {
        let _ = writeln!(out, "{}{}", "  ".repeat(depth), line.trim());
    }
    line.clear();
}

fn is_block(element: &ElementRef<'_>) -> bool {
    !INLINE.contains(&element.value().name())
}

fn inline_children(element: &ElementRef<'_>) -> String {
    let parts = element.children().map(|child| match ElementRef::wrap(child) {
        Some(child) => inline_element(&child),
        None => text_of_node(child.value()),
    });
    parts.collect::<String>().trim().to_owned()
}

/// A drawing is named by its size and class alone: its lines are in `static/`.
fn inline_element(element: &ElementRef<'_>) -> String {
    if element.value().name() == "svg" {
        return format!("<svg class={:?}/>", element.attr("class").unwrap_or_default());
    }
    format!("{}{}{}", open_tag(element), inline_children(element), close_tag(element))
}

fn text_of_node(node: &Node) -> String {
    let Some(text) = node.as_text() else { return String::new() };
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (before, after) = (text.starts_with(char::is_whitespace), text.ends_with(char::is_whitespace));
    match (folded.is_empty(), before, after) {
        (true, ..) => " ".to_owned(),
        (false, before, after) => {
            format!("{}{folded}{}", if before { " " } else { "" }, if after { " " } else { "" })
        }
    }
}

/// The tag with its attributes in the order of their names. The hashes of assets change with the style sheet, so they are left out.
fn open_tag(element: &ElementRef<'_>) -> String {
    let mut attributes: Vec<_> = element.value().attrs().collect();
    attributes.sort_unstable();
    let mut tag = format!("<{}", element.value().name());
    for (name, value) in attributes {
        let _ = write!(tag, " {name}=\"{}\"", without_hash(value));
    }
    tag.push('>');
    tag
}

fn close_tag(element: &ElementRef<'_>) -> String {
    match element.value().name() {
        "br" | "img" | "link" | "meta" | "hr" | "input" => String::new(),
        name => format!("</{name}>"),
    }
}

fn without_hash(value: &str) -> String {
    match value.strip_prefix("/assets/").map(|name| name.split('.').collect::<Vec<_>>()).as_deref() {
        Some([name, _, extension]) => format!("/assets/{name}.[hash].{extension}"),
        _ => value.to_owned(),
    }
}

fn structured_data(element: &ElementRef<'_>) -> Option<String> {
    let data = element.attr("type") == Some("application/ld+json");
    let json = || serde_json::from_str::<serde_json::Value>(&element.text().collect::<String>()).unwrap();
    data.then(|| serde_json::to_string_pretty(&json()).unwrap())
}
