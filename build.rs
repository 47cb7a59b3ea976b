//! Makes cargo build anew when a file is added to a folder that is compiled into the program as a whole, and sets which build the program is.

use std::env;
use std::process::Command;

fn main() {
    for folder in ["content", "static/icons", "templates"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    name_the_build();
}

/// The commit and its day, for `--version` and the metrics: `SITE_BUILD_COMMIT` and `SITE_BUILD_DAY`, where what is built is no clone of the
/// repository, or else git's own words. A build for development has neither, or each commit would build all of it anew. Cargo hands what is set here on
/// to what it runs, so no name begins as the program's own variables do: it would refuse to start (`src/config/environment.rs`).
#[expect(clippy::disallowed_methods, reason = "variables are how cargo passes what is built to a build script")]
fn name_the_build() {
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let given = |name: &str| {
        println!("cargo::rerun-if-env-changed={name}");
        env::var(name).ok().filter(|value| !value.trim().is_empty())
    };
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).env("TZ", "UTC").output().ok().filter(|_| release)?;
        let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    // HEAD names the branch, its log changes with each commit.
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let commit = given("SITE_BUILD_COMMIT").or_else(|| git(&["rev-parse", "--short=7", "HEAD"]));
    let day = given("SITE_BUILD_DAY").or_else(|| git(&["log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%d"]));
    println!("cargo::rustc-env=SITE_BUILD_COMMIT={}", commit.as_deref().unwrap_or_default());
    println!("cargo::rustc-env=SITE_BUILD_DAY={}", day.as_deref().unwrap_or_default());
    let known: Vec<_> = [commit, day].into_iter().flatten().collect();
    let suffix =
        if known.is_empty() { "(a build for development)".to_owned() } else { format!("({})", known.join(" ")) };
    println!("cargo::rustc-env=SITE_BUILD={suffix}");
}
