//! Texts of several lines whose quotes are too few, or too many.

use super::line::{Line, end_of_text};
use super::{Fault, TEXT_QUOTES, is_key};
use crate::content::catalogue;
use crate::diagnostic::{Edit, Help, Source};
use std::ops::Range;
use std::sync::Arc;

fn fault(span: Range<usize>, message: &str, help: Help, unread: Range<usize>) -> Fault {
    Fault { rule: &catalogue::SYNTAX, span, message: message.to_owned(), help, unread }
}

/// A text that never ends. `endless` is where it begins.
pub(super) fn endless(source: &Arc<Source>, line: &Line<'_>, endless: Option<usize>) -> Option<Fault> {
    let (text, start) = (source.text.as_str(), endless.filter(|start| *start <= line.at)?);
    let span = start..start + TEXT_QUOTES.len();
    let unread = start..usize::MAX;
    if text.get(..start).is_some_and(|before| before.ends_with(TEXT_QUOTES)) {
        let help = Help::all(vec![Edit::new(source, span.clone(), "")], "take these three quotes out");
        return Some(fault(span, "the text has ended, and three more quotes begin another", help, unread));
    }
    let help = match end_of_text(text, start) {
        Some(end) => Help::exact(Edit::new(source, end.clone(), TEXT_QUOTES), |quotes| {
            let line = source.position(end.start).0;
            format!("put three quotes ({quotes}) behind the last word of the text, which seems to be on line {line}")
        }),
        None => "put three quotes (\"\"\") behind the last word of the text".into(),
    };
    Some(fault(span, "a text that starts with three quotes never ends", help, unread))
}

/// A text of several lines that has not three quotes around it.
pub(super) fn of_several_lines(source: &Arc<Source>, line: &Line<'_>) -> Option<Fault> {
    let message = "a text of several lines starts with three quotes";
    let goes_on = line.below().next().is_some_and(|next| !next.begins_something() && !next.whole().trim().is_empty());
    if goes_on
        && is_key(line.key)
        && line.value.starts_with('"')
        && line.value.len() > 1
        && line.value.matches('"').count() == 1
    {
        let end = line.below().take_while(|next| !next.begins_something()).find(|next| next.whole().contains('"'))?;
        let closes = end.whole().trim_end();
        if closes.ends_with('"') && closes.matches('"').count() == 1 {
            let (first, last) = (line.value_span().start, end.range.start + closes.len() - 1);
            let edits = [first, last].map(|at| Edit::new(source, at..at + 1, TEXT_QUOTES)).to_vec();
            let help = Help::all(edits, format!("write three quotes ({TEXT_QUOTES}) at its beginning and at its end"));
            let unread = line.range.start..end.range.end + 1;
            return Some(fault(line.value_span(), message, help, unread));
        }
    }
    let above = || line.just_above().filter(|above| is_key(above.key) && matches!(above.value, "\"" | "\"\""));
    let opens = is_key(line.key)
        && (line.value == "\"" || line.value.is_empty() && line.whole().contains('=') && goes_on)
        && line.below().next().is_some_and(|next| !next.begins_something());
    let first = if opens { Line::at(&source.text, line.range.start) } else { above()? };
    // What follows is the text, up to the next part.
    let help = format!("write {} = {TEXT_QUOTES}, and three quotes behind the last word of the text", first.key);
    let span = if first.value.is_empty() { first.trimmed() } else { first.value_span() };
    Some(fault(span, message, help.into(), first.range.start..line.next_header()))
}
