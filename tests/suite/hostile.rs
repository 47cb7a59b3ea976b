//! Content made to hurt: however bad a file is, `check` says so within its limits of time, memory and words.
//!
//! Each file of the table is at most a megabyte. Always run are those that took more than the limits before there were any, or stand for
//! others. `CLINIC_HOSTILE=own` runs every file and prints what it took, `CLINIC_HOSTILE=all` every file in the place of every kind of file;
//! `CLINIC_SITE_BIN` names another program than the one that was just built.

mod disk;

use crate::content::minimal;
use crate::program::{PROGRAM, folder};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// The most that a file may be, and about what each of these is, in bytes.
const SIZE: usize = 1_000_000;

/// How much of a processor's time a run may take: only a time that grows in the square of the size is so long, even unoptimized.
const MOST_SECONDS: f64 = 20.0;

/// How long a run may take that waits more than it works.
const DEADLINE: Duration = Duration::from_mins(5);

/// The most memory of a run, in bytes.
pub(crate) const MEMORY: u64 = 200 * 1024 * 1024;

/// The most that a run may print, in bytes: a hundred findings.
const OUTPUT: usize = 256 * 1024;

/// Where a file is put.
const PAGE: &str = "en/pages/summer.toml";
const ROLES: [&str; 7] =
    [PAGE, "clinic.toml", "en/ui.toml", "en/notices.toml", "en/objectives.toml", "en/words.toml", "redirects.toml"];

/// A file: its name, where it is put, and its bytes.
struct Hostile {
    name: &'static str,
    role: &'static str,
    bytes: Vec<u8>,
    /// Whether it is among those that are always run.
    always: bool,
}

/// The keys of a page without mistakes.
const HEAD: &str = r#"kind = "page"
slug = "summer"
title = "Summer hours"
description = "When the clinic is open in the summer, and what to do when it is closed."
lead = "Our hours change in the summer."
last_reviewed = 2026-11-23
next_review = 2027-05-23
"#;

fn section(number: usize, text: &str) -> String {
    format!("[[sections]]\nkind = \"prose\"\nid = \"s{number}\"\nheading = \"Hours\"\ntext = '''\n{text}'''\n")
}

/// A page with one text of so many bytes.
fn text_of(unit: &str, size: usize) -> Vec<u8> {
    format!("{HEAD}{}", section(0, &unit.repeat(size / unit.len()))).into_bytes()
}

/// A page full of texts that are each as long as a text may be.
fn texts(unit: &str) -> Vec<u8> {
    let text = unit.repeat(19_900 / unit.len());
    let sections = (0..SIZE / 20_200).map(|number| section(number, &text));
    format!("{HEAD}{}", sections.collect::<String>()).into_bytes()
}

/// Lines until the file is full.
fn lines(head: &str, line: impl Fn(usize) -> String) -> Vec<u8> {
    lines_to(SIZE, head, line)
}

fn lines_to(size: usize, head: &str, line: impl Fn(usize) -> String) -> Vec<u8> {
    let mut text = head.to_owned();
    let mut next = line(0);
    for number in 1.. {
        if text.len() + next.len() > size {
            break;
        }
        text.push_str(&next);
        next = line(number);
    }
    text.into_bytes()
}

/// The same a megabyte long, with some room for what stands around it.
fn full(unit: &str) -> String {
    unit.repeat((SIZE - 100) / unit.len())
}

