//! Lists and tables as Word and web pages hand them over, written as the lists that copy has.

use super::{Found, Mend, Row, row};
use crate::content::catalogue::{RUN_TOGETHER, SHOWN_AS_TYPED};

/// The signs before the items of lists: bullets, and those of the fonts Symbol and Wingdings.
pub(super) const BULLETS: &[&str] = &[
    "•", "·", "▪", "◦", "●", "■", "‣", "➢", "►", "○", "□", "❖", "\u{f0b7}", "\u{f0a7}", "\u{f0d8}", "\u{f0fc}",
    "\u{f076}",
];

/// Signs that are words where they are alone, and bullets where several lines begin with them.
pub(super) const SIGNS: &[&str] = &["–", "→", "☐", "☑", "✓", "✔", "➔", "➤"];

/// What is no list or table in copy, and was meant as one.
pub(super) static LISTS: [Row; 8] = [
    row(
        &SHOWN_AS_TYPED,
        BULLETS,
        r"(?m)^[ \t\x00]*[•·▪◦●■‣➢►○□❖\x{F0B7}\x{F0A7}\x{F0D8}\x{F0FC}\x{F076}][^\n]*(?:\n[ \t\x00]*(?:[•·▪◦●■‣➢►○□❖\x{F0B7}\x{F0A7}\x{F0D8}\x{F0FC}\x{F076}]|[o§–-][ \t]+)[^\n]*)*",
        "this is no list: its lines run into one",
        list,
    ),
    row(
        &SHOWN_AS_TYPED,
        SIGNS,
        r"(?m)^[ \t]*[–→☐☑✓✔➔➤][ \t\x{A0}]+[^\n]*(?:\n[ \t]*[–→☐☑✓✔➔➤][ \t\x{A0}]+[^\n]*)+",
        "this is no list: its lines run into one",
        list,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["\no ", "\no\t", "\n o "],
        r"(?m)^[ \t]*o[ \t]+[^\n]*(?:\n[ \t]*o[ \t]+[^\n]*)+",
        "this is no list: its lines run into one",
        list,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["\n2)", "\n 2)", "\n(2)", "\nb)", "\n b)", "\n(b)"],
        r"(?m)^[ \t]*\(?[0-9a-z]{1,2}\)[ \t]*[^\n]*(?:\n[ \t]*\(?[0-9a-z]{1,2}\)[ \t]*[^\n]*)+",
        "this is no list: its lines run into one",
        list,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["\nb. ", "\n b. ", "\nb.\t", "\nii. ", "\n ii. "],
        r"(?m)^[ \t]*(?:[a-h]|[ivx]{1,4})\.[ \t]+[^\n]*(?:\n[ \t]*(?:[a-h]|[ivx]{1,4})\.[ \t]+[^\n]*)+",
        "this is no list: its lines run into one",
        list,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["\n-", "\n1", "\n2", "\n "],
        r"(?m)^[ \t]*(?:-|[0-9]{1,2}\.)[^\s\x00\d.,\-][^\n]*(?:\n[ \t]*(?:-|[0-9]{1,2}\.)[^\s\x00\d.,\-][^\n]*)+",
        "this is no list: a space is missing behind the sign at the start of each line",
        list,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["|"],
        r"(?m)^[^\n|]*\|[^\n]*(?:\n[^\n|]*\|[^\n]*)+|^[ \t]*\|[^\n|]+\|[^\n]*\|[ \t\r]*$",
        "copy has no tables: this is shown as it is typed, its lines run into one",
        table,
    ),
    row(
        &SHOWN_AS_TYPED,
        &["\t"],
        r"(?m)^[^\n\t\x00]*[^\s\x00]+[ ]*\t[^\n]*\S[^\n]*(?:\n[^\n]*[\t\x00][^\n]*)+",
        "copy has no tables: the lines of this run into one",
        table,
    ),
];

/// A list that was typed on one line: behind a colon, with the same sign before each item.
pub(super) static ON_ONE_LINE: Row = row(
    &RUN_TOGETHER,
    &[": - ", ": • ", ": · ", ": ● "],
    r"(?m):([ \t]+[-•·●][ \t]+[^\s\x00][^\n\x00]*)$",
    "this is a list on one line",
    |found| {
        let part = found.part(1);
        let sign = found.words(1).trim_start().chars().next()?;
        let items: Vec<&str> =
            found.words(1).split(&format!(" {sign} ")).map(str::trim).filter(|item| !item.is_empty()).collect();
        // One of them alone is a dash or a point between words.
        (items.len() > 1).then(|| found.write_at(part, format!("\n- {}", items.join("\n- "))))?
    },
);

