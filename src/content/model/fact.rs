//! A fact of the clinic: its value, where it is from, how long it holds, and what follows it.

use crate::content::leaf::{Day, Key};
use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use std::ops::Range;

/// One fact, with where it is from and how long it holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(rename = "Fact_of_{T}")]
pub struct Fact<T> {
    /// The fact.
    pub value: T,
    /// The key of its source in `[sources]`.
    pub source: Option<Key>,
    /// The day somebody last checked it.
    pub verified_on: Option<Day>,
    /// The last day it may be shown.
    pub expires_on: Option<Day>,
    /// `true` marks a made-up value, shown in preview only.
    pub sample: Option<bool>,
    /// What takes its place on a day: the price of next year, other hours.
    pub next: Option<Box<Successor<T>>>,
}

/// What takes the place of a fact on a day, at midnight on the clinic's clock. From then on it is the fact.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(rename = "Successor_of_{T}")]
pub struct Successor<T> {
    /// The fact.
    pub value: T,
    /// The first day on which it holds.
    pub from: Day,
    /// The key of its source in `[sources]`, if it isn't that of the fact before it.
    pub source: Option<Key>,
    /// The day somebody last checked it.
    pub verified_on: Option<Day>,
    /// The last day it may be shown.
    pub expires_on: Option<Day>,
}

/// What every fact has besides its value.
#[derive(Clone, Debug)]
pub struct FactRef<'a> {
    /// Its value in the file, or the nearest place that is known.
    pub place: Range<usize>,
    /// The key of its source in `[sources]`.
    pub source: Option<&'a Key>,
    /// The day somebody last checked it.
    pub verified_on: Option<&'a Day>,
    /// The last day it may be shown.
    pub expires_on: Option<&'a Day>,
    /// The first day on which it holds, where it follows another.
    pub holds_from: Option<&'a Day>,
    /// The day from which another value follows it.
    pub followed_from: Option<&'a Day>,
    /// Whether its value is made up.
    pub sample: bool,
}

/// Adds a fact to a list of them, and what follows it.
pub(super) fn add<'a, T>(
    all: &mut Vec<(String, Option<FactRef<'a>>)>,
    key: String,
    fact: Option<&'a Fact<T>>,
    place: fn(&T) -> Option<Range<usize>>,
) {
    let next = fact.and_then(|fact| Some((format!("{key}.next"), Some(fact.next.as_ref()?.fact(fact, place)))));
    all.push((key, fact.map(|fact| fact.fact(place(&fact.value)))));
    all.extend(next);
}

impl<T> Fact<T> {
    /// Whether its value is made up.
    #[must_use]
    pub fn is_sample(&self) -> bool {
        self.sample == Some(true)
    }

    /// The value that it has, and the one that follows.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.value).chain(self.next.as_ref().map(|next| &next.value))
    }

    /// The value that it has on a day, of those it has from now on.
    #[must_use]
    pub fn value_on(&self, day: Date) -> &T {
        self.next.as_ref().filter(|next| next.from.date() <= day).map_or(&self.value, |next| &next.value)
    }

    /// The last day on which it is shown as it is: it expires, or another value follows.
    pub(super) fn last_day(&self) -> Option<Date> {
        let before = self.next.as_ref().map(|next| day_before(&next.from));
        self.expires_on.as_ref().map(Day::date).into_iter().chain(before).min()
    }

    /// Puts what follows in its place, once it holds.
    pub(super) fn advance(&mut self, today: Date) {
        if let Some(next) = self.next.take_if(|next| next.from.date() <= today) {
            let Successor { value, from: _, source, verified_on, expires_on } = *next;
            (self.value, self.verified_on, self.expires_on) = (value, verified_on, expires_on);
            self.source = source.or_else(|| self.source.take());
        }
    }

    pub(super) fn fact(&self, place: Option<Range<usize>>) -> FactRef<'_> {
        let Self { value: _, source, verified_on, expires_on, sample: _, next } = self;
        let (source, verified_on, expires_on) = (source.as_ref(), verified_on.as_ref(), expires_on.as_ref());
        let near = || source.map(Key::span).or_else(|| verified_on.map(Day::span)).unwrap_or(0..0);
        FactRef {
            place: place.unwrap_or_else(near),
            source,
            verified_on,
            // With the day on which another follows, nobody has to do anything.
            expires_on: expires_on.filter(|last| next.as_ref().is_none_or(|next| last.date() < day_before(&next.from))),
            holds_from: None,
            followed_from: next.as_ref().map(|next| &next.from),
            sample: self.is_sample(),
        }
    }
}

impl<T> Successor<T> {
    pub(super) fn fact<'a>(&'a self, before: &'a Fact<T>, place: fn(&T) -> Option<Range<usize>>) -> FactRef<'a> {
        let Self { value, from, source, verified_on, expires_on } = self;
        FactRef {
            place: place(value).unwrap_or_else(|| from.span()),
            source: source.as_ref().or(before.source.as_ref()),
            verified_on: verified_on.as_ref(),
            expires_on: expires_on.as_ref(),
            holds_from: Some(from),
            followed_from: None,
            sample: before.is_sample(),
        }
    }
}

/// The last day before another.
pub(super) fn day_before(day: &Day) -> Date {
    day.date().saturating_sub(1.day())
}