/// Files of raw signs and keys.
fn files_of_signs() -> Vec<Hostile> {
    let file = |name, bytes| Hostile { name, role: PAGE, bytes, always: false };
    let always = |name, bytes| Hostile { always: true, ..file(name, bytes) };
    vec![
        always("curly braces", full("{").into()),
        always("brackets", full("[").into()),
        file("closing brackets", full("]").into()),
        always("brackets as a value", format!("sources = {}", full("[")).into()),
        file("curly braces as a value", format!("navigation = {}", full("{a=")).into()),
        always("a name of many parts", format!("{}a = 1\n", full("a.")).into()),
        file("a head of many parts", format!("[{}a]\n", full("a.")).into()),
        always("unknown keys", lines(HEAD, |at| format!("k{at} = 1\n"))),
        always("as many unknown keys as are read", lines_to(150_000, HEAD, |at| format!("k{at} = 1\n"))),
        always("sections", lines(HEAD, |_| "[[sections]]\na=1\n".into())),
        always("as many sections as are read", lines_to(160_000, HEAD, |_| "[[sections]]\na=1\n".into())),
        always("open texts", lines(HEAD, |at| format!("a{at}=\"\"\"\n"))),
        always("open texts on one line", format!("a = {}", "\"\"\"".repeat(90_000)).into()),
        always("carriage returns", "a=1\r".repeat(200_000).into()),
        file("one long line", format!("title = \"{}\"\n", full("x")).into()),
        always("one long key", format!("{} = 1\n", full("x")).into()),
        always("no UTF-8", vec![0xff; SIZE]),
        file("no UTF-8 in a text", [HEAD.as_bytes(), b"\n#", &b"\xe9 ".repeat(490_000)].concat()),
        file("zeros", vec![0; SIZE]),
        file("inline tables", format!("a = [{}]\n", full("{a=1},")).into()),
        always("as many inline tables as are read", format!("a = [{}]\n", "{a=1},".repeat(14_000)).into()),
        file("tables within tables", lines("", |at| format!("k{at} = {}1{}\n", "{a=".repeat(60), "}".repeat(60)))),
        file(
            "lists within lists",
            lines_to(90_000, "", |at| format!("k{at} = {}{}\n", "[".repeat(79), "]".repeat(79))),
        ),
        file("line ends", full("\n").into()),
        always("line ends before mistakes", format!("{}{}", "\n".repeat(80_000), "x\n".repeat(9_000)).into()),
        file("combining characters", format!("title = \"a{}\"\n", full("\u{301}")).into()),
        file("a huge number", format!("next_review = {}\n", full("9")).into()),
        file("a huge fraction", format!("next_review = 1.{}\n", full("9")).into()),
        always("days that there are not", lines("", |at| format!("d{at} = 2026-13-45\n"))),
        always("as many such days as are read", lines_to(280_000, "", |at| format!("d{at} = 2026-13-45\n"))),
        always("one key again and again", full("title = \"a\"\n").into()),
        file("as often as is read", "title = \"a\"\n".repeat(16_000).into()),
        always("one table again and again", full("[a]\n").into()),
        always("as often as is read, tables", "[a]\n".repeat(24_000).into()),
        always("backslashes", format!("title = \"{}\"\n", full("\\q")).into()),
        file("as many backslashes as are read", format!("title = \"{}\"\n", "\\q".repeat(9_900)).into()),
        file("control characters", format!("title = \"{}\"\n", full("\u{1}")).into()),
        file("control characters in a remark", format!("#{}\n", full("\u{1}")).into()),
        file("a name of odd signs", format!("{} = 1\n", full("a?")).into()),
        file("remarks", full("#\n").into()),
        file("equals signs", full("=").into()),
        file("dots", full(".").into()),
        file("commas in a list", format!("a = [{}", full(",")).into()),
        file("single quotes", full("'\n").into()),
        file("quotes", full("\"\n").into()),
        always("as many quotes as are read", "\"\n".repeat(49_000).into()),
        file("open heads", full("[a\n").into()),
        always("as many open heads as are read", "[a\n".repeat(33_000).into()),
        file("open lists", lines("", |at| format!("k{at} = [\n"))),
        always("as many open lists as are read", lines_to(160_000, "", |at| format!("k{at} = [\n"))),
        file("a list of names", format!("{HEAD}sources = [{}]\n", full("\"s\",")).into()),
        always("as many names as are read", format!("{HEAD}sources = [{}]\n", "\"s\",".repeat(49_000)).into()),
    ]
}

