//! Facts and their sources: those that are missing, and those to check again.

use super::{List, Row, View};
use crate::content::leaf::Day;
use crate::content::model::{Clinic, Fact};
use jiff::ToSpan;
use jiff::civil::Date;

/// How long a reading of a source counts, in years.
const SOURCE_YEARS: i8 = 1;

/// What matters of a fact besides its value.
#[derive(Clone, Copy)]
struct State {
    expires_on: Option<Date>,
    sample: bool,
}

fn state<T>(fact: Option<&Fact<T>>) -> Option<State> {
    fact.map(|fact| State { expires_on: fact.expires_on.as_ref().map(Day::date), sample: fact.is_sample() })
}

/// Each fact that may be missing.
fn optional(clinic: &Clinic) -> [(&'static str, Option<State>); 8] {
    [
        ("area_served", state(clinic.area_served.as_ref())),
        ("audience", state(clinic.audience.as_ref())),
        ("substances", state(clinic.substances.as_ref())),
        ("payers", state(clinic.payers.as_ref())),
        ("appointment_line", state(clinic.appointment_line.as_ref())),
        ("phone", state(clinic.phone.as_ref())),
        ("address", state(clinic.address.as_ref())),
        ("hours", state(clinic.hours.as_ref())),
    ]
}

impl View<'_> {
    pub(super) fn missing_facts(&self) -> List {
        let figures = self.content.clinic.figures.iter().flatten();
        let samples = figures.filter(|(_, figure)| figure.is_sample()).map(|(key, _)| format!("figures.{key}"));
        let sample = |key: String| Row::new([key, "made up: write the clinic's own".to_owned()]);
        let facts = optional(&self.content.clinic).into_iter().filter_map(|(key, state)| match state {
            None => Some(Row::new([key.to_owned(), "not given".to_owned()])),
            Some(State { sample: true, .. }) => Some(sample(key.to_owned())),
            Some(_) => None,
        });
        List {
            key: "missing_facts",
            title: "Facts that are missing",
            about: "Facts of clinic.toml that are not given, or made up. Pages do without them.",
            columns: &["Fact", "What"],
            rows: facts.chain(samples.map(sample)).collect(),
        }
    }

    pub(super) fn expiring_facts(&self) -> List {
        let clinic = &self.content.clinic;
        let figures = clinic.figures.iter().flatten();
        let figures =
            figures.map(|(key, figure)| (format!("figures.{key}"), figure.expires_on.as_ref().map(Day::date)));
        let lines = clinic.help_lines.iter();
        let lines = lines.map(|line| (format!("help_lines.{}", line.id), line.expires_on.as_ref().map(Day::date)));
        let facts =
            optional(clinic).into_iter().map(|(key, state)| (key.to_owned(), state.and_then(|state| state.expires_on)));
        let rows = facts.chain(figures).chain(lines).filter_map(|(key, last)| {
            let last = last?;
            Some((last, Row::new([key, last.to_string(), self.when(last)])))
        });
        List {
            key: "expiring_facts",
            title: "Facts and figures that expire",
            about: "After its last day a fact is left out of the pages, until somebody checks it at its source.",
            columns: &["Fact", "Last day", "When"],
            rows: self.by_day(rows.collect()),
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
