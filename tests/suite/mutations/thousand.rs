//! A thousand slips of people and their programs, one at a time in the shipped content: each is served, or told in few findings that lead
//! there. Every kind of slip is made ten times; `CLINIC_SLIPS=all` makes all thousand.

use crate::harness::{REMOTE, TODAY, noon};
use clinic_site::content::{Content, Files, Loader, Review};
use clinic_site::diagnostic::{Diagnostic, Report, Severity};
use clinic_site::http::App;
use clinic_site::site::{CompressionLevel, Settings, Site, icon_names, route};
use std::collections::BTreeSet;

/// The most findings of one slip: its own, and what it takes from another language.
const MOST: usize = 4;

/// The most of a slip that is many: words of another file among those of this one, or a whole file in another's typography.
const MOST_OF_MANY: usize = 12;

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        // splitmix64: https://prng.di.unimi.it/splitmix64.c
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(most.max(1)).unwrap()).unwrap()
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// The place of one of the characters that `is` takes.
    fn place(&mut self, text: &str, is: impl Fn(char) -> bool) -> Option<(usize, char)> {
        let all: Vec<_> = text.char_indices().filter(|(_, c)| is(*c)).collect();
        (!all.is_empty()).then(|| *self.of(&all))
    }
}

/// What somebody does to a file.
const SLIPS: [&str; 24] = [
    "cuts it at a character",
    "cuts it at a line",
    "swaps two lines",
    "doubles a line",
    "deletes a line",
    "loses a quote",
    "pastes a line from Word",
    "pastes the file from Word",
    "saves it on Windows",
    "saves it with a mark of byte order",
    "types tabs",
    "types a space that doesn't break",
    "loses a bracket",
    "writes a value of another type",
    "pastes lines of another file",
    "misspells a key",
    "saves half of it",
    "has a dash or dots made of hyphens and points",
    "leaves a merge unfinished",
    "takes a remark's mark away",
    "empties it",
    "writes a line in capitals",
    "loses an equals sign",
    "doubles a word",
];

const VALUES: [&str; 12] = [
    "5",
    "-1",
    "0.5",
    "true",
    "yes",
    "2026-11-23",
    "11/23/26",
    "\"\"",
    "\"words\"",
    "[]",
    "[\"words\"]",
    "{ words = 1 }",
];

/// The text of a file after a slip; nothing where the file has no place for it.
fn slip(kind: &str, text: &str, other: &str, dice: &mut Dice) -> Option<Vec<u8>> {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let at = dice.below(lines.len());
    let replaced = |at: usize, c: char, by: &str| format!("{}{by}{}", &text[..at], &text[at + c.len_utf8()..]);
    let word = |line: &str| {
        let mut open = false;
        line.chars()
            .map(move |c| match c {
                '"' => {
                    open = !open;
                    if open { '“' } else { '”' }
                }
                '\'' => '’',
                other => other,
            })
            .collect::<String>()
    };
    let after = match kind {
        "cuts it at a character" => text[..text.floor_char_boundary(dice.below(text.len()))].to_owned(),
        "cuts it at a line" => lines[..at].concat(),
        "saves half of it" => text[..text.floor_char_boundary(text.len() / 2)].to_owned(),
        "swaps two lines" => {
            let with = dice.below(lines.len());
            lines.swap(at, with);
            lines.concat()
        }
        "doubles a line" => {
            lines.insert(at, lines[at].clone());
            lines.concat()
        }
        "deletes a line" => {
            lines.remove(at);
            lines.concat()
        }
        "loses a quote" => dice.place(text, |c| c == '"').map(|(at, c)| replaced(at, c, ""))?,
        "loses a bracket" => dice.place(text, |c| "[]{}()".contains(c)).map(|(at, c)| replaced(at, c, ""))?,
        "loses an equals sign" => dice.place(text, |c| c == '=').map(|(at, c)| replaced(at, c, ""))?,
        "takes a remark's mark away" => dice.place(text, |c| c == '#').map(|(at, c)| replaced(at, c, ""))?,
        "types a space that doesn't break" => {
            dice.place(text, |c| c == ' ').map(|(at, c)| replaced(at, c, "\u{a0}"))?
        }
        "types tabs" => text.replace(" = ", "\t=\t"),
        "pastes a line from Word" => {
            lines[at] = word(&lines[at]);
            lines.concat()
        }
        "pastes the file from Word" => lines.iter().map(|line| word(line)).collect(),
        "saves it on Windows" => text.replace('\n', "\r\n"),
        "saves it with a mark of byte order" => format!("\u{feff}{text}"),
        "writes a value of another type" => {
            let keys: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(" = ")).collect();
            let at = *dice.of(&keys);
            let key = lines[at].split_once(" = ").unwrap().0.to_owned();
            lines[at] = format!("{key} = {}\n", dice.of(&VALUES));
            lines.concat()
        }
        "pastes lines of another file" => {
            let others: Vec<&str> = other.split_inclusive('\n').collect();
            let from = dice.below(others.len());
            let pasted = others[from..(from + 1 + dice.below(4)).min(others.len())].concat();
            lines.insert(at, pasted);
            lines.concat()
        }
        "misspells a key" => {
            let keys: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(" = ")).collect();
            let at = *dice.of(&keys);
            let letter = dice.below(lines[at].find(" = ").unwrap());
            if !lines[at].is_char_boundary(letter) || !lines[at].is_char_boundary(letter + 1) {
                return None;
            }
            lines[at].replace_range(letter..=letter, "z");
            lines.concat()
        }
        "has a dash or dots made of hyphens and points" => {
            let dashed = lines[at].replace("--", "–").replace("...", "…").replace(" - ", " – ").replace('-', "–");
            lines[at] = dashed;
            lines.concat()
        }
        "leaves a merge unfinished" => {
            lines[at] = format!("<<<<<<< HEAD\n{}=======\n{}>>>>>>> maria\n", lines[at], lines[at]);
            lines.concat()
        }
        "empties it" => String::new(),
        "writes a line in capitals" => {
            lines[at] = lines[at].to_uppercase();
            lines.concat()
        }
        "doubles a word" => dice.place(text, |c| c == ' ').map(|(at, c)| {
            let word = text[..at].rsplit([' ', '\n']).next().unwrap_or_default();
            replaced(at, c, &format!(" {word} "))
        })?,
        _ => panic!("nobody {kind}"),
    };
    (after != text).then(|| after.into_bytes())
}

