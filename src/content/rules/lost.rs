//! Names that lead nowhere, each reported once with all its places: a page that moved is one cause, however many links lead to it.

use crate::diagnostic::{Edit, Help, Report, Rule, Source};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// How many of its places a finding lists.
const LISTED: usize = 10;

/// At most so many places of a name are changed by one help.
const CHANGED: usize = 100;

/// A place that names something: the value, and the part of it that names it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    source: Arc<Source>,
    value: Range<usize>,
    written: String,
}

impl Place {
    /// The bytes of the name, or of the whole value where the name is written with escapes.
    pub(super) fn span(&self) -> Range<usize> {
        self.source.locate(&self.value, &self.written)
    }

    /// A change of a part of the name.
    fn edit(&self, from: &str, to: &str) -> Option<Edit> {
        let span = self.span();
        let name = self.source.text.get(span.clone()).filter(|found| *found == self.written)?;
        let at = span.start + name.find(from)?;
        Some(Edit::new(&self.source, at..at + from.len(), to))
    }
}

/// The places of one name.
#[derive(Debug)]
pub(super) struct Places {
    first: Place,
    others: Vec<Place>,
    /// How many there are.
    pub(super) count: usize,
}

impl Places {
    pub(super) const fn first(&self) -> &Place {
        &self.first
    }

    pub(super) const fn source(&self) -> &Arc<Source> {
        &self.first.source
    }

    fn all(&self) -> impl Iterator<Item = &Place> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The change of all of them, or nothing if there are too many or one can't be found.
    pub(super) fn edits(&self, from: &str, to: &str) -> Vec<Edit> {
        if self.count > CHANGED {
            return Vec::new();
        }
        self.all().map(|place| place.edit(from, to)).collect::<Option<_>>().unwrap_or_default()
    }

    /// Where they are: `content/en/pages/home.toml:12, …`.
    pub(super) fn listed(&self) -> String {
        let at = |place: &Place| format!("{}:{}", place.source.path, place.source.position(place.span().start).0);
        list(self.all().map(at), self.count)
    }

    /// What follows the help of the first place: where the others are.
    pub(super) fn also(&self) -> String {
        if self.count == 1 {
            return String::new();
        }
        let at = |place: &Place| format!("{}:{}", place.source.path, place.source.position(place.span().start).0);
        format!("; the same at {}", list(self.others.iter().map(at), self.count - 1))
    }
}

fn list(places: impl Iterator<Item = String>, count: usize) -> String {
    let shown: Vec<_> = places.take(LISTED).collect();
    let more = count.saturating_sub(shown.len());
    let behind = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{behind}", shown.join(", "))
}

/// What leads nowhere, by rule and name.
#[derive(Debug, Default)]
pub(super) struct Lost(BTreeMap<(&'static str, String), (&'static Rule, Places)>);

impl Lost {
    /// Notes a name at a place. `name` is what distinguishes one cause from another, `written` how it is written there.
    pub(super) fn add(
        &mut self,
        rule: &'static Rule,
        name: &str,
        source: &Arc<Source>,
        value: &Range<usize>,
        written: &str,
        report: &Report,
    ) {
        if report.is_unread(source, value.start) {
            return;
        }
        let place = || Place { source: Arc::clone(source), value: value.clone(), written: written.to_owned() };
        let (_, places) = self
            .0
            .entry((rule.name, name.to_owned()))
            .or_insert_with(|| (rule, Places { first: place(), others: Vec::new(), count: 0 }));
        if (1..CHANGED).contains(&places.count) {
            places.others.push(place());
        }
        places.count += 1;
    }

    /// Takes out all names that a rule has lost, if they are so many: how many places have one of them.
    pub(super) fn take(&mut self, rule: &Rule, many: usize) -> Option<usize> {
        let of_rule = |(name, _): &(&str, String)| *name == rule.name;
        if self.0.keys().filter(|key| of_rule(key)).count() < many {
            return None;
        }
        let (taken, left) = std::mem::take(&mut self.0).into_iter().partition(|(key, _)| of_rule(key));
        let taken: BTreeMap<_, (&Rule, Places)> = taken;
        self.0 = left;
        Some(taken.into_values().map(|(_, places)| places.count).sum())
    }

    /// Makes one cause of a rule's names that are part of one thing, if they are so many: its name, and those of the parts in the next line.
    pub(super) fn gather(&mut self, rule: &Rule, many: usize, whole: impl Fn(&str) -> Option<&str>) {
        let names =
            |(of, name): &(&str, String)| (*of == rule.name).then(|| Some((whole(name)?.to_owned(), name.clone())));
        let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (whole, name) in self.0.keys().filter_map(names).flatten() {
            parts.entry(whole).or_default().push(name);
        }
        for (whole, names) in parts.into_iter().filter(|(_, names)| names.len() >= many) {
            let all = names.join(", ");
            let mut found = names.into_iter().filter_map(|name| self.0.remove(&(rule.name, name)));
            let Some((of, mut places)) = found.next() else { continue };
            for (_, more) in found {
                places.count += more.count;
                places.others.extend(std::iter::once(more.first).chain(more.others));
            }
            places.others.truncate(CHANGED);
            self.0.insert((rule.name, format!("{whole}\n{all}")), (of, places));
        }
    }

    /// Reports each name once. `words` says what of it: the place, the message and the help.
    pub(super) fn report<H: Into<Help>>(
        self,
        report: &mut Report,
        words: impl Fn(&Rule, &str, &Places) -> (Arc<Source>, Range<usize>, String, H),
    ) {
        for ((_, name), (rule, places)) in self.0 {
            // Words take work, so those that nobody reads are not made.
            if !report.has_room(rule, places.source()) {
                report.count_more(rule.severity, places.source(), 1);
                continue;
            }
            let (source, span, message, help) = words(rule, &name, &places);
            report.add(rule, &source, span, message, help);
        }
    }
}
