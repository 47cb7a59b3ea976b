//! All findings of one reading of the content, as many as somebody would read.

use super::{Diagnostic, Edit, Help, Rule, Severity, Source, WhenPublished};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

/// The most findings of each severity that are shown of one file. The others are counted: a file with more mistakes has one cause.
pub const MAX_IN_FILE: usize = 100;

/// The most findings of each severity that are shown of all files.
pub const MAX_IN_ALL: usize = 1_000;

/// The longest message and the longest help, in characters: both may quote the file.
const MAX_MESSAGE: usize = 400;
const MAX_HELP: usize = 1_200;

/// All findings of one reading of the content.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The site is to be published, so the rules are held to what their catalogue says of that.
    publish: bool,
    /// Those that are shown.
    diagnostics: Vec<Diagnostic>,
    files: BTreeMap<String, InFile>,
    shown: Counts,
    /// A hash of each finding, by which the same one is reported once.
    known: HashSet<u64>,
}

/// What was found in one file.
#[derive(Clone, Debug, Default)]
struct InFile {
    shown: Counts,
    more: Counts,
    /// Parts that could not be read.
    unread: Vec<Range<usize>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    errors: usize,
    warnings: usize,
}

impl Counts {
    const fn get(self, severity: Severity) -> usize {
        match severity {
            Severity::Error => self.errors,
            Severity::Warning => self.warnings,
        }
    }

    const fn add(&mut self, severity: Severity, count: usize) {
        match severity {
            Severity::Error => self.errors += count,
            Severity::Warning => self.warnings += count,
        }
    }
}

/// How many findings are not shown, of one file or of all those of which none is.
#[derive(Debug, Serialize)]
pub(super) struct More {
    pub(super) path: Option<String>,
    pub(super) errors: usize,
    pub(super) warnings: usize,
}

impl Report {
    /// A report without findings, on a site that is to be published or on a preview.
    #[must_use]
    pub fn new(publish: bool) -> Self {
        Self { publish, ..Self::default() }
    }

    /// Whether the site is to be published.
    #[must_use]
    pub const fn publishes(&self) -> bool {
        self.publish
    }

    /// Adds a finding.
    pub fn add(
        &mut self,
        rule: &'static Rule,
        source: &Arc<Source>,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<Help>,
    ) {
        let Some(severity) = self.severity(rule) else { return };
        let Help { words: help, fix } = help.into();
        self.push(Diagnostic { rule, severity, source: Arc::clone(source), span, message: message.into(), help, fix });
    }

    /// Adds a finding whose place and words take work to find. Where the file has too many findings to show this one, it is only counted.
    /// `near` is a byte by which to tell whether it is in a part that could not be read.
    pub fn add_with<H: Into<Help>>(
        &mut self,
        rule: &'static Rule,
        source: &Arc<Source>,
        near: usize,
        words: impl FnOnce() -> (Range<usize>, String, H),
    ) {
        let Some(severity) = self.severity(rule) else { return };
        if self.shows(severity, source) {
            let (span, message, help) = words();
            self.add(rule, source, span, message, help);
        } else if !self.is_unread(source, near) {
            self.count_more(severity, source, 1);
        }
    }

    /// How bad it is here to break a rule, if the rule holds here.
    const fn severity(&self, rule: &Rule) -> Option<Severity> {
        match (rule.when_published, self.publish) {
            (WhenPublished::Only, false) => None,
            (WhenPublished::Error, true) => Some(Severity::Error),
            _ => Some(rule.severity),
        }
    }

    /// Adds a finding. The same message at the same place is reported once.
    fn push(&mut self, diagnostic: Diagnostic) {
        if self.is_unread(&diagnostic.source, diagnostic.span.start) {
            return;
        }
        let Diagnostic { rule, source, span, message, .. } = &diagnostic;
        let mut hasher = DefaultHasher::new();
        (rule.name, &source.path, span, message).hash(&mut hasher);
        if self.known.insert(hasher.finish()) {
            self.place(diagnostic);
        }
    }

    /// Whether a further finding of a file would be shown.
    fn shows(&self, severity: Severity, source: &Source) -> bool {
        let in_file = self.files.get(&source.path).map_or(0, |file| file.shown.get(severity));
        in_file < MAX_IN_FILE && self.shown.get(severity) < MAX_IN_ALL
    }

    /// Whether a further finding of a rule would be shown of a file, rather than counted.
    #[must_use]
    pub fn has_room(&self, rule: &Rule, source: &Source) -> bool {
        self.severity(rule).is_some_and(|severity| self.shows(severity, source))
    }

    /// Leaves the findings of some rules without their changes, where one of those is in doubt: their words stay, as advice.
    pub fn doubt(&mut self, rules: &[&Rule], doubtful: impl Fn(&Edit) -> bool) {
        for finding in self.diagnostics.iter_mut().filter(|finding| rules.contains(&finding.rule)) {
            if finding.fix.iter().any(&doubtful) {
                finding.fix.clear();
            }
        }
    }

