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
mod choice;
mod leaf;
mod misplaced;
mod offers;
mod unfit;

use super::leaf::Leaf;
use super::plain::Passage;
use super::{catalogue, limits};
use crate::diagnostic::{Edit, Help, Report, Rule, Severity, Source, did_you_mean};
use access::{LeafAccess, ListAccess, OneItem, TableAccess};
use choice::ChoiceAccess;
use jiff::civil::Date;
use misplaced::Misplaced;
pub(super) use misplaced::headers;
pub(super) use offers::truth;
use serde::de::value::Error;
use serde::de::{self, Deserializer, Visitor};
use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The key that says which kind of section a table is.
const KIND: &str = "kind";

/// What is a list of groups wherever it is, but for the small words: each item begins with its name in two pairs of brackets.
pub(super) const PARTS: [&str; 12] = [
    "sections",
    "sections.items",
    "notices",
    "objectives",
    "redirects",
    "words",
    "help_lines",
    "exceptions",
    "languages",
    "locations",
    "locations.exceptions",
    "sections.rows",
];

/// Reads a shape from a file's tree. `complete` is false where the file had syntax errors: then missing keys aren't reported, since they
/// may be in the part that could not be parsed.
pub(super) fn decode<T: de::DeserializeOwned>(
    tree: &Spanned<DeTable<'_>>,
    source: &Arc<Source>,
    complete: bool,
    today: Option<Date>,
    report: &mut Report,
) -> (Option<T>, Vec<Passage>) {
    let context = Context {
        source,
        today,
        report: RefCell::new(report),
        passages: RefCell::default(),
        misplaced: RefCell::default(),
    };
    let node = Node::Table { table: tree.get_ref(), span: 0..0, tagged: false };
    let decoder =
        Decoder { context: &context, node, key: "", above: "", list: None, is_fact: false, report_missing: complete };
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
    today: Option<Date>,
    report: RefCell<&'t mut Report>,
    /// The texts that visitors read, as they come by.
    passages: RefCell<Vec<Passage>>,
    /// Keys that are missing and keys that nobody knows: one that is both is in the wrong part.
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
    /// The key of the group that it is in.
    above: &'t str,
    /// On an item of a list: the place of the list, or of the item among others.
    list: Option<Range<usize>>,
    /// Whether it is in the place of a fact, whose `value` it is to be.
    is_fact: bool,
    report_missing: bool,
}

impl<'t> Decoder<'t> {
    /// The decoder of a value in this one.
    fn child(&self, value: &'t Spanned<DeValue<'t>>, key: &'t str) -> Self {
        let node = match value.get_ref() {
            DeValue::Table(table) => Node::Table { table, span: value.span(), tagged: false },
            other => Node::Value(other, value.span()),
        };
        Self { node, key, list: None, is_fact: false, ..self.clone() }
    }

    /// What the reading goes on with after a finding: nothing, without a word.
    fn silenced(&self) -> Self {
        Self { node: Node::Missing(0..0), report_missing: false, ..self.clone() }
    }

    /// The same as an item of a list.
    fn in_list(&self, place: Range<usize>) -> Self {
        Self { list: Some(place), ..self.clone() }
    }

    fn report(&self, rule: &'static Rule, span: Range<usize>, message: String, help: impl Into<Help>) {
        self.context.report(rule, span, message, help);
    }

    /// Another text for the whole value.
    fn edit(&self, span: &Range<usize>, text: &str) -> Edit {
        Edit::new(self.context.source, span.clone(), self.whole(text))
    }

