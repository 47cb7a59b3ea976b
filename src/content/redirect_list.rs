//! `redirects.csv`: a list of old addresses as spreadsheet programs save it, beside `redirects.toml`. Its first column has the old addresses, its
//! second the new ones; further columns are remarks. Each cell keeps its place, so that findings and helps are as exact as in TOML.

use super::catalogue::{MALFORMED, REDIRECT_LIST, TOO_MANY};
use super::files::Files;
use super::leaf::{OldPath, Path};
use super::limits::is_too_long_an_address;
use super::model::{Redirect, Redirects};
use super::names;
use super::text::is_path;
use super::{Document, document};
use crate::address;
use crate::diagnostic::{Edit, Help, Report, Source};
use csv_core::{ReadFieldResult, ReaderBuilder};
use std::ops::Range;
use std::sync::Arc;

const FILE: &str = names::REDIRECT_LIST.name;

/// The most rows of the list: more than any clinic has had pages.
const MAX_ROWS: usize = 5_000;

/// What the columns are parted by: which it is depends on the program, and on the country that it is set to.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Words that names of the columns are made of, in small letters.
const COLUMN_WORDS: [&str; 36] = [
    "address",
    "addresses",
    "destination",
    "from",
    "link",
    "location",
    "new",
    "old",
    "origin",
    "original",
    "page",
    "path",
    "redirect",
    "redirects",
    "remark",
    "site",
    "slug",
    "source",
    "target",
    "the",
    "to",
    "uri",
    "url",
    "website",
    "antigua",
    "antiguo",
    "desde",
    "destino",
    "dirección",
    "enlace",
    "hacia",
    "nueva",
    "nuevo",
    "origen",
    "página",
    "ruta",
];

/// One cell of a list.
#[derive(Debug, Default)]
struct Cell {
    /// Its bytes in the file, without its quotes.
    span: Range<usize>,
    text: String,
}

/// Reads the list, if there is one.
pub(super) fn read(files: &Files, report: &mut Report) -> Option<Document<Redirects>> {
    if !files.contains(FILE) {
        return None;
    }
    let list = document::text(files, FILE).map(|(source, mut findings)| {
        let redirects = if findings.has_errors() { Vec::new() } else { redirects(&source, &mut findings) };
        let value = Redirects { redirects: Some(redirects) };
        Document { source, value, findings, passages: Arc::default() }
    });
    document::collect(list, report)
}

/// The first cell of each row of a list, which may be one without other columns.
#[must_use]
pub fn first_cells(text: &str) -> Vec<String> {
    let cells = rows(text).into_iter().filter_map(|row| row.into_iter().next());
    cells.map(|cell| cell.text).filter(|text| !text.is_empty()).collect()
}

/// Whether the first cell of a column is the name of that column, and no address without its slash.
#[must_use]
pub fn names_a_column(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_known = |word: &str| COLUMN_WORDS.contains(&word);
    // Addresses have no spaces.
    if text.contains(char::is_whitespace) { words.any(is_known) } else { words.all(is_known) }
}