    /// Makes the errors in a file warnings, and adds those that a later report has there.
    pub fn forgive(&mut self, path: &str, later: Option<&Self>) {
        for finding in self.diagnostics.iter_mut().filter(|finding| finding.source.path == path) {
            if finding.severity == Severity::Error {
                finding.severity = Severity::Warning;
                self.shown.errors -= 1;
                self.shown.warnings += 1;
            }
        }
        let file = self.file(path);
        file.shown = Counts { errors: 0, warnings: file.shown.errors + file.shown.warnings };
        file.more = Counts { errors: 0, warnings: file.more.errors + file.more.warnings };
        for finding in later.into_iter().flat_map(|later| &later.diagnostics) {
            if finding.source.path == path && finding.severity == Severity::Error {
                self.push(Diagnostic { severity: Severity::Warning, ..finding.clone() });
            }
        }
    }

    /// Counts findings of a file that are not shown.
    pub fn count_more(&mut self, severity: Severity, source: &Source, count: usize) {
        if count > 0 {
            self.file(&source.path).more.add(severity, count);
        }
    }

    fn place(&mut self, diagnostic: Diagnostic) {
        let severity = diagnostic.severity;
        if !self.shows(severity, &diagnostic.source) {
            self.count_more(severity, &diagnostic.source, 1);
            return;
        }
        self.shown.add(severity, 1);
        self.file(&diagnostic.source.path).shown.add(severity, 1);
        let (message, help) = (shown(diagnostic.message, MAX_MESSAGE), shown(diagnostic.help, MAX_HELP));
        // What is too long to be read is not offered either.
        let whole = diagnostic.fix.iter().map(|edit| edit.text.len()).sum::<usize>() <= MAX_HELP;
        let fix = if whole { diagnostic.fix } else { Vec::new() };
        self.diagnostics.push(Diagnostic { message, help, fix, ..diagnostic });
    }

    fn file(&mut self, path: &str) -> &mut InFile {
        self.files.entry(path.to_owned()).or_default()
    }

    /// Reports nothing more of a part of a file: it could not be read, so findings in it would be echoes of the first.
    pub fn mute(&mut self, source: &Source, part: Range<usize>) {
        if !part.is_empty() {
            self.file(&source.path).unread.push(part);
        }
    }

    /// Whether a part of a file could not be read.
    #[must_use]
    pub fn has_unread(&self) -> bool {
        self.files.values().any(|file| !file.unread.is_empty())
    }

    /// Whether there is an error in a part of a file.
    #[must_use]
    pub fn has_errors_within(&self, source: &Source, part: &Range<usize>) -> bool {
        let within = |finding: &&Diagnostic| {
            finding.severity == Severity::Error
                && finding.source.path == source.path
                && part.contains(&finding.span.start)
        };
        self.diagnostics.iter().any(|finding| within(&finding))
    }

    /// Whether the names in this file may be others than they seem: a mistake in the shape of it may have hidden or moved them. What other
    /// files say of them would be an echo of that mistake.
    #[must_use]
    pub fn has_doubtful_names(&self) -> bool {
        let shape = ["syntax", "unknown-key", "missing-key", "duplicate-key", "wrong-type", "unknown-choice"];
        self.has_unread() || self.diagnostics.iter().any(|finding| shape.contains(&finding.rule.name))
    }

    /// Whether a byte is in a part of a file that could not be read.
    #[must_use]
    pub fn is_unread(&self, source: &Source, at: usize) -> bool {
        self.files.get(&source.path).is_some_and(|file| file.unread.iter().any(|part| part.contains(&at)))
    }

    /// Adds all findings of another report.
    pub fn extend(&mut self, other: &Self) {
        self.known.extend(&other.known);
        for diagnostic in &other.diagnostics {
            if !self.is_unread(&diagnostic.source, diagnostic.span.start) {
                self.place(diagnostic.clone());
            }
        }
        for (path, found) in other.files.iter().filter(|(_, found)| found.has_more() || !found.unread.is_empty()) {
            let file = self.file(path);
            file.more.errors += found.more.errors;
            file.more.warnings += found.more.warnings;
            file.unread.extend_from_slice(&found.unread);
        }
    }

    /// The findings that are shown, by path, then by place.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<_> = self.diagnostics.iter().collect();
        all.sort_by(|a, b| (&a.source.path, a.span.start, a.severity).cmp(&(&b.source.path, b.span.start, b.severity)));
        all
    }

    /// How many findings are not shown: of each file of which some are, then of all others.
    pub(super) fn more(&self) -> Vec<More> {
        let (some, none): (Vec<_>, Vec<_>) = self
            .files
            .iter()
            .filter(|(_, file)| file.has_more())
            .partition(|(_, file)| file.shown.errors + file.shown.warnings > 0);
        let mut more: Vec<_> = some
            .into_iter()
            .map(|(path, file)| More {
                path: Some(path.clone()),
                errors: file.more.errors,
                warnings: file.more.warnings,
            })
            .collect();
        if !none.is_empty() {
            let errors = none.iter().map(|(_, file)| file.more.errors).sum();
            more.push(More { path: None, errors, warnings: none.iter().map(|(_, file)| file.more.warnings).sum() });
        }
        more
    }

    /// How many findings there are of a severity, shown or not.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.shown.get(severity) + self.files.values().map(|file| file.more.get(severity)).sum::<usize>()
    }

    /// Whether the content can't be served.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// Whether there is an error in the file of this path.
    #[must_use]
    pub fn has_errors_in(&self, path: &str) -> bool {
        self.files.get(path).is_some_and(|file| file.shown.errors + file.more.errors > 0)
    }
}

