//! Keys that are missing in one part of a file and unknown in another: one mistake, reported once.

use super::{PARTS, catalogue};
use crate::content::model::ABOUT_PLACES;
use crate::content::names::file_of_list;
use crate::diagnostic::{Edit, Help, MAX_IN_FILE, Report, Severity, Source, did_you_mean, one_of};
use std::ops::Range;
use std::sync::Arc;
use toml::de::DeTable;

/// Unknown keys one after another are those of a part that was lost, if the file has no more.
const OF_ONE_PART: usize = 30;

/// Parts of `clinic.toml` with names of their own, which are no facts.
const OTHER_PARTS: [&str; 2] = ["figures", "sources"];

/// The part of `clinic.toml` that has the facts of each place, and what is written beside it where there is one place.
const PLACES: &str = "locations";
const BESIDE: [&str; 4] = ["[phone]", "[address]", "[hours]", "[[exceptions]]"];

/// What one part of a file lacks.
struct Lacking<'t> {
    part: Range<usize>,
    /// Each key with the lines to add.
    keys: Vec<(&'t str, String)>,
}

/// A key that its part doesn't have.
struct Unknown<'t> {
    name: &'t str,
    span: Range<usize>,
    /// The one that was probably meant.
    meant: Option<&'static str>,
    /// Those that its part has.
    known: &'static [&'static str],
    /// Whether its value is a group of keys.
    is_group: bool,
}

/// What was found of both so far.
#[derive(Default)]
pub(super) struct Misplaced<'t> {
    lacking: Vec<Lacking<'t>>,
    unknown: Vec<Unknown<'t>>,
    /// Unknown keys that nobody will read of.
    others: usize,
    /// The keys of the file itself, above its first part.
    top: &'static [&'static str],
}