/// What tells one finding from another.
fn key(finding: &Diagnostic) -> (&'static str, String, String) {
    (finding.rule.name, finding.source.path.clone(), finding.message.clone())
}

/// Asserts what is true of every finding, and returns those that the slip brought.
fn brought<'r>(
    report: &'r Report,
    before: &BTreeSet<(&'static str, String, String)>,
    what: &str,
) -> Vec<&'r Diagnostic> {
    let found: Vec<_> = report.sorted().into_iter().filter(|finding| !before.contains(&key(finding))).collect();
    for finding in &found {
        let (line, column) = finding.source.position(finding.span.start);
        let lines = finding.source.text.matches('\n').count() + 1;
        assert!(line >= 1 && column >= 1 && line <= lines, "{what}: {line}:{column} is not in the file");
        assert!(!finding.message.is_empty() && !finding.help.is_empty(), "{what}: {}", finding.message);
    }
    found
}

/// Serves content: every page it has must be there, with words in it.
fn serve(content: &Content, settings: &Settings, before: &Site, what: &str) -> Site {
    let site = Site::build(content, settings, Some(before)).unwrap_or_else(|error| panic!("{what}: {error}"));
    for language in &content.languages {
        for (key, page) in &language.pages {
            let path = page.path(language.lang, key);
            let answer = site.answer(&path).unwrap_or_else(|| panic!("{what}: {path} is not there"));
            assert!(answer.identity().bytes.len() > 500, "{what}: {path} is empty");
        }
    }
    site
}

/// Makes the slips of a quarter: tests run beside each other.
fn make(quarter: usize) {
    const COUNT: usize = 250;
    let (now, icons) = (noon(TODAY), icon_names());
    let review = Review {
        now: &now,
        publish: false,
        was_published: false,
        icons: &icons,
        other_paths: &route::LINKABLE,
        reserved: &route::RESERVED,
    };
    let shipped = Files::embedded();
    let paths: Vec<String> = shipped.paths().map(str::to_owned).collect();
    let mut loader = Loader::default();
    let (content, report) = loader.load(&shipped, &review);
    let before: BTreeSet<_> = report.sorted().into_iter().map(key).collect();
    let settings = Settings {
        public_url: None,
        now: now.clone(),
        live: false,
        as_of: false,
        requests: true,
        compression: CompressionLevel::Fast,
    };
    let mut site = Site::build(&content.unwrap(), &settings, None).unwrap();
    let (mut served, mut refused, mut worst) = (0, 0, Vec::new());
    let all = std::env::var_os("CLINIC_SLIPS").is_some_and(|which| which == "all");
    // A round of every kind of slip, and then none for three rounds.
    let slips =
        (quarter * COUNT..(quarter + 1) * COUNT).filter(|number| all || (number / SLIPS.len()).is_multiple_of(4));
    for number in slips {
        let mut dice = Dice(u64::try_from(number).unwrap());
        let kind = SLIPS[number % SLIPS.len()];
        let path = dice.of(&paths).clone();
        let other = dice.of(&paths).clone();
        let other = String::from_utf8(shipped.get(&other).unwrap().to_vec()).unwrap();
        let text = String::from_utf8(shipped.get(&path).unwrap().to_vec()).unwrap();
        let Some(after) = slip(kind, &text, &other, &mut dice) else { continue };
        let what = format!("slip {number}: somebody {kind} in {path}");
        let mut files = shipped.clone();
        files.insert(&path, after);
        let (content, report) = loader.load(&files, &review);
        assert_eq!(content.is_none(), report.has_errors(), "{what}");
        let found = brought(&report, &before, &what);
        let many = matches!(kind, "pastes lines of another file" | "pastes the file from Word" | "swaps two lines");
        let most = if many { MOST_OF_MANY } else { MOST };
        // A list of words to avoid with other words in it finds those wherever they are.
        if found.len() > most && !path.ends_with("words.toml") {
            worst.push((found.len(), format!("{what}\n{}", report.text())));
        }
        if let Some(content) = content {
            site = serve(&content, &settings, &site, &what);
            served += 1;
        } else {
            assert!(found.iter().any(|finding| finding.severity == Severity::Error), "{what}");
            refused += 1;
        }
    }
    worst.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let made = served + refused;
    assert!(made > 40 && served > made / 8 && refused > made / 4, "{served} were served and {refused} refused");
    assert!(worst.is_empty(), "{} slips with too many findings, such as {}", worst.len(), worst[0].1);
    drop(App::new(site, REMOTE));
}

/// A test for each quarter of the thousand.
macro_rules! quarters {
    ($($name:ident = $quarter:literal),+) => {$(
        #[test]
        fn $name() {
            make($quarter);
        }
    )+};
}
quarters! {
    the_first_slips_are_served_or_told_in_few_words = 0,
    the_second_quarter_of_the_slips_is_served_or_told_in_few_words = 1,
    the_third_quarter_of_the_slips_is_served_or_told_in_few_words = 2,
    the_last_slips_are_served_or_told_in_few_words = 3
}