impl InFile {
    const fn has_more(&self) -> bool {
        self.more.errors + self.more.warnings > 0
    }
}

/// A text as it is shown: at most so many characters, of which the middle is left out, and none that could command a terminal or turn the
/// direction of what is around it (<https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing>).
fn shown(text: String, most: usize) -> String {
    let commands = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let text = if text.contains(commands) { text.replace(commands, "\u{fffd}") } else { text };
    // As many bytes hold no more characters.
    if text.len() <= most {
        return text;
    }
    let (head, tail) = (most * 2 / 3, most / 3);
    let start = text.char_indices().nth(head).map_or(text.len(), |(at, _)| at);
    let end = text.char_indices().rev().nth(tail.saturating_sub(1)).map_or(0, |(at, _)| at);
    if start >= end {
        return text;
    }
    format!("{} … {}", text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{MAX_IN_ALL, MAX_IN_FILE, MAX_MESSAGE, Report};
    use crate::diagnostic::{Rule, Severity, Source, WhenPublished};
    use std::sync::Arc;

    static RULE: Rule =
        Rule { name: "a-rule", severity: Severity::Error, when_published: WhenPublished::Same, about: "" };
    static HINT: Rule =
        Rule { name: "a-hint", severity: Severity::Warning, when_published: WhenPublished::Same, about: "" };

    fn add(report: &mut Report, rule: &'static Rule, path: &str, count: usize) {
        let source = Arc::new(Source::new(path, ""));
        (0..count).for_each(|at| report.add(rule, &source, at..at + 1, "this is wrong", "write it right"));
    }

    #[test]
    fn the_same_finding_is_reported_once() {
        let mut twice = Report::default();
        add(&mut twice, &RULE, "a.toml", 1);
        add(&mut twice, &RULE, "a.toml", 1);
        assert_eq!(twice.count(Severity::Error), 1);
    }

    #[test]
    fn of_a_file_and_of_all_so_many_are_shown_and_all_are_counted() {
        let mut report = Report::default();
        add(&mut report, &HINT, "a.toml", MAX_IN_FILE * 3);
        add(&mut report, &RULE, "a.toml", MAX_IN_FILE + 5);
        assert_eq!(report.sorted().len(), 2 * MAX_IN_FILE, "warnings don't take the place of errors");
        assert_eq!(
            (report.count(Severity::Error), report.count(Severity::Warning)),
            (MAX_IN_FILE + 5, MAX_IN_FILE * 3)
        );
        for file in 0..30 {
            add(&mut report, &RULE, &format!("b{file}.toml"), MAX_IN_FILE);
        }
        assert_eq!(report.sorted().iter().filter(|finding| finding.severity == Severity::Error).count(), MAX_IN_ALL);
        assert_eq!(report.count(Severity::Error), MAX_IN_FILE * 31 + 5);
        assert!(report.has_errors_in("b29.toml"), "none of its errors is shown");
        let mut all = Report::default();
        all.extend(&report);
        assert_eq!(all.count(Severity::Error), MAX_IN_FILE * 31 + 5, "of another report they count too");
        assert!(all.text().ends_with("\n  = help: mend what is shown first, then check again\n"));
    }

    #[test]
    fn findings_that_are_not_shown_are_not_worded() {
        let mut report = Report::default();
        add(&mut report, &RULE, "a.toml", MAX_IN_FILE);
        let source = Arc::new(Source::new("a.toml", ""));
        report.add_with::<String>(&RULE, &source, 0, || panic!("nobody reads it"));
        assert_eq!(report.count(Severity::Error), MAX_IN_FILE + 1);
    }

    #[test]
    fn what_a_message_quotes_is_cut_and_commands_no_terminal() {
        let source = Arc::new(Source::new("a.toml", ""));
        let mut report = Report::default();
        report.add(&RULE, &source, 0..0, format!("there is no key `{}` here", "ñ".repeat(9_000)), "\u{1b}[2J\u{202e}x");
        let message = &report.sorted()[0].message;
        assert!(message.starts_with("there is no key `ñ") && message.ends_with("ñ` here"), "{message}");
        assert!(message.chars().count() <= MAX_MESSAGE + 3, "{message}");
        assert_eq!(report.sorted()[0].help, "\u{fffd}[2J\u{fffd}x");
    }
}
