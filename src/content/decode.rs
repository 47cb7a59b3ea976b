//! A serde deserializer over TOML's spanned tree that doesn't stop at the first mistake.
//!
//! serde's own error ends the reading. Here a mistake becomes a finding at its place, a placeholder takes the value's part, and
//! the reading goes on: so an editor sees everything at once. Where a placeholder was needed there is a finding of severity
//! error, and the shape is thrown away (see [`super::document::read`]).
//!
//! No library does this: `toml` stops at the first error, `serde_ignored` finds unknown keys only, and serde's internally tagged
//! enums lose the places of everything within (toml-rs/toml#535). What makes it small is that derived code hands over the names
//! it expects: the keys of a struct, the variants of an enum, the name of a [leaf].

mod access;
mod leaf;
mod misplaced;
mod offers;

use super::leaf::{Leaf, quoted};
use super::plain::Passage;
use super::{catalogue, limits};
use crate::diagnostic::{Edit, Help, Report, Rule, Severity, Source, did_you_mean, one_of};
use access::{LeafAccess, ListAccess, OneItem, SectionAccess, TableAccess};
use misplaced::Misplaced;
pub(super) use offers::truth;
use offers::{ADDRESS, HOURS, address, meant_choice};
use serde::de::value::Error;
use serde::de::{self, Deserializer, IntoDeserializer, Visitor};
use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The key that says which kind of section a table is.
const KIND: &str = "kind";

/// Reads a shape from a file's tree. `complete` is false where the file had syntax errors: then missing keys aren't reported, since they
/// may be in the part that could not be parsed.
pub(super) fn decode<T: de::DeserializeOwned>(
    tree: &Spanned<DeTable<'_>>,
    source: &Arc<Source>,
    complete: bool,
    report: &mut Report,
) -> (Option<T>, Vec<Passage>) {
    let context =
        Context { source, report: RefCell::new(report), passages: RefCell::default(), misplaced: RefCell::default() };
    let node = Node::Table { table: tree.get_ref(), span: 0..0, tagged: false };
    let decoder = Decoder { context: &context, node, key: "", report_missing: complete };
    let value = match T::deserialize(decoder) {
        Ok(value) => Some(value),
        // A shape that asks for something this deserializer has no placeholder for: a mistake in the program, reported like one in the file.
        Err(error) => {
            context.report(
                &catalogue::WRONG_TYPE,
                0..0,
                format!("this file can't be read: {error}"),
                "please report this",
            );
            None
        }
    };
    context.misplaced.take().report(tree.get_ref(), source, *context.report.borrow_mut());
    (value, context.passages.take())
}

struct Context<'t> {
    source: &'t Arc<Source>,
    report: RefCell<&'t mut Report>,
    /// The texts that visitors read, as they come by.
    passages: RefCell<Vec<Passage>>,
    /// Keys that are missing and keys that nobody knows: one that is both stands in the wrong part.
    misplaced: RefCell<Misplaced<'t>>,
}

impl Context<'_> {
    fn report(&self, rule: &'static Rule, span: Range<usize>, message: String, help: impl Into<Help>) {
        self.report.borrow_mut().add(rule, self.source, span, message, help);
    }

    /// Whether a rule was broken before in this file.
    fn has(&self, rule: &Rule) -> bool {
        self.report.borrow().sorted().iter().any(|finding| finding.rule == rule)
    }

    /// How many mistakes were found so far.
    fn mistakes(&self) -> usize {
        self.report.borrow().count(Severity::Error) + self.misplaced.borrow().len()
    }

    /// Like [`Context::report`], with words that take work to find.
    fn report_with<H: Into<Help>>(
        &self,
        rule: &'static Rule,
        span: &Range<usize>,
        words: impl FnOnce() -> (String, H),
    ) {
        self.report.borrow_mut().add_with(rule, self.source, span.start, || {
            let (message, help) = words();
            (span.clone(), message, help)
        });
    }
}

