//! Values that are not there, or are not of the shape that their key asks for.

use super::access::TableAccess;
use super::offers::{ADDRESS, HOURS, address};
use super::{Decoder, Node};
use crate::content::catalogue;
use crate::diagnostic::{Edit, Help, did_you_mean};
use serde::de::Visitor;
use serde::de::value::Error;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(super) fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a group of keys",
    }
}

impl<'t> Decoder<'t> {
    /// The name of the part that the value is, as it is written in brackets: `sections.items`.
    pub(super) fn part(&self) -> String {
        if self.above.is_empty() { self.key.to_owned() } else { format!("{}.{}", self.above, self.key) }
    }

    /// Where the value is and what it is; nothing where it is missing, which is noted with the lines to add.
    fn found(&self, lines: impl FnOnce() -> String) -> Option<(Range<usize>, &'static str)> {
        match &self.node {
            Node::Missing(span) => {
                if self.report_missing {
                    self.context.misplaced.borrow_mut().missing(span, self.key, lines());
                }
                None
            }
            Node::Value(value, span) => Some((span.clone(), type_name(value))),
            Node::Table { span, .. } | Node::Name(_, span) => Some((span.clone(), "a group of keys")),
        }
    }

    /// Reports that a value is missing or of the wrong type. `meant` is what was meant, where that is clear; otherwise there is an example.
    pub(super) fn report_unfit(&self, wanted: &str, meant: Option<String>, example: &str) {
        let key = self.key;
        let is_item = |value: &str| self.list.is_some() && !value.starts_with('[');
        let in_list = |value: &str| {
            let (own, more) = value.split_at(value.find(", one of").unwrap_or(value.len()));
            if is_item(value) { format!("[{own}]{more}") } else { value.to_owned() }
        };
        let lines = || format!("{key} = {}", self.whole(&in_list(example)));
        let Some((span, found)) = self.found(lines) else { return };
        let before = self.context.source.text.get(..span.start).unwrap_or_default();
        let help = match meant.or_else(|| self.only_text(wanted)) {
            // What comes right after the key is the list itself.
            Some(meant) if self.list.is_some() && !before.trim_end().ends_with('=') => {
                Help::write(Edit::new(self.context.source, span.clone(), meant)).then(" in its place in the list")
            }
            Some(meant) => Help::value(self.edit(&span, &in_list(&meant)), key),
            None => format!("write it like {key} = {}", self.whole(&in_list(example))).into(),
        };
        self.report(&catalogue::WRONG_TYPE, span, format!("`{key}` must be {wanted}, not {found}"), help);
    }

    /// The text in a list that has nothing else, where a text is wanted.
    fn only_text(&self, wanted: &str) -> Option<String> {
        let Node::Value(DeValue::Array(items), _) = &self.node else { return None };
        let item = items.first().filter(|item| items.len() == 1 && matches!(item.get_ref(), DeValue::String(_)))?;
        let written = self.context.source.text.get(item.span())?;
        (wanted == "text in quotes").then(|| written.to_owned())
    }

    /// The same of a group of keys. `inside` is how its keys begin, `example` the whole group on one line.
    pub(super) fn report_no_group(&self, inside: &str, meant: Option<String>, example: &str) {
        let (key, part) = (self.key, self.part());
        if let Some(list) = &self.list {
            let lines = format!("[[{part}]]\n{inside}");
            let Some((_, found)) = self.found(|| lines.clone()) else { return };
            let message = format!("each of `{key}` must be a group of keys, not {found}");
            let help = format!("write each below a line of its own:\n{lines}");
            return self.report(&catalogue::WRONG_TYPE, list.clone(), message, help);
        }
        let words = format!("{example}, or start it with a line in brackets: [{part}]");
        let Some((span, _)) = self.found(|| format!("{key} = {words}")) else { return };
        let written = self.context.source.text.get(span.clone()).unwrap_or_default();
        let header = written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let (Node::Value(DeValue::Array(items), _), Some(header)) =
            (&self.node, header.filter(|it| it.starts_with('[')))
        {
            let message = format!("`{part}` is one group of keys, so its line has one pair of brackets");
            let help = match items.len() {
                1 => Help::write(Edit::new(self.context.source, span.clone(), header)),
                _ => format!("keep one of them, below the line {header}").into(),
            };
            return self.report(&catalogue::WRONG_TYPE, span, message, help);
        }
        self.report_unfit("a group of keys", meant, &words);
    }

    /// Reports the keys of a fact's value that are among those of the fact. Returns whether there are any.
    pub(super) fn report_loose_value(&self, table: &'t DeTable<'t>, fields: &[&str]) -> bool {
        let is_other = |key: &str| !fields.contains(&key) && did_you_mean(key, fields.iter().copied()).is_none();
        let mut loose: Vec<_> = table.iter().filter(|(key, _)| is_other(key.get_ref())).collect();
        if loose.len() < 2
            || table.contains_key("value")
            || loose.iter().any(|(_, value)| matches!(value.get_ref(), DeValue::Table(_)))
        {
            return false;
        }
        loose.sort_by_key(|(key, _)| key.span().start);
        let source = self.context.source;
        let pair = |(key, value): &(&Spanned<_>, &Spanned<_>)| {
            let name: &str = std::borrow::Cow::as_ref(Spanned::<std::borrow::Cow<'_, str>>::get_ref(key));
            format!("{name} = {}", source.text.get(Spanned::<DeValue<'_>>::span(value)).unwrap_or_default())
        };
        let line = format!("value = {{ {} }}", loose.iter().map(pair).collect::<Vec<_>>().join(", "));
        let span = loose.first().map_or(0..0, |(key, _)| key.span());
        let message = format!("these keys are those of the value of `{}`, which is one group", self.key);
        self.report(&catalogue::UNKNOWN_KEY, span, message, format!("write them on one line: {line}"));
        true
    }

    /// Reads what is in the place of a group of keys. Where that is a fact, it is read as the fact's value.
    pub(super) fn not_a_group<V: Visitor<'t>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let first = fields.first().copied().unwrap_or_default();
        let written = match &self.node {
            Node::Value(_, span) => self.context.source.text.get(span.clone()).filter(|it| !it.starts_with("[[")),
            _ => None,
        };
        let (context, before) = (self.context, self.context.mistakes());
        let fact = written.filter(|_| first == "value").map(|written| (written, self.clone()));
        if fact.is_none() {
            match first {
                "days" => self.report_unfit("a group of keys", None, HOURS),
                "street" => self.report_unfit("a group of keys", self.text().and_then(address), ADDRESS),
                "on" => self.report_no_group("on = 2026-12-25", None, "{ on = 2026-12-25 }"),
                _ => self.report_no_group(&format!("{first} = \"…\""), None, &format!("{{ {first} = … }}")),
            }
        }
        let value = visitor.visit_map(TableAccess {
            entries: fields.iter().map(|&field| (field, 0..0, None)).collect(),
            next: 0,
            parent: Node::Missing(0..0),
            decoder: self.silenced(),
            free_names: false,
            fact: fact.as_ref().map(|(_, fact)| Self { is_fact: true, ..fact.clone() }),
        });
        if let (Some((written, fact)), Node::Value(found, span)) = (fact, &self.node)
            && context.mistakes() == before
        {
            let edit = Edit::new(context.source, span.clone(), format!("{{ value = {written} }}"));
            let message = format!("`{}` must be a group of keys, not {}", fact.key, type_name(found));
            context.report(&catalogue::WRONG_TYPE, span.clone(), message, Help::value(edit, fact.key));
        }
        value
    }
}