/// Files whose texts are hostile.
fn files_of_copy() -> Vec<Hostile> {
    let file = |name, bytes| Hostile { name, role: PAGE, bytes, always: false };
    let always = |name, bytes| Hostile { always: true, ..file(name, bytes) };
    let distinct = |line: &dyn Fn(usize) -> String| String::from_utf8(lines_to(19_900, "", line)).unwrap();
    vec![
        always("quotations within quotations, 200 kB", text_of("> ", 200_000)),
        always("quotations within quotations, 1 MB", text_of("> ", 990_000)),
        always("quotations within quotations, in many texts", texts("> ")),
        always("lists within lists", text_of("- ", 990_000)),
        always("numbered lists within lists", text_of("1. ", 990_000)),
        file("numbered lists within lists, in many texts", texts("1. ")),
        always("lists that move to the right", texts(&distinct(&|at| format!("{}- a\n", " ".repeat(2 * at))))),
        always("a word that hurts, 20,000 times", text_of("addict ", 140_000)),
        always("words that hurt, in many texts", texts("addict ")),
        always("links that lead nowhere", lines("", |at| format!("[a](/b{at}/)\n"))),
        always("links that lead nowhere, in one text", text_of("[a](/b/)\n", 990_000)),
        always("links that lead nowhere, in many texts", texts(&distinct(&|at| format!("[a](/b{at}/)\n")))),
        always("links to no part", texts("[a](#b) ")),
        always("links that are refused", texts(&distinct(&|at| format!("[a](b{at}) ")))),
        always("HTML", texts(&distinct(&|at| format!("<a{at}>")))),
        always("facts that there are not", texts(&distinct(&|at| format!("{{f{at}}} ")))),
        always("curly braces in texts", texts("{")),
        always("known facts", texts("{phone}")),
        file("stars", texts("*a ")),
        file("stars and lines", texts("**a *b _c __d ")),
        file("backticks", texts(&(1..199).map(|count| "`".repeat(count) + " ").collect::<String>())),
        always("open links", texts("[")),
        file("open pictures", texts("![")),
        file("open links with words", texts("[a](")),
        file("links in links", texts("[a](b")),
        file("angle brackets", texts("<")),
        file("open tags", texts("<a ")),
        always("open remarks of HTML", texts("<!--")),
        file("open instructions", texts("<?")),
        file("open CDATA", texts("<![CDATA[")),
        file("ampersands", texts("&")),
        file("open entities", texts("&a")),
        file("backslashes in texts", texts("\\")),
        file("pictures in pictures", texts(&format!("{}a{}", "![".repeat(4_000), "](b)".repeat(2_900)))),
        always("references", texts(&format!("[a]: /{}/\n\n{}", "x".repeat(9_000), "[a]".repeat(3_500)))),
        file("tables", texts("|a|b|\n|-|-|\n")),
        file("headings", texts("# a\n")),
        file("lines", texts("---\n\n")),
        file("fences", texts("```\n")),
        file("underlined headings", texts("a\n=\n")),
        always("numbers of phones", texts("916-444-0100 ")),
        always("closing brackets before open ones", texts("](")),
        always("closing brackets before open ones, 1 MB", text_of("](", 990_000)),
        file("torn links", texts("](tel:1)")),
        file("torn links of one number", texts("](tel:916 444 0100)")),
        file("torn links, 1 MB", text_of("](tel:916 444 0100)", 990_000)),
        always("links that dial a long number", texts(&format!("[a](tel:{})", "1a".repeat(9_900)))),
        file("links that are no number", texts("[916-444-0101](tel:1a1a) ")),
        always("stars without an end", texts("**a: ")),
        always("stars apart", texts(&distinct(&|at| format!("** a{at} ** ")))),
        always("bullets", texts("• a\n")),
        always("tags", texts("[a] [/b] ")),
        always("tags in a row", texts("[a][/b]")),
        always("bars", texts("|a|b")),
        file("lines with bars", texts("a|b\n")),
        file("lines with tabs", texts("a\tb\n")),
        file("dashes", texts("– a\n")),
        file("open braces with words", texts("{a ")),
        file("links apart", texts("[a] (/b/) ")),
        file("open links and words", texts("[a](/b ")),
        always("garbled letters", texts("Ã±")),
        always("hidden characters", texts("\u{ad}a")),
        file("signs of a font", texts("\u{f0b7}")),
        file("web addresses", texts("www.a.example ")),
        always("mail addresses", texts("a@")),
        file("names of characters", texts("\\&nbsp ")),
        always("cities", texts("clinic in Fresno ")),
        always("hours", texts("call us 24/7 ")),
        file("marks of what is unwritten", text_of("\u{270e}", 990_000)),
        always(
            "escaped words that hurt",
            format!(
                "{HEAD}[[sections]]\nkind = \"prose\"\nheading = \"H\"\ntext = \"{}\"\n",
                "\\\"addict ".repeat(2_200)
            )
            .into(),
        ),
    ]
}

