//! Each command that the program prints works when it is pasted into a shell, wherever the files are.

use crate::harness::edited;
use crate::program::{self, PROGRAM, Ran, Serving, command, ran, write_to};
use crate::sealed::Kept;
use clap::{CommandFactory, Parser};
use clinic_site::config::Arguments;
use clinic_site::lang::Lang;
use regex::Regex;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The commands in a text: each to the end of its line, of its quotation or of its bracket, or to a comment behind it.
fn commands(text: &str) -> Vec<String> {
    let command =
        Regex::new(r"(`?)\b(clinic-site (?:serve|check|report|export|new|schema|keys|requests|desk)\b[^`\n]*)")
            .unwrap();
    let found = command.captures_iter(text).map(|found| {
        let line = found[2].split("    ").next().unwrap().trim_end();
        let opened = line.matches('(').count() < line.matches(')').count();
        if opened { line.trim_end_matches(')').to_owned() } else { line.to_owned() }
    });
    found.collect()
}

/// Runs a command as a shell does, in a folder. What goes on until it is stopped is stopped when it has printed a line.
fn pasted(line: &str, folder: &Path) -> Ran {
    let mut shell = Command::new("sh");
    let path = format!("{}:/usr/bin:/bin", Path::new(PROGRAM).parent().unwrap().display());
    let serves = line.starts_with("clinic-site serve") || line.starts_with("clinic-site desk");
    // Another port than the one that may be taken.
    let line = if serves { format!("timeout 5 {line} --listen 127.0.0.1:0") } else { line.to_owned() };
    shell.args(["-c", &line]).env_clear().env("PATH", path).current_dir(folder).stdin(Stdio::null());
    let mut ran = ran(shell);
    if serves && ran.code == Some(124) && ran.stdout.starts_with("http://") {
        ran.code = Some(0);
    }
    ran
}

#[track_caller]
fn all_work(printed: &str, folder: &Path, at_least: usize) {
    let commands = commands(printed);
    assert!(commands.len() >= at_least, "{commands:?} in\n{printed}");
    for line in commands {
        let ran = pasted(&line, folder);
        assert_eq!(ran.code, Some(0), "{line}\n{ran:?}\nprinted by\n{printed}");
    }
}

/// A folder whose name has to be quoted, with content in it that has warnings.
fn place() -> (TempDir, String, String) {
    let home = TempDir::new().unwrap();
    let own = home.path().join("Maria's site $HOME");
    write_to(&own.join("my content"), &edited(|_| {}));
    let (content, data) = (own.join("my content"), own.join("my data"));
    (home, content.to_str().unwrap().to_owned(), data.to_str().unwrap().to_owned())
}

#[test]
fn what_a_preview_prints_at_its_start_works() {
    let (home, content, data) = place();
    let server = Serving::start(&["serve", "--content", &content, "--data-dir", &data]);
    let said = server.end("-TERM").stderr;
    assert!(said.contains("clinic-site requests list") && said.contains("clinic-site check"), "{said}");
    all_work(&said, home.path(), 2);
    // Relative, as people write it.
    let mut command = command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env_remove("CLINIC_DATA_DIR").current_dir(home.path()).arg("--data-dir=-my data").stderr(Stdio::piped());
    command.stdout(Stdio::piped());
    let mut process = command.spawn().unwrap();
    // The mark of a store is written once its tables are made: a server that is killed before leaves a file that the next start completes.
    program::soon("the store is made", || home.path().join("-my data/preview/requests.id").is_file());
    process.kill().unwrap();
    let said = String::from_utf8(process.wait_with_output().unwrap().stderr).unwrap();
    all_work(&said, home.path(), 1);
}

#[test]
fn what_new_keys_and_new_pages_print_works() {
    let (home, content, _) = place();
    let mut keys = command(&["keys", "new", "--out", "my key.txt"]);
    keys.current_dir(home.path());
    all_work(&ran(keys).stderr, home.path(), 2);
    let made = program::run(&["new", "page", "parking", "--content", &content]);
    assert_eq!(made.code, Some(0), "{made:?}");
    all_work(&made.stderr, home.path(), 1);
    for file in made.stdout.lines() {
        let text = fs::read_to_string(file).unwrap();
        if text.contains("clinic-site") {
            all_work(&text, home.path(), 2);
        }
    }
    let wrong = program::run(&[
        "new",
        "page",
        "Bus Stops",
        "--kind",
        "service",
        "--title",
        "Buses & trains",
        "--content",
        &content,
    ]);
    assert_eq!(wrong.code, Some(2));
    all_work(&wrong.stderr, home.path(), 1);
    assert!(
        fs::read_to_string(format!("{content}/{}/pages/bus-stops.toml", Lang::En.tag()))
            .unwrap()
            .contains("Buses & trains")
    );
}

#[test]
fn what_the_commands_for_requests_print_works() {
    let kept = Kept::new();
    let reference = kept.add(1, "2026-11-26T03:14:15Z", "name=Ana&phone=916-555-0100", |_| {});
    let home = TempDir::new().unwrap();
    let data = home.path().join("my data");
    let identity = kept.identity();
    let mut moved = Command::new("cp");
    assert!(moved.arg("-r").arg(kept.path()).arg(&data).status().unwrap().success());
    let (data, identity) = (data.to_str().unwrap(), identity.to_str().unwrap());
    let own = ["--data-dir", data, "--identity", identity];
    let refused = |arguments: &[&str]| {
        let ran = program::run(&[arguments, &own].concat());
        assert_eq!(ran.code, Some(2), "{ran:?}");
        ran.stderr
    };
    all_work(&refused(&["requests", "show", "K7QM-4XT"]), home.path(), 1);
    all_work(&refused(&["requests", "show", "K7QM-4XT2"]), home.path(), 1);
    let close = ["requests", "close", reference.as_str(), "--outcome", "booked"];
    assert_eq!(program::run(&[&close[..], &own].concat()).code, Some(0));
    all_work(&refused(&close), home.path(), 1);
    all_work(&refused(&["requests", "reopen", "K7QM-4XT2"]), home.path(), 1);
    // A password that was refused is not repeated.
    let ran = program::run(&["requests", "show", "x", "--sealed", "--database", "postgres://c:sesame@db.example/c"]);
    assert!(ran.code == Some(2) && !ran.stderr.contains("sesame"), "{ran:?}");
}

/// The examples in the help of a command and of those below it.
fn examples(command: &clap::Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default().replace("\\\n      ", "");
    let own: Vec<_> = help
        .lines()
        .filter(|line| line.contains("clinic-site ") && line.starts_with("  "))
        .map(str::to_owned)
        .collect();
    own.into_iter().chain(command.get_subcommands().flat_map(examples)).collect()
}

#[test]
fn every_example_in_the_help_is_understood() {
    let examples = examples(&Arguments::command());
    assert!(examples.len() > 30, "{examples:#?}");
    for example in examples {
        let start = example.find("clinic-site ").unwrap();
        let line = example[start..].split("   ").next().unwrap().split(['|', '>']).next().unwrap();
        let line = line.replace("age1…", program::STAFF_KEY).replace("age1...", program::STAFF_KEY);
        let words = Command::new("sh").args(["-c", &format!("printf '%s\\n' {line}")]).output().unwrap().stdout;
        let words = String::from_utf8(words).unwrap();
        let parsed = Arguments::try_parse_from(words.lines());
        assert!(parsed.is_ok(), "{example}\n{}", parsed.unwrap_err());
    }
}
