//! `clinic-site report`: what needs attention in the content, as tables or for programs.

use super::{Failure, Outcome, clock, place, print, read, say};
use crate::config::{ReportFormat, ReportOptions};
use crate::content::agenda::{Agenda, List};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

pub(super) fn run(options: &ReportOptions) -> Result<Outcome, Failure> {
    let now = clock::now();
    let (content, report) = read(&options.content, &now, false)?;
    let Some(content) = content else {
        say(report.text());
        return Ok(Outcome::ContentErrors);
    };
    let agenda = Agenda::new(&content, &now, options.days);
    print(&match options.format {
        ReportFormat::Text => text(&agenda),
        ReportFormat::Json => format!("{:#}\n", json(&agenda)),
    })?;
    say(format!("of the content {}", place(&options.content)));
    Ok(Outcome::Good)
}

/// A table for each list; late rows start with an exclamation mark.
fn text(agenda: &Agenda) -> String {
    let mut text = format!("What needs attention, as of {}, looking ahead {} days\n", agenda.today, agenda.days);
    for list in &agenda.lists {
        let _ = writeln!(text, "\n{} ({})", list.title, list.rows.len());
        if !list.rows.is_empty() {
            text.push_str(&table(list));
        }
    }
    text
}

fn table(list: &List) -> String {
    let rows = || list.rows.iter().map(|row| row.cells.iter().map(String::as_str).collect::<Vec<_>>());
    let width = |column: usize, head: &str| {
        let cells = rows().filter_map(|cells| cells.get(column).map(|cell| cell.chars().count()));
        cells.chain([head.chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = list.columns.iter().enumerate().map(|(column, head)| width(column, head)).collect();
    let line = |mark: &str, cells: &[&str]| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{mark} {}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    let head = line(" ", list.columns);
    list.rows
        .iter()
        .zip(rows())
        .fold(head, |table, (row, cells)| table + &line(if row.late { "!" } else { " " }, &cells))
}

/// Each list by its key, each row with the names of its columns.
fn json(agenda: &Agenda) -> Value {
    let mut value = Map::from_iter([
        ("today".to_owned(), json!(agenda.today.to_string())),
        ("days".to_owned(), json!(agenda.days)),
    ]);
    for list in &agenda.lists {
        let keys = list.columns.iter().map(|column| column.to_lowercase().replace(' ', "_"));
        let keys: Vec<String> = keys.collect();
        let rows = list.rows.iter().map(|row| {
            let cells = keys.iter().cloned().zip(row.cells.iter().map(|cell| json!(cell)));
            Value::Object(cells.chain([("late".to_owned(), json!(row.late))]).collect())
        });
        value.insert(list.key.to_owned(), rows.collect());
    }
    Value::Object(value)
}
