//! What was meant by markup that is shown as it is typed.

use super::{Found, Mend};
use crate::content::text::{FACTS, is_fact_name, link_problem};
use memchr::memmem;

pub(super) fn braces(found: &Found<'_>) -> Option<Mend> {
    let typed = found.words(0);
    let inner = typed.trim_matches(['{', '}']).trim();
    let closed = typed.starts_with('{') && typed.ends_with('}');
    if closed && is_fact_name(inner) {
        // Whether there is such a fact is looked at elsewhere.
        return (typed.len() > inner.len() + 2).then(|| found.write(format!("{{{inner}}}")))?;
    }
    let words = inner.to_lowercase();
    let is_meant = |fact: &&&str| words.split(|c: char| !c.is_alphanumeric()).any(|word| word == **fact);
    match FACTS.iter().find(is_meant).filter(|fact| closed || **fact == inner) {
        Some(fact) => found.write(format!("{{{fact}}}")),
        None if closed && !inner.is_empty() => {
            Some(Mend { note: ", or the name of a fact between the braces, as in {phone}", ..found.write(inner)? })
        }
        None => found.say("take the brace out, or write the name of a fact between two of them, as in {phone}"),
    }
}

pub(super) fn link(found: &Found<'_>) -> Option<Mend> {
    found.write(format!("[{}]({})", found.words(1).trim(), with_scheme(found.words(2))))
}

/// Words in square brackets, and an address with spaces in it or without an end.
pub(super) fn link_with_gaps(found: &Found<'_>) -> Option<Mend> {
    let (words, typed) = (found.words(1).trim(), found.words(2));
    // Numbers are read elsewhere.
    if typed.starts_with("tel:") || typed.starts_with("sms:") {
        return None;
    }
    let first = typed.split_whitespace().next().unwrap_or_default();
    let (target, end) = if found.words(3).is_empty() {
        let target = first.trim_end_matches(['.', ',', ';', ':', '!', '?']);
        (target.to_owned(), found.part(2).start + (typed.len() - typed.trim_start().len()) + target.len())
    } else {
        // What is between quotation marks is a title, which no reader sees.
        let address = typed.split(['"', '“', '”', '\'', '’']).next().unwrap_or_default();
        (address.split_whitespace().collect::<Vec<_>>().join("-"), found.part(0).end)
    };
    if link_problem(&target).is_some() {
        return found.say("write a link like [words](/medicare/)");
    }
    found.write_at(found.part(0).start..end, format!("[{words}]({target})"))
}

/// How far before a place its other half is looked for, in bytes: to look in the whole text would take time in the square of its length.
const NEAR: usize = 500;

/// What comes shortly before a place, in the same paragraph.
fn near_before<'a>(found: &Found<'a>, start: usize) -> &'a str {
    let before = found.text.get(..start).unwrap_or_default();
    let near = before.get(before.floor_char_boundary(start.saturating_sub(NEAR))..).unwrap_or_default();
    near.rsplit("\n\n").next().unwrap_or_default()
}

/// `** words **`
pub(super) fn stars_apart(found: &Found<'_>) -> Option<Mend> {
    let part = found.part(0);
    let before = near_before(found, part.start);
    // Between two strong parts, of which these stars are the end and the beginning: `**one ** words ** two**`.
    if before.matches("**").count() % 2 == 1 {
        let behind = found.text.get(part.end..).unwrap_or_default();
        let spaces = |text: &str, trimmed: &str| text.len() - trimmed.len();
        let from = part.start - spaces(before, before.trim_end_matches(' '));
        let to = part.end + spaces(behind, behind.trim_start_matches(' '));
        return found.write_at(from..to, found.words(0));
    }
    found.write(format!("**{}{}**", found.words(1).trim(), found.words(2)))
}

/// `**Important: bring your card.`
pub(super) fn stars_without_end(found: &Found<'_>) -> Option<Mend> {
    let (part, rest) = (found.part(1), found.words(1));
    let ends = |(at, sign): (usize, &str)| {
        let behind = rest.get(at + sign.len()..).unwrap_or_default();
        (behind.is_empty() || behind.starts_with(char::is_whitespace)).then_some(at + sign.len())
    };
    let end = rest.match_indices(['.', ':', '!', '?']).find_map(ends).unwrap_or(rest.trim_end().len());
    let strong = rest.get(..end).unwrap_or_default();
    let place = part.start - 2..part.start + end;
    // Other markup within would have to be closed first.
    if found.shown.get(place.clone()).is_none_or(|shown| shown.contains('\0')) {
        let note = "write two stars at the end of the strong words too, or take these out";
        return Some(Mend { part: place, write: None, note });
    }
    found.write_at(place, format!("**{strong}**"))
}

/// `Important:**`
pub(super) fn stars_without_beginning(found: &Found<'_>) -> Option<Mend> {
    let part = found.part(1);
    found.write_at(part.start..part.end + 2, format!("**{}**", found.words(1)))
}

