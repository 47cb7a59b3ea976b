//! The program as a process: run to its end, or serving while a test asks.

use clinic_site::content::Files;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_clinic-site");

/// A public key whose private half nobody kept: for a published site whose requests no test reads.
pub(crate) const STAFF_KEY: &str = "age13ruk68fcvkvp8v7w5wdm9ms2u0ttu0hk9hlltdt3hsxjhfm69erqkwvxaq";

/// What a run printed, and its exit code.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program with arguments and nothing of the environment that the tests run in. It may write below cargo's folder for tests alone.
/// `CLINIC_SITE_BIN` names another one, as in the browser's tests: an older one must fail what was mended since.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let other = std::env::var_os("CLINIC_SITE_BIN").filter(|other| !other.is_empty());
    let mut command = Command::new(other.unwrap_or_else(|| PROGRAM.into()));
    command.env_clear().env("CLINIC_DATA_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/data"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Copies a program, for a user who isn't let into the folder of the tests' own. By a process of its own: a file that this one has open for writing is
/// inherited by what other tests start in that moment, and can't be run as long ("text file busy", `execve(2)`).
pub(crate) fn copy(program: impl AsRef<Path>, to: &Path) {
    assert!(Command::new("cp").args([program.as_ref(), to]).status().unwrap().success());
    fs::set_permissions(to, Permissions::from_mode(0o755)).unwrap();
}

pub(crate) fn ran(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

pub(crate) fn run(arguments: &[&str]) -> Ran {
    ran(command(arguments))
}

/// Waits until something holds; the test fails when it takes longer than a person would wait.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "a limit for the test, not a time that is tested")]
pub(crate) fn soon(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}: not within 30 seconds");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The seconds since 1970, from the clock that the program looks at too.
pub(crate) fn seconds_now() -> i64 {
    let output = Command::new("date").arg("+%s").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// Content in a folder of its own.
pub(crate) fn folder(files: &Files) -> TempDir {
    let folder = TempDir::new().unwrap();
    write_to(folder.path(), files);
    folder
}

/// Content in a folder that may be there.
pub(crate) fn write_to(folder: &Path, files: &Files) {
    for path in files.paths() {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, files.get(path).unwrap_or_else(|| panic!("{path} has no bytes"))).unwrap();
    }
}

/// The program while it serves.
pub(crate) struct Serving {
    data: TempDir,
    pub(crate) process: Child,
    pub(crate) stdout: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

/// A test that fails leaves no server behind.
impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Serving {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::with_environment(arguments, [])
    }

    /// The same with variables of the environment.
    pub(crate) fn with_environment<'a>(
        arguments: &[&str],
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let data = TempDir::new().unwrap();
        let mut command = command(arguments);
        command
            .env("CLINIC_DATA_DIR", data.path())
            .env("CLINIC_LISTEN", "127.0.0.1:0")
            .envs(variables)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").and_then(|rest| rest.strip_suffix('/'));
        let address = address.unwrap_or_else(|| panic!("the first line should be the address: {line:?}"));
        Self { data, process, stdout, address: address.parse().unwrap() }
    }

    /// Where it keeps requests, unless its arguments name another place.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// Sends a signal and waits for the end.
    pub(crate) fn end(mut self, signal: &str) -> Ran {
        let kill = Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        self.process.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        Ran { code: self.process.wait().unwrap().code(), stdout, stderr }
    }
}
