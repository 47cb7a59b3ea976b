//! Phone numbers in copy: each can be tapped, and dials what it says; the clinic's own are named as facts, so they are changed in one place.

use crate::content::catalogue::{OTHER_NUMBER, PHONE_IN_COPY, SAMPLE_FACT};
use crate::content::leaf::Phone;
use crate::content::model::{Clinic, Fact};
use crate::content::text::{LOCATIONS, Mentioned, Mentions, Torn};
use crate::content::{Document, Draft};
use crate::diagnostic::{Edit, Help, Report, Source};
use crate::phone::{self, PhoneNumber};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// How the targets of links begin that dial.
const DIALS: [&str; 2] = ["tel:", "sms:"];

/// The numbers that clinic.toml has, by what is dialled.
#[derive(Default)]
pub(super) struct Known {
    /// Those of help lines, which pages show as links anyway, and those that the clinic will have: no fact is one of them yet.
    others: BTreeSet<String>,
    /// The clinic's own as they are: each with the name that copy has for it.
    own: BTreeMap<String, Vec<(PhoneNumber, String)>>,
}

impl Known {
    pub(super) fn new(clinic: &Clinic) -> Self {
        let lines = clinic.help_lines.iter().flat_map(|line| [Some(&line.call), line.text.as_ref(), line.tty.as_ref()]);
        let mut known = Self { others: lines.flatten().map(Phone::dialled).collect(), own: BTreeMap::new() };
        for (at, place) in clinic.places().into_iter().enumerate() {
            for (key, fact) in place.numbers() {
                let name = match place.id {
                    Some(id) if at > 0 || key != "phone" => format!("{LOCATIONS}{id}.{key}"),
                    _ => key.to_owned(),
                };
                known.others.extend(fact.into_iter().flat_map(Fact::values).skip(1).map(Phone::dialled));
                if let Some(number) = fact.and_then(|fact| PhoneNumber::parse(fact.value.as_str())) {
                    known.own.entry(number.dialled().to_owned()).or_default().push((number, name));
                }
            }
        }
        known
    }

    fn has(&self, dialled: &str) -> bool {
        self.others.contains(dialled) || self.own.contains_key(dialled)
    }

    /// The fact that is one of the clinic's own numbers, in braces, and whether that has the same extension.
    fn own(&self, number: &PhoneNumber) -> Option<(String, bool)> {
        let named = self.own.get(number.dialled()).filter(|_| !self.others.contains(number.dialled()))?;
        let same = named.iter().find(|(own, _)| own == number);
        same.or(named.first()).map(|(_, name)| (format!("{{{name}}}"), same.is_some()))
    }
}

/// Where a text appears as it is in a part of a file.
fn places(source: &Source, span: &Range<usize>, text: &str) -> Vec<Range<usize>> {
    let written = source.text.get(span.clone()).unwrap_or_default();
    written.match_indices(text).map(|(at, _)| span.start + at..span.start + at + text.len()).collect()
}

/// The links to a target: the place of each, and its words.
fn links_to<'s>(source: &'s Source, span: &Range<usize>, target: &str) -> Vec<(Range<usize>, &'s str)> {
    let end = format!("]({target})");
    let link = |close: Range<usize>| {
        let before = source.text.get(span.start..close.start)?;
        let words = before.rsplit('[').next()?;
        let open = (close.start - words.len()).checked_sub(1).filter(|open| *open >= span.start)?;
        let escaped = source.text.get(..open)?.ends_with('\\');
        (!escaped && !words.contains(['\\', ']'])).then_some((open..close.end, words))
    };
    places(source, span, &end).into_iter().filter_map(link).collect()
}

/// The numbers that a text holds, typed or as links: each as it is written. Links whose words are another number are reported as such.
fn written(mentions: &Mentions) -> BTreeMap<&str, PhoneNumber> {
    let others: BTreeSet<&str> = mentions.others.iter().map(|(_, target)| target.as_str()).collect();
    let links = mentions.links.iter().map(String::as_str).filter(|target| !others.contains(target));
    let linked =
        links.filter_map(|target| Some((target, DIALS.iter().find_map(|scheme| target.strip_prefix(scheme))?)));
    let typed = mentions.phones.iter().chain(&mentions.plain);
    let typed = typed.map(|number| (number.typed.as_str(), number.typed.as_str()));
    typed.chain(linked).filter_map(|(written, number)| Some((written, PhoneNumber::parse(number)?))).collect()
}

