//! The units for systemd: sound, hardened, and in the program's own words.

use crate::harness::parts;
use crate::program::PROGRAM;
use clap::CommandFactory;
use clinic_site::config::Arguments;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const FOLDER: &str = "packaging/systemd";

/// The units, with their names.
fn units() -> Vec<(String, String)> {
    let files = fs::read_dir(FOLDER).unwrap().map(|file| file.unwrap());
    let units = files.map(|file| (file.file_name().into_string().unwrap(), fs::read_to_string(file.path()).unwrap()));
    let mut units: Vec<_> = units.collect();
    units.sort();
    assert_eq!(
        units.len(),
        9,
        "services, sockets and timers, for one clinic and for several; and the port without TLS"
    );
    units
}

/// The units as they are once all is installed, in a folder of their own, and their paths.
fn installed(folder: &Path) -> Vec<String> {
    let install = |(name, text): (String, String)| {
        // The program of the tests stands for the one that is not installed; nor is its manual.
        let lines = text.lines().filter(|line| !line.starts_with("Documentation="));
        let text = lines.collect::<Vec<_>>().join("\n").replace("/usr/bin/clinic-site", PROGRAM);
        // A template is looked at as that of one clinic.
        let path = folder.join(name.replace('@', "@north"));
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    units().into_iter().map(install).collect()
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let Some(analyze) = parts::program("systemd-analyze") else { return };
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(analyze).args(["verify", "--man=no"]).args(installed(folder.path())).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let own: Vec<_> = said.lines().filter(|line| line.contains("clinic-site")).collect();
    assert!(own.is_empty(), "{said}");
}

#[test]
fn systemd_calls_the_services_hardened() {
    let Some(analyze) = parts::program("systemd-analyze") else { return };
    let folder = tempfile::tempdir().unwrap();
    let units = installed(folder.path());
    let services: Vec<_> = units.iter().filter(|path| path.ends_with(".service")).collect();
    assert_eq!(services.len(), 4);
    for service in services {
        // In tenths: 1.5 of 10.
        let arguments = ["security", "--offline=yes", "--threshold=15", "--no-pager", service];
        let output = Command::new(&analyze).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

/// The options of a command that have a variable, by its name.
fn variables(command: &clap::Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|argument| Some(argument.get_env()?.to_str()?.to_owned()));
    own.chain(command.get_subcommands().flat_map(variables)).collect()
}

#[test]
fn the_units_name_variables_that_there_are_and_check_nothing_before_the_start() {
    let known = variables(&Arguments::command());
    for (name, text) in units() {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let unknown: Vec<_> = words.filter(|word| word.starts_with("CLINIC_") && !known.contains(*word)).collect();
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
        // The site that was good last is served where the content has errors.
        assert!(!text.lines().any(|line| line.starts_with("ExecStartPre=") && line.contains("check")), "{name}");
    }
}

#[test]
fn whatever_starts_the_server_returns_free_memory_to_the_system() {
    const SETTINGS: [&str; 2] = ["MALLOC_TRIM_THRESHOLD_=131072", "MALLOC_ARENA_MAX=1"];
    let starts = units().into_iter().filter(|(_, text)| text.contains("clinic-site serve"));
    let image = ("the image".to_owned(), fs::read_to_string("packaging/image").unwrap());
    for (name, text) in starts.chain([image]) {
        assert!(SETTINGS.iter().all(|setting| text.contains(setting)), "{name}");
    }
}
