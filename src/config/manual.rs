//! Options of the commands about the program itself.

use clap::Args;
use clap_complete::Shell;
use std::path::PathBuf;

/// Options of `man`.
#[derive(Clone, Debug, Args)]
pub struct ManOptions {
    /// The folder to write a page for the program and each command to, instead of printing the program's
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Options of `completions`.
#[derive(Clone, Debug, Args)]
pub struct CompletionsOptions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}
