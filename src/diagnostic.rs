//! Findings about content files: where, what, and how to mend it. One value, three renderings.
//!
//! The text rendering is `path:line:column: error: message [rule]`, the source line with a caret, and `help:`.
//! Lines and columns count from 1; columns count characters, not bytes, as editors do.

mod suggest;

pub use suggest::{did_you_mean, one_of};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

/// The text of one content file and the path to show for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// As the user would type it: `content/en/ui.toml`.
    pub path: String,
    /// Empty for a file that should exist and does not.
    pub text: String,
}

impl Source {
    /// The line and column (from 1, in characters) of a byte offset.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..self.floor(offset)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The place of `needle` within `span`, or the whole of `span`: copy may hold escapes, so that an offset in the value
    /// isn't one in the file.
    #[must_use]
    pub fn locate(&self, span: &Range<usize>, needle: &str) -> Range<usize> {
        match self.text.get(span.clone()).and_then(|text| text.find(needle)) {
            Some(at) if !needle.is_empty() => span.start + at..span.start + at + needle.len(),
            _ => span.clone(),
        }
    }

    /// The last character boundary at or before an offset.
    fn floor(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        (0..=offset).rev().find(|&at| self.text.is_char_boundary(at)).unwrap_or(0)
    }

    /// The whole first line of `span`, and the part of `span` on it, both as byte offsets.
    fn first_line(&self, span: &Range<usize>) -> (Range<usize>, Range<usize>) {
        let start = self.floor(span.start);
        let head = self.text.get(..start).unwrap_or_default();
        let tail = self.text.get(start..).unwrap_or_default();
        let from = head.rfind('\n').map_or(0, |at| at + 1);
        let to = start + tail.find('\n').unwrap_or(tail.len());
        let end = self.floor(span.end).clamp(start, to);
        (from..to, start..end)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The content can't be served.
    Error,
    /// The content is served, but somebody should look.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A rule that content files are held to. Each has a broken example in `tests/fixtures/broken/`.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// What it asks, in a sentence.
    pub about: &'static str,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// The rule's severity, unless publishing makes it worse.
    pub severity: Severity,
    /// The file.
    pub source: Arc<Source>,
    /// The bytes of the file it is about.
    pub span: Range<usize>,
    /// What is wrong: a phrase without a full stop.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// All findings of one reading of the content.
#[derive(Clone, Debug, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    /// Parts of files that could not be read, by path.
    muted: Vec<(String, Range<usize>)>,
}

impl Report {
    /// Adds a finding of the rule's own severity.
    pub fn add(
        &mut self,
        rule: &'static Rule,
        source: &Arc<Source>,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Diagnostic {
            rule,
            severity: rule.severity,
            source: Arc::clone(source),
            span,
            message: message.into(),
            help: help.into(),
        });
    }

    /// Tells nothing more of a part of a file: what stands there could not be read, so findings in it would be echoes of the first.
    pub fn mute(&mut self, source: &Source, part: Range<usize>) {
        self.muted.push((source.path.clone(), part));
    }

    /// Whether a part of a file could not be read.
    #[must_use]
    pub fn has_unread(&self) -> bool {
        self.muted.iter().any(|(_, part)| !part.is_empty())
    }

    /// Adds all that another report tells.
    pub fn extend(&mut self, other: &Self) {
        self.muted.extend_from_slice(&other.muted);
        self.diagnostics.extend_from_slice(&other.diagnostics);
    }

    /// Adds a finding. The same rule at the same place is told once.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let (path, at) = (&diagnostic.source.path, diagnostic.span.start);
        if self.muted.iter().any(|(muted, part)| muted == path && part.contains(&at)) {
            return;
        }
        let known = self.diagnostics.iter().any(|other| {
            other.rule == diagnostic.rule
                && other.source.path == diagnostic.source.path
                && other.span == diagnostic.span
                && other.message == diagnostic.message
        });
        if !known {
            self.diagnostics.push(diagnostic);
        }
    }

    /// The findings by path, then by place.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<_> = self.diagnostics.iter().collect();
        all.sort_by(|a, b| (&a.source.path, a.span.start, a.severity).cmp(&(&b.source.path, b.span.start, b.severity)));
        all
    }

    /// How many findings there are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Whether the content can't be served.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// Whether anything was found in the file of this path.
    #[must_use]
    pub fn has_errors_in(&self, path: &str) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error && d.source.path == path)
    }

    /// For people: every finding with its source line, caret and help.
    #[must_use]
    pub fn text(&self) -> String {
        self.sorted().into_iter().map(text).collect::<Vec<_>>().join("\n")
    }

    /// For programs: `{"errors": n, "warnings": n, "findings": [{path, line, column, end_line, end_column, …}]}`.
    #[must_use]
    pub fn json(&self) -> String {
        format!("{:#}\n", self.value())
    }

    /// What [`Report::json`] prints, for who has more to tell.
    #[must_use]
    pub fn value(&self) -> serde_json::Value {
        let findings: Vec<_> = self.sorted().into_iter().map(Finding::from).collect();
        serde_json::json!({
            "errors": self.count(Severity::Error),
            "warnings": self.count(Severity::Warning),
            "findings": findings,
        })
    }

    /// The findings alone, as [`Report::json`] lists them: a JSON array.
    #[must_use]
    pub fn findings_json(&self) -> String {
        let findings: Vec<_> = self.sorted().into_iter().map(Finding::from).collect();
        serde_json::to_string(&findings).unwrap_or_else(|_| "[]".to_owned())
    }

    /// For GitHub Actions: workflow commands that annotate the files of a pull request.
    #[must_use]
    pub fn github(&self) -> String {
        self.sorted().into_iter().map(Finding::from).fold(String::new(), |mut out, finding| {
            // https://docs.github.com/actions/reference/workflow-commands-for-github-actions
            let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
            let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
            let _ = writeln!(
                out,
                "::{} file={},line={},col={},endLine={},title={}::{}",
                finding.severity.word(),
                property(finding.path),
                finding.line,
                finding.column,
                finding.end_line,
                property(finding.rule),
                data(&format!("{}\nhelp: {}", finding.message, finding.help)),
            );
            out
        })
    }
}