fn redirects(source: &Arc<Source>, report: &mut Report) -> Vec<Redirect> {
    let mut found = Vec::new();
    let (mut is_first, mut count) = (true, 0);
    for row in rows(&source.text) {
        let mut cells = row.into_iter();
        let (old, new) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        if old.text.is_empty() && new.text.is_empty() {
            continue;
        }
        if std::mem::take(&mut is_first) && !old.text.contains('/') && !new.text.contains('/') {
            let mut cells = [old, new].into_iter().filter(|cell| !cell.text.is_empty());
            if let Some(cell) = cells.find(|cell| !names_a_column(&cell.text)) {
                let (_, meant) = address::fault(&cell.text).unwrap_or_default();
                let help = format!(
                    "write an address as it follows the name of the site, {meant}; or delete the row, if it names the columns"
                );
                let message =
                    "this row has no slash, so it is not known whether it has addresses or the names of the columns";
                report.add(&REDIRECT_LIST, source, cell.span, message, help);
            }
            continue;
        }
        count += 1;
        if count > MAX_ROWS {
            let message = format!("there are more than {MAX_ROWS} rows in this list");
            let help = "keep the addresses that people still ask for: the old site's statistics name them";
            report.add(&TOO_MANY, source, old.span, message, help);
            break;
        }
        if let Some(cell) = [&old, &new].into_iter().find(|cell| cell.text.contains('\n')) {
            let help = "close it on its own row, or take it out; then save the file again";
            let at = cell.span.start;
            report.add(
                &REDIRECT_LIST,
                source,
                at..at,
                "the quotation mark of this cell is not closed on its row",
                help,
            );
            break;
        }
        if let Some(cell) = [&old, &new].into_iter().find(|cell| is_too_long_an_address(&cell.text)) {
            let at = cell.span.start;
            report.add(
                &MALFORMED,
                source,
                at..at,
                "this is longer than any address",
                "write the address alone, or delete the row",
            );
            continue;
        }
        let lacks = match (old.text.as_str(), new.text.as_str()) {
            ("", _) => Some((&new, "this row has no old address", "write the old address in the first column")),
            (_, "") => Some((
                &old,
                "this row has no new address",
                "write the page that took its place in the second column, such as /contact/; or delete the row",
            )),
            _ => None,
        };
        if let Some((cell, message, help)) = lacks {
            report.add(&REDIRECT_LIST, source, cell.span.clone(), message, help);
        } else if let (Some(from), Some(to)) = (from(source, old, report), to(source, new, report)) {
            found.push(Redirect { from, to });
        }
    }
    found
}

/// An old address. That of a whole address is its path: a list of the old site has those.
fn from(source: &Arc<Source>, cell: Cell, report: &mut Report) -> Option<OldPath> {
    let Cell { span, text } = cell;
    match address::fault(&text) {
        None => Some(OldPath::listed(&span, text)),
        Some((_, meant)) if is_whole(&text) && address::fault(&meant).is_none() => Some(OldPath::listed(&span, meant)),
        Some((what, meant)) => {
            let help = Help::write(Edit::new(source, span.clone(), meant));
            report.add(&MALFORMED, source, span, format!("the old address {what}"), help);
            None
        }
    }
}

/// A page of this site.
fn to(source: &Arc<Source>, cell: Cell, report: &mut Report) -> Option<Path> {
    let Cell { span, text } = cell;
    if is_path(&text) {
        return Some(Path::listed(&span, text));
    }
    let path = if is_whole(&text) { address::fault(&text).map_or_else(String::new, |(_, path)| path) } else { text };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/').to_lowercase();
    let meant = if path.is_empty() { "/".to_owned() } else { format!("/{path}/") };
    let help = if is_path(&meant) {
        Help::write(Edit::new(source, span.clone(), meant))
    } else {
        "write it like /group-therapy/".into()
    };
    let message = "the new address must be one of this site, which starts and ends with a slash";
    report.add(&MALFORMED, source, span, message, help);
    None
}

fn is_whole(text: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)))
}