impl<'t> Misplaced<'t> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.lacking.len() + self.unknown.len() + self.others
    }

    pub(super) fn set_top(&mut self, keys: &'static [&'static str]) {
        self.top = keys;
    }

    pub(super) fn missing(&mut self, part: &Range<usize>, key: &'t str, lines: String) {
        match self.lacking.last_mut().filter(|last| last.part == *part) {
            Some(last) => last.keys.push((key, lines)),
            None => self.lacking.push(Lacking { part: part.clone(), keys: vec![(key, lines)] }),
        }
    }

    pub(super) fn unknown(
        &mut self,
        name: &'t str,
        span: Range<usize>,
        meant: Option<&'static str>,
        known: &'static [&'static str],
        is_group: bool,
    ) {
        if self.unknown.len() < MAX_IN_FILE {
            self.unknown.push(Unknown { name, span, meant, known, is_group });
        } else {
            self.others += 1;
        }
    }

    /// Reports each cause once.
    pub(super) fn report(mut self, tree: &DeTable<'_>, source: &Arc<Source>, report: &mut Report) {
        let top = self.top;
        // More are no part of a page: each is counted.
        let few = self.unknown.len() <= OF_ONE_PART;
        // In the order of the file: a group hands them over by their names.
        self.unknown.sort_by_key(|unknown| unknown.span.start);
        let mut all = std::mem::take(&mut self.unknown).into_iter().peekable();
        let mut lost: Option<&str> = None;
        while let Some(Unknown { name, span, meant, known, is_group }) = all.next() {
            // What belongs to a part whose name is misspelled was given to the one before.
            let line = source.text.get(..span.start).and_then(|head| head.rsplit('\n').next()).unwrap_or_default();
            if lost.is_some_and(|part| {
                meant.is_none() && line.trim_start().strip_prefix("[[") == Some(&format!("{part}."))
            }) {
                continue;
            }
            lost = meant.filter(|meant| PARTS.contains(meant)).or(lost);
            let is_header = line.trim_start().starts_with('[');
            if let Some((message, help)) = is_header.then(|| self.elsewhere(name, known, source)).flatten() {
                report.add(&catalogue::UNKNOWN_KEY, source, span, message, help);
                continue;
            }
            let of_a_place = |name: &str, meant: Option<&str>, known: &[&str]| {
                let of_facts = top.contains(&PLACES) && (known == top || known.first() == Some(&"value"));
                of_facts.then(|| of_a_place(name, meant, top)).flatten()
            };
            if let Some(key) = of_a_place(name, meant, known) {
                let message = format!("`{name}` is a fact of a place, and each place is written in [[{PLACES}]]");
                report.add(&catalogue::UNKNOWN_KEY, source, span, message, in_its_place(key, tree));
                continue;
            }
            let of_the_file = |name: &str| top.contains(&name) && top != known && !tree.contains_key(name);
            let optional = of_the_file(name).then_some(0..0);
            let home = if meant.is_none() { self.take_lacking(name).or(optional) } else { None };
            // Keys of another part, one after another: the line that begins it was lost.
            let mut names = vec![name];
            while few && home.is_none() && meant.is_none() {
                let lacks = |name: &str| self.lacking.iter().any(|part| part.keys.iter().any(|(key, _)| *key == name));
                let same = |next: &Unknown<'_>| {
                    let is_elsewhere = of_the_file(next.name)
                        || of_a_place(next.name, None, next.known).is_some()
                        || whole_of(next.name, next.known).is_some()
                        || file_of_list(next.name).is_some();
                    next.meant.is_none() && next.known == known && !lacks(next.name) && !is_elsewhere
                };
                let Some(next) = all.next_if(same) else { break };
                names.extend((!names.contains(&next.name)).then_some(next.name));
            }
            if names.len() > 1 {
                let message = format!("there are no keys {} here", one_of(&names));
                // The parts that files are made of.
                let part = PARTS.into_iter().find(|part| known.contains(part));
                let example = part.map(|part| format!(", such as [[{part}]]")).unwrap_or_default();
                let help = format!(
                    "is the line in brackets that begins their part missing above{example}? The keys here are {}",
                    one_of(known)
                );
                report.add(&catalogue::UNKNOWN_KEY, source, span, message, help);
                continue;
            }
            let message = match &home {
                Some(_) => format!("`{name}` is in the wrong part of this file"),
                None => format!("there is no key `{name}` here"),
            };
            // A fact among the keys of another.
            let is_fact = known.first() == Some(&"value") && !is_group && !OTHER_PARTS.contains(&name);
            let help = match (home, meant) {
                (Some(part), _) if is_fact && part == (0..0) && !PARTS.contains(&name) => own_part(name, &span, source),
                (Some(part), _) => home_of(name, &part, &span, source),
                (None, Some(known)) => {
                    Help::exact(Edit::new(source, span.clone(), known), |known| format!("did you mean `{known}`?"))
                }
                (None, None) => format!("the keys here are {}", one_of(known)).into(),
            };
            report.add(&catalogue::UNKNOWN_KEY, source, span, message, help);
        }
        report.count_more(Severity::Error, source, self.others);
        for Lacking { part, keys } in self.lacking.into_iter().filter(|lacking| !lacking.keys.is_empty()) {
            let (message, help) = missing(&part, &keys, source);
            report.add(&catalogue::MISSING_KEY, source, part, message, help);
        }
    }

    /// What is to be said of a part that belongs into another, which then lacks it no more, or into another file.
    fn elsewhere(&mut self, name: &str, known: &[&str], source: &Arc<Source>) -> Option<(String, Help)> {
        if let Some(whole) = whole_of(name, known) {
            while self.take_lacking(name).is_some() {}
            let message = format!("`{name}` are parts of `{whole}`, and their lines in brackets say so");
            return Some((message, within(&format!("{whole}.{name}"), name, source)));
        }
        let file = file_of_list(name).filter(|_| known == self.top)?;
        let help = format!(
            "{name} are written in {file}: move the part there, from its line [[{name}]] down to the next line in brackets"
        );
        Some((format!("`{name}` is in the wrong file"), help.into()))
    }

    /// The part that lacks a key, which it then doesn't lack any more.
    fn take_lacking(&mut self, name: &str) -> Option<Range<usize>> {
        let lacking = self.lacking.iter_mut().find(|lacking| lacking.keys.iter().any(|(key, _)| *key == name))?;
        lacking.keys.retain(|(key, _)| *key != name);
        Some(lacking.part.clone())
    }
}

/// The list whose items have a list of this name, where it is one of the keys here: `sections` of `items`.
fn whole_of(name: &str, known: &[&str]) -> Option<&'static str> {
    PARTS
        .iter()
        .filter_map(|part| part.split_once('.'))
        .find(|(whole, own)| *own == name && known.contains(whole))
        .map(|(whole, _)| whole)
}

/// How the items of a list within another begin: each line in brackets with the names of both.
fn within(part: &str, name: &str, source: &Arc<Source>) -> Help {
    let header = format!("[[{part}]]");
    let lines = [format!("[[{name}]]"), format!("[{name}]")];
    let found = lines.iter().flat_map(|line| headers(&source.text, line));
    let edits: Vec<Edit> = found.map(|span| Edit::new(source, span, header.clone())).collect();
    let each = if edits.len() == 1 { String::new() } else { format!(" in place of each line [[{name}]]") };
    Help::all(edits, format!("write {header}{each}"))
}

/// The places of a line in brackets.
pub(in crate::content) fn headers(text: &str, written: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        at += line.len();
        (at - line.len() + (line.len() - line.trim_start().len()), line.trim())
    });
    lines.filter(move |(_, line)| *line == written).map(|(at, line)| at..at + line.len())
}

