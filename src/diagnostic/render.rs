//! A report for people, for programs, and for GitHub.

use super::report::More;
use super::{Diagnostic, Edit, Report, Severity};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;
use std::fmt::Write as _;

/// How to go on where not all findings are shown.
const MORE_HELP: &str = "mend what is shown first, then check again";

impl Report {
    /// For people: every finding with its source line, caret and help.
    #[must_use]
    pub fn text(&self) -> String {
        let more = self.more();
        let mut parts = Vec::new();
        let findings = self.sorted();
        let mut findings = findings.iter().peekable();
        while let Some(finding) = findings.next() {
            parts.push(text(finding));
            let path = finding.source.path.as_str();
            if findings.peek().is_none_or(|next| next.source.path != path) {
                parts.extend(more.iter().filter(|more| more.path.as_deref() == Some(path)).map(more_text));
            }
        }
        parts.extend(more.iter().filter(|more| more.path.is_none()).map(more_text));
        parts.join("\n")
    }

    /// For programs: `{"errors": n, "warnings": n, "findings": [{path, line, column, end_line, end_column, …}]}`. Where not all findings are
    /// listed, the numbers at the top count them nevertheless, and `"more": [{path, errors, warnings}]` says in which files the others are:
    /// `null` means all those of which none is listed.
    #[must_use]
    pub fn json(&self) -> String {
        format!("{:#}\n", self.value())
    }

    /// What [`Report::json`] prints, for callers that add to it.
    #[must_use]
    pub fn value(&self) -> serde_json::Value {
        let findings: Vec<_> = self.sorted().into_iter().map(Finding::from).collect();
        let mut value = serde_json::json!({
            "errors": self.count(Severity::Error),
            "warnings": self.count(Severity::Warning),
            "findings": findings,
        });
        let more = self.more();
        if let Some(object) = value.as_object_mut().filter(|_| !more.is_empty()) {
            object.insert("more".into(), serde_json::json!(more));
        }
        value
    }

    /// The findings alone, as [`Report::json`] lists them: a JSON array. What is not listed is summed up in a last one for each file.
    #[must_use]
    pub fn findings_json(&self) -> String {
        let more = self.more();
        let findings = self.sorted().into_iter().map(Finding::from).chain(more.iter().map(Finding::from));
        serde_json::to_string(&findings.collect::<Vec<_>>()).unwrap_or_else(|_| "[]".to_owned())
    }

    /// For GitHub Actions: workflow commands that annotate the files of a pull request.
    #[must_use]
    pub fn github(&self) -> String {
        let more = self.more();
        let findings = self.sorted().into_iter().map(Finding::from).chain(more.iter().map(Finding::from));
        findings.fold(String::new(), |mut out, finding| {
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
    message: String,
    help: &'a str,
    /// The changes that the help names, where they are exact.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fix: Vec<Change<'a>>,
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
            message: diagnostic.message.clone(),
            help: &diagnostic.help,
            fix: diagnostic.fix.iter().map(Change::from).collect(),
            snippet: snippet(diagnostic, line),
        }
    }
}

/// A change of a file as programs read it: `text` belongs in the place of what is between the two places, which may be one.
#[derive(Serialize)]
struct Change<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    text: &'a str,
}

impl<'a> From<&'a Edit> for Change<'a> {
    fn from(edit: &'a Edit) -> Self {
        let (line, column) = edit.source.position(edit.span.start);
        let (end_line, end_column) = edit.source.position(edit.span.end);
        Self { path: &edit.source.path, line, column, end_line, end_column, text: &edit.text }
    }
}

impl<'a> From<&'a More> for Finding<'a> {
    fn from(more: &'a More) -> Self {
        Self {
            path: more.path.as_deref().unwrap_or_default(),
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
            severity: if more.errors > 0 { Severity::Error } else { Severity::Warning },
            rule: "more",
            message: more_message(more),
            help: MORE_HELP,
            fix: Vec::new(),
            snippet: String::new(),
        }
    }
}

fn more_message(more: &More) -> String {
    let place = if more.path.is_some() { "in this file" } else { "in other files" };
    let counted = |count: usize, thing: &str| match count {
        0 => None,
        1 => Some(format!("1 more {thing}")),
        _ => Some(format!("{count} more {thing}s")),
    };
    let counts: Vec<_> =
        [counted(more.errors, "error"), counted(more.warnings, "warning")].into_iter().flatten().collect();
    format!("and {} {place}", counts.join(" and "))
}