/// Files in the places of others than pages.
fn files_of_other_kinds() -> Vec<Hostile> {
    let file = |role, name, bytes| Hostile { name, role, bytes, always: false };
    let always = |role, name, bytes| Hostile { always: true, ..file(role, name, bytes) };
    let clinic = fs::read_to_string("tests/fixtures/minimal/clinic.toml").unwrap();
    vec![
        file("clinic.toml", "help lines", lines("", |at| format!("[[help_lines]]\nid = \"l{at}\"\ncall = \"988\"\n"))),
        always(
            "clinic.toml",
            "as many help lines as are read",
            lines_to(250_000, &clinic, |at| format!("[[help_lines]]\nid = \"l{at}\"\ncall = \"988\"\n")),
        ),
        always(
            "clinic.toml",
            "as many figures as are read",
            lines_to(300_000, &clinic, |at| format!("[figures.f{at}]\nvalue = \"1\"\nsource = \"x\"\n")),
        ),
        always("clinic.toml", "a phone number without end", format!("[phone]\nvalue = \"{}\"\n", full("1a")).into()),
        always(
            "clinic.toml",
            "short phone numbers without end",
            format!("[phone]\nvalue = \"{}\"\n", full("1 ")).into(),
        ),
        file(
            "clinic.toml",
            "exceptions",
            lines(&clinic, |_| "[[exceptions]]\non = 2027-01-01\nclosed = true\n".into()),
        ),
        always(
            "clinic.toml",
            "as many exceptions as are read",
            lines_to(220_000, &clinic, |_| "[[exceptions]]\non = 2027-01-01\nclosed = true\n".into()),
        ),
        always("clinic.toml", "exceptions without a day", "[[exceptions]]\n".repeat(19_000).into()),
        always(
            "clinic.toml",
            "as many opening hours as are read",
            format!(
                "{clinic}[hours]\nvalue = [\n{}]\n",
                "{ days = [\"monday\"], opens = \"05:30\", closes = \"14:00\" },\n".repeat(3_000)
            )
            .into(),
        ),
        always(
            "en/notices.toml",
            "as many notices as are read",
            lines_to(300_000, "", |at| {
                format!("[[notices]]\nabout = \"closure\"\ntext = \"{at}\"\nends = 2026-01-01\n")
            }),
        ),
        file(
            "redirects.toml",
            "redirects",
            lines("", |at| format!("[[redirects]]\nfrom = \"/a{at}/\"\nto = \"/b{at}/\"\n")),
        ),
        always(
            "redirects.toml",
            "as many redirects as are read",
            lines_to(240_000, "", |at| format!("[[redirects]]\nfrom = \"/a{at}/\"\nto = \"/b{at}/\"\n")),
        ),
        file(
            "redirects.toml",
            "one redirect again and again",
            full("[[redirects]]\nfrom = \"/a/\"\nto = \"/\"\n").into(),
        ),
        always("redirects.csv", "rows of a table", lines("", |at| format!("a{at};b{at}\n"))),
        file("en/words.toml", "words", lines("", |at| format!("[[words]]\navoid = [\"a{at}\"]\nsay = \"b\"\n"))),
        always(
            "en/words.toml",
            "phrases that begin alike",
            lines("", |at| format!("[[words]]\navoid = [\"the{} {at}\"]\nsay = \"b\"\n", " a".repeat(90))),
        ),
        always("en/words.toml", "a phrase without end", format!("exempt = [\"{}\"]\nwords = []\n", full("a ")).into()),
        always("en/ui.toml", "unknown tables", lines("", |at| format!("[a{at}]\nb = 1\n"))),
        file("en/objectives.toml", "objectives", lines("", |_| "[[objectives]]\nid = \"o\"\nicon = \"x\"\n".into())),
        always(
            "en/objectives.toml",
            "as many objectives as are read",
            lines_to(250_000, "", |_| "[[objectives]]\nid = \"o\"\nicon = \"x\"\n".into()),
        ),
    ]
}

fn table() -> Vec<Hostile> {
    [files_of_signs(), files_of_copy(), files_of_other_kinds()].into_iter().flatten().collect()
}

/// What a run of `check` took and said.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    /// The most memory it had, in bytes.
    pub(crate) memory: u64,
    /// Of a processor's time, so that what else the machine does is no matter.
    pub(crate) seconds: f64,
    pub(crate) output: Vec<u8>,
}