/// What is to be said of keys that a part lacks, each with its lines. What is in braces has no lines of its own.
fn missing(part: &Range<usize>, keys: &[(&str, String)], source: &Source) -> (String, String) {
    let place = if *part == (0..0) { "in this file" } else { "in this part" };
    let in_braces = source.text.get(part.clone()).is_some_and(|written| written.starts_with('{'));
    if let [(key, lines)] = keys {
        let help = match *key {
            // The `from` of a redirect is an address.
            "from" if in_braces && !lines.contains('"') => {
                format!("add the day from which it holds, within the braces: {lines}")
            }
            _ if in_braces => format!("add it within the braces: {lines}"),
            _ if lines.contains('\n') => format!("add these lines:\n{lines}"),
            _ => format!("add a line: {lines}"),
        };
        return (format!("the key `{key}` is missing {place}"), help);
    }
    let names: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
    let message = format!("the keys {} are missing {place}", one_of(&names).replace(" or ", " and "));
    // A line in brackets takes those below it.
    let (parts, own): (Vec<_>, Vec<_>) = keys.iter().partition(|(_, lines)| lines.starts_with('['));
    let lines: Vec<&str> = own.into_iter().chain(parts).map(|(_, lines)| lines.as_str()).collect();
    let help = if in_braces {
        format!("add them within the braces: {}", lines.join(", "))
    } else {
        format!("add these lines, or restore them from a copy:\n{}", lines.join("\n"))
    };
    (message, help)
}

/// The fact of a place that is meant by a key that `clinic.toml` doesn't have beside its places. Its first letter distinguishes `[dosing_hour]` from
/// `[opening_hours]`, which must not become hours of another kind.
fn of_a_place(name: &str, meant: Option<&str>, top: &[&str]) -> Option<&'static str> {
    let name = name.to_lowercase().replace('-', "_");
    let name = if matches!(&*name, "email" | "e_mail" | "email_address") { "mail" } else { &name };
    let own = || ABOUT_PLACES.iter().map(|(key, _)| *key).filter(|key| !top.contains(key));
    let near = || did_you_mean(name, own().filter(|key| key.chars().next() == name.chars().next()));
    own().find(|key| *key == name).or_else(|| if meant.is_none() { near() } else { None })
}

/// How a fact is written in its place.
fn in_its_place(key: &str, tree: &DeTable<'_>) -> Help {
    let fact = format!("[{PLACES}.{key}]\nvalue = …");
    if tree.contains_key(PLACES) {
        return format!("write it below the [[{PLACES}]] of its place and above the next one:\n{fact}").into();
    }
    let moved: Vec<String> = BESIDE
        .into_iter()
        .map(|line| (line, line.trim_matches(['[', ']'])))
        .filter(|(_, key)| tree.contains_key(*key))
        .map(|(line, key)| format!("{line} as {}", line.replace(key, &format!("{PLACES}.{key}"))))
        .collect();
    let moved = if moved.is_empty() { String::new() } else { format!(", move {} into it", moved.join(", ")) };
    format!("begin one place for all its facts{moved}, and write it there:\n[[{PLACES}]]\nid = \"main\"\n\n{fact}")
        .into()
}

/// How a fact gets a part of its own: its key becomes the line that begins it.
fn own_part(name: &str, span: &Range<usize>, source: &Arc<Source>) -> Help {
    let line = source.text.get(span.end..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let edit = Edit::new(source, span.clone(), format!("\n[{name}]\nvalue"));
    Help::all(vec![edit], format!("write, with an empty line above it:\n[{name}]\nvalue{line}"))
}

/// How a key comes back to the part that lacks it: its line moves below the line that begins that part.
fn home_of(name: &str, part: &Range<usize>, span: &Range<usize>, source: &Arc<Source>) -> Help {
    let top = *part == (0..0);
    let words = if top {
        format!("move the line of `{name}` up, above the first line in brackets")
    } else {
        format!(
            "move the line of `{name}` below line {}, which begins the part that lacks it",
            source.position(part.start).0
        )
    };
    let text = source.text.as_str();
    let line_at = |at: usize| {
        let start = text.get(..at).and_then(|head| head.rfind('\n')).map_or(0, |found| found + 1);
        let end = text.get(at..).and_then(|tail| tail.find('\n')).map_or(text.len(), |found| at + found + 1);
        start..end
    };
    let line = line_at(span.start);
    let target = if top { 0 } else { line_at(part.start).end };
    let written = text.get(line.clone()).unwrap_or_default();
    // A value of several lines is not moved by a change of one.
    let whole = written.trim_start().starts_with(name)
        && written.ends_with('\n')
        && !written.contains("\"\"\"")
        && !written.trim_end().ends_with(['[', '{', ',']);
    if whole && text.get(part.clone()).is_some_and(|header| top || header.starts_with('[')) {
        let moved = Edit::new(source, target..target, written);
        Help::all(vec![moved, Edit::new(source, line, "")], words)
    } else {
        words.into()
    }
}
