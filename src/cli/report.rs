//! `clinic-site report`: what needs attention in the content, as tables or for programs.

use super::{Failure, Outcome, clock, place, print, read, say};
use crate::config::{ReportFormat, ReportOptions};
use crate::content::agenda::{Agenda, List};
use crate::content::letter::{Letter, Question};
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
    let letter = Letter::new(&content, content.clock(&now).date());
    print(&match options.format {
        ReportFormat::Text => format!("{}\n\n{}", text(&agenda), words(&letter)),
        ReportFormat::Letter => words(&letter),
        ReportFormat::Json => format!("{:#}\n", json(&agenda, &letter, &content.words)),
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

/// The letter, to print and to fill in by hand.
fn words(letter: &Letter) -> String {
    let mut text = format!("To the director of {}\n\n", letter.to);
    if letter.groups.is_empty() {
        text.push_str("The website has all that it asks the clinic for. Thank you.\n");
        return text;
    }
    text.push_str(&wrapped(
        "The website says only what the clinic has confirmed. Only you can answer what follows. Please write each answer below its \
         question, or that it should stay off the site. Under each answer is the place where the editor writes it. Until then pages do \
         without it, or tell people to ask.",
        "",
    ));
    let mut number = 0;
    for group in &letter.groups {
        let _ = writeln!(text, "\n{}", group.title.to_uppercase());
        for Question { question, place } in &group.questions {
            number += 1;
            let first = wrapped(question, "    ");
            let _ = write!(text, "\n{number:>2}. {}\n    {}\n\n", first.trim_start(), "_".repeat(70));
            text.push_str(&wrapped(&format!("({place})"), "    "));
        }
    }
    text
}

/// A paragraph in lines that fit a sheet of paper.
fn wrapped(paragraph: &str, indent: &str) -> String {
    const WIDTH: usize = 76;
    let mut lines = vec![String::new()];
    for word in paragraph.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if indent.len() + line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().fold(String::new(), |text, line| text + indent + line + "\n")
}

/// Each list by its key, each row with the names of its columns; the letter; and the fingerprint of the words of the pages.
fn json(agenda: &Agenda, letter: &Letter, words: &str) -> Value {
    let mut value = Map::from_iter([
        ("letter".to_owned(), json!(letter)),
        ("today".to_owned(), json!(agenda.today.to_string())),
        ("days".to_owned(), json!(agenda.days)),
        ("words".to_owned(), json!(words)),
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