/// What is found where a value is wanted.
#[derive(Clone)]
enum Node<'t> {
    Value(&'t DeValue<'t>, Range<usize>),
    /// A table; `tagged` if its key `kind` has been read already.
    Table {
        table: &'t DeTable<'t>,
        span: Range<usize>,
        tagged: bool,
    },
    /// The key of a table with free names.
    Name(&'t str, Range<usize>),
    /// Nothing: the place of the table that lacks it.
    Missing(Range<usize>),
}

#[derive(Clone)]
struct Decoder<'t> {
    context: &'t Context<'t>,
    node: Node<'t>,
    /// The key the value belongs to, for messages.
    key: &'t str,
    report_missing: bool,
}

impl<'t> Decoder<'t> {
    fn of(&self, value: &'t Spanned<DeValue<'t>>, key: &'t str) -> Self {
        let node = match value.get_ref() {
            DeValue::Table(table) => Node::Table { table, span: value.span(), tagged: false },
            other => Node::Value(other, value.span()),
        };
        Self { context: self.context, node, key, report_missing: self.report_missing }
    }

    /// What the reading goes on with after a finding: nothing, without a word.
    fn silenced(&self) -> Self {
        Self { context: self.context, node: Node::Missing(0..0), key: self.key, report_missing: false }
    }

    fn report(&self, rule: &'static Rule, span: Range<usize>, message: String, help: impl Into<Help>) {
        self.context.report(rule, span, message, help);
    }

    /// A change of one place of the file.
    fn edit(&self, span: &Range<usize>, text: impl Into<String>) -> Edit {
        Edit::new(self.context.source, span.clone(), text)
    }

    /// The value, if it is text.
    fn text(&self) -> Option<&'t str> {
        match &self.node {
            Node::Value(DeValue::String(text), _) => Some(text.as_ref()),
            _ => None,
        }
    }

    /// The value as it is written, if it is one word without quotes.
    fn written(&self) -> Option<&'t str> {
        match &self.node {
            Node::Value(DeValue::Array(_) | DeValue::String(_), _) => None,
            Node::Value(_, span) => self.context.source.text.get(span.clone()),
            _ => None,
        }
    }

    /// Reports that a list or a group of keys has more entries than are read. `first` is the first that isn't.
    fn report_too_many(&self, first: Range<usize>, count: usize) {
        let (key, most) = (self.key, limits::MAX_ITEMS);
        let message = format!("`{key}` has {count} entries, and at most {most} are read");
        self.report(&catalogue::TOO_MANY, first, message, "take out those that the site doesn't need");
    }

    /// Reports that a value is missing or of the wrong type. `meant` is what was meant, where it can be told; otherwise there is an example.
    fn report_unfit(&self, wanted: &str, meant: Option<String>, example: &str) {
        let key = self.key;
        let (span, found) = match &self.node {
            Node::Missing(span) => {
                if self.report_missing {
                    self.context.misplaced.borrow_mut().missing(span, key, example);
                }
                return;
            }
            Node::Value(value, span) => (span, type_name(value)),
            Node::Table { span, .. } | Node::Name(_, span) => (span, "a group of keys"),
        };
        let help = match meant {
            Some(meant) => Help::value(self.edit(span, meant), key),
            None => format!("write it like {key} = {example}").into(),
        };
        self.report(&catalogue::WRONG_TYPE, span.clone(), format!("`{key}` must be {wanted}, not {found}"), help);
    }
}