/// The numbers that a text holds and nobody has. Those of facts are reported where they are in clinic.toml.
fn made_up(source: &Arc<Source>, span: &Range<usize>, mentions: &Mentions, known: &Known, report: &mut Report) {
    let is_made_up = |number: &PhoneNumber| number.without_extension().is_fictitious() && !known.has(number.dialled());
    for (written, _) in written(mentions).into_iter().filter(|(_, number)| is_made_up(number)) {
        report.add_with(&SAMPLE_FACT, source, span.start, || {
            let message = format!("{written} is made up: nobody has a number from 555-0100 to 555-0199");
            let help = if mentions.plain.is_empty() {
                "write the number that is meant, or take it out; the clinic's own number is the fact {phone} of clinic.toml"
            } else {
                "write the number that is meant, or take it out"
            };
            (source.locate(span, written), message, help)
        });
    }
}

/// The clinic's own numbers that a text holds, typed or as links.
fn own_numbers(source: &Arc<Source>, span: &Range<usize>, mentions: &Mentions, known: &Known, report: &mut Report) {
    for (written, number) in written(mentions) {
        let Some((fact, is_same)) = known.own(&number).filter(|_| !written.starts_with("sms:")) else { continue };
        report.add_with(&PHONE_IN_COPY, source, span.start, || {
            let is_link = written.starts_with("tel:");
            // Each with what it says.
            let places: Vec<(Range<usize>, &str)> = if is_link {
                links_to(source, span, written)
            } else {
                places(source, span, written).into_iter().map(|place| (place, written)).collect()
            };
            let place = places.first().map_or_else(|| source.locate(span, written), |(place, _)| place.clone());
            let help = match places.as_slice() {
                _ if !mentions.plain.is_empty() => {
                    format!("take it out, or say it in a text that can name {fact}: this one is shown as it is written")
                        .into()
                }
                // The words of a link may have an extension that it doesn't dial.
                [(only, words)] if is_same && (words.trim() == fact || says(words, known, &fact)) => {
                    Help::write(Edit::new(source, only.clone(), fact))
                }
                [(_, words)] if is_link && phone::find(words).is_empty() => {
                    format!("write {words}: {fact}, without a link; {fact} is one by itself").into()
                }
                _ => format!("write {fact} in its place, which shows the number of clinic.toml").into(),
            };
            let message = format!("{written} is the clinic's own number, and stays here when clinic.toml gets another");
            (place, message, help)
        });
    }
}

/// Whether words are one of the clinic's own numbers, its extension included, and nothing else.
fn says(words: &str, known: &Known, fact: &str) -> bool {
    let whole = phone::find(words).iter().any(|found| found.typed == words.trim());
    let number = PhoneNumber::parse(words.trim()).and_then(|number| known.own(&number));
    whole && number.is_some_and(|(name, is_same)| is_same && name == fact)
}

/// The phone numbers that figures hold, which copy shows as they are written.
pub(super) fn numbers_in_figures(draft: &Draft, report: &mut Report) {
    let Some(Document { source, value: clinic, .. }) = &draft.clinic else { return };
    let known = Known::new(clinic);
    for value in clinic.figures.iter().flatten().flat_map(|(_, figure)| figure.values()) {
        numbers_in_copy(source, &value.span(), &Mentions::of_plain_text(value.as_str()), &known, report);
    }
}

/// The phone numbers that a text holds.
pub(super) fn numbers_in_copy(
    source: &Arc<Source>,
    span: &Range<usize>,
    mentions: &Mentions,
    known: &Known,
    report: &mut Report,
) {
    own_numbers(source, span, mentions, known, report);
    made_up(source, span, mentions, known, report);
    let is_reported_elsewhere =
        |number: &String| known.has(number) || PhoneNumber::parse(number).is_some_and(|number| number.is_fictitious());
    let others = mentions
        .phones
        .iter()
        .filter(|number| !number.is_fax && !number.dialled.as_ref().is_some_and(is_reported_elsewhere));
    for Mentioned { typed, dialled, .. } in others.collect::<BTreeSet<_>>() {
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
            // Where the same digits appear twice, one may be a link.
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
    for (Mentioned { typed, dialled, .. }, target) in mentions.others.iter().collect::<BTreeSet<_>>() {
        report.add_with(&OTHER_NUMBER, source, span.start, || {
            let (scheme, to) = target.split_once(':').unwrap_or(("tel", target));
            let own = PhoneNumber::parse(to).map_or_else(|| to.to_owned(), |number| number.to_string());
            let by_target = |words: &str| format!("[{}]({target})", words.replace(typed, &own));
            let by_words = |words: &str| dialled.as_ref().map(|number| format!("[{words}]({scheme}:{number})"));
            let write = |words: &str| by_words(words).unwrap_or_else(|| by_target(words));
            let alone = |words: &str| words.contains(typed.as_str()) && phone::find(words).len() == 1;
            let links = links_to(source, span, target).into_iter().filter(|(_, words)| alone(words));
            let links: Vec<_> = links.collect();
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