fn more_text(more: &More) -> String {
    let path = more.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
    format!("{path}{}\n  = help: {MORE_HELP}\n", more_message(more))
}

/// The longest part of a source line that is shown, in characters.
const SHOWN: usize = 120;

fn text(diagnostic: &Diagnostic) -> String {
    let Diagnostic { rule, severity, source, span, message, help, .. } = diagnostic;
    let (line, column) = source.position(span.start);
    let place = format!("{}:{line}:{column}: {}: {message} [{}]\n", source.path, severity.word(), rule.name);
    let snippet = snippet(diagnostic, line);
    if snippet.is_empty() {
        return format!("{place}  = help: {}\n", help.replace('\n', "\n          "));
    }
    // In line with the bar that the snippet draws.
    let margin = " ".repeat(line.to_string().len());
    // Lines to write go below the first.
    let help = help.replace('\n', &format!("\n{margin}         "));
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
    let long = source.text.get(whole.clone()).is_some_and(|line| line.chars().nth(SHOWN).is_some());
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
    use crate::diagnostic::{Edit, Help, MAX_IN_FILE, Report, Rule, Severity, Source, WhenPublished};
    use std::sync::Arc;

    static RULE: Rule =
        Rule { name: "a-rule", severity: Severity::Error, when_published: WhenPublished::Same, about: "" };

    fn report(text: &str, needle: &str) -> Report {
        let source = Arc::new(Source::new("content/es/ui.toml", text));
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
    fn an_exact_help_is_a_change_for_programs_too() {
        let source = Arc::new(Source::new("a.toml", "a = 1\nb = yes\n"));
        let mut report = Report::default();
        report.add(&RULE, &source, 10..13, "wrong", Help::value(Edit::new(&source, 10..13, "true"), "b"));
        let finding = &report.value()["findings"][0];
        assert_eq!(finding["help"], "write b = true");
        let place = serde_json::json!([{ "path": "a.toml", "line": 2, "column": 5, "end_line": 2, "end_column": 8, "text": "true" }]);
        assert_eq!(finding["fix"], place);
        report.add(&RULE, &source, 0..1, "wrong", "advice");
        assert!(report.value()["findings"][0].get("fix").is_none(), "advice has none");
    }

    #[test]
    fn github_commands_are_escaped() {
        let source = Arc::new(Source::new("a,b:c.toml", "x"));
        let mut report = Report::default();
        report.add(&RULE, &source, 0..1, "100 % wrong", "one\ntwo");
        assert_eq!(
            report.github(),
            "::error file=a%2Cb%3Ac.toml,line=1,col=1,endLine=1,title=a-rule::100 %25 wrong%0Ahelp: one%0Atwo\n"
        );
    }

    #[test]
    fn what_is_not_shown_is_counted_behind_what_is() {
        let text = "x\n".repeat(MAX_IN_FILE + 3);
        let (many, other) = (Arc::new(Source::new("a.toml", text)), Arc::new(Source::new("b.toml", "x")));
        let mut report = Report::default();
        for line in 0..MAX_IN_FILE + 3 {
            report.add(&RULE, &many, line * 2..line * 2 + 1, "this is wrong", "write it right");
        }
        report.add(&RULE, &other, 0..1, "this is wrong", "write it right");
        let text = report.text();
        assert_eq!(text.matches("this is wrong").count(), MAX_IN_FILE + 1);
        let (more, next) = (text.find("a.toml: and 3 more errors in this file\n"), text.find("b.toml:1:1"));
        assert!(more.is_some() && more < next, "{text}");
        let value = report.value();
        assert_eq!(value["errors"], MAX_IN_FILE + 4, "those that aren't listed count");
        assert_eq!(value["more"], serde_json::json!([{ "path": "a.toml", "errors": 3, "warnings": 0 }]));
        assert!(report.github().contains("title=more::and 3 more errors in this file"), "{}", report.github());
        assert!(
            report.findings_json().contains("and 3 more errors in this file"),
            "a preview shows the findings alone"
        );
    }
}
