//! `clinic-site check --explain`: what the rules ask, why, and how to mend what breaks them.

use super::{Failure, Outcome, print};
use crate::config::Format;
use crate::content::catalogue::RULES;
use crate::content::explain::{Explanation, explain};
use crate::diagnostic::{Rule, did_you_mean};
use std::fmt::Write as _;

/// Explains one rule, or `all`; lists them where there is no name.
pub(super) fn run(name: &str, format: Format) -> Result<Outcome, Failure> {
    let rules: Vec<&Rule> = match name {
        "" | "all" => RULES.to_vec(),
        name => vec![find(name)?],
    };
    let explained: Vec<(&Rule, Explanation)> =
        rules.into_iter().map(|rule| (rule, explain(rule).unwrap_or_default())).collect();
    print(&match format {
        Format::Json => json(&explained),
        _ if name.is_empty() => list(&explained),
        _ => explained.iter().map(|(rule, explanation)| text(rule, explanation)).collect::<Vec<_>>().join("\n"),
    })?;
    Ok(Outcome::Good)
}

fn find(name: &str) -> Result<&'static Rule, Failure> {
    RULES.iter().copied().find(|rule| rule.name == name).ok_or_else(|| {
        let help = match did_you_mean(name, RULES.iter().map(|rule| rule.name)) {
            Some(known) => format!("did you mean {known}?"),
            None => "clinic-site check --explain lists the rules".to_owned(),
        };
        Failure::new(format!("there is no rule `{name}`")).help(help)
    })
}

fn list(explained: &[(&Rule, Explanation)]) -> String {
    let widest = explained.iter().map(|(rule, _)| rule.name.len()).max().unwrap_or_default();
    explained.iter().fold(String::new(), |mut out, (rule, _)| {
        let _ = writeln!(out, "{:<widest$}  {:<7}  {}", rule.name, rule.severity.word(), rule.about);
        out
    })
}

fn text(rule: &Rule, Explanation { why, broken, mended }: &Explanation) -> String {
    let indented = |lines: &str| lines.trim_end().lines().fold(String::new(), |out, line| format!("{out}    {line}\n"));
    format!(
        "{} ({})\n{}\n\n{}\n\nFor example:\n{}\nMended:\n{}",
        rule.name,
        rule.severity.word(),
        rule.about,
        why.trim_end(),
        indented(broken),
        indented(mended)
    )
}

fn json(explained: &[(&Rule, Explanation)]) -> String {
    let rules: Vec<_> = explained
        .iter()
        .map(|(rule, explanation)| {
            serde_json::json!({
                "rule": rule.name,
                "severity": rule.severity,
                "about": rule.about,
                "why": explanation.why.trim_end(),
                "broken": explanation.broken.trim_end(),
                "mended": explanation.mended.trim_end(),
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::from(rules))
}
