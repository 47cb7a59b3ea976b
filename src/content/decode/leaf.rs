//! Leaves: a single value, checked by the rule of its type and noted if visitors read its words.

use super::{Decoder, Node};
use crate::content::catalogue::{self, Problem};
use crate::content::leaf::{self, Leaf};
use crate::content::plain::Passage;
use crate::content::text::typed;
use crate::diagnostic::Rule;
use std::ops::Range;
use toml::de::DeValue;

/// Takes the place of copy that isn't parsed: some words, as it isn't empty.
const UNPARSED: &str = "…";

impl Decoder<'_> {
    /// The text of a leaf and its place, or a placeholder after a finding.
    pub(super) fn leaf(&self, leaf: Leaf) -> (Range<usize>, String) {
        let Some((span, mut text)) = self.leaf_text(leaf) else { return (0..0, String::new()) };
        if leaf.is_date() && text.is_empty() {
            return (span, text);
        }
        let problems = leaf::check(leaf, self.key, &text);
        let value = if problems.is_empty() { String::new() } else { text.clone() };
        let is = |rules: &[&Rule]| problems.iter().any(|problem| rules.contains(&problem.rule));
        let mut parsed = true;
        // No rule could go on with what does not have the form of its type, or is too long or too deep to be parsed.
        if is(&[&catalogue::MALFORMED, &catalogue::BAD_DATE]) {
            text.clear();
        } else if is(&[&catalogue::NESTING]) || text.len() > leaf::MAX_COPY && is(&[&catalogue::LENGTH]) {
            parsed = false;
            UNPARSED.clone_into(&mut text);
        }
        for problem in problems {
            // An encoding that was reported garbles every word with a letter of its own.
            if problem.rule == &catalogue::GARBLED_TEXT && self.context.has(&catalogue::NOT_UTF8) {
                continue;
            }
            let span = self.place(&span, &value, &problem);
            self.report(problem.rule, span, problem.message, problem.help);
        }
        if let Some((place, help)) = typed::joined(self.context.source.text.get(span.clone()).unwrap_or_default()) {
            let message = "the backslash at the end of this line joins its last word to the next one";
            self.report(
                &catalogue::JOINED_WORDS,
                span.start + place.start..span.start + place.end,
                message.into(),
                help,
            );
        }
        if let Some(reading) = leaf.reading().filter(|_| parsed) {
            self.context.passages.borrow_mut().push(Passage { span: span.clone(), reading });
        }
        (span, text)
    }

    /// The place of a problem in the file: that in the value, unless escapes or line ends make the value another than what is written.
    fn place(&self, span: &Range<usize>, value: &str, problem: &Problem) -> Range<usize> {
        let written = self.context.source.text.get(span.clone()).and_then(|written| written.find(value));
        match (&problem.part, written.filter(|_| !value.is_empty())) {
            (Some(part), Some(at)) => span.start + at + part.start..span.start + at + part.end,
            _ => self.context.source.locate(span, &problem.needle),
        }
    }

    /// The text as it is written, empty after a finding; nothing where there is no value with a place.
    fn leaf_text(&self, leaf: Leaf) -> Option<(Range<usize>, String)> {
        let moment = leaf == Leaf::Moment;
        match &self.node {
            Node::Value(DeValue::String(text), span) if !leaf.is_date() => Some((span.clone(), text.to_string())),
            Node::Name(text, span) => Some((span.clone(), (*text).to_owned())),
            Node::Value(DeValue::Datetime(date), span)
                if leaf.is_date()
                    && date.date.is_some()
                    && date.offset.is_none()
                    && (moment || date.time.is_none()) =>
            {
                Some((span.clone(), date.to_string()))
            }
            Node::Value(DeValue::String(_) | DeValue::Datetime(_), span) if leaf.is_date() => {
                let own = self.text().filter(|text| text.parse::<jiff::civil::Date>().is_ok());
                let without =
                    if moment { "without quotes and without a time zone" } else { "without quotes and without a time" };
                let (message, help) = (
                    format!("`{}` is not a date", self.key),
                    format!("write year-month-day {without}: {} = {}", self.key, own.unwrap_or("2026-11-23")),
                );
                self.report(&catalogue::BAD_DATE, span.clone(), message, help);
                Some((span.clone(), String::new()))
            }
            _ if leaf.is_date() => {
                self.report_unfit("a date", "2026-11-23");
                None
            }
            _ => {
                let own = self.written().map(|written| format!("\"{written}\""));
                self.report_unfit("text in quotes", own.as_deref().unwrap_or("\"…\""));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::content::parse;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is only read")]
    struct Unknown(usize, usize, String);

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is only read")]
    struct Shape {
        key: Unknown,
    }

    #[test]
    fn a_leaf_that_is_not_in_the_table_is_an_error() {
        let report = parse::<Shape>("key = \"text\"\n").unwrap_err();
        assert!(report.text().contains("`Unknown` is no leaf"), "{}", report.text());
    }
}