/// Lines that each begin with a sign or a number.
pub(super) fn list(found: &Found<'_>) -> Option<Mend> {
    let part = found.part(0);
    let typed = found.words(0);
    // Within a list: `- • words`.
    let first_line = found.shown.get(part.clone()).and_then(|shown| shown.lines().next()).unwrap_or_default();
    let before_sign = first_line.len() - first_line.trim_start_matches(['\0', ' ', '\t']).len();
    if let Some(zeros) = first_line.get(..before_sign).and_then(|start| start.rfind('\0')) {
        let first = typed.lines().next().unwrap_or_default();
        let (marker, item) = first.split_at_checked(zeros + 1)?;
        let is_marker = matches!(marker.trim(), "-" | "*" | "+") || marker.trim().ends_with(['.', ')']);
        let item = item.trim_start();
        let start = part.start + first.len() - item.len();
        return is_marker.then(|| found.write_at(start..part.start + first.len(), without_sign(item).1))?;
    }
    let lines: Vec<(bool, &str)> = typed.lines().map(|line| without_sign(line.trim())).collect();
    let numbered = lines.iter().all(|(numbered, _)| *numbered);
    let items = lines.iter().flat_map(|(_, line)| line.split(" • ")).map(str::trim).filter(|item| !item.is_empty());
    let written: Vec<String> = items
        .enumerate()
        .map(|(at, item)| if numbered { format!("{}. {item}", at + 1) } else { format!("- {item}") })
        .collect();
    let before = found.text.get(..part.start).unwrap_or_default().trim_end_matches([' ', '\t']).replace('\r', "");
    // Right below a paragraph, only a number 1 begins a list; an empty line makes it clear to people too.
    let gap = if numbered && !before.is_empty() && !before.ends_with("\n\n") { "\n" } else { "" };
    found.write(format!("{gap}{}", written.join("\n")))
}

/// The longest letter or numeral before an item: `viii`.
const LONGEST_NUMERAL: usize = 4;

/// An item without the sign before it, and whether that is a number.
fn without_sign(line: &str) -> (bool, &str) {
    let digits = line.trim_start_matches('(').trim_start_matches(|c: char| c.is_ascii_digit());
    if digits.len() < line.trim_start_matches('(').len() && digits.starts_with(['.', ')']) {
        return (true, digits.get(1..).unwrap_or_default().trim());
    }
    let letter = line.trim_start_matches('(').trim_start_matches(|c: char| c.is_ascii_lowercase());
    let is_letter = letter.starts_with(')') || letter.starts_with('.') && line.len() - letter.len() <= LONGEST_NUMERAL;
    let item = if is_letter {
        letter.get(1..).unwrap_or_default()
    } else if let Some(bullet) = BULLETS.iter().chain(SIGNS).find(|bullet| line.starts_with(**bullet)) {
        line.get(bullet.len()..).unwrap_or_default()
    } else {
        line.strip_prefix(['o', '-', '§']).unwrap_or(line)
    };
    (false, item.trim_matches([' ', '\t', '\u{a0}']))
}

/// Whether the first cell of a line is what Word writes before an item of a list.
fn is_sign(cell: &str) -> bool {
    let mut all = cell.chars();
    match (all.next(), cell.trim_end_matches(['.', ')'])) {
        (Some(only), _) if all.next().is_none() => !only.is_ascii_digit(),
        (Some(_), letters) => {
            letters.len() < cell.len() && letters.len() <= 4 && letters.chars().all(|c| c.is_ascii_lowercase())
        }
        (None, _) => false,
    }
}

/// Lines with cells, parted by bars or tabs. Below a head, each cell is named by it.
pub(super) fn table(found: &Found<'_>) -> Option<Mend> {
    let part = found.part(0);
    let mut typed = found.words(0);
    let sign = if typed.contains('|') { '|' } else { '\t' };
    if sign == '\t' {
        // A cell at either end may be blank, so that the tab is no word. Other lines are none of the table.
        let upto: usize = typed.split_inclusive('\n').take_while(|line| line.contains('\t')).map(str::len).sum();
        typed = typed.get(..upto)?.trim_end_matches(['\n', '\r']);
        if typed.lines().count() < 2 {
            return None;
        }
    }
    let cells = |line: &str| -> Vec<String> {
        let mut line = if sign == '|' { line.trim() } else { line.trim_end_matches('\r') };
        if sign == '|' {
            line = line.strip_prefix(sign).unwrap_or(line);
            line = line.strip_suffix(sign).unwrap_or(line);
        }
        line.split(sign).map(|cell| cell.trim().to_owned()).collect()
    };
    let is_rule = |row: &Vec<String>| row.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| "-:".contains(c)));
    let mut rows: Vec<Vec<String>> = typed.lines().map(cells).collect();
    // Word's other lists: a letter of a font of signs, or `a.`, and a tab before each item.
    if sign == '\t' && rows.iter().all(|row| row.len() == 2 && row.first().is_some_and(|first| is_sign(first))) {
        let items: Vec<String> = rows.iter().filter_map(|row| Some(format!("- {}", row.get(1)?))).collect();
        return found.write_at(part.start..part.start + typed.len(), items.join("\n"));
    }
    let head = rows.get(1).is_some_and(is_rule).then(|| rows.remove(0));
    rows.retain(|row| !is_rule(row) && row.iter().any(|cell| !cell.is_empty()));
    let item = |row: &Vec<String>| {
        let named = |(at, cell): (usize, &String)| match head.as_ref().and_then(|head| head.get(at)) {
            Some(name) if !name.is_empty() => format!("{name} {cell}"),
            _ => cell.clone(),
        };
        let others: Vec<String> =
            row.iter().enumerate().skip(1).filter(|(_, cell)| !cell.is_empty()).map(named).collect();
        let first = row.first().map(String::as_str).unwrap_or_default();
        let parts = [first, &others.join(", ")];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("- {}", parts.join(": "))
    };
    let items = rows.iter().map(item).collect::<Vec<_>>().join("\n");
    found.write_at(part.start..part.start + typed.len(), items)
}
