//! Leaves: a single value, checked by the rule of its type and noted if visitors read its words.

use super::{Decoder, Node};
use crate::content::catalogue::{self, Problem};
use crate::content::leaf::{self, Leaf};
use crate::content::meant;
use crate::content::plain::Passage;
use crate::content::text::typed;
use crate::content::written::Written;
use crate::diagnostic::{Edit, Help, Rule};
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
        if is(&[&catalogue::MALFORMED, &catalogue::BAD_DATE, &catalogue::UNKNOWN_ZONE]) {
            text.clear();
        } else if is(&[&catalogue::NESTING]) || text.len() > leaf::MAX_COPY && is(&[&catalogue::LENGTH]) {
            parsed = false;
            UNPARSED.clone_into(&mut text);
        }
        let written = (!problems.is_empty()).then(|| Written::read(&self.context.source.text, &span));
        let written = written.filter(|written| written.value == value);
        let edits: Vec<_> =
            problems.iter().map(|problem| self.mend(leaf, written.as_ref()?, &problems, problem)).collect();
        for (problem, edit) in problems.into_iter().zip(edits) {
            // An encoding that was reported garbles every word with a letter of its own.
            if problem.rule == &catalogue::GARBLED_TEXT && self.context.has(&catalogue::NOT_UTF8) {
                continue;
            }
            let source = self.context.source;
            let place = match (&written, &problem.part) {
                (Some(written), Some(part)) => written.places.locate(part),
                _ => source.locate(&span, &problem.needle),
            };
            // A part of the value that is written with escapes is not found in the file.
            let found = problem.needle.is_empty() || source.text.get(place.clone()) == Some(problem.needle.as_str());
            let help = match (problem.instead.filter(|_| found), edit.zip(problem.mend)) {
                (Some(text), _) => Help::all(vec![Edit::new(source, place.clone(), text)], problem.help),
                (None, Some((edit, mend))) => Help::exact(edit, |text| mend.words(text)),
                (None, None) => problem.help.into(),
            };
            self.report(problem.rule, place, problem.message, help);
        }
        let joined = typed::joined(self.context.source.text.get(span.clone()).unwrap_or_default());
        for (place, write) in joined {
            let place = span.start + place.start..span.start + place.end;
            let message = "the backslash at the end of this line joins its last word to the next one";
            let help = Help::exact(Edit::new(self.context.source, place.clone(), write), |word| {
                format!("write `{word}`, with a space before the backslash; or an empty line for a new paragraph")
            });
            self.report(&catalogue::JOINED_WORDS, place, message.into(), help);
        }
        if let Some(reading) = leaf.reading().filter(|_| parsed) {
            self.context.passages.borrow_mut().push(Passage { span: span.clone(), reading });
        }
        (span, text)
    }

    /// The change that mends a problem. Nothing where the quotes can't hold it, or where the value would not be right then: what else is wrong
    /// with that part is mended first.
    fn mend(&self, leaf: Leaf, written: &Written<'_>, problems: &[Problem], problem: &Problem) -> Option<Edit> {
        let (mend, part) = (problem.mend.as_ref()?, problem.part.as_ref()?);
        if !self.context.report.borrow().has_room(problem.rule, self.context.source) {
            return None;
        }
        let mended = [written.value.get(..part.start)?, &mend.text, written.value.get(part.end..)?].concat();
        let after = leaf::check(leaf, self.key, &mended);
        let key = |problem: &Problem| (problem.rule.name, problem.message.clone(), problem.needle.clone());
        let before: Vec<_> = problems.iter().map(key).collect();
        let works = after.len() < problems.len() && after.iter().all(|other| before.contains(&key(other)));
        let text = written.write(&mend.text).filter(|_| works)?;
        Some(Edit::new(self.context.source, written.places.locate(part), text))
    }

    /// What was written without quotes as the leaf asks for it, if it can be that.
    fn fitting(&self, leaf: Leaf, written: &str) -> Option<String> {
        match leaf::check(leaf, self.key, written).into_iter().next() {
            None => Some(leaf::quoted(written)),
            Some(problem) => problem.instead,
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
                let written = self.text().or_else(|| self.written()).unwrap_or_default();
                let such_as = |day| format!("write year-month-day without quotes, such as {} = {day}", self.key);
                let help = match meant::date(written, moment, self.context.today) {
                    Some(date) => {
                        let edit = Edit::new(self.context.source, span.clone(), date);
                        Help::exact(edit, |date| format!("write year-month-day without quotes: {} = {date}", self.key))
                    }
                    None => such_as(meant::example(self.key, self.context.today)).into(),
                };
                self.report(&catalogue::BAD_DATE, span.clone(), format!("`{}` is not a date", self.key), help);
                Some((span.clone(), String::new()))
            }
            _ if leaf.is_date() => {
                let own = self.written().and_then(|written| meant::date(written, moment, self.context.today));
                self.report_unfit("a date", own, &meant::example(self.key, self.context.today).to_string());
                None
            }
            _ => {
                let own = self.written().and_then(|written| self.fitting(leaf, written));
                self.report_unfit("text in quotes", own, "\"…\"");
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
