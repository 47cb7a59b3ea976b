//! Choices: one word of several, or the kind of a section, which names the shape of all its keys.

use super::offers::meant_choice;
use super::{Decoder, KIND, Node};
use crate::content::catalogue;
use crate::content::leaf::quoted;
use crate::diagnostic::{Help, one_of};
use serde::de::value::{Error, StrDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, Visitor};
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// What names a choice. Which of the two it is, a word or a group of keys, serde says only once it knows the name.
pub(super) struct ChoiceAccess<'t> {
    decoder: Decoder<'t>,
    variants: &'static [&'static str],
    /// The one that is named, or the first.
    variant: &'static str,
}

impl<'t> ChoiceAccess<'t> {
    pub(super) fn new(decoder: Decoder<'t>, variants: &'static [&'static str]) -> Self {
        let named = match (&decoder.node, decoder.kind().map(Spanned::get_ref)) {
            (Node::Value(DeValue::String(text), _), _) | (_, Some(DeValue::String(text))) => Some(text),
            _ => None,
        };
        let known = variants.iter().find(|variant| named.is_some_and(|text| text == **variant));
        Self { decoder, variants, variant: known.or(variants.first()).copied().unwrap_or_default() }
    }

    /// What reads the keys of the kind that a group names.
    fn of_its_kind(&self) -> Decoder<'t> {
        let decoder = &self.decoder;
        let Node::Table { table, span, .. } = &decoder.node else {
            let inside = format!("{KIND} = \"…\", one of {}", one_of(self.variants));
            decoder.report_no_group(&inside, None, "{ … }");
            return decoder.silenced();
        };
        let known = match decoder.kind().map(|kind| (kind.get_ref(), kind.span())) {
            Some((DeValue::String(text), span)) => decoder.choice(KIND, text, &span, self.variants),
            other => {
                let (node, report_missing) = match other {
                    Some((value, span)) => (Node::Value(value, span), true),
                    None => (Node::Missing(span.clone()), decoder.report_missing),
                };
                let kind = Decoder { node, key: KIND, list: None, report_missing, ..decoder.clone() };
                kind.report_unfit("text in quotes", None, &example(self.variants));
                false
            }
        };
        if known {
            Decoder { node: Node::Table { table, span: span.clone(), tagged: true }, ..decoder.clone() }
        } else {
            decoder.silenced()
        }
    }
}

fn example(variants: &[&str]) -> String {
    format!("\"…\", one of {}", one_of(variants))
}

impl<'t> Decoder<'t> {
    /// The value of the key that says which kind of section a group is.
    fn kind(&self) -> Option<&'t Spanned<DeValue<'t>>> {
        let Node::Table { table, .. } = self.node else { return None };
        table.iter().find(|(key, _)| key.get_ref() == KIND).map(|(_, value)| value)
    }

    /// Whether a text is one of the choices; if not, there is a finding.
    fn choice(&self, key: &str, text: &str, span: &Range<usize>, variants: &'static [&'static str]) -> bool {
        let known = variants.contains(&text);
        if !known {
            self.context.report_with(&catalogue::UNKNOWN_CHOICE, span, || {
                let all = format!("it can be {}", one_of(variants));
                let help = match meant_choice(text, variants) {
                    Some(meant) => {
                        let edit = self.edit(span, &quoted(meant));
                        Help::exact(edit, |meant| format!("did you mean {meant}? I{}", all.trim_start_matches('i')))
                    }
                    None => all.into(),
                };
                (format!("\"{text}\" is not a choice for `{key}`"), help)
            });
        }
        known
    }
}

impl<'t> de::EnumAccess<'t> for ChoiceAccess<'t> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'t>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        seed.deserialize(StrDeserializer::new(self.variant)).map(|variant| (variant, self))
    }
}

impl<'t> de::VariantAccess<'t> for ChoiceAccess<'t> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        let Self { decoder, variants, .. } = self;
        match &decoder.node {
            Node::Value(DeValue::String(text), span) => {
                decoder.choice(decoder.key, text, span, variants);
            }
            _ => decoder.report_unfit("text in quotes", None, &example(variants)),
        }
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'t>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self.of_its_kind())
    }

    fn tuple_variant<V: Visitor<'t>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("tuple variants are not used in content"))
    }

    fn struct_variant<V: Visitor<'t>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.of_its_kind().deserialize_struct(self.variant, fields, visitor)
    }
}
