//! What copy names that must be looked up elsewhere: pages, facts, phone numbers.

use super::{Piece, events, pieces};
use crate::phone;
use pulldown_cmark::{Event, Tag, TagEnd};

/// What a copy names.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    /// The targets of its links, in order.
    pub links: Vec<String>,
    /// Its facts, in order.
    pub facts: Vec<String>,
    /// Phone numbers that can't be tapped, as they are typed.
    pub phones: Vec<String>,
}

impl Mentions {
    /// What a copy names.
    pub(in crate::content) fn new(copy: &str) -> Self {
        let mut mentions = Self::default();
        let mut dials = false;
        for event in events(copy) {
            match event {
                Event::Start(Tag::Link { dest_url, .. }) => {
                    dials = dest_url.starts_with("tel:") || dest_url.starts_with("sms:");
                    mentions.links.push(dest_url.into_string());
                }
                Event::End(TagEnd::Link) => dials = false,
                Event::Text(text) => {
                    for piece in pieces(&text) {
                        match piece {
                            Piece::Fact(name) => mentions.facts.push(name.to_owned()),
                            Piece::Words(_) if dials => {}
                            Piece::Words(words) => {
                                mentions.phones.extend(phone::find(words).into_iter().map(str::to_owned));
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        mentions
    }

    pub(in crate::content) const fn is_empty(&self) -> bool {
        self.links.is_empty() && self.facts.is_empty() && self.phones.is_empty()
    }
}
