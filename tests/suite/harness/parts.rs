//! The parts that some tests need and `cargo test` alone may have to do without.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// Notes that a part isn't there: the test leaves it out, and says so once. Where everything has to be there, as in `tests/run`, it fails.
#[track_caller]
pub fn missing(part: &str, help: &str) {
    let complete = std::env::var_os("CLINIC_TESTS_COMPLETE").is_some_and(|value| value == "1");
    assert!(!complete, "{part} is missing: {help}");
    left_out(part, help);
}

/// Says once that something is left out, which nobody could install.
pub fn left_out(part: &str, help: &str) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if TOLD.lock().unwrap().insert(part.to_owned()) {
        // Written past the capture of tests that pass, or nobody would see it.
        let _ = writeln!(std::io::stderr(), "left out: what needs {part} ({help})");
    }
}

/// Where a program is. Debian puts servers where only root's `PATH` looks. None where its package, which has the same name, isn't installed.
pub fn program(name: &str) -> Option<PathBuf> {
    program_of(name, name)
}

/// The same of a program whose package has another name.
pub fn program_of(package: &str, name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    let found = folders.map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        missing(name, &format!("install Debian's {package}"));
    }
    found
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// A file system in memory of a few MB, as a disk that can be full or read-only. Only root can mount one.
pub struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    pub fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=700");
        if is_root() && ran("mount", &["-t", "tmpfs", "-o", &options, "tmpfs", folder.path().to_str().unwrap()]) {
            return Some(Self(folder));
        }
        left_out("a small disk", "mounting one takes root and CAP_SYS_ADMIN");
        None
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn remount(&self, options: &str) -> bool {
        ran("mount", &["-o", &format!("remount,{options}"), self.0.path().to_str().unwrap()])
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        ran("umount", &["--lazy", self.0.path().to_str().unwrap()]);
    }
}

/// Runs a command quietly, and tells whether it went well.
pub fn ran(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The newest folder with PostgreSQL's programs, where Debian puts them.
pub fn postgresql_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let programs = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    let found = programs.filter(|bin| bin.join("initdb").exists() && bin.join("pg_ctl").exists()).max();
    if found.is_none() {
        missing("PostgreSQL", "install Debian's postgresql");
    }
    found
}