pub(super) fn crossed_out(found: &Found<'_>) -> Option<Mend> {
    Some(Mend { note: ", or take the words out as well", ..found.write(found.words(1).trim())? })
}

/// `- [ ] words`
pub(super) fn box_to_tick(found: &Found<'_>) -> Option<Mend> {
    let part = found.part(1).start..found.part(2).end;
    let dash = if found.before(&part).trim().is_empty() { "- " } else { "" };
    found.write_at(part, format!("{dash}{}", found.words(2)))
}

/// Whether an address is that of a link which is torn: `[words] (address)`. The link is reported as a whole.
fn is_of_a_link(found: &Found<'_>) -> bool {
    let part = found.part(0);
    let before = near_before(found, part.start);
    let words = before.strip_suffix("mailto:").unwrap_or(before).strip_suffix('(').unwrap_or_default();
    let closes = found.text.get(part.end..).is_some_and(|behind| behind.starts_with(')'));
    closes
        && words
            .trim_end()
            .strip_suffix(']')
            .is_some_and(|words| words.rsplit('\n').next().is_some_and(|it| it.contains('[')))
}

pub(super) fn mail_address(found: &Found<'_>) -> Option<Mend> {
    let typed = found.words(0);
    let target = format!("mailto:{typed}");
    if link_problem(&target).is_some() || is_of_a_link(found) {
        return None;
    }
    found.write(format!("[{typed}]({target})"))
}

pub(super) fn web_address(found: &Found<'_>) -> Option<Mend> {
    let typed = found.words(0);
    let target = with_scheme(typed);
    if link_problem(&target).is_some() || is_of_a_link(found) {
        return None;
    }
    let words = target.trim_start_matches("https://").trim_end_matches('/');
    found.write(format!("[{words}]({target})"))
}

/// An address as a link has it: with `https:`, if it isn't one of this site.
fn with_scheme(typed: &str) -> String {
    match typed.strip_prefix("http://") {
        Some(rest) => format!("https://{rest}"),
        None if typed.starts_with("www.") => format!("https://{typed}"),
        None => typed.to_owned(),
    }
}

/// The path of an address of the preview, as it is copied from the browser.
pub(in crate::content::text) fn in_the_preview(target: &str) -> Option<&str> {
    let rest = target.split_once("://")?.1;
    let host = ["127.0.0.1", "localhost", "[::1]"].into_iter().find(|host| rest.starts_with(host))?;
    let port = rest.get(host.len()..)?;
    let path = port.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
    Some(if path.is_empty() { "/" } else { path }).filter(|path| path.starts_with('/'))
}

/// Whether an address begins with the name of a site: `www.medicare.gov/coverage`.
pub(in crate::content::text) fn is_a_domain(target: &str) -> bool {
    let host = target.split(['/', '?', '#']).next().unwrap_or_default();
    let last = host.rsplit('.').next().unwrap_or_default();
    let sound = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    let is_file = ["html", "htm", "php", "toml", "pdf", "doc", "docx"].contains(&last);
    host.contains('.')
        && host.split('.').all(sound)
        && last.len() > 1
        && last.bytes().all(|c| c.is_ascii_lowercase())
        && !is_file
        && link_problem(&format!("https://{target}")).is_none()
}

/// Bare tags that are no words of a text.
const TAGS: [&str; 4] = ["gallery", "caption", "embed", "playlist"];

/// How far the halves of a shortcode are looked for, in bytes: a text of brackets alone must not be read again for each of them.
const REACH: usize = 2_000;

/// A shortcode goes. `[sic]` and `[Parking][/parking]` are none: one has attributes, an underscore, a well-known name, or its other half.
pub(super) fn shortcode(found: &Found<'_>) -> Option<Mend> {
    let (closes, name, has_attributes) = (!found.words(1).is_empty(), found.words(2), !found.words(3).is_empty());
    let (part, text) = (found.part(0), found.text.as_bytes());
    let is_tag = has_attributes || name.contains('_') || TAGS.contains(&name);
    let is_half = || {
        if closes {
            let before = text.get(..part.start).unwrap_or_default();
            // Else it is the address of a link, or half of one.
            let is_apart = !before.ends_with(b"]") && !before.ends_with(b")") && !found.words(0).ends_with("/]");
            let near = before.get(before.len().saturating_sub(REACH)..).unwrap_or_default();
            let has = |end: char| memmem::find(near, format!("[{name}{end}").as_bytes()).is_some();
            is_apart || has(']') || has(' ')
        } else {
            let behind = text.get(part.end..).unwrap_or_default();
            let near = behind.get(..REACH).unwrap_or(behind);
            memmem::find(near, format!("[/{name}]").as_bytes()).is_some()
        }
    };
    (is_tag || is_half()).then(|| found.write(""))?
}

/// A heading gets its space. A line with a second sign is one of hashtags.
pub(super) fn heading(found: &Found<'_>) -> Option<Mend> {
    let words = found.words(2).trim_end().trim_end_matches('#').trim_end();
    (!words.contains(" #")).then(|| found.write(format!("{} {words}", found.words(1))))?
}
