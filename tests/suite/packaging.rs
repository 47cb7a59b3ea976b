//! What is installed beside the program: manual pages and completions, made by it, and the files that the package for Debian is made from.
//!
//! `UPDATE=1 cargo test` writes the settings in `packaging/debian/clinic-site.env` anew.

use crate::program::run;
use clap::{Arg, ArgAction, Command, CommandFactory};
use clinic_site::config::Arguments;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use tempfile::TempDir;

/// The settings of the package.
const SETTINGS: &str = "packaging/debian/clinic-site.env";

/// What stands before the settings that are written by this test.
const REST: &str = "\n# --- All others";

/// The command line as it is run: each command with its whole name.
fn built() -> Command {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    command
}

/// A command and all below it.
fn all(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().flat_map(all);
    [command].into_iter().chain(below).collect()
}

/// The name of an option's variable.
fn variable(argument: &Arg) -> Option<&str> {
    argument.get_env()?.to_str()
}

#[test]
fn every_command_has_a_page_that_names_its_options_and_their_variables() {
    let folder = TempDir::new().unwrap();
    let ran = run(&["man", "--out", folder.path().to_str().unwrap()]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    let command = built();
    let commands = all(&command);
    for command in &commands {
        let name = command.get_display_name().unwrap_or("clinic-site");
        let page = fs::read_to_string(folder.path().join(format!("{name}.1"))).unwrap_or_default().replace("\\-", "-");
        assert!(page.contains(&format!("\n{name} - ")), "{name} has no page");
        for argument in command.get_arguments().filter(|argument| !argument.is_global_set() && !argument.is_hide_set())
        {
            let wanted = [argument.get_long().map(|long| format!("--{long}")), variable(argument).map(str::to_owned)];
            let missing: Vec<_> = wanted.into_iter().flatten().filter(|wanted| !page.contains(wanted)).collect();
            assert!(missing.is_empty(), "{name}: {missing:?}");
        }
        let examples = page.split_once("\n.SH EXAMPLES\n.nf\n").map(|(_, examples)| examples.trim_start());
        assert_eq!(examples.is_some(), command.get_after_help().is_some(), "{name}: examples keep their lines");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), commands.len(), "a page for each command, and no other");
    let first = fs::read_to_string(folder.path().join("clinic-site.1")).unwrap();
    assert_eq!(run(&["man"]).stdout, first, "what is printed is the page of the program");
}

#[test]
fn each_shell_completes_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = run(&["completions", shell]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{shell}");
        for command in built().get_subcommands() {
            assert!(ran.stdout.contains(command.get_name()), "{shell}: {}", command.get_name());
        }
    }
    let wrong = run(&["completions", "cmd"]);
    assert!(wrong.code == Some(2) && wrong.stderr.contains("bash"), "{wrong:?}");
}

/// Text as a comment of lines that fit on a screen.
fn comment(text: &str) -> String {
    let mut lines = vec!["#".to_owned()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= 150 => *line = format!("{line} {word}"),
            _ => lines.push(format!("# {word}")),
        }
    }
    lines.join("\n")
}

/// Each setting of `serve` that a text does not name, with what it is for and what counts without it.
fn settings_after(head: &str) -> String {
    let command = built();
    let serve = command.find_subcommand("serve").unwrap();
    let arguments = serve.get_arguments().filter_map(|argument| Some((variable(argument)?, argument)));
    let mut text = String::new();
    for (name, argument) in arguments.filter(|(name, _)| !head.contains(&format!("\n#{name}="))) {
        let default = argument.get_default_values().first().and_then(|value| value.to_str()).map(str::to_owned);
        let switch = matches!(argument.get_action(), ArgAction::SetTrue).then(|| "true".to_owned());
        // A switch has `false` as its default, which nobody would write.
        let value = switch.or(default).unwrap_or_default();
        let help = argument.get_help().unwrap().to_string();
        writeln!(text, "\n{}\n#{name}={value}", comment(&help)).unwrap();
    }
    text
}

#[test]
fn the_settings_of_the_package_are_those_of_the_program() {
    let found = fs::read_to_string(SETTINGS).unwrap();
    let (head, rest) = found.split_once(REST).unwrap();
    let (line, _) = rest.split_once('\n').unwrap();
    let wanted = format!("{head}{REST}{line}\n{}", settings_after(head));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(SETTINGS, &wanted).unwrap();
        return;
    }
    assert!(found == wanted, "{SETTINGS} is not up to date: run UPDATE=1 cargo test");
    let known: BTreeSet<_> = all(&built())
        .iter()
        .flat_map(|command| command.get_arguments())
        .filter_map(variable)
        .map(str::to_owned)
        .collect();
    for line in found.lines().filter(|line| !line.is_empty() && !line.starts_with("# ") && *line != "#") {
        let (name, _) = line
            .strip_prefix('#')
            .and_then(|line| line.split_once('='))
            .unwrap_or_else(|| panic!("{line}: every setting is commented"));
        assert!(known.contains(name), "{name} is no setting");
    }
}

#[test]
fn no_maintainer_script_asks_a_question_or_needs_more_than_sh() {
    for script in ["postinst", "prerm", "postrm"] {
        let path = format!("packaging/debian/{script}");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("#!/bin/sh\n") && text.contains("\nset -e\n"), "{path}");
        assert!(!["debconf", "confmodule", "\nread "].iter().any(|asks| text.contains(asks)), "{path} asks");
        let parsed = std::process::Command::new("sh").args(["-n", &path]).status().unwrap();
        assert!(parsed.success(), "{path}");
    }
}
