//! What serde walks through: the keys of a table, the items of a list, the parts of a leaf.

use super::{Decoder, Node};
use crate::content::limits;
use serde::de::value::{BorrowedStrDeserializer, Error, StringDeserializer, UsizeDeserializer};
use serde::de::{self, DeserializeSeed};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeValue};

/// A key, its place, and its value if there is one.
pub(super) type Entry<'t> = (&'t str, Range<usize>, Option<&'t Spanned<DeValue<'t>>>);

/// The fields of a struct in its own order, or the entries of a table with free names.
pub(super) struct TableAccess<'t> {
    pub(super) entries: Vec<Entry<'t>>,
    pub(super) next: usize,
    pub(super) parent: Node<'t>,
    pub(super) decoder: Decoder<'t>,
    pub(super) free_names: bool,
    /// What is in the place of the whole table, and is to be its first entry.
    pub(super) fact: Option<Decoder<'t>>,
}

impl<'t> de::MapAccess<'t> for TableAccess<'t> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'t>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((name, span, _)) = self.entries.get(self.next) else { return Ok(None) };
        if self.free_names {
            let node = Node::Name(name, span.clone());
            seed.deserialize(Decoder { node, key: name, ..self.decoder.clone() }).map(Some)
        } else {
            seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
        }
    }

    fn next_value_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let Some((name, _, value)) = self.entries.get(self.next) else {
            return Err(de::Error::custom("a value was asked for without its key"));
        };
        self.next += 1;
        if let Some(fact) = self.fact.take() {
            return seed.deserialize(fact);
        }
        let above = self.decoder.key;
        let decoder = match (value, &self.parent) {
            (Some(value), _) => Decoder { above, ..self.decoder.child(value, name) },
            (None, Node::Table { span, .. } | Node::Missing(span) | Node::Value(_, span) | Node::Name(_, span)) => {
                Decoder { node: Node::Missing(span.clone()), key: name, above, list: None, ..self.decoder.clone() }
            }
        };
        seed.deserialize(decoder)
    }
}

/// The items of a list, as far as they are read.
pub(super) struct ListAccess<'t> {
    pub(super) items: &'t DeArray<'t>,
    pub(super) next: usize,
    pub(super) decoder: Decoder<'t>,
    /// The place of the list, where no item is a group of keys.
    pub(super) place: Option<Range<usize>>,
}

impl<'t> de::SeqAccess<'t> for ListAccess<'t> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(item) = self.items.get(self.next).filter(|_| self.next < limits::MAX_ITEMS) else { return Ok(None) };
        self.next += 1;
        let place = self.place.clone().unwrap_or_else(|| item.span());
        seed.deserialize(self.decoder.child(item, self.decoder.key).in_list(place)).map(Some)
    }
}

/// What is there where a list is wanted, as its only item.
pub(super) struct OneItem<'t> {
    pub(super) item: Option<Decoder<'t>>,
}

impl<'t> de::SeqAccess<'t> for OneItem<'t> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        self.item.take().map(|item| seed.deserialize(item)).transpose()
    }
}

/// A leaf as the tuple `(start, end, text)`.
pub(super) struct LeafAccess {
    pub(super) next: u8,
    pub(super) span: Range<usize>,
    pub(super) text: String,
}

impl<'t> de::SeqAccess<'t> for LeafAccess {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        self.next += 1;
        match self.next {
            1 => seed.deserialize(UsizeDeserializer::new(self.span.start)).map(Some),
            2 => seed.deserialize(UsizeDeserializer::new(self.span.end)).map(Some),
            3 => seed.deserialize(StringDeserializer::new(std::mem::take(&mut self.text))).map(Some),
            _ => Ok(None),
        }
    }
}
