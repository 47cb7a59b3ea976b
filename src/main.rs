//! `clinic-site`: parse, run, exit code.

use clap::Parser;
use clinic_site::{cli, config};
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(config::Arguments::parse())
}