    /// A value as its key is to have it.
    fn whole(&self, value: &str) -> String {
        if self.is_fact { format!("{{ value = {value} }}") } else { value.to_owned() }
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
        let typed = self.text().or_else(|| self.written()).map(|typed| typed.trim().trim_end_matches(".0"));
        let meant = typed.filter(|typed| typed.parse::<u16>().is_ok()).map(str::to_owned);
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
            let has_groups = items.iter().any(|item| matches!(item.get_ref(), DeValue::Table(_)));
            let place = (!has_groups).then(|| span.clone());
            return visitor.visit_seq(ListAccess { items, next: 0, decoder: self, place });
        }
        let (span, found) = match &self.node {
            // An item that isn't there says what items there are.
            Node::Missing(span) if self.report_missing => {
                return visitor.visit_seq(OneItem { item: Some(self.in_list(span.clone())) });
            }
            Node::Missing(_) => {
                return visitor.visit_seq(de::value::SeqDeserializer::new(std::iter::empty::<&str>()));
            }
            Node::Value(value, span) => (span.clone(), unfit::type_name(value)),
            Node::Table { span, .. } | Node::Name(_, span) => (span.clone(), "a group of keys"),
        };
        let written = self.context.source.text.get(span.clone()).unwrap_or_default();
        if let Some(header) = Some(written).filter(|written| written.starts_with('[')) {
            let message = format!("`{}` is a list, so its items are written with two brackets", self.part());
            let help = Help::write(Edit::new(self.context.source, span.clone(), format!("[{header}]")));
            self.report(&catalogue::WRONG_TYPE, span, message, help);
            return visitor.visit_seq(de::value::SeqDeserializer::new(std::iter::empty::<&str>()));
        }
        // What is there is read as the only item. If it is none, that is what is wrong.
        let before = self.context.mistakes();
        let (context, key) = (self.context, self.key);
        let list = self.whole(&format!("[{written}]"));
        let value = visitor.visit_seq(OneItem { item: Some(self.in_list(span.clone())) });
        if context.mistakes() == before {
            let help = Help::value(Edit::new(context.source, span.clone(), list), key);
            context.report(&catalogue::WRONG_TYPE, span, format!("`{key}` must be a list, not {found}"), help);
        }
        value
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Node::Table { table, .. } = &self.node else {
            self.report_no_group("", None, "{ … }");
            return visitor.visit_map(de::value::MapDeserializer::new(std::iter::empty::<(&str, &str)>()));
        };
        let entry = |(key, value): (&'de Spanned<_>, _)| (Cow::as_ref(key.get_ref()), key.span(), Some(value));
        if let Some((key, _)) = table.iter().nth(limits::MAX_ITEMS) {
            self.report_too_many(key.span(), table.len());
        }
        let entries = table.iter().take(limits::MAX_ITEMS).map(entry).collect();
        let parent = self.node.clone();
        visitor.visit_map(TableAccess { entries, next: 0, parent, decoder: self, free_names: true, fact: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Node::Table { table, tagged, .. } = self.node else { return self.not_a_group(fields, visitor) };
        if self.key.is_empty() {
            self.context.misplaced.borrow_mut().set_top(fields);
        }
        if fields.first() == Some(&"value") && self.report_loose_value(table, fields) {
            return visitor.visit_map(TableAccess {
                entries: fields.iter().map(|&field| (field, 0..0, None)).collect(),
                next: 0,
                parent: Node::Missing(0..0),
                decoder: self.silenced(),
                free_names: false,
                fact: None,
            });
        }
        let find = |field: &str| table.iter().find(|(key, _)| key.get_ref() == field).map(|(_, value)| value);
        let mut entries: Vec<_> = fields.iter().map(|&field| (field, 0..0, find(field))).collect();
        for (key, value) in table {
            let name: &str = key.get_ref();
            if fields.contains(&name) || (tagged && name == KIND) {
                continue;
            }
            let is_start = ["on", "since", "starts", "day", "date"].contains(&name) && fields.first() == Some(&"value");
            let from = fields.iter().copied().find(|field| is_start && *field == "from" && find(field).is_none());
            // What is the name of a part elsewhere is no slip of another.
            let near = || did_you_mean(name, fields.iter().copied()).filter(|_| !PARTS.contains(&name));
            let meant = from.or_else(near);
            let is_group = matches!(value.get_ref(), DeValue::Table(_));
            self.context.misplaced.borrow_mut().unknown(name, key.span(), meant, fields, is_group);
            // The reading goes on with what was meant, so that its value is checked too and isn't reported as missing.
            let lacking = entries.iter_mut().find(|(field, _, found)| meant == Some(*field) && found.is_none());
            if let Some(entry) = lacking {
                entry.2 = Some(value);
            }
        }
        let parent = self.node.clone();
        visitor.visit_map(TableAccess { entries, next: 0, parent, decoder: self, free_names: false, fact: None })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(ChoiceAccess::new(self, variants))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom(format!("`{}` has a shape that the program can't read", self.key)))
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct
        tuple identifier ignored_any
    }
}
