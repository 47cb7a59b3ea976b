//! `clinic-site`: parse, run, exit code.

use clinic_site::{cli, config};
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(config::arguments())
}
