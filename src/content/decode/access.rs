//! What serde walks through: the keys of a table, the items of a list, the parts of a leaf, the kind of a section.

use super::{Decoder, Node};
use crate::content::limits;
use serde::de::value::{BorrowedStrDeserializer, Error, StrDeserializer, StringDeserializer, UsizeDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, Visitor};
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
        let decoder = match (value, &self.parent) {
            (Some(value), _) => self.decoder.of(value, name),
            (None, Node::Table { span, .. } | Node::Missing(span) | Node::Value(_, span) | Node::Name(_, span)) => {
                Decoder { node: Node::Missing(span.clone()), key: name, ..self.decoder.clone() }
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
}

impl<'t> de::SeqAccess<'t> for ListAccess<'t> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(item) = self.items.get(self.next).filter(|_| self.next < limits::MAX_ITEMS) else { return Ok(None) };
        self.next += 1;
        seed.deserialize(self.decoder.of(item, self.decoder.key)).map(Some)
    }
}

/// What stands where a list is wanted, as its only item.
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

/// A table whose key `kind` named the variant.
pub(super) struct SectionAccess<'t> {
    pub(super) variant: &'static str,
    pub(super) decoder: Decoder<'t>,
}

impl<'t> de::EnumAccess<'t> for SectionAccess<'t> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'t>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        seed.deserialize(StrDeserializer::new(self.variant)).map(|variant| (variant, self))
    }
}

impl<'t> de::VariantAccess<'t> for SectionAccess<'t> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'t>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self.decoder)
    }

    fn tuple_variant<V: Visitor<'t>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("tuple variants are not used in content"))
    }

    fn struct_variant<V: Visitor<'t>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.decoder.deserialize_struct(self.variant, fields, visitor)
    }
}