/// Runs `check` on the smallest content with one file of these bytes. The list of words is the shipped one.
fn check(role: &str, bytes: &[u8]) -> Ran {
    let mut files = minimal();
    files.insert("en/words.toml", fs::read("content/en/words.toml").unwrap());
    files.insert(role, bytes.to_vec());
    measured(folder(&files).path())
}

/// Runs `check` on a folder, until it takes more than it may.
#[expect(clippy::disallowed_methods, reason = "a limit for the test")]
pub(crate) fn measured(content: &Path) -> Ran {
    // GNU time, which measures what a process took, isn't everywhere; the kernel says it of a process that has not been waited for.
    let mut process = Command::new(std::env::var_os("CLINIC_SITE_BIN").unwrap_or_else(|| PROGRAM.into()))
        .env_clear()
        .args(["check", "--content", content.to_str().unwrap()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = std::time::Instant::now();
    let (mut stdout, mut stderr) = (process.stdout.take().unwrap(), process.stderr.take().unwrap());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = Vec::new();
        // A pipe that the program closes when it ends.
        let _ = stdout.read_to_end(&mut output);
        let _ = stderr.read_to_end(&mut output);
        let _ = sender.send(output);
    });
    let (status, ticks) = (format!("/proc/{}/status", process.id()), format!("/proc/{}/stat", process.id()));
    let (mut memory, mut seconds) = (0, 0.0);
    let output = loop {
        // The highest so far, so that looking now and then misses little.
        memory = fs::read_to_string(&status).map_or(memory, |status| highest(&status).max(memory));
        seconds = fs::read_to_string(&ticks).map_or(seconds, |ticks| worked(&ticks).max(seconds));
        match receiver.recv_timeout(Duration::from_millis(2)) {
            Ok(output) => break Some(output),
            Err(_) if seconds > MOST_SECONDS || start.elapsed() > DEADLINE || memory > MEMORY => break None,
            Err(_) => {}
        }
    };
    if output.is_none() {
        process.kill().unwrap();
    }
    let code = process.wait().unwrap().code();
    Ran { code, memory, seconds, output: output.unwrap_or_default() }
}

/// The seconds that a process has worked, in the program and for it in the kernel: `utime` and `stime` of proc(5), in hundredths.
fn worked(stat: &str) -> f64 {
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// `VmHWM` of a process's status, in bytes.
fn highest(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1024
}

#[test]
fn whatever_is_in_a_file_it_is_told_within_limits() {
    let wanted = std::env::var_os("CLINIC_HOSTILE");
    let (all, print) = (wanted.as_ref().is_some_and(|value| value == "all"), wanted.is_some());
    let mut wrong = Vec::new();
    for Hostile { name, role, bytes, always } in table() {
        assert!(bytes.len() <= 1024 * 1024, "{name}: {}", bytes.len());
        let own = [role];
        let roles: &[&str] = if all {
            &ROLES
        } else if always || print {
            &own
        } else {
            &[]
        };
        for role in roles {
            let Ran { code, memory, seconds, output } = check(role, &bytes);
            let megabytes = memory / 1024 / 1024;
            if print {
                println!(
                    "| {name} | `{role}` | {} | {seconds:.2} s | {megabytes} MB | {} |",
                    bytes.len(),
                    output.len()
                );
            }
            let told = String::from_utf8_lossy(&output);
            // What isn't refused is content: some files of signs are a page with odd words.
            if !matches!(code, Some(0 | 1)) || memory > MEMORY || output.len() > OUTPUT || told.contains("panicked") {
                let end: String = told.chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
                wrong.push(format!(
                    "{name} as {role}: {code:?}, {seconds:.1} s, {megabytes} MB, {} bytes: {end}",
                    output.len()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_with_too_many_mistakes_tells_the_first_and_how_many_more() {
    let Ran { code, output, .. } = check(PAGE, &lines_to(150_000, HEAD, |at| format!("k{at} = 1\n")));
    let told = String::from_utf8(output).unwrap();
    assert_eq!(code, Some(1), "{told}");
    let shown = told.matches("[unknown-key]").count();
    let summary = told.lines().find(|line| line.contains("and ")).unwrap();
    let more: usize = summary.split("and ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let errors: usize = told.lines().last().unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(shown == 100 && more > 10_000 && told.contains("summer.toml: and "), "{summary}");
    assert_eq!(shown + more, errors - usize::from(told.contains("[missing-key]")), "{told}");
}
