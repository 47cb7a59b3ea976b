//! `clinic-site`: parse, run, exit code.

use clap::Parser;
use clinic_site::{cli, config};
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// It gives memory back that compressing has used, and a thread that compresses gets no heap of its own for ever, as with the C library's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::run(config::Arguments::parse())
}
