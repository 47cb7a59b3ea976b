//! Facts and their sources: those that are missing, and those to check again.

use super::{Content, List, Row, View};
use crate::content::hours::{Special, specials};
use crate::content::leaf::Day;
use crate::content::model::Section;
use crate::content::names;
use crate::content::text::name_in_copy;
use crate::lang::Lang;
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use std::collections::BTreeSet;

/// How long a reading of a source counts, in years.
const SOURCE_YEARS: i8 = 1;

/// The last day of each fact and answer that expires, with its name.
pub(super) fn last_days(content: &Content) -> impl Iterator<Item = (Date, String)> {
    let facts = content.clinic.facts().into_iter();
    let facts = facts.filter_map(|(key, fact)| Some((fact?.expires_on?.date(), key)));
    let answers = content.languages.iter().flat_map(|language| {
        let tag = language.lang.tag();
        let last = language.answers.iter().filter_map(|(key, answer)| Some((answer.last_day()?, key)));
        last.map(move |(last, key)| (last, format!("answers.{key} ({tag})")))
    });
    let people = content.languages.iter().flat_map(|language| {
        let sections = language.pages.iter().flat_map(|(key, page)| page.sections.iter().map(move |part| (key, part)));
        sections.flat_map(move |(key, section)| {
            let people = if let Section::People(people) = section { people.items.as_slice() } else { &[] };
            let file = names::page(language.lang, key);
            let last = people.iter().filter_map(|one| Some((one.expires_on.as_ref()?.date(), &one.name)));
            last.map(|(last, name)| (last, format!("{name} ({file})"))).collect::<Vec<_>>()
        })
    });
    facts.chain(answers).chain(people)
}

