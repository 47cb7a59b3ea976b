//! `clinic-site man` and `clinic-site completions`: what a package installs beside the program, made from the command line itself.

use super::{Failure, Outcome, counted, print, say};
use crate::config::{Arguments, CompletionsOptions, ManOptions};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use std::fs;
use std::path::Path;

/// Prints the page of the program, or writes those of all commands.
pub(super) fn man(options: &ManOptions) -> Result<Outcome, Failure> {
    // A page for `help` would say nothing.
    let mut command = Arguments::command().disable_help_subcommand(true);
    // Gives each command its whole name.
    command.build();
    let Some(folder) = &options.out else {
        print(&page(&Man::new(command))?)?;
        return Ok(Outcome::Good);
    };
    fs::create_dir_all(folder).map_err(Failure::at(folder))?;
    let pages = write(&command, folder)?;
    say(format!("{} in {}; to read one: man -l FILE", counted(pages, "page"), folder.display()));
    Ok(Outcome::Good)
}

/// Writes the pages of a command and of those below it, and counts them.
fn write(command: &Command, folder: &Path) -> Result<usize, Failure> {
    let man = Man::new(command.clone());
    let path = folder.join(man.get_filename());
    fs::write(&path, page(&man)?).map_err(Failure::at(&path))?;
    command.get_subcommands().try_fold(1, |pages, command| Ok(pages + write(command, folder)?))
}

/// A page, in which examples keep their lines (`.nf` in `groff_man(7)`), so that they can be copied.
fn page(man: &Man) -> Result<String, Failure> {
    let mut page = Vec::new();
    man.render(&mut page).map_err(Failure::new)?;
    Ok(String::from_utf8(page).map_err(Failure::new)?.replace("\n.SH EXTRA\n", "\n.SH EXAMPLES\n.nf\n"))
}

/// Prints the completions of a shell.
pub(super) fn completions(options: &CompletionsOptions) -> Result<Outcome, Failure> {
    let (mut command, mut script) = (Arguments::command(), Vec::new());
    let name = command.get_name().to_owned();
    clap_complete::generate(options.shell, &mut command, name, &mut script);
    print(&String::from_utf8(script).map_err(Failure::new)?)?;
    Ok(Outcome::Good)
}
