//! Phone numbers in copy: each can be tapped, and dials what it says.

use crate::content::catalogue::{OTHER_NUMBER, PHONE_IN_COPY};
use crate::content::text::{Mentioned, Mentions, Torn};
use crate::diagnostic::{Edit, Help, Report, Source};
use crate::phone::{self, PhoneNumber};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Where a text stands as it is in a part of a file.
fn places(source: &Source, span: &Range<usize>, text: &str) -> Vec<Range<usize>> {
    let written = source.text.get(span.clone()).unwrap_or_default();
    written.match_indices(text).map(|(at, _)| span.start + at..span.start + at + text.len()).collect()
}

/// The links to a target whose words hold one number alone: the place of each, and its words.
fn links_of<'s>(
    source: &'s Source,
    span: &Range<usize>,
    (typed, target): (&str, &str),
) -> Vec<(Range<usize>, &'s str)> {
    let end = format!("]({target})");
    let of = |close: Range<usize>| {
        let before = source.text.get(span.start..close.start)?;
        let words = before.rsplit('[').next()?;
        let open = (close.start - words.len()).checked_sub(1).filter(|open| *open >= span.start)?;
        let escaped = source.text.get(..open)?.ends_with('\\');
        let alone = words.contains(typed) && !words.contains(['\\', ']']) && phone::find(words).len() == 1;
        (alone && !escaped).then_some((open..close.end, words))
    };
    places(source, span, &end).into_iter().filter_map(of).collect()
}

/// The phone numbers that a text holds. Pages show those that are `known` as links anyway.
pub(super) fn numbers_in_copy(
    source: &Arc<Source>,
    span: &Range<usize>,
    mentions: &Mentions,
    known: &BTreeSet<String>,
    report: &mut Report,
) {
    for Mentioned { typed, dialled } in mentions.phones.iter().collect::<BTreeSet<_>>() {
        if dialled.as_ref().is_some_and(|number| known.contains(number)) {
            continue;
        }
        report.add_with(&PHONE_IN_COPY, source, span.start, || {
            let place = source.locate(span, typed);
            let Some(number) = dialled else {
                let help =
                    "no number has such an area code, or such digits behind it: write the right one, or take it out";
                return (place, format!("nobody can dial {typed}"), Help::from(help));
            };
            let link = format!("[{typed}](tel:{number})");
            let words = |link: &str| {
                format!("make it a link, {link}; the clinic's own number is the fact {{phone}} of clinic.toml")
            };
            // Where the same digits stand twice, one may be a link.
            let help = match places(source, span, typed).as_slice() {
                [only] => Help::exact(Edit::new(source, only.clone(), link), words),
                _ => Help::from(words(&link)),
            };
            (place, format!("the number {typed} is plain text, so nobody can tap it to call"), help)
        });
    }
    for Torn { typed, mended } in mentions.torn.iter().collect::<BTreeSet<_>>() {
        report.add_with(&PHONE_IN_COPY, source, span.start, || {
            let help = match mended {
                Some(mended) if mended == typed => "take the backslash before it out".into(),
                Some(mended) => {
                    let edits = places(source, span, typed).into_iter().map(|at| Edit::new(source, at, mended));
                    Help::all(edits.collect(), format!("write {mended}"))
                }
                None => Help::from("write the number like [988](tel:988), or take the link out"),
            };
            (source.locate(span, typed), format!("{typed} is no link, so it is shown as it is typed"), help)
        });
    }
    for (Mentioned { typed, dialled }, target) in mentions.others.iter().collect::<BTreeSet<_>>() {
        report.add_with(&OTHER_NUMBER, source, span.start, || {
            let (scheme, to) = target.split_once(':').unwrap_or(("tel", target));
            let own = PhoneNumber::parse(to).map_or_else(|| to.to_owned(), |number| number.to_string());
            let by_target = |words: &str| format!("[{}]({target})", words.replace(typed, &own));
            let by_words = |words: &str| dialled.as_ref().map(|number| format!("[{words}]({scheme}:{number})"));
            let write = |words: &str| by_words(words).unwrap_or_else(|| by_target(words));
            let links = links_of(source, span, (typed, target));
            let words = links.first().map_or(typed.as_str(), |(_, words)| words);
            let help = match by_words(words) {
                Some(link) => format!("write {link}, or {}, whichever is right", by_target(words)),
                None => format!("nobody can dial {typed}: write {} if that is right", by_target(words)),
            };
            let edits = links.iter().map(|(at, words)| Edit::new(source, at.clone(), write(words))).collect();
            let place = links.first().map_or_else(|| source.locate(span, typed), |(at, _)| at.clone());
            (place, format!("who taps {typed} reaches {own}"), Help::all(edits, help))
        });
    }
}