impl View<'_> {
    pub(super) fn missing_facts(&self) -> List {
        let row = |key: String, what: &str| {
            let places = self.places_of(&key);
            let places = if places.is_empty() { "–".to_owned() } else { places.join("; ") };
            Row::new([key, what.to_owned(), places])
        };
        let rows = self.content.clinic.facts().into_iter().filter_map(|(key, fact)| match fact {
            None => Some(row(key, "not given")),
            Some(fact) if fact.sample => Some(row(key, "made up: write the clinic's own")),
            Some(_) => None,
        });
        List {
            key: "missing_facts",
            title: "Facts that are missing",
            about: "Facts of clinic.toml that are not given, or made up. On a published site a paragraph or list item that names one is left out, with all \
                    else that it says.",
            columns: &["Fact", "What", "Left out on"],
            rows: rows.collect(),
        }
    }

    /// What names a fact: pages by their titles, in English where there is such a page, and the other files of a language.
    fn places_of(&self, key: &str) -> Vec<String> {
        // The first place's are named without its name, too.
        let first = self.content.clinic.locations.iter().flatten().next();
        let plain =
            first.and_then(|place| key.strip_prefix("locations.")?.strip_prefix(place.id.as_str())?.strip_prefix('.'));
        let names = [Some(name_in_copy(key)), plain.map(str::to_owned)].into_iter().flatten();
        let files: BTreeSet<&(Lang, String)> =
            names.filter_map(|name| self.content.naming.get(&name)).flatten().collect();
        let title = |lang: Lang, key: &str| {
            let language = self.content.languages.iter().find(|language| language.lang == lang)?;
            Some(language.pages.get(key)?.title.to_string())
        };
        let mut places = Vec::new();
        for (lang, file) in files {
            let place = match names::page_key(file) {
                Some(key) => {
                    title(Lang::En, key).or_else(|| title(*lang, key)).unwrap_or_else(|| names::page(*lang, key))
                }
                None => format!("{}/{file}", lang.tag()),
            };
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }

    pub(super) fn answers(&self) -> List {
        let rows = self.content.languages.iter().flat_map(|language| {
            let open = language.answers.iter().filter(|(_, answer)| !answer.is_given());
            let file = names::ANSWERS.path(language.lang);
            open.map(move |(key, answer)| {
                Row::new([answer.question.to_string(), format!("answers.{key}"), file.clone()])
            })
        });
        List {
            key: "answers",
            title: "What only the clinic can answer",
            about: "Questions without an answer. Until there is one, pages tell visitors to ask.",
            columns: &["Question", "Key", "File"],
            rows: rows.collect(),
        }
    }

    pub(super) fn expiring_facts(&self) -> List {
        let row = |(last, key): (Date, String)| (last, Row::new([key, last.to_string(), self.when(last)]));
        let rows = last_days(self.content).map(row);
        List {
            key: "expiring_facts",
            title: "Facts and figures that expire",
            about: "After its last day a fact, or somebody of the clinic, is left out of the pages, until somebody checks it at its source.",
            columns: &["Fact", "Last day", "When"],
            rows: self.by_day(rows.collect()),
        }
    }

    pub(super) fn changing_facts(&self) -> List {
        let facts = self.content.clinic.facts().into_iter();
        let rows = facts.filter_map(|(key, fact)| {
            let from = fact?.holds_from?.date();
            let key = key.trim_end_matches(".next").to_owned();
            Some((from, Row::new([key, from.to_string(), self.when(from)])))
        });
        let rows = self.by_day(rows.collect()).into_iter().map(|row| Row { late: false, ..row });
        List {
            key: "changing_facts",
            title: "Facts that change",
            about: "What follows a fact (`next`), from which day on. Once it holds, it can be written in the place of the old value.",
            columns: &["Fact", "From", "When"],
            rows: rows.collect(),
        }
    }

    /// Holidays are listed a year ahead: somebody has to plan who works.
    pub(super) fn other_days(&self) -> List {
        let mut rows = Vec::new();
        for place in self.content.clinic.places() {
            let words = |special: &Special| {
                let one = |(opens, closes): &(Time, Time)| {
                    format!("{} to {}", opens.strftime("%H:%M"), closes.strftime("%H:%M"))
                };
                let times: Vec<_> = special.times.iter().map(one).collect();
                let (first, last) = (special.first, special.last);
                let days = if first == last { first.to_string() } else { format!("{first} to {last}") };
                let times = if times.is_empty() { "closed".to_owned() } else { times.join(", ") };
                let reason = special.reason.as_ref().map(ToString::to_string).unwrap_or_default();
                let place = place.id.map(ToString::to_string).unwrap_or_default();
                (first, Row::new([first.strftime("%A").to_string(), days, place, times, reason, self.when(first)]))
            };
            rows.extend(specials(place.exceptions, self.today).iter().map(words));
        }
        rows.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.cells.cmp(&other.cells)));
        List {
            key: "other_days",
            title: "Holidays and other days",
            about: "Days of the next twelve months with other hours. Holidays that come back (`every_year`) are listed with the day of this or the next year.",
            columns: &["Weekday", "Days", "Place", "Hours", "Reason", "When"],
            rows: rows.into_iter().map(|(_, row)| row).collect(),
        }
    }

    pub(super) fn accepted(&self) -> List {
        let rows = self.content.clinic.accepted.iter().flatten().map(|(what, accepted)| {
            let last = accepted.until.date();
            let cells = [what.to_string(), accepted.accepted_by.to_string(), last.to_string(), self.when(last)];
            Row { late: last < self.today, ..Row::new(cells) }
        });
        List {
            key: "accepted",
            title: "What the site may lack for a while",
            about: "What a published site has to have, and may be without until a day: [accepted] in clinic.toml. After that day nothing new is published.",
            columns: &["What", "Accepted by", "Until", "When"],
            rows: rows.collect(),
        }
    }

    pub(super) fn sources(&self) -> List {
        let sources = self.content.clinic.sources.iter().flatten();
        let (mut rows, mut never) = (Vec::new(), Vec::new());
        for (key, source) in sources {
            let cells = [source.title.to_string(), format!("sources.{key}")];
            match source.verified_on.as_ref().map(Day::date) {
                None => {
                    never.push(Row { late: true, ..Row::new(cells.into_iter().chain(["never".into(), "now".into()])) });
                }
                Some(checked) => {
                    let due = checked.saturating_add(SOURCE_YEARS.years());
                    rows.push((due, Row::new(cells.into_iter().chain([checked.to_string(), self.when(due)]))));
                }
            }
        }
        never.extend(self.by_day(rows));
        List {
            key: "sources",
            title: "Sources to read again",
            about: "Sources that nobody has compared with the pages yet, or not for a year.",
            columns: &["Source", "Key", "Read on", "Due"],
            rows: never,
        }
    }
}
