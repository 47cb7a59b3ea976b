//! What copy names that must be looked up elsewhere: pages, facts, phone numbers.

use super::{Piece, events, pieces};
use crate::phone::{self, PhoneNumber};
use pulldown_cmark::{Event, Tag, TagEnd};

/// What a text names.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    /// The targets of its links, in order.
    pub links: Vec<String>,
    /// Its facts, in order.
    pub facts: Vec<String>,
    /// Phone numbers that can't be tapped, those of faxes included.
    pub phones: Vec<Mentioned>,
    /// Links whose words are another number than the one they dial: the words, and their target.
    pub others: Vec<(Mentioned, String)>,
    /// What was meant as a link that dials, and is shown as it is typed.
    pub torn: Vec<Torn>,
    /// Phone numbers in a text that is shown as it is written: it can hold no link, and name no fact.
    pub plain: Vec<Mentioned>,
}

/// A phone number in copy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mentioned {
    /// As it is typed, with its extension.
    pub typed: String,
    /// What is dialled, without the extension. `None`: nobody can dial it.
    pub dialled: Option<String>,
    /// It is said to be a fax, which nobody calls.
    pub is_fax: bool,
}

/// A link that dials, torn by spaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Torn {
    /// As it is typed: `[call](tel:916 875 2050)`.
    pub typed: String,
    /// The same as it should be, if there is a number in it.
    pub mended: Option<String>,
}

impl Mentions {
    /// What a copy names.
    pub(in crate::content) fn new(copy: &str) -> Self {
        let mut mentions = Self::default();
        let mut link: Option<String> = None;
        for event in events(copy) {
            match event {
                Event::Start(Tag::Link { dest_url, .. }) => {
                    link = dialled(&dest_url).map(|_| dest_url.to_string());
                    mentions.links.push(dest_url.into_string());
                }
                Event::End(TagEnd::Link) => link = None,
                Event::Text(text) => {
                    for piece in pieces(&text) {
                        match piece {
                            Piece::Fact(name) => mentions.facts.push(name.to_owned()),
                            Piece::Words(words) => mentions.numbers(words, link.as_deref()),
                        }
                    }
                }
                _ => {}
            }
        }
        mentions
    }

    /// What a text names that is shown as it is written.
    pub(in crate::content) fn of_plain_text(text: &str) -> Self {
        Self { plain: phone::find(text).iter().map(Mentioned::new).collect(), ..Self::default() }
    }

    /// The numbers in words, which may be those of a link that dials.
    fn numbers(&mut self, words: &str, link: Option<&str>) {
        let torn = torn(words);
        let found =
            phone::find(words).into_iter().filter(|found| !torn.iter().any(|torn| torn.typed.contains(found.typed)));
        let found = found.map(|found| Mentioned::new(&found));
        match link {
            Some(target) => {
                let own = dialled(target).and_then(PhoneNumber::parse).map(|number| number.dialled().to_owned());
                let others = found.filter(|number| number.dialled != own);
                self.others.extend(others.map(|number| (number, target.to_owned())));
            }
            None => self.phones.extend(found),
        }
        self.torn.extend(torn);
    }

    pub(in crate::content) const fn is_empty(&self) -> bool {
        self.links.is_empty()
            && self.facts.is_empty()
            && self.phones.is_empty()
            && self.others.is_empty()
            && self.torn.is_empty()
            && self.plain.is_empty()
    }
}

impl Mentioned {
    fn new(found: &phone::Found<'_>) -> Self {
        let dialled = found.number.as_ref().map(|number| number.dialled().to_owned());
        Self { typed: found.typed.to_owned(), dialled, is_fax: found.is_fax }
    }
}

/// What a link dials, if it does.
fn dialled(target: &str) -> Option<&str> {
    target.strip_prefix("tel:").or_else(|| target.strip_prefix("sms:"))
}

/// The most bytes between the brackets of a torn link: to look for the other bracket in the whole text would take time in the square of its length.
const MAX_TORN: usize = 200;

/// The links that dial in words, where only what isn't a link can be.
fn torn(words: &str) -> Vec<Torn> {
    let found = words.match_indices(']').filter_map(|(close, _)| {
        let target = words.get(close + 1..)?.trim_start_matches(' ').strip_prefix('(')?;
        dialled(target.trim_start())?;
        // Brackets in the number are part of it.
        let mut open = 1;
        let near = target.get(..target.floor_char_boundary(MAX_TORN))?;
        let length = near.find(|c| {
            open += i32::from(c == '(') - i32::from(c == ')');
            open == 0
        })?;
        let end = words.len() - target.len() + length;
        let target = target.get(..length)?.trim();
        let (scheme, _) = target.split_once(':')?;
        let from = words.floor_char_boundary(close.saturating_sub(MAX_TORN));
        let start = words.get(from..close)?.rfind('[').map_or(close, |at| from + at);
        let number = PhoneNumber::parse(dialled(target)?);
        let mended = number
            .map(|number| format!("{}]({scheme}:{})", words.get(start..close).unwrap_or_default(), number.dialled()));
        Some(Torn { typed: words.get(start..=end)?.to_owned(), mended })
    });
    found.collect()
}
