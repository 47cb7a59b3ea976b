//! `tests/run` on a machine where nothing is set: what continuous integration starts, and a new colleague.

use std::env;
use std::path::Path;
use std::process::{Command, Output};

/// Runs it with the few variables that every shell has, and no others.
fn bare(part: &str) -> Output {
    let kept = ["PATH", "HOME"].map(|name| (name, env::var_os(name).unwrap_or_default()));
    Command::new(Path::new("tests/run")).arg(part).env_clear().envs(kept).output().unwrap()
}

#[test]
fn it_starts_without_any_setting_and_names_what_it_would_install() {
    let output = bare("missing");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    // A name a line: Debian's rule for names of packages (Debian Policy 5.6.1).
    let names = String::from_utf8(output.stdout).unwrap();
    assert!(
        names.lines().all(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))),
        "{names}"
    );
}

#[test]
fn a_part_that_does_not_exist_is_answered_with_how_to_use_it() {
    let output = bare("everything");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let usage = String::from_utf8(output.stderr).unwrap();
    for part in ["rust", "browser", "matrix", "desk", "missing"] {
        assert!(usage.contains(&format!("  tests/run {part} ")), "{part}: {usage}");
    }
}