fn type_name(value: &DeValue<'_>) -> &'static str {
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

impl<'de> Deserializer<'de> for Decoder<'de> {
    type Error = Error;

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node {
            Node::Missing(_) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Node::Value(DeValue::Boolean(value), _) = &self.node {
            return visitor.visit_bool(*value);
        }
        let meant = self.text().and_then(|text| truth(text.trim()));
        self.report_unfit("true or false", meant.map(str::to_owned), "true");
        visitor.visit_bool(false)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Node::Value(DeValue::Integer(value), span) = &self.node {
            let parsed = if value.radix() == 10 { value.as_str().parse::<u16>().ok() } else { None };
            if parsed.is_none() {
                let help = format!("write a whole number from 0 to {}", u16::MAX);
                self.report(&catalogue::WRONG_TYPE, span.clone(), format!("`{}` is out of range", self.key), help);
            }
            return visitor.visit_u16(parsed.unwrap_or_default());
        }
        let meant = self.text().filter(|text| text.trim().parse::<u16>().is_ok()).map(|text| text.trim().to_owned());
        self.report_unfit("a whole number without quotes", meant, "10");
        visitor.visit_u16(0)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        // A leaf that is not in the table would not be checked.
        let leaf = Leaf::from_name(name).ok_or_else(|| de::Error::custom(format!("`{name}` is no leaf")))?;
        let (span, text) = self.leaf(leaf);
        visitor.visit_seq(LeafAccess { next: 0, span, text })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Node::Value(DeValue::Array(items), span) = &self.node {
            if items.is_empty() {
                let (message, help) = (
                    format!("the list `{}` is empty", self.key),
                    "add an item, or take the key out if it is optional".to_owned(),
                );
                self.report(&catalogue::EMPTY_LIST, span.clone(), message, help);
            }
            if let Some(item) = items.get(limits::MAX_ITEMS) {
                self.report_too_many(item.span(), items.len());
            }
            return visitor.visit_seq(ListAccess { items, next: 0, decoder: self });
        }
        let (span, found) = match &self.node {
            Node::Missing(_) => {
                self.report_unfit("a list", None, "[\"…\", \"…\"], or items that each start with [[…]]");
                return visitor.visit_seq(de::value::SeqDeserializer::new(std::iter::empty::<&str>()));
            }
            Node::Value(value, span) => (span.clone(), type_name(value)),
            Node::Table { span, .. } | Node::Name(_, span) => (span.clone(), "a group of keys"),
        };
        let written = self.context.source.text.get(span.clone()).unwrap_or_default();
        if let Some(header) = Some(written).filter(|written| written.starts_with('[')) {
            let message = format!("`{}` is a list, so its items are written with two brackets", self.key);
            let help = Help::write(self.edit(&span, format!("[{header}]")));
            self.report(&catalogue::WRONG_TYPE, span, message, help);
            return visitor.visit_seq(de::value::SeqDeserializer::new(std::iter::empty::<&str>()));
        }
        // What stands there is read as the only item. If it is none, that is what is wrong.
        let before = self.context.mistakes();
        let (context, key) = (self.context, self.key);
        let value = visitor.visit_seq(OneItem { item: Some(self) });
        if context.mistakes() == before {
            let help = Help::value(Edit::new(context.source, span.clone(), format!("[{written}]")), key);
            context.report(&catalogue::WRONG_TYPE, span, format!("`{key}` must be a list, not {found}"), help);
        }
        value
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Node::Table { table, .. } = &self.node else {
            self.report_unfit("a group of keys", None, "{ … }, or start it with a line in brackets");
            return visitor.visit_map(de::value::MapDeserializer::new(std::iter::empty::<(&str, &str)>()));
        };
        let entry = |(key, value): (&'de Spanned<_>, _)| (Cow::as_ref(key.get_ref()), key.span(), Some(value));
        if let Some((key, _)) = table.iter().nth(limits::MAX_ITEMS) {
            self.report_too_many(key.span(), table.len());
        }
        let entries = table.iter().take(limits::MAX_ITEMS).map(entry).collect();
        let parent = self.node.clone();
        visitor.visit_map(TableAccess { entries, next: 0, parent, decoder: self, free_names: true })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Node::Table { table, tagged, .. } = self.node else {
            let silenced = self.silenced();
            let first = fields.first().copied().unwrap_or_default();
            let (meant, example) = match first {
                "days" => (None, HOURS.to_owned()),
                "street" => (self.text().and_then(address), ADDRESS.to_owned()),
                _ => (None, format!("{{ {first} = … }}, or start it with a line in brackets: [{}]", self.key)),
            };
            self.report_unfit("a group of keys", meant, &example);
            let entries = fields.iter().map(|&field| (field, 0..0, None)).collect();
            return visitor.visit_map(TableAccess {
                entries,
                next: 0,
                parent: Node::Missing(0..0),
                decoder: silenced,
                free_names: false,
            });
        };
        if self.key.is_empty() {
            self.context.misplaced.borrow_mut().set_top(fields);
        }
        let find = |field: &str| table.iter().find(|(key, _)| key.get_ref() == field).map(|(_, value)| value);
        let mut entries: Vec<_> = fields.iter().map(|&field| (field, 0..0, find(field))).collect();
        for (key, value) in table {
            let name: &str = key.get_ref();
            if fields.contains(&name) || (tagged && name == KIND) {
                continue;
            }
            let meant = did_you_mean(name, fields.iter().copied());
            self.context.misplaced.borrow_mut().unknown(name, key.span(), meant, fields);
            // The reading goes on with what was meant, so that its value is checked too and isn't reported as missing.
            let lacking = entries.iter_mut().find(|(field, _, found)| meant == Some(*field) && found.is_none());
            if let Some(entry) = lacking {
                entry.2 = Some(value);
            }
        }
        visitor.visit_map(TableAccess { entries, next: 0, parent: self.node.clone(), decoder: self, free_names: false })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let placeholder = variants.first().copied().unwrap_or_default();
        match &self.node {
            Node::Value(DeValue::String(text), span) => {
                let known = self.choice(text, span, variants);
                visitor.visit_enum(known.unwrap_or(placeholder).into_deserializer())
            }
            Node::Table { table, span, .. } => {
                let kind = table.iter().find(|(key, _)| key.get_ref() == KIND).map(|(_, value)| value);
                let variant = match kind.map(|kind| (kind.get_ref(), kind.span())) {
                    Some((DeValue::String(text), span)) => self.choice(text, &span, variants),
                    other => {
                        let (node, report_missing) = match other {
                            Some((value, span)) => (Node::Value(value, span), true),
                            None => (Node::Missing(span.clone()), self.report_missing),
                        };
                        let example = format!("\"…\", one of {}", one_of(variants));
                        Self { node, key: KIND, report_missing, ..self }.report_unfit("text in quotes", None, &example);
                        None
                    }
                };
                let (variant, decoder) = match variant {
                    Some(variant) => (
                        variant,
                        Self { node: Node::Table { table, span: span.clone(), tagged: true }, ..self.clone() },
                    ),
                    None => (placeholder, self.silenced()),
                };
                visitor.visit_enum(SectionAccess { variant, decoder })
            }
            _ => {
                self.report_unfit("text in quotes", None, &format!("\"…\", one of {}", one_of(variants)));
                visitor.visit_enum(SectionAccess { variant: placeholder, decoder: self.silenced() })
            }
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom(format!("`{}` has a shape that the program can't read", self.key)))
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct
        tuple identifier ignored_any
    }
}

impl Decoder<'_> {
    /// The variant that a text names, or a finding.
    fn choice(&self, text: &str, span: &Range<usize>, variants: &'static [&'static str]) -> Option<&'static str> {
        let found = variants.iter().copied().find(|variant| *variant == text);
        if found.is_none() {
            self.context.report_with(&catalogue::UNKNOWN_CHOICE, span, || {
                let all = format!("it can be {}", one_of(variants));
                let help = match meant_choice(text, variants) {
                    Some(known) => {
                        let edit = self.edit(span, quoted(known));
                        Help::exact(edit, |known| format!("did you mean {known}? I{}", all.trim_start_matches('i')))
                    }
                    None => all.into(),
                };
                (format!("\"{text}\" is not a choice for `{}`", if self.is_table() { KIND } else { self.key }), help)
            });
        }
        found
    }

    fn is_table(&self) -> bool {
        matches!(self.node, Node::Table { .. })
    }
}