/// A finding as programs read it.
#[derive(Serialize)]
struct Finding<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    severity: Severity,
    rule: &'static str,
    message: &'a str,
    help: &'a str,
    /// The source line with a caret below the place.
    snippet: String,
}

impl<'a> From<&'a Diagnostic> for Finding<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Self {
        let (line, column) = diagnostic.source.position(diagnostic.span.start);
        let (end_line, end_column) = diagnostic.source.position(diagnostic.span.end.max(diagnostic.span.start));
        Self {
            path: &diagnostic.source.path,
            line,
            column,
            end_line,
            end_column,
            severity: diagnostic.severity,
            rule: diagnostic.rule.name,
            message: &diagnostic.message,
            help: &diagnostic.help,
            snippet: snippet(diagnostic, line),
        }
    }
}

/// The longest part of a source line that is shown, in characters.
const SHOWN: usize = 120;

fn text(diagnostic: &Diagnostic) -> String {
    let Diagnostic { rule, severity, source, span, message, help } = diagnostic;
    let (line, column) = source.position(span.start);
    let place = format!("{}:{line}:{column}: {}: {message} [{}]\n", source.path, severity.word(), rule.name);
    let snippet = snippet(diagnostic, line);
    if snippet.is_empty() {
        return format!("{place}  = help: {help}\n");
    }
    // In line with the bar that the snippet draws.
    let margin = " ".repeat(line.to_string().len());
    format!("{place}{snippet}\n{margin} |\n{margin} = help: {help}\n")
}

/// The source line with a caret below the place; nothing where there is no text. Only the first line of the place is shown, and of a very
/// long line only the part around it.
fn snippet(diagnostic: &Diagnostic, line: usize) -> String {
    let Diagnostic { source, span, .. } = diagnostic;
    if source.text.is_empty() {
        return String::new();
    }
    let (whole, mark) = source.first_line(span);
    let before = source.text.get(whole.start..mark.start).unwrap_or_default();
    let long = source.text.get(whole.clone()).is_some_and(|line| line.chars().count() > SHOWN);
    let skip = before.char_indices().rev().nth(SHOWN / 2).filter(|_| long).map_or(0, |(at, _)| at);
    let from = whole.start + skip;
    let rest = source.text.get(from..whole.end).unwrap_or_default();
    let to = rest.char_indices().nth(SHOWN).map_or(rest.len(), |(at, _)| at);
    let shown = rest.get(..to).unwrap_or_default().trim_end_matches('\r');
    let start = (mark.start - from).min(shown.len());
    let end = (mark.end.max(mark.start) - from).clamp(start, shown.len());
    let snippet =
        Snippet::source(shown).line_start(line).fold(false).annotation(AnnotationKind::Primary.span(start..end));
    Renderer::plain().render(&[Group::with_level(Level::ERROR).element(snippet)])
}

#[cfg(test)]
mod tests {
    use super::{Report, Rule, Severity, Source};
    use std::sync::Arc;

    static RULE: Rule = Rule { name: "a-rule", severity: Severity::Error, about: "" };

    fn report(text: &str, needle: &str) -> Report {
        let source = Arc::new(Source { path: "content/es/ui.toml".into(), text: text.into() });
        let at = text.find(needle).unwrap_or_default();
        let mut report = Report::default();
        report.add(&RULE, &source, at..at + needle.len(), "this is wrong", "write it right");
        report
    }

    #[test]
    fn columns_count_characters() {
        let text = report("a = 1\nseñal = \"ñandú\" # 🙂 x\n", "x").text();
        assert!(text.starts_with("content/es/ui.toml:2:21: error: this is wrong [a-rule]\n"), "{text}");
        assert!(text.contains("help: write it right"), "{text}");
    }

    #[test]
    fn a_very_long_line_is_cut_around_the_place() {
        let text = report(&format!("a = \"{}NEEDLE{}\"", "ñ".repeat(5_000), "z".repeat(5_000)), "NEEDLE").text();
        assert!(text.contains("NEEDLE") && text.contains("^^^^^^"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 160), "{text}");
    }

    #[test]
    fn github_commands_are_escaped() {
        let source = Arc::new(Source { path: "a,b:c.toml".into(), text: "x".into() });
        let mut report = Report::default();
        report.add(&RULE, &source, 0..1, "100 % wrong", "one\ntwo");
        assert_eq!(
            report.github(),
            "::error file=a%2Cb%3Ac.toml,line=1,col=1,endLine=1,title=a-rule::100 %25 wrong%0Ahelp: one%0Atwo\n"
        );
    }

    #[test]
    fn the_same_finding_is_told_once() {
        let mut twice = report("x", "x");
        for finding in report("x", "x").sorted() {
            twice.push(finding.clone());
        }
        assert_eq!(twice.count(Severity::Error), 1);
    }
}