/// The rows of a list, without those that are empty.
fn rows(text: &str) -> Vec<Vec<Cell>> {
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = || text.get(at..).unwrap_or_default();
    // Excel can write what the columns are parted by into a row of its own.
    let said = rest().get(..5).filter(|head| head.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep=")));
    let separator = match said.and_then(|head| head.bytes().last()).filter(u8::is_ascii_punctuation) {
        Some(said) => {
            at += rest().find('\n').map_or(rest().len(), |end| end + 1);
            said
        }
        None => separator(rest()),
    };
    let mut reader = ReaderBuilder::new().delimiter(separator).build();
    let mut field = vec![0; text.len() + 1];
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    loop {
        let input = text.as_bytes().get(at..).unwrap_or_default();
        let (result, read, written) = reader.read_field(input, &mut field);
        let (start, end) = (at, at + read);
        at = end;
        match result {
            ReadFieldResult::Field { record_end } => {
                let value = String::from_utf8_lossy(field.get(..written).unwrap_or_default()).trim().to_owned();
                row.push(Cell { span: place(text, start..end, separator), text: value });
                if record_end {
                    rows.push(std::mem::take(&mut row));
                }
            }
            // Of a field that ends with the text, the rest was read before its end was known.
            ReadFieldResult::InputEmpty if read > 0 => {
                let (result, _, more) = reader.read_field(&[], field.get_mut(written..).unwrap_or_default());
                if let ReadFieldResult::Field { .. } = result {
                    let value = field.get(..written + more).unwrap_or_default();
                    let value = String::from_utf8_lossy(value).trim().to_owned();
                    row.push(Cell { span: place(text, start..end, separator), text: value });
                }
                rows.extend(Some(row).filter(|row| !row.is_empty()));
                return rows;
            }
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull | ReadFieldResult::End => {
                if !row.is_empty() {
                    rows.push(row);
                }
                return rows;
            }
        }
    }
}

/// Where the words of a cell are: without line ends, what parts the columns, spaces and quotes.
fn place(text: &str, mut span: Range<usize>, separator: u8) -> Range<usize> {
    let raw = text.get(span.clone()).unwrap_or_default();
    let lines = raw.trim_start_matches(['\r', '\n']);
    span.start += raw.len() - lines.len();
    let lines = lines.trim_end_matches(['\r', '\n']);
    let cell = lines.strip_suffix(char::from(separator)).unwrap_or(lines);
    let inner = cell.trim_start();
    span.start += cell.len() - inner.len();
    let inner = inner.trim_end();
    match inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(quoted) => span.start + 1..span.start + 1 + quoted.len(),
        None => span.start..span.start + inner.len(),
    }
}

/// What parts the columns: what the first row has most of.
fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: u8| first.bytes().filter(|byte| *byte == separator).count();
    // Of equals the first is taken, as the maximum is the last.
    SEPARATORS.into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::rows;

    /// The words of each cell, and what is written at its place.
    fn cells(text: &str) -> Vec<Vec<(String, &str)>> {
        let cell = |cell: super::Cell| (cell.text, text.get(cell.span).unwrap());
        rows(text).into_iter().map(|row| row.into_iter().map(cell).collect()).collect()
    }

    #[test]
    fn every_way_to_save_a_table_is_read_with_the_place_of_each_cell() {
        let wanted = [["/a.html", "/a/"], ["/b", "/b/"]];
        for text in [
            "/a.html,/a/\n/b,/b/\n",
            "/a.html,/a/\n/b,/b/",
            "\u{feff}/a.html;/a/\r\n/b;/b/\r\n",
            "sep=;\r\n/a.html;/a/\r\n\r\n/b;/b/\r\n",
            "\"/a.html\",\"/a/\"\n\"/b\",\"/b/\"",
            "/a.html\t/a/\r/b\t /b/ \r",
            "\n/a.html , /a/\n\n\n\"/b\" ,/b/\n\n",
        ] {
            let found = cells(text);
            let words: Vec<Vec<&str>> =
                found.iter().map(|row| row.iter().map(|(words, _)| words.as_str()).collect()).collect();
            assert_eq!(words, wanted, "{text:?}");
            for (words, placed) in found.iter().flatten() {
                assert_eq!(words, placed, "{text:?}");
            }
        }
    }

    #[test]
    fn what_is_no_table_ends() {
        for text in ["", "\u{feff}", "\n\n", "\"", "\"\n/a,/b\n", ",", "sep=", "a\"b\"\"", "é;\"é", "\r", ",,,\n,"] {
            let rows = rows(text);
            assert!(rows.iter().flatten().all(|cell| text.get(cell.span.clone()).is_some()), "{text:?}: {rows:?}");
        }
    }
}
