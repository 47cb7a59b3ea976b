//! Pages, notices and translations.

use super::{List, Row, View};
use crate::content::Language;
use crate::content::model::{Event, Notice, Page, Section};
use crate::content::names;
use crate::lang::Lang;
use std::sync::Arc;

/// How many characters of a notice identify it.
const GIST: usize = 60;

/// What is to be done about a translation whose English file has changed.
const STALE: &str = "the English file has changed";

/// A page with its language and the name of its file.
struct Place<'a> {
    language: &'a Language,
    key: &'a str,
    page: &'a Arc<Page>,
}

impl Place<'_> {
    fn file(&self) -> String {
        names::page(self.language.lang, self.key)
    }

    /// A row about this page: its title, its file, then what there is to say.
    fn row(&self, cells: impl IntoIterator<Item = String>) -> Row {
        let start = [self.page.title.to_string(), self.file()];
        let page = Some(self.page.path(self.language.lang, self.key));
        Row { page, ..Row::new(start.into_iter().chain(cells)) }
    }
}

impl View<'_> {
    fn pages(&self) -> impl Iterator<Item = Place<'_>> {
        let languages = self.content.languages.iter();
        languages.flat_map(|language| language.pages.iter().map(move |(key, page)| Place { language, key, page }))
    }

    pub(super) fn drafts(&self) -> List {
        let rows = self.pages().filter(|place| place.language.drafts.contains_key(place.key));
        List {
            key: "drafts",
            title: "Pages that are not finished",
            about: "Drafts, pages with texts that are still to be written, and translations of either: a published site is made without them.",
            columns: &["Page", "File"],
            rows: rows.map(|place| place.row([])).collect(),
        }
    }

    pub(super) fn reviews(&self) -> List {
        let rows = self.pages().map(|place| {
            let due = place.page.next_review.date();
            (due, place.row([due.to_string(), self.when(due)]))
        });
        List {
            key: "reviews",
            title: "Pages to read again",
            about: "Pages by the day of their next review.",
            columns: &["Page", "File", "Read again by", "When"],
            rows: self.by_day(rows.collect()),
        }
    }

    pub(super) fn outdated_reviews(&self) -> List {
        let rows = self.pages().flat_map(|place| {
            let outdated = place.language.outdated_reviews(place.key).into_iter();
            outdated.map(|(by, line)| Row { late: true, ..place.row([by, line]) }).collect::<Vec<_>>()
        });
        List {
            key: "outdated_reviews",
            title: "Pages whose words have changed since somebody read them",
            about: "These pages do not say any more that they were reviewed. Once they were read again, write the line.",
            columns: &["Page", "File", "Read by", "Line to write"],
            rows: rows.collect(),
        }
    }

    pub(super) fn tests(&self) -> List {
        let tests = self.content.tests.iter().filter(|_| self.content.changed_since_tests());
        let rows = tests.map(|tests| {
            let day = tests.tested_on.date();
            Row::new([names::TESTS.name.to_owned(), day.to_string(), self.when(day)])
        });
        List {
            key: "tests",
            title: "Tests to run again",
            about: "Pages have changed since these tests, and the page that shows the results says so.",
            columns: &["File", "Tested on", "When"],
            rows: rows.collect(),
        }
    }

    pub(super) fn notices(&self) -> List {
        let mut rows = Vec::new();
        for language in &self.content.languages {
            let file = names::NOTICES.path(language.lang);
            for notice in language.notices.notices.iter().flatten() {
                rows.extend(self.notice(notice, &file));
            }
        }
        for place in self.pages() {
            for section in &place.page.sections {
                if let Section::Notice(notice) = section {
                    rows.extend(self.notice(notice, &place.file()));
                }
            }
        }
        rows.sort_by_key(|(at, _)| *at);
        List {
            key: "notices",
            title: "Notices that come and go",
            about: "Notices begin and end by themselves. Those that ended can be taken out.",
            columns: &["Notice", "File", "What", "At", "When"],
            rows: rows.into_iter().map(|(_, row)| row).collect(),
        }
    }

    /// What a notice does next: begin, end, or stay in its file for nothing.
    fn notice(&self, notice: &Notice, file: &str) -> Vec<(jiff::Timestamp, Row)> {
        let words = notice.heading.as_ref().map_or(notice.text.as_str(), |heading| heading.as_str());
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let gist: String = match words.char_indices().nth(GIST) {
            Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default().trim_end()),
            None => words,
        };
        let (now, zone) = (self.now.timestamp(), self.now.time_zone());
        let begins =
            notice.starts.as_ref().map(|at| (at, at.begins(zone), "begins")).filter(|(_, instant, _)| *instant > now);
        let ends = notice.ends.as_ref().map(|at| (at, at.is_over(zone), "ends"));
        let events = begins.into_iter().chain(ends).map(|(at, instant, what)| {
            let late = instant <= now;
            let day = at.date();
            let what = if late { "ended" } else { what };
            let cells = [gist.clone(), file.to_owned(), what.to_owned(), at.to_string(), self.when(day)];
            (day, instant, Row { late, ..Row::new(cells) })
        });
        events.filter(|(day, ..)| *day <= self.until).map(|(_, instant, row)| (instant, row)).collect()
    }

    pub(super) fn events(&self) -> List {
        let rows = self.pages().flat_map(|place| {
            let events = place.page.sections.iter().filter_map(|section| match section {
                Section::Events(events) => Some(events.all()),
                _ => None,
            });
            let row = |event: &Event| {
                let late = event.is_over(&self.content.zone) <= self.now.timestamp();
                let what = if late { "is over" } else { "comes" };
                let (file, day) = (place.file(), event.day.date());
                let cells = [event.title.to_string(), file, what.to_owned(), day.to_string(), self.when(day)];
                (day, Row { late, ..Row::new(cells) })
            };
            events.flatten().map(row).collect::<Vec<_>>()
        });
        let mut rows: Vec<_> = rows.filter(|(day, _)| *day <= self.until).collect();
        rows.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.cells.cmp(&other.cells)));
        List {
            key: "events",
            title: "Events",
            about: "Events leave their page by themselves. Those that are over can be taken out, or get their next day.",
            columns: &["Event", "File", "What", "Day", "When"],
            rows: rows.into_iter().map(|(_, row)| row).collect(),
        }
    }

    pub(super) fn official_texts(&self) -> List {
        let rows = self.pages().flat_map(|place| {
            let texts = place.page.sections.iter().filter_map(|section| match section {
                Section::OfficialText(text) if text.text.as_str().trim().is_empty() => Some(text),
                _ => None,
            });
            texts.map(|text| place.row([text.heading.to_string(), text.law.to_string()])).collect::<Vec<_>>()
        });
        let help = self.content.language_help.iter().flat_map(|file| &file.languages);
        let help = help.filter(|language| !language.is_supplied()).map(|language| {
            let cells = ["Free language help", names::LANGUAGE_HELP.name, language.name.as_str(), "45 CFR 92.11"];
            Row::new(cells.map(str::to_owned))
        });
        List {
            key: "official_texts",
            title: "Official texts that are not here yet",
            about: "The clinic's own texts, which the law asks for. Until they come, the page says so.",
            columns: &["Page", "File", "Text", "Law"],
            rows: rows.chain(help).collect(),
        }
    }

    pub(super) fn translations(&self) -> List {
        let english = self.content.languages.iter().filter(|language| language.lang == Lang::En);
        let published = |language: &&'_ Language, key: &str| !language.drafts.contains_key(key);
        let pages = english.flat_map(|language| language.pages.iter().map(move |(key, page)| (language, key, page)));
        let pages: Vec<_> = pages.filter(|(language, key, _)| published(language, key)).collect();
        let mut rows = Vec::new();
        for language in self.content.languages.iter().filter(|language| language.lang != Lang::En) {
            let cells = |title: &str, name: &str, what: &str| {
                Row::new([title.to_owned(), format!("{}/{name}", language.lang.tag()), what.to_owned()])
            };
            let mut stale = language.stale.clone();
            for (_, key, page) in &pages {
                let name = names::page_in_language(key);
                let (own, late) = (language.pages.get(*key), stale.remove(&name));
                let what = match own {
                    None => "missing",
                    Some(_) if late => STALE,
                    Some(own) if own.reviewed_by.is_none() => "not read by the clinic yet",
                    Some(_) if language.reader(key).is_none() => "not read by the clinic as it is now",
                    Some(_) => continue,
                };
                let path = own.map(|own| own.path(language.lang, key));
                rows.push(Row { late, page: path, ..cells(page.title.as_str(), &name, what) });
            }
            rows.extend(self.content.words_in_english(language).into_iter().map(|(table, key)| {
                cells(&format!("[{table}] {key}"), names::UI.name, "no words, so visitors read the English ones")
            }));
            rows.extend(stale.iter().map(|name| Row { late: true, ..cells(name, name, STALE) }));
        }
        List {
            key: "translations",
            title: "Translations to write or to read again",
            about: "Pages that a language lacks, translations of what the English file does not say any more, pages that the clinic has not read, and words that a language lacks.",
            columns: &["Page", "File", "What"],
            rows,
        }
    }
}
